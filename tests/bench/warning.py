"""Early warning in the engine: how long does the end of a slot take, and how much does placing cost?

    python tests/bench/warning.py [--brands 200] [--topics 9] [--days 1] [--slots 12] [--posts 5000]

On a database of its own: brands with complaints about every topic in the past, so that each has a series
for itself and for every topic; then slots in which a tenth of the brands are spoken of. Processor time of
one core.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.core import Core
from app.domain.aspects import ASPECTS
from app.domain.mention import Author, Mention
from app.domain.sentiment import AspectTone, Score, Tone
from app.domain.watch import Page, Source, Watch
from app.home import Home

START = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
_SAID = "手机 充电 发热 客服 退货 屏幕 续航 拍照 快递 价格 昨天 今天 朋友 门店 更新 耳机 外壳 空调 冰箱"
WORDS = _SAID.split()


class Bench:
    """It is the core's clock, too: time passes when it says so."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.time = START
        self.options = options
        self.chance = random.Random(7)
        self.core = Core.open(Home(folder), desktop=False, engine_name="trivial", clock=self)
        self.topics = list(ASPECTS)[: options.topics]
        watches = [Watch(name=f"牌子{n:03}", query=f"牌子{n:03}") for n in range(options.brands)]
        self.names = [watch.name for watch in watches]
        for watch in watches:
            self.core.storage.brands.save(watch)
        self.core.pipeline.reload()
        self.source = self.core.storage.sources.save(Source(kind="feed", name="f", settings={}))
        self.count = 0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def say(self, names: list[str], ago: float, topic: int) -> None:
        mentions = []
        for name in names:
            self.count += 1
            said = "".join(self.chance.choices(WORDS, k=14))
            mentions.append(
                Mention(
                    platform="weibo",
                    native_id=f"n{self.count}",
                    url="",
                    text=f"{name}{said}{self.count}",
                    author=Author(name=f"用户{self.count % 997}", followers=self.count % 5000),
                    published_at=self.time - timedelta(seconds=ago + self.chance.random() * 60),
                )
            )
        saved = self.core.pipeline.take(self.source, Page(tuple(mentions), None))
        aspects = (AspectTone(self.topics[topic % len(self.topics)], Tone.NEGATIVE, 0.9, 0.1, 0.0),)
        score = Score(
            value=0.1, tone=Tone.NEGATIVE, engine="t", version="1", negative=0.9, neutral=0.1, positive=0.0,
            aspects=aspects,
        )  # fmt: skip
        self.core.storage.mentions.save_scores([(id_, 1, score) for id_ in saved.new])

    def hear(self) -> None:
        mentions = self.core.storage.mentions
        while ids := mentions.untold(128):
            self.core.warning.place(ids)
            mentions.told(ids)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--brands", type=int, default=200)
    parser.add_argument("--topics", type=int, default=9)
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--slots", type=int, default=12)
    parser.add_argument("--posts", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options)
        for at in range(options.topics):
            bench.say(bench.names, options.days * 86400 * (at + 1) / options.topics, at)
        core = bench.core
        # What is there before anybody listens waits as after an upgrade; it is placed in ticks.
        begin, ticks = time.process_time(), 0
        while core.storage.stories.waiting() or len(core.warning._watching.brands) < options.brands:
            core.warning.tick()
            ticks += 1
        core.storage.mentions.told(core.storage.mentions.untold(10**6))
        took = time.process_time() - begin
        print(f"taught {options.brands} brands in {took:.1f} s of processor time, {ticks} ticks")
        ends, placed = [], 0.0
        for slot in range(options.slots):
            bench.say(bench.chance.sample(bench.names, max(1, options.brands // 10)), 60, slot)
            bench.hear()
            bench.time += timedelta(minutes=5)
            begin = time.process_time()
            core.warning.tick()
            ends.append(time.process_time() - begin)
        series = sum(1 + len(one.watcher._topics) for one in core.warning._watching.brands.values())
        print(
            f"end of a slot: median {1000 * statistics.median(ends):.0f} ms,"
            f" worst {1000 * max(ends):.0f} ms for {series:,} series of {options.brands} brands"
        )
        for part in range(options.posts // 250):
            bench.say(bench.chance.choices(bench.names, k=250), 60, part)
            begin = time.process_time()
            bench.hear()
            placed += time.process_time() - begin
        print(f"placing and hearing: {1000 * placed / options.posts:.2f} ms a mention")
        begin = time.process_time()
        core.close()
        print(f"closing, with everything written down: {time.process_time() - begin:.1f} s")


if __name__ == "__main__":
    main()
