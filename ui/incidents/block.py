"""A part of the card: a heading and rows, laid anew only when what they show changed. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.i18n import ngettext
from ui import theme
from ui.incidents.entry import PAD
from ui.widgets.parts import Part, button, clear, column, label, row

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
        self._most = 0
        self._whole = False
        self.more = button("", self.show_all, kind="quiet", icon="chevron-down")
        self.more.hide()
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
        layout.addLayout(row(self.more, None))
        self.hide()

    def fold(self) -> None:
        """Only the first rows, until a person asks for all again."""
        self._whole = False
        self._show_first()

    def show_all(self) -> None:
        self._whole = True
        hidden = next((one for one in self.rows if one.isHidden()), None)
        self._show_first()
        if hidden is not None:
            hidden.setFocus(Qt.FocusReason.OtherFocusReason)

    def fill(self, key: object, make: Make, *, count: str = "", most: int = 0) -> None:
        """`key`: the values the rows show; the same key leaves them as they stand. `most`: 0 for all."""
        self.count.setText(count)
        if key == self._key:
            return
        self._key, self._most = key, most
        at = self._focused()
        clear(self._rows)
        made = list(make())
        for one in made:
            self._rows.addWidget(one)
        self.setVisible(bool(made))
        self._show_first()
        if made and at >= 0:
            there = made[min(at, len(made) - 1)]
            there.show()  # a widget that waits to be shown takes no focus
            there.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def rows(self) -> tuple[QWidget, ...]:
        """What stands in it."""
        items = (self._rows.itemAt(place) for place in range(self._rows.count()))
        widgets = (item.widget() for item in items if item is not None)
        return tuple(one for one in widgets if one is not None)

    def _show_first(self) -> None:
        rows = self.rows
        # One more row takes no more room than the button that hides it.
        cut = bool(self._most) and not self._whole and len(rows) > self._most + 1
        for place, one in enumerate(rows):
            one.setVisible(not cut or place < self._most)
        rest = len(rows) - self._most
        self.more.setVisible(cut)
        self.more.setText(ngettext("{n} more", "{n} more", rest).format(n=rest))

    def _focused(self) -> int:
        """Which row the keyboard is in; -1: none."""
        for place, one in enumerate(self.rows):
            focus = one.focusWidget()
            if one.hasFocus() or (focus is not None and focus.hasFocus()):
                return place
        return -1
