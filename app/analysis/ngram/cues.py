"""The cues of a complaint in a text: which of them count.

The phrases are part of the model file (`Model.cues`), for its calibration was fitted with them; they
come from tests/bench/lessons/cues. Each kind counts up to TWICE; SOBER ones take away. Pure; any thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set

from app.analysis.ngram.model import Model

TWICE = 2
SOBER = "sober"
"""The kind that marks a question, a notice, a guide or a record of upkeep: it takes two away."""


def counted(model: Model, known: Set[int]) -> int:
    """How many cues count, of the `known` numbers of a text."""
    here = model.cue_numbers & known
    if not here:
        return 0
    return of_kinds(map(model.cues.__getitem__, here))


def of_kinds(found: Iterable[str]) -> int:
    """How many cues count, given the kind of each that was found; never less than none."""
    kinds = Counter(found)
    calm = TWICE * min(kinds.pop(SOBER, 0), TWICE)
    return max(0, sum(min(count, TWICE) for count in kinds.values()) - calm)


def shares(model: Model, known: Set[int]) -> dict[int, float]:
    """For each cue of a text what part of all it is; more than TWICE of a kind share alike."""
    here = [number for number in model.cue_numbers & known if model.cues[number] != SOBER]
    kinds = Counter(model.cues[number] for number in here)
    parts = {number: min(1.0, TWICE / kinds[model.cues[number]]) for number in sorted(here)}
    whole = sum(parts.values())
    return {number: part / whole for number, part in parts.items()}
