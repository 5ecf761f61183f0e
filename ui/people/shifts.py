"""The shifts of a team: a row each, with days to press and two times. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.domain.people import Shift
from app.domain.roster import WEEKDAYS
from app.i18n import N_, _
from ui import theme
from ui.widgets.parts import button, icon_button, label, line, row

_WEEK = (1, 2, 3, 4, 5)
_ALL = (*_WEEK, 6, 7)
PATTERNS: tuple[tuple[str, tuple[Shift, ...]], ...] = (
    (N_("Office hours"), (Shift(days=_WEEK, start="09:00", end="18:00"),)),
    (
        N_("With a lunch break"),
        (Shift(days=_WEEK, start="09:00", end="12:00"), Shift(days=_WEEK, start="13:30", end="18:00")),
    ),
    (
        N_("Early and late"),
        (
            Shift(days=_ALL, start="08:00", end="16:00", holidays=True),
            Shift(days=_ALL, start="15:00", end="23:00", holidays=True),
        ),
    ),
    (N_("Night duty"), (Shift(days=_ALL, start="22:00", end="08:00", holidays=True),)),
)
"""To begin from."""


class ShiftRow(QFrame):
    """`edited` with every change, `unwanted` when a person takes the row away."""

    edited = Signal()
    unwanted = Signal(object)

    def __init__(self, shift: Shift, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.days = [_day(number, number in shift.days) for number in range(1, 8)]
        self.start, self.end = _time(shift.start, _("Begins at")), _time(shift.end, _("Ends at"))
        self.holidays = QCheckBox(_("Also on holidays"))
        self.holidays.setChecked(shift.holidays)
        self.next_day = label(_("next day"), "small")
        gone = icon_button("close", _("Remove this shift"), self._leave)
        days = QFrame()
        days.setProperty("role", "segments")
        inner = QHBoxLayout(days)
        inner.setContentsMargins(2, 2, 2, 2)
        inner.setSpacing(1)
        for one in self.days:
            inner.addWidget(one)
            one.toggled.connect(self._changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.XS)
        layout.addLayout(row(days, None, gone))
        times = row(self.start, label("–", "muted"), self.end, self.next_day, None, self.holidays)
        layout.addLayout(times)
        layout.addWidget(line())
        for box in (self.start, self.end):
            box.textEdited.connect(self._changed)
        self.holidays.toggled.connect(self._changed)
        self._changed()

    def shift(self) -> Shift:
        """As it stands in the fields; whoever keeps it checks it."""
        days = tuple(number for number, one in enumerate(self.days, 1) if one.isChecked())
        start, end = (box.text().strip().replace("：", ":").zfill(5) for box in (self.start, self.end))
        return Shift(days=days, start=start, end=end, holidays=self.holidays.isChecked())

    def _changed(self, _state: object = None) -> None:
        start, end = (box.text().strip().zfill(5) for box in (self.start, self.end))
        self.next_day.setVisible(end <= start)
        self.edited.emit()

    def _leave(self) -> None:
        self.unwanted.emit(self)


class Shifts(QWidget):
    """Rows one under the other, and patterns to begin from."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ShiftRow] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.S)
        self.none = label(_("No shifts: on duty day and night, every day."), "muted", wrap=True)
        self.add_button = button(_("Add a shift"), self.add, icon="plus")
        self.patterns: list[QPushButton] = []
        for number, (words, _shifts) in enumerate(PATTERNS):
            made = button(_(words), self._take_pattern, kind="chip")
            made.setObjectName(str(number))
            self.patterns.append(made)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.S)
        layout.addLayout(row(*self.patterns, None, spacing=theme.XS))
        layout.addWidget(self.none)
        layout.addLayout(self._rows)
        layout.addLayout(row(self.add_button, None))

    def show_shifts(self, shifts: Iterable[Shift]) -> None:
        """In the place of what was there."""
        with QSignalBlocker(self):
            for one in tuple(self.rows):
                self._drop(one)
            for shift in shifts:
                self._put(shift)
        self._changed()

    def shifts(self) -> tuple[Shift, ...]:
        return tuple(one.shift() for one in self.rows)

    def add(self) -> None:
        """Another one: eight hours, beginning when the last one ends."""
        made = PATTERNS[0][1][0]
        if self.rows:
            last = self.rows[-1].shift()
            made = Shift(days=last.days or _WEEK, start=last.end, end=_later(last.end, 8))
        self._put(made)
        self.rows[-1].start.setFocus()
        self._changed()

    def _put(self, shift: Shift) -> None:
        made = ShiftRow(shift)
        made.edited.connect(self._changed)
        made.unwanted.connect(self._remove)
        self.rows.append(made)
        self._rows.addWidget(made)

    def _drop(self, one: ShiftRow) -> None:
        self.rows.remove(one)
        self._rows.removeWidget(one)
        one.hide()
        one.deleteLater()

    def _remove(self, one: ShiftRow) -> None:
        self._drop(one)
        self._changed()

    def _take_pattern(self) -> None:
        self.show_shifts(PATTERNS[int(self.sender().objectName())][1])

    def _changed(self) -> None:
        self.none.setVisible(not self.rows)
        self.edited.emit()


def _later(time: str, hours: int) -> str:
    """The same minute so many hours on; the time itself where it is none."""
    hour, _colon, minute = time.partition(":")
    return f"{(int(hour) + hours) % 24:02}:{minute}" if hour.isdecimal() else time


def _day(number: int, on: bool) -> QPushButton:
    made = QPushButton(_(WEEKDAYS[number - 1]))
    made.setCheckable(True)
    made.setChecked(on)
    made.setProperty("kind", "segment")
    made.setAutoDefault(False)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def _time(said: str, name: str) -> QLineEdit:
    made = QLineEdit(said)
    made.setMaxLength(5)
    made.setFixedWidth(64)
    made.setPlaceholderText("09:00")
    made.setAccessibleName(name)
    return made
