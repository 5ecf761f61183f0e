"""Learning from people: corrections, posts seen and left, and a word list become a layer over the model.

`learn` builds, measures and decides; `build` only builds. `exported` and `imported` are the file a
person takes along, `packed` and `unpacked` what the judges are told. The layer itself, its units and
bounds: `app.analysis.ngram.layer`. Why it is done so, with figures: docs/adr/0018.

All of it is pure and may run on any thread; a rebuild takes some tenths of a second a thousand
lessons, so not on the window's.
"""

from app.analysis.learning.layerfile import (
    exported,
    file_of,
    imported,
    layer_of,
    model_of,
    packed,
    unpacked,
)
from app.analysis.learning.teaching import Learnt, build, learn, measure, recalibrate
from app.analysis.learning.words import checked

__all__ = [
    "Learnt",
    "build",
    "checked",
    "exported",
    "file_of",
    "imported",
    "layer_of",
    "learn",
    "measure",
    "model_of",
    "packed",
    "recalibrate",
    "unpacked",
]
