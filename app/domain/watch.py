"""What to look for (Watch), and where (Source)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.mention import Kind, Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A brand, ours or a competitor's, and the query that finds it.

    `aliases` are further names, each matched like a quoted phrase and OR-ed with the query's
    outcome. `exclusions` are phrases inside which a word of the query does not count
    (小米粥 for 小米); a mention that names the brand elsewhere still matches.
    """

    id: int = 0
    name: str
    query: str
    competitor: bool = False
    aliases: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


class Health(StrEnum):
    """How well a source is seen."""

    NEW = "new"
    OK = "ok"
    RETRYING = "retrying"
    LIMITED = "limited"
    DEGRADED = "degraded"
    NEEDS_PERSON = "needs_person"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A configured monitor. `settings` never holds a secret: those live in the SecretStore."""

    id: int = 0
    kind: str
    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    brand_id: int | None = None
    """Everything from here is about this brand, named or not (reviews of our own app)."""
    every: int = 0
    """Seconds between polls; 0 = the monitor's own."""
    paused: bool = False
    canary: str = ""
    """A post that must be findable: its number, its address or words of it. Empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """A source as it is seen right now."""

    source: Source
    health: Health = Health.NEW
    last_poll_at: datetime | None = None
    last_good_at: datetime | None = None
    next_poll_at: datetime | None = None
    failures: int = 0
    error: str = ""
    """The last error in words a person can act on; empty when healthy."""
    mentions: int = 0
    today: int = 0
    skipped: int = 0
    """Items so far that could not be read and were passed over."""
    blind: str = ""
    """Why it is not seen, though it may answer: a `Cause` of app.domain.seeing; empty while all is well."""
    sight: str = ""
    """What the engine has learnt of how this source usually answers; its own affair."""


@dataclass(frozen=True, slots=True)
class Page:
    """One poll's outcome; `cursor` is opaque to everyone but the monitor that made it.

    `more` asks for the next page at once, within budget. `skipped` counts items that could not
    be read; `note` says in words what the person should know (a redirect, a ragged file).
    """

    mentions: tuple[Mention, ...]
    cursor: str | None = None
    more: bool = False
    skipped: int = 0
    note: str = ""
    gone: tuple[tuple[str, Kind, str], ...] = ()
    """Identities (platform, kind, native_id) that the platform says are deleted."""
    answered: tuple[tuple[str, Kind, str], ...] = ()
    """Identities that the brand's own account has answered on the platform itself."""
    unsent: tuple[tuple[str, str], ...] = ()
    """(key, reason): answers of ours that the platform had taken and says now it could not deliver."""
    listed: int | None = None
    """How many items the platform showed, known and unreadable ones included; None where it cannot be
    told (nothing has changed since). 0 where it always showed some is a sign of blindness."""
