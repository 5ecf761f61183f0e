"""A filter over stored mentions: it makes the list, the export and the saved view alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.mention import Status, Stored
from app.domain.sentiment import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionQuery:
    """Empty tuples and None mean "any". `since` is inclusive, `until` exclusive, by publication.

    `matched` True: only mentions that name a brand; False: only those that name none.
    `text` is written in the watch query language (words, "phrases", AND OR NOT, NEAR/n, fields).
    """

    brands: tuple[int, ...] = ()
    aspects: tuple[str, ...] = ()
    """Keys of `app.domain.aspects.ASPECTS`, each alone ("price") or with a tone ("price:negative")."""
    sources: tuple[int, ...] = ()
    platforms: tuple[str, ...] = ()
    tones: tuple[Tone, ...] = ()
    unscored: bool = False
    """With `tones`: the unscored too. Alone: only the unscored."""
    statuses: tuple[Status, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    author: str = ""
    matched: bool | None = None
    competitor: bool | None = None
    severe: bool = False
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page ended, to go on from there without an offset."""

    published_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list; `next` is None at the end."""

    rows: tuple[Stored, ...]
    next: Key | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A saved filter."""

    id: int
    name: str
    query: MentionQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many mentions of each kind a filter holds."""

    total: int = 0
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unscored: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectLine:
    """How a filter's mentions speak about one aspect; one that speaks about several counts for each."""

    aspect: str
    negative: int = 0
    neutral: int = 0
    positive: int = 0

    @property
    def total(self) -> int:
        return self.negative + self.neutral + self.positive


@dataclass(frozen=True, slots=True)
class Slot:
    """What was said of a brand in one stretch of time."""

    at: datetime
    """Where it begins."""
    mentions: int
    """Judged ones."""
    negative: float
    """The sum of P(negative): how many negative mentions to expect, without counting labels."""
    reach: float
    """The same, each weighted with its audience: P(negative) * log10(10 + followers)."""
