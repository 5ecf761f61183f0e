"""Small brands: simulated mentions of 0.2 to 3 an hour, with bursts of 4 to 12 posts in an hour.

    python tests/bench/bursts_small.py [--brands 40] [--weeks 8] [--seed 1] [--every]

Each brand has a mean rate drawn evenly on the logarithm, a course over the 168 hours of the week (day and
night, quieter weekends, and every hour off by about 20 %) and Poisson counts each 5 minutes. Three weeks
are for learning. False alarms are counted without any burst. Then bursts are planted one by one, at random
moments; a burst is found when an alarm comes within 30 minutes after its first post. Their posts come

- `as stories grow`: by the same law as answers to a post (app/analysis/bursts/growth.py), or
- `evenly`: each minute of the hour alike, which nothing that spreads does; the hardest case.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.analysis.bursts.calendar import Moment
from app.analysis.bursts.counts import Counts
from app.analysis.bursts.growth import START
from app.analysis.bursts.sensitivity import THRESHOLDS, Sensitivity, Thresholds

SLOT, WEEK, LEARNING = 300.0, 2016, 3
BEGIN = datetime(2026, 3, 2)  # noqa: DTZ001  # a Monday on the wall's clock
BURSTS = 15

Shape = Callable[[random.Random], float]


def evenly(chance: random.Random) -> float:
    """A minute within the hour."""
    return 60.0 * chance.random()


def as_stories_grow(chance: random.Random) -> float:
    return START * (math.pow(1.0 + 60.0 / START, chance.random()) - 1.0)


SHAPES: dict[str, Shape] = {"as stories grow": as_stories_grow, "evenly": evenly}


def poisson(chance: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def course(chance: random.Random) -> list[float]:
    week = []
    for hour in range(168):
        day, clock = divmod(hour, 24)
        awake = 0.35 + 0.65 * max(0.0, math.sin((clock - 7) / 17 * math.pi))
        week.append(awake * (0.8 if day >= 5 else 1.0) * math.exp(chance.gauss(0.0, 0.2)))
    mean = sum(week) / len(week)
    return [one / mean for one in week]


def burst(chance: random.Random, shape: Shape) -> list[float]:
    return sorted(shape(chance) for _ in range(chance.randint(4, 12)))


class Brand:
    """One simulated brand, its alarms without bursts, and states from which bursts are tried."""

    def __init__(self, seed: int, weeks: int, thresholds: Thresholds) -> None:
        self.chance = random.Random(seed)
        self.thresholds = thresholds
        self.rate = math.exp(self.chance.uniform(math.log(0.2), math.log(3.0)))
        week = course(self.chance)
        slots = weeks * WEEK
        self.came = [
            float(poisson(self.chance, self.rate / 12.0 * week[i // 12 % 168])) for i in range(slots)
        ]
        self.moments = [Moment.of(i * SLOT, BEGIN + timedelta(seconds=i * SLOT)) for i in range(slots)]
        begins = {self.chance.randrange(LEARNING * WEEK, slots - 40) for _ in range(BURSTS)}
        self.false = 0
        self.states = {}
        counts = Counts(thresholds)
        for i, came in enumerate(self.came):
            if i in begins:
                self.states[i] = counts.dump()
            alarm = counts.update(self.moments[i], came, SLOT).alarm
            self.false += alarm and i >= LEARNING * WEEK

    def finds(self, begin: int, posts: list[float]) -> bool:
        counts = Counts.load(self.states[begin], self.thresholds)
        first = posts[0]
        for i in range(int(first // 5 + 7)):
            more = sum(1 for minute in posts if minute // 5 == i)
            at = begin + i
            alarm = counts.update(self.moments[at], self.came[at] + more, SLOT).alarm
            if alarm and i >= first // 5 and 5.0 * (i + 1) - first <= 30.0:
                return True
        return False


def measured(options: argparse.Namespace, word: Sensitivity) -> None:
    found: dict[str, list[tuple[float, bool]]] = {name: [] for name in SHAPES}
    false = 0
    for number in range(options.brands):
        brand = Brand(options.seed * 1000 + number, options.weeks, THRESHOLDS[word])
        false += brand.false
        for begin in brand.states:
            for name, shape in SHAPES.items():
                found[name].append((brand.rate, brand.finds(begin, burst(brand.chance, shape))))
    weeks = options.brands * (options.weeks - LEARNING)
    print(f"{word.value}: {false / weeks:.2f} false alarms a week ({false} in {weeks} weeks)")
    for name, results in found.items():
        share = sum(hit for _rate, hit in results) / len(results)
        parts = []
        for low, high in ((0.2, 0.5), (0.5, 1.2), (1.2, 3.0)):
            part = [hit for rate, hit in results if low <= rate < high]
            parts.append(f"{low}-{high} an hour {100 * sum(part) / max(1, len(part)):.0f} %")
        print(
            f"    {name}: {100 * share:.0f} % of {len(results)} found within 30 minutes; {', '.join(parts)}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--brands", type=int, default=40)
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", action="store_true", help="all three sensitivities")
    options = parser.parse_args()
    for word in Sensitivity if options.every else (Sensitivity.BALANCED,):
        measured(options, word)


if __name__ == "__main__":
    main()
