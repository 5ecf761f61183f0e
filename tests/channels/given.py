"""Notices, and how to send them by the engine's own client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from app.alerts.channels.base import Channel
from app.domain.alert import Severity
from app.domain.delivery import Notice
from app.domain.people import Person
from app.engine.http import Clients
from app.engine.web import Asking

T = TypeVar("T")


class Line:
    """One loop and one client for all tests: making them takes longer than most messages."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._clients: Clients | None = None

    def run(self, work: Callable[[Clients], Coroutine[Any, Any, T]]) -> T:
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(self._with(work))

    async def _with(self, work: Callable[[Clients], Coroutine[Any, Any, T]]) -> T:
        if self._clients is None:
            self._clients = Clients()
        return await work(self._clients)

    def close(self) -> None:
        if self._runner is not None and self._clients is not None:
            self._runner.run(self._clients.close())
            self._runner.close()
        self._runner = self._clients = None


LINE = Line()


def send(
    cls: type[Channel[Any]],
    settings: Any,
    notices: Sequence[Notice],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    patience: float = 20.0,
) -> str:
    """One message, by the engine's own client."""
    return LINE.run(lambda clients: cls(settings, Asking(clients.get(6000), patience), now).send(notices))


def notice(title: str = "P2 云雀耳机：左耳没声音", **more: Any) -> Notice:
    values: dict[str, Any] = {
        "key": "alert-1",
        "severity": Severity.P2,
        "title": title,
        "body": "用了三天就坏了",
        "reason": "负面，且作者有 12000 个粉丝",
        "brand": "云雀",
        "url": "https://weibo.example/1",
        "at": datetime(2026, 11, 30, 1, 2, tzinfo=UTC),
    }
    return Notice(**{**values, **more})


CONTACTS = {
    "dingtalk": "13800000000",
    "wecom": "zhang.san",
    "feishu": "ou_synthetic0001",
    "slack": "U0SYNTH01",
    "teams": "zhang@example.com",
    "email": "zhang@example.com",
}
ZHANG = Person(name="张三", contacts=CONTACTS)
