"""Alerts as cards in the corner of the window, over whatever it shows. GUI thread.

One card is open, with its words and buttons: the most urgent, or the one last pressed. The others are
one line each, so that the page below stays in sight and its buttons in reach.

A critical one stays until a person acts; others go after a while, but not while the pointer rests on
them, and not while the window cannot be seen. A card whose alert a colleague has acknowledged goes, too.
Nothing here is the only record: every alert is in the list as well.

A new card sounds, also in a window that has the focus: at most one sound in a few seconds. A critical one
sounds again every half minute until somebody acknowledges it, or closes it here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.change import Change
from app.domain.alert import Alert, AlertState, Severity
from app.domain.mention import Status
from app.i18n import _, ngettext
from ui import icons, sound, theme
from ui.context import Context
from ui.feed import plain
from ui.widgets.alert_list import INCIDENT, headline, severity_words, why
from ui.widgets.parts import ElidedLabel, button, icon_button, label, pill, row

if TYPE_CHECKING:
    from app.core import Core

VISIBLE = 3
STAYS_MS = 20_000
TICK_MS = 250
WIDE = 368
MARGIN = 16
QUIET_MS = 5_000
"""At most one sound in this time."""
REPEAT_MS = 30_000
"""So often a critical alert is heard again."""
SOON_MS = 400
REMEMBERED = 500


class Acted(NamedTuple):
    alert_id: int
    said: str


class Heard(NamedTuple):
    """What the rule of an alert says of its sound."""

    alert_id: int
    loud: bool
    again: bool


def _claim(core: Core, alert: Alert) -> Acted:
    if alert.mention_id is not None:
        core.claim([alert.mention_id])
    core.acknowledge([alert.id])
    return Acted(alert.id, _("Claimed."))


def _acknowledge(core: Core, alert: Alert) -> Acted:
    core.acknowledge([alert.id])
    return Acted(alert.id, _("Acknowledged."))


def _ignore(core: Core, alert: Alert) -> Acted:
    if alert.mention_id is not None:
        core.set_status([alert.mention_id], Status.IGNORED)
    core.set_alert_state([alert.id], AlertState.DONE)
    return Acted(alert.id, _("Ignored."))


def _seen(core: Core, alert: Alert) -> Acted:
    """Somebody has looked at it; nobody has said that they see to it."""
    core.look_at_alert(alert.id)
    return Acted(alert.id, "")


class Toast(QFrame):
    """One alert. `acted` names what was pressed: acknowledge, draft, claim, ignore, open, close, expand."""

    acted = Signal(int, str)
    expired = Signal(int)

    def __init__(self, alert: Alert, parent: QWidget, stays_ms: int = STAYS_MS) -> None:
        super().__init__(parent)
        self.alert = alert
        self._left = stays_ms
        self._hovered = False
        self._compact = False
        self._bar = theme.severity_colors(alert.severity)[0]
        self.setFixedWidth(WIDE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._build()
        self.show_alert(alert)
        theme.notifier().changed.connect(self._dress)

    @property
    def stays(self) -> bool:
        """Until a person acts."""
        return self.alert.severity is Severity.P1

    @property
    def title_text(self) -> str:
        return self._title.text()

    @property
    def copies_text(self) -> str:
        return self._copies.text() if not self._copies.isHidden() else ""

    def show_alert(self, alert: Alert) -> None:
        self.alert = alert
        self._severity.setText(severity_words(alert))
        self._title.setText(plain.squeezed(headline(alert), 90))
        self._line.say(headline(alert))
        self._body.setText(plain.squeezed(alert.body, 84 if why(alert) else 160))
        self._reason.setText(plain.squeezed(why(alert), 90))
        more = alert.copies - 1
        self._copies.setText(ngettext("+{n} copy", "+{n} copies", more).format(n=more))
        self._copies.setVisible(more > 0)
        self._when.setText(plain.ago(alert.created_at, datetime.now(UTC)))
        self.setAccessibleName(
            "; ".join((self._severity.text(), self._title.text(), self._body.text(), self._reason.text()))
        )
        self._dress()
        self.set_compact(self._compact)

    def set_compact(self, compact: bool) -> None:
        """One line, or the whole card."""
        self._compact = compact
        alert = self.alert
        self._line.setVisible(compact)
        self._title.setVisible(not compact)
        self._when.setVisible(not compact)
        self._body.setVisible(not compact and bool(alert.body.strip()))
        self._reason.setVisible(not compact and bool(why(alert).strip()))
        incident = alert.kind == INCIDENT
        self._acts.setVisible(not compact)
        self.see.setVisible(incident)
        for one in (self.draft, self.claim, self.ignore):
            one.setVisible(not incident and alert.mention_id is not None)
        self._problem.setVisible(not compact and bool(self._problem.text()))
        low = theme.XS if compact else theme.M
        self._layout.setContentsMargins(theme.L, low, theme.S, low)
        self.adjustSize()

    @property
    def compact(self) -> bool:
        return self._compact

    def pass_time(self, ms: int) -> None:
        """A critical one, or one the pointer rests on, does not age."""
        if self.stays or self._hovered:
            return
        self._left -= ms
        if self._left <= 0:
            self.expired.emit(self.alert.id)

    def say(self, words: str) -> None:
        """Why the last act was refused."""
        self._problem.setText(words)
        self.set_busy(False)
        self.set_compact(self._compact)

    def set_busy(self, busy: bool) -> None:
        for one in (self.acknowledge, self.draft, self.claim, self.ignore):
            one.setEnabled(not busy)

    def _build(self) -> None:
        self._severity = pill("")
        self._copies = pill("")
        self._when = label("", "faint")
        self._title = label("", "strong", wrap=True)
        self._body = label("", "muted", wrap=True)
        self._reason = label("", "small", wrap=True)
        self._problem = label("", "error", wrap=True)
        self._problem.hide()
        self.draft = button(_("Draft a reply"), self._on_draft, kind="primary", icon="reply")
        self.acknowledge = button(_("Acknowledge"), self._on_acknowledge)
        self.claim = button(_("Claim"), self._on_claim)
        self.ignore = button(_("Ignore"), self._on_ignore, kind="quiet")
        self.close_button = icon_button("close", _("Close"), self._on_close)
        self._acts = QWidget()
        acts = QHBoxLayout(self._acts)
        acts.setContentsMargins(0, theme.XS, 0, 0)
        acts.setSpacing(theme.S)
        self.see = button(_("See the incident"), self._on_open, kind="primary", icon="incident")
        for one in (self.see, self.draft, self.acknowledge, self.claim, self.ignore):
            acts.addWidget(one)
        acts.addStretch(1)
        self._line = ElidedLabel()
        self._layout = layout = QVBoxLayout(self)
        layout.setSpacing(theme.XS)
        head = row(self._severity, self._copies, self._line, self._when, self.close_button)
        head.setStretchFactor(self._line, 1)
        head.insertStretch(4, 0)
        layout.addLayout(head)
        for part in (self._title, self._body, self._reason, self._problem, self._acts):
            layout.addWidget(part)

    def _dress(self) -> None:
        ink, ground = theme.severity_colors(self.alert.severity)
        self._bar = ink
        self._severity.setStyleSheet(f"QLabel {{ color: {ink}; background: {ground}; }}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(0.5, 0.5, self.width() - 1, self.height() - 1, 10, 10)
        painter.fillPath(shape, QColor(now.raised))
        painter.setClipPath(shape)
        painter.fillRect(0, 0, 5, self.height(), QColor(self._bar))
        painter.setClipping(False)
        painter.setPen(QPen(QColor(self._bar if self.stays else now.faint), 1))
        painter.drawPath(shape)
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.acted.emit(self.alert.id, "expand" if self._compact else "open")
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _on_draft(self) -> None:
        self.acted.emit(self.alert.id, "draft")

    def _on_open(self) -> None:
        self.acted.emit(self.alert.id, "open")

    def _on_acknowledge(self) -> None:
        self.acted.emit(self.alert.id, "acknowledge")

    def _on_claim(self) -> None:
        self.acted.emit(self.alert.id, "claim")

    def _on_ignore(self) -> None:
        self.acted.emit(self.alert.id, "ignore")

    def _on_close(self) -> None:
        self.acted.emit(self.alert.id, "close")


class Toasts(QWidget):
    """Stacks the cards bottom right over `window`; give it once, it follows by itself."""

    draft_requested = Signal(int)
    opened = Signal(int)
    incident_wanted = Signal(int)
    more_requested = Signal()
    """"… more" was pressed: the alert list has them all."""

    def __init__(self, window: QWidget, context: Context, *, stays_ms: int = STAYS_MS) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._stays_ms = stays_ms
        self._cards: list[Toast] = []
        self._wanted = 0
        """The alert whose card a person opened."""
        self._dealt_with: dict[int, Severity] = {}
        self._acting: dict[int, Acting] = {}
        self._told: set[int] = set()
        """Alerts whose cards stood in a window that could be seen; the receipts say so."""
        self._again: set[int] = set()
        """Critical ones that sound until somebody acknowledges them."""
        self._last_sound = QElapsedTimer()
        self._ring = QTimer(self, interval=REPEAT_MS)
        self._ring.timeout.connect(self._sound_again)
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._look_again)
        self._more = QPushButton(self)
        self._more.setCursor(Qt.CursorShape.PointingHandCursor)
        icons.dress(self._more, "bell")
        self._more.clicked.connect(self.more_requested)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        window.installEventFilter(self)
        context.bridge.alerted.connect(self.show_alert)
        context.bridge.changed.connect(self._on_change)
        self.hide()

    # what is shown

    @property
    def cards(self) -> tuple[Toast, ...]:
        """Critical ones first, the newest before the older."""
        return tuple(sorted(self._cards, key=_rank))

    @property
    def shown(self) -> tuple[Toast, ...]:
        return self.cards[:VISIBLE]

    @property
    def more_text(self) -> str:
        return self._more.text() if len(self._cards) > VISIBLE else ""

    def show_alert(self, alert: Alert) -> None:
        """A new card, or new words on the one that is there."""
        for card in self._cards:
            if card.alert.id == alert.id:
                if (alert.severity, alert.rung) != (card.alert.severity, card.alert.rung):
                    self._told.discard(alert.id)  # told anew, and a receipt of its own
                card.show_alert(alert)
                self._arrange()
                return
        before = self._dealt_with.get(alert.id)
        if before is not None and before <= alert.severity:
            return
        self._told.discard(alert.id)
        card = Toast(alert, self, self._stays_ms)
        card.acted.connect(self._on_act)
        card.expired.connect(self._on_expired)
        self._cards.append(card)
        self._arrange()
        self._timer.start()
        self._ask_sound(alert)

    # acts

    def _on_act(self, id: int, what: str) -> None:
        card = self._card(id)
        if card is None:
            return
        alert = card.alert
        if what == "expand":
            self._wanted = id
            self._arrange()
            return
        acts = {"claim": _claim, "ignore": _ignore, "acknowledge": _acknowledge}
        if what in acts:
            card.set_busy(True)
            self._act(partial(acts[what], self._context.core, alert), alert)
            return
        self._dismiss(card)
        self._act(partial(_acknowledge if what == "draft" else _seen, self._context.core, alert), alert)
        if alert.kind == INCIDENT:
            if what == "open":
                self.incident_wanted.emit(alert.incident_id or 0)
            return
        if alert.mention_id is None:
            return
        if what == "draft":
            self.draft_requested.emit(alert.mention_id)
        elif what == "open":
            self.opened.emit(alert.mention_id)

    def _act(self, work: partial[Acted], alert: Alert) -> None:
        # One asker of its own for each alert: answers to different cards must not replace each other.
        acting = Acting(self, alert.id)
        self._acting[alert.id] = acting
        self._context.asker.ask(acting, work, acting.done, acting.failed)

    def act_done(self, id: int) -> None:
        self._acting.pop(id, None)
        if (card := self._card(id)) is not None:
            self._dismiss(card)

    def act_failed(self, id: int, error: BaseException) -> None:
        self._acting.pop(id, None)
        if (card := self._card(id)) is not None:
            card.say(plain.problem(error))
            self._arrange()

    def _dismiss(self, card: Toast) -> None:
        self._dealt_with[card.alert.id] = card.alert.severity
        while len(self._dealt_with) > REMEMBERED:
            self._dealt_with.pop(next(iter(self._dealt_with)))
        self._remove(card)

    def _on_expired(self, id: int) -> None:
        if (card := self._card(id)) is not None:
            self._remove(card)

    def _remove(self, card: Toast) -> None:
        self._cards.remove(card)
        self._again.discard(card.alert.id)
        card.hide()
        card.deleteLater()
        self._arrange()

    def _card(self, id: int) -> Toast | None:
        return next((card for card in self._cards if card.alert.id == id), None)

    # time and sound

    def _tick(self) -> None:
        window = self._window.window()
        if not window.isVisible() or window.isMinimized():
            return
        for card in self.shown:
            card.pass_time(TICK_MS)
        self._note_shown()
        if not self._cards:
            self._timer.stop()

    def _note_shown(self) -> None:
        """Once for each card, when it can be seen."""
        for card in self.shown:
            if card.alert.id not in self._told:
                self._told.add(card.alert.id)
                work = partial(self._context.core.alert_shown, card.alert.id)
                self._context.asker.ask(self, work, self._noted, self._no_sound)

    def _noted(self, _nothing: None) -> None:
        """The receipt is written."""

    def _ask_sound(self, alert: Alert) -> None:
        # One asker of its own for each alert, as above: which of them sound again must not be lost.
        hearing = Hearing(self)
        work = partial(_heard, self._context.core, alert.id)
        self._context.asker.ask(hearing, work, hearing.done, hearing.failed)

    def heard(self, heard: Heard) -> None:
        """What the rule says of the sound has come back."""
        card = self._card(heard.alert_id)
        if card is None:
            return
        if heard.again and card.stays:
            self._again.add(heard.alert_id)
            if not self._ring.isActive():
                self._ring.start()
        if heard.loud:
            self._make_sound()

    def _make_sound(self) -> None:
        """A burst of alerts is one sound."""
        if self._last_sound.isValid() and self._last_sound.elapsed() < QUIET_MS:
            return
        self._last_sound.start()
        sound.play()

    def _sound_again(self) -> None:
        if self._again:
            self._make_sound()
        else:
            self._ring.stop()

    def _no_sound(self, _error: BaseException) -> None:
        """The card is there; silence is no reason for another message."""

    # what colleagues do meanwhile

    def _on_change(self, change: Change) -> None:
        if change & Change.ALERTS and self._cards and not self._soon.isActive():
            self._soon.start()

    def _look_again(self) -> None:
        ids = tuple(card.alert.id for card in self._cards)
        if ids:
            work = partial(_answered, self._context.core, ids)
            self._context.asker.ask(self, work, self._drop_answered, self._no_sound)

    def _drop_answered(self, ids: frozenset[int]) -> None:
        """Somebody sees to these: here they only stand in the way."""
        for card in tuple(self._cards):
            if card.alert.id in ids and card.alert.id not in self._acting:
                self._remove(card)

    # place

    def _arrange(self) -> None:
        shown = self.shown
        for card in self._cards:
            if card not in shown:
                card.hide()
        whole = next((card for card in shown if card.alert.id == self._wanted), shown[0] if shown else None)
        for card in shown:
            card.set_compact(card is not whole)
        rest = len(self._cards) - len(shown)
        self._more.setVisible(rest > 0)
        self._more.setText(ngettext("{n} more alert", "{n} more alerts", rest).format(n=rest))
        if not shown:
            self.hide()
            return
        heights = [max(card.sizeHint().height(), card.heightForWidth(WIDE)) for card in shown]
        gap = theme.S
        more_high = self._more.sizeHint().height() + gap if rest else 0
        self._place(sum(heights) + gap * (len(shown) - 1) + more_high)
        y = 0
        if rest:
            self._more.setGeometry(
                WIDE - self._more.sizeHint().width(), 0, self._more.sizeHint().width(), more_high - gap
            )
            y = more_high
        # The most urgent stands lowest, next to the corner.
        for card, high in zip(reversed(shown), reversed(heights), strict=True):
            card.setGeometry(0, y, WIDE, high)
            # Shown only in its place: shown earlier, it could appear under the pointer and stay.
            card.show()
            y += high + gap
        self.show()
        self.raise_()

    def _place(self, high: int | None = None) -> None:
        window = self._window
        high = self.height() if high is None else high
        self.setGeometry(window.width() - WIDE - MARGIN, window.height() - high - MARGIN - 28, WIDE, high)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self._place()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.raise_()


class Acting(QObject):
    """Waits for the answer to one act on one alert."""

    def __init__(self, toasts: Toasts, alert_id: int) -> None:
        super().__init__(toasts)
        self._toasts = toasts
        self._alert_id = alert_id

    def done(self, _acted: Acted) -> None:
        self._toasts.act_done(self._alert_id)
        self.deleteLater()

    def failed(self, error: BaseException) -> None:
        self._toasts.act_failed(self._alert_id, error)
        self.deleteLater()


class Hearing(QObject):
    """Waits for what the rule of one alert says of its sound."""

    def __init__(self, toasts: Toasts) -> None:
        super().__init__(toasts)
        self._toasts = toasts

    def done(self, heard: Heard) -> None:
        self._toasts.heard(heard)
        self.deleteLater()

    def failed(self, _error: BaseException) -> None:
        self.deleteLater()


def _heard(core: Core, alert_id: int) -> Heard:
    return Heard(alert_id, *core.sound_of(alert_id))


def _answered(core: Core, ids: tuple[int, ...]) -> frozenset[int]:
    """Which of them somebody has acknowledged, or dealt with."""
    found = (core.alert(id_) for id_ in ids)
    return frozenset(one.id for one in found if one.acked_at is not None or one.state is AlertState.DONE)


def _rank(card: Toast) -> tuple[str, float]:
    return card.alert.severity.value, -card.alert.created_at.timestamp()
