"""CSV and TSV in whatever encoding, delimiter and state of repair they come.

Runs in a worker thread; reads, never writes. A record's place is known in bytes, line breaks inside
quotes included, so that a growing file is read on from where it ended.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import BinaryIO

from monitors.files.batch import Batch, Row, State
from monitors.files.columns import known
from monitors.files.ragged import fitted
from monitors.files.records import LONGEST, Slice, csv_records, cut, marked, readable

# The limit belongs to the whole process: it is only ever raised, and once.
csv.field_size_limit(max(csv.field_size_limit(), LONGEST * 2))

_DELIMITERS = (",", "\t", ";", "|")


def read(path: Path, state: State | None, rows: int, final: bool) -> Batch:
    """The next rows; the first call finds the header and how the file is written."""
    with path.open("rb") as file:
        state = state or _begun(file, final)
        if state is None:
            return Batch({}, rest=True)
        got = cut(
            file,
            state["at"],
            csv_records(state["d"]),
            wide=state["e"],
            rows=rows,
            final=final,
            inside=bool(state.get("in")),
        )
    return _batch(got, state)


def _batch(got: Slice, state: State) -> Batch:
    batch = Batch({**state, "at": got.at, "in": int(got.inside)}, more=got.more, skipped=got.skipped)
    header = tuple(state["h"])
    for piece in got.records:
        _take(piece, header, state, batch)
    batch.rest = bool(got.rest.strip("\r\n")) and not got.inside
    return batch


def _take(piece: str, header: tuple[str, ...], state: State, batch: Batch) -> None:
    text, damaged = readable(piece, state["e"])
    cells = parsed(text, state["d"])
    if cells is None:
        batch.skipped += 1
    elif any(cell.strip() for cell in cells) and tuple(_names(cells)) != header:
        batch.damaged += damaged
        batch.ragged += len(cells) != len(header)
        values = fitted(header, cells, state["d"])
        if values is None:
            batch.skipped += 1
        else:
            batch.rows.append(Row(values))


def parsed(record: str, delimiter: str) -> list[str] | None:
    """The values of one record; None if the csv module will not have it."""
    try:
        return next(csv.reader([record.replace("\0", "")], delimiter=delimiter), [])
    except csv.Error:
        return None


def _begun(file: BinaryIO, final: bool) -> State | None:
    """Header, delimiter and encoding; None while the header is not there yet."""
    wide, mark = marked(file.read(4))
    tried = [_headed(file, mark, wide, delimiter, final) for delimiter in _DELIMITERS]
    found = [one for one in tried if one is not None]
    if not found:
        return None
    return max(found, key=lambda one: (known(one["h"]), one.pop("fit"), len(one["h"])))


def _headed(file: BinaryIO, mark: int, wide: str, delimiter: str, final: bool) -> State | None:
    """The file as it looks with this delimiter; `fit` says how many rows agree with the header."""
    got = cut(file, mark, csv_records(delimiter), wide=wide, rows=12, final=final)
    header: list[str] = []
    at, fit = mark, 0
    for piece, start in zip(got.records, got.starts, strict=True):
        cells = parsed(readable(piece, wide)[0], delimiter) or []
        if header:
            fit += len(cells) == len(header) > 1
        elif told := _told_delimiter(cells, piece):
            if told != delimiter:
                return None
        elif any(cell.strip() for cell in cells):
            # Not where the next record begins: one that cannot be read may stand between, to be counted.
            header, at = _names(cells), start + _bytes(piece, wide)
    return {"at": at, "h": header, "d": delimiter, "e": wide, "fit": fit} if header else None


def _bytes(piece: str, wide: str) -> int:
    """What it takes in the file; an 8-bit one is held as Latin-1."""
    return len(piece.encode(wide, "surrogatepass")) if wide else len(piece)


def _told_delimiter(cells: list[str], piece: str) -> str:
    """Excel's own first line, `sep=;`."""
    said = piece.strip("\r\n\ufeffï»¿")
    return said[4] if cells and len(said) == 5 and said.lower().startswith("sep=") else ""


def _names(cells: list[str]) -> list[str]:
    """Column names: a repeated or empty one gets its place as a name."""
    made: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = cell.strip().strip("\ufeff")[:200]
        made.append(name if name and name not in made else f"{name}#{place}")
    return made
