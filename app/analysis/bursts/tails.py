"""How unlikely is such a count? Upper tails of the Poisson and negative binomial, as -log10 P(X >= x)."""

from __future__ import annotations

import math

_LN10 = math.log(10.0)
_MANY = 500.0
_EXACT = 15.0
"""Up to this count the sum is short; above it the tail's saddlepoint is within a few per cent."""


def tail(x: float, mean: float, size: float = math.inf) -> float:
    """-log10 P(X >= x) of a negative binomial with this mean and size (variance mean + mean²/size).

    Zero up to the mean. `size` infinite is the Poisson. `x` may be a sum of probabilities.
    """
    if x <= mean or x <= 0.0:
        return 0.0
    if mean <= 0.0:
        return 300.0
    size = min(size, 1e7)
    return _summed(x, mean, size) if x <= _EXACT else _saddle(x, mean, size)


def _summed(x: float, mean: float, size: float) -> float:
    ratio = mean / (size + mean)
    log_first = (
        math.lgamma(x + size)
        - math.lgamma(size)
        - math.lgamma(x + 1.0)
        - size * math.log1p(mean / size)
        + x * math.log(ratio)
    )
    total = term = 1.0
    at = x
    for _ in range(2000):
        term *= ratio * (at + size) / (at + 1.0)
        total += term
        at += 1.0
        if term < 1e-4 * total:
            break
    return min(300.0, max(0.0, -(log_first + math.log(total)) / _LN10))


def _saddle(x: float, mean: float, size: float) -> float:
    """Lugannani and Rice, with the half that a count is wide."""
    low = x - 0.5
    if low <= mean:
        return 0.0
    signed = math.sqrt(2.0 * deviance(low, mean, size))
    if signed < 0.1:  # the correction is a difference of two poles
        return -math.log10(0.5 * math.erfc(signed / math.sqrt(2.0)))
    slope = math.log(low * (mean + size) / (mean * (low + size)))
    spread = slope * math.sqrt(low + low * low / size)
    log_density = -0.5 * signed * signed - 0.5 * math.log(2.0 * math.pi)
    if signed < 6.0:
        upper = 0.5 * math.erfc(signed / math.sqrt(2.0))
        upper += math.exp(log_density) * (1.0 / spread - 1.0 / signed)
        return -math.log10(min(1.0, max(upper, 1e-300)))
    return min(300.0, -(log_density - math.log(spread)) / _LN10)


def deviance(x: float, mean: float, size: float) -> float:
    """Half the deviance of one negative binomial observation."""
    return max(0.0, x * math.log(x / mean) - (x + size) * math.log1p((x - mean) / (mean + size)))


def mixed_tail(heat: float, copies: float, angry: float, calm: float) -> float:
    """-log10 P(X >= heat) of a beta-binomial: posts whose share of negatives is a beta of these two."""
    if copies <= 0.0 or heat <= copies * angry / (angry + calm):
        return 0.0
    if copies > _MANY:  # what one more post adds is lost in how much shares differ
        heat, copies = heat * _MANY / copies, _MANY
    whole = math.lgamma(angry + calm) - math.lgamma(angry) - math.lgamma(calm) + math.lgamma(copies + 1.0)
    whole -= math.lgamma(copies + angry + calm)
    log_first = (
        whole
        + math.lgamma(heat + angry)
        + math.lgamma(copies - heat + calm)
        - math.lgamma(heat + 1.0)
        - math.lgamma(copies - heat + 1.0)
    )
    total = term = 1.0
    at = heat
    while at + 1.0 <= copies and term > 1e-4 * total:
        term *= (copies - at) * (at + angry) / ((at + 1.0) * (copies - at - 1.0 + calm))
        at += 1.0
        total += term
    return max(0.0, -(log_first + math.log(total)) / _LN10)


def together(first: float, second: float) -> float:
    """Two independent -log10 P as one (Fisher): how often is the product so small by chance?"""
    nats = (first + second) * _LN10
    return first + second - math.log10(1.0 + nats)
