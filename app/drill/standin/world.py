"""All stand-ins behind one loopback server. A listening thread, one thread a connection; `close` ends them.

`/PREFIX/_control` takes a JSON object of switches (`{"fail_next": {"n": 2, "mode": "503"}}`).
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

from app.drill.standin.platform import Call, Platform, Reply, as_json, parsed

MOST = 8 * 1024 * 1024
"""Bytes of a request's body."""

P = TypeVar("P", bound=Platform)


class World:
    """`World((HackerNews, …)).start()`; every platform is at `url_of(cls)`."""

    def __init__(self, kinds: Iterable[type[Platform]]) -> None:
        self.platforms = {kind.prefix: kind() for kind in kinds}
        self._server = _Server(self)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def url_of(self, kind: type[Platform]) -> str:
        """The base address for the monitor's `server` setting, without a slash at the end."""
        return f"{self.url}/{kind.prefix}"

    def of(self, kind: type[P]) -> P:
        found = self.platforms[kind.prefix]
        if not isinstance(found, kind):
            raise TypeError(f"{kind.prefix} is a {type(found).__name__}")
        return found

    def start(self) -> World:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="stand-in")
        self._thread.start()
        return self

    def close(self) -> None:
        """Ends every connection and thread; harmless when called again."""
        for platform in self.platforms.values():
            platform.closing.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.hang_up()
        self._server.server_close()

    def __enter__(self) -> World:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def answer(self, prefix: str, call: Call) -> Reply:
        platform = self.platforms.get(prefix)
        if platform is None:
            return as_json({"error": "no such platform"}, 404)
        if call.path == "/_control":
            return _controlled(platform, call)
        return platform.take(call)


def _controlled(platform: Platform, call: Call) -> Reply:
    told = call.json()
    try:
        platform.control(told if isinstance(told, dict) else {})
    except (ValueError, KeyError, TypeError) as error:
        return as_json({"error": f"no such switch: {error}"}, 400)
    return as_json({"ok": True})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, world: World) -> None:
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), _handler(world, self))

    def opened(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.add(connection)

    def ended(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.discard(connection)

    def hang_up(self) -> None:
        """Wake whoever still reads from a connection."""
        with self._guard:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


def _handler(world: World, server: _Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            server.opened(self.connection)

        def finish(self) -> None:
            server.ended(self.connection)
            with contextlib.suppress(OSError):
                super().finish()

        def handle(self) -> None:
            with contextlib.suppress(OSError):  # the client may have had enough
                super().handle()

        def _take(self) -> None:
            size = self.headers.get("content-length", "0")
            length = int(size) if size.isdigit() else 0
            body = self.rfile.read(min(length, MOST))
            told = {name.lower(): value for name, value in self.headers.items()}
            prefix, call = parsed(self.command, self.path, told, body)
            self._send(world.answer(prefix, call), prefix)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _take  # noqa: N815  # the server's own names

        def _send(self, given: Reply, prefix: str) -> None:
            if given.hang:
                world.platforms[prefix].closing.wait(60)
                self.close_connection = True
                return
            self.send_response(given.status)
            self.send_header("Content-Type", given.kind)
            for name, value in given.headers.items():
                self.send_header(name, value)
            if given.pieces is not None:
                self._stream(given.pieces, broken=given.cut is not None)
                return
            self.send_header("Content-Length", str(len(given.body)))
            if given.cut is not None:
                self.close_connection = True
            self.end_headers()
            self.wfile.write(given.body[: given.cut])

        def _stream(self, pieces: Iterable[bytes], *, broken: bool) -> None:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in pieces:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
            if broken:
                self.close_connection = True
            else:
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler


def main() -> None:  # pragma: no cover  # by hand
    """Serve all of them until interrupted; prints the address."""
    from app.drill.standin import PLATFORMS  # noqa: PLC0415  # it imports this module

    with World(PLATFORMS) as world:
        print(json.dumps({"url": world.url, "platforms": sorted(world.platforms)}), flush=True)  # noqa: T201
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
