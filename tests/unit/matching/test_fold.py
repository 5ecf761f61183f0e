"""Folding: what becomes the same, and the way back to the text as it was given."""

from __future__ import annotations

import sys
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching import fold as module
from app.matching.fold import FOLD_VERSION, Folded, fold, folded

# Plain characters, and those that make trouble: removed, expanding, joining, lone surrogates.
AWKWARD = "小米蘋果发aAéＡß㎏…ﬁ ̶゙́カｶﾞ 　\t\n\u200b\ufeff\u202e\ufe0f\xad\x00\ud800\udfffᄀ각각İ´🔥①⼩"
TEXTS = st.one_of(st.text(max_size=60), st.text(alphabet=AWKWARD, max_size=40))


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("蘋果", "苹果"),
        ("發熱", "发热"),
        ("頭髮", "头发"),
        ("瞭解", "了解"),
        ("看著", "看着"),
        ("回覆", "回复"),
        ("衞生", "卫生"),
        ("ＡＢＣ１２３", "abc123"),
        ("iPhone", "iphone"),
        ("Straße", "strasse"),
        ("ﾊﾞｲｸ", "バイク"),
        ("㎏", "kg"),
        ("ﬁne", "fine"),
        ("①②", "12"),
        ("⼩⽶", "小米"),
        ("，！", ",!"),
        ("小\u200b米", "小米"),
        ("小\u2060\ufeff\u00ad米", "小米"),
        ("\u202e小米\u202c", "小米"),
        ("小\x00\x07米", "小米"),
        ("❤\ufe0f", "❤"),
        ("小\ud800米", "小米"),
        ("小\u0336米\u0336", "小米"),
        ("caf\u0065\u0301", "café"),
        ("か\u3099", "が"),
        ("\u1112\u1161\u11ab", "한"),
        ("小米 \t\r\n\u3000 手机", "小米 手机"),
        ("a\u00a0b\u2028c", "a b c"),
        ("´", "´"),
        ("", ""),
    ],
)
def test_what_is_folded_away(given_text: str, expected: str) -> None:
    assert folded(given_text) == expected
    assert fold(given_text).text == expected


def test_different_words_stay_different() -> None:
    apart = ["小米", "大米", "苹果", "平果", "su7", "su 7", "バ", "ハ", "é", "e", "。", "."]
    assert len({folded(one) for one in apart}) == len(apart)


def _seen(given_text: str, needle: str) -> str:
    way = fold(given_text)
    at = way.text.index(needle)
    start, end = way.original(at, at + len(needle))
    return given_text[start:end]


@pytest.mark.parametrize(
    ("given_text", "needle", "expected"),
    [
        ("我的小米手机", "小米", "小米"),
        ("重㎏的小米", "小米", "小米"),
        ("重2㎏了", "kg", "㎏"),
        ("重2㎏了", "g", "㎏"),
        ("……小\u200b米\u200b！", "小米", "小\u200b米"),
        ("a  \n 蘋 果", "苹 果", "蘋 果"),
        ("a  \n b", "a b", "a  \n b"),
        ("x\u0301\u0336小米", "小米", "小米"),
        ("ﾊﾞ小米", "バ", "ﾊﾞ"),
        ("\u1112\u1161\u11ab小米", "한小", "\u1112\u1161\u11ab小"),
        ("\ufeff\ud800小米", "小米", "小米"),
        ("ß小米ß", "小米ss", "小米ß"),
        ("🔥❤️小米🔥", "小米", "小米"),
    ],
)
def test_the_way_back(given_text: str, needle: str, expected: str) -> None:
    assert _seen(given_text, needle) == expected


def test_an_empty_span_has_a_place_too() -> None:
    way = fold("㎏小")
    assert way.original(0, 0) == (0, 0)
    assert way.original(2, 2) == (1, 1)
    assert way.original(3, 3) == (2, 2)
    assert fold("").original(0, 0) == (0, 0)


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_both_ways_of_folding_agree_and_the_result_can_be_stored(text: str) -> None:
    way = fold(text)
    assert way.text == folded(text)
    way.text.encode("utf-8")
    way.original(0, 0)
    assert len(way._starts or ()) == len(way._ends) == len(way.text)


@settings(deadline=None, max_examples=100)
@given(TEXTS, st.data())
def test_spans_lead_into_the_text_and_hold_what_was_found(text: str, data: st.DataObject) -> None:
    way = fold(text)
    start = data.draw(st.integers(0, len(way.text)))
    end = data.draw(st.integers(start, len(way.text)))
    low, high = way.original(start, end)
    assert 0 <= low <= high <= len(text)
    if start < end:
        assert low < high
        assert way.text[start:end] in folded(text[low:high])


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_later_characters_come_from_later_places(text: str) -> None:
    way = fold(text)
    places = [way.original(at, at + 1) for at in range(len(way.text))]
    assert places == sorted(places)


def test_every_character_folds_to_something_settled() -> None:
    table = module._Table(module._simplified())
    for code in (*range(0x32000), *range(0xE0000, 0xE0200), sys.maxunicode):
        value = table[code]
        text = value if isinstance(value, str) else chr(value)
        assert text.isprintable() or unicodedata.category(text[0]) in {"Co", "Cn"}, hex(code)
        if module._PLAIN.fullmatch(chr(code)):
            assert isinstance(value, int), hex(code)
    assert len(table) <= module._REMEMBERED


def test_traditional_and_simplified_agree_on_every_pair() -> None:
    for traditional, simplified in module._simplified().items():
        assert folded(traditional) == folded(simplified)


def test_a_hundred_thousand_characters_take_linear_time() -> None:
    for text in (
        "小米…é\u200b " * 20_000,
        "a" + "\u0301\u0317" * 50_000,
        " \n" * 50_000,
        "小米手机" * 25_000,
    ):
        began = time.thread_time()
        way = fold(text)
        way.original(0, len(way.text))
        assert time.thread_time() - began < 3


def test_the_version_is_a_number_and_a_folded_text_takes_no_further_names() -> None:
    assert isinstance(FOLD_VERSION, int)
    with pytest.raises(AttributeError):
        Folded("x").other = 1  # type: ignore[attr-defined]


def test_the_table_for_this_version_has_not_changed() -> None:
    """When this fails on purpose, raise FOLD_VERSION: stored indexes hold the old folding."""
    assert FOLD_VERSION == 1
    sample = "臺灣的㎏，Ｑ＆Ａ：ﬀ İ Σς ㊙ ½ ℃ ™ ㍻ ﷺ"
    assert folded(sample) == "台湾的kg,q&a:ff i σσ 秘 1⁄2 °c tm 平成 صلى الله عليه وسلم"
    words = "乾燥 皇后 後來 幹嘛 裡面 爲什麼 髮型 鐘錶 麵條 囉嗦 瞭望 藉口 著名"
    assert folded(words) == "干燥 皇后 后来 干嘛 里面 为什么 发型 钟表 面条 啰嗦 了望 借口 着名"
