"""The timer of the desk: it sleeps until the next clock has something to say, and says it then.

Its own thread; nothing is swept. What it sleeps for is one number in the database (the least `next_at`), so
a program that is killed, a machine that sleeps and a clock that is put right lose nothing: whoever looks
next finds the same number. It looks again when somebody here or in another program wrote, and every few
seconds, which is how a jump of the clock is noticed.

Several programs may run one each: a level is told by the one that takes it (`storage.deadlines.claim`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from app import log
from app.change import Change
from app.desk.holidays import known_until
from app.domain.alert import Alert
from app.domain.clock import Clock
from app.domain.desk import Warned
from app.errors import AppError, NotFound, StorageError
from app.storage.store import Storage

_log = log.topic("deadline")

LOOK = 5.0
"""Seconds after which it looks again unasked."""
AT_ONCE = 10
"""Told between two writes; more would make the last of them wait."""
WAKES = Change.DESK | Change.PEOPLE | Change.STATUS


class Tells(Protocol):
    """Who makes an alert of it."""

    def deadline(self, warned: Warned) -> Alert | None: ...


class Deadlines:
    """`start` and `stop` once; everything else from any thread."""

    def __init__(
        self, *, storage: Storage, alarms: Tells, clock: Clock, tell: Callable[[Change], None]
    ) -> None:
        self._storage = storage
        self._alarms = alarms
        self._clock = clock
        self._tell = tell
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._ailing = False

    # ── life ─────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Once; for the program that polls."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name="deadlines", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """What is being told is told first."""
        self._stopping.set()
        self._awake.set()
        if self._thread is not None:
            self._thread.join(10)

    def heard(self, change: Change) -> None:
        """Something changed, here or in another program."""
        if change & WAKES:
            self._awake.set()

    # ── what comes to the desk ───────────────────────────────────────────────────────────────

    def consider(self, ids: Sequence[int]) -> None:
        """Freshly judged mentions, after the alarms have looked at them."""
        arrived = self._storage.deadlines.consider(ids, self._clock.now())
        if arrived:
            self._tell(Change.DESK | (Change.STATUS if arrived.reopened else Change.NONE))

    # ── the thread ───────────────────────────────────────────────────────────────────────────

    def _live(self) -> None:
        self._begin()
        while not self._stopping.is_set():
            self._awake.clear()  # before looking: what is written while we look wakes us again
            self._awake.wait(self._turn())

    def _begin(self) -> None:
        """Since the last start the program may have learnt of other holidays."""
        if self._clock.now().date() > known_until():
            _log.info("no public holidays are known for this year: plain weekdays have to do")
        try:
            if self._storage.deadlines.redate(self._clock.now()):
                self._tell(Change.DESK)
        except Exception as error:  # noqa: BLE001  # the clocks that can be read must run
            _log.error("deadlines are not worked out anew", exc_info=error)

    def _turn(self) -> float:
        """Everything that is due; for how many seconds nothing will be."""
        try:
            while not self._stopping.is_set() and self.tell_due():
                pass
            due = self._storage.deadlines.next_at()
        except StorageError as error:
            if not self._ailing:  # one line on breaking, silence until it heals
                _log.warning("the clocks of the desk cannot be read: %s", error)
            self._ailing = True
            return LOOK
        except Exception as error:  # noqa: BLE001  # a row nobody can read must not stop all clocks for ever
            if not self._ailing:
                _log.error("the clocks of the desk cannot be read", exc_info=error)
            self._ailing = True
            return LOOK
        self._ailing = False
        if due is None:
            return LOOK
        return min(LOOK, max(0.0, (due - self._clock.now()).total_seconds()))

    def tell_due(self) -> int:
        """Some of the clocks that have reached a level by now; 0 when there are none."""
        claimed = self._storage.deadlines.claim(self._clock.now(), AT_ONCE)
        told = [one for one in claimed if self._told(one)]
        self._storage.deadlines.told(told, self._clock.now())
        if told:
            self._tell(Change.DESK)
        return len(claimed)

    def _told(self, warned: Warned) -> bool:
        """False: it comes again in half a minute."""
        try:
            self._alarms.deadline(warned)
        except NotFound:
            return True  # the mention is gone, and nobody need answer it
        except AppError as error:
            _log.warning("the deadline of mention %s is not told yet: %s", warned.mention_id, error)
            return False
        except Exception as error:  # noqa: BLE001  # one alert's bad luck must not stop the clock of others
            _log.error("the deadline of mention %s is not told", warned.mention_id, exc_info=error)
            return False
        return True
