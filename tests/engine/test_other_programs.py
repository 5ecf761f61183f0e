"""What another program writes to the same home counts here soon; what fails for a moment is done again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from app.change import Change
from app.core import Core
from app.domain.mention import Mention
from app.domain.query import MentionQuery
from app.domain.sentiment import Score
from app.domain.watch import Page, Source, Watch
from app.engine.judging import BATCH, Judging
from app.errors import ScoringError, Unavailable
from app.home import Home


def until(true: Callable[[], object], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@pytest.fixture
def core(home: Home) -> Iterator[Core]:
    made = Core.open(home, desktop=False, engine_name="trivial")
    yield made
    made.close()


def test_a_brand_and_a_source_of_another_program_are_read_by_the_running_one(
    core: Core, home: Home, site: Any
) -> None:
    core.start()
    other = Core.open(home, polls=False, desktop=False, engine_name="trivial")
    try:
        other.save_brand(Watch(name="云雀", query="云雀"), wait=True)
        until(lambda: core.pipeline.watches)
        site.add("云雀来了", "天气不错")
        source = other.save_source(
            Source(kind="feed", name="源", settings={"url": f"{site.url}/feed.json"})
        )
        until(lambda: core.tally(MentionQuery()).total == 2)
        assert core.tally(MentionQuery(matched=True)).total == 1
        other.remove_source(source.id)
        until(lambda: not core.engine._tasks)
    finally:
        other.close()


def test_whoever_could_not_hear_of_a_judgement_hears_of_it_again(core: Core) -> None:
    """A full disk for a moment, or a kill between the judgement and the alert, costs no alert."""
    source = core.save_source(Source(kind="feed", name="源", settings={"url": "http://127.0.0.1:9/f"}))
    post = Mention(platform="weibo", native_id="1", url="", text="云雀起火")
    core.pipeline.take(source, Page((post,)))
    heard: list[int] = []
    troubles = [Unavailable("full"), Unavailable("full")]

    def hear(ids: Any) -> None:
        if troubles:
            raise troubles.pop()
        heard.extend(ids)

    def quiet(_change: Change) -> None:
        return

    for _program in range(2):
        with pytest.raises(Unavailable):
            asyncio.run(Judging(core.storage, core.scorer, quiet, hear).batch())
        assert heard == []
    row = core.mentions(MentionQuery()).rows[0]
    assert row.score is not None
    assert asyncio.run(Judging(core.storage, core.scorer, quiet, hear).batch()) == 0
    assert heard == [row.id]
    asyncio.run(Judging(core.storage, core.scorer, quiet, hear).batch())
    assert heard == [row.id], "told once"


class _Breaks:
    """Judges the first texts asked for and fails at the next."""

    engine = "trivial"

    def __init__(self, core: Core) -> None:
        self._core = core
        self.asked: list[int] = []

    def configure(self, panel: Any) -> None:
        return

    def change(self, engine: str) -> None:
        return

    def versions(self) -> Future[Any]:
        return self._core.scorer.versions()

    def submit(self, texts: Any) -> Future[list[Score]]:
        self.asked.append(len(texts))
        if len(self.asked) == 1:
            return self._core.scorer.submit(texts)
        broken: Future[list[Score]] = Future()
        broken.set_exception(ScoringError("gone"))
        return broken


def test_two_batches_are_asked_for_at_once_and_each_is_kept_by_itself(core: Core) -> None:
    source = core.save_source(Source(kind="feed", name="源", settings={"url": "http://127.0.0.1:9/f"}))
    posts = tuple(
        Mention(platform="weibo", native_id=str(n), url="", text=f"云雀起火{n}") for n in range(BATCH + 5)
    )
    core.pipeline.take(source, Page(posts))
    heard: list[int] = []
    judges = _Breaks(core)
    judging = Judging(core.storage, judges, lambda _change: None, heard.extend)
    with pytest.raises(ScoringError):
        asyncio.run(judging.batch())
    assert judges.asked == [BATCH, 5]
    assert len(heard) == BATCH
    assert core.storage.mentions.unscored_count() == 5
    rest = Judging(core.storage, core.scorer, lambda _change: None, heard.extend)
    assert asyncio.run(rest.batch()) == 5
    assert len(set(heard)) == len(heard) == BATCH + 5
