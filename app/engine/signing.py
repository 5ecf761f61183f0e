"""Signing in through the person's browser: from the address to open to the tokens in the keyring.

Runs in the engine's loop, one at a time; `SignIn` and `SignedIn` travel to other threads. The code that
comes back is good for a token, so it is never logged, shown or kept; nor is what the browser says about
an error.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app import log
from app.engine.loopback import Listener
from app.errors import AppError, AuthFailed, BadResponse, ConfigError, NotFound, Transient
from app.i18n import _
from monitors.base import CanSignIn, Monitor
from monitors.markup import safe_url
from monitors.oauth import on_loopback

_log = log.topic("engine")

WAIT = 600.0
"""Seconds for the person in the browser."""
FREE_PATH = "/tingfeng"
MOST_CODE = 4000
"""Characters of what may be pasted."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What signing in brought, by field of the settings. For a source (`source_id` not 0) it is in the
    keyring already; for one that is not saved yet, hand it to `save_source`."""

    source_id: int
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Under way: open `url` in the person's browser. `done` is answered when it came back and the tokens
    are there, or raises an AppError. Not `listening`: only a pasted code ends it."""

    url: str = field(repr=False)
    listening: bool
    done: Future[SignedIn] = field(repr=False)


class Signing:
    """`make(kind, values, source_id, verifier)` gives a monitor; `keep(source_id, secrets)` stores."""

    def __init__(
        self,
        make: Callable[[str, Mapping[str, Any], int, str], Monitor[Any]],
        keep: Callable[[int, Mapping[str, str]], Awaitable[None]],
        wait: float = WAIT,
    ) -> None:
        self._make = make
        self._keep = keep
        self._wait = wait
        self._now: _UnderWay | None = None

    async def begin(self, kind: str, values: Mapping[str, Any], source_id: int) -> SignIn:
        """A sign-in begun before is broken off."""
        self.cancel()
        monitor = self._make(kind, values, source_id, secrets.token_urlsafe(48))
        if not isinstance(monitor, CanSignIn):
            raise ConfigError(_("This kind of source needs no signing in."))

        async def keep(gained: Mapping[str, str]) -> None:
            if source_id:
                await self._keep(source_id, gained)

        made = _UnderWay(monitor, str(getattr(monitor.settings, "redirect", "")), source_id, keep)
        told = await made.open(self._wait)
        self._now = made
        return told

    async def finish(self, pasted: str) -> SignedIn:
        """A code, or the whole address that the browser came back to. A wrong one may be pasted anew."""
        if self._now is None:
            raise NotFound(_("No sign-in is under way. Begin again."))
        return await self._now.finish(pasted)

    def cancel(self) -> None:
        if self._now is not None:
            self._now.end(AuthFailed(_("The sign-in was broken off.")))
            self._now = None


class _UnderWay:
    """One sign-in. `keep` stores what it brought."""

    def __init__(
        self,
        monitor: CanSignIn,
        registered: str,
        source_id: int,
        keep: Callable[[Mapping[str, str]], Awaitable[None]],
    ) -> None:
        self._monitor = monitor
        self._redirect = registered
        self._source_id = source_id
        self._keep = keep
        self._state = secrets.token_urlsafe(24)
        self._done: Future[SignedIn] = Future()
        self._listener: Listener | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._work: asyncio.Task[None] | None = None

    async def open(self, wait: float) -> SignIn:
        await self._listen()
        url = safe_url(self._monitor.sign_in_url(self._redirect, self._state))
        if not url:
            self.end(AuthFailed(_("The sign-in was broken off.")))
            raise ConfigError(_("The address to sign in at cannot be opened. Check the server's address."))
        told = _("Nobody came back from the browser within {n} minutes. Sign in again.")
        late = AuthFailed(told.format(n=round(wait / 60)))
        self._timer = asyncio.get_running_loop().call_later(wait, self.end, late)
        return SignIn(url, self._listener is not None, self._done)

    async def _listen(self) -> None:
        """On loopback, and where the registered address (if any) says so."""
        if not self._redirect:
            self._listener = Listener(FREE_PATH, self._came_back)
            await self._listener.open()
            self._redirect = f"http://127.0.0.1:{self._listener.port}{FREE_PATH}"
        elif on_loopback(self._redirect) and self._redirect.startswith("http://"):
            where = urlsplit(self._redirect)
            self._listener = Listener(where.path, self._came_back)
            await self._listener.open(where.port or 80)

    def _came_back(self, query: str) -> bool:
        """From the listener: is it an answer to us? The exchange goes on by itself."""
        try:
            code = code_of(query, self._state)
        except AppError as error:
            self.end(error)
            return False
        self._work = asyncio.ensure_future(self._finish_by_itself(code))
        return True

    async def _finish_by_itself(self, code: str) -> None:
        try:
            await self._exchange(code)
        except AppError as error:
            self.end(error)

    async def finish(self, pasted: str) -> SignedIn:
        return await self._exchange(pasted_code(pasted, self._state))

    async def _exchange(self, code: str) -> SignedIn:
        log.hide(code)
        try:
            gained = dict(await self._monitor.signed_in(code, self._redirect))
            for value in gained.values():
                log.hide(value)
            await self._keep(gained)
        except AppError:
            raise
        except Exception as error:  # noqa: BLE001  # a monitor's bug must not leave the person waiting
            _log.error("a sign-in failed", exc_info=error)
            raise BadResponse(_("The sign-in could not be understood; the log says more.")) from None
        made = SignedIn(self._source_id, gained)
        self.end(made)
        return made

    def end(self, how: SignedIn | AppError) -> None:
        """Nothing is listened for any more; whoever waits is answered, the first answer counts."""
        if self._listener is not None:
            self._listener.close()
        if self._timer is not None:
            self._timer.cancel()
        if self._done.done():
            return
        if isinstance(how, SignedIn):
            self._done.set_result(how)
        else:
            self._done.set_exception(how)


def pasted_code(pasted: str, state: str) -> str:
    """The code in what a person pasted: itself, or an address or query that holds it."""
    said = pasted.strip()
    if len(said) > MOST_CODE or not said or re.search(r"\s", said):
        raise ConfigError(
            _("This is no code. Paste the code alone, or the whole address from the browser."), field="code"
        )
    if "code=" not in said and "error=" not in said:
        return said
    query = said.partition("?")[2] or said
    return code_of(query.partition("#")[0], state, must_match="state=" in query)


def code_of(query: str, state: str, *, must_match: bool = True) -> str:
    """The code that a platform's answer brings; AuthFailed, Transient or ConfigError in words otherwise."""
    told = {name: values[0] for name, values in parse_qs(query, max_num_fields=50).items()}
    if must_match and not secrets.compare_digest(told.get("state", "").encode(), state.encode()):
        raise AuthFailed(
            _("What came back does not belong to this sign-in, so it was not used. Sign in again.")
        )
    if "error" in told or not told.get("code"):
        raise _refusal(told.get("error", ""))
    return told["code"]


def _refusal(error: str) -> AppError:
    """Only the error's registered name is taken over: the rest may be anybody's text."""
    name = error if re.fullmatch(r"[a-z_]{1,40}", error) else "?"
    match name:
        case "access_denied":
            return AuthFailed(_("The sign-in was declined in the browser; nothing was changed."))
        case "temporarily_unavailable" | "server_error":
            return Transient(_("The platform cannot sign anybody in right now. Try again in some minutes."))
        case "invalid_scope" | "unauthorized_client" | "invalid_client":
            told = _("The platform does not grant this to the app ({error}). See the app's page there.")
            return ConfigError(told.format(error=name))
    return AuthFailed(_("The platform sent no code ({error}). Sign in again.").format(error=name))
