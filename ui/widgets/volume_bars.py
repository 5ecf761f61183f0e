"""What came hour by hour, against what such hours usually bring. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from app.domain.seeing import GapLine, Volume
from app.domain.telling import volume_words
from app.i18n import _
from ui import theme

FOOT = 18
"""Pixels for the hours under the bars."""


class VolumeBars(QWidget):
    """A bar an hour, a line for the usual, a ground where nothing could be read. Says it in words, too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(112)
        self.setMouseTracking(True)
        self._hours: tuple[Volume, ...] = ()
        self._gaps: tuple[GapLine, ...] = ()
        theme.notifier().changed.connect(self.update)

    def show_hours(self, hours: Sequence[Volume], gaps: Sequence[GapLine]) -> None:
        self._hours, self._gaps = tuple(hours), tuple(gaps)
        came = sum(one.came for one in self._hours)
        known = [one.expected for one in self._hours if one.expected is not None]
        self.setAccessibleName(volume_words(came, sum(known) if known else None))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._hours:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, 4, self.width(), self.height() - FOOT - 4)
        top = max([1.0, *(max(one.came, one.expected or 0.0) for one in self._hours)]) * 1.08
        self._draw_gaps(painter, area)
        self._draw_bars(painter, area, top)
        self._draw_usual(painter, area, top)
        self._draw_foot(painter, area)
        painter.end()

    def hour_at(self, x: float) -> Volume | None:
        """The hour whose bar stands there."""
        place = int(x / max(1, self.width()) * len(self._hours))
        return self._hours[place] if 0 <= place < len(self._hours) else None

    def mouseMoveEvent(self, event) -> None:  # type: ignore[no-untyped-def]  # Qt's own
        one = self.hour_at(event.position().x())
        if one is not None:
            when = f"{one.at.astimezone():%m-%d %H:%M}"
            QToolTip.showText(
                event.globalPosition().toPoint(), f"{when}  {volume_words(one.came, one.expected)}", self
            )

    def _draw_bars(self, painter: QPainter, area: QRectF, top: float) -> None:
        now = theme.colors()
        step = area.width() / len(self._hours)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, one in enumerate(self._hours):
            high = area.height() * one.came / top
            bar = QRectF(place * step + step * 0.14, area.bottom() - high, step * 0.72, high)
            painter.setBrush(QColor(now.accent))
            painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.setPen(QPen(QColor(now.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _draw_usual(self, painter: QPainter, area: QRectF, top: float) -> None:
        """Steps from hour to hour, dashed: what is usual."""
        points = QPolygonF()
        step = area.width() / len(self._hours)
        for place, one in enumerate(self._hours):
            if one.expected is not None:
                y = area.bottom() - area.height() * one.expected / top
                points.append(QPointF(place * step, y))
                points.append(QPointF((place + 1) * step, y))
        pen = QPen(QColor(theme.colors().muted), 1.4, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(points)

    def _draw_gaps(self, painter: QPainter, area: QRectF) -> None:
        first = self._hours[0].at
        hours = len(self._hours)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colors().warning_soft))
        for gap in self._gaps:
            start = max(0.0, _hours_after(first, gap.since))
            end = min(float(hours), _hours_after(first, gap.until) if gap.until else float(hours))
            if end > start:
                wide = max(2.0, (end - start) / hours * area.width())
                painter.drawRect(QRectF(start / hours * area.width(), area.top(), wide, area.height()))

    def _draw_foot(self, painter: QPainter, area: QRectF) -> None:
        """Every twelfth hour of the person's day is written."""
        step = area.width() / len(self._hours)
        painter.setPen(QColor(theme.colors().faint))
        painter.setFont(theme.font(11))
        for place, one in enumerate(self._hours):
            local = one.at.astimezone()
            if local.hour % 12 == 0 and 18 < place * step < area.width() - 30:
                words = f"{local:%m-%d}" if local.hour == 0 else f"{local:%H:00}"
                where = QRectF(place * step - 30, area.bottom() + 2, 60, FOOT - 2)
                painter.drawText(where, Qt.AlignmentFlag.AlignHCenter, words)


class Meter(QWidget):
    """How much of a quota is left, as a bar; never colour alone, since a word stands beside it."""

    def __init__(self, left: int, limit: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(8)
        self.share = min(1.0, max(0.0, left / limit)) if limit > 0 else 0.0
        self.setAccessibleName(_("{left} of {limit} left").format(left=left, limit=limit))
        theme.notifier().changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, 1, self.width(), 6)
        painter.setBrush(QColor(now.neutral_soft))
        painter.drawRoundedRect(whole, 3, 3)
        color = now.negative if self.share < 0.1 else now.warning if self.share < 0.25 else now.accent
        painter.setBrush(QColor(color))
        painter.drawRoundedRect(QRectF(0, 1, max(3.0, whole.width() * self.share), 6), 3, 3)
        painter.end()


def _hours_after(start: datetime, at: datetime) -> float:
    return (at - start).total_seconds() / 3600
