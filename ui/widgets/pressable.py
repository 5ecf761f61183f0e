"""A row painted by hand that can be pressed, with the pointer or with Enter and Space. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui import theme


class Pressable(QAbstractButton):
    """The ground under the pointer, the frame around what has the keyboard; the rest is the row's own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.notifier().changed.connect(self.update)

    @property
    def hot(self) -> bool:
        """Would a press do something now?"""
        return self.isEnabled() and (self.underMouse() or self.isDown())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def begin(self) -> QPainter:
        """A painter that has painted the ground; whoever asks ends it."""
        now = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(now.accent)) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.hover) if self.hot else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(edge, 6, 6)
        return painter
