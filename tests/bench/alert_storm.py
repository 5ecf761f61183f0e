"""A storm of copies through the rules and storage, and what it takes to try a rule on what is stored.

    python tests/bench/alert_storm.py [--copies 10000]

Mentions are stored and judged first; timed is what the alarms do with them, in the batches in which judging
passes them on, and then a preview of the rule over the same mentions.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.core import Core
from app.domain.mention import Author, Mention
from app.domain.sentiment import Score, Tone
from app.domain.watch import Page, Source, Watch
from app.home import Home

TEXT = "云雀手机充电时起火了，手被烫伤"
BAD = Score(
    value=0.05, tone=Tone.NEGATIVE, engine="trivial", version="1", negative=0.95, neutral=0.05, positive=0.0
)
BATCH = 128


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--copies", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        core = Core.open(Home(Path(name)), desktop=False, engine_name="trivial")
        core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
        source = core.storage.sources.save(
            Source(kind="feed", name="论坛", settings={"url": "http://127.0.0.1:9/f"})
        )
        for start in range(0, options.copies, 1000):
            page = tuple(_copy(n) for n in range(start, min(start + 1000, options.copies)))
            ids = core.pipeline.take(source, Page(page, None)).new
            core.storage.mentions.save_scores([(id_, 1, BAD) for id_ in ids])
        began = time.perf_counter()
        while ids := core.storage.mentions.untold(BATCH):
            core.alarms.consider(ids)
            core.storage.mentions.told(ids)
        took = time.perf_counter() - began
        alerts = core.alerts()
        print(f"{options.copies} copies: {len(alerts)} alert, ×{alerts[0].copies}, in {took:.2f} s")
        began = time.perf_counter()
        found = core.preview(core.rules()[0])
        took = time.perf_counter() - began
        print(f"preview: {found.looked_at} mentions, {len(found.cases)} case, in {took:.2f} s")
        core.close()


def _copy(n: int) -> Mention:
    return Mention(
        platform="weibo",
        native_id=f"n{n}",
        url=f"https://example.com/{n}",
        text=f"{TEXT} @用户{n}",
        author=Author(name=f"用户{n}", native_id=f"u{n}", followers=20),
        published_at=datetime.now(UTC),
    )


if __name__ == "__main__":
    main()
