"""The engine: pollers, judging and the clock's jumps, in one asyncio thread.

Facts go down into the database; only `Change` comes up. Everything a person asks of it from another
thread goes through `submit` and is answered by a Future.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

from app import log
from app.analysis.scoring import ENGINES
from app.change import Change
from app.domain.clock import Clock
from app.domain.judging import Panel
from app.domain.watch import Health, Page, Source, SourceState
from app.engine.alarms import Alarms
from app.engine.http import Clients
from app.engine.judging import ENGINE_KEY, Judges, Judging
from app.engine.loop import Loop
from app.engine.panel import panel_of
from app.engine.pipeline import Pipeline
from app.engine.policy import is_blind
from app.engine.poller import Outcome, Poller, first_delay
from app.engine.rescoring import Rescoring
from app.errors import ConfigError, NotFound, StorageError
from app.i18n import _
from app.settings.schema import read, secret_names
from app.settings.secrets import SecretStore
from app.storage.store import Storage
from monitors.base import CanCheck, Monitor

_log = log.topic("engine")

TICK = 10.0
CLOSER = 3
"""So many times more often a source is read while an incident asks for it."""
SLEPT = 60.0
"""Seconds of wall time that went missing: the machine slept."""

Kinds = Mapping[str, type[Monitor[Any]]]


class Engine:
    """Also the pollers' Reader: it knows how to make a monitor and where a page goes."""

    def __init__(
        self,
        *,
        storage: Storage,
        pipeline: Pipeline,
        alarms: Alarms,
        judges: Judges,
        kinds: Kinds,
        secrets: SecretStore,
        clock: Clock,
        tell: Callable[[Change], None],
        scored: Callable[[Sequence[int]], object],
        tick: Callable[[], object] = lambda: None,
        proxy: str = "",
        hurry: bool = False,
        polls: bool = True,
    ) -> None:
        self._storage = storage
        self._pipeline = pipeline
        self._alarms = alarms
        self._judges = judges
        self._kinds = kinds
        self._secrets = secrets
        self._clock = clock
        self._tell = tell
        self._scored = scored
        self._tick = tick
        self._proxy = proxy
        self._hurry = hurry
        self._polls = polls
        self._polling = False
        self._rng = random.Random()  # noqa: S311  # jitter, not secrecy
        self._loop = Loop(self._main)
        self._tasks: dict[int, tuple[Poller, asyncio.Task[None]]] = {}
        self._closer: frozenset[int] = frozenset()
        self._unseeing = False
        self._ailing = False
        self._judging: Judging | None = None
        self._rescoring: Rescoring | None = None
        self._panel: Panel | None = None
        self._stopping: asyncio.Event | None = None
        self._helpers: list[asyncio.Task[None]] = []
        self._clients: Clients | None = None

    # ── life ──────────────────────────────────────────────────────────────────────────────────

    def start(self, *, poll: bool = True) -> None:
        """`poll` False: nothing is read until `poll_once`. Without the lock nothing is read or judged."""
        self._polling = poll and self._polls
        self._loop.start()

    def stop(self, timeout: float = 8.0) -> bool:
        """Stop pollers, finish the page in hand, stop judging; says whether it ended in time."""
        return self._loop.stop(timeout)

    async def _main(self, stop: asyncio.Event) -> None:
        self._clients = Clients(proxy=self._proxy, hurry=self._hurry)
        self._judging = Judging(self._storage, self._judges, self._tell, self._scored)
        self._rescoring = Rescoring(self._storage, self._judges, self._tell)
        self._stopping = stop
        await self._configure()
        self._helpers = [asyncio.create_task(self._watch_clock(stop))]
        if self._polling:
            self._begin_soon()
        await stop.wait()
        await self._end(self._helpers)

    def _begin_soon(self) -> None:
        if self._judging is not None and self._stopping is not None:
            self._helpers.append(asyncio.create_task(self._judging.run(self._stopping)))
            if self._rescoring is not None:
                self._helpers.append(asyncio.create_task(self._rescoring.run(self._stopping)))
            self._reload_soon()

    async def _end(self, helpers: list[asyncio.Task[None]]) -> None:
        pollers = [task for _poller, task in self._tasks.values()]
        for poller, _task in self._tasks.values():
            poller.stop()
        if pollers:
            _done, late = await asyncio.wait(pollers, timeout=5)
            for task in late:
                task.cancel()
        if self._judging is not None:
            self._judging.wake()
        _done, late = await asyncio.wait(helpers, timeout=2)
        for task in late:
            task.cancel()
        if self._clients is not None:
            await self._clients.close()

    # ── asked from other threads ─────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Sources were added, changed, paused or removed."""
        if self._polling:
            self._loop.call(self._reload_soon)

    def begin_polling(self) -> None:
        """After `start(poll=False)`: read and judge from now on."""
        if self._polls and not self._polling:
            self._polling = True
            self._loop.call(self._begin_soon)

    def take_over(self) -> None:
        """The program that polled for this home has left; this one reads and judges from now on."""
        self._polls = True
        self.begin_polling()

    def stored(self) -> None:
        """Something was stored by another path (an import): judge it."""
        self._loop.call(self._wake_judging)

    def reconfigure(self) -> None:
        """The engine of judgement, a brand, or what was taught about one has changed."""
        self._loop.call(self._configure_soon)

    def rejudge(self) -> Future[int]:
        """Everything that carries an older judgement, at once (command line); how many there were."""
        return self._loop.submit(self._rejudge())

    def poll_now(self, source_id: int | None) -> None:
        """Debounced: a poll under way is not doubled."""
        self._loop.call(lambda: self._poke(source_id))

    def check(self, kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Future[str]:
        """One sentence from the source itself, before anything is saved."""
        return self._loop.submit(self._check(kind, settings, secrets))

    def poll_once(self) -> Future[dict[int, Outcome]]:
        """Every source that is not paused, once, and everything judged (command line)."""
        return self._loop.submit(self._poll_once())

    def drain(self) -> Future[None]:
        """Judge everything that waits."""
        return self._loop.submit(self._drain())

    # ── inside the loop ───────────────────────────────────────────────────────────────────────

    def _wake_judging(self) -> None:
        if self._judging is not None:
            self._judging.wake()

    def _configure_soon(self) -> None:
        self._configuring = asyncio.ensure_future(self._configure(wake=True))

    async def _configure(self, *, wake: bool = False) -> None:
        """Tell the judges what is watched, if that has changed; and who judges, if somebody else chose."""
        try:
            panel = await asyncio.to_thread(panel_of, self._storage)
            chosen = await asyncio.to_thread(self._storage.settings.get, ENGINE_KEY)
        except StorageError as error:
            _log.warning("what the judges must know cannot be read: %s", error)
            return
        changed = panel != self._panel
        if chosen in ENGINES and chosen != self._judges.engine:
            await asyncio.to_thread(self._judges.change, chosen)
            changed = True
        if changed:
            self._panel = panel
            self._judges.configure(panel)
        if self._rescoring is not None and (changed or wake):
            self._rescoring.wake()

    async def _rejudge(self) -> int:
        await self._configure()
        return await self._rescoring.drain() if self._rescoring is not None else 0

    def _reload_soon(self) -> None:
        self._reloading = asyncio.ensure_future(self._reload())

    def _poke(self, source_id: int | None) -> None:
        for poller, _task in self._tasks.values():
            if source_id is None or poller.source.id == source_id:
                poller.poke()

    async def _reload(self) -> None:
        try:
            states = await asyncio.to_thread(self._storage.sources.all)
        except StorageError as error:
            _log.warning("sources cannot be read: %s", error)
            return
        wanted = {state.source.id: state for state in states}
        for id_, (poller, task) in tuple(self._tasks.items()):
            kept = wanted.get(id_)
            if kept is None or kept.source != poller.source or task.done():
                poller.stop()
                del self._tasks[id_]
        for index, state in enumerate(states):
            if state.source.id not in self._tasks and state.source.kind in self._kinds:
                self._begin(index, state)

    def _begin(self, index: int, state: SourceState) -> None:
        poller = self._poller(state)
        delay = first_delay(index, state, self._rng, self._in_hurry)
        self._tasks[state.source.id] = (poller, asyncio.create_task(poller.run(delay)))

    def _in_hurry(self) -> bool:
        return self._hurry

    def _poller(self, state: SourceState) -> Poller:
        return Poller(state, self._every(state.source), self, self._clock, self._rng)

    def _every(self, source: Source) -> float:
        """Seconds between polls; a third while an incident asks, but no less than its kind bears."""
        least = self._kinds[source.kind].info.every
        if self._hurry and source.every:
            return float(source.every)
        every = max(least, source.every)
        return float(max(least, every / CLOSER) if source.id in self._closer else every)

    async def _watch_clock(self, stop: asyncio.Event) -> None:
        """After sleep, read soon but staggered; notice what other programs wrote to the database."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        seen = await self._look_around(None)
        waited = 0.0
        while not stop.is_set():
            await _pause(stop, 1.0)
            waited += 1.0
            seen = await self._look_around(seen)
            if self._polls:
                await self._tick_quietly()
            if waited >= TICK:
                waited = 0.0
                await self._look_closer()
                if self._slept(wall, steady):
                    self._wake_staggered()
                wall, steady = self._clock.now(), self._clock.monotonic()

    async def _tick_quietly(self) -> None:
        """Silence counts too, and what waits does not wait for the next mention."""
        try:
            await asyncio.to_thread(self._tick)
        except StorageError as error:
            if not self._ailing:  # one line on breaking, as below
                _log.warning("early warning waits: %s", error)
            self._ailing = True
        except Exception as error:  # noqa: BLE001  # a detector's bug must not stop polling
            if not self._ailing:
                _log.error("early warning failed", exc_info=error)
            self._ailing = True
        else:
            self._ailing = False

    async def _look_closer(self) -> None:
        """Sources that an incident came from are read more often for a while, and not longer."""
        try:
            closer = await asyncio.to_thread(self._storage.warning.closer_sources, self._clock.now())
        except StorageError:
            return  # for the pollers to report
        fresh, self._closer = closer - self._closer, closer
        for id_, (poller, _task) in self._tasks.items():
            poller.every = self._every(poller.source)
            if id_ in fresh and not poller.source.paused:
                poller.poke()

    def look_closer(self) -> None:
        """An incident is to be watched closer, or no longer: at once."""
        self._loop.call(self._look_closer_soon)

    def _look_closer_soon(self) -> None:
        self._closing_in = asyncio.ensure_future(self._look_closer())

    async def _look_around(self, seen: int | None) -> int | None:
        """Brands, sources and mentions that another program wrote count here within a second or two.

        A database that does not answer is for the pollers to report; this looks again.
        """
        try:
            version = await asyncio.to_thread(self._storage.data_version)
            if version != seen:
                await asyncio.to_thread(self._pipeline.reload)
                await self._configure()
                self.reload()
                self._wake_judging()
            if version != seen and seen is not None:
                self._tell(~Change.NONE)
        except StorageError as error:
            if not self._unseeing:  # one line on breaking, silence until it heals
                _log.warning("the database cannot be looked at: %s", error)
            self._unseeing = True
            return seen
        self._unseeing = False
        return version

    def _slept(self, wall: datetime, steady: float) -> bool:
        passed = self._clock.now() - wall
        return passed - timedelta(seconds=self._clock.monotonic() - steady) > timedelta(seconds=SLEPT) or (
            passed > timedelta(seconds=TICK + SLEPT)
        )

    def _wake_staggered(self) -> None:
        _log.info("the clock jumped; reading every source soon")
        loop = asyncio.get_running_loop()
        for poller, _task in self._tasks.values():
            if poller.state.health is not Health.NEEDS_PERSON and not poller.source.paused:
                loop.call_later(self._rng.uniform(0, 30), poller.poke)

    async def _check(self, kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> str:
        monitor = self._monitor(kind, {**settings, **secrets})
        if not isinstance(monitor, CanCheck):
            return _("The settings are complete.")
        return await monitor.check()

    async def _poll_once(self) -> dict[int, Outcome]:
        states = [
            state for state in await asyncio.to_thread(self._storage.sources.all) if not state.source.paused
        ]
        known = [state for state in states if state.source.kind in self._kinds]
        polls: list[Awaitable[tuple[Outcome, object]]] = [self._poller(state).poll() for state in known]
        outcomes = await asyncio.gather(*polls)
        await self._drain()
        return {state.source.id: outcome for state, (outcome, _step) in zip(known, outcomes, strict=True)}

    async def _drain(self) -> None:
        await self._configure()  # a brand added a moment ago counts
        if self._judging is not None:
            await self._judging.drain()

    # ── the pollers' Reader ──────────────────────────────────────────────────────────────────

    async def read(self, source: Source) -> Page:
        cursor = await asyncio.to_thread(self._storage.sources.cursor, source.id)
        values = {**source.settings, **await asyncio.to_thread(self._secrets_of, source)}
        return await self._monitor(source.kind, values).poll(self._pipeline.watches, cursor)

    async def keep(self, source: Source, page: Page) -> int:
        if page.note:
            _log.info("source %s: %s", source.id, page.note)
        saved = await asyncio.to_thread(self._pipeline.take, source, page)
        if saved.new or saved.edited:
            self._wake_judging()
        return len(saved.new)

    async def report(self, state: SourceState, *, was: SourceState) -> None:
        try:
            await asyncio.to_thread(self._report, state, was)
        except StorageError as error:
            _log.warning("health of source %s is not written down: %s", state.source.id, error)
        self._tell(Change.HEALTH)

    def _report(self, state: SourceState, was: SourceState) -> None:
        self._storage.sources.set_health(
            state.source.id,
            state.health,
            error=state.error,
            failures=state.failures,
            last_poll_at=state.last_poll_at,
            last_good_at=state.last_good_at,
            next_poll_at=state.next_poll_at,
            skipped_add=state.skipped - was.skipped,
        )
        now = self._clock.now()
        if state.failures and not was.failures:
            self._storage.sources.open_gap(state.source.id, was.last_good_at or now, state.error)
        if was.failures and not state.failures:
            self._storage.sources.close_gap(state.source.id, now)
            self._alarms.healed(state.source.id)
        if is_blind(state.health, state.failures) and not is_blind(was.health, was.failures):
            self._alarms.blind(state)

    def _secrets_of(self, source: Source) -> dict[str, str]:
        names = secret_names(self._kinds[source.kind].Settings)
        return {name: self._secrets.get(f"source/{source.id}/{name}") for name in names}

    def _monitor(self, kind: str, values: Mapping[str, Any]) -> Monitor[Any]:
        if kind not in self._kinds:
            raise NotFound(_("There is no kind of source named “{kind}”.").format(kind=kind))
        if self._clients is None:
            raise ConfigError(_("The engine is not running."))
        monitor = self._kinds[kind]
        return monitor(read(monitor.Settings, values), self._clients.get(monitor.info.per_minute))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
