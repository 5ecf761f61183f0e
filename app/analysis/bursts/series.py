"""A series as files bring it: gaps, rows twice, a step that changes, summer time. Online; pure.

Every row gets its answer from the rows before it and is never taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from app.analysis.bursts.calendar import WEEKENDS, Calendar, Moment
from app.analysis.bursts.counts import Counts, Reading, checked
from app.analysis.bursts.sensitivity import BALANCED, Thresholds
from app.errors import ImportFailed
from app.i18n import _

SAME = 3
"""So many equal distances in a row are the new step."""

NEAR = 0.15
"""A distance that differs by no more of the step is still the step: clocks are a little off."""

LATE = 20
"""So many rows in a row that are not later than one before: that file is not in order."""


class Note(StrEnum):
    """What was peculiar about a row."""

    FIRST = "first"
    AGAIN = "again"
    EARLIER = "earlier"
    EMPTY = "empty"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Answer:
    """For one row: `wall` and `step` are those of its slot (step 0.0 while it is unknown)."""

    reading: Reading
    wall: datetime
    step: float
    note: Note | None = None
    missing: float = 0.0


class Series:
    """Rows in, answers out."""

    def __init__(self, thresholds: Thresholds = BALANCED, calendar: Calendar = WEEKENDS) -> None:
        self._counts = Counts(thresholds)
        self._calendar = calendar
        self._step = 0.0
        self._distances = [0.0, 0.0]
        self._last: datetime | None = None
        self._second = 0.0
        self._turned = 0.0
        self._aware: bool | None = None
        self._first: tuple[datetime, float] | None = None
        self._late = 0

    def row(self, wall: datetime, count: float | None) -> Answer:
        """`count` None is a slot nobody counted. ImportFailed where the file cannot be meant seriously."""
        if count is not None:
            self._vet(count)
        second = self._place(wall)
        if self._last is None:
            self._last, self._second = wall, second
            self._first = None if count is None else (wall, count)
            return Answer(_quiet(count or 0.0), wall, 0.0, Note.FIRST if count is not None else Note.EMPTY)
        passed = second - self._second
        if passed <= 0.0:
            return self._not_later(wall, passed)
        self._late = 0
        self._follow(passed)
        step = passed if passed < 0.5 * self._step else self._step
        self._teach_first(step)
        self._last, self._second = wall, second
        moment = Moment.of(second, wall.replace(tzinfo=None), self._calendar)
        if count is None:
            return Answer(_quiet(self._counts.expected(moment, step)), wall, step, Note.EMPTY)
        gap = max(0.0, passed - step)
        reading = self._counts.update(moment, count, step)
        missing = gap if gap > 0.5 * step else 0.0
        return Answer(reading, wall, step, Note.GAP if missing else None, missing)

    def _vet(self, count: float) -> None:
        try:
            checked(count, 1.0)
        except ValueError as error:
            raise ImportFailed(str(error)) from error

    def _place(self, wall: datetime) -> float:
        """Seconds since 1970, which go on when the clock on the wall is put back."""
        aware = wall.utcoffset() is not None
        if self._aware is None:
            self._aware = aware
        elif self._aware is not aware:
            raise ImportFailed(_("Some timestamps have a time zone and some have none."))
        if aware:
            return wall.timestamp()
        second = wall.replace(tzinfo=UTC).timestamp() + self._turned
        if self._last is not None and self._put_back(wall):
            self._turned += 3600.0
            return second + 3600.0
        return second

    def _put_back(self, wall: datetime) -> bool:
        """The end of summer time: by night, exactly one hour back from where the next row was due."""
        if self._last is None or not 0.0 < self._step < 3600.0 or wall.hour > 3:
            return False
        due = self._last + timedelta(seconds=self._step)
        return wall == due - timedelta(hours=1)

    def _not_later(self, wall: datetime, passed: float) -> Answer:
        self._late += 1
        if self._late >= LATE:
            raise ImportFailed(_("The rows are not in the order of time. Sort them by timestamp first."))
        return Answer(_quiet(0.0), wall, self._step, Note.EARLIER if passed < 0.0 else Note.AGAIN)

    def _follow(self, passed: float) -> None:
        """The step is the first distance, or another one that has come SAME times in a row."""
        if not self._step:
            self._step = passed
            return
        distance, times = self._distances
        self._distances = [passed, times + 1.0 if abs(passed - distance) < 1.0 else 1.0]
        if self._distances[1] >= SAME and abs(passed - self._step) > NEAR * self._step:
            self._step = passed

    def _teach_first(self, step: float) -> None:
        """How long the first row's slot was is known only from the second."""
        if self._first is not None:
            wall, count = self._first
            self._first = None
            moment = Moment.of(self._second, wall.replace(tzinfo=None), self._calendar)
            self._counts.update(moment, count, step)

    def dump(self) -> dict[str, Any]:
        first = None if self._first is None else [self._first[0].isoformat(), self._first[1]]
        return {
            "counts": self._counts.dump(),
            "step": self._step,
            "distances": list(self._distances),
            "last": None if self._last is None else self._last.isoformat(),
            "second": self._second,
            "turned": self._turned,
            "aware": self._aware,
            "first": first,
            "late": self._late,
        }

    @classmethod
    def load(
        cls, state: dict[str, Any], thresholds: Thresholds = BALANCED, calendar: Calendar = WEEKENDS
    ) -> Series:
        made = cls(thresholds, calendar)
        made._counts = Counts.load(state["counts"], thresholds)
        made._step, made._distances = state["step"], list(state["distances"])
        made._last = None if state["last"] is None else datetime.fromisoformat(state["last"])
        made._second, made._turned = state["second"], state["turned"]
        made._aware, made._late = state["aware"], state["late"]
        if state["first"] is not None:
            made._first = datetime.fromisoformat(state["first"][0]), state["first"][1]
        return made


def _quiet(expected: float) -> Reading:
    return Reading(0.0, False, 0.0, expected)
