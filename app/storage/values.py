"""Values that only storage takes and gives; everything else it speaks is in app.domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.mention import Hit, Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A mention as the pipeline hands it over: dated, and with the brands and cues found in it."""

    mention: Mention
    published_at: datetime
    dated: bool
    """False when `published_at` had to be taken from the clock."""
    hits: tuple[Hit, ...] = ()
    severity: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a page: the ids of new rows, of rows whose text changed, and how many were known."""

    new: tuple[int, ...] = ()
    edited: tuple[int, ...] = ()
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Something done to a mention, never rewritten. `what` is status | claim | release | tone | answer."""

    at: datetime
    by: str
    what: str
    detail: str
