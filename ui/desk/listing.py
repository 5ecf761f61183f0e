"""The queue as a list: rows painted from values, the time left each second. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QRect, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QAbstractItemView

from app.domain.platforms import platform_name
from app.domain.queue import Entry
from app.i18n import _, clauses
from ui import theme
from ui.desk import words
from ui.feed import plain
from ui.widgets import countdown
from ui.widgets.row_list import NO_INDEX, RowList, RowModel, RowPainter, draw_pill, draw_right, draw_words

TICK_MS = 1000
_NEAR = 600
"""Pixels above the end at which more is wanted."""
_Select = QItemSelectionModel.SelectionFlag


class QueueModel(RowModel):
    """Rows come in pages; the next one goes on at the end."""

    def extend(self, rows: Sequence[Entry]) -> None:
        known = {one.id for one in self.rows}
        fresh = [one for one in rows if one.id not in known]
        if fresh:
            first = len(self.rows)
            self.beginInsertRows(NO_INDEX, first, first + len(fresh) - 1)
            self.rows = (*self.rows, *fresh)
            self.endInsertRows()


class QueueList(RowList):
    """`picked` follows the cursor; `chosen_changed`: how many are chosen; `wanted_more`: near the end."""

    chosen_changed = Signal(int)
    wanted_more = Signal()
    opened = Signal()

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.me = ""
        self.now = now
        super().__init__(_("Queue"), QueueModel(self._spoken, _tip), _Painter(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.selectionModel().selectionChanged.connect(self._chosen_moved)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.doubleClicked.connect(self._open)
        # A repaint of what is on screen, while it is on screen; nothing is read.
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self.viewport().update)

    @property
    def current(self) -> Entry | None:
        found = self.chosen
        return found if isinstance(found, Entry) else None

    def ids(self) -> tuple[int, ...]:
        """What an act applies to: the chosen ones, else the one under the cursor."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        chosen = tuple(self.values.rows[row].id for row in rows)
        return chosen or ((self.current.id,) if self.current is not None else ())

    def show_rows(self, rows: Sequence[Any]) -> None:
        """What was chosen stays chosen, as far as it is still listed."""
        kept = set(self.ids()) if len(self.selectionModel().selectedIndexes()) > 1 else set()
        super().show_rows(rows)
        if kept:
            chosen = QItemSelection()
            for place, one in enumerate(rows):
                if one.id in kept:
                    chosen.select(self.values.index(place), self.values.index(place))
            if not chosen.isEmpty():
                self.selectionModel().select(chosen, _Select.ClearAndSelect)
        self._chosen_moved()

    def add_rows(self, rows: Sequence[Entry]) -> None:
        """The next page."""
        model = self.values
        assert isinstance(model, QueueModel)  # noqa: S101  # as made above
        model.extend(rows)

    def step(self, by: int, *, extend: bool = False) -> None:
        """Move the cursor; `extend` chooses what it passes."""
        row = min(max(self.currentIndex().row() + by, 0), len(self.values.rows) - 1)
        if row >= 0:
            how = _Select.Select if extend else _Select.ClearAndSelect
            self.selectionModel().setCurrentIndex(self.values.index(row), how)

    def toggle(self) -> None:
        """Choose the row under the cursor, or leave it out."""
        if self.currentIndex().isValid():
            self.selectionModel().select(self.currentIndex(), _Select.Toggle)

    def choose_one(self) -> None:
        """Only the row under the cursor stays chosen."""
        if self.currentIndex().isValid():
            self.selectionModel().select(self.currentIndex(), _Select.ClearAndSelect)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    def _chosen_moved(self) -> None:
        n = len(self.selectionModel().selectedIndexes())
        self.chosen_changed.emit(n if n > 1 else 0)

    def _scrolled(self, value: int) -> None:
        if value > self.verticalScrollBar().maximum() - _NEAR:
            self.wanted_more.emit()

    def _open(self) -> None:
        self.opened.emit()

    def _spoken(self, entry: Entry) -> str:
        """The row in a sentence, for screen readers."""
        now = self.now()
        parts = [
            countdown.words(entry.item, now),
            theme.severity_word(entry.item.severity),
            words.owner_words(entry.item, self.me, now),
            words.viewers_words(entry.viewers, self.me),
            plain.author_name(entry.stored),
            plain.squeezed(entry.stored.mention.title or plain.words(entry.stored), 160),
        ]
        return "; ".join(part for part in parts if part)


class _Painter(RowPainter):
    HEIGHT = 90

    def __init__(self, listed: QueueList) -> None:
        super().__init__()
        self._list = listed

    def draw(self, painter: QPainter, inner: QRect, value: Any) -> None:
        entry: Entry = value
        now, moment, me = theme.colors(), self._list.now(), self._list.me
        item = entry.item
        inks = tone_inks(countdown.tone(item, moment))
        at = draw_pill(painter, inner.left(), inner.top(), countdown.words(item, moment), inks)
        at = draw_pill(painter, at, inner.top(), item.severity.value, theme.severity_colors(item.severity))
        whose = words.owner_words(item, me, moment) or plain.status_line(entry.stored)
        ink = now.accent if item.owner == me else now.warning if item.owner else now.muted
        right = draw_right(painter, inner.top(), inner.right(), whose, ink)
        who = QRect(at, inner.top(), max(0, right - at), 20)
        said = f"{plain.author_name(entry.stored)} · {platform_name(entry.stored.mention.platform)}"
        draw_words(painter, who, said, now.muted, size=theme.SMALL)
        text = QRect(inner.left(), inner.top() + 25, inner.width(), 19)
        title = plain.squeezed(entry.stored.mention.title or plain.words(entry.stored), 240)
        draw_words(painter, text, title, now.text)
        foot = QRect(inner.left(), inner.top() + 48, inner.width(), 18)
        _draw_foot(painter, foot, entry, me)


def _draw_foot(painter: QPainter, foot: QRect, entry: Entry, me: str) -> None:
    """Who is looking stands out; then the brand, why it waits, and the last note."""
    now = theme.colors()
    looking = words.viewers_words(entry.viewers, me)
    at = foot.left()
    if looking:
        at = draw_pill(painter, at, foot.top() - 1, looking, (now.warning, now.warning_soft))
    brands = clauses(plain.one_line(hit.brand, 24) for hit in entry.stored.hits[:3] if not hit.competitor)
    parts = (brands, plain.squeezed(entry.item.pause, 80), words.notes_words(entry))
    rest = QRect(at, foot.top(), max(0, foot.right() - at), foot.height())
    draw_words(painter, rest, "  ·  ".join(one for one in parts if one), now.muted, size=theme.SMALL)


def tone_inks(tone: str) -> tuple[str, str]:
    """Ink and ground of a pill's tone."""
    now = theme.colors()
    return {
        "negative": (now.negative, now.negative_soft),
        "warning": (now.warning, now.warning_soft),
        "accent": (now.accent, now.accent_soft),
        "positive": (now.positive, now.positive_soft),
    }.get(tone, (now.neutral, now.neutral_soft))


def _tip(entry: Entry) -> str:
    due = entry.item.due_at
    return _("Answer until {when}").format(when=plain.clock_time(due)) if due is not None else ""
