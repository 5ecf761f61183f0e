"""A workbook a lead hands on as it is: summary with native charts, the rows, what each figure means.

Streams the rows (constant memory), so it may run for long; any thread but a window's. Strings are
only ever written as strings: nothing from outside can become a formula.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError, FileSizeError
from xlsxwriter.worksheet import Worksheet

from app.domain.mention import Stored
from app.domain.report import ReportData
from app.domain.sentiment import Tone
from app.errors import ExportFailed
from app.i18n import _, language
from app.reports import responses
from app.reports.cells import LINKS_A_SHEET, is_link, safe
from app.reports.columns import COLUMNS, Column, Value, headers
from app.reports.report import NamesById, definitions, title
from app.reports.saving import failed, replacing
from app.reports.styles import Styles
from app.reports.summary import Summary

ROWS_A_SHEET = 1_048_575
"""Excel's rows less the header."""

_OPTIONS: dict[str, Any] = {
    "constant_memory": True,
    "strings_to_urls": False,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
_LINE = 15.0
_MOST_LINES = 8


def write_xlsx(
    out: Path,
    data: ReportData,
    rows: Iterable[Stored],
    tz: tzinfo,
    *,
    sources: NamesById | None = None,
) -> int:
    """How many rows were written. `sources` names the sources a filter may hold.

    Raises ExportFailed; a half-written file is never left, whatever `rows` raises.
    """
    with replacing(out) as path, _File(path, "wb") as file:
        book = _book(file, data)
        try:
            count = _fill(book, data, rows, tz, sources or {})
        except BaseException:
            _abandon(book)
            raise
        _close(book, out)
    return count


class _File(io.FileIO):
    """A full disk is told once. What the zip module goes on to try while it is taken apart, when nobody
    can hear it any more and it could only print a traceback, is let drop."""

    _pretended: int | None = None
    """Where it would stand by now; None as long as all is well."""

    def write(self, data: Any) -> int:
        left = memoryview(data).cast("B")
        size = len(left)
        if self._pretended is not None:
            self._pretended += size
            return size
        while left:
            try:
                left = left[super().write(left) or 0 :]
            except OSError:
                self._pretended = super().tell()
                raise
        return size

    def seek(self, place: int, whence: int = 0) -> int:
        if self._pretended is None:
            return super().seek(place, whence)
        self._pretended = place
        return place

    def tell(self) -> int:
        return super().tell() if self._pretended is None else self._pretended

    def flush(self) -> None:
        if self._pretended is None:
            super().flush()


def _book(file: _File, data: ReportData) -> Workbook:
    book = Workbook(file, _OPTIONS)
    book.set_properties({"title": safe(title(data))[:255], "created": data.made_at.replace(tzinfo=None)})
    return book


def _fill(book: Workbook, data: ReportData, rows: Iterable[Stored], tz: tzinfo, sources: NamesById) -> int:
    styles = Styles(book, language())
    Summary(book, styles, data, tz, sources).write()
    count = _Rows(book, styles, tz).write(rows)
    if data.responses:
        _responses(book, styles, data, tz)
    _definitions(book, styles)
    return count


def _close(book: Workbook, out: Path) -> None:
    try:
        book.close()
    except FileCreateError as error:
        cause = error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error))
        raise failed(out, cause) from error
    except FileSizeError as error:
        told = _("“{path}” would be larger than a workbook can be. Choose a shorter range or CSV.")
        raise ExportFailed(told.format(path=out), details=str(error)) from error


def _abandon(book: Workbook) -> None:
    """Ends the sheets' temporary files; the workbook itself is not assembled."""
    for sheet in book.worksheets():
        if sheet.row_data_fh is not None and not sheet.row_data_fh.closed:
            sheet.row_data_fh.close()
        if sheet.row_data_filename:
            Path(sheet.row_data_filename).unlink(missing_ok=True)


class _Rows:
    """The sheet of rows; a further one begins where Excel's rows end."""

    def __init__(self, book: Workbook, styles: Styles, tz: tzinfo) -> None:
        self._book, self._styles, self._tz = book, styles, tz
        self._sheet: Worksheet
        self._sheets = self._row = self._links = 0
        self._tones: Mapping[Tone | None, Any] = styles.tones

    def write(self, rows: Iterable[Stored]) -> int:
        count = 0
        self._begin()
        for stored in rows:
            if self._row == ROWS_A_SHEET:
                self._end()
                self._begin()
            self._put(stored)
            count += 1
        if not count:
            self._sheet.write_string(1, 0, _("No mention passes this filter."), self._styles.note)
        self._end()
        return count

    def _begin(self) -> None:
        self._sheets += 1
        name = _("Mentions") if self._sheets == 1 else _("Mentions {n}").format(n=self._sheets)
        self._sheet = sheet = self._book.add_worksheet(name)
        self._row = self._links = 0
        for number, column in enumerate(COLUMNS):
            sheet.set_column(number, number, column.wide)
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_row(0, 24)
        for number, head in enumerate(headers()):
            sheet.write_string(0, number, head, self._styles.head)

    def _end(self) -> None:
        self._sheet.autofilter(0, 0, max(1, self._row), len(COLUMNS) - 1)

    def _put(self, stored: Stored) -> None:
        self._row += 1
        values = [(column, column.value(stored, self._tz)) for column in COLUMNS]
        self._sheet.set_row(self._row, _height(values))
        for number, (column, value) in enumerate(values):
            self._cell(number, column, value, stored)

    def _cell(self, number: int, column: Column, value: Value, stored: Stored) -> None:
        sheet, styles = self._sheet, self._styles
        if isinstance(value, int | float) and math.isfinite(value):
            style = (
                styles.id
                if column.key == "id"
                else styles.number
                if isinstance(value, int)
                else styles.decimal
            )
            sheet.write_number(self._row, number, value, style)
        elif isinstance(value, str) and value:
            if column.key == "link" and is_link(value) and self._links < LINKS_A_SHEET:
                self._links += 1
                sheet.write_url(self._row, number, value, styles.link, string=safe(value))
                return
            style = (
                self._tones[stored.tone]
                if column.key == "tone"
                else styles.wrap
                if column.wrap
                else styles.text
            )
            sheet.write_string(self._row, number, safe(value), style)
        else:
            sheet.write_blank(self._row, number, None, styles.text)


def _height(values: Iterable[tuple[Column, Value]]) -> float:
    """Tall enough for the text, within reason: the whole of a long one is in the cell."""
    lines = max(_lines(str(value), column.wide) for column, value in values if column.wrap)
    return _LINE * min(_MOST_LINES, max(1, lines)) + 3


def _lines(text: str, wide: int) -> int:
    """Counting a Chinese character as two; only as far as it matters."""
    parts = text[:1200].split("\n")
    return sum(1 + (len(part) + sum(char > "\u2e80" for char in part)) // wide for part in parts)


def _responses(book: Workbook, styles: Styles, data: ReportData, tz: tzinfo) -> None:
    """What the figures of first responses rest on, row by row."""
    sheet = book.add_worksheet(_("First responses"))
    for number, column in enumerate(responses.COLUMNS):
        sheet.set_column(number, number, column.wide)
        sheet.write_string(0, number, _(column.head), styles.head)
    sheet.freeze_panes(1, 1)
    for row, one in enumerate(data.responses, 1):
        for number, column in enumerate(responses.COLUMNS):
            value = column.value(one, tz)
            if isinstance(value, int):
                sheet.write_number(row, number, value, styles.id)
            elif isinstance(value, float):
                sheet.write_number(row, number, value, styles.decimal)
            else:
                sheet.write_string(row, number, safe(value or ""), styles.text)
    sheet.autofilter(0, 0, len(data.responses), len(responses.COLUMNS) - 1)


def _definitions(book: Workbook, styles: Styles) -> None:
    sheet = book.add_worksheet(_("What the figures mean"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 92)
    sheet.write_string(0, 0, _("Figure"), styles.head)
    sheet.write_string(0, 1, _("Meaning"), styles.head)
    for row, (name, meaning) in enumerate(definitions(), 1):
        sheet.set_row(row, 6 + _LINE * _lines(meaning, 88))
        sheet.write_string(row, 0, name, styles.strong)
        sheet.write_string(row, 1, meaning, styles.wrap)


def write_table(
    out: Path, name: str, heads: Sequence[tuple[str, int]], rows: Iterable[Sequence[str | int | None]]
) -> int:
    """A plain sheet of texts and whole numbers; a further one where Excel's rows end. `heads`: words and
    width of each column. How many rows. Raises ExportFailed; a half-written file is never left."""
    with replacing(out) as path, _File(path, "wb") as file:
        book = Workbook(file, _OPTIONS)
        try:
            count = _table(book, name, heads, rows)
        except BaseException:
            _abandon(book)
            raise
        _close(book, out)
    return count


def _table(
    book: Workbook,
    name: str,
    heads: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[str | int | None]],
) -> int:
    styles = Styles(book, language())
    sheet = _sheet(book, styles, safe(name)[:25], heads)
    count = 0
    for count, values in enumerate(rows, 1):
        place = (count - 1) % ROWS_A_SHEET + 1
        if place == 1 and count > 1:
            sheet = _sheet(book, styles, f"{safe(name)[:25]} {count // ROWS_A_SHEET + 1}", heads)
        for number, value in enumerate(values):
            if isinstance(value, int):
                sheet.write_number(place, number, value, styles.id)
            elif value:
                sheet.write_string(place, number, safe(value), styles.wrap)
    return count


def _sheet(book: Workbook, styles: Styles, name: str, heads: Sequence[tuple[str, int]]) -> Worksheet:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for number, (words, wide) in enumerate(heads):
        sheet.set_column(number, number, wide)
        sheet.write_string(0, number, safe(words), styles.head)
    return sheet
