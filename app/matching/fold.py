"""One way of writing for every text: what a query and a post must agree on before they are compared.

Folded away are width (ＡＢ, ㎏), case, Traditional against Simplified, invisible and control
characters, variation selectors, stray accents and runs of white space. Folding is lossy on purpose
and idempotent: it is for comparing, never for showing; `Folded.original` leads back to the text.

Chinese is folded character by character, after OpenCC's tables. Where OpenCC needs the phrase to
decide (瞭解 but 瞭望, 藉口 but 狼藉) the characters fall together: both sides are folded alike, so this can
only join two spellings, never lose a match.

Pure; any thread. The table is made at first use (some 40 ms), not at import. The full-text index
holds folded text: whoever changes what folding yields raises FOLD_VERSION, and the index is rebuilt.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable

import opencc

FOLD_VERSION = 1

_BLANK = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029\u2800"
_IGNORED = (
    frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2065\u3164\uffa0\ufffe\uffff")
    | frozenset(map(chr, range(0x180B, 0x1810)))
    | frozenset(map(chr, range(0xFE00, 0xFE10)))
    | frozenset(map(chr, range(0xFFF0, 0xFFF9)))
    | frozenset(map(chr, range(0xE0000, 0xE1000)))
)
# Common code points that OpenCC leaves alone unless it sees the phrase they stand in.
_TOGETHER = {"著": "着", "瞭": "了", "藉": "借", "覆": "复", "馀": "余"}
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
# At most thirty marks at a time: putting marks into their order takes the square of their number.
_ACCENTED = re.compile(f"[^{_MARKS}]?[{_MARKS}]{{1,30}}")
_ANY_MARK = re.compile(f"[{_MARKS}]")
_JAMO = re.compile("[\u1100-\u1112\uac00-\ud7a3][\u1161-\u1175\u11a8-\u11c2]{1,2}")
_ANY_JAMO = re.compile("[\u1161-\u1175\u11a8-\u11c2]")
_SPACES = re.compile(" {2,}")
# Characters that fold one to one and never join a neighbour: if a text has no other, offsets agree.
_PLAIN = re.compile(
    "[\t\n\r -~\u3001-\u3029\u3041-\u3096\u30a1-\u30fe\u3400-\u4dbf\u4e00-\u9fff"
    "\uff01-\uff5e\u2018-\u201d\u2014\u00b7\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001f9ff]*"
)
# A text of every assigned character in turn must not fill the memory.
_REMEMBERED = 200_000


class _Table(dict[int, int | str]):
    """For `str.translate`, filled as characters are met: a number where one stays one, else text."""

    def __init__(self, simplified: dict[str, str]) -> None:
        super().__init__()
        self._simplified = simplified

    def __missing__(self, code: int) -> int | str:
        text = self._settled(chr(code))
        value: int | str = ord(text) if len(text) == 1 else text
        if len(self) < _REMEMBERED:
            self[code] = value
        return value

    def _settled(self, text: str) -> str:
        """Folded again until nothing changes, so that folding twice is folding once."""
        for _again in range(4):
            before, text = text, "".join(map(self._step, text))
            if text == before:
                break
        return text

    def _step(self, char: str) -> str:
        kind = unicodedata.category(char)
        if char in _BLANK or kind in {"Zs", "Zl", "Zp"}:
            return " "
        if kind in {"Cc", "Cf", "Cs"} or char in _IGNORED:
            return ""
        wide = unicodedata.normalize("NFKC", char)
        if wide.startswith(" "):
            return char  # a free-standing accent, which NFKC would hang on a space
        return unicodedata.normalize(
            "NFC", "".join(self._simplified.get(one, one) for one in wide.casefold())
        )


def _simplified() -> dict[str, str]:
    """Every Traditional character and the Simplified one, as OpenCC has them, without phrases."""
    basic = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    found = _differing("t2s", [*basic, *map(chr, range(0x20000, 0x323B0))])
    settled = set(found.values())
    for variant in ("tw2s", "hk2s"):
        for char, simple in _differing(variant, basic).items():
            if char not in settled:
                found.setdefault(char, simple)
    return found | _TOGETHER


def _differing(conversion: str, chars: list[str]) -> dict[str, str]:
    # A line break between them keeps OpenCC from seeing phrases.
    converted = opencc.OpenCC(conversion).convert("\n".join(chars)).split("\n")
    return {char: other for char, other in zip(chars, converted, strict=True) if char != other}


_lock = threading.Lock()
_made: _Table | None = None


def _table() -> _Table:
    global _made  # noqa: PLW0603  # made once, when first needed, in whichever thread needs it
    if _made is None:
        with _lock:
            if _made is None:
                _made = _Table(_simplified())
    return _made


def _composed(match: re.Match[str]) -> str:
    """A letter with its accent where there is such a letter; accents that fit none are struck off."""
    return _ANY_MARK.sub("", unicodedata.normalize("NFC", match[0]))


def _syllable(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match[0])


_Step = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]
_STEPS: tuple[_Step, ...] = ((_ACCENTED, _composed), (_JAMO, _syllable), (_SPACES, lambda _match: " "))


def folded(text: str) -> str:
    """`text` as it is compared; without the way back."""
    out = text.translate(_made if _made is not None else _table())
    if out.isascii():
        return _SPACES.sub(" ", out) if "  " in out else out
    if _ANY_MARK.search(out):
        out = _ACCENTED.sub(_composed, out)
    if _ANY_JAMO.search(out):
        out = _JAMO.sub(_syllable, out)
    return _SPACES.sub(" ", out) if "  " in out else out


class Folded:
    """A folded text that still knows where each of its characters came from."""

    __slots__ = ("_ends", "_given", "_starts", "text")

    def __init__(self, given: str) -> None:
        self.text = folded(given)
        self._given = given
        self._starts: list[int] | None = None
        self._ends: list[int] = []

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the given text that became `text[start:end]`.

        Half an expansion (the k of ㎏) is widened to the whole character; what was removed inside
        belongs to the span, what was removed before and after it does not.
        """
        if self._starts is None:
            self._starts, self._ends = self._traced()
        if start >= end:
            here = self._starts[start] if start < len(self._starts) else len(self._given)
            return here, here
        return self._starts[start], self._ends[end - 1]

    def places(self) -> tuple[list[int], list[int]]:
        """For each character of `text`, where what it stands for begins in the given text, and ends."""
        if self._starts is None:
            self._starts, self._ends = self._traced()
        return self._starts, self._ends

    def _traced(self) -> tuple[list[int], list[int]]:
        """Made only when a match asks for it: most texts never need one."""
        size = len(self._given)
        if len(self.text) == size and _PLAIN.fullmatch(self._given):
            return list(range(size)), list(range(1, size + 1))
        table = _table()
        pieces = [
            value if isinstance(value, str) else chr(value)
            for value in map(table.__getitem__, map(ord, self._given))
        ]
        starts = [at for at, piece in enumerate(pieces) for _ in piece]
        ends = [at + 1 for at in starts]
        text = "".join(pieces)
        for pattern, change in _STEPS:
            text, starts, ends = _replaced(pattern, change, text, starts, ends)
        return starts, ends


def _replaced(
    pattern: re.Pattern[str],
    change: Callable[[re.Match[str]], str],
    text: str,
    starts: list[int],
    ends: list[int],
) -> tuple[str, list[int], list[int]]:
    """`pattern.sub(change, text)`, with the offsets taken along."""
    out: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    last = 0
    for match in pattern.finditer(text):
        low, high = match.span()
        new = change(match)
        out += (text[last:low], new)
        new_starts += starts[last:low] + [starts[low]] * len(new)
        new_ends += ends[last:low] + [ends[high - 1]] * len(new)
        last = high
    out.append(text[last:])
    return "".join(out), new_starts + starts[last:], new_ends + ends[last:]


def fold(text: str) -> Folded:
    """`text` as it is compared, with the way back."""
    return Folded(text)
