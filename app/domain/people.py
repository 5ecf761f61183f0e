"""Colleagues, their teams, and when a team works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.i18n import N_


class Role(StrEnum):
    """A lead is whom an alert climbs to in the end, and who may change rules."""

    AGENT = "agent"
    LEAD = "lead"


ROLES = {Role.AGENT: N_("agent"), Role.LEAD: N_("lead")}
"""For people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A span of work on some days of the week, local to the calendar's zone.

    `days`: 1 Monday … 7 Sunday. `start` and `end` are "HH:MM"; an end that is not later than the start lies
    on the next day (night duty). Two shifts on one day are a day with a lunch break.
    """

    days: tuple[int, ...]
    start: str
    end: str
    holidays: bool = False
    """Also on public holidays (night and weekend duty)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a team works. No shifts: always, day and night, every day.

    `china`: public holidays are free, and make-up days (调休) are worked like the weekday they stand for.
    `off` and `on` are days that the team says itself, before all else.
    """

    zone: str = "Asia/Shanghai"
    shifts: tuple[Shift, ...] = ()
    china: bool = True
    off: tuple[date, ...] = ()
    on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    id: int = 0
    name: str
    calendar: Calendar = field(default_factory=Calendar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`name` is what stands in claims and answers (the setting "Your name" on that colleague's machine).

    `contacts`: kind of channel -> how to @ or reach this person there: dingtalk: mobile number; wecom: user
    id; feishu: open_id; slack: member id; email: address. `budget`: alerts an hour that may disturb this
    person, 0 for no limit; P1 always may.
    """

    id: int = 0
    name: str
    role: Role = Role.AGENT
    team_id: int | None = None
    contacts: Mapping[str, str] = field(default_factory=dict)
    away: bool = False
    budget: int = 0
