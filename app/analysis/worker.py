"""Runs in the scoring process, started by spawn: loads an engine and answers texts one by one.

The engines are imported only in the functions that make them, which the child calls: snownlp takes
2 s and 420 MB. It imports no Qt, no storage, holds no state between texts but what it was told of the
watched brands, and exits with its parent.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from app.analysis.judge import Judge, Lists
from app.analysis.scorer import Scorer
from app.domain.gist import Gist


def _ngram() -> Scorer:
    from app.analysis.ngram import NgramScorer  # noqa: PLC0415  # the other engines' child needs no model

    return NgramScorer()


def _snownlp(*, retrained: bool = False) -> Scorer:
    from app.analysis.snow import SnowScorer  # noqa: PLC0415  # 2 s and 420 MB: in the child only

    return SnowScorer(retrained=retrained)


SCORERS: dict[str, Callable[[], Scorer]] = {
    "ngram": _ngram,
    "snownlp": _snownlp,
    "snownlp-retrained": partial(_snownlp, retrained=True),
}


def judge_of(scorer: Scorer, words: Path | None) -> Judge:
    """The scorer with all that is asked besides the tone; `words`: the team's own lists.

    The trivial engine is for measuring everything but judging: it says a tone and nothing else.
    """
    return Judge(scorer, None if scorer.engine == "trivial" else Lists.load(words))


def gist_of(texts: Sequence[str]) -> Gist:
    """Key words and telling sentences."""
    from app.analysis.gist import gist  # noqa: PLC0415  # needs snownlp

    return gist(texts)


def serve(link: Connection, make: Callable[[], Scorer], words: Path | None = None) -> None:
    """The child's whole life: load, say so, answer until the parent closes the link or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if sys.stderr is not None:
        sys.stdout = sys.stderr  # the parent's stdout may be JSON lines
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        _answer(link, judge_of(make(), words))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _answer(link: Connection, judge: Judge) -> None:
    acts: dict[str, Callable[[Any], Any]] = {
        "judge": lambda ask: judge.judge([ask])[0],
        "gist": gist_of,
        "versions": lambda _item: judge.versions(),
    }
    link.send(judge.engine)
    while True:
        kind, given = link.recv()
        if kind == "panel":
            judge.told(given)
            link.send(True)
            continue
        for item in given:
            link.send(acts[kind](item))


def _die_with_parent() -> None:
    """A text that hangs the main thread must not leave a process of 420 MB behind."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
