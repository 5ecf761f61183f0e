"""Two programs on one file: both may write, neither loses anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.domain.query import MentionQuery
from app.domain.watch import Source
from app.storage import Storage

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import sys
from datetime import UTC, datetime
from app.domain.mention import Mention
from app.storage import Found, Storage

at = datetime(2026, 1, 1, tzinfo=UTC)
with Storage.open(sys.argv[1], patience=30) as storage:
    for page in range(20):
        numbers = range(5 * page, 5 * page + 10)
        found = [
            Found(
                mention=Mention(platform="weibo", native_id=str(n), url="", text=f"第{n}条"),
                published_at=at, dated=True,
            )
            for n in numbers
        ]
        storage.mentions.save_page(int(sys.argv[2]), found, str(page), now=at)
"""


def test_two_processes_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with Storage.open(path) as storage:
        sources = [storage.sources.save(Source(kind="feed", name=name)).id for name in "ab"]
        before = storage.data_version()
        children = [
            subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(id_)], cwd=ROOT)
            for id_ in sources
        ]
        assert [child.wait(60) for child in children] == [0, 0]
        assert storage.data_version() != before
        assert {int(one.mention.native_id) for one in storage.mentions.iterate(MentionQuery())} == set(
            range(105)
        )
        assert [storage.sources.cursor(id_) for id_ in sources] == ["19", "19"]
        assert sum(state.mentions for state in storage.sources.all()) == 105
