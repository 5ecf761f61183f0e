"""One database, SQLite or PostgreSQL: a writer with its own thread, and readers for everybody else.

`write` may be called from any thread and blocks until its transaction is committed (or undone);
`read` lends a connection that cannot write. No peewee, sqlite or psycopg error leaves this module:
they become Unavailable or Broken. What differs between the engines is in `engines.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TypeVar

import peewee

from app.errors import Unavailable
from app.i18n import _
from app.storage.connection import Connection
from app.storage.engines import Engine

T = TypeVar("T")

_KEPT_READERS = 4


class Database:
    """Opened by `Storage.open`; closed once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._closed = False
        self._guard = threading.Lock()
        self._idle: list[Connection] = []
        self._own = engine.connection()
        self._writer = threading.Thread(target=self._serve, name="storage-writer", daemon=True)
        self._writer.start()

    def write(self, act: Callable[[Connection], T]) -> T:
        """Run `act` in one transaction on the writer thread; its outcome or its error comes back."""
        return self._submit(lambda: self._transact(act))

    def on_writer(self, act: Callable[[Connection], T]) -> T:
        """Run `act` on the writer's connection outside any transaction."""
        return self._submit(lambda: self._guarded(act))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection of one's own that can only read, for the length of the block."""
        connection = self._borrow()
        try:
            with self.engine.errors():
                yield connection
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)

    def close(self) -> None:
        """Finish what is queued, then close every connection."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
            idle, self._idle = self._idle, []
        self._writer.join()
        for connection in idle:
            connection.close()

    def _submit(self, job: Callable[[], T]) -> T:
        if threading.current_thread() is self._writer:
            raise RuntimeError("a write must not ask for another write")
        outcome: Future[T] = Future()
        with self._guard:
            self._refuse_if_closed()
            self._jobs.put((outcome, job))
        return outcome.result()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            outcome, work = job
            try:
                outcome.set_result(work())
            except BaseException as error:  # noqa: BLE001  # handed whole to the thread that asked
                outcome.set_exception(error)
            del outcome, work, job
        self._own.close()

    def _transact(self, act: Callable[[Connection], T]) -> T:
        def inside(connection: Connection) -> T:
            with self.engine.transaction(connection):
                made = act(connection)
            self.engine.wrote(connection)
            return made

        return self._guarded(inside)

    def _guarded(self, act: Callable[[Connection], T]) -> T:
        with self.engine.errors():
            try:
                return act(self._own)
            except (peewee.OperationalError, peewee.InterfaceError):
                # The server may be gone or the file moved: the next write connects afresh.
                if not self._own.usable():
                    self._own.close()
                raise

    def _borrow(self) -> Connection:
        with self._guard:
            self._refuse_if_closed()
            if self._idle:
                return self._idle.pop()
        return self.engine.connection(read_only=True)

    def _give_back(self, connection: Connection) -> None:
        with self._guard:
            if not self._closed and len(self._idle) < _KEPT_READERS:
                self._idle.append(connection)
                return
        connection.close()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise Unavailable(_("The database has been closed."))
