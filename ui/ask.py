"""Ask the core something off the GUI thread and get the answer back on it.

An answer is dropped when its owner is gone, or when the same owner has since asked again for the
same purpose (the name of `done`). `work` runs in a reader thread: it closes over the core and plain
values, never over a widget, or a widget could die in the wrong thread. Questions that may take long
(a network check, an import) say so with `slow` and do not hold up the others. One object serves the
whole window, so no QObject is ever born or destroyed elsewhere.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

T = TypeVar("T")
P = TypeVar("P")
EVERY = 1 / 12
"""Seconds between two pieces that are shown."""
log = logging.getLogger("tingfeng.ui")


class _Asked(NamedTuple):
    owner: QObject
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None]
    heard: Callable[[Any], None] | None = None


class _Teller:
    """Passes pieces on, not more often than an eye can follow. One thread calls it."""

    def __init__(self, number: int, tell: Callable[[int, object], None]) -> None:
        self._number, self._tell, self._last = number, tell, 0.0

    def __call__(self, piece: object) -> None:
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            self._tell(self._number, piece)


class Asker(QObject):
    """Lives in the GUI thread, like everyone who asks."""

    _back = Signal(int, object)
    _piece = Signal(int, object)

    def __init__(self, parent: QObject | None = None, readers: int = 2) -> None:
        super().__init__(parent)
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="reader")
        self._slow = ThreadPoolExecutor(2, thread_name_prefix="slow-reader")
        self._long = ThreadPoolExecutor(4, thread_name_prefix="long-reader")
        self._numbers = count()
        self._waiting: dict[int, _Asked] = {}
        self._newest: dict[tuple[int, str], int] = {}
        self._closed = False
        # Queued even within this thread: an answer that is ready at once must not arrive inside `ask`.
        self._back.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._piece.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def ask(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
        *,
        slow: bool = False,
    ) -> None:
        """`done` and `failed` are bound methods of `owner`."""
        if self._closed:
            return
        number = next(self._numbers)
        self._waiting[number] = _Asked(owner, done, failed)
        self._newest[id(owner), done.__name__] = number
        pool = self._slow if slow else self._readers
        future = pool.submit(work)
        future.add_done_callback(lambda answered: self._send_back(number, answered))

    def listen(
        self,
        owner: QObject,
        work: Callable[[Callable[[P], None]], T],
        heard: Callable[[P], None],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """For what comes piece by piece and may take minutes, on a thread that nothing else waits for:
        `work` is given what to call with each piece, and `heard` gets them on the GUI thread, the newest of
        those that come within a twelfth of a second."""
        if self._closed:
            return
        number = next(self._numbers)
        self._waiting[number] = _Asked(owner, done, failed, heard)
        self._newest[id(owner), done.__name__] = number
        future = self._long.submit(work, _Teller(number, self._tell))
        future.add_done_callback(lambda answered: self._send_back(number, answered))

    def close(self) -> None:
        """Answers still under way are dropped; nothing is waited for."""
        self._closed = True
        self._waiting.clear()
        self._newest.clear()
        for pool in (self._readers, self._slow, self._long):
            pool.shutdown(wait=False, cancel_futures=True)

    @property
    def busy(self) -> int:
        """How many questions are open."""
        return len(self._waiting)

    def _tell(self, number: int, piece: object) -> None:
        # Runs in a reader thread, as `_send_back` does.
        if not self._closed:
            with suppress(RuntimeError):
                self._piece.emit(number, piece)

    def _pass_on(self, number: int, piece: object) -> None:
        asked = self._waiting.get(number)
        if asked is not None and asked.heard is not None and isValid(asked.owner):
            asked.heard(piece)

    def _send_back(self, number: int, answered: Future[Any]) -> None:
        # Runs in a reader thread. The window may have gone meanwhile, and this object with it.
        if self._closed:
            return
        try:
            self._back.emit(number, answered)
        except RuntimeError:
            log.debug("an answer came back after the window was gone")

    def _deliver(self, number: int, answered: Future[Any]) -> None:
        asked = self._waiting.pop(number, None)
        if asked is None:
            return
        purpose = (id(asked.owner), asked.done.__name__)
        if self._newest.get(purpose) != number:
            return
        del self._newest[purpose]
        if not isValid(asked.owner):
            return
        error = answered.exception()
        if error is not None:
            asked.failed(error)
        else:
            asked.done(answered.result())
