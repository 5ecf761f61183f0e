"""The books as a file: CSV, a workbook, or one JSON object a line. Streams; any thread but a window's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Any

from app.domain.deeds import deed
from app.domain.queue import BookLine
from app.i18n import N_, _
from app.reports import csvfile, xlsx
from app.reports.saving import replacing

_HEADS = (
    (N_("When"), 22),
    (N_("Who"), 16),
    (N_("Deed"), 20),
    (N_("Mention"), 10),
    (N_("Subject"), 16),
    (N_("Detail"), 80),
    (N_("Key"), 14),
)
"""The last is the word the program itself uses, for sheets that count."""


def write(out: Path, lines: Iterable[BookLine], tz: tzinfo) -> int:
    """How many lines. The suffix chooses: .xlsx, .jsonl, else CSV. Raises ExportFailed."""
    suffix = out.suffix.lower()
    if suffix == ".jsonl":
        return _json_lines(out, lines)
    heads = [(_(words), wide) for words, wide in _HEADS]
    rows = (cells(line, tz) for line in lines)
    if suffix == ".xlsx":
        return xlsx.write_table(out, _("Books"), heads, rows)
    return csvfile.write_table(out, [words for words, _wide in heads], rows)


def cells(line: BookLine, tz: tzinfo) -> list[str | int | None]:
    """A line as it stands in a sheet."""
    when = line.at.astimezone(tz).isoformat(sep=" ", timespec="milliseconds")
    return [when, line.by, deed(line), line.mention_id, line.subject, line.detail, line.what]


def as_json(line: BookLine) -> dict[str, Any]:
    """The shape documented in docs/command-line.md."""
    return {
        "at": line.at.isoformat(),
        "by": line.by,
        "what": line.what,
        "mention_id": line.mention_id,
        "subject": line.subject,
        "detail": line.detail,
    }


def _json_lines(out: Path, lines: Iterable[BookLine]) -> int:
    count = 0
    with replacing(out) as path, path.open("w", encoding="utf-8", newline="\n") as file:
        for text in _texts(lines):
            file.write(text + "\n")
            count += 1
    return count


def _texts(lines: Iterable[BookLine]) -> Iterator[str]:
    for line in lines:
        yield json.dumps(as_json(line), ensure_ascii=False)
