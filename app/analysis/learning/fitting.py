"""Weights of n-grams from examples: three-class logistic regression on top of the model's decisions.

Sought are the shifts that make

    sum of weight * -ln P(tone)  +  |w|^2 / (2 * STRENGTH),   P = softmax(decisions + w . x)

smallest. An n-gram of a text with n of them has the value x = SHARED / sqrt(n) when another example has
it too, else OWN / sqrt(n): what only one post has may be chance. The minimum is the only one, so
contradictions end in between, and an example can pull no harder than STRENGTH times its weight. It is
found in the dual: each example has a pull (two numbers, for negative and positive; neutral is what is
left, for they sum to zero), the weight of an n-gram is the sum of the pulls of the texts that hold it,
and going round the examples a few times settles them. Two numbers fit into one complex one, which makes
plain Python fast enough; so does that what only one example has needs no place in the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import sqrt

from app.analysis.learning.examples import Example, softmax, weights
from app.analysis.ngram.features import NAME
from app.analysis.ngram.layer import WEIGHT_LIMIT
from app.domain.learning import Three

STRENGTH = 8.0
"""How far lessons may move the model; this and the next two were chosen on sets it never saw."""
SHARED, OWN = 1.75, 0.75
ROUNDS = 6
SETTLED = 0.02
"""A pull that would move by less stays; when none moves further, all is done."""
LARGEST = 6_000
"""So many n-grams are kept, those that move most texts most; more made no difference."""
DIGITS = 4
_NOTHING = 5e-324
"""The least that is more than nothing."""

COMMON = frozenset(
    "的了是我你您他她它们在有不没就都也还很太更最说要会能去来和跟与或及而但又再才让被把给对从到着过得地"
    "看好这那个一二三两几人上下里大小多少中为之其所以如果因为什么怎么啊吧呢吗哦呀哈嗯嘛啦"
    "，。！？；：、,.!?;:~…—-_'\"“”‘’()（）【】[]《》<>/#@0 "
)
"""Single characters that stand in any text: what they seem to teach is only how often people correct."""


@dataclass(slots=True)
class _Row:
    """An example laid out for going round."""

    example: Example
    shared: list[int]
    """The places of n-grams that other examples have too."""
    own: int
    """How many n-grams no other example has."""
    root: float
    alone: float
    """The part of |x|^2 that is its own."""
    stiffness: float
    decisions: Three
    negative: float
    positive: float
    strength: float
    pull: complex = 0j


def fitted(examples: Sequence[Example], starts: Sequence[Three]) -> dict[str, Three]:
    """N-gram -> shift, rounded; `starts` are the decisions to build upon, one an example."""
    often = _counted(examples)
    places = {gram: at for at, gram in enumerate(sorted(gram for gram in often if often[gram] > 1))}
    rows = [
        _row(example, start, STRENGTH * weight, places)
        for example, start, weight in zip(examples, starts, weights(examples), strict=True)
    ]
    table = [0j] * len(places)
    for _round in range(ROUNDS):
        if not sum([_settle(row, table) for row in rows]):
            break
    return _kept({gram: table[at] * SHARED for gram, at in places.items()}, often, rows)


def _counted(examples: Sequence[Example]) -> Counter[str]:
    """The n-grams that may learn, and in how many examples they stand."""
    often = Counter(chain.from_iterable(example.grams for example in examples))
    # watched names carry no tone, and the commonest characters mean nothing of their own
    for gram in COMMON:
        often.pop(gram, None)
    if any(NAME in example.flat for example in examples):
        for gram in [gram for gram in often if NAME in gram]:
            del often[gram]
    return often


def _row(example: Example, start: Three, strength: float, places: Mapping[str, int]) -> _Row:
    # in order, for a set has none and sums must be the same bits every time
    shared = sorted([at for at in map(places.get, example.grams) if at is not None])
    named = NAME in example.flat
    own = len(_own(example, places)) if named else len(example.grams) - len(shared) - _common(example)
    size = max(1, len(example.grams))
    alone = OWN**2 * own / size
    return _Row(
        example=example,
        shared=shared,
        own=own,
        root=sqrt(size),
        alone=alone,
        stiffness=1 + strength * (alone + SHARED**2 * len(shared) / size) / 2,
        decisions=start,
        negative=float(example.tone == 0),
        positive=float(example.tone == 2),
        strength=strength,
    )


def _common(example: Example) -> int:
    return len(COMMON.intersection(example.grams))


def _own(example: Example, places: Mapping[str, object]) -> set[str]:
    """The n-grams that no other example has, and that may learn."""
    own = set(example.grams).difference(places, COMMON)
    return {gram for gram in own if NAME not in gram} if NAME in example.flat else own


def _settle(row: _Row, table: list[complex]) -> bool:
    """Bring one pull to where it wants to be, given all others. Did it move?"""
    moved = sum(map(table.__getitem__, row.shared), 0j) * SHARED / row.root + row.alone * row.pull
    low, middle, high = row.decisions
    negative, _neutral, positive = softmax(
        (low + moved.real, middle - moved.real - moved.imag, high + moved.imag)
    )
    wanted = row.strength * complex(row.negative - negative, row.positive - positive)
    # half the identity bounds the curvature of a softmax, so a step never goes too far
    step = (wanted - row.pull) / row.stiffness
    if abs(step) < SETTLED:
        return False
    row.pull += step
    part = step * SHARED / row.root
    for at in row.shared:
        table[at] += part
    return True


def _kept(shifts: Mapping[str, complex], often: Counter[str], rows: Sequence[_Row]) -> dict[str, Three]:
    """Those that move most texts most, ties by their letters."""
    reach = {gram: abs(shift) * sqrt(often[gram]) for gram, shift in shifts.items()}
    alone = [(row, row.pull * OWN**2 / row.root) for row in rows]
    least = _least([*((far, 1) for far in reach.values()), *((abs(each), row.own) for row, each in alone)])
    chosen = {gram: shifts[gram] for gram, far in reach.items() if far >= least}
    for row, shift in alone:
        if abs(shift) >= least:
            own = _own(row.example, shifts)
            chosen.update(dict.fromkeys(own, shift))
            reach.update(dict.fromkeys(own, abs(shift)))
    kept = sorted(chosen, key=lambda gram: (-reach[gram], gram))[:LARGEST]
    return {gram: three for gram in sorted(kept) if any(three := _three(chosen[gram]))}


def _least(reaches: Sequence[tuple[float, int]]) -> float:
    """How far the last moves that is kept, of so many that move so far; more than nothing in any case."""
    left = LARGEST
    for far, count in sorted(reaches, reverse=True):
        left -= count
        if left <= 0:
            return max(far, _NOTHING)
    return _NOTHING


def _three(shift: complex) -> Three:
    negative, positive = shift.real, shift.imag
    low, middle, high = negative, -negative - positive, positive
    largest = max(abs(low), abs(middle), abs(high))
    if largest > WEIGHT_LIMIT:
        scale = WEIGHT_LIMIT / largest
        low, middle, high = low * scale, middle * scale, high * scale
    return round(low, DIGITS), round(middle, DIGITS), round(high, DIGITS)
