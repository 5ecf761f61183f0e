"""Placing, linking, forgetting, merging, splitting, and what survives a restart."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stories import Index, Placed, Post
from app.stories.compact import RARE, Table

AT = datetime(2026, 11, 1, tzinfo=UTC)
LINE = "小米14才用了三个月屏幕就出现绿线，客服说过保要自费，一块屏幕一千二，这质量真的让人寒心。"
FOOD = "海底捞外卖送来的毛肚已经发臭了，吃完全家拉肚子，去医院挂了急诊，商家到现在没有一个说法！"
TRADITIONAL = "海底撈外賣送來的毛肚已經發臭了，吃完全家拉肚子，去醫院掛了急診，商家到現在沒有一個說法"
CAR = "刚提的车不到一千公里，高速上突然失去动力，仪表盘亮了一排故障灯，4S店检测了三天说没问题。"


def post(name: str, text: str, hours: float = 0, **more: object) -> Post:
    return Post(id=name, text=text, at=AT + timedelta(hours=hours), **more)  # type: ignore[arg-type]


def placed(index: Index, *posts: Post) -> list[Placed]:
    return index.place(posts)


def test_a_story_begins_and_is_followed() -> None:
    first, same, near, other = placed(
        Index(), post("a", LINE), post("b", LINE + "😡"), post("c", "求扩散！" + LINE), post("d", FOOD)
    )
    assert (first.new, first.of, first.by) == (True, "", "")
    assert (same.story_id, same.new, same.similarity, same.of, same.by) == (
        first.story_id,
        False,
        1.0,
        "a",
        "same",
    )
    assert (near.story_id, near.of, near.by) == (first.story_id, "a", "near")
    assert 0.8 < near.similarity < 1
    assert other.new
    assert other.story_id != first.story_id


def test_what_says_nothing_makes_no_story() -> None:
    for one in placed(
        Index(), *(post(str(n), text) for n, text in enumerate(["太差了", "太差了", "😡", "", "转发微博"]))
    ):
        assert (one.story_id, one.new, one.of) == (None, False, "")


def test_links_fold_whatever_the_text() -> None:
    index = Index()
    first, reply, deep, elsewhere = placed(
        index,
        post("a", LINE, platform="weibo"),
        post("b", "转发微博", platform="weibo", parent_id="a"),
        post("c", FOOD, platform="weibo", parent_id="gone", root_id="a"),
        post("d", "转发微博", platform="xhs", parent_id="a"),
    )
    assert {reply.story_id, deep.story_id} == {first.story_id}
    assert (reply.by, reply.of, deep.of) == ("link", "a", "a")
    assert elsewhere.story_id is None


def test_a_parent_that_comes_after_its_answers() -> None:
    one, other, parent = placed(
        Index(), post("b", FOOD, parent_id="a"), post("c", CAR, parent_id="a"), post("a", LINE)
    )
    assert one.story_id == other.story_id == parent.story_id
    assert not parent.new


def test_across_platforms_in_traditional_characters() -> None:
    one, other = placed(
        Index(), post("a", FOOD, platform="weibo"), post("a", TRADITIONAL, platform="ptt")
    )  # fmt: skip
    assert (other.story_id, other.similarity) == (one.story_id, 1.0)


def test_the_same_id_again_is_not_counted_again() -> None:
    index = Index()
    one, again = placed(index, post("a", LINE), post("a", FOOD))
    assert (again.story_id, again.new, again.by) == (one.story_id, False, "known")
    assert index.story(1).copies == 1


def test_older_than_the_window_is_forgotten() -> None:
    index = Index(timedelta(days=14))
    [one] = placed(index, post("a", LINE))
    [within] = placed(index, post("b", LINE, 13 * 24))
    [kept_alive] = placed(index, post("c", LINE, 26 * 24))
    [after] = placed(index, post("d", LINE, 41 * 24))
    assert one.story_id == within.story_id == kept_alive.story_id
    assert after.new


def test_memory_is_given_back() -> None:
    index = Index(timedelta(days=14))
    for day in range(120):
        index.place(
            [
                post(
                    f"{day}-{n}", f"第{chr(0x4E00 + day * 40 + n)}号{chr(0x5E00 + n)}门店的{FOOD}", day * 24
                )
                for n in range(40)
            ]
        )
    state = len(index.dump())
    for day in range(120, 240):
        index.place(
            [
                post(
                    f"{day}-{n}", f"第{chr(0x4E00 + day * 40 + n)}号{chr(0x5E00 + n)}门店的{FOOD}", day * 24
                )
                for n in range(40)
            ]
        )
    assert len(index.dump()) < state * 1.3


def test_a_long_story_keeps_its_beginning() -> None:
    index = Index(timedelta(days=14))
    for day in range(60):
        index.place([post(f"p{day}", LINE, day * 24, platform="weibo")])
    story = index.story(1)
    assert (story.copies, story.first.id, story.first.at) == (60, "p0", AT)
    assert 14 <= len(index.copies(1)) <= 16


def test_one_wild_date_forgets_nothing() -> None:
    index = Index()
    first, wild, after = placed(
        index,
        post("a", LINE),
        Post(id="b", text=FOOD, at=datetime(9999, 12, 31, tzinfo=UTC)),
        post("c", LINE, 1),
    )
    assert after.story_id == first.story_id
    assert index.story(2).first.at.year == 9999
    assert wild.new


def test_merged_by_hand_stays_merged() -> None:
    index = Index()
    placed(index, post("a", LINE), post("b", FOOD))
    assert index.merge(1, 2) == 1
    [later] = placed(index, post("c", FOOD + "求转发"))
    assert later.story_id == 1
    assert index.story(2) == index.story(1)
    assert index.story(1).copies == 3


def test_split_by_hand_stays_split() -> None:
    index = Index()
    near = "求扩散！" + LINE.replace("绿线", "绿屏")
    one, other = placed(index, post("a", LINE), post("b", near))
    assert one.story_id == other.story_id == 1
    made = index.split(1, ["b"])
    assert made != 1
    same, alike, old = placed(index, post("c", near), post("d", near + "太气人了"), post("e", LINE))
    assert (same.story_id, alike.story_id, old.story_id) == (made, made, 1)
    assert index.merge(1, made) == 1
    assert placed(index, post("f", near))[0].story_id == 1


def test_an_answer_follows_what_was_split() -> None:
    index = Index()
    placed(index, post("a", LINE), post("b", "转发微博", parent_id="a"), post("c", CAR, parent_id="a"))
    made = index.split(1, ["c"])
    [answer, old] = placed(index, post("d", "转发", parent_id="c"), post("e", "转发", parent_id="b"))
    assert (answer.story_id, old.story_id) == (made, 1)


@pytest.mark.parametrize("ids", [["nobody"], [], ["a", "b"]])
def test_a_split_that_is_none(ids: list[str]) -> None:
    index = Index()
    placed(index, post("a", LINE), post("b", LINE))
    with pytest.raises(KeyError):
        index.split(1, ids)
    assert index.story(1).copies == 2


def test_there_is_no_such_story() -> None:
    index = Index()
    placed(index, post("a", LINE))
    for act in (
        lambda: index.story(9),
        lambda: index.merge(1, 9),
        lambda: index.merge(9, 1),
        lambda: index.split(9, ["a"]),
    ):
        with pytest.raises(KeyError):
            act()


@pytest.mark.parametrize(
    "text",
    ["", "屏", "😡" * 300, "http://t.cn/A6xyz", "\ud83d", LINE * 2300, "啊" * 100_000, "ab" * 50_000],
)
def test_hostile_texts(text: str) -> None:
    index = Index()
    one, other = placed(index, post("a", text), post("b", text))
    assert one.story_id == other.story_id
    assert Index.load(index.dump()).place([post("c", text)]) == index.place([post("c", text)])


def test_long_articles() -> None:
    chars = "".join(chr(0x4E00 + (i * i * 7 + i * 31) % 9000) for i in range(3000))
    other = "".join(chr(0x4E00 + (i * i * 11 + i * 17 + 5) % 9000) for i in range(3000))
    one, same, edited, unlike = placed(
        Index(),
        post("a", chars),
        post("b", chars),
        post("c", "来源：新华社。" + chars[:2950] + "（完）"),
        post("d", other),
    )
    assert one.story_id == same.story_id == edited.story_id
    assert unlike.new


def test_damaged_state() -> None:
    state = Index().dump()
    for broken in (b"", b"rubbish", state[:-3], state[:30], b"tingfeng stories\n"):
        with pytest.raises(ValueError, match="state"):
            Index.load(broken)


WORDS = st.sampled_from(
    [
        LINE,
        FOOD,
        CAR,
        LINE + "😡",
        "求扩散！" + LINE,
        LINE[:30] + "...全文",
        "太差了",
        "小米14绿线",
        "小米15绿线",
        "",
        "转发微博",
    ]
)
POSTS = st.lists(
    st.builds(
        Post,
        id=st.sampled_from([str(n) for n in range(12)]),
        text=WORDS,
        at=st.integers(0, 40 * 24).map(lambda hours: AT + timedelta(hours=hours)),
        author=st.sampled_from(["", "甲", "用户1"]),
        platform=st.sampled_from(["weibo", "xhs"]),
        parent_id=st.sampled_from(["", "", "1", "2", "x"]),
        followers=st.sampled_from([None, 0, 9]),
    ),
    max_size=30,
)


@given(POSTS)
@settings(max_examples=60, deadline=None)
def test_placing_is_deterministic_whatever_the_batches(posts: Sequence[Post]) -> None:
    whole, single = Index(), Index()
    assert whole.place(posts) == [one for each in posts for one in single.place([each])]
    assert whole.dump() == single.dump()


@given(POSTS, st.integers(0, 30), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_restart_in_the_middle_changes_nothing(posts: Sequence[Post], at: int, by_hand: bool) -> None:
    index = Index()
    index.place(posts[:at])
    many = list(index.stories(2))
    if by_hand and many:
        last = index.copies(many[0])[-1]
        index.split(many[0], [(last.platform, last.id)])
    again = Index.load(index.dump())
    assert again.place(posts[at:]) == index.place(posts[at:])
    assert again.dump() == index.dump()
    assert [again.story(one) for one in again.stories(1)] == [index.story(one) for one in index.stories(1)]


@given(st.permutations([*[LINE] * 3, *[FOOD + " @小李"] * 2, *["小米SU7又断轴了"] * 3, CAR, "太差了"]))
@settings(max_examples=40, deadline=None)
def test_exact_copies_in_any_order(texts: Sequence[str]) -> None:
    found = placed(Index(), *(post(str(n), text) for n, text in enumerate(texts)))
    stories = {
        text: {one.story_id for one, each in zip(found, texts, strict=True) if each == text}
        for text in texts
    }
    assert all(len(each) == 1 for each in stories.values())
    assert len({tuple(each) for each in stories.values()}) == len(stories)


def test_a_late_delivery_does_not_wake_what_is_forgotten() -> None:
    index = Index()
    [first] = placed(index, post("a", LINE))
    placed(index, *(post(f"n{n}", FOOD, 15 * 24) for n in range(5)))
    [late] = placed(index, post("b", LINE, 24))
    assert late.new
    assert late.story_id != first.story_id


def test_a_table_answers_what_it_holds_however_often_it_was_asked_before() -> None:
    table, held = Table(3), defaultdict[int, list[int]](list)
    rng = random.Random(5)
    for number in range(400):
        hashes = [rng.randrange(1, 30) for _one in range(4)]
        hashes = list(dict.fromkeys(hashes))
        table.add_all(hashes, number)
        for hash_ in hashes:
            held[hash_] = [*held[hash_], number][-3:]
        if number == 300:
            table.floor = 250
        asked = rng.sample(range(1, 40), 6)
        votes, common = table.votes(asked)
        alive = {hash_: [one for one in held[hash_] if one >= table.floor] for hash_ in asked}
        wanted: Counter[int] = Counter()
        for numbers in alive.values():
            for one in numbers:
                wanted[one] += 1 if len(numbers) >= 3 else RARE
        assert votes == wanted
        assert common == {hash_ for hash_, numbers in alive.items() if len(numbers) >= 3}
