"""`tingfeng score`: a text a line in, one JSON object a line out, in order."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from io import BufferedReader
from typing import Any, cast

from app.analysis.lists import Phrases
from app.analysis.ngram import NgramScorer
from app.analysis.scoring import InProcess, ScoringProcess, scoring
from app.cli.session import Session
from app.domain.judging import Ask, Panel, Voice
from app.domain.sentiment import AspectTone, Score, Tone
from app.errors import ConfigError
from app.i18n import _

BATCH = 64
"""Texts judged before their answers are written; far less than a second's work for any engine."""
CHUNK = 65536
TARGET = 1
"""The brand_id the target has here; rivals follow."""

Probabilities = tuple[float, float, float]
Answers = Callable[[Sequence[str]], Iterable[dict[str, Any]]]


def score(session: Session, options: argparse.Namespace) -> int:
    """Answers whatever has arrived, at once; needs no home, reads the team's lists if there are any.

    `options`: engine, target (names of one brand), rival (names of others), no_evidence.
    """
    if sys.stdin is None:
        return 0
    panel = panel_of(options.target, options.rival)
    if options.no_evidence and options.engine == "ngram" and not panel.voices:
        answer(quick(NgramScorer()))
        return 0
    process = scoring(options.engine, here=True, words=session.home.words)
    try:
        process.configure(panel)
        answer(whole(process, panel, evidence=not options.no_evidence))
    finally:
        process.close()
    return 0


def panel_of(target: Sequence[str], rivals: Sequence[str]) -> Panel:
    """The first target and its further names are one brand; each rival is one."""
    names = tuple(dict.fromkeys(each.strip() for each in target))
    others = tuple(dict.fromkeys(each.strip() for each in rivals))
    if not all((*names, *others)):
        raise ConfigError(_("A brand's name cannot be empty."), field="target")
    if others and not names:
        raise ConfigError(_("Rivals are rivals of somebody: name the brand with --target."), field="rival")
    if not names:
        return Panel()
    return Panel(
        (
            Voice(TARGET, names),
            *(Voice(number, (name,), competitor=True) for number, name in enumerate(others, TARGET + 1)),
        )
    )


# asking -------------------------------------------------------------------------------------------


def quick(scorer: NgramScorer) -> Answers:
    """Tone and probabilities only: three times as fast."""

    def answers(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
        for text, given in zip(texts, scorer.probabilities(texts), strict=True):
            low, _middle, high = given
            yield {
                "text": text,
                "score": round((1 + high - low) / 2, 6),
                "tone": _tone(given).value,
                "p": _p(*given),
                "engine": scorer.engine,
                "version": scorer.version,
            }

    return answers


def _tone(given: Probabilities) -> Tone:
    """As NgramScorer has it: neutral when it is as likely as another."""
    low, middle, high = given
    if low > middle and low > high:
        return Tone.NEGATIVE
    return Tone.POSITIVE if high > middle else Tone.NEUTRAL


def whole(process: InProcess | ScoringProcess, panel: Panel, *, evidence: bool) -> Answers:
    """The whole judgement; with a target towards it."""
    named = Phrases.of({str(voice.brand_id): voice.names for voice in panel.voices}, {})

    def asked(text: str) -> Ask:
        """The target is always asked for: who names it says that the texts are about it."""
        if not panel.voices:
            return Ask(text)
        found = {int(key) for key, _start, _end in named.find(text)}
        return Ask(text, tuple(sorted(found | {TARGET})))

    def answers(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
        scores = process.submit([asked(text) for text in texts]).result()
        for text, one in zip(texts, scores, strict=True):
            fields = judged_fields(text, one, panel)
            yield fields if evidence else {name: fields[name] for name in _SHORT}

    return answers


_SHORT = ("text", "score", "tone", "p", "engine", "version")


def judged_fields(text: str, one: Score, panel: Panel) -> dict[str, Any]:
    """Everything a score says, as docs/command-line.md has it; `towards` where brands were named."""
    fields = {
        "text": text,
        "score": round(one.value, 6),
        "tone": one.tone.value,
        "p": _p(one.negative, one.neutral, one.positive),
        "engine": one.engine,
        "version": one.version,
        "evidence": [{**asdict(each), "weight": round(each.weight, 6)} for each in one.evidence],
        "aspects": [_aspect(text, each) for each in one.aspects],
        "severity": [
            {"cue": cue.key, "span": cue.span, "start": cue.start, "end": cue.end} for cue in one.severity
        ],
        "note": one.note,
    }
    if panel.voices:
        fields["towards"] = [
            {
                "brand": voice.names[0],
                "tone": each.tone.value,
                "p": _p(each.negative, each.neutral, each.positive),
                "spans": [_span(text, start, end) for start, end in each.spans],
            }
            for each in one.towards
            if (voice := panel.voice(each.brand_id)) is not None
        ]
    return fields


def _aspect(text: str, one: AspectTone) -> dict[str, Any]:
    return {
        "aspect": one.aspect,
        "tone": one.tone.value,
        "p": _p(one.negative, one.neutral, one.positive),
        "spans": [_span(text, start, end) for start, end in one.spans],
    }


def _p(negative: float, neutral: float, positive: float) -> dict[str, float]:
    return {"neg": round(negative, 6), "neu": round(neutral, 6), "pos": round(positive, 6)}


def _span(text: str, start: int, end: int) -> dict[str, Any]:
    return {"span": text[start:end], "start": start, "end": end}


# reading and writing ------------------------------------------------------------------------------


def answer(answers: Answers) -> None:
    """Every line of standard input; what is there is answered before more is waited for."""
    for lines in arrivals():
        for at in range(0, len(lines), BATCH):
            _write(answers(lines[at : at + BATCH]))


def _write(documents: Iterable[dict[str, Any]]) -> None:
    """One write a batch; a line is complete before anybody sees it."""
    print("\n".join(json.dumps(each, ensure_ascii=False) for each in documents), flush=True)


def arrivals() -> Iterator[list[str]]:
    """The lines of standard input as they arrive, however slow whoever writes them is."""
    incoming = cast("BufferedReader", sys.stdin.buffer)
    left: list[bytes] = []  # the pieces of a line that has not ended
    while piece := incoming.read1(CHUNK):
        *ended, last = piece.split(b"\n")
        if not ended:
            left.append(last)
            continue
        ended[0] = b"".join((*left, ended[0]))
        left = [last]
        yield [_decoded(line) for line in ended]
    rest = b"".join(left)
    if rest:
        yield [_decoded(rest)]


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n")
