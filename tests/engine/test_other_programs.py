"""What another program writes to the same home counts here soon; what fails for a moment is done again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from app.change import Change
from app.core import Core
from app.domain.query import MentionQuery
from app.domain.watch import Source, Watch
from app.engine.judging import Judging
from app.errors import Unavailable
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


def test_whoever_could_not_hear_of_a_judgement_hears_of_it_again(core: Core, site: Any) -> None:
    core.save_source(Source(kind="feed", name="源", settings={"url": f"{site.url}/feed.json"}))
    site.add("云雀起火")
    core.start(poll=False)
    heard: list[int] = []
    troubles = [Unavailable("full"), Unavailable("full")]

    def hear(ids: Any) -> None:
        if troubles:
            raise troubles.pop()
        heard.extend(ids)

    def quiet(_change: Change) -> None:
        return

    core.engine.poll_once().result(30)
    row = core.mentions(MentionQuery()).rows[0]
    assert row.score is not None
    judging = Judging(core.storage, core.scorer, quiet, hear)
    with pytest.raises(Unavailable):
        judging._keep([(row.id, 0, row.score)])

    async def again() -> int:
        return await judging.batch()

    for _turn in range(2):
        done: Future[int] = core.engine._loop.submit(again())
        try:
            done.result(30)
        except Unavailable:
            assert heard == []
    assert heard == [row.id]
