"""Files that are damaged, hostile, locked or not there: a sentence, and the others go on."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from app.errors import BadResponse, ConfigError, Transient
from monitors.base import CanCheck
from monitors.folder import Folder, Settings, read_path


def _good(kit: Any, folder: Path) -> None:
    kit.jsonl(folder / "good_contents.jsonl", [kit.row("weibo", "contents", "new", 1)])


def _check(path: Path, **settings: Any) -> str:
    async def run() -> str:
        async with httpx.AsyncClient() as http:
            monitor = Folder(Settings(path=str(path), **settings), http)
            assert isinstance(monitor, CanCheck)
            return await monitor.check()

    return asyncio.run(run())


def _far_corner(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "text", "x"
    book.save(path)


BROKEN = {
    "empty zip.xlsx": b"PK\x05\x06" + b"\0" * 18,
    "cut.xlsx": b"PK\x03\x04 and then nothing",
    "protected.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000,
    "not a database.db": b"SQLite format 3\0" + b"\xff" * 2000,
    "noise.jsonl": os.urandom(64).replace(b"{", b"x") * 50 + b"\n" + b"\x80\x81\n" * 20,
    "no text.csv": "甲,乙\n1,2\n".encode(),
    "deep.jsonl": b'{"text":' + b"[" * 200_000 + b"\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_bad_file_does_not_stop_the_others(kit: Any, tmp_path: Path, poll: Any, name: str) -> None:
    _good(kit, tmp_path)
    (tmp_path / name).write_bytes(BROKEN[name])
    page = poll(tmp_path)
    assert len(page.mentions) == 1
    assert name in page.note
    again = poll(tmp_path, page.cursor)
    assert (again.mentions, again.skipped) == ((), 0)
    assert name in again.note  # still so, and still said


@pytest.mark.parametrize("name", BROKEN)
def test_alone_it_is_an_error_with_its_name(tmp_path: Path, poll: Any, name: str) -> None:
    (tmp_path / name).write_bytes(BROKEN[name])
    with pytest.raises((BadResponse, ConfigError)) as told:
        poll(tmp_path / name)
    assert name in str(told.value)
    with pytest.raises((BadResponse, ConfigError)):
        _check(tmp_path / name)


def test_a_workbook_made_to_take_all_memory_is_refused(tmp_path: Path, poll: Any) -> None:
    _far_corner(tmp_path / "a.xlsx")
    with pytest.raises(BadResponse, match="too large"):
        poll(tmp_path)
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "xl/worksheets/sheet1.xml", b"<row>" + b"<c/>" * 20_000 + b"</row>" + b"<row/>" * 20_000
        )
    with pytest.raises(BadResponse, match="too large"):
        poll(tmp_path / "b.xlsx")


def test_a_repaired_file_is_read(kit: Any, tmp_path: Path, poll: Any) -> None:
    _good(kit, tmp_path)
    (tmp_path / "a.xlsx").write_bytes(BROKEN["cut.xlsx"])
    page = poll(tmp_path)
    kit.xlsx(tmp_path / "a.xlsx", {"S": [["text"], ["修好了"]]})
    again = poll(tmp_path, page.cursor)
    assert [one.text for one in again.mentions] == ["修好了"]
    assert again.note == ""


def test_a_locked_database_waits(kit: Any, tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "sqlite_tables.db"
    kit.sqlite(path, "weibo_note", [kit.row("weibo", "contents", "new", 2)])
    crawler = sqlite3.connect(path, isolation_level=None)
    crawler.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Transient, match=r"sqlite_tables\.db"):
        poll(tmp_path)
    _good(kit, tmp_path)
    page = poll(tmp_path)
    assert len(page.mentions) == 1
    crawler.execute("COMMIT")
    crawler.close()
    assert len(poll(tmp_path, page.cursor).mentions) == 1


def test_a_path_that_is_not_there(kit: Any, tmp_path: Path, poll: Any) -> None:
    with pytest.raises(ConfigError) as told:
        poll(tmp_path / "nowhere")
    assert told.value.field == "path"
    _good(kit, tmp_path)
    page = poll(tmp_path)
    with pytest.raises(Transient):  # a drive that was there comes back
        poll(tmp_path / "nowhere", page.cursor.replace("x", "x")) if False else _gone(
            tmp_path, page.cursor, poll
        )


def _gone(tmp_path: Path, cursor: str, poll: Any) -> None:
    away = tmp_path.with_name(tmp_path.name + "-away")
    tmp_path.rename(away)
    try:
        poll(tmp_path, cursor)
    finally:
        away.rename(tmp_path)


def test_what_is_not_read(kit: Any, tmp_path: Path, poll: Any) -> None:
    outside = tmp_path / "outside"
    folder = tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    _good(kit, outside)
    row = kit.row("weibo", "contents", "new", 5)
    (folder / ".hidden").mkdir()
    for name in (
        ".hidden.jsonl",
        "~$a.xlsx",
        "a.jsonl.tmp",
        "b.jsonl.part",
        "notes.txt",
        ".hidden/x.jsonl",
    ):
        kit.jsonl(folder / name, [row])
    (folder / "link.jsonl").symlink_to(outside / "good_contents.jsonl")
    (folder / "dir").symlink_to(outside, target_is_directory=True)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "broken.jsonl").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe.jsonl")
    assert poll(folder).mentions == ()
    with pytest.raises(ConfigError):
        _check(folder)
    (folder / "in").mkdir()
    kit.jsonl(folder / "in" / "real.jsonl", [row])
    (folder / "inner.jsonl").symlink_to(folder / "in" / "real.jsonl")
    assert set(json.loads(poll(folder).cursor)["files"]) == {"in/real.jsonl", "inner.jsonl"}
    assert poll(folder, recursive=False).mentions != ()
    assert poll(folder, pattern="*.csv in/*").mentions != ()
    assert poll(folder, pattern="*.csv").mentions == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_without_permission(kit: Any, tmp_path: Path, poll: Any) -> None:
    _good(kit, tmp_path)
    (tmp_path / "mine.jsonl").write_text("{}\n")
    (tmp_path / "mine.jsonl").chmod(0)
    assert "mine.jsonl" in poll(tmp_path).note


def test_names_made_to_deceive(kit: Any, tmp_path: Path, poll: Any) -> None:
    _good(kit, tmp_path)
    (tmp_path / "evil\u202egnp\n<b>.csv").write_text("甲\n1\n", "utf-8")
    (tmp_path / os.fsdecode(b"\xff\xfe.csv")).write_text("甲\n1\n", "utf-8")
    page = poll(tmp_path)
    assert "\u202e" not in page.note
    page.note.encode()
    page.cursor.encode()
    assert poll(tmp_path, page.cursor).mentions == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path: Path, poll: Any, encoding: str, delimiter: str) -> None:
    text = f'内容{delimiter}作者\r\n"退货，{delimiter}\n还没到账\U0001f621"{delimiter}甲\r\n很好{delimiter}乙\r\n'  # noqa: E501
    raw = text.encode(encoding)
    path = tmp_path / "a.csv"
    path.write_bytes(("\ufeff".encode("utf-16-be") if encoding == "utf-16-be" else b"") + raw)
    page = poll(path)
    assert [(one.text, one.author.name) for one in page.mentions][1] == ("很好", "乙")
    assert page.mentions[0].text.replace(" ", "") == f"退货，{delimiter.strip()}\n还没到账\U0001f621"
    with path.open("ab") as file:
        file.write(f"再来{delimiter}丙\r\n".encode("utf-16-le" if encoding == "utf-16" else encoding))
    assert [one.author.name for one in poll(path, page.cursor).mentions] == ["丙"]


def test_encodings_mixed_in_one_file(tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "a.csv"
    lines = [
        "内容,作者".encode(),
        "发热,甲".encode("gb18030"),
        "退货,乙".encode(),
        b"\xff\xff broken,\xe4\xb8",
        b"nul\0s,x",
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    page = poll(path)
    assert [one.text for one in page.mentions[:2]] == ["发热", "退货"]
    assert len(page.mentions) == 4
    assert page.mentions[3].text == "nuls"
    assert "unreadable characters" in page.note


def test_ragged_rows_and_strange_headers(tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "sep=;\n作者;点赞;内容;内容\n甲;3\n乙;4;少一格\n丙;5;多;一;些\n作者;点赞;内容;内容\n\n;;;\n",
        "utf-8",
    )
    page = poll(path)
    assert [(one.author.name, one.text) for one in page.mentions] == [("乙", "少一格"), ("丙", "多")]
    assert page.skipped == 1
    assert "3 rows do not fit the header" in page.note
    path.write_text("text\n只有一列，但是, 有逗号\n", "utf-8")
    assert [one.text for one in poll(path).mentions] == ["只有一列，但是, 有逗号"]


def test_hostile_text_and_numbers(kit: Any, tmp_path: Path, poll: Any) -> None:
    rows = [
        {
            "text": "<script>alert(1)</script>坏\u202e事\x00\x07",
            "url": "javascript:alert(1)",
            "likes": "9" * 400,
        },
        {"text": "\ud800半个", "likes": float("inf"), "published_at": 1e308, "author": {"name": ["x"]}},
        {"text": "长" * 300_000, "likes": -5, "url": "https://user:pw@example.com/"},
        {"text": ["a", "b"], "likes": {"n": 1}, "rating": "∞"},
    ]
    with (tmp_path / "a.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in rows)
        file.write('null\n3\n"x"\n[]\n{"text": NaN}\n')
    page = poll(tmp_path)
    assert len(page.mentions) == 4
    for one in page.mentions:
        (one.text + one.native_id + one.url + one.raw + one.author.name).encode()
        assert one.url == ""
        assert "\u202e" not in one.text
        assert len(one.text) <= 100_000
    assert page.skipped == 4  # an empty array is nothing at all


def test_a_line_of_many_megabytes_is_counted_not_held(tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "one"}\n{"text": "' + b"x" * 20_000_000 + b'"}\n{"text": "two"}\n')
    page = poll(path)
    assert [one.text for one in page.mentions] == ["one", "two"]
    assert page.skipped == 1
    path.write_bytes(b'{"text": "' + b"x" * 40_000_000 + b'"}\n{"text": "three"}\n')
    page = poll(path)
    assert ([one.text for one in page.mentions], page.skipped) == (["three"], 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_quote_never_closed_costs_its_line_and_is_counted(tmp_path: Path, encoding: str) -> None:
    told = '正文,作者\n"没有收尾的引号,甲\n下一行还在,乙\n'
    (tmp_path / "q.csv").write_bytes(told.encode(encoding))
    pages = list(read_path(Settings(path=str(tmp_path / "q.csv"))))
    assert [one.text for page in pages for one in page.mentions] == ["下一行还在"]
    assert sum(page.skipped for page in pages) == 1


def test_check_says_what_it_sees(kit: Any, tmp_path: Path) -> None:
    _good(kit, tmp_path)
    kit.sqlite(tmp_path / "a.db", "weibo_note", [kit.row("weibo", "contents", "new", n) for n in range(7)])
    os.utime(tmp_path / "a.db", (1_795_151_100, 1_795_151_100))
    os.utime(tmp_path / "good_contents.jsonl", (1_795_151_000, 1_795_151_000))
    assert _check(tmp_path) == "2 files, about 8 rows, newest of 2026-11-20 13:05."
