"""`tingfeng desk` and `audit`: a claim is one person's, and the books say who did what."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.cli.main import run
from app.domain.mention import Author, Mention
from app.domain.people import Person
from app.domain.watch import Source
from app.home import Home
from app.storage import Found, Storage

EVIL = "=cmd|' /C calc'!A0\x1b[31m"


@pytest.fixture
def tingfeng(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """tingfeng("desk", "list") → (exit code, standard output, standard error)."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    home = Home(tmp_path / "home")
    home.root.mkdir()
    now = datetime.now(UTC)
    with Storage.open(str(home.database), backups=home.backups) as storage:
        source = storage.sources.save(Source(kind="feed", name="论坛"))
        found = [
            Found(
                mention=Mention(
                    platform="weibo",
                    native_id=str(n),
                    url="https://example.com/1",
                    text=EVIL if n == 2 else f"第{n}条",
                    author=Author(name="甲"),
                ),
                published_at=now - timedelta(minutes=n),
                dated=True,
            )
            for n in (1, 2, 3)
        ]
        storage.mentions.save_page(source.id, found, None, now=now)

    def called(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--home", str(home.root), "--lang", "en", *arguments], lambda _session, _drill: 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return called


def rows(told: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.splitlines()]


def test_a_claim_is_one_persons(tingfeng: Callable[..., tuple[int, str, str]]) -> None:
    code, told, _err = tingfeng("desk", "claim", "1", "--as", "小王", "--json")
    [row] = rows(told)
    assert (code, row["owner"], row["done"], row["stage"]) == (0, "小王", True, "open")
    code, told, err = tingfeng("desk", "claim", "1", "--as", "小李")
    assert (code, told) == (1, "")
    assert "小王" in err
    code, told, err = tingfeng("desk", "claim", "1", "--as", "小李", "--json")
    assert (code, rows(told)[0]["owner"], rows(told)[0]["done"]) == (1, "小王", False)
    assert tingfeng("desk", "release", "1", "--as", "小李")[0] == 1
    assert tingfeng("desk", "release", "1", "--as", "小王")[0] == 0
    assert tingfeng("desk", "claim", "1", "--as", "小李")[0] == 0
    assert tingfeng("desk", "claim", "99", "--as", "小李")[0] == 1


def test_lists(tingfeng: Callable[..., tuple[int, str, str]]) -> None:
    assert tingfeng("desk", "list")[1].strip() == "Nothing stands in this list."
    for id_, name in (("1", "小王"), ("2", "小李"), ("3", "小王")):
        tingfeng("desk", "claim", id_, "--as", name)
    tingfeng("desk", "pause", "3", "--why", "等工程师", "--as", "小王")
    tingfeng("desk", "note", "2", "--text", "看一下", "--as", "小王")

    def listed(*arguments: str) -> list[int]:
        return [row["mention_id"] for row in rows(tingfeng("desk", "list", *arguments, "--json")[1])]

    assert listed() == listed("--team") == [1, 2]
    assert listed("--mine", "--as", "小王") == [1]
    assert listed("--waiting") == [3]
    assert listed("--unclaimed") == listed("--done") == []
    assert listed("--team", "--limit", "1") == [1]
    assert listed("--severity", "P1") == []
    row = rows(tingfeng("desk", "list", "--json")[1])[1]
    assert (row["holder"], row["notes"], row["last_note"]["text"]) == ("小李", 1, "看一下")
    assert 1700 < row["seconds_left"] <= 1800
    shown = tingfeng("desk", "list")[1]
    assert "\x1b" not in shown
    assert "left" in shown
    assert "waiting (等工程师)" in tingfeng("desk", "list", "--waiting")[1]
    assert tingfeng("desk", "resume", "3", "--as", "小王")[0] == 0
    assert listed("--waiting") == []
    assert tingfeng("desk", "done", "3", "--as", "小李")[0] == 1  # it is a colleague's
    assert tingfeng("desk", "done", "3", "--as", "小王")[1].strip() == "Mention 3 is done."
    assert listed("--done") == [3]
    assert tingfeng("desk", "reopen", "3")[1].strip() == "Mention 3 is nobody's."
    assert tingfeng("desk", "ignore", "3")[0] == 0
    assert listed("--done") == [3]  # in view for second thoughts


def test_assigned_taken_over_and_noted(
    tingfeng: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    code, told, _err = tingfeng("desk", "assign", "1", "--to", "小李", "--note", "急", "--as", "小王")
    assert (code, told.strip()) == (0, "Mention 1 is with 小李.")
    code, told, _err = tingfeng("desk", "take-over", "1", "--why", "她病了", "--as", "小王", "--json")
    assert (code, rows(told)[0]["former"], rows(told)[0]["owner"]) == (0, "小李", "小王")
    code, told, _err = tingfeng("desk", "note", "1", "--text", "@小李 已接手", "--as", "小王", "--json")
    assert (code, rows(told)[0]["to"]) == (0, ["小李"])
    with Storage.open(str(Home(tmp_path / "home").database)) as storage:
        storage.people.save(Person(name="小李"))
    code, _told, err = tingfeng("desk", "assign", "1", "--to", "小丽", "--as", "小王")
    assert code == 1
    assert "小李" in err  # who there is


def test_the_books(tingfeng: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    tingfeng("desk", "claim", "1", "--as", "小王")
    tingfeng("desk", "note", "1", "--text", EVIL, "--as", "小王")
    tingfeng("desk", "claim", "2", "--as", "小李")
    told = rows(tingfeng("audit", "--json")[1])
    assert [(row["by"], row["what"], row["mention_id"]) for row in told] == [
        ("小李", "claim", 2),
        ("小王", "note", 1),
        ("小王", "claim", 1),
    ]
    assert len(rows(tingfeng("audit", "--by", "小王", "--what", "note", "--json")[1])) == 1
    assert len(rows(tingfeng("audit", "--mention", "2", "--json")[1])) == 1
    assert rows(tingfeng("audit", "--to", "yesterday", "--json")[1]) == []
    assert "\x1b" not in tingfeng("audit")[1]
    files = {kind: tmp_path / f"账.{kind}" for kind in ("csv", "xlsx", "jsonl")}
    for count, file in enumerate(files.values(), 3):  # that it was exported is in the books, too
        assert rows(tingfeng("audit", "--out", str(file), "--json")[1])[0]["rows"] == count
    with files["csv"].open(encoding="utf-8-sig", newline="") as file:
        cells = list(csv.reader(file))
    assert cells[0] == ["When", "Who", "Deed", "Mention", "Subject", "Detail", "Key"]
    assert cells[2][5].startswith("'=cmd")
    sheet = openpyxl.load_workbook(files["xlsx"]).active
    assert sheet is not None
    assert sheet["F3"].data_type == "s"
    assert (sheet["D3"].value, sheet["G3"].value) == (1, "note")
    lines = rows(files["jsonl"].read_text("utf-8"))
    assert [row["what"] for row in lines] == ["claim", "note", "claim", "export", "export"]
    assert lines[1]["detail"] == EVIL.strip()
    assert tingfeng("audit", "--out", str(tmp_path / "x.txt"))[0] == 1
    assert tingfeng("audit", "--out", str(tmp_path / "no" / "x.csv"))[0] == 1
