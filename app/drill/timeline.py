"""The drill's own time: wall seconds become scenario minutes, at a speed that may change.

Safe from any thread. Every post keeps the wall time of its emission, whatever is paused, skipped or
sped up afterwards.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.clock import Clock
from app.errors import ConfigError
from app.i18n import _

SLOWEST, FASTEST = 1.0, 60.0


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From `second` (since the start) on, time runs from `minute` at `speed`; 0 stands still."""

    second: float
    minute: float
    speed: float


def checked_speed(speed: float) -> float:
    """`speed`, or a ConfigError if nobody could follow it."""
    if not SLOWEST <= speed <= FASTEST:
        raise ConfigError(_("The speed of a drill must be between 1 and 60."), field="speed")
    return float(speed)


class Timeline:
    """Begins to run when it is made, at the minute `begin`: 0, or earlier."""

    def __init__(self, speed: float, clock: Clock, begin: float = 0.0) -> None:
        self._clock = clock
        self._speed = checked_speed(speed)
        self._paused = False
        self._began = clock.monotonic()
        self._begin = begin
        self._lock = threading.Lock()
        self._stretches = [_Stretch(0.0, begin, self._speed)]
        self._first = clock.now()
        self.start: datetime = self._first - timedelta(minutes=begin)
        """The wall time of minute 0, as chatter before `begin` counts it: one to one."""

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._lock:
            self._speed = checked_speed(speed)
            self._turn()

    @property
    def paused(self) -> bool:
        return self._paused

    def pause(self) -> None:
        with self._lock:
            self._paused = True
            self._turn()

    def resume(self) -> None:
        with self._lock:
            self._paused = False
            self._turn()

    def skip(self, minutes: float) -> None:
        """Jump ahead; what lies between is emitted now."""
        if minutes < 0:
            raise ConfigError(_("A drill cannot go back."), field="minutes")
        with self._lock:
            self._turn(ahead=minutes)

    def elapsed(self) -> float:
        """Scenario minutes since the first post of the crisis."""
        with self._lock:
            return self._elapsed()

    def wall(self, at: float) -> datetime:
        """When the post of minute `at` was (or will be) emitted; chatter lies back one to one."""
        if at <= self._begin:
            return self.start + timedelta(minutes=at)
        with self._lock:
            return self._first + timedelta(seconds=self._second(at))

    def minute(self, moment: datetime) -> float:
        """The scenario's minute at a wall time: the way back from `wall`."""
        second = (moment - self._first).total_seconds()
        if second <= 0:
            return self._begin + second / 60.0
        with self._lock:
            n = bisect_right(self._stretches, second, key=lambda one: one.second)
            one = self._stretches[n - 1]
            return one.minute + (second - one.second) / 60.0 * one.speed

    def _seconds(self) -> float:
        return self._clock.monotonic() - self._began

    def _elapsed(self) -> float:
        now = self._stretches[-1]
        return now.minute + (self._seconds() - now.second) / 60.0 * now.speed

    def _turn(self, ahead: float = 0.0) -> None:
        speed = 0.0 if self._paused else self._speed
        self._stretches.append(_Stretch(self._seconds(), self._elapsed() + ahead, speed))

    def _second(self, at: float) -> float:
        """The stretch before `at` says when; a later stretch that jumped over it says at the latest."""
        n = max(1, bisect_left(self._stretches, at, key=lambda one: one.minute))
        one = self._stretches[n - 1]
        speed = one.speed or self._speed
        second = one.second + (at - one.minute) * 60.0 / speed
        return min(second, self._stretches[n].second) if n < len(self._stretches) else second
