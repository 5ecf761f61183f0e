"""A signed-in source on its stand-in, with the clock in a test's hands and one connection for all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

import httpx

from app.domain.mention import Mention
from app.domain.watch import Page
from app.drill.standin import Platform
from app.errors import RateLimited
from monitors.base import Means, Monitor
from monitors.reading import CHINA

P = TypeVar("P", bound=Platform)
MORNING = datetime(2026, 3, 2, 0, 0, 30, tzinfo=CHINA)


class Desk(Generic[P]):
    """`settings` are replaced as the monitor renews them; `kept` is what went to the keyring, in order."""

    def __init__(self, platform: P, cls: type[Monitor[Any]], settings: Any) -> None:
        self.platform = platform
        self.cls = cls
        self.settings = settings
        self.cursor: str | None = None
        self.left_today: int | None = None
        self.kept: dict[str, str] = {}
        self.found: list[Mention] = []
        self.pages: list[Page] = []
        self._loop = asyncio.new_event_loop()
        self._http = httpx.AsyncClient(trust_env=False, timeout=10)
        self.at(MORNING)

    def at(self, now: datetime) -> None:
        self.clock = now
        self.platform.switches.clock = now.timestamp() - datetime.now(UTC).timestamp()

    def wait(self, seconds: float) -> None:
        self.at(self.clock + timedelta(seconds=seconds))

    def now(self) -> datetime:
        return self.clock.astimezone(UTC)

    async def _keep(self, name: str, value: str) -> None:
        self.kept[name] = value
        self.settings = replace(self.settings, **{name: value})

    def ask(self, what: Callable[[Any], Any]) -> Any:
        means = Means(self._keep, self.now, self.left_today)
        return self._loop.run_until_complete(what(self.cls(self.settings, self._http, means)))

    def poll(self) -> Page:
        page: Page = self.ask(lambda monitor: monitor.poll((), self.cursor))
        self.cursor = page.cursor
        self.found += page.mentions
        self.pages.append(page)
        return page

    def round(self) -> list[Page]:
        before = len(self.pages)
        while self.poll().more:
            assert len(self.pages) - before < 300, "it never ends"
        return self.pages[before:]

    def day(self, hours: float = 24) -> None:
        """As the engine polls: every five minutes, and after a limit only when told."""
        end = self.clock + timedelta(hours=hours)
        while self.clock < end:
            wait = 300.0
            try:
                self.round()
            except RateLimited as error:
                wait = max(wait, error.retry_after)
            self.wait(wait)

    def asked(self) -> dict[str, int]:
        """Counted calls by path."""
        made: dict[str, int] = {}
        for call in self.platform.journal:
            if self.platform.limits(call):
                made[call.path] = made.get(call.path, 0) + 1
        return made

    def close(self) -> None:
        self._loop.run_until_complete(self._http.aclose())
        self._loop.close()
