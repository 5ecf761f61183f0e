"""The cues of a complaint in a text: which of them count.

The phrases are part of the model file (`Model.cues`), for its calibration was fitted with them; they
come from tests/bench/lessons/cues. Each kind counts up to TWICE. Pure; any thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

from app.analysis.ngram.model import Model

TWICE = 2


def counted(model: Model, known: Set[int]) -> int:
    """How many cues count, of the `known` numbers of a text."""
    here = model.cue_numbers & known
    if len(here) <= TWICE:
        return len(here)
    kinds = Counter(map(model.cues.__getitem__, here))
    return sum(min(count, TWICE) for count in kinds.values())


def shares(model: Model, known: Set[int]) -> dict[int, float]:
    """For each cue of a text how much of one it counts: more than TWICE of a kind share alike."""
    here = model.cue_numbers & known
    kinds = Counter(map(model.cues.__getitem__, here))
    return {number: min(1.0, TWICE / kinds[model.cues[number]]) for number in sorted(here)}
