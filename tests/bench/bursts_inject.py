"""Real incidents planted into the negative mentions of real brands: how many alarm, how late?

    python tests/bench/bursts_inject.py --data FOLDER [--incidents FOLDER] [--stories 1.0] [--runs 3]
        [--seeds 5 11 12 13]

FOLDER holds data/ (counts of five brands each 5 minutes, windows.json), incidents/*.csv.gz (seconds,
cascade), cascades.csv.gz and score_bursts.py. The negative stream is imitated: of the brands' ordinary
mentions 8 % are kept. On top of that the background carries ordinary stories (non-rumours with odd
numbers; the constants of app/analysis/bursts/growth.py were fitted to the even ones): on average
`--stories` a brand and day, in proportion to the brand's volume; the share of negative posts of each is
drawn from a beta with mean 8 %. The incident brings its own cascades, 50 % of whose posts are negative,
at a random moment away from labelled windows. Counts and stories see the same posts; what both say goes
through the same incidents, at the shipped setting.

Delay: from the incident's first row to the end of the slot that alarmed. Background alarms: incidents
opened, and grown ones told again, without anything planted; away from labelled windows, and everywhere.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from app.analysis.bursts.calendar import Moment
from app.analysis.bursts.counts import Counts
from app.analysis.bursts.growth import ANGRY, CALM, Pace, Story
from app.analysis.bursts.incident import Incidents, Signal
from app.analysis.bursts.sensitivity import THRESHOLDS, Sensitivity, Thresholds

SLOT, DAY, LENGTH = 300, 288, 576
ORDINARY, CRISIS = 0.08, 0.5
LEARNING, CLEAR = 10 * DAY, 3 * DAY

Post = tuple[str, float, float, bool]
"""Story, the second it was born, the second of the post, negative?"""


class Brand:
    """Counts, stories and incidents of one brand, slot by slot, as the engine will drive them."""

    def __init__(self, thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self.counts, self.pace, self.incidents = Counts(thresholds), Pace(), Incidents()
        self.stories: dict[str, Story] = {}

    def slot(self, moment: Moment, others: float, posts: Iterable[Post]) -> bool:
        """Is there an alarm at the end of this slot?"""
        end, negative = moment.second + SLOT, others
        touched = set()
        for name, born, _second, bad in posts:
            negative += bad
            self.stories.setdefault(name, Story(born, self.thresholds)).add(float(bad))
            touched.add(name)
        read = self.counts.update(moment, negative, SLOT)
        signals = [Signal("surge", read.surge, size=read.size), Signal("unsettled", read.unsettled)]
        signals += [
            Signal("story", self.stories[name].strength(end, self.pace)) for name in sorted(touched)
        ]
        if len(self.stories) > 300:
            self.stories = {n: s for n, s in self.stories.items() if s.born > end - 4 * 86400}
        return any(event.alarm for event in self.incidents.update(end, signals, negative * 12.0))

    def dump(self) -> str:
        stories = {name: story.dump() for name, story in self.stories.items()}
        return json.dumps([self.counts.dump(), self.pace.dump(), self.incidents.dump(), stories])

    @classmethod
    def load(cls, state: str, thresholds: Thresholds) -> Brand:
        made = cls(thresholds)
        counts, pace, incidents, stories = json.loads(state)
        made.counts, made.pace = Counts.load(counts, thresholds), Pace.load(pace)
        made.incidents = Incidents.load(incidents)
        made.stories = {name: Story.load(story, thresholds) for name, story in stories.items()}
        return made


@dataclass(frozen=True)
class Run:
    brand: str
    incident: str
    rows: int
    delay: int | None
    out: float


def ordinary_stories(path: Path) -> list[Any]:
    csv.field_size_limit(10**9)
    with gzip.open(path, "rt") as lines:
        rows = [row for row in csv.DictReader(lines) if row["label"] == "non-rumor"]
    return [
        np.array([int(second) for second in row["offsets_seconds"].split()], float)
        for row in rows
        if int(row["cascade"]) % 2 == 1
    ]


def incidents_of(folder: Path) -> dict[str, list[tuple[float, str]]]:
    found = {}
    for path in sorted(folder.glob("*.csv.gz")):
        with gzip.open(path, "rt") as lines:
            rows = [(float(row["seconds"]), row["cascade"]) for row in csv.DictReader(lines)]
        rows.sort()
        found[path.name.removesuffix(".csv.gz")] = [(second - rows[0][0], name) for second, name in rows]
    return found


def background(
    one: Any, per_day: float, ordinary: list[Any], firm: float, chance: Any
) -> tuple[Any, dict[int, list[Post]]]:
    """Negative posts outside of stories each slot, and the posts of ordinary stories by slot."""
    others = chance.binomial(one.values.astype(int), ORDINARY).astype(float)
    smooth = np.convolve(one.values + 1e-9, np.ones(12) / 12.0, "same")
    posts: dict[int, list[Post]] = defaultdict(list)
    begins = chance.choice(one.n, chance.poisson(per_day * one.n / DAY), p=smooth / smooth.sum())
    for number, slot in enumerate(begins):
        offsets = ordinary[chance.integers(len(ordinary))]
        negative = chance.random(len(offsets)) < chance.beta(ANGRY * firm, CALM * firm)
        born = float(slot * SLOT + chance.integers(SLOT))
        for second, bad in zip(born + offsets, negative, strict=True):
            posts[int(second // SLOT)].append((f"o{number}", born, float(second), bool(bad)))
    return others, posts


def planted(rows: list[tuple[float, str]], begin: int, chance: Any) -> dict[int, list[Post]]:
    posts: dict[int, list[Post]] = defaultdict(list)
    born: dict[str, float] = {}
    for second, name in rows:
        if second < LENGTH * SLOT:
            at = begin * SLOT + second
            born.setdefault(name, at)
            bad = chance.random() < CRISIS
            posts[int(at // SLOT)].append((f"i{name}", born[name], at, bool(bad)))
    return posts


def away_from_windows(one: Any) -> Any:
    free = np.ones(one.n, bool)
    free[:LEARNING] = False
    for left, right in one.win:
        free[max(0, left - CLEAR) : right + 1] = False
    return free


def brand_runs(
    one: Any, known: dict[str, Any], options: argparse.Namespace, per_day: float, chance: Any
) -> tuple[list[Run], tuple[int, float, int, float]]:
    thresholds = THRESHOLDS[Sensitivity(options.sensitivity)]
    others, posts = background(one, per_day, known["ordinary"], options.firm, chance)
    moments = [Moment.of(float(i * SLOT), when) for i, when in enumerate(one.times)]
    free = away_from_windows(one)
    starts = np.flatnonzero(free[: one.n - LENGTH])
    plan: dict[int, list[str]] = defaultdict(list)
    for name in known["incidents"]:
        for _ in range(options.runs):
            plan[int(chance.choice(starts))].append(name)
    brand, quiet, states = Brand(thresholds), np.zeros(one.n, bool), {}
    for i in range(one.n):
        if i in plan:
            states[i] = brand.dump()
        quiet[i] = brand.slot(moments[i], others[i], posts.get(i, ()))
    runs = []
    for begin, names in plan.items():
        for name in names:
            rows = known["incidents"][name]
            extra = planted(rows, begin, chance)
            brand, delay = Brand.load(states[begin], thresholds), None
            for i in range(begin, begin + LENGTH):
                alarm = brand.slot(moments[i], others[i], [*posts.get(i, ()), *extra.get(i, ())])
                if alarm and not quiet[i]:
                    delay = 5 * (i - begin + 1)
                    break
            within = sum(second < LENGTH * SLOT for second, _name in rows)
            out = sum(second <= 60 * (delay or 0) for second, _name in rows) / within
            runs.append(Run(one.name, name, within, delay, out))
    seen = slice(LEARNING, None)
    price = (
        int(quiet[free].sum()),
        float(free.sum()) / DAY,
        int(quiet[seen].sum()),
        (one.n - LEARNING) / DAY,
    )
    return runs, price


def told(runs: list[Run], what: str) -> None:
    found = sorted(run.delay for run in runs if run.delay is not None)
    everyone = sorted(math.inf if run.delay is None else run.delay for run in runs)
    print(
        f"{what}: {len(found)}/{len(runs)} alarm ({100 * len(found) / max(1, len(runs)):.0f} %),"
        f" median delay {statistics.median(found) if found else '-'} min"
        f" (all runs: {statistics.median(everyone)}),"
        f" share of the incident out by then {statistics.median(run.out for run in runs):.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--incidents", type=Path)
    parser.add_argument("--stories", type=float, default=1.0, help="ordinary stories a brand and day")
    parser.add_argument("--firm", type=float, default=1.0, help="below 1: tones differ more than assumed")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[5, 11, 12, 13])
    parser.add_argument("--sensitivity", default="balanced", choices=[one.value for one in Sensitivity])
    options = parser.parse_args()
    sys.path.insert(0, str(options.data))
    import score_bursts as rule

    data = options.data / "data"
    corpus = rule.load_corpus(str(data), str(data / "windows.json"))
    known = {
        "ordinary": ordinary_stories(options.data / "cascades.csv.gz"),
        "incidents": incidents_of(options.incidents or options.data / "incidents"),
    }
    volume = sum(float(one.values.mean()) for one in corpus) / len(corpus)
    runs, prices = [], []
    for one in corpus:
        per_day = options.stories * float(one.values.mean()) / volume
        mine = []
        for seed in options.seeds:
            chance = np.random.default_rng([seed, corpus.index(one)])
            more, price = brand_runs(one, known, options, per_day, chance)
            runs += more
            mine.append(price)
        prices += mine
        rate = sum(price[0] for price in mine) / sum(price[1] for price in mine)
        print(f"{one.name}: {per_day:.2f} stories a day, {rate:.3f} background alarms a day", flush=True)
    away, days, everywhere, all_days = (sum(part) for part in zip(*prices, strict=True))
    print(
        f"background alarms a brand-day: {away / days:.3f} away from labelled windows,"
        f" {everywhere / all_days:.3f} everywhere"
    )
    told([run for run in runs if run.rows >= 100], "incidents of 100 rows and more")
    for name in known["incidents"]:
        those = [run for run in runs if run.incident == name]
        told(those, f"  {name} ({those[0].rows} rows in 48 h)")


if __name__ == "__main__":
    main()
