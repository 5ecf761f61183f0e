"""Days, weeks and what people type for a moment, as aware UTC times.

Pure (the time and the zone may be handed in); any thread. A day is the person's own, so it may have
23 or 25 hours.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from app.errors import ConfigError
from app.i18n import _

_AGO = re.compile(r"(\d{1,4})\s*(h|d|w|小时|天|周)")
_HOURS = {"h": 1, "小时": 1, "d": 24, "天": 24, "w": 168, "周": 168}
_DAYS = {
    "today": 0, "今天": 0, "今日": 0,
    "yesterday": 1, "昨天": 1, "昨日": 1, "前天": 2,
}  # fmt: skip
_WEEKS = {
    "this week": 0, "thisweek": 0, "week": 0, "本周": 0, "这周": 0,
    "last week": 1, "lastweek": 1, "上周": 1,
}  # fmt: skip


class Range(NamedTuple):
    """`since` inclusive, `until` exclusive; both aware, UTC."""

    since: datetime
    until: datetime


def _midnight(day: date, tz: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tz).astimezone(UTC)


def day(d: date, tz: tzinfo) -> Range:
    """The whole day, midnight to midnight where the person is."""
    return Range(_midnight(d, tz), _midnight(d + timedelta(days=1), tz))


def week(d: date, tz: tzinfo) -> Range:
    """Monday to Sunday around `d`."""
    monday = d - timedelta(days=d.weekday())
    return Range(_midnight(monday, tz), _midnight(monday + timedelta(days=7), tz))


def parse_range(text: str, tz: tzinfo | None = None, now: datetime | None = None) -> Range:
    """What a word or date covers: a day, a week, the last seven days, or one moment (both ends same)."""
    tz, now = tz or here(), now or datetime.now(UTC)
    said = " ".join(text.split()).lower()
    today = now.astimezone(tz).date()
    try:
        if said in {"now", "现在"}:
            return Range(now.astimezone(UTC), now.astimezone(UTC))
        if said in _DAYS:
            return day(today - timedelta(days=_DAYS[said]), tz)
        if said in _WEEKS:
            return week(today - timedelta(weeks=_WEEKS[said]), tz)
        if ago := _AGO.fullmatch(said):
            back = timedelta(hours=int(ago[1]) * _HOURS[ago[2]])
            return Range(now.astimezone(UTC) - back, now.astimezone(UTC))
        return _written(said, tz)
    except (ValueError, OverflowError) as error:
        told = _("“{text}” is no time. Write 2026-11-01, 2026-11-01T10:00, 7d, today or yesterday.")
        raise ConfigError(told.format(text=text), field="time", details=repr(error)) from error


def _written(said: str, tz: tzinfo) -> Range:
    said = said.replace("/", "-")
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", said):
        year, month, number = map(int, said.split("-"))
        return day(date(year, month, number), tz)
    if not re.match(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d", said):
        raise ValueError(said)
    moment = datetime.fromisoformat(said.upper())
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=tz)).astimezone(UTC)
    return Range(moment, moment)


def parse_when(
    text: str, tz: tzinfo | None = None, now: datetime | None = None, *, end: bool = False
) -> datetime:
    """The moment meant: where a day or week begins or, with `end`, where it has ended (exclusive)."""
    found = parse_range(text, tz, now)
    return found.until if end else found.since


def span(
    since: str | None, until: str | None, tz: tzinfo | None = None, now: datetime | None = None
) -> tuple[datetime | None, datetime | None]:
    """Two words of a command line. A week or a day alone as `since` means the whole of it on."""
    first = parse_when(since, tz, now) if since else None
    last = parse_when(until, tz, now, end=True) if until else None
    if first is not None and last is not None and first >= last:
        raise ConfigError(_("The range ends before it begins."), field="until")
    return first, last


def here() -> tzinfo:
    """The machine's zone at this moment."""
    zone = datetime.now(UTC).astimezone().tzinfo
    return zone or UTC
