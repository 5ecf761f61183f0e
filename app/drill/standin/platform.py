"""What every stand-in has: items, what was posted to it, and switches to make it misbehave.

Calls come from the server's connection threads, one at a time a platform (`take` holds its lock).
"""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `path` begins behind the platform's prefix, header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    def get(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return next(iter(self.query.get(name, ())), default)

    def number(self, name: str, default: int) -> int:
        """A query parameter as a number; `default` where it is none."""
        given = self.get(name)
        return int(given) if given.lstrip("-").isdigit() and given.isascii() else default

    def form(self) -> dict[str, str]:
        """The body's form fields, the first value of each."""
        read = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] for name, values in read.items()}

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def bearer(self) -> str:
        """The token of the Authorization header, whatever the scheme's case."""
        scheme, _blank, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. `cut`: break the line after so many bytes of the body; `hang`: never answer.
    `pieces`: instead of the body, sent one by one as they are made; `cut` 0 breaks the line behind them."""

    body: bytes = b""
    status: int = 200
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: bool = False
    pieces: Iterable[bytes] | None = None


def as_json(told: Any, status: int = 200, **headers: str) -> Reply:
    """Header names with `_` for `-`."""
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Reply(body, status, JSON, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(slots=True)
class Item:
    """A post or comment. `at` and `edited` are epoch seconds; `extra` is the platform's own affair."""

    id: str
    text: str
    author: str = "阿树"
    author_id: str = "u1"
    at: float = 0.0
    parent: str = ""
    root: str = ""
    edited: float | None = None
    deleted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Switches:
    """All off at first. `failures` are taken one a request: a status, or hang | cut | garbage | error200.

    `left`: requests until the rate limit; None for no limit. `latency` and `clock` are seconds.
    """

    latency: float = 0.0
    failures: deque[str] = field(default_factory=deque)
    left: int | None = None
    expired: bool = False
    captcha: bool = False
    empty: bool = False
    html: bool = False
    duplicate: int = 0
    clock: float = 0.0


class Platform(ABC):
    """`answer` says what the platform says when it behaves; the switches are seen to before."""

    prefix: ClassVar[str]
    first_id: ClassVar[int] = 1

    def __init__(self) -> None:
        self.items: list[Item] = []
        """Oldest first. Deleted ones stay, marked."""
        self.sent: list[Item] = []
        """What was posted through the API, in order."""
        self.switches = Switches()
        self.journal: deque[Call] = deque(maxlen=5000)
        self.mutate: Callable[[Call, Reply], Reply] | None = None
        """A test's hand on every answer, for bodies no platform should send."""
        self.closing = threading.Event()
        self.lock = threading.RLock()
        self._ids = count(self.first_id)
        self._last: dict[str, Reply] = {}

    # ── what stands on the platform ──────────────────────────────────────────────────────────────

    def now(self) -> float:
        """The platform's clock, epoch seconds."""
        return time.time() + self.switches.clock

    def new_id(self) -> str:
        """Rising; platforms with other ids override it."""
        return str(next(self._ids))

    def add(self, text: str, **more: Any) -> Item:
        """A new item; `more` are fields of Item."""
        with self.lock:
            made = Item(**{"id": self.new_id(), "at": self.now(), **more, "text": text})
            self.items.append(made)
            return made

    def add_items(self, n: int) -> None:
        for number in range(n):
            self.add(f"第{number}条：左耳没声音")

    def item(self, id: str) -> Item | None:
        return next((one for one in reversed(self.items) if one.id == id), None)

    def edit_item(self, id: str, text: str) -> None:
        with self.lock:
            for one in self.items:
                if one.id == id:
                    one.text, one.edited = text, self.now()

    def delete_item(self, id: str) -> None:
        with self.lock:
            for one in self.items:
                one.deleted = one.deleted or one.id == id

    def shown(self) -> list[Item]:
        """What the platform lists, oldest first."""
        return [] if self.switches.empty else [one for one in self.items if not one.deleted]

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    def take(self, call: Call) -> Reply:
        """One request: written down, misbehaved to if a switch says so, else answered."""
        if self.switches.latency:
            self.closing.wait(self.switches.latency)
        with self.lock:
            self.journal.append(call)
            return self._misbehaved(call) or self._repeated(call) or self._answered(call)

    def _misbehaved(self, call: Call) -> Reply | None:
        now = self.switches
        if now.failures:
            return self.failure(now.failures.popleft(), call)
        if now.captcha:
            return self.captcha()
        if now.html:
            return Reply(b"<!doctype html><html><body><h1>Maintenance</h1></body></html>", kind=HTML)
        if now.left is not None and self.limits(call):
            if now.left <= 0:
                return self.limited()
            now.left -= 1
        return self.expired(call) if now.expired and self.guarded(call) else None

    def _repeated(self, call: Call) -> Reply | None:
        """The page before once more, as platforms do whose offsets shift under the reader."""
        before = self._last.get(_listing(call))
        if not self.switches.duplicate or before is None or call.method != "GET":
            return None
        self.switches.duplicate -= 1
        return before

    def _answered(self, call: Call) -> Reply:
        made = self.answer(call)
        if self.mutate is not None:
            made = self.mutate(call, made)
        if call.method == "GET" and made.status == HTTPStatus.OK:
            self._last[_listing(call)] = made
        return made

    def failure(self, how: str, call: Call) -> Reply:
        """`cut` and `hang` act first, as a platform does that answers too late."""
        if how == "hang":
            self.answer(call)
            return Reply(hang=True)
        if how == "cut":
            return Reply(self.answer(call).body + b" " * 100, cut=20)
        if how == "garbage":
            return Reply(b'{"half": [1, 2')
        if how == "error200":
            return self.error200()
        status = int(how)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return self.limited()
        return as_json({"error": HTTPStatus(status).phrase}, status)

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """What the platform says. 404 for what it does not know."""

    def limited(self) -> Reply:
        """The platform's own words for "too often"."""
        return as_json({"error": "Too many requests"}, 429, Retry_After="7")

    def limits(self, call: Call) -> bool:  # noqa: ARG002  # platforms ask
        """Does this request count against the limit?"""
        return True

    def expired(self, call: Call) -> Reply:  # noqa: ARG002  # platforms ask
        """The platform's own words for a token that is over."""
        return as_json({"error": "The access token is invalid"}, 401)

    def guarded(self, call: Call) -> bool:  # noqa: ARG002  # platforms ask
        """Does this request need a token?"""
        return True

    def captcha(self) -> Reply:
        page = "<!doctype html><html><title>安全验证</title><body>请完成滑块验证 captcha</body></html>"
        return Reply(page.encode(), 403, HTML)

    def error200(self) -> Reply:
        """HTTP 200 with an error inside, where the platform does such a thing; else a 500."""
        return as_json({"error": "Internal error"}, 500)

    # ── switches by name ─────────────────────────────────────────────────────────────────────────

    def control(self, told: Mapping[str, Any]) -> None:
        """The control endpoint's body: switch → value. ValueError for one that there is not."""
        with self.lock:
            for name, value in told.items():
                self._control(name, value)

    def _control(self, name: str, value: Any) -> None:
        now = self.switches
        match name:
            case "latency" | "clock":
                setattr(now, name, float(value))
            case "fail_next":
                now.failures.extend([str(value["mode"])] * int(value["n"]))
            case "rate_limit":
                now.left = None if value is None else int(value)
            case "expire_token":
                now.expired = bool(value)
            case "captcha" | "empty":
                setattr(now, name, bool(value))
            case "html_instead_of_json":
                now.html = bool(value)
            case "add_items":
                self.add_items(int(value))
            case "edit_item":
                self.edit_item(str(value["id"]), str(value["text"]))
            case "delete_item":
                self.delete_item(str(value))
            case "duplicate_page":
                now.duplicate = int(value)
            case _:
                raise ValueError(name)


_PAGING = {
    "page",
    "p",
    "cursor",
    "pageToken",
    "after",
    "before",
    "max_id",
    "min_id",
    "offset",
    "numericFilters",
}


def _listing(call: Call) -> str:
    """Which list a request is for, whatever the page."""
    rest = sorted((name, *values) for name, values in call.query.items() if name not in _PAGING)
    return f"{call.path}?{rest}"


def parsed(method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Call]:
    """(prefix, call) of a request line's target."""
    path, _mark, query = target.partition("?")
    first, _slash, rest = unquote(path, errors="replace").lstrip("/").partition("/")
    return first, Call(method, "/" + rest, parse_qs(query, keep_blank_values=True), headers, body)
