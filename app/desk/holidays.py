"""China's public holidays and the weekend days worked for them (调休), as far as they were announced. Pure.

The tables are those of the library `chinesecalendar`, which knows the years that the State Council had
announced when it was released. In any year after that plain weekdays have to do; `known_until` says so.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from chinese_calendar.constants import Holiday, holidays, workdays

from app.i18n import language

_CHINESE = {one.value: one.chinese for one in Holiday}


class Special(NamedTuple):
    """Days off for a holiday, from `first` to `last` inclusive, or one weekend day worked for it."""

    first: date
    last: date
    name: str
    worked: bool = False


def is_holiday(day: date) -> bool:
    return day in holidays


def is_made_up(day: date) -> bool:
    """A weekend day that is worked for a holiday."""
    return day in workdays


@cache
def known_until() -> date:
    """The last day of the last year whose holidays are known."""
    return date(max(holidays).year, 12, 31)


def specials(since: date, until: date) -> tuple[Special, ...]:
    """Holidays and make-up days that begin from `since` to `until` inclusive, in order."""
    found = [
        Special(day, _last_of(day), _name(holidays[day]))
        for day in holidays
        if since <= day <= until and _is_first(day)
    ]
    found += [Special(day, day, _name(workdays[day]), True) for day in workdays if since <= day <= until]
    return tuple(sorted(found))


def _is_first(day: date) -> bool:
    return bool(holidays.get(day - timedelta(days=1)) != holidays[day])


def _last_of(day: date) -> date:
    last = day
    while holidays.get(last + timedelta(days=1)) == holidays[day]:
        last += timedelta(days=1)
    return last


def _name(name: str) -> str:
    return _CHINESE.get(name, name) if language().startswith("zh") else name
