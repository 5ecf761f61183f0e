"""Is a surge of the negative sum a surge of complaints, or much talk? Any thread.

The negative sum adds up probabilities, since a sober complaint is seldom more than half sure. So a flood of
praise raises it too: each cheer brings the seventh of a complaint that the judge cannot rule out. Two
marks tell them apart, and a surge is put down to talk only where both say so: the posts of its span are
clearly less negative than the brand's talk usually is, and most of the sum lies in posts that are not
judged negative themselves. A complaint among cheers brings nearly one to the sum, so a few are enough.
"""

from __future__ import annotations

import math
from collections import deque

KEPT = 8 * 3600.0
"""Seconds that are looked at: the longest span of a surge."""

BELOW = 0.8
"""Less negative than so much of the usual share is clearly less."""

FLOOR = 0.2
"""A share below this is never more than talk: for a brand that is praised all day the usual share itself is
what the judge cannot rule out."""

MOSTLY = 0.5
"""Of the sum, what must lie in posts that are judged negative."""


class Loud:
    """One series. `add` each slot in order of time."""

    __slots__ = ("_slots",)

    def __init__(self) -> None:
        self._slots: deque[tuple[float, float, float, float]] = deque()

    def add(self, second: float, posts: float, negative: float, judged: float) -> None:
        """A slot that begins at `second`: its posts, the sum of P(negative), and that of negative posts."""
        while self._slots and self._slots[0][0] <= second - KEPT:
            self._slots.popleft()
        if posts:
            self._slots.append((second, posts, negative, judged))

    def only(self, second: float, span: float, usual: float) -> bool:
        """Are the `span` seconds up to the end of the slot at `second` much talk and no more? `usual` is
        the brand's share of negative posts."""
        within = [one for one in self._slots if one[0] > second - span]
        posts, negative, judged = (math.fsum(one[part] for one in within) for part in (1, 2, 3))
        return negative < max(BELOW * usual, FLOOR) * posts and judged < MOSTLY * negative

    def dump(self) -> list[list[float]]:
        return [list(one) for one in self._slots]

    @classmethod
    def load(cls, state: list[list[float]]) -> Loud:
        made = cls()
        made._slots = deque((one[0], one[1], one[2], one[3]) for one in state)
        return made
