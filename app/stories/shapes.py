"""What goes into the index of stories and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post, comment or article as the index sees it. `(platform, id)` is its identity.

    `at` is aware. `parent_id` and `root_id` are ids on the same platform, empty where the platform names
    none. `author_since` is when the account was opened, where the source says so.
    """

    id: str
    text: str
    at: datetime
    author: str = ""
    author_id: str = ""
    followers: int | None = None
    platform: str = ""
    parent_id: str = ""
    root_id: str = ""
    author_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a post went. `story_id` is None for what tells nothing by itself ("转发", a row of emoji).

    `new`: it began the story. `of` is the id of the post it follows: the parent where the platform names
    one that is known, else the nearest text; empty for a beginning. `similarity` is 1 for links and equal
    texts, 0 for beginnings. `by` is "link", "same", "near", "known" (this id was placed before) or "".
    `of_platform` is where the post it follows lives.
    """

    story_id: int | None
    new: bool
    similarity: float
    of: str
    by: str = ""
    of_platform: str = ""


@dataclass(frozen=True, slots=True)
class First:
    """The post a story began with, also when it is older than the window."""

    id: str
    at: datetime
    platform: str
    author: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One post of a story and what it follows (`of`, an id; empty for the first or if forgotten)."""

    id: str
    at: datetime
    platform: str
    author: str
    author_id: str
    followers: int | None
    of: str
    of_platform: str
    similarity: float
    by: str


@dataclass(frozen=True, slots=True)
class Hop:
    """How often a story went from one platform to another (or on inside it), and when first."""

    source: str
    target: str
    copies: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """One sign of a campaign: `kind` is same_text, names, accounts or rhythm; `share` is 0..1."""

    kind: str
    share: float


@dataclass(frozen=True, slots=True)
class Story:
    """A story and its heat. All but `copies` and `first` is of the posts inside the window."""

    id: int
    copies: int
    """Posts altogether, the first among them."""
    first: First
    last_at: datetime
    velocity: float
    """Posts in the hour before `now`."""
    peak: float
    """Posts in its busiest hour."""
    authors: int
    followers: int
    """Of distinct authors, as last seen."""
    platforms: Mapping[str, int]
    path: tuple[Hop, ...]
    campaign: tuple[Reason, ...]
    """Empty unless it looks like a campaign of copies."""
