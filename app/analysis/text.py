"""What of a post is judged, and where each judged character stood in the original.

Pure; any thread, and the scoring process. Imports nothing heavy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.plain import own_part

HEAD = 400
TAIL = 200

_NOISE = re.compile(
    r"https?://[^\s\u4e00-\u9fff，。！？；、）】》”]+"
    r"|www\.[^\s\u4e00-\u9fff，。！？；、）】》”]+"
    r"|回复\s*@[^\s:：@]{1,40}\s*[:：]"
    r"|@[\w\-·]{1,40}"
    r"|[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CLAUSE = re.compile(
    r"[。！？!?；;，,、\n\r…~～：:（）()【】\[\]「」『』“”\"|]+|\.{2,}|\s{2,}|(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])"
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Judged:
    """`text` is made of characters of the original; `places[i]` is where its i-th one stood."""

    text: str
    places: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that `text[start:end]` was taken from."""
        return self.places[start], self.places[end - 1] + 1


def own_words(text: str) -> str:
    """The author's own words: no repeated post, addresses or @names; for people and word lists."""
    start, end = own_part(text)
    return " ".join(_NOISE.sub(" ", text[start:end]).split())


def judged(text: str, head: int = HEAD, tail: int = TAIL) -> Judged:
    """The author's own words with addresses and @names left out, each lone surrogate replaced.

    Of a long post only the first `head` and last `tail` characters are kept: people complain in
    the opening and conclude at the end, and a scorer's time grows with the length.
    """
    start, end = own_part(text)
    places = [*_kept(text, start, end)]
    if len(places) > head + tail:
        places = places[:head] + places[-tail:]
    return Judged(_SURROGATE.sub("\ufffd", "".join(text[i] for i in places)), tuple(places))


def _kept(text: str, start: int, end: int) -> list[int]:
    places: list[int] = []
    for noise in _NOISE.finditer(text, start, end):
        places.extend(range(start, noise.start()))
        start = noise.end()
    places.extend(range(start, end))
    return places


def clauses(text: str) -> tuple[str, ...]:
    """Cut at punctuation and line ends; never empty strings."""
    return tuple(part for part in (piece.strip() for piece in _CLAUSE.split(text)) if part)


def has_han(text: str) -> bool:
    """Is there any Chinese character?"""
    return _HAN.search(text) is not None
