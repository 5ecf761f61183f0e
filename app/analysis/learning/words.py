"""A brand's word list as weights: the same layer as what is learnt, set by hand.

A phrase holds wherever it stands after folding (width, case, Traditional script), in any text, once.
Where two overlap the longest holds, and one right after a denial (不好用, 没翻车, 别买) does not: the
model's own judgement of the denied phrase stays. Whoever wants 不好用 to weigh lists it; it is longer.
See `app.analysis.ngram.layer`, which looks phrases up.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.analysis.learning.examples import reading
from app.analysis.ngram.features import NAME
from app.analysis.ngram.layer import LONGEST_PHRASE
from app.analysis.ngram.scorer import NgramScorer
from app.domain.learning import Three, Word
from app.errors import ConfigError
from app.i18n import _

AWAY: Three = (1.0, -0.25, -0.75)
"""What one step towards negative adds to the log-odds; for positive read it from behind.

At three steps P(negative) / P(positive) grows 190 times, which turns all but the surest judgement.
"""
SOBER: Three = (-1.0, 2.0, -1.0)
"""What a word of weight 0 adds."""


def pull(weight: int) -> Three:
    """Log-odds of negative, neutral, positive for a weight of -3 to 3."""
    if weight == 0:
        return SOBER
    low, middle, high = (abs(weight) * each for each in AWAY)
    return (low, middle, high) if weight < 0 else (high, middle, low)


def phrases(scorer: NgramScorer, words: Iterable[Word]) -> dict[str, Three]:
    """Phrase as the scorer reads it -> log-odds; of words that read alike the last written counts.

    What cannot weigh (see `checked`) is left out.
    """
    kept: dict[str, Word] = {}
    for word in words:
        flat = reading(scorer, word.phrase)
        if _why_not(flat) == "" and (flat not in kept or _later(word, kept[flat])):
            kept[flat] = word
    return {flat: pull(kept[flat].weight) for flat in sorted(kept)}


def checked(scorer: NgramScorer, phrase: str) -> str:
    """The phrase as it will be looked for; ConfigError (field "phrase") says why it cannot weigh."""
    flat = reading(scorer, phrase)
    if why := _why_not(flat):
        raise ConfigError(why, field="phrase")
    return flat


def _why_not(flat: str) -> str:
    if not flat:
        return _("Nothing of this phrase is left for judging: addresses and @names do not count.")
    if NAME in flat:
        return _("A watched name carries no tone. Leave it out of the phrase.")
    if len(flat) > LONGEST_PHRASE:
        return _("A phrase may have at most {n} characters. Use the part that says it.").format(
            n=LONGEST_PHRASE
        )
    return ""


def _later(word: Word, other: Word) -> bool:
    def standing(one: Word) -> tuple[float, int, str, str]:
        return one.at.timestamp(), one.weight, one.phrase, one.by

    return standing(word) > standing(other)
