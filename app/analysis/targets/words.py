"""The word lists of comparisons: other brands, and what makes the better or the worse of two.

The lists are `resources/words/targets/*.txt`, one entry a line, `#` begins a comment; a team's folder
may hold lists of the same names, which replace the shipped ones (see `app.analysis.lists`).

- `brands`: one brand a line, its names parted by " = "
- `common`: phrases in which a brand's name is no brand (小米粥)
- `others`: words for a rival that is not named (友商, 别家)
- `better`, `worse`: adjectives of comparisons; `more`, `less`: measures, which are good and bad unless
  what is measured is in `burden` (油耗, 噪音)

Pure after loading; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.analysis.lists import load
from app.matching.fold import folded

GROUP = "targets"


@dataclass(frozen=True, slots=True)
class Words:
    """All folded. `brands` has one tuple of names a brand."""

    brands: tuple[tuple[str, ...], ...] = ()
    common: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    burden: tuple[str, ...] = ()


def load_words(folder: Path | None = None) -> Words:
    """The shipped lists, and those of `folder`/targets in place of the same names."""
    lists, _guards = load(GROUP, folder)
    brands = (_folded(line.split(" = ")) for line in lists.get("brands", ()))
    plain = {
        name: _folded(lists.get(name, ()))
        for name in ("common", "others", "better", "worse", "more", "less", "burden")
    }
    return Words(brands=tuple(line for line in brands if line), **plain)


@cache
def shipped_words() -> Words:
    return load_words()


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    flat = (folded(word).strip() for word in words)
    return tuple(dict.fromkeys(word for word in flat if word))


def either(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; one that never matches for none."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, ordered)) or "(?!)"


class Polarity:
    """Whether the predicate of a comparison praises (+1), blames (-1) or says nothing we know (0)."""

    def __init__(self, words: Words) -> None:
        measures = {**dict.fromkeys(words.more, 1), **dict.fromkeys(words.less, -1)}
        self._signs = {**measures, **dict.fromkeys(words.worse, -1), **dict.fromkeys(words.better, 1)}
        self._measures = frozenset(measures)
        self._find = re.compile(either(self._signs))
        self._burden = re.compile(either(words.burden))
        self._generic = re.compile(_GENERIC)

    def of(self, predicate: str, topic: str) -> int:
        """`predicate` is what follows the standard (好多了), `topic` what stands before (油耗)."""
        found = self._find.search(predicate)
        if found is None:
            return -1 if self._burden.search(predicate) and _MUCH.search(predicate) else 0
        word = found.group()
        sign = self._signs[word]
        before = predicate[: found.start()]
        if word in self._measures and (self._burden.search(topic) or self._burden.search(predicate)):
            sign = -sign
        return -sign if _NOT.search(before[-4:]) else sign

    def generic(self, predicate: str) -> bool:
        """A judgement as such (好, 差), not of one property (省油)."""
        return self._generic.match(predicate) is not None

    def begins(self, predicate: str) -> bool:
        """Does it begin with an adjective, as the second half of 没有 B 好 does?"""
        found = self._find.search(predicate[:8])
        return found is not None


_NOT = re.compile(r"(?:不|没|没有|别|未)(?:那么|这么|太|怎么)?$")
_MUCH = re.compile(r"多|大|高|严重|频繁")
_GENERIC = (
    r"(?:的|要|更|还要?|都|也|真的|明显|简直|远远?|实在|确实|其实|绝对|可|是|差不多){0,3}"
    r"(?:好|强|棒|香|牛|差|烂|垃圾|靠谱|厉害|优秀|坑|拉)"
)
