"""What a credential may still ask of its platform, whichever source asks in its name. Engine's loop.

The day's requests are counted in the database before each is sent, so that a restart forgets none; a host
that asked for patience is left alone by every source with the same credential. A credential is a hash that
cannot be turned back: the secrets themselves are never written.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain.clock import Clock
from app.errors import RateLimited
from app.i18n import _
from app.storage.store import Storage

SALT_KEY = "quota.salt"

ASKED: ContextVar[str] = ContextVar("asked", default="")
"""The host that this task asked last."""


@dataclass(frozen=True, slots=True)
class Quota:
    """`most` requests a day (0: not counted), whose day begins at midnight `zone` hours ahead of UTC."""

    credential: str
    most: int = 0
    zone: int = 8

    def day(self, now: datetime) -> str:
        return (now.astimezone(UTC) + timedelta(hours=self.zone)).date().isoformat()

    def left_of_day(self, now: datetime) -> float:
        """Seconds until the platform counts anew."""
        there = now.astimezone(UTC) + timedelta(hours=self.zone)
        midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - there).total_seconds()


class Meter:
    """One credential's allowance. `spend` before each request."""

    def __init__(self, quota: Quota, storage: Storage, clock: Clock) -> None:
        self.quota = quota
        self._storage = storage
        self._clock = clock
        self._held: dict[str, datetime] = {}
        self._day = ""
        self._used = 0

    async def spend(self, host: str) -> None:
        """RateLimited, raised by us, where the platform would say so or has said so."""
        ASKED.set(host)
        wait = self.held(host)
        if wait > 0:
            told = _("{host} asked for patience; everything that reads it with the same key waits.")
            raise RateLimited(told.format(host=host), retry_after=wait)
        if self.quota.most:
            await self._count()

    async def _count(self) -> None:
        now = self._clock.now()
        quota = self.quota
        used = await asyncio.to_thread(
            self._storage.seeing.spend, quota.credential, quota.day(now), quota.most
        )
        if used is None:
            self._day, self._used = quota.day(now), quota.most
            told = _("The {n} requests that the platform grants a day are used up; it goes on at midnight.")
            raise RateLimited(told.format(n=quota.most), retry_after=quota.left_of_day(now) + 1)
        self._day, self._used = quota.day(now), used

    async def left(self) -> int | None:
        """Requests that may still be made today; None where nothing is counted."""
        if not self.quota.most:
            return None
        day = self.quota.day(self._clock.now())
        if day != self._day:
            self._used = await asyncio.to_thread(self._storage.seeing.used, self.quota.credential, day)
            self._day = day
        return max(0, self.quota.most - self._used)

    def hold(self, host: str, seconds: float) -> None:
        """The host asked to be left alone for so long; never shortens an earlier wish."""
        until = self._clock.now() + timedelta(seconds=min(seconds, 7 * 86_400.0))
        self._held[host] = max(until, self._held.get(host, until))

    def held(self, host: str) -> float:
        """Seconds for which the host must still be left alone."""
        until = self._held.get(host)
        return 0.0 if until is None else max(0.0, (until - self._clock.now()).total_seconds())


class Allowances:
    """One meter a credential."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._meters: dict[tuple[str, int], Meter] = {}

    def of(self, quota: Quota) -> Meter:
        key = (quota.credential, quota.most)
        if key not in self._meters:
            self._meters[key] = Meter(quota, self._storage, self._clock)
        return self._meters[key]

    def salt(self) -> bytes:
        """The database's own, so that all who share it count together. Worker threads only."""
        kept = self._storage.settings.get(SALT_KEY)
        if not isinstance(kept, str) or not kept:
            self._storage.settings.set(SALT_KEY, secrets.token_hex(16))
            kept = self._storage.settings.get(SALT_KEY)
        return str(kept).encode()


def credential_of(kind: str, server: str, given: Mapping[str, str], salt: bytes) -> str:
    """A name for who asks: the same for the same secrets, and of no use to who reads it. Takes some
    milliseconds. `given`: the secrets a person typed; those that renew themselves would change the name.
    """
    said = "\n".join(f"{name}={value}" for name, value in sorted(given.items()) if value)
    told = f"{kind}\n{said or server}".encode()
    return hashlib.scrypt(told, salt=salt, n=2**12, r=8, p=1, dklen=16).hex()


def pace(every: float, left: int | None, seconds: float, cost: float) -> float:
    """Seconds between polls so that `left` requests last for `seconds`, when all who share them spend
    `cost` a round; never below `every`. The last tenth is kept for what cannot wait."""
    if left is None:
        return every
    rounds = left * 0.9 / max(cost, 1.0)
    return max(every, seconds / rounds) if rounds >= 1 else max(every, seconds + 1)
