"""What of a post is compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stories.key import LEAD, read, shape_of

TRIMMINGS = st.text(
    st.sampled_from(
        "小米屏幕碎了转发微博全文#@:/ .…，。！0129abＡ展开收起的视频[泪]😡\u200b\ud800\u1112\u1161"
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "小米su7又断轴了",
        "小米ＳＵ7又斷軸了！！",
        "小米SU7又断轴了 @雷军 @小米汽车",
        "😱小米SU7[泪]又断轴了 http://t.cn/A6xyz",
        "小米SU7又断轴了 #避雷# #小米",
        "说得好//@李四:转发微博//@张三:小米SU7又断轴了",
        "转发@张三: 小米SU7又断轴了",
        "回复@张三:小米SU7又断轴了",
        "RT @zhang: 小米SU7又断轴了",
        "小米SU7又断轴了 网页链接",
    ],
)
def test_trimmings_are_left_out(text: str) -> None:
    assert (read(text).text, read(text).figures) == ("小米su0又断轴了", ("7",))


def test_the_words_before_an_empty_chain_count() -> None:
    assert read("屏幕又碎了真是服气//@张三:转发微博").text == "屏幕又碎了真是服气"


def test_hashtags_inside_a_text_are_words() -> None:
    key = read("我的#小米手机#用了三天就黑屏了，求解决")
    assert (key.text, key.tags) == ("我的小米手机用了三天就黑屏了求解决", ())


def test_hashtags_around_a_text_are_kept_apart() -> None:
    key = read("#曝光#用了三天就黑屏了，求解决 #避雷 #数码")
    assert (key.text, key.tags) == ("用了三天就黑屏了求解决", ("数码", "曝光", "避雷"))


@pytest.mark.parametrize(
    ("text", "figure"), [("2,999元", "2999"), ("3.50元", "3.5"), ("007号", "7"), ("12:30到", "12:30")]
)
def test_figures_have_one_way_of_writing(text: str, figure: str) -> None:
    assert read(text).figures == (figure,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "太差了",
        "转发",
        "转发微博",
        "😡😡😡",
        "http://t.cn/A6xyz",
        "垃圾，再也不买了！",
        "哈哈哈哈哈哈",
        "\ud800",
        "好",
    ],
)
def test_generic(text: str) -> None:
    assert read(text).generic


@pytest.mark.parametrize("text", ["小米SU7又断轴了", "泡面里有壁虎", "客服骂人", "垃圾小米"])
def test_not_generic(text: str) -> None:
    assert not read(text).generic


def test_a_hundred_thousand_characters() -> None:
    key = read("屏幕碎了客服不理".join(chr(0x4E00 + i) for i in range(12_000)))
    assert len(key.text) == LEAD
    assert key.size > LEAD


@given(st.one_of(st.text(), TRIMMINGS))
def test_reading_twice_is_reading_once(text: str) -> None:
    once = read(text).text
    assert read(once).text == once


def test_names_of_one_pattern() -> None:
    assert shape_of("用户38291") == shape_of("用户7")
    assert shape_of("Amy_12") == shape_of("bo_9")
    assert shape_of("用户1") != shape_of("买家1")
