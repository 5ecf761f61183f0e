"""One poller a source: when to read, what came of it, how well the source is seen.

Runs in the engine's loop. Reading files and SQL happen in worker threads; the page in hand is always
finished before the next is asked for, so a slow disk slows polling instead of filling memory.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from app import log
from app.domain.clock import Clock
from app.domain.watch import Health, Page, Source, SourceState
from app.engine.policy import Step, after_failure, after_success
from app.engine.sight import Took
from app.errors import AppError, BadResponse
from app.i18n import _

_log = log.topic("poll")

SPACING = 0.2
"""Seconds between the first polls of two sources."""
CONFIRM = 0.5
"""Seconds before an answer that was not understood is asked for again."""


class Reader(Protocol):
    """What a poller asks of the engine."""

    async def read(self, source: Source) -> Page:
        """One page from the source's stored cursor on."""
        ...

    async def keep(self, source: Source, page: Page) -> int:
        """Store the page and its cursor in one transaction; returns how many mentions are new."""
        ...

    async def pace(self, source: Source, every: float) -> float:
        """Seconds between polls, so that a day's quota lasts the day: `every` or more."""
        ...

    async def report(
        self, state: SourceState, *, was: SourceState, error: AppError | None, took: Took | None
    ) -> SourceState:
        """Write the source's health down; tell people when it went blind or healed. The state as kept."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """One poll, pages and all."""

    new: int
    error: AppError | None = None


class Poller:
    """Waits, reads, reports; `poke()` reads at once, `stop()` ends after the page in hand."""

    def __init__(
        self, state: SourceState, every: float, reader: Reader, clock: Clock, rng: random.Random
    ) -> None:
        self.state = state
        self.every = every
        self._reader = reader
        self._clock = clock
        self._rng = rng
        self._poked = asyncio.Event()
        self._stopping = False
        self._took = Took()
        self._before = state

    @property
    def source(self) -> Source:
        return self.state.source

    def poke(self) -> None:
        self._poked.set()

    def stop(self) -> None:
        self._stopping = True
        self._poked.set()

    async def run(self, delay: float | None) -> None:
        """Until stopped. Manual pokes while a poll is under way are folded into one."""
        while await self._due(delay):
            delay = (await self.poll())[1].delay

    async def _due(self, delay: float | None) -> bool:
        """Wait for the time, or a poke; False when it was a stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._poked.wait(), delay)
        self._poked.clear()
        return not self._stopping

    async def poll(self) -> tuple[Outcome, Step]:
        """Read until the source says there is no more; health is written either way."""
        self._took, self._before = Took(began=self._clock.now()), self.state
        try:
            await self._read_all()
        except AppError as error:
            step = await self._failed(error)
            return Outcome(self._took.new, error), step
        except Exception as error:  # noqa: BLE001  # a monitor's bug must not stop the others
            _log.error("source %s failed", self.source.id, exc_info=error)
            told = BadResponse(_("This source could not be understood; the log says more."))
            step = await self._failed(told)
            return Outcome(self._took.new, told), step
        step = await self._succeeded()
        return Outcome(self._took.new), step

    async def _read_all(self) -> None:
        more = True
        while more and not self._stopping:
            page = await self._page()
            new = await self._reader.keep(self.source, page)
            self._took = together(self._took, page, new)
            self.state = replace(self.state, skipped=self.state.skipped + page.skipped)
            more = page.more
        self._took = replace(self._took, whole=not more)

    async def _page(self) -> Page:
        """An answer that nobody understands is asked for once more before it is believed: one torn on its
        way is no blindness."""
        try:
            return await self._reader.read(self.source)
        except BadResponse:
            if self.state.failures or self._stopping:
                raise
            await asyncio.sleep(CONFIRM)
            return await self._reader.read(self.source)

    async def _succeeded(self) -> Step:
        step = after_success(await self._reader.pace(self.source, self.every), self._rng)
        if self.state.failures:
            _log.info("source %s healed after %s failures", self.source.id, self.state.failures)
        await self._report(step, failures=0, error=None)
        return step

    async def _failed(self, error: AppError) -> Step:
        failures = self.state.failures + 1
        if failures == 1:  # one line on breaking, one on healing, silence between
            _log.warning(
                "source %s broke: %s %s", self.source.id, type(error).__name__, error.details or error
            )
        step = after_failure(error, failures, self.every, self._rng)
        await self._report(step, failures=failures, error=error)
        return step

    async def _report(self, step: Step, *, failures: int, error: AppError | None) -> None:
        now, was = self._clock.now(), self._before
        following = None if step.delay is None else now + timedelta(seconds=step.delay)
        self.state = replace(
            self.state,
            health=step.health,
            failures=failures,
            error=error.text if error is not None else "",
            last_poll_at=now,
            last_good_at=now if error is None else was.last_good_at,
            next_poll_at=following,
        )
        self.state = await self._reader.report(self.state, was=was, error=error, took=self._took)


def together(took: Took, page: Page, new: int) -> Took:
    """A poll so far, and one page more of it."""
    listed = took.listed if page.listed is None else (took.listed or 0) + page.listed
    dates = [one.published_at for one in page.mentions if one.published_at is not None] if new else []
    return replace(
        took,
        new=took.new + new,
        fresh=took.fresh + len(page.mentions),
        listed=listed,
        skipped=took.skipped + page.skipped,
        oldest=min(filter(None, [took.oldest, *dates]), default=None),
        newest=max(filter(None, [took.newest, *dates]), default=None),
    )


def first_delay(
    index: int, state: SourceState, rng: random.Random, hurry: Callable[[], bool], now: datetime
) -> float | None:
    """Staggered at start, never all at once; a source whose person is needed is tried once. What a platform
    asked for before the program ended holds on."""
    if state.source.paused or state.health is Health.PAUSED:
        return None
    if hurry():
        return 0.0
    soon = index * SPACING + rng.uniform(0, SPACING)
    if state.health in (Health.LIMITED, Health.NEEDS_PERSON) and state.next_poll_at is not None:
        return max(soon, (state.next_poll_at - now).total_seconds())
    return soon
