"""How deadlines were kept: the words and figures, from values to values.

Pure; any thread. Every figure adds up rows of `ReportData.responses`, which a sheet of its own lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from statistics import median

from app.domain.report import KEPT, FirstResponse, Kept
from app.i18n import N_, _
from app.reports.columns import Value, local

_ANSWERED = (Kept.IN_TIME, Kept.LATE)


@dataclass(frozen=True, slots=True)
class Line:
    """A severity, or a person. `share` is of what was answered or is overdue, None where nothing was."""

    name: str
    asked: int
    in_time: int
    late: int
    open: int
    share: float | None
    median: float | None
    """Minutes of work time to the first answer."""


def by_severity(rows: Sequence[FirstResponse]) -> tuple[Line, ...]:
    return _lines(rows, lambda row: row.severity.value)


def by_person(rows: Sequence[FirstResponse]) -> tuple[Line, ...]:
    """Who answered, or has it in hand; last what nobody has."""
    found = _lines(rows, lambda row: row.by)
    named = tuple(line for line in found if line.name)
    rest = (line for line in found if not line.name)
    nobody = _("nobody")
    return (
        *named,
        *(Line(nobody, one.asked, one.in_time, one.late, one.open, one.share, one.median) for one in rest),
    )


def _lines(rows: Sequence[FirstResponse], name: Callable[[FirstResponse], str]) -> tuple[Line, ...]:
    parts: dict[str, list[FirstResponse]] = {}
    for row in rows:
        parts.setdefault(name(row), []).append(row)
    return tuple(_line(key, part) for key, part in sorted(parts.items()))


def _line(name: str, rows: Sequence[FirstResponse]) -> Line:
    count = {kept: sum(row.kept is kept for row in rows) for kept in Kept}
    decided = count[Kept.IN_TIME] + count[Kept.LATE] + count[Kept.OVERDUE]
    minutes = [row.seconds / 60 for row in rows if row.kept in _ANSWERED and row.seconds is not None]
    return Line(
        name=name,
        asked=len(rows),
        in_time=count[Kept.IN_TIME],
        late=count[Kept.LATE],
        open=count[Kept.OVERDUE] + count[Kept.RUNNING] + count[Kept.WAITING],
        share=count[Kept.IN_TIME] / decided if decided else None,
        median=median(minutes) if minutes else None,
    )


@dataclass(frozen=True, slots=True)
class Column:
    """`wide` in characters."""

    head: str
    wide: int
    value: Callable[[FirstResponse, tzinfo], Value]


COLUMNS: tuple[Column, ...] = (
    Column(N_("ID"), 8, lambda row, _tz: row.mention_id),
    Column(N_("Severity"), 9, lambda row, _tz: row.severity.value),
    Column(N_("Deadline"), 22, lambda row, _tz: _(KEPT[row.kept])),
    Column(N_("Who"), 14, lambda row, _tz: row.by),
    Column(N_("Published"), 19, lambda row, tz: local(row.published_at, tz)),
    Column(N_("First seen"), 19, lambda row, tz: local(row.seen_at, tz)),
    Column(N_("Due"), 19, lambda row, tz: local(row.due_at, tz)),
    Column(N_("Answered"), 19, lambda row, tz: local(row.answered_at, tz)),
    Column(N_("Allowed (min)"), 12, lambda row, _tz: round(row.allowed / 60, 1)),
    Column(
        N_("Needed (min)"),
        12,
        lambda row, _tz: None if row.seconds is None else round(row.seconds / 60, 1),
    ),
    Column(N_("Text"), 60, lambda row, _tz: row.text[:500]),
    Column(N_("Link"), 40, lambda row, _tz: row.url),
)
