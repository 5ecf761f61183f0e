"""Two containers that hold millions of small things in little memory: a table of hashes, a shelf of texts.

Numbers given out rise for ever; what is oldest is dropped from the front. Not safe for several threads.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

HELD = 4096
"""Common hashes whose numbers are held ready: the words of the day are looked up with every post."""
RARE = 3
"""What a hash that few share counts, against one that many share."""


class Table:
    """32-bit hashes to numbers, several to a hash; open addressing in two arrays of 8 bytes a place.

    `floor`: numbers below it are forgotten; their places are used again. Of one hash the `most` highest
    numbers are kept, so a word that everybody uses costs no more than another. False finds are
    possible (callers compare), lost ones are not.
    """

    def __init__(self, most: int, capacity: int = 1 << 10) -> None:
        self.floor = 0
        self._most = most
        self._used = 0
        self._keys = array("I", bytes(4 * capacity))
        self._values = array("I", bytes(4 * capacity))
        self._ready: dict[int, list[int]] = {}
        self._ready_floor = 0

    def find(self, hash_: int) -> list[int]:
        """Numbers kept under the hash, in no order."""
        keys, values, floor = self._keys, self._values, self.floor
        mask = len(keys) - 1
        at = (hash_ * 0x9E3779B1 >> 7) & mask
        out: list[int] = []
        while value := values[at]:
            if keys[at] == hash_ and value > floor:
                out.append(value - 1)
            at = (at + 1) & mask
        return out

    def votes(self, hashes: Iterable[int]) -> tuple[dict[int, int], set[int]]:
        """How much speaks for each number, and the hashes that are common (`most` numbers kept).

        A common hash counts 1, any other RARE.
        """
        keys, values, floor, most = self._keys, self._values, self.floor, self._most
        mask, ready = len(keys) - 1, self._held()
        spoken: list[int] = []
        common: set[int] = set()
        for hash_ in hashes:
            found = ready.get(hash_)
            if found is None:
                at = (hash_ * 0x9E3779B1 >> 7) & mask
                found = []
                while value := values[at]:
                    if keys[at] == hash_ and value > floor:
                        found.append(value - 1)
                    at = (at + 1) & mask
                if len(found) < most:
                    spoken += found * RARE
                    continue
                ready[hash_] = found
            common.add(hash_)
            spoken += found
        return Counter(spoken), common

    def add(self, hash_: int, number: int) -> None:
        """`number` >= `floor`."""
        self.add_all((hash_,), number)

    def add_all(self, hashes: Sequence[int], number: int) -> None:
        """Under each of the hashes; `number` >= `floor`."""
        if (self._used + len(hashes)) * 3 >= len(self._keys) * 2:
            self._renew()
        keys, values, floor, most = self._keys, self._values, self.floor, self._most
        mask, ready = len(keys) - 1, self._held()
        for hash_ in hashes:
            at = (hash_ * 0x9E3779B1 >> 7) & mask
            count, oldest, free = 0, -1, -1
            while value := values[at]:
                if value <= floor:
                    if free < 0:
                        free = at
                elif keys[at] == hash_:
                    count += 1
                    if oldest < 0 or value < values[oldest]:
                        oldest = at
                at = (at + 1) & mask
            if count >= most:
                if number < values[oldest]:
                    continue  # so what is held does not depend on the order of adding
                free = oldest
                if hash_ in ready:
                    numbers = ready[hash_]
                    numbers[numbers.index(values[oldest] - 1)] = number
            elif free < 0:
                free = at
                self._used += 1
            keys[free], values[free] = hash_, number + 1

    def _held(self) -> dict[int, list[int]]:
        """The numbers of common hashes that were asked for, none of them forgotten."""
        if self.floor != self._ready_floor or len(self._ready) > HELD:
            self._ready, self._ready_floor = {}, self.floor
        return self._ready

    def _renew(self) -> None:
        """Without what is forgotten, and twice as large if it is still full."""
        keys, values, floor = self._keys, self._values, self.floor
        alive = sum(1 for value in values if value > floor)
        capacity = len(keys)
        while alive * 2 >= capacity:
            capacity *= 2
        self._keys, self._values = array("I", bytes(4 * capacity)), array("I", bytes(4 * capacity))
        mask, new_keys, new_values = capacity - 1, self._keys, self._values
        for i, value in enumerate(values):
            if value > floor:
                key = keys[i]
                at = (key * 0x9E3779B1 >> 7) & mask
                while new_values[at]:
                    at = (at + 1) & mask
                new_keys[at], new_values[at] = key, value
        self._used = alive


class Shelf:
    """Byte strings, numbered from `base` on."""

    def __init__(self) -> None:
        self.base = 0
        self.data = bytearray()
        self.ends = array("Q")
        self.begin = 0
        """Bytes dropped so far; `ends` count from the very first byte."""

    def __len__(self) -> int:
        return len(self.ends)

    def add(self, value: bytes) -> None:
        self.data += value
        self.ends.append(self.begin + len(self.data))

    def get(self, number: int) -> bytes:
        at = number - self.base
        start = self.ends[at - 1] if at else self.begin
        return bytes(self.data[start - self.begin : self.ends[at] - self.begin])

    def drop(self, count: int) -> None:
        """Forget the first `count`."""
        if count:
            upto = self.ends[count - 1]
            del self.data[: upto - self.begin]
            del self.ends[:count]
            self.begin = upto
            self.base += count
