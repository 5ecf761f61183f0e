"""Talking to Douyin with the right token: the account's or the app's own, renewed in time. Engine's loop.

A renewed token is kept before it is used. `settings` are those of the moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.errors import AuthFailed, BadResponse, ConfigError, MonitorError, Transient, Unsure
from app.i18n import _
from monitors.base import Means
from monitors.douyin import errors
from monitors.douyin.settings import Settings
from monitors.oauth import safe_server
from monitors.reading import count, fetch, maybe, next_midnight, post

SOON = timedelta(days=3)


class Line:
    """One a poll; it keeps nothing but the tokens in `settings`."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient, means: Means) -> None:
        self.settings = settings
        self.http = http
        self.means = means

    async def ask(
        self, path: str, query: Mapping[str, str | int], *, app: bool, body: Any = None
    ) -> errors.Answer:
        """With a `body`: something is changed. A token that is over is renewed, and used once more."""
        wait = (next_midnight(self.means.now()) - self.means.now()).total_seconds()
        url = f"{safe_server(self.settings.server)}{path}"
        for again in (True, False):
            headers = {"access-token": await self._token(app=app)}
            if body is None:
                got = await fetch(self.http, url, headers=headers, params=query)
            else:
                got = await post(self.http, url, headers=headers, params=query, json=body)
            try:
                return errors.answer(got, wait, lambda row: row.reading if body is None else row.writing)
            except errors.Said as said:
                if said.code not in errors.OVER or not again:
                    raise
            except (BadResponse, Transient) as error:
                if body is None or 300 <= got.status < 500:
                    raise
                raise _unsure() from error
            await self._renew(app=app)
        raise AssertionError  # the second time returns or raises

    async def _token(self, *, app: bool) -> str:
        if app and not self._lasts(self.settings.app_expires):
            await self._renew(app=True)
        token = self.settings.app_token if app else self.settings.token
        if not token:
            raise AuthFailed(_("Nobody is signed in to Douyin yet. Press “Sign in” at this source."))
        return token

    def _lasts(self, expires: str) -> bool:
        return (count(expires) or 0) > self.means.now().timestamp() + 60

    async def renew_in_time(self) -> str:
        """Three days before an end: first what renews, then what reads. Trouble with it is said, and tried
        again at the next round; the token works as long as it lasts."""
        now = self.means.now()
        try:
            if self._ends_soon(self.settings.refresh_expires, now):
                await self._gain("/oauth/renew_refresh_token/", form=self._refreshing())
            if self._ends_soon(self.settings.expires, now):
                await self._renew(app=False)
        except (MonitorError, ConfigError) as error:
            return error.text
        return ""

    def _ends_soon(self, given: str, now: datetime) -> bool:
        ends = count(given)
        return bool(ends) and bool(self.settings.refresh) and now > moment(ends or 0) - SOON

    def _refreshing(self) -> dict[str, str]:
        return {"client_key": self.settings.client_key, "refresh_token": self.settings.refresh}

    async def _renew(self, *, app: bool) -> None:
        if app:
            credentials = {
                "client_key": self.settings.client_key,
                "client_secret": self.settings.client_secret,
            }
            await self._gain(
                "/oauth/client_token/", app=True, json={**credentials, "grant_type": "client_credential"}
            )
            return
        if not self.settings.refresh:
            raise AuthFailed(_("The sign-in to Douyin has ended. Sign in again."))
        await self._gain(
            "/oauth/refresh_token/", form={**self._refreshing(), "grant_type": "refresh_token"}
        )

    async def _gain(self, path: str, *, app: bool = False, **what: Any) -> None:
        """New tokens, kept at once; the one that renews first, since it cannot be had again."""
        gained = await self._tokens(path, app=app, **what)
        for name, value in gained.items():
            await self.means.keep(name, value)
        values: dict[str, Any] = dict(gained)
        self.settings = replace(self.settings, **values)

    async def _tokens(self, path: str, *, app: bool = False, **what: Any) -> dict[str, str]:
        url = f"{safe_server(self.settings.server)}{path}"
        try:
            told = errors.answer(await fetch(self.http, url, **what), 3600, lambda row: row.reading).data
        except errors.Said as said:
            raise said.error from None
        now, made = int(self.means.now().timestamp()), {}
        seconds, later = count(maybe(told, "expires_in")), count(maybe(told, "refresh_expires_in"))
        token, refresh, open_id = (
            maybe(told, name) for name in ("access_token", "refresh_token", "open_id")
        )
        if isinstance(refresh, str) and refresh and not app:
            made["refresh"] = refresh
            lasts = later if token else seconds
            made |= {"refresh_expires": str(now + lasts)} if lasts else {}
        if isinstance(token, str) and token:
            made["app_token" if app else "token"] = token
            made["app_expires" if app else "expires"] = str(now + (seconds or 0))
        if isinstance(open_id, str) and open_id and not app:
            made["open_id"] = open_id
        if not made:
            raise AuthFailed(_("Douyin answered without a token. Sign in again."))
        return made

    async def signed_in(self, code: str) -> Mapping[str, str]:
        credentials = {"client_key": self.settings.client_key, "client_secret": self.settings.client_secret}
        body = {**credentials, "code": code, "grant_type": "authorization_code"}
        gained = await self._tokens("/oauth/access_token/", json=body)
        if not gained.get("token") or not gained.get("open_id"):
            raise AuthFailed(_("Douyin answered without a token. Sign in again."))
        return gained


def moment(seconds: int) -> datetime:
    """UTC; what lies too far ahead is brought near enough to be a date."""
    return datetime.fromtimestamp(min(seconds, 2**35), UTC)


def _unsure() -> Unsure:
    return Unsure(
        _("Douyin did not say whether the answer is there. Look at the video before repeating it.")
    )
