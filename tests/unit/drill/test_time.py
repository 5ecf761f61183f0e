"""Story time: a clock that is told the time, and a timeline that finds its way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.drill.clock import StoryClock, latest
from app.drill.timeline import Timeline

ZERO = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)


def test_the_clock_stands_still_until_told_and_never_goes_back() -> None:
    clock = StoryClock(ZERO, -90)
    assert clock.now() == ZERO - timedelta(minutes=90)
    seconds = clock.monotonic()
    clock.advance(-30.5)
    clock.advance(-60)
    assert clock.now() == ZERO - timedelta(minutes=30.5)
    assert clock.monotonic() - seconds == pytest.approx(59.5 * 60)
    assert clock.minute_of(ZERO + timedelta(hours=1)) == 60


@given(st.integers(0, 700 * 1440), st.integers(0, 1439), st.floats(1, 20_000))
def test_the_story_is_over_before_now(now: int, starts: int, length: float) -> None:
    moment = latest(float(starts), length, ZERO + timedelta(minutes=now))
    assert moment + timedelta(minutes=length) <= ZERO + timedelta(minutes=now)
    assert moment + timedelta(minutes=length) > ZERO + timedelta(minutes=now) - timedelta(hours=25)


def test_a_timeline_that_begins_before_minute_0() -> None:
    clock = StoryClock(ZERO, -120)
    timeline = Timeline(1.0, clock, -120)
    assert timeline.elapsed() == pytest.approx(-120)
    clock.advance(45)
    assert timeline.elapsed() == pytest.approx(45)
    for at in (-500.0, -120.0, -3.25, 0.0, 17.5, 300.0):
        assert timeline.wall(at) == ZERO + timedelta(minutes=at)
        assert timeline.minute(timeline.wall(at)) == pytest.approx(at)


@given(
    st.lists(st.tuples(st.sampled_from([1.0, 10.0, 60.0]), st.floats(0.1, 50)), max_size=5), st.floats(0, 1)
)
def test_the_way_back_from_the_wall(stretches: list[tuple[float, float]], where: float) -> None:
    clock = StoryClock(ZERO)
    timeline = Timeline(60.0, clock)
    for speed, minutes in stretches:
        clock.advance(clock.minute + minutes)
        timeline.speed = speed
    clock.advance(clock.minute + 1)
    at = timeline.elapsed() * where
    assert timeline.minute(timeline.wall(at)) == pytest.approx(at, abs=0.01)
