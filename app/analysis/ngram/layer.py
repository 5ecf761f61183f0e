"""What a team taught the judge on top of the model: a layer, which changes nothing underneath.

The contract, for whoever makes layers:

**Units.** `NgramScorer.decisions(text)` gives the model's own three log-odds d = (negative, neutral,
positive), which sum to zero and whose softmax is the model's probabilities, no layer applied. A layer
makes of them

    d' = calibration x (d, 1)  +  bounded(sum of shifts / sqrt(n)  +  sum of phrases)

and the probabilities are softmax(d'). All numbers are natural log-odds: a phrase with (0.7, 0, -0.7)
multiplies P(negative) / P(positive) by e ** 1.4, about four.

- `shifts`: n-gram -> (negative, neutral, positive), for weights that were **learnt**. The key is what
  `features.grams` yields: one to three characters of the text as `features.read` gives it, the marks
  EDGE included. Each n-gram of the text counts once; n = len(grams(read(text))), so that in learning
  the value of every feature is 1 / sqrt(n) whatever the length of the text.
- `phrases`: words -> (negative, neutral, positive), for weights set **by hand**. The words stand as
  `features.read` gives them (folded: `read(words)`); found anywhere in the text they count once, with
  their full weight. Where two overlap the longest stands, and one right after a denial (不好用, 没翻车)
  does not count: what the model thinks of the denied words stays.
- `calibration`: three rows (of negative, neutral, positive) with a factor for each decision and a
  constant, from some 200 labels on; None leaves the decisions as they are.
- `name`: short, without blanks; goes into the version of every score: "1.ab12cd34+name". Whoever
  changes a layer changes its name (a number or a digest in it), so that old scores are known as old.

**Bounds.** A single weight is at most WEIGHT_LIMIT in size. The sum over one text is scaled down as a
whole, never cut class by class, so that none of the three is over TEXT_LIMIT: a layer can turn a
judgement, but not make one text infinitely sure. A layer with a number out of bounds or not finite,
or with too many, is refused with ConfigError: one that came from somebody else needs no other check.

**Explained exactly.** The parts of shifts and phrases are part of the spans of `explain`; bias + spans
is still ln(P(positive) / P(negative)). What the calibration adds as constants is in the bias.

**Where it does not act.** On a text that is not judged at all (`NgramScorer.chinese`), and on watched
names, which `read` has blanked. Without a layer the scores are the same bits as before.

Immutable, pure; any thread, and pickles to the scoring process. Looking up costs time in proportion
to the text; with phrases, at worst to the text times the phrases that share a beginning with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, sqrt
from operator import mul

from app.errors import ConfigError
from app.i18n import _

Three = tuple[float, float, float]
Row = tuple[float, float, float, float]
Calibration = tuple[Row, Row, Row]

LONGEST_GRAM = 3
LONGEST_PHRASE = 32
WEIGHT_LIMIT = 8.0
TEXT_LIMIT = 6.0
MOST = 300_000
"""So many n-grams and phrases a layer may have."""
FACTOR_LIMIT = 20.0
"""A factor or constant of the calibration is at most this in size."""

_NAME = re.compile(r"[\w.\-]{1,40}")


@dataclass(frozen=True, slots=True)
class Layer:
    """See the module's words; refuses what is out of bounds with ConfigError."""

    shifts: Mapping[str, Three] = field(default_factory=dict)
    calibration: Calibration | None = None
    name: str = "layer"
    phrases: Mapping[str, Three] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise _refused(f"name {self.name[:40]!r}")
        if len(self.shifts) + len(self.phrases) > MOST:
            raise _refused(f"{len(self.shifts) + len(self.phrases)} weights")
        _check(self.shifts, LONGEST_GRAM)
        _check(self.phrases, LONGEST_PHRASE)
        rows = self.calibration
        if rows is not None and not (len(rows) == 3 and all(_fits(row, 4, FACTOR_LIMIT) for row in rows)):
            raise _refused("calibration")


def _check(weights: Mapping[str, Three], longest: int) -> None:
    for key, weight in weights.items():
        if not 1 <= len(key) <= longest or not _fits(weight, 3, WEIGHT_LIMIT):
            raise _refused(f"{key[:40]!r}: {weight!r:.80}")


def _fits(numbers: Sequence[float], count: int, limit: float) -> bool:
    if len(numbers) != count or not isfinite(sum(numbers)):
        return False
    return -limit <= min(numbers) and max(numbers) <= limit


def _refused(details: str) -> ConfigError:
    return ConfigError(
        _("What was learnt for this brand cannot be used. Let it be learnt again."), details=details
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What of a layer is in a text: what each part adds, already bounded."""

    shift: Three
    grams: Mapping[str, Three]
    phrases: Mapping[str, Three]
    starts: Mapping[str, tuple[int, ...]]
    """Where each phrase stands in the text as it was read."""


_ZERO: Three = (0.0, 0.0, 0.0)
NOTHING = Found(_ZERO, {}, {}, {})

_MOST_PLACES = 64
"""So many places of one phrase are looked at."""
_DENIED = re.compile(
    "(?:(?<![特分个级区类性差告离识辨鉴])别|(?<![淹埋沉出])没|没有|不|未|无|并非|绝非|不是|不算|不会|不太|不再"
    "|不怎么|没那么|冇|唔)$"
)
_LONGEST_DENIAL = 3


class Lookup:
    """A layer laid out for speed: phrases by their first characters."""

    __slots__ = ("_heads", "_layer")

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._heads: dict[str, list[str]] = {}
        for phrase in layer.phrases:
            self._heads.setdefault(phrase[:LONGEST_GRAM], []).append(phrase)

    def find(self, flat: str, grams: Collection[str]) -> Found:
        """`grams` are the n-grams of `flat`; see app.analysis.ngram.features."""
        shifts, phrases = self._layer.shifts, self._layer.phrases
        # in the order of their letters: a set has none, and sums must be the same bits every time
        here = sorted(shifts.keys() & grams)
        heads = sorted(self._heads.keys() & grams)
        if not here and not heads:
            return NOTHING
        root = sqrt(len(grams))
        by_gram = {gram: _times(shifts[gram], 1 / root) for gram in here}
        starts = self._standing(flat, heads) if heads else {}
        said = {phrase: phrases[phrase] for phrase in starts}
        whole = _sum([*by_gram.values(), *said.values()])
        largest = max(map(abs, whole))
        if largest <= TEXT_LIMIT:
            return Found(whole, by_gram, said, starts)
        scale = TEXT_LIMIT / largest
        return Found(
            _times(whole, scale),
            {gram: _times(part, scale) for gram, part in by_gram.items()},
            {phrase: _times(part, scale) for phrase, part in said.items()},
            starts,
        )

    def _standing(self, flat: str, heads: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """The phrases that count, and where; the longest first, in the order of their letters."""
        here = [phrase for head in heads for phrase in self._heads[head] if phrase in flat]
        taken = bytearray(len(flat))
        found: dict[str, tuple[int, ...]] = {}
        for phrase in sorted(here, key=lambda each: (-len(each), each)):
            counting = []
            for start in _places(flat, phrase):
                end = start + len(phrase)
                if not any(taken[start:end]):
                    # a denied one, too, hides what lies inside it
                    taken[start:end] = b"\x01" * len(phrase)
                    if _DENIED.search(flat[max(0, start - _LONGEST_DENIAL - 1) : start]) is None:
                        counting.append(start)
            if counting:
                found[phrase] = tuple(counting)
        return found


def _places(flat: str, phrase: str) -> list[int]:
    places: list[int] = []
    at = flat.find(phrase)
    while at >= 0 and len(places) < _MOST_PLACES:
        places.append(at)
        at = flat.find(phrase, at + len(phrase))
    return places


def _times(three: Three, factor: float) -> Three:
    a, b, c = three
    return a * factor, b * factor, c * factor


def _sum(parts: Sequence[Three]) -> Three:
    a = b = c = 0.0
    for low, middle, high in parts:
        a, b, c = a + low, b + middle, c + high
    return a, b, c


def recalibrated(
    table: Sequence[Sequence[float]], calibration: Calibration
) -> tuple[tuple[float, ...], ...]:
    """The model's table of three rows with the factors of a layer's on top, not its constants.

    The rows are first made to sum to zero in each column, which changes no probability.
    """
    middle = [sum(column) / 3 for column in zip(*table, strict=True)]
    centred = [tuple(each - mean for each, mean in zip(row, middle, strict=True)) for row in table]
    return tuple(
        tuple(sum(map(mul, factors, column)) for column in zip(*centred, strict=True))
        for *factors, _constant in calibration
    )
