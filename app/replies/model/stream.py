"""What an endpoint sends back, read as it comes: server-sent events, one JSON body, or something else.

Pure; bytes in, pieces of text out. Everything is bounded, since the other side may be anybody.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.plain import one_line
from app.errors import AppError, AuthFailed, BadResponse, ConfigError, RateLimited, Refused, Transient
from app.i18n import _

MOST_BYTES = 4 * 1024 * 1024
"""Of one answer."""
MOST_LINE = 256 * 1024
"""Characters of one event."""
MOST_TEXT = 6000
"""Characters of the draft; a model that goes on is stopped."""

_MODERATION = frozenset(
    {
        "data_inspection_failed", "datainspectionfailed", "content_filter", "content_policy_violation",
        "1301", "sensitive_content", "sensitivecontentdetected", "inputtextsensitivecontentdetected",
    }
)  # fmt: skip
_BILLING = frozenset(
    {"exceeded_current_quota_error", "insufficient_quota", "arrearage", "insufficient_balance", "1113"}
)
_PATIENCE = 30.0


class Answer:
    """One answer as it comes in. `feed` gives the new pieces of text; `finish` is the model's own word on
    how it ended ("" until it says so), `done` that no more will come."""

    def __init__(self, *, events: bool) -> None:
        self._events = events
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._line = ""
        self._data = ""
        self._bytes = 0
        self._length = 0
        self.finish = ""
        self.done = False
        self.heard = False
        """Has anything come that belongs to an answer?"""

    def feed(self, data: bytes) -> Iterator[str]:
        """BadResponse, and whatever an error in the stream means."""
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            raise BadResponse(_("The model sends more than an answer can be."))
        text = self._decoder.decode(data)
        if not self._events:
            self._data += text
            return
        *lines, self._line = (self._line + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if len(self._line) > MOST_LINE:
            raise BadResponse(_("The model sends more than an answer can be."))
        for line in lines:
            yield from self._take(line)

    def end(self) -> Iterator[str]:
        """The line is over: what is left in hand."""
        rest = self._decoder.decode(b"", final=True)
        if self._events:
            yield from self._take(self._line + rest)
            yield from self._take("")
        else:
            yield from self._read(self._data + rest)

    def _take(self, line: str) -> Iterator[str]:
        """One line of the stream. An event is whole when its data can be read, blank line or not."""
        if self.done or line.startswith(":"):
            return
        name, _colon, value = line.partition(":")
        if name == "data":
            self._data += ("\n" if self._data else "") + value.removeprefix(" ")
        elif line.startswith("{") and not self._data:
            self._data = line  # a line of JSON by itself, or an error that forgot to be an event
        elif line.strip():
            return
        if not self._data or (line.strip() and not _whole(self._data)):
            return
        data, self._data = self._data, ""
        if data.strip() == "[DONE]":
            self.done = True
        elif data.strip():
            yield from self._read(data)

    def _read(self, data: str) -> Iterator[str]:
        told = _json(data)
        if told.get("error"):
            raise failure(200, told)
        if "choices" not in told:
            if "done" in told and "message" in told:
                hint = _("This is Ollama's own interface. Give the address that ends in /v1.")
                raise ConfigError(hint, field="base")
            if told.get("code") and told.get("message"):
                raise failure(200, told)
            if told.get("object") or told.get("usage"):
                return
            raise _strange()
        choices = told["choices"]
        if not isinstance(choices, list) or not choices:
            return  # the chunk that counts tokens
        self.heard = True
        yield from self._choice(choices[0] if isinstance(choices[0], dict) else {})

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[str]:
        said = choice.get("delta") or choice.get("message") or {}
        content = said.get("content") if isinstance(said, dict) else None
        if content is None and isinstance(choice.get("text"), str):
            content = choice["text"]
        if isinstance(content, list):
            content = "".join(str(one.get("text", "")) for one in content if isinstance(one, dict))
        if isinstance(content, str) and content:
            self._length += len(content)
            if self._length > MOST_TEXT:
                content = content[: max(0, MOST_TEXT - (self._length - len(content)))]
                self.finish, self.done = "length", True
            yield content
        if isinstance(choice.get("finish_reason"), str) and not self.finish:
            self.finish = choice["finish_reason"]


def _whole(data: str) -> bool:
    if data.strip() == "[DONE]":
        return True
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _json(data: str) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        raise _strange() from None
    if not isinstance(told, dict):
        raise _strange()
    return told


def _strange() -> BadResponse:
    return BadResponse(_("What came back is no answer of a model. Check the address."))


def failure(status: int, told: Mapping[str, Any], *, retry_after: float | None = None) -> AppError:
    """What an error means for the person; `told` is the body, {} where it is none."""
    inner = told.get("error")
    error: Mapping[str, Any] = inner if isinstance(inner, dict) else {"message": inner or ""}
    codes = {
        str(value).lower()
        for value in (error.get("code"), error.get("type"), told.get("code"), error.get("status"))
        if value
    }
    words = one_line(str(error.get("message") or told.get("message") or ""), 160).strip()
    if codes & _MODERATION or "content_filter" in words.lower():
        return Refused(_("The provider's moderation refused these texts."), details=words)
    if status == 402 or codes & _BILLING or "insufficient balance" in words.lower():
        return AuthFailed(
            _("The account with the provider has no credit left. Top it up there."), details=words
        )
    if status == 401 or codes & {"invalid_api_key", "authentication_error", "invalid_authentication_error",
                                 "incorrect_api_key_error"}:  # fmt: skip
        return AuthFailed(_("The provider does not accept the key. Enter it again."), details=words)
    return _by_status(status, words, codes, retry_after)


def _by_status(status: int, words: str, codes: set[str], retry_after: float | None) -> AppError:
    if status == 403:
        return AuthFailed(_("The key may not use this model, or not from here."), details=words)
    if status == 404:
        return ConfigError(
            _("There is no such model, or no such address. Check both."), field="model", details=words
        )
    if status == 429 or codes & {"rate_limit_reached_error", "engine_overloaded_error", "limit_requests"}:
        wait = _PATIENCE if retry_after is None else retry_after
        return RateLimited(_("The provider asks for patience. Try again in a while."), retry_after=wait)
    if status >= 500 or status in (200, 408):
        return Transient(_("The provider has trouble of its own. Try again later."), details=words)
    if 300 <= status < 400:
        return BadResponse(_("The address points elsewhere. Enter where it leads."), details=words)
    if status in (400, 413, 422):
        return Refused(_("The provider refused the request: {reason}").format(reason=words or status))
    return BadResponse(_("What came back is no answer of a model. Check the address."), details=words)
