"""Shifts and deadlines in words, and shifts as they are typed; for window and command line. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.domain.desk import Limit
from app.domain.people import Calendar, Shift
from app.domain.platforms import platform_name
from app.errors import ConfigError
from app.i18n import N_, _, clauses, listed

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_TYPED = re.compile(r"(\S+)\s+(\d{1,2}:\d\d)\s*[-–—~至]\s*(\d{1,2}:\d\d)(\s+holidays)?")


def days_words(days: Sequence[int]) -> str:
    """“Mon–Fri”, “Mon, Wed”, “every day”."""
    named = sorted({day for day in days if 1 <= day <= 7})
    if len(named) == 7:
        return _("every day")
    runs: list[list[int]] = []
    for day in named:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return listed(_run(run) for run in runs)


def shift_words(shift: Shift) -> str:
    """“Mon–Fri 09:00–18:00”, with what is particular about it."""
    said = f"{days_words(shift.days)} {shift.start}–{shift.end}"
    if shift.end.zfill(5) <= shift.start.zfill(5):
        said = _("{shift} the next day").format(shift=said)
    return _("{shift}, also on holidays").format(shift=said) if shift.holidays else said


def calendar_words(calendar: Calendar) -> str:
    """All shifts in a line."""
    if not calendar.shifts:
        return _("day and night, every day")
    return clauses(shift_words(shift) for shift in calendar.shifts)


def read_shift(typed: str) -> Shift:
    """“1-5 09:00-12:00”, “6,7 10:00-17:00 holidays”; Monday is 1. ConfigError otherwise."""
    found = _TYPED.fullmatch(typed.strip())
    days = _days(found[1]) if found else ()
    if found is None or not days:
        told = _("“{said}” is not a shift; write it like: 1-5 09:00-18:00 (Monday is 1).")
        raise ConfigError(told.format(said=typed[:40]), field="shifts")
    return Shift(days=days, start=_padded(found[2]), end=_padded(found[3]), holidays=bool(found[4]))


def where_words(limit: Limit, sources: Mapping[int, str]) -> str:
    """What a line of the deadlines is about; `sources`: the names of sources by number."""
    if not limit.where:
        return _("Everything else")
    if limit.where == "@forums":
        return _("Forums and boards")
    kind, _colon, number = limit.where.partition(":")
    if kind == "source" and number.isdecimal():
        name = sources.get(int(number), number)
        return _("Source “{name}”").format(name=name)
    return platform_name(limit.where)


def _run(run: Sequence[int]) -> str:
    first, last = _(WEEKDAYS[run[0] - 1]), _(WEEKDAYS[run[-1] - 1])
    if len(run) == 1:
        return first
    return _("{first}–{last}").format(first=first, last=last) if len(run) > 2 else listed((first, last))


def _days(typed: str) -> tuple[int, ...]:
    """Empty where it is none."""
    days: set[int] = set()
    for part in typed.split(","):
        first, _dash, last = part.partition("-")
        if not re.fullmatch("[1-7]", first) or not re.fullmatch("[1-7]?", last):
            return ()
        days.update(range(int(first), int(last or first) + 1))
    return tuple(sorted(days))


def _padded(time: str) -> str:
    return time.zfill(5)
