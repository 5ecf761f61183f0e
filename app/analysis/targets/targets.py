"""The tone towards a watched brand: what to judge of a text, and the judgement put together.

Pure after construction; any thread, and the scoring process. Whatever the text: never an exception,
time linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp, log, tanh
from pathlib import Path

from app.analysis.scorer import Scorer
from app.analysis.targets.names import Finder
from app.analysis.targets.parts import Parts, Verdict, cut
from app.analysis.targets.reading import Owners, Reading, Segment, read
from app.analysis.targets.words import Polarity, Words, load_words, shipped_words
from app.domain.plain import own_part
from app.domain.sentiment import Evidence, Score, Tone
from app.matching.fold import folded

# Chosen from the 45 settings that tests/bench/eval_targets.py --fit prints for the train part of
# bdci16_brandview, with an eye on our own posts. Settings near it hardly differ; it is better than the
# whole text in every column there, and not the best in any one.
WHOLE = 0.15
"""How much of the whole text's log-odds stays beside those of the parts."""
PASSING = 0.3
"""Added to the log-odds of neutral where others are named too: many brands are named in passing."""
THIN = 8
"""Parts of fewer letters count less: an engine is too sure of three words."""

SILENT = (0.18, 0.64, 0.18)
"""P of a brand of which the text says nothing by itself, before what comparisons say. By hand."""
LIMIT = 2.2
"""Comparisons move the log-odds of positive and of negative at most so far, together. By hand."""

Three = tuple[float, float, float]
_LETTERS = re.compile(r"[a-zA-Z\u4e00-\u9fff]")


class Targets:
    """`names`: the names of each watched brand by its id; `words`: the lists, shipped ones if left out."""

    def __init__(self, names: Mapping[int, Sequence[str]], words: Words | None = None) -> None:
        used = words if words is not None else shipped_words()
        self._finder = Finder(names, used)
        self._polarity = Polarity(used)

    def parts(self, text: str, brand_id: int) -> Parts | None:
        """What of the text is about the brand; None when there is nothing to separate."""
        if not self._finder.glance(folded(text), brand_id):
            return None
        return self._parts(text, self._readings(text, brand_id), brand_id)

    def toward(self, scorer: Scorer, text: str, brand_id: int, whole: Score | None = None) -> Score:
        """Tone, probabilities and evidence towards the brand, offsets of `text`.

        `whole` is the score of the whole text where the caller has it already.
        """
        parts = self.parts(text, brand_id)
        if parts is None:
            return whole if whole is not None else scorer.score([text])[0]
        return self.judged(scorer, text, parts, whole)

    def judged(self, scorer: Scorer, text: str, parts: Parts, whole: Score | None = None) -> Score:
        """`toward`, for whoever has the parts already."""
        asked = tuple(verdict.asked for verdict in parts.verdicts if verdict.asked)
        wanted = [parts.text] if parts.text else []
        missing = [text] if whole is None else []
        scores = scorer.score([*missing, *wanted, *asked])
        whole = whole if whole is not None else scores[0]
        scores = scores[len(missing) :]
        own = scores[0] if wanted else None
        return together(text, parts, whole, own, scores[len(wanted) :])

    def _readings(self, text: str, brand_id: int) -> list[Reading]:
        """The author's own words, then what they repeat; see `app.domain.plain.own_part`."""
        start, end = own_part(text) if "//" in text else (0, len(text))
        if (start, end) == (0, len(text)):
            reading = self._read(text, 0)
            return [reading] if brand_id in reading.named else [self._read(text, 0, frozenset({brand_id}))]
        chain = self._read(text[end:], end)
        topic = chain.first or frozenset({brand_id})
        own = self._read(text[start:end], start)
        if brand_id not in own.named:
            own = self._read(text[start:end], start, topic)
        return [own, chain]

    def _read(self, text: str, base: int, topic: Owners = frozenset()) -> Reading:
        return read(text, base, self._finder, self._polarity, topic)

    def _parts(self, text: str, readings: list[Reading], brand_id: int) -> Parts | None:
        said = any(reading.said for reading in readings)
        rivals = said or any(
            brand_id not in one.owners and _speaks(text, one) for each in readings for one in each.segments
        )
        if brand_id in readings[0].named:
            readings = readings[:1]
        segments = [one for each in readings for one in each.segments]
        ours = [one for one in segments if brand_id in one.owners and _speaks(text, one)]
        verdicts = tuple(
            Verdict(one.side, one.start, one.end, one.asked)
            for each in readings
            for one in each.said
            if brand_id in one.owners
        )
        shared = bool(ours) and all(len(one.owners) > 1 for one in ours)
        if not rivals and not shared:
            return None
        pieces, places = cut(text, ((one.start, one.end) for one in ours))
        return Parts(pieces, places, verdicts, shared, rivals)


def _speaks(text: str, segment: Segment) -> bool:
    return any(char.isalnum() or ord(char) > 0x2000 for char in text[segment.start : segment.end])


def together(text: str, parts: Parts, whole: Score, own: Score | None, asked: Sequence[Score]) -> Score:
    """The score towards the brand: `own` of `parts.text`, `asked` of the predicates, in order."""
    shift = _shift(parts.verdicts, asked)
    logits = [_log(each) for each in SILENT]
    if own is not None:
        trust = min(1.0, max(0.2, len(_LETTERS.findall(parts.text)) / THIN))
        logits = [
            (1 - WHOLE) * (trust * _log(mine) + (1 - trust) * silent) + WHOLE * _log(all_)
            for mine, silent, all_ in zip(_three(own), logits, _three(whole), strict=True)
        ]
        logits[1] += PASSING
    negative, neutral, positive = _softmax(
        (logits[0] - shift, logits[1] - abs(shift) / 2, logits[2] + shift)
    )
    return replace(
        whole,
        value=(1 + positive - negative) / 2,
        tone=_tone(negative, neutral, positive),
        negative=negative,
        neutral=neutral,
        positive=positive,
        evidence=_evidence(text, parts, own, asked),
    )


def _shift(verdicts: Sequence[Verdict], asked: Sequence[Score]) -> float:
    answers = iter(asked)
    total = 0.0
    for verdict in verdicts:
        total += verdict.side * (_lead(next(answers)) if verdict.asked else 1.0)
    return max(-LIMIT, min(LIMIT, total))


def _lead(score: Score) -> float:
    """Which way the engine leans, from -1 to 1."""
    return tanh(2 * (score.positive - score.negative))


def _three(score: Score) -> Three:
    return score.negative, score.neutral, score.positive


def _log(chance: float) -> float:
    return log(max(chance, 1e-4))


def _softmax(logits: Three) -> Three:
    top = max(logits)
    a, b, c = (exp(each - top) for each in logits)
    return a / (a + b + c), b / (a + b + c), c / (a + b + c)


def _tone(negative: float, neutral: float, positive: float) -> Tone:
    if negative > neutral and negative > positive:
        return Tone.NEGATIVE
    return Tone.POSITIVE if positive > neutral else Tone.NEUTRAL


def _evidence(text: str, parts: Parts, own: Score | None, asked: Sequence[Score]) -> tuple[Evidence, ...]:
    """The engine's words where they stood in the original, and the words of comparison."""
    out: list[Evidence] = []
    for found in own.evidence if own is not None else ():
        pieces = parts.pieces(found.start, found.end)
        whole = sum(end - start for start, end in pieces)
        out += [
            Evidence(text[start:end], start, end, found.weight * (end - start) / whole)
            for start, end in pieces
        ]
    answers = iter(asked)
    for verdict in parts.verdicts:
        side = verdict.side * (_lead(next(answers)) if verdict.asked else 1.0)
        if side:
            low, high = verdict.start, verdict.end
            out.append(Evidence(text[low:high], low, high, 2 * side))
    return tuple(sorted(out, key=lambda each: (each.start, each.end)))


def load_targets(names: Mapping[int, Sequence[str]], folder: Path | None = None) -> Targets:
    """With the shipped lists, and those of `folder`/targets (a team's own) in place of the same names."""
    return Targets(names, load_words(folder) if folder is not None else None)
