"""Figures for a full database:

    python tests/bench/storage.py [--mentions N] [--url URL] [--keep PATH] [--upgrade]

Fills a database with seeded mentions (60 to 120 characters of Chinese) and prints how long the
window's questions take: median and 95th percentile in milliseconds, and the median of the processor
time alone, which other programs on the machine disturb less. `--upgrade` puts a copy of the file back
to the schema of version 1 and says how long it takes to open it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.domain.mention import Author, Hit, Mention, Status
from app.domain.query import MentionQuery
from app.domain.sentiment import AspectTone, Score, Tone, Towards
from app.domain.watch import Source, Watch
from app.storage import Found, Storage

PLATFORMS = ("weibo", "xhs", "zhihu", "appstore", "feed", "bilibili")
WORDS = [
    "手机",
    "电池",
    "屏幕",
    "客服",
    "快递",
    "包装",
    "质量",
    "价格",
    "门店",
    "活动",
    "会员",
    "更新",
    "系统",
    "拍照",
    "信号",
    "充电",
    "声音",
    "外观",
    "做工",
    "体验",
    "真的",
    "感觉",
    "非常",
    "有点",
    "还是",
    "已经",
    "今天",
    "昨天",
    "刚刚",
    "朋友",
    "推荐",
    "失望",
    "喜欢",
    "不错",
    "一般",
    "后悔",
    "值得",
    "便宜",
    "太贵",
    "态度",
    "解决",
    "等了",
    "三天",
    "两周",
    "一直",
    "没有",
    "回复",
    "联系",
    "官方",
    "旗舰店",
    "直播间",
    "下单",
    "收到",
    "打开",
    "发现",
    "问题",
    "怎么",
    "为什么",
    "希望",
    "改进",
    "下次",
    "不会",
    "再买",
    "继续",
    "支持",
    "国产",
    "加油",
]
BRANDS = (("青岚", False, 0.35), ("白鹭", False, 0.1), ("远山", True, 0.2), ("罕见牌", False, 0.002))
START = datetime(2026, 1, 1, tzinfo=UTC)


def text(dice: random.Random, named: list[str]) -> str:
    said = [dice.choice(WORDS) for _ in range(dice.randrange(26, 48))] + named
    if dice.random() < 0.3:
        said.append("发热")
    if dice.random() < 0.05:
        said.append("退货")
    if dice.random() < 0.0005:
        said.append("自燃")
    if dice.random() < 0.15:
        said.append(dice.choice((" iPhone 17 Pro ", " OTA ", " app ", " phone")))
    dice.shuffle(said)
    return "".join(one + ("，" if dice.random() < 0.15 else "") for one in said)[:120]


def found(dice: random.Random, number: int) -> Found:
    hits = tuple(
        Hit(id_, name, rival, ((0, len(name)),))
        for id_, (name, rival, share) in enumerate(BRANDS, 1)
        if dice.random() < share
    )
    at = START + timedelta(seconds=dice.randrange(90 * 86_400))
    mention = Mention(
        platform=dice.choice(PLATFORMS),
        native_id=f"n{number:08}",
        url=f"https://example.com/{number}",
        text=text(dice, [hit.brand for hit in hits]),
        author=Author(name=f"用户{dice.randrange(30_000)}", followers=int(dice.paretovariate(0.6) * 10)),
        published_at=at,
        raw=f'{{"id": {number}, "text": "…"}}',
    )
    return Found(
        mention=mention,
        published_at=at,
        dated=True,
        hits=hits,
        severity=("fire",) if dice.random() < 0.01 else (),
    )


def fill(storage: Storage, count: int) -> None:
    for name, rival, _share in BRANDS:
        if storage.brands.by_name(name) is None:
            storage.brands.save(Watch(name=name, query=name, competitor=rival))
    ids = [storage.sources.save(Source(kind="feed", name=f"源{n}")).id for n in range(20)]
    dice = random.Random(20260101)
    pages = [[found(dice, n) for n in range(at, min(at + 500, count))] for at in range(0, count, 500)]
    began = time.perf_counter()
    for page in pages:
        storage.mentions.save_page(ids[dice.randrange(20)], page, "c", now=START + timedelta(days=90))
    took = time.perf_counter() - began
    print(f"saved {count} mentions in pages of 500: {count / took:,.0f} a second")
    began = time.perf_counter()
    for page in pages[:20]:
        storage.mentions.save_page(1, page, "c", now=START + timedelta(days=90))
    took = time.perf_counter() - began
    print(f"known pages again: {20 * 500 / took:,.0f} a second")


def judge(storage: Storage, count: int) -> None:
    dice = random.Random(7)
    tones = list(Tone)
    began, saving, busy = time.perf_counter(), 0.0, 0.0
    done = 0
    while done < count and (batch := storage.mentions.unscored(512)):
        scores = [
            (
                row.id,
                row.revision,
                _score(dice.choice(tones), dice.random(), dice.choice(ABOUT), row.brands),
            )
            for row in batch
        ]
        before, before_busy = time.perf_counter(), time.process_time()
        saved = storage.mentions.save_scores(scores)
        saving += time.perf_counter() - before
        busy += time.process_time() - before_busy
        storage.mentions.told(saved.first)
        done += saved.saved
    print(
        f"scored {done} in batches of 512: {done / (time.perf_counter() - began):,.0f} a second;", end=" "
    )
    print(f"saving alone {done / saving:,.0f}, {done / busy:,.0f} a second of processor time")
    some = random.Random(8).sample(range(1, storage.mentions.newest_id() + 1), count // 20)
    storage.mentions.set_status(some, Status.IGNORED, "bench", START)
    storage.mentions.set_status(some[: len(some) // 50], Status.ESCALATED, "bench", START)


ABOUT: tuple[tuple[str, ...], ...] = ((), (), (), ("price",), ("quality",), ("price", "delivery"))


def _score(tone: Tone, value: float, about: tuple[str, ...], brands: tuple[int, ...]) -> Score:
    shares = (tone, value, 0.0, 1 - value)
    return Score(
        value=value,
        tone=tone,
        engine="bench",
        version="1",
        negative=value,
        neutral=0,
        positive=1 - value,
        aspects=tuple(AspectTone(one, *shares, ((4, 6),)) for one in about),
        towards=tuple(Towards(one, *shares, ((0, 20),)) for one in brands),
    )


def measure(name: str, act: Callable[[], Any], times: int = 30) -> None:
    taken, busy = [], []
    for _ in range(times):
        began, began_busy = time.perf_counter(), time.thread_time()
        made = act()
        taken.append((time.perf_counter() - began) * 1000)
        busy.append((time.thread_time() - began_busy) * 1000)
    taken.sort()
    size = getattr(made, "rows", made)
    size = len(size) if hasattr(size, "__len__") else getattr(size, "total", size)
    flag = "" if taken[int(times * 0.95)] < 50 else "   <-- over 50 ms"
    p95 = taken[int(times * 0.95)]
    middle = f"{statistics.median(taken):8.1f} {p95:8.1f} {statistics.median(busy):8.1f}"
    print(f"{name:44} {middle}   {size}{flag}")


QUERIES: tuple[tuple[str, MentionQuery], ...] = (
    ("all", MentionQuery()),
    ("brand, common", MentionQuery(brands=(1,))),
    ("brand, rare", MentionQuery(brands=(4,))),
    ("tone", MentionQuery(tones=(Tone.NEGATIVE,))),
    ("status, rare", MentionQuery(statuses=(Status.ESCALATED,))),
    ("source", MentionQuery(sources=(3,))),
    ("last day", MentionQuery(since=START + timedelta(days=89))),
    ("severe", MentionQuery(severe=True)),
    ("aspect", MentionQuery(aspects=("price",))),
    ("aspect with tone, brand rare", MentionQuery(aspects=("price:negative",), brands=(4,))),
    ("author", MentionQuery(author="用户29999")),
    ("none match", MentionQuery(sources=(999,))),
    (
        "brand+tone+status+source+month",
        MentionQuery(
            brands=(2, 4),
            tones=(Tone.NEGATIVE,),
            statuses=(Status.NEW,),
            sources=(3, 4),
            since=START + timedelta(days=30),
            until=START + timedelta(days=60),
        ),
    ),
    ("text 发热 (30%)", MentionQuery(text="发热")),
    ("text 退货 (5%)", MentionQuery(text="退货")),
    ("text 自燃 (0.05%)", MentionQuery(text="自燃")),
    ("text absent", MentionQuery(text="量子纠缠")),
    ("text 手机 发热 NOT 退货", MentionQuery(text="手机 发热 NOT 退货")),
    ("text phrase", MentionQuery(text='"电池发热"')),
    ("text iphone", MentionQuery(text="iphone")),
    ("text phone (half are iphone)", MentionQuery(text="phone")),
    ("text 发热 NEAR/5 手机", MentionQuery(text="发热 NEAR/5 手机")),
    ("text 发热 followers>10000", MentionQuery(text="发热 followers>10000")),
    ("text 发热 tone:negative, brand rare", MentionQuery(text="发热 tone:negative", brands=(4,))),
)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--mentions", type=int, default=100_000)
    asked.add_argument("--url", default="")
    asked.add_argument("--keep", default="")
    asked.add_argument("--upgrade", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or given.keep or str(Path(folder) / "bench.sqlite")
        with Storage.open(url) as storage:
            if not storage.stats()["mentions"]:
                fill(storage, given.mentions)
                judge(storage, given.mentions * 95 // 100)
            _ask(storage)
        if given.upgrade and not given.url:
            _upgrade(Path(url), Path(folder) / "old.sqlite")


ADDED = ("brand_tone", "untold", "seen", "word", "layer")


def _upgrade(path: Path, old: Path) -> None:
    shutil.copy(path, old)
    with sqlite3.connect(old) as raw:
        for table in ADDED:
            raw.execute(f"DROP TABLE {table}")
        raw.execute("DROP INDEX mention_filter")
        raw.execute("ALTER TABLE mention DROP COLUMN aspects")
        for column in ("aspects", "severity", "towards", "note"):
            raw.execute(f"ALTER TABLE score DROP COLUMN {column}")
        raw.execute(
            "CREATE INDEX mention_filter ON mention (published_at, id, tone, status, source_id, platform,"
            " brands, severe, followers)"
        )
        raw.execute("DELETE FROM schema_step WHERE number > 1")
        count = raw.execute("SELECT COUNT(*) FROM mention").fetchone()[0]
    raw.close()
    began, busy = time.perf_counter(), time.process_time()
    Storage.open(old).close()
    took, busy = time.perf_counter() - began, time.process_time() - busy
    print(f"upgrade of {count} mentions from version 1, with its backup: {took:.1f} s, {busy:.1f} s busy")


def _ask(storage: Storage) -> None:
    mentions = storage.mentions
    print(f"{'question':44} {'p50 ms':>8} {'p95 ms':>8} {'cpu ms':>8}   size")
    for name, query in QUERIES:
        measure(f"page   {name}", lambda query=query: mentions.page(query))
    second = mentions.page(MentionQuery(text="发热"), limit=5000).next
    measure("page   发热, 5,000 further down", lambda: mentions.page(MentionQuery(text="发热"), second))
    for name, query in QUERIES:
        measure(f"tally  {name}", lambda query=query: mentions.tally(query), 8)
    newest = mentions.newest_id()
    for name, query in QUERIES[:3] + QUERIES[13:16]:
        measure(f"newer  {name}", lambda query=query: mentions.newer(query, newest - 200))
    measure("by_day", lambda: mentions.by_day(MentionQuery(), UTC), 8)
    measure("by_platform", lambda: mentions.by_platform(MentionQuery()), 8)
    measure("by_brand", lambda: mentions.by_brand(MentionQuery()), 8)
    measure("aspect_map", lambda: mentions.aspect_map(MentionQuery()), 8)
    for name, brand in (("common", 1), ("rare", 4), ("all ours", None)):
        for by in ("published", "fetched"):
            since = START + timedelta(days=30 if by == "published" else 89)
            measure(
                f"negative_slots, 30 days by the hour, {name}, {by}",
                lambda brand=brand, since=since, by=by: mentions.negative_slots(
                    brand, since, since + timedelta(days=30), 3600, by=by
                ),
            )
    last = START + timedelta(days=89, hours=23)
    measure(
        "negative_slots, the last hour by five minutes",
        lambda: mentions.negative_slots(1, last, last + timedelta(hours=1), 300),
    )
    measure("stale, nothing in 10,000", lambda: mentions.stale("bench", {None: "1"}, None, 128))
    measure("stale, a batch", lambda: mentions.stale("bench", {None: "2"}, None, 128))
    measure("stale_count", lambda: mentions.stale_count("bench", {None: "2"}), 3)
    measure("sources", storage.sources.all)
    measure("unscored(64)", lambda: mentions.unscored(64))
    measure("stats", storage.stats)
    measure("get", lambda: mentions.many([newest // 2]), 100)
    for line in storage.check():
        print(line)


if __name__ == "__main__":
    main()
