"""Excel workbooks, by python-calamine.

Runs in a worker thread; reads, never writes. A workbook is looked over before it is parsed: the
parser makes room for every cell between the first and the last, so that a file of five kilobytes
with one value in the last corner would take all memory there is and the program with it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import python_calamine as calamine

from app.errors import BadResponse
from app.i18n import _
from monitors.files.batch import Batch, Row, State
from monitors.files.columns import known

MAX_UNPACKED = 512 * 1024 * 1024
MAX_CELLS = 30_000_000
"""Between the corners of one sheet, empty ones included."""

_NOT_READ = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError)


@dataclass(slots=True)
class Books:
    """The workbook in hand, so that page after page does not parse it anew. One slot."""

    stamp: tuple[object, ...] = ()
    book: calamine.CalamineWorkbook | None = None
    place: tuple[int, int] = (-1, -1)
    header: list[str] = field(default_factory=list)
    rows: Iterator[list[object]] = field(default_factory=lambda: iter(()))

    def open(self, path: Path) -> calamine.CalamineWorkbook:
        about = path.stat()
        stamp = (path, about.st_size, about.st_mtime_ns)
        if self.book is None or stamp != self.stamp:
            self.close()
            look_over(path)
            self.book, self.stamp = _opened(path), stamp
        return self.book

    def close(self) -> None:
        self.book, self.stamp, self.place, self.rows = None, (), (-1, -1), iter(())


def _opened(path: Path) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError as error:
        raise _protected() from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise _broken(str(error)) from error


def _protected() -> BadResponse:
    told = _("It is protected by a password or an old .xls file; save it again as an open .xlsx file.")
    return BadResponse(told)


def _broken(details: str) -> BadResponse:
    return BadResponse(_("It is damaged or not an Excel file."), details=details[:200])


def read(path: Path, state: State | None, rows: int, books: Books) -> Batch:
    """The next rows, sheet after sheet; `state` is (sheet, row of that sheet)."""
    book = books.open(path)
    state = state or {"sheet": 0, "at": 0}
    batch = Batch(dict(state))
    while batch.state["sheet"] < len(book.sheet_names):
        _from_sheet(book, batch, rows, books)
        if len(batch.rows) >= rows:
            batch.more = True
            return batch
        batch.state = {"sheet": batch.state["sheet"] + 1, "at": 0}
    books.close()
    return batch


def _from_sheet(book: calamine.CalamineWorkbook, batch: Batch, rows: int, books: Books) -> None:
    sheet, at = batch.state["sheet"], batch.state["at"]
    name = book.sheet_names[sheet]
    if books.place != (sheet, at):
        books.header, books.rows = _headed(_rows(book, name))
        for _passed in range(at):
            next(books.rows, None)
    for cells in books.rows:
        at += 1
        if any(cell not in ("", None) for cell in cells):
            values: dict[str, object] = dict(zip(books.header, cells, strict=False))
            batch.rows.append(
                Row({key: None if cell == "" else cell for key, cell in values.items()}, name)
            )
        if len(batch.rows) >= rows:
            break
    batch.state = {"sheet": sheet, "at": at}
    books.place = (sheet, at)


def _rows(book: calamine.CalamineWorkbook, name: str) -> Iterator[list[object]]:
    try:
        for cells in book.get_sheet_by_name(name).iter_rows():
            yield list(cells)
    except (calamine.CalamineError, ValueError) as error:
        raise _broken(str(error)) from error


def _headed(rows: Iterator[list[object]]) -> tuple[list[str], Iterator[list[object]]]:
    """The header is the one of the first ten rows with the most names we know: exports put a
    title, a range of dates or a logo above it."""
    first = list(islice(rows, 10))
    named = [[str(cell).strip() for cell in cells] for cells in first]
    scores = [known(filter(None, names)) for names in named]
    if not first:
        return [], rows
    at = scores.index(max(scores)) if max(scores) else next((i for i, n in enumerate(named) if any(n)), 0)
    return named[at], _chained(first[at + 1 :], rows)


def _chained(first: Iterable[list[object]], rows: Iterator[list[object]]) -> Iterator[list[object]]:
    yield from first
    yield from rows


def look_over(path: Path) -> None:
    """Raises BadResponse for a workbook that must not be parsed."""
    try:
        with path.open("rb") as file:
            if file.read(4) == b"\xd0\xcf\x11\xe0":
                raise _protected()
        with zipfile.ZipFile(path) as packed:
            _look_over(packed)
    except _NOT_READ as error:
        raise _broken(type(error).__name__) from error


def _look_over(packed: zipfile.ZipFile) -> None:
    total = 0
    for name in packed.namelist():
        size = _Size()
        for piece in _pieces(packed, name):
            total += len(piece)
            if name.startswith("xl/worksheets/"):
                size.add(piece)
            if total > MAX_UNPACKED or size.cells > MAX_CELLS:
                raise BadResponse(_("It is too large for a spreadsheet; save it as CSV instead."))


def _pieces(packed: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with packed.open(name) as file:
        while piece := file.read(1024 * 1024):
            yield piece


_ROW = re.compile(rb'<(?:\w{1,10}:)?row\b[^>]{0,300}?\sr="(\d{1,10})"')
_COLUMN = re.compile(rb'\sr="([A-Z]{1,7})\d')
_ROW_TAG = re.compile(rb"<(?:\w{1,10}:)?row\b")
_CELL_TAG = re.compile(rb"<(?:\w{1,10}:)?c\b")


@dataclass(slots=True)
class _Size:
    """How far a sheet reaches, counted without parsing it."""

    rows: int = 0
    columns: int = 0
    carried: bytes = b""
    counted: int = 0
    """Rows, and cells of one row, met so far: those need not say where they stand."""
    in_row: int = 0

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    def add(self, piece: bytes) -> None:
        text = self.carried + piece
        cut = max(text.rfind(b"<"), len(text) - 4096, 0)
        self.carried, text = text[cut:], text[:cut]
        parts = _ROW_TAG.split(text)
        cells = [len(_CELL_TAG.findall(part)) for part in parts]
        self.counted += len(parts) - 1
        widest = max(self.in_row + cells[0], *cells)
        self.in_row = cells[-1] + (self.in_row if len(parts) == 1 else 0)
        self.rows = max([self.rows, self.counted, *map(int, _ROW.findall(text))])
        columns = [_number(one) for one in set(_COLUMN.findall(text))]
        self.columns = max([self.columns, widest, *columns])


def _number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    made = 0
    for letter in letters:
        made = made * 26 + letter - 64
    return made
