"""Many words found in a text in one pass, with the rule for the edges of Latin words.

Pure. A scanner is made once and never changes: any number of threads may use it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import ahocorasick

from app.matching.tree import Phrase, Word

Span = tuple[int, int]
Found = dict[int, list[Span]]
"""Occurrences by the number of the term, in the order of the text."""

_DIGITS = frozenset("0123456789")
# Folded text has no capitals; accented letters of Latin-1, Extended-A and -B, and Vietnamese.
_LETTERS = frozenset(
    char
    for first, last in (("a", "z"), ("\xdf", "\u024f"), ("\u1e00", "\u1eff"))
    for char in map(chr, range(ord(first), ord(last) + 1))
    if char.isalpha()
)

_Edge = frozenset[str] | None
_Entry = tuple[int, int, _Edge, _Edge]


def _edge(char: str) -> _Edge:
    """What may not stand beyond an edge made of `char`."""
    if char in _LETTERS:
        return _LETTERS
    return _DIGITS if char in _DIGITS else None


def _edges(term: Word | Phrase) -> tuple[_Edge, _Edge]:
    if isinstance(term, Phrase):
        return None, None
    return _edge(term.text[0]), None if term.prefix else _edge(term.text[-1])


class Terms:
    """Gives each different term a number, and at last makes the scanner for all of them."""

    def __init__(self) -> None:
        self._numbers: dict[Word | Phrase, int] = {}

    def number(self, term: Word | Phrase) -> int:
        return self._numbers.setdefault(term, len(self._numbers))

    def scanner(self) -> Scanner:
        return Scanner(self._numbers)


class Scanner:
    """One Aho-Corasick automaton over all terms."""

    def __init__(self, numbers: dict[Word | Phrase, int]) -> None:
        entries: dict[str, list[_Entry]] = {}
        for term, number in numbers.items():
            entries.setdefault(term.text, []).append((number, len(term.text), *_edges(term)))
        self._automaton = ahocorasick.Automaton()
        for text, those in entries.items():
            self._automaton.add_word(text, tuple(those))
        self._empty = not entries
        if entries:
            self._automaton.make_automaton()

    def scan(self, text: str, found: Found, base: int = 0) -> None:
        """Add the occurrences in `text` (folded) to `found`, `base` being where the text begins."""
        if self._empty:
            return
        size = len(text)
        for last, entries in self._automaton.iter(text):
            end = last + 1
            for number, length, before, after in entries:
                start = end - length
                if before is not None and start and text[start - 1] in before:
                    continue
                if after is not None and end < size and text[end] in after:
                    continue
                found.setdefault(number, []).append((start + base, end + base))


class Masks:
    """Stretches of text in which nothing counts."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _end in ordered]
        self._reach: list[int] = []
        for _start, end in ordered:
            self._reach.append(max(end, self._reach[-1]) if self._reach else end)

    def open(self, spans: Sequence[Span]) -> list[Span]:
        """Those of `spans` that lie inside none of the stretches."""
        return [span for span in spans if not self._cover(span)]

    def _cover(self, span: Span) -> bool:
        before = bisect_right(self._starts, span[0])
        return before > 0 and self._reach[before - 1] >= span[1]


def near(left: Sequence[Span], right: Sequence[Span], n: int) -> list[Span]:
    """The spans of either side that have one of the other within `n` characters, without overlap."""
    return [*_close(left, right, n), *_close(right, left, n)]


def _close(these: Sequence[Span], others: Sequence[Span], n: int) -> list[Span]:
    starts = sorted(start for start, _end in others)
    ends = sorted(end for _start, end in others)
    return [
        (start, end)
        for start, end in these
        if _any_within(starts, end, end + n) or _any_within(ends, start - n, start)
    ]


def _any_within(ordered: Sequence[int], low: int, high: int) -> bool:
    after = bisect_right(ordered, high)
    return after > 0 and ordered[after - 1] >= low


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, each once, overlapping ones as one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)
