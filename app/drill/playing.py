"""Plays a drill in story time: from one moment at which something is due to the next.

The thread that calls waits; the program works in its own. Between two such moments the story's clock
stands still, so that nothing depends on how fast the machine is.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from app.drill.clock import StoryClock
from app.drill.session import DrillSession

STEP = 5.0
"""Minutes after which the clock goes on at the latest: the slots of early warning."""


def play(session: DrillSession, *, speed: float, until: float, wait: Callable[[float], bool]) -> bool:
    """From where the clock stands up to the minute `until`; False when `wait` ended it before.

    What was before minute 0 is lived through as fast as the machine can, what comes after at `speed`.
    `wait(seconds)` rests and says whether to stop; it is asked at every step, with 0 when late.
    """
    if session.clock is None:
        raise ValueError("this session runs by the machine's clock")
    pace = _Pace(speed)
    while session.clock.minute < until:
        following = min(_step(session, session.clock), until)
        if wait(pace.rest(session.clock.minute, following)):
            return False
        session.clock.advance(following)
    session.core.engine.poll_once().result()
    return True


def _step(session: DrillSession, clock: StoryClock) -> float:
    """Do what is due now; the minute at which something is due next."""
    due = session.core.engine.poll_due().result()
    following = (int(clock.minute // STEP) + 1) * STEP
    return following if due is None else min(following, max(clock.minute_of(due), clock.minute + 0.01))


class _Pace:
    """How long to rest so that the minutes after 0 pass at `speed`, not counting the work between."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began: float | None = None

    def rest(self, minute: float, following: float) -> float:
        if following <= 0:
            return 0.0
        now = time.monotonic()
        if self._began is None:
            self._began = now - max(0.0, minute) * 60.0 / self._speed
        return max(0.0, self._began + following * 60.0 / self._speed - now)
