"""Bytes and JSON members made into values: text, times, counts.

Runs wherever its caller runs (the engine's loop, or a worker thread it started). It keeps no
state, asks no clock and opens no file. Everything it reads is taken to be hostile: what is wrong
raises BadResponse and nothing else, what is missing is None.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

from charset_normalizer import from_bytes

from app.errors import BadResponse
from app.i18n import _
from monitors.markup import clean

MAX_RAW = 64 * 1024
MAX_COUNT = 10**15

CHINA = timezone(timedelta(hours=8))

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"), (b"{\0", "utf-16-le"), (b"\0{", "utf-16-be"))


def decoded(body: bytes, *declared: str) -> str:
    """Text of `body`: a byte order mark wins, then UTF-8, then what was declared, then GB18030, then
    a guess. Never fails; what cannot be read becomes U+FFFD.

    UTF-8 goes before the declaration because bytes that are valid UTF-8 and not plain ASCII are
    hardly ever anything else, while declarations are often left over from a template.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    for mark, name in _UNMARKED:
        if body.startswith(mark):
            return body.decode(name, "replace")
    made = _strictly(body, "utf-8") or _damaged_utf8(body)
    return made if made is not None else _otherwise(body, declared)


def _otherwise(body: bytes, declared: tuple[str, ...]) -> str:
    """Not UTF-8. A single-byte declaration reads any bytes, so it is no proof against Chinese ones."""
    doubled = _double_byte(body)
    for name in (*declared, "gb18030") if doubled else declared:
        made = None if doubled and _single_byte(name) else _strictly(body, name)
        if made is not None:
            return made
    if doubled:
        return body.decode("gb18030", "replace")
    best = from_bytes(body[:65_536]).best()
    return body.decode(best.encoding if best else "utf-8", "replace")


def _known(name: str) -> str:
    try:
        known = codecs.lookup(name.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return ""
    return "gb18030" if known in {"gb2312", "gbk"} else known  # what pages so labelled really hold


def _single_byte(name: str) -> bool:
    return _known(name).startswith(("iso8859", "cp125", "ascii", "latin", "koi8", "mac"))


def _strictly(body: bytes, name: str) -> str | None:
    try:
        return body.decode(_known(name)) if _known(name) else None
    except (ValueError, LookupError):  # LookupError: codecs such as "hex" make no text
        return None


def _damaged_utf8(body: bytes) -> str | None:
    """UTF-8 with a few broken bytes (an answer cut in the middle of a character)."""
    made = body.decode("utf-8", "replace")
    good = sum(1 for one in made[:100_000] if one > "\x7f" and one != "\ufffd")
    return made if good >= 10 * made.count("\ufffd") else None


def _double_byte(body: bytes) -> bool:
    """Do bytes above 127 come in pairs and longer runs, as in GB18030, rather than one by one?"""
    runs = _HIGH.findall(body[:200_000])
    return sum(len(run) > 1 for run in runs) > 0.7 * len(runs)


_HIGH = re.compile(rb"[\x80-\xff]+")


def from_json(body: bytes, declared: str = "") -> Any:
    """The JSON value, or BadResponse; deep nesting and huge numbers are refused, not suffered."""
    try:
        return json.loads(decoded(body, declared))
    except (ValueError, RecursionError) as error:
        told = _("This is not readable JSON; it may be cut short.")
        raise BadResponse(told, details=type(error).__name__) from None


def raw_json(item: object) -> str:
    """The item as received, for the drawer: bounded, always encodable."""
    try:
        made = json.dumps(item, ensure_ascii=False, default=str)
    except (ValueError, RecursionError, TypeError):
        made = ""
    return made.encode("utf-8", "replace")[:MAX_RAW].decode("utf-8", "ignore")


def need(item: object, key: str) -> Any:
    """What must be there."""
    value = maybe(item, key)
    if value is None or value == "":
        raise BadResponse(_("“{key}” is missing from what was sent.").format(key=key))
    return value


def maybe(item: object, key: str) -> Any:
    """What may be there; None if `item` is no mapping at all."""
    return item.get(key) if isinstance(item, Mapping) else None


_COUNT = re.compile(r"(\d{1,20}(?:\.\d{1,10})?)\s*([万亿wkm千]?)")
_SCALE = {"": 1, "k": 1_000, "千": 1_000, "万": 10_000, "w": 10_000, "m": 1_000_000, "亿": 100_000_000}


def count(value: object) -> int | None:
    """12, "1,234", "1.2万", "10万+", "3k"; "转发" (a button without a number) is 0; None is None."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return min(max(int(value), 0), MAX_COUNT) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    said = unicodedata.normalize("NFKC", value[:60]).strip().lower().replace(",", "")
    if not said or said in _NOTHING or said.startswith("-"):
        return None
    found = _COUNT.search(said)
    return min(round(float(found[1]) * _SCALE[found[2]]), MAX_COUNT) if found else 0


_NOTHING = {"none", "null", "nan", "-", "--", "n/a"}

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})\s*[:时]\s*(\d{1,2})\s*(?:[:分]\s*(\d{1,2})(?:[.,]\d+)?\s*秒?|分)?\s*)?"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE | re.ASCII,
)
_JAVA = re.compile(
    r"[A-Za-z]{3},?\s+([A-Za-z]{3})\s+(\d{1,2})\s+(\d{2}:\d{2}:\d{2})\s+([A-Za-z]{2,5}|[+-]\d{4})?\s*(\d{4})$",
    re.ASCII,
)


def when(value: object, tz: tzinfo = UTC) -> datetime:
    """An aware UTC time from RFC 822, ISO 8601, the usual Chinese forms or an epoch in seconds,
    milliseconds or microseconds; one that names no zone is taken to be in `tz`."""
    try:
        if isinstance(value, datetime):
            return _utc(value, tz)
        number = _epoch(value)
        return _utc(datetime.fromtimestamp(number, UTC) if number is not None else _spoken(value, tz), tz)
    except (ValueError, TypeError, OverflowError, OSError, IndexError, AttributeError):
        shown = clean(str(value)[:40])
        raise BadResponse(_("“{value}” cannot be read as a time.").format(value=shown)) from None


def next_midnight(now: datetime, tz: tzinfo = CHINA) -> datetime:
    """The next one in `tz`, where platforms begin a new day's quota."""
    return (now.astimezone(tz) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _utc(value: datetime, tz: tzinfo) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=tz)).astimezone(UTC)


def _epoch(value: object) -> float | None:
    """Seconds, or None if this is no number. Neither a year nor 20250902 is an epoch."""
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, str):
        if not re.fullmatch(r"\s*-?\d{9,20}(\.\d{0,9})?\s*", value, re.ASCII):
            return None
        value = float(value)
    if not isinstance(value, int | float):
        return None
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    while abs(number) > 1e11:  # 1e11 s is the year 5138: anything larger counts thousandths
        number /= 1000
    return number


def _spoken(value: object, tz: tzinfo) -> datetime:
    said = str(value).strip()
    if len(said) > 100:
        raise ValueError
    if found := _DATE.match(said):
        return _numbered(found)
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        pass
    if found := _JAVA.match(said):  # "Tue Sep 02 17:46:55 CST 2025", as Java and Weibo write it
        month, day, clock, zone, year = found.groups()
        said = f"{day} {month} {year} {clock} {zone or ''}".strip()
    if said.upper().endswith("CST") and tz is not UTC:
        # In mail CST is Chicago; on a Chinese site it is China, and then `tz` says so.
        return parsedate_to_datetime(said[:-3].strip()).replace(tzinfo=tz)
    return _mailed(said)


def _mailed(said: str) -> datetime:
    if re.search(r"\s0\d{3}(?:\s|$)", said, re.ASCII):
        raise ValueError  # a program's zero: the year 0001, which the parser would take for 2001
    made = parsedate_to_datetime(said)
    return made.replace(tzinfo=UTC) if said.endswith("-0000") else made


def _numbered(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    made = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # the zone comes next
    zone = found[7]
    if not zone:
        return made
    if zone.upper() in ("Z", "UTC", "GMT"):
        return made.replace(tzinfo=UTC)
    away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return made.replace(tzinfo=timezone(-away if zone[0] == "-" else away))
