"""The alert list: rows painted from values, one a raised alert. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
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

from app.domain.alert import Alert, AlertState
from app.i18n import _
from ui import theme
from ui.feed import plain

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
HEIGHT = 86


def severity_words(alert: Alert) -> str:
    """The pill: P1 Critical."""
    return f"{alert.severity} {theme.severity_word(alert.severity)}"


def state_word(state: AlertState) -> str:
    """For people."""
    return {AlertState.OPEN: _("Open"), AlertState.SEEN: _("In hand"), AlertState.DONE: _("Done")}[state]


def headline(alert: Alert) -> str:
    """The title without its severity, which stands beside it."""
    return plain.one_line(alert.title, 160).removeprefix(alert.severity).lstrip()


def delivered_words(alert: Alert) -> str:
    """What became of the desktop notification, in words."""
    what, _colon, why = alert.delivered.partition(":")
    reason = plain.squeezed(why, 120)
    match what.strip():
        case "shown":
            return _("Shown on the desktop")
        case "failed":
            return _("The desktop notification failed: {reason}").format(reason=reason)
        case "held":
            return _("No desktop notification: {reason}").format(reason=reason)
        case "":
            return _("No desktop notification")
        case _:
            return plain.squeezed(alert.delivered, 120)


class AlertModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Alert, ...] = ()

    def replace(self, rows: Sequence[Alert]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.rows):
            return None
        alert = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return alert
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return _spoken(alert)
            case Qt.ItemDataRole.ToolTipRole:
                return plain.clock_time(alert.created_at)
            case _:
                return None


class AlertList(QListView):
    """`picked` follows the current row; `key_act` carries what a letter key asks for."""

    picked = Signal(object)
    key_act = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.values = AlertModel()
        self.setModel(self.values)
        self.setItemDelegate(_Painter(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Alerts"))
        self.selectionModel().currentChanged.connect(self._moved)
        self.doubleClicked.connect(self._open)
        # Ages grow older by themselves: a repaint, nothing is read.
        self._ageing = QTimer(self, interval=30_000)
        self._ageing.timeout.connect(self.viewport().update)
        self._ageing.start()
        theme.notifier().changed.connect(self.viewport().update)

    @property
    def current(self) -> Alert | None:
        found = self.currentIndex().data(Qt.ItemDataRole.UserRole)
        return found if isinstance(found, Alert) else None

    def show_rows(self, rows: Sequence[Alert]) -> None:
        """The alert a person was on stays theirs; nothing scrolls under their eyes."""
        kept = self.current
        at, scrolled = self.currentIndex().row(), self.verticalScrollBar().value()
        grown = len(rows) - len(self.values.rows)
        self.values.replace(rows)
        where = next((n for n, one in enumerate(rows) if kept and one.id == kept.id), -1)
        if where < 0 and rows:
            where = min(max(at, 0), len(rows) - 1)
        if where >= 0:
            self.setCurrentIndex(self.values.index(where))
        moved = HEIGHT * grown if scrolled and grown > 0 else 0
        self.verticalScrollBar().setValue(scrolled + moved)
        self.picked.emit(self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        letter = event.text().lower()
        if letter in ("j", "k"):
            self._step(1 if letter == "j" else -1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.key_act.emit("open")
        elif letter and letter in ("r", "c", "i", "d") and not event.modifiers():
            self.key_act.emit({"r": "reply", "c": "claim", "i": "ignore", "d": "done"}[letter])
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        row = min(max(self.currentIndex().row() + by, 0), len(self.values.rows) - 1)
        if row >= 0:
            self.setCurrentIndex(self.values.index(row))

    def _moved(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self.picked.emit(self.current)

    def _open(self, _index: QModelIndex) -> None:
        self.key_act.emit("open")


class _Painter(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(240, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        alert = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(alert, Alert):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = theme.colors()
        rect: QRect = option.rect
        state = option.state
        self._ground(painter, rect, state)
        inner = rect.adjusted(theme.L, theme.M, -theme.L, -theme.M)
        dim = alert.state is AlertState.DONE
        left = _pill(painter, inner, severity_words(alert), alert)
        right = self._age(painter, inner, alert)
        if alert.copies > 1:
            right = _right(painter, inner, right, f"×{alert.copies}", now.warning)
        title = QRect(left, inner.top(), right - left - theme.S, 20)
        _text(painter, title, headline(alert), now.muted if dim else now.text, bold=not dim)
        body = QRect(inner.left(), inner.top() + 24, inner.width(), 18)
        _text(painter, body, plain.squeezed(alert.body, 240), now.muted)
        foot = QRect(inner.left(), inner.top() + 45, inner.width(), 18)
        words = f"{state_word(alert.state)}  ·  {plain.squeezed(alert.reason, 160)}"
        _text(painter, foot, words, now.muted, size=theme.SMALL)
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        now = theme.colors()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(now.selection))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(now.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(now.hover))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(now.line))

    def _age(self, painter: QPainter, inner: QRect, alert: Alert) -> int:
        words = plain.ago(alert.created_at, datetime.now(UTC))
        return _right(painter, inner, inner.right(), words, theme.colors().muted)


def _pill(painter: QPainter, inner: QRect, words: str, alert: Alert) -> int:
    color, ground = theme.severity_colors(alert.severity)
    font = theme.font(theme.SMALL, bold=True)
    width = QFontMetrics(font).horizontalAdvance(words) + 16
    where = QRect(inner.left(), inner.top(), width, 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(where, 10, 10)
    painter.setFont(font)
    painter.setPen(QColor(color))
    painter.drawText(where, Qt.AlignmentFlag.AlignCenter, words)
    return where.right() + theme.S


def _right(painter: QPainter, inner: QRect, right: int, words: str, color: str) -> int:
    width = QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(words)
    _text(painter, QRect(right - width, inner.top(), width + 2, 20), words, color, size=theme.SMALL)
    return right - width - theme.S


def _text(
    painter: QPainter, where: QRect, words: str, color: str, *, size: int = theme.BODY, bold: bool = False
) -> None:
    font = theme.font(size, bold=bold)
    painter.setFont(font)
    painter.setPen(QColor(color))
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, where.width())
    painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)


def _spoken(alert: Alert) -> str:
    words = [severity_words(alert), headline(alert), alert.body, state_word(alert.state), alert.reason]
    return "; ".join(plain.squeezed(one, 160) for one in words if one)
