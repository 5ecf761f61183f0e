"""When a source is read next."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.watch import Health, Source, SourceState
from app.engine.policy import (
    LONGEST_BACKOFF,
    REFUSED_REST,
    after_failure,
    after_success,
    backoff,
    is_blind,
    is_due,
)
from app.engine.poller import first_delay
from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    RateLimited,
    Refused,
    Transient,
    Unavailable,
)

RNG = random.Random(1)


def test_success_stays_within_a_tenth_of_the_interval() -> None:
    delays = [after_success(100, RNG).delay for _ in range(200)]
    assert all(delay is not None and 90 <= delay <= 110 for delay in delays)
    assert len(set(delays)) > 100


@pytest.mark.parametrize("error", [AuthFailed("x"), ConfigError("x")])
def test_a_person_is_waited_for(error: Exception) -> None:
    step = after_failure(error, 1, 60, RNG)  # type: ignore[arg-type]
    assert step.health is Health.NEEDS_PERSON
    assert step.delay is None


def test_rate_limit_is_obeyed_to_the_second() -> None:
    step = after_failure(RateLimited("x", retry_after=120), 1, 60, RNG)
    assert step.health is Health.LIMITED
    assert step.delay is not None
    assert 120 <= step.delay <= 125


def test_refused_rests_for_hours() -> None:
    step = after_failure(Refused("x"), 1, 60, RNG)
    assert step.health is Health.NEEDS_PERSON
    assert step.delay is not None
    assert step.delay >= REFUSED_REST * 0.9


def test_three_bad_answers_degrade_and_slow_down() -> None:
    early = after_failure(BadResponse("x"), 2, 60, RNG)
    late = after_failure(BadResponse("x"), 3, 60, RNG)
    assert early.health is Health.RETRYING
    assert late.health is Health.DEGRADED
    assert early.delay is not None
    assert late.delay is not None
    assert late.delay > early.delay * 2


def test_the_server_may_ask_for_a_longer_wait() -> None:
    step = after_failure(Transient("x", retry_after=900), 1, 60, RNG)
    assert step.delay is not None
    assert step.delay >= 900


def test_a_full_disk_is_tried_again_soon() -> None:
    step = after_failure(Unavailable("x"), 1, 300, RNG)
    assert step.health is Health.RETRYING
    assert step.delay is not None
    assert step.delay <= 11


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 10_000), st.floats(1, 86_400))
def test_backoff_grows_to_half_an_hour_and_never_beyond(failures: int, every: float) -> None:
    rng = random.Random(failures)
    delay = backoff(failures, every, rng)
    assert 0 < delay <= max(LONGEST_BACKOFF, every) * 1.1
    assert backoff(failures + 5, every, rng) >= delay * 0.8


@pytest.mark.parametrize("error", [AuthFailed("x"), ConfigError("x"), Refused("x"), BadResponse("x")])
def test_blind_at_once_where_trying_again_is_no_help(error: AppError) -> None:
    assert is_blind(error, 1)


def test_a_day_without_requests_is_blindness_at_once() -> None:
    assert is_blind(RateLimited("x", retry_after=4 * 3600), 1)


@pytest.mark.parametrize("error", [Transient("x"), RateLimited("x", retry_after=1), Unavailable("x")])
def test_blind_after_three_failures_otherwise(error: AppError) -> None:
    assert not is_blind(error, 2)
    assert is_blind(error, 3)


def _delays(states: list[SourceState], now: datetime) -> list[float | None]:
    return [first_delay(place, state, RNG, lambda: False, now) for place, state in enumerate(states)]


def test_five_hundred_sources_are_never_read_all_at_once() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    delays = _delays([SourceState(source=Source(id=n, kind="feed", name="x")) for n in range(500)], now)
    starts = sorted(delay for delay in delays if delay is not None)
    assert len(starts) == 500
    for start in starts:
        assert sum(start <= one < start + 1 for one in starts) <= 7


def test_what_a_platform_asked_for_before_a_restart_holds_on() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    plain = SourceState(source=Source(id=1, kind="feed", name="x"))
    later = now + timedelta(seconds=900)
    limited = replace(plain, health=Health.LIMITED, next_poll_at=later)
    refused = replace(plain, health=Health.NEEDS_PERSON, next_poll_at=later)
    signed_out = replace(plain, health=Health.NEEDS_PERSON)
    paused = replace(plain, health=Health.PAUSED)
    well = replace(plain, health=Health.OK, next_poll_at=later)
    first, second, third, fourth, fifth = _delays([limited, refused, signed_out, paused, well], now)
    assert first == second == 900
    assert third is not None
    assert third < 2
    assert fourth is None
    assert fifth is not None
    assert fifth < 2


def test_due_when_its_time_has_come() -> None:
    now = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
    source = Source(kind="feed", name="x")
    assert is_due(SourceState(source=source, health=Health.NEW), now)
    assert is_due(SourceState(source=source, health=Health.OK, next_poll_at=now), now)
    assert not is_due(
        SourceState(source=source, health=Health.OK, next_poll_at=now + timedelta(seconds=1)), now
    )
    assert not is_due(SourceState(source=source, health=Health.NEEDS_PERSON), now)
