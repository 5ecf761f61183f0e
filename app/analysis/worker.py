"""Runs in the scoring process, started by spawn: loads snownlp and answers texts one by one.

The only file that imports snownlp (2 s, 420 MB), and only inside `_snownlp()`, which the child
calls. It imports no Qt, no storage, holds no state between texts, and exits with its parent.

Of snownlp we take its segmenter, its stop words and the word counts of its shipped Bayes model;
the sum over the words is ours, so that we can say which words decided. It differs from
`SnowNLP(text).sentiments` in one thing: a word that neither class has ever seen says nothing here,
where snownlp lets it pull a little to one side (so that fifty English words decide a text).
Only the author's own words are judged, and of a long post its first 400 and last 200 characters
(`app.analysis.text.judged`): snownlp needs 68 ms for 550 characters.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

from app.analysis.scorer import Scorer, judgement
from app.analysis.text import Judged, has_han, judged
from app.domain.sentiment import Evidence, Score

_Segment = Callable[[str], list[str]]
_Keep = Callable[[list[str]], list[str]]
_Simplify = Callable[[str], str]

EVIDENCE = 8
"""At most so many words are named as having decided."""


class SnowScorer:
    """snownlp's shipped model with our neutral band."""

    engine = "snownlp"

    def __init__(self) -> None:
        self._segment, self._keep, self._simplify, classes = _snownlp()
        self._classes = classes
        self._prior = _log_odds_of_classes(classes)
        self.version = f"{_version('snownlp')}+band1"

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score a text, in order, whatever the text."""
        return [self._one(text) for text in texts]

    def positive(self, text: str) -> float:
        """P(positive) before the band; the bench that chose the band asks this."""
        return _probability(self._prior + sum(weight for _, _, weight in self._weights(judged(text).text)))

    def _one(self, text: str) -> Score:
        part = judged(text)
        weights = self._weights(part.text) if has_han(part.text) else []
        if not weights:  # nothing said, or not in Chinese: the model would judge by `a` and `I`
            return judgement(0.5, self.engine, self.version)
        total = self._prior + sum(weight for _, _, weight in weights)
        return judgement(_probability(total), self.engine, self.version, _top(text, part, weights))

    def _weights(self, text: str) -> list[tuple[int, int, float]]:
        """(start, end, log-odds) of every word the model knows."""
        simple = self._simplify(text)
        if len(simple) != len(text):
            simple = text
        return [
            (start, end, weight)
            for start, end in self._words(simple)
            if (weight := self._weight(simple[start:end])) is not None
        ]

    def _words(self, text: str) -> Iterator[tuple[int, int]]:
        words = self._segment(text)
        kept = set(self._keep(words))
        at = 0
        for word in words:
            start = text.find(word, at)
            if start < 0:
                continue
            at = start + len(word)
            if word in kept:
                yield start, at

    def _weight(self, word: str) -> float | None:
        positive, negative = self._classes["pos"], self._classes["neg"]
        if not (positive.exists(word) or negative.exists(word)):
            return None
        return math.log(positive.freq(word)) - math.log(negative.freq(word))


def _snownlp() -> tuple[_Segment, _Keep, _Simplify, Any]:
    """Segmenter, stop-word filter, traditional to simplified, and the classes of the Bayes model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from snownlp import normal, seg, sentiment  # noqa: PLC0415  # 2 s and 420 MB: in the child only
    return seg.seg, normal.filter_stop, normal.zh2hans, sentiment.classifier.classifier.d


def _log_odds_of_classes(classes: Mapping[str, Any]) -> float:
    return math.log(classes["pos"].getsum()) - math.log(classes["neg"].getsum())


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, log_odds))))


def _top(text: str, part: Judged, weights: list[tuple[int, int, float]]) -> tuple[Evidence, ...]:
    strongest = sorted(weights, key=lambda each: -abs(each[2]))[:EVIDENCE]
    return tuple(_evidence(text, part, *each) for each in sorted(strongest))


def _evidence(text: str, part: Judged, start: int, end: int, weight: float) -> Evidence:
    first, last = part.original(start, end)
    return Evidence(text[first:last], first, last, round(weight, 4))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # a frozen program may carry no metadata
        return "unknown"


def _ngram() -> Scorer:
    from app.analysis.ngram import NgramScorer  # noqa: PLC0415  # the other engine's child needs no model

    return NgramScorer()


SCORERS: dict[str, Callable[[], Scorer]] = {"ngram": _ngram, "snownlp": SnowScorer}


def serve(link: Connection, make: Callable[[], Scorer]) -> None:
    """The child's whole life: load, say so, answer texts until the parent closes the link or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if sys.stderr is not None:
        sys.stdout = sys.stderr  # the parent's stdout may be JSON lines
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        _answer(link, make())
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _answer(link: Connection, scorer: Scorer) -> None:
    link.send((scorer.engine, scorer.version))
    while True:
        for text in link.recv():
            link.send(scorer.score([text])[0])


def _die_with_parent() -> None:
    """A text that hangs the main thread must not leave a process of 420 MB behind."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
