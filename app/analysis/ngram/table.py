"""All n-grams and cues of a model: which of them a text has, and their lanes added up.

An automaton finds everything in one pass. The lanes of an n-gram are read into ONE Python integer, 32
bits a lane. Adding such integers adds all lanes at once, exactly, so that `sum()` over the n-grams of a
text does the whole judgement in a handful of steps. The integers of rare n-grams are made when they
are first met: making all of them would take a fifth of the time to load. Any thread.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ahocorasick

AT_ONCE = 80_000
"""So many n-grams, the most frequent, have their integer from the start. Of those in a post, 97 in a
hundred are among them."""
_WIDTH = 4
"""Bytes a lane."""

Hit = tuple[int, int]
"""Where the last character of an n-gram or cue stands, and its number."""


class Table:
    """Numbered are the n-grams first, then the phrases, which weigh nothing."""

    __slots__ = ("_columns", "_get", "_integers", "_struct", "find")

    def __init__(self, finder: ahocorasick.Automaton, columns: Sequence[bytes], phrases: int) -> None:
        """`finder` yields numbers; `columns` have a byte an n-gram each, the most frequent first."""
        self._columns = columns
        self._struct = struct.Struct(f"<{len(columns) + 1}I")
        frequent = _integers([column[:AT_ONCE] for column in columns], self._struct.size)
        rare = [None] * (len(columns[0]) - len(frequent))
        self._integers: list[Any] = [*frequent, *rare, *[0] * phrases]
        self._get = self._integers.__getitem__
        self.find: Callable[[str], Iterable[Hit]] = finder.iter
        """Everything known that stands in a text, by where it ends."""

    def total(self, numbers: Iterable[int]) -> int:
        """The integers of some n-grams added up; the first lane counts them."""
        try:
            return sum(map(self._get, numbers))
        except TypeError:  # one of them is still None
            self._make(numbers)
            return sum(map(self._get, numbers))

    def _make(self, numbers: Iterable[int]) -> None:
        """Two threads at worst make the same one twice."""
        integers = self._integers
        for number in numbers:
            if integers[number] is None:
                lanes = self._struct.pack(1, *[column[number] for column in self._columns])
                integers[number] = int.from_bytes(lanes, "little")


def _integers(columns: Sequence[bytes], size: int) -> list[int]:
    count = len(columns[0])
    lanes = bytearray(count * size)
    lanes[0::size] = b"\x01" * count
    for number, column in enumerate(columns, start=1):
        lanes[number * _WIDTH :: size] = column
    from_bytes = int.from_bytes
    return [from_bytes(row, "little") for (row,) in struct.iter_unpack(f"{size}s", lanes)]
