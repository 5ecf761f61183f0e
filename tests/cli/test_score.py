"""`tingfeng score`: every line answered, in order, at once, whatever it holds."""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.cli.judging import score
from app.cli.session import Session
from app.errors import ConfigError
from app.home import Home

Answers = Callable[..., list[dict[str, Any]]]

ROOT = Path(__file__).resolve().parents[2]


def line(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "app", "--home", str(home), "--lang", "en", "score", *arguments]


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Answers:
    """What the command says to these bytes, in this process."""

    def asked(stdin: bytes, **options: Any) -> list[dict[str, Any]]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        session = Session(Home(tmp_path), None, True, lambda _session, _drill: 1)
        given = {"engine": "ngram", "target": [], "rival": [], "no_evidence": False, **options}
        assert score(session, argparse.Namespace(**given)) == 0
        return [json.loads(one) for one in capfd.readouterr().out.split("\n") if one]

    return asked


@contextmanager
def running(home: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        line(home, *arguments), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    guard = threading.Timer(100, process.kill)
    guard.start()
    try:
        with process:
            yield process
    finally:
        guard.cancel()


def test_every_field_of_an_answer(answers: Answers) -> None:
    text = "屏幕清楚，但是客服太差了，手机还起火"
    [one] = answers(text.encode() + b"\n")
    assert list(one) == [
        *("text", "score", "tone", "p", "engine", "version"),
        *("evidence", "aspects", "severity", "note"),
    ]
    assert one["text"] == text
    assert (one["tone"], one["engine"], one["note"]) == ("negative", "ngram", "")
    assert one["score"] == pytest.approx((1 + one["p"]["pos"] - one["p"]["neg"]) / 2, abs=1e-5)
    assert one["evidence"]
    for span in (
        *one["evidence"],
        *one["severity"],
        *(s for each in one["aspects"] for s in each["spans"]),
    ):
        assert text[span["start"] : span["end"]] == span["span"]


def test_the_quick_way_says_the_same_in_fewer_words(answers: Answers) -> None:
    stdin = "太差了，退货\n很好，喜欢\n\nhello\n转发 //@某:真好".encode()
    full, short = answers(stdin), answers(stdin, no_evidence=True)
    for one, other in zip(full, short, strict=True):
        assert other == {name: one[name] for name in ("text", "score", "tone", "p", "engine", "version")}


@pytest.mark.parametrize("engine", ["ngram", "snownlp-retrained", "trivial"])
def test_bytes_of_any_kind(answers: Answers, engine: str) -> None:
    given = ["\ufeff差", "", "\r", "好\r", "a\tb", "\x00\x1b[31m", "x" * 200_000, "云" * 70_000, "\u2028差"]
    stdin = "\n".join(given).encode() + b"\n\xff\xfe\n" + "没有换行".encode()
    found = answers(stdin, engine=engine)
    expected = ["差", "", "", "好", *given[4:], "\ufffd\ufffd", "没有换行"]
    assert [one["text"] for one in found] == expected
    assert {one["engine"] for one in found} == {engine}
    for one in found:
        assert sum(one["p"].values()) == pytest.approx(1, abs=1e-4)


def test_no_line_no_answer(answers: Answers) -> None:
    assert answers(b"") == []
    assert [one["text"] for one in answers(b"\n\n")] == ["", ""]


def test_what_is_not_chinese_is_said_to_be_so(answers: Answers) -> None:
    [one] = answers(b"The battery died after two days.\n", engine="snownlp-retrained")
    assert (one["tone"], one["score"], one["note"]) == ("neutral", 0.5, "not_chinese")
    assert one["evidence"] == []


@pytest.mark.parametrize("more", [("--no-evidence",), ("--engine", "snownlp-retrained")])
def test_a_slow_writer_has_its_answers_at_once(tmp_path: Path, more: tuple[str, ...]) -> None:
    """Each answer is read before the next line is written: held back, this would never end."""
    with running(tmp_path, *more) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(5):
            process.stdin.write(f"第{number}条：太差了".encode())
            process.stdin.flush()  # half a line is no line yet
            process.stdin.write(b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"].startswith(f"第{number}条")
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(20) == 0


def test_a_reader_that_leaves_ends_it_without_a_word(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    process = subprocess.Popen(
        line(tmp_path), cwd=ROOT, stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    os.close(reading)
    _out, said = process.communicate("太差了\n".encode() * 1000, timeout=60)
    assert (process.returncode, said) == (0, b"")


def test_towards_a_brand(answers: Answers) -> None:
    stdin = "星河太垃圾了，云雀好用\n云雀太垃圾了，星河好用\n物流很快，满意\n".encode()
    found = answers(stdin, target=["云雀", "Skylark"], rival=["星河"])
    better, worse, neither = found
    assert [each["brand"] for each in better["towards"]] == ["云雀", "星河"]
    assert [each["brand"] for each in neither["towards"]] == ["云雀"]
    assert better["score"] > worse["score"]
    for one in found:
        assert one["tone"] == one["towards"][0]["tone"]
        assert one["p"] == one["towards"][0]["p"]
        for each in one["towards"]:
            assert all(one["text"][s["start"] : s["end"]] == s["span"] for s in each["spans"])


@pytest.mark.parametrize("options", [{"rival": ["星河"]}, {"target": [" "]}, {"engine": "oracle"}])
def test_what_makes_no_sense_is_refused(answers: Answers, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        answers("差\n".encode(), **options)


def test_nothing_is_imported_that_only_other_commands_need(tmp_path: Path) -> None:
    program = """
import sys
from app.cli.main import run
code = run(sys.argv[1:], lambda _session, _drill: 1)
heavy = {"app.core", "app.engine", "app.storage", "app.reports", "monitors", "httpx", "peewee", "snownlp"}
print(code, sorted(heavy & sys.modules.keys()), file=sys.stderr)
"""
    arguments = ["--home", str(tmp_path), "--lang", "en", "score"]
    asked = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(asked, cwd=ROOT, input="真烂\n".encode(), capture_output=True, check=False)
    assert json.loads(done.stdout)["tone"] == "negative"
    assert done.stderr.decode().split("\n")[0] == "0 []"
