"""A polite client holds requests back; that must not be taken for a server that does not answer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from app.engine.http import Budgets, Polite
from app.errors import Transient
from monitors.reading import fetch

PER_MINUTE = 60.0
"""A third of them in one breath, then one a second."""


def _ask(site: Any, times: int, patience: float) -> list[int]:
    async def ask() -> list[int]:
        polite = Polite(httpx.AsyncHTTPTransport(), Budgets(), PER_MINUTE)
        async with httpx.AsyncClient(transport=polite) as http:
            return [
                (await fetch(http, f"{site.url}/feed.json", patience=patience)).status
                for _turn in range(times)
            ]

    return asyncio.run(ask())


def test_time_spent_waiting_for_the_hosts_budget_is_not_the_servers(site: Any) -> None:
    assert _ask(site, 22, patience=0.6) == [200] * 22


def test_a_slow_server_is_still_given_up(site: Any) -> None:
    site.slow = 1.5
    with pytest.raises(Transient, match="in time"):
        _ask(site, 1, patience=0.6)
