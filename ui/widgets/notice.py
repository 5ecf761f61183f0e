"""Things said inside a page: a soft box, and the banner over the whole window. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui import icons, theme
from ui.widgets.parts import label, set_tone

_ICONS = {"negative": "warning", "positive": "check", "warning": "warning", "accent": "info"}


class Notice(QFrame):
    """Hidden while it has nothing to say. `tone`: negative, positive, warning, accent or nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._picture = icons.picture("info", 18, "muted")
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        self._box.setSpacing(theme.S)
        self.words = label(wrap=True, selectable=True)
        self._box.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        self._box.addWidget(self.words, 1)
        self.hide()

    def say(self, text: str, tone: str = "") -> None:
        self.words.setText(text)
        set_tone(self, tone)
        self._picture.deleteLater()
        role = {"accent": "accent"}.get(tone, tone or "muted")
        self._picture = icons.picture(_ICONS.get(tone, "info"), 18, role)
        self._box.insertWidget(0, self._picture, 0, Qt.AlignmentFlag.AlignTop)
        self.setVisible(bool(text))

    def quiet(self) -> None:
        self.hide()


class Banner(QFrame):
    """A strip over the content: what is out of the ordinary, and the way back."""

    def __init__(self, icon: str, text: str, *extras: QWidget, tone: str = "warning") -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setProperty("tone", tone)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
        layout.setSpacing(theme.S)
        layout.addWidget(icons.picture(icon, 18, tone))
        self.words = label(text, wrap=True)
        layout.addWidget(self.words, 1)
        for extra in extras:
            layout.addWidget(extra)

    def say(self, text: str) -> None:
        self.words.setText(text)
