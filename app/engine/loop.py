"""The asyncio loop in its own thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Loop:
    """Runs `main(stop)` until `stop` is set; other threads hand it work with `submit`."""

    def __init__(self, main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        self._main = main
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._live, name="engine", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def _live(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._main(self._stop)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """From any other thread."""
        if self._loop is None:
            work.close()
            raise RuntimeError("the engine is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, act: Callable[[], object]) -> None:
        """Run a quick act in the loop; nothing happens once it has stopped."""
        if self._loop is not None and not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(act)
            except RuntimeError:
                return  # closed between the question and the call

    def stop(self, timeout: float = 8.0) -> bool:
        """Ask, wait, and say whether it ended in time."""
        if self._stop is not None:
            self.call(self._stop.set)
            self._thread.join(timeout)
        return not self._thread.is_alive()
