"""Requests per host."""

from __future__ import annotations

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.http import Budget, Budgets


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 120), st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_no_minute_holds_more_than_the_budget_and_its_first_breath(
    per_minute: int, gaps: list[float]
) -> None:
    clock = Hand()
    budget = Budget(per_minute, clock)
    sent: list[float] = []
    for gap in gaps:
        clock.at += gap
        wait = budget.reserve()
        clock.at += wait
        sent.append(clock.at)
    burst = max(1.0, per_minute / 3)
    for start in sent:
        within = sum(start <= one < start + 60 for one in sent)
        assert within <= per_minute + burst + 1


def test_a_host_is_shared_and_the_strictest_asker_sets_the_rate() -> None:
    budgets = Budgets()
    url = httpx.URL("http://a.example/x")
    loose = budgets.of(url, 60)
    assert budgets.of(httpx.URL("http://a.example/y"), 60) is loose
    strict = budgets.of(url, 6)
    assert strict is not loose
    assert budgets.of(url, 60) is strict
    assert budgets.of(httpx.URL("http://b.example/x"), 60) is not strict
