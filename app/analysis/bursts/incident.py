"""One incident at a time: what several detectors say about one brand, told once. Values only; any thread.

An incident opens with an alarm of any detector. While anything is above its threshold it goes on; others
that join are part of it. It alarms again when something is three times as strong as when it was last told,
and when it still goes on after a day. It peaks, ebbs, and closes when all has been quiet for six hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.analysis.bursts.bar import GROWTH, QUIET, Bar

CALM = 6 * 3600.0
"""Seconds without anything above its threshold after which an incident is over."""

EBB = 2 * 3600.0
"""And after which it ebbs."""

PEAK = 3600.0
"""Seconds the pulse must have been below half of its highest before that was the peak."""


class Phase(StrEnum):
    OPENED = "opened"
    GROWING = "growing"
    PEAKED = "peaked"
    EBBING = "ebbing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Signal:
    """What one detector says now. `channel` is "surge", "unsettled", "story", "share", "reach" or "words";
    `strength` 1.0 its threshold; `told` a sentence; `mark` what it is about (a story, a topic); `size` the
    posts beyond those expected, where that is known: few are soon over."""

    channel: str
    strength: float
    told: str = ""
    mark: str = ""
    size: float = math.inf


@dataclass(frozen=True, slots=True)
class Event:
    """An incident has changed. `alarm`: somebody should be told. `signals` are those that count now."""

    number: int
    phase: Phase
    second: float
    alarm: bool
    strength: float
    signals: tuple[Signal, ...] = ()


class Incidents:
    """The incidents of one brand. `update` after every batch and on every tick, also when all is quiet."""

    __slots__ = ("_bars", "_low", "_number", "_open")

    def __init__(self) -> None:
        self._bars: dict[str, Bar] = {}
        self._number = 0
        self._open: dict[str, Any] | None = None
        self._low: float | None = None

    @property
    def phase(self) -> Phase | None:
        """Of the incident that is open."""
        return Phase(self._open["phase"]) if self._open else None

    @property
    def since(self) -> float | None:
        """The second at which the open incident opened."""
        return float(self._open["since"]) if self._open else None

    @property
    def channels(self) -> tuple[str, ...]:
        """Detectors that have had a part in the open incident, in the order they joined."""
        return tuple(self._open["channels"]) if self._open else ()

    def update(
        self, second: float, signals: Iterable[Signal], pulse: float = 0.0, *, live: bool = True
    ) -> tuple[Event, ...]:
        """What changed. `pulse`: negative posts an hour, now. `live=False` (a back-fill) opens nothing."""
        strong = [signal for signal in signals if signal.strength >= 1.0] if live else []
        if not strong and self._open is None:
            return ()
        strong.sort(key=lambda one: -one.strength)
        # Every channel asks its own bar: what has alarmed a moment ago needs growth to alarm again.
        passed = [
            signal
            for signal in strong
            if self._bars.setdefault(signal.channel, Bar()).passed(second, signal.strength, signal.size)
        ]
        if any(signal.channel != "unsettled" for signal in passed):
            self._bars.setdefault("unsettled", Bar()).hold(second)
        if self._open is None:
            return (self._opened(second, tuple(strong), pulse),) if passed else ()
        return tuple(self._went_on(second, tuple(strong), bool(passed), pulse))

    def _opened(self, second: float, strong: tuple[Signal, ...], pulse: float) -> Event:
        self._number += 1
        self._low = None
        self._open = {
            "phase": Phase.OPENED.value,
            "since": second,
            "hot": second,
            "told": second,
            "told_strength": strong[0].strength,
            "peak": pulse,
            "channels": list(dict.fromkeys(signal.channel for signal in strong)),
        }
        return Event(self._number, Phase.OPENED, second, True, strong[0].strength, strong)

    def _went_on(
        self, second: float, strong: tuple[Signal, ...], passed: bool, pulse: float
    ) -> list[Event]:
        now = self._open
        assert now is not None  # noqa: S101  # only asked while one is open
        events = []
        strength = strong[0].strength if strong else 0.0
        if strong:
            now["hot"] = second
            now["channels"] = list(dict.fromkeys([*now["channels"], *(one.channel for one in strong)]))
        grown = strength >= GROWTH * now["told_strength"]
        if grown or (passed and second - now["told"] >= QUIET * 3600.0):
            now["told"], now["told_strength"] = second, strength
            now["phase"] = Phase.GROWING.value
            events.append(Event(self._number, Phase.GROWING, second, True, strength, strong))
        if second - now["hot"] >= CALM:
            events.append(Event(self._number, Phase.CLOSED, second, False, strength))
            self._open = None
            return events
        phase = self._course(second, now, pulse)
        if phase is not None and phase.value != now["phase"]:
            now["phase"] = phase.value
            events.append(Event(self._number, phase, second, False, strength, strong))
        return events

    def _course(self, second: float, now: dict[str, Any], pulse: float) -> Phase | None:
        """Where the pulse puts the incident; None where that is as it was."""
        if pulse > now["peak"]:
            now["peak"], self._low = pulse, None
            return Phase.GROWING if now["phase"] in (Phase.PEAKED, Phase.EBBING) else None
        if second - now["hot"] >= EBB:
            return Phase.EBBING
        if pulse > 0.5 * now["peak"]:
            self._low = None
            return None
        if self._low is None:
            self._low = second
        over = second - self._low >= PEAK and now["phase"] in (Phase.OPENED, Phase.GROWING)
        return Phase.PEAKED if over else None

    def dump(self) -> dict[str, Any]:
        return {
            "bars": {channel: bar.dump() for channel, bar in self._bars.items()},
            "number": self._number,
            "open": None
            if self._open is None
            else {**self._open, "channels": list(self._open["channels"])},
            "low": self._low,
        }

    @classmethod
    def load(cls, state: dict[str, Any]) -> Incidents:
        made = cls()
        made._bars = {channel: Bar.load(bar) for channel, bar in state["bars"].items()}
        made._number, made._low = state["number"], state["low"]
        if state["open"] is not None:
            made._open = {**state["open"], "channels": list(state["open"]["channels"])}
        return made
