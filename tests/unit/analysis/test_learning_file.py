"""What was learnt, as a file and as the judges are told it: there and back, and nothing hostile gets in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.learning import build, exported, file_of, imported, layer_of, model_of, packed, unpacked
from app.analysis.learning.layerfile import without_texts
from app.analysis.ngram import Layer, NgramScorer
from app.domain.learning import SEEN, LayerFile, Lesson, Word
from app.domain.sentiment import Tone
from app.errors import ConfigError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "这手机暖手宝实锤"
LESSONS = (
    Lesson(text=TEXT, tone=Tone.NEGATIVE, who="小王", at=NOON, mention_id=12),
    Lesson(text="下个月发布新手机", tone=Tone.NEUTRAL, weight=SEEN, who="小李", at=NOON, mention_id=13),
    Lesson(text="lone \ud83d, bidi \u202e, nul \x00", tone=Tone.POSITIVE, at=NOON),
)
WORDS = (Word(phrase="暖手宝", weight=-3, by="小王", at=NOON), Word(phrase="遥遥领先", weight=0, at=NOON))
ROWS = ((0.8, 0.0, 0.0, 0.25), (0.0, 0.8, 0.0, 0.0), (0.0, 0.0, 0.8, -0.5))


@pytest.fixture(scope="module")
def scorer() -> NgramScorer:
    return NgramScorer()


@pytest.fixture(scope="module")
def layer(scorer: NgramScorer) -> Layer:
    built = build(scorer, LESSONS, WORDS, name="brand-1")
    assert built is not None
    return replace(built, calibration=ROWS)


@pytest.fixture(scope="module")
def file(scorer: NgramScorer, layer: Layer) -> LayerFile:
    return file_of(scorer, layer, LESSONS, WORDS, brand="某牌")


def test_texts_and_names_stay_here_unless_asked_for(file: LayerFile) -> None:
    plain = exported(file)
    assert TEXT not in plain
    assert "小李" not in plain
    assert imported(plain) == without_texts(file)
    assert [lesson.mention_id for lesson in imported(plain).lessons] == [12, 13, 0]


def test_with_texts_it_can_be_learnt_again(scorer: NgramScorer, layer: Layer, file: LayerFile) -> None:
    text = exported(file, texts=True)
    text.encode("utf-8")
    back = imported("\ufeff" + text)
    assert back == file
    again = build(scorer, back.lessons, back.words, name="brand-1")
    assert again == replace(layer, calibration=None)


def test_the_layer_comes_back(scorer: NgramScorer, layer: Layer, file: LayerFile) -> None:
    assert layer_of(scorer, imported(exported(file))) == layer


def test_from_another_model_only_the_words_count(
    scorer: NgramScorer, layer: Layer, file: LayerFile
) -> None:
    other = layer_of(scorer, replace(imported(exported(file)), model="1.00000000"))
    assert other == Layer({}, None, layer.name, layer.phrases)
    assert (
        layer_of(scorer, LayerFile(brand="", model="1.00000000", name="x", shifts={"好": (1, 0, 0)}))
        is None
    )


def test_a_layer_in_the_scorer_makes_no_other_model(scorer: NgramScorer, layer: Layer) -> None:
    assert model_of(NgramScorer(layer=layer)) == model_of(scorer) == scorer.version


def test_nothing_learnt_can_be_exported(scorer: NgramScorer) -> None:
    empty = file_of(scorer, None, (), (), brand="某牌")
    assert imported(exported(empty)) == empty
    assert layer_of(scorer, empty) is None


def test_the_judges_are_told_the_same(scorer: NgramScorer, layer: Layer) -> None:
    text = packed(layer, model_of(scorer))
    assert unpacked(text, model_of(scorer)) == layer
    assert packed(None, "1.x") == ""
    assert unpacked("", "1.x") is None
    with pytest.raises(ConfigError, match="another version"):
        unpacked(text, "1.00000000")
    with pytest.raises(ConfigError, match="not a file"):
        imported(text)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_damaged_file_is_refused(data: st.DataObject) -> None:
    file = LayerFile(
        brand="某牌", model="1.x", name="b", lessons=LESSONS, words=WORDS, shifts={"好": (1.0, 0.0, -1.0)}
    )
    text = exported(file, texts=True)
    at = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(at, min(len(text), at + 3)))
    instead = data.draw(st.text(max_size=3))
    damaged = text[:at] + instead + text[end:]
    try:
        back = imported(damaged)
    except ConfigError:
        return  # any other exception fails the test
    assert back == file


def sealed(**changes: Any) -> str:
    """A file with some fields changed and the checksum made right, as somebody who means harm can."""
    body = json.loads(exported(LayerFile(brand="", model="1.x", name="b"))) | changes
    body = {key: value for key, value in body.items() if key not in ("format", "version", "checksum")}
    plain = json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    checksum = hashlib.sha256(plain.encode()).hexdigest()
    return json.dumps({"format": "tingfeng-learning", "version": 1, "checksum": checksum, **body})


def lesson(**changes: object) -> list[dict[str, object]]:
    plain: dict[str, object] = {"mention": 1, "tone": "negative", "weight": 1, "at": NOON.isoformat()}
    return [plain | changes]


def word(**changes: object) -> list[dict[str, object]]:
    plain: dict[str, object] = {"phrase": "好", "weight": 1, "by": "", "at": NOON.isoformat()}
    return [plain | changes]


def test_the_seal_of_these_tests_is_right() -> None:
    back = imported(sealed(lessons=lesson(), words=word(), shifts={"好": [1, 0, -1]}, calibration=None))
    assert (len(back.lessons), len(back.words), back.shifts) == (1, 1, {"好": (1.0, 0.0, -1.0)})


@pytest.mark.parametrize(
    "changes",
    [
        {"brand": 3},
        {"brand": "x" * 300},
        {"name": "two words"},
        {"model": None},
        {"shifts": []},
        {"shifts": {"好": [9, 0, 0]}},
        {"shifts": {"好": [1, 0]}},
        {"shifts": {"好": ["1", 0, 0]}},
        {"shifts": {"好": [True, 0, 0]}},
        {"shifts": {"四个字吧": [1, 0, 0]}},
        {"shifts": {"好": [10**400, 0, 0]}},
        {"calibration": [[1, 0, 0, 0]] * 2},
        {"calibration": [[1e9, 0, 0, 0]] * 3},
        {"lessons": {}},
        {"lessons": [3]},
        {"lessons": lesson(tone="angry")},
        {"lessons": lesson(weight=2)},
        {"lessons": lesson(weight=-1)},
        {"lessons": lesson(mention=-1)},
        {"lessons": lesson(mention=2**70)},
        {"lessons": lesson(mention=True)},
        {"lessons": lesson(at="yesterday")},
        {"lessons": lesson(at="2026-03-01T12:00:00")},
        {"lessons": lesson(at="9999-12-31T23:59:59-12:00")},
        {"lessons": lesson(text=[])},
        {"words": word(phrase="")},
        {"words": word(phrase="好" * 33)},
        {"words": word(weight=4)},
        {"words": word(weight=0.5)},
    ],
)
def test_what_is_out_of_bounds_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="damaged"):
        imported(sealed(**changes))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "3",
        "{}",
        '{"format": "tingfeng-learning"',
        "[" * 100_000,
        '{"a":' * 50_000,
        "NaN",
        "\x00",
        '{"format": "tingfeng-learning", "version": ' + "9" * 5000 + "}",
    ],
)
def test_what_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="not a file"):
        imported(text)
    if text:
        with pytest.raises(ConfigError, match="not a file"):
            unpacked(text, "1.x")


@pytest.mark.parametrize("version", [2, 0, "1", None, True, [1]])
def test_another_version_says_so(version: object) -> None:
    body = json.loads(exported(LayerFile(brand="", model="1.x", name="b"))) | {"version": version}
    with pytest.raises(ConfigError, match="another version"):
        imported(json.dumps(body))
