"""How often the knowledge base finds the right entry, and how fast: `python tests/bench/knowledge.py`."""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.replies.retrieval import Index
from tests.unit.replies.test_retrieval import DATA, entries, measured

MANY = 5_000


def rightness() -> None:
    print("posts that ask for an entry      first  in three  told right  told wrong | none: refused")
    for half in ("tune", "held", None):
        found = measured(half)
        print(
            f"{half or 'all':28} {found.first:9.1%} {found.in_three:9.1%} {found.told:11.1%}"
            f" {found.wrong:11.1%} {found.refused:15.1%}"
        )


def speed() -> None:
    """The same entries again and again, under other numbers and products."""
    base = entries()
    many = [
        replace(base[n % len(base)], id=n, product=f"{base[n % len(base)].product}{n // len(base)}代")
        for n in range(MANY)
    ]
    began = time.perf_counter()
    index = Index(many)
    print(f"an index of {MANY} entries: {time.perf_counter() - began:.2f} s")
    took = []
    for one in DATA["questions"]:
        began = time.perf_counter()
        index.best(one["text"])
        took.append((time.perf_counter() - began) * 1e3)
    took.sort()
    print(
        f"a search in {MANY} entries: median {statistics.median(took):.1f} ms,"
        f" p95 {took[int(len(took) * 0.95)]:.1f} ms, worst {took[-1]:.1f} ms"
    )


if __name__ == "__main__":
    rightness()
    speed()
