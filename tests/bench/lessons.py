"""Our own lessons: sentences written for training, for what the labelled sets are too old to know.

`lessons/*.tsv` hold `label<TAB>pattern<TAB>how many`. In a pattern `{a|b|}` is a choice and `<name>`
a word of `lessons/slots.txt`. The same file always yields the same sentences.

The challenge posts measure what was learnt here and come from the same desk, so a sentence that
shares RUN letters in a row with one of them, or all of a shorter one, is left out.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from labelled import LABELS, Labelled

FOLDER = Path(__file__).parent / "lessons"
CHALLENGE = Path(__file__).parents[1] / "unit" / "analysis" / "challenge"
RUN = 6

_SLOT = re.compile(r"<([^<>]+)>")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_LETTERS = re.compile(r"[^0-9a-z\u3400-\u9fff]+")


def lessons(folder: Path = FOLDER) -> Labelled:
    """Every lesson written out, each sentence once, in a fixed order."""
    slots = _slots(folder / "slots.txt")
    taken = taken_runs(CHALLENGE)
    found: dict[str, int] = {}
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            label, pattern, *rest = line.split("\t")
            for text in _sentences(pattern, slots, int(rest[0]) if rest else 12):
                if not runs(text) & taken:
                    found.setdefault(text, LABELS[label])
    return Labelled("lessons", list(found), list(found.values()))


def taken_runs(challenge: Path) -> set[str]:
    posts = (line for path in challenge.glob("*.tsv") for line in path.read_text("utf-8").splitlines())
    return {run for post in posts for run in runs(post.split("\t")[2])}


def runs(text: str) -> set[str]:
    """Every RUN letters in a row, or all of them if there are fewer."""
    letters = _LETTERS.sub("", text.lower()) or text
    return {letters[at : at + RUN] for at in range(max(1, len(letters) - RUN + 1))}


def _slots(path: Path) -> dict[str, list[str]]:
    slots = {}
    for line in path.read_text("utf-8").splitlines():
        name, colon, words = line.partition(": ")
        if colon and not line.startswith("#"):
            slots[name] = words.split()
    return slots


def _sentences(pattern: str, slots: dict[str, list[str]], most: int) -> list[str]:
    chance = random.Random(pattern)
    found: dict[str, None] = {}
    for _try in range(2 * most):
        text = _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), pattern)
        text = _SLOT.sub(lambda match: chance.choice(slots[match[1]]), text)
        found[text] = None
        if len(found) >= most:
            break
    return list(found)
