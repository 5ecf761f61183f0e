"""Word lists compiled into one automaton, with guards against idioms and denials.

A list is a text file, one phrase a line, `#` begins a comment; its name is the key it stands for.
Three guard lists hold for all: `exceptions` (a phrase inside one does not count: 气炸了, 火锅),
`negations` (没有, 并未 …) and `fillers` that may stand between a negation and the phrase
(没有 发生 起火). A team's folder may hold lists of the same names, which replace the shipped ones.

Pure after loading; any thread. One pass over a text, whatever the number of phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

import ahocorasick

from app.errors import ConfigError
from app.i18n import _
from app.matching.fold import fold, folded

Span = tuple[str, int, int]
"""A key, and the span of the original text."""

_GUARDS = "guards"
_LARGEST = 1_000_000
_BREAK = re.compile(r"[。！？!?；;，,、\n\r…~：:]")


@dataclass(frozen=True, slots=True)
class Phrases:
    """Find every phrase of every list in a text."""

    automaton: ahocorasick.Automaton
    exceptions: ahocorasick.Automaton
    denial: re.Pattern[str]

    @classmethod
    def of(cls, lists: Mapping[str, Iterable[str]], guards: Mapping[str, Iterable[str]]) -> Phrases:
        return cls(
            _automaton(lists),
            _automaton({"": guards.get("exceptions", ())}),
            _denial(guards.get("negations", ()), guards.get("fillers", ())),
        )

    def find(self, text: str) -> tuple[Span, ...]:
        """Spans in order of place; of overlapping spans with one key the longest stays."""
        flat = fold(text)
        found = _hits(self.automaton, flat.text)
        if not found:
            return ()
        reach = _reach(self.exceptions, flat.text)
        kept = [hit for hit in found if reach[hit[1]] < hit[2] and not self._denied(flat.text, hit[1])]
        return tuple((key, *flat.original(start, end)) for key, start, end in _longest(kept))

    def _denied(self, text: str, start: int) -> bool:
        before = text[max(0, start - 14) : start]
        return self.denial.search(_BREAK.split(before)[-1]) is not None


def _reach(exceptions: ahocorasick.Automaton, text: str) -> list[int]:
    """For each place, how far the exceptions that began there or before reach."""
    reach = [0] * (len(text) + 1)
    for _key, start, end in _hits(exceptions, text):
        reach[start] = max(reach[start], end)
    return list(accumulate(reach, max))


def _hits(automaton: ahocorasick.Automaton, text: str) -> list[Span]:
    if automaton.kind != ahocorasick.AHOCORASICK:  # no phrase at all
        return []
    spans: list[Span] = []
    for last, (keys, phrase) in automaton.iter(text):
        start, end = last - len(phrase) + 1, last + 1
        if _whole(text, start, end):
            spans.extend((key, start, end) for key in keys)
    return spans


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


def _automaton(lists: Mapping[str, Iterable[str]]) -> ahocorasick.Automaton:
    owners: dict[str, set[str]] = {}
    for key, phrases in lists.items():
        for phrase in phrases:
            if flat := folded(phrase).strip():
                owners.setdefault(flat, set()).add(key)
    automaton = ahocorasick.Automaton()
    for flat, keys in owners.items():
        automaton.add_word(flat, (tuple(sorted(keys)), flat))
    if owners:
        automaton.make_automaton()
    return automaton


def _denial(negations: Iterable[str], fillers: Iterable[str]) -> re.Pattern[str]:
    """Matches a clause's beginning that denies what follows; 是不是, 差点没 and 难道 deny nothing."""
    no = _any(negations)
    if not no:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!是)(?<!差点)(?<!险些)(?<!难道)(?:{no})(?:{_any(fillers) or '(?!)'})*$")


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
