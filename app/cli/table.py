"""Columns for a terminal in which Chinese characters are two cells wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Cells a terminal gives to a text; combining marks have none."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )


def table(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """The first column to the left, the others to the right; rows may be shorter than the longest."""
    columns = max(map(len, rows), default=0)
    widths = [max(width(row[at]) for row in rows if at < len(row)) for at in range(columns)]
    return [(indent + "  ".join(_cells(row, widths))).rstrip() for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    blanks = [" " * (most - width(cell)) for cell, most in zip(row, widths, strict=False)]
    return [
        cell + blank if at == 0 else blank + cell
        for at, (cell, blank) in enumerate(zip(row, blanks, strict=True))
    ]
