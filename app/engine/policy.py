"""When a source is read next: pure functions of what happened. The one place with polling policy."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from app.domain.watch import Health, SourceState
from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    RateLimited,
    Refused,
    StorageError,
    Transient,
)

LONGEST_BACKOFF = 30 * 60.0
REFUSED_REST = 6 * 3600.0
LONG_WAIT = 3600.0
"""A platform that wants to be left alone for so long (a day's quota is used up) makes blind at once."""
BLIND_AFTER = 3
"""Failures in a row after which a source counts as blind (at once where trying again is no help)."""


@dataclass(frozen=True, slots=True)
class Step:
    """`delay` in seconds; None: not until a person acts."""

    health: Health
    delay: float | None


def jittered(seconds: float, rng: random.Random) -> float:
    """± 10 %, so that sources started together drift apart."""
    return seconds * rng.uniform(0.9, 1.1)


def after_success(every: float, rng: random.Random) -> Step:
    return Step(Health.OK, jittered(every, rng))


def after_failure(error: AppError, failures: int, every: float, rng: random.Random) -> Step:
    """`failures` counts this one too, so it is at least 1."""
    match error:
        case RateLimited():
            return Step(Health.LIMITED, max(error.retry_after, 1.0) + rng.uniform(0, 5))
        case AuthFailed() | ConfigError():
            return Step(Health.NEEDS_PERSON, None)
        case Refused():
            return Step(Health.NEEDS_PERSON, jittered(REFUSED_REST, rng))
        case BadResponse():
            slower = every if failures < BLIND_AFTER else every * 4
            health = Health.RETRYING if failures < BLIND_AFTER else Health.DEGRADED
            return Step(health, jittered(min(slower, max(every, LONGEST_BACKOFF)), rng))
        case Transient():
            return Step(Health.RETRYING, max(backoff(failures, every, rng), error.retry_after or 0.0))
        case StorageError():
            return Step(Health.RETRYING, backoff(failures, min(every, 10.0), rng))
        case _:
            return Step(Health.DEGRADED, jittered(max(every, LONGEST_BACKOFF / 3), rng))


def backoff(failures: int, every: float, rng: random.Random) -> float:
    """Doubling from the source's own interval (a minute at most), half an hour at the longest."""
    first = min(every, 60.0)
    longest = max(LONGEST_BACKOFF, every)
    return jittered(min(longest, first * 2.0 ** min(failures - 1, 20)), rng)


def is_blind(error: AppError, failures: int) -> bool:
    """Is it time to tell somebody that this source is not seen? `failures` counts this one too.

    What only a person or an update can heal is told at once; a network that hiccups may try again.
    """
    if isinstance(error, RateLimited) and error.retry_after >= LONG_WAIT:
        return True
    return isinstance(error, AuthFailed | Refused | ConfigError | BadResponse) or failures >= BLIND_AFTER


def is_due(state: SourceState, now: datetime) -> bool:
    """Has its time come? One that was never read is due at once, one that waits for a person never."""
    return state.next_poll_at <= now if state.next_poll_at is not None else state.health is Health.NEW
