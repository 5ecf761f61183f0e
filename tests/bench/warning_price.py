"""What topics, tone and reach cost in false alarms on top of a brand's counts, on days without an incident.

    python tests/bench/warning_price.py [--days 60] [--brands 6] [--rates 0.5 2 10] [--seed 7]

Simulated: Poisson posts with a day and a night, a quarter of them negative, each of those about one or two
of eight topics, audiences lognormal. The same posts go through two watchers of a brand: one hears the
negative posts and nothing else, one hears all. Printed: alarms a brand-day after a week.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.analysis.bursts.calendar import Moment
from app.analysis.bursts.share import heard
from app.analysis.bursts.watcher import SLOT, Heard, Watcher
from app.domain.aspects import ASPECTS, OTHER

BEGIN = datetime(2026, 3, 2)  # noqa: DTZ001  # on the wall's clock
LEARNING = 7
TOPICS = [topic for topic in ASPECTS if topic != OTHER]


def posts(rate: float, slot: int, chance: random.Random) -> list[Heard]:
    """`rate` negative ones an hour."""
    shape = 1.0 + 0.8 * math.sin((slot % 288) / 288 * 2 * math.pi - math.pi / 2)
    limit, count, product = math.exp(-4 * rate / 12 * shape), 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return [post(slot * 1000 + k, chance) for k in range(count)]


def post(number: int, chance: random.Random) -> Heard:
    followers = chance.lognormvariate(5.0, 2.0)
    if chance.random() < 0.75:
        return Heard(number, chance.uniform(0.0, 0.15), False)
    topics = tuple(chance.sample(TOPICS, chance.choice((1, 1, 2))))
    return Heard(number, chance.uniform(0.6, 1.0), True, heard(followers, False), topics)


def alarms(watcher: Watcher, moment: Moment, said: Sequence[Heard]) -> int:
    return sum(event.alarm for event in watcher.close(moment, said, {}).events)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--brands", type=int, default=6)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.5, 2.0, 10.0])
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    for rate in options.rates:
        counted = [0, 0]
        for brand in range(options.brands):
            chance = random.Random(f"{options.seed} {rate} {brand}")
            plain, whole = Watcher(), Watcher()
            for slot in range(options.days * 288):
                moment = Moment.of(slot * SLOT, BEGIN + timedelta(seconds=slot * SLOT))
                said = posts(rate, slot, chance)
                bare = [replace(one, topics=(), reach=0.0) for one in said if one.bad]
                found = alarms(plain, moment, bare), alarms(whole, moment, said)
                if slot >= LEARNING * 288:
                    counted = [a + b for a, b in zip(counted, found, strict=True)]
        days = options.brands * (options.days - LEARNING)
        print(
            f"{rate:g} negative posts an hour: counts alone {counted[0] / days:.3f} alarms a brand-day,"
            f" with topics, tone and reach {counted[1] / days:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
