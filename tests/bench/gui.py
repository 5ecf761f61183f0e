"""How the window bears a flood. Run by hand: `python tests/bench/gui.py [--quick] [--stored N]`.

1. The longest gap of the GUI thread (a 5 ms timer that should fire and does not) while 300 mentions a
   second are stored and judged. Target: under 50 ms.
2. From stored to a row in the list, at 50 mentions a second, for a reader who takes every row at once.
   Target: 95 of 100 under 1 s.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QElapsedTimer, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.core import Core
from app.domain.mention import Author, Counts, Mention
from app.domain.query import MentionQuery
from app.domain.watch import Page, Source, Watch
from app.home import Home
from ui import theme
from ui.ask import Asker
from ui.bridge import Bridge
from ui.context import Context
from ui.feed.page import FeedPage
from ui.gui_gc import SETTLED_MS, GuiGc

WORDS = ["星澜", "充电", "发热", "客服", "退货", "满意", "推荐", "屏幕", "续航", "拍照"]
WORDS += ["今天", "真的", "朋友", "昨晚", "系统", "流畅", "失望", "不错", "物流", "价格"]


def mentions(numbers: Sequence[int], now: datetime, back: timedelta = timedelta()) -> tuple[Mention, ...]:
    made = []
    for number in numbers:
        lot = random.Random(number)
        text = "星澜" + "".join(lot.choices(WORDS, k=lot.randint(5, 60))) + f"#{number}"
        made.append(
            Mention(
                platform="weibo",
                native_id=str(number),
                url=f"https://posts.example/{number}",
                text=text,
                author=Author(
                    name=f"作者{number % 997}",
                    native_id=str(number % 997),
                    followers=lot.randint(0, 2_000_000),
                ),
                published_at=now - back,
                counts=Counts(
                    likes=lot.randint(0, 500), comments=lot.randint(0, 50), shares=lot.randint(0, 20)
                ),
            )
        )
    return tuple(made)


@dataclass
class Flood:
    """Stores so many a second from a thread of its own, as a poller does."""

    core: Core
    source: Source
    numbers: count[int]
    stored_at: dict[int, float] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, per_second: int, every: float) -> None:
        due = time.perf_counter()
        while not self.stop.is_set():
            batch = [next(self.numbers) for _number in range(round(per_second * every))]
            saved = self.core.pipeline.take(self.source, Page(mentions(batch, datetime.now(UTC))))
            now = time.perf_counter()
            self.stored_at.update(dict.fromkeys(saved.new, now))
            self.core.engine.stored()
            due += every
            self.stop.wait(max(0.0, due - time.perf_counter()))


class Pulse(QObject):
    """Notes how late each tick of the GUI thread is."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self.busy: list[float] = []
        """Of each gap, what this thread itself computed; the rest it waited for the machine."""
        self._worked = 0.0
        self._since = QElapsedTimer()
        self._timer = QTimer(self, interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.gaps.clear()
        self.busy.clear()
        self._worked = time.thread_time()
        self._since.start()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        self.gaps.append(self._since.nsecsElapsed() / 1e6)
        self._since.restart()
        now = time.thread_time()
        self.busy.append((now - self._worked) * 1000)
        self._worked = now


class Taker(QObject):
    """A reader who takes what is new at once, and the moment each row was there."""

    def __init__(self, page: FeedPage) -> None:
        super().__init__()
        self._page = page
        self.shown_at: dict[int, float] = {}
        page.model.waiting_changed.connect(self._take)
        page.model.reset_done.connect(self._note)

    def _take(self, waiting: int) -> None:
        if waiting:
            self._page.model.reload()

    def _note(self) -> None:
        now = time.perf_counter()
        for id_ in self._page.model.ids:
            self.shown_at.setdefault(id_, now)


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def flood(
    core: Core, source: Source, numbers: count[int], per_second: int, every: float, seconds: float
) -> Flood:
    made = Flood(core, source, numbers)
    thread = threading.Thread(target=made.run, args=(per_second, every))
    thread.start()
    wait(seconds)
    made.stop.set()
    thread.join()
    return made


def load() -> str:
    return "load average " + " ".join(f"{one:.1f}" for one in os.getloadavg())


def told(values: list[float]) -> str:
    ordered = sorted(values)
    last = len(ordered) - 1
    parts = {"p50": last // 2, "p95": int(last * 0.95), "p99": int(last * 0.99), "longest": last}
    return "  ".join(f"{name} {ordered[place]:.1f}" for name, place in parts.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 seconds instead of a minute")
    parser.add_argument("--stored", type=int, default=10_000, help="mentions stored before")
    options = parser.parse_args()
    seconds = 10.0 if options.quick else 60.0
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), seconds, options.stored)


def run(folder: Path, seconds: float, stored: int) -> None:
    core = Core.open(Home(folder), desktop=False, engine_name="trivial")
    core.save_brand(Watch(name="星澜", query="星澜"))
    source = core.storage.sources.save(
        Source(kind="folder", name="bench", settings={"path": str(folder)}, paused=True)
    )
    numbers = count()
    for start in range(0, stored, 1000):
        batch = [next(numbers) for _number in range(min(1000, stored - start))]
        core.pipeline.take(
            source, Page(mentions(batch, datetime.now(UTC), timedelta(minutes=stored - start)))
        )
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    context = Context(core, Bridge(), Asker())
    context.bridge.listen(core)
    collector = GuiGc(app)
    page = FeedPage(context)
    page.resize(1400, 900)
    page.show()
    core.start()
    wait(SETTLED_MS / 1000 + 1)
    pulse = Pulse()
    # What this machine does to a window left alone, to read the next figure by.
    pulse.start()
    wait(5)
    pulse.stop()
    idle = max(pulse.gaps)
    print(f"GUI gap, idle: {told(pulse.gaps)} ms; {load()}")
    page.view.step(3)
    pulse.start()
    made = flood(core, source, numbers, 300, 0.1, seconds)
    pulse.stop()
    rate = len(made.stored_at) / seconds
    print(f"GUI gap while {rate:.0f}/s come in for {seconds:.0f} s: {told(pulse.gaps)} ms")
    print(f"  of it the GUI thread's own work: {told(pulse.busy)} ms")
    print(f"  {max(pulse.gaps) / idle:.1f} times the idle window's longest; {load()}")
    print("  target: longest under 50 ms")
    print(f"  waiting for the reader: {page.model.waiting}; rows in the list: {page.model.rowCount()}")
    wait(1)
    taker = Taker(page)
    page.model.reload()
    wait(1)
    pulse.start()
    made = flood(core, source, numbers, 50, 0.2, seconds)
    wait(2)
    pulse.stop()
    late = [taker.shown_at[id_] - at for id_, at in made.stored_at.items() if id_ in taker.shown_at]
    missed = len(made.stored_at) - len(late)
    print(f"stored to row at 50/s: {told([one * 1000 for one in late])} ms; never shown: {missed}")
    print("  target: p95 under 1000 ms")
    print(f"  GUI gap meanwhile, taking every row: {told(pulse.gaps)} ms")
    print(f"  of it the GUI thread's own work: {told(pulse.busy)} ms")
    print(f"  stored {core.tally(MentionQuery()).total}")
    page.close()
    context.close()
    collector.close()
    core.close()


if __name__ == "__main__":
    main()
