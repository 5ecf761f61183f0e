"""`tingfeng bursts`: a CSV of counts in, a CSV (or JSON lines) of scores and alarms out, row by row."""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.analysis.bursts.calendar import Calendar
from app.analysis.bursts.sensitivity import THRESHOLDS, Sensitivity
from app.analysis.bursts.series import Answer, Series
from app.analysis.bursts.telling import explanation
from app.cli.output import complain, emit
from app.cli.session import Session
from app.errors import AppError, ImportFailed
from app.i18n import _, ngettext

COLUMNS = ("timestamp", "anomaly_score", "alarm", "expected", "explanation")
MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
LONGEST = 10_000
"""Characters of a line; a longer one is no row of counts."""

Row = tuple[int, str, str]


def bursts(session: Session, options: argparse.Namespace) -> int:
    """Judges each row from those before it and prints it at once. Needs no home."""
    series = Series(THRESHOLDS[Sensitivity(options.sensitivity)], _calendar(options.holidays))
    write = _json if session.json else _csv(sys.stdout)
    if options.path == "-":
        return _judge(series, sys.stdin.buffer if sys.stdin else (), write)
    try:
        with Path(options.path).expanduser().open("rb") as lines:
            return _judge(series, lines, write)
    except IsADirectoryError as error:
        raise ImportFailed(_("This is a folder, not a file: {path}").format(path=options.path)) from error
    except FileNotFoundError as error:
        raise ImportFailed(_("There is no file {path}.").format(path=options.path)) from error


def _judge(series: Series, lines: Iterable[bytes], write: Callable[[str, Answer], None]) -> int:
    rows = 0
    for number, stamp, value in _rows(lines):
        try:
            answer = series.row(_when(stamp), _count(value))
        except AppError as error:
            raise ImportFailed(_("Line {n}: {problem}").format(n=number, problem=error.text)) from error
        write(stamp, answer)
        rows += 1
    if not rows:
        complain(_("There are no rows, so there is nothing to judge."))
    return 0


def _rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """(line number, timestamp, value), found by the header; without one, the first two columns."""
    place: tuple[int, int] | None = None
    for number, cells in _cells(lines):
        if place is None:
            place, header = _columns(cells)
            if header:
                continue
        if len(cells) <= max(place):
            raise ImportFailed(
                ngettext(
                    "Line {n}: there is only {found} column.",
                    "Line {n}: there are only {found} columns.",
                    len(cells),
                ).format(n=number, found=len(cells))
            )
        yield number, cells[place[0]].strip(), cells[place[1]].strip()


def _cells(lines: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST:
            raise ImportFailed(_("Line {n}: this is too long for a row of counts.").format(n=number))
        text = line.decode("utf-8", "replace").removeprefix("\ufeff").strip()
        if not text:
            continue
        if "\x00" in text:
            raise ImportFailed(_("Line {n}: this is not text.").format(n=number))
        cells = next(csv.reader([text]), [])
        yield number, cells


def _columns(cells: list[str]) -> tuple[tuple[int, int], bool]:
    names = [cell.strip().casefold() for cell in cells]
    if "timestamp" in names and "value" in names:
        return (names.index("timestamp"), names.index("value")), True
    try:
        _when(cells[0].strip())
    except ImportFailed:
        raise ImportFailed(_("The first line must name the columns timestamp and value.")) from None
    return (0, 1), False


def _when(text: str) -> datetime:
    """ISO 8601, also with / and blanks, or seconds since 1970 (UTC)."""
    try:
        if text.isdecimal() and len(text) in (9, 10):
            return datetime.fromtimestamp(int(text), UTC)
        return datetime.fromisoformat(_dashed(text))
    except (ValueError, OverflowError, OSError):
        pass
    if not text:
        raise ImportFailed(_("There is no timestamp."))
    raise ImportFailed(
        _("“{text}” is not a time. Write it like 2026-11-22 09:05:00.").format(text=text[:40])
    )


def _dashed(text: str) -> str:
    """2026/1/5 9:05 as 2026-01-05 09:05."""
    if "/" not in text:
        return text
    day, _blank, clock = text.partition(" ")
    year, month, number = day.split("/")
    date_part = f"{year}-{month:0>2}-{number:0>2}"
    if not clock:
        return date_part
    hour, colon, rest = clock.strip().partition(":")
    return f"{date_part} {hour:0>2}{colon}{rest}"


def _count(text: str) -> float | None:
    if text.casefold() in MISSING:
        return None
    try:
        value = float(text)
    except ValueError:
        raise ImportFailed(_("“{text}” is not a number.").format(text=text[:40])) from None
    return None if math.isnan(value) else value


def _calendar(path: str | None) -> Calendar:
    """A date a line: a day off; with `work` after it, a weekend day that is worked."""
    if not path:
        return Calendar()
    days: dict[bool, set[date]] = {False: set(), True: set()}
    for number, line in enumerate(Path(path).expanduser().read_text("utf-8-sig").splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            days[words[1:] == ["work"]].add(date.fromisoformat(words[0]))
        except ValueError:
            raise ImportFailed(
                _("Line {n} of {path}: a date like 2026-10-01 is needed.").format(n=number, path=path)
            ) from None
    return Calendar(frozenset(days[False]), frozenset(days[True]))


def _fields(stamp: str, answer: Answer) -> dict[str, Any]:
    return {
        "timestamp": stamp,
        "anomaly_score": round(answer.reading.score, 6),
        "alarm": int(answer.reading.alarm),
        "expected": round(answer.reading.expected, 3),
        "explanation": explanation(answer),
    }


def _json(stamp: str, answer: Answer) -> None:
    emit({**_fields(stamp, answer), "alarm": answer.reading.alarm, "kind": answer.reading.kind or None})


def _csv(stream: Any) -> Callable[[str, Answer], None]:
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()

    def write(stamp: str, answer: Answer) -> None:
        writer.writerow(_fields(stamp, answer))
        stream.flush()

    return write
