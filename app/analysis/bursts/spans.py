"""The last hours of a series: what came and what was expected, over several spans at once."""

from __future__ import annotations

from array import array
from typing import Any

SPANS = (15.0, 30.0, 60.0, 120.0, 240.0, 480.0)
"""Minutes over which posts are counted; a quarter of an hour to a working day, twice as long each."""


class Spans:
    """A ring of slots with a running sum for each span. Slots not looked at count for nothing."""

    __slots__ = ("_at", "_came", "_known", "_usual", "sizes", "totals")

    def __init__(self, sizes: tuple[tuple[int, int], ...]) -> None:
        """`sizes`: (which of SPANS, in how many slots), the longest last."""
        self.sizes = sizes
        longest = sizes[-1][1] if sizes else 0
        empty = bytes(8 * longest)
        self._came, self._usual, self._known = array("d", empty), array("d", empty), array("d", empty)
        self.totals = [[0.0, 0.0, 0.0] for _ in sizes]
        """For each span: posts that came, posts expected, slots known."""
        self._at = 0

    @classmethod
    def over(cls, step: float) -> Spans:
        """Slots of `step` seconds; spans that would be the same number of slots are one."""
        slots: dict[int, int] = {}
        for index, span in enumerate(SPANS):
            slots.setdefault(max(1, round(span * 60.0 / step)), index)
        return cls(tuple((index, size) for size, index in slots.items()))

    def push(self, came: float, usual: float, known: float = 1.0) -> None:
        at, all_came, all_usual, all_known = self._at, self._came, self._usual, self._known
        for (_index, size), total in zip(self.sizes, self.totals, strict=True):
            old = at - size
            total[0] += came - all_came[old]
            total[1] += usual - all_usual[old]
            total[2] += known - all_known[old]
        all_came[at], all_usual[at], all_known[at] = came, usual, known
        self._at = at + 1
        if self._at == len(all_came):
            self._at = 0
            self._again()

    def _again(self) -> None:
        """Sums made anew once a round, so that rounding never gathers."""
        for (_index, size), total in zip(self.sizes, self.totals, strict=True):
            total[:] = sum(self._came[-size:]), sum(self._usual[-size:]), sum(self._known[-size:])

    def course(self) -> list[tuple[int, float, float]]:
        """Of the slots of the longest span that were looked at, oldest first: how many slots ago (0 the
        newest), what came and what was expected."""
        order = [*range(self._at, len(self._came)), *range(self._at)]
        last = len(order) - 1
        return [(last - n, self._came[i], self._usual[i]) for n, i in enumerate(order) if self._known[i]]

    def skip(self, missing: int) -> None:
        """Slots that nobody looked at."""
        for _ in range(min(missing, len(self._came))):
            self.push(0.0, 0.0, 0.0)

    def told(self, which: int, step: float) -> tuple[float, float, float, float]:
        """Came, expected, seconds of the span, and seconds since the surge in it began."""
        came, usual, _known = self.totals[which]
        size = self.sizes[which][1]
        best, run, since = 0.0, 0.0, 1
        for back in range(1, size + 1):
            run += self._came[self._at - back] - 1.5 * self._usual[self._at - back] - 1.0
            if run >= best:
                best, since = run, back
        return came, usual, size * step, since * step

    def dump(self) -> dict[str, Any]:
        return {
            "came": self._came.tolist(),
            "usual": self._usual.tolist(),
            "known": self._known.tolist(),
            "totals": [list(total) for total in self.totals],
            "at": self._at,
        }

    @classmethod
    def load(cls, state: dict[str, Any], step: float) -> Spans:
        made = cls.over(step)
        made._came, made._usual = array("d", state["came"]), array("d", state["usual"])
        made._known = array("d", state["known"])
        made.totals = [list(total) for total in state["totals"]]
        made._at = state["at"]
        return made
