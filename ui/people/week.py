"""A week of work, day by day: when somebody is there, as bars. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.domain.roster import WEEKDAYS
from app.i18n import _, clauses
from ui import theme

if TYPE_CHECKING:
    from app.core import Day, WorkWeek

ROW = 26
FOOT = 18
LEFT = 86
"""Pixels for the name of the day."""
_HOURS = (0, 6, 12, 18, 24)


class WeekBars(QWidget):
    """Says the same in words for a screen reader."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(7 * ROW + FOOT)
        self.setMinimumWidth(280)
        self.days: tuple[Day, ...] = ()
        theme.notifier().changed.connect(self.update)

    def show_week(self, week: WorkWeek | None) -> None:
        self.days = week.days if week else ()
        self.setAccessibleName(clauses(_spoken(day) for day in self.days))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL))
        now = theme.colors()
        wide = self.width() - LEFT - 12
        self._draw_hours(painter, wide)
        for number, day in enumerate(self.days):
            top = number * ROW
            painter.setPen(QColor(now.text if day.spans else now.faint))
            name = f"{_(WEEKDAYS[number])}  {day.day:%m-%d}"
            painter.drawText(
                QRectF(0, top, LEFT - theme.S, ROW),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                name,
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.hover))
            painter.drawRoundedRect(QRectF(LEFT, top + 5, wide, ROW - 10), 4, 4)
            painter.setBrush(QColor(now.accent))
            for left, right in bars(day):
                box = QRectF(LEFT + left * wide, top + 5, max(2.0, (right - left) * wide), ROW - 10)
                painter.drawRoundedRect(box, 4, 4)
        painter.end()

    def _draw_hours(self, painter: QPainter, wide: int) -> None:
        now = theme.colors()
        for hour in _HOURS:
            x = LEFT + wide * hour / 24
            painter.setPen(QPen(QColor(now.line), 1))
            painter.drawLine(int(x), 0, int(x), 7 * ROW)
            painter.setPen(QColor(now.faint))
            box = QRectF(x - 20, 7 * ROW, 40, FOOT)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(hour))


def bars(day: Day) -> Sequence[tuple[float, float]]:
    """Of a day's 24 hours on the wall, the parts in which somebody works: 0 to 1."""
    midnight = datetime.combine(day.day, time())
    found = []
    for start, end in day.spans:
        left, right = ((at.replace(tzinfo=None) - midnight).total_seconds() / 86_400 for at in (start, end))
        found.append((max(0.0, left), min(1.0, right)))
    return found


def _spoken(day: Day) -> str:
    name = f"{_(WEEKDAYS[day.day.weekday()])} {day.day:%m-%d}"
    if not day.spans:
        return f"{name} " + _("free")
    worked = " ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in day.spans)
    return f"{name} {worked}"
