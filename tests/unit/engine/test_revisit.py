"""When a thread is read again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.engine.revisit import COLD, DROPPED, FIRST, HOT, after_failure, after_visit, begin, visits
from app.storage.values import Revisit

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def follow(comes: list[int]) -> list[timedelta]:
    """The waits of a thread whose visits find so many new comments."""
    one: Revisit | None = begin(1, 1, "1", NOW)
    waits = []
    for came in comes:
        assert one is not None
        at = one.due
        one = after_visit(one, came, None, at)
        if one is None:
            break
        waits.append(one.due - at)
    return waits


def test_a_new_post_is_read_again_soon() -> None:
    assert begin(1, 1, "1", NOW).due == NOW + FIRST


def test_hot_in_minutes_cold_in_a_day() -> None:
    assert follow([40, 60, 60])[-1] == HOT
    quiet = follow([0] * 12)
    assert quiet == sorted(quiet)
    assert quiet[0] <= timedelta(hours=1)
    assert quiet[-1] == COLD


def test_a_thread_that_slows_down_is_read_less_often_and_one_that_wakes_up_sooner() -> None:
    slowing = follow([40, 20, 10, 3, 1, 0, 0])
    assert slowing[-1] > slowing[0]
    waking = follow([0, 0, 0, 0, 30])
    assert waking[-1] < waking[-2]


def test_it_is_dropped_after_two_weeks_without_anything_new() -> None:
    one: Revisit | None = begin(1, 1, "1", NOW)
    at = NOW
    while one is not None:
        at = one.due
        one = after_visit(one, 0, None, at)
        assert at - NOW < DROPPED + 2 * COLD
    assert at - NOW >= DROPPED


@given(st.lists(st.integers(0, 500), max_size=40))
def test_every_wait_lies_between_minutes_and_a_day(comes: list[int]) -> None:
    assert all(HOT <= wait <= COLD for wait in follow(comes))


@given(st.lists(st.integers(0, 500), min_size=1, max_size=20), st.integers(1, 500))
def test_more_comments_never_mean_a_longer_wait(comes: list[int], more: int) -> None:
    before = follow(comes[:-1])
    if len(before) < len(comes) - 1:
        return
    few, many = follow([*comes[:-1], 1]), follow([*comes[:-1], 1 + more])
    assert many[-1] <= few[-1]


def test_failures_wait_longer_and_end() -> None:
    one: Revisit | None = begin(1, 1, "1", NOW)
    waits = []
    while one is not None and len(waits) < 20:
        one = after_failure(one, NOW)
        if one is not None:
            waits.append(one.due - NOW)
    assert waits == sorted(waits)
    assert len(waits) == 4


@given(st.integers(1, 200), st.none() | st.integers(0, 5000), st.floats(0, 5000))
def test_threads_never_take_what_the_polls_need(per_minute: int, left: int | None, kept: float) -> None:
    most = visits(per_minute, 30.0, left, kept)
    assert 0 <= most <= max(1, per_minute)
    if left is not None:
        assert most <= max(0.0, left - kept)
