"""What people teach: lessons, a word list, how well what was learnt works, and the file of all that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.domain.sentiment import Tone
from app.errors import ConfigError
from app.i18n import _

CORRECTED = 1.0
"""The weight of a lesson a person gave by correcting."""
SEEN = 0.5
"""And by looking at a post and leaving the tone as it was."""

STRONGEST = 3
"""A word's weight runs from -3 to 3."""

LONGEST_WORD = 32
"""Characters of a phrase in the word list."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Three = tuple[float, float, float]
"""A number each for negative, neutral, positive."""
Row = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a person said a post's tone is, or accepted by leaving it: then `tone` is the one shown.

    `mention_id` 0: none known. `at` is aware.
    """

    text: str
    tone: Tone
    weight: float = CORRECTED
    """`CORRECTED`, `SEEN`, or anything between 0 and 1; from `CORRECTED` on it is a correction."""
    who: str = ""
    at: datetime = NEVER
    mention_id: int = 0

    @property
    def corrected(self) -> bool:
        return self.weight >= CORRECTED


_WEIGHTS = {Tone.NEGATIVE: -2, Tone.NEUTRAL: 0, Tone.POSITIVE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A phrase of a brand's word list: -3 clearly negative … 3 clearly positive, 0 matter-of-fact.

    Refuses an empty or too long phrase and a weight out of range with ConfigError.
    """

    phrase: str
    weight: int
    by: str = ""
    at: datetime = NEVER

    def __post_init__(self) -> None:
        if not self.phrase.strip():
            raise ConfigError(_("Write the word or phrase."), field="phrase")
        if len(self.phrase) > LONGEST_WORD:
            said = _("A phrase may have at most {n} characters. Use the part that says it.")
            raise ConfigError(said.format(n=LONGEST_WORD), field="phrase")
        if not -STRONGEST <= self.weight <= STRONGEST:
            said = _("A word's weight runs from {low} to {high}.")
            raise ConfigError(said.format(low=-STRONGEST, high=STRONGEST), field="weight")

    @classmethod
    def toned(cls, phrase: str, tone: Tone, by: str = "", at: datetime = NEVER) -> Word:
        """Of middling strength, for a list that has only tones."""
        return cls(phrase=phrase, weight=_WEIGHTS[tone], by=by, at=at)

    @property
    def tone(self) -> Tone:
        if self.weight == 0:
            return Tone.NEUTRAL
        return Tone.NEGATIVE if self.weight < 0 else Tone.POSITIVE


@dataclass(frozen=True, slots=True)
class Figures:
    """`right`: share of the labels, by their weights, that are met; `log_loss`: mean, natural logarithm."""

    right: float
    log_loss: float


@dataclass(frozen=True, slots=True)
class Measured:
    """How posts that people judged are judged without, and with what was learnt from the *others*.

    A post seen and left counts half, as in learning: people overlook things.
    """

    labels: int
    before: Figures
    """The model and the word list."""
    after: Figures
    won: int
    """Posts right only with what was learnt."""
    lost: int
    """Posts right only without."""
    gain: float
    """Weight of the won less that of the lost."""
    chance: float
    """The standard deviation of `gain` if won and lost were a toss of coins."""

    @property
    def worse(self) -> bool:
        """More was lost than won, by more than chance would do once in twenty times."""
        return self.gain < -1.64 * self.chance


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFile:
    """What was taught for a brand, to be kept or carried to another team.

    `shifts` and `calibration` hold only for the model of that version (without a layer's name).
    Lessons have their texts only when that was asked for; else `text` and `who` are empty.
    """

    brand: str
    model: str
    name: str
    lessons: tuple[Lesson, ...] = ()
    words: tuple[Word, ...] = ()
    shifts: Mapping[str, Three] = field(default_factory=dict)
    calibration: tuple[Row, Row, Row] | None = None
