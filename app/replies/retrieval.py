"""Which entry of the knowledge base answers a post: BM25 over folded text.

A text becomes single characters and pairs of neighbours (Chinese is written without blanks), words of Latin
letters and digits, and one token for each group of words that mean the same
(`resources/words/replies/synonyms.txt`). The question, its wordings and the product count fully, the answer
weakly.

Entries are put in order by all that agrees. Whether the first one fits at all is asked of what agrees
besides the product: a post that has nothing but the telephone in common with an entry about its battery is
not answered by it. What stays under the threshold is no answer, rather than a wrong one.

Pure; any thread. An index is made for a set of entries and never changed.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from heapq import nlargest
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import ahocorasick

from app.domain.knowledge import Entry, Fit
from app.domain.plain import own_part
from app.matching.fold import folded

VERSION = 1
"""Raised whenever the same entries and the same post may come out otherwise."""

_LONGEST = 1_000
"""So many characters of a text are looked at: people ask in the opening."""
_POSTINGS = 40_000
"""Places looked up for a post, the rarest terms first: what bounds the time of a search."""
_BACKGROUND = 60
"""So many entries are thought beside those that are there, or in a small base no word would be common."""
_K1, _B = 1.2, 0.6
_PRODUCT, _ANSWER, _SINGLE, _LIGHT_WEIGHT, _GROUP = 1.2, 0.2, 0.8, 0.4, 1.1
_OF_PRODUCT = 0.2
"""What a word of the product still says about whether an entry fits."""
_SHARED, _FEW = 0.4, 4
"""A term that so great a part of a product's entries hold is a word of the product; of at least so many."""
_HALF = 12.5
"""The weight of agreement that makes a score of one half."""
_LEAD, _ALONE = 2.0, 1.5
"""How much a lead over the second makes the first one surer, at the most; and where there is no second."""

_NOISE = re.compile(r"https?://\S+|@[\w\-·]{1,40}")
_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9][a-z0-9.+\-]*")
_STOP = frozenset(
    "的了是我你他她它们这那就都也还在啊吧呢吗嘛呀哦哈啦么着过得地和与及或但而且很太真好又再才只被把让给跟"
    "个些种每哪谁请问下您咱俩亲求救家人姐妹朋友"
)
_LIGHT = frozenset(
    "不没一有说到要去来时候上大小多少后前用点能会什年月日天号里出开完全直间东西道样最成做想看两三四五六七八九十百千"
    "半从早晚今明回起现"
)
_ASKS = re.compile(
    r"[?]|吗|怎么|怎样|如何|为什么|为啥|咋|什么时候|啥时候|多久|多少|哪里|哪儿|在哪|能不能|可不可以|是不是"
    r"|求助|求教|请问|想问|有没有.{0,10}(?:办法|说法|人)|能.{1,8}不"
)


class _Place(NamedTuple):
    """A term in an entry: what it adds to the order, and to whether the entry fits."""

    entry: int
    order: float
    fit: float


def asks(text: str) -> bool:
    """Does a post put a question, by its words?"""
    return _ASKS.search(folded(text[:_LONGEST])) is not None


@cache
def _groups() -> ahocorasick.Automaton:
    """Every word of the synonyms, and the groups it belongs to."""
    text = (files("resources") / "words" / "replies" / "synonyms.txt").read_text("utf-8")
    owners: dict[str, set[str]] = defaultdict(set)
    for number, line in enumerate(text.splitlines()):
        for word in line.split("#")[0].split():
            owners[folded(word)].add(f"={number}")
    automaton = ahocorasick.Automaton()
    for word, numbers in owners.items():
        automaton.add_word(word, (len(word), tuple(sorted(numbers))))
    automaton.make_automaton()
    return automaton


def names_of(brands: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the names in a folded text, the longest first; a Latin one only where it stands alone.

    A name of one character would be found in every other word, and is let be."""
    flat = {folded(name).strip() for name in brands}
    kept = sorted((name for name in flat if len(name) > 1), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(_whole, kept))) if kept else None


def _whole(name: str) -> str:
    """A pattern for a name, which must not begin or end within a Latin word."""
    left = r"(?<![a-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
    right = r"(?![a-z0-9])" if name[-1].isascii() and name[-1].isalnum() else ""
    return left + re.escape(name) + right


def terms(text: str, names: re.Pattern[str] | None = None, *, post: bool = False) -> dict[str, float]:
    """What a text is compared by, each term with its weight; `names` are left out.

    In a `post` a single character may stand for a group of words (怎么修: 维修), for people are brief. In
    our own words it would be part of others (保修).
    """
    start, end = own_part(text)
    flat = folded(_NOISE.sub(" ", text[start:end][:_LONGEST]))
    if names is not None:
        flat = names.sub(" ", flat)
    found: dict[str, float] = defaultdict(float)
    for run in _RUN.findall(flat):
        if not run[0].isascii():
            _characters(run, found)
        elif len(run) > 2 or not run.isdigit():
            found[run] += 1
    least = 1 if post else 2
    met = (groups for _end, (size, groups) in _groups().iter(flat) if size >= least)
    for group in {group for groups in met for group in groups}:
        found[group] += _GROUP
    return found


def _characters(run: str, found: dict[str, float]) -> None:
    for one in run:
        if one not in _STOP:
            found[one] += _SINGLE * (_LIGHT_WEIGHT if one in _LIGHT else 1)
    for first, second in pairwise(run):
        if first not in _STOP and second not in _STOP:
            found[first + second] += _LIGHT_WEIGHT if first in _LIGHT and second in _LIGHT else 1


class Index:
    """`names` are those of the brands: every post about a brand names it, and so they tell nothing."""

    def __init__(self, entries: Iterable[Entry], names: Iterable[str] = ()) -> None:
        self.entries = tuple(entry for entry in entries if entry.active)
        self._names = names_of(names)
        products = [terms(entry.product, self._names) for entry in self.entries]
        whole = [self._terms(entry, product) for entry, product in zip(self.entries, products, strict=True)]
        count = Counter(term for one in whole for term in one)
        size = len(whole) + _BACKGROUND
        self._rarity = {
            term: math.log(1 + (size - found + 0.5) / (found + 0.5)) for term, found in count.items()
        }
        self._places = self._put(whole, self._of_products(whole, products))

    def _terms(self, entry: Entry, product: dict[str, float]) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for text in (entry.title, *entry.patterns):
            for term, weight in terms(text, self._names).items():
                found[term] += weight
        for term, weight in product.items():
            found[term] += weight * _PRODUCT
        for term, weight in terms(entry.answer, self._names).items():
            found[term] += weight * _ANSWER
        return found

    def _of_products(
        self, whole: Sequence[dict[str, float]], products: Sequence[dict[str, float]]
    ) -> list[set[str]]:
        """For each entry the terms that only say which product it is about."""
        together: dict[str, list[dict[str, float]]] = defaultdict(list)
        for entry, found in zip(self.entries, whole, strict=True):
            together[folded(entry.product)].append(found)
        shared = {}
        for product, members in together.items():
            count = Counter(term for one in members for term in one)
            least = _SHARED * len(members)
            enough = len(members) >= _FEW and product
            shared[product] = {term for term, n in count.items() if n >= least} if enough else set()
        return [
            shared[folded(entry.product)] | product.keys()
            for entry, product in zip(self.entries, products, strict=True)
        ]

    def _put(
        self, whole: Sequence[dict[str, float]], common: Sequence[set[str]]
    ) -> dict[str, list[_Place]]:
        places: dict[str, list[_Place]] = defaultdict(list)
        lengths = [sum(found.values()) for found in whole]
        average = sum(lengths) / len(lengths) if lengths else 1.0
        for number, found in enumerate(whole):
            room = _K1 * (1 - _B + _B * lengths[number] / (average or 1.0))
            for term, weight in found.items():
                adds = self._rarity[term] * weight * (_K1 + 1) / (weight + room)
                fit = adds * (_OF_PRODUCT if term in common[number] else 1)
                places[term].append(_Place(number, adds, fit))
        return places

    def best(self, text: str, brands: Collection[int] | None = None, limit: int = 3) -> tuple[Fit, ...]:
        """The likeliest entries, best first, also those under the threshold (see `fitting`).

        `brands`: only entries of these and of every brand; None: of any.
        """
        order, fit = self._weigh(text)
        numbers = [number for number in order if self._allowed(number, brands)]
        chosen = nlargest(max(limit, 2), numbers, key=lambda number: (order[number], -number))
        if chosen:
            fit[chosen[0]] *= min(_LEAD, order[chosen[0]] / order[chosen[1]]) if chosen[1:] else _ALONE
        return tuple(
            Fit(self.entries[number], fit[number] / (fit[number] + _HALF)) for number in chosen[:limit]
        )

    def _allowed(self, number: int, brands: Collection[int] | None) -> bool:
        brand = self.entries[number].brand_id
        return brand is None or brands is None or brand in brands

    def _weigh(self, text: str) -> tuple[dict[int, float], dict[int, float]]:
        order: dict[int, float] = defaultdict(float)
        fit: dict[int, float] = defaultdict(float)
        left = _POSTINGS
        asked = [
            (term, weight)
            for term, weight in terms(text, self._names, post=True).items()
            if term in self._places
        ]
        for term, weight in sorted(asked, key=lambda one: (-self._rarity[one[0]], one[0])):
            left -= len(self._places[term])
            if left < 0:
                break
            times = min(weight, 2.0)
            for number, adds, fits in self._places[term]:
                order[number] += adds * times
                fit[number] += fits * times
        return order, fit


def fitting(found: Sequence[Fit]) -> Fit | None:
    """The best of `found`, where it is an answer at all."""
    return found[0] if found and found[0].fits else None
