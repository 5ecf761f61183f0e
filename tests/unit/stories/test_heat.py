"""Heat: copies, velocity, reach, the path, and signs of a campaign."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from app.stories import Index, Post, explained

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
TEXT = "海底捞外卖送来的毛肚已经发臭了，吃完全家拉肚子，去医院挂了急诊，商家到现在没有一个说法！"


def copies(times: list[float], names: list[str], **more: object) -> list[Post]:
    return [
        Post(id=str(n), text=TEXT, at=AT + timedelta(seconds=at), author=name, **more)  # type: ignore[arg-type]
        for n, (at, name) in enumerate(zip(times, names, strict=True))
    ]


def signs(posts: list[Post]) -> set[str]:
    index = Index()
    index.place(posts)
    return {one.kind for one in index.story(1).campaign}


def test_heat() -> None:
    index = Index()
    index.place(
        [
            Post(id="1", text=TEXT, at=AT, author="甲", followers=100, platform="weibo"),
            Post(id="2", text=TEXT, at=AT + timedelta(minutes=90), author="乙", followers=7, platform="xhs"),  # noqa: E501
            Post(id="3", text="转发", at=AT + timedelta(minutes=95), author="甲", followers=120,
                 platform="weibo", parent_id="1"),
            Post(id="4", text=TEXT + "！", at=AT + timedelta(minutes=100), author="丙", platform="xhs"),
        ]
    )  # fmt: skip
    story = index.story(1, now=AT + timedelta(minutes=120))
    assert (story.copies, story.authors, story.followers) == (4, 3, 127)
    assert (story.velocity, story.peak) == (3, 3)
    assert (story.first.id, story.first.platform, story.first.author) == ("1", "weibo", "甲")
    assert story.last_at == AT + timedelta(minutes=100)
    assert story.platforms == {"weibo": 2, "xhs": 2}
    assert [(hop.source, hop.target, hop.copies) for hop in story.path] == [
        ("weibo", "xhs", 2),
        ("weibo", "weibo", 1),
    ]
    assert [(one.id, one.of, one.by) for one in index.copies(1)] == [
        ("1", "", ""), ("2", "1", "same"), ("3", "1", "link"), ("4", "1", "same"),
    ]  # fmt: skip
    assert story.campaign == ()


def test_the_first_is_the_earliest_not_the_first_to_arrive() -> None:
    index = Index()
    index.place(
        [Post(id="late", text=TEXT, at=AT), Post(id="early", text=TEXT, at=AT - timedelta(hours=3))]
    )
    assert index.story(1).first.id == "early"


PEOPLE = ["不吃香菜", "Lily", "老王说车", "momo", "一只小鹿", "城南旧事", "K.", "夏天的风", "阿杰", "大鱼"]


def test_people_are_no_campaign() -> None:
    chance = random.Random(3)
    times = sorted(chance.expovariate(1 / 600) * 5 for _i in range(10))
    assert signs(copies(times, PEOPLE, followers=300)) == set()


def test_names_of_one_pattern() -> None:
    times = [0.0, 40, 900, 950, 4000, 4100, 9000, 9005, 20000, 21000]
    assert signs(copies(times, [f"用户{n * 77}" for n in range(10)])) == {"same_text", "names"}


def test_a_machine_s_rhythm() -> None:
    times = [n * 60.0 + n % 2 for n in range(10)]
    assert signs(copies(times, PEOPLE)) == {"same_text", "rhythm"}


def test_young_accounts_without_followers() -> None:
    times = [0.0, 40, 900, 950, 4000, 4100, 9000, 9005, 20000, 21000]
    assert signs(copies(times, PEOPLE, author_since=AT - timedelta(days=9))) == {"same_text", "accounts"}
    assert signs(copies(times, PEOPLE, followers=2)) == {"same_text", "accounts"}
    assert signs(copies(times, PEOPLE, author_since=AT - timedelta(days=900), followers=300)) == set()


def test_reposts_are_no_campaign() -> None:
    posts = [Post(id="0", text=TEXT, at=AT, author="甲")]
    posts += [
        Post(id=str(n), text="转发", at=AT + timedelta(minutes=n), author=f"用户{n}", parent_id="0")
        for n in range(1, 12)
    ]
    assert signs(posts) == set()


def test_the_same_account_many_times_is_no_campaign() -> None:
    assert signs(copies([n * 60.0 for n in range(10)], ["用户1"] * 10)) == set()


def test_reasons_in_words() -> None:
    index = Index()
    index.place(copies([n * 60.0 for n in range(10)], [f"用户{n}" for n in range(10)]))
    words = [explained(one) for one in index.story(1).campaign]
    assert words[0] == "100% of the copies are the same text, written anew and not reposted"
    assert len(words) == 3
