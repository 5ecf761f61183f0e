"""How well a source is seen: what it should bring and brings, what was missed, how long its keys last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.watch import Health


class Cause(StrEnum):
    """Why a source is not seen, or was not."""

    UNREACHABLE = "unreachable"
    LIMITED = "limited"
    SIGN_IN = "sign_in"
    REFUSED = "refused"
    SETTINGS = "settings"
    SCHEMA = "schema"
    SKIPPED = "skipped"
    EMPTY = "empty"
    SILENT = "silent"
    CANARY = "canary"
    OFF = "off"
    PAUSED = "paused"
    OTHER = "other"


class Outcome(StrEnum):
    """What became of a gap: all of it was read later, some of it, or nothing."""

    FILLED = "filled"
    PARTLY = "partly"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Life:
    """How long something lasts: a token `until` a moment, a quota with `left` of `limit` requests."""

    name: str
    until: datetime | None = None
    left: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GapLine:
    """An interval in which a source could not be read, and what became of it."""

    source: str
    since: datetime
    until: datetime | None
    """None: it still cannot be read."""
    reason: str
    id: int = 0
    source_id: int = 0
    cause: str = ""
    found: int = 0
    """Mentions from within it that came later."""
    outcome: Outcome | None = None
    """None while nobody knows."""
    unseen_until: datetime | None = None
    """From `since` up to there nothing was ever seen; None where nothing is missing."""


@dataclass(frozen=True, slots=True)
class Volume:
    """An hour: what came, and what such an hour of the week usually brings (None: not learnt yet)."""

    at: datetime
    came: int
    expected: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What is known of one source at this moment."""

    source_id: int
    source: str
    kind: str
    health: Health
    error: str = ""
    every: int
    """Seconds between polls."""
    last_good_at: datetime | None = None
    age: float | None = None
    """Seconds since the last good answer."""
    blind: Cause | None = None
    """Set from the poll on that found it blind until it sees again."""
    blind_since: datetime | None = None
    advice: str = ""
    """What to do about it, one sentence."""
    came_hour: int = 0
    expected_hour: float | None = None
    """This hour of the week so far, and the hour as a whole."""
    came_day: int = 0
    expected_day: float | None = None
    """The last 24 hours."""
    patience: float | None = None
    """Seconds of silence, from now on, after which it would be called blind; None: not learnt yet."""
    hours: tuple[Volume, ...] = ()
    """The last hours, oldest first."""
    lives: tuple[Life, ...] = ()
    gaps: tuple[GapLine, ...] = ()
    """The newest first."""
    threads: int = 0
    """Threads that are read again."""
    canary: str = ""
    canary_seen_at: datetime | None = None
    basis: str = ""
    terms: str = ""
    personal: str = ""
