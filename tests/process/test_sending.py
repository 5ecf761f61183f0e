"""Programs killed at any moment of sending an answer: none twice, none lost, what is unsure is shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.process.killed_sending import Killing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills by POSIX signals")
ROUNDS = int(os.environ.get("TINGFENG_KILLS", "8"))


@pytest.mark.timeout(400)  # on a machine that is busy with everything else
def test_killed_while_sending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    killing = Killing(tmp_path / "home", ROUNDS, seed=7)
    killing.run()
    assert killing.problems == []
    assert killing.tally["lives"] > ROUNDS  # some were killed, and sent in another life
