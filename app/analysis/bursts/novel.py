"""A new kind of complaint: words that were not there before. Any thread.

Counts, for each word, the negative posts that have it (not how often they say it). A word has come up
when more posts of the last hours have it than its own past explains, also allowing for how many words
there are to look at. What brought it (stories, topics) is told by the marks the posts came with.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.analysis.bursts.sensitivity import BALANCED, Thresholds
from app.analysis.bursts.tails import tail

SPAN = 6 * 3600.0
"""Seconds that count as "now"."""

MEMORY = 30 * 86400.0
"""Half-life, in seconds, of a word's past."""

FEWEST = 3
"""Posts that must have a word."""

PART = 0.1
"""And so large a part of the posts of now."""

LEARNT = 50.0
"""Posts that must have been seen before anything is new."""

KNOWN, RECENT, TOLD = 20_000, 2_000, 5
"""Words remembered, posts of now remembered, words told at once: limits for a flood."""


@dataclass(frozen=True, slots=True)
class Word:
    """`came` of the posts of now have it, `usual` was to be expected; 1.0 `strength` is the threshold."""

    word: str
    strength: float
    came: int
    usual: float
    marks: tuple[tuple[str, int], ...]


class Novelty:
    """The words of one brand's (or topic's) negative posts. `add` posts in order of time; ask `risen`."""

    __slots__ = ("_last", "_past", "_posts", "_recent", "_thresholds")

    def __init__(self, thresholds: Thresholds = BALANCED) -> None:
        self._thresholds = thresholds
        self._past: dict[str, float] = {}
        self._posts = 0.0
        self._recent: deque[tuple[float, tuple[str, ...], str]] = deque()
        self._last: float | None = None

    def add(self, second: float, words: Iterable[str], mark: str = "") -> None:
        """One negative post; a word said twice in it is one. `mark`: its story or topic."""
        self._until(second)
        self._recent.append((second, tuple(sorted(set(words))), mark))
        if len(self._recent) > RECENT:
            self._pass(self._recent.popleft())

    def risen(self, second: float) -> tuple[Word, ...]:
        """The words that have come up, strongest first; those below the threshold are not told."""
        self._until(second)
        now = len(self._recent)
        if now < FEWEST or self._posts < LEARNT:
            return ()
        having = Counter(word for _second, words, _mark in self._recent for word in words)
        enough = max(FEWEST, PART * now)
        doubt = math.log10(max(1, len(having)))
        found = []
        for word, came in having.items():
            if came < enough:
                continue
            past = self._past.get(word, 0.0) + 0.5
            usual = past * now / self._posts
            strength = (tail(float(came), usual, past) - doubt) / self._thresholds.words
            if strength >= 1.0:
                found.append((strength, came, word, usual))
        found.sort(key=lambda one: (-one[0], one[2]))
        return tuple(
            Word(word, strength, came, usual, self._marks(word))
            for strength, came, word, usual in found[:TOLD]
        )

    def _marks(self, word: str) -> tuple[tuple[str, int], ...]:
        marks = Counter(mark for _second, words, mark in self._recent if mark and word in words)
        return tuple(sorted(marks.items(), key=lambda one: (-one[1], one[0]))[:TOLD])

    def _until(self, second: float) -> None:
        if self._last is not None and second - self._last >= 3600.0:
            kept = 0.5 ** ((second - self._last) / MEMORY)
            self._posts *= kept
            self._past = {word: seen * kept for word, seen in self._past.items() if seen * kept > 0.05}
        if self._last is None or second - self._last >= 3600.0:
            self._last = second
        while self._recent and self._recent[0][0] <= second - SPAN:
            self._pass(self._recent.popleft())

    def _pass(self, post: tuple[float, tuple[str, ...], str]) -> None:
        """What is no longer now is the past."""
        self._posts += 1.0
        for word in post[1]:
            self._past[word] = self._past.get(word, 0.0) + 1.0
        if len(self._past) > 2 * KNOWN:
            self._past = dict(Counter(self._past).most_common(KNOWN))

    def dump(self) -> dict[str, Any]:
        return {
            "past": dict(self._past),
            "posts": self._posts,
            "recent": [[second, list(words), mark] for second, words, mark in self._recent],
            "last": self._last,
        }

    @classmethod
    def load(cls, state: dict[str, Any], thresholds: Thresholds = BALANCED) -> Novelty:
        made = cls(thresholds)
        made._past, made._posts, made._last = dict(state["past"]), state["posts"], state["last"]
        made._recent = deque((second, tuple(words), mark) for second, words, mark in state["recent"])
        return made
