"""The tone turns: the share of negative posts, and how many people the negative ones reach. Any thread.

Both are about what is said, not how much: a brand whose volume stays the same while its praise turns to
blame surges nowhere, and one post of a verified account with a million followers is one post.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Any

from app.analysis.bursts.sensitivity import BALANCED, Thresholds
from app.analysis.bursts.tails import mixed_tail
from app.i18n import _

SPAN = 2 * 3600.0
"""Seconds over which the share of negative posts, and their reach, are taken."""

MEMORY = 14 * 86400.0
"""Half-life, in seconds, of what is usual."""

FEWEST = 5.0
"""Negative posts below which a share says nothing."""

PRIOR, FIRM = 10.0, 30.0
"""Posts that the share assumed at first (20 %) weighs; and how firm a brand's share is from one span to
the next, in posts: shares differ more than chance, whatever the volume."""

FAR, SPREAD, DAYS = 4.0, 0.7, 10.0
"""Assumed at first: the farthest reach of a usual day (10 to this power) and its deviation; days over
which it is averaged."""

VERIFIED = 3.0
"""The followers of a verified account count so many times: its posts are shown to others and quoted."""

FLOOR = 5.0
"""A reach below 10 to this power is never an alarm."""


@dataclass(frozen=True, slots=True)
class Tone:
    """`share`, `reach`: strengths, 1.0 is the threshold. The rest is what they rest on, over SPAN."""

    share: float
    reach: float
    negative: float
    total: float
    usual: float
    heard: float
    usual_heard: float


def heard(followers: float, verified: bool) -> float:
    """People a post may reach; at least its author's friends."""
    return max(10.0, followers) * (VERIFIED if verified else 1.0)


class Share:
    """One series. `update` for each slot in order of time."""

    __slots__ = ("_far", "_last", "_negative", "_posts", "_slots", "_sums", "_thresholds", "_today")

    def __init__(self, thresholds: Thresholds = BALANCED) -> None:
        self._thresholds = thresholds
        self._negative, self._posts = 0.2 * PRIOR, PRIOR
        self._far = [FAR, SPREAD * SPREAD]
        self._today = [-1.0, 0.0]
        self._slots: deque[tuple[float, float, float, float]] = deque()
        self._sums = [0.0, 0.0, 0.0]
        self._last: float | None = None

    def update(self, second: float, negative: float, total: float, reach: float = 0.0) -> Tone:
        """A slot with so many posts, so many of them negative, whose `heard` add up to `reach`.

        ValueError unless 0 <= negative <= total and reach >= 0, all finite.
        """
        if not (0.0 <= negative <= total < math.inf and 0.0 <= reach < math.inf):
            raise ValueError(_("There cannot be more negative posts than posts, nor fewer than none."))
        self._until(second)
        bad, posts, reached = self._within(second, negative, total, reach)
        far = math.log10(1.0 + reached)
        usual = self._negative / self._posts
        told = Tone(
            self._turned(bad, posts, usual),
            self._far_off(far),
            bad,
            posts,
            usual,
            10**far,
            10 ** self._far[0],
        )
        self._negative += negative
        self._posts += total
        self._today[1] = max(self._today[1], far)
        return told

    def _within(self, second: float, negative: float, total: float, reach: float) -> list[float]:
        """Sums over SPAN up to and with this slot; empty slots are not kept."""
        slots, sums = self._slots, self._sums
        while slots and slots[0][0] <= second - SPAN:
            _second, *old = slots.popleft()
            for i in range(3):
                sums[i] = max(0.0, sums[i] - old[i]) if slots else 0.0
        if total:
            slots.append((second, negative, total, reach))
            sums[0] += negative
            sums[1] += total
            sums[2] += reach
        return sums

    def _turned(self, bad: float, posts: float, usual: float) -> float:
        if bad < FEWEST:
            return 0.0
        firm = min(FIRM, self._posts)
        return mixed_tail(bad, posts, usual * firm, (1.0 - usual) * firm) / self._thresholds.share

    def _far_off(self, far: float) -> float:
        if far < FLOOR:
            return 0.0
        usual, spread = self._far
        return max(0.0, (far - usual) / math.sqrt(spread) / self._thresholds.reach)

    def _until(self, second: float) -> None:
        if self._last is not None and second > self._last:
            kept = 0.5 ** ((second - self._last) / MEMORY)
            self._negative = max(self._negative * kept, 0.2)
            self._posts = max(self._posts * kept, 1.0)
        self._last = second
        day = second // 86400.0
        if day != self._today[0]:
            if self._today[0] >= 0.0:
                self._learn_day(self._today[1])
            self._today = [day, 0.0]

    def _learn_day(self, far: float) -> None:
        usual, spread = self._far
        far = min(far, usual + 2.0 * math.sqrt(spread))
        share = 1.0 / DAYS
        off = far - usual
        self._far = [usual + share * off, max(0.04, spread + share * (off * off - spread))]

    def dump(self) -> dict[str, Any]:
        return {
            "share": [self._negative, self._posts],
            "far": list(self._far),
            "today": list(self._today),
            "slots": [list(slot) for slot in self._slots],
            "sums": list(self._sums),
            "last": self._last,
        }

    @classmethod
    def load(cls, state: dict[str, Any], thresholds: Thresholds = BALANCED) -> Share:
        made = cls(thresholds)
        made._negative, made._posts = state["share"]
        made._far, made._today = list(state["far"]), list(state["today"])
        made._slots = deque((one[0], one[1], one[2], one[3]) for one in state["slots"])
        made._sums, made._last = list(state["sums"]), state["last"]
        return made
