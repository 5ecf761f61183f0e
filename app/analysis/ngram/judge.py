"""From the sums of a text to three probabilities.

Four gates look at the manner of a text. `style` says whether it reads like a review in a shop (towards
1) or a post (towards -1): the same word weighs differently in the two, so each head has a second
weight an n-gram, the turn, which counts times the style. `plain` says whether it is matter-of-fact
talk as in forums and news, `clause` whether it is one sentence out of a post, `yue` whether it is
written in Cantonese: how many such texts have a tone at all differs. A decision is

    (sum of weights + style * sum of turns) / sqrt(sum of sizes) + bias + style * turn of the bias

and the probabilities are the softmax of a table (the calibration) times the inputs: the decisions,
the decisions times style and times plain, the gates, the length twice bent, and 1. Given the gates
and the length all of this is linear in the n-grams, which is what lets `explain` split the log-odds
among them exactly. Pure; any thread.
"""

from __future__ import annotations

from math import exp, log1p, sqrt, tanh
from operator import mul
from typing import NamedTuple

from app.analysis.ngram.layer import Calibration, Three, recalibrated
from app.analysis.ngram.model import GATES, HEADS, LANES, Model, Totals, totals

STEEPNESS = 1.5
"""How fast the gate's decision turns into style; training uses the same."""
_LEAST = 1e-6
_FIRST = tuple(LANES.index(head) for head in HEADS)
_BYTES = tuple(4 * LANES.index(lane) for head in HEADS for lane in (head, f"{head}_turn"))
_UNKNOWN = (0,) * len(_BYTES)
_MOST_MET = 60_000
"""Some ten megabytes at most."""


class Judgement(NamedTuple):
    """Probabilities, and what `explain` needs to take them apart."""

    negative: float
    neutral: float
    positive: float
    odds: float
    """ln(P(positive) / P(negative))"""
    style: float
    plain: float
    roots: tuple[float, ...]
    """Square root of the sum of sizes, a head each."""
    logits: tuple[float, float, float]
    """Negative, neutral, positive, of which the probabilities are the softmax."""


class _Rows(dict[str, tuple[int, ...]]):
    """Taken out of the packed table once: posts are made of the same n-grams again and again."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._known = model.table.get

    def __missing__(self, gram: str) -> tuple[int, ...]:
        packed = self._known(gram)
        if packed is None:
            return _UNKNOWN
        whole = packed.to_bytes(4 * len(LANES), "little")
        row = tuple(whole[at] - 128 for at in _BYTES)
        if len(self) < _MOST_MET:
            self[gram] = row
        return row


class Judge:
    """The numbers of a model laid out for speed."""

    __slots__ = ("_gates", "_heads", "_rows", "model", "row")

    def __init__(self, model: Model, calibration: Calibration | None = None) -> None:
        """`calibration`: of a layer, on top of the model's own; see app.analysis.ngram.layer."""
        self.model = model
        scales, biases = model.scales, model.biases
        self._gates = tuple((scales[gate], scales[f"{gate}_size"], biases[gate]) for gate in GATES)
        self._heads = tuple(
            (
                scales[head],
                scales[f"{head}_turn"],
                scales[f"{head}_size"],
                biases[head],
                biases[f"{head}_turn"],
            )
            for head in HEADS
        )
        own = model.calibration
        self._rows = own if calibration is None else recalibrated(own, calibration)
        self.row = _Rows(model).__getitem__
        """The six signed bytes of an n-gram that explaining needs: of each head weight and turn."""

    def judge(self, packed: int, shift: Three = (0.0, 0.0, 0.0)) -> Judgement:
        """From the sum of the n-grams of a text, and what a layer adds to the log-odds."""
        lanes = totals(packed)
        gates = self._manner(lanes)
        style, plain = gates[:2]
        decisions, roots = self._decisions(lanes, style)
        a, b, c = decisions
        inputs = (
            *(a, b, c, a * style, b * style, c * style, a * plain, b * plain, c * plain),
            *(*gates, *lengths(lanes[0]), 1.0),
        )
        low, middle, high = (
            sum(map(mul, row, inputs)) + more for row, more in zip(self._rows, shift, strict=True)
        )
        top = max(low, middle, high)
        negative, neutral, positive = exp(low - top), exp(middle - top), exp(high - top)
        whole = negative + neutral + positive
        return Judgement(
            negative=negative / whole,
            neutral=neutral / whole,
            positive=positive / whole,
            odds=high - low,
            style=style,
            plain=plain,
            roots=roots,
            logits=(low, middle, high),
        )

    def _manner(self, lanes: Totals) -> list[float]:
        return [
            tanh(STEEPNESS * (lanes[at] * weight / sqrt(max(lanes[at + 1] * size, _LEAST)) + bias))
            for at, (weight, size, bias) in zip((1, 3, 5, 7), self._gates, strict=True)
        ]

    def _decisions(self, lanes: Totals, style: float) -> tuple[list[float], tuple[float, ...]]:
        decisions: list[float] = []
        roots: list[float] = []
        for at, (weight, turn, size, bias, bias_turn) in zip(_FIRST, self._heads, strict=True):
            root = sqrt(max(lanes[at + 2] * size, _LEAST))
            moved = (lanes[at] * weight + style * lanes[at + 1] * turn) / root
            decisions.append(moved + bias + style * bias_turn)
            roots.append(root)
        return decisions, tuple(roots)

    def shares(self, judgement: Judgement) -> tuple[float, ...]:
        """What one unit in each signed lane of a head adds to the odds: weight, turn, three times."""
        negative, _neutral, positive = self._rows
        shares: list[float] = []
        for at, (weight, turn, *_rest) in enumerate(self._heads):
            pull = (
                positive[at]
                - negative[at]
                + judgement.style * (positive[at + 3] - negative[at + 3])
                + judgement.plain * (positive[at + 6] - negative[at + 6])
            ) / judgement.roots[at]
            shares += (pull * weight, pull * turn * judgement.style)
        return tuple(shares)


def lengths(count: int) -> tuple[float, float]:
    """How many n-grams of the text are known, bent twice."""
    long = log1p(count) - 4.0
    return long, long * long
