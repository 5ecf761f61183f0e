"""Values that only storage takes and gives; everything else it speaks is in app.domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.domain.mention import Hit, Mention
from app.domain.sentiment import Tone


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


class Waiting(NamedTuple):
    """A text to judge: `brands` are the ids of the watched brands it names, our own first."""

    id: int
    revision: int
    text: str
    """Title and text as judged."""
    brands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a batch of judgements."""

    saved: int = 0
    """How many took effect."""
    first: tuple[int, ...] = ()
    """Mentions that had no judgement of their present text before: only these may raise an alert."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A stretch of the walk through judgements that another engine or version made."""

    rows: tuple[Waiting, ...] = ()
    before_id: int | None = None
    """Where to go on, to be kept; None when the walk is at its end."""


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """What a person says of a text, and what an engine does."""

    mention_id: int
    text: str
    tone: Tone
    """The person's."""
    corrected: bool
    """False for a post that was seen and left, which agrees with whatever was shown then."""
    p: tuple[float, float, float] | None = None
    """The engine's P(negative), P(neutral), P(positive); None where it has not judged this text."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text of which a person has said the tone, by correcting it or by leaving it as it was."""

    mention_id: int
    text: str
    """Title and text as judged."""
    tone: Tone
    corrected: bool
    by: str
    at: datetime
    brands: tuple[int, ...] = ()
    """Watched brands it names, our own first."""


@dataclass(frozen=True, slots=True)
class LessonCounts:
    corrected: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class TaughtWord:
    """A phrase a person gave a weight; below 0 it pulls towards negative. No brand: for all."""

    id: int
    brand_id: int | None
    phrase: str
    weight: float
    by: str
    at: datetime


class LayerState(StrEnum):
    ACTIVE = "active"
    OFF = "off"
    OLD = "old"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtLayer:
    """What was learned from people, as it is kept; the meaning of `body` is the engine's own."""

    id: int = 0
    brand_id: int | None
    """None: for all brands."""
    name: str
    model: str
    """Name and version of the frozen model it lies over."""
    body: str
    lessons: int
    words: int
    made_at: datetime
    made_by: str
    state: LayerState = LayerState.ACTIVE
    before: float | None = None
    """How much was right of held-out lessons without it, 0..1."""
    after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """A thread that is read again, and how lively it was. `root` names it on its platform."""

    mention_id: int
    source_id: int
    root: str
    due: datetime
    read_at: datetime
    """When it was read last (or found)."""
    changed_at: datetime
    """When something came of it last."""
    velocity: float = 0.0
    """New comments an hour."""
    failures: int = 0
    cursor: str | None = None
