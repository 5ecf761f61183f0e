"""kill -9 at random moments of a running import and of a running poll: nothing lost, nothing twice.

    python tests/bench/kill.py [--rounds 50] [--rows 30000]

Each round starts the program as a process, kills it at a random moment, and looks at the database with
a fresh connection: it opens, `quick_check` says ok, no identity stands twice. At the end the work is
let finish, and every row must be there exactly once, with its text in the index.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def rows(count: int) -> list[dict[str, object]]:
    return [
        {
            "id": f"m{number}",
            "text": f"云雀手机第{number}条，充电发热",
            "author": f"用户{number % 91}",
            "published_at": "2026-11-20 10:00:00",
            "url": f"http://127.0.0.1/p/{number}",
        }
        for number in range(count)
    ]


def program(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "app", "--home", str(home), *arguments]


def check(home: Path) -> tuple[int, int]:
    """Rows stored, rows with a doubled identity; asserts that the file is whole."""
    file = home / "tingfeng.sqlite"
    if not file.exists():
        return 0, 0
    with sqlite3.connect(file) as base:
        assert base.execute("pragma quick_check").fetchone() == ("ok",)
        if not base.execute("select 1 from sqlite_master where name = 'mention'").fetchone():
            return 0, 0
        total = base.execute("select count(*) from mention").fetchone()[0]
        distinct = base.execute(
            "select count(*) from (select distinct platform, kind, native_id from mention)"
        ).fetchone()[0]
    return total, total - distinct


def killed(
    home: Path, rng: random.Random, longest: float, begun: Callable[[], bool], *arguments: str
) -> bool:
    """One round; True when the process was still at work when it was killed.

    The random moment counts from when the work has `begun`: a busy machine takes seconds to start.
    """
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        program(home, *arguments), cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    given_up = time.monotonic() + 60
    while not begun() and child.poll() is None and time.monotonic() < given_up:
        time.sleep(0.01)
    time.sleep(rng.uniform(0.0, longest))
    running = child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    return running


def stored(home: Path) -> int:
    """How many mentions there are; 0 while there is no database yet."""
    try:
        with closing(sqlite3.connect(f"file:{home / 'tingfeng.sqlite'}?mode=ro", uri=True)) as base:
            return int(base.execute("select count(*) from mention").fetchone()[0])
    except sqlite3.Error:
        return 0


def grows(home: Path) -> Callable[[], bool]:
    """Have rows come since now?"""
    before = stored(home)
    return lambda: stored(home) > before


def asked_again(feed: Feed) -> Callable[[], bool]:
    """Has the feed been asked since now?"""
    before = feed.requests
    return lambda: feed.requests > before


def import_rounds(folder: Path, rounds: int, count: int, rng: random.Random) -> None:
    home, file = folder / "import", folder / "crawl.jsonl"
    file.write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in rows(count)) + "\n", encoding="utf-8"
    )
    at_work, seen, doubled = 0, [], 0
    for _round in range(rounds):
        at_work += killed(home, rng, 3.0, grows(home), "import", str(file), "--no-score")
        total, twice = check(home)
        seen.append(total)
        doubled += twice
        if total == count:
            for leftover in home.glob("tingfeng.sqlite*"):
                leftover.unlink()  # begin again, so that every round has something to break
    subprocess.run(
        program(home, "import", str(file), "--no-score"), cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    total, twice = check(home)
    found = subprocess.run(
        program(home, "search", "充电发热", "--limit", str(count + 10), "--json"),
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.count(b"\n")
    print(
        f"import: {rounds} kills, {at_work} while at work; rows after kills from {min(seen)} to {max(seen)}"
    )
    print(f"import: at the end {total} of {count} stored, {count - total} lost, {doubled + twice} twice")
    print(f"import: {found} found in the index")
    assert (total, doubled + twice, found) == (count, 0, count)


class Feed:
    """Hands out a sliding window of items: what a poll misses for good is gone."""

    def __init__(self, count: int, page: int) -> None:
        self.items = [
            {
                "id": row["url"],
                "url": row["url"],
                "content_text": row["text"],
                "authors": [{"name": row["author"]}],
                "date_published": "2026-11-20T02:00:00Z",
            }
            for row in rows(count)
        ]
        self.page = page
        self.shown = 0
        self.requests = 0
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                return

            def do_GET(self) -> None:
                feed.requests += 1
                feed.shown = min(feed.shown + feed.page, len(feed.items))
                window = feed.items[: feed.shown]
                body = json.dumps(
                    {"version": "https://jsonfeed.org/version/1.1", "title": "f", "items": window[::-1]}
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/feed+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def poll_rounds(folder: Path, rounds: int, rng: random.Random) -> None:
    home, feed = folder / "poll", Feed(rounds * 40, 40)
    address = f"http://127.0.0.1:{feed.server.server_port}/f"
    subprocess.run(
        program(home, "source", "add", "feed", "--url", address),
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    at_work = doubled = 0
    for _round in range(rounds):
        at_work += killed(home, rng, 2.5, asked_again(feed), "watch")
        doubled += check(home)[1]
    shown = feed.shown
    feed.page = 0
    subprocess.run(program(home, "watch", "--once"), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    total, twice = check(home)
    print(f"poll: {rounds} kills, {at_work} while at work, {feed.requests} requests")
    print(f"poll: {total} of {shown} shown are stored, {shown - total} lost, {doubled + twice} twice")
    assert (total, doubled + twice) == (shown, 0)
    feed.server.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        import_rounds(Path(folder), options.rounds, options.rows, rng)
        poll_rounds(Path(folder), options.rounds, rng)


if __name__ == "__main__":
    main()
