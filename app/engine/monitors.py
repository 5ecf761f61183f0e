"""Monitors ready to read: their settings and secrets put together, their requests counted. Engine's loop.

What a poll needs from disk (secrets, cursor) is read once and kept until something changes it; `forget`
says that something may have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from app.domain.clock import Clock
from app.domain.seeing import Life
from app.domain.watch import Source
from app.engine.allowance import Allowances, Meter, Quota, credential_of
from app.engine.http import Clients
from app.errors import AppError, ConfigError, NotFound
from app.i18n import _
from app.settings.schema import read, secret_names, specs
from app.settings.secrets import SecretStore
from app.storage.store import Storage
from monitors.base import HasLives, Info, Means, Monitor

Kinds = Mapping[str, type[Monitor[Any]]]


class Monitors:
    def __init__(self, storage: Storage, kinds: Kinds, secrets: SecretStore, clock: Clock) -> None:
        self._storage = storage
        self._kinds = kinds
        self._secrets = secrets
        self._clock = clock
        self._allowances = Allowances(storage, clock)
        self._salt: bytes | None = None
        self._cursors: dict[int, str | None] = {}
        self._hidden: dict[int, dict[str, str]] = {}
        self._meters: dict[int, Meter] = {}
        self.clients: Clients | None = None

    def forget(self) -> None:
        """Sources, secrets or cursors were changed by somebody else."""
        self._cursors.clear()
        self._hidden.clear()
        self._meters.clear()

    # ── making ───────────────────────────────────────────────────────────────────────────────

    async def of(self, source: Source) -> Monitor[Any]:
        """Ready to read; raises ConfigError for settings that do not fit."""
        kind = self._kind(source.kind)
        if self.clients is None:
            raise ConfigError(_("The engine is not running."))
        hidden = await self._hidden_of(source)
        meter = await self.meter(source)
        means = Means(self._keeper(source.id), self._clock.now, await meter.left())
        settings = read(kind.Settings, {**source.settings, **hidden})
        return kind(settings, self.clients.get(kind.info.per_minute, meter), means)

    def unsaved(
        self, kind: str, values: Mapping[str, Any], source_id: int = 0, verifier: str = ""
    ) -> Monitor[Any]:
        """For a check, or while a person signs in: nothing is counted. `source_id`: whose renewed secrets
        are kept; 0 where nothing is saved yet."""
        monitor = self._kind(kind)
        if self.clients is None:
            raise ConfigError(_("The engine is not running."))
        means = Means(now=self._clock.now, verifier=verifier)
        if source_id:
            means = replace(means, keep=self._keeper(source_id))
        return monitor(read(monitor.Settings, values), self.clients.get(monitor.info.per_minute), means)

    async def keep(self, source_id: int, secrets: Mapping[str, str]) -> None:
        """Into the keyring, by field of the settings."""
        keep = self._keeper(source_id)
        for name, value in secrets.items():
            await keep(name, value)

    async def meter(self, source: Source) -> Meter:
        """What the source's credential may still ask; shared by all sources with the same one."""
        if source.id not in self._meters:
            hidden = await self._hidden_of(source)
            quota = await asyncio.to_thread(self._quota, source, hidden)
            self._meters[source.id] = self._allowances.of(quota)
        return self._meters[source.id]

    def info(self, source: Source) -> Info:
        return self._kind(source.kind).info

    def offers(self, source: Source, ability: type) -> bool:
        """Can this kind of source do that (a protocol of monitors.base)?"""
        return source.kind in self._kinds and issubclass(self._kinds[source.kind], ability)

    def sharers(self, meter: Meter) -> int:
        """Sources known to ask in the name of the same credential."""
        return sum(one is meter for one in self._meters.values())

    def _kind(self, id: str) -> type[Monitor[Any]]:
        if id not in self._kinds:
            raise NotFound(_("There is no kind of source named “{kind}”.").format(kind=id))
        return self._kinds[id]

    async def _hidden_of(self, source: Source) -> dict[str, str]:
        if source.id not in self._hidden:
            self._hidden[source.id] = await asyncio.to_thread(self._secrets_of, source)
        return self._hidden[source.id]

    def _secrets_of(self, source: Source) -> dict[str, str]:
        names = secret_names(self._kind(source.kind).Settings)
        return {name: self._secrets.get(f"source/{source.id}/{name}") for name in names}

    def _quota(self, source: Source, hidden: Mapping[str, str]) -> Quota:
        """A source without secrets asks in nobody's name: its host alone is what it shares."""
        kind = self._kind(source.kind)
        info = kind.info
        typed = {name for name, spec in specs(kind.Settings) if spec.kind == "secret" and spec.asked}
        given = {name: value for name, value in hidden.items() if name in typed and value}
        if not given and not info.per_day:
            return Quota("")
        if self._salt is None:
            self._salt = self._allowances.salt()
        server = str(source.settings.get("server") or "")
        return Quota(credential_of(source.kind, server, given, self._salt), info.per_day, info.day_zone)

    def _keeper(self, source_id: int) -> Callable[[str, str], Awaitable[None]]:
        async def keep(name: str, value: str) -> None:
            await asyncio.to_thread(self._secrets.set, f"source/{source_id}/{name}", value)
            if source_id in self._hidden:
                self._hidden[source_id] = {**self._hidden[source_id], name: value}

        return keep

    # ── cursors ──────────────────────────────────────────────────────────────────────────────

    async def cursor(self, source_id: int) -> str | None:
        if source_id not in self._cursors:
            self._cursors[source_id] = await asyncio.to_thread(self._storage.sources.cursor, source_id)
        return self._cursors[source_id]

    def moved(self, source_id: int, cursor: str | None) -> None:
        """A page was stored with this cursor."""
        self._cursors[source_id] = cursor

    def stands(self, source_id: int, cursor: str | None) -> bool:
        """Is this the cursor that is stored already?"""
        return source_id in self._cursors and self._cursors[source_id] == cursor

    # ── lives ────────────────────────────────────────────────────────────────────────────────

    def lives(self, source: Source) -> tuple[Life, ...]:
        """How long tokens and quotas last; any thread, asks nobody. Empty where nothing is known."""
        if source.kind not in self._kinds:
            return ()
        kind = self._kinds[source.kind]
        told: Sequence[Life] = ()
        needed = issubclass(kind, HasLives) or kind.info.per_day
        hidden = self._secrets_of(source) if needed else {}
        if issubclass(kind, HasLives):
            try:
                settings = read(kind.Settings, {**source.settings, **hidden})
                idle = httpx.AsyncClient(transport=_Nobody(), trust_env=False)
                told = kind(settings, idle, Means(now=self._clock.now)).lives(
                    self._storage.sources.cursor(source.id)
                )
            except AppError:
                told = ()
        return (*told, *self._counted(source, hidden))

    def _counted(self, source: Source, hidden: Mapping[str, str]) -> tuple[Life, ...]:
        quota = self._quota(source, hidden) if self._kind(source.kind).info.per_day else Quota("")
        if not quota.most:
            return ()
        now = self._clock.now()
        used = self._storage.seeing.used(quota.credential, quota.day(now))
        return (Life(_("requests today"), None, max(0, quota.most - used), quota.most),)


class _Nobody(httpx.AsyncBaseTransport):
    """For a monitor that is asked what it knows by itself: it must not ask anybody."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("asked while it should not ask", request=request)
