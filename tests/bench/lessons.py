"""Our own lessons: sentences written for training, for what the labelled sets are too old to know.

`lessons/*.tsv` hold `label<TAB>pattern<TAB>how many`. In a pattern `{a|b|}` is a choice and `<name>`
a word of `lessons/*.txt`, which may itself hold choices and names. The same files always yield the
same sentences.

The challenge posts measure what was learnt here and come from the same desk, so a sentence that
shares RUN letters in a row with one of them, or all of a shorter one, is left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from pathlib import Path

from labelled import LABELS, Labelled

FOLDER = Path(__file__).parent / "lessons"
CHALLENGE = Path(__file__).parents[1] / "unit" / "analysis" / "challenge"
RUN = 6
OWN_WEIGHT = ("letters2", "scope")
"""Files that are sets of their own in training; sets weigh by the root of their size."""

_SLOT = re.compile(r"<([^<>]+)>")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_LETTERS = re.compile(r"[^0-9a-z\u3400-\u9fff]+")


def groups(folder: Path = FOLDER) -> dict[str, Labelled]:
    """Every lesson written out, each sentence once, in a fixed order; most files make one group."""
    slots = _slots(sorted(folder.glob("*.txt")))
    taken = taken_runs(CHALLENGE)
    seen: set[str] = set()
    found: dict[str, Labelled] = {}
    for path in sorted(folder.glob("*.tsv")):
        name = path.stem if path.stem in OWN_WEIGHT else "others"
        group = found.setdefault(name, Labelled(name, [], []))
        for line in path.read_text("utf-8").splitlines():
            label, pattern, *rest = line.split("\t")
            for text in _sentences(pattern, slots, int(rest[0]) if rest else 12):
                if text not in seen and not runs(text) & taken:
                    seen.add(text)
                    group.texts.append(text)
                    group.labels.append(LABELS[label])
    return found


def lessons(folder: Path = FOLDER) -> Labelled:
    """All of them as one set."""
    parts = groups(folder).values()
    return Labelled(
        "lessons",
        [text for part in parts for text in part.texts],
        [at for part in parts for at in part.labels],
    )


def taken_runs(challenge: Path) -> set[str]:
    posts = (line for path in challenge.glob("*.tsv") for line in path.read_text("utf-8").splitlines())
    return {run for post in posts for run in runs(post.split("\t")[2])}


def runs(text: str) -> set[str]:
    """Every RUN letters in a row, or all of them if there are fewer."""
    letters = _LETTERS.sub("", text.lower()) or text
    return {letters[at : at + RUN] for at in range(max(1, len(letters) - RUN + 1))}


def _slots(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Lines of one name add to each other; choices are parted by blanks."""
    slots: dict[str, list[str]] = {}
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            name, colon, words = line.partition(": ")
            if colon and not line.startswith("#"):
                known = slots.setdefault(name, [])
                known += [word for word in words.split() if word not in known]
    return slots


def _sentences(pattern: str, slots: dict[str, list[str]], most: int) -> list[str]:
    chance = random.Random(pattern)
    found: dict[str, None] = {}
    for _try in range(2 * most):
        text = pattern
        while "{" in text or "<" in text:
            text = _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), text)
            text = _SLOT.sub(lambda match: chance.choice(slots[match[1]]), text)
        found[text] = None
        if len(found) >= most:
            break
    return list(found)
