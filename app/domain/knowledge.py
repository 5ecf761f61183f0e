"""What the team knows: a question people ask, the ways they put it, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question and its answer. Id 0 is one that is not kept yet.

    `brand_id` None: for every brand. `review_on` is the day by which `owner` looks at it again. Nothing
    is ever deleted: what is not in use any more is not `active`.
    """

    id: int = 0
    title: str
    """The question, as the team puts it."""
    patterns: tuple[str, ...] = ()
    """The same question in the words of those who ask."""
    answer: str = ""
    link: str = ""
    """A page that anybody may read; only http and https."""
    product: str = ""
    brand_id: int | None = None
    owner: str = ""
    review_on: date | None = None
    tags: tuple[str, ...] = ()
    public: bool = False
    """Goes onto the help page."""
    active: bool = True
    revision: int = 1
    created_at: datetime | None = None
    created_by: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""

    def due(self, today: date) -> bool:
        """Should it have been looked at again?"""
        return self.review_on is not None and self.review_on <= today


FITS = 0.5
"""Under this score an entry is no answer."""


@dataclass(frozen=True, slots=True)
class Fit:
    """An entry as the answer to a text; `score` is 0..1."""

    entry: Entry
    score: float

    @property
    def fits(self) -> bool:
        """Is it an answer at all?"""
        return self.score >= FITS


@dataclass(frozen=True, slots=True)
class Heat:
    """How often an entry was asked for, and the mentions that did, newest first."""

    entry: Entry
    mention_ids: tuple[int, ...] = ()

    @property
    def asked(self) -> int:
        return len(self.mention_ids)


@dataclass(frozen=True, slots=True)
class Gap:
    """Mentions that ask the same and find no entry, newest first; `text` is that of the most typical."""

    text: str
    mention_ids: tuple[int, ...]

    @property
    def asked(self) -> int:
        return len(self.mention_ids)


@dataclass(frozen=True, slots=True)
class Asked:
    """What people asked lately. `left` mentions of that time are not looked at yet (or are too many)."""

    since: datetime
    heat: tuple[Heat, ...] = ()
    gaps: tuple[Gap, ...] = ()
    looked: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: how many entries are new, changed, and as they were."""

    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of a reply that should not go out unseen: `text[start:end]`.

    `kind` is "claim", "promise" or "personal". `reason` and `suggestion` are for a person, translated.
    """

    start: int
    end: int
    kind: str
    words: str
    reason: str
    suggestion: str
