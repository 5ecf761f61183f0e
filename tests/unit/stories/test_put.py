"""An index made again from what is stored: same stories, numbers that go on, hands that hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.stories import BY_HAND, Index, Post

START = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = "扫地机半夜自己启动，把水杯撞翻了一地，客服说是正常现象，服了"
OTHER = "空调的安装师傅收了三百块高空费，说好的免费安装呢，欺负老实人"


def post(number: int, text: str, **more: str) -> Post:
    return Post(id=f"p{number}", text=text, at=START + timedelta(minutes=number), platform="weibo", **more)


POSTS = [
    post(0, FIRST),
    post(1, OTHER),
    post(2, FIRST + "！"),
    post(3, "转发", parent_id="p1"),
    post(4, "哈哈哈哈"),
    post(5, FIRST.replace("水杯", "茶杯")),
    post(6, "求扩散！" + OTHER),
    post(7, "今天的晚霞很美，和同事一起去江边散步，拍了好多照片回来"),
]
LATER = [
    post(20, "求扩散！" + FIRST.replace("水杯", "茶杯")),
    post(21, OTHER + "😡"),
    post(22, "我也是这样", parent_id="p7"),
    post(23, "云南的蘑菇火锅真是太好吃了，下次还要带家里人一起来尝尝"),
    post(24, "又一条", parent_id="p3"),
]


def copied(index: Index, posts: list[Post]) -> Index:
    """As a program would from its rows."""
    placed = Index().place(posts)
    platform = {one.id: one.platform for one in posts}
    for one, where in zip(posts, placed, strict=True):
        of = (platform.get(where.of, ""), where.of)
        index.put(one, where.story_id, of=of, similarity=where.similarity, by=where.by)
    return index


def test_what_was_put_places_what_follows_as_what_was_placed() -> None:
    placed, put = Index(), Index()
    stories = [one.story_id for one in placed.place(POSTS)]
    copied(put, POSTS)
    assert [one.story_id for one in placed.place(LATER)] == [one.story_id for one in put.place(LATER)]
    assert stories[4] is None
    for story in {one for one in stories if one}:
        assert put.story(story) == placed.story(story)
        assert put.copies(story) == placed.copies(story)
    again = Index.load(put.dump())
    fresh = post(30, "求扩散！！" + OTHER)
    assert [one.story_id for one in again.place([fresh])] == [one.story_id for one in put.place([fresh])]


def test_an_id_put_twice_stays_where_it_is() -> None:
    index = copied(Index(), POSTS)
    index.put(POSTS[0], 99)
    assert len(index) == len(POSTS)
    assert index.place([POSTS[0]])[0].story_id == 1


@pytest.mark.parametrize("first", [1, 500])
def test_numbers_go_on_behind_the_highest(first: int) -> None:
    index = Index(first=first)
    index.put(POSTS[0], first + 40)
    index.put(POSTS[1], BY_HAND + 3)
    index.put(POSTS[2], first + 40, of=("weibo", "p0"), similarity=1.0, by="same")
    index.put(POSTS[7], first + 7)
    new = index.place([LATER[3]])[0]
    assert (new.new, new.story_id) == (True, first + 41)
    assert index.story(first + 40).copies == 2
    assert index.story(BY_HAND + 3).copies == 1
    assert index.place([post(40, OTHER + "！")])[0].story_id == BY_HAND + 3
    assert index.place([post(41, "回复", parent_id="p7")])[0].story_id == first + 7
    with pytest.raises(KeyError):
        index.story(first + 20)
    assert Index.load(index.dump()).story(first + 40).copies == 2


def test_a_split_takes_the_number_it_is_given() -> None:
    index = Index()
    index.place([POSTS[0], POSTS[2], POSTS[5]])
    made = index.split(1, ["p5"], BY_HAND + 1)
    assert made == BY_HAND + 1
    assert index.place([LATER[0]])[0].story_id == made
    assert index.place([LATER[3]])[0].story_id == 2
    assert index.story(made).copies == 2


def test_what_follows_a_post_that_is_forgotten_is_put_all_the_same() -> None:
    index = Index()
    index.put(POSTS[5], 4, of=("weibo", "gone"), similarity=0.9, by="near")
    index.put(POSTS[2], 4, of=("", ""), similarity=1.0, by="hand")
    assert index.story(4).copies == 2
    assert index.place([POSTS[0]])[0].story_id == 4


def test_where_the_post_it_follows_lives_is_told() -> None:
    index = Index()
    one, other, link = index.place([POSTS[0], POSTS[2], POSTS[3]])
    assert (one.of, one.of_platform) == ("", "")
    assert (other.of, other.of_platform) == ("p0", "weibo")
    assert link.of_platform == ""
