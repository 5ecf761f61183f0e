"""The alert list: rows painted from values, one a raised alert. GUI thread."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter

from app.domain.alert import Alert, AlertState
from app.i18n import N_, _
from ui import theme
from ui.feed import plain
from ui.widgets.row_list import RowList, RowModel, RowPainter, draw_pill, draw_right, draw_words

INCIDENT = "incident"
"""The kind of an alert that tells of an incident."""
KINDS = {
    INCIDENT: N_("An incident"),
    "search": N_("A saved search"),
    "deadline": N_("A deadline"),
    "undelivered": N_("Not delivered"),
    "held": N_("Held back"),
}
"""For people; what is not here needs no word."""


def severity_words(alert: Alert) -> str:
    """The pill: P1 Critical."""
    return f"{alert.severity} {theme.severity_word(alert.severity)}"


def state_word(alert: Alert) -> str:
    """For people: in hand is what somebody has acknowledged."""
    if alert.state is AlertState.SEEN:
        return _("In hand") if alert.acked_at is not None else _("Seen")
    return _("Done") if alert.state is AlertState.DONE else _("Open")


def headline(alert: Alert) -> str:
    """The title without its severity, which stands beside it."""
    return plain.one_line(alert.title, 160).removeprefix(alert.severity).lstrip()


def why(alert: Alert) -> str:
    """The reason; nothing where the body says it already."""
    return "" if alert.reason == alert.body else plain.squeezed(alert.reason, 160)


def delivered_words(alert: Alert) -> str:
    """What became of the desktop notification, in words."""
    what, _colon, why = alert.delivered.partition(":")
    reason = plain.squeezed(why, 120)
    match what.strip():
        case "shown":
            return _("Shown on the desktop")
        case "failed":
            return _("The desktop notification failed: {reason}").format(reason=reason)
        case "held":
            return _("No desktop notification: {reason}").format(reason=reason)
        case "":
            return _("No desktop notification")
        case _:
            return plain.squeezed(alert.delivered, 120)


class AlertList(RowList):
    """`picked` follows the current row; `key_act` carries what a letter key asks for."""

    key_act = Signal(str)

    def __init__(self) -> None:
        super().__init__(_("Alerts"), RowModel(_spoken, _tip), _Painter())
        self.doubleClicked.connect(self._open)

    @property
    def current(self) -> Alert | None:
        found = self.chosen
        return found if isinstance(found, Alert) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        letter = event.text().lower()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.key_act.emit("open")
        elif letter and letter in ("r", "c", "i", "d", "a") and not event.modifiers():
            acts = {"a": "acknowledge", "r": "reply", "c": "claim", "i": "ignore", "d": "done"}
            self.key_act.emit(acts[letter])
        else:
            super().keyPressEvent(event)

    def _open(self, _index: QModelIndex) -> None:
        self.key_act.emit("open")


class _Painter(RowPainter):
    def draw(self, painter: QPainter, inner: QRect, value: Any) -> None:
        alert: Alert = value
        now = theme.colors()
        dim = alert.state is AlertState.DONE
        colors = theme.severity_colors(alert.severity)
        left = draw_pill(painter, inner.left(), inner.top(), severity_words(alert), colors)
        age = plain.ago(alert.created_at, datetime.now(UTC))
        right = draw_right(painter, inner.top(), inner.right(), age, now.muted)
        if alert.copies > 1:
            right = draw_right(painter, inner.top(), right, f"×{alert.copies}", now.warning)
        title = QRect(left, inner.top(), right - left - theme.S, 20)
        draw_words(painter, title, headline(alert), now.muted if dim else now.text, bold=not dim)
        body = QRect(inner.left(), inner.top() + 24, inner.width(), 18)
        draw_words(painter, body, plain.squeezed(alert.body, 240), now.muted)
        foot = QRect(inner.left(), inner.top() + 45, inner.width(), 18)
        kind = _(KINDS[alert.kind]) if alert.kind in KINDS else ""
        words = "  ·  ".join(one for one in (state_word(alert), kind, why(alert)) if one)
        draw_words(painter, foot, words, now.muted, size=theme.SMALL)


def _tip(alert: Alert) -> str:
    return plain.clock_time(alert.created_at)


def _spoken(alert: Alert) -> str:
    words = [severity_words(alert), headline(alert), alert.body, state_word(alert), alert.reason]
    return "; ".join(plain.squeezed(one, 160) for one in words if one)
