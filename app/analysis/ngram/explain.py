"""Why: the log-odds of a judgement split among the characters of the text, and gathered into spans.

Each n-gram's part is shared alike by the places where it stands, and there by its characters (the
edge marks take no share). So, exactly,

    ln(P(positive) / P(negative)) = bias + the sum of the weights of all spans

where `bias` is what the model says of any text of this style and length, and of its blanks. A span
is a stretch of neighbouring characters that pull the same way, cut at white space and punctuation.
Pure; any thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import add

from app.analysis.ngram.features import Traced, by_place
from app.analysis.ngram.judge import Judge, Judgement
from app.analysis.ngram.layer import Found, Three
from app.domain.sentiment import Evidence

Shares = tuple[float, ...]
"""As `Judge.shares` gives them: what one unit in each signed lane of a head adds to the odds."""

SPANS = 8
"""At most so many spans are named with a score."""

_CUTS = frozenset(" ，。！？；、,.!?;:~…“”\"'()（）[]【】《》<>")


@dataclass(frozen=True, slots=True)
class Explanation:
    """`odds` == `bias` + the weights of `spans`, which stand in the order of the text."""

    odds: float
    bias: float
    spans: tuple[Evidence, ...]


def explained(text: str, traced: Traced, judge: Judge, judgement: Judgement, found: Found) -> Explanation:
    """`text` is the original, `traced` what the model read of it, `found` what a layer knew in it."""
    spans = tuple(_evidence(text, traced, each) for each in _spans(traced, judge, judgement, found))
    return Explanation(judgement.odds, judgement.odds - sum(span.weight for span in spans), spans)


def strongest(
    text: str, traced: Traced, judge: Judge, judgement: Judgement, found: Found
) -> tuple[Evidence, ...]:
    """Only the spans that moved the score most, in the order of the text."""
    spans = _spans(traced, judge, judgement, found)
    chosen = sorted(spans, key=lambda each: (-abs(each[2]), each[0]))[:SPANS]
    return tuple(_evidence(text, traced, each) for each in sorted(chosen))


_Stretch = tuple[int, int, float]
"""The first and the last character in the text that was read, and the weight."""


def _spans(traced: Traced, judge: Judge, judgement: Judgement, found: Found) -> list[_Stretch]:
    weights = _by_character(traced.text, judge, judge.shares(judgement), found)
    for phrase, (negative, _neutral, positive) in found.phrases.items():
        _spread(traced.text, phrase, found.starts[phrase], positive - negative, weights)
    return _stretches(traced.text, weights)


def _spread(flat: str, phrase: str, starts: Sequence[int], weight: float, weights: list[float]) -> None:
    """A phrase's weight onto the characters of the places where it counts, blanks left out."""
    places = [at for start in starts for at in range(start, start + len(phrase)) if flat[at] != " "]
    for at in places:
        weights[at] += weight / len(places)


def _evidence(text: str, traced: Traced, stretch: _Stretch) -> Evidence:
    first, last, weight = stretch
    start, end = traced.starts[first], traced.ends[last]
    return Evidence(text[start:end], start, end, weight)


def _by_character(flat: str, judge: Judge, shares: Shares, found: Found) -> list[float]:
    """Blanks take no share, for they may stand for an address; what is only theirs goes to the bias."""
    single, pair, triple = (_by_gram(grams, judge, shares, found.grams) for grams in by_place(flat))
    if " " not in flat:
        # every pair at an edge has one character to itself, every triple there two
        two = [part / 2 for part in pair]
        three = [0.0, *(part / 3 for part in triple), 0.0]
        two[0], two[-1] = pair[0], pair[-1]
        three[1], three[-2] = three[1] * 3 / _own(flat), three[-2] * 3 / _own(flat)
        return list(map(sum, zip(single, two, two[1:], three, three[1:], three[2:], strict=False)))
    named = [0, *(char != " " for char in flat), 0]
    of_two = map(add, named, named[1:])
    of_three = map(sum, zip(named, named[1:], named[2:], strict=False))
    two = [part / count if count else 0.0 for part, count in zip(pair, of_two, strict=True)]
    three = [0.0, *(part / (count or 1) for part, count in zip(triple, of_three, strict=True)), 0.0]
    return [
        one + left + right + before + here + after if name else 0.0
        for one, left, right, before, here, after, name in zip(
            single, two, two[1:], three, three[1:], three[2:], named[1:], strict=False
        )
    ]


def _own(flat: str) -> int:
    """How many characters of the text a triple at its edge holds."""
    return 2 if len(flat) > 1 else 1


def _by_gram(
    grams: Sequence[str], judge: Judge, shares: Shares, shifts: Mapping[str, Three]
) -> list[float]:
    """What each place's n-gram adds to the odds there; one that stands in several places is split."""
    a, b, c, d, e, f = shares
    weights = [
        ra * a + rb * b + rc * c + rd * d + re_ * e + rf * f
        for ra, rb, rc, rd, re_, rf in map(judge.row, grams)
    ]
    if shifts:
        taught = (shifts.get(gram) for gram in grams)
        pairs = zip(weights, taught, strict=True)
        weights = [weight + (more[2] - more[0]) if more else weight for weight, more in pairs]
    often = Counter(grams)
    if len(often) < len(grams):
        weights = [weight / often[gram] for weight, gram in zip(weights, grams, strict=True)]
    return weights


def _stretches(flat: str, weights: list[float]) -> list[_Stretch]:
    """Neighbouring characters with one sign; weightless ones are left out."""
    found: list[_Stretch] = []
    going = False
    for at, weight in enumerate(weights):
        cut = flat[at] in _CUTS
        if weight == 0.0:
            going = False
        elif going and not cut and (weight > 0) == (found[-1][2] > 0):
            first, _last, before = found[-1]
            found[-1] = (first, at, before + weight)
        else:
            found.append((at, at, weight))
            going = not cut
    return found
