"""A way to end, from any thread, what another thread waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Cancelled(Exception):  # named for what happened
    """A person has had enough."""


class Cancel:
    """`set` from any thread ends the request at once."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._on: Callable[[], object] | None = None
        self._set = False

    @property
    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        with self._guard:
            self._set = True
            if self._on is not None:
                self._on()

    def watch(self, on: Callable[[], object] | None) -> None:
        """What to call; at once where it is set already."""
        with self._guard:
            self._on = on
            if self._set and on is not None:
                on()


class Cancels:
    """All that are under way, so that closing the program waits for none of them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._open: set[Cancel] = set()
        self._closed = False

    def add(self, one: Cancel) -> None:
        with self._guard:
            self._open.add(one)
            closed = self._closed
        if closed:
            one.set()

    def discard(self, one: Cancel) -> None:
        with self._guard:
            self._open.discard(one)

    def close(self) -> None:
        with self._guard:
            self._closed = True
            running = tuple(self._open)
        for one in running:
            one.set()
