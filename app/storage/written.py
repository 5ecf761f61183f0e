"""A judgement as columns, and back. Pure; any thread.

What a judgement says in lists (evidence, aspects, cues, brands) is JSON in a column each; an empty
list is an empty text, so that the many rows without one cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, NamedTuple

from app.domain.sentiment import AspectTone, Cue, Evidence, Score, Tone, Towards
from app.storage.edge import clean, dump, finite, load
from app.storage.models import ScoreRow

_S = ScoreRow

SCORE_COLUMNS: tuple[Any, ...] = (
    _S.value, _S.tone, _S.engine, _S.version, _S.negative, _S.neutral, _S.positive, _S.evidence,
    _S.aspects, _S.severity, _S.towards, _S.note,
)  # fmt: skip

TONES = {tone.value: tone for tone in Tone}
SIGNS = {Tone.NEGATIVE: "-", Tone.NEUTRAL: "0", Tone.POSITIVE: "+"}
_TONE_OF = {sign: tone for tone, sign in SIGNS.items()}

_Spans = tuple[tuple[int, int], ...]

# `dataclasses.astuple` copies every letter deeply; in a batch of judgements that took longer than SQL.
_evidence, _cue = (attrgetter(*(field.name for field in fields(one))) for one in (Evidence, Cue))


class Leaning(NamedTuple):
    """A tone and how likely each is, towards one brand."""

    tone: str
    negative: float
    neutral: float
    positive: float


def write_score(id_: int, revision: int, score: Score) -> dict[str, Any]:
    """The columns of `score`; spans must be offsets in the mention's text (see `in_text`)."""
    return {
        "mention_id": id_,
        "revision": revision,
        "engine": clean(score.engine),
        "version": clean(score.version),
        "value": finite(score.value) or 0.0,
        "tone": score.tone.value,
        "negative": finite(score.negative) or 0.0,
        "neutral": finite(score.neutral) or 0.0,
        "positive": finite(score.positive) or 0.0,
        "evidence": dump([_evidence(one) for one in score.evidence]) if score.evidence else "",
        "aspects": dump([[one.aspect, *leaning(one), one.spans] for one in score.aspects])
        if score.aspects
        else "",
        "severity": dump([_cue(one) for one in score.severity]) if score.severity else "",
        "towards": dump([[one.brand_id, *leaning(one), one.spans] for one in score.towards])
        if score.towards
        else "",
        "note": clean(score.note),
    }


def read_score(row: Sequence[Any]) -> Score:
    """The value of one row selected as `SCORE_COLUMNS`."""
    value, tone, engine, version, negative, neutral, positive, evidence, aspects, cues, towards, note = row
    return Score(
        value=value,
        tone=TONES[tone],
        engine=engine,
        version=version,
        negative=negative,
        neutral=neutral,
        positive=positive,
        evidence=tuple(Evidence(*one) for one in load(evidence)) if evidence else (),
        aspects=tuple(_aspect(*one) for one in load(aspects)) if aspects else (),
        severity=tuple(Cue(*one) for one in load(cues)) if cues else (),
        towards=tuple(_towards(*one) for one in load(towards)) if towards else (),
        note=note,
    )


def _aspect(
    key: str, tone: str, negative: float, neutral: float, positive: float, spans: Any
) -> AspectTone:
    return AspectTone(key, TONES[tone], negative, neutral, positive, _spans(spans))


def _towards(
    brand: int, tone: str, negative: float, neutral: float, positive: float, spans: Any
) -> Towards:
    return Towards(brand, TONES[tone], negative, neutral, positive, _spans(spans))


def read_towards(written: str) -> dict[int, Leaning]:
    """Only what is said towards each brand, by its id."""
    return {brand: Leaning(*said) for brand, *said, _spans in load(written)} if written else {}


def leaning(said: Score | AspectTone | Towards) -> Leaning:
    """As it is stored: NaN and infinity become 0."""
    return Leaning(
        said.tone.value,
        finite(said.negative) or 0.0,
        finite(said.neutral) or 0.0,
        finite(said.positive) or 0.0,
    )


def write_aspects(aspects: Sequence[AspectTone]) -> str:
    """ ",delivery:+,price:-," by name, for a filter to look in; the last word on an aspect counts."""
    if not aspects:
        return ""
    signs = {clean(one.aspect): SIGNS[one.tone] for one in aspects}
    return f",{','.join(f'{key}:{signs[key]}' for key in sorted(signs))},"


def read_aspects(written: str) -> tuple[tuple[str, Tone], ...]:
    """(aspect, tone) of `write_aspects`."""
    pairs = (one.rpartition(":") for one in written.strip(",").split(",") if one)
    return tuple((key, _TONE_OF[sign]) for key, _colon, sign in pairs)


def in_text(score: Score, title: str) -> Score:
    """Spans of what was judged become spans of the text alone.

    A deciding word that stands in the title is let go. An aspect, a brand or a cue found there is
    kept without its place: a cue then stands at (0, 0).
    """
    if not title:
        return score
    ahead = len(title) + 1
    return replace(
        score,
        evidence=tuple(
            replace(one, start=one.start - ahead, end=one.end - ahead)
            for one in score.evidence
            if one.start >= ahead
        ),
        aspects=tuple(replace(one, spans=_behind(one.spans, ahead)) for one in score.aspects),
        severity=tuple(
            replace(one, start=max(one.start - ahead, 0), end=max(one.end - ahead, 0))
            for one in score.severity
        ),
        towards=tuple(replace(one, spans=_behind(one.spans, ahead)) for one in score.towards),
    )


def _behind(spans: _Spans, ahead: int) -> _Spans:
    """A part that begins in the title and ends in the text is cut where the text begins."""
    return tuple((max(start - ahead, 0), end - ahead) for start, end in spans if end > ahead)


def _spans(written: Iterable[Sequence[int]]) -> _Spans:
    return tuple((start, end) for start, end in written)
