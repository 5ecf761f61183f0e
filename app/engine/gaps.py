"""What became of a time in which a source was not read: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.seeing import Outcome
from app.engine.sight import Took

LEAST = 600.0
"""Seconds without a good answer below which nobody speaks of a gap."""
POLLS = 3
"""So many intervals without a good answer are a gap, too."""


@dataclass(frozen=True, slots=True)
class Fate:
    """`unseen_until`: nothing from the beginning of the gap up to there was ever seen."""

    outcome: Outcome
    unseen_until: datetime | None = None


def was_away(last_good_at: datetime | None, now: datetime, every: float) -> bool:
    """Was nothing read for so long that the program must have been off or asleep?"""
    return last_good_at is not None and (now - last_good_at) > timedelta(seconds=max(LEAST, POLLS * every))


def fate(since: datetime, until: datetime, took: Took, reach: int) -> Fate:
    """After the first whole round that succeeds again. `reach`: seconds back that the monitor can read.

    A page that shows anything already known, or anything older than the gap, reaches over all of it.
    """
    known = took.fresh > took.new or (took.listed or 0) > took.fresh + took.skipped
    old = took.oldest is not None and took.oldest <= since
    if (reach and until - since <= timedelta(seconds=reach)) or known or old:
        return Fate(Outcome.FILLED)
    if took.new and took.oldest is not None:
        return Fate(Outcome.PARTLY, min(took.oldest, until))
    return Fate(Outcome.UNSEEN, until)
