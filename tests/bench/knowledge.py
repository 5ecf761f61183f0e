"""How often the knowledge base finds the right entry, and how fast: `python tests/bench/knowledge.py`."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.core import Core
from app.domain.mention import Hit, Mention
from app.domain.watch import Source, Watch
from app.home import Home
from app.replies.retrieval import Index
from app.storage.values import Found
from tests.unit.replies.test_retrieval import DATA, entries, measured

MANY, POSTS = 5_000, 50_000


def rightness() -> None:
    print("posts that ask for an entry      first  in three  told right  told wrong | none: refused")
    for half in ("tune", "held", None):
        found = measured(half)
        print(
            f"{half or 'all':28} {found.first:9.1%} {found.in_three:9.1%} {found.told:11.1%}"
            f" {found.wrong:11.1%} {found.refused:15.1%}"
        )


def speed() -> None:
    """The same entries again and again, under other numbers and products."""
    base = entries()
    many = [
        replace(base[n % len(base)], id=n, product=f"{base[n % len(base)].product}{n // len(base)}代")
        for n in range(MANY)
    ]
    began = time.process_time()
    index = Index(many)
    print(f"CPU time. An index of {MANY} entries: {time.process_time() - began:.2f} s")
    took = []
    for one in DATA["questions"]:
        began = time.process_time()
        index.best(one["text"])
        took.append((time.process_time() - began) * 1e3)
    took.sort()
    print(
        f"a search in {MANY} entries: median {statistics.median(took):.1f} ms,"
        f" p95 {took[int(len(took) * 0.95)]:.1f} ms, worst {took[-1]:.1f} ms"
    )


def said(n: int) -> str:
    return f"云雀{DATA['questions'][n % 200]['text']}第{n}次"


def week(posts: int = POSTS) -> None:
    """So many posts of one week are held against the 60 entries, from nothing; then once more."""
    with tempfile.TemporaryDirectory() as folder:
        core = Core.open(Home(Path(folder)), desktop=False, polls=False, engine_name="trivial")
        brand = core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
        core.storage.knowledge.take_in([replace(one, id=0) for one in entries()], "bench", core.clock.now())
        source = core.save_source(Source(kind="feed", name="b", settings={"url": "http://127.0.0.1/f"}))
        now = core.clock.now()
        hit = (Hit(brand.id, "云雀", False, ((0, 2),)),)
        for start in range(0, posts, 2_000):
            page = [
                Found(
                    mention=Mention(
                        platform="weibo", native_id=str(n), url="", text=said(n)
                    ),
                    published_at=now - timedelta(seconds=n * 12),
                    dated=True,
                    hits=hit,
                )
                for n in range(start, min(posts, start + 2_000))
            ]  # fmt: skip
            core.storage.mentions.save_page(source.id, page, None, now=now)
        began, calls, longest, left = time.perf_counter(), 0, 0.0, 1
        while left:
            one = time.perf_counter()
            asked = core.asked()
            longest, left, calls = max(longest, time.perf_counter() - one), asked.left, calls + 1
        print(
            f"{posts} posts of a week: {time.perf_counter() - began:.1f} s in {calls} calls,"
            f" the longest {longest:.1f} s; {sum(one.asked for one in asked.heat)} asked for an entry,"
            f" {len(asked.gaps)} gaps shown"
        )
        began = time.perf_counter()
        core.asked()
        print(f"once more, nothing new: {time.perf_counter() - began:.2f} s")
        core.close()


if __name__ == "__main__":
    rightness()
    speed()
    week()
