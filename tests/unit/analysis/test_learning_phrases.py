"""Which places of a text a word list holds for: the longest phrase stands, a denied one does not count."""

from __future__ import annotations

import pytest

from app.analysis.learning import build
from app.analysis.ngram import Model, NgramScorer, shipped
from app.analysis.ngram.layer import Lookup
from app.domain.learning import Word

WORDS = [
    Word(phrase="好用", weight=2),
    Word(phrase="拉胯", weight=-3),
    Word(phrase="真香", weight=2),
    Word(phrase="真香警告", weight=-1),
    Word(phrase="香警", weight=-3),
    Word(phrase="不着急用", weight=1),
]


@pytest.fixture(scope="module")
def model() -> Model:
    return shipped()


@pytest.fixture(scope="module")
def lookup(model: Model) -> Lookup:
    layer = build(NgramScorer(model), (), WORDS, name="words")
    assert layer is not None
    return Lookup(layer)


def found(lookup: Lookup, text: str) -> dict[str, tuple[int, ...]]:
    from app.analysis.ngram.features import grams

    return dict(lookup.find(text, grams(text)).starts)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("真香", {"真香": (0,)}),
        ("真香警告", {"真香警告": (0,)}),
        ("真香警告，真香", {"真香警告": (0,), "真香": (5,)}),
        ("好用好用", {"好用": (0, 2)}),
        ("这个好用", {"好用": (2,)}),
        ("这个不好用", {}),
        ("没有好用的", {}),
        ("唔好用", {}),
        ("特别好用", {"好用": (2,)}),
        ("区别好用吗", {"好用": (2,)}),
        ("别拉胯", {}),
        ("沉没拉胯", {"拉胯": (2,)}),
        ("不拉胯，但是真拉胯", {"拉胯": (7,)}),
        ("不着急用", {"不着急用": (0,)}),
        ("不，好用", {"好用": (2,)}),
    ],
)
def test_where_phrases_stand(lookup: Lookup, text: str, phrases: dict[str, tuple[int, ...]]) -> None:
    assert found(lookup, text) == phrases


def test_a_denied_phrase_hides_what_lies_in_it(lookup: Lookup) -> None:
    assert found(lookup, "不真香警告") == {}


def test_a_hostile_text_takes_no_longer(lookup: Lookup) -> None:
    places = found(lookup, "拉胯" * 50_000)["拉胯"]
    assert len(places) == 64


def test_a_denied_phrase_leaves_the_judgement_as_it_was(model: Model) -> None:
    plain = NgramScorer(model)
    layered = NgramScorer(model, layer=build(plain, (), WORDS, name="words"))
    assert layered.probabilities(["这个不好用"]) == plain.probabilities(["这个不好用"])
    assert layered.score(["这个不好用"])[0].evidence == plain.score(["这个不好用"])[0].evidence


def test_only_places_that_count_are_marked(model: Model) -> None:
    plain = NgramScorer(model)
    layered = NgramScorer(model, layer=build(plain, (), WORDS, name="words"))
    text = "不拉胯，但是真拉胯"
    before, after = (one.explain(text) for one in (plain, layered))
    heavy = {span.start: span.weight for span in before.spans}
    moved = [span for span in after.spans if abs(span.weight - heavy.get(span.start, 0.0)) > 1]
    assert [span.end for span in moved] == [len(text)]
    assert moved[0].start > text.index("，")
