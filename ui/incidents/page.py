"""Incidents: each crisis told once. The list on the left, the card of one on the right. GUI thread."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.change import Change
from app.domain.query import MentionQuery
from app.domain.rule import Playbook, PlaybookCase
from app.domain.sentiment import Tone
from app.domain.warning import Incident, IncidentCard, IncidentPhase
from app.errors import NotFound
from app.i18n import _
from ui import told
from ui.context import Context
from ui.dialogs.posts import Behind, PostsSheet
from ui.incidents import words
from ui.incidents.acts import BriefSheet, EscalateSheet, MuteSheet
from ui.incidents.card import CardView
from ui.incidents.listing import IncidentList, ordered
from ui.pages.page import Page, heading, two_panes
from ui.rules.playbook import PlaybookSheet
from ui.widgets import plot
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.segments import Segments

if TYPE_CHECKING:
    from app.core import Core

LISTED = 200
SETTLE_MS = 90
"""Rows that are only passed by are not read."""


class IncidentsPage(Page):
    """`feed_wanted` carries a MentionQuery."""

    cares = Change.INCIDENTS
    mention_opened = Signal(int)
    feed_wanted = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._all: tuple[Incident, ...] = ()
        self._id = 0
        """Whose card is shown, or asked for."""
        self._case: PlaybookCase | None = None
        self._wanted = 0
        """To be shown as soon as the list is there."""
        self.filter = Segments([("open", _("Going on")), ("all", _("All"))], _("Which incidents"))
        self.list = IncidentList()
        self.states = StateStack(self.list, EmptyState("incident", "", ""))
        self.card = CardView()
        choose = _("Choose an incident to see how it runs, who carries it, and what it rests on.")
        self.card_states = StateStack(self.card, EmptyState("incident", _("Nothing chosen"), choose))
        self._settled = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settled.timeout.connect(self._read_card)
        self._lay()
        self._connect()
        self.ask(plot.load, self.chart_loaded, slow=True)

    def chart_loaded(self, _nothing: None) -> None:
        self.card.course.draw()

    # the list

    def refresh(self) -> None:
        self.states.show_loading()
        work = partial(_listed, self.context.core, self._wanted or self._id)
        self.ask(work, self.show_incidents, self.failed)

    def show_incidents(self, incidents: tuple[Incident, ...]) -> None:
        self._all = ordered(incidents)
        self._refilter()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def open_incident(self, id: int) -> None:
        """Show its card, wherever it stands in the list."""
        self._wanted = id
        self._choose(id)
        if any(one.id == id for one in self._all):
            self._refilter()
        else:
            self.refresh()

    def _refilter(self) -> None:
        going_on = tuple(one for one in self._all if one.phase is not IncidentPhase.CLOSED)
        wanted, known = self._wanted, {one.id for one in self._all}
        if wanted in known - {one.id for one in going_on}:
            self.filter.choose("all")
        shown = going_on if self.filter.current == "open" else self._all
        said = _("Going on {n}").format(n=len(going_on)) if going_on else _("Going on")
        self.filter.set_words("open", said)
        self.list.show_rows(shown)
        self._wanted = 0
        if wanted:
            self.list.go_to(wanted)
        if shown:
            self.states.show_full()
        else:
            self._say_empty()

    def _say_empty(self) -> None:
        if self._all:
            self.states.empty.say(_("Nothing goes on"), _("All incidents are over. “All” shows them."))
        else:
            about = _(
                "When more negative posts come than a brand is used to, or a story spreads, it stands here."
            )
            self.states.empty.say(_("No incidents"), about)
        self.states.show_empty()

    def _filtered(self, _key: str) -> None:
        self._refilter()

    # the card

    def _picked(self, incident: Incident | None) -> None:
        """Also after each new reading of the list: the card is read anew then."""
        if incident is not None:
            self._choose(self._wanted or incident.id)
        elif not self._wanted:
            self._id = 0
            self.card_states.show_empty()

    def _choose(self, id: int) -> None:
        if id != self._id:
            self._id = id
            if self.card_states.state != "full":
                self.card_states.show_loading()
        self._settled.start()

    def _read_card(self) -> None:
        if self._id:
            self.ask(partial(self.context.core.incident, self._id), self.show_card, self.card_failed)
            work = partial(self.context.core.playbook_of_incident, self._id)
            self.ask(work, self.show_playbook, self._no_playbook)

    def show_card(self, card: IncidentCard) -> None:
        if card.incident.id == self._id:
            self.card.show_card(card)
            self._lay_playbook()
            self.card_states.show_full()

    def show_playbook(self, case: PlaybookCase | None) -> None:
        if case is not None and case.subject == f"incident:{self._id}":
            self._case = case
            self._lay_playbook()

    def _lay_playbook(self) -> None:
        """The card and its playbook come one by one, in either order."""
        shown, case = self.card.incident, self._case
        if shown is not None and case is not None and case.subject == f"incident:{shown.id}":
            self.card.playbook.show_case(case)

    def _no_playbook(self, _error: BaseException) -> None:
        """The card says what is wrong."""

    def tick(self, subject: str, step: str, done: bool) -> None:
        self.ask(partial(self.context.core.tick_step, subject, step, done=done), self.ticked)

    def ticked(self, _nothing: None) -> None:
        self._read_card()

    def edit_playbook(self, book: Playbook) -> None:
        sheet = PlaybookSheet(self.context, book, self)
        sheet.saved.connect(self._read_card)
        sheet.open()

    def card_failed(self, error: BaseException) -> None:
        self.card_states.show_failed(told.explain(error))

    def _entered(self) -> None:
        self.card.head.acts["brief"].setFocus(Qt.FocusReason.OtherFocusReason)

    # what it rests on

    def show_behind(self, behind: Behind) -> None:
        sheet = PostsSheet(self.context, behind, self)
        sheet.opened.connect(self.mention_opened)
        sheet.split.connect(self._was_split)
        sheet.open()

    def _slot_opened(self, since: datetime, until: datetime | None) -> None:
        incident = self.card.incident
        if incident is not None:
            query = MentionQuery(
                brands=(incident.brand_id,), tones=(Tone.NEGATIVE,), since=since, until=until, matched=True
            )
            self.feed_wanted.emit(query)

    def _was_split(self) -> None:
        self.say(_("These posts are a story of their own now."))
        self.refresh()

    # acts

    def act(self, name: str) -> None:
        """brief, escalate, mute, unmute or mentions."""
        incident = self.card.incident
        if incident is None:
            return
        match name:
            case "unmute":
                self.ask(partial(self.context.core.unmute_incident, incident.id), self.unmuted)
            case "mentions":
                self.show_behind(Behind(title=words.title(incident), incident=incident.id))
            case _:
                kinds = {"brief": BriefSheet, "escalate": EscalateSheet, "mute": MuteSheet}
                sheet = kinds[name](self.context, incident, self)
                sheet.accepted.connect(self._acted)
                sheet.open()

    def watch_closer(self, hours: float) -> None:
        """0 ends it."""
        incident = self.card.incident
        if incident is not None:
            work = partial(self.context.core.watch_closer, incident.id, hours)
            self.ask(work, self.watched if hours else self.not_watched)

    def merge(self, ids: tuple[int, ...]) -> None:
        self.ask(partial(self.context.core.merge_stories, ids), self.merged)

    def unmuted(self, _nothing: object) -> None:
        self.say(_("It may alarm again."))
        self.refresh()

    def watched(self, _nothing: object) -> None:
        self.say(_("Its sources are read more often now."))
        self.refresh()

    def not_watched(self, _nothing: object) -> None:
        self.say(_("Its sources are read as often as usual again."))
        self.refresh()

    def merged(self, _nothing: object) -> None:
        self.say(_("They are one story now."))
        self.refresh()

    def _acted(self) -> None:
        self.refresh()

    def _connect(self) -> None:
        self.filter.chosen.connect(self._filtered)
        self.states.retry.connect(self.refresh)
        self.card_states.retry.connect(self._read_card)
        self.list.picked.connect(self._picked)
        self.list.entered.connect(self._entered)
        self.card.wanted.connect(self.show_behind)
        self.card.mention_opened.connect(self.mention_opened)
        self.card.slot_opened.connect(self._slot_opened)
        self.card.stories.merge_wanted.connect(self.merge)
        self.card.playbook.ticked.connect(self.tick)
        self.card.playbook.edit_wanted.connect(self.edit_playbook)
        self.card.head.acted.connect(self.act)
        self.card.head.closer.connect(self.watch_closer)
        self.setFocusProxy(self.list)

    def _lay(self) -> None:
        about = _("Each crisis told once, from the first sign to its end.")
        title = heading(_("Incidents"), about, self.filter)
        self.states.setMinimumWidth(280)
        self.card_states.setMinimumWidth(400)
        self.setLayout(two_panes(title, self.states, self.card_states, "panel", (380, 740)))


def _listed(core: Core, kept: int) -> tuple[Incident, ...]:
    """The newest, and the one that is shown, however old."""
    found = core.incidents(limit=LISTED)
    if not kept or any(one.id == kept for one in found):
        return found
    try:
        return (*found, core.incident(kept).incident)
    except NotFound:
        return found
