"""Who is on duty, and what a work week looks like. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from app.desk.clock import usable
from app.desk.worktime import Span, first_shown, is_working, next_start, spans, zone_of
from app.domain.people import Calendar, Person, Team
from app.errors import ConfigError


class Day(NamedTuple):
    """A local day and the work in it; night duty is cut at midnight."""

    day: date
    spans: tuple[Span, ...]

    @property
    def seconds(self) -> float:
        return sum((end - start).total_seconds() for start, end in self.spans)


def on_duty(people: Iterable[Person], teams: Iterable[Team], at: datetime) -> tuple[Person, ...]:
    """Those who are not away and whose team works now; who has no team is on duty always."""
    working = {team.id for team in teams if is_working(usable(team.calendar), at)}
    return tuple(one for one in people if not one.away and (one.team_id is None or one.team_id in working))


def starts_again(calendar: Calendar, at: datetime) -> datetime | None:
    """When the team works next (now, if it does); None for a calendar by which nobody ever works."""
    try:
        return next_start(calendar, at)
    except ConfigError:
        return None


def week(calendar: Calendar, day: date) -> tuple[Day, ...]:
    """Monday to Sunday of the week in which `day` lies. ConfigError where the calendar cannot be read."""
    monday = day - timedelta(days=day.weekday())
    return tuple(_day(calendar, monday + timedelta(days=n)) for n in range(7))


def hours(days: Sequence[Day]) -> float:
    return sum(one.seconds for one in days) / 3600


def today(calendar: Calendar, at: datetime) -> date:
    """The date that a calendar on the team's wall shows."""
    return at.astimezone(zone_of(calendar)).date()


def _day(calendar: Calendar, day: date) -> Day:
    zone = zone_of(calendar)
    first, last = (
        datetime.fromtimestamp(first_shown(datetime.combine(one, time()), zone) / 1e6, UTC)
        for one in (day, day + timedelta(days=1))
    )
    return Day(day, spans(calendar, first, last))
