"""What every reader of files hands back: rows, and where to go on.

Values only; safe in any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

State = dict[str, Any]
"""Where a reader stands in one file: JSON values only, opaque to everyone but the reader."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row by its column names. `group` is the sheet or table it stands in."""

    values: Mapping[str, object]
    group: str = ""


@dataclass(slots=True)
class Batch:
    """`rest`: the file ends in something that may be a row still being written."""

    state: State
    rows: list[Row] = field(default_factory=list)
    more: bool = False
    skipped: int = 0
    rest: bool = False
    damaged: int = 0
    """Rows with characters that could not be read."""
    ragged: int = 0
    """Rows whose number of values is not that of the header."""
