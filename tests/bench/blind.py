"""How soon is a blind source noticed, and how often is one called blind that is not? Simulated, seeded.

    python tests/bench/blind.py [--seeds N] [--weeks N] [--rates R ...]

Sources of 0.5 to 2,000 mentions a day with nights, weekends, answers that come in clusters, outbreaks and a
level that wanders. Four kinds of pages: the newest 20, what two hours hold, a platform that does not tell
how much it lists, and a digest that comes once a day. The rules are those of the engine; time is simulated,
polls are every five minutes. Four weeks are learnt from; then false alarms are counted, and blindness is
struck at random moments.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.analysis.rhythm import Rhythm, hour_of, learn
from app.domain.seeing import Cause
from app.engine.sight import Sight, Took, after_poll, sign

START = datetime(2026, 3, 2, tzinfo=UTC)
EVERY = 300.0
LEARN_WEEKS = 4
RATES = (0.5, 5.0, 20.0, 100.0, 500.0, 2000.0)
PAGES = ("newest", "window", "untold", "daily")
STRIKES = 12
"""Blindness struck a source and way."""
MONTH = 30 * 24 * 3600.0


@dataclass(frozen=True)
class World:
    """One source's truth: when posts come (hours from START) and how it is read."""

    rate: float
    page: str
    posts: list[float]


def world(rate: float, page: str, weeks: int, rng: random.Random) -> World:
    hours = weeks * 168
    level, posts = 1.0, []
    weekend = rng.choice((0.5, 0.8, 1.3))
    outbreak_until, heat = 0.0, 1.0
    for hour in range(hours):
        if hour % 168 == 0:
            level = min(2.0, max(0.5, level * math.exp(rng.gauss(0, 0.1))))
        if rng.random() < 1 / (14 * 24):
            outbreak_until, heat = hour + rng.uniform(3, 36), rng.uniform(2, 6)
        mean = rate / 24 * level * _day(hour) * (weekend if _weekend(hour) else 1.0)
        mean *= heat if hour < outbreak_until else 1.0
        for _post in range(_poisson(mean * 0.7, rng)):  # the rest are answers
            posts += _cluster(hour + rng.random(), rng)
    return World(rate, page, sorted(one for one in posts if one < hours))


def _cluster(at: float, rng: random.Random) -> list[float]:
    """A post and what it sets off: 0.43 answers each on average, within an hour or so."""
    made = [at]
    for _answer in range(_poisson(0.3, rng)):
        made += _cluster(at + rng.expovariate(1.0), rng)
    return made


def _day(hour: int) -> float:
    """Chinese hours: quiet from one to seven, busiest at noon and in the evening; the mean is 1."""
    local = (hour + 8) % 24
    return (
        0.45, 0.2, 0.12, 0.08, 0.08, 0.12, 0.3, 0.7, 1.1, 1.4, 1.5, 1.5, 1.6, 1.4, 1.3, 1.3, 1.3, 1.3, 1.4,
        1.5, 1.8, 1.7, 1.2, 0.65,
    )[local]  # fmt: skip


def _weekend(hour: int) -> bool:
    return (hour + 8) // 24 % 7 >= 5


def _poisson(mean: float, rng: random.Random) -> int:
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    n, left = 0, math.exp(-mean)
    at = rng.random()
    while at > left:
        n += 1
        at *= rng.random()
    return n


class Watcher:
    """Polls a world as the engine does."""

    def __init__(self, told: World) -> None:
        self.told = told
        self.counts = Counter(hour_of(START) + int(one) for one in told.posts)
        self.sight = Sight()
        self.rhythm: Rhythm | None = None
        self.learnt_at = -1e9
        self.read_to = 0.0
        self.coarse = False

    def poll(self, at: float, rng: random.Random, how: str = "") -> Cause | None:
        """`at` in hours; `how`: "" sees, "empty" gets an empty page, "frozen" nothing new."""
        now = START + timedelta(hours=at)
        self.sight = after_poll(
            self.sight, self._took(at, how, now), now, None if self.coarse else self.rhythm
        )
        self._learn(at)
        came = None
        if rng.random() < 1 / 12:  # the engine counts the day once an hour
            hour = hour_of(now)
            known = min(hour, hour_of(START + timedelta(hours=self.read_to)) + 1)
            came = sum(self.counts.get(one, 0) for one in range(hour - 24, known))
        found = sign(self.sight, now, EVERY, self.rhythm, came)
        return found.cause if found else None

    def _took(self, at: float, how: str, now: datetime) -> Took:
        listed = {"newest": 20, "window": self._within(at - 2, at)}.get(self.told.page)
        if how == "empty":
            return Took(listed=None if listed is None else 0)
        if how == "frozen":
            return Took(listed=20 if self.told.page == "newest" else None)
        upto = at if self.told.page != "daily" else (at - 2) // 24 * 24 + 2  # ten in the morning, Beijing
        new = self._within(self.read_to, upto)
        self.read_to = max(self.read_to, upto)
        return Took(new=new, fresh=new, listed=listed, newest=now if new else None)

    def _within(self, since: float, until: float) -> int:
        return bisect_left(self.told.posts, until) - bisect_left(self.told.posts, since)

    def _learn(self, at: float) -> None:
        if at - self.learnt_at >= 24:
            self.learnt_at = at
            last = hour_of(START) + int(min(at, self.read_to))
            first = max(hour_of(START), last - 8 * 168)
            self.rhythm = learn(self.counts, first, last)

    def copy(self) -> Watcher:
        made = Watcher.__new__(Watcher)
        made.__dict__.update(self.__dict__)
        made.sight = replace(self.sight)
        return made


@dataclass
class Tally:
    weeks: float = 0.0
    false: int = 0
    delays: dict[str, list[tuple[float, float]]] | None = None


def watch(told: World, weeks: int, rng: random.Random) -> Tally:
    """False alarms over the weeks after those learnt from; an alarm stands until it heals by itself."""
    watcher, tally = Watcher(told), Tally(weeks=weeks, delays={})
    # A quick apprenticeship: hourly reads are enough to learn what is usual.
    at = 0.0
    while at < LEARN_WEEKS * 168:
        watcher.coarse = at < LEARN_WEEKS * 168 - 7 * 24 and told.page != "daily"
        watcher.poll(at, rng)
        at += EVERY / 3600 * (6 if watcher.coarse else 1)
    standing = False
    end = (LEARN_WEEKS + weeks) * 168
    strikes = sorted(rng.uniform(LEARN_WEEKS * 168, end - 24) for _one in range(STRIKES))
    while at < end:
        cause = watcher.poll(at, rng)
        tally.false += cause is not None and not standing
        standing = cause is not None
        if cause is not None:  # as the engine does: what is called blind is remembered as such
            watcher.sight = replace(watcher.sight, blind=cause)
        elif watcher.sight.blind:
            watcher.sight = replace(watcher.sight, blind=None)
        while strikes and strikes[0] <= at:
            strikes.pop(0)
            for how in ("empty", "frozen"):
                delay = strike(watcher.copy(), at, how, rng)
                tally.delays.setdefault(how, []).append(delay)  # type: ignore[union-attr]  # set above
        at += EVERY / 3600 * rng.uniform(0.9, 1.1)
    return tally


def strike(watcher: Watcher, at: float, how: str, rng: random.Random) -> tuple[float, float]:
    """(polls until it was noticed, mentions missed by then); infinite after thirty days."""
    start, polls = at, 0
    while (at - start) * 3600 < MONTH:
        at += EVERY / 3600
        polls += 1
        if watcher.poll(at, rng, how):
            rate = watcher.rhythm.expected(_at(start), _at(at)) if watcher.rhythm else math.nan
            return polls, rate
    return math.inf, math.inf


def _at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, default=2)
    options.add_argument("--weeks", type=int, default=5, help="measured, a source")
    options.add_argument("--rates", type=float, nargs="+", default=RATES, help="mentions a day")
    given = options.parse_args()
    print(
        f"{'a day':>7} {'page':<7} {'weeks':>6} {'false':>6}  "
        f"{'empty: polls median/95 %':>26} {'frozen: polls median/95 %':>27} {'missed median/95 %':>20}"
    )
    all_weeks = all_false = 0.0
    for rate in given.rates:
        for page in PAGES:
            weeks, false, delays = 0.0, 0, {"empty": [], "frozen": []}
            for seed in range(given.seeds):
                rng = random.Random(f"{seed}/{rate}/{page}")
                told = world(rate, page, LEARN_WEEKS + given.weeks + 6, rng)
                tally = watch(told, given.weeks, rng)
                weeks, false = weeks + tally.weeks, false + tally.false
                for how, more in (tally.delays or {}).items():
                    delays[how] += more
            all_weeks, all_false = all_weeks + weeks, all_false + false
            empty, frozen = ([polls for polls, _missed in delays[how]] for how in ("empty", "frozen"))
            missed = [missed for _polls, missed in delays["frozen"]]
            print(
                f"{rate:>7} {page:<7} {weeks:>6.0f} {false:>6}  {_two(empty):>26} {_two(frozen):>27} "
                f"{_two(missed):>20}",
                flush=True,
            )
    print(
        f"false alarms: {all_false:.0f} in {all_weeks:.0f} source-weeks, "
        f"{all_false / all_weeks * 30:.2f} in 30 (asked: at most 1)"
    )
    return 0


def _two(some: list[float]) -> str:
    told = sorted(some)
    return f"{median(told):.0f} / {told[min(len(told) - 1, int(0.95 * len(told)))]:.0f}" if told else "-"


if __name__ == "__main__":
    raise SystemExit(main())
