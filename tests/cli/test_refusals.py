"""What the command line refuses, and how it ends when nobody can read it: one sentence, no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """The program as a process, with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def line(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "app", "--home", str(self.home), "--lang", "en", *arguments]

    def run(self, *arguments: str, db: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
        given = ["--db", db, *arguments] if db else list(arguments)
        given_more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        return subprocess.run(
            self.line(*given), cwd=ROOT, text=True, timeout=110, encoding="utf-8", check=False, **given_more
        )

    def refused(self, *arguments: str, **more: Any) -> str:
        """The one sentence."""
        done = self.run(*arguments, **more)
        assert done.returncode == 1, done.stderr
        [sentence] = done.stderr.splitlines()
        return sentence


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("source", "add", "feed", "--url", "forum.example/feed"), "http://"),
        (("source", "add", "feed", "--url", "ftp://forum.example/feed"), "http://"),
        (("source", "add", "feed", "--url", "http://forum example/feed"), "http://"),
        (("source", "add", "feed", "--url", "http://me:hush@forum.example/feed"), "password"),
        (("source", "add", "feed", "--url", "http://forum.example/f", "--every", "-5"), "seconds"),
        (("source", "add", "appstore", "--app-id", "abc"), "number"),
        (("source", "add", "appstore", "--app-id", "600000001", "--countries", "china"), "storefront"),
        (("source", "add", "folder", "--path", "x", "--mapping", "{bad"), "JSON"),
        (("import", " "), "import"),
        (("drill", "--minutes", "0"), "minutes"),
    ],
)
def test_what_can_never_work_is_refused_before_it_is_kept(
    program: Program, arguments: tuple[str, ...], word: str
) -> None:
    assert word in program.refused(*arguments)
    assert program.run("source", "list", "--json").stdout == ""


@pytest.mark.parametrize("address", ["mysql://host/name", "postgresql://[bad:port"])
def test_an_address_that_names_no_database_is_said_so_and_makes_no_file(
    program: Program, address: str, tmp_path: Path
) -> None:
    assert "postgresql://" in program.refused("brand", "list", db=address)
    assert not (ROOT / "mysql:").exists()


def test_a_path_that_may_not_be_looked_at(program: Program, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may look everywhere")
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        assert "cannot be read" in program.refused("import", str(closed / "a.csv"))
    finally:
        closed.chmod(0o700)


def test_a_range_from_the_first_year_on(program: Program, tmp_path: Path) -> None:
    done = program.run(
        "export", "--all", "--out", str(tmp_path / "all.xlsx"), "--from", "0001-01-02", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 0


def test_several_sources_that_cannot_be_read_are_one_sentence(program: Program, site: Any) -> None:
    site.add("云雀")
    program.run("source", "add", "feed", "--url", f"{site.url}/feed.json", "--name", "好源")
    for name in ("甲", "乙"):
        program.run("source", "add", "feed", "--url", f"http://127.0.0.1:1/{name}", "--name", name)
    told = program.refused("watch", "--once", "--json")
    assert told.startswith("2 sources cannot be read")
    assert "甲: " in told
    assert "乙: " in told
    assert program.refused("source", "check").startswith("2 sources")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_output_that_cannot_be_written_is_one_sentence(program: Program) -> None:
    program.run("brand", "add", "云雀")
    with Path("/dev/full").open("w") as full:
        assert "No space" in program.refused("brand", "list", stdout=full)


def test_a_closed_standard_input_is_an_empty_one(program: Program) -> None:
    line = " ".join([*program.line("score", "--engine", "trivial"), "<&-"])
    done = subprocess.run(["/bin/sh", "-c", line], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_watch_ends_when_its_reader_has_gone(program: Program, site: Any) -> None:
    site.add(*(f"云雀第{number}条" for number in range(5)))
    program.run("source", "add", "feed", "--url", f"{site.url}/feed.json")
    running = subprocess.Popen(
        program.line("watch", "--json"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    assert running.stderr is not None
    with running.stderr:
        assert json.loads(running.stdout.readline())["type"] == "mention"
        running.stdout.close()
        assert running.wait(30) == 0
        assert b"Traceback" not in running.stderr.read()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_at_any_moment_leaves_no_traceback(program: Program) -> None:
    for moment in (0.15, 0.35, 0.7):
        running = subprocess.Popen(
            program.line("search", "云雀"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        time.sleep(moment)
        running.send_signal(signal.SIGINT)
        _told, said = running.communicate(timeout=30)
        assert b"/app/" not in said, said
