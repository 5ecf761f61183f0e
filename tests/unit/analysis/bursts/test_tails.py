"""Tails against sums made another way."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.bursts.tails import mixed_tail, tail, together


def poisson_upper(x: int, mean: float) -> float:
    """By the complement, term by term."""
    below = math.fsum(math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(x))
    return -math.log10(1.0 - below)


@pytest.mark.parametrize(
    ("x", "mean"), [(1, 0.01), (3, 0.2), (7, 1.5), (15, 8.0), (30, 18.0), (130, 100.0)]
)
def test_poisson(x: int, mean: float) -> None:
    assert tail(x, mean) == pytest.approx(poisson_upper(x, mean), rel=0.02, abs=0.02)


@pytest.mark.parametrize("size", [0.5, 1.2, 4.0, 60.0])
@pytest.mark.parametrize("x", [4, 14, 25, 80])
def test_negative_binomial(x: int, size: float) -> None:
    mean = 3.0
    ratio = mean / (mean + size)
    below = math.fsum(
        math.exp(
            math.lgamma(k + size)
            - math.lgamma(size)
            - math.lgamma(k + 1)
            + size * math.log(1 - ratio)
            + k * math.log(ratio)
        )
        for k in range(x)
    )
    if 1.0 - below > 1e-9:
        assert tail(x, mean, size) == pytest.approx(-math.log10(1.0 - below), rel=0.03, abs=0.03)


@given(
    st.floats(1e-6, 1e6),
    st.floats(1e-6, 1e6),
    st.floats(0.05, 1e9),
)
def test_never_out_of_bounds(x: float, mean: float, size: float) -> None:
    assert 0.0 <= tail(x, mean, size) <= 300.0


@given(st.floats(0.01, 1000.0), st.floats(0.1, 1000.0), st.floats(1.2, 4.0))
def test_more_is_rarer(mean: float, size: float, more: float) -> None:
    x = 2.0 * mean + 3.0
    assert tail(x * more, mean, size) >= tail(x, mean, size) - 0.06


def test_at_or_below_the_mean_nothing_is_rare() -> None:
    assert tail(5.0, 5.0) == 0.0
    assert tail(0.0, 0.0) == 0.0
    assert tail(1.0, 0.0) == 300.0


@pytest.mark.parametrize(("heat", "copies"), [(3, 5), (5, 10), (12, 60), (1, 1)])
def test_beta_binomial(heat: int, copies: int) -> None:
    angry, calm = 0.8, 9.2

    def log_beta(a: float, b: float) -> float:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    upper = math.fsum(
        math.comb(copies, k) * math.exp(log_beta(k + angry, copies - k + calm) - log_beta(angry, calm))
        for k in range(heat, copies + 1)
    )
    assert mixed_tail(heat, copies, angry, calm) == pytest.approx(-math.log10(upper), abs=0.01)


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_beta_binomial_bears_anything(heat: float, more: float) -> None:
    assert 0.0 <= mixed_tail(heat, heat + more, 0.8, 9.2) < 1e4


def test_two_middling_ones_are_less_than_their_sum() -> None:
    assert 1.0 < together(1.0, 1.0) < 2.0
    assert together(0.0, 0.0) == 0.0
