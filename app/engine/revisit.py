"""When a thread is read again: pure functions of what came of it before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.storage.values import Revisit

FIRST = timedelta(minutes=15)
HOT = timedelta(minutes=5)
COLD = timedelta(hours=24)
DROPPED = timedelta(days=14)
"""Without anything new for so long, a thread is read no more."""
WANTED = 3.0
"""New comments a visit should find, if they go on as they come."""
GIVEN_UP = 5
"""Failures in a row."""
SHARE = 0.25
"""Of a source's requests a minute, at most, for reading again."""


def begin(mention_id: int, source_id: int, root: str, now: datetime) -> Revisit:
    """A post just found: soon, since most of what follows follows at once."""
    return Revisit(
        mention_id=mention_id, source_id=source_id, root=root, due=now + FIRST, read_at=now, changed_at=now
    )


def after_visit(one: Revisit, came: int, cursor: str | None, now: datetime) -> Revisit | None:
    """`came`: comments that were new. None: not again."""
    since = max(now - one.read_at, timedelta(minutes=1))
    seen = came / (since / timedelta(hours=1))
    velocity = seen if not one.velocity else (one.velocity + seen) / 2
    if not came and now - one.changed_at >= DROPPED:
        return None
    wait = timedelta(hours=min(WANTED / velocity, 48.0)) if velocity > 0 else COLD
    if not came:
        wait = min(max(2 * since, HOT), wait) if not velocity else max(2 * since, wait)
    return replace(
        one,
        due=now + min(max(wait, HOT), COLD),
        read_at=now,
        changed_at=now if came else one.changed_at,
        velocity=velocity,
        failures=0,
        cursor=cursor,
    )


def after_failure(one: Revisit, now: datetime) -> Revisit | None:
    """Later and later; given up after some failures in a row."""
    if one.failures + 1 >= GIVEN_UP:
        return None
    wait = min(COLD, FIRST * 4**one.failures)
    return replace(one, due=now + wait, failures=one.failures + 1)


def visits(per_minute: int, seconds: float, left: int | None, kept: float) -> int:
    """How many threads may be read in `seconds`: a part of the source's rate, and of a day's quota only
    what its polls (`kept` requests) do not need."""
    by_rate = max(1, int(per_minute * SHARE * seconds / 60))
    return by_rate if left is None else max(0, min(by_rate, int(left * 0.9 - kept)))
