"""What monitors lose, and hand over twice, while their platforms misbehave at random.

For every case of tests/monitors/standins.py, or those named: 10,000 items (or as many as the platform
ever shows) arrive while the switches flip by a seed. An item that came twice in one form is harmless (the
database knows it), but costs; an item lost is a fault.

The platform's clock moves on by `--pace` seconds with each item: 0 puts hundreds into one second.

    python tests/bench/monitors_flip.py [CASE …] [--items N] [--seed S] [--pace SECONDS]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.drill.standin import Platform, World
from tests.monitors import test_standins
from tests.monitors.standins import CASES, StandIn
from tests.monitors.test_standins import Reader, flipped, identity


def _paced(reader: Reader, pace: float) -> StandIn:
    """Its clock and the platform's move on with each item."""

    def add(platform: Platform, text: str) -> str:
        reader.passed += pace
        platform.switches.clock = reader.passed
        return add_plainly(platform, text)

    add_plainly = reader.case.add
    return replace(reader.case, add=add)


test_standins.ROUNDS = 50_000  # a platform may show one item a page


def run(case: StandIn, seed: int, items: int, pace: float) -> tuple[int, int, int, int, float]:
    """Items, lost, handed over twice, requests, seconds."""
    n = min(items, case.most or items)
    with World([case.platform]) as world:
        reader = Reader(case, world)
        reader.case = _paced(reader, pace)
        case.prepare(reader.platform)
        asked = Counter[str]()
        reader.platform.mutate = lambda call, made: (asked.update([call.method]), made)[1]
        began = time.monotonic()
        try:
            flipped(reader, seed, n)
        except AssertionError as error:
            print(f"    {str(error)[:300]}")
        spent = time.monotonic() - began
    found = {identity(one) for one in reader.found}
    lost = n - len({one.text for one in reader.found})
    return n, lost, len(reader.found) - len(found), sum(asked.values()), spent


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__)
    read.add_argument("case", nargs="*", default=sorted(CASES))
    read.add_argument("--items", type=int, default=10_000)
    read.add_argument("--seed", type=int, default=1)
    read.add_argument("--pace", type=float, default=5.0)
    given = read.parse_args()
    print(f"{'case':<20}{'items':>8}{'lost':>7}{'twice':>7}{'answers':>9}{'seconds':>9}")
    for name in given.case:
        n, lost, twice, answers, spent = run(CASES[name], given.seed, given.items, given.pace)
        print(f"{name:<20}{n:>8}{lost:>7}{twice:>7}{answers:>9}{spent:>9.1f}", flush=True)


if __name__ == "__main__":
    main()
