"""The query language: trees, limits, and errors that point at the character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import QueryError
from app.matching.language import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_TERMS,
    And,
    Field,
    Near,
    Not,
    Or,
    Phrase,
    Tree,
    Word,
    check,
    parse,
)
from app.matching.matcher import AllOf, AnyOf, Needed, required_terms

A, B, C, D = Word("a"), Word("b"), Word("c"), Word("d")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("小米", Word("小米")),
        ("蘋果", Word("苹果")),
        ("iPhone", Word("iphone")),
        ("小\u200b米", Word("小米")),
        ("\ufeff小米", Word("小米")),
        ("vivo*", Word("vivo", prefix=True)),
        ("ＶＩＶＯ＊", Word("vivo", prefix=True)),
        ('"Apple  Store"', Phrase("apple store")),
        ("“苹果 手机”", Phrase("苹果 手机")),
        ("＂苹果＂", Phrase("苹果")),
        ("「蘋果」", Phrase("苹果")),
        ('"a OR b"', Phrase("a or b")),
        ("a b", And((A, B))),
        ("a　b", And((A, B))),
        ("a AND b", And((A, B))),
        ("ａ ＡＮＤ ｂ", And((A, B))),
        ("a or b", And((A, Word("or"), B))),
        ("a OR b", Or((A, B))),
        ("a ＯＲ b", Or((A, B))),
        ("a|b", Or((A, B))),
        ("a || b", Or((A, B))),
        ("a｜b", Or((A, B))),
        ("a OR b OR c", Or((A, B, C))),
        ("(a OR b) OR c", Or((A, B, C))),
        ("a b c", And((A, B, C))),
        ("a b OR c d", Or((And((A, B)), And((C, D))))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("a（b OR c）", And((A, Or((B, C))))),
        ("a -b", And((A, Not(B)))),
        ("a －b", And((A, Not(B)))),
        ("a NOT b", And((A, Not(B)))),
        ("a AND NOT b", And((A, Not(B)))),
        ("a -(b OR c)", And((A, Not(Or((B, C)))))),
        ('a-"b"', And((A, Not(Phrase("b"))))),
        ("wi-fi", Word("wi-fi")),
        ("--a", Not(Not(A))),
        ("-(-a OR c)", Not(Or((Not(A), C)))),
        ("a OR b -c", Or((A, And((B, Not(C)))))),
        ("a NEAR/5 b", Near(A, B, 5)),
        ("a ＮＥＡＲ／５ b", Near(A, B, 5)),
        ("a NEAR/0 b c", And((Near(A, B, 0), C))),
        ("(a OR b) NEAR/3 “c”", Near(Or((A, B)), Phrase("c"), 3)),
        ("d -a NEAR/5 b", And((D, Not(Near(A, B, 5))))),
        ("10:30", Word("10:30")),
        ("c++", Word("c++")),
        ("source:weibo", Field("source", ":", "weibo")),
        ("Source：微博", Field("source", ":", "微博")),
        ("source: weibo", Field("source", ":", "weibo")),
        ('source:"虎扑 步行街"', Field("source", ":", "虎扑 步行街")),
        ("source:“虎扑 步行街” a", And((Field("source", ":", "虎扑 步行街"), A))),
        ("followers>10000", Field("followers", ">", 10_000.0)),
        ("followers＞＝1万", Field("followers", ">=", 10_000.0)),
        ("followers≥1.2萬", Field("followers", ">=", 12_000.0)),
        ("followers≤10k", Field("followers", "<=", 10_000.0)),
        ("followers > 10,000", Field("followers", ">", 10_000.0)),
        ("followers:>5", Field("followers", ">", 5.0)),
        ("likes:5", Field("likes", "=", 5.0)),
        ("comments=5", Field("comments", "=", 5.0)),
        ("shares<2亿", Field("shares", "<", 2e8)),
        ("rating<3.5", Field("rating", "<", 3.5)),
        ("lang:ZH", Field("lang", ":", "zh")),
        ("has:image", Field("has", ":", "image")),
        ("is:review", Field("is", ":", "review")),
    ],
)
def test_trees(query: str, tree: Tree) -> None:
    assert parse(query) == tree


def test_some_fields_are_for_stored_posts() -> None:
    assert parse("tone:negative", stored=True) == Field("tone", ":", "negative")
    assert parse("status:claimed", stored=True) == Field("status", ":", "claimed")
    with pytest.raises(QueryError, match="stored") as caught:
        parse("小米 tone:negative")
    assert (caught.value.at, caught.value.length) == (3, 5)


# The mark shows in each query what the error must point at.
BAD = [
    ("", "", "what to look for"),
    ("   ", "   ", "what to look for"),
    ("\u200b", "\u200b", "what to look for"),
    ("小米 【（】a OR b", "（", "never closed"),
    ("小米 【(】", "(", "never closed"),
    ("小米 a【)】 b", ")", "never opened"),
    ("【)】", ")", "never opened"),
    ("小米 【()】", "()", "nothing between these paren"),
    ('小米 【"】手机', '"', "never closed"),
    ("小米 【“】手机", "“", "never closed"),
    ('小米 【""】', '""', "nothing between these quot"),
    ("小米 【“ 　”】", "“ 　”", "nothing between these quot"),
    ("小米 【OR】", "OR", "after"),
    ("小米 【OR】 OR a", "OR", "after"),
    ("小米 【AND】 )", "AND", "after"),
    ("【OR】 小米", "OR", "before"),
    ("【｜】小米", "｜", "before"),
    ("小米 【NOT】", "NOT", "after"),
    ("小米 【-】 手机", "-", "right before"),
    ("小米 【－】", "－", "right before"),
    ("【-】小米", "-", "leaves posts out"),
    ("【NOT】 小米", "NOT", "leaves posts out"),
    ("a OR 【-】小米", "-", "leaves posts out"),
    ("【-】source:weibo -a", "-", "leaves posts out"),
    ("【-】(-a c)", "-", "leaves posts out"),
    ("小米 【NEAR】 手机", "NEAR", "distance"),
    ("小米 【NEAR/】 手机", "NEAR/", "distance"),
    ("小米 【NEAR/x】 手机", "NEAR/x", "distance"),
    ("小米 【NEAR/1001】 手机", "NEAR/1001", "distance"),
    ("小米 【NEAR/5】", "NEAR/5", "after"),
    ("【NEAR/5】 小米", "NEAR/5", "before"),
    ("【(a b)】 NEAR/5 小米", "(a b)", "both sides"),
    ("小米 NEAR/5 【has:image】", "has:image", "both sides"),
    ("小米 NEAR/5 【-】a", "-", "left out"),
    ("a NEAR/5 b 【NEAR/5】 c", "NEAR/5", "joins two"),
    ("小米 【color:】red", "color:", "no field named “color”"),
    ("【来源：】微博", "来源：", "no field named “来源”"),
    ("【https:】//a.b", "https:", "quotation"),
    ("小米 【价格 > 】5", "价格 > ", "no field"),
    ("小米 【source:】", "source:", "needs a value"),
    ("小米 【followers>】", "followers>", "needs a number"),
    ("小米 followers>【很多】", "很多", "not a number"),
    ("小米 followers>【1e5】", "1e5", "not a number"),
    ("小米 has:【music】", "music", "image, video, link"),
    ("小米 【has:】", "has:", "image, video, link"),
    ("小米 【source>】weibo", "source>", "colon"),
    ("小米 vi【*】vo", "*", "end a word"),
    ("小米 【*】", "*", "end a word"),
    ("小米 vivo【*】*", "*", "end a word"),
]


@pytest.mark.parametrize(("marked", "fault", "said"), BAD, ids=[one[0] or "empty" for one in BAD])
def test_errors_point_at_the_character(marked: str, fault: str, said: str) -> None:
    at = max(0, marked.find("【"))
    query = marked.replace("【", "").replace("】", "")
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert said in caught.value.text
    assert (caught.value.at, caught.value.length) == (at, len(fault))
    assert query[caught.value.at :][: caught.value.length] == fault


def test_limits() -> None:
    parse("a " * (MAX_TERMS - 1) + "b")
    with pytest.raises(QueryError, match="too many words") as caught:
        parse("a " * MAX_TERMS + "bc")
    assert (caught.value.at, caught.value.length) == (MAX_TERMS * 2, 2)
    parse("a" * MAX_LENGTH)
    with pytest.raises(QueryError, match="too long") as caught:
        parse("a" * (MAX_LENGTH + 3))
    assert (caught.value.at, caught.value.length) == (MAX_LENGTH, 3)


@pytest.mark.parametrize(("sign", "close"), [("(", ")"), ("-", ""), ("NOT ", ""), ("-(", ")")])
def test_nesting_is_limited(sign: str, close: str) -> None:
    many = 1900 // len(sign)
    with pytest.raises(QueryError, match="nested too deeply"):
        parse("a " + sign * many + "b" + close * many)
    fine = MAX_DEPTH // len(sign.strip(" NOT") or "-")
    check("a " + sign * fine + "b" + close * fine)
    check("a " + "(-b OR c) -(d) " * (MAX_DEPTH + 1))


@settings(deadline=None, max_examples=100)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    *'()|"“”「」-－*:：/><=',
                    *(
                        " ",
                        "a",
                        "小米",
                        "OR",
                        " AND ",
                        " NOT ",
                        " NEAR/3 ",
                        "NEAR/",
                        "has:",
                        "is:",
                        "image",
                    ),
                    *("followers>", "1万", "tone:", "source:", "\u200b", "\ud800", "㎏", "１"),
                ]
            ),
            max_size=25,
        ).map("".join),
    ),
    st.booleans(),
)
def test_whatever_is_typed_only_a_query_error_comes_back(query: str, stored: bool) -> None:
    error = _error_of(query, stored=stored)
    if error is not None:
        assert error.text
        assert error.field == "query"
        assert 0 <= error.at <= len(query)
        assert error.at + error.length <= len(query)


def _error_of(query: str, *, stored: bool) -> QueryError | None:
    try:
        parse(query, stored=stored)
    except QueryError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("query", "needed"),
    [
        ("小米", "小米"),
        ("小米 -粥", "小米"),
        ("小米 source:weibo", "小米"),
        ("source:weibo", None),
        ("小米 OR source:weibo", None),
        ("小米 手机", AllOf(("小米", "手机"))),
        ("小米 OR “红 米”", AnyOf(("小米", "红 米"))),
        ("小米 NEAR/3 (发热 OR 退货)", AllOf(("小米", AnyOf(("发热", "退货"))))),
        ("-(-小米)", "小米"),
        ("-(-a OR -b)", AllOf(("a", "b"))),
        ("a -(b OR c)", "a"),
    ],
)
def test_what_a_text_must_hold(query: str, needed: Needed | None) -> None:
    assert required_terms(parse(query)) == needed
