"""Figures for the boss; every one can be opened through the filter that made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.domain.alert import Severity
from app.domain.query import AspectLine, MentionQuery, Tally
from app.domain.seeing import GapLine
from app.i18n import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandLine:
    brand_id: int
    brand: str
    competitor: bool
    tally: Tally
    previous: Tally
    """The same brand over the range of the same length just before."""
    share_of_voice: float
    """0..1 among all watched brands' mentions of the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    day: date
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformLine:
    platform: str
    tally: Tally


class Kept(StrEnum):
    """How a deadline ended, or stands when the report is made."""

    IN_TIME = "in_time"
    LATE = "late"
    OVERDUE = "overdue"
    RUNNING = "running"
    WAITING = "waiting"
    DROPPED = "dropped"


KEPT = {
    Kept.IN_TIME: N_("answered in time"),
    Kept.LATE: N_("answered late"),
    Kept.OVERDUE: N_("not answered, time is over"),
    Kept.RUNNING: N_("not answered, time is left"),
    Kept.WAITING: N_("waiting for somebody else"),
    Kept.DROPPED: N_("closed without an answer"),
}
"""For people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstResponse:
    """One mention that was to be answered, and how its clock ended.

    `allowed` and `seconds` are work time of the team; `seconds` is None while there is no answer.
    """

    mention_id: int
    severity: Severity
    kept: Kept
    by: str
    """Who answered; else who has it in hand, "" for nobody."""
    brand_id: int | None
    published_at: datetime
    seen_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    allowed: int
    seconds: int | None
    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """Numbers and rows' ids only; `days` are in the person's time zone, without holes."""

    query: MentionQuery
    since: datetime
    until: datetime
    made_at: datetime
    tally: Tally
    previous: Tally
    brands: tuple[BrandLine, ...]
    days: tuple[DayLine, ...]
    platforms: tuple[PlatformLine, ...]
    aspects: tuple[AspectLine, ...] = ()
    """What was spoken of; a mention may count under several."""
    answered: int
    median_answer_minutes: float | None
    alerts: int
    gaps: tuple[GapLine, ...]
    responses: tuple[FirstResponse, ...] = ()
    """What was to be answered, and whether it was in time; the oldest first."""
