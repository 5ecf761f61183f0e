"""The columns of the index: one array a field, numbered from `base` on, dropped from the front."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import ClassVar


class Columns:
    """Rows are numbered for ever; row `number` stands at place `number - base` of every column."""

    FIELDS: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        self.base = 0
        for name, code in self.FIELDS.items():
            setattr(self, name, array(code))

    def arrays(self) -> Iterator[tuple[str, array[float]]]:
        for name in self.FIELDS:
            yield name, getattr(self, name)

    def drop(self, count: int) -> None:
        for _name, column in self.arrays():
            del column[:count]
        self.base += count


class Posts(Columns):
    """Every post of the window."""

    FIELDS = {  # noqa: RUF012  # read only
        "at": "d",
        "clock": "d",
        "story": "I",
        "of": "I",
        "variant": "I",
        "followers": "I",
        "since": "I",
        "platform": "H",
        "similarity": "H",
        "way": "B",
    }
    at: array[float]
    clock: array[float]
    story: array[int]
    of: array[int]
    variant: array[int]
    followers: array[int]
    since: array[int]
    platform: array[int]
    similarity: array[int]
    way: array[int]

    def __len__(self) -> int:
        return len(self.at)


class Variants(Columns):
    """Every different text of the window, its story, its first and latest post, when it was last seen."""

    FIELDS = {  # noqa: RUF012  # read only
        "hash": "Q",
        "story": "I",
        "first": "I",
        "latest": "I",
        "born": "d",
        "alive": "d",
        "seen": "d",
        "size": "I",
        "depth": "B",
        "findable": "B",
    }
    hash: array[int]
    story: array[int]
    first: array[int]
    latest: array[int]
    born: array[float]
    alive: array[float]
    seen: array[float]
    size: array[int]
    depth: array[int]
    findable: array[int]

    def __len__(self) -> int:
        return len(self.hash)
