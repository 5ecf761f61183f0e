"""Series made for the tests: times, counts, detectors run over them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from app.analysis.bursts.calendar import WEEKENDS, Calendar, Moment
from app.analysis.bursts.counts import Counts, Reading
from app.analysis.bursts.sensitivity import BALANCED, Thresholds

SLOT = 300.0
DAY = 288
BEGIN = datetime(2026, 3, 2)  # noqa: DTZ001  # a Monday on the wall's clock


def moment(slot: int, step: float = SLOT, calendar: Calendar = WEEKENDS) -> Moment:
    return Moment.of(slot * step, BEGIN + timedelta(seconds=slot * step), calendar)


def poisson(chance: random.Random, mean: float) -> float:
    if mean > 30.0:
        return max(0.0, float(round(chance.gauss(mean, math.sqrt(mean)))))
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return float(count)


def quiet(seed: int, per_slot: float, slots: int) -> list[float]:
    """Poisson counts with nights a third as busy as days."""
    chance = random.Random(seed)
    out = []
    for slot in range(slots):
        hour = slot % DAY / 12.0
        out.append(poisson(chance, per_slot * (1.0 + 0.5 * math.sin((hour - 9.0) / 24.0 * 2.0 * math.pi))))
    return out


def run(
    values: Iterable[float],
    thresholds: Thresholds = BALANCED,
    *,
    step: float = SLOT,
    begin: int = 0,
    counts: Counts | None = None,
) -> list[Reading]:
    made = counts or Counts(thresholds)
    return [made.update(moment(begin + i, step), value, step) for i, value in enumerate(values)]


def alarms(readings: Sequence[Reading]) -> list[int]:
    return [i for i, reading in enumerate(readings) if reading.alarm]
