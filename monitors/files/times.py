"""Times as exports and crawlers write them, Excel's and people's own ways included.

Pure. What is said relatively ("3分钟前", "11月20日 13:05") counts from `base`, the file's own
modification time: the moment somebody last wrote the file is the best "now" a file has. A time
without a zone is China's.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from app.errors import BadResponse
from monitors.reading import CHINA, when


class Moment(NamedTuple):
    """`exact` is False for a time that depends on when the file was written."""

    at: datetime | None
    exact: bool = True


_NEVER = Moment(None)
_EXCEL = datetime(1899, 12, 30, tzinfo=CHINA)


def moment(value: object, base: datetime) -> Moment:
    """The UTC time a cell means; None for what cannot be read as one."""
    made = _read(value, base.astimezone(CHINA))
    if made.at is None or not 1990 <= made.at.year <= 2100:
        return _NEVER
    return Moment(made.at.astimezone(UTC), made.exact)


def _read(value: object, base: datetime) -> Moment:
    match value:
        case None | bool():
            return _NEVER
        case datetime():
            return Moment(value if value.tzinfo else value.replace(tzinfo=CHINA))
        case date():
            return Moment(datetime(value.year, value.month, value.day, tzinfo=CHINA))
        case int() | float():
            return Moment(_number(float(value)))
    return _said(unicodedata.normalize("NFKC", str(value)[:80]).strip(), base)


def _number(value: float) -> datetime | None:
    """An Excel serial (days since 1899-12-30, up to the year 2119), else an epoch."""
    if 20_000 <= value < 80_000:
        return _EXCEL + timedelta(seconds=round(value * 86_400))
    if not 1e8 <= value < 1e17:
        return None
    return _plain(value)


def _plain(value: object) -> datetime | None:
    try:
        return when(value, CHINA)
    except BadResponse:
        return None


_DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?", re.ASCII)
_CLOCK = r"(?:\s*(\d{1,2}):(\d{1,2})(?::\d{1,2})?)?"
_MONTH_DAY = re.compile(r"(\d{1,2})(?:月|[-/.])(\d{1,2})日?" + _CLOCK, re.ASCII)
_DAY_WORD = re.compile(r"(今天|昨天|前天|)" + _CLOCK, re.ASCII)
_AGO = re.compile(r"(\d{1,4})\s*(秒|分钟|分|小时|天|周|星期|个月)钟?之?前", re.ASCII)
_DATE_IN = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:[T\s]*\d{1,2}[:时]\d{1,2}(?::\d{1,2})?)?",
    re.ASCII,
)
_STEP = {"秒": 1, "分": 60, "分钟": 60, "小时": 3600, "天": 86_400}
_LONG_STEP = {"周": 7 * 86_400, "星期": 7 * 86_400, "个月": 30 * 86_400}
_DAYS = {"": 0, "今天": 0, "昨天": 1, "前天": 2}


def _said(said: str, base: datetime) -> Moment:
    said = re.sub(r"^(发布于|发表于|编辑于|来自)\s*", "", said)
    if re.fullmatch(r"\d{5,17}(\.\d{1,12})?", said, re.ASCII):
        return Moment(_compact(said) or _number(float(said)))
    made = _relative(said, base)
    if made is not None:
        return Moment(made, exact=False)
    found = _DATE_IN.match(said)
    return Moment(_plain(said) or (_plain(found[0]) if found else None))


def _compact(said: str) -> datetime | None:
    """20261120 and 20261120130500."""
    found = _DIGITS.fullmatch(said)
    return _built(*(int(part or 0) for part in found.groups()[:5])) if found else None


def _built(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, tzinfo=CHINA)
    except ValueError:
        return None


def _relative(said: str, base: datetime) -> datetime | None:
    if said in ("刚刚", "刚才"):
        return base
    if found := _AGO.match(said):
        return base - timedelta(seconds=int(found[1]) * (_STEP | _LONG_STEP)[found[2]])
    if found := _MONTH_DAY.fullmatch(said):
        return _this_year(*(int(part or 0) for part in found.groups()), base=base)
    if said and (found := _DAY_WORD.fullmatch(said)):
        day = base - timedelta(days=_DAYS[found[1]])
        return _built(day.year, day.month, day.day, int(found[2] or 0), int(found[3] or 0))
    return None


def _this_year(month: int, day: int, hour: int, minute: int, *, base: datetime) -> datetime | None:
    """The latest such day that is not after the file: in January, "12月30日" was last year."""
    for year in range(base.year, base.year - 5, -1):  # five: 29 February does not come every year
        made = _built(year, month, day, hour, minute)
        if made is not None and made <= base + timedelta(days=1):
            return made
    return None
