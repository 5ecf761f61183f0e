"""The access token, kept until five minutes before its end, and questions asked with it.

Runs on the engine's loop. A token is a secret: it is kept through `Means.keep` (the keyring) together with
its end, so that sources and restarts share it, and it never stands in a sentence or `details`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.errors import BadResponse, Transient, Unsure
from app.i18n import _
from monitors.base import Life, Means
from monitors.cursors import load, number, text
from monitors.reading import checked, fetch, from_json, maybe, post, status_error
from monitors.tencent.errors import STALE, Rows, error

EARLY = timedelta(minutes=5)
LONGEST = timedelta(days=1)
"""No token of these platforms lasts longer; more is a mangled note."""


@dataclass(frozen=True, slots=True)
class Token:
    value: str
    until: datetime

    @classmethod
    def read(cls, kept: str) -> Token | None:
        """What `Means.keep` kept; None where there is none, or it is mangled."""
        told = load(kept)
        value, until = text(told.get("token")), number(told.get("until"))
        if not value or not 0 < until < 10**11:
            return None
        return cls(value, datetime.fromtimestamp(until, UTC))

    def kept(self) -> str:
        return json.dumps({"token": self.value, "until": int(self.until.timestamp())})

    def good(self, now: datetime) -> bool:
        return now + EARLY < self.until < now + LONGEST

    def __repr__(self) -> str:
        return f"Token(until={self.until})"


class Access:
    """Asks with the token, renewing it at most once a question.

    `get` brings (token, seconds it lasts) from the platform; `kept` is what the settings field
    `access` holds.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        means: Means,
        *,
        host: str,
        server: str,
        rows: Rows,
        kept: str,
        get: Callable[[], Awaitable[tuple[str, int]]],
    ) -> None:
        self._http = http
        self._means = means
        self._host = host
        self._server = server
        self._rows = rows
        self._token = Token.read(kept)
        self._get = get

    async def ask(
        self, path: str, body: Any, *, sending: bool = False, passing: Container[int] = ()
    ) -> Any:
        """The answer's JSON object; a number other than 0 and those of `passing` is raised as what it
        means. `sending`: it changes something, so it is posted once and may be Unsure."""
        for fresh in (False, True):
            answer = await self._once(path, body, await self._value(fresh=fresh), sending=sending)
            code = code_of(answer)
            if code not in STALE or fresh:
                break
        if code and code not in passing:
            raise self.error(code, answer, sending=sending)
        return answer

    def error(self, code: int, answer: Any, *, sending: bool = False) -> Exception:
        said = str(maybe(answer, "errmsg") or "")
        if self._token is not None:
            said = said.replace(self._token.value, "•••")
        return error(code, said, self._rows, host=self._host, now=self._means.now(), sending=sending)

    async def _value(self, *, fresh: bool) -> str:
        now = self._means.now()
        if fresh or self._token is None or not self._token.good(now):
            value, lasts = await self._get()
            self._token = Token(value, now + timedelta(seconds=lasts))
            await self._means.keep("access", self._token.kept())
        return self._token.value

    async def _once(self, path: str, body: Any, token: str, *, sending: bool) -> Any:
        url, params = f"{self._server}{path}", {"access_token": token}
        if not sending:
            return answer_of(checked(await fetch(self._http, url, params=params, json=body)).body)
        got = await post(self._http, url, params=params, json=body)
        if 400 <= got.status < 500 and got.status != 408:
            raise status_error(got)
        try:
            return answer_of(checked(got).body)
        except (BadResponse, Transient) as error_:
            told = _("{host} answered, but not in a way that says whether it was posted. Look there.")
            raise Unsure(told.format(host=self._host), details=error_.details) from None


def answer_of(body: bytes) -> Any:
    told = from_json(body)
    if not isinstance(told, dict):
        raise BadResponse(_("This is not what the platform's interface answers."))
    return told


def code_of(answer: Any) -> int:
    """0 where all is well: many answers leave the number out then."""
    code = maybe(answer, "errcode")
    if code is None or code == "":
        return 0
    if isinstance(code, str) and code.lstrip("-").isdigit() and len(code) < 12:
        return int(code)
    if isinstance(code, int) and not isinstance(code, bool):
        return code
    raise BadResponse(_("This is not what the platform's interface answers."))


def token_of(answer: Any) -> tuple[str, int]:
    """(token, seconds); BadResponse where the platform gave none, though it said that all is well."""
    value, lasts = maybe(answer, "access_token"), maybe(answer, "expires_in")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
        raise BadResponse(_("The platform gave no token, and did not say why."))
    seconds = lasts if isinstance(lasts, int) and not isinstance(lasts, bool) else 7200
    return value, max(0, min(seconds, int(LONGEST.total_seconds()) - 1))


def lives_of(kept: str) -> tuple[Life, ...]:
    """How long the token lasts that the settings field `access` holds."""
    token = Token.read(kept)
    return (Life(_("Access token"), until=token.until),) if token is not None else ()
