"""The queue as a person sees it: its lists, notes, what became of bulk acts, authors, and the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.alert import Severity
from app.domain.desk import Item
from app.domain.mention import Stored
from app.i18n import N_

LEASE = timedelta(minutes=30)
"""How long a claim lives without a sign of its holder, where the team has not said otherwise."""
PRESENCE = timedelta(minutes=1)
"""After so long without a sign nobody is looking any more."""
ALL_TEAMS = 0


class Pile(StrEnum):
    """The lists of the queue. An item whose claim has run out is its holder's and unclaimed, both."""

    MINE = "mine"
    UNCLAIMED = "unclaimed"
    TEAM = "team"
    WAITING = "waiting"
    DONE = "done"


PILES = {
    Pile.MINE: N_("Mine"),
    Pile.UNCLAIMED: N_("Unclaimed"),
    Pile.TEAM: N_("Team"),
    Pile.WAITING: N_("Waiting"),
    Pile.DONE: N_("Done"),
}
"""For people."""


class Act(StrEnum):
    """What can be done to many items at once."""

    CLAIM = "claim"
    RELEASE = "release"
    ASSIGN = "assign"
    PAUSE = "pause"
    RESUME = "resume"
    DONE = "done"
    IGNORE = "ignore"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueQuery:
    """One list, for one person. Empty tuples mean "any".

    `team_id`: items of this team and of none; ALL_TEAMS (and None, where nobody says which team `who`
    belongs to) for everybody's. It does not count for MINE.
    """

    pile: Pile = Pile.UNCLAIMED
    who: str = ""
    brands: tuple[int, ...] = ()
    severities: tuple[Severity, ...] = ()
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueueKey:
    """Where a page of the queue ended. `due_at` None: among those whose clock stands."""

    due_at: datetime | None
    mention_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a colleague says to colleagues. `to` are those named with @."""

    id: int
    mention_id: int
    at: datetime
    by: str
    text: str
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the queue. `viewers` have it open just now."""

    item: Item
    stored: Stored
    viewers: tuple[str, ...] = ()
    notes: int = 0
    last_note: Note | None = None

    @property
    def id(self) -> int:
        return self.item.mention_id


@dataclass(frozen=True, slots=True)
class QueuePage:
    """`next` is None at the end."""

    rows: tuple[Entry, ...]
    next: QueueKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """`done` is counted up to 1,000, which stands for "a thousand or more"; `unread`: notes to me."""

    mine: int = 0
    unclaimed: int = 0
    team: int = 0
    waiting: int = 0
    done: int = 0
    unread: int = 0

    def of(self, pile: Pile) -> int:
        """How many that list holds."""
        number: int = getattr(self, pile.value)
        return number


def holder(item: Item, now: datetime) -> str:
    """Whose it is; nobody's once the claim has run out."""
    return item.owner if item.lease_until is None or item.lease_until > now else ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one of many was left alone, in a sentence."""

    mention_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a bulk act."""

    done: tuple[int, ...] = ()
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and the mentions it rests on (the newest first, at the most `FIGURE_IDS`)."""

    count: int = 0
    ids: tuple[int, ...] = ()


FIGURE_IDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAnswer:
    """What we answered this author before."""

    mention_id: int
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorCard:
    """Who wrote this, from what is stored: every figure names the mentions it rests on.

    `repeat`: at least REPEAT complaints within REPEAT_DAYS; `loyal`: speaks well of us, or without
    trouble for long. `counted` mentions were looked at, the newest; `mentions.count` are stored.
    """

    name: str
    platform: str
    url: str = ""
    followers: int | None = None
    verified: bool | None = None
    mentions: Figure = Figure()
    counted: int = 0
    negative: Figure = Figure()
    positive: Figure = Figure()
    complaints: Figure = Figure()
    """Negative ones, and those a complaint word stands in, of the last REPEAT_DAYS."""
    first_at: datetime | None = None
    last_at: datetime | None = None
    answers: tuple[EarlierAnswer, ...] = ()
    """The newest first, at the most ten."""
    answered: Figure = Figure()
    repeat: bool = False
    loyal: bool = False

    @property
    def negative_share(self) -> float | None:
        """0..1 of those looked at; None where there are none."""
        return self.negative.count / self.counted if self.counted else None


REPEAT = 2
REPEAT_DAYS = 90
LOYAL = 3
"""So many mentions at the least, most of them positive."""
LONG_KNOWN_DAYS = 180
SELDOM = 0.2
"""A negative share that is no trouble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """One line of the books: who did what, when. `mention_id` or `subject` ("rule:3") says to what."""

    at: datetime
    by: str
    what: str
    mention_id: int | None = None
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookQuery:
    """`since` is inclusive, `until` exclusive; empty means any."""

    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    what: tuple[str, ...] = ()
    mention_id: int = 0


@dataclass(frozen=True, slots=True)
class BookKey:
    """Where a page of the books ended: moment, book, line."""

    at: datetime
    book: int
    id: int


@dataclass(frozen=True, slots=True)
class BookPage:
    rows: tuple[BookLine, ...]
    next: BookKey | None = None
