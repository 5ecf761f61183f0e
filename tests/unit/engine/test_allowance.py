"""What a credential may ask, whoever asks in its name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.allowance import Allowances, Quota, credential_of, pace
from app.engine.http import Budgets, Polite
from app.errors import RateLimited
from app.storage.store import Storage


class Hand:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with Storage.open(tmp_path / "a.sqlite") as made:
        yield made


def test_the_name_of_a_credential_gives_nothing_away_and_is_its_own() -> None:
    one = credential_of("weibo", "", {"key": "s3cr3t"}, b"salt")
    assert one == credential_of("weibo", "https://elsewhere", {"key": "s3cr3t"}, b"salt")
    others = (
        credential_of("weibo", "", {"key": "other"}, b"salt"),
        credential_of("zhihu", "", {"key": "s3cr3t"}, b"salt"),
        credential_of("weibo", "", {"key": "s3cr3t"}, b"pepper"),
        credential_of("weibo", "https://a", {}, b"salt"),
    )
    assert len({one, *others}) == 5
    assert "s3cr3t" not in one


def test_a_days_requests_are_counted_together_and_survive_a_restart(storage: Storage) -> None:
    hand = Hand()
    quota = Quota("c", 3)

    async def spend(times: int) -> None:
        meter = Allowances(storage, hand).of(quota)  # a new program each time
        for _time in range(times):
            await meter.spend("a.example")

    asyncio.run(spend(2))
    assert asyncio.run(Allowances(storage, hand).of(quota).left()) == 1
    asyncio.run(spend(1))
    with pytest.raises(RateLimited) as caught:
        asyncio.run(spend(1))
    assert caught.value.retry_after == pytest.approx(4 * 3600 + 1)  # midnight in Beijing
    hand.at += timedelta(seconds=caught.value.retry_after)
    asyncio.run(spend(3))
    assert asyncio.run(Allowances(storage, hand).of(quota).left()) == 0


def test_a_host_that_wants_patience_is_left_alone_by_all_with_the_same_key(storage: Storage) -> None:
    hand = Hand()
    all_ = Allowances(storage, hand)
    sent: list[str] = []

    class Answers(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            sent.append(request.url.host)
            return httpx.Response(429 if len(sent) == 1 else 200, headers={"Retry-After": "90"})

    async def ask(credential: str, host: str) -> int:
        polite = Polite(Answers(), Budgets(), 600.0, all_.of(Quota(credential)))
        async with httpx.AsyncClient(transport=polite) as http:
            return (await http.get(f"http://{host}/x")).status_code

    assert asyncio.run(ask("mine", "a.example")) == 429
    with pytest.raises(RateLimited) as caught:
        asyncio.run(ask("mine", "a.example"))
    assert 89 <= caught.value.retry_after <= 90
    assert asyncio.run(ask("mine", "b.example")) == 200
    assert asyncio.run(ask("another", "a.example")) == 200
    assert sent == ["a.example", "b.example", "a.example"]
    hand.at += timedelta(seconds=91)
    assert asyncio.run(ask("mine", "a.example")) == 200


@given(st.floats(1, 86_400), st.integers(0, 50_000), st.floats(1, 86_400), st.floats(1, 20))
def test_a_days_quota_lasts_the_day(every: float, left: int, seconds: float, cost: float) -> None:
    wait = pace(every, left, seconds, cost)
    assert wait >= every
    assert int(seconds / wait) * cost <= left + 1e-6 or wait > seconds
    assert pace(every, None, seconds, cost) == every
