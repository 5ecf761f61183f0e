"""One item of the queue whole: the post, who wrote it, whose it is, what was said and done. GUI thread.

Everything is read in one question through the asker. What a person wants done is said in a signal; the
page does it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.domain.cues import short_label
from app.domain.desk import Stage
from app.domain.mention import Status, Stored
from app.domain.queue import AuthorCard, Entry, Note, holder
from app.domain.ticket import Ticket
from app.domain.warning import StoryHeat
from app.errors import NotFound
from app.i18n import _
from ui import theme
from ui.context import Context
from ui.desk import words
from ui.desk.author import AuthorBox
from ui.desk.listing import TICK_MS
from ui.desk.notes import NotesBox
from ui.dialogs.posts import Behind, PostsSheet
from ui.feed import plain
from ui.feed.card_delegate import Pill, brand_pills, status_pill, tone_pill
from ui.feed.detail import Section, open_link, told_event
from ui.feed.post import PillRow, PostText, marks_of
from ui.incidents.story_box import StoryBox
from ui.trackers.box import TicketBox
from ui.widgets import countdown
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.flow import Flow
from ui.widgets.parts import boxed, button, column, label, pill, row, scrolled, set_tone

if TYPE_CHECKING:
    from app.core import Core, Event

SHOWN = 6_000
SETTLE_MS = 90
"""Rows that are only passed by are not read."""


class Whole(NamedTuple):
    """Everything the pane tells. `entry` None: it is not on the desk."""

    stored: Stored
    entry: Entry | None
    card: AuthorCard
    notes: tuple[Note, ...]
    history: tuple[Event, ...]
    story: StoryHeat | None
    names: tuple[str, ...]
    me: str
    tickets: tuple[Ticket, ...] = ()


def read_whole(core: Core, id: int) -> Whole:
    story = core.story_of(id)
    return Whole(
        core.mention(id),
        core.queue_entry(id),
        core.author_card(id),
        core.notes(id),
        core.history(id),
        story if story is not None and story.copies > 1 else None,
        core.colleagues(),
        core.me,
        core.tickets_of([id]).get(id, ()),
    )


class DeskDetail(QFrame):
    """`acted` carries the name of what a person wants done, as in `_build_acts`."""

    acted = Signal(str)
    noted = Signal(int, str)
    opened = Signal(int)
    """A mention to be seen in the feed."""
    problem = Signal(str)

    def __init__(
        self, context: Context, now: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._context = context
        self._now = now
        self._id = 0
        self.whole: Whole | None = None
        self.acts: dict[str, QPushButton] = {}
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._soon.timeout.connect(self.refresh)
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._pass_time)
        self._tick.start()
        self._build()
        theme.notifier().changed.connect(self._redo)

    # what the page calls

    @property
    def mention_id(self) -> int:
        return self._id

    def show_mention(self, id: int) -> None:
        """0: nothing."""
        if id == self._id:
            return
        self._id = id
        if id:
            self._soon.start()
        else:
            self.whole = None
            self.states.show_empty()

    def refresh(self) -> None:
        """Read it again."""
        if self._id:
            if self.whole is None:
                self.states.show_loading()
            work = partial(read_whole, self._context.core, self._id)
            self._context.asker.ask(self, work, self.take, self.not_read)

    def take(self, whole: Whole) -> None:
        if whole.stored.id != self._id:
            return
        if whole == self.whole:
            self.states.show_full()  # perhaps it could not be read in between
            return
        fresh = self.whole is None or self.whole.stored.id != whole.stored.id
        self.whole = whole
        if fresh:
            self.notes.look_at(self._id)
        self._fill(whole)
        self.states.show_full()
        if fresh:
            self._scroll.verticalScrollBar().setValue(0)

    def not_read(self, error: BaseException) -> None:
        if isinstance(error, NotFound):
            self.whole = None
        self.states.show_failed(plain.problem(error))

    def show_viewers(self, names: tuple[str, ...]) -> None:
        """Others who have it open just now."""
        said = words.viewers_words(names, "")
        self.viewers.setText(said)
        self.viewers.setVisible(bool(said))

    def open_original(self) -> None:
        url = self.whole.stored.mention.url if self.whole is not None else ""
        if not open_link(url):
            self.problem.emit(_("This source gives no link."))

    @property
    def entry(self) -> Entry | None:
        """What is shown, if it is on the desk."""
        return self.whole.entry if self.whole is not None else None

    # building

    def _build(self) -> None:
        inner = QWidget()
        body = QVBoxLayout(inner)
        body.setContentsMargins(theme.L, theme.L, theme.L, theme.XL)
        body.setSpacing(theme.M)
        self.story = StoryBox()
        self.story.wanted.connect(self._list_posts)
        self.author = AuthorBox()
        self.author.wanted.connect(self._list_posts)
        self.author.opened.connect(self.opened)
        self.notes = NotesBox()
        self.notes.written.connect(self._note)
        self.history = Section(_("What was done"))
        parts = (self._build_head(), self._build_acts(), self._build_post(), self.story, self.author)
        for part in (*parts, self.notes, self.history):
            body.addWidget(part)
        body.addStretch(1)
        self._scroll: QScrollArea = scrolled(inner)
        empty = EmptyState(
            "claim",
            _("Nothing chosen"),
            _("Choose an item to see it whole. J and K move, ? shows all keys."),
        )
        self.states = StateStack(self._scroll, empty)
        self.states.retry.connect(self.refresh)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.states)
        self.states.show_empty()

    def _build_head(self) -> QWidget:
        self.left = pill("")
        self.severity = pill("")
        self.viewers = pill("", "warning")
        self.viewers.hide()
        self.owner = label("", "small", wrap=True)
        self.pause = label("", "small", wrap=True)
        head = row(self.left, self.severity, self.viewers, None)
        return boxed(column(head, self.owner, self.pause, spacing=6))

    def _build_acts(self) -> QWidget:
        """A further act is a further line here, and its name in `_shown_acts`."""
        flow = Flow(theme.S)
        for name, said, icon, kind, key in (
            ("reply", _("Draft a reply"), "reply", "primary", _("R")),
            ("claim", _("Claim"), "claim", "", _("C")),
            ("take_over", _("Take over…"), "claim", "", _("T")),
            ("release", _("Release"), "undo", "", _("L")),
            ("assign", _("Assign…"), "user", "", _("A")),
            ("pause", _("Let it wait…"), "pause", "", _("W")),
            ("resume", _("Go on"), "play", "", _("W")),
            ("done", _("Done"), "check", "", _("D")),
            ("ignore", _("No answer needed"), "ignore", "", _("I")),
            ("reopen", _("Reopen"), "undo", "", ""),
            ("issue", _("Make an issue"), "flag", "", ""),
            ("original", _("Original"), "open", "", _("O")),
            ("feed", _("In the feed"), "feed", "", ""),
        ):
            made = button(said, self._pressed, icon=icon, kind=kind, tip=key)
            made.setObjectName(name)
            self.acts[name] = made
            flow.addWidget(made)
        self.tickets = TicketBox(open_link)
        self.tickets.again.connect(partial(self.acted.emit, "issue"))
        return boxed(column(boxed(flow), self.tickets, spacing=theme.S))

    def _build_post(self) -> QWidget:
        self.title = label("", "heading", wrap=True, selectable=True)
        self.post = PostText()
        self.pills = PillRow()
        self.where = label("", "small", wrap=True)
        return boxed(column(self.title, self.where, self.pills, self.post))

    # filling

    def _fill(self, whole: Whole) -> None:
        self._fill_post(whole.stored)
        self._fill_state(whole)
        self.story.show_story(whole.story)
        self.author.show_card(whole.card)
        self.tickets.show_tickets(whole.tickets)
        self.notes.show_notes(whole.notes, whole.me, whole.names)
        self.history.fill([label(told_event(event), "small", wrap=True) for event in whole.history[-40:]])

    def _fill_post(self, stored: Stored) -> None:
        title = plain.one_line(stored.mention.title, 300)
        self.title.setText(title)
        self.title.setVisible(bool(title))
        told = (plain.author_name(stored), plain.origin(stored), plain.published(stored))
        self.where.setText(" · ".join(part for part in told if part))
        self.post.show_text(plain.words(stored)[:SHOWN], marks_of(stored, ()))
        self._fill_pills(stored)

    def _fill_pills(self, stored: Stored) -> None:
        now = theme.colors()
        status = status_pill(stored)
        cues = [
            Pill(short_label(key), now.negative, now.negative_soft, "warning") for key in stored.severity
        ]
        self.pills.show_pills(
            [tone_pill(stored), *([status] if status else []), *cues[:4], *brand_pills(stored)[:8]]
        )

    def _fill_state(self, whole: Whole) -> None:
        entry = whole.entry
        self.show_viewers(tuple(one for one in entry.viewers if one != whole.me) if entry else ())
        self.severity.setVisible(entry is not None)
        if entry is not None:
            severity = entry.item.severity
            self.severity.setText(f"{severity.value} {theme.severity_word(severity)}")
            set_tone(self.severity, {"P1": "negative", "P2": "warning"}.get(severity.value, ""))
        why = entry.item.pause if entry is not None and entry.item.stage is Stage.WAITING else ""
        self.pause.setText(_("Waits: {why}").format(why=plain.squeezed(why, 200)))
        self.pause.setVisible(bool(why))
        self._pass_time()

    def _pass_time(self) -> None:
        """What changes by itself: the time that is left, and whether the claim still lives."""
        whole = self.whole
        if whole is None or not self.isVisible():
            return
        now, entry = self._now(), whole.entry
        self.left.setVisible(entry is not None)
        if entry is not None:
            self.left.setText(countdown.words(entry.item, now))
            set_tone(self.left, countdown.tone(entry.item, now))
        settled = whole.stored.status in (Status.ANSWERED, Status.IGNORED)
        item = entry.item if entry is not None else None
        said = plain.status_line(whole.stored) if settled else words.claim_words(item, whole.me, now)
        self.owner.setText(said)
        shown = _shown_acts(whole, now)
        for name, one in self.acts.items():
            if one.isHidden() is (name in shown):
                one.setVisible(name in shown)
        mine = entry is not None and holder(entry.item, now) == whole.me
        self.acts["assign"].setText(_("Hand over…") if mine else _("Assign…"))
        self.acts["original"].setEnabled(plain.openable(whole.stored.mention.url))

    def _redo(self) -> None:
        """In the colours of now."""
        self.post.redo_marks()
        if self.whole is not None:
            self._fill_pills(self.whole.stored)

    # what a person wants

    def _pressed(self) -> None:
        self.acted.emit(self.sender().objectName())

    def _note(self, text: str) -> None:
        if self.whole is not None:  # of what stands there, not of what is being read
            self.noted.emit(self.whole.stored.id, text)

    def _list_posts(self, behind: Behind) -> None:
        sheet = PostsSheet(self._context, behind, self)
        sheet.opened.connect(self.opened)
        sheet.open()


def _shown_acts(whole: Whole, now: datetime) -> frozenset[str]:
    """Only what can be done now."""
    always = {"original", "feed", "issue"}
    if whole.stored.status in (Status.ANSWERED, Status.IGNORED):
        return frozenset(always | {"reopen"})
    entry = whole.entry
    owner = holder(entry.item, now) if entry is not None else ""
    if owner and owner != whole.me:
        return frozenset(always | {"take_over"})
    waits = entry is not None and entry.item.stage is Stage.WAITING
    shown = {"reply", "assign", "done", "ignore", "resume" if waits else "pause"}
    return frozenset(always | shown | {"release" if owner else "claim"})
