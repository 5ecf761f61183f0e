"""A small figure or word that opens the posts it rests on. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from ui.dialogs.posts import Behind


class Chip(QPushButton):
    """`wanted` carries its Behind."""

    wanted = Signal(object)

    def __init__(
        self, text: str, behind: Behind, *, spoken: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text.replace("&", "&&"), parent)
        self.behind = behind
        self.setProperty("kind", "chip")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(spoken or text)
        self.setToolTip((spoken or text).replace("<", "‹").replace(">", "›"))
        self.clicked.connect(self._press)

    def _press(self) -> None:
        self.wanted.emit(self.behind)
