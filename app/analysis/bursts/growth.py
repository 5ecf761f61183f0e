"""The growth of one story (a post, its copies, reposts and comments) against how ordinary stories grow.

A story is seen long before its brand's total moves. Ordinary posts gather answers like aftershocks: the
rate falls with 1 / (age + START), so the total grows with the logarithm of the age. The few constants
below are fitted to ordinary Weibo posts that found an audience (docs/adr/0019). A crisis grows faster
than those, or is more negative than those, and often a little of both: the two are weighed together.
"""

from __future__ import annotations

import math
from typing import Any

from app.analysis.bursts.sensitivity import BALANCED, Thresholds
from app.analysis.bursts.tails import mixed_tail, tail, together
from app.i18n import _

RATE, START = 56.0, 6.0
"""An ordinary story has gathered RATE x ln(1 + age / START) posts after so many minutes."""

SIZE = 1.2
"""How much stories differ: size of the negative binomial."""

CALM, ANGRY = 9.2, 0.8
"""Ordinary stories differ in tone too: their share of negative posts is taken for a beta of ANGRY and
CALM, 8 % on average, one story in a hundred above 36 %."""
MILD = ANGRY / (ANGRY + CALM)

SMALL = 3.0
"""Heat from which a story is worth a judgement, and counts among the brand's stories."""

MEMORY, USUAL = 14 * 86400.0, 1.0
"""Half-life of a brand's stories a day in seconds; how many are assumed at first."""


class Pace:
    """How many stories a day of one brand are worth a judgement: more stories, more that grow by chance."""

    __slots__ = ("_days", "_last", "_stories")

    def __init__(self) -> None:
        self._stories, self._days = 7.0 * USUAL, 7.0
        self._last: float | None = None

    def count(self, second: float) -> None:
        """One more story of this brand has become SMALL."""
        self._until(second)
        self._stories += 1.0

    def per_day(self, second: float) -> float:
        self._until(second)
        return self._stories / self._days

    def _until(self, second: float) -> None:
        if self._last is not None and second > self._last:
            passed = second - self._last
            kept = 0.5 ** (passed / MEMORY)
            self._stories *= kept
            self._days = self._days * kept + passed / 86400.0
        if self._last is None or second > self._last:
            self._last = second

    def dump(self) -> list[float | None]:
        return [self._stories, self._days, self._last]

    @classmethod
    def load(cls, state: list[Any]) -> Pace:
        made = cls()
        made._stories, made._days, made._last = state
        return made


class Story:
    """One story. `add` what came, in any portions and order; then ask its `strength`."""

    __slots__ = ("_counted", "_thresholds", "born", "copies", "heat")

    def __init__(self, born: float, thresholds: Thresholds = BALANCED) -> None:
        """`born`: the second of its first post."""
        self.born = born
        self.heat, self.copies = 0.0, 0.0
        self._thresholds = thresholds
        self._counted = False

    def add(self, heat: float, copies: float = 1.0) -> None:
        """So many posts, and how many of them are negative. ValueError unless 0 <= heat <= copies."""
        if not 0.0 <= heat <= copies < math.inf:
            raise ValueError(_("There cannot be more negative posts than posts, nor fewer than none."))
        self.heat += heat
        self.copies += copies

    def strength(self, second: float, pace: Pace) -> float:
        """1.0 is the threshold. Counts the story into its brand's pace once."""
        if self.heat < SMALL:
            return 0.0
        if not self._counted:
            self._counted = True
            pace.count(second)
        rare = together(self.grown(second), self.negative())
        return max(0.0, (rare - math.log10(max(1.0, pace.per_day(second)))) / self._thresholds.story)

    def grown(self, second: float) -> float:
        """-log10 of the share of ordinary stories that are so big at this age."""
        return tail(self.copies, self.ordinary(second), SIZE)

    def negative(self) -> float:
        """-log10 of the share of ordinary stories that are so negative."""
        return mixed_tail(self.heat, self.copies, ANGRY, CALM)

    def ordinary(self, second: float) -> float:
        """Posts that an ordinary story has at this age."""
        return RATE * math.log1p(self._age(second) / START)

    def usual_heat(self, second: float) -> float:
        """And how many of those are negative."""
        return self.ordinary(second) * MILD

    def _age(self, second: float) -> float:
        return max(1.0, (second - self.born) / 60.0)

    def dump(self) -> dict[str, Any]:
        return {
            "born": self.born,
            "heat": self.heat,
            "copies": self.copies,
            "counted": self._counted,
        }

    @classmethod
    def load(cls, state: dict[str, Any], thresholds: Thresholds = BALANCED) -> Story:
        made = cls(state["born"], thresholds)
        made.heat, made.copies, made._counted = state["heat"], state["copies"], state["counted"]
        return made
