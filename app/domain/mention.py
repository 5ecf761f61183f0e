"""What every platform's post, comment, article or review becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.sentiment import Score, Tone


class Kind(StrEnum):
    POST = "post"
    COMMENT = "comment"
    ARTICLE = "article"
    REVIEW = "review"
    VIDEO = "video"
    MESSAGE = "message"


class Status(StrEnum):
    """Where a mention stands on the desk."""

    NEW = "new"
    CLAIMED = "claimed"
    ESCALATED = "escalated"
    ANSWERED = "answered"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """`followers` and `verified` are None where the source does not say."""

    name: str = ""
    native_id: str = ""
    url: str = ""
    followers: int | None = None
    verified: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Engagement as last seen; None where the source does not say."""

    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    views: int | None = None
    favorites: int | None = None

    @property
    def total(self) -> int:
        """Likes, comments, shares and favourites together (views are reach, not engagement)."""
        return sum(n or 0 for n in (self.likes, self.comments, self.shares, self.favorites))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """As a monitor hands it over. `(platform, kind, native_id)` is its identity, never the URL.

    `platform` is where the post lives (weibo, xhs, appstore, feed …), in lower case.
    `published_at` is aware, UTC; None where the source gives no date, and the pipeline then
    takes the moment of fetching. `fingerprint` lets a source whose ids change (feeds with new
    guids) be recognised: two mentions of one source with the same non-empty fingerprint are one.
    `raw` is the item as received, JSON or XML text, kept for thirty days.
    """

    platform: str
    native_id: str
    url: str
    text: str
    kind: Kind = Kind.POST
    title: str = ""
    author: Author = field(default_factory=Author)
    published_at: datetime | None = None
    edited_at: datetime | None = None
    counts: Counts = field(default_factory=Counts)
    rating: float | None = None
    """Stars, 1..5."""
    media: tuple[str, ...] = ()
    lang: str = ""
    region: str = ""
    parent_id: str = ""
    root_id: str = ""
    keyword: str = ""
    """The search word the platform or crawler says this was found with."""
    site: str = ""
    """The publication or board, where the platform is a feed."""
    fingerprint: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A brand found in a mention; spans are (start, end) characters of `text` (title excluded)."""

    brand_id: int
    brand: str
    competitor: bool
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A mention as it rests in the database, with everything the desk knows of it."""

    id: int
    mention: Mention
    source_id: int
    source: str
    """The source's name as the person gave it."""
    published_at: datetime
    """Never None: the moment of fetching where the platform gave no (or a future) date."""
    dated: bool
    """False when `published_at` had to be taken from the clock."""
    fetched_at: datetime
    hits: tuple[Hit, ...] = ()
    score: Score | None = None
    tone: Tone | None = None
    """The person's correction where there is one, else the score's tone, else None (unscored)."""
    corrected: bool = False
    severity: tuple[str, ...] = ()
    """Severity cues found, as keys of the word lists: fire, injury, fraud …"""
    status: Status = Status.NEW
    status_by: str = ""
    status_at: datetime | None = None
    answer: str = ""
    edited: int = 0
    """How many earlier texts are kept."""
    gone_at: datetime | None = None
    """When it was noticed that its author deleted it; within a day its words and author are forgotten."""

    @property
    def text(self) -> str:
        return self.mention.text

    @property
    def forgotten(self) -> bool:
        """Deleted on its platform, and its words are erased."""
        return self.gone_at is not None and not (self.mention.text or self.mention.title)

    @property
    def own(self) -> bool:
        """Does it name one of our own brands?"""
        return any(not hit.competitor for hit in self.hits)
