"""A few choices side by side, one of them taken. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QHBoxLayout, QPushButton, QWidget


class Segments(QFrame):
    """`chosen` carries the key of the choice a person took."""

    chosen = Signal(str)

    def __init__(
        self, choices: Sequence[tuple[str, str]], name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "segments")
        self.setAccessibleName(name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        self._group = QButtonGroup(self)
        self._keys: list[str] = []
        for key, words in choices:
            self._add(layout, key, words)
        self._group.idClicked.connect(self._clicked)
        self._button(0).setChecked(True)

    @property
    def current(self) -> str:
        return self._keys[self._group.checkedId()]

    def choose(self, key: str) -> None:
        """Without telling anyone."""
        self._button(self._keys.index(key)).setChecked(True)

    def set_words(self, key: str, words: str) -> None:
        self._button(self._keys.index(key)).setText(words)

    def _add(self, layout: QHBoxLayout, key: str, words: str) -> None:
        made = QPushButton(words)
        made.setCheckable(True)
        made.setProperty("kind", "segment")
        made.setAutoDefault(False)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        self._group.addButton(made, len(self._keys))
        self._keys.append(key)
        layout.addWidget(made)

    def _button(self, number: int) -> QAbstractButton:
        return self._group.button(number)

    def _clicked(self, number: int) -> None:
        self.chosen.emit(self._keys[number])
