"""Weibo's daily calls planned as a budget: what is asked next, and when, so that they last the Beijing day.

Pure: times in epoch seconds, values in and out. Calls not kept for answers are spread evenly over what is
left of the day, nights thinner, and shared among the lists; whatever is lost or gained is spread anew with
every question, so that a plan can fall behind but never overdraw.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from monitors.cursors import number, text
from monitors.reading import CHINA, count, maybe, next_midnight

DAY = 86400
PER_DAY = 100
"""Calls that Weibo documents for one account of an ordinary app."""
KEPT = 15
"""Of them, kept for answers."""
NIGHT = 7 * 3600
"""Until then, from midnight in Beijing, a second counts a third."""
ASK = 4 * 3600
"""Seconds after which Weibo is asked for the truth again (that call is free)."""
LEAST = 300
"""Seconds between two questions for one list; Weibo advises three to five minutes."""
SHARES = {
    "mentions": 0.40,
    "to_me": 0.25,
    "cmention": 0.13,
    "by_me": 0.07,
    "own": 0.05,
    "thread": 0.10,
}
"""List → its part of the calls: posts that name us, comments we got, comments that name us, our own
comments, our own newest posts, comments under one of them."""
FULL_DAY = DAY - NIGHT * 2 / 3
"""A whole day, in waking seconds."""


def midnight(now: float) -> float:
    """The next one in Beijing."""
    return next_midnight(datetime.fromtimestamp(now, UTC)).timestamp()


def day_of(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).astimezone(CHINA).date().isoformat()


def awake(since: float, until: float) -> float:
    """Waking seconds between two moments."""
    return max(0.0, _since_epoch(until) - _since_epoch(since))


def _since_epoch(now: float) -> float:
    day, rest = divmod(now + 8 * 3600, DAY)
    return day * FULL_DAY + min(rest, NIGHT) / 3 + max(0.0, rest - NIGHT)


@dataclass(frozen=True, slots=True)
class Budget:
    """`used`: calls made on `day`. `left` of `limit` as Weibo told at `asked`, less what was used since;
    good until `reset`. `last`: list → when it was last asked."""

    day: str = ""
    used: int = 0
    limit: int = PER_DAY
    left: int = PER_DAY
    asked: int = 0
    reset: int = 0
    last: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, told: Any, now: float) -> Budget:
        """From a cursor; a lost one knows nothing, so that Weibo is asked first."""
        if not isinstance(told, dict):
            return cls(day=day_of(now))
        kept = maybe(told, "last")
        last = {name: number(kept.get(name)) for name in SHARES} if isinstance(kept, dict) else {}
        last = {name: at for name, at in last.items() if 0 < at <= now}
        made = cls(
            day=text(told.get("day")),
            used=number(told.get("used")),
            limit=number(told.get("limit"), PER_DAY),
            left=number(told.get("left"), PER_DAY),
            asked=min(number(told.get("asked")), int(now)),
            reset=number(told.get("reset")),
            last=last,
        )
        return made if made.day == day_of(now) else replace(made, day=day_of(now), used=0, left=made.limit)

    def members(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def stale(self, now: float) -> bool:
        """Is it time to ask Weibo how many calls are left?"""
        return (
            not self.asked or now - self.asked >= ASK or (0 < self.reset <= now and self.asked < self.reset)
        )

    def told(self, status: Any, now: float) -> Budget:
        """With what `rate_limit_status` says; what it leaves out stays as planned. A plan that was lost
        takes whatever was used today for its own, so that nothing is taken from the answers."""
        limit, left = count(maybe(status, "user_limit")), count(maybe(status, "remaining_user_hits"))
        seconds = count(maybe(status, "reset_time_in_seconds"))
        whole = limit or self.limit
        left = whole - self.used if left is None else left
        return replace(
            self,
            limit=whole,
            left=left,
            used=self.used if self.asked else max(self.used, whole - left),
            asked=int(now),
            reset=int(now) + min(seconds, DAY) if seconds else 0,
        )

    def spent(self, what: str, now: float) -> Budget:
        last = {**self.last, what: int(now)}
        return replace(self, used=self.used + 1, left=max(0, self.left - 1), last=last)

    def free(self, elsewhere: int | None = None) -> int:
        """Calls that reading may still make today. `elsewhere`: what the engine says is left of PER_DAY;
        the answers it knows of come out of what is kept for them."""
        left = min(self.left, self.limit - self.used)
        kept = KEPT
        if elsewhere is not None:
            made = PER_DAY - elsewhere
            kept = max(0, KEPT - max(0, made - self.used))
            left = min(left, elsewhere) if self.limit <= PER_DAY else left
        return max(0, left - kept)

    def due(self, now: float, free: int, among: Collection[str]) -> str:
        """The list to ask now, that has waited longest for its part; "" for none."""
        if free <= 0:
            return ""
        pace = awake(now, midnight(now)) / free
        waits = {name: self._waited(name, now) * SHARES[name] for name in among}
        ready = {name: waited for name, waited in waits.items() if waited >= pace}
        return max(ready, key=lambda name: ready[name]) if ready else ""

    def _waited(self, name: str, now: float) -> float:
        """Waking seconds; for ever where it was never asked, none where it was asked a moment ago."""
        at = self.last.get(name, 0)
        if not at:
            return float(DAY * 100)
        return awake(at, now) if now - at >= LEAST else -1.0
