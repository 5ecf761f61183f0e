"""An alert on its way to people, and the receipt of what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.alert import Severity
from app.domain.people import Person
from app.i18n import N_


class Sent(StrEnum):
    """WAITING: due, or to be tried again. DROPPED: no longer needed (acknowledged before it left)."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


SENT = {
    Sent.WAITING: N_("on its way"),
    Sent.SENT: N_("delivered"),
    Sent.FAILED: N_("not delivered"),
    Sent.DROPPED: N_("no longer needed"),
}
"""For people."""

TOAST, DESKTOP = "toast", "desktop"
"""Channels that every program has; all others are numbers of configured ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert over one channel. `person` is empty for whoever reads the group. `rung` counts from 0."""

    id: int = 0
    alert_id: int
    channel: str
    person: str = ""
    rung: int = 0
    key: str
    """The same for a retry, so that a receiver can tell."""
    state: Sent = Sent.WAITING
    due_at: datetime
    tries: int = 0
    created_at: datetime
    changed_at: datetime
    error: str = ""
    """Why it failed, or is tried again; in words for people. Of a delivered one: what was not quite so."""
    unsure: int = 0
    """Times it set out and no outcome was heard (the line broke, the program was killed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a channel is given to send: plain text, hostile, not escaped for any format.

    `url` is the post's own address ("" for none). `people` are to be pointed at (@), where a channel can.
    """

    key: str
    severity: Severity
    title: str
    body: str = ""
    reason: str = ""
    brand: str = ""
    url: str = ""
    at: datetime
    copies: int = 1
    people: tuple[Person, ...] = ()
    again: bool = False
    """It was perhaps delivered before: no answer came then."""
