"""Word lists compiled into one automaton, with guards against idioms and denials.

A list is a text file, one phrase a line, `#` begins a comment; its name is the key it stands for.
Two kinds of lines say more than a phrase: `电池…炸` is both parts in one clause with a few characters
between them, `-包装设计` (or `-轮…鼓包`) a longer phrase in which this list's own words do not count.

Four guard lists hold for all: `exceptions` (a phrase inside one does not count: 气炸了, 火锅),
`negations` (没有, 并未 …), `fillers` that may stand between a negation and the phrase
(没有 发生 起火) and `behind`, what takes it back from behind (起火是谣言). A team's folder may hold
lists of the same names, which replace the shipped ones.

Pure after loading; any thread. One pass over a text, whatever the number of phrases; what guards
cost is paid only by texts in which a phrase was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import ahocorasick

from app.errors import ConfigError
from app.i18n import _
from app.matching.fold import Folded, fold, folded

Span = tuple[str, int, int]
"""A key, and the span of the original text."""

_GUARDS = "guards"
_LARGEST = 1_000_000
_REMEMBERED = 2_000
"""A longer text is not kept in memory after it was answered."""
_BREAK = re.compile(r"[。！？!?；;，,、\n\r~：:]|\.\.")
"""Ends a clause of a folded text, in which an ellipsis is three full stops."""
_APART = 8
"""So many characters may stand between the two parts of `电池…炸`."""
_BEFORE, _AFTER = 14, 12
"""How far a denial is looked for in front of a phrase and behind it."""
_FEW = 100
"""So many pairs are compared one by one; more would take time that grows with their square."""
_ALL = ""
"""As the key of an exception: of every list."""
_GAP = re.compile(r"\.{3,}")
"""`…` as folding leaves it."""

_Hit = tuple[str, int, int, int]
"""A key, the span, and where the part begins that an exception must cover: the start, but for `A…B`."""


class _Gap(NamedTuple):
    """One part of `A…B` was met; where is the other?"""

    key: str
    other: str
    before: bool
    """Must the other part stand before this one?"""
    exception: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a phrase in the automaton stands for."""

    length: int
    latin: bool
    """Does it begin or end with a Latin letter or digit?"""
    keys: tuple[str, ...]
    barred: tuple[str, ...]
    """Keys of which this phrase is an exception."""
    gaps: tuple[_Gap, ...]
    """Of which `A…B` it is the longer part: that one is met less often."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """Find every phrase of every list in a text."""

    automaton: ahocorasick.Automaton
    denial: re.Pattern[str] | None
    behind: re.Pattern[str] | None

    @classmethod
    def of(cls, lists: Mapping[str, Iterable[str]], guards: Mapping[str, Iterable[str]]) -> Phrases:
        return cls(
            _automaton(lists, guards.get("exceptions", ())),
            _denial(guards.get("negations", ()), guards.get("fillers", ())),
            _behind(guards.get("behind", ())),
        )

    def find(self, text: str) -> tuple[Span, ...]:
        """Spans in order of place; of overlapping spans with one key the longest stays."""
        flat = _folded(text)
        found = self.hits(flat.text)
        if flat.text != text:
            found = [(key, *flat.original(start, end)) for key, start, end in found]
        return tuple(found)

    def hits(self, text: str) -> list[Span]:
        """The same in a folded text, with its offsets."""
        found, barred = self._scan(text)
        if found and barred:
            found = _unbarred(found, barred, len(text))
        if found and (self.denial is not None or self.behind is not None):
            found = [hit for hit in found if not self._denied(text, hit)]
        spans = [hit[:3] for hit in found]
        return _longest(spans) if len(spans) > 1 else spans

    def _scan(self, text: str) -> tuple[list[_Hit], list[Span]]:
        """Every phrase, and every exception with the key it holds for."""
        found: list[_Hit] = []
        barred: list[Span] = []
        if self.automaton.kind != ahocorasick.AHOCORASICK:  # no phrase at all
            return found, barred
        raw = text.encode("utf-8", "replace")
        end = counted = 0
        for last, entry in self.automaton.iter(raw.decode("latin-1")):
            end += len(raw[counted : last + 1].decode())
            counted = last + 1
            start = end - entry.length
            if entry.latin and not _whole(text, start, end):
                continue
            for key in entry.keys:
                found.append((key, start, end, start))
            for key in entry.barred:
                barred.append((key, start, end))
            for gap in entry.gaps:
                hit = _both(text, gap, start, end)
                if hit is not None and gap.exception:
                    barred.append(hit[:3])
                elif hit is not None:
                    found.append(hit)
        return found, barred

    def _denied(self, text: str, hit: _Hit) -> bool:
        _key, start, end, core = hit
        if self.denial is not None:
            # Of `A…B` both may be denied: 没有手机爆炸, 手机没有爆炸.
            for at in {start, core}:
                before = text[max(0, at - _BEFORE) : at]
                if before and self.denial.search(_BREAK.split(before)[-1]) is not None:
                    return True
        return self.behind is not None and self.behind.match(text, end, end + _AFTER) is not None


_last: tuple[str, Folded] | None = None


def _folded(text: str) -> Folded:
    """The very same text is asked for cues, then for aspects: it is folded once."""
    global _last  # noqa: PLW0603  # a tuple is replaced as a whole, whichever thread does it
    known = _last
    if known is None or known[0] is not text:
        known = (text, fold(text))
        if len(text) <= _REMEMBERED:
            _last = known
    return known[1]


def _both(text: str, gap: _Gap, start: int, end: int) -> _Hit | None:
    """`A…B`, of which one part stands at `start` and the other near it in the same clause."""
    if gap.before:
        first = text.rfind(gap.other, max(0, start - _APART - len(gap.other)), start)
        if first < 0 or _BREAK.search(text, first + len(gap.other), start):
            return None
        return gap.key, first, end, start
    last = text.find(gap.other, end, end + _APART + len(gap.other))
    if last < 0 or _BREAK.search(text, end, last):
        return None
    return gap.key, start, last + len(gap.other), last


def _unbarred(found: list[_Hit], barred: list[Span], size: int) -> list[_Hit]:
    """The hits that lie in no exception of their key or of all."""
    if len(found) * len(barred) <= _FEW:
        return [hit for hit in found if not any(_inside(hit, span) for span in barred)]
    reaches: dict[str, list[int]] = {}
    for key, start, end in barred:
        reach = reaches.setdefault(key, [0] * (size + 1))
        reach[start] = max(reach[start], end)
    # For each place, how far the exceptions reach that began there or before.
    reaches = {key: list(accumulate(reach, max)) for key, reach in reaches.items()}
    nothing = [0] * (size + 1)
    whole = reaches.get(_ALL, nothing)
    return [
        hit for hit in found if whole[hit[3]] < hit[2] and reaches.get(hit[0], nothing)[hit[3]] < hit[2]
    ]


def _inside(hit: _Hit, exception: Span) -> bool:
    key, start, end = exception
    return start <= hit[3] and hit[2] <= end and key in (_ALL, hit[0])


def _whole(text: str, start: int, end: int) -> bool:
    """A Latin word or number counts only where it stands alone (315, not 13150)."""
    left = start > 0 and _latin(text[start]) and _latin(text[start - 1])
    return not left and not (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _longest(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s[0], s[1], -s[2])):
        if kept and kept[-1][0] == span[0] and span[1] < kept[-1][2]:
            if span[2] > kept[-1][2]:
                kept[-1] = (span[0], kept[-1][1], span[2])
            continue
        kept.append(span)
    return sorted(kept, key=lambda s: (s[1], s[2], s[0]))


@dataclass(slots=True)
class _Owners:
    """What the lists say of one phrase."""

    keys: set[str] = field(default_factory=set)
    barred: set[str] = field(default_factory=set)
    gaps: set[_Gap] = field(default_factory=set)


def _automaton(lists: Mapping[str, Iterable[str]], exceptions: Iterable[str]) -> ahocorasick.Automaton:
    owners: dict[str, _Owners] = {}
    for key, phrases in lists.items():
        for phrase in phrases:
            _own(owners, key, phrase)
    for phrase in exceptions:
        if flat := folded(phrase).strip():
            owners.setdefault(flat, _Owners()).barred.add(_ALL)
    # Of UTF-8, byte by byte: the automaton tries the ways out of a state one after the other, and one way
    # for each of a thousand first characters would take three times as long as a byte's few.
    automaton = ahocorasick.Automaton()
    for flat, own in owners.items():
        latin = _latin(flat[0]) or _latin(flat[-1])
        keys, barred, gaps = tuple(sorted(own.keys)), tuple(sorted(own.barred)), tuple(sorted(own.gaps))
        entry = _Entry(len(flat), latin, keys, barred, gaps)
        automaton.add_word(flat.encode("utf-8", "replace").decode("latin-1"), entry)
    if owners:
        automaton.make_automaton()
    return automaton


def _own(owners: dict[str, _Owners], key: str, line: str) -> None:
    """Enter a line of a list: a phrase or `A…B`, behind a `-` an exception."""
    flat = folded(line).strip()
    exception = flat.startswith("-") and flat != "-"
    if exception:
        flat = flat[1:].strip()
    parts = [part.strip() for part in _GAP.split(flat)]
    if len(parts) == 2 and all(parts):
        before = len(parts[1]) >= len(parts[0])
        known, other = (parts[1], parts[0]) if before else (parts[0], parts[1])
        owners.setdefault(known, _Owners()).gaps.add(_Gap(key, other, before, exception))
    elif flat:
        own = owners.setdefault(flat, _Owners())
        (own.barred if exception else own.keys).add(key)


def _denial(negations: Iterable[str], fillers: Iterable[str]) -> re.Pattern[str] | None:
    """Matches a clause's beginning that denies what follows.

    是不是, 差点没 and 难道 deny nothing; 不得不, 要不, 还不, 怎么不 and 拒不 call for it.
    """
    no = _any(negations)
    if not no:
        return None
    no = re.sub(r"(?:^|(?<=\|))不(?=\||$)", "(?<![得要还么今拒])不", no)
    return re.compile(rf"(?<!是)(?<!差点)(?<!险些)(?<!难道)(?:{no})(?:{_any(fillers) or '(?!)'})*$")


def _behind(words: Iterable[str]) -> re.Pattern[str] | None:
    """Matches behind a phrase, where the same clause takes it back."""
    said = _any(words)
    return re.compile(rf"\?{{0,3}}[^。!?;,\n]{{0,6}}?(?:{said})") if said else None


def _any(words: Iterable[str]) -> str:
    flat = {folded(word).strip() for word in words}
    return "|".join(re.escape(word) for word in sorted(flat, key=lambda w: (-len(w), w)) if word)


def load(group: str, own: Path | None) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The lists of `words/GROUP` and the guards, a team's own files first; see `Phrases.of`."""
    return _folder(group, own), _folder(_GUARDS, own)


def _folder(group: str, own: Path | None) -> dict[str, tuple[str, ...]]:
    shipped = files("resources") / "words" / group
    lists = {name[:-4]: _phrases((shipped / name).read_text("utf-8")) for name in _names(shipped.iterdir())}
    folder = own / group if own is not None else None
    if folder is not None and folder.is_dir():
        lists |= {name[:-4]: _phrases(_read(folder / name)) for name in _names(folder.iterdir())}
    return lists


def _names(entries: Iterable[object]) -> list[str]:
    names = (str(getattr(entry, "name", "")) for entry in entries)
    return sorted(name for name in names if name.endswith(".txt") and not name.startswith("."))


def _read(path: Path) -> str:
    """A team's list may come from a Windows editor: UTF-8 with or without mark, or GB18030."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(_("The word list {name} is too large.").format(name=path.name))
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            _("The word list {name} cannot be read.").format(name=path.name), details=str(error)
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _phrases(text: str) -> tuple[str, ...]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))
