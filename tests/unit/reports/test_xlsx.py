"""The workbook, read back: figures, native charts, live links, and nothing that runs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.domain.mention import Stored
from app.domain.query import AspectLine
from app.domain.report import ReportData
from app.domain.sentiment import Tone
from app.errors import ExportFailed, Unavailable
from app.i18n import language, set_language
from app.reports.columns import COLUMNS, headers
from app.reports.xlsx import write_xlsx

EVIL = [
    "=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "  =1", "＝1+1", "{=1}",
    '=HYPERLINK("http://x")',
]  # fmt: skip


def column(name: str) -> int:
    return [one.key for one in COLUMNS].index(name) + 1


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "周报.xlsx"


@pytest.fixture
def english() -> Iterator[None]:
    before = language()
    set_language("en")
    yield
    set_language(before)


pytestmark = pytest.mark.usefixtures("english")


def write(out: Path, data: ReportData, rows: list[Stored], tz: tzinfo) -> Any:
    assert write_xlsx(out, data, rows, tz) == len(rows)
    return openpyxl.load_workbook(out)


def test_summary_says_what_a_boss_asks(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo
) -> None:
    sheet = write(out, report(), [stored(1)], tz).worksheets[0]
    said = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    for words in (
        "Social listening report: 云雀", "2026-10-26 to 2026-11-01", "Made at 2026-11-02 01:00:00",
        "360", "119", "+198%", "42 min", "论坛", "3.0 h", "Competitor", "山岚",
    ):  # fmt: skip
        assert words in said, words
    assert any("brands: 云雀, 山岚; tone: Negative; text: 充电" in one for one in said)


def test_charts_are_native_and_point_at_the_tables(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo
) -> None:
    book = write(out, report(), [stored(1)], tz)
    with zipfile.ZipFile(out) as zipped:
        charts = [zipped.read(name).decode() for name in zipped.namelist() if "charts/chart" in name]
    assert len(charts) == 3
    assert any("<c:barChart>" in chart and 'grouping val="stacked"' in chart for chart in charts)
    assert any("<c:doughnutChart>" in chart for chart in charts)
    import re

    for chart in charts:
        for name, first, last in re.findall(r"<c:f>(\w+)!\$([A-Z]+\$\d+):\$([A-Z]+\$\d+)</c:f>", chart):
            cells = book[name][f"{first.replace('$', '')}:{last.replace('$', '')}"]
            assert all(cell.value is not None for row in cells for cell in row)
    assert any("By day" in str(cell.value) for cell in book.worksheets[0]["A"])


def _about(aspect: str, negative: int, neutral: int, positive: int) -> AspectLine:
    return AspectLine(aspect=aspect, negative=negative, neutral=neutral, positive=positive)


def test_the_map_of_product_and_service_is_in_the_summary(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo
) -> None:
    lines = (_about("attitude", 30, 5, 5), _about("price", 1, 2, 1))
    sheet = write(out, replace(report(), aspects=lines), [stored(1)], tz).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert ["Product", "price", 1, 2, 1, 4, 0.25] in rows
    assert ["Service", "staff attitude", 30, 5, 5, 40, 0.75] in rows


def test_rows_sheet(out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo) -> None:
    rows = [stored(1), stored(2, tone=None, score=None), stored(3, tone=Tone.POSITIVE, corrected=True)]
    sheet = write(out, report(), rows, tz).worksheets[1]
    assert [cell.value for cell in sheet[1]] == headers()
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:X4"
    assert sheet.cell(2, column("time")).value == "2026-10-26 01:00:00"
    assert [sheet.cell(n, column("tone")).value for n in (2, 3, 4)] == [
        "Negative",
        "Not judged yet",
        "Positive",
    ]
    colours = {sheet.cell(n, column("tone")).font.color.rgb for n in (2, 3, 4)}
    assert len(colours) == 3
    assert sheet.cell(2, column("likes")).value == 860
    assert sheet.cell(2, column("shares")).value is None
    assert sheet.cell(2, column("severity")).value == "fire or smoke, unknown_cue"
    assert sheet.cell(2, column("link")).hyperlink.target == "https://weibo.com/1/1"
    assert sheet.cell(2, column("text")).alignment.wrap_text
    assert sheet.cell(2, column("text")).font.name == "Microsoft YaHei"
    assert sheet.row_dimensions[2].height >= 15


@pytest.mark.parametrize("evil", EVIL)
def test_no_formula_anywhere(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo, evil: str
) -> None:
    from dataclasses import replace

    data = report()
    brand = replace(data.brands[0], brand=evil)
    gap = replace(data.gaps[0], source=evil, reason=evil)
    data = replace(data, brands=(brand,), gaps=(gap,))
    row = stored(1, evil, title=evil, author=evil, url=evil, answer=evil, status_by=evil, source=evil)
    book = write(out, data, [row], tz)
    for sheet in book.worksheets:
        for cells in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in cells)
    assert book.worksheets[1].cell(2, column("link")).hyperlink is None
    with zipfile.ZipFile(out) as zipped:
        sheets = b"".join(zipped.read(name) for name in zipped.namelist() if "worksheets/sheet" in name)
    assert b"<f>" not in sheets
    assert b"<f " not in sheets


def test_hostile_characters_and_length(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo
) -> None:
    odd = "a\x00b\x08c\x1fd\ud800e\uffffф\u202eg\n二"
    sheet = write(out, report(), [stored(1, odd), stored(2, "长😡" * 40_000)], tz).worksheets[1]
    assert sheet.cell(2, column("text")).value == "abcd\ufffdeфg\n二"
    long = sheet.cell(3, column("text")).value
    assert len(long.encode("utf-16-le")) // 2 <= 32_767
    assert long.endswith("[cut: 80000 characters]")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "internal:A1", "external:c:\\x", "",
     "https://x/" + "a" * 3000],
)  # fmt: skip
def test_only_web_links_are_live(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo, url: str
) -> None:
    cell = write(out, report(), [stored(1, url=url)], tz).worksheets[1].cell(2, column("link"))
    assert cell.hyperlink is None
    assert (cell.value or "") == url


def test_empty_result_is_a_proper_report(out: Path, empty: ReportData, tz: tzinfo) -> None:
    book = write(out, empty, [], tz)
    said = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
    assert "Social listening report" in said
    assert "None: every source could be read throughout the range." in said
    assert "Filter: no filter: everything in the range" in said
    assert book.worksheets[1]["A2"].value == "No mention passes this filter."
    assert book.worksheets[2].max_row > 10
    assert not [name for name in zipfile.ZipFile(out).namelist() if "charts/" in name]


def test_many_rows_in_bounded_memory(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo
) -> None:
    data = report()
    began = time.monotonic()
    assert write_xlsx(out, data, (stored(n) for n in range(20_000)), tz) == 20_000
    assert time.monotonic() - began < 60
    small = out.with_name("small.xlsx")
    peaks = []
    for many in (200, 2_000):
        tracemalloc.start()
        write_xlsx(small, data, (stored(n, "字" * 2_000, url="") for n in range(many)), tz)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 4_000_000


def test_links_beyond_the_limit_become_text(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.reports.xlsx.LINKS_A_SHEET", 3)
    sheet = write(out, report(), [stored(n) for n in range(1, 6)], tz).worksheets[1]
    live = [sheet.cell(n, column("link")).hyperlink is not None for n in range(2, 7)]
    assert live == [True, True, True, False, False]
    assert sheet.cell(6, column("link")).value == "https://weibo.com/1/5"


def test_a_second_sheet_when_rows_run_out(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.reports.xlsx.ROWS_A_SHEET", 4)
    book = write(out, report(), [stored(n) for n in range(1, 7)], tz)
    assert book.sheetnames == ["Summary", "Mentions", "Mentions 2", "What the figures mean"]
    assert [sheet.max_row for sheet in book.worksheets[1:3]] == [5, 3]


def test_failing_rows_leave_the_old_file_and_nothing_else(
    out: Path, report: Callable[..., ReportData], stored: Any, tz: tzinfo
) -> None:
    out.write_bytes(b"old")

    def rows() -> Iterator[Stored]:
        yield stored(1)
        raise Unavailable("gone")

    with pytest.raises(Unavailable):
        write_xlsx(out, report(), rows(), tz)
    assert out.read_bytes() == b"old"
    assert os.listdir(out.parent) == [out.name]


def test_no_such_folder_and_a_folder_in_the_way(
    tmp_path: Path, report: Callable[..., ReportData], tz: tzinfo
) -> None:
    with pytest.raises(ExportFailed, match="no such folder"):
        write_xlsx(tmp_path / "none" / "a.xlsx", report(), [], tz)
    with pytest.raises(ExportFailed, match="is a folder"):
        write_xlsx(tmp_path, report(), [], tz)
    with pytest.raises(ExportFailed, match="too long"):
        write_xlsx(tmp_path / ("长" * 200 + ".xlsx"), report(), [], tz)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_disk_full_is_said(tmp_path: Path) -> None:
    from app.reports.saving import replacing

    with (
        pytest.raises(ExportFailed, match="disk is full"),
        replacing(tmp_path / "a.csv"),
        Path("/dev/full").open("w", encoding="utf-8") as full,
    ):
        full.write("x")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the size of files")
def test_a_full_disk_is_one_error_and_nothing_is_printed_after_it(tmp_path: Path) -> None:
    """In a process of its own: the limit would hold for every other test, too."""
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path / "a.xlsx")],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ExportFailed")
    assert list(tmp_path.iterdir()) == []


_FULL = """
import gc, resource, signal, sys
from pathlib import Path
from app.errors import ExportFailed
from app.reports.saving import failed, replacing
from app.reports.xlsx import _File
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

out = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def fill():
    with replacing(out) as path, _File(path, "wb") as file:
        book = Workbook(file, {"in_memory": True})
        sheet = book.add_worksheet()
        for row in range(2000):
            sheet.write(row, 0, str(hash((row, "noise"))) * 3)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            book.close()
        except FileCreateError as error:
            raise failed(out, error.args[0]) from error

try:
    fill()
except ExportFailed as error:
    print(type(error).__name__, error.text)
gc.collect()
"""
