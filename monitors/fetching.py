"""Asking a server for one document, and what its status means for the person.

Runs wherever its caller runs (the engine's loop, or a worker thread it started). It keeps no
state, asks no clock and opens no file. Everything it reads is taken to be hostile: sizes are bounded
while decoding, redirects are few and recorded, and no sentence or log line carries a path or query,
where keys travel. It never talks to anyone but through the client it is handed.
"""

from __future__ import annotations

import asyncio
import codecs
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    RateLimited,
    Refused,
    Transient,
    Unsure,
)
from app.i18n import N_, _
from monitors.markup import clean
from monitors.values import when

MAX_BYTES = 20 * 1024 * 1024
MAX_HOPS = 5
PATIENCE = 120.0
"""Seconds for one whole answer, however steadily it drips."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer, whole. `redirects` holds (status, where it pointed) in the order followed."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    url: str
    redirects: tuple[tuple[int, str], ...] = ()


async def fetch(
    http: httpx.AsyncClient,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str | int | Sequence[str]] | None = None,
    limit: int = MAX_BYTES,
    patience: float = PATIENCE,
    **what: Any,
) -> Fetched:
    """GET `url`, reading no more than `limit` decoded bytes. Failures to get there are mapped here;
    what the status means is `checked()`'s business. `what` is `method`, `form` or `json`, for questions
    that a platform wants posted; what changes something there goes through `post`."""
    sent = {"accept-encoding": "gzip, deflate", **(headers or {})}
    try:
        async with asyncio.timeout(patience) as until:
            held = {"on_hold": lambda seconds: _longer(until, seconds)}
            return await _follow(http, _request(http, url, sent, params, held, **what), limit)
    except (TimeoutError, httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
        raise _unreachable(error, _host(url)) from None


def _request(
    http: httpx.AsyncClient,
    url: str,
    headers: Mapping[str, str],
    params: Mapping[str, Any] | None,
    extensions: dict[str, Any],
    *,
    method: str = "",
    form: Mapping[str, str] | None = None,
    json: Any = None,
    content: bytes | None = None,
) -> httpx.Request:
    """The query of `url` stays; `params` come behind it."""
    where = httpx.URL(url)
    where = where.copy_merge_params(dict(params)) if params else where
    body: dict[str, Any] = {"data": dict(form)} if form is not None else {}
    if json is not None:
        body = {"json": json}
    if content is not None:
        body = {"content": content}
    verb = method or ("POST" if body else "GET")
    return http.build_request(verb, where, headers=headers, extensions=extensions, **body)


async def post(
    http: httpx.AsyncClient,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str | int | Sequence[str]] | None = None,
    patience: float = PATIENCE,
    **what: Any,
) -> Fetched:
    """Change something on a platform: once, no redirect followed. Where the line breaks after the request
    may have gone out, `Unsure`; where it surely did not, what `fetch` raises. A 5xx is given back like any
    other answer: whether the platform acted then is for the caller to judge."""
    sent = {"accept-encoding": "gzip, deflate", **(headers or {})}
    what = {"method": "POST", **what}
    try:
        async with asyncio.timeout(patience) as until:
            held = {"on_hold": lambda seconds: _longer(until, seconds)}
            response = await http.send(
                _request(http, url, sent, params, held, **what), stream=True, follow_redirects=False
            )
            try:
                body = await _body(response, MAX_BYTES)
            finally:
                await response.aclose()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise _unreachable(error, _host(url)) from None
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError) as error:
        raise _unreachable(error, _host(url)) from None
    except (TimeoutError, httpx.TransportError, BadResponse) as error:
        told = _("{host} did not say whether the answer arrived. Look there before sending it again.")
        raise Unsure(told.format(host=_host(url)), details=type(error).__name__) from None
    told_headers = {name.lower(): value for name, value in response.headers.items()}
    return Fetched(response.status_code, told_headers, body, str(response.url))


def _longer(until: asyncio.Timeout, seconds: float) -> None:
    """The client held the request back to be polite: that is not the server's time."""
    when_ = until.when()
    if when_ is not None:
        until.reschedule(when_ + seconds)


async def _follow(http: httpx.AsyncClient, request: httpx.Request, limit: int) -> Fetched:
    redirects: list[tuple[int, str]] = []
    while True:
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            if response.next_request is None:
                body = await _body(response, limit)
                told = {name.lower(): value for name, value in response.headers.items()}
                return Fetched(response.status_code, told, body, str(response.url), tuple(redirects))
        finally:
            await response.aclose()
        # The body of a redirect is never read: it may be as long as it likes.
        request = response.next_request
        redirects.append((response.status_code, str(request.url)))
        if len(redirects) > MAX_HOPS:
            raise BadResponse(_("{host} sends us round in circles.").format(host=_host(str(response.url))))


async def _body(response: httpx.Response, limit: int) -> bytes:
    """Decoded here rather than by httpx, whose decoder has no upper bound for one step."""
    if response.status_code == 304:
        return b""
    host = _host(str(response.url))
    opened = _inflater(response.headers.get("content-encoding", ""), host)
    got = bytearray()
    async for chunk in response.aiter_raw():
        got += opened(chunk, limit + 1 - len(got)) if opened else chunk
        if len(got) > limit:
            told = _("{host} sent more than {size} MB; nothing was read.")
            raise BadResponse(told.format(host=host, size=limit // (1024 * 1024) or 1))
    return bytes(got)


def _inflater(encoding: str, host: str) -> Callable[[bytes, int], bytes] | None:
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip" | "deflate":
            return _Inflater(host).feed
    raise BadResponse(_("{host} packs its answer in a way we did not ask for.").format(host=host))


class _Inflater:
    """gzip or deflate, never giving more than asked for, whatever the ratio."""

    def __init__(self, host: str) -> None:
        self._zip = zlib.decompressobj(47)  # gzip or zlib, by its own header
        self._started = False
        self._host = host

    def feed(self, chunk: bytes, room: int) -> bytes:
        try:
            made = self._unpack(chunk, room)
        except zlib.error as error:
            told = _("The packed answer of {host} is damaged.").format(host=self._host)
            raise BadResponse(told, details=str(error)) from None
        self._started = self._started or bool(chunk)
        return made

    def _unpack(self, chunk: bytes, room: int) -> bytes:
        try:
            return self._zip.decompress(chunk, room)
        except zlib.error:
            if self._started:
                raise
            self._zip = zlib.decompressobj(-15)  # some servers send deflate without its header
            return self._zip.decompress(chunk, room)


def _unreachable(error: Exception, host: str) -> AppError:
    details = f"{type(error).__name__} at {host}"
    match error:
        case httpx.UnsupportedProtocol() | httpx.InvalidURL() | UnicodeError():
            told = _("This address cannot be used: it must begin with http:// or https:// and name a host.")
            return ConfigError(told, field="url", details=details)
        case TimeoutError() | httpx.TimeoutException():
            return Transient(_("{host} did not answer in time.").format(host=host), details=details)
        case httpx.RemoteProtocolError():
            told = _("{host} broke off in the middle of its answer.")
            return Transient(told.format(host=host), details=details)
        case httpx.ProxyError():
            return Transient(
                _("The proxy did not let us through to {host}.").format(host=host), details=details
            )
    if "certificate" in str(error).lower() or "ssl" in str(error).lower():
        told = _("No safe connection to {host}: its certificate could not be verified.")
        return Transient(told.format(host=host), details=details)
    return Transient(_("{host} could not be reached.").format(host=host), details=details)


def _host(url: str) -> str:
    """For sentences: never the path or the query, where keys travel."""
    try:
        return clean(urlsplit(url).hostname or "", limit=100) or _("The server")
    except ValueError:
        return _("The server")


_STATUSES: tuple[tuple[range | tuple[int, ...], type[AppError], str], ...] = (
    ((401, 403, 407), AuthFailed, N_("{host} asks for a valid key or sign-in ({status}).")),
    ((404,), BadResponse, N_("{host} has nothing at this address (404). Check the address.")),
    ((410,), ConfigError, N_("{host} says this address is gone for good (410). Replace or remove it.")),
    ((412, 418, 432, 451), Refused, N_("{host} blocks us ({status}). Open it in a browser to see why.")),
    ((429,), RateLimited, N_("{host} asks us to come less often.")),
    ((408, 425), Transient, N_("{host} did not answer in time.")),
    (range(300, 400), BadResponse, N_("{host} sends us elsewhere without saying where ({status}).")),
    (range(400, 500), BadResponse, N_("{host} did not accept the request ({status}).")),
    (range(500, 600), Transient, N_("{host} has trouble of its own ({status}).")),
)

_LOGIN_ADDRESS = re.compile(
    r"captcha|/sorry/|challenge|/(?:account/)?(?:log|sign)-?in\b|[/.]passport[./]|//(?:login|sso)\.|visitor/visitor",
    re.IGNORECASE,
)
_LOGIN_WORDS = re.compile(
    r"captcha|sina visitor system|cf-browser-verification|cf-chl-|just a moment\.\.\."
    r"|验证码|滑块|安全验证|访问验证|请先登录|登录后",
    re.IGNORECASE,
)


def checked(got: Fetched) -> Fetched:
    """The answer itself if it may be read (2xx with something else than a web page, or 304);
    otherwise the error that says what to do next."""
    page = is_html(got.body)
    if page and _wants_person(got):
        told = _("{host} shows a login or verification page. Open it in a browser; we do not step past it.")
        raise Refused(told.format(host=_host(got.url)), details=f"HTTP {got.status}")
    if got.status == 304 or 200 <= got.status < 300:
        if page:
            told = _("{host} answered with a web page where data was expected. Check the address.")
            raise BadResponse(told.format(host=_host(got.url)), details=f"HTTP {got.status}")
        return got
    raise status_error(got)


def status_error(got: Fetched, words: str = "") -> AppError:
    """The error for a bad status; `words` replaces the sentence where the server said more."""
    kind, told = _row(got.status)
    told = words or _(told).format(host=_host(got.url), status=got.status)
    details = f"HTTP {got.status}"
    if kind is RateLimited:
        return RateLimited(told, retry_after=retry_after(got.headers) or 60.0, details=details)
    if kind is Transient:
        return Transient(told, retry_after=retry_after(got.headers), details=details)
    if kind is ConfigError:
        return ConfigError(told, field="url", details=details)
    return kind(told, details=details)


def _row(status: int) -> tuple[type[AppError], str]:
    for which, kind, told in _STATUSES:
        if status in which:
            return kind, told
    return BadResponse, N_("{host} answered in a way we do not understand ({status}).")


def _wants_person(got: Fetched) -> bool:
    """A web page that is a login or a check for humans, by where we ended or by its first words."""
    if got.redirects and _LOGIN_ADDRESS.search(got.url):
        return True
    ordinary = got.status in (404, 410) or (got.status >= 500 and got.status != 503)
    return not ordinary and bool(_LOGIN_WORDS.search(got.body[:20_000].decode("utf-8", "replace")))


def is_html(body: bytes) -> bool:
    """Is this a web page (and neither XML, JSON nor text)?"""
    head = body[:1024].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    return head.startswith((b"<!doctype html", b"<html")) or bool(_XHTML.match(head))


_XHTML = re.compile(rb"<\?xml[^>]*>\s*(?:<!--[^>]*-->\s*)?(?:<!doctype html|<html)")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server wants to be left alone; a date counts from the answer's own Date."""
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{0,6})?", said, re.ASCII):
        return float(said)
    if said and headers.get("date"):
        try:
            return max(0.0, (when(said) - when(headers["date"])).total_seconds())
        except BadResponse:
            return None
    return max_age(headers)


def max_age(headers: Mapping[str, str]) -> float | None:
    """Cache-Control's max-age in seconds."""
    found = re.search(r"max-age=\"?(\d{1,9})", headers.get("cache-control", ""), re.ASCII)
    return float(found[1]) if found else None
