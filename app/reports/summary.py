"""The first sheet: figures, charts, tables, gaps, on one page's width.

Written top to bottom (the workbook streams), in whatever thread the writer runs. Charts point at
the tables below them, so a person can check every bar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, tzinfo
from typing import Any

from xlsxwriter import Workbook

from app.domain.aspects import ASPECTS, aspect_label, group_label, group_of
from app.domain.platforms import platform_name
from app.domain.query import AspectLine, Tally
from app.domain.report import ReportData
from app.domain.sentiment import Tone
from app.i18n import _
from app.reports.cells import safe
from app.reports.columns import local, tone_word
from app.reports.report import Figure, NamesById, figures, filter_words, gap_words, range_words, title
from app.reports.responses import Line, by_person, by_severity
from app.reports.styles import GREY, INK, LINE, TONE_COLOURS, VOICES, Styles

_TONES: tuple[Tone | None, ...] = (Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE, None)
_WIDE = 7
"""Columns of the sheet, one for each key figure."""
_CHART_ROWS = 15

_Cell = tuple[object, Any]


def _tones(tally: Tally) -> list[int]:
    return [tally.negative, tally.neutral, tally.positive, tally.unscored]


class Summary:
    def __init__(
        self, book: Workbook, styles: Styles, data: ReportData, tz: tzinfo, sources: NamesById
    ) -> None:
        self._book, self._styles, self._data, self._tz = book, styles, data, tz
        self._sources = sources
        self._name = _("Summary")
        self._sheet = book.add_worksheet(self._name)
        self._row = 0
        self._charts_at = 0
        self._brands_at = self._days_at = self._tones_at = 0

    def write(self) -> None:
        self._page()
        self._heading()
        self._cards(figures(self._data))
        self._charts_at = self._row
        self._row += self._chart_space()
        for table in (
            self._tone_table,
            self._brand_table,
            self._day_table,
            self._platform_table,
            self._aspect_table,
            self._deadline_table,
            self._person_table,
            self._gaps,
        ):
            table()
            self._row += 1
        self._charts()
        self._sheet.print_area(0, 0, self._row, _WIDE - 1)

    def _page(self) -> None:
        sheet = self._sheet
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, _WIDE - 1, 15)
        sheet.set_footer("&C&P / &N")
        sheet.activate()

    # ── heading and key figures ──────────────────────────────────────────────────────────────────

    def _line(self, text: str, style: Any, height: float) -> None:
        self._sheet.set_row(self._row, height)
        self._sheet.write_string(self._row, 0, safe(text), style)
        self._row += 1

    def _heading(self) -> None:
        data = self._data
        names = {line.brand_id: line.brand for line in data.brands}
        self._line(title(data), self._styles.title, 36)
        self._line(range_words(data, self._tz), self._styles.subtitle, 20)
        words = filter_words(data.query, names, self._sources)
        self._line(_("Filter: {words}").format(words=words), self._styles.subtitle, 20)
        made = _("Made at {time}").format(time=local(data.made_at, self._tz))
        self._line(made, self._styles.subtitle, 20)
        self._row += 1

    def _cards(self, shown: Sequence[Figure]) -> None:
        parts: tuple[tuple[float, Callable[[Figure], str], Callable[[Figure], Any]], ...] = (
            (26, lambda one: one.label, lambda _one: self._styles.card_label),
            (32, lambda one: one.shown, lambda _one: self._styles.card_value),
            (20, lambda one: one.change, lambda one: self._styles.cards[one.verdict]),
        )
        for height, text, style in parts:
            self._sheet.set_row(self._row, height)
            for column, figure in enumerate(shown):
                self._sheet.write_string(self._row, column, text(figure), style(figure))
            self._row += 1
        self._line(
            _("Changes are against the range of the same length just before."), self._styles.aside, 18
        )
        self._row += 1

    # ── tables ───────────────────────────────────────────────────────────────────────────────────

    def _table(
        self,
        name: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[_Cell]],
        empty: str,
        words: bool = False,
    ) -> int:
        """The row (0-based) of the first line of data."""
        self._line(name, self._styles.section, 24)
        self._sheet.set_row(self._row, 30 if max(map(len, heads)) > 12 else 22)
        for column, head in enumerate(heads):
            self._sheet.write_string(
                self._row,
                column,
                head,
                self._styles.head if words or column == 0 else self._styles.head_number,
            )
        self._row += 1
        first = self._row
        for cells in rows:
            self._sheet.set_row(self._row, 18)
            for column, (value, style) in enumerate(cells):
                self._cell(column, value, style)
            self._row += 1
        if not rows:
            self._line(empty, self._styles.aside, 18)
        return first

    def _cell(self, column: int, value: object, style: Any) -> None:
        if isinstance(value, datetime):
            self._sheet.write_datetime(self._row, column, value, style)
        elif isinstance(value, int | float):
            self._sheet.write_number(self._row, column, value, style)
        else:
            self._sheet.write_string(self._row, column, safe(str(value)), style)

    def _tally(self, tally: Tally) -> list[_Cell]:
        number = self._styles.number
        share = tally.negative / tally.total if tally.total else 0.0
        counts: list[_Cell] = [(n, number) for n in (*_tones(tally), tally.total)]
        return [*counts, (share, self._styles.percent)]

    def _tally_heads(self) -> list[str]:
        return [*(tone_word(tone) for tone in _TONES), _("Total"), _("Negative share")]

    def _tone_table(self) -> None:
        tally = self._data.tally
        total = tally.total or 1
        rows: list[list[_Cell]] = [
            [
                (tone_word(tone), self._styles.tones[tone]),
                (n, self._styles.number),
                (n / total, self._styles.percent),
            ]
            for tone, n in zip(_TONES, _tones(tally), strict=True)
        ]
        heads = [_("Tone"), _("Mentions"), _("Share")]
        self._tones_at = self._table(_("By tone"), heads, rows, "")

    def _brand_table(self) -> None:
        heads = [
            _("Brand"), _("Kind"), _("Mentions"), _("Change"), _("Share of voice"), _("Negative"),
            _("Negative share"),
        ]  # fmt: skip
        rows = [self._brand_row(n) for n in range(len(self._data.brands))]
        self._brands_at = self._table(_("By brand"), heads, rows, _("No brand is watched."))

    def _brand_row(self, n: int) -> list[_Cell]:
        styles, line = self._styles, self._data.brands[n]
        then, now = line.previous.total, line.tally.total
        change = Figure("", now, "int", then or None).change or "–"
        share = line.tally.negative / now if now else 0.0
        return [
            (line.brand, styles.strong), (_("Competitor") if line.competitor else _("Own"), styles.right),
            (now, styles.number), (change, styles.right), (line.share_of_voice, styles.percent),
            (line.tally.negative, styles.number), (share, styles.percent),
        ]  # fmt: skip

    def _day_table(self) -> None:
        rows = [
            [(datetime.combine(line.day, time.min), self._styles.date), *self._tally(line.tally)]
            for line in self._data.days
        ]
        heads = [_("Day"), *self._tally_heads()]
        self._days_at = self._table(_("By day"), heads, rows, _("No day in this range."))

    def _platform_table(self) -> None:
        rows = [
            [(platform_name(line.platform), self._styles.text), *self._tally(line.tally)]
            for line in self._data.platforms
        ]
        heads = [_("Platform"), *self._tally_heads()]
        self._table(_("By platform"), heads, rows, _("No mentions in this range."))

    def _aspect_table(self) -> None:
        order = {key: n for n, key in enumerate(ASPECTS)}
        rows = [
            [(group_label(group_of(one.aspect)), self._styles.text), *self._aspect_cells(one)]
            for one in sorted(self._data.aspects, key=lambda one: order.get(one.aspect, len(order)))
        ]
        tones = (Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE)
        heads = ["", _("About"), *(tone_word(tone) for tone in tones), _("Total"), _("Negative share")]
        self._table(_("Product and service"), heads, rows, _("Nothing was spoken of in this range."))

    def _aspect_cells(self, line: AspectLine) -> list[_Cell]:
        number = self._styles.number
        counts = (line.negative, line.neutral, line.positive)
        total = sum(counts)
        share = line.negative / total if total else 0.0
        return [
            (aspect_label(line.aspect), self._styles.strong),
            *((n, number) for n in (*counts, total)),
            (share, self._styles.percent),
        ]

    def _deadline_table(self) -> None:
        empty = _("Nothing was to be answered in this range.")
        self._kept(_("First responses"), _("Severity"), by_severity(self._data.responses), empty)

    def _person_table(self) -> None:
        lines = by_person(self._data.responses)
        if lines:
            self._kept(_("First responses by person"), _("Who"), lines, "")

    def _kept(self, name: str, head: str, lines: Sequence[Line], empty: str) -> None:
        heads = [
            head, _("To answer"), _("In time"), _("Late"), _("Open"), _("Share in time"),
            _("Median (min)"),
        ]  # fmt: skip
        rows: list[list[_Cell]] = [
            [
                (line.name, self._styles.strong),
                *((n, self._styles.number) for n in (line.asked, line.in_time, line.late, line.open)),
                ("–", self._styles.right) if line.share is None else (line.share, self._styles.percent),
                ("–", self._styles.right) if line.median is None else (line.median, self._styles.number),
            ]
            for line in lines
        ]
        self._table(name, heads, rows, empty)

    def _gaps(self) -> None:
        heads = [_("Source"), _("From"), _("To"), _("How long"), _("Why"), _("What came of it")]
        rows: list[list[_Cell]] = [
            [(text, self._styles.text) for text in gap_words(gap, self._data, self._tz)]
            for gap in self._data.gaps
        ]
        empty = _("None: every source could be read throughout the range.")
        self._table(_("Blind windows"), heads, rows, empty, words=True)

    # ── charts ───────────────────────────────────────────────────────────────────────────────────

    def _chart_space(self) -> int:
        return _CHART_ROWS + 1 + (self._voice_rows() + 1 if self._data.brands else 0)

    def _voice_rows(self) -> int:
        """A bar is as thick with two brands as with eight."""
        return min(_CHART_ROWS, 4 + 2 * len(self._data.brands))

    def _charts(self) -> None:
        """With nothing to show there is no empty frame but a word."""
        if not self._data.tally.total:
            self._sheet.insert_textbox(
                self._charts_at, 0, _("No mentions in this range."), self._empty_box()
            )
            return
        self._place(self._by_day(), 0, 0, 4, _CHART_ROWS)
        self._place(self._by_tone(), 0, 4, 3, _CHART_ROWS)
        if self._data.brands:
            self._place(self._share_of_voice(), _CHART_ROWS + 1, 0, 7, self._voice_rows())

    def _empty_box(self) -> dict[str, Any]:
        font = {"color": GREY, "size": 12}
        align = {"vertical": "middle", "horizontal": "center"}
        line, fill = {"color": LINE}, {"color": "#FFFFFF"}
        return {"width": 760, "height": 120, "font": font, "align": align, "line": line, "fill": fill}

    def _place(self, chart: Any, below: int, column: int, columns: int, rows: int) -> None:
        """Sized to the columns it stands on: column 0 is 159 pixels wide, the others 110."""
        wide = sum(159 if n == 0 else 110 for n in range(column, column + columns)) - 8
        chart.set_size({"width": wide, "height": rows * 20 - 6})
        chart.set_chartarea({"border": {"color": LINE}})
        place = {"x_offset": 4, "y_offset": 3, "object_position": 2}
        self._sheet.insert_chart(self._charts_at + below, column, chart, place)

    def _titled(self, chart: Any, name: str) -> Any:
        font = {"name": self._styles.font, "size": 11, "bold": True, "color": INK}
        chart.set_title({"name": name, "name_font": font, "overlay": False})
        chart.set_legend({"position": "bottom", "font": self._font()})
        return chart

    def _font(self) -> dict[str, Any]:
        return {"name": self._styles.font, "size": 9, "color": GREY}

    def _by_day(self) -> Any:
        chart = self._book.add_chart({"type": "column", "subtype": "stacked"})
        last = self._days_at + max(1, len(self._data.days)) - 1
        for column, tone in enumerate(_TONES, 1):
            if tone is None and not self._data.tally.unscored:
                continue
            chart.add_series(
                {
                    "name": tone_word(tone),
                    "categories": [self._name, self._days_at, 0, last, 0],
                    "values": [self._name, self._days_at, column, last, column],
                    "fill": {"color": TONE_COLOURS[tone]},
                    "gap": 40,
                }
            )
        axis = {"date_axis": True, "num_format": "m/d", "num_font": self._font(), "line": {"color": LINE}}
        chart.set_x_axis(
            axis | {"major_unit": max(1, _step(len(self._data.days), 10)), "major_unit_type": "days"}
        )
        grid = {"visible": True, "line": {"color": LINE, "width": 0.5}}
        chart.set_y_axis(
            {
                "major_gridlines": grid,
                "num_font": self._font(),
                "line": {"none": True},
                "num_format": "#,##0",
                "min": 0,
            }
        )
        return self._titled(chart, _("Tone by day"))

    def _by_tone(self) -> Any:
        chart = self._book.add_chart({"type": "doughnut"})
        tally = self._data.tally
        last = self._tones_at + (3 if tally.unscored else 2)
        thin = [{"delete": n < 0.04 * tally.total} for n in _tones(tally)]
        chart.add_series(
            {
                "name": _("Tone"),
                "categories": [self._name, self._tones_at, 0, last, 0],
                "values": [self._name, self._tones_at, 1, last, 1],
                "points": [{"fill": {"color": TONE_COLOURS[tone]}} for tone in _TONES],
                "data_labels": {
                    "percentage": True,
                    "font": {"color": "#FFFFFF", "size": 9, "bold": True},
                    "custom": [one if one["delete"] else None for one in thin],
                },
            }
        )
        chart.set_hole_size(55)
        return self._titled(chart, _("Tone"))

    def _share_of_voice(self) -> Any:
        chart = self._book.add_chart({"type": "bar"})
        last = self._brands_at + len(self._data.brands) - 1
        colours = [VOICES[n % len(VOICES)] for n in range(len(self._data.brands))]
        chart.add_series(
            {
                "name": _("Share of voice"),
                "categories": [self._name, self._brands_at, 0, last, 0],
                "values": [self._name, self._brands_at, 4, last, 4],
                "points": [{"fill": {"color": colour}} for colour in colours],
                "data_labels": {"value": True, "num_format": "0%", "font": self._font()},
                "gap": 60,
            }
        )
        chart.set_y_axis({"reverse": True, "num_font": self._font(), "line": {"color": LINE}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        chart = self._titled(chart, _("Share of voice"))
        chart.set_legend({"none": True})
        return chart


def _step(some: int, parts: int) -> int:
    """Whole days between two labels, so that at most `parts` are written."""
    return -(-some // parts)
