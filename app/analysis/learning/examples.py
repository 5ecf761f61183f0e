"""From the lessons of a team to what the learner works on: one example a text, in a fixed order.

Of several lessons for one mention, or for one text as the model reads it, only one counts: a
correction before a post seen and left, and of these the last. So a wave of reposts teaches once, and
where two colleagues differ the later one is right. Texts that are not judged teach nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import exp

from app.analysis.ngram.features import grams, repeats
from app.analysis.ngram.features import read as read_text
from app.analysis.ngram.scorer import SURE, NgramScorer
from app.domain.learning import CORRECTED, Lesson, Three
from app.domain.sentiment import Tone

MOST_CORRECTED, MOST_SEEN = 2_000, 4_000
"""At most so many lessons of each kind count, the latest."""
ALONE = 5.0
"""All lessons that contradict the model together weigh no more than this plus those that agree with it.

Corrections tell only where the model was wrong. Without the posts where it was right a learner comes
to believe that it is wrong everywhere, so few are taken at their word and many share this weight.
"""

TONES = (Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE)
_NUMBERS = {tone: number for number, tone in enumerate(TONES)}
_KEY = 40


@dataclass(frozen=True, slots=True)
class Example:
    """`decisions` are of the model alone; `tone` is 0, 1 or 2."""

    flat: str
    grams: set[str] | frozenset[str]
    decisions: Three
    tone: int
    weight: float

    @property
    def agrees(self) -> bool:
        """Would the model alone say so too?"""
        return likeliest(self.decisions) == self.tone


def likeliest(three: Three) -> int:
    """As `NgramScorer` names a tone: neutral when it is as likely as another."""
    low, middle, high = three
    if low > middle and low > high:
        return 0
    return 2 if high > middle else 1


def studied(scorer: NgramScorer, lessons: Iterable[Lesson]) -> list[Example]:
    """The examples in the order of their texts, whatever the order of the lessons."""
    by_mention = _last(lessons, lambda lesson: lesson.mention_id or None)
    latest = sorted(by_mention, key=_standing, reverse=True)
    given = [lesson for lesson in latest if lesson.corrected][:MOST_CORRECTED]
    ranked = given + [lesson for lesson in latest if not lesson.corrected][:MOST_SEEN]
    judged = {id(lesson): _judged(scorer, lesson.text) for lesson in ranked}
    by_text = _last(ranked, lambda lesson: judged[id(lesson)][0])
    found = [_example(*judged[id(lesson)], lesson) for lesson in by_text]
    return sorted((each for each in found if any(each.decisions)), key=lambda each: each.flat)


def reading(scorer: NgramScorer, text: str, *, whole: bool = False) -> str:
    """The text as the scorer reads it, its watched names blanked."""
    return read_text(text, scorer._names, whole=whole)


def _judged(scorer: NgramScorer, text: str) -> tuple[str, Three]:
    """As the scorer does: the author's own words, and the whole chain when they leave it unsure."""
    flat = reading(scorer, text)
    decisions = scorer.decided(flat)
    if repeats(text) and max(softmax(decisions)) < SURE:
        flat = reading(scorer, text, whole=True)
        decisions = scorer.decided(flat)
    return flat, decisions


def softmax(logits: Three) -> Three:
    top = max(logits)
    low, middle, high = (exp(each - top) for each in logits)
    whole = low + middle + high
    return low / whole, middle / whole, high / whole


def _last(lessons: Iterable[Lesson], key: Callable[[Lesson], object]) -> list[Lesson]:
    """One lesson a key, the one that counts; all of those without a key."""
    kept: dict[object, Lesson] = {}
    free: list[Lesson] = []
    for lesson in lessons:
        about = key(lesson)
        if about is None:
            free.append(lesson)
        elif about not in kept or _standing(lesson) > _standing(kept[about]):
            kept[about] = lesson
    return [*kept.values(), *free]


def _standing(lesson: Lesson) -> tuple[bool, float, int, float, str, str]:
    """Which of two lessons counts; the end of it only makes the answer the same in any order."""
    number = _NUMBERS[lesson.tone]
    return (lesson.corrected, lesson.at.timestamp(), -number, lesson.weight, lesson.who, lesson.text)


def _example(flat: str, decisions: Three, lesson: Lesson) -> Example:
    weight = min(max(lesson.weight, 0.0), CORRECTED)
    return Example(flat, grams(flat), decisions, _NUMBERS[lesson.tone], weight)


def balanced(examples: Sequence[Example]) -> bool:
    """Are enough among them that agree with the model to say how often it is right?"""
    return 3 * sum(each.agrees for each in examples) >= len(examples)


def weights(examples: Sequence[Example]) -> list[float]:
    """What each example weighs; see `ALONE`."""
    against = sum(each.weight for each in examples if not each.agrees)
    agreed = sum(each.weight for each in examples if each.agrees)
    share = min(1.0, (ALONE + agreed) / against) if against else 1.0
    return [each.weight if each.agrees else each.weight * share for each in examples]


def fold_of(flat: str, folds: int) -> int:
    """Texts that begin alike share a fold, so that near-copies do not vouch for each other."""
    key = "".join(filter(str.isalnum, flat))[:_KEY] or flat
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % folds
