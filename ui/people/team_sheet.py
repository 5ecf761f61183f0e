"""A team and when it works, with the week that makes of it. GUI thread."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.people import Calendar, Team
from app.errors import ConfigError
from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.people.shifts import Shifts
from ui.people.week import WeekBars
from ui.widgets.notice import Notice
from ui.widgets.parts import boxed, card, clear, column, label, row, scrolled

if TYPE_CHECKING:
    from app.core import Core, Special, WorkWeek

TYPING_MS = 300
SHOWN = 6
"""Holidays."""
SOON_DAYS = 45
"""Before the end of the table it is said louder."""
ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Europe/Berlin",
    "Europe/London", "America/New_York", "America/Los_Angeles", "UTC",
)  # fmt: skip


class Looked(NamedTuple):
    """What a calendar makes of this week, and what is known of holidays."""

    week: WorkWeek
    holidays: tuple[Special, ...]
    known_until: date
    today: date


class TeamSheet(AskingSheet):
    """`saved` carries the Team as it was stored."""

    saved = Signal(object)

    def __init__(self, context: Context, team: Team | None = None, parent: QWidget | None = None) -> None:
        about = _("Deadlines are counted in the time in which somebody is there.")
        super().__init__(context, _("Edit team") if team else _("New team"), parent, about=about)
        self.resize(1000, 680)
        self._team = team or Team(name="")
        self.name = QLineEdit()
        self.name.setMaxLength(60)
        self.zone = QComboBox()
        self.zone.setEditable(True)
        self.zone.addItems(ZONES)
        self.china = QCheckBox(_("China's public holidays are free, make-up days (调休) are worked"))
        self.shifts = Shifts()
        self.off, self.on = QLineEdit(), QLineEdit()
        self.preview = WeekPreview()
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.look)
        self._lay()
        self._fill(self._team)
        self._connect()
        self.chief = self.buttons(_("Save"), self.save)
        self.look()

    def team(self) -> Team:
        """As it stands in the fields; ConfigError names the one that cannot be read."""
        calendar = Calendar(
            zone=self.zone.currentText().strip(),
            shifts=self.shifts.shifts(),
            china=self.china.isChecked(),
            off=_dates(self.off.text(), "off"),
            on=_dates(self.on.text(), "on"),
        )
        return Team(id=self._team.id, name=self.name.text().strip(), calendar=calendar)

    def look(self) -> None:
        """What it makes of this week."""
        try:
            team = self.team()
        except ConfigError as error:
            self.preview.fail(error.text)
            return
        self.ask(partial(_look, self.context.core, team.calendar), self.looked, self.not_looked)

    def looked(self, found: Looked) -> None:
        self.preview.show_week(found, china=self.china.isChecked())

    def not_looked(self, error: BaseException) -> None:
        self.preview.fail(told.explain(error))

    def save(self) -> None:
        self.problem.quiet()
        try:
            team = self.team()
        except ConfigError as error:
            self.not_saved(error)
            return
        self.chief.setEnabled(False)
        self.ask(partial(self.context.core.save_team, team), self.was_saved, self.not_saved)

    def was_saved(self, team: Team) -> None:
        self.saved.emit(team)
        self.accept()

    def not_saved(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self.complain(error)
        fields: dict[str, QWidget] = {"name": self.name, "zone": self.zone, "off": self.off, "on": self.on}
        if isinstance(error, ConfigError) and error.field in fields:
            fields[error.field].setFocus()

    def _edited(self, _what: object = None) -> None:
        self.problem.quiet()
        self._typing.start()

    def _fill(self, team: Team) -> None:
        self.name.setText(team.name)
        self.zone.setCurrentText(team.calendar.zone)
        self.china.setChecked(team.calendar.china)
        self.shifts.show_shifts(team.calendar.shifts)
        self.off.setText(", ".join(day.isoformat() for day in team.calendar.off))
        self.on.setText(", ".join(day.isoformat() for day in team.calendar.on))

    def _connect(self) -> None:
        for box in (self.name, self.off, self.on):
            box.textEdited.connect(self._edited)
        self.zone.currentTextChanged.connect(self._edited)
        self.china.toggled.connect(self._edited)
        self.shifts.edited.connect(self._edited)
        self.name.setFocus()

    def _lay(self) -> None:
        self.name.setPlaceholderText(_("Such as Day shift"))
        for box in (self.off, self.on):
            box.setPlaceholderText("2026-12-31, 2027-01-04")
        named: tuple[tuple[QWidget, str], ...] = (
            (self.name, _("Name")), (self.zone, _("Time zone")), (self.off, _("Days off of its own")),
            (self.on, _("Days it works all the same")),
        )  # fmt: skip
        for field, words in named:
            field.setAccessibleName(words)
        left = QVBoxLayout()
        left.setSpacing(theme.L)
        name = column(label(_("Name"), "strong"), self.name, spacing=theme.XS)
        zone = column(label(_("Time zone"), "strong"), self.zone, spacing=theme.XS)
        left.addLayout(row(name, theme.S, zone))
        left.addLayout(column(label(_("Shifts"), "strong"), self.shifts, spacing=theme.S))
        left.addWidget(self.china)
        for field, words in named[2:]:
            left.addLayout(column(label(words, "strong"), field, spacing=theme.XS))
        left.addStretch(1)
        inner = boxed(left)
        left.setContentsMargins(2, 0, theme.M, 0)
        both = QHBoxLayout()
        both.setSpacing(theme.XL)
        both.addWidget(scrolled(inner), 5)
        both.addWidget(card(self.preview, margin=theme.L), 4)
        self.body.addLayout(both, 1)


class WeekPreview(QWidget):
    """This week, the next holidays, and until when they are known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.total = label("", "heading", wrap=True)
        self.bars = WeekBars()
        self.problem = label("", "error", wrap=True)
        self.known = Notice()
        self._holidays = QVBoxLayout()
        self._holidays.setSpacing(theme.XS)
        self._head = label(_("Next holidays"), "strong")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.M)
        for part in (self.total, self.bars, self.problem, self._head):
            layout.addWidget(part)
        layout.addLayout(self._holidays)
        layout.addWidget(self.known)
        layout.addStretch(1)
        self.problem.hide()

    def show_week(self, found: Looked, *, china: bool) -> None:
        self.problem.hide()
        self.total.setText(_("This week: {n} h of work").format(n=f"{found.week.hours:g}"))
        self.bars.show_week(found.week)
        clear(self._holidays)
        shown = found.holidays[:SHOWN] if china else ()
        for one in shown:
            what = label(_("worked") if one.worked else _("free"), "small")
            name = label(plain.one_line(one.name, 40), "muted")
            self._holidays.addLayout(row(label(_span(one)), name, what, None))
        self._head.setVisible(bool(shown))
        soon = (found.known_until - found.today).days < SOON_DAYS
        known = _("Holidays are known until {date}; after that plain weekdays have to do.")
        said = known.format(date=found.known_until.isoformat()) if china else ""
        self.known.say(said, "warning" if soon else "")

    def fail(self, text: str) -> None:
        """The fields cannot be read as they stand."""
        self.problem.setText(plain.visible(text))
        self.problem.show()
        self.total.setText("")
        self.bars.show_week(None)


def _look(core: Core, calendar: Calendar) -> Looked:
    today = core.clock.now().date()
    return Looked(core.work_week(calendar), core.holidays(), core.holidays_known_until(), today)


def _span(one: Special) -> str:
    return f"{one.first:%m-%d}" if one.first == one.last else f"{one.first:%m-%d} – {one.last:%m-%d}"


def _dates(said: str, field: str) -> tuple[date, ...]:
    """“2026-12-31, 2027-01-04”, however they are parted."""
    found = []
    for part in re.split(r"[\s,，、;；]+", said.strip()):
        try:
            if part:
                found.append(date.fromisoformat(part))
        except ValueError:
            told_ = _("“{said}” is not a date; write it like 2026-10-01.")
            raise ConfigError(told_.format(said=part[:20]), field=field) from None
    return tuple(sorted(set(found)))
