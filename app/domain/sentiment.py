"""A judgement of tone, and the words that decided it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of the mention's text that moved the score; `weight` < 0 pulls towards negative."""

    span: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Towards:
    """The tone towards one watched brand; `spans` are the parts of the text it was read from."""

    brand_id: int
    tone: Tone
    negative: float
    neutral: float
    positive: float
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AspectTone:
    """What a text speaks about (a key of `app.domain.aspects.ASPECTS`), and how.

    `spans` are the words that name the aspect.
    """

    aspect: str
    tone: Tone
    negative: float
    neutral: float
    positive: float
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that makes a mention serious whatever its tone; `key` as in `app.domain.cues.SEVERITY`."""

    key: str
    span: str
    start: int
    end: int


NOT_CHINESE = "not_chinese"
"""The `note` of a score for a text in which there was nothing the engine can judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`value` runs from 0 (negative) over 0.5 (neutral) to 1 (positive).

    With a target (see `app.domain.judging`) tone, probabilities and evidence are towards it.
    """

    value: float
    tone: Tone
    engine: str
    version: str
    negative: float
    """P(negative), 0..1."""
    neutral: float
    positive: float
    evidence: tuple[Evidence, ...] = ()
    aspects: tuple[AspectTone, ...] = ()
    severity: tuple[Cue, ...] = ()
    towards: tuple[Towards, ...] = ()
    """One a watched brand that the text names."""
    note: str = ""
