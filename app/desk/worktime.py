"""How much work time lies between two moments, and when so much of it will have passed. Pure; any thread.

What is counted are real, elapsed seconds: a night in which the clocks go forward has an hour less of night
duty. A span of work begins when the clock on the wall first shows its start (or jumps over it) and ends
when it first shows its end. Spans that overlap count once.

A calendar is compiled once and kept: its spans lie in blocks of 28 days, made when they are first wanted,
so that a question is two searches in a sorted list. Moments are aware; a naive one is a ValueError.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.desk.holidays import is_holiday, is_made_up
from app.domain.people import Calendar, Shift
from app.errors import ConfigError
from app.i18n import _

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_BLOCK = 28 * _DAY
_NEVER = 27
"""Blocks in a row without work, some two years: such a calendar never works."""
_FAR = 1304
"""Blocks, a hundred years: no deadline lies further off."""


class Span(NamedTuple):
    """From `start` to `end`, which is not in it."""

    start: datetime
    end: datetime


def worked(calendar: Calendar, a: datetime, b: datetime) -> float:
    """Seconds of work time from `a` to `b`; 0 where `b` is not later. ConfigError as `check`."""
    return hours_of(calendar).between(_micros(a), _micros(b)) / _SECOND


def after(calendar: Calendar, start: datetime, seconds: float) -> datetime:
    """The first moment (UTC) at which so much work time has passed since `start`.

    Zero and less: `start` itself. ConfigError as `check`, and where the calendar never works.
    """
    wanted = round(max(0.0, seconds) * _SECOND)
    return _moment(hours_of(calendar).after(_micros(start), wanted))


def is_working(calendar: Calendar, at: datetime) -> bool:
    stamp = _micros(at)
    return hours_of(calendar).between(stamp, stamp + 1) > 0


def next_start(calendar: Calendar, at: datetime) -> datetime:
    """When work goes on, seen from `at` (UTC); `at` itself while it is going on."""
    return _moment(hours_of(calendar).after(_micros(at), 1) - 1)


def spans(calendar: Calendar, since: datetime, until: datetime) -> tuple[Span, ...]:
    """The work between two moments, cut to them; in the calendar's zone, in order."""
    zone = zone_of(calendar)
    found = hours_of(calendar).spans(_micros(since), _micros(until))
    return tuple(Span(_moment(a).astimezone(zone), _moment(b).astimezone(zone)) for a, b in found)


def check(calendar: Calendar) -> None:
    """ConfigError, naming the field, for what cannot be a work calendar."""
    zone_of(calendar)
    for shift in calendar.shifts:
        wall_minutes(shift.start, "shifts")
        wall_minutes(shift.end, "shifts", midnight=True)
        if not shift.days:
            raise ConfigError(_("A shift needs at least one day of the week."), field="shifts")
        if any(not 1 <= day <= 7 for day in shift.days):
            raise ConfigError(_("The days of a shift are 1 (Monday) to 7 (Sunday)."), field="shifts")
    if both := sorted(set(calendar.off) & set(calendar.on)):
        told = _("{day} cannot be both a day off and a day worked.")
        raise ConfigError(told.format(day=both[0].isoformat()), field="off")


def zone_of(calendar: Calendar) -> ZoneInfo:
    """ConfigError where there is no such time zone."""
    try:
        return ZoneInfo(calendar.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        told = _("There is no time zone “{zone}”; write it like Asia/Shanghai.")
        raise ConfigError(told.format(zone=calendar.zone[:60]), field="zone") from error


def wall_minutes(said: str, field: str = "", *, midnight: bool = False) -> int:
    """Minutes since midnight of "HH:MM"; `midnight`: also 24:00. ConfigError otherwise."""
    hours, colon, minutes = said.strip().partition(":")
    plain = all(part.isascii() and part.isdigit() and len(part) <= 2 for part in (hours, minutes))
    if colon and plain and len(minutes) == 2:
        at = int(hours) * 60 + int(minutes)
        if int(minutes) < 60 and (at < 1440 or (midnight and at == 1440)):
            return at
    told = _("“{said}” is not a time of day; write it like 09:00.")
    raise ConfigError(told.format(said=said[:20]), field=field)


def shifts_on(calendar: Calendar, day: date) -> tuple[Shift, ...]:
    """The shifts that begin on this day, by what the team says, then by the holidays, then by the week."""
    if day in calendar.off:
        return ()
    weekday = day.isoweekday()
    usual = tuple(shift for shift in calendar.shifts if weekday in shift.days)
    if day in calendar.on or (calendar.china and is_made_up(day)):
        return usual if weekday <= 5 and usual else _made_up(calendar, weekday, usual)
    if calendar.china and is_holiday(day):
        return tuple(shift for shift in usual if shift.holidays)
    return usual


def _made_up(calendar: Calendar, weekday: int, usual: tuple[Shift, ...]) -> tuple[Shift, ...]:
    """Worked like the nearest weekday that has shifts, besides what is usual on that day."""
    for like in sorted(range(1, 6), key=lambda one: min((one - weekday) % 7, (weekday - one) % 7)):
        standing = tuple(shift for shift in calendar.shifts if like in shift.days)
        if standing:
            return tuple(dict.fromkeys((*usual, *standing)))
    return usual


class Hours:
    """A calendar, compiled. Stamps are microseconds since 1970, UTC."""

    def __init__(self, calendar: Calendar) -> None:
        check(calendar)
        self._calendar = calendar
        self._zone = zone_of(calendar)
        self._blocks: dict[int, _Block] = {}

    def between(self, a: int, b: int) -> int:
        """Microseconds of work."""
        if b <= a:
            return 0
        if not self._calendar.shifts:
            return b - a
        first, last = a // _BLOCK, b // _BLOCK
        if first == last:
            block = self._block(first)
            return block.until(b) - block.until(a)
        inner = sum(self._block(number).total for number in range(first + 1, last))
        start = self._block(first)
        return start.total - start.until(a) + inner + self._block(last).until(b)

    def after(self, start: int, wanted: int) -> int:
        if wanted <= 0 or not self._calendar.shifts:
            return start + max(0, wanted)
        first = start // _BLOCK
        left = wanted + self._block(first).until(start)
        idle = 0
        for number in range(first, first + _FAR):
            block = self._block(number)
            if left <= block.total:
                return block.at(left)
            left -= block.total
            idle = 0 if block.total else idle + 1
            if idle > _NEVER:
                raise ConfigError(_("By this work calendar nobody ever works."), field="shifts")
        raise ConfigError(_("This deadline lies more than a hundred years ahead."), field="minutes")

    def spans(self, a: int, b: int) -> Iterator[tuple[int, int]]:
        """Cut to the two stamps; spans that touch are one."""
        if b <= a:
            return
        if not self._calendar.shifts:
            yield a, b
            return
        blocks = (self._block(number) for number in range(a // _BLOCK, b // _BLOCK + 1))
        pairs = [pair for block in blocks for pair in zip(block.starts, block.ends, strict=True)]
        yield from ((max(a, start), min(b, end)) for start, end in _merged(pairs) if start < b and end > a)

    def _block(self, number: int) -> _Block:
        made = self._blocks.get(number)
        if made is None:  # two threads may make the same one: it is the same
            made = self._blocks[number] = _Block(self._made(number * _BLOCK))
        return made

    def _made(self, start: int) -> list[tuple[int, int]]:
        """The spans of a block, cut to it."""
        end = start + _BLOCK
        # Two days earlier: a shift of the evening before, and the distance to the farthest zone.
        day = _moment(start).date() - timedelta(days=2)
        last = _moment(end).date() + timedelta(days=1)
        found: list[tuple[int, int]] = []
        while day <= last:
            found += (self._span(day, shift) for shift in shifts_on(self._calendar, day))
            day += timedelta(days=1)
        return [(max(start, a), min(end, b)) for a, b in _merged(found) if b > start and a < end]

    def _span(self, day: date, shift: Shift) -> tuple[int, int]:
        begins, ends = wall_minutes(shift.start), wall_minutes(shift.end, midnight=True)
        midnight = datetime.combine(day, time())
        over = ends if ends > begins else ends + 1440
        first, last = (midnight + timedelta(minutes=minutes) for minutes in (begins, over))
        return first_shown(first, self._zone), first_shown(last, self._zone)


class _Block:
    """Disjoint spans in order, and how much lies before each."""

    def __init__(self, pairs: list[tuple[int, int]]) -> None:
        self.starts = [a for a, _b in pairs]
        self.ends = [b for _a, b in pairs]
        self._before = [0, *accumulate(b - a for a, b in pairs)]
        self.total = self._before[-1]

    def until(self, stamp: int) -> int:
        """Work in this block before `stamp`."""
        place = bisect_right(self.starts, stamp) - 1
        if place < 0:
            return 0
        return self._before[place] + min(stamp, self.ends[place]) - self.starts[place]

    def at(self, wanted: int) -> int:
        """The first stamp before which so much was worked; 0 < wanted <= total."""
        place = bisect_right(self._before, wanted - 1) - 1
        return self.starts[place] + wanted - self._before[place]


@lru_cache(maxsize=256)
def hours_of(calendar: Calendar) -> Hours:
    """Compiled and kept. ConfigError as `check`."""
    return Hours(calendar)


def first_shown(wall: datetime, zone: ZoneInfo) -> int:
    """The stamp at which a clock in `zone` first shows the naive `wall`, or something later."""
    early = _micros(wall.replace(tzinfo=zone, fold=0))
    if _moment(early).astimezone(zone).replace(tzinfo=None) == wall:
        return early
    # The clocks jumped over it: somewhere between what the two offsets make of it lies the jump.
    low, high = sorted((early, _micros(wall.replace(tzinfo=zone, fold=1))))
    while high - low > 1:
        middle = (low + high) // 2
        if _moment(middle).astimezone(zone).replace(tzinfo=None) >= wall:
            high = middle
        else:
            low = middle
    return high


def _merged(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(pairs):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif end > start:
            found.append((start, end))
    return found


def _micros(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return (at - _EPOCH) // _MICRO


def _moment(stamp: int) -> datetime:
    return _EPOCH + timedelta(microseconds=stamp)
