"""Severity cues: words that make a mention serious whatever its tone (fire, injury, leak, lawyers …).

Pure after loading; any thread. The lists are `resources/words/severity/*.txt`; how a team replaces
them and what the guards do is said in `app.analysis.lists`. Names for people: `app.domain.cues`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.analysis.lists import Phrases, Span, load
from app.domain.sentiment import Cue

_HEAD = 20_000
"""Of a longer text only the beginning is searched; nobody hides a fire behind twenty pages."""


@dataclass(frozen=True, slots=True)
class Cues:
    """What `load_cues` makes."""

    phrases: Phrases

    def find(self, text: str) -> tuple[Span, ...]:
        """(key, start, end) in the original text, in order; empty for a harmless text."""
        return self.phrases.find(text[:_HEAD])

    def cues(self, text: str) -> tuple[Cue, ...]:
        """The same with the words that are the evidence, as they stand in the text."""
        found = self.find(text)
        return tuple([Cue(key, text[start:end], start, end) for key, start, end in found]) if found else ()

    def keys(self, text: str) -> tuple[str, ...]:
        """The keys found, each once, in order of their first place: what `Stored.severity` holds."""
        return tuple(dict.fromkeys(key for key, _start, _end in self.find(text)))


def load_cues(folder: Path | None = None) -> Cues:
    """The shipped lists, and those of `folder`/severity (a team's own words) in place of the same names."""
    lists, guards = load("severity", folder)
    guards["negations"] = (*guards.get("negations", ()), *guards.get("doubts", ()))
    return Cues(Phrases.of(lists, guards))
