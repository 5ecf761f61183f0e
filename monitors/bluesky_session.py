"""A session at an AT Protocol host: made once with the app password, from then on refreshed.

Runs on the engine's loop. Hosts count sessions (a few hundred a day for one account), and the refresh token
is another one after each use: whatever comes is kept at once, before anything else is asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from app.errors import AppError, AuthFailed, BadResponse, Transient, Unsure
from app.i18n import N_, _
from monitors.base import Means
from monitors.cursors import load, text
from monitors.pacing import limited
from monitors.reading import Fetched, checked, clean, fetch, from_json, is_html, maybe, need, post, safe_url

LIMITS = "ratelimit-"
_STALE = ("ExpiredToken", "InvalidToken")
_REFUSALS = {
    "AuthFactorTokenRequired": N_(
        "Bluesky asks for a code sent by mail: enter an app password, not the password of your account."
    ),
    "AccountTakedown": N_("Bluesky has taken this account down. Sign in there to see why."),
    "AccountDeactivated": N_("This Bluesky account is deactivated. Sign in there to bring it back."),
    "AuthenticationRequired": N_("Bluesky does not know this handle with this app password."),
}


@dataclass(frozen=True, slots=True)
class Session:
    """`pds`: the host where the account lives; `owner`: for which server and handle it was made."""

    access: str
    refresh: str
    did: str
    pds: str
    owner: str

    def __repr__(self) -> str:
        return f"Session({self.did!r})"

    @classmethod
    def read(cls, told: str, owner: str) -> Session | None:
        """None where it is lost, mangled or another account's."""
        kept = load(told)
        made = cls(**{name: text(kept.get(name)) for name in cls.__slots__})
        return made if made.owner == owner and made.refresh and safe_url(made.pds) else None


class Signed:
    """Asks the account's host, signed in as the brand."""

    def __init__(
        self, http: httpx.AsyncClient, means: Means, server: str, handle: str, password: str, kept: str
    ) -> None:
        self._http = http
        self._means = means
        self._server = server
        self._handle = handle
        self._password = password
        self._owner = f"{handle}@{server}"
        self._session = Session.read(kept, self._owner)

    async def session(self) -> Session:
        return self._session or await self._create()

    async def get(self, name: str, params: Mapping[str, str | int | Sequence[str]]) -> Fetched:
        """A question. The answer has any status; a token that is over was renewed before."""
        return await self._ask(
            lambda url, headers: fetch(self._http, url, headers=headers, params=params), name
        )

    async def post(self, name: str, told: Any) -> Fetched:
        """What changes something: asked again only where the token was over, so nothing was done."""
        return await self._ask(lambda url, headers: post(self._http, url, headers=headers, json=told), name)

    async def _ask(self, send: Any, name: str) -> Fetched:
        now = await self.session()
        got: Fetched = await send(f"{now.pds}/xrpc/{name}", _bearer(now.access))
        if _stale(got):
            now = await self._renew(now)
            got = await send(f"{now.pds}/xrpc/{name}", _bearer(now.access))
        if got.status == 429:
            raise limited(got, self._means.now(), LIMITS)
        if _stale(got):
            raise _refused(got)
        return got

    async def _renew(self, now: Session) -> Session:
        """By the refresh token; only when the host says that this is over, by the app password."""
        name = "com.atproto.server.refreshSession"
        got = await self._sent(f"{now.pds}/xrpc/{name}", headers=_bearer(now.refresh))
        if _stale(got):
            return await self._create()
        return await self._keep(self._fine(got))

    async def _create(self) -> Session:
        told = {"identifier": self._handle, "password": self._password}
        url = f"{self._server}/xrpc/com.atproto.server.createSession"
        return await self._keep(self._fine(await self._sent(url, json=told)))

    async def _sent(self, url: str, **what: Any) -> Fetched:
        """No redirect is followed: a password is not for other hosts. Asking twice does no harm here."""
        try:
            return await post(self._http, url, **what)
        except Unsure as error:
            raise Transient(error.text, details=error.details) from None

    def _fine(self, got: Fetched) -> Fetched:
        if is_html(got.body):
            return checked(got)
        if got.status == 429:
            raise limited(got, self._means.now(), LIMITS)
        if got.status in (401, 403) or error_name(got) in (*_STALE, *_REFUSALS):
            raise _refused(got)
        return checked(got)

    async def _keep(self, got: Fetched) -> Session:
        told = from_json(got.body)
        access, refresh, did = (str(need(told, name)) for name in ("accessJwt", "refreshJwt", "did"))
        now = self._session
        before = now.pds if now else self._server
        made = Session(access, refresh, did, _host_of(maybe(told, "didDoc")) or before, self._owner)
        self._session = made
        await self._means.keep("session", json.dumps(asdict(made)))
        return made


def _bearer(token: str) -> dict[str, str]:
    if not token.isascii() or any(one.isspace() for one in token):
        raise BadResponse(_("The session token that the server gave cannot be used."))
    return {"Authorization": f"Bearer {token}"}


def _host_of(document: Any) -> str:
    """Where the account lives, from its DID document."""
    services = maybe(document, "service")
    for one in services[:20] if isinstance(services, list) else ():
        if str(maybe(one, "id") or "").endswith("#atproto_pds"):
            return safe_url(str(maybe(one, "serviceEndpoint") or "")).rstrip("/")
    return ""


def _stale(got: Fetched) -> bool:
    return error_name(got) in _STALE or (got.status == 401 and not is_html(got.body))


def error_name(got: Fetched) -> str:
    """The name of the error, as hosts send it; "" for none."""
    if got.status < 400 or is_html(got.body):
        return ""
    try:
        return clean(str(maybe(from_json(got.body), "error") or ""), limit=60)
    except BadResponse:
        return ""


def reason(got: Fetched) -> str:
    """The host's words for a person."""
    try:
        told = from_json(got.body)
    except BadResponse:
        return ""
    return clean(str(maybe(told, "message") or maybe(told, "error") or ""), limit=300)


def _refused(got: Fetched) -> AppError:
    known = _REFUSALS.get(error_name(got))
    told = _("Bluesky does not let this account sign in: {reason}").format(reason=reason(got))
    return AuthFailed(_(known) if known else told, details=f"HTTP {got.status} {error_name(got)}")
