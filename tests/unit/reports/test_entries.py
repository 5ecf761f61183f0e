"""The knowledge base as files: what comes in again is what went out, and mistakes name their line."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.knowledge import Entry
from app.errors import ImportFailed
from app.i18n import set_language
from app.replies.entries import tidy
from app.reports.cells import clean
from app.reports.entries import as_csv, as_markdown, from_csv, from_markdown, read, write

BRANDS = {3: "云雀"}
WHOLE = Entry(
    title="手机充电发烫怎么办",
    patterns=("充电很热", "后盖烫手"),
    answer="请用原装充电器。\n\n## 不是标题\n- 产品: 也不是字段\n\\# 反斜杠",
    link="https://help.example/1?a=1&b=2",
    product="云雀手机",
    brand_id=3,
    owner="小周",
    review_on=date(2026, 12, 31),
    tags=("充电", "安全"),
    public=True,
)
OLD = replace(WHOLE, title="停用的", brand_id=None, active=False, public=False, review_on=None, tags=())

_LINE = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")) | st.sampled_from("=+-@#\\'\",;:："),
    max_size=30,
).map(lambda text: " ".join(clean(text).split()))
_TEXT = st.lists(_LINE, max_size=4).map("\n".join)
_ENTRIES = st.builds(
    Entry,
    title=_LINE.filter(bool),
    patterns=st.lists(_LINE.filter(bool), max_size=3).map(tuple),
    answer=_TEXT,
    product=_LINE,
    owner=_LINE,
    review_on=st.none() | st.dates(date(2000, 1, 1)),
    tags=st.lists(st.text("标签abc", min_size=1, max_size=5), max_size=3, unique=True).map(tuple),
    public=st.booleans(),
    active=st.booleans(),
).map(tidy)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("name", ["kb.csv", "kb.md"])
def test_out_and_in_again(tmp_path: Path, name: str, language: str) -> None:
    set_language(language)
    path = tmp_path / name
    assert write(path, (WHOLE, OLD), BRANDS) == 2
    set_language("en")
    first, second = read(path)
    assert replace(first.entry, brand_id=3) == WHOLE
    assert (first.brand, second.brand) == ("云雀", "")
    assert second.entry == OLD


@given(st.lists(_ENTRIES, min_size=1, max_size=4))
def test_any_entry_survives_a_sheet(entries: list[Entry]) -> None:
    assert [written.entry for written in from_csv(as_csv(entries, {}))] == entries


@given(st.lists(_ENTRIES, min_size=1, max_size=4))
def test_any_entry_survives_markdown(entries: list[Entry]) -> None:
    assert [written.entry for written in from_markdown(as_markdown(entries, {}))] == entries


@pytest.mark.parametrize("said", ["=1+1", "@SUM(A1)", "+86", "-2", "'=1", "''@x", "\t=1", "＝1"])
def test_no_cell_is_a_formula(said: str) -> None:
    entry = Entry(title=said, patterns=(said,), answer=said, product=said, owner=said)
    rows = list(csv.reader(io.StringIO(as_csv([entry], {}))))
    assert all(
        not cell.lstrip("\t \r\n").startswith(("=", "+", "-", "@", "＝")) for row in rows for cell in row
    )
    assert [written.entry.title for written in from_csv(as_csv([entry], {}))] == [clean(said).strip()]


def test_a_sheet_of_excels_in_china(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes("问题;答案;公开;备注\r\n怎么退;联系客服;是;x\r\n".encode("gb18030"))
    [written] = read(path)
    assert (written.entry.title, written.entry.answer, written.entry.public) == ("怎么退", "联系客服", True)


@pytest.mark.parametrize(
    ("text", "line", "about"),
    [
        ("问题,链接\na,b\n", 1, "first row"),
        ("问题,答案,复核日期\na,b,2026-12-31\nc,d,明天\n", 3, "明天"),
        ('问题,答案,公开\n"a\nb",c,也许\n', 2, "也许"),
        ('问题,答案,复核日期\n"两\n行",b,\nc,d,2026-02-30\n', 4, "2026-02-30"),
        ('问题,答案\na,"b\n', 2, "CSV"),
    ],
)
def test_a_sheets_mistakes_name_their_line(text: str, line: int, about: str) -> None:
    with pytest.raises(ImportFailed) as refused:
        from_csv(text)
    assert f"Line {line}:" in refused.value.text
    assert about in refused.value.text


@pytest.mark.parametrize(
    ("text", "line", "about"),
    [
        ("前言\n## 问\n\n答", 1, "before the first question"),
        ("# 知识库\n\n## 问\n- 产品: x\n- 颜色: 红\n\n答", 5, "颜色"),
        ("## 问\n- 复核日期: 下周\n\n答", 1, "下周"),
    ],
)
def test_markdowns_mistakes_name_their_line(text: str, line: int, about: str) -> None:
    with pytest.raises(ImportFailed) as refused:
        from_markdown(text)
    assert f"Line {line}:" in refused.value.text
    assert about in refused.value.text


@pytest.mark.parametrize("name", ["a.txt", "empty.md", "gone.csv", "bytes.csv"])
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name != "gone.csv":
        path.write_bytes(b"\xff\xfe\x00\x81\x20" if name == "bytes.csv" else b"")
    with pytest.raises(ImportFailed):
        read(path)
