"""What a source usually brings at this hour of the week, and how strange it is to bring less.

Pure: counts in, expectations and improbabilities out. Everything is on the safe side of too few alarms:
bursts are cut before the mean is learnt from them, and the spread is that of the ordinary lows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

WEEK = 168
LEAST = 7 * 24
"""Hours that must have been watched before anything is expected."""
HALF = 14 * 24.0
"""Hours after which an hour counts half."""
DRIFT = 0.02
"""Squared share by which a level wanders from week to week beside all chance."""
PRIOR = 8.0
"""Mentions that an hour of the week's own count must outweigh."""
_SPANS = (1, 6, 24)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`rates`: expected mentions of each hour of the week, Monday 0:00 local first. `spread`: how much more
    than by chance counts fall short, in spans of 1, 6 and 24 hours; 1 is the Poisson."""

    rates: tuple[float, ...]
    spread: tuple[float, float, float]
    zone: int
    """Hours that local time is ahead of UTC."""

    @property
    def weekly(self) -> float:
        return sum(self.rates)

    def rate(self, hour: int) -> float:
        """`hour`: from 1970, UTC."""
        return self.rates[_place(hour, self.zone)]

    def expected(self, since: datetime, until: datetime) -> float:
        """Mentions between two moments; 0 where they stand the wrong way round."""
        start, end = _hours(since), _hours(until)
        if end <= start:
            return 0.0
        weeks = int((end - start) // WEEK)
        total, at = weeks * self.weekly, start + weeks * WEEK
        while at < end:
            following = min(end, math.floor(at) + 1.0)
            total += (following - at) * self.rate(math.floor(at))
            at = following
        return total

    def strangeness(self, came: int, mean: float, hours: float) -> float:
        """-log10 of the chance that `came` or fewer come where `mean` are expected within `hours`."""
        return lower_tail(came, mean, self.spread_of(hours))

    def spread_of(self, hours: float) -> float:
        """The spread of a span so long: the greatest of those that are not much longer."""
        return max(
            one for one, span in zip(self.spread, _SPANS, strict=True) if span <= max(1.0, hours * 2)
        )


def lower_tail(came: int, mean: float, spread: float) -> float:
    """-log10 P(X <= came) of a negative binomial whose variance is spread · mean + DRIFT · mean²."""
    if mean <= 0.0 or came >= mean:
        return 0.0
    wide = max(spread, 1.0) - 1.0 + DRIFT * mean
    size = mean / wide
    log_term = -size * math.log1p(wide)
    ratio = wide / (1.0 + wide)
    total = 1.0
    term = 1.0
    for n in range(came):
        term *= ratio * (size + n) / (n + 1.0)
        total += term
    return max(0.0, -(log_term + math.log(total)) / math.log(10.0))


def learn(
    counts: Mapping[int, int], first: int, last: int, unseen: AbstractSet[int] = frozenset(), zone: int = 8
) -> Rhythm | None:
    """From the counts of hours (from 1970, UTC) `first` to `last` (not included), without the `unseen`.

    None while too few hours were watched, or nothing ever came.
    """
    hours = [hour for hour in range(first, last) if hour not in unseen]
    if len(hours) < LEAST or not any(counts.get(hour) for hour in hours):
        return None
    said = [float(counts.get(hour, 0)) for hour in hours]
    weights = [0.5 ** ((last - hour) / HALF) for hour in hours]
    places = [_place(hour, zone) for hour in hours]
    rates = _calm(said, places)
    for _again in range(3):
        cut = [min(one, _most(rates[place])) for one, place in zip(said, places, strict=True)]
        rates = _rates(cut, weights, places)
    told = dict(zip(hours, said, strict=True))
    spread = tuple(_spread(told, first, last, rates, zone, span) for span in _SPANS)
    return Rhythm(tuple(rates), (spread[0], spread[1], spread[2]), zone)


def _calm(said: Sequence[float], places: Sequence[int]) -> list[float]:
    """A first guess that no outbreak can raise: of each hour of the day all but the greatest tenth."""
    by_hour: list[list[float]] = [[] for _hour in range(24)]
    for one, place in zip(said, places, strict=True):
        by_hour[place % 24].append(one)
    usual = []
    for some in by_hour:
        kept = sorted(some)[: max(1, int(0.9 * len(some)))]
        usual.append(sum(kept) / len(kept) if kept else 0.0)
    return [usual[place % 24] for place in range(WEEK)]


def _most(rate: float) -> float:
    """More than this in an hour is a burst, which says nothing about ordinary hours."""
    return 3.0 * rate + 3.0 * math.sqrt(rate) + 2.0


def _rates(said: Sequence[float], weights: Sequence[float], places: Sequence[int]) -> list[float]:
    """Level × hour of day × work day or weekend, and each hour of the week as far as it has a say."""
    level = _ratio(said, weights)
    came, seen = [0.0] * WEEK, [0.0] * WEEK
    for one, weight, place in zip(said, weights, places, strict=True):
        came[place] += one * weight
        seen[place] += weight
    day = [_share(came, seen, range(hour, WEEK, 24), level) for hour in range(24)]
    kinds = (range(120), range(120, WEEK))
    factors = [
        (sum(came[place] for place in kind) + PRIOR)
        / (sum(seen[place] * day[place % 24] for place in kind) + PRIOR)
        for kind in kinds
    ]
    made = []
    for place in range(WEEK):
        usual = day[place % 24] * factors[place >= 120]
        made.append((came[place] + PRIOR) / (seen[place] + PRIOR / usual))
    return made


def _ratio(said: Sequence[float], weights: Sequence[float]) -> float:
    return max(1e-9, sum(one * weight for one, weight in zip(said, weights, strict=True)) / sum(weights))


def _share(came: Sequence[float], seen: Sequence[float], places: range, level: float) -> float:
    """An hour of the day's rate, drawn to the level."""
    prior = PRIOR / 2
    return (sum(came[place] for place in places) + prior) / (
        sum(seen[place] for place in places) + prior / level
    )


def _spread(
    told: Mapping[int, float], first: int, last: int, rates: Sequence[float], zone: int, span: int
) -> float:
    """How far counts of a span fall short, against what chance alone would do; at least 1."""
    short = usual = blocks = 0.0
    for start in range(first, last - span + 1, span):
        block = range(start, start + span)
        if any(hour not in told for hour in block):
            continue
        mean = sum(rates[_place(hour, zone)] for hour in block)
        came = sum(told[hour] for hour in block)
        short += min(0.0, came - mean) ** 2
        usual += _shortfall(round(mean, 2)) + DRIFT * mean * mean / 2
        blocks += 1
    if blocks < 5 or usual <= 0.0:
        return 1.0
    return max(1.0, short / usual * (1.0 + 1.0 / math.sqrt(blocks)))


@lru_cache(maxsize=4096)
def _shortfall(mean: float) -> float:
    """E[min(0, X - mean)²] of a Poisson."""
    if mean > 200.0:
        return mean / 2.0
    chance, total = math.exp(-mean), 0.0
    for n in range(math.ceil(mean)):
        total += chance * (n - mean) ** 2
        chance *= mean / (n + 1.0)
    return total


def _place(hour: int, zone: int) -> int:
    """Hour of the week, Monday 0:00 local first; 1970 began on a Thursday."""
    return (hour + zone + 72) % WEEK


def _hours(at: datetime) -> float:
    return at.timestamp() / 3600.0


def hour_of(at: datetime) -> int:
    """Its number from 1970, UTC."""
    return int(at.timestamp() // 3600)


def start_of(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, UTC)
