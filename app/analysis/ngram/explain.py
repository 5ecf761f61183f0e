"""Why: the log-odds of a judgement split among the characters of the text, and gathered into spans.

The part of each n-gram and cue is shared alike by the places where it stands, and there by its
characters (the edge marks and blanks take no share). So, exactly,

    ln(P(positive) / P(negative)) = bias + the sum of the weights of all spans

where `bias` is what the model says of any text of this manner and length, and of its blanks. A span
is a stretch of neighbouring characters that pull the same way, cut at white space and punctuation.
Pure; any thread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter

from app.analysis.ngram.cues import counted, shares
from app.analysis.ngram.features import EDGE, Traced, edged
from app.analysis.ngram.judge import Judge, Judgement
from app.analysis.ngram.layer import Found
from app.domain.sentiment import Evidence

SPANS = 8
"""At most so many spans are named with a score."""

_NOTHING = 1e-12
"""What rounding leaves of a weight that is none."""
_NAMELESS = frozenset((" ", EDGE))
_CUTS = frozenset(" ，。！？；、,.!?;:~…“”\"'()（）[]【】《》<>")


@dataclass(frozen=True, slots=True)
class Explanation:
    """`odds` == `bias` + the weights of `spans`, which stand in the order of the text."""

    odds: float
    bias: float
    spans: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as it was judged."""

    traced: Traced
    hits: Sequence[tuple[int, int]]
    """Where the last character of an n-gram or cue stands in the edged text, and its number."""
    known: Set[int]
    """Those numbers."""
    judgement: Judgement
    found: Found
    """What a layer knew in it."""


def explained(text: str, seen: Seen, judge: Judge) -> Explanation:
    """`text` is the original."""
    odds = seen.judgement.odds
    spans = tuple(_evidence(text, seen.traced, each) for each in _spans(seen, judge))
    return Explanation(odds, odds - sum(span.weight for span in spans), spans)


def strongest(text: str, seen: Seen, judge: Judge) -> tuple[Evidence, ...]:
    """Only the spans that moved the score most, in the order of the text."""
    spans = _spans(seen, judge)
    if len(spans) > SPANS:
        spans = sorted(sorted(spans, key=lambda each: (-abs(each[2]), each[0]))[:SPANS])
    return tuple([_evidence(text, seen.traced, each) for each in spans])


_Stretch = tuple[int, int, float]
"""The first and the last character in the text that was read, and the weight."""


def _spans(seen: Seen, judge: Judge) -> list[_Stretch]:
    flat = seen.traced.text
    weights = _by_character(flat, seen, judge)
    for phrase, (negative, _neutral, positive) in seen.found.phrases.items():
        _spread(flat, phrase, seen.found.starts[phrase], positive - negative, weights)
    return _stretches(flat, weights)


def _spread(flat: str, phrase: str, starts: Sequence[int], weight: float, weights: list[float]) -> None:
    """A phrase's weight onto the characters of the places where it counts, blanks left out."""
    places = [at for start in starts for at in range(start, start + len(phrase)) if flat[at] != " "]
    for at in places:
        weights[at] += weight / len(places)


def _evidence(text: str, traced: Traced, stretch: _Stretch) -> Evidence:
    first, last, weight = stretch
    start, end = traced.starts[first], traced.ends[last]
    return Evidence(text[start:end], start, end, weight)


def _by_character(flat: str, seen: Seen, judge: Judge) -> list[float]:
    """The weight of every character. What only blanks or marks would carry goes to the bias."""
    text = edged(flat)
    parts = _parts(judge, seen)
    sizes = judge.model.sizes
    # how many characters with a name stand before each place
    before = [0, *accumulate([char not in _NAMELESS for char in text])]
    # what every character from here on has more than the one before it
    steps = [0.0] * (len(text) + 1)
    for end, number in seen.hits:
        after = end + 1
        start = after - sizes[number]
        named = before[after] - before[start]
        if named:
            part = parts[number] / named
            steps[start] += part
            steps[after] -= part
    for gram, (negative, _neutral, positive) in seen.found.grams.items():
        _step(text, gram, positive - negative, steps)
    weights = list(accumulate(steps))[1:-2]
    if " " in flat:
        weights = [0.0 if char == " " else weight for char, weight in zip(flat, weights, strict=True)]
    return weights


def _step(text: str, gram: str, weight: float, steps: list[float]) -> None:
    """What an n-gram of a layer adds, at all its places; they may overlap."""
    places = [match.start() for match in re.finditer(f"(?={re.escape(gram)})", text)]
    named = sum(char not in _NAMELESS for char in gram)
    for start in places if named else ():
        steps[start] += weight / named / len(places)
        steps[start + len(gram)] -= weight / named / len(places)


def _parts(judge: Judge, seen: Seen) -> dict[int, float]:
    """What each n-gram and cue adds to the odds, a place where it stands."""
    a, b, c, d, e, f = judge.shares(seen.judgement)
    shift = 128 * (a + b + c + d + e + f)
    low, low_turn, middle, middle_turn, high, high_turn = judge.columns
    known = seen.known
    parts = {
        at: a * low[at]
        + b * low_turn[at]
        + c * middle[at]
        + d * middle_turn[at]
        + e * high[at]
        + f * high_turn[at]
        - shift
        for at in known
    }
    whole = judge.cue_part(seen.judgement, counted(judge.model, known))
    if whole:
        for number, share in shares(judge.model, known).items():
            parts[number] += whole * share
    if len(known) < len(seen.hits):
        for number, count in Counter(map(itemgetter(1), seen.hits)).items():
            parts[number] /= count
    return parts


def _stretches(flat: str, weights: list[float]) -> list[_Stretch]:
    """Neighbouring characters with one sign, a bracket emoticon apart; weightless ones are left out."""
    found: list[_Stretch] = []
    going = False
    for at, weight in enumerate(weights):
        char = flat[at]
        cut = char in _CUTS
        if abs(weight) < _NOTHING:
            going = False
        elif going and not cut and char != "[" and (weight > 0) == (found[-1][2] > 0):
            first, _last, before = found[-1]
            found[-1] = (first, at, before + weight)
        else:
            found.append((at, at, weight))
            going = not cut
        if char == "]":
            going = False
    return found
