"""Approved answers leave when their time to be taken back is over; by one program, on a thread of its own.

The database says when (`due_at`) and by whom (`sender`): the program in which the yes was said. An answer
of a program that is no more is sent by the one that polls, if it finds it soon; what is found later stays
approved and in sight, since much may have happened meanwhile, and waits for a person.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app import log
from app.change import Change
from app.domain.clock import Clock
from app.domain.outbox import Outgoing, Posting
from app.engine.sending import Sending
from app.errors import AppError, Conflict, StorageError
from app.storage.store import Storage

_log = log.topic("send")

SWEEP = 5.0
"""Seconds between two looks for answers whose program has died."""
STALE = timedelta(minutes=5)
"""An answer that should have left so long ago is not sent without asking."""


class Departing:
    """`add` what was approved here. The thread begins with the first, or with `start`."""

    def __init__(
        self,
        *,
        storage: Storage,
        sending: Sending,
        clock: Clock,
        tell: Callable[[Change], None],
        polls: Callable[[], bool],
    ) -> None:
        self._storage = storage
        self._sending = sending
        self._clock = clock
        self._tell = tell
        self._polls = polls
        self._mine: dict[int, float] = {}
        self._sweeps = False
        self._closed = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look for what other programs left behind, too, where this one polls."""
        with self._changed:
            self._sweeps = True
            self._begin()

    def add(self, id: int, seconds: float) -> None:
        """It leaves in so many seconds of real time, however the clock is set meanwhile."""
        with self._changed:
            self._mine[id] = time.monotonic() + seconds
            self._begin()

    def forget(self, id: int) -> None:
        """It was taken back."""
        with self._changed:
            self._mine.pop(id, None)

    def close(self) -> None:
        """What has not left stays approved; one that is being sent is waited for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(10)

    def _begin(self) -> None:
        self._changed.notify_all()
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, name="departing", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._closed:
                    self._changed.wait(self._pause())
                if self._closed:
                    return
                due = self._due()
                sweeps = self._sweeps and not due and self._polls()
            for id_ in due:
                self._mine_leaves(id_)
            if sweeps:
                self.sweep()

    def _due(self) -> list[int]:
        """Whose time has come; they are taken out. Holds the lock."""
        now = time.monotonic()
        due = [id_ for id_, at in self._mine.items() if at <= now]
        for id_ in due:
            del self._mine[id_]
        return due

    def _pause(self) -> float | None:
        """Seconds until something is due; None: until somebody says so. Holds the lock."""
        waits = [max(0.0, at - time.monotonic()) for at in self._mine.values()]
        if self._sweeps:
            waits.append(SWEEP)
        return min(waits) if waits else None

    def sweep(self) -> None:
        """Send what programs that are no more have left behind lately."""
        try:
            rows = self._storage.outbox.leaving()
        except StorageError as error:
            _log.warning("the outbox cannot be looked at: %s", error)
            return
        for row in rows:
            if soon(row, datetime.now(UTC)) and not self._sending.alive(row.sender):
                self._leave(row)

    def _mine_leaves(self, id_: int) -> None:
        """Unless it was taken back meanwhile, perhaps elsewhere, and approved anew for later."""
        try:
            row = self._storage.outbox.get(id_)
        except StorageError as error:
            _log.warning("answer %s has not left, and is tried again: %s", id_, error)
            self.add(id_, SWEEP)
            return
        except AppError:
            return  # it is not there any more
        if row.state is Posting.APPROVED and row.sender == self._sending.sender:
            self._leave(row)

    def _leave(self, row: Outgoing) -> None:
        try:
            self._sending.send(row.id, due=row.due_at)
        except StorageError as error:
            _log.warning("answer %s has not left, and is tried again: %s", row.id, error)
            self.add(row.id, SWEEP)
        except AppError as error:
            self._refused(row, error)
        except Exception as error:  # noqa: BLE001  # `send` has marked the row; the others must leave, too
            _log.error("answer %s failed", row.id, exc_info=error)

    def _refused(self, row: Outgoing, error: AppError) -> None:
        """Nothing was sent; unless somebody else took it in hand, that is how it ends."""
        try:
            now = self._storage.outbox.get(row.id)
            if now.state is Posting.APPROVED and now.due_at == row.due_at:
                self._storage.outbox.failed(row.id, error.text, self._clock.now())
        except Conflict:
            pass
        except AppError as again:
            _log.warning("answer %s cannot be marked: %s", row.id, again)
        self._tell(Change.OUTBOX)


def soon(row: Outgoing, now: datetime) -> bool:
    """Its time is over, and not for long."""
    return row.due_at is not None and row.due_at <= now < row.due_at + STALE
