"""A real server on loopback that can be told to misbehave, and a way to run a monitor against it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest


@dataclass
class Answer:
    """What is sent for one request. `cut` breaks off after so many bytes of the body."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stream: Callable[[], Iterator[bytes]] | None = None
    wait: float = 0.0
    cut: int | None = None


@dataclass
class Request:
    path: str
    headers: dict[str, str]


class Server:
    """`answer` decides by path; `forced`, while set, is given to everyone instead."""

    def __init__(self) -> None:
        self.answer: Callable[[Request], Answer] = lambda _request: Answer(status=404)
        self.forced: Answer | None = None
        self.journal: list[Request] = []
        self._ended = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def fail(self, status: int, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.forced = Answer(body, status, named)

    def heal(self) -> None:
        self.forced = None

    def rest(self, seconds: float) -> None:
        """Sleep, but not past the end of the test."""
        self._ended.wait(seconds)

    def close(self) -> None:
        if self._ended.is_set():
            return
        self._ended.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            request = Request(self.path, {name.lower(): value for name, value in self.headers.items()})
            server.journal.append(request)
            given = server.forced or server.answer(request)
            server.rest(given.wait)
            with contextlib.suppress(OSError):  # the client may have had enough
                self._send(given)

        def _send(self, given: Answer) -> None:
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            if given.stream is None:
                self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            for chunk in given.stream() if given.stream else (given.body[: given.cut],):
                self.wfile.write(chunk)
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def run() -> Callable[..., Any]:
    """`run(Feed, settings, "poll")` or `run(Feed, settings, "check")`, each with a client of its own."""

    def run_(
        cls: Any, settings: Any, what: str = "poll", cursor: str | None = None, wait: float = 5.0
    ) -> Any:
        async def inside() -> Any:
            async with httpx.AsyncClient(trust_env=False, timeout=wait, verify=False) as http:  # noqa: S501  # plain HTTP
                monitor = cls(settings, http)
                return await (monitor.check() if what == "check" else monitor.poll((), cursor))

        return asyncio.run(inside())

    return run_


@pytest.fixture
def all_pages(run: Callable[..., Any]) -> Callable[..., Any]:
    """Poll until there is no more; the pages in order."""

    def all_pages_(cls: Any, settings: Any, cursor: str | None = None) -> list[Any]:
        pages = [run(cls, settings, cursor=cursor)]
        while pages[-1].more:
            assert len(pages) < 200, "pages never end"
            pages.append(run(cls, settings, cursor=pages[-1].cursor))
        return pages

    return all_pages_


@pytest.fixture
def asked(server: Server) -> Callable[..., Any]:
    """`asked(path, limit=…)`: what reading.fetch makes of this server."""
    from monitors.reading import fetch

    def asked_(path: str = "/", wait: float = 5.0, **more: Any) -> Any:
        async def inside() -> Any:
            async with httpx.AsyncClient(trust_env=False, timeout=wait, verify=False) as http:  # noqa: S501  # plain HTTP
                return await fetch(http, server.url + path if path.startswith("/") else path, **more)

        return asyncio.run(inside())

    return asked_


@pytest.fixture
def timed() -> Callable[..., Any]:
    """`timed(work)`: seconds it took, and what it gave or raised."""

    def timed_(work: Callable[[], Any]) -> tuple[float, Any]:
        began = time.monotonic()
        try:
            made = work()
        except Exception as error:  # noqa: BLE001  # the outcome is what the test looks at
            made = error
        return time.monotonic() - began, made

    return timed_
