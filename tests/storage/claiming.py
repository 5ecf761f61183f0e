"""Many processes that all want the same mentions: who got which, held against the database.

As a program (`python -m tests.storage.claiming URL NAME SEED`) it is one of them: it says when it is ready,
waits for a line on standard input, asks for every mention in an order of its own, and prints what it was
told as JSON.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.domain.mention import Mention, Status
from app.domain.watch import Source
from app.errors import Conflict
from app.storage import Found, Storage

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PATIENCE = 60.0
"""Seconds to wait for whoever holds the database."""


@dataclass(frozen=True)
class Race:
    """`lost`: mentions that somebody was told are theirs and are not; `doubled`: told to two."""

    items: int
    attempts: int
    seconds: float
    slowest: float
    owners: int
    fewest: int
    most: int
    unowned: tuple[int, ...]
    doubled: tuple[int, ...]
    lost: tuple[int, ...]

    @property
    def fair(self) -> bool:
        """Each item has one owner, and every claim that was granted stands."""
        return not (self.unowned or self.doubled or self.lost)


def race(url: str, processes: int, items: int) -> Race:
    """Fill a fresh database, and let them run."""
    ids = _fill(url, items)
    command = [sys.executable, "-m", "tests.storage.claiming", url]
    running = [
        subprocess.Popen(
            [*command, f"agent{number}", str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(processes)
    ]
    for child in running:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    began = time.monotonic()
    for child in running:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    told = [json.loads(child.communicate(timeout=900)[0]) for child in running]
    return _judged(url, ids, told, time.monotonic() - began)


def _fill(url: str, items: int) -> list[int]:
    with Storage.open(url, patience=PATIENCE) as storage:
        source = storage.sources.save(Source(kind="feed", name="论坛"))
        found = [
            Found(
                mention=Mention(platform="weibo", native_id=str(n), url="", text=f"第{n}条"),
                published_at=AT,
                dated=True,
            )
            for n in range(items)
        ]
        return list(storage.mentions.save_page(source.id, found, None, now=AT).new)


def _judged(url: str, ids: list[int], told: list[dict[str, object]], seconds: float) -> Race:
    granted: dict[int, list[str]] = {id_: [] for id_ in ids}
    for one in told:
        won = one["won"]
        assert isinstance(won, list)
        for id_ in won:
            granted[id_].append(str(one["name"]))
    lost = []
    with Storage.open(url) as storage:
        stands = {one.id: one for one in storage.mentions.many(ids)}
        for id_, names in granted.items():
            item, stored = storage.queue.get(id_), stands[id_]
            by = stored.status_by if stored.status is Status.CLAIMED else ""
            said = [event.by for event in storage.mentions.history(id_) if event.what == "claim"]
            if item is None or [item.owner] != names or [by] != names or said != names:
                lost.append(id_)
    shares = Counter(name for names in granted.values() for name in names)
    return Race(
        items=len(ids),
        attempts=len(ids) * len(told),
        seconds=seconds,
        slowest=max(float(str(one["slowest"])) for one in told),
        owners=len(shares),
        fewest=min(shares.values(), default=0),
        most=max(shares.values(), default=0),
        unowned=tuple(id_ for id_, names in granted.items() if not names),
        doubled=tuple(id_ for id_, names in granted.items() if len(names) > 1),
        lost=tuple(lost),
    )


def run(url: str, name: str, seed: int) -> None:
    """One of them."""
    won: list[int] = []
    slowest = 0.0
    with Storage.open(url, patience=PATIENCE) as storage:
        ids = list(range(1, storage.mentions.newest_id() + 1))
        random.Random(seed).shuffle(ids)
        print("ready", flush=True)
        sys.stdin.readline()
        for id_ in ids:
            began = time.monotonic()
            try:
                storage.mentions.claim(id_, name, AT)
            except Conflict:
                pass
            else:
                won.append(id_)
            slowest = max(slowest, time.monotonic() - began)
    print(json.dumps({"name": name, "won": won, "slowest": slowest}))


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]))
