"""The command line, run inside the test's own process."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import run


class Program:
    """The command line without a process of its own, which would cost a second a command."""

    def __init__(self, home: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self._capsys = capsys
        self._patch = monkeypatch

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        self._patch.setattr("sys.stdin", io.StringIO(stdin))
        given = ["--home", str(self.home), "--lang", "en", *arguments]
        self._capsys.readouterr()
        try:
            code = run(given, lambda _session, _drill: 0)
        except SystemExit as ended:  # argparse
            code = int(str(ended.code))
        told = self._capsys.readouterr()
        return subprocess.CompletedProcess(given, code, told.out, told.err)

    def json(self, *arguments: str, code: int = 0, stdin: str = "") -> list[dict[str, Any]]:
        done = self.run(*arguments, "--json", stdin=stdin)
        assert done.returncode == code, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def one(self, *arguments: str, code: int = 0, stdin: str = "") -> dict[str, Any]:
        """The first line of what it answers in JSON."""
        return self.json(*arguments, code=code, stdin=stdin)[0]
