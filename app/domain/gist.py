"""What a post, or a story of many posts, is about in a few words; every line stands in a post."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it stands in one of the texts given: `texts[index][start:end] == text`."""

    text: str
    index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gist:
    keywords: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
