"""The live feed: filters above, cards below, one mention whole beside them. GUI thread.

The page puts its parts together and turns keys and presses into questions and decisions. What it
shows it asks for; nothing is pushed into it but the news that something changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from app.change import Change
from app.domain.draft import Rest
from app.domain.mention import Status, Stored
from app.domain.query import MentionQuery, Tally
from app.domain.sentiment import Tone
from app.domain.ticket import Ticket
from app.i18n import _, ngettext
from ui import icons, theme
from ui.context import Context
from ui.desk.presence import Presence
from ui.feed import keys, plain
from ui.feed.composer import Composer
from ui.feed.detail import DetailPane, open_link
from ui.feed.filter_bar import FilterBar
from ui.feed.list_model import FeedModel
from ui.feed.list_view import FeedView
from ui.feed.standing import review_bar, unsure_bar
from ui.feed.triage import Done, Triage
from ui.trackers.escalate import IssueSheet, told_of
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, icon_button, label

if TYPE_CHECKING:
    from app.core import Core

SAID_MS = 6_000
TALLY_MS = 700
TALLY_SHARE = 8
"""Counting takes at most one part in so many of a reader's time."""


class BulkBar(QFrame):
    """What can be done with all chosen mentions at once."""

    claim = Signal()
    escalate = Signal()
    ignore = Signal()
    negative = Signal()
    neutral = Signal()
    positive = Signal()
    all_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self.setProperty("tone", "accent")
        self._count = label("", "strong")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.M, 6, 6, 6)
        layout.setSpacing(2)
        layout.addWidget(self._count)
        layout.addStretch(1)
        for name, icon, pressed in (
            (_("Claim"), "claim", self.claim),
            (_("Escalate"), "escalate", self.escalate),
            (_("Ignore"), "ignore", self.ignore),
        ):
            layout.addWidget(button(name, pressed.emit, kind="quiet", icon=icon))
        for tone, signal in zip(Tone, (self.negative, self.neutral, self.positive), strict=True):
            told = _("They are: {tone}").format(tone=theme.tone_word(tone))
            one = icon_button(theme.tone_icon(tone), told, signal.emit)
            icons.dress(one, theme.tone_icon(tone), tone.value)
            layout.addWidget(one)
        layout.addWidget(icon_button("check", _("Choose all that are listed"), self.all_wanted.emit))
        layout.addWidget(icon_button("close", _("Leave choosing"), self.left.emit))
        self.hide()

    @property
    def text(self) -> str:
        return self._count.text()

    def show_count(self, n: int) -> None:
        self.setVisible(n > 0)
        self._count.setText(ngettext("{n} chosen", "{n} chosen", n).format(n=n))


class Snack(QFrame):
    """What just happened, for a moment, with the way back."""

    undo = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._under = parent
        self.lift = 0
        """Pixels kept free below."""
        self._words = label("")
        self._undo = button(_("Undo"), self.undo.emit, kind="quiet", icon="undo", tip=_("U"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.M, 4, 6, 4)
        layout.addWidget(self._words)
        layout.addWidget(self._undo)
        self._away = QTimer(self, singleShot=True, interval=SAID_MS)
        self._away.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text() if not self.isHidden() else ""

    def say(self, words: str, *, undo: bool = False, bad: bool = False) -> None:
        self._words.setText(words)
        self._undo.setVisible(undo)
        now = theme.colors()
        ink, ground = (now.negative, now.negative_soft) if bad else (now.window, now.text)
        self.setStyleSheet(
            f'QFrame[role="notice"] {{ background: {ground}; border-radius: 8px; }}'
            f"QLabel {{ color: {ink}; }} QPushButton {{ color: {ink}; background: transparent; }}"
        )
        icons.dress(self._undo, "undo", "window")
        self.show()
        self.place()
        self._away.start()

    def place(self) -> None:
        self.adjustSize()
        parent = self._under
        wide = min(self.width(), parent.width() - 2 * theme.M)
        self.resize(wide, self.height())
        self.move((parent.width() - wide) // 2, parent.height() - self.height() - theme.L - self.lift)
        self.raise_()


def _tally(core: Core, query: MentionQuery) -> tuple[MentionQuery, Tally]:
    return query, core.tally(query)


class FeedPage(QWidget):
    """`compose_requested` tells that a reply is being drafted here; the page opens it itself."""

    compose_requested = Signal(int)
    add_brand_requested = Signal()
    add_source_requested = Signal()
    entry_wanted = Signal(int)
    """An entry of the knowledge base is to be shown."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._composers: dict[int, Composer] = {}
        self._wanted = 0
        self._tally_asked: MentionQuery | None = None
        self.filters = FilterBar(context)
        self.model = FeedModel(context, self)
        self.view = FeedView(self.model)
        self.detail = DetailPane(context)
        self.triage = Triage(context, self)
        self.bulk = BulkBar()
        self._build()
        self.snack = Snack(self._list_side)
        self.help = keys.HelpOverlay(self)
        self._tally_soon = QTimer(self, singleShot=True, interval=TALLY_MS)
        self._tally_took = QElapsedTimer()
        self._tally_soon.timeout.connect(self._ask_tally)
        self._wire()
        keys.install(self, self._acts())
        self.filters.start()

    # what others call

    def show_query(self, query: MentionQuery) -> None:
        """Open on this filter (from a figure, a report, an alert list)."""
        self.filters.show_query(query)
        self._on_filter(query)

    def open_mention(self, id: int) -> None:
        """Put the cursor on it if it is listed; show it in the pane in any case."""
        self._wanted = id
        if not self.view.go_to(id):
            self.detail.show_mention(id, self.filters.query.text)

    def focus_search(self) -> None:
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.search.selectAll()

    def compose(self, id: int) -> None:
        """Open the composer; a second call for the same mention brings it to the front."""
        there = self._composers.get(id)
        if there is None:
            there = Composer(self._context, id, self)
            there.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            there.finished.connect(self._composer_closed)
            there.answered.connect(self._on_answered)
            there.rest_wanted.connect(self._rest_wanted)
            self._composers[id] = there
            Presence(self._context, there).look_at(id)  # a claim lives while its answer is being written
            there.show()
        there.raise_()
        there.activateWindow()

    def _rest_wanted(self, rest: Rest) -> None:
        """What a draft rests on: an entry, or a mention."""
        if rest.kind == "entry":
            self.entry_wanted.emit(rest.id)
        else:
            self.open_mention(rest.id)

    @property
    def composers(self) -> tuple[Composer, ...]:
        return tuple(self._composers.values())

    # building

    def _build(self) -> None:
        self._empty = EmptyState("feed", "", "", " ")
        full = QWidget()
        inner = QVBoxLayout(full)
        inner.setContentsMargins(theme.S, 0, 0, 0)
        inner.setSpacing(theme.XS)
        inner.addWidget(self.view)
        self.states = StateStack(full, self._empty)
        self.unsure = unsure_bar(self._context)
        self.review = review_bar(self._context)
        self.unsure.opened.connect(self.compose)
        self.review.opened.connect(self.compose)
        self._list_side = QWidget()
        left = QVBoxLayout(self._list_side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        bulk = QHBoxLayout()
        bulk.setContentsMargins(theme.L, 0, theme.L, 0)
        bulk.addWidget(self.bulk)
        left.addWidget(self.states, 1)
        left.addWidget(self.unsure)
        left.addWidget(self.review)
        # Below the list: its coming must not push the cards down.
        left.addLayout(bulk)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self._list_side)
        self.split.addWidget(self.detail)
        self._list_side.setMinimumWidth(380)
        self.detail.setMinimumWidth(340)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setSizes([600, 420])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filters)
        layout.addWidget(self.split, 1)
        self.states.show_loading()

    def _wire(self) -> None:
        self.filters.changed.connect(self._on_filter)
        self.filters.search.left.connect(self._leave)
        self.model.state_changed.connect(self._on_state)
        self.model.failed.connect(self._on_failed)
        self.model.reset_done.connect(self._on_reset)
        self.view.current_changed.connect(self._on_current)
        self.view.chosen_changed.connect(self._on_chosen)
        self.view.waiting_pressed.connect(self._go_top)
        self.view.doubleClicked.connect(self._open)
        self.states.retry.connect(self._retry)
        self.states.acted.connect(self._on_empty_pressed)
        self.triage.decided.connect(self._on_decided)
        self.triage.refused.connect(self._on_refused)
        self.snack.undo.connect(self.triage.undo)
        self._wire_bulk()
        self._wire_detail()
        self._context.bridge.changed.connect(self._on_change)

    def _wire_bulk(self) -> None:
        self.bulk.claim.connect(self._claim)
        self.bulk.escalate.connect(self._escalate)
        self.bulk.ignore.connect(self._ignore)
        self.bulk.negative.connect(self._negative)
        self.bulk.neutral.connect(self._neutral)
        self.bulk.positive.connect(self._positive)
        self.bulk.all_wanted.connect(self.view.choose_all)
        self.bulk.left.connect(self.view.stop_marking)

    def _wire_detail(self) -> None:
        self.detail.reply_asked.connect(self._reply_to)
        self.detail.claim_asked.connect(self._claim_one)
        self.detail.escalate_asked.connect(self._escalate_one)
        self.detail.issue_asked.connect(self.make_issue)
        self.detail.ignore_asked.connect(self._ignore_one)
        self.detail.tone_asked.connect(self._correct_one)
        self.detail.opened.connect(self.open_mention)
        self.detail.problem.connect(self._on_refused)

    def _acts(self) -> dict[str, keys.Act]:
        return {
            "next": self._next,
            "previous": self._previous,
            "top": self._go_top,
            "search": self.focus_search,
            "toggle": self.view.toggle,
            "extend_next": self._extend_next,
            "extend_previous": self._extend_previous,
            "draft": self._draft,
            "claim": self._claim,
            "ignore": self._ignore,
            "escalate": self._escalate,
            "undo": self.triage.undo,
            "negative": self._negative,
            "neutral": self._neutral,
            "positive": self._positive,
            "open": self._open,
            "leave": self._leave,
            "help": self._help,
        }

    # the list

    def _on_filter(self, query: MentionQuery) -> None:
        self.states.show_loading()
        self.model.show_query(query)
        self._ask_tally()

    def _on_state(self, state: str) -> None:
        if state == "ready":
            self._show_rows()

    def _on_reset(self) -> None:
        self._show_rows()
        if self._wanted and self.view.go_to(self._wanted):
            self._wanted = 0

    def _show_rows(self) -> None:
        if self.model.rowCount():
            first = self.states.state != "full"
            self.states.show_full()
            if first and not self.filters.search.hasFocus():
                self.view.setFocus()
            return
        self._say_empty()
        self.states.show_empty()

    def _say_empty(self) -> None:
        title, text, press = self._empty_words()
        self._empty.say(title, text)
        if self._empty.button is not None:
            self._empty.button.setText(press)

    def _empty_words(self) -> tuple[str, str, str]:
        bar = self.filters
        if bar.filtered:
            told = _("No stored mention fits what is filtered.")
            return _("Nothing fits"), told, _("Clear filters")
        if not bar.has_brands:
            told = _("Name a brand, and every mention of it will appear here as it is found.")
            return _("Which brand shall be listened for?"), told, _("Add a brand")
        if not bar.has_sources:
            told = _("There is a brand to listen for, and nowhere to listen yet.")
            return _("Where shall we listen?"), told, _("Add a source")
        told = _("Sources are being read. What names a brand appears here by itself.")
        return _("Nothing yet"), told, _("Show everything, brand or not")

    def _on_empty_pressed(self) -> None:
        bar = self.filters
        if bar.filtered:
            bar.clear()
        elif not bar.has_brands:
            self.add_brand_requested.emit()
        elif not bar.has_sources:
            self.add_source_requested.emit()
        else:
            self.show_query(replace(bar.query, matched=None))

    def _on_failed(self, error: BaseException) -> None:
        told = plain.problem(error)
        if self.model.rowCount() and self.states.state == "full":
            # What is on screen is still true; it is the next page that could not be read.
            self.snack.say(told, bad=True)
        else:
            self.states.show_failed(told)

    def _retry(self) -> None:
        self.states.show_loading()
        self.model.reload()
        self._ask_tally()

    def _on_change(self, change: Change) -> None:
        if change & (Change.MENTIONS | Change.SCORES | Change.WATCHES) and not self._tally_soon.isActive():
            self._tally_soon.start()
        if change & (Change.WATCHES | Change.SOURCES) and self.states.state == "empty":
            self._say_empty()

    def _ask_tally(self) -> None:
        # The tabs choose the tone, so they count without it.
        query = replace(self.filters.query, tones=(), unscored=False)
        self._tally_asked = query
        self._tally_took.start()
        self._context.asker.ask(
            self, partial(_tally, self._context.core, query), self._show_tally, self._tally_failed
        )

    def _show_tally(self, told: tuple[MentionQuery, Tally]) -> None:
        query, tally = told
        if query == self._tally_asked:
            took = min(self._tally_took.elapsed(), 2_000)
            self._tally_soon.setInterval(max(TALLY_MS, TALLY_SHARE * took))
            self.filters.tones.show_tally(tally)

    def _tally_failed(self, _error: BaseException) -> None:
        """The list says what is wrong; old figures stay until the next change."""

    def _on_current(self, id: int) -> None:
        if id:
            self.detail.show_mention(id, self.filters.query.text)

    def _on_chosen(self, n: int) -> None:
        self.bulk.show_count(n)
        self.snack.lift = self.bulk.sizeHint().height() if n else 0
        if not self.snack.isHidden():
            self.snack.place()

    # keys

    def _covered(self) -> bool:
        """The help lies over the page: any key only takes it away."""
        if self.help.isVisible():
            self.help.hide()
            return True
        return False

    def _step(self, by: int, *, extend: bool = False) -> None:
        if not self._covered():
            self.view.step(by, extend=extend)

    def _next(self) -> None:
        self._step(1)

    def _previous(self) -> None:
        self._step(-1)

    def _extend_next(self) -> None:
        self._step(1, extend=True)

    def _extend_previous(self) -> None:
        self._step(-1, extend=True)

    def _go_top(self) -> None:
        if self._covered():
            return
        if self.model.waiting or self.model.cut_above:
            self.model.reload()
        self.view.to_top()

    def _help(self) -> None:
        if not self._covered():
            self.help.open()

    def _leave(self) -> None:
        if not self._covered() and self.view.marking:
            self.view.stop_marking()
        self.view.setFocus()

    def _open(self) -> None:
        rows = self._targets()
        if len(rows) == 1:
            self._open_url(rows[0].mention.url)

    def _open_url(self, url: str) -> None:
        if not plain.openable(url):
            self._on_refused(_("This source gives no link."))
        elif not open_link(url):
            self._on_refused(
                _("The browser could not be opened: {url}").format(url=plain.one_line(url, 200))
            )

    def _draft(self) -> None:
        rows = self._targets()
        if len(rows) == 1:
            self._reply_to(rows[0].id)
        elif rows:
            self._on_refused(_("Replies are drafted one at a time: leave choosing with Esc."))

    # decisions

    def _targets(self) -> list[Stored]:
        """The chosen ones, or the one the pane shows where the list has none."""
        rows = self.view.chosen()
        whole = self.detail.whole
        if whole is not None and whole.stored.id == self.detail.mention_id and not self.view.marking:
            shown = whole.stored.id
            if not rows or (len(rows) == 1 and rows[0].id != shown and self.model.row_of(shown) < 0):
                return [whole.stored]
        return rows

    def _ids(self) -> Sequence[int]:
        return [row.id for row in self._targets()]

    def _claim(self) -> None:
        self.triage.claim(self._ids())

    def _escalate(self) -> None:
        self.triage.set_status(self._ids(), Status.ESCALATED)

    def _ignore(self) -> None:
        self.triage.set_status(self._ids(), Status.IGNORED)

    def _negative(self) -> None:
        self.triage.correct(self._ids(), Tone.NEGATIVE)

    def _neutral(self) -> None:
        self.triage.correct(self._ids(), Tone.NEUTRAL)

    def _positive(self) -> None:
        self.triage.correct(self._ids(), Tone.POSITIVE)

    def _claim_one(self, id: int) -> None:
        self.triage.claim([id])

    def _escalate_one(self, id: int) -> None:
        self.triage.set_status([id], Status.ESCALATED)

    def make_issue(self, id: int) -> None:
        """In a bug tracker; asked where, and with what note."""
        sheet = IssueSheet(self._context, id, self)
        sheet.made.connect(self._issue_made)
        sheet.open()

    def _issue_made(self, ticket: Ticket) -> None:
        self.snack.say(told_of(ticket))

    def _ignore_one(self, id: int) -> None:
        self.triage.set_status([id], Status.IGNORED)

    def _correct_one(self, id: int, tone: Tone | None) -> None:
        self.triage.correct([id], tone)

    def _reply_to(self, id: int) -> None:
        self.compose(id)
        self.compose_requested.emit(id)

    def _on_decided(self, done: Done) -> None:
        self.model.replace(done.rows)
        if any(row.id == self.detail.mention_id for row in done.rows):
            self.detail.refresh()
        self.snack.say(done.said, undo=bool(done.undo))

    def _on_refused(self, words: str) -> None:
        self.snack.say(words, bad=True)

    def _on_answered(self, id: int) -> None:
        if id == self.detail.mention_id:
            self.detail.refresh()

    def _composer_closed(self, _result: int) -> None:
        self._composers = {whose: one for whose, one in self._composers.items() if one is not self.sender()}
        self.view.setFocus()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.view.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.snack.isHidden():
            self.snack.place()
