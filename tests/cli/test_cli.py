"""The command line as a process: what it prints, what it exits with, what it leaves behind."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """`python -m app` with its own home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str, lang: str = "en", stdin: str = "") -> subprocess.CompletedProcess[str]:
        env = {
            name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")
        }
        return subprocess.run(
            [sys.executable, "-m", "app", "--home", str(self.home), "--lang", lang, *arguments],
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=110,
            encoding="utf-8",
            env=env,
            check=False,
        )

    def json(self, *arguments: str, code: int = 0, stdin: str = "") -> list[dict[str, Any]]:
        done = self.run(*arguments, "--json", stdin=stdin)
        assert done.returncode == code, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


def test_from_the_web_to_the_sheet(program: Program, site: Any, tmp_path: Path) -> None:
    program.json("brand", "add", "云雀", "--query", "云雀 -招聘", "--exclude", "云雀鸣叫")
    program.json("brand", "add", "山岚", "--query", "山岚", "--competitor")
    [source] = program.json("source", "add", "feed", "--url", f"{site.url}/feed.json")
    assert source["kind"] == "feed"
    site.add(
        "云雀手机太差劲了，充电发热烫手，客服态度恶劣，再也不买了，垃圾！",
        "=cmd|' /C calc'!A0 山岚很好用",
        "清晨云雀鸣叫",
        "云雀 招聘",
        "今天天气不错",
    )
    told = program.json("watch", "--once")
    mentions = [one for one in told if one["type"] == "mention"]
    assert {tuple(one["brands"]) for one in mentions} == {("云雀",), ("山岚",)}
    angry = next(one for one in mentions if one["brands"] == ["云雀"])
    assert angry["tone"] == "negative"
    assert angry["score"] < 0.5
    assert angry["engine"] == "ngram"
    assert angry["evidence"]
    for one in angry["evidence"]:
        assert angry["text"][one["start"] : one["end"]] == one["span"]
    assert angry["status"] == "new"
    assert angry["source"] == "feed"
    assert angry["url"].startswith(site.url)
    assert angry["published_at"]
    assert program.json("watch", "--once") == []
    found = program.json("search", "发热", "--limit", "5")
    assert [one["id"] for one in found] == [angry["id"]]
    assert len(program.json("search", "云雀")) == 3
    out = tmp_path / "week.csv"
    [done] = program.json("export", "--out", str(out), "--from", "7d")
    assert done["rows"] == 2
    rows = list(csv.reader(out.read_text(encoding="utf-8-sig").splitlines()))
    cells = [cell for row in rows for cell in row]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert not any(cell.startswith("=") for cell in cells)
    sheet = tmp_path / "week.xlsx"
    assert program.json("export", "--out", str(sheet), "--brand", "云雀")[0]["rows"] == 1
    assert sheet.read_bytes()[:2] == b"PK"


def test_a_dead_source_fails_in_one_sentence_and_the_rest_goes_on(program: Program, site: Any) -> None:
    program.json("source", "add", "feed", "--url", f"{site.url}/feed.json")
    program.json("source", "add", "feed", "--url", "http://127.0.0.1:1/feed", "--name", "死掉的源")
    site.add("云雀")
    done = program.run("watch", "--once", "--json")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert len(done.stderr.splitlines()) == 1
    assert "死掉的源" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nonsense",), 2),
        (("source", "add", "feed", "--colour", "red"), 2),
        (("source", "add", "nowhere"), 2),
        (("export",), 2),
        (("brand", "add", "云雀", "--query", "(云雀"), 1),
        (("source", "add", "feed"), 1),
        (("watch", "--once"), 1),
        (("brand", "remove", "谁"), 1),
        (("source", "remove", "9"), 1),
        (("import", "nowhere.csv"), 1),
        (("export", "--out", "x.pdf"), 1),
        (("search", '"open'), 1),
        (("export", "--out", "x.csv", "--from", "sometime"), 1),
        (("drill", "--speed", "9000"), 1),
        (("drill", "--scenario", "nobody"), 1),
    ],
)
def test_exit_codes(program: Program, arguments: tuple[str, ...], code: int) -> None:
    done = program.run(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr
    if code == 1:
        assert len(done.stderr.strip().splitlines()) == 1


def test_errors_are_chinese_for_those_who_read_chinese(program: Program) -> None:
    done = program.run("brand", "add", "云雀", "--query", "(云雀", lang="zh_CN")
    assert any("\u4e00" <= character <= "\u9fff" for character in done.stderr.replace("云雀", ""))


def test_an_import_is_taken_once(program: Program, tmp_path: Path) -> None:
    sheet = tmp_path / "评论.csv"
    sheet.write_bytes(
        "正文,作者,发布时间,链接\n云雀发热严重,小王,2026-11-20 10:00,http://x/1\n很好用,小李,,\n".encode(
            "gb18030"
        )
    )
    assert program.json("import", str(sheet), "--no-score")[0]["new"] == 2
    again = program.json("import", str(sheet), "--no-score")[0]
    assert again["new"] == 0
    rows = program.json("search", "发热")
    assert [row["author"] for row in rows] == ["小王"]
    assert rows[0]["published_at"].startswith("2026-11-20T02:00")


def test_score_answers_every_line_in_order() -> None:
    texts = ["太差了，退货", "", "😡😡", "hello", "很好，喜欢", "\x00\x1b[31m", "好" * 5000]
    done = subprocess.run(
        [sys.executable, "-m", "app", "score"],
        cwd=ROOT,
        input="\n".join(texts).encode() + b"\n\xff\xfe\n",
        capture_output=True,
        timeout=110,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [one["text"] for one in answers[:-1]] == texts
    assert len(answers) == len(texts) + 1
    assert all(
        0 <= one["score"] <= 1 and one["tone"] in ("negative", "neutral", "positive") for one in answers
    )
    assert all(abs(sum(one["p"].values()) - 1) < 1e-4 for one in answers)
    assert answers[0]["tone"] == "negative"
    assert answers[4]["tone"] == "positive"


def test_a_secret_comes_from_standard_input_and_is_never_shown(program: Program, site: Any) -> None:
    done = program.run(
        "source",
        "add",
        "feed",
        "--url",
        f"{site.url}/weibo/keyword/x",
        "--key-stdin",
        stdin="hush-hush-1\n",
    )
    assert done.returncode == 0, done.stderr
    told = program.run("source", "list", "--json").stdout + program.run("doctor", "--json").stdout
    assert "hush-hush-1" not in told
    site.add("云雀")
    program.run("watch", "--once")
    assert "hush-hush-1" not in "".join(site.asked)
    assert "code=" in site.asked[-1]
    for path in program.home.rglob("*"):
        if path.is_file() and path.name != "secrets.json":
            assert b"hush-hush-1" not in path.read_bytes()


def test_without_a_display_the_terminal_feed_says_so_and_plays_the_drill(program: Program) -> None:
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    running = subprocess.Popen(
        [sys.executable, "-m", "app", "--home", str(program.home), "--lang", "en"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert running.stdout is not None
    assert running.stderr is not None
    try:
        seen: list[str] = []
        for line in running.stdout:
            seen.append(line)
            if len(seen) > 100 and any("ALERT" in one for one in seen):
                break
        assert len(seen) > 100
    finally:
        running.terminate()
        said = running.stderr.read()
        running.stdout.close()
        running.stderr.close()
        assert running.wait(30) == 0
    assert "tingfeng watch" in said.splitlines()[0]


def test_the_drills_are_listed(program: Program) -> None:
    listed = program.json("drill", "--list")
    assert {"overheating", "slow-burn", "flash", "good-news", "copy-campaign", "outage"} <= {
        one["name"] for one in listed
    }
    words = program.run("drill", "--list", lang="zh_CN").stdout
    assert "good-news" in words
    assert "小时" in words


def test_a_drill_of_ones_own_ends_with_one_object(program: Program, tmp_path: Path) -> None:
    post = {"id": "a", "at": 0, "phase": "outbreak", "channel": "weibo", "label": "negative",
            "author": {"name": "阿树", "id": "1", "followers": 300000, "verified": True},
            "text": "云雀手机充电起火，孩子烫伤，客服装死，要求赔偿！"}  # fmt: skip
    path = tmp_path / "ours.json"
    path.write_text(
        json.dumps(
            {
                "format": 2, "name": "ours", "title": "自编", "length": 12, "posts": [post],
                "brands": [{"name": "云雀", "query": "云雀"}],
                "app": {"id": "900000001", "name": "云雀", "bundle": "b", "version": "1"},
            }
        ),
        encoding="utf-8",
    )  # fmt: skip
    [told] = program.json("drill", "--scenario", str(path), "--speed", "3600")
    assert told["scenario"] == "ours"
    assert (told["read"], told["lost"], told["twice"], told["false_alarm_count"]) == (1, 0, 0, 0)
    assert 0 <= told["minutes_to_first_alarm"] <= 12
    assert not list(program.home.glob("*.db"))


def test_a_recording_is_refused_where_there_is_nothing(program: Program, tmp_path: Path) -> None:
    program.json("brand", "add", "云雀")
    out = tmp_path / "x.json"
    done = program.run("drill", "record", str(out), "--brand", "云雀", "--from", "7d", "--to", "today")
    assert done.returncode == 1
    assert "云雀" in done.stderr
    assert not out.exists()


def test_how_well_a_source_is_seen_is_told(program: Program, site: Any) -> None:
    [source] = program.json("source", "add", "feed", "--url", f"{site.url}/feed.json")
    site.add("云雀", "山岚")
    program.json("watch", "--once")
    site.fail.append((503, {}))
    assert program.run("watch", "--once").returncode == 1
    [told] = program.json("source", "show", str(source["id"]))
    assert told["type"] == "freshness"
    assert told["health"] == "retrying"
    assert told["came_day"] == 2
    assert told["expected_day"] is None
    assert told["basis"] == "public feed"
    assert told["personal"]
    assert told["age_seconds"] >= 0
    assert [(gap["cause"], gap["outcome"]) for gap in told["gaps"]] == [("unreachable", None)]
    program.json("watch", "--once")
    [gap] = program.json("gaps", "--source", str(source["id"]))
    assert gap["outcome"] == "filled"
    seen = [one for one in program.json("doctor") if one.get("type") == "freshness"]
    assert [one["name"] for one in seen] == [told["name"]]
    said = program.run("source", "show", str(source["id"])).stdout
    assert "2 mentions" in said
    assert "nothing was missed" in said
