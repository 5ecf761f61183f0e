"""When a strength becomes an alarm: one alarm an incident, and a bar that rises for who alarms often."""

from __future__ import annotations

import math
from typing import Any

QUIET = 24.0
"""Hours after an alarm during which only growth alarms again."""

BIG, SHORT = 20.0, 3.0
"""A surge of fewer than BIG posts is sooner over and tires less: QUIET shrinks with it, down to SHORT
hours, and TIRED as well."""

GROWTH = 3.0
"""At once after an alarm so many times its strength is needed; that falls to 1 over QUIET hours."""

GATHERS = 3600.0
"""Seconds after an alarm in which a surge gathers: its strength still rises while its rate does not."""

TIRED, RESTED = 0.25, 7 * 24.0
"""Each earlier alarm raises the bar by TIRED, which fades with a half-life of RESTED hours."""


class Bar:
    """Alarms of one channel of one series. Strength 1 is the shipped threshold."""

    __slots__ = ("_last", "_load", "_peak", "_quiet")

    def __init__(self) -> None:
        self._last: float | None = None
        self._quiet = QUIET
        self._peak = 0.0
        self._load = 0.0

    def height(self, second: float) -> float:
        """The strength that would alarm now."""
        if self._last is None:
            return 1.0
        passed = (second - self._last) / 3600.0
        if passed >= self._quiet:
            return 1.0 + TIRED * self._load * math.exp2(-passed / RESTED)
        return max(1.0, self._peak * math.pow(GROWTH, 1.0 - passed / self._quiet))

    def passed(self, second: float, strength: float, size: float = math.inf) -> bool:
        """Is this an alarm? If so it is remembered. `size`: posts beyond those expected."""
        if strength < 1.0:
            return False
        if strength < self.height(second):
            if self._last is not None and second - self._last <= GATHERS:
                self._peak = max(self._peak, strength)
            return False
        if self._last is None or second - self._last >= self._quiet * 3600.0:
            faded = 0.0 if self._last is None else math.exp2((self._last - second) / 3600.0 / RESTED)
            self._load = self._load * faded + min(1.0, size / BIG)
        self._last, self._peak = second, strength
        self._quiet = max(SHORT, QUIET * min(1.0, size / BIG))
        return True

    def hold(self, second: float) -> None:
        """Another channel alarmed: this one has nothing to add for a while."""
        self._last, self._peak, self._quiet = second, max(1.0, self._peak), QUIET

    def dump(self) -> list[float | None]:
        return [self._last, self._peak, self._load, self._quiet]

    @classmethod
    def load(cls, state: list[Any]) -> Bar:
        made = cls()
        made._last, made._peak, made._load, made._quiet = state
        return made
