"""A list of values painted row by row: the row a person is on stays theirs. GUI thread."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from ui import theme

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
AGEING_MS = 30_000


class RowModel(QAbstractListModel):
    """`spoken` is the row in a sentence, `tip` its tool tip."""

    def __init__(self, spoken: Callable[[Any], str], tip: Callable[[Any], str]) -> None:
        super().__init__()
        self.rows: tuple[Any, ...] = ()
        self._spoken = spoken
        self._tip = tip

    def replace(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.rows):
            return None
        value = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return value
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(value)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(value)
            case _:
                return None


class RowList(QListView):
    """`picked` follows the current row; rows have an `id`. J and K move."""

    picked = Signal(object)

    def __init__(self, name: str, values: RowModel, painter: RowPainter) -> None:
        super().__init__()
        self.values = values
        self._painter = painter
        self.setModel(values)
        self.setItemDelegate(painter)
        painter.setParent(self)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.selectionModel().currentChanged.connect(self._moved)
        # Ages grow older by themselves: a repaint, nothing is read.
        self._ageing = QTimer(self, interval=AGEING_MS)
        self._ageing.timeout.connect(self.viewport().update)
        self._ageing.start()
        theme.notifier().changed.connect(self.viewport().update)

    @property
    def chosen(self) -> Any | None:
        """The value of the current row."""
        return self.currentIndex().data(Qt.ItemDataRole.UserRole)

    def show_rows(self, rows: Sequence[Any]) -> None:
        """The row a person was on stays theirs; nothing scrolls under their eyes."""
        kept = self.chosen
        at, scrolled = self.currentIndex().row(), self.verticalScrollBar().value()
        grown = len(rows) - len(self.values.rows)
        self.values.replace(rows)
        where = next((n for n, one in enumerate(rows) if kept and one.id == kept.id), -1)
        if where < 0 and rows:
            where = min(max(at, 0), len(rows) - 1)
        if where >= 0:
            self.setCurrentIndex(self.values.index(where))
        moved = self._painter.HEIGHT * grown if scrolled and grown > 0 else 0
        self.verticalScrollBar().setValue(scrolled + moved)
        self.picked.emit(self.chosen)

    def go_to(self, id: int) -> bool:
        """Make the row with this id the current one, if it is listed."""
        where = next((n for n, one in enumerate(self.values.rows) if one.id == id), -1)
        if where >= 0:
            self.setCurrentIndex(self.values.index(where))
            self.scrollTo(self.values.index(where))
        return where >= 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        letter = event.text().lower()
        if letter in ("j", "k") and not event.modifiers():
            self._step(1 if letter == "j" else -1)
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        row = min(max(self.currentIndex().row() + by, 0), len(self.values.rows) - 1)
        if row >= 0:
            self.setCurrentIndex(self.values.index(row))

    def _moved(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self.picked.emit(self.chosen)


class RowPainter(QStyledItemDelegate):
    """Paints the ground and the hairline; `draw` paints the value."""

    HEIGHT = 86

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(240, self.HEIGHT)

    @abstractmethod
    def draw(self, painter: QPainter, inner: QRect, value: Any) -> None:
        """Within the margins."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        value = index.data(Qt.ItemDataRole.UserRole)
        if value is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        self._ground(painter, rect, option.state)
        self.draw(painter, rect.adjusted(theme.L, theme.M, -theme.L, -theme.M), value)
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        now = theme.colors()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(now.selection))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(now.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(now.hover))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(now.line))


def draw_pill(painter: QPainter, left: int, top: int, words: str, colors: tuple[str, str]) -> int:
    """A word on a soft ground, `colors` its ink and ground; where the next thing may stand."""
    font = theme.font(theme.SMALL, bold=True)
    where = QRect(left, top, QFontMetrics(font).horizontalAdvance(words) + 16, 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colors[1]))
    painter.drawRoundedRect(where, 10, 10)
    painter.setFont(font)
    painter.setPen(QColor(colors[0]))
    painter.drawText(where, Qt.AlignmentFlag.AlignCenter, words)
    return where.right() + theme.S


def draw_right(painter: QPainter, top: int, right: int, words: str, color: str) -> int:
    """Small words that end at `right`; where what stands before them must end."""
    width = QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(words)
    draw_words(painter, QRect(right - width, top, width + 2, 20), words, color, size=theme.SMALL)
    return right - width - theme.S


def draw_words(
    painter: QPainter, where: QRect, words: str, color: str, *, size: int = theme.BODY, bold: bool = False
) -> None:
    """One line, cut with an ellipsis."""
    font = theme.font(size, bold=bold)
    painter.setFont(font)
    painter.setPen(QColor(color))
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, where.width())
    painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
