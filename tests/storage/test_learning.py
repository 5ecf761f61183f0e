"""What people teach: the same on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.mention import Hit
from app.domain.sentiment import Tone
from app.domain.watch import Source, Watch
from app.errors import Conflict, NotFound
from app.storage import JudgedPair, LayerState, Lesson, LessonCounts, Storage, TaughtLayer


@pytest.fixture
def taught(storage: Storage, source: Source, make: Any, score: Any, start: datetime) -> Storage:
    """Six mentions, brand 1 in even ones; all judged negative but the last."""
    storage.brands.save(Watch(name="小米", query="x"))
    page = [
        make(n, f"第{n}条", title="题" if n == 2 else "", hits=(Hit(1, "", False),) if n % 2 == 0 else ())
        for n in range(1, 7)
    ]
    storage.mentions.save_page(source.id, page, None, now=start)
    storage.mentions.save_scores([(n, 1, score(Tone.NEGATIVE)) for n in range(1, 6)])
    return storage


def test_corrections_and_what_was_left_are_lessons(
    taught: Storage, source: Source, make: Any, start: datetime
) -> None:
    later = start + timedelta(hours=1)
    learning, correct = taught.learning, taught.mentions.correct
    assert learning.saw(2, Tone.NEGATIVE, "甲", start)
    assert not learning.saw(2, Tone.POSITIVE, "乙", later)
    assert learning.saw(3, Tone.NEGATIVE, "甲", later)
    assert learning.saw(4, Tone.NEGATIVE, "甲\x00", start)
    assert not learning.saw(999, Tone.NEGATIVE, "甲", start)
    correct(1, Tone.POSITIVE, "乙", later)
    correct(3, Tone.NEUTRAL, "乙", later)
    assert not learning.saw(1, Tone.POSITIVE, "甲", later)
    assert learning.lessons() == (
        Lesson(1, "第1条", Tone.POSITIVE, True, "乙", later),
        Lesson(2, "题\n第2条", Tone.NEGATIVE, False, "甲", start, (1,)),
        Lesson(3, "第3条", Tone.NEUTRAL, True, "乙", later),
        Lesson(4, "第4条", Tone.NEGATIVE, False, "甲", start, (1,)),
    )
    assert [one.mention_id for one in learning.lessons(1)] == [2, 4]
    assert learning.lesson_counts() == LessonCounts(2, 2)
    assert learning.lesson_counts(1) == LessonCounts(0, 2)
    correct(3, None, "乙", later)
    correct(1, None, "乙", later)
    assert [one.mention_id for one in learning.lessons()] == [2, 3, 4]
    assert learning.lessons()[1] == Lesson(3, "第3条", Tone.NEGATIVE, False, "甲", later)
    taught.mentions.save_page(source.id, [make(4, "改过了")], None, now=later)
    assert [one.mention_id for one in learning.lessons()] == [2, 3]


def test_what_people_say_beside_what_the_engine_says(taught: Storage, score: Any, start: datetime) -> None:
    taught.mentions.correct(1, Tone.POSITIVE, "乙", start)
    taught.learning.saw(2, Tone.NEGATIVE, "甲", start)
    taught.mentions.correct(6, Tone.NEUTRAL, "乙", start)
    pairs = taught.mentions.judged_pairs
    negative, positive = (0.95, 0.0, 0.05), (1 - 0.95, 0.0, 0.95)
    assert pairs(None, "snownlp") == (
        JudgedPair(1, "第1条", Tone.POSITIVE, True, negative),
        JudgedPair(2, "题\n第2条", Tone.NEGATIVE, False, negative),
        JudgedPair(6, "第6条", Tone.NEUTRAL, True, None),
    )
    taught.mentions.save_scores([(1, 1, score(Tone.POSITIVE, version="2"))])
    assert [one.p for one in pairs(None, "snownlp")] == [positive, negative, None]
    assert [one.p for one in pairs(None, "snownlp", "1")] == [negative, negative, None]
    assert [one.p for one in pairs(None, "ngram")] == [None, None, None]
    assert [one.mention_id for one in pairs(1, "snownlp")] == [2, 6]


def test_words(storage: Storage, start: datetime) -> None:
    learning = storage.learning
    brand = storage.brands.save(Watch(name="小米", query="x")).id
    first = learning.put_word(brand, " 發熱 ", -2, "甲", start)
    again = learning.put_word(brand, "发热", -1.5, "乙", start + timedelta(hours=1))
    shared = learning.put_word(None, "发热", 0.5, "甲", start)
    plus = learning.put_word(brand, "ＡＢ", 1, "甲", start)
    assert first.id == again.id != shared.id
    assert learning.words(brand) == (plus, again)
    assert learning.words() == (shared,)
    assert (first.phrase, again.phrase, again.weight) == ("發熱", "发热", -1.5)
    assert learning.put_word(brand, "ab", 2, "甲", start).id == plus.id
    learning.remove_word(plus.id)
    assert learning.words(brand) == (again,)
    for phrase, weight in (("\x00 ", 1.0), ("好", float("nan"))):
        with pytest.raises(ValueError, match="phrase"):
            learning.put_word(brand, phrase, weight, "甲", start)
    storage.brands.remove(brand)
    assert learning.words(brand) == ()
    assert learning.words() == (shared,)


def _layer(at: datetime, brand: int | None = None, **more: Any) -> TaughtLayer:
    plain = {"name": "层", "model": "ngram 3", "body": '{"a": 1}', "lessons": 20, "words": 2}
    return TaughtLayer(**{**plain, "made_at": at, "made_by": "甲", "brand_id": brand, **more})


def test_a_layer_takes_the_place_of_the_one_its_maker_knew(storage: Storage, start: datetime) -> None:
    learning = storage.learning
    assert learning.active_layer() is None
    first = learning.save_layer(_layer(start, before=0.7, after=0.8), instead_of=None)
    assert first == replace(_layer(start, before=0.7, after=0.8), id=first.id)
    with pytest.raises(Conflict):
        learning.save_layer(_layer(start), instead_of=None)
    second = learning.save_layer(_layer(start, name="二"), instead_of=first.id)
    with pytest.raises(Conflict):
        learning.save_layer(_layer(start), instead_of=first.id)
    ours = learning.save_layer(_layer(start, 7), instead_of=None)
    assert learning.active_layers() == {None: second, 7: ours}
    assert learning.layers() == (second, replace(first, state=LayerState.OLD))
    tried = learning.save_layer(_layer(start, state=LayerState.OFF), instead_of=None)
    assert learning.active_layer() == second
    assert learning.layer(tried.id).state is LayerState.OFF


def test_back_to_an_older_layer_and_off(storage: Storage, start: datetime) -> None:
    learning = storage.learning
    first = learning.save_layer(_layer(start, 7), instead_of=None)
    second = learning.save_layer(_layer(start, 7), instead_of=first.id)
    assert learning.set_layer_state(first.id, LayerState.ACTIVE) == first
    assert learning.layer(second.id).state is LayerState.OLD
    assert learning.active_layer(7) == first
    learning.set_layer_state(first.id, LayerState.OFF)
    assert learning.active_layer(7) is None
    third = learning.save_layer(_layer(start, 7), instead_of=None)
    assert learning.active_layers() == {7: third}
    for act in (lambda: learning.layer(99), lambda: learning.set_layer_state(99, LayerState.OFF)):
        with pytest.raises(NotFound):
            act()


def test_ten_layers_of_a_brand_are_kept_and_the_active_one(storage: Storage, start: datetime) -> None:
    learning = storage.learning
    brand = storage.brands.save(Watch(name="小米", query="x")).id
    other = learning.save_layer(_layer(start), instead_of=None)
    active = learning.save_layer(_layer(start, brand), instead_of=None)
    for _round in range(12):
        newest = learning.save_layer(_layer(start, brand, state=LayerState.OFF), instead_of=None)
    kept = [one.id for one in learning.layers(brand)]
    assert len(kept) == 11
    assert (kept[0], kept[-1]) == (newest.id, active.id)
    assert learning.layers() == (other,)
    storage.brands.remove(brand)
    assert learning.layers(brand) == ()


def test_two_programs_teach_one_brand(storage: Storage, url: str, start: datetime) -> None:
    with Storage.open(url) as other:
        mine = storage.learning.save_layer(_layer(start, 7), instead_of=None)
        with pytest.raises(Conflict):
            other.learning.save_layer(_layer(start, 7), instead_of=None)
        theirs = other.learning.save_layer(_layer(start, 7), instead_of=mine.id)
        assert storage.learning.active_layer(7) == theirs
