"""The pane beside the list: one mention whole, why it was judged so, and what was done about it.

GUI thread; everything is read in one question through the asker. Text is plain text, always.
"""

from __future__ import annotations

import logging as log
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.change import Change
from app.domain.cues import short_label
from app.domain.mention import Status, Stored
from app.domain.sentiment import Tone
from app.domain.ticket import Ticket
from app.domain.warning import StoryHeat
from app.errors import NotFound
from app.i18n import N_, _, ngettext
from ui import icons, theme
from ui.context import Context
from ui.dialogs.posts import Behind, PostsSheet
from ui.feed import plain
from ui.feed.card_delegate import (
    Pill,
    brand_pills,
    status_pill,
    tone_pill,
)
from ui.feed.judgement import EvidenceBars, Gauge
from ui.feed.post import Legend, PillRow, PostText, marks_of
from ui.feed.reading import GistBox, aspect_pills, aspects_spoken, note_words, towards_words
from ui.incidents.story_box import StoryBox
from ui.trackers.box import TicketBox
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import boxed, button, clear, column, label, row, scrolled

if TYPE_CHECKING:
    from app.core import Core, Event

SHOWN_FIRST = 6_000
"""Characters laid out at once; the rest of a very long post is one press away."""
RAW_MOST = 200_000
AGAIN_MS = 900
READ_MS = 4000
"""Shown for so long in a window that is looked at, a mention counts as read; see `Core.saw`."""


class Whole(NamedTuple):
    """Everything the pane tells of a mention."""

    stored: Stored
    earlier: tuple[Stored, ...]
    edits: tuple[tuple[datetime, str], ...]
    history: tuple[Event, ...]
    found: plain.Spans
    story: StoryHeat | None = None
    """What it belongs to, where others tell the same."""
    tickets: tuple[Ticket, ...] = ()
    """Its issues in bug trackers."""


def read_whole(core: Core, id: int, text_query: str) -> Whole:
    stored = core.mention(id)
    found = core.highlights(stored, text_query) if text_query else ()
    story = core.story_of(id)
    shared = story if story is not None and story.copies > 1 else None
    tickets = core.tickets_of([id]).get(id, ())
    history = core.history(id)
    return Whole(stored, core.earlier_by(id, 20), core.edits(id), history, found, shared, tickets)


def open_link(url: str) -> bool:
    """Hand a web address, and nothing else, to the desktop."""
    return plain.openable(url) and QDesktopServices.openUrl(
        QUrl(url.strip(), QUrl.ParsingMode.TolerantMode)
    )


# smaller parts


class Earlier(QPushButton):
    """One of the author's earlier mentions; a press opens it."""

    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._id = 0
        self._when = self._words = ""
        self.setProperty("kind", "entry")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._press)

    def show_mention(self, stored: Stored) -> None:
        """Made once and given other words later: making is what costs."""
        self._id = stored.id
        icons.dress(self, theme.tone_icon(stored.tone), stored.tone.value if stored.tone else "faint")
        self._when = plain.ago(stored.published_at, datetime.now(UTC))
        self._words = plain.squeezed(stored.mention.title or plain.words(stored), 90)
        self.setToolTip(plain.published(stored))
        self.setAccessibleName(f"{theme.tone_word(stored.tone)}; {self._when}; {self._words}")
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._say()

    def _say(self) -> None:
        room = self.width() - 44
        told = f"{self._when}  {self._words}"
        self.setText(
            self.fontMetrics().elidedText(told, Qt.TextElideMode.ElideRight, room).replace("&", "&&")
        )

    def _press(self) -> None:
        self.opened.emit(self._id)


class Link(QPushButton):
    """A web address; shown whole in its tool tip, opened only if it is one."""

    def __init__(self, url: str, words: str, icon: str = "link", parent: QWidget | None = None) -> None:
        super().__init__(words.replace("&", "&&"), parent)
        self._url = url
        self.setProperty("kind", "entry")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(plain.one_line(url, 300).replace("<", "‹"))
        self.setEnabled(plain.openable(url))
        icons.dress(self, icon, "accent")
        self.clicked.connect(self._press)

    def _press(self) -> None:
        open_link(self._url)


class Fold(QWidget):
    """A heading that opens what stands under it."""

    opened = Signal()

    def __init__(self, name: str, inner: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inner = inner
        self.head = QPushButton(name)
        self.head.setProperty("kind", "quiet")
        self.head.setCheckable(True)
        self.head.setStyleSheet(
            "QPushButton { text-align: left; padding: 4px 0; background: transparent; }"
        )
        self.head.setCursor(Qt.CursorShape.PointingHandCursor)
        icons.dress(self.head, "chevron-right")
        self.head.toggled.connect(self._toggle)
        inner.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.XS)
        layout.addWidget(self.head)
        layout.addWidget(inner)

    def shut(self) -> None:
        self.head.setChecked(False)

    def _toggle(self, on: bool) -> None:
        icons.dress(self.head, "chevron-down" if on else "chevron-right")
        self._inner.setVisible(on)
        if on:
            self.opened.emit()


_EVENTS = {
    "claim": N_("{name} claimed it"),
    "claimed": N_("{name} claimed it"),
    "release": N_("{name} released it"),
    "released": N_("{name} released it"),
    "answer": N_("{name} answered it"),
    "answered": N_("{name} answered it"),
    "write": N_("{name} wrote an answer"),
    "approve": N_("{name} approved an answer"),
    "send": N_("The answer {name} approved is being sent"),
    "sent": N_("The answer {name} approved was sent"),
    "failed": N_("The answer {name} approved was not sent"),
    "unsure": N_("The answer {name} approved was perhaps sent"),
    "mark": N_("{name} featured the comment"),
    "unmark": N_("{name} featured the comment no more"),
    "settle_sent": N_("{name} saw that the answer was sent"),
    "settle_failed": N_("{name} saw that the answer was not sent"),
    "ignored": N_("{name} ignored it"),
    "escalated": N_("{name} escalated it"),
    "new": N_("{name} put it back to new"),
    "correct": N_("{name} corrected the tone"),
    "corrected": N_("{name} corrected the tone"),
    "tone": N_("{name} corrected the tone"),
    "gone": N_("It was deleted on its platform"),
    "seen": N_("{name} opened it"),
    "lapse": N_("{name} found a claim that had run out"),
    "take_over": N_("{name} took it over"),
    "assign": N_("{name} assigned it"),
    "hand_over": N_("{name} handed it over"),
    "pause": N_("{name} let it wait"),
    "resume": N_("{name} let it go on"),
    "reopen": N_("{name} reopened it"),
    "desk": N_("{name} put it on the desk"),
    "team": N_("{name} passed it to another team"),
    "reopened": N_("The author wrote again: a new clock began"),
    "ticket": N_("{name} made an issue of it"),
    "ticket_joined": N_("{name} put it to the issue of its story"),
    "ticket_failed": N_("The issue {name} wanted was not made"),
    "ticket_unsure": N_("The issue {name} wanted was perhaps made"),
    "ticket_closed": N_("Its issue is fixed or closed"),
    "ticket_open": N_("Its issue was opened again"),
    "ticket_gone": N_("Its issue was deleted in the tracker"),
}


def told_event(event: Event) -> str:
    """One line of the history."""
    name = plain.one_line(event.by, 40) or _("Somebody")
    what, detail = event.what, event.detail
    if what == "status":
        what, detail = detail, ""
    words = _(_EVENTS[what]).format(name=name) if what in _EVENTS else f"{name}: {plain.one_line(what, 40)}"
    if detail in tuple(Tone):
        detail = theme.tone_word(Tone(detail))
    extra = plain.squeezed(detail, 120)
    return f"{plain.clock_time(event.at)}  {words}" + (f" · {extra}" if extra else "")


class DetailPane(QFrame):
    """Shows one mention; what a person decides is said in signals, the page does it."""

    reply_asked = Signal(int)
    claim_asked = Signal(int)
    escalate_asked = Signal(int)
    issue_asked = Signal(int)
    ignore_asked = Signal(int)
    tone_asked = Signal(int, object)
    """id, Tone or None to take the correction back"""
    opened = Signal(int)
    problem = Signal(str)
    closed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._context = context
        self._id = 0
        self._text_query = ""
        self._whole: Whole | None = None
        self._all_of_it = False
        self._soon = QTimer(self, singleShot=True, interval=90)
        self._soon.timeout.connect(self._read)
        self._to_fill: list[Callable[[], None]] = []
        self._go_on = QTimer(self, singleShot=True, interval=0)
        self._go_on.timeout.connect(self._fill_next)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._read)
        self._reading = QTimer(self, singleShot=True, interval=READ_MS)
        self._reading.timeout.connect(self._was_read)
        self._build()
        context.bridge.changed.connect(self._on_change)
        theme.notifier().changed.connect(self._redo)

    # what the page calls

    @property
    def mention_id(self) -> int:
        return self._id

    @property
    def whole(self) -> Whole | None:
        return self._whole

    def show_mention(self, id: int, text_query: str = "") -> None:
        """0: nothing."""
        self._text_query = text_query
        if id == self._id:
            return
        self._id = id
        self._all_of_it = False
        self._reading.stop()
        if not id:
            self._whole = None
            self._states.show_empty()
            return
        self._soon.start()

    def refresh(self) -> None:
        if self._id:
            self._read()

    # reading

    def _on_change(self, change: Change) -> None:
        if not self._id:
            return
        if change & (Change.STATUS | Change.WATCHES | Change.TRACKERS):
            self._soon.start()
        elif change & (Change.SCORES | Change.MENTIONS | Change.INCIDENTS) and not self._again.isActive():
            # Mostly news of other mentions: in a flood it would be read ten times a second.
            self._again.start()

    def _read(self) -> None:
        if not self._id:
            return
        if self._whole is None:
            self._states.show_loading()
        work = partial(read_whole, self._context.core, self._id, self._text_query)
        self._context.asker.ask(self, work, self._take, self._read_failed)

    def _take(self, whole: Whole) -> None:
        if whole.stored.id != self._id:
            return
        fresh = self._whole is None or self._whole.stored.id != whole.stored.id
        if not fresh and whole == self._whole:
            return
        before, self._whole = (None if fresh else self._whole), whole
        self._fill(whole, before)
        self._states.show_full()
        if fresh:
            self._raw_fold.shut()
            self._gist_fold.shut()
            self._reading.start()
            self._scroll.verticalScrollBar().setValue(0)

    def _read_failed(self, error: BaseException) -> None:
        if isinstance(error, NotFound):
            self._whole = None
        self._states.show_failed(plain.problem(error))

    # building

    def _build(self) -> None:
        inner = QWidget()
        body = QVBoxLayout(inner)
        body.setContentsMargins(theme.L, theme.L, theme.L, theme.XL)
        body.setSpacing(theme.M)
        self._story = StoryBox()
        self._story.wanted.connect(self._list_copies)
        for part in (self._build_author(), self._build_acts(), self._build_post(), self._story):
            body.addWidget(part)
        body.addWidget(self._build_judgement())
        body.addWidget(self._build_gist())
        self._media = _section(body, _("Pictures and files"))
        self._earlier = _section(body, _("Earlier by this author"))
        self._entries: list[Earlier] = []
        self._history = _section(body, _("What was done"))
        self._edits_box = boxed(column())
        self._edits_fold = Fold("", self._edits_box)
        body.addWidget(self._edits_fold)
        body.addWidget(self._build_raw())
        body.addStretch(1)
        self._scroll: QScrollArea = scrolled(inner)
        empty = EmptyState(
            "feed",
            _("Nothing chosen"),
            _("Choose a mention to read it whole. J and K move, ? shows all keys."),
        )
        self._states = StateStack(self._scroll, empty)
        self._states.retry.connect(self.refresh)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._states)
        self._states.show_empty()

    def _build_author(self) -> QWidget:
        self._name = label("", "heading", selectable=True)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._verified = icons.picture("verified", 16, "accent")
        self._verified.setToolTip(_("Verified by the platform"))
        self._from = label("", "small", wrap=True)
        self._pills = PillRow()
        name = QHBoxLayout()
        name.setSpacing(theme.XS)
        name.addWidget(self._name, 1)
        name.addWidget(self._verified)
        return boxed(column(name, self._from, self._pills, spacing=6))

    def _build_acts(self) -> QWidget:
        self._reply = button(_("Draft a reply"), self._ask_reply, kind="primary", icon="reply", tip=_("R"))
        self._claim = button(_("Claim"), self._ask_claim, icon="claim", tip=_("C"))
        self._escalate = button(_("Escalate"), self._ask_escalate, icon="escalate", tip=_("E"))
        self._ignore = button(_("Ignore"), self._ask_ignore, icon="ignore", tip=_("I"))
        self._open = button(_("Original"), self.open_original, icon="open", tip=_("O"))
        self._issue = button(_("Make an issue"), self._ask_issue, icon="flag")
        self._tickets = TicketBox(open_link)
        self._tickets.again.connect(self._ask_issue)
        top = row(self._reply, self._open, self._issue, None)
        low = row(self._claim, self._escalate, self._ignore, None)
        self._answer = label("", "small", wrap=True, selectable=True)
        return boxed(column(top, low, self._tickets, self._answer))

    def _build_post(self) -> QWidget:
        self._title = label("", "heading", wrap=True, selectable=True)
        self._post = PostText()
        self._rest = button("", self._show_all, kind="quiet", icon="chevron-down")
        self._legend = Legend()
        self._counts = label("", "small", wrap=True)
        return boxed(column(self._title, self._post, self._rest, self._legend, self._counts))

    def _build_judgement(self) -> QWidget:
        self._why = label("", "small", wrap=True)
        self._gauge = Gauge()
        self._bars = EvidenceBars()
        self._no_words = label(_("No single word stood out."), "small")
        self._wrong = label(_("Judged wrongly? It is:"), "muted")
        self._tones = {
            Tone.NEGATIVE: button(
                theme.tone_word(Tone.NEGATIVE), self._is_negative, icon="tone-negative", tip=_("N")
            ),
            Tone.NEUTRAL: button(
                theme.tone_word(Tone.NEUTRAL), self._is_neutral, icon="tone-neutral", tip=_("M")
            ),
            Tone.POSITIVE: button(
                theme.tone_word(Tone.POSITIVE), self._is_positive, icon="tone-positive", tip=_("P")
            ),
        }
        for tone, one in self._tones.items():
            icons.dress(one, theme.tone_icon(tone), tone.value)
        self._take_back = button(_("Take the correction back"), self._uncorrect, kind="quiet", icon="undo")
        head = label(_("Why this tone"), "strong")
        self._towards = label("", "small", wrap=True)
        self._note = label("", "small", wrap=True)
        self._about = label(_("What it is about"), "muted")
        self._aspects = PillRow()
        tones = row(*self._tones.values(), None, spacing=6)
        back = row(self._take_back, None)
        judged = column(head, self._gauge, self._towards, self._why, self._note, self._bars)
        about = column(self._no_words, self._about, self._aspects, spacing=6)
        return boxed(column(judged, about, self._wrong, tones, back))

    def _build_gist(self) -> QWidget:
        self._gist = GistBox(self._context)
        self._gist_fold = Fold(_("In short"), self._gist)
        self._gist_fold.opened.connect(self._read_gist)
        return self._gist_fold

    def _read_gist(self) -> None:
        self._gist.read(self._id)

    def _was_read(self) -> None:
        """A person had it before them and left the tone as it is: half a lesson for the judge."""
        stored = self._whole.stored if self._whole is not None else None
        if stored is None or stored.id != self._id or stored.corrected:
            return
        if stored.score is None or not (self.isVisible() and self.window().isActiveWindow()):
            self._reading.start()  # not judged yet, or nobody looks: the time counts anew
        else:
            work = partial(self._context.core.saw, self._id)
            self._context.asker.ask(self, work, self._read_kept, self._read_not_kept)

    def _read_kept(self, _nothing: None) -> None:
        """Nobody waits for this."""

    def _read_not_kept(self, error: BaseException) -> None:
        log.getLogger("tingfeng.ui").warning("that it was read is not written down: %s", error)

    def _build_raw(self) -> QWidget:
        self._raw = QPlainTextEdit()
        self._raw.setReadOnly(True)
        self._raw.setFont(theme.mono())
        self._raw.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._raw.setFixedHeight(220)
        self._raw.setAccessibleName(_("As received"))
        self._raw_fold = Fold(_("As received"), self._raw)
        self._raw_fold.opened.connect(self._read_raw)
        return self._raw_fold

    # filling

    def _redo(self) -> None:
        self._post.redo_marks()
        if self._whole is not None:
            self._fill_pills(self._whole.stored)

    def _fill(self, whole: Whole, before: Whole | None) -> None:
        """Only what differs from what is shown."""
        stored = whole.stored
        self._to_fill.clear()
        if before is None or before.stored != stored or before.found != whole.found:
            self._fill_author(stored)
            self._fill_acts(stored)
            self._fill_post(whole)
            self._to_fill += [partial(self._fill_judgement, stored), partial(self._fill_media, stored)]
        if before is None or before.tickets != whole.tickets:
            self._tickets.show_tickets(whole.tickets)
        if before is None or before.story != whole.story:
            self._story.show_story(whole.story)
        if before is None or before.earlier != whole.earlier:
            self._to_fill.append(partial(self._fill_earlier, whole))
        if before is None or before.history != whole.history:
            self._to_fill.append(partial(self._fill_history, whole))
        if before is None or before.edits != whole.edits:
            self._to_fill.append(partial(self._fill_edits, whole))
        self._go_on.start()

    def _fill_next(self) -> None:
        """What stands further down, one part a turn: the window answers in between."""
        if self._to_fill:
            self._to_fill.pop(0)()
            self._go_on.start()

    def _fill_author(self, stored: Stored) -> None:
        self._name.setText(plain.author_name(stored))
        self._verified.setVisible(bool(stored.mention.author.verified))
        when = plain.published(stored).replace(" ", "\u00a0") if stored.dated else plain.published(stored)
        parts = [
            plain.followers(stored),
            plain.origin(stored),
            when,
            plain.one_line(stored.mention.region, 30),
        ]
        self._from.setText(" · ".join(part for part in parts if part))
        self._fill_pills(stored)

    def _fill_pills(self, stored: Stored) -> None:
        now = theme.colors()
        status = status_pill(stored)
        cues = [
            Pill(short_label(key), now.negative, now.negative_soft, "warning") for key in stored.severity
        ]
        self._pills.show_pills(
            [tone_pill(stored), *([status] if status else []), *cues[:6], *brand_pills(stored)[:12]]
        )

    def _fill_acts(self, stored: Stored) -> None:
        link = plain.openable(stored.mention.url)
        self._open.setEnabled(link)
        self._open.setToolTip(
            plain.one_line(stored.mention.url, 300) if link else _("This source gives no link.")
        )
        self._claim.setEnabled(stored.status is not Status.ANSWERED)
        answered = stored.status is Status.ANSWERED and bool(stored.answer)
        self._answer.setVisible(answered)
        if answered:
            when = plain.clock_time(stored.status_at) if stored.status_at else ""
            told = _("Answered by {name}, {when}: {text}")
            self._answer.setText(
                told.format(
                    name=plain.one_line(stored.status_by, 40), when=when, text=plain.visible(stored.answer)
                )
            )

    def _fill_post(self, whole: Whole) -> None:
        stored = whole.stored
        title = plain.one_line(stored.mention.title, 300)
        self._title.setText(title)
        self._title.setVisible(bool(title))
        text = plain.words(stored)
        cut = len(text) > SHOWN_FIRST and not self._all_of_it
        marked = marks_of(stored, whole.found)
        self._post.show_text(text[:SHOWN_FIRST] if cut else text, marked)
        self._rest.setVisible(cut)
        self._rest.setText(_("Show all {n} characters").format(n=f"{len(text):,}"))
        self._legend.show_for(marked)
        counts = stored.mention.counts
        told = [words for _icon, _figure, words in plain.engagement(counts)]
        if counts.views is not None:
            told.append(_("{n} views").format(n=plain.figure(counts.views)))
        if stored.mention.rating is not None:
            told.insert(0, f"{plain.stars(stored.mention.rating)} {stored.mention.rating:g}")
        self._counts.setText(" · ".join(told))
        self._counts.setVisible(bool(told))

    def _fill_judgement(self, stored: Stored) -> None:
        score = stored.score
        self._gauge.show_score(score)
        if score is None:
            self._why.setText(_("Not judged yet: the judge works through what came in, newest first."))
        else:
            told = _("Score {value} from 0 (negative) to 1 (positive) · {engine} {version}")
            said = told.format(value=f"{score.value:.2f}", engine=score.engine, version=score.version)
            self._why.setText(plain.one_line(said, 200))
        _say(self._note, note_words(stored))
        _say(self._towards, towards_words(stored))
        pills = aspect_pills(stored)
        self._aspects.show_pills(pills)
        self._aspects.setAccessibleName(aspects_spoken(stored))
        self._aspects.setToolTip(aspects_spoken(stored).replace("<", "‹"))
        self._aspects.setVisible(bool(pills))
        self._about.setVisible(bool(pills))
        words = score.evidence if score is not None else ()
        self._bars.show_words(words)
        self._no_words.setVisible(score is not None and not words)
        self._wrong.setText(
            _("A person corrected it. It is:") if stored.corrected else _("Judged wrongly? It is:")
        )
        for tone, one in self._tones.items():
            one.setEnabled(stored.tone is not tone)
        self._take_back.setVisible(stored.corrected)

    def _fill_media(self, stored: Stored) -> None:
        box = self._media
        links = [
            Link(url, plain.host(url) or plain.one_line(url, 40), "image")
            for url in stored.mention.media[:30]
        ]
        box.fill(links)

    def _fill_earlier(self, whole: Whole) -> None:
        made = self._entries
        while len(made) < len(whole.earlier):
            one = Earlier()
            one.opened.connect(self.opened)
            made.append(one)
            self._earlier.add(one)
        for one, stored in zip(made, whole.earlier, strict=False):
            one.show_mention(stored)
        self._earlier.show_first(len(whole.earlier))

    def _fill_history(self, whole: Whole) -> None:
        self._history.fill([label(told_event(event), "small", wrap=True) for event in whole.history[-30:]])

    def _fill_edits(self, whole: Whole) -> None:
        layout = self._edits_box.layout()
        assert isinstance(layout, QVBoxLayout)  # noqa: S101  # made by column()
        clear(layout)
        n = len(whole.edits)
        self._edits_fold.setVisible(n > 0)
        self._edits_fold.head.setText(ngettext("{n} earlier text", "{n} earlier texts", n).format(n=n))
        for when, text in whole.edits[-20:]:
            layout.addWidget(label(plain.clock_time(when), "column"))
            layout.addWidget(label(plain.visible(text[:2000]), "small", wrap=True, selectable=True))

    def _list_copies(self, behind: Behind) -> None:
        sheet = PostsSheet(self._context, behind, self)
        sheet.opened.connect(self.opened)
        sheet.open()

    def _show_all(self) -> None:
        self._all_of_it = True
        if self._whole is not None:
            self._fill_post(self._whole)

    def _read_raw(self) -> None:
        self._raw.setPlainText(_("Reading…"))
        work: Callable[[], tuple[int, str]] = partial(_raw, self._context.core, self._id)
        self._context.asker.ask(self, work, self._show_raw, self._raw_failed)

    def _show_raw(self, told: tuple[int, str]) -> None:
        whose, text = told
        if whose == self._id:
            self._raw.setPlainText(plain.visible(text) or _("Not kept any more."))

    def _raw_failed(self, error: BaseException) -> None:
        self._raw.setPlainText(plain.problem(error))

    # what a person decides

    def open_original(self) -> None:
        if self._whole is None:
            return
        url = self._whole.stored.mention.url
        if not plain.openable(url):
            self.problem.emit(_("This source gives no link."))
        elif not open_link(url):
            self.problem.emit(
                _("The browser could not be opened: {url}").format(url=plain.one_line(url, 200))
            )

    def _ask_reply(self) -> None:
        self.reply_asked.emit(self._id)

    def _ask_claim(self) -> None:
        self.claim_asked.emit(self._id)

    def _ask_escalate(self) -> None:
        self.escalate_asked.emit(self._id)

    def _ask_issue(self) -> None:
        self.issue_asked.emit(self._id)

    def _ask_ignore(self) -> None:
        self.ignore_asked.emit(self._id)

    def _is_negative(self) -> None:
        self.tone_asked.emit(self._id, Tone.NEGATIVE)

    def _is_neutral(self) -> None:
        self.tone_asked.emit(self._id, Tone.NEUTRAL)

    def _is_positive(self) -> None:
        self.tone_asked.emit(self._id, Tone.POSITIVE)

    def _uncorrect(self) -> None:
        self.tone_asked.emit(self._id, None)


def _say(where: QLabel, words: str) -> None:
    where.setText(words)
    where.setVisible(bool(words))


def _raw(core: Core, id: int) -> tuple[int, str]:
    return id, core.raw(id)[:RAW_MOST]


class Section(QWidget):
    """A heading with a list under it; gone while the list is empty."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = column(spacing=2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, theme.XS, 0, 0)
        outer.setSpacing(theme.XS)
        outer.addWidget(label(name, "strong"))
        outer.addLayout(self._rows)
        self.hide()

    def fill(self, rows: list[QWidget] | list[Link] | list[QLabel]) -> None:
        clear(self._rows)
        for one in rows:
            self._rows.addWidget(one)
        self.setVisible(bool(rows))

    def add(self, one: QWidget) -> None:
        self._rows.addWidget(one)

    def show_first(self, n: int) -> None:
        """Of the widgets added, so many; the others wait for a longer list."""
        for place in range(self._rows.count()):
            item = self._rows.itemAt(place)
            widget = item.widget() if item is not None else None
            if widget is not None and widget.isHidden() is (place < n):
                widget.setVisible(place < n)
        self.setVisible(n > 0)

    @property
    def count(self) -> int:
        """Of what is shown."""
        items = (self._rows.itemAt(place) for place in range(self._rows.count()))
        widgets = (item.widget() for item in items if item is not None)
        return sum(1 for widget in widgets if widget is not None and not widget.isHidden())


def _section(body: QVBoxLayout, name: str) -> Section:
    made = Section(name)
    body.addWidget(made)
    return made
