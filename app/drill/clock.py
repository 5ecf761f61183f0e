"""The clock of a drill that is played in a terminal: it stands still until it is told the time.

The engine lives by it, so that poll intervals, back-off, cool-down, quiet hours and the slots of early
warning are those of real time, however fast the drill runs and however busy the machine is: while the
program works, no time passes (docs/adr/0022-drill-in-story-time.md). Any thread.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class StoryClock:
    """`zero` (aware) is the moment of minute 0; `begin` the minute at which the clock stands first."""

    def __init__(self, zero: datetime, begin: float = 0.0) -> None:
        self._zero = zero.astimezone(UTC)
        self._minute = begin

    @property
    def minute(self) -> float:
        return self._minute

    def advance(self, minute: float) -> None:
        """Never back."""
        self._minute = max(self._minute, minute)

    def minute_of(self, moment: datetime) -> float:
        return (moment - self._zero).total_seconds() / 60.0

    def now(self) -> datetime:
        return self._zero + timedelta(minutes=self._minute)

    def monotonic(self) -> float:
        return self._minute * 60.0


def latest(starts: float, length: float, now: datetime) -> datetime:
    """The newest moment, `starts` minutes after a local midnight, from which `length` minutes are over.

    So nothing that a drill stamps lies ahead of the machine's own time. `now` is aware.
    """
    local = now.astimezone()
    hour, minute = divmod(int(starts), 60)
    moment = local.replace(tzinfo=None, hour=hour, minute=minute, second=0, microsecond=0)
    while moment.astimezone() + timedelta(minutes=length) > local:
        moment -= timedelta(days=1)
    return moment.astimezone(UTC)
