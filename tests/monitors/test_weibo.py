"""Weibo beyond the common suite: the plan of a day, all error rows, answers, threads, posts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.domain.mention import Author, Kind, Mention
from app.drill.standin import Weibo as Platform
from app.drill.standin import World
from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    MonitorError,
    RateLimited,
    Refused,
    ReplyRejected,
    Transient,
    Unsure,
)
from monitors.reading import CHINA
from monitors.weibo import Settings, Weibo
from monitors.weibo.budget import KEPT, SHARES, Budget, awake, midnight
from monitors.weibo.errors import TABLE
from monitors.weibo.items import bid, read_comment, read_post, read_rows
from monitors.weibo.place import FIRST_PAGES, SIZE, Walk
from tests.monitors.desk import MORNING
from tests.monitors.desk import Desk as AnyDesk

UID = "7100000001"


Desk = AnyDesk[Platform]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with World([Platform]) as world:
        platform = world.of(Platform)
        settings = Settings(
            server=world.url_of(Platform),
            app_key=platform.app_key,
            app_secret=platform.app_secret,
            token=platform.token,
            uid=UID,
        )
        made = AnyDesk(platform, Weibo, settings)
        yield made
        made.close()


def own_post(desk: Desk, id: str = "5200000000000001") -> str:
    return desk.platform.add("新品今日开售", id=id, author_id=UID, extra={"where": "own"}).id


def comment(desk: Desk, text: str, root: str, **more: Any) -> Any:
    given = {"root": root, "author_id": "1900000001", "extra": {"where": "to_me"}, **more}
    return desk.platform.add(text, **given)


# ── the plan of a day ────────────────────────────────────────────────────────────────────────────


def test_a_day_of_polls_fills_the_budget_and_never_exceeds_it(desk: Desk) -> None:
    """From midnight to midnight with something new every hour: 100 less 15, spread over the waking day."""
    root, used = own_post(desk), []
    for hour in range(24):
        desk.platform.add(f"第{hour}条", author_id="1900000001")
        comment(desk, f"评论{hour}", root)
        desk.day(1)
        used.append(desk.platform.used if hour < 23 else used[-1])
    made = desk.asked()
    assert sum(made.values()) <= 100 - KEPT
    assert sum(made.values()) >= 75
    assert used == sorted(used)
    assert 8 <= used[6] <= 30  # seven hours of the night
    assert used[14] <= 62  # and enough is left for the evening
    assert made["/2/statuses/mentions.json"] > made["/2/comments/to_me.json"]
    assert made["/2/comments/to_me.json"] > made["/2/comments/mentions.json"]
    assert made["/2/comments/by_me.json"] >= 3
    assert made["/2/statuses/user_timeline.json"] >= 3
    assert made["/2/comments/show.json"] >= 3
    assert {one.text for one in desk.found} >= {f"第{hour}条" for hour in range(22)}


def test_two_days_on_the_new_one_begins_with_a_new_budget(desk: Desk) -> None:
    desk.day(24)
    first = sum(desk.asked().values())
    desk.platform.journal.clear()
    desk.day(24)
    assert first <= 100 - KEPT + 1
    assert 70 <= sum(desk.asked().values()) <= 100 - KEPT


def test_the_plan_follows_what_weibo_says_is_left(desk: Desk) -> None:
    """Another program uses the same account: from the next look on, what is left is stretched."""
    desk.day(8)
    desk.platform.spend(50)
    before = sum(desk.asked().values())
    desk.day(16)
    assert desk.platform.limit - 50 - KEPT >= sum(desk.asked().values()) >= before
    assert sum(desk.asked().values()) - before >= 3


def test_a_smaller_grant_is_kept_too(desk: Desk) -> None:
    desk.platform.limit = 40
    desk.day(24)
    assert 15 <= sum(desk.asked().values()) <= 40 - KEPT


def test_what_the_engine_counts_elsewhere_is_heeded(desk: Desk) -> None:
    desk.platform.spend(100 - KEPT)
    desk.left_today = KEPT
    with pytest.raises(RateLimited, match="midnight, Beijing"):
        desk.round()
    assert desk.asked() == {}
    desk.platform.limit, desk.left_today = 200, 30
    desk.cursor = None
    desk.round()
    assert desk.asked()


def test_answers_come_out_of_what_is_kept_for_them() -> None:
    budget = Budget(day="d", used=20, left=80)
    assert budget.free() == 80 - KEPT
    assert budget.free(elsewhere=80) == 80 - KEPT
    assert replace(budget, left=70).free(elsewhere=70) == 70 - (KEPT - 10)  # ten answers so far
    assert replace(budget, left=50).free(elsewhere=50) == 50
    assert replace(budget, left=3).free() == 0
    large = replace(budget, limit=1000, left=900)
    assert large.free(elsewhere=0) == 900  # an app that is granted more


def test_used_up_is_said_with_the_moment_it_goes_on(desk: Desk) -> None:
    desk.platform.spend(90)
    with pytest.raises(RateLimited) as caught:
        desk.round()
    assert caught.value.retry_after == pytest.approx(86400, abs=60)
    desk.at(MORNING.replace(hour=23))  # an hour before midnight that is no news
    desk.cursor = None
    desk.round()
    assert desk.asked() == {}


def test_weibo_says_no_and_when_it_will_say_yes(desk: Desk) -> None:
    desk.round()
    desk.wait(3 * 3600)
    desk.platform.errors.append(("", 10023))
    with pytest.raises(RateLimited) as caught:
        desk.round()
    assert caught.value.retry_after == pytest.approx(21 * 3600, abs=60)


def test_waking_seconds_and_midnights() -> None:
    start = MORNING.replace(second=0).timestamp()
    assert midnight(start) - start == 86400
    assert awake(start, start + 7 * 3600) == pytest.approx(7 * 1200)
    assert awake(start + 7 * 3600, start + 8 * 3600) == pytest.approx(3600)
    assert awake(start, start + 5 * 86400) == pytest.approx(5 * (7 * 1200 + 17 * 3600))
    assert sum(SHARES.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("cursor", ['{"budget":7}', '{"budget":{"used":-1,"last":[],"asked":9e99}}', "{"])
def test_a_mangled_plan_asks_weibo_first(desk: Desk, cursor: str) -> None:
    desk.cursor = cursor
    desk.poll()
    assert [call.path for call in desk.platform.journal] == ["/2/account/rate_limit_status.json"]


def test_the_meter_and_the_countdown(desk: Desk) -> None:
    ends = desk.now() + timedelta(days=20)
    desk.settings = replace(desk.settings, expires=str(int(ends.timestamp())))
    desk.round()

    async def lives(monitor: Weibo) -> Any:
        return monitor.lives(desk.cursor)

    sign_in, calls = desk.ask(lives)
    assert abs(sign_in.until - ends) < timedelta(seconds=2)
    assert (calls.left, calls.limit) == (100 - desk.platform.used, 100)
    assert calls.until.astimezone(CHINA).hour == 0
    desk.wait(86400)
    assert desk.ask(lives)[1].left == 100


# ── lists ────────────────────────────────────────────────────────────────────────────────────────


def test_a_long_list_is_walked_back_once_and_nothing_twice(desk: Desk) -> None:
    desk.round()
    wanted = {desk.platform.add(f"第{n}条", author_id="1900000001").id for n in range(450)}
    desk.wait(3 * 3600)
    desk.round()
    assert sorted(one.native_id for one in desk.found) == sorted(wanted)
    asked = [call for call in desk.platform.journal if call.path == "/2/statuses/mentions.json"]
    assert [call.get("max_id") != "" for call in asked] == [False, False, True, True]
    assert all(call.get("count") == "200" for call in asked)


def test_the_row_at_the_boundary_comes_once(desk: Desk) -> None:
    """The stand-in's `max_id` is inclusive, as Weibo's is."""
    ids = [int(desk.platform.add(f"第{n}条", author_id="1900000001").id) for n in range(3)]
    walk = Walk().after(ids[::-1] * 70, old=False)
    assert walk.query()["max_id"] == ids[0] - 1
    got = httpx.get(
        f"{desk.settings.server}/2/statuses/mentions.json",
        params={"max_id": ids[1]},
        headers={"authorization": f"OAuth2 {desk.settings.token}"},
        trust_env=False,
    )
    assert [row["id"] for row in got.json()["statuses"]] == ids[1::-1]


def test_a_walk_that_the_budget_breaks_off_goes_on_the_next_day(desk: Desk) -> None:
    desk.platform.limit = KEPT + 8
    desk.round()
    wanted = {desk.platform.add(f"第{n}条", author_id="1900000001").id for n in range(1700)}
    desk.wait(8 * 3600)
    desk.day(64)
    found = [one.native_id for one in desk.found]
    assert sorted(found) == sorted(wanted)


def test_the_first_round_is_bounded(desk: Desk) -> None:
    old = desk.now().timestamp() - 40 * 86400
    for n in range(900):
        desk.platform.add(f"第{n}条", author_id="1900000001", at=old if n < 500 else old + 39 * 86400)
    desk.round()
    assert SIZE <= len(desk.found) <= FIRST_PAGES * SIZE
    assert desk.asked()["/2/statuses/mentions.json"] <= FIRST_PAGES


def test_the_same_page_over_and_over_ends() -> None:
    walk, pages = Walk(since=5), 0
    while not pages or walk.below:
        walk, pages = walk.after(range(900, 1100), old=False), pages + 1
        assert pages < 10
    assert walk == Walk(since=1099)


def test_our_own_comments_say_what_is_answered(desk: Desk) -> None:
    root = own_post(desk)
    asked = comment(desk, "左耳没声音", root)
    theirs = desk.platform.add("@云雀耳机官方 怎么退", author_id="1900000001")
    for parent, post in ((asked.id, root), ("", theirs.id)):
        desk.platform.add(
            "您好，请私信", author_id=UID, root=post, parent=parent, extra={"where": "by_me", "said": "x"}
        )
    pages = desk.round()
    answered = {one for page in pages for one in page.answered}
    assert ("weibo", Kind.COMMENT, asked.id) in answered
    assert ("weibo", Kind.POST, theirs.id) in answered
    assert {one.text for one in desk.found} == {"左耳没声音", "@云雀耳机官方 怎么退"}


def test_comments_under_our_posts_are_read_when_they_grow(desk: Desk) -> None:
    """Also those that are not to us: answers of customers to each other."""
    root = own_post(desk)
    first = comment(desk, "左耳没声音", root)
    comment(desk, "我也是", root, parent=first.id, extra={"where": "elsewhere"})
    desk.round()
    assert "我也是" in {one.text for one in desk.found}
    calls = desk.asked()["/2/comments/show.json"]
    desk.wait(8 * 3600)
    desk.round()
    assert desk.asked()["/2/comments/show.json"] == calls  # nothing grew
    comment(desk, "同问", root, extra={"where": "elsewhere"})
    desk.wait(8 * 3600)
    desk.round()
    assert desk.asked()["/2/comments/show.json"] == calls + 1
    [one] = [one for one in desk.found if one.text == "同问"]
    assert (one.root_id, one.parent_id, one.kind) == (root, root, Kind.COMMENT)


def test_a_post_of_ours_that_is_deleted_meanwhile_is_left_alone(desk: Desk) -> None:
    root = own_post(desk)
    comment(desk, "左耳没声音", root)
    desk.platform.errors.append(("/comments/show.json", 20101))
    desk.round()
    desk.wait(3 * 3600)
    desk.round()
    assert {one.text for one in desk.found} == {"左耳没声音"}


def test_one_list_that_is_closed_to_us_rests_and_the_others_go_on(desk: Desk) -> None:
    desk.platform.errors.append(("/comments/mentions.json", 10014))
    pages = desk.round()
    assert any("does not grant" in page.note for page in pages)
    assert desk.asked()["/2/comments/to_me.json"] == 1
    calls = desk.asked()["/2/comments/mentions.json"]
    desk.wait(6 * 3600)
    desk.round()
    assert desk.asked()["/2/comments/mentions.json"] == calls
    desk.wait(20 * 3600)
    desk.round()
    assert desk.asked()["/2/comments/mentions.json"] == calls + 1


def test_without_a_number_of_the_account_the_common_lists_are_read(desk: Desk) -> None:
    desk.settings = replace(desk.settings, uid="")
    desk.platform.add("@云雀耳机官方 怎么退", author_id="1900000001")
    desk.round()
    assert len(desk.found) == 1
    assert "/2/comments/by_me.json" not in desk.asked()


def test_comments_of_another_post_do_not_move_this_ones_mark(desk: Desk) -> None:
    """A page that comes twice comes for the next post, too: the path is the same."""
    one, two = own_post(desk), own_post(desk, "5200000000000002")
    comment(desk, "早", two, extra={"where": "elsewhere"})
    for n in range(3):
        comment(desk, f"晚{n}", one, extra={"where": "elsewhere"})
    stale: list[Any] = []

    def twice(call: Any, made: Any) -> Any:
        if not call.path.endswith("/comments/show.json"):
            return made
        stale.append(made)
        return stale[-2] if len(stale) % 2 == 0 else made

    desk.platform.mutate = twice
    desk.day(24)
    assert len(stale) > 1
    found = {(one.text, one.root_id) for one in desk.found}
    assert found == {("早", two), *((f"晚{n}", one) for n in range(3))}


# ── what posts become ────────────────────────────────────────────────────────────────────────────

POST: dict[str, Any] = {
    "created_at": "Tue Sep 02 17:46:55 +0800 2025",
    "id": 5205000000000123,
    "idstr": "5205000000000123",
    "text": "左耳没声音[怒]",
    "user": {"id": 1900000001, "idstr": "1900000001", "screen_name": "阿树", "followers_count": "1.2万"},
}


@pytest.mark.parametrize(
    ("mid", "link"), [("3501756485200075", "z0JH2lOMb"), ("3382905382185354", "xyMKm9avE"), ("7", "7")]
)
def test_permalinks(mid: str, link: str) -> None:
    assert bid(mid) == link


@pytest.mark.parametrize("mid", ["35017560000075", "10000000", "5205000000000001", "99999999999999"])
def test_a_link_leads_back_to_its_number(mid: str) -> None:
    """Groups of four from the right, decoded, each seven digits with its zeros."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    link, back = bid(mid), ""
    while link:
        link, group = link[:-4], link[-4:]
        back = f"{sum(digits.index(one) * 62**n for n, one in enumerate(group[::-1])):07d}{back}"
    assert back.lstrip("0") == mid


def test_a_post() -> None:
    one = read_post({**POST, "pic_urls": [{"thumbnail_pic": "http://wx1.sinaimg.cn/thumbnail/a.jpg"}]})
    assert one.url == f"https://weibo.com/1900000001/{bid('5205000000000123')}"
    assert one.published_at == datetime(2025, 9, 2, 9, 46, 55, tzinfo=UTC)
    assert one.author == Author(
        name="阿树", native_id="1900000001", url="https://weibo.com/u/1900000001", followers=12000
    )
    assert one.media == ("http://wx1.sinaimg.cn/large/a.jpg",)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"isLongText": True, "text": "很长...全文： http://m.weibo.cn/1/2"}, "很长…"),
        ({"truncated": "true", "text": "很长"}, "很长…"),
        ({"isLongText": True, "text": "很长", "longText": {"longTextContent": "很长很长"}}, "很长很长"),
        ({"isLongText": False, "text": "不长"}, "不长"),
    ],
)
def test_long_posts_are_whole_or_say_that_they_are_cut(more: dict[str, Any], text: str) -> None:
    assert read_post({**POST, **more}).text == text


def test_reposts_carry_what_they_repost() -> None:
    original = {"id": 99, "text": "云雀左耳没声音", "user": {"id": 5, "screen_name": "老陈"}}
    one = read_post({**POST, "text": "转发微博", "retweeted_status": original})
    assert one.text == "转发微博\n//@老陈:云雀左耳没声音"
    assert (one.root_id, one.parent_id) == ("99", "99")
    gone = {"id": "99", "deleted": "1", "text": "抱歉，此微博已被作者删除"}
    assert read_post({**POST, "text": "转发微博", "retweeted_status": gone}).text == "转发微博"


def test_deleted_rows_without_a_user_are_gone_and_no_error() -> None:
    rows = read_rows({"statuses": [POST, {"id": "88", "deleted": "1", "text": "抱歉"}]}, "statuses")
    assert rows.gone == (("weibo", Kind.POST, "88"),)
    assert rows.skipped == 0
    assert rows.ids == (5205000000000123, 88)


def test_a_list_of_deleted_posts_only_is_no_error(desk: Desk) -> None:
    id_ = desk.platform.add("左耳没声音", author_id="1900000001").id
    desk.platform.delete_item(id_)
    pages = desk.round()
    assert ("weibo", Kind.POST, id_) in {one for page in pages for one in page.gone}
    assert desk.found == []


def test_numbers_as_strings(desk: Desk) -> None:
    desk.platform.strings = True
    root = own_post(desk)
    comment(desk, "左耳没声音", root)
    desk.platform.add("@云雀耳机官方 怎么退", author_id="1900000001", extra={"likes": 27})
    desk.round()
    assert {one.text for one in desk.found} == {"左耳没声音", "@云雀耳机官方 怎么退"}
    assert {one.counts.likes for one in desk.found} == {27, None}


def test_a_comment_whose_post_is_unknown_has_no_link() -> None:
    one = read_comment({**POST, "status": None})
    assert (one.url, one.root_id) == ("", "")


# ── errors ───────────────────────────────────────────────────────────────────────────────────────

SOON, LIMITED, PERSON, NEVER = "soon", "limited", "person", "never"
ROWS: dict[str, tuple[int, ...]] = {
    SOON: (10001, 10002, 10003, 10009, 10010, 10011, 20014, 21331, 23201),
    LIMITED: (10022, 10023, 10024, 20016),
    PERSON: (
        10004, 10005, 10006, 10013, 10014, 20015, 20022, 20031, 21301, 21314, 21315, 21316, 21317, 21319,
        21321, 21322, 21323, 21324, 21325, 21326, 21327, 21328, 21329, 21330, 21332,
    ),
    NEVER: (
        10007, 10008, 10016, 10017, 10018, 10012, 10020, 10021, 20003, 20008, 20012, 20013, 20017, 20019,
        20018, 20020, 20021, 20101, 20104, 20109, 20201, 20202, 20203, 20204, 20206, 20508, 21305, 21306,
        21320, 21335, 21602, 29999,
    ),
}  # fmt: skip
READING: dict[str, tuple[type[AppError], ...]] = {
    SOON: (Transient,),
    LIMITED: (RateLimited,),
    PERSON: (AuthFailed, Refused, ConfigError),
    NEVER: (BadResponse, ConfigError),
}
WRITING: dict[str, tuple[type[AppError], ...]] = {
    **READING,
    SOON: (Transient, Unsure),
    NEVER: (ReplyRejected, ConfigError),
}
MENTION = Mention(platform="weibo", native_id="5205000000000001", url="", text="左耳没声音")


def test_every_row_of_the_table_is_expected_here() -> None:
    assert set(TABLE) <= {code for codes in ROWS.values() for code in codes}


@pytest.mark.parametrize("as200", [False, True])
@pytest.mark.parametrize("what", list(ROWS))
def test_every_error_row(desk: Desk, what: str, as200: bool) -> None:
    desk.platform.as200 = as200
    desk.poll()
    for code in ROWS[what]:
        desk.platform.errors.append(("/statuses/mentions.json", code))
        with pytest.raises(READING[what]) as caught:
            desk.poll()
        _says(caught.value, code)
        desk.platform.errors.append(("/comments/create.json", code))
        with pytest.raises(WRITING[what]) as caught:
            desk.ask(lambda monitor: monitor.reply(MENTION, "您好"))
        _says(caught.value, code)
    assert desk.platform.sent == []


def _says(error: AppError, code: int) -> None:
    assert str(code) in error.text
    assert str(code) in error.details
    if isinstance(error, RateLimited):
        assert error.retry_after >= 60


def test_error_codes_as_strings_and_names_without_a_code(desk: Desk) -> None:
    desk.poll()
    for body, kind in (
        ({"error_code": "21327", "error": "expired_token"}, AuthFailed),
        ({"error": "invalid_client", "error_description": "<script>"}, ConfigError),
        ({"error_code": True, "statuses": 7}, BadResponse),
        ({"error_code": "1" * 50, "statuses": None}, BadResponse),
    ):
        told = json.dumps(body).encode()
        desk.platform.mutate = lambda _call, made, told=told: replace(made, body=told)
        with pytest.raises(kind) as caught:
            desk.poll()
        assert "<script>" not in caught.value.text


def test_nobody_is_signed_in(desk: Desk) -> None:
    desk.settings = replace(desk.settings, token="")
    with pytest.raises(AuthFailed, match="Sign in"):
        desk.poll()
    assert not desk.platform.journal


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"server": "http://api.weibo.com"}, "server"),
        ({"server": "weibo"}, "server"),
        ({"redirect": "javascript:alert(1)"}, "redirect"),
    ],
)
def test_settings_that_can_never_work(changed: dict[str, str], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Weibo.vet(Settings(app_key="1", **changed))
    assert caught.value.field == field


def test_settings_show_no_secret() -> None:
    assert "hush" not in repr(Settings(app_key="1", app_secret="hush", token="hush", refresh="hush"))


# ── the token's end ──────────────────────────────────────────────────────────────────────────────


def test_a_sign_in_that_ends_soon_is_said(desk: Desk) -> None:
    desk.settings = replace(desk.settings, expires=str(int((desk.now() + timedelta(days=5)).timestamp())))
    assert desk.poll().note == ""
    desk.wait(3 * 86400)
    assert "Sign in again" in desk.poll().note


def test_what_can_be_renewed_is_renewed_and_kept_at_once(desk: Desk) -> None:
    """Apps that are given a refresh token; Weibo rotates it."""
    desk.platform.refresh = "refresh0"
    soon = str(int((desk.now() + timedelta(days=2)).timestamp()))
    desk.settings = replace(desk.settings, expires=soon, refresh="refresh0")
    desk.poll()
    assert desk.kept["token"] == desk.platform.token != "2.00SYNTHETICtoken"
    assert desk.kept["refresh"] == desk.platform.refresh != "refresh0"
    assert int(desk.kept["expires"]) > int(soon)
    assert next(iter(desk.kept)) == "refresh"  # the one that cannot be had again first
    desk.round()


def test_a_renewal_that_fails_leaves_the_token_that_works(desk: Desk) -> None:
    soon = str(int((desk.now() + timedelta(days=2)).timestamp()))
    desk.settings = replace(desk.settings, expires=soon, refresh="wrong")
    desk.platform.refresh = "right"
    assert "Sign in again" in desk.poll().note
    assert desk.kept == {}
    desk.round()
    assert desk.asked()


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def reply(desk: Desk, to: Mention, text: str = "您好，请私信订单号") -> str:
    return str(desk.ask(lambda monitor: monitor.reply(to, text, key="k1")))


def test_a_post_is_answered_once_and_then_marked(desk: Desk) -> None:
    desk.settings = replace(desk.settings, ip="203.0.113.7")
    desk.platform.add("@云雀耳机官方 怎么退", author_id="1900000001")
    desk.round()
    id_ = reply(desk, desk.found[0])
    [sent] = desk.platform.sent
    assert (sent.id, sent.extra["said"], sent.extra["rip"]) == (id_, "您好，请私信订单号", "203.0.113.7")
    desk.wait(8 * 3600)
    answered = {one for page in desk.round() for one in page.answered}
    assert ("weibo", Kind.POST, desk.found[0].native_id) in answered


def test_a_comment_is_answered_where_it_stands(desk: Desk) -> None:
    asked = comment(desk, "左耳没声音 100%+&=", own_post(desk))
    desk.round()
    reply(desk, desk.found[0], "50%+&=您好 #云雀#")
    [sent] = desk.platform.sent
    assert (sent.parent, sent.root) == (asked.id, "5200000000000001")
    assert sent.text == "回复@阿树:50%+&=您好 #云雀#"  # encoded once


def test_the_same_text_twice_is_said_to_need_other_words(desk: Desk) -> None:
    desk.platform.add("怎么退", author_id="1900000001")
    desk.round()
    reply(desk, desk.found[0])
    with pytest.raises(ReplyRejected, match="other words"):
        reply(desk, desk.found[0])
    assert len(desk.platform.sent) == 1


def test_too_long_and_gone_and_empty(desk: Desk) -> None:
    id_ = desk.platform.add("怎么退", author_id="1900000001").id
    desk.round()
    with pytest.raises(ReplyRejected, match="140"):
        reply(desk, desk.found[0], "很" * 141)
    with pytest.raises(ReplyRejected, match="no text"):
        reply(desk, desk.found[0], "")
    desk.platform.delete_item(id_)
    with pytest.raises(ReplyRejected, match="not on Weibo"):
        reply(desk, desk.found[0])
    assert desk.platform.sent == []


@pytest.mark.parametrize("mode", ["cut", "500", "502"])
def test_perhaps_sent_is_said_and_not_sent_again(desk: Desk, mode: str) -> None:
    desk.platform.add("怎么退", author_id="1900000001")
    desk.round()
    desk.platform.switches.failures.append(mode)
    with pytest.raises(Unsure):
        reply(desk, desk.found[0])
    assert len(desk.platform.sent) == (mode == "cut")


def test_accepted_but_late_is_a_success(desk: Desk) -> None:
    desk.platform.errors.append(("/comments/create.json", 20032))
    assert reply(desk, MENTION) == ""


def test_garbage_and_blocks_after_sending(desk: Desk) -> None:
    desk.platform.add("怎么退", author_id="1900000001")
    desk.round()
    desk.platform.switches.failures.append("garbage")
    with pytest.raises(Unsure):
        reply(desk, desk.found[0])
    desk.platform.switches.failures.append("404")
    with pytest.raises(MonitorError):
        reply(desk, desk.found[0])


# ── threads ──────────────────────────────────────────────────────────────────────────────────────


def thread(desk: Desk, post: Mention, cursor: str | None = None) -> Any:
    return desk.ask(lambda monitor: monitor.thread(post, cursor))


def test_what_grows_under_a_post(desk: Desk) -> None:
    id_ = desk.platform.add("@云雀耳机官方 怎么退", author_id="1900000001").id
    desk.round()
    post = desk.found[0]
    for n in range(3):
        comment(desk, f"同问{n}", id_, extra={"where": "elsewhere"})
    first = thread(desk, post)
    assert sorted(one.text for one in first.page.mentions) == ["同问0", "同问1", "同问2"]
    assert first.post is None
    comment(desk, "同问3", id_, extra={"where": "elsewhere"})
    second = thread(desk, post, first.page.cursor)
    assert [one.text for one in second.page.mentions] == ["同问3"]
    desk.platform.edit_item(id_, "@云雀耳机官方 已经退了")
    third = thread(desk, post, second.page.cursor)
    assert third.post.text == "@云雀耳机官方 已经退了"
    assert third.page.mentions == ()
    # From one of its comments the same thread is read, without that comment itself.
    below = thread(desk, first.page.mentions[0])
    assert len(below.page.mentions) == 3
    desk.platform.delete_item(id_)
    assert thread(desk, post, third.page.cursor).gone
    assert not thread(desk, first.page.mentions[0]).gone


def test_checking_says_how_much_is_left(desk: Desk) -> None:
    told = desk.ask(lambda monitor: monitor.check())
    assert "100 calls" in told
    assert "29 more days" in told
    assert desk.asked() == {}
