"""The default judge of tone: three linear heads over character n-grams, in plain Python.

`NgramScorer` judges, `explain` says why, `load` reads the model; a `Layer` is what a team taught it.
docs/model-card.md says what the model was trained on, what it is good for and what it is not.
"""

from app.analysis.ngram.explain import Explanation
from app.analysis.ngram.layer import Layer
from app.analysis.ngram.model import Model, load, shipped
from app.analysis.ngram.scorer import NgramScorer

__all__ = ["Explanation", "Layer", "Model", "NgramScorer", "load", "shipped"]
