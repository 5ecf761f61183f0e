"""An answer on its way to a platform: written, approved by a person, sent once."""

from __future__ import annotations

import re
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


POSTINGS = {
    Posting.WRITTEN: N_("written"),
    Posting.APPROVED: N_("approved, not sent yet"),
    Posting.SENDING: N_("being sent"),
    Posting.SENT: N_("sent"),
    Posting.FAILED: N_("not sent"),
    Posting.UNSURE: N_("perhaps sent"),
}
"""For people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A row of the outbox. `key` names this very answer to the platform; `native_id` is what it became
    there ("" where the platform names none); `error` says in words why it failed or is unsure."""

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
    """Only a colleague's claim or an answer stands in the way: a person may say "all the same"."""
    possible: bool = True
    """False where this source takes no answers from here at all: copy and open."""


_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def fit(text: str) -> str:
    """An answer as it goes out, and as the person saw it: nothing unseen in it, no blanks around."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
