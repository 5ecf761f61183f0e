"""What a draft rests on: one chip an entry or mention, which opens it. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.domain.draft import Rest
from app.i18n import _
from ui.feed import plain
from ui.widgets.flow import Flow
from ui.widgets.parts import boxed, button, clear, label

_ICONS = {"entry": "template", "mention": "comment"}


class Rests(QWidget):
    """Hidden while there is nothing to name."""

    opened = Signal(object)
    """Rest: a person wants to see it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rests: tuple[Rest, ...] = ()
        self._chips = Flow()
        self.chips: list[QPushButton] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(label(_("Rests on"), "muted"))
        layout.addWidget(boxed(self._chips), 1)
        self.hide()

    @property
    def rests(self) -> tuple[Rest, ...]:
        return self._rests

    def show_rests(self, rests: Sequence[Rest]) -> None:
        self._rests = tuple(dict.fromkeys(rests))
        clear(self._chips)
        self.chips = []
        for number, rest in enumerate(self._rests):
            chip = button(_words(rest), self._press, kind="chip", icon=_ICONS.get(rest.kind, "info"))
            chip.setObjectName(str(number))
            self._chips.addWidget(chip)
            self.chips.append(chip)
        self.setVisible(bool(self._rests))

    def _press(self) -> None:
        self.opened.emit(self._rests[int(self.sender().objectName())])


def _words(rest: Rest) -> str:
    told = _("Post #{id}") if rest.kind == "mention" else _("Entry {id}")
    words = told.format(id=rest.id)
    return f"{words} · {plain.squeezed(rest.title, 28)}" if rest.title else words
