"""One tick of 2,000 series (brands x topics): how long does it take, and how big is their state?

    python tests/bench/bursts_speed.py [--series 2000] [--ticks 40] [--seed 7]

After a week, in processor time of one core. `all`: also share, reach, incidents, and a story in each tenth.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.analysis.bursts.calendar import Moment
from app.analysis.bursts.counts import Counts
from app.analysis.bursts.growth import Pace, Story
from app.analysis.bursts.incident import Incidents, Signal
from app.analysis.bursts.share import Share

SLOT, WEEK, KINDS = 300.0, 2016, 20
BEGIN = datetime(2026, 3, 2)  # noqa: DTZ001  # on the wall's clock


def poisson(chance: random.Random, mean: float) -> float:
    if mean > 30.0:
        return max(0.0, float(round(chance.gauss(mean, math.sqrt(mean)))))
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return float(count)


def learnt(rate: float, chance: random.Random) -> str:
    """The state of a series after a week at so many posts a slot."""
    counts = Counts()
    for i in range(WEEK):
        moment = Moment.of(i * SLOT, BEGIN + timedelta(seconds=i * SLOT))
        counts.update(moment, poisson(chance, rate), SLOT)
    return json.dumps(counts.dump())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=int, default=2000)
    parser.add_argument("--ticks", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    kinds = [10 ** chance.uniform(-2.0, 2.9) for _ in range(KINDS)]
    states = [learnt(rate, chance) for rate in kinds]
    rates = [kinds[i % KINDS] for i in range(options.series)]
    all_counts = [Counts.load(json.loads(states[i % KINDS])) for i in range(options.series)]
    tones = [Share() for _ in rates]
    paces = [Pace() for _ in rates]
    incidents = [Incidents() for _ in rates]
    stories = [[Story(0.0)] if i % 10 == 0 else [] for i in range(options.series)]
    took: dict[str, list[float]] = {"counts": [], "all": []}
    for tick in range(options.ticks):
        second = (WEEK + tick) * SLOT
        moment = Moment.of(second, BEGIN + timedelta(seconds=second))
        came = [poisson(chance, rate) for rate in rates]
        begin = time.process_time()
        readings = [counts.update(moment, x, SLOT) for counts, x in zip(all_counts, came, strict=True)]
        took["counts"].append(time.process_time() - begin)
        for reading, x, tone, pace, incident, mine in zip(
            readings, came, tones, paces, incidents, stories, strict=True
        ):
            said = tone.update(second, x / 2.0, x)
            signals = [
                Signal("surge", reading.surge, size=reading.size),
                Signal("unsettled", reading.unsettled),
                Signal("share", said.share),
                Signal("reach", said.reach),
            ]
            for story in mine:
                story.add(1.0, 5.0)
                signals.append(Signal("story", story.strength(second, pace)))
            incident.update(second, signals, x)
        took["all"].append(time.process_time() - begin)
    for name, times in took.items():
        print(
            f"{name}: median {1000 * statistics.median(times):.0f} ms, worst {1000 * max(times):.0f} ms"
            f" for one tick of {options.series:,} series"
        )
    size = len(json.dumps(all_counts[0].dump(), separators=(",", ":")))
    print(f"state of one series of counts: {size / 1000:.1f} kB of JSON")


if __name__ == "__main__":
    main()
