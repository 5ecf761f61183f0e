"""Where the browser comes back to: one answer on 127.0.0.1, and a small page for the person.

Runs in the engine's loop. What arrives is hostile, since every web page open on this machine may send it:
it is bounded in size and time, must name our own host and path, and nothing of it is shown or logged.
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from app.errors import ConfigError
from app.i18n import _, language

MOST = 16 * 1024
"""Bytes of a request's head."""
PATIENCE = 10.0
"""Seconds for one request."""


class Listener:
    """`took` is given the query of the first request to `path`, and says whether it was a good one."""

    def __init__(self, path: str, took: Callable[[str], bool]) -> None:
        self._path = path or "/"
        self._took = took
        self._taken = False
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self, port: int = 0) -> None:
        """On 127.0.0.1 only; 0 is any free port. ConfigError where the port is taken."""
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=MOST)
        except (OSError, OverflowError):
            told = _(
                "Port {port} of this computer is in use, so the browser could not come back to it. Close "
                "the program that uses it, or register another address with the platform and set it here."
            )
            raise ConfigError(told.format(port=port), field="redirect") from None
        self.port = int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """No further request is taken; the one in hand is answered."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            status, good = self._answer(head.decode("latin-1"))
            writer.write(_response(status, good))
            await asyncio.wait_for(writer.drain(), PATIENCE)
        except (TimeoutError, OSError, ValueError, EOFError, asyncio.LimitOverrunError):
            return  # whoever asks like that gets no answer
        finally:
            writer.close()

    def _answer(self, head: str) -> tuple[HTTPStatus, bool]:
        line, *headers = head.split("\r\n")
        method, _blank, target = line.partition(" ")
        where = urlsplit(target.partition(" ")[0])
        if not self._is_us(headers):
            return HTTPStatus.BAD_REQUEST, False
        if where.path != self._path or self._taken:
            return HTTPStatus.NOT_FOUND, False
        if method != "GET":
            return HTTPStatus.METHOD_NOT_ALLOWED, False
        self._taken = True
        self.close()
        return HTTPStatus.OK, self._took(where.query)

    def _is_us(self, headers: list[str]) -> bool:
        """A page elsewhere that calls itself by a name leading here (DNS rebinding) is turned away."""
        told = [one.partition(":")[2].strip() for one in headers if one.lower().startswith("host:")]
        return told in ([f"127.0.0.1:{self.port}"], [f"localhost:{self.port}"])


_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font-family:sans-serif;max-width:32em;margin:20vh auto 0;color:#222;background:#fff}}</style>
</head><body><h1>{title}</h1><p>{text}</p></body></html>
"""


def _response(status: HTTPStatus, good: bool) -> bytes:
    """Nothing of the request stands in it."""
    if status is not HTTPStatus.OK:
        title, text = _("Nothing here"), _("This address only waits for a sign-in to Tingfeng.")
    elif good:
        title = _("Back to Tingfeng")
        text = _("Tingfeng has the answer and finishes the sign-in. You can close this page.")
    else:
        title = _("The sign-in did not work")
        text = _("Tingfeng says why, and how to try again. You can close this page.")
    page = _PAGE.format(lang=language().replace("_", "-"), title=html.escape(title), text=html.escape(text))
    body = page.encode()
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer",
        "Cache-Control: no-store",
        "Connection: close",
    )
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
