"""How long until the window shows rows, with 100,000 mentions stored. Run by hand:

    python tests/bench/startup.py [--mentions N] [--runs N] [--keep FOLDER]

1. A home is filled through storage (as storage.py does). The program is then started as a fresh process
   so many times; the time from its start to the first paint of a feed with rows, the median and each
   part of it. Target: under 1.5 s.
2. In this process, through the core: page, filter and search, 95 of 100. Target: under 50 ms.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

PARTS = ("interpreter", "imports", "application", "core", "window", "shown", "rows")
ABOUT = {
    "interpreter": "Python itself, from the process being made",
    "imports": "the command line, Qt, the window's modules",
    "application": "QApplication, language, theme",
    "core": "Core.open: settings, database, lock, word lists",
    "window": "the shell is built",
    "shown": "its first paint",
    "rows": "the first paint of the feed with rows",
}


# ── inside the program that is measured ────────────────────────────────────────────────────────


def inside(home: str, born: float) -> None:
    """The real entry point, with a clock held to a few of its steps."""
    at: dict[str, float] = {"interpreter": time.time() - born}
    # What the entry point imports itself, in its order.
    import app.cli.main  # noqa: F401
    import ui.application  # noqa: F401
    from app import __main__ as program

    _hold_clock(at, born)
    sys.argv = ["tingfeng", "--home", home, "--lang", "zh_CN"]
    program.main()
    steps: dict[str, float] = {}
    before = 0.0
    for name in PARTS:
        steps[name] = at[name] - before
        before = at[name]
    steps["cpu"] = at["cpu"]
    print("STEPS " + json.dumps(steps), flush=True)


def _hold_clock(at: dict[str, float], born: float) -> None:
    from ui import application
    from ui.feed.list_view import FeedView
    from ui.main_window import MainWindow

    def after(name: str, act: Callable[..., object]) -> Callable[..., object]:
        def timed(*given: object, **named: object) -> object:
            made = act(*given, **named)
            at.setdefault(name, time.time() - born)
            return made

        return timed

    at["imports"] = time.time() - born
    application.make_app = after("application", application.make_app)  # type: ignore[assignment]
    application.Core.open = after("core", application.Core.open)  # type: ignore[method-assign]
    MainWindow.__init__ = after("window", MainWindow.__init__)  # type: ignore[method-assign]
    MainWindow.paintEvent = _painted(at, born, MainWindow.paintEvent)  # type: ignore[method-assign]
    FeedView.paintEvent = _rows(at, born, FeedView.paintEvent)  # type: ignore[method-assign]


def _painted(at: dict[str, float], born: float, act: Callable[..., None]) -> Callable[..., None]:
    def paint(self: object, event: object) -> None:
        act(self, event)
        at.setdefault("shown", time.time() - born)

    return paint


def _rows(at: dict[str, float], born: float, act: Callable[..., None]) -> Callable[..., None]:
    def paint(self: object, event: object) -> None:
        from PySide6.QtCore import QTimer
        from PySide6.QtGui import QGuiApplication

        act(self, event)
        if self.rows.rowCount() and "rows" not in at:  # type: ignore[attr-defined]
            at["rows"] = time.time() - born
            at["cpu"] = time.process_time()
            QTimer.singleShot(0, QGuiApplication.quit)

    return paint


# ── outside ────────────────────────────────────────────────────────────────────────────────────


def start_once(home: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--inside", str(home), "--born", str(time.time())]
    # As on a person's machine: compiled modules are kept (here beside the home, not in the project).
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(home / "bytecode")
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd=ROOT, env=env, check=False
    )
    for line in ended.stdout.splitlines():
        if line.startswith("STEPS "):
            return dict(json.loads(line.removeprefix("STEPS ")))
    raise SystemExit(f"the program said nothing: {ended.stdout[-2000:]}\n{ended.stderr[-4000:]}")


def starts(home: Path, runs: int) -> None:
    start_once(home)  # what the machine keeps in memory from the first time is there for all
    told = [start_once(home) for _run in range(runs)]
    totals = [sum(one[name] for name in PARTS) for one in told]
    print(f"first rows on screen: median {statistics.median(totals):.2f} s of {runs} starts", end=" ")
    print(f"({min(totals):.2f} to {max(totals):.2f}); target under 1.5 s; {load()}")
    busy = statistics.median(one["cpu"] for one in told)
    print(f"  of it {busy:.2f} s of processor time, which a busy machine disturbs less")
    for name in PARTS:
        print(f"  {name:12} {statistics.median(one[name] for one in told) * 1000:7.0f} ms  {ABOUT[name]}")


def questions(home: Path) -> None:
    from storage import QUERIES, START, measure  # the script beside this one

    from app.core import Core
    from app.domain.query import MentionQuery
    from app.home import Home

    core = Core.open(Home(home), polls=False, desktop=False, engine_name="trivial")
    for _name, query in QUERIES:
        core.mentions(query)  # a window that stands has read before
    gc.collect()
    gc.freeze()  # as the window does once it stands: a full collection is not a question's cost
    print(f"{'through the core':44} {'p50 ms':>8} {'p95 ms':>8} {'cpu ms':>8}   size   {load()}")
    for name, query in QUERIES:
        measure(f"page   {name}", lambda query=query: core.mentions(query))
    for name, query in QUERIES:
        measure(f"tally  {name}", lambda query=query: core.tally(query), 20)
    measure("newer", lambda: core.newer(MentionQuery(), core.newest_id() - 200))
    measure("status", core.status)
    measure("by day, a week", lambda: core.by_day(MentionQuery(since=START + timedelta(days=83))), 20)
    core.close()


def load() -> str:
    return "load average " + " ".join(f"{one:.1f}" for one in os.getloadavg())


def made(home: Path, mentions: int) -> None:
    from storage import fill, judge

    from app.home import Home
    from app.storage import Storage

    home.mkdir(parents=True, exist_ok=True)
    with Storage.open(str(Home(home).database)) as storage:
        if not storage.stats()["mentions"]:
            fill(storage, mentions)
            judge(storage, mentions)
            # Nothing shall be read while the clock runs.
            for state in storage.sources.all():
                storage.sources.save(replace(state.source, paused=True))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--mentions", type=int, default=100_000)
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--keep", default="", help="a folder for the filled home, used again next time")
    asked.add_argument("--starts", action="store_true", help="only the starts")
    asked.add_argument("--inside", default="", help=argparse.SUPPRESS)
    asked.add_argument("--born", type=float, default=0.0, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.inside:
        inside(given.inside, given.born)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(given.keep or folder)
        made(home, given.mentions)
        starts(home, given.runs)
        if not given.starts:
            questions(home)


if __name__ == "__main__":
    main()
