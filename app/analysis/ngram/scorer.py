"""The scorer: texts in, judgements with evidence out, in order, whatever the text.

A text without a Chinese character and without an emoji or bracket emoticon is not judged: it is
given P(neutral) = 1, no evidence and the note NOT_CHINESE, and `chinese()` says so. No state but the
model and the watched names; any thread, and the scoring process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import itemgetter

from app.analysis.ngram.cues import counted
from app.analysis.ngram.explain import Explanation, Seen, explained, strongest
from app.analysis.ngram.features import Traced, edged, grams, names_pattern, read, repeats, trace
from app.analysis.ngram.judge import Judge, Judgement
from app.analysis.ngram.layer import NOTHING, Found, Layer, Lookup, Three
from app.analysis.ngram.model import Model, shipped
from app.domain.sentiment import NOT_CHINESE, Score, Tone

_JUDGED = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]"
)
_SILENT = Judgement(0.0, 1.0, 0.0, 0.0, 0.0, (), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), 1.0)
_NUMBER = itemgetter(1)
"""Of a hit."""
SURE = 0.85
"""When the likeliest tone of the author's own words in a repost is less likely, the chain is read too."""

Probabilities = tuple[float, float, float]


class NgramScorer:
    """`names`: the watched brand's own names, which carry no tone; `layer`: what its team taught us."""

    engine = "ngram"

    def __init__(
        self, model: Model | None = None, *, names: Iterable[str] = (), layer: Layer | None = None
    ) -> None:
        used = model if model is not None else shipped()
        self._model = used
        self._find = used.table.find
        self._total = used.table.total
        self._plain = Judge(used)
        """Without the layer."""
        self._judge = self._plain if layer is None else Judge(used, layer.calibration)
        self._lookup = Lookup(layer) if layer is not None and (layer.shifts or layer.phrases) else None
        self._names = names_pattern(names)
        self.clear = used.clear
        """From this P(negative) on a post may be called clearly negative: so nine in ten are."""
        self.version = used.version if layer is None else f"{used.version}+{layer.name}"

    def dressed(self, names: Iterable[str], layer: Layer | None) -> NgramScorer:
        """The same model, which is not loaded twice, with these names and this layer."""
        return NgramScorer(self._model, names=names, layer=layer)

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score a text, with the spans that moved it most."""
        return [self._one(text) for text in texts]

    def probabilities(self, texts: Iterable[str]) -> list[Probabilities]:
        """P(negative), P(neutral), P(positive) a text, without evidence: three times as fast."""
        judgements = map(self._quick, texts)
        return [(each.negative, each.neutral, each.positive) for each in judgements]

    def explain(self, text: str) -> Explanation:
        """Every span of the text, in the original's offsets; none when it was not judged."""
        seen = self._seen(text)
        if seen.judgement is _SILENT:
            return Explanation(0.0, 0.0, ())
        return explained(text, seen, self._judge)

    def decisions(self, text: str) -> Three:
        """The model's three log-odds of a text's own words, summing to zero, no layer applied.

        Their softmax is what `probabilities` gives without a layer (for a repost: of the part before
        the first `//@`, as `features.read` yields it). Zeros for what is not judged.
        """
        return self.decided(read(text, self._names))

    def decided(self, flat: str) -> Three:
        """`decisions` of a text that was read, the watched names blanked."""
        if _JUDGED.search(flat) is None:
            return 0.0, 0.0, 0.0
        known = set(map(_NUMBER, self._find(edged(flat))))
        packed, cues = self._total(known), counted(self._model, known)
        low, middle, high = self._plain.judge(packed, cues).logits
        mean = (low + middle + high) / 3
        return low - mean, middle - mean, high - mean

    def chinese(self, text: str) -> bool:
        """Is there anything the model can judge?"""
        if _JUDGED.search(read(text, self._names)) is not None:
            return True
        return repeats(text) and _JUDGED.search(read(text, self._names, whole=True)) is not None

    def _one(self, text: str) -> Score:
        seen = self._seen(text)
        found = seen.judgement
        return Score(
            value=(1 + found.positive - found.negative) / 2,
            tone=_tone(found),
            engine=self.engine,
            version=self.version,
            negative=found.negative,
            neutral=found.neutral,
            positive=found.positive,
            evidence=() if found is _SILENT else strongest(text, seen, self._judge),
            note=NOT_CHINESE if found is _SILENT else "",
        )

    def _quick(self, text: str) -> Judgement:
        found = self._judged(read(text, self._names))
        if "//" in text and _unsure(found) and repeats(text):
            found = self._judged(read(text, self._names, whole=True))
        return found

    def _judged(self, flat: str) -> Judgement:
        if _JUDGED.search(flat) is None:
            return _SILENT
        known = set(map(_NUMBER, self._find(edged(flat))))
        packed, cues = self._total(known), counted(self._model, known)
        if self._lookup is None:
            return self._judge.judge(packed, cues)
        return self._judge.judge(packed, cues, self._found(flat).shift)

    def _seen(self, text: str) -> Seen:
        """As `_quick`, with all that an explanation needs."""
        seen = self._looked(trace(text, self._names))
        if "//" in text and _unsure(seen.judgement) and repeats(text):
            seen = self._looked(trace(text, self._names, whole=True))
        return seen

    def _looked(self, traced: Traced) -> Seen:
        flat = traced.text
        if _JUDGED.search(flat) is None:
            return Seen(traced, (), set(), _SILENT, NOTHING)
        hits = list(self._find(edged(flat)))
        known = set(map(_NUMBER, hits))
        found = self._found(flat)
        packed, cues = self._total(known), counted(self._model, known)
        return Seen(traced, hits, known, self._judge.judge(packed, cues, found.shift), found)

    def _found(self, flat: str) -> Found:
        """What the layer knows in the text."""
        return NOTHING if self._lookup is None else self._lookup.find(flat, grams(flat))


def _unsure(found: Judgement) -> bool:
    if found is _SILENT:
        return True
    return found.negative < SURE and found.neutral < SURE and found.positive < SURE


def _tone(found: Judgement) -> Tone:
    """The likeliest; neutral when it is as likely as another."""
    if found.negative > found.neutral and found.negative > found.positive:
        return Tone.NEGATIVE
    return Tone.POSITIVE if found.positive > found.neutral else Tone.NEUTRAL
