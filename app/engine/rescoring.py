"""What carries an older judgement is judged again, in the background, the newest first.

A pass begins when the version that scores would have now is new to this database: another engine,
another model, another layer of what a team taught. Its place is kept with every batch, so that a
program that is killed goes on where it was; a pass that was finished is remembered, so that two
desks with different versions do not take turns for ever. Old judgements stay, with their version.
Nobody is alerted: what is judged again was news before. In the engine's loop; SQL in worker threads.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from app import log
from app.analysis.scoring import Versions
from app.change import Change
from app.domain.judging import Ask
from app.domain.sentiment import Score
from app.engine.judging import Judges
from app.errors import ScoringError, StorageError
from app.storage.store import Storage
from app.storage.values import Stale

_log = log.topic("score")

BATCH = 64
IDLE = 300.0
"""Seconds after which it is looked again whether anything is stale."""
SHARE = 3.0
"""Of its time, a pass works one part in so many: a person is at this machine."""
LONGEST_REST = 2.0
REMEMBERED = 100
KEY = "rescoring"


class Step(NamedTuple):
    """A stretch may hold nothing stale and yet not be the last."""

    judged: int
    more: bool


class Rescoring:
    """One pass at a time."""

    def __init__(self, storage: Storage, judges: Judges, tell: Callable[[Change], None]) -> None:
        self._storage = storage
        self._judges = judges
        self._tell = tell
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """In the loop: the engine, the brands or a layer have changed."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            began = time.monotonic()
            try:
                step = await self.batch()
            except (ScoringError, StorageError) as error:
                _log.warning("judging again waits: %s %s", error, error.details)
                step = Step(0, more=False)
            rest = min((time.monotonic() - began) * (SHARE - 1), LONGEST_REST) if step.more else IDLE
            await self._rest(stop, rest)

    async def drain(self) -> int:
        """The whole pass at once (command line); how many were judged again."""
        step = Step(0, more=True)
        total = 0
        while step.more:
            step = await self.batch()
            total += step.judged
        return total

    async def batch(self) -> Step:
        """One batch of a pass; nothing where the pass was made before."""
        versions = await asyncio.wrap_future(self._judges.versions())
        key = _key(self._judges.engine, versions)
        kept = await asyncio.to_thread(self._kept)
        if key in kept["done"]:
            return Step(0, more=False)
        before = kept["before"] if kept["key"] == key else None
        stale = await asyncio.to_thread(
            self._storage.mentions.stale, self._judges.engine, versions, before, BATCH
        )
        scores = await asyncio.wrap_future(
            self._judges.submit([Ask(row.text, row.brands) for row in stale.rows])
        )
        await asyncio.to_thread(self._keep, stale, scores, {**kept, "key": key})
        if stale.before_id is None:
            await asyncio.to_thread(self._finish, key, kept)
        return Step(len(stale.rows), more=stale.before_id is not None)

    def _kept(self) -> dict[str, Any]:
        found = self._storage.settings.get(KEY)
        plain: Mapping[str, Any] = found if isinstance(found, dict) else {}
        before, done = plain.get("before"), plain.get("done")
        return {
            "key": plain.get("key"),
            "before": before if isinstance(before, int) else None,
            "done": done if isinstance(done, list) else [],
        }

    def _keep(self, stale: Stale, scores: Sequence[Score], kept: dict[str, Any]) -> None:
        """Scores first: a batch done twice changes nothing, one left out would stay old."""
        judged = [(row.id, row.revision, score) for row, score in zip(stale.rows, scores, strict=True)]
        self._storage.mentions.save_scores(judged)
        self._storage.settings.set(KEY, {**kept, "before": stale.before_id})
        if judged:
            self._tell(Change.SCORES)

    def _finish(self, key: str, kept: dict[str, Any]) -> None:
        done = [*kept["done"], key][-REMEMBERED:]
        self._storage.settings.set(KEY, {"key": key, "before": None, "done": done})
        _log.info("every mention carries a judgement of this version")

    async def _rest(self, stop: asyncio.Event, seconds: float) -> None:
        """Until then, or until woken or stopped."""
        waits = {asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(stop.wait())}
        _done, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        self._wake.clear()


def forget_passes(storage: Storage) -> None:
    """A person wants everything judged by what is in force now, also if that was so before."""
    storage.settings.set(KEY, {})


def _key(engine: str, versions: Versions) -> str:
    told = json.dumps([engine, sorted((str(id_), version) for id_, version in versions.items())])
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
