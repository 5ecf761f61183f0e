"""Surges in a stream of counts: mentions, or sums of P(negative), slot by slot. Online; any thread.

Two questions, and an alarm needs yes to both. *Could chance alone bring so many?* Posts are counted over
15 minutes to 4.5 hours and compared with a negative binomial that knows how little the baseline knows;
this is what decides for small brands. *Is it more than this brand's usual surges?* The excess over each
span, on a scale between counts and their roots, is compared with the brand's own past excesses; this
decides for big ones, whose counts are never Poisson.

A third channel, `unsettled`, sees no surge but a day whose volume follows its usual course badly, up or
down: a long quarrel, or a source gone dumb.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.analysis.bursts.bar import Bar
from app.analysis.bursts.baseline import Baseline
from app.analysis.bursts.calendar import Moment
from app.analysis.bursts.sensitivity import BALANCED, Thresholds
from app.analysis.bursts.spans import SPANS, Spans
from app.analysis.bursts.tails import tail
from app.i18n import _

POWER = 0.75
"""Between counts (1) and their roots (0.5): how surges of small and big slots are compared."""

MEMORY = 10 * 24.0
"""Half-life, in hours, of what this brand's usual surges and usual restlessness are."""

FEWEST = 2.5
"""Fewer posts than this within a span are never a surge, whatever was expected."""

FEW, LOWEST = 4.0, 0.5
"""Posts an hour below which "more than this brand's usual surges" asks for less, down to half of it."""

BUSY = 100.0
"""Expected posts a day below which "unsettled" says nothing."""

HELD = 0.499
"""The score of a row above the threshold that is no new alarm."""

START, SETTLED, SPREAD = 48.0, 24.0, 0.1
"""Hours before restlessness is learnt, hours that its prior weighs, and that prior's deviation."""

_NINE_TENTHS, _RESTLESS = 2.06, 0.5
"""Mean distances from the expected within which 90 % of a bell lie; the distance assumed at first."""

_WARM = 20
_UNIT = 300.0
_OFFSET = 0.375


@dataclass(frozen=True, slots=True)
class Reading:
    """What one slot said. `strength` 1.0 is the threshold; `alarm` only where it also passed the bar.

    `score` is strength mapped to [0, 1], 0.5 and more exactly where `alarm`. `expected` is for the slot.
    `span` seconds before the slot's end, `came` posts where `usual` were expected, since `since` seconds
    before the slot's end; `size` posts more than expected. `kind` is "surge", "unsettled" or "" where
    neither has anything to say.
    """

    strength: float
    alarm: bool
    score: float
    expected: float
    kind: str = ""
    span: float = 0.0
    came: float = 0.0
    usual: float = 0.0
    since: float = 0.0
    chance: float = 0.0
    times: float = 0.0
    surge: float = 0.0
    unsettled: float = 0.0
    size: float = 0.0


class _Surge(NamedTuple):
    """Strength; -log10 P by chance; times the usual surge; which span shows it best; posts too many."""

    strength: float
    chance: float
    times: float
    best: int
    size: float = 0.0


class Usual:
    """What was usual in a series at one moment; it learns nothing more."""

    __slots__ = ("_baseline", "_restless")

    def __init__(self, baseline: Baseline, restless: float) -> None:
        self._baseline, self._restless = baseline, restless

    def expected(self, moment: Moment, step: float) -> float:
        return self._baseline.expect(moment, step / 3600.0)

    def band(self, expected: float) -> tuple[float, float]:
        """As `Counts.band` had it."""
        return _band(expected, self._restless)

    def dump(self) -> dict[str, Any]:
        return {"baseline": self._baseline.dump(), "restless": self._restless}

    @classmethod
    def load(cls, state: dict[str, Any]) -> Usual:
        return cls(Baseline.load(state["baseline"]), float(state["restless"]))


class Counts:
    """One series. Ask `update` for each slot in order of time, also for slots with nothing in them."""

    __slots__ = (
        "_bar",
        "_bar_unsettled",
        "_baseline",
        "_course",
        "_hours",
        "_next",
        "_share",
        "_spans",
        "_step",
        "_thresholds",
        "_usual",
        "_warmth",
    )

    def __init__(self, thresholds: Thresholds = BALANCED) -> None:
        self._thresholds = thresholds
        self._baseline = Baseline()
        self._bar, self._bar_unsettled = Bar(), Bar()
        self._step, self._share = 0.0, 1.0
        self._next: float | None = None
        self._warmth = 0
        self._spans = Spans(())
        self._usual = [0.01] * len(SPANS)
        self._course = [0.0, SPREAD**2, 0.0]
        self._hours: list[list[float]] = []

    @property
    def baseline(self) -> Baseline:
        return self._baseline

    def update(self, moment: Moment, count: float, step: float, *, live: bool = True) -> Reading:
        """A slot that begins at `moment` and lasts `step` seconds. Slots left out count as not looked at.

        After such a gap the first slot may hold what gathered meanwhile, and is judged by what exceeds
        it. `live=False` learns and never alarms (a replay). ValueError: see `checked`.
        """
        checked(count, step)
        if step != self._step:
            self._step, self._share = step, _share(step)
            self._spans = Spans.over(step)
        hours = step / 3600.0
        backlog = self._gap(moment, step)
        if not self._baseline.known:
            return self._first(moment, count, hours)
        mean = self._baseline.expect(moment, hours)
        judged = count if count <= mean or not backlog else max(mean, count - backlog)
        self._spans.push(judged, mean)
        share = max(self._share, 1.0 / (self._warmth + _WARM))
        self._warmth += 1
        surge = self._surge(moment, share)
        unsettled = self._unsettled(moment, judged, mean)
        reading = self._judged(moment, mean, live, surge, unsettled)
        self._baseline.learn(moment, judged, hours)
        return reading

    def late(self, moment: Moment, count: float) -> None:
        """Posts of a slot long past, found only now: they teach what is usual and never alarm."""
        checked(count, self._step or _UNIT)
        self._baseline.add(moment, count)

    def expected(self, moment: Moment, step: float) -> float:
        """For a slot that is not, or cannot be, looked at."""
        return self._baseline.expect(moment, step / 3600.0)

    def band(self, expected: float) -> tuple[float, float]:
        """Between what nine of ten ordinary slots lie where so many are expected, by the series' past."""
        return _band(expected, self._restless())

    def usual(self) -> Usual:
        """What is usual now, for whoever must not learn from what comes."""
        return Usual(Baseline.load(self._baseline.dump()), self._restless())

    def _restless(self) -> float:
        usual, _spread, rows = self._course
        return usual if rows else _RESTLESS

    def course(self) -> list[tuple[int, float, float]]:
        """The last slots, oldest first: how many slots ago, what came (a backlog left out), what was
        expected."""
        return self._spans.course()

    def _gap(self, moment: Moment, step: float) -> float:
        """Posts that may have gathered between the last slot and this one."""
        before, self._next = self._next, moment.second + step
        missing = 0 if before is None else round((moment.second - before) / step)
        if missing <= 0 or before is None:
            return 0.0
        hours = (moment.second - before) / 3600.0
        self._spans.skip(missing)
        backlog = 1.5 * self._baseline.level * hours  # by day it is more than on average
        self._baseline.fade(hours)
        return backlog + 3.0 * math.sqrt(backlog)

    def _first(self, moment: Moment, count: float, hours: float) -> Reading:
        self._baseline.expect(moment, hours)
        self._baseline.learn(moment, count, hours)
        return Reading(0.0, False, 0.0, count)

    def _surge(self, moment: Moment, share: float) -> _Surge:
        per_unit = _UNIT / self._step
        times, used = 0.0, 0
        all_usual = self._usual
        for (came, usual, known), (index, size) in zip(self._spans.totals, self._spans.sizes, strict=True):
            if 4.0 * known < size:
                continue  # too little of the span was looked at to compare it with whole ones
            used += 1
            spread = all_usual[index]
            if came > usual:
                scale = per_unit / known
                excess = (came * scale + _OFFSET) ** POWER - (usual * scale + _OFFSET) ** POWER
                times += excess / (math.sqrt(spread) + 1e-3)
                all_usual[index] = spread + share * (excess * excess - spread)
            else:
                all_usual[index] = spread - share * spread
        times /= max(1, used)
        strength = times / (self._thresholds.surge * self._demand())
        if strength < 0.25:
            return _Surge(strength, 0.0, times, 0)
        chance, best = self._chance(moment)
        came, usual, _known = self._spans.totals[best]
        strength = min(strength, chance / self._thresholds.chance)
        return _Surge(strength, chance, times, best, came - usual)

    def _demand(self) -> float:
        """A few posts an hour are nearly Poisson: chance tells most, so the other question asks less."""
        return min(1.0, max(LOWEST, math.sqrt(self._baseline.level / FEW)))

    def _chance(self, moment: Moment) -> tuple[float, int]:
        size = 1.0 / (self._baseline.doubt(moment) + 2.0 / self._baseline.known)
        most, best = 0.0, 0
        for at, (came, usual, _known) in enumerate(self._spans.totals):
            if came >= FEWEST and came > usual:
                found = tail(came, usual, size)
                if found > most:
                    most, best = found, at
        return most, best

    def _unsettled(self, moment: Moment, count: float, mean: float) -> float:
        """How far the last day's mean distance from the usual course is off its own usual."""
        moved = abs(math.log((count + 2.0) / (mean + 2.0)))
        hour = moment.second // 3600.0
        hours = self._hours
        if hours and hours[-1][0] == hour:
            last = hours[-1]
            last[1] += moved
            last[2] += 1.0
            last[3] += count
            last[4] += mean
        else:
            hours.append([hour, moved, 1.0, count, mean])
            while hours[0][0] <= hour - 24.0:
                hours.pop(0)
        if self._baseline.known < START:
            return 0.0
        distance = sum([one[1] for one in hours]) / sum([one[2] for one in hours])
        usual, spread, rows = self._course
        if not rows:
            usual = distance
        share = max(self._share, min(0.5, 1.0 / (rows + SETTLED * 3600.0 / self._step)))
        off = distance - usual
        self._course = [usual + share * off, spread + share * (off * off - spread), rows + 1.0]
        if self._baseline.level * 24.0 < BUSY:
            return 0.0
        return off / (math.sqrt(spread) + 1e-3) / self._thresholds.unsettled

    def _judged(self, moment: Moment, mean: float, live: bool, surge: _Surge, unsettled: float) -> Reading:
        strength = max(surge.strength, unsettled, 0.0)
        alarm, kind = False, ""
        if live and surge.strength >= 1.0 and self._bar.passed(moment.second, surge.strength, surge.size):
            alarm, kind = True, "surge"
            self._bar_unsettled.hold(moment.second)
        elif live and unsettled >= 1.0 and self._bar_unsettled.passed(moment.second, unsettled):
            alarm, kind = True, "unsettled"
        elif strength >= 1.0:
            kind = "surge" if surge.strength >= 1.0 else "unsettled"
        score = strength / (1.0 + strength)
        if not alarm:
            score = min(score, HELD)
        reading = Reading(
            strength,
            alarm,
            score,
            mean,
            kind,
            surge=surge.strength,
            unsettled=max(0.0, unsettled),
            size=surge.size,
        )
        if kind == "surge":
            came, usual, span, since = self._spans.told(surge.best, self._step)
            told = replace(reading, came=came, usual=usual, span=span, since=since)
            return replace(told, chance=surge.chance, times=surge.times)
        if kind == "unsettled":
            came, usual, hours = self._oddest()
            return replace(reading, came=came, usual=usual, span=3600.0 * hours, since=3600.0 * hours)
        return reading

    def _oddest(self) -> tuple[float, float, int]:
        """Came, expected, and how many hours: of the hours up to now, those that are farthest off."""
        came, usual, most = 0.0, 0.0, -1.0
        best = (0.0, 0.0, 1)
        for back, hour in enumerate(reversed(self._hours), 1):
            came += hour[3]
            usual += hour[4]
            off = abs(came - usual) / math.sqrt(usual + 1.0)
            if off > most:
                most, best = off, (came, usual, back)
        return best

    def dump(self) -> dict[str, Any]:
        """All that is known, as JSON; `load` gives back a series that goes on exactly so."""
        return {
            "v": 1,
            "baseline": self._baseline.dump(),
            "bars": [self._bar.dump(), self._bar_unsettled.dump()],
            "step": self._step,
            "next": self._next,
            "warmth": self._warmth,
            "spans": self._spans.dump(),
            "usual": list(self._usual),
            "course": list(self._course),
            "hours": [list(hour) for hour in self._hours],
        }

    @classmethod
    def load(cls, state: dict[str, Any], thresholds: Thresholds = BALANCED) -> Counts:
        """Thresholds are not part of the state: another sensitivity goes on with the same memory."""
        made = cls(thresholds)
        made._baseline = Baseline.load(state["baseline"])
        made._bar = Bar.load(state["bars"][0])
        made._bar_unsettled = Bar.load(state["bars"][1])
        made._step, made._next, made._warmth = state["step"], state["next"], state["warmth"]
        if made._step:
            made._share = _share(made._step)
            made._spans = Spans.load(state["spans"], made._step)
        made._usual, made._course = list(state["usual"]), list(state["course"])
        made._hours = [list(hour) for hour in state["hours"]]
        return made


def _band(expected: float, restless: float) -> tuple[float, float]:
    wide = math.exp(_NINE_TENTHS * restless)
    return max(0.0, (expected + 2.0) / wide - 2.0), (expected + 2.0) * wide - 2.0


def _share(step: float) -> float:
    """What one slot weighs in a mean that fades with MEMORY."""
    return min(0.5, 1.0 - math.exp2(-step / 3600.0 / MEMORY))


def checked(count: float, step: float) -> None:
    """ValueError for a count that is negative, infinite or not a number, or a step that is not positive."""
    if not 0.0 <= count < math.inf:
        raise ValueError(_("A count must be a number from 0 on, not {value}.").format(value=count))
    if not 0.0 < step < math.inf:
        raise ValueError(_("A slot must last longer than no time."))
