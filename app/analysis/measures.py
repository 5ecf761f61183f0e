"""How right an engine is, from labelled texts and the probabilities it gave them.

A `Case` is one labelled text. Where a set has neutral texts, three classes are compared and the tone is
the likeliest of three; where it has none, two: the likelier of negative and positive, and P(negative)
is then the share of the two, since there is no third (`sided`). To rank texts by how negative they are,
P(negative) serves with three classes, 1 - score with two (which splits what is neutral). Figures are
fractions, 0..1; NaN where there is nothing to measure.

Pure, without numpy; any thread. A million cases take seconds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from typing import Any

from app.domain.sentiment import Tone
from app.errors import Broken
from app.i18n import _

TONES = (Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE)
NEGATIVE, NEUTRAL, POSITIVE = range(3)
"""A label, or what an engine said, as a place in `TONES`."""

PRECISION = 0.9
"""Of what is called negative, so much is to be negative, when recall is asked for."""
BINS = 10

Probabilities = tuple[float, float, float]
Confusion = tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]
"""Rows: the label; columns: what was said."""


@dataclass(frozen=True, slots=True)
class Case:
    """`label` is a place in TONES; with `sided` neutral is no answer (see the module's words)."""

    label: int
    given: Probabilities
    sided: bool = False

    @property
    def negative(self) -> float:
        """P(negative), of two classes where there are but two."""
        low, _middle, high = self.given
        if not self.sided:
            return low
        return low / (low + high) if low + high else 0.5

    @property
    def said(self) -> int:
        """Neutral when it is as likely as another; of two classes negative."""
        low, middle, high = self.given
        if self.sided:
            return POSITIVE if high > low else NEGATIVE
        if low > middle and low > high:
            return NEGATIVE
        return POSITIVE if high > middle else NEUTRAL

    @property
    def right(self) -> bool:
        return self.said == self.label

    @property
    def rank(self) -> float:
        """How negative among the others of its set; see the module's words."""
        low, _middle, high = self.given
        return (1 + low - high) / 2 if self.sided else low

    @property
    def surprise(self) -> tuple[float, float]:
        """The greater, the worse the miss: how unlikely the label seemed, then how likely what was said."""
        return -self.given[self.label], self.given[self.said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """See the functions of the same names."""

    n: int
    classes: int
    """2 or 3; 0 when sets of both kinds were put together."""
    right: int
    accuracy: float
    macro_f1: float
    auc: float
    recall_balanced: float
    """Recall of negatives at 90 % precision, negatives and the rest given equal weight."""
    recall_raw: float
    """The same, as many of each as there are."""
    calibration: float
    confusion: Confusion

    @property
    def interval(self) -> tuple[float, float]:
        """Where the accuracy lies, 19 times out of 20, as far as so few texts can say."""
        return wilson(self.right, self.n)


def cases(labels: Sequence[int], given: Sequence[Probabilities]) -> list[Case]:
    """Labels and probabilities of one set, two-class where no label is neutral."""
    sided = NEUTRAL not in labels
    return [Case(label, each, sided) for label, each in zip(labels, given, strict=True)]


def figures(measured: Sequence[Case]) -> Figures:
    """Everything at once; sets may be put together, each keeping its own number of classes."""
    table = confusion(measured)
    sided = {each.sided for each in measured}
    negative = [each.label == NEGATIVE for each in measured]
    ranks = [each.rank for each in measured]
    right = sum(table[tone][tone] for tone in range(3))
    return Figures(
        n=len(measured),
        classes=0 if len(sided) > 1 else 2 if True in sided else 3,
        right=right,
        accuracy=right / len(measured) if measured else math.nan,
        macro_f1=macro_f1(table),
        auc=polar_auc(measured),
        recall_balanced=recall_at(negative, ranks, balanced=True),
        recall_raw=recall_at(negative, ranks, balanced=False),
        calibration=calibration_error(negative, [each.negative for each in measured]),
        confusion=table,
    )


def confusion(measured: Iterable[Case]) -> Confusion:
    table = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]
    for each in measured:
        table[each.label][each.said] += 1
    (a, b, c), (d, e, f), (g, h, i) = table
    return (a, b, c), (d, e, f), (g, h, i)


def macro_f1(table: Confusion) -> float:
    """The mean F1 of the classes that are a label or were said."""
    each = []
    for tone in range(3):
        labelled, said = sum(table[tone]), sum(row[tone] for row in table)
        if labelled or said:
            each.append(2 * table[tone][tone] / (labelled + said))
    return sum(each) / len(each) if each else math.nan


def polar_auc(measured: Iterable[Case]) -> float:
    """The chance that a positive text is judged more positive than a negative one, by P(pos) - P(neg)."""
    poles = [each for each in measured if each.label != NEUTRAL]
    return auc(
        [each.label == POSITIVE for each in poles], [each.given[2] - each.given[0] for each in poles]
    )


def auc(yes: Sequence[bool], scores: Sequence[float]) -> float:
    """The chance that a yes has a higher score than a no; equal ones count half."""
    many = sum(yes)
    if many in (0, len(yes)):
        return math.nan
    below, halves = 0, 0  # in halves of a pair, so that the sum is of whole numbers
    for same in _ties(yes, scores, falling=False):
        hits = sum(same)
        misses = len(same) - hits
        halves += hits * (2 * below + misses)
        below += misses
    return halves / (2 * many * (len(yes) - many))


def recall_at(
    yes: Sequence[bool], scores: Sequence[float], *, balanced: bool, precision: float = PRECISION
) -> float:
    """The most of the yeses that one threshold on `scores` finds at this precision.

    `balanced`: yeses and noes weigh the same in all, which takes the share of negatives in a set out of
    the figure; else as they are.
    """
    many = sum(yes)
    if not many:
        return math.nan
    weight = many / (len(yes) - many) if balanced and len(yes) > many else 1.0
    found, wrong, best = 0, 0, 0
    for same in _ties(yes, scores, falling=True):
        found += sum(same)
        wrong += len(same) - sum(same)
        if found >= precision * (found + weight * wrong):
            best = found
    return best / many


def precision_recall(
    yes: Sequence[bool], scores: Sequence[float], threshold: float
) -> tuple[float, float, int]:
    """Precision and recall of calling yes from this score on, and how many are called so."""
    called = [one for one, score in zip(yes, scores, strict=True) if score >= threshold]
    hits, many = sum(called), sum(yes)
    return (
        hits / len(called) if called else math.nan,
        hits / many if many else math.nan,
        len(called),
    )


def calibration_error(yes: Sequence[bool], scores: Sequence[float], bins: int = BINS) -> float:
    """Expected calibration error: how far a stated chance is from the share that came true.

    The mean over equal bins of the chance, each weighted by how many texts fall into it.
    """
    if not yes:
        return math.nan
    sums: dict[int, tuple[int, float]] = {}
    for one, score in zip(yes, scores, strict=True):
        bin_ = min(int(score * bins), bins - 1)
        hits, total = sums.get(bin_, (0, 0.0))
        sums[bin_] = hits + one, total + score
    return sum(abs(total - hits) for hits, total in sums.values()) / len(yes)


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share, 95 % with the default `z`; 0 and 1 when nothing was measured."""
    if not n:
        return 0.0, 1.0
    share, square = right / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _ties(yes: Sequence[bool], scores: Sequence[float], *, falling: bool) -> Iterable[list[bool]]:
    """The yeses and noes of each score, by score."""
    pairs = sorted(zip(scores, yes, strict=True), key=_score, reverse=falling)
    return ([one for _score_, one in same] for _value, same in groupby(pairs, key=_score))


def _score(pair: tuple[float, bool]) -> float:
    return pair[0]


# figures on public sets ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFigure:
    """Mean of the figures of a group's sets, as measured for a release; see docs/evaluation.md."""

    group: str
    """social, shops, cars and tech, other; or "three classes"."""
    classes: int
    engine: str
    version: str
    date: str
    """Of the measurement, YYYY-MM-DD."""
    sets: int
    n: int
    accuracy: float
    macro_f1: float
    auc: float
    recall_balanced: float
    calibration: float


def public_figures() -> tuple[PublicFigure, ...]:
    """What comes with the program (`resources/evaluation/public.json`); Broken when it is damaged."""
    try:
        text = files("resources").joinpath("evaluation", "public.json").read_text("utf-8")
    except (OSError, ValueError) as error:
        raise _damaged(error) from error
    return parsed_figures(text)


def parsed_figures(text: str) -> tuple[PublicFigure, ...]:
    """As `tests/bench/public_figures.py` writes them."""
    kinds: dict[str, Callable[[Any], Any]] = {"str": str, "int": _whole, "float": _fraction}
    try:
        return tuple(
            PublicFigure(
                **{name: kinds[kind](row[name]) for name, kind in PublicFigure.__annotations__.items()}
            )
            for row in json.loads(text)["figures"]
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> Broken:
    said = _("The public figures that came with Tingfeng are damaged. Install Tingfeng again.")
    return Broken(said, details=repr(error))


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return value


def _fraction(value: object) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(value)
    return float(value)
