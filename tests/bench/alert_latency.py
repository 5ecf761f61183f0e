"""Mention stored → somebody sees it, while other mentions come in all the time.

    python tests/bench/alert_latency.py [--seconds 30] [--rate 50] [--every 0.5]

A real core with the real scorer in its process takes `--rate` mentions a second, of which one every
`--every` seconds is about a fire. Two things are timed from the moment its page is stored:

- the desktop: dunst on a private D-Bus under Xvfb runs a program for each notification at the moment it
  puts it on the screen, and that program writes down time and words. No return value of ours is asked.
- the card: the first moment at which it stands, visible, over a window (Qt, offscreen).
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.core import Core
from app.domain.mention import Author, Mention
from app.domain.rule import RuleKind
from app.domain.watch import Page, Source, Watch
from app.home import Home
from ui.application import make_context
from ui.feed.toasts import Toasts

_SAID = "手机 充电 发热 客服 退货 很好 喜欢 太差 屏幕 续航 拍照 快递 价格 昨天 今天 朋友 云雀 山岚 更新"
WORDS = _SAID.split()
BUS = (
    '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" '
    '"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig><type>session</type>'
    "<listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>"
    '<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>'
    '<allow own="*"/></policy></busconfig>'
)
DUNST = """[global]
notification_limit = 0
history_length = 1000
stack_duplicates = false
sort = no
[urgency_normal]
timeout = 2
[everything]
appname = "*"
script = {folder}/seen
"""
SEEN = '#!/bin/sh\nprintf "%s\\t%s\\n" "$(date +%s.%N)" "$DUNST_BODY" >> {folder}/seen.txt\n'


@contextmanager
def daemon(folder: Path) -> Iterator[None]:
    """dunst, where it can draw."""
    (folder / "bus.conf").write_text(BUS.format(folder=folder))
    (folder / "dunstrc").write_text(DUNST.format(folder=folder))
    (folder / "seen").write_text(SEEN.format(folder=folder))
    (folder / "seen").chmod(0o755)
    (folder / "seen.txt").touch()
    ours, theirs = os.pipe()
    running = [
        subprocess.Popen(
            ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
            pass_fds=(theirs,),
            stderr=subprocess.DEVNULL,
        )
    ]
    try:
        os.close(theirs)
        with os.fdopen(ours) as said:
            os.environ["DISPLAY"] = f":{said.readline().strip()}"
        bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        running.append(bus)
        assert bus.stdout is not None
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        running.append(subprocess.Popen(["dunst", "-conf", f"{folder}/dunstrc"], stderr=subprocess.DEVNULL))
        while subprocess.run(["dunstctl", "count"], capture_output=True, check=False).returncode:
            time.sleep(0.1)
        yield
    finally:
        for one in reversed(running):
            one.terminate()
            one.wait(10)


class Feeder(threading.Thread):
    """Stores mentions as a poll would; notes when the page with the fire was stored."""

    def __init__(self, core: Core, source: Source, options: argparse.Namespace) -> None:
        super().__init__(daemon=True)
        self._core, self._source, self._options = core, source, options
        self.stored: dict[str, float] = {}
        self.count = 0

    def run(self) -> None:
        rng = random.Random(7)
        began = time.monotonic()
        fires = 0
        while (passed := time.monotonic() - began) < self._options.seconds:
            batch = []
            while self.count < passed * self._options.rate:
                batch.append(self._mention("".join(rng.choices(WORDS, k=25)) + f"。第{self.count}条"))
            mark = ""
            if passed >= fires * self._options.every:
                fires += 1
                mark = f"编号{fires:04d}"
                # Words of its own, so that it is no copy and of no story told already.
                noise = "".join(rng.choices("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏", k=14))
                batch.append(self._mention(f"{mark}{noise}云雀手机起火了，手被烫伤，差评，垃圾"))
            if batch:
                self._core.pipeline.take(self._source, Page(tuple(batch), None))
                if mark:
                    self.stored[mark] = time.time()
                self._core.engine.stored()
            time.sleep(0.02)

    def _mention(self, text: str) -> Mention:
        self.count += 1
        name = f"n{self.count}"
        return Mention(
            platform="weibo",
            native_id=name,
            url=f"https://example.com/{name}",
            text=text,
            author=Author(name="甲", native_id="a", followers=20),
            published_at=datetime.now(UTC),
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--every", type=float, default=0.5)
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as name, daemon(Path(name)):
        folder = Path(name)
        core = Core.open(Home(folder / "home"))
        cards: dict[str, float] = {}
        feeder = _watch(app, core, options, cards)
        core.close()
        print(
            f"{feeder.count} mentions in {options.seconds:.0f} s, {len(feeder.stored)} of them about a fire"
        )
        shown = _desktop(folder / "seen.txt")
        _say("on the desktop", feeder.stored, shown)
        _say("card in the window", feeder.stored, cards)


def _watch(app: QApplication, core: Core, options: argparse.Namespace, cards: dict[str, float]) -> Feeder:
    core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    source = core.storage.sources.save(
        Source(kind="feed", name="论坛", settings={"url": "http://127.0.0.1:9/f"}, paused=True)
    )
    for rule in core.rules():
        if rule.kind in (RuleKind.SURGE, RuleKind.STORY):
            core.save_rule(replace(rule, active=False))
        else:
            core.save_rule(replace(rule, cooldown=0, sound=False))
    window = QWidget()
    window.resize(1000, 800)
    window.show()
    context = make_context(core)
    toasts = Toasts(window, context)
    feeder = Feeder(core, source, options)
    look = QTimer(interval=5)
    look.timeout.connect(_looker(toasts, cards))
    look.start()
    core.start()
    # The scorer's process is up, and every brand is known to the detectors.
    QTimer.singleShot(5000, feeder.start)
    QTimer.singleShot(int(options.seconds * 1000) + 15_000, app.quit)
    app.exec()
    look.stop()
    context.close()
    return feeder


def _looker(toasts: Toasts, cards: dict[str, float]) -> Callable[[], None]:
    def look() -> None:
        for card in toasts.cards:
            mark = _mark(card.alert.body)
            if card.isVisible() and mark and mark not in cards:
                cards[mark] = time.time()
                toasts._dismiss(card)  # make room for the next one

    return look


def _mark(text: str) -> str:
    at = text.find("编号")
    return text[at : at + 6] if at >= 0 else ""


def _desktop(path: Path) -> dict[str, float]:
    made: dict[str, float] = {}
    for line in path.read_text("utf-8").splitlines():
        at, _tab, body = line.partition("\t")
        if mark := _mark(body):
            made.setdefault(mark, float(at))
    return made


def _say(what: str, stored: dict[str, float], seen: dict[str, float]) -> None:
    took = sorted(seen[mark] - at for mark, at in stored.items() if mark in seen)
    if not took:
        print(f"{what}: none was seen")
        return
    p50, p95 = took[len(took) // 2], took[min(len(took) - 1, int(len(took) * 0.95))]
    print(
        f"{what}: {len(took)} of {len(stored)} seen; p50 {p50:.2f} s, p95 {p95:.2f} s, max {took[-1]:.2f} s"
    )


if __name__ == "__main__":
    main()
