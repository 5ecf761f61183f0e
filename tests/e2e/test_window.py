"""The program as a person starts it: a real window on a virtual screen, real HTTP, real keys, kill -9."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLOW = 60.0

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="Xvfb is for Linux"),
]

GRAB = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
image = app.primaryScreen().grabWindow(0).toImage()
image.save(sys.argv[1])
seen = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
print(len(seen))
"""


def until(true: Callable[[], Any], seconds: float = SLOW) -> Any:
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)
    return found


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    pytest.importorskip("PySide6.QtGui", exc_type=ImportError)
    told, tell = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(tell), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=[tell],
        stderr=subprocess.DEVNULL,
    )
    os.close(tell)
    with os.fdopen(told) as answer:
        number = answer.readline().strip()
    env = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    env.pop("DBUS_SESSION_BUS_ADDRESS", None)
    yield env
    server.terminate()
    server.wait()


class Program:
    def __init__(self, home: Path, env: dict[str, str]) -> None:
        self.home = home
        self.env = env
        self.running: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "app", "--home", str(self.home), "--lang", "zh_CN", *arguments]

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            self.command(*arguments, "--json"), cwd=ROOT, env=self.env, capture_output=True, check=True
        )
        return [json.loads(line) for line in done.stdout.decode().splitlines()]

    def open(self) -> subprocess.Popen[bytes]:
        with (self.home.parent / "said.txt").open("ab") as said:
            self.running = subprocess.Popen(self.command(), cwd=ROOT, env=self.env, stderr=said)
        return self.running

    @property
    def said(self) -> str:
        return (self.home.parent / "said.txt").read_text(encoding="utf-8")

    def colours(self, picture: Path) -> int:
        """How many colours the screen shows: a blank one has one or two."""
        done = subprocess.run(
            [sys.executable, "-c", GRAB, str(picture)], env=self.env, capture_output=True, check=True
        )
        return int(done.stdout.split()[-1])

    def press(self, *keys: str) -> None:
        for key in keys:
            subprocess.run(["xdotool", "key", key], env=self.env, check=True)
            time.sleep(0.3)


@pytest.fixture
def program(tmp_path: Path, screen: dict[str, str]) -> Iterator[Program]:
    made = Program(tmp_path / "home", screen)
    yield made
    if made.running is not None:
        if made.running.poll() is None:
            made.running.kill()
        made.running.wait()


def test_a_newcomer_sees_a_window_and_leaves_politely(program: Program, tmp_path: Path) -> None:
    window = program.open()
    until(lambda: program.colours(tmp_path / "screen.png") > 10)
    window.send_signal(signal.SIGTERM)
    assert window.wait(30) == 0
    assert "Traceback" not in program.said


@pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed")
def test_from_the_post_to_the_claim_and_through_a_kill(program: Program, site: Any, tmp_path: Path) -> None:
    program.json("brand", "add", "云雀")
    program.json("source", "add", "feed", "--url", f"{site.url}/feed.json")
    site.add("云雀手机充电起火烫伤了手，太差劲了，再也不买了！", "云雀拍照很好看，喜欢")
    window = program.open()
    rows = until(lambda: [one for one in program.json("search", "云雀") if one["tone"]])
    until(lambda: len([one for one in program.json("search", "云雀") if one["tone"]]) == 2)
    assert len(rows) <= 2
    until(lambda: program.colours(tmp_path / "screen.png") > 30)
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(window.pid)],
        env=program.env,
        capture_output=True,
        check=False,
    ).stdout.split()
    subprocess.run(["xdotool", "windowfocus", found[-1].decode()], env=program.env, check=True)
    time.sleep(1)

    def claimed() -> list[dict[str, Any]]:
        program.press("ctrl+1", "j", "c")
        return [one for one in program.json("search", "云雀") if one["status"] == "claimed"]

    assert until(claimed)[0]["status_by"]
    window.kill()
    window.wait()
    again = program.json("search", "云雀")
    assert len(again) == 2
    assert [one["status"] for one in again].count("claimed") >= 1
    window = program.open()
    until(lambda: program.colours(tmp_path / "screen.png") > 30)
    window.send_signal(signal.SIGTERM)
    assert window.wait(30) == 0
    assert len(program.json("search", "云雀")) == 2
