"""A pyqtgraph plot that is looked at and not touched. GUI thread.

The library takes a third of a second to load: `load` does it in a reader thread, before.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from ui import theme


def load() -> None:
    """Any thread."""
    import pyqtgraph  # noqa: F401, PLC0415  # see above


def still_plot() -> Any:
    """A plot without menus, buttons or zoom."""
    import pyqtgraph as pg  # noqa: PLC0415  # see above

    made = pg.PlotWidget(background=None)
    made.setMouseEnabled(x=False, y=False)
    made.hideButtons()
    made.setMenuEnabled(False)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    made.getPlotItem().setContentsMargins(0, theme.S, theme.S, 0)
    return made


def dress_axes(plot: Any, ticks: list[tuple[int, str]], heights: list[int]) -> None:
    """In the colours in force; `ticks` along the bottom, `heights` along the left."""
    now = theme.colors()
    bottom, left = plot.getAxis("bottom"), plot.getAxis("left")
    for axis in (bottom, left):
        axis.setTextPen(QColor(now.muted))
        axis.setPen(QColor(now.line))
        axis.setTickFont(theme.font(11))
        axis.setStyle(tickLength=0)
    bottom.setTicks([ticks])
    left.setTicks([[(value, str(value)) for value in heights]])
    left.setWidth(12 + 8 * len(str(heights[-1])))
