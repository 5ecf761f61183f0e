"""The search in the query language; a fault is shown at the very character. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from app.errors import QueryError
from app.i18n import _
from ui import icons, theme
from ui.feed import plain
from ui.widgets.parts import label


class SearchField(QLineEdit):
    """A search in the query language; a fault is underlined where it stands."""

    asked = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.error: QueryError | None = None
        self.setPlaceholderText(_('Search: words, "phrases", AND OR NOT, NEAR/10, author:name'))
        self.setClearButtonEnabled(True)
        self.setMaxLength(1000)
        self.setAccessibleName(_("Search"))
        search = QAction(self)
        icons.dress(search, "search", "faint")
        self.addAction(search, QLineEdit.ActionPosition.LeadingPosition)
        self._soon = QTimer(self, singleShot=True, interval=300)
        self._soon.timeout.connect(self._ask)
        self.textChanged.connect(self._on_text)
        self.returnPressed.connect(self._ask)

    def blame(self, error: QueryError | None) -> None:
        self.error = error
        self.setProperty("bad", error is not None)
        theme.restyle(self)

    def x_of(self, character: int) -> int:
        """Where a character begins, in pixels of this field."""
        metrics = self.fontMetrics()
        here = self.cursorRect().center().x()
        before = metrics.horizontalAdvance(self.text()[: self.cursorPosition()])
        return here - before + metrics.horizontalAdvance(self.text()[:character])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.error is None:
            return
        left = self.x_of(self.error.at)
        right = max(left + 6, self.x_of(self.error.at + max(1, self.error.length)))
        low = self.rect().center().y() + self.fontMetrics().height() // 2 + 2
        points = [QPointF(x, low + (2 if (x - left) // 2 % 2 else 0)) for x in range(left, right + 1, 2)]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.colors().negative), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.end()

    def _on_text(self, _text: str) -> None:
        self._soon.start()

    def _ask(self) -> None:
        self._soon.stop()
        self.asked.emit(self.text().strip())


class Fault(QFrame):
    """Under the field: a pointer at the character and what is wrong with it."""

    def __init__(self, field: SearchField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._words = label("", "error", wrap=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 7, 2, 0)
        layout.addWidget(self._words)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    def tell(self, error: QueryError | None) -> None:
        self.setVisible(error is not None)
        if error is None:
            return
        told = _("{problem} (character {n})")
        self._words.setText(told.format(problem=plain.visible(error.text), n=error.at + 1))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        error = self._field.error
        if error is None:
            return
        x = self.mapFrom(
            self.window(), self._field.mapTo(self.window(), QPoint(self._field.x_of(error.at), 0))
        ).x()
        x = max(6, min(x + 3, self.width() - 6))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colors().negative))
        painter.drawPolygon(QPolygonF([QPointF(x, 1), QPointF(x - 5, 7), QPointF(x + 5, 7)]))
        painter.end()
