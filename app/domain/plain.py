"""Hostile post text made safe to show on one line, and a repost split from what it repeats.

Pure; any thread. Nothing here escapes for a format (HTML, formulas): whoever writes a format does that.
"""

from __future__ import annotations

import re
import unicodedata

_REPOST = re.compile(r"//\s*@[^\s:：/@]{1,40}\s*[:：]?")
_BARE = frozenset({"转发微博", "转发", "转", "轉發微博", "轉發", "repost", "rt", "分享", "快转微博"})
_MEANINGLESS = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_JOINER = "\u200d"
"""Holds the parts of a family emoji together; the one format character worth keeping."""


def one_line(text: str, limit: int) -> str:
    """Control, bidi and zero-width characters gone, blanks folded, cut with an ellipsis."""
    head = text[: limit * 8 + 200]
    shown = "".join(c if _shows(c) else _gap(c) for c in head)
    flat = " ".join(shown.split()).strip(_JOINER)
    cut = len(flat) > limit or len(text) > len(head)
    return flat[: max(limit - 1, 0)].rstrip() + "…" if cut and limit else flat[:limit]


def _shows(character: str) -> bool:
    return character == _JOINER or unicodedata.category(character) not in _MEANINGLESS


def _gap(character: str) -> str:
    """A line break or tab parts words; an invisible character does not."""
    return " " if character in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029" else ""


def own_part(text: str) -> tuple[int, int]:
    """Where the author's own words stand: before the first `//@`, or the first part that says anything."""
    at = 0
    for mark in _REPOST.finditer(text):
        if _says(text[at : mark.start()]):
            return at, mark.start()
        at = mark.end()
    return (at, len(text)) if _says(text[at:]) else (0, len(text))


def _says(words: str) -> bool:
    said = words.strip(" \t\n\r。.!！,，~～:：")
    return bool(said) and said.casefold() not in _BARE
