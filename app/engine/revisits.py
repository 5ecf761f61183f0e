"""Threads that grow are read again, inside each source's budget. Engine's loop; SQL in worker threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app import log
from app.domain.clock import Clock
from app.domain.mention import Kind, Mention
from app.domain.watch import Page, Source
from app.engine.monitors import Monitors
from app.engine.pipeline import Pipeline
from app.engine.revisit import after_failure, after_visit, begin, visits
from app.errors import AppError, RateLimited
from app.storage.store import Storage
from app.storage.values import Revisit
from monitors.base import CanThread, Thread

_log = log.topic("revisit")

TICK = 30.0
"""Seconds between two looks at what is due."""
PAGES = 5
"""Of one thread in one visit."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of one: comments that are new."""

    new: int
    cursor: str | None
    gone: bool = False


class Revisits:
    def __init__(
        self,
        storage: Storage,
        pipeline: Pipeline,
        monitors: Monitors,
        clock: Clock,
        every: Callable[[Source], float],
    ) -> None:
        self._storage = storage
        self._pipeline = pipeline
        self._monitors = monitors
        self._clock = clock
        self._every = every

    async def begin(self, source: Source, new: Sequence[int]) -> None:
        """Freshly stored mentions: the posts among them that name a brand are read again."""
        if new and self._monitors.offers(source, CanThread):
            await asyncio.to_thread(self._begin, source, new)

    def _begin(self, source: Source, new: Sequence[int]) -> None:
        now = self._clock.now()
        roots = self._storage.mentions.roots_of(new)
        self._storage.seeing.begin_revisits(
            [begin(id_, source.id, native_id, now) for id_, native_id in roots]
        )

    async def due(self, sources: Iterable[Source]) -> list[Source]:
        """Those of the sources that have a thread to be read."""
        waiting = await asyncio.to_thread(self._storage.seeing.next_due)
        now = self._clock.now()
        return [one for one in sources if one.id in waiting and waiting[one.id] <= now]

    async def visit(self, source: Source) -> int:
        """As many threads of a source as are due and may be read; whether something new was stored."""
        meter = await self._monitors.meter(source)
        per_minute = self._monitors.info(source).per_minute
        polls = meter.quota.left_of_day(self._clock.now()) / self._every(source)
        most = visits(per_minute, TICK, await meter.left(), polls * self._monitors.sharers(meter))
        due = await asyncio.to_thread(self._storage.seeing.due, source.id, self._clock.now(), most)
        new = 0
        for one in due:
            try:
                new += await self._one(source, one)
            except RateLimited as error:
                _log.info("source %s: threads wait: %s", source.id, error)
                break
        return new

    async def _one(self, source: Source, one: Revisit) -> int:
        try:
            came = await self._read(source, one)
        except RateLimited:
            raise
        except AppError as error:
            _log.info("thread %s of source %s: %s", one.mention_id, source.id, error.details or error)
            await self._put(one, after_failure(one, self._clock.now()))
            return 0
        except Exception as error:  # noqa: BLE001  # a monitor's bug must not stop the others
            _log.error("thread %s of source %s failed", one.mention_id, source.id, exc_info=error)
            await self._put(one, after_failure(one, self._clock.now()))
            return 0
        following = None if came is None or came.gone else after_visit(
            one, came.new, came.cursor, self._clock.now()
        )  # fmt: skip
        await self._put(one, following)
        return came.new if came is not None else 0

    async def _put(self, one: Revisit, following: Revisit | None) -> None:
        if following is None:
            await asyncio.to_thread(self._storage.seeing.drop_revisits, [one.mention_id])
        else:
            await asyncio.to_thread(self._storage.seeing.put_revisits, [following])

    async def _read(self, source: Source, one: Revisit) -> Visit | None:
        """None where the mention is not there any more, or its source cannot do it any more."""
        found = await asyncio.to_thread(self._storage.mentions.many, [one.mention_id])
        monitor = await self._monitors.of(source)
        if not found or found[0].gone_at is not None or not isinstance(monitor, CanThread):
            return None
        post, cursor, new = found[0].mention, one.cursor, 0
        for _page in range(PAGES):
            told = await monitor.thread(post, cursor)
            new += await self._take(source, post, told)
            cursor = told.page.cursor
            if told.gone or not told.page.more:
                return Visit(new, cursor, told.gone)
        return Visit(new, cursor)

    async def _take(self, source: Source, post: Mention, told: Thread) -> int:
        """The thread's post and comments, stored; how many comments are new."""
        gone: tuple[tuple[str, Kind, str], ...] = (
            ((post.platform, post.kind, post.native_id),) if told.gone else ()
        )
        posts = (told.post,) if told.post is not None else ()
        page: Page = replace(
            told.page, mentions=(*posts, *told.page.mentions), gone=(*told.page.gone, *gone)
        )
        saved = await asyncio.to_thread(self._pipeline.take, source, page, set_cursor=False)
        return len(saved.new)
