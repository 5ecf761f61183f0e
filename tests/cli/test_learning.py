"""Teaching the judge from the command line, as a process with a home of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Answers = list[dict[str, Any]]


@pytest.fixture
def tell(tmp_path: Path) -> Callable[..., Answers]:
    def run(*arguments: str, code: int = 0) -> Answers:
        line = [sys.executable, "-m", "app", "--home", str(tmp_path / "home"), "--lang", "en", *arguments]
        done = subprocess.run(
            [*line, "--json"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=110,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return (
            [json.loads(each) for each in done.stdout.splitlines()] if not code else [{"said": done.stderr}]
        )

    return run


def test_people_teach_and_take_back(tell: Callable[..., Answers], tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    lines = [{"id": str(n), "text": f"云雀第{n}次翻新，大家都说刑，可拷", "url": ""} for n in range(1, 4)]
    posts.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    tell("brand", "add", "云雀")
    tell("import", str(posts))
    ids = [row["id"] for row in tell("search", "云雀")]
    assert len(ids) == 3
    [done] = tell("correct", str(ids[0]), "negative")
    assert (done["tone"], done["corrected"]) == ("negative", True)
    assert "Say a tone" in tell("correct", str(ids[0]), code=1)[0]["said"]
    [learnt] = tell("learn", "--brand", "云雀")
    assert (learnt["corrections"], learnt["active"]) == (1, True)
    [off] = tell("learn", "--brand", "云雀", "--off")
    assert not off["active"]
    [back] = tell("correct", str(ids[0]), "--undo")
    assert not back["corrected"]


def test_a_word_gets_a_weight_and_everything_is_judged_again(
    tell: Callable[..., Answers], tmp_path: Path
) -> None:
    posts = tmp_path / "posts.jsonl"
    posts.write_text(
        json.dumps({"id": "1", "text": "云雀这次真的炸街", "url": ""}, ensure_ascii=False), "utf-8"
    )
    tell("brand", "add", "云雀")
    tell("import", str(posts))
    [before] = tell("search", "云雀")
    [word] = tell("word", "add", "炸街", "3")
    assert [one["phrase"] for one in tell("word", "list")] == ["炸街"]
    tell("rescore")
    [after] = tell("search", "云雀")
    assert after["p"]["pos"] > before["p"]["pos"]
    assert after["version"] != before["version"]
    tell("word", "remove", str(word["id"]))
    assert tell("word", "list") == []
    assert "-3" in tell("word", "add", "好", "9", code=1)[0]["said"]


def test_the_engines_are_listed_and_an_unknown_one_is_refused(tell: Callable[..., Answers]) -> None:
    engines = {one["id"]: one["chosen"] for one in tell("engine")}
    assert engines["ngram"]
    assert "snownlp" in engines
    assert "oracle" in tell("engine", "oracle", code=1)[0]["said"]
