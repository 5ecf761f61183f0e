"""What an engine is, and how a two-class probability becomes negative, neutral or positive.

Pure; any thread, and the scoring process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.domain.sentiment import Evidence, Score, Tone

BAND = (0.4, 0.8)
"""Below the first edge of P(positive) a text is negative, above the second positive (band 1).

A compromise, chosen by hand from the thirty bands that tests/bench/sentiment_band.py prints; no band
wins on all columns. On the sets it was chosen on (400 texts of each), macro-F1 is 76.6 with two
classes and 35.6 with three; 0.4-0.6 has 78.1 and 33.2, 0.4-0.9 has 73.9 and 37.8, and 0.4-0.7 as good
a sum (77.7 and 34.5). On texts kept apart (150 of each): 75.3 and 35.9. The lower edge alone decides
what is called negative: 0.2 would raise the precision of P(negative) >= 0.8 on reviews from 85 to
88 %, and find 60 instead of 72 of a hundred negatives. 0.4 is the highest lower edge tried. On posts
the model is weak (38 % right with three classes, and not half of its sure negatives are negative),
which no band mends.
"""


class Scorer(Protocol):
    """What an engine is: a text in, a score out, in order, and never an exception for a text."""

    engine: str
    version: str

    def score(self, texts: Sequence[str]) -> list[Score]: ...


def banded(positive: float, band: tuple[float, float] = BAND) -> tuple[float, float, float]:
    """P(negative), P(neutral), P(positive) from a two-class P(positive).

    Neutral is 1 in the middle of the band, one half at its edges (so the likeliest of the three
    changes exactly there) and 0 at certainty; what it leaves goes to the nearer side.
    """
    low, high = band
    middle = (low + high) / 2
    if positive <= low:
        neutral = positive / low / 2
    elif positive >= high:
        neutral = (1 - positive) / (1 - high) / 2
    else:
        reach = middle - low if positive < middle else high - middle
        neutral = 1 - abs(positive - middle) / reach / 2
    rest = 1 - neutral
    return (rest, neutral, 0.0) if positive < middle else (0.0, neutral, rest)


def judgement(positive: float, engine: str, version: str, evidence: tuple[Evidence, ...] = ()) -> Score:
    """A score from a two-class probability, through the neutral band."""
    negative, neutral, positive = banded(positive)
    tone = Tone.NEGATIVE if negative > neutral else Tone.POSITIVE if positive > neutral else Tone.NEUTRAL
    return Score(
        value=(1 + positive - negative) / 2,
        tone=tone,
        engine=engine,
        version=version,
        negative=negative,
        neutral=neutral,
        positive=positive,
        evidence=evidence,
    )
