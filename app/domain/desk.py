"""What waits for an answer: an item of the queue, its clock, and what the clock says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.alert import Severity
from app.i18n import N_


class Stage(StrEnum):
    """WAITING: the clock stands still while somebody else must act (the customer, the engineer)."""

    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"


STAGES = {Stage.OPEN: N_("open"), Stage.WAITING: N_("waiting"), Stage.DONE: N_("done")}
"""For people."""

WARNINGS = (50, 80, 100)
"""Per cent of the allowed time at which the clock speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A mention that somebody must answer.

    `published_at` and `seen_at` (our first sight) are both kept; `started_at` is which of them, or which
    later moment (a re-opening), the clock began at. `allowed` and `used` are seconds of the team's work
    time; `due_at` is the wall-clock moment at which `allowed` is used up, None while the clock stands.
    `warned` is the last of `WARNINGS` that was told, 0 for none. `first_response` is seconds of work time.
    """

    mention_id: int
    severity: Severity
    stage: Stage
    why: str = ""
    """Why it is on the desk: alert | negative | message | hand."""
    brand_id: int | None = None
    source_id: int = 0
    team_id: int | None = None
    owner: str = ""
    owned_at: datetime | None = None
    lease_until: datetime | None = None
    opened_at: datetime
    published_at: datetime
    seen_at: datetime
    started_at: datetime
    allowed: int
    used: int = 0
    due_at: datetime | None = None
    warned: int = 0
    paused_at: datetime | None = None
    pause: str = ""
    """Why it waits, in the person's words."""
    reopened: int = 0
    heard_at: datetime | None = None
    """When the author last wrote again."""
    answered_at: datetime | None = None
    first_response: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """The clock of an item has reached `percent` of its time (one of `WARNINGS`)."""

    mention_id: int
    severity: Severity
    percent: int
    due_at: datetime
    owner: str = ""
    team_id: int | None = None
    brand_id: int | None = None
    source_id: int = 0
