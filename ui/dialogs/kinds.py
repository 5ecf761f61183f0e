"""Cards to choose a kind from: what it is called, what it does, and a word beside it. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QVBoxLayout, QWidget

from ui import icons, theme
from ui.widgets.parts import clear, label, pill, scrolled

COLUMNS = 2


class Choice(NamedTuple):
    """`mark` stands in a pill ("" for none); `value` is what `picked` carries."""

    value: Any
    name: str
    about: str
    icon: str
    mark: str = ""


class KindPicker(QWidget):
    """`picked` carries the value of the card a person took."""

    picked = Signal(object)

    def __init__(self, question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self._group.idClicked.connect(self._clicked)
        inner = QWidget()
        self._cards = QGridLayout(inner)
        self._cards.setContentsMargins(0, 0, theme.M, 0)
        self._cards.setSpacing(theme.S)
        for number in range(COLUMNS):
            self._cards.setColumnStretch(number, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(label(question, "muted"))
        outer.addWidget(scrolled(inner))

    def show_choices(self, choices: Sequence[Choice]) -> None:
        clear(self._cards)
        self._choices = tuple(choices)
        for number, one in enumerate(self._choices):
            card = _card(one)
            self._group.addButton(card, number)
            self._cards.addWidget(card, number // COLUMNS, number % COLUMNS)
        self._cards.setRowStretch(len(self._choices), 1)
        if self._choices:
            self._group.button(0).setFocus()

    def _clicked(self, number: int) -> None:
        self.picked.emit(self._choices[number].value)


def _card(one: Choice) -> QPushButton:
    made = QPushButton()
    made.setProperty("kind", "card")
    made.setAutoDefault(False)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAccessibleName(one.name)
    made.setAccessibleDescription(one.about)
    grid = QGridLayout(made)
    grid.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
    grid.setHorizontalSpacing(theme.M)
    grid.setVerticalSpacing(2)
    grid.addWidget(icons.picture(one.icon, 24, "accent"), 0, 0, 2, 1)
    grid.addWidget(label(one.name, "strong"), 0, 1)
    if one.mark:
        grid.addWidget(pill(one.mark, "accent"), 0, 2, Qt.AlignmentFlag.AlignRight)
    grid.addWidget(label(one.about, "muted", wrap=True), 1, 1, 1, 2)
    grid.setColumnStretch(1, 1)
    made.setMinimumHeight(84)
    for child in made.findChildren(QWidget):
        child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return made
