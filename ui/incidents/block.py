"""A part of the card: a heading and rows, laid anew only when what they show changed. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ui import theme
from ui.incidents.entry import PAD
from ui.widgets.parts import Part, clear, column, label, row

Make = Callable[[], Sequence[QWidget]]


class Block(QFrame):
    """Gone while it has no rows. The keyboard's place survives a new laying."""

    def __init__(
        self, title: str, about: str = "", *extras: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self.count: QLabel = label("", "small")
        self._key: object = None
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        layout = QVBoxLayout(self)
        # Rows have a margin of their own, for the frame the keyboard draws around them.
        layout.setContentsMargins(theme.L - PAD, theme.M, theme.L - PAD, theme.M)
        layout.setSpacing(theme.XS)
        head: list[Part] = [label(title, "heading"), self.count, None, *extras]
        words = column(row(*head), spacing=0)
        words.setContentsMargins(PAD, 0, 0, 0)
        if about:
            words.addWidget(label(about, "small", wrap=True))
        layout.addLayout(words)
        layout.addLayout(self._rows)
        self.hide()

    def fill(self, key: object, make: Make, *, count: str = "") -> None:
        """`key`: the values the rows show; the same key leaves them as they stand."""
        self.count.setText(count)
        if key == self._key:
            return
        self._key = key
        at = self._focused()
        clear(self._rows)
        made = list(make())
        for one in made:
            self._rows.addWidget(one)
        self.setVisible(bool(made))
        if made and at >= 0:
            for one in made:
                one.show()  # a widget that waits to be shown takes no focus
            made[min(at, len(made) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def rows(self) -> tuple[QWidget, ...]:
        """What stands in it."""
        items = (self._rows.itemAt(place) for place in range(self._rows.count()))
        widgets = (item.widget() for item in items if item is not None)
        return tuple(one for one in widgets if one is not None)

    def _focused(self) -> int:
        """Which row the keyboard is in; -1: none."""
        for place, one in enumerate(self.rows):
            focus = one.focusWidget()
            if one.hasFocus() or (focus is not None and focus.hasFocus()):
                return place
        return -1
