"""How an incident went from platform to platform: one pressable line each. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.platforms import platform_name
from app.domain.warning import StoryHeat, StoryHop
from app.i18n import _
from ui import theme
from ui.feed import plain
from ui.incidents import words
from ui.widgets.pressable import Pressable

MIDDLE = int(Qt.AlignmentFlag.AlignCenter)
RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
NAME = 92
WHEN = 96
SHORT = 64


def flow(stories: Sequence[StoryHeat]) -> tuple[StoryHop, ...]:
    """The ways of all stories together, in the order in which they were first taken."""
    made: dict[tuple[str, str], tuple[int, datetime]] = {}
    for hop in (hop for story in stories for hop in story.path):
        copies, at = made.get((hop.source, hop.target), (0, hop.at))
        made[hop.source, hop.target] = copies + hop.copies, min(at, hop.at)
    hops = (StoryHop(*way, copies, at) for way, (copies, at) in made.items())
    return tuple(sorted(hops, key=lambda one: (one.at, one.source != one.target, -one.copies)))


class HopRow(Pressable):
    """From where, an arrow as thick as the copies are many, to where, and when first."""

    opened = Signal(str)
    """The platform it went to."""

    HEIGHT = 34

    def __init__(self, hop: StoryHop, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hop = hop
        self._most = max(1, most)
        self.source = plain.one_line(platform_name(hop.source), 30)
        inside = hop.source == hop.target
        self.target = _("within") if inside else plain.one_line(platform_name(hop.target), 30)
        self._inside = inside
        self._when = f"{hop.at.astimezone():%m-%d %H:%M}"
        said = _("{n} on inside {source}, first at {when}") if inside else ""
        said = said or _("{n} from {source} to {target}, first at {when}")
        self.setAccessibleName(
            said.format(
                n=words.posts_words(hop.copies), source=self.source, target=self.target, when=self._when
            )
        )
        self.setToolTip(self.accessibleName().replace("<", "‹"))
        self.setFixedHeight(self.HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._press)

    def sizeHint(self) -> QSize:
        return QSize(2 * NAME + SHORT + WHEN, self.HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.colors()
        painter = self.begin()
        high = self.height()
        left = QRectF(6, 5, NAME, high - 10)
        right = QRectF(self._target_left(), 5, NAME, high - 10)
        self._node(painter, left, self.source, (now.neutral, now.neutral_soft))
        colors = (now.muted, now.surface) if self._inside else (now.accent, now.accent_soft)
        self._arrow(painter, left.right() + 4, right.left() - 4)
        self._node(painter, right, self.target, colors)
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(QColor(now.muted))
        painter.drawText(QRectF(0, 0, self.width() - 8, high), RIGHT, self._when)
        painter.end()

    def _target_left(self) -> float:
        """The arrow takes what is left, but is never longer than it can be followed."""
        return 6 + NAME + min(220.0, max(SHORT, self.width() - 2 * NAME - WHEN - 24))

    def _node(self, painter: QPainter, box: QRectF, name: str, colors: tuple[str, str]) -> None:
        ink, ground = colors
        painter.setPen(QPen(QColor(theme.colors().line)) if self._inside else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box, 6, 6)
        font = theme.font(theme.SMALL, bold=True)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        room = int(box.width()) - 8
        painter.drawText(
            box, MIDDLE, QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideRight, room)
        )

    def _arrow(self, painter: QPainter, left: float, right: float) -> None:
        now, y = theme.colors(), self.height() / 2
        thick = 1 + 3 * self.hop.copies / self._most
        painter.setPen(QPen(QColor(now.faint), thick))
        painter.drawLine(QPointF(left, y), QPointF(right - 7, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.faint))
        tip = [QPointF(right, y), QPointF(right - 9, y - 5), QPointF(right - 9, y + 5)]
        painter.drawPolygon(QPolygonF(tip))
        font = theme.font(theme.SMALL, bold=True)
        said = plain.figure(self.hop.copies)
        wide = QFontMetrics(font).horizontalAdvance(said) + 12
        box = QRectF((left + right - 7) / 2 - wide / 2, y - 9, wide, 18)
        painter.setBrush(QColor(now.hover if self.hot else now.surface))
        painter.drawRect(box)
        painter.setFont(font)
        painter.setPen(QColor(now.text))
        painter.drawText(box, MIDDLE, said)

    def _press(self) -> None:
        self.opened.emit(self.hop.target)
