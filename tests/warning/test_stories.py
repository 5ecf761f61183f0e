"""Stories as they are stored: any batching, restarts, by hand, two posts of one number, heat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.mention import Author, Kind
from app.domain.sentiment import Tone
from app.engine import placing
from app.errors import ConfigError, NotFound

FIRST = "云雀扫地机半夜自己启动，把水杯撞翻了一地，客服说是正常现象，服了"
OTHER = "云雀空调的安装师傅收了三百块高空费，说好的免费安装呢，欺负老实人"
THIRD = "今天的晚霞很美，和同事一起去江边散步，拍了好多照片回来"
POSTS = [
    *(FIRST, OTHER, "求扩散！" + FIRST, THIRD, FIRST + "😡", "转发", OTHER + "@小王", "太差了"),
    *(FIRST.replace("水杯", "茶杯"), "云雀" + THIRD, OTHER, FIRST + "！", "哈哈哈哈", OTHER + "。。。"),
]


def _placed(desk: Any, ids: list[int]) -> list[int | None]:
    of = desk.core.storage.stories.of_mentions(ids)
    return [of.get(id_) for id_ in ids]


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, len(POSTS) - 1), max_size=5), kill=st.booleans())
def test_any_batching_gives_the_same_stories_and_the_same_sums(
    desks: Callable[[], Any], cuts: list[int], kill: bool
) -> None:
    whole, parts = desks(), desks()
    together = whole.say(*POSTS)
    apart: list[int] = []
    edges = [0, *sorted(set(cuts)), len(POSTS)]
    for begin, end in pairwise(edges):
        apart += parts.say(*POSTS[begin:end])
        if kill:
            parts.killed()
    assert _placed(whole, together) == _placed(parts, apart)
    heard = [desk.core.storage.warning.heard([desk.brand], 0, 10**9) for desk in (whole, parts)]
    assert heard[0] == heard[1]
    sums = [desk.core.storage.stories.sums(desk.brand, range(1, 9)) for desk in (whole, parts)]
    assert sums[0] == sums[1]
    first, again = _placed(whole, together)[0], _placed(whole, together)[4]
    assert first is not None
    assert first == again
    assert _placed(whole, together)[5] is None


def test_after_a_restart_copies_find_their_story_also_without_the_index(desk: Any) -> None:
    ids = desk.say(FIRST, OTHER)
    desk.core.warning.close()
    desk.killed()
    more = desk.say("求扩散！" + FIRST)
    assert _placed(desk, more) == _placed(desk, ids[:1])
    desk.core.storage.stories.save_index(0, 0, b"not a state", desk.clock.at)
    desk.killed()
    last = desk.say(FIRST.replace("水杯", "茶杯"), OTHER + "！！", THIRD)
    stories = _placed(desk, [*ids, *last])
    assert stories[2:4] == stories[:2]
    assert stories[4] not in stories[:4]


def test_an_older_state_of_the_index_catches_up(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.say(FIRST)
    monkeypatch.setattr(placing, "ENOUGH", 1)
    desk.core.warning._placing.write(closing=True)
    assert desk.core.storage.stories.index() is not None
    desk.say(OTHER, FIRST + "！")
    desk.killed()
    made = desk.say(OTHER.replace("三百", "300"), FIRST + "？", OTHER + "~")
    of = _placed(desk, [1, 2, 3, *made])
    assert of[4] == of[0] == of[2]
    assert of[5] == of[1]


def test_what_is_merged_and_split_by_hand_holds_for_what_follows(desk: Any) -> None:
    one, other, third = desk.say(FIRST, OTHER, THIRD)
    core = desk.core
    a, b, c = (core.story_of(id_).id for id_ in (one, other, third))
    assert core.merge_stories([a, b]) == a
    assert core.story(b).id == a
    assert {row.id for row in core.story_mentions(b)} == {one, other}
    follower = desk.say(OTHER + "！")[0]
    assert core.story_of(follower).id == a
    made = core.split_story([other, follower])
    assert made not in (a, b, c)
    assert core.story(a).copies == 1
    assert [row.id for row in core.story_mentions(made)] == [other, follower]
    desk.killed()
    assert core.story_of(desk.say("求扩散！" + OTHER)[0]).id == made
    assert core.story_of(desk.say(FIRST + "。。")[0]).id == a
    fresh = core.story_of(desk.say("云雀牙刷充不进电，换了三个插座都一样，才买了一个月")[0]).id
    assert fresh < 2**31 <= made
    for wrong in ([a], [a, 10**6]):
        with pytest.raises((ConfigError, NotFound)):
            core.merge_stories(wrong)
    for wrong in ([other, third], [other, follower, desk.count - 2], [third], [10**6]):
        with pytest.raises(ConfigError):
            core.split_story(wrong)
    with pytest.raises(NotFound):
        core.story(10**6)
    assert core.story_of(10**6) is None


def test_a_split_moves_what_was_heard_too(desk: Any) -> None:
    ids = desk.say(FIRST, FIRST + "！", FIRST + "？？")
    story = desk.core.story_of(ids[0]).id
    made = desk.core.split_story(ids[1:])
    sums = desk.core.storage.stories.sums(desk.brand, [story, made])
    assert (sums[story].copies, sums[made].copies) == (1, 2)


def test_a_comment_without_the_brands_name_counts_in_its_story_only(desk: Any) -> None:
    root = desk.say(FIRST, native_id="root")[0]
    answer = desk.say("太可怕了，我家的也这样", native_id="c1", parent_id="root", kind=Kind.COMMENT)[0]
    positive = desk.say("我的很好用啊", tone=Tone.POSITIVE, native_id="c2", root_id="root")[0]
    assert _placed(desk, [answer, positive]) == _placed(desk, [root]) * 2
    story = desk.core.story_of(root)
    assert (story.copies, story.negative) == (3, 2)
    total = desk.core.storage.stories.sums(desk.brand, [story.id])[story.id]
    assert (total.copies, total.bad) == (3, 2)
    heard = desk.core.storage.warning.heard([desk.brand], 0, 10**9)[desk.brand]
    assert [one.sort for one in heard] == ["live", "aside", "aside"]


def test_a_post_and_a_comment_of_one_number_are_two(desk: Any) -> None:
    post = desk.say(FIRST, native_id="7")[0]
    comment = desk.say(OTHER, native_id="7", kind=Kind.COMMENT)[0]
    assert _placed(desk, [post])[0] != _placed(desk, [comment])[0]
    assert _placed(desk, desk.say(OTHER + "！")) == _placed(desk, [comment])


def test_an_edited_post_stays_in_its_story_and_is_not_heard_twice(desk: Any) -> None:
    id_ = desk.say(FIRST, native_id="e")[0]
    before = _placed(desk, [id_])
    desk.core.pipeline.take(desk.source, _edited(desk, "e", OTHER))
    desk.core.storage.mentions.save_scores([(id_, 2, _score(desk, id_))])
    desk.hear()
    desk.wait()
    assert _placed(desk, [id_]) == before
    assert len(desk.core.storage.warning.heard([desk.brand], 0, 10**9)[desk.brand]) == 1
    assert desk.core.storage.stories.waiting() == 0


def _edited(desk: Any, name: str, text: str) -> Any:
    from app.domain.mention import Mention
    from app.domain.watch import Page

    mention = Mention(platform="weibo", native_id=name, url="", text=text, published_at=desk.clock.at)
    return Page((mention,), None)


def _score(desk: Any, id_: int) -> Any:
    from dataclasses import replace

    kept = desk.core.mention(id_)
    return replace(kept.score, version="2") if kept.score else _fresh()


def _fresh() -> Any:
    from app.domain.sentiment import Score

    return Score(
        value=0.05,
        tone=Tone.NEGATIVE,
        engine="trivial",
        version="1",
        negative=0.95,
        neutral=0.05,
        positive=0.0,
    )


def test_the_heat_of_a_story(desk: Any) -> None:
    def author(number: int, followers: int) -> Author:
        return Author(name=f"用户{number}8391", native_id=f"a{number}", followers=followers)

    first = desk.say(FIRST, author=author(0, 900), ago=3 * 3600)[0]
    for number in range(1, 6):
        desk.say(FIRST, author=author(number, 3), platform="xhs", ago=60.0 * number)
    desk.say(FIRST + "求扩散", author=author(1, 5), platform="xhs", ago=10.0)
    heat = desk.core.story_of(first)
    assert heat.first.id == first
    assert (heat.copies, heat.negative, heat.authors, heat.followers) == (7, 7, 6, 900 + 4 * 3 + 5)
    assert (heat.velocity, heat.peak) == (6.0, 6.0)
    assert heat.platforms == (("xhs", 6), ("weibo", 1))
    assert sum(hop.copies for hop in heat.path) == 6
    assert heat.path[0].source == "weibo"
    assert {sign.kind for sign in heat.campaign} >= {"same_text", "names", "accounts"}
    assert all(sign.told and 0 < sign.share <= 1 for sign in heat.campaign)
    assert heat.last_at - heat.first_at == timedelta(seconds=3 * 3600 - 10)


@pytest.mark.parametrize(
    "text", ["", "云雀", "😀" * 500, "云雀 " + "http://a.b/c " * 300, "云雀" + "坏" * 100_000]
)
def test_odd_texts_are_placed_and_heard(desk: Any, text: str) -> None:
    desk.say(text, text, text + "！")
    desk.wait()
    assert desk.core.storage.stories.waiting() == 0
