"""How fast an engine is: texts a second of processor time, alone in a process of its own.

Processor time, so that other programs do not count; a process of its own, so that engines that run in
different places are measured alike, and snownlp stays out of this one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from app.analysis import worker
from app.analysis.scorer import Scorer
from app.analysis.trivial import TrivialScorer
from app.errors import ScoringError
from app.i18n import _

SECONDS = 1.5
"""Processor time spent on each figure."""
CHUNK = 16


@dataclass(frozen=True, slots=True)
class Speed:
    """Texts a second; `texts`, `characters`: how many were judged for it, and how long on average."""

    quick: float
    """Probabilities only."""
    explained: float
    """With the words that decided."""
    texts: int
    characters: float


def speed(engine: str, texts: Sequence[str], seconds: float = SECONDS) -> Speed:
    """Takes the engine's start (snownlp: 2 s) and twice `seconds`. Fails with ScoringError."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(_measured, engine, tuple(texts), seconds).result()
        except BrokenProcessPool as error:
            raise ScoringError(_("The scoring process ended while its speed was measured.")) from error


def _measured(engine: str, texts: tuple[str, ...], seconds: float) -> Speed:
    scorer: Scorer = TrivialScorer() if engine == "trivial" else worker.SCORERS[engine]()
    quickly: Callable[[Sequence[str]], Any] = getattr(scorer, "probabilities", scorer.score)
    for warm in (quickly, scorer.score):
        warm(texts[:CHUNK])
    quick, done = _rate(quickly, texts, seconds)
    explained, _fewer = _rate(scorer.score, texts, seconds)
    return Speed(quick, explained, done, sum(map(len, texts[:done])) / max(1, done))


def _rate(act: Callable[[Sequence[str]], Any], texts: Sequence[str], seconds: float) -> tuple[float, int]:
    """Texts a second, and how many different ones; few texts are judged again and again."""
    start = time.process_time()
    spent, done = 0.0, 0
    while texts and spent < seconds:
        at = done % len(texts)
        some = texts[at : at + CHUNK]
        act(some)
        done += len(some)
        spent = time.process_time() - start
    return done / max(spent, 1e-9), min(done, len(texts))
