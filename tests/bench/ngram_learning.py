"""The learner: linear heads over binary n-grams, each n-gram scaled by how unevenly it is spread.

A head is a support vector machine with squared hinge loss; before it is fitted, n-gram j is scaled
by r_j = BASE + min(|log count ratio|, CAP) and every text by the length of its scaled vector, so
what is learnt can be written as

    decision(text) = sum(u_j) / sqrt(sum(v_j)) + bias     over the n-grams j of the text

with u_j = w_j * r_j and v_j = r_j ** 2. Everything is numpy on one thread in a fixed order: the same
input gives the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

BASE = 0.25
CAP = 4.0


@dataclass(slots=True)
class Grams:
    """Which n-grams each text has: text i has `index[starts[i]:starts[i + 1]]`."""

    index: Ints
    starts: npt.NDArray[np.int64]
    width: int
    _turned: tuple[Ints, npt.NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Grams:
        sizes = np.diff(self.starts)
        return Grams(self.index[np.repeat(chosen, sizes)], _starts(sizes[chosen]), self.width)

    def columns(self, chosen: npt.NDArray[np.int64]) -> Grams:
        """Only the n-grams `chosen`, renumbered in that order."""
        new = np.full(self.width, -1, np.int32)
        new[chosen] = np.arange(len(chosen), dtype=np.int32)
        moved = new[self.index]
        kept = moved >= 0
        before = np.concatenate(([0], np.cumsum(kept)))
        return Grams(moved[kept], before[self.starts], len(chosen))

    def times(self, weights: npt.NDArray[np.floating]) -> Doubles:
        """For each text the sum of the weights of its n-grams."""
        return _sums(weights, self.index, self.starts)

    def back(self, values: npt.NDArray[np.floating]) -> Doubles:
        """For each n-gram the sum of the values of the texts that have it."""
        if self._turned is None:
            order = np.argsort(self.index, kind="stable")
            texts = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))[order]
            self._turned = texts, _starts(np.bincount(self.index, minlength=self.width))
        return _sums(values, *self._turned)


def _starts(sizes: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)))


def _sums(values: npt.NDArray[np.floating], index: Ints, starts: npt.NDArray[np.int64]) -> Doubles:
    out = np.zeros(len(starts) - 1)
    filled = starts[1:] > starts[:-1]
    if filled.any():
        out[filled] = np.add.reduceat(values.astype(np.float32)[index], starts[:-1][filled])
    return out


def encode(texts: Sequence[set[str]], known: dict[str, int]) -> Grams:
    """Texts as sets of n-grams against a vocabulary."""
    sizes = np.zeros(len(texts), np.int64)
    parts = []
    for at, found in enumerate(texts):
        numbers = sorted(known[gram] for gram in found if gram in known)
        sizes[at] = len(numbers)
        parts.append(np.array(numbers, np.int32))
    index = np.concatenate(parts) if parts else np.zeros(0, np.int32)
    return Grams(index, _starts(sizes), len(known))


@dataclass(frozen=True, slots=True)
class Head:
    u: Floats
    v: Floats
    bias: float

    def decide(self, grams: Grams) -> Doubles:
        length = np.sqrt(np.maximum(grams.times(self.v), 1e-6))
        return grams.times(self.u) / length + self.bias


def fit(grams: Grams, yes: npt.NDArray[np.bool_], weights: Doubles, cost: float = 0.2) -> Head:
    """One head: `yes` against the rest; `weights` of the texts have a mean of about 1."""
    ahead = grams.back(np.where(yes, weights, 0.0)) + 1.0
    behind = grams.back(np.where(yes, 0.0, weights)) + 1.0
    ratio = np.log(ahead / ahead.sum()) - np.log(behind / behind.sum())
    scale = BASE + np.minimum(np.abs(ratio), CAP)
    length = np.sqrt(np.maximum(grams.times(scale**2), 1e-6))
    w, bias = _newton(grams, scale, length, np.where(yes, 1.0, -1.0), 2 * cost * weights)
    return Head((w * scale).astype(np.float32), (scale**2).astype(np.float32), bias)


def _newton(
    grams: Grams, scale: Doubles, length: Doubles, sign: Doubles, pull: Doubles
) -> tuple[Doubles, float]:
    """The least of |w|^2 / 2 + sum(pull * max(0, 1 - sign * z)^2) / 2, by truncated Newton steps."""

    def forth(x: Doubles) -> Doubles:
        return grams.times(x[:-1] * scale) / length + x[-1]

    def back(values: Doubles) -> Doubles:
        return np.append(grams.back(values / length) * scale, values.sum())

    x = np.zeros(grams.width + 1)
    z = forth(x)
    first = None
    for _step in range(30):
        short = np.maximum(0.0, 1.0 - sign * z)
        slope = x - back(pull * sign * short)
        size = float(np.linalg.norm(slope))
        first = first or size
        if size < 2e-3 * first:
            break
        active = pull * (short > 0)
        way = _conjugate(lambda d, on=active: d + back(on * forth(d)), -slope, 0.1 * size)
        x, z = _descend(x, z, way, forth(way), sign, pull)
    return x[:-1], float(x[-1])


def _conjugate(curve, target: Doubles, enough: float) -> Doubles:  # type: ignore[no-untyped-def]
    x = np.zeros_like(target)
    left = target.copy()
    way = left.copy()
    size = float(left @ left)
    for _step in range(25):
        bent = curve(way)
        far = size / float(way @ bent)
        x += far * way
        left -= far * bent
        new = float(left @ left)
        if new**0.5 < enough:
            break
        way = left + new / size * way
        size = new
    return x


def _descend(
    x: Doubles, z: Doubles, way: Doubles, moved: Doubles, sign: Doubles, pull: Doubles
) -> tuple[Doubles, Doubles]:
    """Halve the step until it goes down."""

    def cost(far: float) -> float:
        short = np.maximum(0.0, 1.0 - sign * (z + far * moved))
        here = x + far * way
        return float(here @ here) / 2 + float(pull @ short**2) / 2

    far, before = 1.0, cost(0.0)
    while far > 1e-4 and cost(far) >= before:
        far /= 2
    return x + far * way, z + far * moved


def text_weights(labels: npt.NDArray[np.integer], sets: npt.NDArray[np.integer]) -> Doubles:
    """Sets weigh by the root of their size, and in each set both classes alike (within bounds)."""
    weights = np.ones(len(labels))
    for number in np.unique(sets):
        here = sets == number
        for label in np.unique(labels[here]):
            these = here & (labels == label)
            share = these.sum() / here.sum()
            weights[these] = here.sum() ** -0.5 * min(0.5 / share, 5.0)
    weights = np.minimum(weights, 20 * np.median(weights))
    return weights / weights.mean()
