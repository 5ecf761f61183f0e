"""Work time against a counter that looks at every minute, and the days a calendar must know."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from chinese_calendar.constants import holidays, workdays
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.desk.holidays import known_until, specials
from app.desk.worktime import after, check, is_working, next_start, shifts_on, spans, worked
from app.domain.people import Calendar, Shift
from app.errors import ConfigError

MINUTE = timedelta(minutes=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = (1, 2, 3, 4, 5)
OFFICE = Calendar(
    shifts=(Shift(days=WEEK, start="09:00", end="12:00"), Shift(days=WEEK, start="13:30", end="18:00"))
)
NIGHT = Shift(days=(1, 2, 3, 4, 5, 6, 7), start="22:00", end="06:00")


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# ── against the minute counter ─────────────────────────────────────────────────────────────────

_TURNS = (  # where clocks are put forward and back, and a day that was left out
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # by half an hour
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Shanghai", date(2026, 2, 14)),  # made up, then the Spring Festival
    ("Asia/Shanghai", date(2026, 10, 10)),
    ("Asia/Shanghai", date(2027, 2, 6)),  # no table
    ("Asia/Kathmandu", date(2026, 5, 1)),
)
_HORIZON = 9 * 1440


@lru_cache(maxsize=64)
def _wall(zone: str, first: datetime) -> list[datetime]:
    """What the clock on the wall shows, minute by minute."""
    there = ZoneInfo(zone)
    return [(first + n * MINUTE).astimezone(there).replace(tzinfo=None) for n in range(_HORIZON)]


def _shifts_of_day(calendar: Calendar, day: date) -> list[Shift]:
    weekday = day.isoweekday()
    mine = [one for one in calendar.shifts if weekday in one.days]
    if day in calendar.off:
        return []
    if day in calendar.on or (calendar.china and day in workdays):
        if weekday <= 5 and mine:
            return mine
        for like in {6: (5, 1, 4, 2, 3), 7: (1, 2, 5, 3, 4)}.get(weekday, ()):
            if standing := [one for one in calendar.shifts if like in one.days]:
                return [*mine, *standing]
        nearest = {1: (2, 3, 4, 5), 2: (1, 3, 4, 5), 3: (2, 4, 1, 5), 4: (3, 5, 2, 1), 5: (4, 3, 1, 2)}
        for like in nearest.get(weekday, ()):
            if standing := [one for one in calendar.shifts if like in one.days]:
                return standing
        return mine
    if calendar.china and day in holidays:
        return [one for one in mine if one.holidays]
    return mine


def _working_minutes(calendar: Calendar, first: datetime) -> list[bool]:
    """By looking: on from the minute the clock shows a start, until it shows the end."""
    wall = _wall(calendar.zone, first)
    highest = list(accumulate(wall, max))  # it may be put back; the first time counts
    on = [False] * _HORIZON
    for offset in range(-2, 11):
        day = wall[0].date() + timedelta(days=offset)
        for shift in _shifts_of_day(calendar, day):
            starts = datetime.combine(day, time.fromisoformat(shift.start))
            ends = datetime.combine(day, time.fromisoformat(shift.end))
            if ends <= starts:
                ends += timedelta(days=1)
            for n in range(bisect_left(highest, starts), bisect_left(highest, ends)):
                on[n] = True
    return on


_clock = st.integers(0, 1439).map(lambda n: f"{n // 60:02}:{n % 60:02}")
_shift = st.builds(
    Shift,
    days=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    start=_clock,
    end=_clock,
    holidays=st.booleans(),
)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    zone, turn = draw(st.sampled_from(_TURNS))
    days = st.lists(st.integers(-2, 6).map(lambda n: turn + timedelta(days=n)), max_size=2)
    calendar = Calendar(
        zone=zone,
        shifts=tuple(draw(st.lists(_shift, min_size=1, max_size=4))),
        china=draw(st.booleans()),
        off=tuple(draw(days)),
        on=tuple(draw(days)),
    )
    calendar = Calendar(
        zone=zone, shifts=calendar.shifts, china=calendar.china, off=calendar.off,
        on=tuple(day for day in calendar.on if day not in calendar.off),
    )  # fmt: skip
    first = datetime.combine(turn, time(), tzinfo=UTC) - timedelta(days=3, hours=13)
    return calendar, first


@settings(max_examples=80)
@given(_cases(), st.integers(0, 8 * 1440), st.integers(0, 2000), st.integers(0, 4000))
@example(
    (Calendar(zone="America/New_York", shifts=(NIGHT,), china=False), datetime(2026, 3, 6, tzinfo=UTC)),
    1200, 2000, 700,
)  # fmt: skip
@example(
    (Calendar(zone="America/New_York", shifts=(NIGHT,), china=False), datetime(2026, 10, 30, tzinfo=UTC)),
    1200, 2000, 700,
)  # fmt: skip
def test_it_agrees_with_looking_at_every_minute(
    case: tuple[Calendar, datetime], begin: int, length: int, budget: int
) -> None:
    calendar, first = case
    on = _working_minutes(calendar, first)
    counted = [0, *accumulate(on)]
    begin, end = min(begin, _HORIZON - 1440), min(begin + length, _HORIZON - 1440)
    told = worked(calendar, first + begin * MINUTE, first + end * MINUTE)
    assert told == 60 * (counted[end] - counted[begin])
    # The other way round: the first minute at which so much has been counted.
    goal = counted[begin] + budget
    if budget and goal <= counted[_HORIZON - 1440]:
        due = after(calendar, first + begin * MINUTE, budget * 60)
        assert due == first + bisect_left(counted, goal) * MINUTE


@given(_cases(), st.integers(0, 400_000), st.floats(0.001, 3_000_000))
def test_there_and_back(case: tuple[Calendar, datetime], begin: int, seconds: float) -> None:
    calendar, first = case
    start = first + timedelta(seconds=begin, microseconds=begin)
    try:
        due = after(calendar, start, seconds)
    except ConfigError:
        return
    assert worked(calendar, start, due) == pytest.approx(seconds, abs=1e-6)
    assert worked(calendar, start, due - timedelta(microseconds=1)) < worked(calendar, start, due)


# ── what a team means by it ────────────────────────────────────────────────────────────────────


def test_lunch_is_no_breach() -> None:
    """Ten minutes before lunch, of thirty: due twenty minutes after it."""
    assert after(OFFICE, at("2026-03-02T11:50"), 1800) == at("2026-03-02T13:50")
    assert worked(OFFICE, at("2026-03-02T11:50"), at("2026-03-02T13:50")) == 1800


def test_what_comes_on_friday_evening_is_due_on_monday() -> None:
    assert after(OFFICE, at("2026-03-06T17:55"), 900) == at("2026-03-09T09:10")
    assert after(OFFICE, at("2026-03-06T17:45"), 900) == at("2026-03-06T18:00")


def test_night_duty_belongs_to_the_day_it_begins_on() -> None:
    friday = Calendar(shifts=(Shift(days=(5,), start="22:00", end="06:00"),))
    assert worked(friday, at("2026-03-06T23:00"), at("2026-03-07T12:00")) == 7 * 3600
    assert worked(friday, at("2026-03-07T22:00"), at("2026-03-08T12:00")) == 0
    assert is_working(friday, at("2026-03-07T05:59"))
    assert not is_working(friday, at("2026-03-07T06:00"))


def test_a_holiday_is_free_and_a_made_up_day_is_worked() -> None:
    """2026: 14 and 28 February are worked, the 15th to the 23rd are off."""
    assert shifts_on(OFFICE, date(2026, 2, 14)) == OFFICE.shifts
    assert worked(OFFICE, at("2026-02-15T00:00"), at("2026-02-24T00:00")) == 0
    assert after(OFFICE, at("2026-02-14T17:50"), 1200) == at("2026-02-24T09:10")


def test_duty_on_holidays_goes_on() -> None:
    duty = Calendar(shifts=(Shift(days=tuple(range(1, 8)), start="08:00", end="20:00", holidays=True),))
    assert worked(duty, at("2026-02-15T00:00"), at("2026-02-24T00:00")) == 9 * 12 * 3600


def test_a_team_abroad_knows_no_chinese_holiday() -> None:
    abroad = Calendar(zone="Europe/Berlin", shifts=OFFICE.shifts, china=False)
    assert len(shifts_on(abroad, date(2026, 10, 1))) == 2
    assert shifts_on(OFFICE, date(2026, 10, 1)) == ()


def test_the_teams_own_word_stands_before_everything() -> None:
    made = Calendar(
        shifts=OFFICE.shifts, off=(date(2026, 2, 14),), on=(date(2026, 2, 17), date(2026, 3, 1))
    )
    assert shifts_on(made, date(2026, 2, 14)) == ()
    assert len(shifts_on(made, date(2026, 2, 17))) == 2
    assert len(shifts_on(made, date(2026, 3, 1))) == 2  # a Sunday, worked like the Monday


def test_a_saturday_made_up_is_worked_like_a_friday_besides_its_own_duty() -> None:
    week, friday = (
        Shift(days=(1, 2, 3, 4), start="09:00", end="18:00"),
        Shift(days=(5,), start="09:00", end="16:00"),
    )
    duty = Shift(days=(6, 7), start="10:00", end="17:00", holidays=True)
    assert shifts_on(Calendar(shifts=(week, friday, duty)), date(2026, 2, 28)) == (duty, friday)


def test_a_table_that_ends_leaves_plain_weekdays() -> None:
    beyond = known_until().year + 1
    assert known_until() >= date(2026, 12, 31)
    days = [date(beyond, 1, 1) + timedelta(days=n) for n in range(365)]
    assert all(bool(shifts_on(OFFICE, day)) == (day.isoweekday() <= 5) for day in days)


def test_the_next_holidays_can_be_told() -> None:
    told = specials(date(2026, 9, 1), date(2026, 12, 31))
    assert [(one.first, one.last, one.worked) for one in told] == [
        (date(2026, 9, 20), date(2026, 9, 20), True),
        (date(2026, 9, 25), date(2026, 9, 27), False),
        (date(2026, 10, 1), date(2026, 10, 7), False),
        (date(2026, 10, 10), date(2026, 10, 10), True),
    ]


def test_a_night_in_which_the_clocks_change_has_an_hour_less_or_more() -> None:
    night = Calendar(zone="Europe/Berlin", shifts=(NIGHT,), china=False)
    spring, autumn = at("2026-03-28T20:00", "Europe/Berlin"), at("2026-10-24T20:00", "Europe/Berlin")
    assert worked(night, spring, spring.astimezone(UTC) + timedelta(hours=15)) == 7 * 3600
    assert worked(night, autumn, autumn.astimezone(UTC) + timedelta(hours=15)) == 9 * 3600


def test_no_shifts_is_always() -> None:
    always = Calendar(off=(date(2026, 3, 2),))
    start = at("2026-03-01T23:59")
    assert after(always, start, 90_000) == start + timedelta(seconds=90_000)
    assert worked(always, start, start + timedelta(seconds=7)) == 7


def test_a_shift_that_ends_when_it_begins_is_a_whole_day_and_midnight_may_be_24() -> None:
    whole = Calendar(shifts=(Shift(days=(1,), start="09:00", end="09:00"),))
    assert worked(whole, at("2026-03-02T00:00"), at("2026-03-05T00:00")) == 86_400
    late = Calendar(shifts=(Shift(days=(1,), start="18:00", end="24:00"),))
    assert worked(late, at("2026-03-02T00:00"), at("2026-03-05T00:00")) == 6 * 3600


def test_overlapping_shifts_count_once() -> None:
    made = Calendar(shifts=(*OFFICE.shifts, Shift(days=WEEK, start="11:00", end="14:00")))
    assert worked(made, at("2026-03-02T00:00"), at("2026-03-03T00:00")) == 9 * 3600
    found = spans(made, at("2026-03-02T00:00"), at("2026-03-03T00:00"))
    assert [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in found] == [("09:00", "18:00")]


def test_when_work_goes_on() -> None:
    assert next_start(OFFICE, at("2026-03-06T18:00")) == at("2026-03-09T09:00")
    assert next_start(OFFICE, at("2026-03-09T09:30")) == at("2026-03-09T09:30")


def test_time_that_runs_backwards_is_no_work_and_asks_for_none() -> None:
    start = at("2026-03-02T10:00")
    assert worked(OFFICE, start, start - timedelta(hours=3)) == 0
    assert after(OFFICE, start, -5) == start
    assert after(OFFICE, start, 0) == start


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        worked(OFFICE, datetime(2026, 3, 2), at("2026-03-02T10:00"))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        after(Calendar(), datetime(2026, 3, 2), 5)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("calendar", "field"),
    [
        (Calendar(zone="Asia/Nowhere"), "zone"),
        (Calendar(zone=""), "zone"),
        (Calendar(zone="../../etc/passwd"), "zone"),
        (Calendar(zone="/etc/passwd"), "zone"),
        (Calendar(shifts=(Shift(days=(), start="09:00", end="18:00"),)), "shifts"),
        (Calendar(shifts=(Shift(days=(0,), start="09:00", end="18:00"),)), "shifts"),
        (Calendar(shifts=(Shift(days=(1,), start="9", end="18:00"),)), "shifts"),
        (Calendar(shifts=(Shift(days=(1,), start="24:00", end="18:00"),)), "shifts"),
        (Calendar(shifts=(Shift(days=(1,), start="09:00", end="25:00"),)), "shifts"),
        (Calendar(shifts=(Shift(days=(1,), start="09:60", end="18:00"),)), "shifts"),
        (Calendar(shifts=(Shift(days=(1,), start="٠٩:٠٠", end="18:00"),)), "shifts"),
        (Calendar(off=(date(2026, 3, 2),), on=(date(2026, 3, 2),)), "off"),
    ],
)
def test_what_cannot_be_a_calendar_is_said(calendar: Calendar, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(calendar)
    assert caught.value.field == field


def test_a_calendar_by_which_nobody_ever_works_is_an_error_and_no_endless_loop() -> None:
    every = tuple(date(2026, 1, 1) + timedelta(days=n) for n in range(1200))
    with pytest.raises(ConfigError, match="nobody"):
        after(Calendar(shifts=OFFICE.shifts, off=every), at("2026-03-02T10:00"), 60)


def test_five_thousand_deadlines_take_well_under_a_second() -> None:
    start = at("2026-03-01T00:00")
    begun = process_time()
    for n in range(5000):
        after(OFFICE, start + timedelta(seconds=37 * n), 900 + n)
    assert process_time() - begun < 5  # it is some 50 ms; the machine may be busy
