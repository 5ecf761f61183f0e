"""Which words of a post are judged, and where they stood."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.text import HEAD, TAIL, clauses, has_han, judged, own_words
from app.domain.plain import one_line, own_part

calm = settings(deadline=None, max_examples=100)
posts = st.text(
    st.characters() | st.sampled_from("//@:： 转发微博http://t.cn\ud800\u202e😀差好"), max_size=300
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("手机发热 //@某某:很好用", "手机发热"),
        ("转发微博//@某某:很好用", "很好用"),
        ("//@甲://@乙：很好用", "很好用"),
        ("转发//@甲:我也是//@乙:很好用", "我也是"),
        ("看 https://t.cn/abc，发热了 @云雀客服 在吗", "看 ，发热了 在吗"),
        ("回复@小李:一样的问题", "一样的问题"),
        ("http://a.cn/x发热", "发热"),
        ("邮箱 a//b 不是转发", "邮箱 a//b 不是转发"),
        ("转发微博", "转发微博"),
        ("", ""),
        ("a\u202eb\u200bc", "a b c"),
    ],
)
def test_own_words(text: str, words: str) -> None:
    assert own_words(text) == words


@calm
@given(posts)
def test_every_judged_character_stands_where_it_is_said_to(text: str) -> None:
    part = judged(text)
    assert len(part.text) == len(part.places)
    assert list(part.places) == sorted(set(part.places))
    for character, place in zip(part.text, part.places, strict=True):
        assert character in (text[place], "\ufffd")
    part.text.encode()
    if part.text:
        start, end = part.original(0, len(part.text))
        assert 0 <= start < end <= len(text)


@calm
@given(posts)
def test_own_part_is_a_piece_of_the_text(text: str) -> None:
    start, end = own_part(text)
    assert 0 <= start <= end <= len(text)


def test_a_long_post_keeps_its_opening_and_its_end() -> None:
    text = "始" + "中" * 100_000 + "终"
    part = judged(text)
    assert len(part.text) == HEAD + TAIL
    assert part.text[0] == "始"
    assert part.text[-1] == "终"
    assert part.original(len(part.text) - 1, len(part.text)) == (len(text) - 1, len(text))


@pytest.mark.parametrize(
    "piece", ["//@", "//@a:", "@", "http://", "回复@", "/", "//@a", "www.", "\u200b", "// @"]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    began = time.thread_time()
    judged(text)
    own_words(text)
    one_line(text, 200)
    assert time.thread_time() - began < 2


def test_clauses_are_never_empty() -> None:
    assert clauses("发热严重，客服不理人！！续航也差… 差评") == (
        "发热严重",
        "客服不理人",
        "续航也差",
        "差评",
    )
    assert clauses("。。。") == ()


def test_has_han() -> None:
    assert has_han("ab差")
    assert not has_han("abc カナ 한국 123")


@calm
@given(posts, st.integers(1, 80))
def test_one_line_is_one_short_line(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    line.encode()


def test_one_line_reads_well() -> None:
    assert one_line("两\n行\u202e字\u200b \t", 10) == "两 行字"
    assert one_line("好" * 20, 5) == "好好好好…"
    assert one_line("好" * 10_000, 5) == "好好好好…"
    assert one_line("👨‍👩‍👧 家", 10) == "👨‍👩‍👧 家"
