"""Labelled texts from files a team keeps: `label<TAB>text`, a line each."""

from __future__ import annotations

import codecs
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.analysis.measures import NEGATIVE, NEUTRAL, POSITIVE
from app.errors import ImportFailed
from app.i18n import N_, _

LABELS = {
    **dict.fromkeys(("neg", "negative", "负面"), NEGATIVE),
    **dict.fromkeys(("neu", "neutral", "中性"), NEUTRAL),
    **dict.fromkeys(("pos", "positive", "正面"), POSITIVE),
}
"""In any case; whatever else stands before the tab makes a line unusable."""

NAMED = 5
"""Unusable lines that are named; the others are counted."""
_LARGEST = 500_000_000
_GARBLED = 0.01
"""With more replacement characters than this share a file is not UTF-8."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line cannot be used; `about` is an English source string."""

    line: int
    about: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """One file; `lines[i]` is the number of the line that text `i` stands on."""

    name: str
    texts: tuple[str, ...]
    labels: tuple[int, ...]
    lines: tuple[int, ...]
    problems: tuple[Problem, ...] = ()
    """The first NAMED of them."""
    unusable: int = 0

    def sample(self, n: int) -> Labelled:
        """So many of the texts, the same ones each time."""
        if n >= len(self.texts):
            return self
        at = sorted(random.Random(0).sample(range(len(self.texts)), n))  # noqa: S311  # no secret
        return replace(
            self,
            texts=tuple(self.texts[i] for i in at),
            labels=tuple(self.labels[i] for i in at),
            lines=tuple(self.lines[i] for i in at),
        )


def read(path: Path) -> Labelled:
    """Raises ImportFailed where there is no file, or nothing in it that could be measured."""
    found = parsed(_text(path), str(path))
    if not found.texts:
        said = _(
            "There is no labelled text in {path} ({problem}). A line is neg, neu or pos, a tab and a text."
        )
        first = found.problems[0] if found.problems else None
        problem = told(first) if first else _("it is empty")
        raise ImportFailed(said.format(path=path, problem=problem))
    return found


def told(problem: Problem) -> str:
    return _("line {n}: {problem}").format(n=problem.line, problem=_(problem.about))


def parsed(text: str, name: str) -> Labelled:
    """Columns after the second are left alone; blank lines are none."""
    rows: list[tuple[int, str, int]] = []
    problems: list[Problem] = []
    unusable = 0
    for number, line in _lines(text):
        label, tab, rest = line.partition("\t")
        value, post = LABELS.get(label.strip().casefold()), rest.split("\t", 1)[0].strip()
        if value is not None and post:
            rows.append((value, post, number))
            continue
        unusable += 1
        if len(problems) < NAMED:
            problems.append(Problem(number, _problem(tab, value)))
    labels, texts, lines = zip(*rows, strict=True) if rows else ((), (), ())
    return Labelled(name, texts, labels, lines, tuple(problems), unusable)


def _problem(tab: str, label: int | None) -> str:
    if not tab:
        return N_("no tab")
    return N_("unknown label") if label is None else N_("no text")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Only line feeds end a line: posts hold every other kind of break."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.rstrip("\r")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise ImportFailed(_("The file {path} is too large.").format(path=path))
        raw = path.read_bytes()
    except OSError as error:
        said = _("The file {path} cannot be read: {reason}.")
        reason = error.strerror or type(error).__name__
        raise ImportFailed(said.format(path=path, reason=reason), details=str(error)) from error
    return decoded(raw)


def decoded(raw: bytes) -> str:
    """UTF-8 with or without a mark, a spreadsheet's UTF-16, or a Chinese Windows' GB18030."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    text = raw.decode("utf-8-sig", "replace")
    if text.count("\ufffd") > _GARBLED * len(text):
        return raw.decode("gb18030", "replace")
    return text
