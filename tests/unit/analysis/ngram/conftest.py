"""A small model made by hand, so that what a test expects can be worked out on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from app.analysis.ngram import Model, NgramScorer, shipped
from app.analysis.ngram.model import GATES, HEADS, INPUTS, LANES, read, written

Weights = Mapping[str, Mapping[str, int]]


def _bytes_of(weights: Weights, **changes: object) -> bytes:
    known = sorted(weights)
    columns = [
        bytes(weights[gram].get(lane, 1 if lane.endswith("_size") else 0) + _shift(lane) for gram in known)
        for lane in LANES[1:]
    ]
    biases = {**dict.fromkeys((*GATES, *HEADS), 0.0), **{f"{head}_turn": 0.0 for head in HEADS}}
    about: dict[str, object] = {
        "model": "test",
        "scales": dict.fromkeys(LANES[1:], 1.0),
        "biases": biases,
        "calibration": [[float(row == at) for at in range(INPUTS)] for row in range(3)],
        "cues": {},
        "clear": 0.8,
    }
    return written(known, columns, {**about, **changes})


def _shift(lane: str) -> int:
    return 0 if lane.endswith("_size") else 128


@pytest.fixture
def model_bytes() -> Callable[..., bytes]:
    return _bytes_of


@pytest.fixture
def small() -> NgramScorer:
    """好 is positive, 坏 negative; the edge and everything else say nothing."""
    weights = {"好": {"positive": 3}, "坏": {"negative": 3}, "不好": {"negative": 9}}
    return NgramScorer(read(_bytes_of(weights), "small"))


@pytest.fixture(scope="session")
def model() -> Model:
    """The shipped one, read once."""
    return shipped()


@pytest.fixture(scope="session")
def scorer(model: Model) -> NgramScorer:
    return NgramScorer(model)
