"""The facade's life: what is opened, in which order, and how it is closed again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

from filelock import FileLock, Timeout

from app import log
from app.alerts.deliver import Desktop
from app.alerts.shipped import shipped
from app.analysis.complaint import load_complaints
from app.analysis.scoring import ENGINES, Chosen
from app.analysis.severity import load_cues
from app.change import Change
from app.core.alerts import Alerts
from app.core.brands import Brands
from app.core.channels import Channels
from app.core.desk import Desk
from app.core.drafting import Drafting
from app.core.files import Files
from app.core.incidents import Incidents
from app.core.judgement import Judgement
from app.core.knowledge import Knowledge
from app.core.mentions import Mentions
from app.core.outbox import Outbox
from app.core.people import People
from app.core.replies import Replies
from app.core.rules import Rules
from app.core.seeing import Seeing
from app.core.sources import Sources
from app.core.state import State
from app.core.teaching import Teaching
from app.core.trackers import Trackers
from app.domain.alert import Alert
from app.domain.cancel import Cancels
from app.domain.clock import Clock, SystemClock
from app.engine.alarms import Alarms
from app.engine.deadlines import Deadlines
from app.engine.departing import Departing
from app.engine.dispatch import Dispatch
from app.engine.engine import Engine
from app.engine.judging import ENGINE_KEY
from app.engine.ladder import Ladder
from app.engine.notifying import Notifier
from app.engine.outlets import channel_makers, tracker_makers
from app.engine.pipeline import Pipeline
from app.engine.sending import Sending
from app.engine.ticketing import Ticketing
from app.engine.warning import EarlyWarning, owner_of
from app.errors import AppError, StorageError, Unavailable
from app.home import Home
from app.i18n import _
from app.settings import file
from app.settings.secrets import LateStore
from app.storage.store import Storage
from monitors import ALL

_log = log.topic("core")

_CLIMBING = Change.ALERTS | Change.DELIVERIES | Change.RULES | Change.PEOPLE
"""After these an alert may have to climb, or not any more."""
UPKEEP_SECONDS = 24 * 3600
TAKE_OVER_SECONDS = 5.0

T = TypeVar("T")


class Core(
    Mentions,
    Judgement,
    Teaching,
    Brands,
    Sources,
    Seeing,
    Alerts,
    Incidents,
    Replies,
    Outbox,
    People,
    Desk,
    Rules,
    Channels,
    Knowledge,
    Drafting,
    Trackers,
    Files,
    State,
):
    """All that a window or a console may ask. Synchronous, thread-safe; a window asks off its thread."""

    def __init__(self) -> None:
        super().__init__()
        self._listeners: list[Callable[[Change], None]] = []
        self._toasts: list[Callable[[Alert], None]] = []
        self._raised: list[Callable[[Alert], None]] = []
        self._judged: list[Callable[[tuple[int, ...]], None]] = []
        self._listening = threading.Lock()
        self._started = False
        self._timer: threading.Timer | None = None
        self._lock: FileLock | None = None

    @classmethod
    def open(
        cls,
        home: Home,
        *,
        database: str | None = None,
        polls: bool = True,
        desktop: bool = True,
        clock: Clock | None = None,
        engine_name: str = "",
        demo: bool = False,
    ) -> Core:
        """Raises TooNew, Broken, Unavailable in words; nothing is left half open then.

        `polls`: take the polling lock of this home if nobody holds it. `demo`: a drill, which polls
        this machine only and in a hurry.
        """
        core = cls()
        core.home, core.demo, core.clock = home, demo, clock or SystemClock()
        try:
            home.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            told = _("The folder {folder} cannot be used: {reason}")
            raise Unavailable(told.format(folder=home.root, reason=error.strerror or error)) from error
        log.start(home.logs)
        core.local = file.load(home.settings)
        core.storage = Storage.open(
            database or core.local.database or str(home.database), backups=home.backups, clock=core.clock
        )
        try:
            core._assemble(polls=polls, desktop=desktop, engine_name=engine_name)
        except BaseException:
            core.storage.close()
            core._unlock()
            raise
        return core

    def _assemble(self, *, polls: bool, desktop: bool, engine_name: str) -> None:
        self.tell = self._tell
        self.polling, self.polling_by = self._take_lock() if polls else (False, "")
        self.secrets = LateStore(self.home.root)
        self.kinds_by_id = {monitor.info.id: monitor for monitor in ALL}
        self.cues = load_cues(self.home.words)
        self.complaints = load_complaints(self.home.words)
        self.pipeline = Pipeline(self.storage, self.cues, self.clock, self.tell)
        self.scorer = Chosen(engine_name or self._chosen_engine(), self.home.words)
        self.desktop = Desktop()
        self.storage.rules.lay(shipped(self.storage.settings.get("rule")))
        self.notifier = Notifier(
            storage=self.storage,
            desktop=self.desktop if desktop else None,
            clock=self.clock,
            tell=self.tell,
            toast=self._toast,
            windows=self._has_windows,
            me=lambda: self.me,
            channels=lambda: self.rule_channels(usable=True),
            on_duty=self.on_duty,
            scheduled=self._poke_ladder,
            failed=self._poke_ladder,
        )
        self.alarms = Alarms(
            storage=self.storage,
            notifier=self.notifier,
            clock=self.clock,
            tell=self.tell,
            raised=self._raise,
            windows=self._has_windows,
        )
        self.ladder = Ladder(
            storage=self.storage,
            notifier=self.notifier,
            clock=self.clock,
            tell=self.tell,
            failures=self._failures,
        )
        self.warning = EarlyWarning(
            storage=self.storage,
            alarms=self.alarms,
            watches=lambda: self.pipeline.watches,
            clock=self.clock,
            tell=self.tell,
            owner=owner_of(self.home),
        )
        self.deadlines = Deadlines(
            storage=self.storage, alarms=self.alarms, clock=self.clock, tell=self.tell
        )
        self.channel_makers = channel_makers(self.secrets, self.clock.now)
        self.tracker_makers = tracker_makers(self.secrets, self.clock.now)
        self.dispatch = Dispatch(
            storage=self.storage,
            makers=self.channel_makers,
            clock=self.clock,
            tell=self.tell,
            owner=owner_of(self.home),
        )
        self.ticketing = Ticketing(
            storage=self.storage, makers=self.tracker_makers, clock=self.clock, tell=self.tell
        )
        self.engine = Engine(
            storage=self.storage,
            pipeline=self.pipeline,
            alarms=self.alarms,
            judges=self.scorer,
            kinds=self.kinds_by_id,
            secrets=self.secrets,
            clock=self.clock,
            tell=self.tell,
            scored=self._scored,
            tick=self.warning.tick,
            dispatch=self.dispatch,
            ticketing=self.ticketing,
            proxy=self.local.proxy,
            hurry=self.demo,
            polls=self.polling,
        )
        self.sending = Sending(
            storage=self.storage,
            infos=self.kinds_by_id,
            clock=self.clock,
            ask=self.engine.answer,
            look=self.engine.look,
            tell=self.tell,
            folder=self.home.senders,
        )
        self.departing = Departing(
            storage=self.storage,
            sending=self.sending,
            clock=self.clock,
            tell=self.tell,
            polls=lambda: self.polling,
        )
        self.cancels = Cancels()
        self.template_draft = self.draft
        self.known_answers = self.answers_to
        self.background = ThreadPoolExecutor(1, thread_name_prefix="background")

    def _chosen_engine(self) -> str:
        """What the team put in office; our own where that is not to be had."""
        kept = self.storage.settings.get(ENGINE_KEY)
        return kept if isinstance(kept, str) and kept in ENGINES else ENGINES[0]

    def _take_lock(self) -> tuple[bool, str]:
        """One program polls for a home; the others show, and say so."""
        self._lock = FileLock(self.home.poll_lock)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self._lock = None
            return False, _("another Tingfeng window or command")
        except OSError as error:
            self._lock = None
            told = _("The folder {folder} cannot be used: {reason}")
            raise Unavailable(told.format(folder=self.home.root, reason=error.strerror or error)) from error
        return True, ""

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def start(self, *, poll: bool = True) -> None:
        """The engine begins; `poll` False (command line) judges and checks, and polls when told."""
        if not self._started:
            self._started = True
            self.engine.start(poll=poll)
            self.ladder.start()
            self.background.submit(self._recover)
            if poll:
                self.departing.start()
            if self.polling:
                self._keep_time(poll=poll)
                self._upkeep()
                self.background.submit(self.learn_again)
            elif poll and self.polling_by:
                self._later(TAKE_OVER_SECONDS, self._take_over)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._timer = threading.Timer(seconds, act)
        self._timer.daemon = True
        self._timer.start()

    def _take_over(self) -> None:
        """Look whether whoever polled for this home has left."""
        try:
            self.polling, self.polling_by = self._take_lock()
        except AppError as error:
            _log.warning("the polling lock cannot be looked at: %s", error)
        if not self.polling:
            self._later(TAKE_OVER_SECONDS, self._take_over)
            return
        _log.info("the other program has left; this one polls now")
        self.engine.take_over()
        self._keep_time(poll=True)
        self.tell(Change.SOURCES | Change.HEALTH)
        self._upkeep()

    def _keep_time(self, *, poll: bool) -> None:
        """A command that is over at once warns of no deadline; in a drill a quarter of an hour is over in
        a breath, and everything would be late."""
        if poll and not self.demo:
            self.deadlines.start()

    def _upkeep(self) -> None:
        """Now and every day: raw payloads are let go when their time is over."""
        self.background.submit(self._forget_raw)
        self._later(UPKEEP_SECONDS, self._upkeep)

    def _recover(self) -> None:
        try:
            self.sending.recover()
        except AppError as error:
            _log.warning("the outbox cannot be looked at: %s", error)

    def _forget_raw(self) -> None:
        try:
            gone = self.storage.mentions.purge_raw(self.clock.now() - timedelta(days=self.local.raw_days))
        except AppError as error:
            _log.warning("raw payloads are kept for now: %s", error)
        else:
            _log.info("%s raw payloads were older than %s days", gone, self.local.raw_days)

    def close(self) -> None:
        """Pollers, the page in hand, judging, the scoring process, the writer: in this order."""
        if self._timer is not None:
            self._timer.cancel()
        self.stop_learning()
        self.cancels.close()
        self.departing.close()
        if self._started and not self.engine.stop():
            _log.warning("the engine did not stop in time")
        self.deadlines.stop()
        self.ladder.close()
        self.background.shutdown(cancel_futures=True)
        self.sending.close()
        self.scorer.close()
        self.warning.close()
        self.alarms.close()
        self.desktop.close()
        try:
            self.storage.close()
        except StorageError as error:
            _log.warning("the database was not closed cleanly: %s", error)
        self._unlock()
        log.stop()

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Called from any thread; returns how to stop being called."""
        return self._listen(self._listeners, listener)

    def subscribe_alerts(self, listener: Callable[[Alert], None]) -> Callable[[], None]:
        """Alerts worth a toast, and again when copies make them grow."""
        return self._listen(self._toasts, listener)

    def subscribe_raised(self, listener: Callable[[Alert], None]) -> Callable[[], None]:
        """Every alert, also those held back from toasts, and again when copies make them grow."""
        return self._listen(self._raised, listener)

    def subscribe_scored(self, listener: Callable[[tuple[int, ...]], None]) -> Callable[[], None]:
        """Ids of mentions just judged, in batches; alerts they raise come first."""
        return self._listen(self._judged, listener)

    def _scored(self, ids: Sequence[int]) -> None:
        """Into stories first, so that a near-copy joins the alert of its story."""
        self._warned(lambda: self.warning.place(ids))
        self.alarms.consider(ids)
        self.deadlines.consider(ids)
        self._warned(self.warning.weigh)
        self._each(self._judged, tuple(ids))

    def _warned(self, act: Callable[[], None]) -> None:
        """What early warning cannot digest must not cost an alert; what is not stored is asked again."""
        if not self.polling:
            return
        try:
            act()
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001
            _log.error("early warning failed", exc_info=error)

    def _listen(self, to: list[Callable[..., None]], listener: Callable[..., None]) -> Callable[[], None]:
        with self._listening:
            to.append(listener)

        def quit_() -> None:
            with self._listening:
                if listener in to:
                    to.remove(listener)

        return quit_

    def _tell(self, change: Change) -> None:
        if change & Change.STATUS:  # it moves the clock of the desk, and settles what that has raised
            change |= Change.DESK | Change.ALERTS
        self.deadlines.heard(change)
        if change & (Change.DELIVERIES | Change.CHANNELS):
            self.engine.sending_soon()
        self._each(self._listeners, change)
        if change & _CLIMBING:
            self._poke_ladder()

    def _poke_ladder(self) -> None:
        self.ladder.poke()

    def _has_windows(self) -> bool:
        """Is there a window that shows cards?"""
        with self._listening:
            return bool(self._toasts)

    def _failures(self) -> None:
        """What channels did not take, said by the one program that polls for this home."""
        if self.polling:
            self.alarms.undelivered()

    def _toast(self, alert: Alert) -> None:
        self._each(self._toasts, alert)

    def _raise(self, alert: Alert) -> None:
        self._each(self._raised, alert)

    def _each(self, kept: list[Callable[[T], None]], news: T) -> None:
        with self._listening:
            listeners = tuple(kept)
        for listener in listeners:
            listener(news)
