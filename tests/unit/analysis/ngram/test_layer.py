"""A layer: what it does to a judgement, what it refuses, and that its part is explained exactly."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.ngram import Layer, Model, NgramScorer
from app.analysis.ngram.features import EDGE, grams, read
from app.analysis.ngram.layer import TEXT_LIMIT, WEIGHT_LIMIT, Three
from app.analysis.ngram.model import read as read_model
from app.errors import ConfigError

TEXT = "又翻车了，品控真拉胯"
DARK: Three = (1.5, 0.0, -1.5)


def softmax(numbers: tuple[float, ...]) -> tuple[float, ...]:
    parts = [math.exp(each) for each in numbers]
    return tuple(part / sum(parts) for part in parts)


def test_an_empty_layer_changes_nothing_but_the_version(scorer: NgramScorer, model: Model) -> None:
    layered = NgramScorer(model, layer=Layer(name="brand-1"))
    assert layered.probabilities([TEXT, "", "abc"]) == scorer.probabilities([TEXT, "", "abc"])
    assert layered.version == f"{scorer.version}+brand-1"


def test_decisions_are_the_models_log_odds(scorer: NgramScorer, model: Model) -> None:
    layered = NgramScorer(model, layer=Layer(phrases={"拉胯": DARK}))
    decisions = layered.decisions(TEXT)
    assert decisions == scorer.decisions(TEXT)
    assert math.isclose(sum(decisions), 0, abs_tol=1e-12)
    assert softmax(decisions) == pytest.approx(scorer.probabilities([TEXT])[0])
    assert scorer.decisions("no tone") == (0, 0, 0)


def test_a_phrase_counts_once_with_its_full_weight(scorer: NgramScorer, model: Model) -> None:
    layered = NgramScorer(model, layer=Layer(phrases={"品控真拉胯": DARK, "没有的词": (5.0, 0.0, 0.0)}))
    for text in (TEXT, TEXT * 3, "这機品控真拉胯"):
        expected = softmax(tuple(a + b for a, b in zip(scorer.decisions(text), DARK, strict=True)))
        assert layered.probabilities([text])[0] == pytest.approx(expected)
        assert layered.score([text])[0].negative == pytest.approx(expected[0])
    assert layered.probabilities(["很好用"])[0] == pytest.approx(scorer.probabilities(["很好用"])[0])


def test_shifts_are_divided_by_the_root_of_the_ngrams(scorer: NgramScorer, model: Model) -> None:
    layered = NgramScorer(model, layer=Layer({"拉胯": (2.0, 0.5, -1.0), EDGE + "又": (1.0, 0.0, 0.0)}))
    root = math.sqrt(len(grams(read(TEXT))))
    moved = tuple(a + b / root for a, b in zip(scorer.decisions(TEXT), (3.0, 0.5, -1.0), strict=True))
    assert layered.probabilities([TEXT])[0] == pytest.approx(softmax(moved))


def test_a_calibration_on_top(scorer: NgramScorer, model: Model) -> None:
    rows = ((0.5, 0.0, -0.1, 0.3), (0.0, 1.0, 0.2, -1.0), (0.0, 0.0, 2.0, 0.0))
    layered = NgramScorer(model, layer=Layer({}, rows, "recalibrated", {"拉胯": DARK}))
    one = (*scorer.decisions(TEXT), 1.0)
    moved = [sum(f * each for f, each in zip(row, one, strict=True)) for row in rows]
    expected = softmax(tuple(a + b for a, b in zip(moved, DARK, strict=True)))
    assert layered.probabilities([TEXT])[0] == pytest.approx(expected)


def test_one_text_moves_no_further_than_the_limit(scorer: NgramScorer, model: Model) -> None:
    loud = dict.fromkeys("又翻车了品控真拉胯", (WEIGHT_LIMIT, 0.0, -WEIGHT_LIMIT / 2))
    layered = NgramScorer(model, layer=Layer(phrases=loud))
    limit = (TEXT_LIMIT, 0.0, -TEXT_LIMIT / 2)
    expected = softmax(tuple(a + b for a, b in zip(scorer.decisions(TEXT), limit, strict=True)))
    assert layered.probabilities([TEXT])[0] == pytest.approx(expected)


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.sampled_from("又翻车了，品控真拉胯 这機好😡a0/@:"), max_size=40),
    st.dictionaries(
        st.text(st.sampled_from(EDGE + "又翻车了，拉胯 好"), min_size=1, max_size=3),
        st.tuples(*[st.floats(-WEIGHT_LIMIT, WEIGHT_LIMIT)] * 3),
        max_size=6,
    ),
    st.dictionaries(
        st.sampled_from(["翻车", "品控真拉胯", "拉胯拉胯", " ", "了", "好", "又 翻", EDGE]),
        st.tuples(*[st.floats(-WEIGHT_LIMIT, WEIGHT_LIMIT)] * 3),
        max_size=4,
    ),
    st.none() | st.just(((0.5, 0.1, -0.1, 0.3), (0.2, 1.0, 0.0, -1.0), (0.0, -0.3, 2.0, 0.0))),
)
def test_the_sums_still_hold(model: Model, text: str, shifts: Any, phrases: Any, calibration: Any) -> None:
    layered = NgramScorer(model, layer=Layer(shifts, calibration, "x", phrases))
    (score,) = layered.score([text])
    assert layered.probabilities([text]) == [(score.negative, score.neutral, score.positive)]
    why = layered.explain(text)
    assert math.isclose(why.odds, why.bias + sum(span.weight for span in why.spans), abs_tol=1e-9)
    if layered.chinese(text):
        assert math.isclose(why.odds, math.log(score.positive / score.negative), abs_tol=1e-6)
    assert set(score.evidence) <= set(why.spans)


def test_what_a_layer_adds_is_marked(model_bytes: Callable[..., bytes]) -> None:
    """By hand: the model knows nothing here, so all weight is the layer's."""
    model = read_model(model_bytes({"好": {"positive": 3}}), "m")
    layered = NgramScorer(model, layer=Layer(phrases={"拉胯": (1.0, 0.0, -1.0), "品控": (0.5, 0.0, 0.0)}))
    why = layered.explain("品控，真拉胯")
    assert why.bias == pytest.approx(0)
    assert [span.span for span in why.spans] == ["品控", "拉胯"]
    assert [span.weight for span in why.spans] == pytest.approx([-0.5, -2.0])


def test_a_layer_can_turn_a_judgement_and_watched_names_stay_blank(model: Model) -> None:
    layer = Layer(phrases={"真香": (3.0, 0.0, -3.0), "某牌": (6.0, 0.0, -6.0)})
    layered = NgramScorer(model, names=["某牌"], layer=layer)
    assert layered.score(["真香"])[0].tone == "negative"
    assert NgramScorer(model).score(["真香"])[0].tone == "positive"
    plain = NgramScorer(model, names=["某牌"])
    assert layered.probabilities(["某牌好用"])[0] == pytest.approx(plain.probabilities(["某牌好用"])[0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "two words"},
        {"name": "x" * 41},
        {"shifts": {"四个字吧": DARK}},
        {"shifts": {"": DARK}},
        {"shifts": {"好": (WEIGHT_LIMIT + 0.1, 0.0, 0.0)}},
        {"phrases": {"好": (math.nan, 0.0, 0.0)}},
        {"phrases": {"好": (math.inf, 0.0, 0.0)}},
        {"phrases": {"好" * 33: DARK}},
        {"phrases": {"好": (1.0, 0.0)}},
        {"calibration": ((1.0, 0.0, 0.0, 0.0),) * 2},
        {"calibration": ((1.0, 0.0, 0.0),) * 3},
        {"calibration": ((1e9, 0.0, 0.0, 0.0),) * 3},
    ],
)
def test_out_of_bounds_is_refused_with_a_sentence(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="learnt"):
        Layer(**wrong)


def test_it_travels_to_another_process() -> None:
    layer = Layer({"拉胯": DARK}, None, "x", {"翻车": DARK})
    assert pickle.loads(pickle.dumps(layer)) == layer  # noqa: S301  # as multiprocessing does
