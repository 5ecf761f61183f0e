"""A line at the foot of the window that says what was done, and goes away by itself. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.i18n import _
from ui import icons, theme
from ui.widgets.parts import label

SHORT, LONG = 4000, 9000


def say(near: QWidget, text: str, *, error: bool = False) -> None:
    """Shown in the window that holds `near`; errors stay longer."""
    window = near.window()
    snack = window.findChild(Snack, "snack", Qt.FindChildOption.FindDirectChildrenOnly) or Snack(window)
    snack.show_text(text, error=error)


class Snack(QFrame):
    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("snack")
        self.setProperty("role", "snack")
        self._picture = icons.picture("warning", 18, "window")
        self.words = label(wrap=True)
        self._frame = window
        layout = self._box = QHBoxLayout(self)
        layout.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        layout.setSpacing(theme.S)
        layout.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.words, 1)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.setAccessibleName(_("Message"))
        window.installEventFilter(self)
        self.hide()

    def show_text(self, text: str, *, error: bool = False) -> None:
        self._picture.setVisible(error)
        self.words.setText(text)
        self.setAccessibleDescription(text)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(LONG if error else SHORT)

    def mousePressEvent(self, _event: object) -> None:
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        window = self._frame
        lengthy = self.fontMetrics().horizontalAdvance(self.words.text()) + 80
        width = max(160, min(window.width() - 2 * theme.XL, 560, lengthy))
        self.setFixedWidth(width)
        height = self._box.heightForWidth(width)
        self.setFixedHeight(max(height, 40))
        self.move((window.width() - width) // 2, window.height() - self.height() - 48)
