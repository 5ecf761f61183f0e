"""CSV as Excel reads it: BOM, CRLF, the same columns, and nothing that runs."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.mention import Stored
from app.domain.report import ReportData
from app.domain.seeing import Outcome
from app.errors import ExportFailed
from app.reports.cells import LONGEST, clean, cut, inert, safe
from app.reports.columns import COLUMNS, headers
from app.reports.csvfile import gaps_path, write_csv, write_gaps

KEYS = [column.key for column in COLUMNS]
STARTS = "=+-@＝＋－＠\t\r"


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_bom_crlf_header_and_times(tmp_path: Path, stored: Callable[..., Stored], tz: tzinfo) -> None:
    out = tmp_path / "周报.csv"
    assert write_csv(out, [stored(1), stored(2, '两\n行,"引"')], tz) == 2
    whole = out.read_bytes()
    assert whole.startswith(b"\xef\xbb\xbf")
    assert whole.endswith(b"\r\n")
    rows = read(out)
    assert rows[0] == headers()
    assert rows[1][KEYS.index("time")] == "2026-10-26 01:00:00"
    assert rows[2][KEYS.index("text")] == '两\n行,"引"'
    assert rows[1][KEYS.index("link")] == "https://weibo.com/1/1"


@pytest.mark.parametrize("start", ["", " ", "\u3000", " \u3000\u00a0", "\u200b", "\ufeff"])
@pytest.mark.parametrize("sign", list(STARTS))
def test_formulas_are_quoted(
    tmp_path: Path, stored: Callable[..., Stored], tz: tzinfo, sign: str, start: str
) -> None:
    evil = f"{start}{sign}cmd|' /C calc'!A0"
    out = tmp_path / "a.csv"
    write_csv(out, [stored(1, evil, title=evil, author=evil, url=evil, answer=evil, source=evil)], tz)
    row = read(out)[1]
    for key in ("text", "title", "author", "link", "answer", "source"):
        assert row[KEYS.index(key)].startswith("'")


def test_numbers_stay_numbers(tmp_path: Path, stored: Callable[..., Stored], tz: tzinfo) -> None:
    out = tmp_path / "a.csv"
    write_csv(out, [stored(7)], tz)
    row = read(out)[1]
    assert (row[KEYS.index("followers")], row[KEYS.index("score")]) == ("1316", "0.07")
    assert row[KEYS.index("views")] == ""


def test_empty(tmp_path: Path, tz: tzinfo) -> None:
    assert write_csv(tmp_path / "a.csv", [], tz) == 0
    assert read(tmp_path / "a.csv") == [headers()]


def test_no_folder(tmp_path: Path, tz: tzinfo) -> None:
    with pytest.raises(ExportFailed):
        write_csv(tmp_path / "none" / "a.csv", [], tz)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a folder that refuses")
def test_refusing_folder(tmp_path: Path, tz: tzinfo) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ExportFailed, match="not yours"):
        write_csv(tmp_path / "a.csv", [], tz)


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(), max_size=200))
def test_any_text_is_harmless(text: str) -> None:
    made = inert(text)
    made.encode("utf-8")
    assert not made.lstrip(" \u3000\u00a0\u200b\ufeff\n").startswith(tuple(STARTS))
    assert clean(clean(text)) == clean(text)


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=0, max_size=80), st.integers(60, 70))
def test_cut_fits_and_keeps_short_text(text: str, longest: int) -> None:
    made = cut(text, longest)
    assert len(made.encode("utf-16-le")) // 2 <= longest
    if len(text.encode("utf-16-le")) // 2 <= longest:
        assert made == text


def test_long_guarded_text_still_fits() -> None:
    assert len(inert("=" * (LONGEST + 5))) <= LONGEST
    assert len(safe("😡" * LONGEST).encode("utf-16-le")) // 2 <= LONGEST


def test_figures_compare_only_with_something(report: Any, empty: Any) -> None:
    from app.reports.report import figures

    first = {figure.label: figure for figure in figures(report())}
    assert (first["Negative"].change, first["Negative"].verdict) == ("+198%", -1)
    assert first["Negative share"].change == "+18.8 points"
    assert all(figure.change == "" for figure in figures(empty))
    assert figures(empty)[-1].shown == "–"


def test_blind_windows_stand_in_a_file_beside_it(
    tmp_path: Path, report: Callable[..., ReportData], tz: tzinfo
) -> None:
    data = report()
    since = data.gaps[0].since
    gaps = (
        replace(data.gaps[0], outcome=Outcome.FILLED, found=3),
        replace(data.gaps[0], outcome=Outcome.PARTLY, found=1, unseen_until=since + timedelta(hours=1)),
        replace(data.gaps[0], outcome=Outcome.UNSEEN, reason="=1+1"),
        replace(data.gaps[0], until=None),
    )
    out = gaps_path(tmp_path / "周报.csv")
    write_gaps(out, replace(data, gaps=gaps), tz)
    assert out.name == "周报.gaps.csv"
    head, *rows = read(out)
    assert len(head) == 6
    told = [row[-1] for row in rows]
    assert told[0] == "all of it was read later; 3 mentions came later"
    assert told[1].startswith("unseen until 20")
    assert told[2:] == ["unseen", "not known yet"]
    assert not rows[2][4].startswith("=")
