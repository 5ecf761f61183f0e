"""An answer on its way to a platform: written, approved by a person, sent once."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.i18n import N_


class Posting(StrEnum):
    """Where an answer stands. UNSURE: perhaps sent; only a person who has looked says which."""

    WRITTEN = "written"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    COPIED = "copied"
    """Copied for a person to post by hand; whether that was done is not known yet."""


class Way(StrEnum):
    """How an answer goes out: through the platform's interface, or copied and posted by a person."""

    API = "api"
    HAND = "hand"


class Allow(StrEnum):
    """What a person has seen and said "all the same" to."""

    CLAIMED = "claimed"
    """A colleague works on the mention."""
    ANSWERED = "answered"
    """It has an answer already."""
    MOVED = "moved"
    """Somebody has written in the thread since the text was made."""


POSTINGS = {
    Posting.WRITTEN: N_("written"),
    Posting.APPROVED: N_("approved, not sent yet"),
    Posting.SENDING: N_("being sent"),
    Posting.SENT: N_("sent"),
    Posting.FAILED: N_("not sent"),
    Posting.UNSURE: N_("perhaps sent"),
    Posting.COPIED: N_("copied, to be confirmed"),
}
"""For people."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What was known when a text was made: the newest mention's id, and the moment. 0 and None: nothing is
    said about it."""

    newest: int = 0
    at: datetime | None = None


UNKNOWN = Basis()


@dataclass(frozen=True, slots=True)
class Moved:
    """What has been written since: by the author in the same thread, by others under the very comment; and
    whether the post itself was edited."""

    author: int = 0
    others: int = 0
    edited: bool = False

    def __bool__(self) -> bool:
        return bool(self.author or self.others or self.edited)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A row of the outbox. `key` names this very answer to the platform; `native_id` is what it became
    there ("" where the platform names none); `error` says in words why it failed or is unsure.

    `approved_by` said the first yes, `second_by` the second where the team wants two; `reviewer` is who was
    asked for it, "" for anybody. `due_at`: an approved one leaves by itself then and not before; None: when
    a person says so. `sender` is the program that sends it, or will."""

    id: int
    mention_id: int
    text: str
    state: Posting
    key: str
    by: str
    approved_by: str
    written_at: datetime
    changed_at: datetime
    native_id: str = ""
    error: str = ""
    way: Way = Way.API
    second_by: str = ""
    reviewer: str = ""
    due_at: datetime | None = None
    sender: str = ""
    basis: Basis = UNKNOWN
    allowed: frozenset[Allow] = frozenset()

    @property
    def waits_for_second(self) -> bool:
        """Approved by one, and the team wants two."""
        return self.state is Posting.WRITTEN and bool(self.approved_by)

    @property
    def stranded(self) -> bool:
        """It should have left by itself and could not; a person has yet to hear of it."""
        return self.state is Posting.FAILED and self.due_at is not None

    @property
    def seen_by_two(self) -> bool:
        """Has somebody else than its writer said yes?"""
        return any(name and not same_person(name, self.by) for name in (self.approved_by, self.second_by))


def same_person(one: str, other: str) -> bool:
    """Names as people write them."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Exactly what would be sent, where, and as whom; nothing has been sent or written."""

    mention_id: int
    text: str
    platform: str
    """Where, for people."""
    source: str
    """The source's name as the person gave it."""
    account: str
    """As whom: the account's number or name there; "" where the source says nothing of it."""
    to: str
    """The author who is answered."""
    url: str
    limit: int
    """Characters the platform takes; 0 for no limit."""
    problem: str = ""
    """Why it cannot be sent as it stands; "" where it can."""
    surmountable: bool = False
    """Only a colleague's claim, an answer, or news in the thread stands in the way: a person may say "all
    the same"."""
    possible: bool = True
    """False where this source takes no answers from here at all: copy and open."""
    needs: frozenset[Allow] = frozenset()
    """What "all the same" would be said to: all of it stands in `problem`."""
    second: bool = False
    """The team wants a second person's yes before it leaves."""


_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def fit(text: str) -> str:
    """An answer as it goes out, and as the person saw it: nothing unseen in it, no blanks around."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
