"""A word list: every text that holds a phrase moves, and the evidence shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.analysis.learning import build, checked
from app.analysis.learning.words import phrases, pull
from app.analysis.ngram import Layer, Model, NgramScorer, shipped
from app.domain.learning import Lesson, Word
from app.domain.sentiment import Tone
from app.errors import ConfigError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def model() -> Model:
    return shipped()


@pytest.fixture(scope="module")
def scorer(model: Model) -> NgramScorer:
    return NgramScorer(model, names=["某牌"])


def judge(model: Model, *words: Word) -> NgramScorer:
    plain = NgramScorer(model)
    return NgramScorer(model, layer=build(plain, (), words, name="words"))


def test_a_phrase_moves_every_text_that_holds_it(model: Model, scorer: NgramScorer) -> None:
    texts = ["冬天不用买暖手宝了", "真是個煖手寶", "果然是【暖手宝】😊", "这手机，暖手宝 本宝"]
    layered = judge(model, Word(phrase="暖手宝", weight=-3))
    held = [text for text in texts if "煖" not in text]
    for text in held:
        before, after = scorer.score([text])[0], layered.score([text])[0]
        assert after.negative > before.negative + 0.2
        assert after.tone == Tone.NEGATIVE
        marked = [span for span in after.evidence if span.weight < 0 and "手" in span.span]
        assert marked, after.evidence
    assert layered.probabilities(["充电挺快的"]) == scorer.probabilities(["充电挺快的"])


def test_it_is_found_after_folding(model: Model, scorer: NgramScorer) -> None:
    layered = judge(model, Word(phrase="ＮＢ機", weight=-3))
    for text in ("这是nb机", "这是NB機", "這是ｎｂ机"):
        assert layered.probabilities([text])[0][0] > scorer.probabilities([text])[0][0] + 0.1


def test_steps_grow() -> None:
    odds = [pull(weight)[2] - pull(weight)[0] for weight in range(-3, 4)]
    assert odds == sorted(set(odds))
    assert odds[3] == 0
    assert pull(0)[1] > 0
    assert pull(-2) == pull(2)[::-1]
    assert all(abs(sum(pull(weight))) < 1e-12 for weight in range(-3, 4))


def test_a_sober_word_takes_the_tone_out(model: Model, scorer: NgramScorer) -> None:
    text = "暖手宝到货，送手套"
    layered = judge(model, Word(phrase="到货", weight=0))
    assert layered.probabilities([text])[0][1] > scorer.probabilities([text])[0][1]
    assert layered.score(["暖手宝到货"])[0].tone == Tone.NEUTRAL


def test_of_words_that_read_alike_the_last_counts(scorer: NgramScorer) -> None:
    early = Word(phrase="遥遥领先", weight=2, at=NOON)
    late = Word(phrase="遙遙領先", weight=-2, at=NOON + timedelta(days=1))
    assert phrases(scorer, [early, late]) == phrases(scorer, [late, early]) == {"遥遥领先": pull(-2)}


@pytest.mark.parametrize("phrase", ["@某人", "https://t.cn/abc", "某牌", "某牌真行", "\x00", "㍿" * 10])
def test_what_cannot_weigh_is_said_at_once(scorer: NgramScorer, phrase: str) -> None:
    with pytest.raises(ConfigError) as refused:
        checked(scorer, phrase)
    assert refused.value.field == "phrase"
    assert build(scorer, (), [Word(phrase=phrase, weight=3)], name="w") is None


def test_what_can_weigh_is_shown_as_it_is_looked_for(scorer: NgramScorer) -> None:
    assert checked(scorer, " 遙遙領先！ ") == "遥遥领先!"


@pytest.mark.parametrize(
    ("phrase", "weight", "field"),
    [("", 1, "phrase"), (" ", 1, "phrase"), ("好" * 33, 1, "phrase"), ("好", 4, "weight")],
)
def test_a_wrong_word_names_its_field(phrase: str, weight: int, field: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Word(phrase=phrase, weight=weight)
    assert refused.value.field == field


def test_a_tone_stands_for_a_weight() -> None:
    for tone in Tone:
        assert Word.toned("遥遥领先", tone).tone == tone


def test_words_and_lessons_together(model: Model) -> None:
    plain = NgramScorer(model)
    lessons = [Lesson(text="这手机暖手宝实锤", tone=Tone.NEGATIVE)]
    both = build(plain, lessons, [Word(phrase="遥遥领先", weight=-1)], name="b")
    alone = build(plain, lessons, name="b")
    assert both is not None
    assert alone is not None
    assert both.shifts == alone.shifts
    assert both.phrases == {"遥遥领先": pull(-1)}
    assert both.name != alone.name
    assert both == Layer(alone.shifts, None, both.name, both.phrases)
