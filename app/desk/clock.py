"""The clock of one item: when its time is over, when it next speaks, how far it has run. Pure.

A clock is read from four things: the team's calendar, how many seconds of work were `used` as of `since`,
and how many are `allowed`. So it need not be wound up; after a crash, a sleep or a change of the calendar
the same question gives the right answer. A calendar that can no longer be used counts as always.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from app.desk.worktime import after, hours_of, worked
from app.domain.desk import WARNINGS
from app.domain.people import Calendar
from app.errors import ConfigError

_ALWAYS = Calendar()


class Clock(NamedTuple):
    """Runs by `calendar`. `allowed` 0: there is no deadline."""

    calendar: Calendar
    since: datetime
    used: int
    allowed: int

    def used_at(self, at: datetime) -> int:
        """Seconds of work time."""
        return self.used + round(worked(usable(self.calendar), self.since, at))

    def due(self) -> datetime | None:
        """When the time is over."""
        return self.moment(WARNINGS[-1])

    def moment(self, mark: int) -> datetime | None:
        """When `mark` per cent are over; `since` where that was before."""
        if self.allowed <= 0:
            return None
        return _after(usable(self.calendar), self.since, self.allowed * mark / 100 - self.used)

    def level(self, at: datetime) -> int:
        """The greatest of the marks that is reached, 0 for none."""
        reached = [mark for mark in WARNINGS if (when := self.moment(mark)) is not None and when <= at]
        return max(reached, default=0)

    def next(self, told: int) -> datetime | None:
        """When the first mark beyond `told` is reached."""
        return next((self.moment(mark) for mark in WARNINGS if mark > told), None)


def usable(calendar: Calendar) -> Calendar:
    """The calendar, or always, where its zone or shifts cannot be read any more."""
    try:
        hours_of(calendar)
    except ConfigError:
        return _ALWAYS
    return calendar


def _after(calendar: Calendar, start: datetime, seconds: float) -> datetime:
    try:
        return after(calendar, start, seconds)
    except ConfigError:  # nobody ever works by it
        return after(_ALWAYS, start, seconds)
