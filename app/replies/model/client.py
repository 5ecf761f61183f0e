"""Asking the endpoint: streamed or whole, bounded in time and size, and cancelled at any moment.

Synchronous; it runs an event loop of its own in the caller's thread, so that waiting can be cut short from
any other. It follows no redirect (a key would travel), reads no proxy from the environment, and logs
neither key nor text.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

import httpx

from app import __version__, log
from app.domain.cancel import Cancel, Cancelled
from app.errors import AppError, BadResponse, Transient
from app.i18n import _
from app.replies.model.stream import MOST_BYTES, Answer, failure
from app.settings.model import Model

_log = log.topic("model")

CONNECT = 10.0
BETWEEN = 60.0
"""Seconds between two pieces."""
ALTOGETHER = 300.0
"""Seconds for one answer, however steadily it drips."""
CHECK = 30.0

T = TypeVar("T")


class Client:
    """One model's endpoint. `between` is there for tests."""

    def __init__(self, model: Model, key: str, *, proxy: str = "", between: float = BETWEEN) -> None:
        self._model = model
        self._key = key.strip()
        self._proxy = "" if model.here else proxy
        self._between = between

    def __repr__(self) -> str:
        return f"Client({self._model.host})"

    def ask(
        self, body: str, told: Callable[[str], object], cancel: Cancel | None = None
    ) -> tuple[str, str]:
        """(the whole text, how the model says it ended: stop, length, content_filter … or ""). `told` is
        given the text so far with every piece, in this thread. Raises Cancelled, and as `failure` says."""
        return self._run(lambda: self._ask(body, told), cancel or Cancel())

    def check(self) -> str:
        """One sentence from the endpoint itself: its models, or an answer of one word."""
        return self._run(self._check, Cancel())

    def _run(self, work: Callable[[], Coroutine[Any, Any, T]], cancel: Cancel) -> T:
        async def run() -> T:
            loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work())
            cancel.watch(lambda: loop.call_soon_threadsafe(task.cancel))
            try:
                return await task
            finally:
                cancel.watch(None)

        try:
            return asyncio.run(run())
        except asyncio.CancelledError:
            raise Cancelled from None

    async def _ask(self, body: str, told: Callable[[str], object]) -> tuple[str, str]:
        text = ""
        try:
            async with (
                asyncio.timeout(ALTOGETHER),
                self._http() as http,
                aclosing(self._pieces(http, body)) as pieces,
            ):
                async for piece in pieces:
                    if isinstance(piece, Answer):
                        return text, piece.finish
                    text += piece
                    told(text)
        except TimeoutError:
            raise Transient(_("The model takes too long.")) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from None
        return text, ""

    async def _pieces(self, http: httpx.AsyncClient, body: str) -> AsyncGenerator[str | Answer, None]:
        """Text as it comes, then the answer itself."""
        request = http.build_request("POST", self._model.url, content=body.encode("utf-8"))
        async with asyncio.timeout(self._model.first_seconds):
            response = await http.send(request, stream=True)
        try:
            if response.status_code != httpx.codes.OK:
                raise await self._failed(response)
            answer = Answer(events=_streams(response))
            chunks = aiter(self._raw(response))
            wait: float = self._model.first_seconds
            while (chunk := await self._next(chunks, wait)) is not None:
                wait = self._between
                for piece in answer.feed(chunk):
                    yield piece
                if answer.done:
                    break
            for piece in answer.end() if not answer.done else ():
                yield piece
            if not answer.heard:
                raise BadResponse(_("The model answered nothing."))
            yield answer
        finally:
            await response.aclose()

    async def _next(self, chunks: AsyncIterator[bytes], seconds: float) -> bytes | None:
        async with asyncio.timeout(seconds):
            return await anext(chunks, None)

    async def _raw(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """Undecoded: we have asked for no compression, and a small body must not become a large one."""
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise BadResponse(_("What came back is no answer of a model. Check the address."))
        async for chunk in response.aiter_raw():
            yield chunk

    async def _failed(self, response: httpx.Response) -> AppError:
        told: Any = {}
        with suppress(ValueError, RecursionError):
            told = json.loads(await self._whole(response))
        wait = response.headers.get("retry-after", "")
        error = failure(
            response.status_code,
            told if isinstance(told, dict) else {},
            retry_after=float(wait) if wait.isdecimal() else None,
        )
        _log.info("the model at %s answers %s", self._model.host, response.status_code)
        return error

    async def _whole(self, response: httpx.Response) -> bytes:
        made = b""
        async with asyncio.timeout(CHECK):
            async for chunk in self._raw(response):
                made += chunk
                if len(made) > MOST_BYTES:
                    raise BadResponse(_("The model sends more than an answer can be."))
        return made

    async def _check(self) -> str:
        try:
            async with asyncio.timeout(CHECK), self._http() as http:
                names = await self._listed(http)
        except TimeoutError:
            raise Transient(_("The model takes too long.")) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from None
        if names and self._model.model in names:
            told = _("{host} answers and has {model}.")
            return told.format(host=self._model.host, model=self._model.model)
        return await self._tried()

    async def _listed(self, http: httpx.AsyncClient) -> tuple[str, ...]:
        """The endpoint's models; none where it does not list them."""
        response = await http.send(http.build_request("GET", f"{self._model.base}/models"), stream=True)
        try:
            if response.status_code in (401, 402, 403):
                raise await self._failed(response)
            return _names(await self._whole(response)) if response.is_success else ()
        finally:
            await response.aclose()

    async def _tried(self) -> str:
        """Endpoints that list no models, or not this one, are asked for one word."""
        body = json.dumps(
            {"model": self._model.model, "messages": [{"role": "user", "content": "OK?"}], "max_tokens": 8}
        )
        await self._ask(body, lambda _text: None)
        return _("{host} answers with {model}.").format(host=self._model.host, model=self._model.model)

    def _http(self) -> httpx.AsyncClient:
        headers = {
            "User-Agent": f"Tingfeng/{__version__}",
            "Content-Type": "application/json",
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",
        }
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            return httpx.AsyncClient(
                headers=headers,
                timeout=httpx.Timeout(None, connect=CONNECT, write=30.0),
                proxy=self._proxy or None,
                follow_redirects=False,
                trust_env=False,
            )
        except ValueError as error:  # a key or proxy that no header or address can hold
            raise Transient(_("The key or the proxy cannot be used as it stands.")) from error

    def _unreachable(self, error: Exception) -> AppError:
        broken = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)
        told = _("The line to {host} broke in the middle.") if broken else _("{host} cannot be reached.")
        return Transient(told.format(host=self._model.host), details=type(error).__name__)


def _streams(response: httpx.Response) -> bool:
    """JSON by its name is one body; everything else is read as events, as some servers name them oddly."""
    kind = str(response.headers.get("content-type", "")).lower()
    if "html" in kind:
        raise BadResponse(_("What came back is no answer of a model. Check the address."))
    return "application/json" not in kind


def _names(body: bytes) -> tuple[str, ...]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    rows = told.get("data") if isinstance(told, dict) else None
    return (
        tuple(str(one.get("id")) for one in rows if isinstance(one, dict)) if isinstance(rows, list) else ()
    )
