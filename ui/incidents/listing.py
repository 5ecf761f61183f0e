"""The list of incidents: what it is, where it stands, how large it is. GUI thread."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter

from app.domain.warning import Incident, IncidentPhase
from app.i18n import _
from ui import icons, theme
from ui.feed import plain
from ui.incidents import words
from ui.widgets.row_list import RowList, RowModel, RowPainter, draw_pill, draw_right, draw_words


class IncidentList(RowList):
    """`entered`: Enter or a double click, to go over to the card."""

    entered = Signal()

    def __init__(self) -> None:
        super().__init__(_("Incidents"), RowModel(words.spoken, _tip), _Painter())
        self.doubleClicked.connect(self._entered)

    @property
    def current(self) -> Incident | None:
        found = self.chosen
        return found if isinstance(found, Incident) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def _entered(self, _index: QModelIndex) -> None:
        self.entered.emit()


class _Painter(RowPainter):
    HEIGHT = 108

    def draw(self, painter: QPainter, inner: QRect, value: Any) -> None:
        incident: Incident = value
        now = theme.colors()
        over = incident.phase is IncidentPhase.CLOSED
        top = inner.top()
        ink = theme.severity_colors(incident.severity)
        left = draw_pill(painter, inner.left(), top, words.severity_words(incident), ink)
        phase = words.phase_word(incident.phase)
        left = draw_pill(painter, left, top, phase, words.phase_colors(incident.phase))
        age = plain.ago(incident.opened_at, datetime.now(UTC))
        if left + QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(age) <= inner.right():
            draw_right(painter, top, inner.right(), age, now.muted)
        title = QRect(inner.left(), top + 25, inner.width(), 20)
        faint = over or bool(incident.muted)
        draw_words(painter, title, words.title(incident), now.muted if faint else now.text, bold=True)
        reason = QRect(inner.left(), top + 47, inner.width(), 18)
        draw_words(painter, reason, plain.squeezed(incident.reason, 240), now.muted)
        right = _draw_muted(painter, inner, top + 66) if incident.muted else inner.right()
        foot = QRect(inner.left(), top + 67, right - inner.left(), 18)
        told = f"{plain.squeezed(incident.brand, 40)} · {words.mentions_words(incident.mentions)}"
        draw_words(painter, foot, told, now.muted, size=theme.SMALL)


def _draw_muted(painter: QPainter, inner: QRect, top: int) -> int:
    """A mark and a word at the right; where what stands before them must end."""
    color = theme.colors().muted
    right = draw_right(painter, top, inner.right(), _("Muted"), color) - 14 + theme.XS
    mark = icons.pixmap("mute", 14, color, painter.device().devicePixelRatio())
    painter.drawPixmap(right, top + 3, mark)
    return right - theme.S


def _tip(incident: Incident) -> str:
    return plain.clock_time(incident.opened_at)


def ordered(incidents: tuple[Incident, ...]) -> tuple[Incident, ...]:
    """Open ones first, the muted after those that may disturb; then the graver, then the newer."""
    return tuple(
        sorted(
            incidents,
            key=lambda one: (
                one.phase is IncidentPhase.CLOSED,
                bool(one.muted),
                one.severity.value if one.phase is not IncidentPhase.CLOSED else "",
                -one.opened_at.timestamp(),
                -one.id,
            ),
        )
    )
