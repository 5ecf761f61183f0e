"""Rows as CSV that Excel opens right: UTF-8 with BOM, CRLF, no cell that could be a formula.

Streams; any thread but a window's.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from pathlib import Path

from app.domain.mention import Stored
from app.domain.report import ReportData
from app.i18n import _
from app.reports.cells import inert
from app.reports.columns import COLUMNS, Value, headers
from app.reports.report import gap_words
from app.reports.saving import replacing


def write_csv(out: Path, rows: Iterable[Stored], tz: tzinfo) -> int:
    """How many rows were written. Raises ExportFailed; a half-written file is never left."""
    return write_table(out, headers(), ([column.value(row, tz) for column in COLUMNS] for row in rows))


def gaps_path(out: Path) -> Path:
    """Where the blind windows of a sheet of rows go: beside it, since a CSV holds one table."""
    return out.with_name(f"{out.stem}.gaps{out.suffix}")


def write_gaps(out: Path, data: ReportData, tz: tzinfo) -> None:
    """The blind windows of the range. Raises ExportFailed."""
    heads = (_("Source"), _("From"), _("To"), _("How long"), _("Why"), _("What came of it"))
    write_table(out, heads, (gap_words(gap, data, tz) for gap in data.gaps))


def write_table(out: Path, heads: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> int:
    """How many rows were written. Raises ExportFailed; a half-written file is never left."""
    count = 0
    with replacing(out) as path, path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([inert(head) for head in heads])
        for row in rows:
            writer.writerow([_cell(value) for value in row])
            count += 1
    return count


def _cell(value: Value) -> str | int | float:
    if value is None:
        return ""
    return inert(value) if isinstance(value, str) else value
