"""The scoring loop: what is stored unscored is judged, newest first, and handed to the alarms.

The queue is the table itself (`score is null`), so nothing is lost when the scorer or the program dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from app import log
from app.analysis.scoring import Versions
from app.change import Change
from app.domain.judging import Ask, Panel
from app.domain.sentiment import Score
from app.errors import ScoringError, StorageError
from app.storage.edge import pieces
from app.storage.store import Storage

_log = log.topic("score")

BATCH = 128
AHEAD = 2
"""Batches asked for at once; more would let the newest wait for longer."""
ENGINE_KEY = "engine"
"""The setting that names the engine in office, for everybody on this database."""
IDLE = 20.0
"""Seconds after which the table is looked at again unasked (another program may have written)."""


class Judges(Protocol):
    """The scoring process, or anything that judges texts in order."""

    @property
    def engine(self) -> str: ...

    def configure(self, panel: Panel) -> None: ...

    def change(self, engine: str) -> None: ...

    def submit(self, texts: Sequence[Ask | str]) -> Future[list[Score]]: ...

    def versions(self) -> Future[Versions]: ...


class Judging:
    """One run at a time, in the engine's loop; SQL in worker threads."""

    def __init__(
        self,
        storage: Storage,
        judges: Judges,
        tell: Callable[[Change], None],
        scored: Callable[[Sequence[int]], object],
    ) -> None:
        self._storage = storage
        self._judges = judges
        self._tell = tell
        self._scored = scored
        self._wake = asyncio.Event()
        self._owing = True
        """Is there perhaps a judgement that whoever hears of them was not told, since before a crash?"""
        self._one = asyncio.Lock()  # two at once would judge, and tell, the same rows twice

    def wake(self) -> None:
        """In the loop: something was stored."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                done = await self.batch()
            except (ScoringError, StorageError) as error:
                _log.warning("judging waits: %s %s", error, error.details)
                done = 0
                await _sleep(stop, 5.0)
            if not done:
                await self._idle()

    async def drain(self) -> None:
        """Judge everything that waits (command line); raises what goes wrong."""
        while await self.batch():
            pass

    async def batch(self) -> int:
        """At most AHEAD batches, each kept and told by itself; 0 when nothing waits."""
        async with self._one:
            return await self._batch()

    async def _batch(self) -> int:
        if self._owing:
            await asyncio.to_thread(self._pass_on)
        rows = await asyncio.to_thread(self._storage.mentions.unscored, AHEAD * BATCH)
        # All are asked for at once: the judge reads the next ones while these are kept.
        asked = [
            (part, self._judges.submit([Ask(row.text, row.brands) for row in part]))
            for part in pieces(rows, BATCH)
        ]
        for part, future in asked:
            scores = await asyncio.wrap_future(future)
            judged = [(row.id, row.revision, score) for row, score in zip(part, scores, strict=True)]
            await asyncio.to_thread(self._keep, judged)
        return len(rows)

    def _keep(self, judged: Sequence[tuple[int, int, Score]]) -> None:
        self._owing = True
        self._storage.mentions.save_scores(judged)
        self._tell(Change.SCORES)
        self._pass_on()

    def _pass_on(self) -> None:
        """First judgements, each until it has been heard: a disk that is full for a moment, or a program
        that is killed here, must not cost an alert. Who hears of one twice raises no second alert."""
        while ids := self._storage.mentions.untold(BATCH):
            self._scored(ids)
            self._storage.mentions.told(ids)
        self._owing = False

    async def _idle(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE)
        except TimeoutError:
            return
        finally:
            self._wake.clear()


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
