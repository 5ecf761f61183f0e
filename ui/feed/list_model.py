"""A window onto a query: at most some thousand rows of however many are stored. GUI thread.

Pages come by key, older ones at the end, and newer ones at the top only where rows were dropped to
save memory. What was stored since is counted, never inserted, until the reader agrees. A row whose
score or status changed is read again in place. SQL happens in the asker's readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from app.change import Change
from app.domain.mention import Stored
from app.domain.query import Key, Listing, MentionQuery
from ui import theme
from ui.context import Context
from ui.feed import plain

if TYPE_CHECKING:
    from app.core import Core

FIRST = 100
"""Rows of a fresh start: a dozen screens; measuring them is what a reload costs."""
PAGE = 200
MOST = 2_000
"""Rows kept; what is farthest from the reader is dropped beyond."""
COUNTED = 1_000
"""Beyond this, what waits is not counted any more."""
COUNT_MS, REREAD_MS = 250, 350

StoredRole = int(Qt.ItemDataRole.UserRole) + 1
Index = QModelIndex | QPersistentModelIndex


class First(NamedTuple):
    """A fresh start: the newest page, and up to which mention the reader has agreed to see."""

    query: MentionQuery
    listing: Listing
    seen: int


class More(NamedTuple):
    query: MentionQuery
    after: Key
    listing: Listing


class Waiting(NamedTuple):
    query: MentionQuery
    n: int


def _first(core: Core, query: MentionQuery) -> First:
    # The newest id is asked before the rows: a mention that arrives between is counted twice at
    # worst, and never passed over.
    seen = core.newest_id()
    listing = core.mentions(query, None, FIRST)
    return First(query, listing, max([seen, *(row.id for row in listing.rows)]))


def _older(core: Core, query: MentionQuery, after: Key) -> More:
    return More(query, after, core.mentions(query, after, PAGE))


def _newer_rows(core: Core, query: MentionQuery, before: Key) -> More:
    turned = replace(query, oldest_first=not query.oldest_first)
    return More(query, before, core.mentions(turned, before, PAGE))


def _count_newer(core: Core, query: MentionQuery, seen: int) -> Waiting:
    return Waiting(query, core.newer(query, seen))


def read_many(core: Core, ids: Sequence[int]) -> tuple[Stored, ...]:
    """Those that are still there."""
    return core.mentions_of(ids)


class FeedModel(QAbstractListModel):
    """`state` is loading, ready or failed; `waiting` counts what the reader has not agreed to see."""

    state_changed = Signal(str)
    failed = Signal(object)
    waiting_changed = Signal(int)
    reset_done = Signal()
    about_to_shift = Signal()
    shifted = Signal()
    updated = Signal(object)
    """tuple[Stored, ...]: rows read again"""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._rows: list[Stored] = []
        self._places: dict[int, int] = {}
        self.query = MentionQuery()
        self.state = "loading"
        self.waiting = 0
        self._seen = 0
        self._next: Key | None = None
        self._more_above = False
        self._asking_older = False
        self._asking_newer = False
        self._rereading = False
        self._stale: set[int] = set()
        self._watched: tuple[int, ...] = ()
        self._count_soon = QTimer(self, singleShot=True, interval=COUNT_MS)
        self._count_soon.timeout.connect(self._count)
        self._reread_soon = QTimer(self, singleShot=True, interval=REREAD_MS)
        self._reread_soon.timeout.connect(self._reread)
        context.bridge.changed.connect(self._on_change)

    # what a view asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        if not index.isValid() or not 0 <= row < len(self._rows):
            return None
        stored = self._rows[row]
        if role == StoredRole:
            return stored
        if role == Qt.ItemDataRole.DisplayRole:
            return plain.squeezed(stored.mention.title or plain.words(stored), 120)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain.published(stored)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return plain.spoken(stored, theme.tone_word(stored.tone), datetime.now(UTC))
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._next is not None and not self._asking_older

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent) and self._next is not None:
            self._asking_older = True
            core = self._context.core
            work = partial(_older, core, self.query, self._next)
            self._context.asker.ask(self, work, self._add_older, self._more_failed)

    # what the page asks

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(row.id for row in self._rows)

    @property
    def has_all(self) -> bool:
        """Is the last stored row among those here?"""
        return self._next is None and self.state == "ready"

    @property
    def cut_above(self) -> bool:
        """Were rows dropped from the top to save memory?"""
        return self._more_above

    def row_of(self, id: int) -> int:
        """-1 where it is not among the rows."""
        return self._places.get(id, -1)

    def stored(self, row: int) -> Stored:
        return self._rows[row]

    def show_query(self, query: MentionQuery) -> None:
        """Start anew with this filter."""
        self.query = query
        self._set_state("loading")
        self.reload()

    def reload(self) -> None:
        """Read the newest page; the rows stay until it is here."""
        self._asking_older = self._asking_newer = False
        work = partial(_first, self._context.core, self.query)
        self._context.asker.ask(self, work, self._start, self._start_failed)

    def fetch_newer(self) -> None:
        """Bring back rows dropped from the top (not what the reader has not agreed to)."""
        if not self._more_above or self._asking_newer or not self._rows:
            return
        self._asking_newer = True
        work = partial(_newer_rows, self._context.core, self.query, self._key(0))
        self._context.asker.ask(self, work, self._add_newer, self._more_failed)

    def watch(self, ids: Iterable[int]) -> None:
        """The rows on screen: the first to be read again."""
        self._watched = tuple(ids)
        if self._stale.intersection(self._watched) and not self._reread_soon.isActive():
            self._reread_soon.start()

    def replace(self, fresh: Iterable[Stored]) -> None:
        """Show these rows as they now are, in place."""
        changed: list[Stored] = []
        for stored in fresh:
            self._stale.discard(stored.id)
            row = self._places.get(stored.id)
            if row is None or self._rows[row] == stored:
                continue
            self._rows[row] = stored
            changed.append(stored)
            index = self.index(row)
            self.dataChanged.emit(index, index, [StoredRole])
        if changed:
            self.updated.emit(tuple(changed))

    # news

    def _on_change(self, change: Change) -> None:
        if change & Change.MENTIONS:
            self._count_later()
        if change & (Change.MENTIONS | Change.SCORES | Change.STATUS | Change.WATCHES):
            self._stale = set(self._places)
            if not self._reread_soon.isActive():
                self._reread_soon.start()
        if change & Change.WATCHES:
            self._count_later()

    def _count_later(self) -> None:
        if not self._count_soon.isActive():
            self._count_soon.start()

    def _count(self) -> None:
        if self.state != "ready" or self.waiting >= COUNTED:
            return
        work = partial(_count_newer, self._context.core, self.query, self._seen)
        self._context.asker.ask(self, work, self._show_waiting, self._count_failed)

    def _show_waiting(self, told: Waiting) -> None:
        if told.query != self.query:
            return
        if told.n and not self._rows:
            self.reload()
        elif told.n != self.waiting:
            self.waiting = told.n
            self.waiting_changed.emit(told.n)

    def _count_failed(self, _error: BaseException) -> None:
        # The next change counts again; the list itself says when storage is in trouble.
        self._count_later()

    def _reread(self) -> None:
        wanted = tuple(one for one in self._watched if one in self._stale)
        if not wanted or self._rereading:
            return
        self._rereading = True
        self._stale.difference_update(wanted)
        work = partial(read_many, self._context.core, wanted)
        self._context.asker.ask(self, work, self._reread_done, self._reread_failed)

    def _reread_done(self, fresh: tuple[Stored, ...]) -> None:
        self._rereading = False
        again = self._stale.copy()
        self.replace(fresh)
        # What went stale while it was being read stays stale.
        self._stale |= again
        if self._stale.intersection(self._watched):
            self._reread_soon.start()

    def _reread_failed(self, _error: BaseException) -> None:
        self._rereading = False

    # answers

    def _start(self, first: First) -> None:
        if first.query != self.query:
            return
        self.beginResetModel()
        self._rows = list(first.listing.rows)
        self._next = first.listing.next
        self._more_above = False
        self._stale.clear()
        self._place()
        self.endResetModel()
        self._seen = first.seen
        self.waiting = 0
        self._set_state("ready")
        self.waiting_changed.emit(0)
        self.reset_done.emit()

    def _start_failed(self, error: BaseException) -> None:
        self._set_state("failed")
        self.failed.emit(error)

    def _more_failed(self, error: BaseException) -> None:
        self._asking_older = self._asking_newer = False
        self.failed.emit(error)

    def _add_older(self, more: More) -> None:
        self._asking_older = False
        if more.query != self.query or more.after != self._next:  # a reload came between
            return
        self._next = more.listing.next
        rows = [row for row in more.listing.rows if row.id not in self._places]
        self.about_to_shift.emit()
        if rows:
            at = len(self._rows)
            self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
            self._rows.extend(rows)
            self._place()
            self.endInsertRows()
        if (extra := len(self._rows) - MOST) > 0:
            self._drop(0, extra)
            self._more_above = True
        self.shifted.emit()

    def _add_newer(self, more: More) -> None:
        self._asking_newer = False
        if more.query != self.query or not self._rows or more.after != self._key(0):
            return
        self._more_above = more.listing.next is not None
        rows = [row for row in more.listing.rows if row.id not in self._places and row.id <= self._seen]
        rows.reverse()
        self.about_to_shift.emit()
        if rows:
            self.beginInsertRows(QModelIndex(), 0, len(rows) - 1)
            self._rows[:0] = rows
            self._place()
            self.endInsertRows()
        if len(self._rows) > MOST:
            self._drop(MOST, len(self._rows) - MOST)
            self._next = self._key(MOST - 1)
        self.shifted.emit()

    def _drop(self, at: int, count: int) -> None:
        self.beginRemoveRows(QModelIndex(), at, at + count - 1)
        del self._rows[at : at + count]
        self._place()
        self.endRemoveRows()

    def _place(self) -> None:
        self._places = {stored.id: row for row, stored in enumerate(self._rows)}
        self._stale.intersection_update(self._places)

    def _key(self, row: int) -> Key:
        stored = self._rows[row]
        return Key(stored.published_at, stored.id)

    def _set_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
