"""Killed at any moment, started again: nothing lost, nothing twice. TINGFENG_KILLS sets the rounds."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from app.domain.query import MentionQuery
from app.domain.watch import Source
from app.storage import Storage

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("TINGFENG_KILLS", "5"))

# Page n holds mentions 10n … 10n+14: each page overlaps the next. The cursor names the page saved.
CHILD = """
import sys
from datetime import UTC, datetime, timedelta
from app.domain.mention import Mention
from app.storage import Found, Storage

start = datetime(2026, 1, 1, tzinfo=UTC)

def found(number):
    mention = Mention(platform="weibo", native_id=str(number), url="", text=f"第{number}条 发热", raw="{}")
    return Found(mention=mention, published_at=start + timedelta(seconds=number), dated=True)

with Storage.open(sys.argv[1], patience=30) as storage:
    done = int(storage.sources.cursor(1) or "-1")
    print("ready", flush=True)
    while True:
        done += 1
        storage.mentions.save_page(1, [found(10 * done + n) for n in range(15)], str(done), now=start)
        print(done, flush=True)
"""


def _one_life(path: Path, seconds: float) -> int:
    """The last page the child said it had saved."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert child.stdout is not None
    with child:
        assert child.stdout.readline() == "ready\n"
        time.sleep(seconds)
        child.kill()
        said = [line for line in child.stdout.read().split("\n")[:-1] if line]
    return int(said[-1]) if said else -1


def test_killed_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with Storage.open(path) as storage:
        storage.sources.save(Source(kind="feed", name="f"))
    dice = random.Random(3)
    said = -1
    for _round in range(ROUNDS):
        said = max(said, _one_life(path, dice.uniform(0.02, 0.4)))
        with Storage.open(path) as storage:
            cursor = int(storage.sources.cursor(1) or "-1")
            expected = cursor * 10 + 15 if cursor >= 0 else 0
            assert cursor >= said
            assert storage.stats()["mentions"] == expected == storage.sources.get(1).mentions
            found = {int(one.mention.native_id) for one in storage.mentions.iterate(MentionQuery())}
            assert found == set(range(expected))
            assert storage.mentions.tally(MentionQuery(text="发热")).total == expected
            assert all(finding.ok for finding in storage.check())
    assert said >= 0
