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
from app.analysis.ngram.model import HEADS, LANES
from app.domain.sentiment import Evidence

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


def _by_character(flat: str, judge: Judge, shares: tuple[float, ...], found: Found) -> list[float]:
    """Blanks take no share, for they may stand for an address; what is only theirs goes to the bias."""
    kinds = by_place(flat)
    parts = _parts(kinds, judge, shares, found.grams)
    single, pair, triple = ([parts.get(gram, 0.0) for gram in grams] for grams in kinds)
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


def _parts(
    kinds: tuple[list[str], ...], judge: Judge, shares: tuple[float, ...], shifts: Mapping[str, Three]
) -> dict[str, float]:
    """What each n-gram that the model or a layer knows adds to the odds, a place where it stands."""
    known = judge.model.table.get
    parts: dict[str, float] = {}
    for grams in kinds:
        distinct = set(grams)
        often = Counter(grams) if len(distinct) < len(grams) else None
        for gram in distinct:
            packed = known(gram)
            if packed is not None:
                parts[gram] = _part(packed, shares) / (often[gram] if often else 1)
        for gram in shifts.keys() & distinct:
            negative, _neutral, positive = shifts[gram]
            more = (positive - negative) / (often[gram] if often else 1)
            parts[gram] = parts.get(gram, 0.0) + more
    return parts


_A, _B, _C, _D, _E, _F = (4 * LANES.index(lane) for head in HEADS for lane in (head, f"{head}_turn"))


def _part(packed: int, shares: tuple[float, ...]) -> float:
    """What one n-gram adds to the odds: its signed bytes, each shifted by 128, times the shares."""
    row = packed.to_bytes(4 * len(LANES), "little")
    a, b, c, d, e, f = shares
    weights = row[_A] * a + row[_B] * b + row[_C] * c + row[_D] * d + row[_E] * e + row[_F] * f
    return weights - 128 * (a + b + c + d + e + f)


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
