"""The learner: linear heads over binary n-grams, each n-gram scaled by how unevenly it is spread.

A head is a support vector machine with squared hinge loss; before it is fitted, n-gram j is scaled
by r_j = BASE + min(|log count ratio|, CAP) and every text by the length of its scaled vector, so
what is learnt can be written as

    decision(text) = sum(weight_j) / sqrt(sum(size_j)) + bias     over the n-grams j of the text

with weight_j = w_j * r_j and size_j = r_j ** 2, and the same once more for what counts times the
style. A gate is the same without scaling: r_j = 1, so that the length is the root of the number of
n-grams. Everything runs on one thread in a fixed order: the same input gives the same bits. With scipy
installed the sums are made by it, some three times as fast; its bits differ in the last place from
those of numpy alone.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

_sparse: Any = importlib.import_module("scipy.sparse") if importlib.util.find_spec("scipy") else None

BASE = 0.25
CAP = 4.0


@dataclass(slots=True)
class Grams:
    """Which n-grams each text has: text i has `index[starts[i]:starts[i + 1]]`."""

    index: Ints
    starts: npt.NDArray[np.int64]
    width: int
    _turned: tuple[Ints, npt.NDArray[np.int64]] | None = None
    _matrix: Any = None
    _transposed: Any = None

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
        if _sparse is None:
            return _sums(weights, self.index, self.starts)
        return np.asarray(self._as_matrix() @ weights.astype(np.float32), np.float64)

    def back(self, values: npt.NDArray[np.floating]) -> Doubles:
        """For each n-gram the sum of the values of the texts that have it."""
        if _sparse is not None:
            if self._transposed is None:
                self._transposed = self._as_matrix().T.tocsr()
            return np.asarray(self._transposed @ values.astype(np.float32), np.float64)
        if self._turned is None:
            order = np.argsort(self.index, kind="stable")
            texts = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))[order]
            self._turned = texts, _starts(np.bincount(self.index, minlength=self.width))
        return _sums(values, *self._turned)

    def _as_matrix(self) -> Any:
        if self._matrix is None:
            ones = np.ones(len(self.index), np.float32)
            where = (ones, self.index, self.starts.astype(np.int32))
            self._matrix = _sparse.csr_array(where, shape=(len(self), self.width))
        return self._matrix


def _starts(sizes: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)))


def _sums(values: npt.NDArray[np.floating], index: Ints, starts: npt.NDArray[np.int64]) -> Doubles:
    out = np.zeros(len(starts) - 1)
    filled = starts[1:] > starts[:-1]
    if filled.any():
        out[filled] = np.add.reduceat(values.astype(np.float32)[index], starts[:-1][filled])
    return out


def encode(texts: Iterable[set[str]], known: dict[str, int]) -> Grams:
    """Texts as sets of n-grams against a vocabulary; the order of a set leaves no trace."""
    get = known.get
    sizes: list[int] = []
    parts: list[Ints] = []
    for found in texts:
        numbers = np.array([at for at in map(get, found) if at is not None], np.int32)
        numbers.sort()
        sizes.append(len(numbers))
        parts.append(numbers)
    index = np.concatenate(parts) if parts else np.zeros(0, np.int32)
    return Grams(index, _starts(np.array(sizes, np.int64)), len(known))


@dataclass(frozen=True, slots=True)
class Head:
    """`turn` counts times the style of the text; see app.analysis.ngram.judge."""

    weight: Floats
    turn: Floats
    size: Floats
    bias: float
    bias_turn: float

    def decide(self, grams: Grams, style: Doubles) -> Doubles:
        length = np.sqrt(np.maximum(grams.times(self.size), 1e-6))
        moved = grams.times(self.weight)
        if self.turn.any():
            moved = moved + style * grams.times(self.turn)
        return moved / length + self.bias + style * self.bias_turn


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a head is fitted: `cost` of a text on the wrong side, `turning` = how freely style may turn,
    `scaled` = n-grams by their unevenness; `tolerance`: how much of the slope may be left."""

    cost: float = 0.18
    turning: float = 0.5
    tolerance: float = 4e-3
    scaled: bool = True


def fit(grams: Grams, yes: npt.NDArray[np.bool_], weights: Doubles, style: Doubles, recipe: Recipe) -> Head:
    """One head: `yes` against the rest; `weights` of the texts have a mean of about 1."""
    scale = np.ones(grams.width)
    if recipe.scaled:
        ahead = grams.back(np.where(yes, weights, 0.0)) + 1.0
        behind = grams.back(np.where(yes, 0.0, weights)) + 1.0
        ratio = np.log(ahead / ahead.sum()) - np.log(behind / behind.sum())
        scale = BASE + np.minimum(np.abs(ratio), CAP)
    length = np.sqrt(np.maximum(grams.times(scale**2), 1e-6))
    problem = _Problem(
        grams, scale, length, recipe.turning * style, np.where(yes, 1.0, -1.0), 2 * recipe.cost * weights
    )
    x = problem.least(recipe.tolerance)
    weight, turn = np.split(x[:-2], [grams.width]) if problem.turns else (x[:-2], 0 * x[:-2])
    return Head(
        (weight * scale).astype(np.float32),
        (turn * scale * recipe.turning).astype(np.float32),
        (scale**2).astype(np.float32),
        float(x[-1]),
        float(x[-2] * recipe.turning),
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """The least of |x|^2 / 2 + sum(pull * max(0, 1 - sign * z)^2) / 2, by truncated Newton steps."""

    grams: Grams
    scale: Doubles
    length: Doubles
    style: Doubles
    sign: Doubles
    pull: Doubles

    @property
    def turns(self) -> bool:
        return bool(self.style.any())

    def forth(self, x: Doubles) -> Doubles:
        width = self.grams.width
        moved = self.grams.times(x[:width] * self.scale)
        if self.turns:
            moved = moved + self.style * self.grams.times(x[width:-2] * self.scale)
        return moved / self.length + x[-1] + self.style * x[-2]

    def back(self, values: Doubles) -> Doubles:
        shared = values / self.length
        parts = [self.grams.back(shared) * self.scale]
        if self.turns:
            parts.append(self.grams.back(shared * self.style) * self.scale)
        return np.concatenate([*parts, [values @ self.style, values.sum()]])

    def least(self, tolerance: float) -> Doubles:
        x = np.zeros(self.grams.width * (2 if self.turns else 1) + 2)
        z = np.zeros(len(self.grams))
        first = 0.0
        for _step in range(30):
            short = np.maximum(0.0, 1.0 - self.sign * z)
            slope = x - self.back(self.pull * self.sign * short)
            size = float(np.linalg.norm(slope))
            first = first or size
            if size < tolerance * first:
                break
            way = self._conjugate(self.pull * (short > 0), -slope, 0.1 * size)
            x, z = self._descend(x, z, way)
        return x

    def _conjugate(self, active: Doubles, target: Doubles, enough: float) -> Doubles:
        x = np.zeros_like(target)
        left = target.copy()
        way = left.copy()
        size = float(left @ left)
        for _step in range(25):
            bent = way + self.back(active * self.forth(way))
            far = size / float(way @ bent)
            x += far * way
            left -= far * bent
            new = float(left @ left)
            if new**0.5 < enough:
                break
            way = left + new / size * way
            size = new
        return x

    def _descend(self, x: Doubles, z: Doubles, way: Doubles) -> tuple[Doubles, Doubles]:
        """Halve the step until it goes down."""
        moved = self.forth(way)

        def cost(far: float) -> float:
            short = np.maximum(0.0, 1.0 - self.sign * (z + far * moved))
            here = x + far * way
            return float(here @ here) / 2 + float(self.pull @ short**2) / 2

        far, before = 1.0, cost(0.0)
        while far > 1e-4 and cost(far) >= before:
            far /= 2
        return x + far * way, z + far * moved


Sided = tuple[Doubles, npt.NDArray[np.integer], Doubles]
"""Inputs, labels and weights of texts of which only the side is believed."""


def calibrate(
    inputs: Doubles,
    labels: npt.NDArray[np.integer],
    weights: Doubles,
    sided: Sided | None = None,
    table: Doubles | None = None,
    free: npt.NDArray[np.integer] | None = None,
) -> Doubles:
    """A 3 x inputs table for a softmax, by Newton steps.

    The texts of `sided` count by P(label) / (P(negative) + P(positive)): they say nothing of how often
    a text is neutral. With `free` only those columns of `table` are fitted.
    """
    only = np.zeros(len(inputs), bool)
    weights = weights / (whole := weights.sum())
    if sided is not None:
        only = np.concatenate([only, np.ones(len(sided[0]), bool)])
        inputs = np.concatenate([inputs, sided[0]])
        labels = np.concatenate([labels, sided[1]])
        weights = np.concatenate([weights, sided[2] / whole])
    columns = np.arange(inputs.shape[1]) if free is None else free
    table = np.zeros((3, inputs.shape[1])) if table is None else table.copy()
    fitted = inputs[:, columns]
    count = len(columns)
    ridge = 1e-4
    for _step in range(40):
        logits = inputs @ table.T
        logits[only, 1] = -np.inf
        chances = softmax(logits)
        slope = ((chances - np.eye(3)[labels]) * weights[:, None]).T @ fitted + ridge * table[:, columns]
        curve = ridge * np.eye(3 * count)
        for a in range(3):
            for b in range(3):
                both = chances[:, a] * ((a == b) - chances[:, b]) * weights
                block = (fitted * both[:, None]).T @ fitted
                curve[a * count : (a + 1) * count, b * count : (b + 1) * count] += block
        step = np.linalg.solve(curve, slope.ravel()).reshape(3, count)
        table[:, columns] -= step
        if np.abs(step).max() < 1e-6:
            break
    return table


def tempered(
    logits: Doubles, labels: npt.NDArray[np.integer], weights: Doubles, features: Doubles
) -> Doubles:
    """The numbers for which softmax(logits * exp(features @ numbers)) is likeliest, by Newton steps.

    A factor changes how sure a judgement is, never which label is the likeliest.
    """
    weights = weights / weights.sum()
    rows = np.arange(len(labels))
    numbers = np.zeros(features.shape[1])
    ridge = 1e-3  # a number for which few texts speak stays near "as it is"
    for _step in range(60):
        factor = np.exp(features @ numbers)
        chances = softmax(logits * factor[:, None])
        mean = (chances * logits).sum(1)
        spread = (chances * logits**2).sum(1) - mean**2
        slope = features.T @ (weights * factor * (mean - logits[rows, labels])) + ridge * numbers
        bent = (features * (weights * factor**2 * spread)[:, None]).T @ features
        step = np.linalg.solve(bent + ridge * np.eye(len(numbers)), slope)
        step *= min(1.0, 1.0 / max(np.abs(step).max(), 1e-12))
        numbers -= step
        if np.abs(step).max() < 1e-6:
            break
    return numbers


def softmax(logits: Doubles) -> Doubles:
    """Rows to probabilities."""
    parts = np.exp(logits - logits.max(1, keepdims=True))
    return parts / parts.sum(1, keepdims=True)


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
