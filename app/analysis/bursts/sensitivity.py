"""Three words for how easily to be disturbed, and what each means for every detector."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.i18n import N_


class Sensitivity(StrEnum):
    SENSITIVE = "sensitive"
    BALANCED = "balanced"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What strength 1.0 is for each detector.

    `surge`: times this brand's usual surge. `chance`: -log10 P that chance alone brings as many.
    `unsettled`: standard deviations of a day's restlessness. `story`: -log10 of how many ordinary
    stories a day may look so. `share` and `words`: -log10 P. `reach`: deviations above usual days.
    """

    surge: float
    chance: float
    unsettled: float
    story: float
    share: float
    reach: float
    words: float


THRESHOLDS = {
    Sensitivity.SENSITIVE: Thresholds(
        surge=2.6, chance=2.3, unsettled=2.0, story=1.3, share=3.0, reach=2.0, words=2.0
    ),
    Sensitivity.BALANCED: Thresholds(
        surge=3.4, chance=2.8, unsettled=2.3, story=1.6, share=4.0, reach=2.5, words=3.0
    ),
    Sensitivity.QUIET: Thresholds(
        surge=5.5, chance=4.0, unsettled=3.5, story=2.4, share=6.0, reach=3.5, words=4.5
    ),
}
BALANCED = THRESHOLDS[Sensitivity.BALANCED]

LABELS = {
    Sensitivity.SENSITIVE: N_("sensitive"),
    Sensitivity.BALANCED: N_("balanced"),
    Sensitivity.QUIET: N_("quiet"),
}
"""As a person reads them."""
