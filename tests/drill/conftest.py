"""A clock that stands still until a test moves it, and the shipped scenario on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.drill.loading import load
from app.drill.platform import DemoPlatform
from app.drill.scenario import Scenario


class HeldClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 1, 12, 0, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return 1000.0 + self.seconds


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load()


@pytest.fixture
def platform(scenario: Scenario, clock: HeldClock) -> Iterator[DemoPlatform]:
    with DemoPlatform(scenario, 60.0, clock) as running:
        yield running
