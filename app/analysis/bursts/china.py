"""China's public holidays and the weekend days worked for them (调休), as the State Council announces them.

The library knows the years that had been announced when it was released; in any other year weekends
have to do, and whoever asks should say so once.
"""

from __future__ import annotations

from chinese_calendar.constants import holidays, workdays

from app.analysis.bursts.calendar import Calendar


def china() -> Calendar:
    """All years that are known."""
    return Calendar(frozenset(holidays), frozenset(workdays))


def covers(year: int) -> bool:
    """Are this year's holidays known?"""
    return any(day.year == year for day in holidays)
