"""What of a post the model reads: the folded own words, and their character n-grams.

Folding is `app.matching.fold`; on top of it addresses, @names, replies-to and what is left of HTML
are left out, a run of digits becomes one 0, a character written more than three times stays three
times, and the names the caller watches become a character no n-gram holds, so that a name carries no
tone. Bracket emoticons and emoji stay.

Training and judging both read through this file: whoever changes what it yields trains again and
raises READING. Pure; any thread, and the scoring process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import add

from app.domain.plain import own_part
from app.matching.fold import Folded, folded

READING = 2
"""The model file names the reading it was trained with; another one is refused."""

EDGE = "\x02"
"""Stands before the first and after the last character."""
NAME = "\x04"
"""Stands for a watched name; part of no n-gram of the model."""

LONGEST = 4
"""The longest n-gram of the model; a layer's have one to three characters."""

_ADDRESS = re.compile(r"(?:https?://|www\.)[a-z0-9./?=&%#_~:+\-]+")
_HANDLE = re.compile(r"回复 ?@[^:@]{1,30}:|(?:// ?)?@[\w\-·.]{1,30} ?:?")
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|#0?39);")
_DIGITS = re.compile(r"[0-9]+")
_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)
_BLANKS = re.compile(r" {2,}")

_Rule = tuple[re.Pattern[str], str]


def names_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for all watched names, the longest first; names of one character are too common."""
    known = {name for name in (folded(each).strip() for each in names) if len(name) > 1}
    if not known:
        return None
    return re.compile("|".join(map(re.escape, sorted(known, key=lambda name: (-len(name), name)))))


def repeats(text: str) -> bool:
    """Does the author repeat somebody else's post?"""
    return "//" in text and own_part(text) != (0, len(text))


def read(text: str, names: re.Pattern[str] | None = None, *, whole: bool = False) -> str:
    """The words the model judges, without the way back: the author's own, or the `whole` chain."""
    if not whole and "//" in text:
        start, end = own_part(text)
        text = text[start:end]
    flat = folded(text)
    for pattern, instead in _rules(flat, names):
        flat = pattern.sub(instead, flat)
    return flat.strip(" ")


def _rules(flat: str, names: re.Pattern[str] | None) -> Iterator[_Rule]:
    """What is replaced in a folded text, in order; rules that cannot apply are not tried."""
    blanks = False  # a folded text has no two side by side
    if "http" in flat or "www." in flat:
        yield _ADDRESS, " "
        blanks = True
    if "&" in flat:
        yield _ENTITY, " "
        blanks = True
    if "@" in flat:
        yield _HANDLE, " "
        blanks = True
    if names is not None:
        yield names, NAME
    yield _DIGITS, "0"
    # what is put in above makes no run of four but of names, and of blanks, which become one anyway
    if names is not None or _RUN.search(flat):
        yield _RUN, r"\1\1\1"
    if blanks:
        yield _BLANKS, " "


def edged(flat: str) -> str:
    """With the marks of both ends, as the model looks at it."""
    return EDGE + flat + EDGE


def grams(flat: str) -> set[str]:
    """Each character, pair and triple of a text that was `read`, once."""
    text = edged(flat)
    pairs = list(map(add, text, text[1:]))
    return {*flat, *pairs, *map(add, pairs, text[2:])}


def all_grams(flat: str) -> set[str]:
    """Every n-gram the model may learn from a text that was `read`: `grams`, and those of four."""
    text = edged(flat)
    pairs = list(map(add, text, text[1:]))
    return {*grams(flat), *map(add, pairs, pairs[2:])}


@dataclass(frozen=True, slots=True)
class Traced:
    """A text that was `read`, and for each of its characters the span of the original it stands for."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def trace(text: str, names: re.Pattern[str] | None = None, *, whole: bool = False) -> Traced:
    """As `read`, with the way back to the original."""
    first, last = own_part(text) if "//" in text and not whole else (0, len(text))
    given = Folded(text[first:last])
    flat = given.text
    starts, ends = given.places()
    # the rules look at the text as it is when their turn comes, as in `read`
    for pattern, instead in list(_rules(flat, names)):
        flat, starts, ends = _replaced(pattern, instead, flat, starts, ends)
    lead = len(flat) - len(flat.lstrip(" "))
    flat = flat.strip(" ")
    starts, ends = starts[lead : lead + len(flat)], ends[lead : lead + len(flat)]
    if first:
        starts, ends = [at + first for at in starts], [at + first for at in ends]
    return Traced(flat, starts, ends)


_Places = list[int]


def _replaced(
    pattern: re.Pattern[str], instead: str, flat: str, starts: _Places, ends: _Places
) -> tuple[str, _Places, _Places]:
    """`pattern.sub(instead, flat)`; what replaces several characters stands for all of them."""
    if pattern.search(flat) is None:
        return flat, starts, ends
    out: list[str] = []
    first: _Places = []
    after: _Places = []
    last = 0
    for match in pattern.finditer(flat):
        low, high = match.span()
        new = match.expand(instead)
        out += (flat[last:low], new)
        first += starts[last:low] + [starts[low]] * len(new)
        after += ends[last:low] + [ends[high - 1]] * len(new)
        last = high
    out.append(flat[last:])
    return "".join(out), first + starts[last:], after + ends[last:]
