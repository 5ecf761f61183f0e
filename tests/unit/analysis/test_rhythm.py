"""What a source usually brings, and how strange it is to bring less."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.rhythm import WEEK, Rhythm, hour_of, learn, lower_tail, start_of

MONDAY = hour_of(datetime(2026, 3, 2, tzinfo=UTC))


def flat(rate: float, spread: float = 1.0) -> Rhythm:
    return Rhythm((rate,) * WEEK, (spread,) * 3, 0)


def made(weeks: int, rate: float, rng: random.Random) -> dict[int, int]:
    """Twice as much by day as at night (UTC), chance else."""
    counts = {}
    for hour in range(MONDAY, MONDAY + weeks * WEEK):
        mean = rate * (4 / 3 if 8 <= hour % 24 < 20 else 2 / 3)
        counts[hour] = sum(rng.random() < mean / 50 for _one in range(50))
    return counts


def test_nothing_is_expected_before_a_week_was_watched() -> None:
    counts = made(1, 2.0, random.Random(1))
    assert learn(counts, MONDAY, MONDAY + WEEK - 1, zone=0) is None
    assert learn(counts, MONDAY, MONDAY + WEEK, zone=0) is not None
    assert learn({}, MONDAY, MONDAY + WEEK, zone=0) is None


def test_day_and_night_are_learnt_and_the_week_adds_up() -> None:
    rhythm = learn(made(6, 3.0, random.Random(2)), MONDAY, MONDAY + 6 * WEEK, zone=0)
    assert rhythm is not None
    day = sum(rhythm.rate(MONDAY + hour) for hour in range(10, 18)) / 8
    night = sum(rhythm.rate(MONDAY + hour) for hour in range(6)) / 6
    assert day == pytest.approx(4.0, rel=0.2)
    assert night == pytest.approx(2.0, rel=0.25)
    assert rhythm.weekly == pytest.approx(3.0 * WEEK, rel=0.1)
    assert max(rhythm.spread) < 1.7


def test_an_outbreak_does_not_raise_what_is_expected() -> None:
    calm = made(6, 1.0, random.Random(3))
    wild = dict(calm)
    for hour in range(MONDAY + 500, MONDAY + 530):
        wild[hour] += 200
    one = learn(calm, MONDAY, MONDAY + 6 * WEEK, zone=0)
    other = learn(wild, MONDAY, MONDAY + 6 * WEEK, zone=0)
    assert one is not None
    assert other is not None
    assert other.weekly < one.weekly * 1.35


def test_hours_in_which_nobody_looked_are_left_out() -> None:
    counts = made(4, 2.0, random.Random(4))
    dark = set(range(MONDAY + 200, MONDAY + 320))
    blind = {hour: 0 if hour in dark else count for hour, count in counts.items()}
    with_gap = learn(blind, MONDAY, MONDAY + 4 * WEEK, dark, zone=0)
    without = learn(blind, MONDAY, MONDAY + 4 * WEEK, zone=0)
    assert with_gap is not None
    assert without is not None
    assert with_gap.weekly > without.weekly * 1.1
    assert with_gap.spread[2] < without.spread[2]


def test_expected_adds_up_hour_by_hour_across_weeks() -> None:
    rhythm = Rhythm(tuple(float(n) for n in range(WEEK)), (1.0, 1.0, 1.0), 0)
    start = start_of(MONDAY)
    assert rhythm.expected(start, start + timedelta(hours=3)) == pytest.approx(0 + 1 + 2)
    assert rhythm.expected(start + timedelta(minutes=90), start + timedelta(hours=2)) == pytest.approx(0.5)
    assert rhythm.expected(start, start + timedelta(weeks=3)) == pytest.approx(3 * rhythm.weekly)
    assert rhythm.expected(start, start) == rhythm.expected(start, start - timedelta(hours=1)) == 0


@given(st.integers(0, 60), st.floats(0.01, 150), st.floats(1, 20))
@settings(max_examples=150)
def test_the_tail_is_a_chance_and_falls_as_it_should(came: int, mean: float, spread: float) -> None:
    tail = lower_tail(came, mean, spread)
    assert tail >= 0
    assert math.isfinite(tail)
    assert lower_tail(came + 1, mean, spread) <= tail + 1e-9
    assert lower_tail(came, mean, spread * 1.5) <= tail + 1e-6 or came > mean / 2
    if came < mean:
        assert lower_tail(came, mean * 1.2, spread) >= tail - 1e-9


def test_the_tail_of_a_poisson_is_known() -> None:
    for mean in (0.5, 2.0):  # the drift is small where little is expected
        assert lower_tail(0, mean, 1.0) == pytest.approx(mean / math.log(10), rel=0.03)
    assert flat(1.0).strangeness(5, 4.0, 4.0) == 0


def test_a_long_span_has_the_spread_of_days() -> None:
    rhythm = Rhythm((1.0,) * WEEK, (1.1, 2.0, 5.0), 0)
    assert [rhythm.spread_of(hours) for hours in (0.1, 2, 4, 30)] == [1.1, 1.1, 2.0, 5.0]
