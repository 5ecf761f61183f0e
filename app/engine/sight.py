"""Does a source that answers really show what is there? Pure rules over what its polls brought.

An answer may be an empty page, a page without anything new for longer than chance allows, or one half of
which cannot be read. What is usual is learnt per source and kept with it as JSON. The rules, and what they
promise, are told in docs/sources.md; tests/bench/blind.py measures them.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.analysis.rhythm import Rhythm
from app.domain.seeing import Cause

LISTINGS = 20
"""Polls that must have shown something before an empty page is strange."""
KNOWN = timedelta(hours=24)
"""For so long a source must have been watched."""
STEADY_KNOWN = timedelta(hours=6)
SURE = 2.5
"""-log10 of the false alarms allowed a mention a week: one in three hundred source-weeks."""
FAR_UNDER = 0.3
"""At most this share of what is usual is far too little."""
DAY = timedelta(hours=24)
LONGEST_LAG = timedelta(hours=6)
LULL_FADES = timedelta(days=21)
"""In which half is forgotten."""
BEYOND = 1.5
"""So many times the longest lull must be outdone before silence is strange."""


@dataclass(frozen=True, slots=True)
class Took:
    """What one poll brought, all its pages together.

    `new`: stored for the first time; `fresh`: handed over, known ones included. `listed`: None where the
    platform did not tell. `oldest`, `newest`: publications of the new ones.
    """

    new: int = 0
    fresh: int = 0
    listed: int | None = None
    skipped: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    whole: bool = True
    """The round came to its end."""
    began: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is usual for a source, and what it is blind for at present."""

    first_at: datetime | None = None
    """The first good answer."""
    new_at: datetime | None = None
    """When something new came last."""
    lag: float | None = None
    """Seconds from publication to reading, usually."""
    lull: float = 0.0
    """The most mentions that were expected in a silence which ended by itself; fades."""
    listings: int = 0
    least: int = 0
    usual: float = 0.0
    """The fewest and the usual number of items on a page that was not empty."""
    streak: int = 0
    """Empty pages in a row."""
    empty_at: datetime | None = None
    """Since when."""
    worst: float = 0.0
    """The longest such row that ended by itself; fades."""
    items: float = 0.0
    bad: float = 0.0
    late_items: float = 0.0
    late_bad: float = 0.0
    canary_at: datetime | None = None
    """When it was looked for last."""
    canary_seen_at: datetime | None = None
    canary_missed: int = 0
    blind: Cause | None = None
    blind_at: datetime | None = None
    healed_at: datetime | None = None
    """When it saw again after it had been called blind last."""

    def dump(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value}, default=_plain)

    @classmethod
    def load(cls, kept: str) -> Sight:
        """What cannot be read is forgotten, field by field."""
        try:
            told = json.loads(kept) if kept else {}
        except ValueError:
            told = {}
        made: dict[str, Any] = {}
        for name, value in (told if isinstance(told, dict) else {}).items():
            fit = _fit(name, value)
            if fit is not None:
                made[name] = fit
        return cls(**made)


@dataclass(frozen=True, slots=True)
class Sign:
    """Of blindness: since when, and how much was missed."""

    cause: Cause
    since: datetime
    expected: float = 0.0
    came: int = 0


def after_poll(sight: Sight, took: Took, now: datetime, rhythm: Rhythm | None = None) -> Sight:
    """What a good answer teaches. `rhythm`: None also where the silence before was a gap of ours."""
    made = replace(sight, first_at=sight.first_at or now)
    if took.new:
        made = replace(made, lull=_lull(sight, now, rhythm))
        made = replace(made, new_at=now, lag=_lag(sight.lag, took, now))
    if took.listed is not None:
        made = _listed(made, took.listed, now)
    return _read(made, took)


def _lull(sight: Sight, now: datetime, rhythm: Rhythm | None) -> float:
    """Sources that bring a day's posts in one go are silent between, which is no blindness."""
    since = sight.new_at or sight.first_at
    if since is None or rhythm is None:
        return sight.lull
    faded = sight.lull * math.pow(0.5, (now - since) / LULL_FADES)
    ended = _mean(sight, rhythm, since, now)
    return max(faded, ended * 0.8 if sight.blind is Cause.SILENT else ended)


def _lag(before: float | None, took: Took, now: datetime) -> float | None:
    """Back-fills are no sign of how late a source usually is."""
    if took.newest is None or now - took.newest > LONGEST_LAG:
        return before
    late = max(0.0, (now - took.newest).total_seconds())
    return late if before is None else before + 0.1 * (late - before)


def _listed(sight: Sight, listed: int, now: datetime) -> Sight:
    if listed == 0:
        return replace(sight, streak=sight.streak + 1, empty_at=sight.empty_at or now)
    worst = sight.worst * (1.0 - 1.0 / 2000)
    if sight.streak:  # where it was called blind and is a page of the newest n, it was
        ended = 0.0 if sight.blind is Cause.EMPTY and steady(sight) else sight.streak
        ended = ended / 2 if sight.blind is Cause.EMPTY else ended
        worst = max(worst, ended)
    return replace(
        sight,
        listings=sight.listings + 1,
        least=min(sight.least or listed, listed),
        usual=sight.usual + 0.05 * (listed - sight.usual) if sight.usual else float(listed),
        streak=0,
        empty_at=None,
        worst=worst,
    )


def _read(sight: Sight, took: Took) -> Sight:
    items = took.listed or took.fresh + took.skipped
    if not items:
        return sight
    late_items, late_bad = sight.late_items * 0.6 + items, sight.late_bad * 0.6 + took.skipped
    made = replace(sight, late_items=late_items, late_bad=late_bad)
    if took.skipped * 2 >= items:
        return made
    return replace(made, items=sight.items * 0.995 + items, bad=sight.bad * 0.995 + took.skipped)


def steady(sight: Sight) -> bool:
    """Does it always show about the same number of items (the newest n), whatever the hour?"""
    return sight.least >= 3 and sight.usual <= 2.5 * sight.least


def sign(sight: Sight, now: datetime, every: float, rhythm: Rhythm | None, came: int | None) -> Sign | None:
    """Is it blind though it answers? `came`: mentions published in the day before `now` less the lag;
    None where that was not counted."""
    return (
        _empty(sight, now, rhythm)
        or _skipped(sight, now)
        or (Sign(Cause.CANARY, sight.canary_seen_at or now) if sight.canary_missed >= 2 else None)
        or (_silent(sight, now, every, rhythm) if rhythm else None)
        or (_under(sight, now, rhythm, came) if rhythm and came is not None else None)
    )


def _empty(sight: Sight, now: datetime, rhythm: Rhythm | None) -> Sign | None:
    if not sight.streak or sight.listings < LISTINGS or sight.first_at is None:
        return None
    calm = steady(sight)
    if now - sight.first_at < (STEADY_KNOWN if calm else KNOWN):
        return None
    enough = max(2 if calm else 3, 2 * math.ceil(sight.worst) + 2 if sight.worst >= 0.5 else 0)
    if sight.streak < enough:
        return None
    since = sight.empty_at or now
    if not calm:  # a page that shrinks with the hour may come to nothing at night
        heard = min(since, sight.new_at or since)
        if rhythm is None or _strange(sight, rhythm, heard, now) < SURE:
            return None
    return Sign(Cause.EMPTY, since)


def _skipped(sight: Sight, now: datetime) -> Sign | None:
    many = sight.late_items >= 10 and sight.late_bad >= 0.5 * sight.late_items
    usual = sight.items >= 50 and sight.bad <= 0.2 * sight.items
    return Sign(Cause.SKIPPED, now) if many and usual else None


def need(rhythm: Rhythm) -> float:
    """How strange silence must be: the more a source brings, the more chances it has to seem silent."""
    return SURE + math.log10(max(1.0, rhythm.weekly))


def _silent(sight: Sight, now: datetime, every: float, rhythm: Rhythm) -> Sign | None:
    since = sight.new_at or sight.first_at
    if since is None or (now - since).total_seconds() < 2.5 * every:
        return None
    if not _too_long(sight, rhythm, since, now):
        return None
    return Sign(Cause.SILENT, since, _mean(sight, rhythm, since, now))


def _too_long(sight: Sight, rhythm: Rhythm, since: datetime, now: datetime) -> bool:
    outdone = _mean(sight, rhythm, since, now) >= BEYOND * sight.lull
    return outdone and _strange(sight, rhythm, since, now) >= need(rhythm)


def _under(sight: Sight, now: datetime, rhythm: Rhythm, came: int) -> Sign | None:
    since = now - DAY
    if sight.first_at is None or since < sight.first_at:
        return None
    mean = _mean(sight, rhythm, since, now)
    if sight.lull > 0.5 * mean:  # it comes in batches: a day says nothing
        return None
    if came > FAR_UNDER * mean or rhythm.strangeness(came, mean, 24.0) < need(rhythm):
        return None
    return Sign(Cause.SILENT, since, mean, came)


def _strange(sight: Sight, rhythm: Rhythm, since: datetime, now: datetime) -> float:
    hours = (now - since).total_seconds() / 3600
    return rhythm.strangeness(0, _mean(sight, rhythm, since, now), hours)


def _mean(sight: Sight, rhythm: Rhythm, since: datetime, now: datetime) -> float:
    late = timedelta(seconds=sight.lag or 0.0)
    return rhythm.expected(since - late, now - late)


def patience(sight: Sight, rhythm: Rhythm, now: datetime) -> float | None:
    """Seconds of silence from now on after which `sign` speaks; None beyond sixty days."""
    since = sight.new_at or sight.first_at or now
    low, high = 0.0, 60 * 86400.0
    if not _too_long(sight, rhythm, since, now + timedelta(seconds=high)):
        return None
    while high - low > 300.0:
        middle = (low + high) / 2
        enough = _too_long(sight, rhythm, since, now + timedelta(seconds=middle))
        low, high = (low, middle) if enough else (middle, high)
    return high


_MOMENTS = {
    "first_at", "new_at", "empty_at", "canary_at", "canary_seen_at", "blind_at", "healed_at",
}  # fmt: skip
_WHOLE = {"listings", "least", "streak", "canary_missed"}
_SHARES = {"lag", "lull", "usual", "worst", "items", "bad", "late_items", "late_bad"}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _fit(name: str, value: Any) -> Any:
    try:
        if name in _MOMENTS:
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        if name in _WHOLE:
            return max(0, int(value))
        if name in _SHARES:
            return float(value) if math.isfinite(float(value)) else None
        return Cause(value) if name == "blind" else None
    except (TypeError, ValueError):
        return None
