"""Lessons and words to a layer; whether it helps; and the decision to use it.

All functions are pure: the same lessons, in any order, give the same layer, bit for bit. None of them
asks for a layer made before; taking every lesson and word back gives None, the model alone. `scorer`
is the model with the brand's watched names; a layer it may carry plays no part.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from app.analysis.learning import calibration
from app.analysis.learning.examples import Example, balanced, fold_of, likeliest, softmax, studied
from app.analysis.learning.fitting import fitted
from app.analysis.learning.words import phrases
from app.analysis.ngram.layer import Layer, Lookup
from app.analysis.ngram.scorer import NgramScorer
from app.domain.learning import Figures, Lesson, Measured, Three, Word
from app.i18n import _, ngettext

FOLDS = 5
TELLING = 20
"""From so many labels on cross-validation is tried at all."""
_LONGEST_NAME = 31

Calibration = calibration.Calibration
Phrases = Mapping[str, Three]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What `learn` decided. `layer` is None when there is nothing to lay over the model."""

    layer: Layer | None
    measured: Measured | None
    """None while too few labels, or too few that agree with the model, are there to measure by."""
    adopted: bool
    """Is what the lessons teach in the layer? If not, the word list alone is."""
    said: str
    """All of it in a sentence for a person."""


def build(
    scorer: NgramScorer,
    lessons: Iterable[Lesson],
    words: Iterable[Word] = (),
    *,
    name: str,
    calibrated: bool = False,
) -> Layer | None:
    """The layer for all lessons and words, or None when they teach nothing.

    `name` (letters, digits, `_ - .`, at most 31) is followed by a digest of the layer. `calibrated`:
    with a calibration, if there is enough for one; whether it helps is for `learn` to say.
    """
    return _built(studied(scorer, lessons), phrases(scorer, words), name, calibrated=calibrated)


def recalibrate(scorer: NgramScorer, lessons: Iterable[Lesson]) -> Calibration | None:
    """The calibration, from 200 labels on, if posts set aside are judged better with it."""
    examples = studied(scorer, lessons)
    if not calibration.enough(examples):
        return None
    plain, better = (_crossed(examples, {}, calibrated=on) for on in (False, True))
    return calibration.table(calibration.settings(examples)) if _helps(better, plain) else None


def measure(
    scorer: NgramScorer,
    lessons: Iterable[Lesson],
    words: Iterable[Word] = (),
    *,
    calibrated: bool = False,
) -> Measured | None:
    """How posts are judged that the lessons did not include, by cross-validation.

    None when nothing can be said: under 20 labels, or less than a third agrees with the model, for then
    posts on which it was right are missing from the count.
    """
    examples = studied(scorer, lessons)
    if not _telling(examples):
        return None
    return _crossed(examples, phrases(scorer, words), calibrated=calibrated)


def learn(
    scorer: NgramScorer, lessons: Iterable[Lesson], words: Iterable[Word] = (), *, name: str
) -> Learnt:
    """Build, measure and decide; some eight times the work of `build`.

    A layer that would judge posts set aside worse than the model, by more than chance, is not used:
    the word list stays, and `said` says so. Where nothing can be measured yet it is used, for then
    all that contradicts the model weighs little; see `examples.ALONE`.
    """
    examples, by_hand = studied(scorer, lessons), phrases(scorer, words)
    measured = _crossed(examples, by_hand, calibrated=False) if _telling(examples) else None
    calibrated = False
    if measured is not None and calibration.enough(examples):
        better = _crossed(examples, by_hand, calibrated=True)
        calibrated = _helps(better, measured)
        measured = better if calibrated else measured
    adopted = measured is None or not measured.worse
    used = examples if adopted else ()
    layer = _built(used, by_hand, name, calibrated=calibrated)
    return Learnt(layer, measured, adopted, _said(examples, measured, adopted=adopted))


def _telling(examples: Sequence[Example]) -> bool:
    return len(examples) >= TELLING and balanced(examples)


def _helps(better: Measured, plain: Measured) -> bool:
    """More honest probabilities, and no fewer posts right than chance would explain."""
    return better.after.log_loss < plain.after.log_loss and not better.worse


def _built(examples: Sequence[Example], by_hand: Phrases, name: str, *, calibrated: bool) -> Layer | None:
    chosen = _settings(examples, calibrated=calibrated)
    shifts = fitted(examples, [calibration.applied(chosen, each.decisions) for each in examples])
    rows = None if chosen == calibration.AS_IT_IS else calibration.table(chosen)
    if not (shifts or by_hand or rows):
        return None
    digest = _digest(shifts, by_hand, rows)
    return Layer(shifts, rows, f"{name[:_LONGEST_NAME]}.{digest}", by_hand)


def _settings(examples: Sequence[Example], *, calibrated: bool) -> calibration.Settings:
    if calibrated and calibration.enough(examples):
        return calibration.settings(examples)
    return calibration.AS_IT_IS


def _digest(*parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:8]


def _crossed(examples: Sequence[Example], by_hand: Phrases, *, calibrated: bool) -> Measured:
    """Each example judged with what the other folds teach."""
    folds = [fold_of(each.flat, FOLDS) for each in examples]
    pairs: list[tuple[Example, Three, Three]] = []
    for fold in range(FOLDS):
        taught = [each for each, own in zip(examples, folds, strict=True) if own != fold]
        chosen = calibration.settings(taught) if calibrated else calibration.AS_IT_IS
        shifts = fitted(taught, [calibration.applied(chosen, each.decisions) for each in taught])
        lookup = Lookup(Layer(shifts, None, "fold", by_hand))
        alone = Lookup(Layer({}, None, "words", by_hand))
        for each, own in zip(examples, folds, strict=True):
            if own == fold:
                start = calibration.applied(chosen, each.decisions)
                pairs.append((each, _moved(each, each.decisions, alone), _moved(each, start, lookup)))
    return _measured(pairs)


def _moved(example: Example, decisions: Three, lookup: Lookup) -> Three:
    low, middle, high = lookup.find(example.flat, example.grams).shift
    return softmax((decisions[0] + low, decisions[1] + middle, decisions[2] + high))


def _measured(pairs: Sequence[tuple[Example, Three, Three]]) -> Measured:
    was = [likeliest(before) == each.tone for each, before, _after in pairs]
    now = [likeliest(after) == each.tone for each, _before, after in pairs]
    heavy = [each.weight for each, _before, _after in pairs]
    turned = [(b - a) * weight for a, b, weight in zip(was, now, heavy, strict=True) if a != b]
    return Measured(
        labels=len(pairs),
        before=Figures(_share(was, heavy), _loss([before[each.tone] for each, before, _after in pairs])),
        after=Figures(_share(now, heavy), _loss([after[each.tone] for each, _before, after in pairs])),
        won=sum(each > 0 for each in turned),
        lost=sum(each < 0 for each in turned),
        gain=sum(turned),
        chance=sqrt(sum(each * each for each in turned)),
    )


def _share(right: Sequence[bool], heavy: Sequence[float]) -> float:
    return sum(weight for yes, weight in zip(right, heavy, strict=True) if yes) / max(sum(heavy), 1e-9)


def _loss(chances: Sequence[float]) -> float:
    return -sum(log(max(each, 1e-9)) for each in chances) / max(1, len(chances))


def _said(examples: Sequence[Example], measured: Measured | None, *, adopted: bool) -> str:
    if not examples:
        return _("Nothing has been learnt yet. Correct the tone of a post to begin.")
    if measured is None:
        said = ngettext(
            "Learnt from {n} label; how well it works can be said when more posts have been seen.",
            "Learnt from {n} labels; how well it works can be said when more posts have been seen.",
            len(examples),
        )
        return said.format(n=len(examples))
    if adopted:
        said = _(
            "On {n} posts your team judged, those left as they were counting half:"
            " {before} % right without, {after} % with what was learnt."
        )
    else:
        said = _(
            "What was learnt is not used. On {n} posts your team judged, those left as they were counting"
            " half, {before} % are right without it and {after} % with it. The word list is used."
        )
    before, after = (round(100 * figures.right) for figures in (measured.before, measured.after))
    return said.format(n=measured.labels, before=before, after=after)
