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


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`value` runs from 0 (negative) over 0.5 (neutral) to 1 (positive)."""

    value: float
    tone: Tone
    engine: str
    version: str
    negative: float
    """P(negative), 0..1."""
    neutral: float
    positive: float
    evidence: tuple[Evidence, ...] = ()
