"""Figures for the boss; every one can be opened through the filter that made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.query import AspectLine, MentionQuery, Tally
from app.domain.seeing import GapLine


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
