"""A core with two brands and posts that came in through a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.core import Core
from app.domain.clock import SystemClock
from app.domain.query import MentionQuery
from app.domain.watch import Watch
from app.home import Home


class Desk:
    """One brand of our own, 云雀, and a competitor's, 山岚."""

    def __init__(self, core: Core, folder: Path) -> None:
        self.core = core
        self.folder = folder
        self.brand = core.save_brand(Watch(name="云雀", query="云雀"), wait=True).id
        core.save_brand(Watch(name="山岚", query="山岚", competitor=True), wait=True)
        self._numbers = count(1)

    def say(self, *texts: str, ago: float = 60.0, **more: Any) -> list[int]:
        """Ids of posts, in the order of `texts`, the first the oldest; `ago` in minutes."""
        number = next(self._numbers)
        start = SystemClock().now() - timedelta(minutes=ago)
        path = self.folder / f"posts-{number}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for place, text in enumerate(texts):
                when = start + timedelta(seconds=place)
                post = {
                    "id": f"p{number}-{place}",
                    "text": text,
                    "url": f"https://posts.example/{number}/{place}",
                    "author": "王小明",
                    "author_id": f"u{number}-{place}",
                    "published_at": when.isoformat(),
                    "platform": "weibo",
                    **more,
                }
                file.write(json.dumps(post, ensure_ascii=False) + "\n")
        before = self.core.newest_id()
        self.core.import_path(path)
        rows = self.core.mentions(MentionQuery(), None, 5_000).rows
        return [row.id for row in sorted(rows, key=lambda row: row.published_at) if row.id > before]


@pytest.fixture
def core(home: Home) -> Iterator[Core]:
    made = Core.open(home, desktop=False, engine_name="trivial")
    yield made
    made.close()


@pytest.fixture
def desk(core: Core, tmp_path: Path) -> Desk:
    folder = tmp_path / "posts"
    folder.mkdir()
    return Desk(core, folder)
