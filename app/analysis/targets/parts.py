"""What of a text is about one brand, and the way back to where it stood. Pure; any thread."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

JOINT = "，"
"""Stands between two pieces that were apart in the original."""

Span = tuple[int, int]
Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison says of the brand: log-odds of positive against negative, and the words.

    `asked` is a predicate whose side only an engine can tell; `side` is then what it counts with:
    as it is (1) for the one praised or blamed, reversed (-1) for the standard of comparison.
    """

    side: float
    start: int
    end: int
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """`text` is to be judged for the brand; empty when only comparisons speak of it.

    `places`: (start in `text`, start in the original, length), in order. `shared`: other brands stand
    in the same clauses (a list). `rivals`: some of the original is about others and left out.
    """

    text: str
    places: tuple[Place, ...]
    verdicts: tuple[Verdict, ...] = ()
    shared: bool = False
    rivals: bool = False

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where the pieces stand in the original."""
        return tuple((origin, origin + length) for _start, origin, length in self.places)

    @property
    def read_from(self) -> tuple[Span, ...]:
        """Everything in the original that the tone is read from: the pieces and the comparisons."""
        return tuple(merged([*self.spans, *((each.start, each.end) for each in self.verdicts)]))

    def original(self, start: int, end: int) -> Span:
        """The span of the original for `text[start:end]`; over a joint, from the first to the last."""
        pieces = self.pieces(start, end)
        if not pieces:
            return (0, 0)
        return min(low for low, _high in pieces), max(high for _low, high in pieces)

    def pieces(self, start: int, end: int) -> list[Span]:
        """The same, one span of the original for each piece that was touched."""
        first = bisect_right(self.places, start, key=lambda place: place[0]) - 1
        out = []
        for at, origin, length in self.places[max(first, 0) :]:
            if at >= end:
                break
            low, high = max(start, at), min(end, at + length)
            if low < high:
                out.append((origin + low - at, origin + high - at))
        return out


def merged(spans: Iterable[Span]) -> list[Span]:
    """In order; spans that touch or overlap become one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        elif start < end:
            out.append((start, end))
    return out


def cut(text: str, spans: Iterable[Span]) -> tuple[str, tuple[Place, ...]]:
    """The pieces of `text`, joined, and where each stood."""
    pieces: list[str] = []
    places: list[Place] = []
    at = 0
    for start, end in merged(spans):
        if pieces:
            pieces.append(JOINT)
            at += len(JOINT)
        pieces.append(text[start:end])
        places.append((at, start, end - start))
        at += end - start
    return "".join(pieces), tuple(places)
