"""The HTTP clients that monitors get: timeouts, proxy, identity, and a budget per host.

Runs in the engine's loop. Retries belong to the poller, reading to the monitor. Nothing here logs a
query string, since keys travel there.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import httpx

from app import __version__
from app.engine.allowance import Meter
from monitors.fetching import retry_after

AGENT = f"Tingfeng/{__version__} (desktop feed reader)"

# RSSHub may work for half a minute on one route (platforms.md 5.9).
for _talker in ("httpx", "httpcore"):
    # They write whole addresses down, and a robot's address is its key.
    logging.getLogger(_talker).setLevel(logging.WARNING)

TIMEOUT = httpx.Timeout(connect=15, read=60, write=30, pool=60)


PATIENCE = 60.0
"""Seconds to leave a host alone that says "too often" and not for how long."""


class Budget:
    """At most `per_minute` requests in any minute to one host, a third of them in one breath."""

    def __init__(self, per_minute: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = max(1.0, per_minute / 3)
        self._kept = self._burst
        self._at = monotonic()
        self._monotonic = monotonic

    def reserve(self) -> float:
        """Take one request from the budget; returns how many seconds to wait before sending it."""
        now = self._monotonic()
        self._kept = min(self._burst, self._kept + (now - self._at) * self._rate)
        self._at = now
        self._kept -= 1
        return max(0.0, -self._kept / self._rate)


class Budgets:
    """One per host, shared by all sources that read there; the strictest asker sets the rate."""

    def __init__(self) -> None:
        self._hosts: dict[tuple[str, int | None], tuple[float, Budget]] = {}

    def of(self, url: httpx.URL, per_minute: float) -> Budget:
        host = (url.host, url.port)
        rate, budget = self._hosts.get(host, (0.0, None))
        if budget is None or per_minute < rate:
            budget = Budget(per_minute)
            self._hosts[host] = (per_minute, budget)
        return budget


class Polite(httpx.AsyncBaseTransport):
    """Waits for the host's budget before each request, redirects included.

    Whoever asks may hear of it through the request's extension `on_hold`, called with the seconds.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        budgets: Budgets,
        per_minute: float,
        meter: Meter | None = None,
    ) -> None:
        self._inner = inner
        self._budgets = budgets
        self._per_minute = per_minute
        self._meter = meter

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """RateLimited where the credential's day is over, or the host asked it for patience."""
        if self._meter is not None:
            await self._meter.spend(request.url.host)
        wait = self._budgets.of(request.url, self._per_minute).reserve()
        if wait > 0:
            request.extensions.get("on_hold", _nobody)(wait)
            await asyncio.sleep(wait)
        response = await self._inner.handle_async_request(request)
        if self._meter is not None and response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            told = {name.lower(): value for name, value in response.headers.items()}
            self._meter.hold(request.url.host, retry_after(told) or PATIENCE)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def _nobody(_seconds: float) -> None:
    """Not everybody waits with a watch in hand."""


class Clients:
    """One client a request rate and credential; all share the connection pool and the host budgets."""

    def __init__(self, *, proxy: str = "", hurry: bool = False) -> None:
        self._pool = httpx.AsyncHTTPTransport(
            proxy=proxy or None,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
            retries=0,
        )
        self._budgets = Budgets()
        self._hurry = hurry
        self._made: dict[tuple[float, Meter | None], httpx.AsyncClient] = {}

    def get(self, per_minute: float, meter: Meter | None = None) -> httpx.AsyncClient:
        """`hurry` (drills, which speak to this machine only) lifts the budget."""
        rate = 6000.0 if self._hurry else per_minute
        key = (rate, meter)
        if key not in self._made:
            self._made[key] = httpx.AsyncClient(
                transport=Polite(self._pool, self._budgets, rate, meter),
                timeout=TIMEOUT,
                headers={"User-Agent": AGENT, "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"},
                follow_redirects=False,
                trust_env=False,
            )
        return self._made[key]

    async def close(self) -> None:
        for client in self._made.values():
            await client.aclose()
        await self._pool.aclose()
