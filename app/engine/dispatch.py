"""Alerts leave: what is due in `storage.deliveries` goes out over the configured channels. Engine's loop.

The table is the queue. A message's deliveries are written down as begun before it leaves and as ended when
its outcome is known, so that a program killed in between loses none, and the next one knows that they were
perhaps delivered. An unclear one is sent again: over a channel that knows repetitions by their key as it
is, over any other once more, saying that it may be a repetition, since an alert read twice does less harm
than one never read (ADR 29). One program at a time sends over a channel; its pace is kept beside it in the
database, so that neither a restart nor a second program exceeds what a robot takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app import log
from app.alerts.channels.base import Channel
from app.change import Change
from app.domain.alert import Alert, Severity
from app.domain.clock import Clock
from app.domain.delivery import Delivery, Notice, Sent
from app.domain.outlet import Outlet
from app.domain.people import Person
from app.domain.web import Web
from app.engine.outlets import Makers
from app.errors import (
    AppError,
    ConfigError,
    NotFound,
    RateLimited,
    ReplyRejected,
    StorageError,
    Transient,
    Unsure,
)
from app.i18n import _
from app.storage.store import Storage

_log = log.topic("dispatch")

SCHEDULE = (10.0, 60.0, 300.0, 1800.0)
"""Seconds until what surely did not arrive is tried again; then it is given up."""
LEASE = 300.0
"""Seconds for one message, at the very most; past them another program may send."""
AWAY = (0.5, 2.0, 5.0, 15.0, 30.0)
"""Seconds between attempts to write down what became of a message; well within the lease."""
LOOK = 15.0
"""Seconds between two looks, whatever happens: other programs put alerts here too."""
REST = (10.0, 60.0)
"""Seconds a channel is left alone after the first failure, and after further ones."""
ABSENT = timedelta(minutes=5)
"""So long a channel's secrets may be on another machine only, which then sends for it."""
UNSURE = 2
"""Times that an unclear message sets out where its receiver cannot know a repetition."""


class Dispatch:
    """`wake` from any thread through the loop; everything else inside it."""

    def __init__(
        self,
        *,
        storage: Storage,
        makers: Makers[Channel[Any]],
        clock: Clock,
        tell: Callable[[Change], None],
        owner: str,
    ) -> None:
        self._storage = storage
        self._makers = makers
        self._clock = clock
        self._tell = tell
        self._owner = owner
        self._woken = asyncio.Event()
        self._busy: dict[str, asyncio.Task[float | None]] = {}
        self._resting: dict[str, float] = {}
        """Channels that may not go again yet, and until when on the clock that cannot be set."""
        self._ailing = False
        self.web: Web | None = None

    def wake(self) -> None:
        """Something was put into the queue. In the loop."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; a message that is on its way is waited for by whoever ends the loop."""
        stopping = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                wait = await self._look()
                await self._pause(wait, stopping)
        finally:
            stopping.cancel()
            if self._busy:
                await asyncio.wait(self._busy.values(), timeout=5)

    async def drain(self) -> None:
        """One message over every channel that may send now, and wait for it."""
        await self._look()
        if self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
        self._reap()

    async def test(self, kind: str, values: Mapping[str, Any], notice: Notice) -> str:
        """One message, at once; a sentence of how it went, or the error that says what to do."""
        if self.web is None:
            raise ConfigError(_("The engine is not running."))
        channel = await asyncio.to_thread(self._makers.of, kind, values, self.web)
        remark = await channel.send([notice])
        return " ".join(filter(None, (_("The test message was taken."), remark)))

    # ── when ─────────────────────────────────────────────────────────────────────────────────

    async def _pause(self, wait: float, stopping: asyncio.Future[Any]) -> None:
        woken = asyncio.ensure_future(self._woken.wait())
        waited = {woken, stopping, *self._busy.values()}
        await asyncio.wait(waited, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self._woken.clear()

    async def _look(self) -> float:
        """Begin what may begin; seconds until something more may."""
        self._reap()
        at = self._clock.monotonic()
        self._resting = {name: until for name, until in self._resting.items() if until > at}
        wait = min([LOOK, *(until - at for until in self._resting.values())])
        try:
            now = self._clock.now()
            for channel in await asyncio.to_thread(self._storage.deliveries.due_channels, now):
                if channel not in self._busy and channel not in self._resting:
                    self._busy[channel] = asyncio.ensure_future(self._serve(channel))
            due = await asyncio.to_thread(self._next_due)
        except StorageError as error:
            if not self._ailing:  # one line on breaking, silence until it heals
                _log.warning("alerts wait, the database does not answer: %s", error)
            self._ailing = True
            return LOOK
        except Exception as error:  # noqa: BLE001  # whatever it is, alerts must go on leaving
            _log.error("alerts wait", exc_info=error)
            return LOOK
        self._ailing = False
        if due is not None and due > now:
            wait = min(wait, (due - now).total_seconds())
        return max(wait, 0.05)

    def _next_due(self) -> datetime | None:
        return self._storage.deliveries.next_due(outside=True)

    def _reap(self) -> None:
        """Note which channels have ended their turn, and that one wants to be left alone for a while.

        No longer than LOOK: a P1 may have come, or another program have let go.
        """
        for name, task in tuple(self._busy.items()):
            if not task.done():
                continue
            del self._busy[name]
            if task.cancelled():
                continue
            if (error := task.exception()) is not None:
                _log.error("channel %s failed", name, exc_info=error)
            wait = LOOK if error is not None else task.result()
            if wait is not None:
                self._resting[name] = self._clock.monotonic() + min(LOOK, wait)

    # ── one channel ──────────────────────────────────────────────────────────────────────────

    async def _serve(self, channel: str) -> float | None:
        """One message, if it may leave; seconds until the next may (None: as the queue says)."""
        try:
            ready = await asyncio.to_thread(self._ready, channel)
        except StorageError as error:
            _log.warning("alerts wait, the database does not answer: %s", error)
            return LOOK
        if ready is None or self.web is None:
            return LOOK
        state, values = ready
        info = self._makers.kind(state.kind).info
        begun = await asyncio.to_thread(
            self._storage.deliveries.begin,
            state.id,
            self._owner,
            self._clock.now(),
            lease=LEASE,
            per_minute=info.per_minute,
            most=info.together,
        )
        if not begun.deliveries:
            return begun.wait
        await self._send(state, values, begun.deliveries)
        return None

    def _ready(self, channel: str) -> tuple[Outlet, dict[str, Any]] | None:
        """The channel and all it needs; None where what waits for it waits on, or has failed."""
        now, queue = self._clock.now(), self._storage.deliveries
        try:
            state, kept = self._usable(channel)
        except AppError as error:
            if isinstance(error, StorageError):
                raise
            if queue.fail(channel, now, error.text):
                self._tell(Change.DELIVERIES)
            return None
        if self._makers.absent(state, kept):
            told = _("The key of the channel “{name}” is not kept on this computer. Enter it here.")
            if queue.fail(channel, now, told.format(name=state.name), before=now - ABSENT):
                self._tell(Change.DELIVERIES)
            return None
        return state, {**state.settings, **kept}

    def _usable(self, channel: str) -> tuple[Outlet, dict[str, str]]:
        """NotFound or ConfigError where nothing can be sent over it until a person acts."""
        if not channel.isdigit():
            raise NotFound(_("There is no such channel (any more)."))
        state = self._storage.channels.get(int(channel))
        if state.paused:
            told = _("The channel “{name}” is paused.").format(name=state.name)
            raise ConfigError(state.error or told)
        return state, self._makers.kept(state)

    async def _send(self, state: Outlet, values: Mapping[str, Any], deliveries: Sequence[Delivery]) -> None:
        repeatable = self._makers.kind(state.kind).info.repeatable
        worn = [] if repeatable else [one for one in deliveries if one.unsure >= UNSURE]
        rest = [one for one in deliveries if one not in worn]
        ended, problem = [_lost(one) for one in worn], None
        if rest:
            remark, problem = await self._try(state, values, rest, repeatable)
            if problem is None:
                ended += [replace(one, state=Sent.SENT, error=remark) for one in rest]
            else:
                ended += self._failed(rest, problem, repeatable)
        if problem is not None:
            _log.warning("channel %s (%s): %s %s", state.id, state.kind, problem.text, problem.details)
        await self._written(state, ended, problem)

    async def _written(self, state: Outlet, ended: Sequence[Delivery], problem: AppError | None) -> None:
        """What became of a message must not be forgotten for a database that is away for a moment: it would
        be sent once more."""
        for pause in (*AWAY, None):
            try:
                await asyncio.to_thread(self._end, state, ended, problem)
            except StorageError as error:
                if pause is None:
                    raise
                _log.warning("channel %s: what became of it is not written down yet: %s", state.id, error)
                await asyncio.sleep(pause)
            else:
                return

    async def _try(
        self, state: Outlet, values: Mapping[str, Any], rest: Sequence[Delivery], repeatable: bool
    ) -> tuple[str, AppError | None]:
        """A remark, or what went wrong."""
        if self.web is None:
            return "", Transient(_("The engine is not running."))
        try:
            channel = await asyncio.to_thread(self._makers.of, state.kind, values, self.web)
            notices = await asyncio.to_thread(self._notices, rest, repeatable)
            return await _hand_over(channel, notices), None
        except AppError as error:
            return "", error
        except Exception as error:  # noqa: BLE001  # what became of it is unclear, and the others go on
            _log.error("channel %s broke", state.id, exc_info=error)
            told = _("Something unexpected went wrong ({reason}); the log says more.")
            return "", Unsure(told.format(reason=type(error).__name__))

    def _end(self, state: Outlet, ended: Sequence[Delivery], problem: AppError | None) -> None:
        now = self._clock.now()
        rests = None
        if isinstance(problem, RateLimited | Transient | Unsure):
            rests = now + timedelta(seconds=max(REST[bool(state.error)], _asked(problem)))
        self._storage.deliveries.ended(
            state.id,
            ended,
            now,
            error=problem.text if problem is not None else "",
            rests_until=rests,
            pause=isinstance(problem, ConfigError),
        )
        change = Change.DELIVERIES
        if bool(state.error) != (problem is not None):
            change |= Change.CHANNELS
        self._tell(change)

    def _failed(self, deliveries: Sequence[Delivery], error: AppError, repeatable: bool) -> list[Delivery]:
        """Each waits for its next turn, or is given up. `tries` and `unsure` are from before this one."""
        now = self._clock.now()
        later = isinstance(error, RateLimited | Transient | Unsure)
        made = []
        for one in deliveries:
            doubts = one.unsure + isinstance(error, Unsure)
            ended = replace(one, error=error.text, unsure=doubts)
            if not later or one.tries >= len(SCHEDULE) or (doubts >= UNSURE and not repeatable):
                made.append(replace(ended, state=Sent.FAILED))
                continue
            wait = max(SCHEDULE[one.tries], _asked(error))
            made.append(replace(ended, due_at=now + timedelta(seconds=wait)))
        return made

    # ── what is told ─────────────────────────────────────────────────────────────────────────

    def _notices(self, deliveries: Sequence[Delivery], repeatable: bool) -> list[Notice]:
        """One an alert, pointing at everybody it is for; for receivers that know repetitions, one each."""
        known = {one.name: one for one in self._storage.people.all()}
        made: dict[object, Notice] = {}
        for one in deliveries:
            people = (known.get(one.person) or Person(name=one.person),) if one.person else ()
            name: object = one.key if repeatable else one.alert_id
            before = made.get(name)
            if before is None:
                made[name] = self._notice(one, people)
            else:
                again = before.again or one.unsure > 0
                made[name] = replace(before, people=(*before.people, *people), again=again)
        return list(made.values())

    def _notice(self, one: Delivery, people: tuple[Person, ...]) -> Notice:
        try:
            alert = self._storage.alerts.get(one.alert_id)
        except NotFound:
            gone = _("An alert that is not in the database any more")
            return Notice(key=one.key, severity=Severity.P3, title=gone, at=one.created_at, people=people)
        return Notice(
            key=one.key,
            severity=alert.severity,
            title=alert.title,
            body=alert.body,
            reason=alert.reason,
            brand=self._brand(alert),
            url=self._url(alert),
            at=alert.created_at,
            copies=alert.copies,
            people=people,
            again=one.unsure > 0,
        )

    def _brand(self, alert: Alert) -> str:
        try:
            return self._storage.brands.get(alert.brand_id).name if alert.brand_id is not None else ""
        except NotFound:
            return ""

    def _url(self, alert: Alert) -> str:
        try:
            if alert.mention_id is not None:
                return self._storage.mentions.get(alert.mention_id).mention.url
        except NotFound:
            return ""
        return ""


async def _hand_over(channel: Channel[Any], notices: Sequence[Notice]) -> str:
    """A text that the platform will not have is no reason to stay silent: the news goes without it."""
    try:
        return await channel.send(notices)
    except ReplyRejected as error:
        bare = [
            replace(one, title=_("An alert; its text is in Tingfeng"), body="", reason="", url="", brand="")
            for one in notices
        ]
        remark = await channel.send(bare)
        told = _("Sent without the texts: {problem}").format(problem=error.text)
        return " ".join(filter(None, (told, remark)))


def _lost(one: Delivery) -> Delivery:
    told = _("It was perhaps delivered: twice no answer came.")
    return replace(one, state=Sent.FAILED, error=one.error or told)


def _asked(error: AppError) -> float:
    """Seconds that the other side wants to be left alone, an hour at the most."""
    wait = getattr(error, "retry_after", None)
    return min(3600.0, max(0.0, float(wait))) if wait is not None else 0.0
