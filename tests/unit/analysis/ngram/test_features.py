"""What of a post the model reads, and the way back to the original."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.ngram.features import EDGE, NAME, all_grams, edged, grams, names_pattern, read, trace

POSTS = st.text(
    st.one_of(
        st.sampled_from(
            "好坏不這機ＡＢａb1２3!！，。 @:/#[]怒\n\t㎏ﬁé\u0301\u200d\ud800😡\ufe0f転发回复http.w"
        ),
        st.characters(),
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("這台手機 ＡＢＣ", "这台手机 abc"),
        ("看这里 https://example.com/a?b=1 真好", "看这里 真好"),
        ("@某某 你好", "你好"),
        ("回复@某某:你好", "你好"),
        ("我觉得不行//@路人:太好了//@官方:新品发布", "我觉得不行"),
        ("转发微博//@路人:太好了", "太好了"),
        ("价格1999元", "价格0元"),
        ("哈哈哈哈哈哈", "哈哈哈"),
        ("[怒][怒] 😡", "[怒][怒] 😡"),
        ("异响&nbsp;&nbsp;很大&amp;漏油&bsp;", "异响 很大 漏油&bsp;"),
        ("\ud800好\x00好\u202e", "好好"),
        ("", ""),
        ("   \n ", ""),
    ],
)
def test_reading(given: str, expected: str) -> None:
    assert read(given) == expected


def test_watched_names_are_part_of_no_ngram() -> None:
    names = names_pattern(["蒙牛", "Apple", "x"])
    assert read("蒙牛牛奶和APPLE都好 x", names) == f"{NAME}牛奶和{NAME}都好 x"


def test_the_longest_name_wins() -> None:
    assert read("小米手机好", names_pattern(["小米", "小米手机"])) == f"{NAME}好"


def test_no_names_no_pattern() -> None:
    assert names_pattern([]) is None
    assert names_pattern(["", " ", "米"]) is None


def test_grams() -> None:
    assert grams("不好吃") == {
        *"不好吃",
        *(EDGE + "不", "不好", "好吃", "吃" + EDGE),
        *(EDGE + "不好", "不好吃", "好吃" + EDGE),
    }


@settings(deadline=None, max_examples=100)
@given(POSTS)
def test_tracing_reads_the_same(text: str) -> None:
    for names in (None, names_pattern(["好机", "ab"])):
        traced = trace(text, names)
        assert traced.text == read(text, names)
        assert len(traced.text) == len(traced.starts) == len(traced.ends)
        assert all(0 <= a < b <= len(text) for a, b in zip(traced.starts, traced.ends, strict=True))
        assert list(traced.starts) == sorted(traced.starts)


@settings(deadline=None, max_examples=100)
@given(POSTS)
def test_every_ngram_is_a_piece_of_the_text(text: str) -> None:
    flat = edged(read(text))
    pieces = {flat[at : at + size] for size in (1, 2, 3, 4) for at in range(len(flat) - size + 1)}
    assert all_grams(read(text)) == pieces - {EDGE}
    assert grams(read(text)) == {piece for piece in pieces if len(piece) < 4} - {EDGE}


@settings(deadline=None, max_examples=50)
@given(POSTS)
def test_reading_twice_changes_nothing_more(text: str) -> None:
    once = read(text)
    if "@" not in once and "//" not in once and "http" not in once and "www." not in once:
        assert read(once) == once


def test_places_lead_to_the_original() -> None:
    traced = trace("@甲 看https://a.b/c 這機2024年好")
    at = traced.text.index("这")
    assert "@甲 看https://a.b/c 這機2024年好"[traced.starts[at] : traced.ends[at]] == "這"
    at = traced.text.index("0")
    assert "@甲 看https://a.b/c 這機2024年好"[traced.starts[at] : traced.ends[at]] == "2024"
