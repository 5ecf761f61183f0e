"""What a post speaks about (quality, price, delivery …), and in what tone it speaks of each.

The words that name an aspect are the lists `resources/words/aspects/*.txt`; how a team replaces or
adds one is said in `app.analysis.lists` and docs/aspects.md. The tone is a scorer's, asked for the
clauses that name the aspect: 颜值满分，续航零分 is praise of the one and blame of the other.

Pure after loading; any thread, and the scoring process. Names for people: `app.domain.aspects`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.analysis.lists import Phrases, Span, load
from app.domain.aspects import OTHER
from app.domain.plain import own_part
from app.domain.sentiment import AspectTone, Tone

Chances = tuple[float, float, float]
"""P(negative), P(neutral), P(positive)."""
Probabilities = Callable[[Sequence[str]], list[Chances]]
"""One a text, in order."""

_HEAD = 20_000
"""Of a longer text only the beginning is searched."""
_JUDGED = 2_000
"""Of the clauses about one aspect no more characters are judged."""
_SHOWN = 12
"""Of one aspect no more places are handed on: they are to be marked, not counted."""
_CLAUSES_WEIGH = 0.7
"""How far the clauses decide; the rest is the whole post's, since a clause of four characters says little.
Of 1, 0.7 and 0.5 this was best on the sets that docs/aspects.md names."""
_LEAST = 1e-6
_SAFETY, _DANGERS = "safety", ("fire", "injury", "poison", "leak")
"""These severity lists name safety too, so that a post with such a cue always has the aspect."""
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_CUT = re.compile(
    rf"[，,。！!？?；;\n\r~～…]+|(?<=[{_HAN}])[ \t\u3000]+(?=[{_HAN}])"
    r"|(?<=.)(?=但|可是|不过|不過|然而|可惜|只是|只不过|只不過|就是(?![说說])|反而|却|卻)"
)
"""Between clauses: marks, blanks between Chinese characters, and before a word of contrast."""
_SENTENCE = re.compile(r"[。！!？?；;\n\r]")


@dataclass(frozen=True, slots=True)
class _Clause:
    start: int
    end: int
    keys: frozenset[str]
    """The aspects it names, or whose clause it goes on from."""


@dataclass(frozen=True, slots=True)
class Aspects:
    """What `load_aspects` makes."""

    phrases: Phrases

    def find(self, text: str) -> tuple[Span, ...]:
        """(key, start, end) of the words that name an aspect, in order of place.

        Of a repost only the author's own part is searched.
        """
        start, end = own_part(text) if "//" in text else (0, len(text))
        if start == 0 and end == len(text) <= _HEAD:
            return self.phrases.find(text)
        found = self.phrases.find(text[start : min(end, start + _HEAD)])
        return tuple((key, start + first, start + last) for key, first, last in found)

    def read(self, text: str, probabilities: Probabilities) -> tuple[AspectTone, ...]:
        """The aspects in order of their first place; `other` for a tone that is about none of them.

        `probabilities` is called once, the first text being `text` itself: whoever has judged that
        already may answer it from memory.
        """
        spans = self.find(text)
        if not spans:
            chances = probabilities([text])[0]
            tone = _tone(chances)
            return () if tone is Tone.NEUTRAL else (AspectTone(OTHER, tone, *chances),)
        keys = tuple(dict.fromkeys([key for key, _start, _end in spans]))
        if len(keys) == 1:
            return (_toned(keys[0], probabilities([text])[0], spans),)
        return self._several(text, spans, keys, probabilities)

    def _several(
        self, text: str, spans: Sequence[Span], keys: Sequence[str], probabilities: Probabilities
    ) -> tuple[AspectTone, ...]:
        clauses = _clauses(text, spans)
        said = {key: _joined(text, clauses, key) for key in keys}
        asked = tuple(dict.fromkeys((text, *said.values())))
        chances = dict(zip(asked, probabilities(asked), strict=True))
        whole = chances[text]
        return tuple(_toned(key, _blend(chances[said[key]], whole), spans) for key in keys)


def _toned(key: str, chances: Chances, spans: Iterable[Span]) -> AspectTone:
    places = [(start, end) for each, start, end in spans if each == key]
    return AspectTone(key, _tone(chances), *chances, tuple(places[:_SHOWN]))


def _tone(chances: Chances) -> Tone:
    """The likeliest; neutral when it is as likely as another."""
    negative, neutral, positive = chances
    if negative > neutral and negative > positive:
        return Tone.NEGATIVE
    return Tone.POSITIVE if positive > neutral and positive > negative else Tone.NEUTRAL


def _blend(part: Chances, whole: Chances) -> Chances:
    """The weighted geometric mean, summing to one."""
    negative, neutral, positive = (
        max(here, _LEAST) ** _CLAUSES_WEIGH * max(there, _LEAST) ** (1 - _CLAUSES_WEIGH)
        for here, there in zip(part, whole, strict=True)
    )
    total = negative + neutral + positive
    return negative / total, neutral / total, positive / total


def _clauses(text: str, spans: Sequence[Span]) -> list[_Clause]:
    """The clauses that speak of an aspect, from the first to the last; a clause that names none goes on
    from the one before it in the same sentence (客服很差，打了三次都不接)."""
    clauses: list[_Clause] = []
    going_on: frozenset[str] = frozenset()
    at = 0
    before = spans[0][1]
    for start, end in _pieces(text, spans):
        named = set()
        while at < len(spans) and spans[at][1] < end:
            named.add(spans[at][0])
            at += 1
        if _SENTENCE.search(text, before, start):
            going_on = frozenset()
        going_on = frozenset(named) or going_on
        if going_on:
            clauses.append(_Clause(start, end, going_on))
        before = end
    return clauses


def _pieces(text: str, spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """The stretches between cuts, up to the end of the part that was searched."""
    first, last = own_part(text) if "//" in text else (0, len(text))
    last = min(last, first + _HEAD)
    at = 0
    for cut in _CUT.finditer(text, first, last):
        start, end = cut.span()
        while at < len(spans) and spans[at][2] <= start:
            at += 1
        if at < len(spans) and spans[at][1] < start:  # a phrase is never torn apart
            continue
        if start > first:
            yield first, start
        first = end
    if first < last:
        yield first, last


def _joined(text: str, clauses: Sequence[_Clause], key: str) -> str:
    return "，".join(text[each.start : each.end] for each in clauses if key in each.keys)[:_JUDGED]


def load_aspects(folder: Path | None = None) -> Aspects:
    """The shipped lists, and those of `folder`/aspects (a team's own words) in place of the same names.

    A denial is no guard here: 没有赠品 speaks of marketing all the same, and 没有冒烟 of safety.
    """
    lists, guards = load("aspects", folder)
    dangers, _same = load("severity", folder)
    lists[_SAFETY] = (*lists.get(_SAFETY, ()), *(line for key in _DANGERS for line in dangers.get(key, ())))
    return Aspects(Phrases.of(lists, {"exceptions": guards.get("exceptions", ())}))
