"""Words that were not there before."""

from __future__ import annotations

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.bursts.novel import RECENT, Novelty
from app.analysis.bursts.telling import told_words

USUAL = ["物流", "客服", "太慢", "差评", "质量", "退款", "包装", "价格", "等了", "失望"]
POSTS = st.lists(st.lists(st.sampled_from([*USUAL, "起火", "充电"]), max_size=5), max_size=40)


def learnt(posts: int = 600) -> tuple[Novelty, float]:
    """Usual complaints, one in half an hour."""
    chance = random.Random(1)
    words = Novelty()
    for i in range(posts):
        words.add(i * 1800.0, chance.sample(USUAL, 3), "story-0")
    return words, posts * 1800.0


def test_usual_complaints_bring_nothing_new() -> None:
    words, now = learnt()
    assert words.risen(now) == ()


def test_a_new_complaint_is_told_with_what_brought_it() -> None:
    words, now = learnt()
    for i in range(6):
        words.add(now + i * 60.0, ["充电", "起火", "客服"], "story-7")
    found = words.risen(now + 400.0)
    assert {one.word for one in found} == {"充电", "起火"}
    assert found[0].came == 6
    assert found[0].marks == (("story-7", 6),)
    assert found[0].strength >= 1.0
    text = told_words(found)
    assert "起火" in text
    assert "in 6 posts" in text


def test_a_new_word_becomes_usual() -> None:
    words, now = learnt()
    for i in range(300):
        words.add(now + i * 1800.0, ["起火", "客服"], "story-7")
    assert words.risen(now + 300 * 1800.0) == ()


def test_two_posts_are_no_new_complaint() -> None:
    words, now = learnt()
    for i in range(2):
        words.add(now + i, ["起火"])
    assert words.risen(now + 10.0) == ()


def test_nothing_is_new_to_who_knows_nothing() -> None:
    words = Novelty()
    for i in range(20):
        words.add(float(i), ["起火"])
    assert words.risen(30.0) == ()


def test_a_flood_is_bounded() -> None:
    words, now = learnt()
    for i in range(3 * RECENT):
        words.add(now + i * 0.1, [f"w{i}", f"v{i}"])
    assert len(words.dump()["recent"]) == RECENT
    words.risen(now + 700.0)


@settings(deadline=None)
@given(POSTS, POSTS)
def test_saved_and_loaded_it_goes_on_exactly_so(first: list[list[str]], then: list[list[str]]) -> None:
    words, now = learnt(100)
    for i, post in enumerate(first):
        words.add(now + 700.0 * i, post)
    again = Novelty.load(json.loads(json.dumps(words.dump())))
    now += 700.0 * len(first)
    for i, post in enumerate(then):
        words.add(now + 700.0 * i, post)
        again.add(now + 700.0 * i, post)
    now += 700.0 * len(then)
    assert again.risen(now) == words.risen(now)
    assert again.dump() == words.dump()
