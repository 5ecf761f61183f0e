"""A mention that became an issue in a bug tracker, and what became of that."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.alert import Severity
from app.domain.mention import Mention
from app.i18n import N_


class TicketState(StrEnum):
    """MAKING: a program is at it. UNSURE: perhaps made; looked up before anything else is done. FAILED:
    surely not made, and may be tried again. GONE: the tracker does not know it any more."""

    MAKING = "making"
    OPEN = "open"
    CLOSED = "closed"
    UNSURE = "unsure"
    FAILED = "failed"
    GONE = "gone"


TICKETS = {
    TicketState.MAKING: N_("being made"),
    TicketState.OPEN: N_("open"),
    TicketState.CLOSED: N_("fixed or closed"),
    TicketState.UNSURE: N_("perhaps made"),
    TicketState.FAILED: N_("not made"),
    TicketState.GONE: N_("deleted there"),
}
"""For people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """`ref` is how the tracker names it (#12, BRAND-24), `word` its own word for the state. `mentions`: how
    many refer to it, copies of the same story."""

    id: int = 0
    tracker_id: int
    tracker: str = ""
    key: str
    mention_id: int
    state: TicketState
    ref: str = ""
    url: str = ""
    title: str = ""
    word: str = ""
    by: str = ""
    created_at: datetime
    changed_at: datetime
    checked_at: datetime | None = None
    error: str = ""
    mentions: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What a tracker is given to write down: plain text, hostile, not escaped for any format.

    `copies`: addresses of posts that say the same, as many as are shown; `count`: how many there are.
    """

    key: str
    severity: Severity
    title: str
    text: str
    url: str = ""
    platform: str = ""
    author: str = ""
    brand: str = ""
    published_at: datetime
    copies: tuple[str, ...] = ()
    count: int = 1
    note: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """An issue as the tracker tells of it."""

    ref: str
    url: str = ""
    closed: bool = False
    word: str = ""


def key_of(mention: Mention) -> str:
    """The same for one post in every database: sixteen hexadecimal digits of its identity."""
    name = "\x1f".join((mention.platform, str(mention.kind), mention.native_id))
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]


MARK = "tingfeng-id"
"""Stands before the key in every issue, so that it is found again."""


def mark_of(key: str) -> str:
    """The words by which an issue is known to be of this key. No post's text may contain them."""
    return f"{MARK}: {key}"
