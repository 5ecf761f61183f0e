"""`tingfeng stories`: every line answered, in order, whatever it holds."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.output import ready
from app.cli.session import Session
from app.cli.stories import stories
from app.errors import ConfigError
from app.home import Home

LINE = "小米14才用了三个月屏幕就出现绿线，客服说过保要自费，一块屏幕一千二，这质量真的让人寒心。"
FOOD = "海底捞外卖送来的毛肚已经发臭了，吃完全家拉肚子，去医院挂了急诊，商家到现在没有一个说法！"

Answers = Callable[..., tuple[list[dict[str, Any]], str]]


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Answers:
    """What the command says to these lines: the objects, and what it complains of."""

    def asked(*lines: object, **options: Any) -> tuple[list[dict[str, Any]], str]:
        raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\n".join(raw))))
        ready(sys.stdout)
        session = Session(Home(tmp_path), None, False, lambda _session, _drill: 1)
        given = {"summary": False, "window": 14.0, **options}
        assert stories(session, argparse.Namespace(**given)) == 0
        said = capfd.readouterr()
        return [json.loads(one) for one in said.out.split("\n") if one], said.err

    return asked


def test_every_field_of_an_answer(answers: Answers) -> None:
    told, complaints = answers(
        {"id": "a", "text": LINE, "at": "2026-11-01T10:00:00+08:00"},
        {"id": "b", "text": LINE + "😡 @李四", "at": 1793498400, "platform": "xhs"},
        {"id": "c", "text": "转发微博", "at": "2026-11-01 03:00:00", "parent_id": "a"},
        {"id": "d", "text": "太差了", "at": 1793498400000},
    )
    assert told == [
        {"id": "a", "story": 1, "new": True, "similarity": 0.0, "of": None, "by": None},
        {"id": "b", "story": 1, "new": False, "similarity": 1.0, "of": "a", "by": "same"},
        {"id": "c", "story": 1, "new": False, "similarity": 1.0, "of": "a", "by": "link"},
        {"id": "d", "story": None, "new": False, "similarity": 0.0, "of": None, "by": None},
    ]
    assert complaints == ""


def test_ids_that_are_numbers_stay_numbers(answers: Answers) -> None:
    told, _complaints = answers(
        {"id": 7, "text": LINE}, {"id": 8, "text": LINE}, {"id": 9, "text": "顶", "parent_id": 7}
    )
    assert [(one["id"], one["of"]) for one in told] == [(7, None), (8, 7), (9, 7)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"rubbish", "this is not a JSON object"),
        (b"[1]", "this is not a JSON object"),
        (b"\xff\xfe{}", "this is not"),
        (b"[" * 100_000, "this is not a JSON object"),
        ({"text": LINE}, "there is no id"),
        ({"id": "", "text": LINE}, "there is no id"),
        ({"id": True, "text": LINE}, "there is no id"),
        ({"id": "x"}, "there is no text"),
        ({"id": "x", "text": None}, "there is no text"),
        ({"id": "x", "text": LINE, "at": "yesterday"}, "“yesterday” is not a time"),
        ({"id": "x", "text": LINE, "at": 1e300}, "is not a time"),
        ({"id": "x", "text": LINE, "at": [1]}, "is not a time"),
        (b'{"id": "x", "text": "a", "at": NaN}', "is not a time"),
        ({"id": "x", "text": LINE, "at": "9999-12-31T23:59:59-14:00"}, "is not a time"),
    ],
)
def test_a_bad_line_is_named_and_the_others_go_on(answers: Answers, line: object, problem: str) -> None:
    told, complaints = answers({"id": "a", "text": LINE}, line, b"", {"id": "b", "text": LINE})
    assert [(one["id"], one["story"]) for one in told] == [("a", 1), ("b", 1)]
    assert complaints.startswith("Line 2: ")
    assert problem in complaints
    assert "1 line could not be read." in complaints


def test_hostile_texts(answers: Answers) -> None:
    texts = ["", "屏", "😡" * 500, "http://t.cn/A6", "\ud83d", LINE * 2300, "\x00\x1f\n\u202e" + FOOD]
    told, complaints = answers(*({"id": n, "text": text} for n, text in enumerate(texts)))
    assert [one["story"] for one in told] == [None, None, None, None, None, 1, 2]
    assert complaints == ""


def test_a_lone_surrogate_in_an_id(answers: Answers) -> None:
    told, _complaints = answers({"id": "\ud83d", "text": LINE}, {"id": "b", "text": LINE})
    assert told[1]["of"] == told[0]["id"] == "\ud83d"


def test_the_same_id_and_times_out_of_order(answers: Answers) -> None:
    told, _complaints = answers(
        {"id": "a", "text": LINE, "at": "2026-11-05"},
        {"id": "b", "text": LINE, "at": "2026-11-01"},
        {"id": "a", "text": FOOD, "at": "2026-11-06"},
        {"id": "c", "text": LINE, "at": "2026-08-01"},
    )
    assert [one["story"] for one in told] == [1, 1, 1, 2]
    assert told[2]["by"] == "known"


def test_the_summary(answers: Answers) -> None:
    lines = [
        {
            "id": n,
            "text": LINE,
            "at": 1793498400 + 60 * n,
            "author": f"用户{n}",
            "followers": n,
            "platform": "weibo",
        }
        for n in range(8)
    ]
    told, _complaints = answers(*lines, {"id": "x", "text": FOOD, "at": 1793498500}, summary=True)
    [story] = told[9:]
    assert (story["type"], story["story"], story["copies"], story["authors"], story["followers"]) == (
        "story",
        1,
        8,
        8,
        28,
    )
    assert story["first"] == {
        "id": "0",
        "at": "2026-11-01T02:00:00+00:00",
        "platform": "weibo",
        "author": "用户0",
    }
    assert story["path"][0]["copies"] == 7
    assert [one["kind"] for one in story["campaign"]] == ["same_text", "names", "accounts", "rhythm"]


def test_nothing_in_nothing_out(answers: Answers) -> None:
    assert answers(summary=True) == ([], "")


@pytest.mark.parametrize("window", [0, -1, float("nan"), 1e9])
def test_a_window_that_is_none(answers: Answers, window: float) -> None:
    with pytest.raises(ConfigError):
        answers(window=window)
