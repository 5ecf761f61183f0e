"""A cursor is worth nothing if a row is lost or read again: growing, cut, replaced, vanished files."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def _ids(page: Any) -> list[str]:
    return [one.native_id for one in page.mentions]


def _rows(kit: Any, *numbers: int) -> list[dict[str, Any]]:
    return [kit.row("weibo", "contents", "new", n) for n in numbers]


def _name(n: int) -> str:
    return str(700_000_000_000_000 + n)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_only_what_was_appended(kit: Any, tmp_path: Path, poll: Any, form: str) -> None:
    path = tmp_path / f"search_contents.{form}"
    getattr(kit, form)(path, _rows(kit, 0, 1))
    first = poll(tmp_path)
    assert _ids(first) == [_name(0), _name(1)]
    assert _ids(poll(tmp_path, first.cursor)) == []
    getattr(kit, form)(path, _rows(kit, 0, 1, 2))
    assert _ids(poll(tmp_path, first.cursor)) == [_name(2)]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_half_written_line_waits(kit: Any, tmp_path: Path, poll: Any, form: str) -> None:
    path = tmp_path / f"search_contents.{form}"
    getattr(kit, form)(path, _rows(kit, 0, 1))
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    first = poll(path)
    assert _ids(first) == [_name(0)]
    path.write_bytes(whole)
    assert _ids(poll(path, first.cursor)) == [_name(1)]


def test_a_last_line_without_a_break_is_read_once_the_file_rests(tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,likes\n好用,1\n不好用,2", "utf-8")
    first = poll(path)
    assert [one.text for one in first.mentions] == ["好用"]
    second = poll(path, first.cursor)
    assert [(one.text, one.counts.likes) for one in second.mentions] == [("不好用", 2)]
    third = poll(path, second.cursor)
    assert third.mentions == ()
    path.write_text("text,likes\n好用,1\n不好用,250\n再说,3\n", "utf-8")  # it was half written after all
    last = poll(path, third.cursor)
    assert [(one.text, one.counts.likes) for one in last.mentions] == [("不好用", 250), ("再说", 3)]


@settings(max_examples=40, deadline=None)
@given(data=st.data(), form=st.sampled_from(["jsonl", "csv", "json"]))
def test_growing_by_any_steps_gives_the_same_rows(kit: Any, data: Any, form: str) -> None:
    from monitors.folder import Settings, read_path
    from monitors.folder import _desk as desk_of
    from monitors.folder import _page as page_of

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"search_contents.{form}"
        getattr(kit, form)(path, _rows(kit, *range(6)))
        whole = path.read_bytes()
        wanted = {
            (one.native_id, one.text) for page in read_path(Settings(path=folder)) for one in page.mentions
        }
        cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
        cursor, found = None, []
        for step, end in enumerate([*cuts, len(whole)]):
            path.write_bytes(whole[:end])
            os.utime(path, ns=(step * 10**9 + 10**18, step * 10**9 + 10**18))
            page = page_of(Settings(path=folder), cursor, desk_of(Settings(path=folder)), final=False)
            found += [(one.native_id, one.text) for one in page.mentions]
            cursor = page.cursor
        assert set(found) == wanted
        if form != "json":
            assert len(found) == len(wanted)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_replaced_or_shorter_file_is_read_from_the_beginning(
    kit: Any, tmp_path: Path, poll: Any, form: str
) -> None:
    path = tmp_path / f"search_contents.{form}"
    getattr(kit, form)(path, _rows(kit, 0, 1, 2))
    first = poll(path)
    getattr(kit, form)(path, _rows(kit, 7))
    second = poll(path, first.cursor)
    assert _ids(second) == [_name(7)]
    getattr(kit, form)(path, _rows(kit, 7, 8, 9, 3))
    assert set(_ids(poll(path, second.cursor))) >= {_name(8), _name(9), _name(3)}
    getattr(kit, form)(path, _rows(kit, 4, 5, 6, 8))  # as long as before, and quite another
    assert _ids(poll(path, first.cursor)) == [_name(n) for n in (4, 5, 6, 8)]


def test_a_file_with_the_same_header_and_other_rows_is_another_file(tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "export.csv"
    padding = "x" * 600
    path.write_text(f"text,{padding}\n第一天说的话,\n", "utf-8")
    first = poll(path)
    path.write_text(f"text,{padding}\n第二天的完全不同,\n还有一句,\n", "utf-8")
    assert [one.text for one in poll(path, first.cursor).mentions] == ["第二天的完全不同", "还有一句"]


def test_deleted_files_leave_the_cursor(kit: Any, tmp_path: Path, poll: Any) -> None:
    kit.jsonl(tmp_path / "a.jsonl", _rows(kit, 0))
    kit.jsonl(tmp_path / "b.jsonl", _rows(kit, 1))
    first = poll(tmp_path)
    (tmp_path / "a.jsonl").unlink()
    second = poll(tmp_path, first.cursor)
    assert list(json.loads(second.cursor)["files"]) == ["b.jsonl"]


@pytest.mark.parametrize(
    "cursor",
    ["", "null", "[]", "{", '{"v":1}', '{"v":1,"by":3,"files":[]}', '{"v":99}', "\ud800", "9" * 5000,
     "[" * 100_000],
)  # fmt: skip
def test_a_corrupt_cursor_is_no_cursor(kit: Any, tmp_path: Path, poll: Any, cursor: str) -> None:
    kit.jsonl(tmp_path / "a.jsonl", _rows(kit, 0))
    assert _ids(poll(tmp_path, cursor)) == [_name(0)]


def test_entries_that_were_tampered_with_are_read_anew(kit: Any, tmp_path: Path, poll: Any) -> None:
    kit.csv(tmp_path / "a.csv", _rows(kit, 0))
    held = json.loads(poll(tmp_path).cursor)
    for wrong in ({"at": -1}, {"at": "x"}, {"at": 3}, [], {"at": 10**30}):
        held["files"]["a.csv"] = {**held["files"]["a.csv"], "st": wrong, "end": 0, "s": 1}
        assert _ids(poll(tmp_path, json.dumps(held))) == [_name(0)]


def test_another_mapping_reads_everything_anew(tmp_path: Path, poll: Any) -> None:
    (tmp_path / "a.csv").write_text("甲,乙\n说了一句,另一句\n", "utf-8")
    first = poll(tmp_path, mapping='{"text": "甲"}')
    second = poll(tmp_path, first.cursor, mapping='{"text": "乙"}')
    assert [one.text for one in (*first.mentions, *second.mentions)] == ["说了一句", "另一句"]


def test_many_rows_come_page_by_page(kit: Any, tmp_path: Path) -> None:
    kit.jsonl(tmp_path / "a.jsonl", _rows(kit, *range(1_500)))
    kit.xlsx(tmp_path / "b.xlsx", {"S": [["text"], *([f"第{n}行"] for n in range(2_300))]})
    pages = kit.pages(tmp_path)
    assert all(len(page.mentions) <= 1_000 for page in pages)
    assert len({one.native_id for page in pages for one in page.mentions}) == 3_800
    assert sum(len(page.mentions) for page in pages) == 3_800
    assert [page.more for page in pages][-1] is False


def test_sqlite_new_and_changed_rows(kit: Any, tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "sqlite_tables.db"
    kit.sqlite(path, "weibo_note", _rows(kit, *range(5)))
    first = poll(tmp_path)
    assert len(first.mentions) == 5
    assert poll(tmp_path, first.cursor).mentions == ()
    base = sqlite3.connect(path)
    base.execute("UPDATE weibo_note SET liked_count = '777', last_modify_ts = 1795170000000 WHERE id = 2")
    base.commit()
    base.close()
    kit.sqlite(path, "weibo_note", _rows(kit, 9))
    second = poll(tmp_path, first.cursor)
    assert sorted(_ids(second)) == [_name(1), _name(9)]
    assert next(one for one in second.mentions if one.native_id == _name(1)).counts.likes == 777
    assert poll(tmp_path, second.cursor).mentions == ()
    path.unlink()
    kit.sqlite(path, "weibo_note", _rows(kit, 20, 21))
    assert _ids(poll(tmp_path, second.cursor)) == [_name(20), _name(21)]


def test_sqlite_in_pages_and_in_its_write_ahead_log(kit: Any, tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "数据 100%?#.db"
    base = sqlite3.connect(path)
    base.execute("PRAGMA journal_mode=WAL")
    base.close()
    kit.sqlite(path, "xhs_note", [kit.row("xhs", "contents", "new", n) for n in range(2_500)])
    first = poll(path)
    assert len(set(_ids(first))) == len(first.mentions) == 2_500
    writer = sqlite3.connect(path)
    writer.execute("UPDATE xhs_note SET desc = '改过了', last_modify_ts = 1795170000000 WHERE id <= 1200")
    writer.commit()  # stays in the log while the writer is there
    try:
        second = poll(path, first.cursor)
    finally:
        writer.close()
    assert len(second.mentions) == 1_200
    assert {one.text for one in second.mentions} == {"改过了"}
