"""The demo platform: a real HTTP server on loopback that plays a scenario to the real monitors.

Runs a listening thread and one thread a connection, all ended by `close()`; every method may be
called from any thread. It knows nothing of the core: it only answers HTTP, as the world would.
"""

from __future__ import annotations

import hashlib
import logging
import re
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from app.domain.clock import Clock, SystemClock
from app.drill import rendering
from app.drill.rendering import Post
from app.drill.scenario import Event, Scenario
from app.drill.timeline import Timeline
from app.i18n import N_

MOST = 600
"""Items a feed serves at the most; the whole day of chatter fits."""
DEEPEST = 10
"""Pages of reviews the store shows."""

_log = logging.getLogger(__name__)
_REVIEWS = re.compile(
    r"/itunes/([a-z]{2})/rss/customerreviews/page=(\d{1,4})/id=(\d{1,20})/sortby=\w+/json"
)
_HTML = "text/html; charset=utf-8"
_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over the wire."""

    body: bytes
    kind: str = _HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Knobs:
    """Ways to misbehave, for tests and for showing what the program does then. Feeds only."""

    latency: float = 0.0
    """Seconds before every answer."""
    html_instead_of_json: bool = False
    empty: bool = False
    failures: deque[int] = field(default_factory=deque)


def _refusal(status: int) -> Reply:
    reason = HTTPStatus(status).phrase
    headers = (("Retry-After", "7"),) if status == HTTPStatus.TOO_MANY_REQUESTS else ()
    return Reply(rendering.error_page(status, reason), status=status, headers=headers)


class DemoPlatform:
    """Time begins to run with `start()` (or on entering the context), at the minute `begin`."""

    def __init__(
        self, scenario: Scenario, speed: float = 10.0, clock: Clock | None = None, begin: float = 0.0
    ) -> None:
        self.scenario = scenario
        self.knobs = Knobs()
        self.journal: deque[tuple[str, int]] = deque(maxlen=2000)
        """The newest requests: path and status."""
        self._clock = clock or SystemClock()
        self._begin = begin
        self._timeline = Timeline(speed, self._clock, begin)
        self._closing = threading.Event()
        self._server = _Server(self._answer)
        self._thread: threading.Thread | None = None

    # ── life ─────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> DemoPlatform:
        """The minute `begin` is now."""
        self._timeline = Timeline(self._timeline.speed, self._clock, self._begin)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="drill-platform"
        )
        self._thread.start()
        return self

    def close(self) -> None:
        """Ends every connection and thread; harmless when called again."""
        self._closing.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.hang_up()
        self._server.server_close()

    def __enter__(self) -> DemoPlatform:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # ── where ────────────────────────────────────────────────────────────────────────────────────

    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def weibo_url(self) -> str:
        return f"{self.url}/feeds/weibo.json"

    @property
    def forum_url(self) -> str:
        return f"{self.url}/feeds/forum.xml"

    @property
    def news_url(self) -> str:
        return f"{self.url}/feeds/news.atom"

    @property
    def itunes_url(self) -> str:
        """The base address for the App Store monitor, in place of https://itunes.apple.com."""
        return f"{self.url}/itunes"

    def sources(self) -> tuple[tuple[str, str, dict[str, Any]], ...]:
        """The monitors to set up: a name marked with N_, the monitor's kind, its settings."""
        app = self.scenario.app
        store = {"app_id": app.id, "countries": (app.country,), "pages": 2, "server": self.itunes_url}
        return (
            (N_("Demo microblog"), "feed", {"url": self.weibo_url}),
            (N_("Demo forum"), "feed", {"url": self.forum_url}),
            (N_("Demo news"), "feed", {"url": self.news_url}),
            (N_("Demo app reviews"), "appstore", store),
        )

    # ── time ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def elapsed(self) -> float:
        """Scenario minutes since minute 0."""
        return self._timeline.elapsed()

    def minute(self, moment: datetime) -> float:
        """The scenario's minute at a time of the clock."""
        return self._timeline.minute(moment)

    @property
    def finished(self) -> bool:
        return self.elapsed >= self.scenario.length

    @property
    def speed(self) -> float:
        return self._timeline.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._timeline.speed = speed

    @property
    def paused(self) -> bool:
        return self._timeline.paused

    def pause(self) -> None:
        self._timeline.pause()

    def resume(self) -> None:
        self._timeline.resume()

    def skip(self, minutes: float) -> None:
        self._timeline.skip(minutes)

    def fail_next(self, n: int, status: int = 503) -> None:
        """The next `n` feed requests are refused with `status`."""
        self.knobs.failures.extend([status] * n)

    # ── what is out ──────────────────────────────────────────────────────────────────────────────

    def posts(self, channel: str = "", limit: int = MOST) -> list[Post]:
        """What has been emitted so far, newest first."""
        elapsed = self.elapsed
        out = [event for event in self.scenario.due(elapsed) if channel in {"", event.channel}]
        return [self._seen(event, elapsed) for event in reversed(out[-limit:] if limit else [])]

    def _seen(self, event: Event, elapsed: float) -> Post:
        published = self._timeline.wall(event.at)
        if event.counts is None:
            return Post(event=event, published=published)
        likes, comments, shares = event.counts.after(elapsed - event.at)
        return Post(event=event, published=published, likes=likes, comments=comments, shares=shares)

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    def _answer(self, target: str) -> Reply:
        parts = urlsplit(target)
        path, query = unquote(parts.path, errors="replace"), parse_qs(parts.query)
        channel = _channel(path)
        reply = (self._misbehaved(channel) if channel else None) or self._route(path, query)
        self.journal.append((path, reply.status))
        return reply

    def _misbehaved(self, channel: str) -> Reply | None:
        if self.knobs.latency:
            self._closing.wait(self.knobs.latency)
        try:
            return _refusal(self.knobs.failures.popleft())
        except IndexError:
            pass
        how = self._outage(channel)
        if isinstance(how, int):
            return _refusal(how)
        if self.knobs.html_instead_of_json or how == "html":
            return Reply(rendering.error_page(200, "…"))
        return None

    def _outage(self, channel: str) -> int | str | None:
        """How the scenario lets this channel fail at this minute, if it does."""
        elapsed = self.elapsed
        failing = (
            one.how
            for one in self.scenario.outages
            if one.channel == channel and one.begin <= elapsed < one.end
        )
        return next(failing, None)

    def _silent(self, channel: str) -> bool:
        return self.knobs.empty or self._outage(channel) == "empty"

    def _route(self, path: str, query: dict[str, list[str]]) -> Reply:
        if path.startswith("/feeds/"):
            return self._feed(path, query)
        if path == "/itunes/lookup":
            return self._lookup(query)
        if match := _REVIEWS.fullmatch(path):
            return self._reviews(*match.groups())
        if path.startswith(("/p/", "/u/")):
            return self._page(path[1], path[3:])
        if path == "/":
            links = (self.weibo_url, self.forum_url, self.news_url)
            return Reply(rendering.index_page(self.scenario.title, links))
        return Reply(b"ok", "text/plain") if path == "/healthz" else _refusal(404)

    def _feed(self, path: str, query: dict[str, list[str]]) -> Reply:
        channel = path.removeprefix("/feeds/").partition(".")[0]
        title = self.scenario.channels.get(channel) or self.scenario.title
        if path == "/feeds/weibo.json":
            body = rendering.json_feed(title, self.url, self._listed("weibo", query))
            return Reply(body, "application/feed+json; charset=UTF-8")
        if path == "/feeds/forum.xml":
            return Reply(
                rendering.rss(title, self.url, self._listed("forum", query)),
                "application/xml; charset=utf-8",
            )
        if path == "/feeds/news.atom":
            body = rendering.atom(title, self.url, self._listed("news", query))
            return Reply(body, "application/atom+xml; charset=utf-8")
        return _refusal(404)

    def _listed(self, channel: str, query: dict[str, list[str]]) -> list[Post]:
        asked = query.get("limit", [""])[0]
        limit = min(MOST, int(asked)) if asked.isascii() and asked.isdigit() else MOST
        return [] if self._silent(channel) else self.posts(channel, limit)

    def _reviews(self, country: str, page: str, app: str) -> Reply:
        if not 1 <= int(page) <= DEEPEST:
            return Reply(b"CustomerReviews RSS page depth is limited to 10", "text/plain", 400)
        ours = app == self.scenario.app.id and country == self.scenario.app.country
        posts = self.posts("appstore") if ours and not self._silent("appstore") else []
        return Reply(rendering.reviews(self.scenario.app, self.url, posts, int(page)), _JSON)

    def _lookup(self, query: dict[str, list[str]]) -> Reply:
        app = self.scenario.app
        found = query.get("id") == [app.id] or query.get("bundleId") == [app.bundle]
        return Reply(rendering.lookup(app, self.posts("appstore"), found), _JSON)

    def _page(self, kind: str, id: str) -> Reply:
        posts = self.posts(limit=len(self.scenario.events))
        if kind == "p":
            one = next((post for post in posts if post.event.id == id), None)
            return Reply(rendering.post_page(self.url, one)) if one else _refusal(404)
        theirs = [post for post in posts if post.event.author.id == id]
        return Reply(rendering.author_page(self.url, theirs)) if theirs else _refusal(404)


def _channel(path: str) -> str:
    """Which channel an address belongs to; empty for pages, which never fail."""
    if path.startswith("/feeds/"):
        return path.removeprefix("/feeds/").partition(".")[0]
    return "appstore" if path.startswith("/itunes/") else ""


class _Server(ThreadingHTTPServer):
    """Remembers its connections, so that closing does not wait for a client to let go."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, answer: Callable[[str], Reply]) -> None:
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """A thread that waits for a next request on a kept connection wakes and ends."""
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """A client that goes away in the middle is not worth a traceback on the terminal."""
        _log.debug("a connection to the demo platform broke", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Drill"
    sys_version = ""
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        self._send(self.server.answer(self.path))

    do_HEAD = do_GET  # noqa: N815  # http.server's name

    def _send(self, reply: Reply) -> None:
        etag = '"' + hashlib.sha256(reply.body).hexdigest()[:24] + '"'
        known = self.headers.get("If-None-Match", "")
        fresh = reply.status == HTTPStatus.OK and etag in known
        body = b"" if fresh else reply.body
        self.send_response(HTTPStatus.NOT_MODIFIED if fresh else reply.status)
        if not fresh:
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(body)))
        if reply.status == HTTPStatus.OK:
            self.send_header("ETag", etag)
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Paths only, and only for those who debug: nothing goes to the terminal."""
        _log.debug(format, *args)
