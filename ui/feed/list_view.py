"""The list of cards: where the reader is, what is chosen, and neither ever moved by news. GUI thread.

One card is current (the cursor); several may be chosen. Moving chooses what it moves to, until the
reader begins to mark: then moving only moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QPushButton, QWidget

from app.domain.mention import Stored
from app.i18n import _, ngettext
from ui import icons
from ui.feed.card_delegate import CardDelegate
from ui.feed.list_model import FeedModel

Index = QModelIndex | QPersistentModelIndex
Select = QItemSelectionModel.SelectionFlag


class Place(NamedTuple):
    """The card at the top edge and how far it reaches above it."""

    id: int
    top: int


class FeedView(QListView):
    current_changed = Signal(int)
    """The mention under the cursor; 0 for none."""
    chosen_changed = Signal(int)
    """How many are chosen."""
    waiting_pressed = Signal()

    def __init__(self, model: FeedModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards = CardDelegate(self)
        self.rows = model
        self._place: Place | None = None
        self._kept: tuple[int, tuple[int, ...]] = (0, ())
        self.setAccessibleName(_("Mentions"))
        self.setModel(model)
        self.setItemDelegate(self.cards)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there, so that its coming and going never breaks lines anew.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setStyleSheet("QListView { background: transparent; }")
        self.verticalScrollBar().setSingleStep(40)
        self._pill = self._make_pill()
        self._seen_soon = QTimer(self, singleShot=True, interval=60)
        self._seen_soon.timeout.connect(self.tell_visible)
        self._clock = QTimer(self, interval=30_000)
        self._clock.timeout.connect(self.viewport().update)
        self._clock.start()
        self._wire(model)

    def _wire(self, model: FeedModel) -> None:
        model.modelAboutToBeReset.connect(self._remember_chosen)
        model.reset_done.connect(self._restore_chosen)
        model.about_to_shift.connect(self._hold)
        model.shifted.connect(self._keep_place)
        model.waiting_changed.connect(self._show_waiting)
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.selectionModel().selectionChanged.connect(self._on_chosen)

    # where the reader is

    def visible_ids(self) -> list[int]:
        """The mentions on screen, top to bottom."""
        first = self._first_row()
        bottom = self.viewport().height()
        made: list[int] = []
        for row in range(max(first, 0), self.rows.rowCount()):
            if self.visualRect(self.rows.index(row)).top() >= bottom:
                break
            made.append(self.rows.stored(row).id)
        return made

    def tell_visible(self) -> None:
        """Let the model know which rows to keep fresh."""
        self.rows.watch(self.visible_ids())

    def to_top(self) -> None:
        self.verticalScrollBar().setValue(0)

    def _first_row(self) -> int:
        middle = self.viewport().width() // 2
        for y in (1, 9, 17):
            index = self.indexAt(QPoint(middle, y))
            if index.isValid():
                return index.row()
        return 0 if self.rows.rowCount() else -1

    def _hold(self) -> None:
        row = self._first_row()
        if row < 0:
            self._place = None
            return
        self._place = Place(self.rows.stored(row).id, self.visualRect(self.rows.index(row)).top())

    def _keep_place(self) -> None:
        self.executeDelayedItemsLayout()
        held, self._place = self._place, None
        if held is not None and (row := self.rows.row_of(held.id)) >= 0:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualRect(self.rows.index(row)).top() - held.top)
        self._seen_soon.start()

    def _on_scroll(self, value: int) -> None:
        bar = self.verticalScrollBar()
        near = 2 * self.viewport().height()
        if value > bar.maximum() - near:
            self.rows.fetchMore(QModelIndex())
        if value < near:
            self.rows.fetch_newer()
        if not self._seen_soon.isActive():
            self._seen_soon.start()

    # cursor and choice

    @property
    def current_id(self) -> int:
        index = self.currentIndex()
        return self.rows.stored(index.row()).id if index.isValid() else 0

    @property
    def marking(self) -> bool:
        return self.cards.marking

    def chosen(self) -> list[Stored]:
        """What an act applies to: the chosen ones, else the one under the cursor."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        if not rows and self.currentIndex().isValid():
            rows = [self.currentIndex().row()]
        return [self.rows.stored(row) for row in rows]

    def step(self, by: int, *, extend: bool = False) -> None:
        """Move the cursor; `extend` chooses what it passes."""
        count = self.rows.rowCount()
        if not count:
            return
        here = self.currentIndex()
        row = min(max(here.row() + by, 0), count - 1) if here.isValid() else max(self._first_row(), 0)
        if extend:
            self._begin_marking()
            flags = Select.Select
        else:
            flags = Select.NoUpdate if self.marking else Select.ClearAndSelect
        self.selectionModel().setCurrentIndex(self.rows.index(row), flags)

    def toggle(self) -> None:
        """Mark or unmark the card under the cursor."""
        index = self.currentIndex()
        if not index.isValid():
            self.step(0)
            index = self.currentIndex()
        if not self.marking:
            self._begin_marking()
            self.selectionModel().select(index, Select.Select)
        else:
            self.selectionModel().select(index, Select.Toggle)
        self._on_chosen()

    def choose_all(self) -> None:
        self._begin_marking()
        self.selectAll()

    def stop_marking(self) -> None:
        """Only the card under the cursor stays chosen."""
        self._set_marking(False)
        index = self.currentIndex()
        if index.isValid():
            self.selectionModel().select(index, Select.ClearAndSelect)
        else:
            self.clearSelection()
        self._on_chosen()

    def go_to(self, id: int) -> bool:
        """Put the cursor on a mention, if it is among the rows."""
        row = self.rows.row_of(id)
        if row < 0:
            return False
        self.selectionModel().setCurrentIndex(self.rows.index(row), Select.ClearAndSelect)
        return True

    def _begin_marking(self) -> None:
        self._set_marking(True)

    def _set_marking(self, marking: bool) -> None:
        if self.cards.marking != marking:
            self.cards.marking = marking
            self.viewport().update()

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.current_changed.emit(self.rows.stored(current.row()).id if current.isValid() else 0)

    def _on_chosen(self, *_changed: QItemSelection) -> None:
        count = len(self.selectionModel().selectedIndexes())
        if count != 1:
            self._set_marking(count > 1)
        self.chosen_changed.emit(count if self.marking else 0)

    def _remember_chosen(self) -> None:
        chosen = tuple(self.rows.stored(index.row()).id for index in self.selectedIndexes())
        self._kept = (self.current_id, chosen)

    def _restore_chosen(self) -> None:
        current, chosen = self._kept
        self.executeDelayedItemsLayout()
        selected = QItemSelection()
        for one in chosen:
            if (row := self.rows.row_of(one)) >= 0:
                selected.select(self.rows.index(row), self.rows.index(row))
        self.selectionModel().select(selected, Select.ClearAndSelect)
        if (row := self.rows.row_of(current)) >= 0:
            self.selectionModel().setCurrentIndex(self.rows.index(row), Select.NoUpdate)
        if selected.isEmpty():
            self._set_marking(False)
        self._on_chosen()
        self.to_top()
        self._seen_soon.start()

    # Qt

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Qt would put the cursor on the first card, which nobody asked to read.
        if not self.currentIndex().isValid():
            event = QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.MouseFocusReason)
        super().focusInEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.modifiers() == Qt.KeyboardModifier.NoModifier and len(self.selectedIndexes()) == 1:
            # A plain click ends choosing. Qt settles what is chosen only on release.
            self._set_marking(False)
            self._on_chosen()

    def dataChanged(self, top: Index, bottom: Index, roles: Sequence[int] = ()) -> None:
        # The list view lays out everything anew for this; a card of the same height needs only paint.
        if top.row() == bottom.row():
            stored = self.rows.stored(top.row())
            height = self.cards.height_of(stored, self.viewport().width())
            if self.visualRect(top).height() == height:
                self.update(top)
                return
        self._hold()
        super().dataChanged(top, bottom, list(roles))
        self._keep_place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_pill()
        self._seen_soon.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.cards.forget()

    # what waits

    def _make_pill(self) -> QPushButton:
        pill = QPushButton(self)
        pill.setProperty("kind", "primary")
        pill.setCursor(Qt.CursorShape.PointingHandCursor)
        pill.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        pill.setStyleSheet("QPushButton { border-radius: 15px; padding: 5px 16px; }")
        icons.dress(pill, "arrow-up", "accent_text")
        pill.clicked.connect(self.waiting_pressed)
        pill.hide()
        return pill

    def _show_waiting(self, count: int) -> None:
        if count >= 1000:
            self._pill.setText(_("{n}+ new mentions").format(n=999))
        else:
            self._pill.setText(ngettext("{n} new mention", "{n} new mentions", count).format(n=count))
        self._pill.setVisible(count > 0)
        self._place_pill()

    def _place_pill(self) -> None:
        self._pill.adjustSize()
        self._pill.move((self.viewport().width() - self._pill.width()) // 2, 10)
        self._pill.raise_()
