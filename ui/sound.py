"""The sound of an alert, by the means of the platform; it plays whether or not the window has the focus.

The program brings one short, soft sound. Nothing waits for it: the player is a program of its own, and
where there is none, the desktop's own bell rings. GUI thread.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from shutil import which
from typing import Any

from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QApplication

PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"))
"""Of Linux desktops, the newest first."""


def play() -> str:
    """What was asked to make the sound: a player's name, or "bell"."""
    path = _path()
    if path is None:
        return _bell()
    if sys.platform == "win32":
        winsound: Any = importlib.import_module("winsound")
        try:
            winsound.PlaySound(
                str(path), winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT
            )
        except RuntimeError:
            return _bell()
        return "winsound"
    players = (("afplay",),) if sys.platform == "darwin" else PLAYERS
    for program, *options in players:
        if which(program) and QProcess.startDetached(program, [*options, str(path)])[0]:
            return program
    return _bell()


def _bell() -> str:
    QApplication.beep()
    return "bell"


def _path() -> Path | None:
    """The sound as a file: where the program is installed, or a copy where it is packed up."""
    sound = files("resources") / "sounds" / "alert.wav"
    if isinstance(sound, Path):
        return sound if sound.is_file() else None
    copy = Path(tempfile.gettempdir()) / f"tingfeng-alert-{os.getpid()}.wav"
    try:
        if not copy.is_file():
            copy.write_bytes(sound.read_bytes())
    except OSError:
        return None
    return copy
