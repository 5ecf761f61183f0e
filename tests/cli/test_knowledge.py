"""`tingfeng draft` and `kb`, over a home of their own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.test_reply import Program

ANSWER = "请用原装充电器，仍烫手请停用并联系我们检测。"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    made = Program(tmp_path / "home", capsys, monkeypatch)
    made.json("brand", "add", "云雀")
    posts = tmp_path / "posts.jsonl"
    texts = ("云雀手机一充电就烫手，正常吗？", "云雀手机充电很热怎么办")
    now = datetime.now(UTC).isoformat()
    posts.write_text(
        "".join(
            json.dumps(
                {"id": f"p{n}", "text": text, "author": "王小明", "published_at": now, "platform": "weibo"},
                ensure_ascii=False,
            )
            + "\n"
            for n, text in enumerate(texts)
        ),
        "utf-8",
    )
    made.json("import", str(posts), "--no-score")
    return made


@pytest.fixture
def stocked(program: Program) -> Program:
    [entry] = program.json(
        *("kb", "add", "--question", "手机充电发烫怎么办", "--answer", "-", "--ask", "快充烫手"),
        *("--product", "手机", "--review", "2020-01-31", "--public", "--tag", "充电"),
        stdin=ANSWER,
    )
    assert entry["id"] == 1
    assert entry["answer"] == ANSWER
    assert entry["review_on"] == "2020-01-31"
    assert entry["brand"] is None
    return program


def test_a_draft_comes_from_the_entry_that_answers(stocked: Program) -> None:
    [draft] = stocked.json("draft", "1", "--tone", "brief")
    assert ANSWER in draft["text"]
    assert (draft["entry_id"], draft["tone"], draft["overdue"]) == (1, "brief", True)
    assert draft["rests"][0] == {"kind": "entry", "id": 1, "title": "手机充电发烫怎么办"}
    assert draft["choices"][0]["fits"]
    said = stocked.run("draft", "1")
    assert ANSWER in said.stdout
    assert "From entry 1" in said.stdout
    assert "past its review date" in said.stderr
    alone = stocked.run("draft", "1", "--entry", "0")
    assert ANSWER not in alone.stdout
    assert "--entry 1" in alone.stdout
    assert stocked.run("draft", "99").returncode == 1


def test_what_should_not_go_out_is_said(stocked: Program) -> None:
    stocked.json("kb", "add", "--question", "云雀手机充电烫手正常吗", "--answer", "我们保证100%没问题")
    [draft] = stocked.json("draft", "1", "--entry", "2")
    assert [one["kind"] for one in draft["findings"]] == ["promise", "claim"]
    assert "保证" in stocked.run("draft", "1", "--entry", "2").stderr


def test_heat_gaps_and_reviews(stocked: Program) -> None:
    [entry] = stocked.json("kb", "list", "--heat")
    assert (entry["asked"], sorted(entry["mention_ids"])) == (2, [1, 2])
    assert "2×" in stocked.run("kb", "list", "--heat").stdout
    assert [one["id"] for one in stocked.json("kb", "list", "--due")] == [1]
    assert stocked.json("kb", "gaps") == []
    stocked.json("kb", "archive", "1")
    assert stocked.json("kb", "list") == []
    assert [one["active"] for one in stocked.json("kb", "list", "--archived")] == [False]
    assert sum(one["asked"] for one in stocked.json("kb", "gaps")) in (0, 2)
    stocked.json("kb", "archive", "1", "--back")
    assert len(stocked.json("kb", "list")) == 1


def test_search_says_when_nothing_fits(stocked: Program) -> None:
    [found] = stocked.json("kb", "search", "充电的时候烫手")
    assert (found["id"], found["fits"]) == (1, True)
    assert stocked.json("kb", "search", "代言人是谁", code=1) == []


def test_files_out_and_in(stocked: Program, tmp_path: Path) -> None:
    for name in ("kb.md", "kb.csv"):
        path = str(tmp_path / name)
        assert stocked.json("kb", "export", "--out", path) == [{"path": path, "entries": 1}]
        assert stocked.json("kb", "import", path) == [{"new": 0, "changed": 0, "same": 1}]
    bad = tmp_path / "bad.md"
    bad.write_text("## 问\n- Review on: soon\n\n答\n", "utf-8")
    refused = stocked.run("kb", "import", str(bad))
    assert refused.returncode == 1
    assert "Line 1" in refused.stderr
    assert stocked.run("kb", "import", str(tmp_path / "gone.md")).returncode == 1


def test_the_help_page(stocked: Program, tmp_path: Path) -> None:
    [made] = stocked.json("kb", "page", "--out", str(tmp_path / "help"), "--title", "云雀帮助")
    html = Path(made["path"]).read_text("utf-8")
    assert (made["entries"], made["left_out"]) == (1, [])
    assert "云雀帮助" in html
    assert ANSWER in html


@pytest.mark.parametrize(
    "arguments",
    [
        ("kb", "add", "--question", " ", "--answer", "a"),
        ("kb", "add", "--question", "q", "--answer", "a", "--review", "soon"),
        ("kb", "add", "--question", "q", "--answer", "a", "--brand", "没有"),
        ("kb", "add", "--question", "手机充电发烫怎么办", "--answer", "另一个"),
        ("kb", "archive", "9"),
        ("kb", "export", "--out", "kb.txt"),
    ],
)
def test_refusals_are_one_sentence(stocked: Program, arguments: tuple[str, ...]) -> None:
    refused = stocked.run(*arguments)
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
