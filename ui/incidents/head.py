"""The card's head: what it is, why it was raised, where it stands, and what can be done. GUI thread."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from app.domain.warning import Incident, IncidentPhase
from app.i18n import _
from ui import theme
from ui.feed import plain
from ui.incidents import words
from ui.widgets.flow import Flow
from ui.widgets.notice import Notice
from ui.widgets.parts import boxed, button, label, pill, set_tone

SHORT = 30
HOURS = (1, 2, 6)
"""For so long an incident may be watched closely."""


class Head(QWidget):
    """`acted` carries brief, escalate, mute, unmute or mentions; `closer` how many hours, 0 to end it."""

    acted = Signal(str)
    closer = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.severity = pill("")
        self.phase = pill("")
        self.brand = pill("", "accent")
        self.when = label("", "small")
        self.title = label("", "title", wrap=True, selectable=True)
        self.reason = label("", "", wrap=True, selectable=True)
        self.state = label("", "small", wrap=True)
        self.muted = Notice()
        self.acts: dict[str, QPushButton] = {}
        self.menu = QMenu(self)
        self._lay()

    def show_incident(self, incident: Incident) -> None:
        self.severity.setText(words.severity_words(incident))
        set_tone(self.severity, {"P1": "negative", "P2": "warning"}.get(incident.severity, ""))
        self.phase.setText(words.phase_word(incident.phase))
        set_tone(self.phase, words.phase_tone(incident.phase))
        self.brand.setText(plain.squeezed(incident.brand, 40))
        self.when.setText(_when(incident))
        self._say_title(words.title(incident))
        self.reason.setText(plain.squeezed(incident.reason, 600))
        self.acts["mentions"].setText(words.mentions_words(incident.mentions))
        self.state.setText(_state(incident))
        self.state.setVisible(bool(self.state.text()))
        self._show_muted(incident)
        open_ = incident.phase is not IncidentPhase.CLOSED
        self.acts["closer"].setEnabled(open_)
        self.no_closer.setVisible(_is_watched(incident))

    def _say_title(self, title: str) -> None:
        """A long one, which quotes a post, in smaller type."""
        role = "title" if len(title) <= SHORT else "heading"
        if self.title.property("role") != role:
            self.title.setProperty("role", role)
            theme.restyle(self.title)
        self.title.setText(title)

    def _show_muted(self, incident: Incident) -> None:
        for name in ("mute", "unmute"):
            self.acts[name].setVisible((name == "unmute") is bool(incident.muted))
        if not incident.muted:
            self.muted.quiet()
            return
        told = _("{name} muted it: {reason}")
        name = plain.one_line(incident.muted_by, 40) or _("Somebody")
        self.muted.say(told.format(name=name, reason=plain.squeezed(incident.muted, 400)))

    def _lay(self) -> None:
        for name, said, icon, kind in (
            ("brief", _("Briefing"), "file", "primary"),
            ("closer", _("Watch closely"), "eye", ""),
            ("escalate", _("Escalate"), "escalate", ""),
            ("mute", _("Mute"), "mute", ""),
            ("unmute", _("Let it alarm again"), "bell", ""),
            ("mentions", "", "feed", ""),
        ):
            self.acts[name] = button(said, icon=icon, kind=kind)
            self.acts[name].setObjectName(name)
            if name != "closer":
                self.acts[name].clicked.connect(self._pressed)
        self._fill_menu()
        pills, acts = Flow(6), Flow(theme.S)
        for one in (self.severity, self.phase, self.brand, self.when):
            pills.addWidget(one)
        for act in self.acts.values():
            acts.addWidget(act)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.S)
        for part in (boxed(pills), self.title, self.reason, self.state, self.muted, boxed(acts)):
            box.addWidget(part)

    def _fill_menu(self) -> None:
        for hours in HOURS:
            made = QAction(words.hours_words(hours), self.menu)
            made.setData(hours)
            self.menu.addAction(made)
        self.no_closer = self.menu.addAction(_("No longer"))
        self.no_closer.setData(0)
        self.menu.setAccessibleName(_("Watch closely"))
        self.menu.triggered.connect(self._timed)
        closer = self.acts["closer"]
        closer.setToolTip(_("Its sources are read more often for a while."))
        closer.setMenu(self.menu)

    def _timed(self, act: QAction) -> None:
        self.closer.emit(float(act.data()))

    def _pressed(self) -> None:
        self.acted.emit(self.sender().objectName())


def _when(incident: Incident) -> str:
    began = plain.clock_time(incident.opened_at)
    if incident.closed_at is not None:
        return _("{since} to {until}").format(since=began, until=plain.clock_time(incident.closed_at))
    return _("since {when}").format(when=f"{began} ({plain.ago(incident.opened_at, datetime.now(UTC))})")


def _is_watched(incident: Incident) -> bool:
    return incident.closer_until is not None and incident.closer_until > datetime.now(UTC)


def _state(incident: Incident) -> str:
    """What a person set in motion and what still goes on."""
    told = []
    if incident.closer_until is not None and _is_watched(incident):
        told.append(_("Watched closely until {when}").format(when=words.until_words(incident.closer_until)))
    if incident.escalated_to:
        told.append(_("Escalated to {name}").format(name=plain.one_line(incident.escalated_to, 80)))
    return " · ".join(told)
