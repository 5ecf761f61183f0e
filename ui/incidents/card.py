"""The incident card: what happened, on what it rests, how it spreads, and what was done. GUI thread.

Every figure opens the posts it rests on. A part is laid anew only when what it shows changed, so that
reading on is not disturbed by what comes in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from app.domain.mention import Stored
from app.domain.platforms import platform_name
from app.domain.warning import Carrier, Incident, IncidentCard, IncidentPhase, RisenWord, Sign
from app.i18n import _, ngettext
from ui import theme
from ui.dialogs.posts import Behind
from ui.feed import plain
from ui.incidents import words
from ui.incidents.block import Block
from ui.incidents.chip import Chip
from ui.incidents.course import CourseChart
from ui.incidents.entry import PAD, Entry, mention_entry
from ui.incidents.head import Head
from ui.incidents.spread import HopRow, flow
from ui.incidents.stories import StoriesBlock
from ui.rules.playbook import PlaybookBlock
from ui.widgets.flow import Flow
from ui.widgets.parts import boxed, card, column, label, row, scrolled

SIGNS, POSTS = 4, 4
"""Shown before somebody asks for the rest."""
CARRIERS = 12
WORDS = 24
PLAYBOOK = 5
"""Its name, whom to call, and three steps."""
HOPS = 12
STEPS = 60


class CardView(QWidget):
    """`wanted` carries a Behind; `mention_opened` an id; `slot_opened` since when and until when."""

    wanted = Signal(object)
    mention_opened = Signal(int)
    slot_opened = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card: IncidentCard | None = None
        self.head = Head()
        self.playbook = PlaybookBlock(most=PLAYBOOK)
        self.course = CourseChart()
        self.course_box = card(label(_("Course"), "heading"), self.course, spacing=theme.XS)
        self.reasons = Block(_("Why it is this grave"))
        self.signs = Block(_("What the detectors saw"))
        self.first = Block(_("First post"))
        self.copies = Block(_("Posts that reached farthest"))
        self.spread = Block(_("How it spread"))
        self.carriers = Block(_("Accounts that carried it"))
        self.risen = Block(_("Words that were not there before"))
        self.stories = StoriesBlock()
        self.steps = Block(_("What has happened"))
        self._lay()
        self.course.slot_opened.connect(self.slot_opened)
        self.stories.wanted.connect(self.wanted)
        self.stories.mention_opened.connect(self.mention_opened)

    @property
    def incident(self) -> Incident | None:
        return self.card.incident if self.card is not None else None

    def show_card(self, shown: IncidentCard) -> None:
        """Another incident is read from its top."""
        fresh = self.card is None or self.card.incident.id != shown.incident.id
        self.card = shown
        incident = shown.incident
        self.head.show_incident(incident)
        if fresh:
            self.playbook.show_case(None)
            for block in self.findChildren(Block):
                block.fold()
        self.course.show_course(shown.course, incident.opened_at)
        self.course_box.setVisible(bool(shown.course) or incident.phase is not IncidentPhase.CLOSED)
        self.reasons.fill((incident.id, shown.reasons), partial(self._made_reasons, shown))
        self.signs.fill((incident.id, shown.signs), partial(self._made_signs, shown.signs), most=SIGNS)
        first = _first(shown)
        self.first.fill((incident.id, first), partial(self._posts, first))
        self.copies.fill((incident.id, shown.copies), partial(self._posts, shown.copies), most=POSTS)
        ways = (incident.id, shown.platforms, tuple(one.path for one in shown.stories))
        self.spread.fill(ways, partial(self._made_spread, shown))
        self.carriers.fill((incident.id, shown.carriers), partial(self._made_carriers, shown), most=POSTS)
        self.risen.fill((incident.id, shown.words), partial(self._made_words, shown.words))
        self.stories.show_stories(shown.stories)
        self.steps.fill((incident.id, shown.steps, shown.signs), partial(_made_steps, shown))
        if fresh:
            self._scroll.verticalScrollBar().setValue(0)

    def _made_reasons(self, shown: IncidentCard) -> list[QWidget]:
        return [self._told(said, ids, ("warning", "warning")) for said, ids in shown.reasons]

    def _made_signs(self, signs: Sequence[Sign]) -> list[QWidget]:
        made: list[QWidget] = []
        for sign in signs:
            when = f"{sign.at.astimezone():%m-%d %H:%M}"
            lead = words.channel_word(sign.channel)
            one = self._told(sign.told, sign.mention_ids, ("incident", "muted"), when, lead)
            if not sign.mention_ids and sign.story_id is not None:
                one.value = Behind(title=plain.squeezed(sign.told), stories=(sign.story_id,))
                one.setEnabled(True)
            made.append(one)
        return made

    def _told(
        self, said: str, ids: tuple[int, ...], icon: tuple[str, str], when: str = "", lead: str = ""
    ) -> Entry:
        """A sentence and the posts it rests on; without any, it only tells."""
        said = plain.squeezed(said, 400)
        one = Entry(Behind(title=said, ids=ids), lines=4)
        trail = " · ".join(part for part in (when, words.posts_words(len(ids)) if ids else "") if part)
        one.say(said, lead=lead, icon=icon, trail=trail)
        one.setEnabled(bool(ids))
        one.pressed_for.connect(self.wanted)
        return one

    def _posts(self, posts: Sequence[Stored]) -> list[QWidget]:
        made = [mention_entry(stored) for stored in posts]
        for one in made:
            one.pressed_for.connect(self._open_post)
        return [*made]

    def _open_post(self, id: int) -> None:
        self.mention_opened.emit(id)

    def _made_spread(self, shown: IncidentCard) -> list[QWidget]:
        made: list[QWidget] = []
        if shown.platforms:
            chips = Flow(6)
            for name, n in shown.platforms:
                chips.addWidget(self._platform(shown.incident, name, n))
            made.append(_inset(chips))
        hops = flow(shown.stories)[:HOPS]
        most = max((hop.copies for hop in hops), default=1)
        for hop in hops:
            one = HopRow(hop, most)
            one.opened.connect(self._hop_opened)
            made.append(one)
        return made

    def _platform(self, incident: Incident, name: str, n: int) -> Chip:
        shown = plain.one_line(platform_name(name), 30)
        title = _("{title}: posts on {platform}").format(title=words.title(incident), platform=shown)
        behind = Behind(title=title, incident=incident.id, platform=name)
        made = Chip(f"{shown} {n:,}", behind, spoken=f"{shown}: {words.posts_words(n)}")
        made.wanted.connect(self.wanted)
        return made

    def _hop_opened(self, platform: str) -> None:
        if self.card is not None:
            incident, shown = self.card.incident, plain.one_line(platform_name(platform), 30)
            title = _("{title}: posts on {platform}").format(title=words.title(incident), platform=shown)
            stories = tuple(one.id for one in self.card.stories)
            self.wanted.emit(Behind(title=title, stories=stories, platform=platform))

    def _made_carriers(self, shown: IncidentCard) -> list[QWidget]:
        return [self._carrier(shown.incident, one) for one in shown.carriers[:CARRIERS]]

    def _carrier(self, incident: Incident, carrier: Carrier) -> QWidget:
        one = Entry(carrier.mention_id)
        name = plain.squeezed(carrier.name, 40) or _("Unknown author")
        facts = [platform_name(carrier.platform)]
        if carrier.followers is not None:
            facts.append(_("{n} followers").format(n=plain.figure(carrier.followers)))
        if carrier.verified:
            facts.append(_("verified"))
        icon = ("verified", "accent") if carrier.verified else ("user", "muted")
        one.say(" · ".join(facts), lead=name, icon=icon, tip=_("Opens its post that reached farthest"))
        one.pressed_for.connect(self._open_post)
        title = _("Posts of {name}").format(name=name)
        behind = Behind(title=title, incident=incident.id, author=carrier.name, platform=carrier.platform)
        chip = Chip(words.posts_words(carrier.posts), behind, spoken=f"{title}: {carrier.posts}")
        chip.wanted.connect(self.wanted)
        line = row(one, chip)
        line.setStretchFactor(one, 1)
        made = boxed(line)
        line.setContentsMargins(0, 0, PAD, 0)
        return made

    def _made_words(self, risen: Sequence[RisenWord]) -> list[QWidget]:
        if not risen:
            return []
        chips = Flow(6)
        for one in risen[:WORDS]:
            word = plain.squeezed(one.word, 24)
            said = ngettext(
                "“{word}”: in {n} post, {usual} expected",
                "“{word}”: in {n} posts, {usual} expected",
                one.came,
            )
            spoken = said.format(word=word, n=one.came, usual=f"{one.usual:.1f}")
            chip = Chip(f"{word} {one.came}", Behind(title=spoken, ids=one.mention_ids), spoken=spoken)
            chip.setEnabled(bool(one.mention_ids))
            chip.wanted.connect(self.wanted)
            chips.addWidget(chip)
        return [_inset(chips)]

    def _lay(self) -> None:
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(theme.L, theme.L, theme.L, theme.XL)
        box.setSpacing(theme.M)
        for part in (
            self.head, self.playbook, self.course_box, self.reasons, self.signs, self.first, self.copies,
            self.spread, self.carriers, self.risen, self.stories, self.steps,
        ):  # fmt: skip
            box.addWidget(part)
        box.addStretch(1)
        self._scroll = scrolled(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)


def _first(shown: IncidentCard) -> tuple[Stored, ...]:
    """Where the hottest story began, then the earliest complaint of all, which may be about another."""
    story = shown.stories[0].first if shown.stories else None
    found = {one.id: one for one in (story, shown.first) if one is not None}
    return tuple(found.values())


def _made_steps(shown: IncidentCard) -> list[QWidget]:
    """The newest first; what stands above already is not said again."""
    made: list[QWidget] = []
    above = {shown.incident.reason, *(sign.told for sign in shown.signs)}
    for kept in shown.steps[::-1][:STEPS]:
        step = replace(kept, detail="") if kept.detail in above else kept
        when = label(plain.clock_time(step.at), "small")
        when.setFixedWidth(116)
        said = label(words.step_words(step), "", wrap=True, selectable=True)
        line = row(when, said, spacing=theme.M)
        line.setStretchFactor(said, 1)
        made.append(_inset(line))
    return made


def _inset(layout: QLayout) -> QWidget:
    """As far from the edge as the words of an entry."""
    outer = column(layout)
    made = boxed(outer)
    outer.setContentsMargins(PAD, 2, PAD, 2)
    return made
