"""What a rule raises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """P1 wakes people, P2 is answered within the half hour, P3 is for the list. The gravest is least."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class AlertState(StrEnum):
    OPEN = "open"
    SEEN = "seen"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`kind` is mention, search, incident, deadline, blind, undelivered (a channel did not take alerts) or
    held (what a person's budget held back). `copies` counts what says the same, folded into it. Who has
    answered for it is written down: `acked_by` stops the ladder, `seen_by` does not."""

    id: int = 0
    kind: str = "mention"
    severity: Severity
    title: str
    body: str
    reason: str
    """Why this was raised, one sentence."""
    mention_id: int | None = None
    source_id: int | None = None
    brand_id: int | None = None
    created_at: datetime
    state: AlertState = AlertState.OPEN
    copies: int = 1
    toasted: bool = False
    """Was a person disturbed for it (or held back by cool-down, quiet hours, age)?"""
    delivered: str = ""
    """What became of the desktop notification: shown | failed: reason | held: reason | empty."""
    incident_id: int | None = None
    """For `kind` "incident"."""
    rule_id: int | None = None
    """Which rule raised it; None for what no rule stands behind."""
    rung: int = 0
    """How far it has climbed on the rule's ladder."""
    climbs_at: datetime | None = None
    """When it climbs on; None once somebody has acknowledged it, or there is no further rung."""
    shown_at: datetime | None = None
    seen_at: datetime | None = None
    seen_by: str = ""
    acked_at: datetime | None = None
    acked_by: str = ""
    whom: str = ""
    """For this person alone."""
