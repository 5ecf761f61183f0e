"""Watches over mentions: who is found, where, and what does not count."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.mention import Author, Counts, Kind, Mention, Status, Stored
from app.domain.sentiment import Tone
from app.domain.watch import Source, Watch
from app.errors import QueryError
from app.matching.fold import folded
from app.matching.language import And, Not, Or, Tree, Word, parse
from app.matching.matcher import (
    AllOf,
    Needed,
    check,
    compile_text,
    compile_watches,
    positive_words,
    required_terms,
)


def said(text: str, title: str = "", **more: object) -> Mention:
    return Mention(platform="weibo", native_id="1", url="https://x.test/1", text=text, title=title, **more)  # type: ignore[arg-type]


def kept(mention: Mention, *, tone: Tone | None = None, status: Status = Status.NEW) -> Stored:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Stored(
        id=1,
        mention=mention,
        source_id=7,
        source="虎扑 步行街",
        published_at=now,
        dated=True,
        fetched_at=now,
        tone=tone,
        status=status,
    )


def seen(query: str, mention: Mention | str, **more: object) -> list[str] | None:
    """What is marked in the text, or None where the watch does not match."""
    watch = Watch(id=1, name="x", query=query, **more)  # type: ignore[arg-type]
    mention = said(mention) if isinstance(mention, str) else mention
    hits = compile_watches([watch]).hits(mention)
    return [mention.text[start:end] for start, end in hits[0].spans] if hits else None


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("小米", "我的小米手机", ["小米"]),
        ("小米", "小\u200b米，小米", ["小\u200b米", "小米"]),
        ("苹果", "蘋果發熱", ["蘋果"]),
        ("發熱", "苹果发热", ["发热"]),
        ("小米", "大米", None),
        ("小米 发热", "小米手机发热", ["小米", "发热"]),
        ("小米 发热", "小米手机", None),
        ("小米 OR 红米", "红米来了", ["红米"]),
        ("小米 | 手机", "小米手机", ["小米", "手机"]),
        ("小米 -抽奖", "小米抽奖", None),
        ("小米 -抽奖", "小米开奖", ["小米"]),
        ("小米 -(抽奖 转发)", "小米抽奖", ["小米"]),
        ("小米 -(抽奖 转发)", "小米转发抽奖", None),
        ("小米 OR (红米 -抽奖)", "小米红米抽奖", ["小米"]),
        ("小米 (手机 OR -粥)", "小米粥手机", ["小米", "手机"]),
        ("小米 (手机 OR -粥)", "小米粥", None),
        ("小米 小米手机", "小米手机", ["小米手机"]),
        ("“小米 手机”", "小米\n\n手机", ["小米\n\n手机"]),
        ("“小米 手机”", "小米手机", None),
        # edges of Latin words
        ("mi", "mix admin MIUI", None),
        ("mi", "用MI拍", ["MI"]),
        ("mi", "mi11 13mi", ["mi", "mi"]),
        ("mi", "ＭＩ！", ["ＭＩ"]),
        ("mi", "émi miß", None),
        ("iphone", "iPhone15", ["iPhone"]),
        ("iphone", "用iPhone拍", ["iPhone"]),
        ("iphone", "iphones", None),
        ("15", "iphone15pro", ["15"]),
        ("15", "2015 150", None),
        ("小米su7", "小米SU7ultra", ["小米SU7"]),
        ("小米su7", "小米su70", None),
        ("小米su", "小米suv", None),
        ("“mi”", "mix", ["mi"]),
        ("vivo*", "vivox100", ["vivo"]),
        ("vivo*", "ovivo", None),
        ("c++", "C++语言", ["C++"]),
        # NEAR
        ("小米 NEAR/2 发热", "小米手机发热", ["小米", "发热"]),
        ("小米 NEAR/1 发热", "小米手机发热", None),
        ("发热 NEAR/2 小米", "小米手机发热", ["小米", "发热"]),
        ("小米 NEAR/0 发热", "小米发热", ["小米", "发热"]),
        ("小米 NEAR/2 发热", "小\u200b米手\u200b\u200b机发热", ["小\u200b米", "发热"]),
        ("小米 NEAR/2 发热", "小米㎏发热", ["小米", "发热"]),
        ("小米 NEAR/1 发热", "小米㎏发热", None),
        ("小米 NEAR/1 米手", "小米手机", None),
        ("小米 NEAR/3 小米", "小米好小米", ["小米", "小米"]),
        ("小米 NEAR/3 小米", "小米好", None),
        ("小米 NEAR/2 (发热 OR 退货)", "小米退货，后来我的电脑发热", ["小米", "退货"]),
        ("(小米 OR 红米) NEAR/0 发热", "小米不会，红米发热", ["红米", "发热"]),
        ("手机 -小米 NEAR/2 发热", "手机小米发热", None),
        ("手机 -小米 NEAR/2 发热", "手机小米从来都不发热", ["手机"]),
    ],
)
def test_queries(query: str, text: str, marked: list[str] | None) -> None:
    assert seen(query, text) == marked


def test_the_title_counts_but_is_not_marked() -> None:
    assert seen("小米", said("发布会", title="小米")) == []
    assert seen("小米 发热", said("发热了", title="小米")) == ["发热"]
    assert seen("小米", said("小米很好", title="小米")) == ["小米"]
    assert seen("手机 -抽奖", said("手机", title="抽奖")) is None


def test_no_word_and_no_near_crosses_from_title_to_text() -> None:
    assert seen("小米", said("米", title="小")) is None
    assert seen("“a b”", said("b", title="a")) is None
    assert seen("小米 NEAR/1000 发热", said("发热", title="小米")) is None
    assert seen("小米 NEAR/2 发热", said("无", title="小米手机发热")) == []


def test_exclusions_mask_but_do_not_reject() -> None:
    porridge = {"exclusions": ("小米粥", "小米椒")}
    watch = Watch(id=1, name="小米", query="小米", exclusions=("小米粥", "小米椒"))
    (hit,) = compile_watches([watch]).hits(said("喝着小米粥刷小米手机"))
    assert hit.spans == ((6, 8),)
    assert seen("小米", "喝着小米粥", **porridge) is None
    assert seen("小米", "小米粥，小米椒", **porridge) is None
    assert seen("小米粥 OR 小米", "小米粥", **porridge) is None
    assert seen("小米粥铺", "小米粥铺", **porridge) == ["小米粥铺"]
    assert seen("小米 NEAR/2 手机", "小米粥配手机", **porridge) is None
    assert seen("小米", "喝小\u200b米粥", **porridge) is None
    assert seen("小米", said("刷手机", title="小米粥"), **porridge) is None
    assert seen("小米", "小米粥", exclusions=("", " \u200b")) == ["小米"]


def test_exclusions_do_not_hide_what_is_left_out() -> None:
    assert seen("小米 -粥", "小米手机与小米粥", exclusions=("小米粥",)) is None


def test_an_exclusion_is_one_brands_own() -> None:
    watches = [
        Watch(id=1, name="小米", query="小米", exclusions=("小米粥",)),
        Watch(id=2, name="粮", query="小米"),
    ]
    assert [hit.brand_id for hit in compile_watches(watches).hits(said("小米粥"))] == [2]


def test_aliases_are_or_ed_with_the_outcome() -> None:
    more = {"aliases": ("雷布斯", "MI Home", " ")}
    assert seen("小米 手机", "雷布斯来了", **more) == ["雷布斯"]
    assert seen("小米 -抽奖", "小米抽奖雷布斯", **more) == ["雷布斯"]
    assert seen("小米", "小米的ＭＩ　ＨＯＭＥ", **more) == ["小米", "ＭＩ　ＨＯＭＥ"]
    assert seen("小米", "admi home", **more) is None
    assert seen("小米", "mi homes", **more) is None
    assert seen("小米", "雷布斯鞋", exclusions=("雷布斯鞋",), **more) is None


POST = said(
    "看 https://a.test 小米",
    kind=Kind.REVIEW,
    author=Author(name="老王Ａ", native_id="U9", followers=12_000, verified=True),
    counts=Counts(likes=5, comments=0),
    rating=2.0,
    media=("https://a.test/b.jpg?x=.mp4x",),
    lang="zh-CN",
)


@pytest.mark.parametrize(
    ("query", "true"),
    [
        ("followers>1万", True),
        ("followers>1.2万", False),
        ("followers>=1.2万", True),
        ("followers<12k", False),
        ("followers=12000", True),
        ("likes<=5", True),
        ("likes>5", False),
        ("comments=0", True),
        ("shares<10", False),
        ("小米 -shares>10", True),
        ("rating<3", True),
        ("lang:zh", True),
        ("lang:zh_cn", True),
        ("lang:z", False),
        ("lang:en", False),
        ("has:image", True),
        ("has:video", False),
        ("has:link", True),
        ("is:review", True),
        ("is:post", False),
        ("is:verified", True),
        ("author:老王", True),
        ("author:老王a", True),
        ("author:u9", True),
        ("author:小李", False),
        ("source:weibo", True),
        ("source:WEIBO", True),
        ("source:wei", False),
        ("source:3", True),
        ("source:33", False),
        ("source:“虎扑 步行街”", True),
        ("source:虎扑", False),
        ("小米 -source:weibo", False),
        ("大米 OR rating<3", True),
    ],
)
def test_fields(query: str, true: bool) -> None:
    source = Source(id=3, kind="feed", name="虎扑　步行街")
    hits = compile_watches([Watch(id=1, name="x", query=query)]).hits(POST, source=source)
    assert bool(hits) is true


def test_fields_where_nothing_is_known() -> None:
    bare = said("小米")
    for query in (
        "followers<5",
        "likes<5",
        "rating<5",
        "is:verified",
        "has:image",
        "has:video",
        "has:link",
        "lang:zh",
    ):
        assert seen(query, bare) is None
    assert seen("source:0", bare) is None
    assert seen("has:video", said("x", media=("https://a.test/b.MP4?k=1",))) == []
    assert seen("has:image", said("x", media=("https://a.test/b.MP4?k=1",))) is None
    assert seen("has:video", said("x", kind=Kind.VIDEO)) == []


def test_hits_carry_the_brand_in_the_order_of_the_watches() -> None:
    watches = [
        Watch(id=5, name="红米", query="红米", competitor=True),
        Watch(id=2, name="无", query="没有的词"),
        Watch(id=3, name="小米", query="小米"),
    ]
    hits = compile_watches(watches).hits(said("小米与红米"))
    assert [(hit.brand_id, hit.brand, hit.competitor, hit.spans) for hit in hits] == [
        (5, "红米", True, ((3, 5),)),
        (3, "小米", False, ((0, 2),)),
    ]
    assert compile_watches([]).hits(said("小米")) == ()
    assert compile_watches(watches).hits(said("")) == ()


def test_broken_watches() -> None:
    watches = [Watch(id=4, name="坏", query="小米 ("), Watch(id=2, name="好", query="小米")]
    with pytest.raises(QueryError) as caught:
        compile_watches(watches)
    assert caught.value.at == 3
    matcher = compile_watches(watches, skip_broken=True)
    assert {number: error.at for number, error in matcher.broken.items()} == {4: 3}
    assert [hit.brand_id for hit in matcher.hits(said("小米"))] == [2]
    with pytest.raises(QueryError):
        check("tone:negative")
    check("tone:negative", stored=True)


def test_a_watch_without_its_words_is_not_even_looked_at() -> None:
    watches = [Watch(id=n, name=f"b{n}", query=f"品牌{n}号 (发热 OR 退货)") for n in range(1, 200)]
    watches.append(Watch(id=200, name="大号", query="followers>10"))
    matcher = compile_watches(watches)
    found: dict[int, list[tuple[int, int]]] = {}
    matcher._scan("发热退货品牌7号", found, 0)
    assert matcher._woken(found) == [6, 199]
    assert matcher._woken({}) == [199]


def test_positive_words_for_a_platforms_own_search() -> None:
    def of(query: str, *aliases: str) -> tuple[str, ...]:
        return positive_words(Watch(name="x", query=query, aliases=aliases))

    assert of("小米 (发热 OR 退货) -粥") == ("小米",)
    assert of("小米 OR “Red  Mi”", "MI 官方", " 小米 ", "") == ("小米", "red mi", "MI 官方")
    assert of("(小米 OR 红米) NEAR/5 发热") == ("小米", "红米")
    assert of("小米 OR followers>10 手机") == ("小米", "手机")
    assert of("source:weibo", "小米") == ("小米",)


def test_the_search_box() -> None:
    query = compile_text("小米 发热 tone:negative -status:ignored", stored=True)
    assert query.tree == parse("小米 发热 tone:negative -status:ignored", stored=True)
    angry = said("又發熱了", title="小米")
    assert query.matches(kept(angry, tone=Tone.NEGATIVE))
    assert not query.matches(kept(angry, tone=Tone.POSITIVE))
    assert not query.matches(kept(angry))
    assert not query.matches(kept(angry, tone=Tone.NEGATIVE, status=Status.IGNORED))
    assert query.spans("又發熱了") == ((1, 3),)
    assert compile_text("source:“虎扑 步行街”").matches(kept(angry))
    assert compile_text("source:7").matches(kept(angry))
    assert compile_text("小米 NEAR/2 发热 OR 手机 -坏").spans("小米不会啊发热手机坏") == ((7, 9),)
    assert compile_text("has:image").spans("小米") == ()
    with pytest.raises(QueryError):
        compile_text("tone:negative")


def test_a_post_of_a_hundred_thousand_characters() -> None:
    watches = [
        Watch(id=1, name="小米", query="小米 NEAR/5 发热", exclusions=("小米粥",)),
        Watch(id=2, name="x", query="米 发 -没有"),
    ]
    matcher = compile_watches(watches)
    for text in ("小米粥发热…" * 17_000, "小米发热\u200b" * 20_000, "小米" * 50_000):
        began = time.thread_time()
        matcher.hits(said(text))
        assert time.thread_time() - began < 8


LETTERS = "小米粥aAé1 \u200b苹蘋㎏"
SHORT = st.text(alphabet=LETTERS, max_size=25)


@settings(deadline=None, max_examples=100)
@given(
    st.one_of(SHORT, st.text(max_size=6)),
    st.one_of(SHORT, st.text(max_size=40)),
    st.booleans(),
)
def test_a_quoted_phrase_is_a_plain_substring(phrase: str, text: str, planted: bool) -> None:
    phrase = "".join(char for char in phrase if folded(char) not in {'"', "“", "”"} and char not in '"＂')
    if not folded(phrase).strip():
        return
    text = text + phrase + text if planted else text
    hits = compile_watches([Watch(id=1, name="x", query=f'"{phrase}"')]).hits(said(text))
    assert bool(hits) is (folded(phrase) in folded(text))
    for start, end in hits[0].spans if hits else ():
        assert folded(phrase) in folded(text[start:end])


@st.composite
def queries(draw: st.DrawFn) -> str:
    word = st.sampled_from(["小米", "米", "a", "苹果", "粥", '"1 a"', "a*", "é"])
    head = draw(word)
    tail = draw(st.sampled_from(["", " OR {}", " {}", " -{}", " NEAR/2 {}", " NEAR/0 ({} OR 米)"]))
    return head + tail.format(draw(word))


@settings(deadline=None, max_examples=100)
@given(st.lists(queries(), min_size=1, max_size=5), queries(), SHORT, SHORT)
def test_another_watch_changes_nothing_for_the_others(
    texts: list[str], other: str, text: str, title: str
) -> None:
    watches = [
        Watch(id=n, name=str(n), query=query, exclusions=("小米粥",) if n % 2 else ())
        for n, query in enumerate(texts, 1)
    ]
    extra = Watch(id=99, name="other", query=other, aliases=("米粥",), exclusions=("小米",))
    mention = said(text, title=title)
    alone = compile_watches(watches).hits(mention)
    together = compile_watches([extra, *watches]).hits(mention)
    assert alone == tuple(hit for hit in together if hit.brand_id != 99)


WORDS = st.sampled_from(["米", "粥", "苹", "发"]).map(Word)
TREES: st.SearchStrategy[Tree] = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


def written(tree: Tree) -> str:
    match tree:
        case Word(text):
            return text
        case Not(part):
            return f"-({written(part)})"
        case And(parts):
            return "(" + " AND ".join(map(written, parts)) + ")"
        case Or(parts):
            return "(" + " OR ".join(map(written, parts)) + ")"
        case _:
            raise AssertionError(tree)


def true(tree: Tree, text: str) -> bool:
    match tree:
        case Word(word):
            return word in text
        case Not(part):
            return not true(part, text)
        case And(parts):
            return all(true(part, text) for part in parts)
        case Or(parts):
            return any(true(part, text) for part in parts)
        case _:
            raise AssertionError(tree)


def holds(needed: Needed | None, contains: Callable[[str], bool]) -> bool:
    if needed is None:
        return True
    if isinstance(needed, str):
        return contains(needed)
    parts = [holds(part, contains) for part in needed.parts]
    return all(parts) if isinstance(needed, AllOf) else any(parts)


@settings(deadline=None, max_examples=100)
@given(TREES, st.text(alphabet="米粥苹发x", max_size=5))
def test_boolean_laws(tree: Tree, text: str) -> None:
    # “米” with the tree, so that trees of negatives alone may be asked too.
    query = f"米 {written(tree)}"
    expected = "米" in text and true(tree, text)
    assert (seen(query, text) is not None) is expected
    assert compile_text(query).matches(kept(said(text))) is expected
    for marked in seen(query, text) or ():
        assert marked in query
    if expected:
        assert holds(required_terms(parse(query)), lambda word: word in text)


@settings(deadline=None, max_examples=100)
@given(queries(), SHORT, SHORT)
def test_the_index_never_misses_what_matches(query: str, text: str, title: str) -> None:
    mention = said(text, title=title)
    if compile_text(query).matches(kept(mention)):
        whole = folded(title) + "\0" + folded(text)
        assert holds(required_terms(parse(query)), lambda word: word in whole)
        assert seen(query, mention) is not None
