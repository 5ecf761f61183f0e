"""A core whose clock a test moves, over the stand-in platforms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.core import Core
from app.domain.watch import Source
from app.drill.standin import HackerNews, World
from app.engine.poller import Outcome
from app.home import Home


class HandClock:
    """Starts now, stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)
        self.ran = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ran


class Town:
    """A home, Hacker News beside it, and a hand on both clocks."""

    def __init__(self, home: Home, world: World) -> None:
        self.home, self.world, self.clock = home, world, HandClock()
        self.platform = world.of(HackerNews)
        self.core = self.open()

    def open(self) -> Core:
        self.core = Core.open(self.home, desktop=False, engine_name="trivial", clock=self.clock)
        self.core.start(poll=False)
        return self.core

    def source(self, **more: object) -> Source:
        settings = {"server": self.world.url_of(HackerNews), "words": ("左耳",)}
        return self.core.save_source(Source(kind="hackernews", name="黑客新闻", settings=settings, **more))  # type: ignore[arg-type]

    def pass_time(self, **span: float) -> None:
        self.clock.at += timedelta(**span)
        self.clock.ran += timedelta(**span).total_seconds()
        self.platform.switches.clock += timedelta(**span).total_seconds()

    def poll(self) -> Outcome:
        return next(iter(self.core.engine.poll_once().result(60).values()))


@pytest.fixture
def town(home: Home) -> Iterator[Town]:
    with World((HackerNews,)) as world:
        made = Town(home, world)
        yield made
        made.core.close()
