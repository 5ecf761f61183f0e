"""A table of values: columns say how a value reads. Rows come whole; the selection stays. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ui import icons, theme

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


@dataclass(frozen=True)
class Column(Generic[T]):
    """`icon` answers (name, colour); `width` 0 takes what is left over."""

    title: str
    text: Callable[[T], str]
    width: int = 0
    icon: Callable[[T], tuple[str, str]] | None = None
    tip: Callable[[T], str] | None = None
    color: Callable[[T], str] | None = None
    right: bool = False
    bold: bool = False


class TableModel(QAbstractTableModel, Generic[T]):
    def __init__(self, columns: Sequence[Column[T]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: tuple[T, ...] = ()

    def replace(self, rows: Sequence[T]) -> None:
        """Same length: cells change where they stand. Otherwise the table is laid anew."""
        if len(rows) == len(self.rows):
            self.rows = tuple(rows)
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.columns[section].right)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        column, value = self.columns[index.column()], self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(value)
            case Qt.ItemDataRole.ToolTipRole:
                return _plain_tip(column.tip(value)) if column.tip else None
            case Qt.ItemDataRole.DecorationRole:
                return _decoration(column.icon(value)) if column.icon else None
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(column.color(value)) if column.color else None
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column.right)
            case Qt.ItemDataRole.FontRole:
                return theme.font(bold=True) if column.bold else None
            case _:
                return None


class Table(QTableView):
    """`picked` follows the current row; `activated_row` is Enter or a double click."""

    picked = Signal(object)
    activated_row = Signal(object)

    def __init__(self, columns: Sequence[Column[Any]], name: str, key: Callable[[Any], object]) -> None:
        super().__init__()
        self._key = key
        self.values: TableModel[Any] = TableModel(columns, self)
        self.setModel(self.values)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(40)
        self._lay_columns(columns)
        self.selectionModel().currentRowChanged.connect(self._moved)
        self.doubleClicked.connect(self._open)
        theme.notifier().changed.connect(self.viewport().update)

    @property
    def current(self) -> Any | None:
        """The value of the current row."""
        row = self.currentIndex().row()
        return self.values.rows[row] if 0 <= row < len(self.values.rows) else None

    def show_rows(self, rows: Sequence[Any]) -> None:
        """The row a person was on stays theirs, wherever it now stands."""
        kept = self._key(self.current) if self.current is not None else None
        at = self.currentIndex().row()
        self.values.replace(rows)
        where = next((n for n, one in enumerate(rows) if self._key(one) == kept), -1)
        if where < 0 and rows:
            where = min(max(at, 0), len(rows) - 1)
        if where >= 0 and where != self.currentIndex().row():
            self.selectRow(where)
        self.picked.emit(self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.activated_row.emit(self.current)
            return
        super().keyPressEvent(event)

    def _lay_columns(self, columns: Sequence[Column[Any]]) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(48)
        for number, column in enumerate(columns):
            if column.width:
                self.setColumnWidth(number, column.width)
            else:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)

    def _moved(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self.picked.emit(self.current)

    def _open(self, _index: QModelIndex) -> None:
        if self.current is not None:
            self.activated_row.emit(self.current)


def _decoration(said: tuple[str, str]) -> QIcon:
    return icons.icon(*said)


def _alignment(right: bool) -> int:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _plain_tip(text: str) -> str:
    # Qt takes a tool tip that looks like markup for markup.
    return text.replace("<", "‹").replace(">", "›")
