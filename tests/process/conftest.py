"""A scorer that behaves as badly as its texts ask, and a private bus and screen for a daemon."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_SCORER = """
import os, sys, time
from app.analysis.scorer import judgement

class Wild:
    engine = "wild"
    version = "1"
    def __init__(self):
        if os.environ.get("WILD_START") == "die":
            os._exit(3)
    def score(self, texts):
        for text in texts:
            if text == "die":
                os.kill(os.getpid(), 9) if hasattr(os, "fork") else os._exit(9)
            if text.startswith("die once "):
                flag = text[9:]
                if not os.path.exists(flag):
                    open(flag, "w").close()
                    os._exit(5)
            if text == "hang":
                time.sleep(600)
            if text == "spin":
                while True:
                    pass
            if text == "raise":
                raise RuntimeError("as asked")
            if text == "slow":
                time.sleep(0.3)
            if text == "print":
                print("noise on stdout")
        return [judgement(0.9 if "good" in text else 0.1, self.engine, self.version) for text in texts]
"""


@pytest.fixture
def wild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    folder = tmp_path / "wild"
    folder.mkdir()
    (folder / "wild_scorer.py").write_text(_SCORER, "utf-8")
    monkeypatch.syspath_prepend(folder)
    yield importlib.import_module("wild_scorer").Wild
    sys.modules.pop("wild_scorer", None)


def _free(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[Any]]]:
    """Start a program that ends with the test."""
    running: list[subprocess.Popen[Any]] = []

    def start(*command: str, **more: Any) -> subprocess.Popen[Any]:
        running.append(subprocess.Popen(command, **more))
        return running[-1]

    yield start
    for process in reversed(running):
        _free(process)


@pytest.fixture
def bus(
    started: Callable[..., subprocess.Popen[Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> str:
    """A private session bus without service files: nobody there until a test starts somebody."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    config = tmp_path / "bus.conf"
    config.write_text(
        '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" '
        '"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig><type>session</type>'
        f"<listen>unix:path={tmp_path}/bus</listen><auth>EXTERNAL</auth>"
        '<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>'
        '<allow own="*"/></policy></busconfig>'
    )
    daemon = started(
        "dbus-daemon",
        f"--config-file={config}",
        "--nofork",
        "--print-address",
        stdout=subprocess.PIPE,
        text=True,
    )
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    return address


@pytest.fixture
def display(started: Callable[..., subprocess.Popen[Any]], monkeypatch: pytest.MonkeyPatch) -> str:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    ours, theirs = os.pipe()
    started(
        "Xvfb", "-displayfd", str(theirs), "-screen", "0", "800x600x24", "-nolisten", "tcp",
        pass_fds=(theirs,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    with os.fdopen(ours) as said:
        number = said.readline().strip()
    monkeypatch.setenv("DISPLAY", f":{number}")
    return number
