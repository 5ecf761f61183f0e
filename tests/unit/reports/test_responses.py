"""How deadlines were kept: added up, and listed row by row in the workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.domain.alert import Severity
from app.domain.report import FirstResponse, Kept, ReportData
from app.i18n import language, set_language
from app.reports.responses import by_person, by_severity
from app.reports.xlsx import write_xlsx

SHANGHAI = timezone(timedelta(hours=8))
START = datetime(2026, 10, 25, 16, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = language()
    set_language("en")
    yield
    set_language(before)


def response(id: int, kept: Kept, **change: Any) -> FirstResponse:
    values: dict[str, Any] = {
        "mention_id": id, "severity": Severity.P1, "kept": kept, "by": "小林", "brand_id": 1,
        "published_at": START, "seen_at": START + timedelta(minutes=2),
        "due_at": START + timedelta(minutes=17), "answered_at": None, "allowed": 900, "seconds": None,
        "text": "充电烫手", "url": "https://weibo.com/1/9",
    }  # fmt: skip
    return FirstResponse(**(values | change))


ROWS = (
    response(1, Kept.IN_TIME, seconds=300, answered_at=START + timedelta(minutes=7)),
    response(2, Kept.LATE, seconds=1500, answered_at=START + timedelta(minutes=27)),
    response(3, Kept.OVERDUE, by=""),
    response(4, Kept.RUNNING, severity=Severity.P2, by=""),
    response(5, Kept.WAITING, severity=Severity.P2),
    response(6, Kept.DROPPED, severity=Severity.P2),
)


def test_the_share_is_of_what_was_answered_or_is_overdue() -> None:
    first, second = by_severity(ROWS)
    assert (first.name, first.asked, first.in_time, first.late, first.open) == ("P1", 3, 1, 1, 1)
    assert first.share == pytest.approx(1 / 3)
    assert first.median == 15.0
    assert (second.asked, second.open, second.share, second.median) == (3, 2, None, None)


def test_what_nobody_has_stands_last() -> None:
    assert [(line.name, line.asked) for line in by_person(ROWS)] == [("小林", 4), ("nobody", 2)]


def test_the_workbook_adds_up_and_lists_what_it_rests_on(
    tmp_path: Path, report: Callable[..., ReportData], stored: Any
) -> None:
    evil = response(7, Kept.OVERDUE, text="=1+1", by="=cmd")
    out = tmp_path / "周报.xlsx"
    write_xlsx(out, report(responses=(*ROWS, evil)), [stored(1)], SHANGHAI)
    book = openpyxl.load_workbook(out)
    sheet = book["First responses"]
    assert [sheet.cell(row, 1).value for row in range(2, 9)] == [1, 2, 3, 4, 5, 6, 7]
    assert sheet.cell(2, 3).value == "answered in time"
    assert [sheet.cell(2, n).value for n in (9, 10)] == [15, 5]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    said = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert "First responses by person" in said


def test_a_report_without_any_says_so(
    tmp_path: Path, report: Callable[..., ReportData], stored: Any
) -> None:
    out = tmp_path / "周报.xlsx"
    write_xlsx(out, report(), [stored(1)], SHANGHAI)
    book = openpyxl.load_workbook(out)
    assert "First responses" not in book.sheetnames
    said = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert "Nothing was to be answered in this range." in said
