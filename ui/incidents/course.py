"""The course of an incident: what came, and the band in which ordinary slots lie. GUI thread.

pyqtgraph takes its time to load: `plot.load` does it in a reader thread, and the lines appear once it
is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.warning import Slot
from app.i18n import _
from ui import theme
from ui.incidents import words
from ui.widgets.parts import label
from ui.widgets.plot import dress_axes, still_plot

LABELS = 6
"""Times written under the axis, at most."""
HIGH = 150


class CourseChart(QWidget):
    """Left and Right, or the pointer, choose a slot; Enter or a press opens what came in it."""

    slot_opened = Signal(object, object)
    """From when, until when (None: until now)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slots: tuple[Slot, ...] = ()
        self._opened: datetime | None = None
        self._at = -1
        self._plot: Any = None
        self._cursor: Any = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleDescription(_("Left and Right choose a moment, Enter opens what came in it."))
        self._frame = QWidget()
        self._frame.setFixedHeight(HIGH)
        self._frame.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._inner = QVBoxLayout(self._frame)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self.told = label("", "small", wrap=True)
        self.told.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.XS)
        layout.addWidget(self._frame)
        layout.addWidget(self.told)
        theme.notifier().changed.connect(self._draw)

    @property
    def at(self) -> int:
        """The chosen slot; -1: none."""
        return self._at

    def show_course(self, slots: Sequence[Slot], opened: datetime) -> None:
        """`opened`: when the incident did; a line marks it."""
        same = tuple(slots) == self._slots and opened == self._opened
        if same and self._plot is not None:
            return
        kept = self._slots[self._at].at if 0 <= self._at < len(self._slots) else None
        self._slots, self._opened = tuple(slots), opened
        self._at = next((n for n, one in enumerate(self._slots) if one.at == kept), -1)
        self._frame.setVisible(bool(self._slots))
        self._draw()
        self._tell()

    def draw(self) -> None:
        """The library has been loaded."""
        if self._plot is not None:
            return
        self._plot = still_plot()
        self._inner.addWidget(self._plot)
        self._draw()

    def open_slot(self) -> None:
        if 0 <= self._at < len(self._slots):
            after = self._slots[self._at + 1].at if self._at + 1 < len(self._slots) else None
            self.slot_opened.emit(self._slots[self._at].at, after)

    def choose(self, number: int) -> None:
        """Make one slot the chosen one."""
        if not self._slots:
            return
        number = min(max(number, 0), len(self._slots) - 1)
        if number != self._at:
            self._at = number
            self._place_cursor()
            self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._slots) - 1
        match event.key():
            case Qt.Key.Key_Left:
                self.choose(self._at - 1 if self._at >= 0 else last)
            case Qt.Key.Key_Right:
                self.choose(self._at + 1 if self._at >= 0 else last)
            case Qt.Key.Key_Home:
                self.choose(0)
            case Qt.Key.Key_End:
                self.choose(last)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.open_slot()
            case _:
                super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose_at(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._choose_at(event.position())
            self.open_slot()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.hasFocus():
            self._at = -1
            self._place_cursor()
            self._tell()

    def _choose_at(self, where: QPointF) -> None:
        if self._plot is None or not self._slots:
            return
        scene = self._plot.mapToScene(self._plot.mapFrom(self, where.toPoint()))
        self.choose(round(self._plot.getViewBox().mapSceneToView(QPointF(scene)).x()))

    def _tell(self) -> None:
        """Under the lines, and for those who cannot see them: the chosen slot, or all in a sentence."""
        chosen = 0 <= self._at < len(self._slots)
        said = words.slot_words(self._slots[self._at]) if chosen else _in_words(self._slots)
        self.told.setText(said)
        self.setAccessibleName(said)

    def _draw(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph as pg  # noqa: PLC0415  # loaded by now

        now = theme.colors()
        self._plot.clear()
        self._cursor = None
        self._plot.setBackground(QColor(now.surface))
        x = list(range(len(self._slots)))
        self._draw_band(pg, now, x)
        usual = pg.mkPen(QColor(now.muted), width=1.2, style=Qt.PenStyle.DashLine)
        self._plot.addItem(pg.PlotDataItem(x, [one.expected for one in self._slots], pen=usual))
        came = pg.mkPen(QColor(now.negative), width=2)
        self._plot.addItem(pg.PlotDataItem(x, [one.came for one in self._slots], pen=came, antialias=True))
        top = max([1.0, *(max(one.came, one.high) for one in self._slots)])
        self._plot.setYRange(0, top * 1.08, padding=0)
        self._plot.setXRange(-0.5, max(len(x), 1) - 0.5, padding=0)
        self._draw_opening(pg, now)
        dress_axes(self._plot, _ticks(self._slots), sorted({0, round(top) // 2, round(top)}))
        self._place_cursor()

    def _draw_band(self, pg: Any, now: theme.Colors, x: list[int]) -> None:
        ground = QColor(now.neutral)
        ground.setAlpha(46)
        edge = pg.mkPen(None)
        low = pg.PlotDataItem(x, [one.low for one in self._slots], pen=edge)
        high = pg.PlotDataItem(x, [one.high for one in self._slots], pen=edge)
        self._plot.addItem(low)
        self._plot.addItem(high)
        if x:
            self._plot.addItem(pg.FillBetweenItem(low, high, brush=ground))

    def _draw_opening(self, pg: Any, now: theme.Colors) -> None:
        if self._opened is None:
            return
        where = next((n for n, one in enumerate(self._slots) if one.at >= self._opened), None)
        if where:
            pen = pg.mkPen(QColor(now.warning), width=1, style=Qt.PenStyle.DotLine)
            self._plot.addItem(pg.InfiniteLine(where, angle=90, pen=pen))

    def _place_cursor(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph as pg  # noqa: PLC0415  # loaded by now

        if self._cursor is None:
            self._cursor = pg.InfiniteLine(
                0, angle=90, pen=pg.mkPen(QColor(theme.colors().accent), width=1)
            )
            self._plot.addItem(self._cursor, ignoreBounds=True)
        self._cursor.setVisible(self._at >= 0)
        self._cursor.setPos(max(self._at, 0))


def _ticks(slots: Sequence[Slot]) -> list[tuple[int, str]]:
    """Times of day; the date where the whole is longer than two days."""
    if not slots:
        return []
    days = (slots[-1].at - slots[0].at).days
    step = max(1, -(-len(slots) // LABELS))
    local = [(n, one.at.astimezone()) for n, one in enumerate(slots)]
    if days >= 2:
        return [(n, f"{at:%m-%d}") for n, at in local if n % step == step // 2]
    whole = [(n, at) for n, at in local[1:] if at.hour != local[n - 1][1].hour]
    hours = next((one for one in (1, 2, 3, 4, 6) if len(whole) <= one * LABELS), 12)
    marks = [(n, f"{at:%H:00}") for n, at in whole if at.hour % hours == 0]
    return marks or [(n, f"{at:%H:%M}") for n, at in local if n % step == step // 2]


def _in_words(slots: Sequence[Slot]) -> str:
    if not slots:
        return _("Its course is drawn from the next five minutes on.")
    most = max(slots, key=lambda one: one.came)
    told = _(
        "The line: negative mentions. The band: what is usual. Dotted: when it opened. "
        "Most at {when}: {came}, {expected} expected."
    )
    when = f"{most.at.astimezone():%m-%d %H:%M}"
    return told.format(when=when, came=words.amount(most.came), expected=words.amount(most.expected))
