"""A scripted crisis as plain values: who says what, when, and how it grows.

Pure data; any thread. It knows neither the clock nor the network: the demo platform asks it what is
due. `app.drill.loading` makes it from a file; the format is described in docs/drill.md.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.sentiment import Tone
from app.domain.watch import Watch

CHANNELS = ("weibo", "forum", "news", "appstore")
PHASES = ("chatter", "praise", "outbreak", "spread", "statement", "ebb")
CALM = ("chatter", "praise")
"""Phases that are no crisis: what alarms there is a false alarm."""
ABOUT = ("own", "competitor", "other")
EARLIEST, LATEST = -20_160.0, 20_160.0
"""Minutes around the first post of the crisis: two weeks either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The author of an event; `followers` and `verified` None where the channel shows none."""

    name: str
    id: str
    followers: int | None = None
    verified: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Final counts; half of what is missing arrives every `half` minutes."""

    likes: int = 0
    comments: int = 0
    shares: int = 0
    half: float = 15.0

    def after(self, minutes: float) -> tuple[int, int, int]:
        """Likes, comments and shares this long after publication; never falling."""
        share = 1.0 - math.pow(2.0, -max(0.0, minutes) / self.half)
        likes, comments, shares = (round(n * share) for n in (self.likes, self.comments, self.shares))
        return likes, comments, shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One post. `at` is in minutes from the first post of the crisis; what was before lies below 0."""

    id: str
    at: float
    channel: str
    phase: str
    author: Voice
    text: str
    label: Tone
    """Our own annotation of the text's tone."""
    about: str = "own"
    title: str = ""
    site: str = ""
    platform: str = ""
    """Where a post of the microblog feed stands, if its site does not tell."""
    counts: Growth | None = None
    rating: int | None = None
    copy_of: str = ""

    @property
    def crisis(self) -> bool:
        return self.phase not in CALM


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The companion app whose reviews are read."""

    id: str
    name: str
    bundle: str
    version: str
    country: str = "cn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """`channel` answers nothing of use from minute `begin` up to minute `end`.

    `how` is an HTTP status of 400 to 599, "html" (a page in place of the feed) or "empty".
    """

    channel: str
    begin: float
    end: float
    how: int | str = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`brands` are the watches to set up, `events` are in order of time."""

    name: str
    title: str
    about: str = ""
    length: float
    """Minutes from the first post of the crisis until the drill is over."""
    starts: float = 600.0
    """The minute of the day, in the person's own time, at which minute 0 lies."""
    brands: tuple[Watch, ...]
    app: App
    events: tuple[Event, ...]
    outages: tuple[Outage, ...] = ()
    own_sources: bool = False
    """Every source is about our own brand, so that a post need not name it."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """What each channel's made-up site calls itself."""
    service_channel: str = ""
    """Where the made-up brand asks its customers to turn to, for reply templates."""
    _times: tuple[float, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_times", tuple(event.at for event in self.events))

    @property
    def begin(self) -> float:
        """The whole hour at or before the earliest post, in minutes; 0 where nothing was before."""
        return min(0.0, math.floor(self.events[0].at / 60.0) * 60.0) if self.events else 0.0

    @property
    def outbreak(self) -> float | None:
        """The minute of the first post of the crisis; None where there is no crisis."""
        return next((event.at for event in self.events if event.crisis), None)

    def due(self, elapsed: float) -> tuple[Event, ...]:
        """Everything published by `elapsed` minutes, oldest first."""
        return self.events[: bisect_right(self._times, elapsed)]

    def event(self, id: str) -> Event | None:
        return next((event for event in self.events if event.id == id), None)
