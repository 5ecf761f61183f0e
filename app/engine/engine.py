"""The engine: pollers, judging and the clock's jumps, in one asyncio thread.

Facts go down into the database; only `Change` comes up. Everything a person asks of it from another
thread goes through `submit` and is answered by a Future.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app import log
from app.analysis.scoring import ENGINES
from app.change import Change
from app.domain.clock import Clock
from app.domain.judging import Panel
from app.domain.mention import Mention
from app.domain.seeing import Life
from app.domain.watch import Health, Page, Source, SourceState
from app.engine import canary
from app.engine.alarms import Alarms
from app.engine.allowance import ASKED, pace
from app.engine.dispatch import Dispatch
from app.engine.http import Clients
from app.engine.judging import ENGINE_KEY, Judges, Judging
from app.engine.loop import Loop
from app.engine.monitors import Kinds, Monitors
from app.engine.panel import panel_of
from app.engine.pipeline import Pipeline
from app.engine.policy import is_due
from app.engine.poller import SPACING, Outcome, Poller, first_delay
from app.engine.rescoring import Rescoring
from app.engine.revisits import Revisits
from app.engine.seeing import Rules, Seeing
from app.engine.sight import Took
from app.engine.signing import SignedIn, SignIn, Signing
from app.engine.ticketing import Ticketing
from app.engine.web import Asking
from app.errors import AppError, Conflict, RateLimited, ReplyRejected, StorageError
from app.i18n import _
from app.settings.secrets import SecretStore
from app.storage.store import Storage
from monitors.base import CanCheck, CanMark, CanReply, CanThread

_log = log.topic("engine")

T = TypeVar("T")

TICK = 10.0
CLOSER = 3
"""So many times more often a source is read while an incident asks for it."""
SLEPT = 60.0
"""Seconds of wall time that went missing: the machine slept."""

OUT_PER_MINUTE = 600.0
"""Requests to one host of a robot or tracker; what each takes is its own affair."""
THREADS_EVERY = 30.0
PURGE_EVERY = 1800.0
FORGET_AFTER = timedelta(hours=12)
"""Of a deleted post the words go after so long: within a day, but not on a platform's slip."""


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
        dispatch: Dispatch,
        ticketing: Ticketing,
        proxy: str = "",
        hurry: bool = False,
        polls: bool = True,
    ) -> None:
        self._storage = storage
        self._pipeline = pipeline
        self._alarms = alarms
        self._judges = judges
        self._kinds = kinds
        self._clock = clock
        self._tell = tell
        self._scored = scored
        self._tick = tick
        self._dispatch = dispatch
        self._ticketing = ticketing
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
        self._monitors = Monitors(storage, kinds, secrets, clock)
        self._revisits = Revisits(storage, pipeline, self._monitors, clock, self._every)
        self._seeing = Seeing(storage, alarms, clock, Rules(self._every, self._reach, self._streams), tell)
        self._stopping: asyncio.Event | None = None
        self._helpers: list[asyncio.Task[None]] = []
        self._clients: Clients | None = None
        self._signing = Signing(self._monitors.unsaved, self._gained)

    # ── life ──────────────────────────────────────────────────────────────────────────────────

    def start(self, *, poll: bool = True) -> None:
        """`poll` False: nothing is read until `poll_once`. Without the lock nothing is read or judged."""
        self._polling = poll and self._polls
        self._loop.start()

    def stop(self, timeout: float = 8.0) -> bool:
        """Stop pollers, finish the page in hand, stop judging; says whether it ended in time."""
        return self._loop.stop(timeout)

    async def _main(self, stop: asyncio.Event) -> None:
        self._clients = self._monitors.clients = Clients(proxy=self._proxy, hurry=self._hurry)
        self._dispatch.web = self._ticketing.web = Asking(self._clients.get(OUT_PER_MINUTE))
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
            self._helpers.append(asyncio.create_task(self._watch_threads(self._stopping)))
            self._helpers.append(asyncio.create_task(self._dispatch.run(self._stopping)))
            self._helpers.append(asyncio.create_task(self._ticketing.run(self._stopping)))
            self._reload_soon()

    async def _end(self, helpers: list[asyncio.Task[None]]) -> None:
        self._signing.cancel()
        pollers = [task for _poller, task in self._tasks.values()]
        for poller, _task in self._tasks.values():
            poller.stop()
        if pollers:
            _done, late = await asyncio.wait(pollers, timeout=5)
            for task in late:
                task.cancel()
        await self._flush()
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

    def check(
        self, kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str], source_id: int = 0
    ) -> Future[str]:
        """One sentence from the source itself. `source_id`: whose renewed secrets; 0 before it is saved."""
        return self._loop.submit(self._check(kind, settings, secrets, source_id))

    def answer(self, source: Source, to: Mention, text: str, key: str) -> Future[str]:
        """Send an approved answer (`app.engine.sending` decides whether); the platform's id for it."""
        return self._loop.submit(self._answer(source, to, text, key))

    def mark(self, source: Source, to: Mention, on: bool) -> Future[None]:
        """Feature a comment on its platform, or take that back."""
        return self._loop.submit(self._mark(source, to, on=on))

    def sending_soon(self) -> None:
        """Alerts may have been put into the queue of the channels."""
        self._loop.call(self._dispatch.wake)

    def ask(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Something of a channel or tracker, in the loop."""
        return self._loop.submit(work)

    def look(self, source: Source, to: Mention) -> Future[None]:
        """ReplyRejected where the platform shows that the post is gone, Conflict where it was answered."""
        return self._loop.submit(self._look(source, to))

    def begin_sign_in(self, kind: str, values: Mapping[str, Any], source_id: int = 0) -> Future[SignIn]:
        """Where the person's browser goes; what it brings is kept for the source, if there is one yet."""
        return self._loop.submit(self._signing.begin(kind, values, source_id))

    def finish_sign_in(self, pasted: str) -> Future[SignedIn]:
        return self._loop.submit(self._signing.finish(pasted))

    def cancel_sign_in(self) -> None:
        self._loop.call(self._signing.cancel)

    def poll_once(self) -> Future[dict[int, Outcome]]:
        """Every source that is not paused, once, and everything judged (command line)."""
        return self._loop.submit(self._poll_once())

    def poll_due(self) -> Future[datetime | None]:
        """After `start(poll=False)`: let early warning know the time, read the sources whose time has come
        by the engine's clock, judge everything, and say when the next one is due (None: not until a
        person acts).

        For a clock that stands still meanwhile; with `begin_polling` sources would be read twice.
        """
        return self._loop.submit(self._poll_due())

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

    def lives(self, source: Source) -> tuple[Life, ...]:
        """How long its tokens and quotas last; any thread, asks nobody."""
        return self._monitors.lives(source)

    async def _watch_threads(self, stop: asyncio.Event) -> None:
        """Threads that grow, canaries, and what must be forgotten."""
        passed = PURGE_EVERY
        while not stop.is_set():
            if passed >= PURGE_EVERY:
                passed = 0.0
                await self._purge()
            await _pause(stop, THREADS_EVERY)
            passed += THREADS_EVERY
            if not stop.is_set():
                await self._look_again(
                    [poller.state for poller, _task in tuple(self._tasks.values()) if _sees(poller.state)]
                )

    async def _look_again(self, states: Sequence[SourceState]) -> None:
        """Threads that are due and canaries of sources that can be read at present."""
        try:
            for source in await self._revisits.due([state.source for state in states]):
                if await self._revisits.visit(source):
                    self._wake_judging()
            for state in states:
                await self._look_for_canary(state)
        except AppError as error:
            _log.warning("threads are not read again for now: %s", error)

    async def _look_for_canary(self, state: SourceState) -> None:
        source, now = state.source, self._clock.now()
        if not source.canary:
            return
        sight = await asyncio.to_thread(self._seeing.sight, state)
        if canary.is_due(source, sight, now, self._monitors.info(source).per_day):
            monitor = await self._monitors.of(source)
            found = await canary.find(monitor, source.canary, self._pipeline.watches, self._storage)
            if found is not None:
                await asyncio.to_thread(self._seeing.looked, state, canary.looked, found=found)

    async def _purge(self) -> None:
        """Words and authors of posts that were deleted a while ago; a second look was possible till now."""
        try:
            before = self._clock.now() - FORGET_AFTER
            if await asyncio.to_thread(self._storage.mentions.purge_gone, before):
                self._tell(Change.MENTIONS)
        except StorageError as error:
            _log.warning("deleted posts are not forgotten yet: %s", error)

    async def _flush(self) -> None:
        """Health that waits to be written."""
        try:
            await asyncio.to_thread(self._seeing.flush)
        except StorageError as error:
            _log.warning("the health of sources is not written down: %s", error)

    async def _reload(self) -> None:
        self._monitors.forget()
        try:
            states = await asyncio.to_thread(self._storage.sources.all)
            await asyncio.to_thread(self._seeing.reload)
        except StorageError as error:
            _log.warning("sources cannot be read: %s", error)
            return
        wanted = {state.source.id: state for state in states}
        for id_, (poller, task) in tuple(self._tasks.items()):
            kept = wanted.get(id_)
            if kept is None or kept.source != poller.source or task.done():
                poller.stop()
                if kept is None or kept.source.settings != poller.source.settings:
                    self._seeing.forget(id_)
                del self._tasks[id_]
            elif poller.state.health is Health.NEEDS_PERSON and kept.health is Health.NEW:
                poller.poke()  # a person acted, perhaps in another program
        for index, state in enumerate(states):
            if state.source.id not in self._tasks and state.source.kind in self._kinds:
                self._begin(index, state)

    def _begin(self, index: int, state: SourceState) -> None:
        poller = self._poller(state)
        delay = first_delay(index, state, self._rng, self._in_hurry, self._clock.now())
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

    def _streams(self, source: Source) -> bool:
        return self._kinds[source.kind].info.network

    def _reach(self, source: Source) -> int:
        return self._kinds[source.kind].info.reach

    async def _watch_clock(self, stop: asyncio.Event) -> None:
        """After sleep, read soon but staggered; notice what other programs wrote to the database."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        seen = await self._look_around(None)
        waited = 0.0
        while not stop.is_set():
            await _pause(stop, 1.0)
            waited += 1.0
            seen = await self._look_around(seen)
            await self._flush()
            if self._polls:
                await self._tick_quietly()
            if waited >= TICK:
                waited = 0.0
                await self._look_closer()
                if not self._hurry and self._slept(wall, steady):  # a drill's time may jump
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
        within = max(30.0, SPACING * len(self._tasks))
        for poller, _task in self._tasks.values():
            if poller.state.health is not Health.NEEDS_PERSON and not poller.source.paused:
                loop.call_later(self._rng.uniform(0, within), poller.poke)

    async def _check(
        self, kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str], source_id: int
    ) -> str:
        monitor = self._monitors.unsaved(kind, {**settings, **secrets}, source_id)
        if not isinstance(monitor, CanCheck):
            return _("The settings are complete.")
        return await monitor.check()

    async def _answer(self, source: Source, to: Mention, text: str, key: str) -> str:
        monitor = await self._monitors.of(source)
        if not isinstance(monitor, CanReply):
            raise ReplyRejected(_("This source takes no answers from here."))
        return await monitor.reply(to, text, key)

    async def _mark(self, source: Source, to: Mention, *, on: bool) -> None:
        monitor = await self._monitors.of(source)
        if not isinstance(monitor, CanMark):
            raise ReplyRejected(_("This source's comments cannot be featured from here."))
        await monitor.mark(to, on)

    async def _look(self, source: Source, to: Mention) -> None:
        monitor = await self._monitors.of(source)
        if not isinstance(monitor, CanThread):
            return
        thread = await monitor.thread(to, None)
        identity = (to.platform, to.kind, to.native_id)
        if thread.gone or identity in thread.page.gone:
            raise ReplyRejected(_("This post is not there any more."))
        if identity in thread.page.answered:
            raise Conflict(_("This post was answered on the platform itself."))

    async def _gained(self, source_id: int, secrets: Mapping[str, str]) -> None:
        """Signing in brought these: into the keyring, and the source is read again."""
        await self._monitors.keep(source_id, secrets)
        await asyncio.to_thread(self._heal, source_id)
        self._poke(source_id)
        self._tell(Change.SOURCES | Change.HEALTH)

    def _heal(self, source_id: int) -> None:
        state = self._storage.sources.get(source_id)
        if state.health is Health.NEEDS_PERSON:
            self._storage.sources.set_health(
                source_id, Health.NEW, error="", failures=0, last_poll_at=state.last_poll_at
            )

    async def _poll_once(self) -> dict[int, Outcome]:
        outcomes = await self._read_all(await self._readable())
        if self._polls and not self._polling:  # nobody else sends what this has raised
            await self._dispatch.drain()
        return outcomes

    async def _poll_due(self) -> datetime | None:
        now = self._clock.now()
        await self._tick_quietly()
        await self._read_all([state for state in await self._readable() if is_due(state, now)])
        times = [state.next_poll_at for state in await self._readable()]
        return min((one for one in times if one is not None), default=None)

    async def _readable(self) -> list[SourceState]:
        states = await asyncio.to_thread(self._storage.sources.all)
        return [one for one in states if not one.source.paused and one.source.kind in self._kinds]

    async def _read_all(self, states: Sequence[SourceState]) -> dict[int, Outcome]:
        """Each once, side by side, with the threads that are due, and everything judged."""
        polls: list[Awaitable[tuple[Outcome, object]]] = [self._poller(state).poll() for state in states]
        self._monitors.forget()
        await asyncio.to_thread(self._seeing.reload)
        outcomes = await asyncio.gather(*polls)
        await self._flush()
        await self._look_again([state for state in states if state.source.id in _well(states, outcomes)])
        await self._purge()
        await self._drain()
        return {state.source.id: outcome for state, (outcome, _step) in zip(states, outcomes, strict=True)}

    async def _drain(self) -> None:
        await self._configure()  # a brand added a moment ago counts
        if self._judging is not None:
            await self._judging.drain()

    # ── the pollers' Reader ──────────────────────────────────────────────────────────────────

    async def read(self, source: Source) -> Page:
        monitor = await self._monitors.of(source)
        cursor = await self._monitors.cursor(source.id)
        ASKED.set("")
        try:
            return await monitor.poll(self._pipeline.watches, cursor)
        except RateLimited as error:
            host = ASKED.get()
            if host:  # told in the platform's own way, perhaps: all who ask in the same name wait
                (await self._monitors.meter(source)).hold(host, error.retry_after)
            raise

    async def keep(self, source: Source, page: Page) -> int:
        if page.note:
            _log.info("source %s: %s", source.id, page.note)
        for key, reason in page.unsent:
            await asyncio.to_thread(self._storage.outbox.bounced, key, reason, self._clock.now())
        if page.unsent:
            self._tell(Change.OUTBOX | Change.STATUS)
        nothing = not (page.mentions or page.gone or page.answered)
        if nothing and self._monitors.stands(source.id, page.cursor):
            return 0
        saved = await asyncio.to_thread(self._pipeline.take, source, page)
        self._monitors.moved(source.id, page.cursor)
        if saved.new or saved.edited:
            self._wake_judging()
            await self._revisits.begin(source, saved.new)
        return len(saved.new)

    async def pace(self, source: Source, every: float) -> float:
        try:
            meter = await self._monitors.meter(source)
            left = await meter.left()
        except StorageError:
            return every
        seconds = meter.quota.left_of_day(self._clock.now())
        return pace(every, left, seconds, float(self._monitors.sharers(meter)))

    async def report(
        self, state: SourceState, *, was: SourceState, error: AppError | None, took: Took | None
    ) -> SourceState:
        try:
            return await asyncio.to_thread(self._seeing.report, state, was=was, error=error, took=took)
        except StorageError as failed:
            _log.warning("health of source %s is not written down: %s", state.source.id, failed)
        return state


def _sees(state: SourceState) -> bool:
    return state.health is Health.OK and not state.source.paused


def _well(states: Sequence[SourceState], outcomes: Sequence[tuple[Outcome, object]]) -> set[int]:
    """Sources whose poll went well."""
    return {
        state.source.id
        for state, (outcome, _step) in zip(states, outcomes, strict=True)
        if outcome.error is None
    }


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
