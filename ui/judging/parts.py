"""What the panels share: asking, choosing a brand, and figures side by side. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from app.domain.watch import Watch
from app.i18n import _, clauses
from ui import theme
from ui.feed import plain
from ui.widgets.parts import boxed, clear, column, label


class BrandChoice(QComboBox):
    """One of our brands, or all; `brand_chosen` only when a person chose."""

    brand_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Brand"))
        # A brand's name may be as long as it likes: the box is not.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.addItem(_("All brands"), None)
        self.activated.connect(self._activated)

    @property
    def brand_id(self) -> int | None:
        chosen = self.currentData()
        return int(chosen) if chosen is not None else None

    def show_brands(self, brands: tuple[Watch, ...]) -> None:
        """Competitors are judged, but nobody teaches the judge for them."""
        ours = [(plain.one_line(brand.name, 60), brand.id) for brand in brands if not brand.competitor]
        shown = [(self.itemText(n), self.itemData(n)) for n in range(1, self.count())]
        if ours == shown:
            return
        kept = self.brand_id
        with QSignalBlocker(self):
            self.clear()
            self.addItem(_("All brands"), None)
            for name, id_ in ours:
                self.addItem(name, id_)
                self.setItemData(self.count() - 1, name.replace("<", "‹"), Qt.ItemDataRole.ToolTipRole)
            self.setCurrentIndex(max(0, self.findData(kept)) if kept is not None else 0)

    def _activated(self, _number: int) -> None:
        self.brand_chosen.emit()


class Cell(NamedTuple):
    """A figure; under it how sure it is. `best` stands out."""

    text: str
    note: str = ""
    best: bool = False


class Line(NamedTuple):
    """What is measured, what that means, and a cell for each head."""

    name: str
    about: str
    cells: tuple[Cell, ...]


class SideBySide(QWidget):
    """What is measured down, who is measured across; read aloud line by line."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.heads: tuple[str, ...] = ()
        self.lines: tuple[Line, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.L)
        self._grid.setVerticalSpacing(theme.M)

    def show_lines(self, heads: Sequence[str], lines: Sequence[Line]) -> None:
        self.heads, self.lines = tuple(heads), tuple(lines)
        clear(self._grid)
        top = Qt.AlignmentFlag.AlignTop
        for place, head in enumerate(self.heads, 1):
            self._grid.addWidget(label(head, "column", wrap=True), 0, place, Qt.AlignmentFlag.AlignBottom)
            self._grid.setColumnStretch(place, 2)
        self._grid.setColumnStretch(0, 3)
        for number, line in enumerate(self.lines, 1):
            parts = [label(line.name, wrap=True)]
            if line.about:
                parts.append(label(line.about, "small", wrap=True))
            self._grid.addWidget(boxed(column(*parts, spacing=0)), number, 0, top)
            for place, cell in enumerate(line.cells, 1):
                self._grid.addWidget(_cell(cell), number, place, top)
        self.setAccessibleDescription("\n".join(_spoken(self.heads, line) for line in self.lines))


def _cell(cell: Cell) -> QWidget:
    parts = [label(cell.text, "strong" if cell.best else "")]
    if cell.note:
        parts.append(label(cell.note, "small", wrap=True))
    return boxed(column(*parts, spacing=0))


def _spoken(heads: Sequence[str], line: Line) -> str:
    each = (f"{head} {cell.text} {cell.note}".strip() for head, cell in zip(heads, line.cells, strict=True))
    return f"{line.name}: {clauses(each)}"


def percent(share: float) -> str:
    """0.8293 → 82.9 %"""
    return f"{share * 100:.1f}\u00a0%"
