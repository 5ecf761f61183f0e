"""How many mentions to expect in a slot: level x hour of day x kind of day x hour of the week.

Every factor is posts seen over posts expected, both fading, drawn towards 1 by a prior worth some posts.
So a brand with one post a day has nearly no shape, and one with thousands has all of it within days.
"""

from __future__ import annotations

import math
from array import array
from typing import Any

from app.analysis.bursts.calendar import Day, Moment

LEVEL = 7 * 24.0
"""Half-life of the level, in hours."""

DAILY, KIND, WEEKLY = 10.0, 240.0, 8.0
"""Half-lives of the other factors, in hours that were spent in their cell."""

LEFT = 1.0 / 16.0
"""However long nobody looked, so much of what was known remains."""

PRIOR = 10.0
"""Posts that a factor's prior weighs at least."""

CAP, GRACE = 5.0, 3.0
"""A slot teaches at most CAP times what was expected, and GRACE posts: surges are not the usual."""


class Baseline:
    """Learns online; `expect` before `learn`, once each slot."""

    __slots__ = ("_base", "_daily", "_fades", "_hours", "_kinds", "_seen", "_step", "_weekly", "expected")

    def __init__(self) -> None:
        self._seen, self._hours = 0.0, 0.0
        # Posts seen and posts expected take turns; arrays, since thousands of series are held at once.
        self._daily = array("d", bytes(8 * 2 * 24))
        self._kinds = array("d", bytes(8 * 2 * len(Day)))
        self._weekly = array("d", bytes(8 * 2 * 168))
        self._step, self._fades = 0.0, (1.0, 1.0, 1.0, 1.0)
        self._base = (1.0, 1.0, 1.0)
        self.expected = 0.0

    @property
    def level(self) -> float:
        """Posts an hour, over a whole week."""
        return (self._seen + 0.5) / self._hours if self._hours else 0.0

    @property
    def known(self) -> float:
        """Hours of history, fading."""
        return self._hours

    def expect(self, moment: Moment, hours: float) -> float:
        """Posts expected in a slot of so many hours; 0.0 before anything is known."""
        level = (self._seen + 0.5) / self._hours if self._hours else 0.0
        place = moment.hour - 0.5
        left = math.floor(place)
        part = place - left
        prior = max(PRIOR, 2.0 * level)
        cells = self._daily
        at = left % 24 * 2
        daily = (1.0 - part) * (prior + cells[at]) / (prior + cells[at + 1])
        at = (left + 1) % 24 * 2
        daily += part * (prior + cells[at]) / (prior + cells[at + 1])
        kind = self._of_kind(moment.kind, level)
        weekly = 1.0
        if moment.kind is not Day.HOLIDAY:
            prior = max(PRIOR, 3.0 * level)
            at = 2 * _cell(moment)
            weekly = (prior + self._weekly[at]) / (prior + self._weekly[at + 1])
        self._base = (daily, kind, weekly)
        self.expected = level * daily * kind * weekly * hours
        return self.expected

    def doubt(self, moment: Moment) -> float:
        """Relative variance of what is expected, from having seen few posts."""
        seen = self._daily[2 * int(moment.hour)]
        return 1.0 / (self._seen + 0.5) + 1.0 / (seen + max(PRIOR, 2.0 * self.level))

    def learn(self, moment: Moment, count: float, hours: float) -> None:
        """The slot for which `expect` was asked last."""
        if hours != self._step:
            self._step = hours
            self._fades = tuple(0.5 ** (hours / half) for half in (LEVEL, DAILY, KIND, WEEKLY))
        fade_level, fade_daily, fade_kind, fade_weekly = self._fades
        level, (daily, kind, weekly) = self.level, self._base
        if self._hours:
            count = min(count, CAP * self.expected + GRACE)
        self._seen = self._seen * fade_level + count
        self._hours = self._hours * fade_level + hours * daily * kind * weekly
        if not level:
            return
        base = level * hours
        _add(self._daily, int(moment.hour), fade_daily, count, base * kind * weekly)
        _add(self._kinds, moment.kind, fade_kind, count, base * daily * weekly)
        if moment.kind is not Day.HOLIDAY:
            _add(self._weekly, _cell(moment), fade_weekly, count, base * daily * kind)

    def add(self, moment: Moment, count: float) -> None:
        """Posts of a slot that was learnt with too few."""
        self._seen += count
        self._daily[2 * int(moment.hour)] += count
        self._kinds[2 * moment.kind] += count
        self._weekly[2 * _cell(moment)] += count

    def fade(self, hours: float) -> None:
        """So much time went by unseen: what was known weighs less."""
        kept = max(LEFT, 0.5 ** (hours / LEVEL))
        self._seen *= kept
        self._hours *= kept

    def _of_kind(self, kind: Day, level: float) -> float:
        prior = max(2.0 * PRIOR, 24.0 * level)
        seen, expected = self._kinds[2 * kind], self._kinds[2 * kind + 1]
        usual = 1.0
        if kind is Day.HOLIDAY:
            usual = (prior + self._kinds[2 * Day.REST]) / (prior + self._kinds[2 * Day.REST + 1])
        return (prior * usual + seen) / (prior + expected)

    def dump(self) -> dict[str, Any]:
        return {
            "level": [self._seen, self._hours],
            "daily": self._daily.tolist(),
            "kinds": self._kinds.tolist(),
            "weekly": self._weekly.tolist(),
        }

    @classmethod
    def load(cls, state: dict[str, Any]) -> Baseline:
        made = cls()
        made._seen, made._hours = state["level"]
        made._daily = array("d", state["daily"])
        made._kinds = array("d", state["kinds"])
        made._weekly = array("d", state["weekly"])
        return made


def _cell(moment: Moment) -> int:
    return moment.weekday * 24 + int(moment.hour)


def _add(cells: array[float], cell: int, fade: float, seen: float, expected: float) -> None:
    cells[2 * cell] = cells[2 * cell] * fade + seen
    cells[2 * cell + 1] = cells[2 * cell + 1] * fade + expected
