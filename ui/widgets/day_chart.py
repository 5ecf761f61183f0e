"""How many a day, as bars. GUI thread.

pyqtgraph takes its time to load: `plot.load` does it in a reader thread, and the bars appear once it
is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _, ngettext
from ui import theme
from ui.widgets.plot import dress_axes, still_plot

LABELS = 6
"""Dates written under the axis, at most."""


class DayChart(QWidget):
    """Says the same in words for those who cannot see it."""

    def __init__(self, parent: QWidget | None = None, *, height: int = 150) -> None:
        super().__init__(parent)
        self.setFixedHeight(height)
        self._days: tuple[tuple[date, int], ...] = ()
        self._plot: Any = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        theme.notifier().changed.connect(self._draw)

    def show_days(self, days: Sequence[tuple[date, int]]) -> None:
        self._days = tuple(days)
        self.setAccessibleName(_in_words(self._days))
        self._draw()

    def draw(self) -> None:
        """The library has been loaded."""
        if self._plot is not None:
            return
        self._plot = still_plot()
        layout = self.layout()
        assert layout is not None  # noqa: S101  # made above
        layout.addWidget(self._plot)
        self._draw()

    def _draw(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph as pg  # noqa: PLC0415  # loaded by now

        now = theme.colors()
        counts = [count for _day, count in self._days]
        self._plot.clear()
        self._plot.setBackground(QColor(now.surface))
        bars = pg.BarGraphItem(
            x=list(range(len(counts))), height=counts, width=0.72,
            brush=QColor(now.accent), pen=pg.mkPen(None),
        )  # fmt: skip
        self._plot.addItem(bars)
        top = max([*counts, 1])
        self._plot.setYRange(0, top * 1.05, padding=0)
        self._plot.setXRange(-0.6, max(len(counts), 1) - 0.4, padding=0)
        dress_axes(self._plot, self._ticks(), sorted({0, -(-top // 2), top}))

    def _ticks(self) -> list[tuple[int, str]]:
        step = max(1, -(-len(self._days) // LABELS))
        return [
            (n, f"{day:%m-%d}")
            for n, (day, _count) in enumerate(self._days)
            if (len(self._days) - 1 - n) % step == step // 2
        ]


def _in_words(days: Sequence[tuple[date, int]]) -> str:
    total = sum(count for _day, count in days)
    if not total:
        return _("No mentions in these days")
    best, most = max(days, key=lambda one: one[1])
    told = ngettext("{n} mention; most on {day}: {most}", "{n} mentions; most on {day}: {most}", total)
    return told.format(n=total, day=f"{best:%m-%d}", most=most)
