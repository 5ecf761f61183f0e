"""From the sums of a text to three probabilities.

Gates look at the manner of a text. `style` says whether it reads like a review in a shop (towards 1)
or a post (towards -1): the same word weighs differently in the two, so each head has a second weight
an n-gram, the turn, which counts times the style. `plain` says whether it is matter-of-fact talk as in
forums and news, `forum` whether it is the former, `clause` whether it is one sentence out of a post,
`yue` whether it is Cantonese, `mixed` whether it is half English: how many such texts have a tone at
all differs. A decision is

    (sum of weights + style * sum of turns) / sqrt(sum of sizes) + bias + style * turn of the bias

and the probabilities are the softmax of a table (the calibration) times the inputs: the decisions,
the decisions times each crossed gate, the gates, the length twice bent, the cues, and 1.

**Cues** are the parts of a complaint told soberly: something was bought, failed, after so long, was
taken to somebody, who answered so, and is demanded back. Each kind of cue counts up to twice; what
marks a question, a notice or a record of upkeep takes two away. A text
with one of them is talk; the more there are, the less it is taken for plain talk: `plain` and `forum`
are drawn towards -1 by `drawn`.

**How sure.** The table is fitted to letters of complaint too, which are full of cues. Among posts, three
to six cues are talk as often as a complaint, and no post is as easy as a review. So all three decisions
are multiplied by a factor that depends on the style and on how many cues there are (`Model.sureness`),
fitted on posts alone. Which tone is the likeliest never changes by it.

Given gates, length and which cues count, all of this is linear in the n-grams and cues, which is what
lets `explain` split the log-odds among them exactly. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log1p, sqrt, tanh
from operator import mul
from typing import NamedTuple

from app.analysis.ngram.layer import Calibration, Three, recalibrated
from app.analysis.ngram.model import (
    CROSSED,
    CUES,
    DRAWN,
    GATES,
    HEADS,
    LANES,
    SHIFT,
    Model,
    Totals,
    unpacked,
)

STEEPNESS = 1.5
"""How fast the gate's decision turns into style; training uses the same."""
_LEAST = 1e-6
_DRAWN = tuple(GATES.index(gate) for gate in DRAWN)


class Judgement(NamedTuple):
    """Probabilities, and what `explain` needs to take them apart."""

    negative: float
    neutral: float
    positive: float
    odds: float
    """ln(P(positive) / P(negative))"""
    style: float
    crossed: Sequence[float]
    roots: Sequence[float]
    """Square root of the sum of sizes, a head each."""
    logits: tuple[float, float, float]
    """Negative, neutral, positive, of which the probabilities are the softmax."""
    sure: float
    """The factor of the decisions among them."""


class Judge:
    """The numbers of a model laid out for speed."""

    __slots__ = ("_constants", "_gates", "_heads", "_rows", "_sure", "_sure_style", "columns", "model")

    def __init__(self, model: Model, calibration: Calibration | None = None) -> None:
        """`calibration`: of a layer, on top of the model's own; see app.analysis.ngram.layer."""
        self.model = model
        weightless = b"\x80" * len(model.phrases)
        self.columns = tuple(
            model.columns[lane] + weightless for head in HEADS for lane in (head, f"{head}_turn")
        )
        """The bytes of the signed lanes of the heads as `shares` orders them, an n-gram or cue each."""
        scales, biases = model.scales, model.biases
        self._gates = tuple((scales[gate], STEEPNESS * biases[gate]) for gate in GATES)
        self._heads = tuple(
            (
                LANES.index(head),
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
        self._constants = None if calibration is None else tuple(row[-1] for row in calibration)
        constant, self._sure_style, *by_cues = model.sureness
        self._sure = tuple(exp(constant + each) for each in (0.0, 0.0, 0.0, *by_cues))
        """By the number of cues; more than there are here count as none."""

    def judge(self, packed: int, cues: int = 0, shift: Three | None = None) -> Judgement:
        """From the sum of the n-grams of a text, how many cues count, and what a layer adds."""
        lanes = unpacked(packed)
        count = lanes[0]
        gates = self._manner(lanes, count)
        style = gates[0]
        if cues > 1:
            far = drawn(cues)
            for at in _DRAWN:
                gates[at] -= far * (1.0 + gates[at])
        decisions, roots = self._decisions(lanes, SHIFT * count, style)
        crossed = gates[: len(CROSSED)]
        inputs = decisions + [gate * each for gate in crossed for each in decisions]
        long = log1p(count) - 4.0  # as `lengths`, which costs a call
        inputs += (*gates, long, long * long, beyond(cues), 1.0)
        sure = self._sure[cues if cues < len(self._sure) else 0] * exp(self._sure_style * style)
        low, middle, high = [sure * sum(map(mul, row, inputs)) for row in self._rows]
        for more in (self._constants, shift):
            if more is not None:
                low, middle, high = low + more[0], middle + more[1], high + more[2]
        top = max(low, middle, high)
        negative, neutral, positive = exp(low - top), exp(middle - top), exp(high - top)
        whole = negative + neutral + positive
        return Judgement(
            negative / whole,
            neutral / whole,
            positive / whole,
            high - low,
            style,
            crossed,
            roots,
            (low, middle, high),
            sure,
        )

    def _manner(self, lanes: Totals, count: int) -> list[float]:
        length = STEEPNESS / (sqrt(count) or 1.0)
        shift = SHIFT * count
        return [
            tanh((lane - shift) * weight * length + bias)
            for lane, (weight, bias) in zip(lanes[1:], self._gates, strict=False)
        ]

    def _decisions(self, lanes: Totals, shift: int, style: float) -> tuple[list[float], list[float]]:
        decisions: list[float] = []
        roots: list[float] = []
        for at, weight, turn, size, bias, bias_turn in self._heads:
            root = sqrt(max(lanes[at + 2] * size, _LEAST))
            roots.append(root)
            moved = ((lanes[at] - shift) * weight + style * (lanes[at + 1] - shift) * turn) / root
            decisions.append(moved + bias + style * bias_turn)
        return decisions, roots

    def shares(self, judgement: Judgement) -> tuple[float, ...]:
        """What one unit in each signed lane of a head adds to the odds: weight, turn, three times."""
        negative, _neutral, positive = self._rows
        pulls = [high - low for low, high in zip(negative, positive, strict=True)]
        shares: list[float] = []
        for at, (_lane, weight, turn, *_rest) in enumerate(self._heads):
            pull = pulls[at]
            for number, gate in enumerate(judgement.crossed, start=1):
                pull += gate * pulls[at + 3 * number]
            pull *= judgement.sure / judgement.roots[at]
            shares += (pull * weight, pull * turn * judgement.style)
        return tuple(shares)

    def cue_part(self, judgement: Judgement, cues: int) -> float:
        """What so many cues that count add to the odds."""
        negative, _neutral, positive = self._rows
        return judgement.sure * (positive[CUES] - negative[CUES]) * beyond(cues)


def drawn(cues: int) -> float:
    """How far a text with so many cues is from plain talk, 0 to 1."""
    return min(max(cues - 1, 0), 3) / 3


def beyond(cues: int) -> float:
    """The number of cues after the second."""
    return float(max(cues - 2, 0))


def lengths(count: int) -> tuple[float, float]:
    """How many n-grams of the text are known, bent twice."""
    long = log1p(count) - 4.0
    return long, long * long
