"""Douyin beyond the common suite: all error rows, tokens that rotate, growing threads, the search."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.mention import Kind, Mention
from app.drill.standin import Douyin as Platform
from app.drill.standin import World
from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    RateLimited,
    Refused,
    ReplyRejected,
    Transient,
    Unsure,
)
from monitors.douyin import Douyin, Settings
from monitors.douyin.errors import TABLE
from monitors.douyin.place import Known, Place
from tests.monitors.desk import Desk as AnyDesk

Desk = AnyDesk[Platform]
VIDEO = "@video/1+a=="
DAY = 86400


@pytest.fixture
def desk() -> Iterator[Desk]:
    with World([Platform]) as world:
        platform = world.of(Platform)
        settings = Settings(
            server=world.url_of(Platform),
            client_key=platform.client_key,
            client_secret=platform.client_secret,
            token=platform.token,
            refresh=platform.refresh,
            open_id=platform.open_id,
        )
        made = AnyDesk(platform, Douyin, settings)
        add_video(made)
        yield made
        made.close()


def add_video(desk: Desk, id: str = VIDEO, **more: Any) -> None:
    given = {"author_id": desk.platform.open_id, "extra": {"where": "video"}, **more}
    desk.platform.add("新品开箱", id=id, **given)


def comment(desk: Desk, text: str, above: str = "", root: str = VIDEO, **more: Any) -> str:
    return desk.platform.add(text, root=root, parent=above, **more).id


def asked(desk: Desk, ending: str = "") -> list[Any]:
    return [call for call in desk.platform.journal if call.path.endswith(ending)]


def words(desk: Desk) -> list[str]:
    return sorted(one.text for one in desk.found)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def test_a_comment_and_its_answers(desk: Desk) -> None:
    first = comment(desk, "左耳没声音[泪奔]", author="阿树", author_id="u-7")
    comment(desk, "我也是", first)
    desk.round()
    one, two = sorted(desk.found, key=lambda each: each.parent_id != VIDEO)
    assert (one.platform, one.kind, one.native_id) == ("douyin", Kind.COMMENT, first)
    assert (one.root_id, one.parent_id) == (VIDEO, VIDEO)
    assert (two.root_id, two.parent_id) == (VIDEO, first)
    assert one.url.startswith("https://www.iesdouyin.com/")
    assert (one.author.name, one.author.native_id) == ("阿树", "u-7")
    assert (one.counts.likes, one.counts.comments) == (6, 1)
    assert {call.get("item_id") for call in asked(desk, "/item/comment/list/")} == {VIDEO}  # encoded once


def test_withheld_names_are_no_error(desk: Desk) -> None:
    desk.platform.named = False
    comment(desk, "左耳没声音")
    desk.round()
    assert [one.author.name for one in desk.found] == [""]


def test_a_comment_that_was_held_back_for_review_is_found_by_its_count(desk: Desk) -> None:
    comment(desk, "早")
    desk.round()
    desk.wait(3 * DAY)
    comment(desk, "晚")
    desk.round()
    desk.platform.items.insert(1, replace(desk.platform.items[1], id="@late==", text="审核后才放出"))
    desk.wait(600)
    desk.round()
    assert words(desk) == sorted(["早", "晚", "审核后才放出"])


def test_what_was_forgotten_is_known_by_its_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are more comments than ids remembered: old ones are not handed over again."""
    monkeypatch.setattr("monitors.douyin.monitor.MEMORY", 100)
    begin = desk.now().timestamp()
    for n in range(190):
        comment(desk, f"早{n}", at=begin - (200 - n) * DAY)
    desk.round()
    for n in range(60):
        comment(desk, f"中{n}", at=begin + n)
    desk.wait(600)
    desk.round()
    assert len({one.native_id for one in desk.found}) == 250
    assert len(desk.found) == 250
    before = len(desk.found)
    comment(desk, "迟来的回复", desk.found[189].native_id)
    desk.wait(2 * DAY)
    desk.round()
    assert "迟来的回复" in words(desk)
    assert len(desk.found) == before + 1


def test_only_videos_whose_count_changed_are_read_again(desk: Desk) -> None:
    add_video(desk, "@video/2+b==")
    comment(desk, "早")
    comment(desk, "另一个", root="@video/2+b==")
    desk.round()
    desk.platform.journal.clear()
    desk.wait(600)
    desk.round()
    assert len(asked(desk)) == 1  # the list of videos, nothing else
    comment(desk, "晚")
    desk.round()
    assert [call.get("item_id") for call in asked(desk, "/item/comment/list/")] == [VIDEO]
    assert words(desk) == ["另一个", "早", "晚"]
    desk.platform.journal.clear()
    desk.wait(DAY + 1)
    desk.round()
    assert len(asked(desk, "/item/comment/list/")) == 2  # once a day all the same


def test_a_new_answer_to_an_old_comment_is_found_below_newer_ones(desk: Desk) -> None:
    old = comment(desk, "第一条")
    for n in range(120):
        comment(desk, f"评论{n}")
    desk.round()
    assert len(desk.found) == 121
    comment(desk, "迟来的回复", old)
    desk.wait(600)
    desk.round()
    assert desk.found[-1].text == "迟来的回复"


def test_pages_that_shift_under_the_reader_lose_nothing(desk: Desk) -> None:
    for n in range(130):
        comment(desk, f"评论{n}")
    late = iter(range(1000))

    def shifting(call: Any, made: Any) -> Any:
        if call.path.endswith("/item/comment/list/") and call.number("cursor", 0):
            for _time in range(7):
                comment(desk, f"插队{next(late)}")
        return made

    desk.platform.mutate = shifting
    desk.round()
    desk.platform.mutate = None
    desk.wait(3700)
    desk.round()
    assert sorted({one.text for one in desk.found}) == sorted(
        one.text for one in desk.platform.items if one.root
    )
    assert len(desk.found) == len(set(words(desk)))


def test_comments_that_were_counted_and_did_not_come_are_asked_for_an_hour_later(desk: Desk) -> None:
    first = comment(desk, "左耳没声音")
    comment(desk, "我也是", first)

    def hidden(call: Any, made: Any) -> Any:
        if call.path.endswith("/reply/list/"):
            told = json.loads(made.body)
            told["data"] |= {"list": [], "has_more": False}
            return replace(made, body=json.dumps(told).encode())
        return made

    desk.platform.mutate = hidden
    desk.round()
    desk.platform.mutate = None
    desk.wait(1800)
    desk.round()
    assert words(desk) == ["左耳没声音"]
    desk.wait(1900)
    desk.round()
    assert words(desk) == ["左耳没声音", "我也是"]


def test_our_own_answers_are_no_mentions_and_mark_the_comment(desk: Desk) -> None:
    first = comment(desk, "左耳没声音")
    comment(desk, "您好，请私信", first, author_id=desk.platform.open_id)
    pages = desk.round()
    assert words(desk) == ["左耳没声音"]
    assert ("douyin", Kind.COMMENT, first) in {one for page in pages for one in page.answered}


def test_as_many_videos_as_were_asked_for(desk: Desk) -> None:
    for n in range(44):
        add_video(desk, f"@video/{n + 10}+b==")
        comment(desk, f"评论{n}", root=f"@video/{n + 10}+b==")
    desk.settings = replace(desk.settings, videos=25)
    desk.round()
    assert words(desk) == sorted(f"评论{n}" for n in range(19, 44))
    assert len(asked(desk, "/video_list/")) == 2


def test_a_video_that_is_gone_does_not_stop_the_others(desk: Desk) -> None:
    add_video(desk, "@video/2+b==")
    comment(desk, "另一个", root="@video/2+b==")
    comment(desk, "左耳没声音")
    desk.platform.errors.append(("/item/comment/list/", 28001007))
    pages = desk.round()
    assert len(desk.found) == 1
    assert any("28001007" in page.note for page in pages)


def test_the_same_answer_again_is_known_by_its_number(desk: Desk) -> None:
    """Two videos are asked by one path: an old page must not be taken for the other's."""
    add_video(desk, "@video/2+b==")
    comment(desk, "另一个", root="@video/2+b==")
    comment(desk, "左耳没声音")
    stale: list[Any] = []

    def twice(call: Any, made: Any) -> Any:
        if not call.path.endswith("/item/comment/list/"):
            return made
        stale.append(made)
        return stale[-2] if len(stale) % 2 == 0 else made

    desk.platform.mutate = twice
    desk.round()
    assert {(one.text, one.root_id) for one in desk.found} == {
        ("另一个", "@video/2+b=="),
        ("左耳没声音", VIDEO),
    }


# ── approved keywords ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def searching(desk: Desk) -> Desk:
    desk.settings = replace(desk.settings, keywords=("云雀",))
    return desk


def found_video(desk: Desk, text: str = "云雀耳机开箱翻车", **more: Any) -> str:
    return desk.platform.add(text, author="数码老方", extra={"where": "found"}, **more).id


def test_found_videos_and_what_is_said_under_them(searching: Desk) -> None:
    desk = searching
    video = found_video(desk)
    old = found_video(desk, "云雀旧闻", at=desk.now().timestamp() - 3 * DAY)
    first = comment(desk, "同款左耳没声", root=video)
    comment(desk, "我也是", first, root=video)
    desk.round()
    assert words(desk) == sorted(["云雀耳机开箱翻车", "同款左耳没声", "我也是"])
    assert old not in {one.native_id for one in desk.found}
    [post] = [one for one in desk.found if one.kind is Kind.VIDEO]
    assert (post.native_id, post.keyword, post.author.name, post.counts.views) == (
        video,
        "云雀",
        "数码老方",
        120,
    )
    under = asked(desk, "/video/search/comment/list/")
    assert [call.headers["access-token"] for call in under] == [desk.platform.app_token]
    assert desk.kept["app_token"] == desk.platform.app_token
    assert int(desk.kept["app_expires"]) > desk.now().timestamp()


def test_a_search_once_an_hour_and_the_apps_token_is_got_anew(searching: Desk) -> None:
    desk = searching
    comment(desk, "同款左耳没声", root=found_video(desk))
    desk.round()
    desk.wait(600)
    desk.round()
    assert len(asked(desk, "/video/search/")) == 1
    comment(desk, "又一条", root=desk.found[0].native_id)
    desk.wait(3 * 3600)
    before = desk.platform.app_token
    desk.round()
    assert len(asked(desk, "/video/search/")) == 2
    assert desk.platform.app_token != before
    assert "又一条" in words(desk)


def test_a_word_that_is_not_approved_stops_only_the_search(searching: Desk) -> None:
    desk = searching
    desk.settings = replace(desk.settings, keywords=("别人的品牌", "云雀"))
    comment(desk, "左耳没声音")
    pages = desk.round()
    assert words(desk) == ["左耳没声音"]
    assert any("does not grant" in page.note for page in pages)
    desk.wait(2 * 3600)
    desk.round()
    assert len(asked(desk, "/video/search/")) == 1
    desk.settings = replace(desk.settings, keywords=("云雀",))
    found_video(desk)
    desk.wait(DAY)
    found_video(desk, "云雀又翻车")
    desk.round()
    assert "云雀又翻车" in words(desk)


def test_without_keywords_nothing_is_searched_for(desk: Desk) -> None:
    found_video(desk)
    desk.round()
    assert asked(desk, "/video/search/") == []
    assert "client_token" not in str(asked(desk))


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────


def at(desk: Desk, days: float) -> str:
    return str(int((desk.now() + timedelta(days=days)).timestamp()))


def test_three_days_before_its_end_the_token_is_renewed_and_both_are_kept(desk: Desk) -> None:
    desk.settings = replace(desk.settings, expires=at(desk, 5), refresh_expires=at(desk, 20))
    desk.round()
    assert desk.kept == {}
    desk.wait(3 * DAY)
    desk.round()
    assert list(desk.kept) == ["refresh", "refresh_expires", "token", "expires", "open_id"]
    assert desk.kept["token"] == desk.platform.token
    assert desk.kept["refresh"] == desk.platform.refresh
    assert int(desk.kept["expires"]) == pytest.approx(desk.now().timestamp() + 15 * DAY, abs=5)


def test_the_refresh_token_itself_is_renewed_in_time(desk: Desk) -> None:
    desk.settings = replace(desk.settings, expires=at(desk, 10), refresh_expires=at(desk, 2))
    desk.round()
    assert desk.platform.renewals == 4
    assert list(desk.kept) == ["refresh", "refresh_expires"]
    assert int(desk.kept["refresh_expires"]) == pytest.approx(desk.now().timestamp() + 30 * DAY, abs=5)


def test_a_renewal_that_fails_is_said_and_reading_goes_on(desk: Desk) -> None:
    desk.platform.renewals = 0
    desk.settings = replace(desk.settings, expires=at(desk, 10), refresh_expires=at(desk, 2))
    comment(desk, "左耳没声音")
    pages = desk.round()
    assert "28001007" in pages[0].note
    assert words(desk) == ["左耳没声音"]


def test_a_token_that_ended_early_is_renewed_on_the_way(desk: Desk) -> None:
    comment(desk, "左耳没声音")
    desk.platform.errors.append(("/video_list/", 28001008))
    desk.round()
    assert desk.kept["token"] == desk.platform.token
    assert words(desk) == ["左耳没声音"]


@pytest.mark.parametrize("refresh", ["", "rft.other"])
def test_what_cannot_be_renewed_asks_for_the_person(desk: Desk, refresh: str) -> None:
    desk.settings = replace(desk.settings, refresh=refresh)
    desk.platform.switches.expired = True
    with pytest.raises(AuthFailed, match="Sign in again"):
        desk.poll()
    assert desk.kept == {}


def test_it_does_not_renew_over_and_over(desk: Desk) -> None:
    desk.platform.switches.expired = True
    with pytest.raises(AuthFailed):
        desk.poll()
    assert len(asked(desk, "/oauth/refresh_token/")) == 1


def test_how_long_the_sign_in_lasts(desk: Desk) -> None:
    async def lives(monitor: Douyin) -> Any:
        return monitor.lives(desk.cursor)

    assert desk.ask(lives) == ()
    desk.settings = replace(desk.settings, expires=at(desk, 10), refresh_expires=at(desk, 20))
    [life] = desk.ask(lives)
    assert (life.until - desk.now()).days in (19, 20)


def test_nobody_is_signed_in(desk: Desk) -> None:
    desk.settings = replace(desk.settings, token="")
    with pytest.raises(AuthFailed, match="Press"):
        desk.poll()
    assert not desk.platform.journal


def test_signing_in(desk: Desk) -> None:
    async def url(monitor: Douyin) -> str:
        return monitor.sign_in_url("http://127.0.0.1:9/x", "s")

    assert "video.search" not in desk.ask(url)
    desk.settings = replace(desk.settings, keywords=("云雀",))
    assert "video.search.comment" in desk.ask(url)
    desk.platform._codes.add("c1")
    gained = desk.ask(lambda monitor: monitor.signed_in("c1", "http://127.0.0.1:9/x"))
    assert gained["token"] == desk.platform.token
    assert gained["open_id"] == desk.platform.open_id
    with pytest.raises(BadResponse, match="28001007"):
        desk.ask(lambda monitor: monitor.signed_in("c1", "http://127.0.0.1:9/x"))


def test_settings() -> None:
    assert "hush" not in repr(Settings(client_key="1", client_secret="hush", token="hush", refresh="hush"))
    with pytest.raises(ConfigError) as caught:
        Douyin.vet(Settings(client_key="1", server="http://open.douyin.com"))
    assert caught.value.field == "server"


# ── errors ───────────────────────────────────────────────────────────────────────────────────────

SOON, LIMITED, PERSON, NEVER = "soon", "limited", "person", "never"
ROWS: dict[str, tuple[int, ...]] = {
    SOON: (28001005, 28001006, 2100004),
    LIMITED: (28001052, 28003017, 28003018, 2190001),
    PERSON: (
        28001012, 28001014, 28001015, 28001016, 28001018, 28001019, 28001045, 28001046, 28001047, 2100007,
        2100009, 2190002, 2190003, 2190004, 2190015, 2190016, 28001008, 2190008,
    ),
    NEVER: (28001007, 28001056, 2100005, 29999999),
}  # fmt: skip
READING: dict[str, tuple[type[AppError], ...]] = {
    SOON: (Transient,),
    LIMITED: (RateLimited,),
    PERSON: (AuthFailed, Refused),
    NEVER: (BadResponse,),
}
WRITING: dict[str, tuple[type[AppError], ...]] = {**READING, SOON: (Unsure,), NEVER: (ReplyRejected,)}


def test_every_row_of_the_table_is_expected_here() -> None:
    assert set(TABLE) <= {code for codes in ROWS.values() for code in codes}


@pytest.mark.parametrize("in_extra", [False, True])
@pytest.mark.parametrize("what", list(ROWS))
def test_every_error_row(desk: Desk, what: str, in_extra: bool) -> None:
    desk.platform.in_extra = in_extra
    to = Mention(platform="douyin", native_id="@c", url="", text="x", kind=Kind.COMMENT, root_id=VIDEO)
    for code in ROWS[what]:
        desk.platform.errors.extend([("/video_list/", code)] * 2)  # again after a renewal
        with pytest.raises(READING[what]) as caught:
            desk.poll()
        _says(caught.value, code)
        desk.platform.errors.clear()
        desk.platform.errors.extend([("/item/comment/reply/", code)] * 2)
        with pytest.raises(WRITING[what]) as caught:
            reply(desk, to)
        _says(caught.value, code)
        desk.platform.errors.clear()
    assert desk.platform.sent == []


def _says(error: AppError, code: int) -> None:
    assert str(code) in error.text
    assert f"error_code {code}, logid 2026" in error.details
    if isinstance(error, RateLimited):
        assert error.retry_after >= 60


def test_a_used_up_quota_rests_till_midnight_in_beijing(desk: Desk) -> None:
    desk.wait(6 * 3600)
    desk.platform.errors.append(("", 28003017))
    with pytest.raises(RateLimited) as caught:
        desk.poll()
    assert caught.value.retry_after == pytest.approx(18 * 3600, abs=60)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def reply(desk: Desk, to: Mention, text: str = "您好，请私信订单号") -> str:
    return str(desk.ask(lambda monitor: monitor.reply(to, text, key="k1")))


def test_a_comment_is_answered_once_and_then_marked(desk: Desk) -> None:
    id_ = comment(desk, "左耳没声音")
    desk.round()
    made = reply(desk, desk.found[0], "50%+&=您好")
    [sent] = desk.platform.sent
    assert (sent.id, sent.text, sent.parent, sent.root) == (made, "50%+&=您好", id_, VIDEO)
    desk.wait(600)
    assert ("douyin", Kind.COMMENT, id_) in {one for page in desk.round() for one in page.answered}
    assert words(desk) == ["左耳没声音"]


def test_under_a_found_video_it_goes_through_the_search(searching: Desk) -> None:
    desk = searching
    video = found_video(desk)
    id_ = comment(desk, "同款左耳没声", root=video)
    desk.round()
    [to] = [one for one in desk.found if one.native_id == id_]
    reply(desk, to)
    assert [one.root for one in desk.platform.sent] == [video]
    [post] = [one for one in desk.found if one.kind is Kind.VIDEO]
    with pytest.raises(ReplyRejected, match="only comments"):
        reply(desk, post)


def test_a_token_that_is_over_while_answering_is_renewed_and_the_answer_sent_once(desk: Desk) -> None:
    comment(desk, "左耳没声音")
    desk.round()
    desk.platform.errors.append(("/item/comment/reply/", 28001008))
    assert reply(desk, desk.found[0])
    assert len(desk.platform.sent) == 1


@pytest.mark.parametrize("mode", ["cut", "500", "502", "garbage"])
def test_perhaps_sent_is_said_and_not_sent_again(desk: Desk, mode: str) -> None:
    comment(desk, "左耳没声音")
    desk.round()
    desk.platform.switches.failures.append(mode)
    with pytest.raises(Unsure):
        reply(desk, desk.found[0])
    assert len(desk.platform.sent) == (mode == "cut")


def test_gone_too_long_and_empty(desk: Desk) -> None:
    id_ = comment(desk, "左耳没声音")
    desk.round()
    for text in ("", "  ", "很" * 101):
        with pytest.raises(ReplyRejected, match="1 to 100"):
            reply(desk, desk.found[0], text)
    desk.platform.delete_item(id_)
    with pytest.raises(ReplyRejected, match="28001007"):
        reply(desk, desk.found[0])
    assert desk.platform.sent == []


# ── threads ──────────────────────────────────────────────────────────────────────────────────────


def test_what_grows_under_a_comment(desk: Desk) -> None:
    id_ = comment(desk, "左耳没声音")
    desk.round()
    for n in range(60):
        comment(desk, f"同问{n}", id_)
    first = desk.ask(lambda monitor: monitor.thread(desk.found[0], None))
    assert len(first.page.mentions) == 50
    assert first.page.more
    second = desk.ask(lambda monitor: monitor.thread(desk.found[0], first.page.cursor))
    assert len(second.page.mentions) == 10
    assert not second.page.more
    comment(desk, "又问", id_)
    third = desk.ask(lambda monitor: monitor.thread(desk.found[0], second.page.cursor))
    fourth = desk.ask(lambda monitor: monitor.thread(desk.found[0], third.page.cursor))
    assert [one.text for one in (*third.page.mentions, *fourth.page.mentions)] == ["又问"]


def test_what_a_place_bears() -> None:
    for told in ({}, {"jobs": [[1], None, ["x"] * 9], "videos": {"a": 3}, "answers": [], "again": "x"}):
        assert Place.read(told).jobs == ()
    assert Known().wants(None, 10_000)
    assert not Known(3, 3, 1000).wants(3, 2000)
    assert Known(3, 2, 1000).wants(3, 5000)


def test_checking_says_what_is_seen(desk: Desk) -> None:
    comment(desk, "左耳没声音")
    told = desk.ask(lambda monitor: monitor.check())
    assert "1 of your videos" in told
    assert "1 comments" in told


def test_a_whole_page_of_new_comments_between_two_pages_hides_nothing(desk: Desk) -> None:
    """The next page then holds only what was just read: that is not the end."""
    wanted = {comment(desk, f"评论{n}") for n in range(70)}
    calls: list[str] = []

    def rush(call: Any, made: Any) -> Any:
        calls.append(call.path)
        if len(calls) in (1, 3):  # after the list of videos, and after the second page
            for n in range(50):
                comment(desk, f"插队{len(calls)}/{n}")
        return made

    desk.platform.mutate = rush
    desk.round()
    assert wanted <= {one.native_id for one in desk.found}


def test_an_empty_page_in_the_middle_is_not_the_end(desk: Desk) -> None:
    wanted = {comment(desk, f"评论{n}") for n in range(70)}
    calls: list[str] = []

    def disturbed(call: Any, made: Any) -> Any:
        calls.append(call.path)
        if len(calls) == 1:
            for n in range(90):
                comment(desk, f"插队{n}")
        desk.platform.switches.empty = len(calls) == 3
        return made

    desk.platform.mutate = disturbed
    desk.round()
    desk.platform.mutate, desk.platform.switches.empty = None, False
    told, have, _at, since, _tries = json.loads(desk.cursor or "")["videos"][VIDEO]
    assert (told, have < told, since) == (70, True, 0)
    desk.wait(3700)
    desk.round()
    assert wanted <= {one.native_id for one in desk.found}
