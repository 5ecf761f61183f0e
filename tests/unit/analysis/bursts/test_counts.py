"""Counts: what alarms, what does not, and the promises that hold for every series."""

from __future__ import annotations

import json
import math
import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.bursts.baseline import Baseline
from app.analysis.bursts.calendar import Calendar, Day, Moment
from app.analysis.bursts.counts import Counts
from app.analysis.bursts.sensitivity import THRESHOLDS, Sensitivity
from tests.unit.analysis.bursts.made import BEGIN, DAY, SLOT, alarms, moment, quiet, run

RATES = [0.02, 0.25, 3.0, 30.0, 833.0]
"""Posts a slot: one in four hours to ten thousand an hour."""

COUNTS = st.lists(st.integers(0, 400).map(float), min_size=1, max_size=120)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.0, 1e6), st.sampled_from([60.0, 300.0, 3600.0, 86400.0]))
def test_a_constant_rate_never_alarms(rate: float, step: float) -> None:
    readings = run([rate] * 500, THRESHOLDS[Sensitivity.SENSITIVE], step=step)
    assert alarms(readings) == []
    assert all(0.0 <= one.score < 0.5 for one in readings)


@pytest.mark.parametrize("rate", RATES)
def test_a_surge_alarms_within_half_an_hour_at_every_size(rate: float) -> None:
    before = quiet(1, rate, 14 * DAY)
    surge = [one + max(2.0, 4.0 * rate) for one in quiet(2, rate, 12)]
    readings = run([*before, *surge])
    assert any(14 * DAY <= at < 14 * DAY + 6 for at in alarms(readings))


@pytest.mark.parametrize("rate", RATES)
def test_a_quiet_fortnight_hardly_alarms(rate: float) -> None:
    assert len(alarms(run(quiet(3, rate, 14 * DAY)))) <= 2


def test_ten_times_as_many_posts_alarm_at_least_as_well() -> None:
    values = [*quiet(1, 1.0, 7 * DAY), *[12.0] * 6]
    for factor in (1.0, 10.0, 1000.0):
        readings = run([value * factor for value in values])
        assert any(at >= 7 * DAY for at in alarms(readings)), factor


@settings(deadline=None, max_examples=40)
@given(COUNTS, COUNTS)
def test_a_row_never_depends_on_later_rows(values: list[float], later: list[float]) -> None:
    assert run([*values, *later])[: len(values)] == run(values)


@settings(deadline=None, max_examples=40)
@given(COUNTS, COUNTS, st.integers(1, 5000))
def test_a_state_saved_and_loaded_goes_on_exactly_so(
    first: list[float], then: list[float], gap: int
) -> None:
    counts = Counts()
    run(first, counts=counts)
    loaded = Counts.load(json.loads(json.dumps(counts.dump())))
    begin = len(first) + gap
    assert run(then, begin=begin, counts=loaded) == run(then, begin=begin, counts=counts)
    assert loaded.dump() == counts.dump()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0.0, 1e12), min_size=1, max_size=60), st.floats(1.0, 1e6))
def test_scores_stay_within_bounds_and_agree_with_alarms(values: list[float], step: float) -> None:
    for one in run(values, step=step):
        assert 0.0 <= one.score <= 1.0
        assert one.alarm == (one.score >= 0.5)
        assert math.isfinite(one.expected)
        assert one.expected >= 0.0


def test_one_alarm_an_incident_until_it_has_grown_threefold() -> None:
    values = [*quiet(4, 3.0, 10 * DAY), *[40.0] * 24, *[2000.0] * 12]
    found = [at - 10 * DAY for at in alarms(run(values)) if at >= 10 * DAY]
    assert len(found) == 2
    assert found[0] < 6
    assert 24 <= found[1] < 30


def test_who_surges_every_day_is_told_less_and_less() -> None:
    values = quiet(5, 5.0, 28 * DAY)
    for day in range(7, 28):
        for slot in range(day * DAY + 60 + 5 * day, day * DAY + 66 + 5 * day):
            values[slot] += 60.0
    found = [at // DAY for at in alarms(run(values))]
    assert 7 in found
    assert sum(day < 14 for day in found) > sum(day >= 21 for day in found)


def test_less_sensitive_alarms_less() -> None:
    chance = random.Random(6)
    values = quiet(6, 2.0, 28 * DAY)
    for _ in range(40):
        at, size = chance.randrange(3 * DAY, 28 * DAY - 6), chance.uniform(2.0, 30.0)
        values[at : at + 6] = [one + round(size) for one in values[at : at + 6]]
    sizes = {word: len(alarms(run(values, THRESHOLDS[word]))) for word in Sensitivity}
    assert sizes[Sensitivity.SENSITIVE] > sizes[Sensitivity.BALANCED] > sizes[Sensitivity.QUIET] > 0


def test_two_posts_are_no_surge_and_four_are_in_a_silent_brand() -> None:
    silent = [0.0] * (14 * DAY)
    assert alarms(run([*silent, 1.0, 1.0, *[0.0] * 20])) == []
    found = alarms(run([*silent, 2.0, 2.0]))
    assert found == [14 * DAY + 1]


def test_the_morning_is_no_surge() -> None:
    values = [20.0 if 8 <= slot % DAY // 12 < 22 else 1.0 for slot in range(14 * DAY)]
    assert [at for at in alarms(run(values)) if at >= 3 * DAY] == []


def test_silence_of_a_busy_brand_is_told() -> None:
    readings = run([*quiet(7, 20.0, 14 * DAY), *[0.0] * DAY])
    found = [one for one in readings[14 * DAY :] if one.alarm]
    assert {one.kind for one in found} == {"unsettled"}
    assert found[0].came < 0.8 * found[0].usual


def test_what_gathered_in_a_gap_does_not_alarm() -> None:
    counts = Counts()
    run(quiet(8, 3.0, 10 * DAY), counts=counts)
    back = run([3.0 * 36, 4.0, 3.0, 2.0], begin=10 * DAY + 36, counts=counts)
    assert alarms(back) == []


def test_far_more_than_a_gap_explains_alarms() -> None:
    counts = Counts()
    run(quiet(8, 3.0, 10 * DAY), counts=counts)
    assert alarms(run([900.0], begin=10 * DAY + 12, counts=counts)) == [0]


@pytest.mark.parametrize("days", [21, 400])
def test_after_a_long_gap_it_goes_on(days: int) -> None:
    counts = Counts()
    values = quiet(9, 3.0, 10 * DAY)
    run(values, counts=counts)
    back = run([*quiet(10, 3.0, 5 * DAY), *[40.0] * 3], begin=(10 + days) * DAY, counts=counts)
    assert [at for at in alarms(back) if at < 5 * DAY] == []
    assert back[DAY].expected == pytest.approx(3.0, rel=0.8)
    assert back[-1].alarm or back[-2].alarm or back[-3].alarm


def test_late_posts_teach_and_never_alarm() -> None:
    counts = Counts()
    run(quiet(11, 3.0, 5 * DAY), counts=counts)
    before = counts.baseline.level
    counts.late(moment(4 * DAY), 500.0)
    assert counts.baseline.level > before
    assert alarms(run(quiet(12, 3.0, DAY), begin=5 * DAY, counts=counts)) == []


def test_a_replay_never_alarms() -> None:
    counts = Counts()
    run(quiet(13, 3.0, 5 * DAY), counts=counts)
    reading = counts.update(moment(5 * DAY), 500.0, SLOT, live=False)
    assert reading.strength > 1.0
    assert not reading.alarm
    assert reading.score < 0.5


@pytest.mark.parametrize("count", [-1.0, math.nan, math.inf, -math.inf])
def test_what_is_no_count_is_refused(count: float) -> None:
    with pytest.raises(ValueError, match="from 0 on"):
        Counts().update(moment(0), count, SLOT)


@pytest.mark.parametrize("step", [0.0, -300.0, math.nan, math.inf])
def test_what_is_no_slot_is_refused(step: float) -> None:
    with pytest.raises(ValueError, match="longer than no time"):
        Counts().update(moment(0), 1.0, step)


def test_the_course_of_the_week_is_learnt() -> None:
    base = Baseline()
    for hour in range(24 * 7 * 8):
        now = moment(hour, 3600.0)
        busy = now.weekday == 1 and now.hour == 20.0
        base.expect(now, 1.0)
        base.learn(now, 60.0 if busy else 20.0, 1.0)
    at = {day: base.expect(Moment.of(0.0, BEGIN + timedelta(days=day, hours=20)), 1.0) for day in (1, 2)}
    assert at[1] > 1.6 * at[2]


def test_a_holiday_is_taken_for_a_day_of_rest_at_first() -> None:
    base = Baseline()
    for hour in range(24 * 7 * 6):
        now = moment(hour, 3600.0)
        base.expect(now, 1.0)
        base.learn(now, 10.0 if now.kind is Day.REST else 40.0, 1.0)
    day = BEGIN.date() + timedelta(days=2)
    wall = BEGIN + timedelta(days=2, hours=12)
    work = base.expect(Moment.of(0.0, wall), 1.0)
    off = base.expect(Moment.of(0.0, wall, Calendar(holidays={day})), 1.0)
    assert off < 0.6 * work


def test_the_calendar_knows_days_off_and_days_made_up() -> None:
    calendar = Calendar(holidays={date(2026, 10, 1)}, workdays={date(2026, 10, 10)})
    assert calendar.kind(date(2026, 10, 1)) is Day.HOLIDAY
    assert calendar.kind(date(2026, 10, 10)) is Day.WORK
    assert calendar.kind(date(2026, 10, 11)) is Day.REST
    assert calendar.kind(date(2026, 10, 12)) is Day.WORK


def test_the_state_is_small() -> None:
    counts = Counts()
    run(quiet(14, 3.0, 10 * DAY), counts=counts)
    assert len(json.dumps(counts.dump())) < 16_000
