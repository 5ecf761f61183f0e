"""What kind of day a day is, and where in the week a moment stands. Pure; any thread."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum


class Day(IntEnum):
    """People post differently on these."""

    WORK = 0
    REST = 1
    HOLIDAY = 2


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekends rest; `holidays` are days off beyond them, `workdays` weekend days worked (调休)."""

    holidays: AbstractSet[date] = field(default_factory=frozenset)
    workdays: AbstractSet[date] = field(default_factory=frozenset)

    def kind(self, day: date) -> Day:
        if day in self.holidays:
            return Day.HOLIDAY
        if day in self.workdays:
            return Day.WORK
        return Day.REST if day.weekday() >= 5 else Day.WORK


WEEKENDS = Calendar()
"""No holidays known."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The start of a slot; made once a tick and shared by all series.

    `second` only ever grows (seconds of an epoch of the caller's choice); `hour`, `weekday` and `kind`
    are those of the clock on the wall, which people live by and which jumps twice a year.
    """

    second: float
    hour: float
    weekday: int
    kind: Day
    wall: datetime

    @classmethod
    def of(cls, second: float, wall: datetime, calendar: Calendar = WEEKENDS) -> Moment:
        """`wall` is local time; its time zone, if it has one, is not looked at."""
        return cls(
            second,
            wall.hour + wall.minute / 60.0 + wall.second / 3600.0,
            wall.weekday(),
            calendar.kind(wall.date()),
            wall,
        )
