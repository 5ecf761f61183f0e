"""WeChat Official Accounts and WeCom customer service: what the common suite leaves out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.mention import Kind, Mention
from app.drill.standin import WeChat as WeChatStandIn
from app.drill.standin import WeCom as WeComStandIn
from app.drill.standin import World
from app.errors import (
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
from monitors.base import CanMark, CanReply, HasLives, Means
from monitors.tencent import errors
from monitors.tencent.access import Token
from monitors.wechat import Settings as WeChatSettings
from monitors.wechat import WeChat
from tests.monitors.standins import CASES, SECRET
from tests.monitors.test_standins import Reader, texts

LIST = "/cgi-bin/comment/list"
ADD = "/cgi-bin/comment/reply/add"
SYNC = "/cgi-bin/kf/sync_msg"
SEND = "/cgi-bin/kf/send_msg"
CLIENTS = ("wechat", "wecom")


class Client(Reader):
    """Also keeps what pages say besides mentions, and lets a test turn the clock."""

    def __init__(self, name: str, world: World) -> None:
        super().__init__(CASES[name], world)
        self.case.prepare(self.platform)
        self.answered: list[str] = []
        self.gone: list[str] = []
        self.notes: list[str] = []
        self.unsent: list[tuple[str, str]] = []
        self.later = timedelta()

    def _monitor(self, http: Any) -> Any:
        means = Means(self._keep, lambda: datetime.now(UTC) + self.later)
        return self.case.cls(self.settings, http, means)

    def poll(self, wait: float = 5.0) -> bool:
        page = self.ask(lambda monitor: monitor.poll((), self.cursor), wait)
        self.cursor = page.cursor
        self.found += page.mentions
        self.skipped += page.skipped
        self.answered += [id_ for _platform, _kind, id_ in page.answered]
        self.gone += [id_ for _platform, _kind, id_ in page.gone]
        self.unsent += page.unsent
        self.notes += filter(None, [page.note])
        return bool(page.more)

    def one(self, text: str) -> Mention:
        return next(one for one in self.found if one.text == text)

    def reply(self, to: Mention, text: str, key: str = "", wait: float = 5.0) -> str:
        return str(self.ask(lambda monitor: monitor.reply(to, text, key), wait))

    def asked(self, path: str) -> list[Any]:
        return [call for call in self.platform.journal if call.path == path]


@pytest.fixture
def wechat() -> Iterator[tuple[Client, WeChatStandIn]]:
    with World([WeChatStandIn]) as world:
        yield Client("wechat", world), world.of(WeChatStandIn)


@pytest.fixture
def wecom() -> Iterator[tuple[Client, WeComStandIn]]:
    with World([WeComStandIn]) as world:
        yield Client("wecom", world), world.of(WeComStandIn)


# ── every row of the error tables ────────────────────────────────────────────────────────────────

READING: dict[int, type[Exception]] = {
    -1: Transient, 40001: AuthFailed, 40002: AuthFailed, 40003: BadResponse, 40013: AuthFailed,
    40014: AuthFailed, 40033: BadResponse, 40125: AuthFailed, 40164: AuthFailed, 41001: BadResponse,
    41002: BadResponse, 41004: BadResponse, 42001: AuthFailed, 42007: AuthFailed, 43002: BadResponse,
    43003: BadResponse, 43004: BadResponse, 44002: BadResponse, 44004: BadResponse, 45002: BadResponse,
    40058: BadResponse, 45009: RateLimited, 45011: RateLimited, 45015: BadResponse, 45047: BadResponse,
    47001: BadResponse,
    48001: AuthFailed, 48002: BadResponse, 48004: Refused, 48006: BadResponse, 50002: Refused,
    61451: BadResponse, 61457: BadResponse, 88000: AuthFailed, 88003: BadResponse, 88004: BadResponse,
    88005: BadResponse, 88007: BadResponse, 88008: BadResponse, 88009: BadResponse, 88010: BadResponse,
    89503: AuthFailed, 89506: Refused, 89507: Refused, 99999: BadResponse,
}  # fmt: skip
SENDING: dict[int, type[Exception]] = {
    -1: Unsure, 40001: AuthFailed, 40003: ReplyRejected, 40033: ReplyRejected, 40164: AuthFailed,
    43004: ReplyRejected, 44002: ReplyRejected, 44004: ReplyRejected, 45002: ReplyRejected,
    45009: RateLimited, 45011: RateLimited, 45015: ReplyRejected, 45047: ReplyRejected,
    47001: ReplyRejected, 48001: AuthFailed, 48002: ReplyRejected, 48004: Refused, 50002: Refused,
    88000: AuthFailed, 88001: ReplyRejected, 88002: ReplyRejected, 88003: ReplyRejected,
    88004: ReplyRejected, 88005: ReplyRejected, 88007: ReplyRejected, 88008: ReplyRejected,
    88009: ReplyRejected, 88011: ReplyRejected, 99999: ReplyRejected,
}  # fmt: skip
WECOM_READING: dict[int, type[Exception]] = {
    -1: Transient, 40001: AuthFailed, 40013: AuthFailed, 40014: AuthFailed, 40058: BadResponse,
    40096: BadResponse, 41001: BadResponse, 42001: AuthFailed, 45009: RateLimited, 48002: AuthFailed,
    60020: AuthFailed, 95000: AuthFailed, 95004: BadResponse, 95007: BadResponse, 95011: AuthFailed,
    95012: AuthFailed, 95017: AuthFailed, 95018: BadResponse, 95999: BadResponse,
}  # fmt: skip
WECOM_SENDING: dict[int, type[Exception]] = {
    -1: Unsure, 40001: AuthFailed, 40058: ReplyRejected, 40096: ReplyRejected, 45009: RateLimited,
    48002: AuthFailed, 60020: AuthFailed, 95000: AuthFailed, 95004: ReplyRejected, 95011: AuthFailed,
    95012: AuthFailed, 95017: AuthFailed, 95018: ReplyRejected, 95999: ReplyRejected,
}  # fmt: skip


def _fails(client: Client, path: str, codes: dict[int, type[Exception]], act: Any) -> None:
    """Each number in turn, with the next question well again."""
    for code, kind in codes.items():
        client.platform.answers = [(path, code, "words of 198.51.100.9 <b>")] * 2  # type: ignore[attr-defined]
        with pytest.raises(kind) as caught:
            act()
        error: Any = caught.value
        assert type(error) is kind, code
        assert error.text, code
        assert SECRET not in f"{error.text} {error.details}"
        assert "{" not in error.text, code
        assert f"errcode {code}:" in error.details
        if isinstance(error, RateLimited):
            assert 0 < error.retry_after <= 86400 + 60
    client.platform.answers = []  # type: ignore[attr-defined]


def test_every_number_of_wechat_while_reading(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    platform.comment("左耳没声音")
    client.poll()
    _fails(client, LIST, READING, client.poll)
    assert set(errors.WECHAT) - set(READING) == {88001, 88002, 88011}
    assert texts(client.round()) == ["左耳没声音"]


def test_every_number_of_wechat_while_answering(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    platform.comment("左耳没声音")
    [to] = client.round()
    _fails(client, ADD, SENDING, lambda: client.reply(to, "您好"))
    assert platform.sent == []


def test_every_number_of_wecom(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.write("左耳没声音")
    _fails(client, SYNC, WECOM_READING, client.poll)
    assert set(errors.WECOM) == set(WECOM_READING) - {95999}
    [to] = client.round()
    _fails(client, SEND, WECOM_SENDING, lambda: client.reply(to, "您好"))
    assert platform.sent == []


def test_the_daily_quota_comes_back_at_midnight_in_china() -> None:
    at = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)  # half past eleven at night there
    made = errors.error(45009, "", errors.WECHAT, host="WeChat", now=at)
    assert isinstance(made, RateLimited)
    assert made.retry_after == 31 * 60


def test_an_address_that_is_not_let_in_is_named(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    platform.ips = {"198.51.100.1"}
    with pytest.raises(AuthFailed) as caught:
        client.poll()
    assert platform.ip in caught.value.text
    assert "allow list" in caught.value.text
    platform.ips = {platform.ip}
    client.round()


def test_an_address_that_wecom_does_not_trust_is_named(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.ips = set()
    with pytest.raises(AuthFailed, match=platform.ip):
        client.poll()


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", ["stable", "classic"])
def test_the_token_is_asked_for_once_and_kept(wechat: tuple[Client, WeChatStandIn], mode: str) -> None:
    client, platform = wechat
    client.settings = WeChatSettings(
        app_id=platform.app, secret=SECRET, server=client.settings.server, token=mode
    )
    client.round()
    client.round()
    path = "/cgi-bin/stable_token" if mode == "stable" else "/cgi-bin/token"
    assert len(client.asked(path)) == 1
    kept = Token.read(client.kept["access"])
    assert kept is not None
    assert len(kept.value) > 480
    assert kept.value not in repr(kept)
    assert kept.value not in repr(client.settings)


def test_wecom_gets_its_token_by_number_and_secret(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    client.settings = type(client.settings)(
        corp_id=platform.app, secret=SECRET, server=client.settings.server
    )
    platform.write("左耳没声音")
    assert texts(client.round()) == ["左耳没声音"]
    client.round()
    assert len(client.asked("/cgi-bin/gettoken")) == 1
    assert client.kept["access"]


def test_a_token_is_renewed_five_minutes_before_its_end(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    client.round()
    for left in (330, 270):
        client.later, platform.switches.clock = timedelta(seconds=7200 - left), 7200 - left
        assert platform.given == 1
        client.round()
    assert platform.given == 2
    [life] = client._monitor(None).lives(None)
    assert life.until > datetime.now(UTC) + timedelta(hours=3)


@pytest.mark.parametrize("code", sorted(errors.STALE))
@pytest.mark.parametrize("name", CLIENTS)
def test_a_token_that_somebody_replaced_is_renewed_once(name: str, code: int) -> None:
    with World([CASES[name].platform]) as world:
        client = Client(name, world)
        client.add("左耳没声音")
        client.poll()
        path = LIST if name == "wechat" else SYNC
        client.platform.answers = [(path, code, "access_token is invalid or not latest")]  # type: ignore[attr-defined]
        client.round()
        assert [one.text for one in client.found] == ["左耳没声音"]


def test_a_platform_that_repeats_the_token_does_not_bring_it_into_the_log(
    wechat: tuple[Client, WeChatStandIn],
) -> None:
    client, platform = wechat
    client.round()
    kept = Token.read(client.kept["access"])
    assert kept is not None
    platform.answers = [(LIST, 48001, f"api unauthorized, token {kept.value}")]
    with pytest.raises(AuthFailed) as caught:
        client.round()
    assert kept.value[:40] not in caught.value.details


def test_a_mangled_note_of_the_token_is_none() -> None:
    for kept in ("", "?", "[]", '{"token": 5, "until": 9}', '{"token":"x","until":1e400}', '{"token":"x"}'):
        assert Token.read(kept) is None
    far = Token("x", datetime.now(UTC) + timedelta(days=400))
    assert not far.good(datetime.now(UTC))


# ── comments ─────────────────────────────────────────────────────────────────────────────────────


def test_comments_are_asked_for_by_49(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    for number in range(120):
        platform.comment(f"第{number}条")
    assert len(client.round()) == 120
    asked = [call.json() for call in client.asked(LIST)]
    assert [(one["begin"], one["count"]) for one in asked] == [(0, 49), (49, 49), (98, 49)]
    refused = platform.told(type(client.asked(LIST)[0])("POST", LIST, {}, {}, json.dumps(
        {"msg_data_id": 2650000001, "index": 0, "begin": 0, "count": 50, "type": 0}).encode()))  # fmt: skip
    assert json.loads(refused.body)["errcode"] == 88010


def test_a_quiet_round_costs_one_question_an_article(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    for number in range(120):
        platform.comment(f"第{number}条")
    client.round()
    platform.journal.clear()
    platform.comment("又一条")
    assert texts(client.round()) == ["又一条"]
    assert len(client.asked(LIST)) == 2  # the second page holds known ones only


def test_new_comments_move_the_pages_under_the_reader(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    wanted = [platform.comment(f"第{number}条").text for number in range(100)]
    client.poll()
    while client.poll():
        if len(wanted) < 180:
            wanted += [platform.comment(f"第{len(wanted) + more}条").text for more in range(20)]
    client.round()
    assert sorted({one.text for one in client.found}) == sorted(wanted)
    assert len(client.found) == len(wanted)


def test_deleted_comments_move_the_pages_and_nothing_is_missed(
    wechat: tuple[Client, WeChatStandIn],
) -> None:
    client, platform = wechat
    ids = [platform.comment(f"第{number}条").id for number in range(120)]
    client.poll()
    client.poll()
    for id_ in ids[-30:]:  # the newest, read already: the others move up by 30
        platform.delete_item(id_)
    for _time in range(3):
        client.round()
    assert {one.text for one in client.found} == {f"第{number}条" for number in range(120)}
    assert {id_.rpartition("_")[2] for id_ in client.gone} == set(ids[-30:])


def test_silence_is_not_taken_for_deletion(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    platform.comment("左耳没声音")
    client.round()
    platform.switches.empty = True
    client.later = timedelta(days=2)
    client.round()
    assert client.gone == []


def test_what_a_comment_carries(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    platform.comment("左耳两周就坏了[Sob]")
    platform.comment("没有身份", author_id="")
    client.round()
    one, other = client.one("左耳两周就坏了[Sob]"), client.one("没有身份")
    assert (one.platform, one.kind, one.native_id) == ("wechat", Kind.COMMENT, "2650000001_0_1")
    assert one.url.startswith("http://mp.weixin.qq.com/s?__biz=")
    assert one.root_id == "2650000001_0"
    assert one.site == "云雀Pro 使用指南"
    assert one.author.name.startswith("Reader #")
    assert one.author.native_id == "oSYNTH1"
    assert other.author.native_id == ""
    assert other.author.name
    assert one.published_at is not None
    assert other.published_at is not None  # one date came as a number, the other as text


def test_the_same_number_under_two_articles_is_two_comments(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    second = platform.publish(2650000001, index=1, title="第二篇")
    platform.comment("一")
    platform.comment("二", second)
    client.round()
    assert {one.native_id for one in client.found} == {"2650000001_0_1", "2650000001_1_1"}


def test_old_articles_are_read_daily_and_very_old_ones_not(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    old = platform.publish(2650000002, at=platform.now() - 10 * 86400)
    platform.publish(2650000003, at=platform.now() - 40 * 86400)
    platform.publish(2650000004, open=False)
    client.round()
    platform.comment("迟来的", old)
    assert client.round() == []
    client.later = timedelta(days=1)
    assert texts(client.round()) == ["迟来的"]
    assert {call.json()["msg_data_id"] for call in client.asked(LIST)} == {2650000001, 2650000002}


def test_an_article_named_by_hand_is_read(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    mass = platform.publish(2650000009, index=2, listed=False)
    platform.comment("群发下面的", mass)
    link = "https://mp.weixin.qq.com/s?__biz=MzSYNTH==&mid=2650000009&idx=3&sn=abc"
    for how in (link, "2650000009_2"):
        client.cursor, client.found = None, []
        client.settings = WeChatSettings(
            app_id=platform.app, secret=SECRET, server=client.settings.server, articles=(how,)
        )
        assert texts(client.round()) == ["群发下面的"]
    with pytest.raises(ConfigError) as caught:
        WeChat.vet(WeChatSettings(app_id="a", secret="b", articles=("nonsense",)))
    assert caught.value.field == "articles"


def test_an_article_that_is_limited_does_not_stop_the_others(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    shut = platform.publish(2650000002, limited=True, title="被限的")
    platform.comment("看不到", shut)
    platform.comment("看得到")
    assert texts(client.round()) == ["看得到"]
    assert any("被限的" in note for note in client.notes)
    shut.limited = False
    client.later = timedelta(days=1)
    assert texts(client.round()) == ["看不到"]


def test_an_answer_given_in_the_console_is_told_once(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    one = platform.comment("左耳没声音")
    client.round()
    assert client.answered == []
    one.extra["reply"] = "您好，请后台留言订单号"
    client.round()
    client.round()
    assert client.answered == ["2650000001_0_1"]
    assert len(client.found) == 1


# ── chats of the account ─────────────────────────────────────────────────────────────────────────


def test_chats_are_read_day_by_day_and_the_staff_answers(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    client.settings = WeChatSettings(
        app_id=platform.app, secret=SECRET, server=client.settings.server, chats=True, days=3
    )
    now = platform.now()
    platform.write("oA", "两天前的问题", now - 2 * 86400)
    platform.write("oA", "您好", now - 2 * 86400 + 60, 2002)
    platform.write("oB", "你们家耳机怎么退货", now - 100)
    client.round()
    assert texts(client.found) == ["两天前的问题", "你们家耳机怎么退货"]
    first, second = client.one("两天前的问题"), client.one("你们家耳机怎么退货")
    assert first.kind is Kind.MESSAGE
    assert second.root_id == "oB"
    assert client.answered == [first.native_id]
    assert client.round() == []
    platform.write("oB", "在吗", now - 50)
    assert texts(client.round()) == ["在吗"]
    platform.write("oB", "在的", now - 40, 2002)
    platform.write("oB", "谢谢", now - 30)
    client.round()
    client.round()
    assert sorted(client.answered[1:]) == sorted(
        [second.native_id, client.one("在吗").native_id]
    )  # not "谢谢", which came after


def test_a_full_page_of_records_goes_on_behind_its_last(
    wechat: tuple[Client, WeChatStandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, platform = wechat
    monkeypatch.setattr("monitors.wechat.RECORDS", 10)
    client.settings = WeChatSettings(
        app_id=platform.app, secret=SECRET, server=client.settings.server, chats=True, days=1
    )
    for number in range(35):
        platform.write("oA", f"第{number}句", platform.now() - 35 + number)
    assert len(client.round()) == 35
    assert client.round() == []


def test_a_message_of_the_account_is_answered_within_two_days(
    wechat: tuple[Client, WeChatStandIn],
) -> None:
    client, platform = wechat
    client.settings = WeChatSettings(
        app_id=platform.app, secret=SECRET, server=client.settings.server, chats=True, days=1
    )
    platform.write("oB", "怎么退货")
    [to] = client.round()
    client.reply(to, "您好，请提供订单号")
    assert [one.text for one in platform.sent] == ["您好，请提供订单号"]
    platform.switches.clock = 3 * 86400
    with pytest.raises(ReplyRejected, match="48 hours"):
        client.reply(to, "还在吗")


# ── answering ────────────────────────────────────────────────────────────────────────────────────


def test_a_comment_takes_one_answer(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    platform.comment("左耳没声音")
    [to] = client.round()
    client.reply(to, "您好，请后台留言")
    with pytest.raises(ReplyRejected, match="takes one only"):
        client.reply(to, "再说一次")
    assert [(one.id, one.text) for one in platform.sent] == [("1", "您好，请后台留言")]
    assert "您好".encode() in client.asked(ADD)[0].body  # plain UTF-8, no escapes


def test_a_comment_that_was_deleted_takes_none(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    one = platform.comment("左耳没声音")
    [to] = client.round()
    platform.delete_item(one.id)
    with pytest.raises(ReplyRejected, match="deleted"):
        client.reply(to, "您好")


def test_comments_are_featured_and_not(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, platform = wechat
    one = platform.comment("左耳没声音")
    [to] = client.round()
    client.ask(lambda monitor: monitor.mark(to, True))
    assert one.extra["elect"] is True
    client.ask(lambda monitor: monitor.mark(to, False))
    assert one.extra["elect"] is False


@pytest.mark.parametrize("mode", ["cut", "hang", "garbage", "500", "503"])
@pytest.mark.parametrize("name", CLIENTS)
def test_perhaps_sent_is_unsure(name: str, mode: str) -> None:
    with World([CASES[name].platform]) as world:
        client = Client(name, world)
        client.add("左耳没声音")
        [to] = client.round()
        client.platform.switches.failures.append(mode)
        with pytest.raises(Unsure) as caught:
            client.reply(to, "您好", "key-1", wait=0.5 if mode == "hang" else 5.0)
        assert caught.value.text
        assert len(client.platform.sent) == (mode in ("cut", "hang"))


@pytest.mark.parametrize("name", CLIENTS)
def test_surely_not_sent_is_no_unsure(name: str) -> None:
    world = World([CASES[name].platform])
    with world:
        client = Client(name, world)
        client.add("左耳没声音")
        [to] = client.round()
        client.platform.switches.failures.append("403")
        with pytest.raises(MonitorError) as caught:
            client.reply(to, "您好")
        assert not isinstance(caught.value, Unsure)
    with pytest.raises(Transient):
        client.reply(to, "您好")


def test_what_they_can() -> None:
    assert issubclass(WeChat, CanReply)
    assert issubclass(WeChat, CanMark)
    assert issubclass(WeChat, HasLives)
    assert issubclass(CASES["wecom"].cls, CanReply)
    assert not issubclass(CASES["wecom"].cls, CanMark)


# ── WeCom's messages ─────────────────────────────────────────────────────────────────────────────


def test_more_with_an_empty_page_is_gone_on_with(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.page = 5
    platform.gaps = [5]
    for number in range(12):
        platform.write(f"第{number}句")
    assert len(client.round()) == 12


def test_events_name_their_customer_inside_and_are_no_mentions(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.event("enter_session", scene="123", welcome_code="SYNTHCODE")
    platform.event("session_status_change", change_type=3)
    one = platform.write("左耳坏了怎么退")
    assert texts(client.round()) == ["左耳坏了怎么退"]
    assert client.skipped == 0
    platform.event("user_recall_msg", recall_msgid=one.id)
    client.round()
    assert client.gone == [one.id]


def test_the_same_message_twice_is_one(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    one = platform.write("左耳坏了怎么退")
    platform.items.append(one)
    assert len(client.round()) == 1


def test_what_a_message_carries(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.write("左耳坏了怎么退")
    picture = {"content": {"msgtype": "image", "image": {"media_id": "SYNTHmedia"}}}
    link = {"title": "对比", "desc": "云雀和百灵", "url": "https://a.example/x", "pic_url": "javascript:1"}
    platform.write("", extra=picture)
    platform.write("", extra={"content": {"msgtype": "link", "link": link}})
    platform.write("", extra={"content": {"msgtype": "hologram", "hologram": {"x": 1}}})
    client.round()
    said, shown, linked, new = client.found
    assert (said.kind, said.root_id) == (Kind.MESSAGE, "wkSYNTH01/wmSYNTH01")
    assert shown.text == "[picture]"
    assert shown.media == ("SYNTHmedia",)
    assert linked.text == "[link] 对比 云雀和百灵"
    assert linked.media == ("https://a.example/x",)
    assert new.text == "[hologram]"
    assert {call.path for call in platform.journal} <= {SYNC, "/cgi-bin/kf/account/list"}


def test_a_colleague_in_wecom_answers(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.write("第一句")
    platform.write("别人的", "wmOTHER")
    client.round()
    platform.staff("您好，请提供订单号")
    platform.write("谢谢")
    client.round()
    assert client.answered == [client.one("第一句").native_id]
    assert len(client.found) == 3


def test_a_cursor_that_wecom_forgot_begins_again(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.write("第一句")
    client.round()
    platform.forgotten.add("4gw7SYNTH1")
    platform.write("第二句")
    assert texts(client.round()) == ["第二句"]
    assert any("read again" in note for note in client.notes)


def test_more_for_ever_ends(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.write("第一句")
    client.round()
    platform.gaps = [1] * 50
    client.round()


def test_an_old_token_of_a_callback_is_refused(wecom: tuple[Client, WeComStandIn]) -> None:
    """The stand-in keeps WeCom's rule; our polls use none, so nothing of ours can grow older."""
    client, platform = wecom
    platform.callbacks["ENC"] = platform.now() - 601
    client.round()
    call = client.asked(SYNC)[0]
    assert "token" not in call.json()
    body = json.dumps({"token": "ENC", "open_kfid": platform.kfid}).encode()
    assert json.loads(platform.told(type(call)("POST", SYNC, {}, {}, body)).body)["errcode"] == 95007


def test_an_answer_goes_to_the_conversation_under_its_key(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.write("左耳坏了怎么退")
    [to] = client.round()
    assert client.reply(to, "您好", "key-1") == "key-1"
    assert [(one.id, one.author_id, one.text) for one in platform.sent] == [("key-1", "wmSYNTH01", "您好")]
    with pytest.raises(ReplyRejected):
        client.reply(to, "您好", "key-1")  # the platform knows it
    assert len(platform.sent) == 1
    client.reply(to, "再问一下", "云" * 40)
    assert len(platform.sent[1].id) == 32


def test_five_messages_and_two_days(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.write("左耳坏了怎么退")
    [to] = client.round()
    for number in range(5):
        client.reply(to, "您好", f"key-{number}")
    with pytest.raises(ReplyRejected, match="five messages"):
        client.reply(to, "您好", "key-5")
    platform.write("在吗")
    client.round()
    client.reply(to, "您好", "key-6")
    platform.switches.clock = 3 * 86400
    with pytest.raises(ReplyRejected, match="48"):
        client.reply(to, "您好", "key-7")
    with pytest.raises(ReplyRejected, match="too long"):
        client.reply(to, "长" * 700, "key-8")
    assert len(platform.sent) == 6


def test_what_wecom_could_not_deliver_is_told_later(wecom: tuple[Client, WeComStandIn]) -> None:
    client, platform = wecom
    platform.late_failures = True
    platform.write("左耳坏了怎么退")
    [to] = client.round()
    platform.talks["wmSYNTH01"].sent = 5
    assert client.reply(to, "您好", "key-1") == "key-1"
    client.round()
    [(key, why)] = client.unsent
    assert key == "key-1"
    assert "five messages" in why


def test_a_mention_of_another_shape_is_refused_in_words(wecom: tuple[Client, WeComStandIn]) -> None:
    client, _platform = wecom
    strange = Mention(platform="wecom", native_id="x", url="", text="x", root_id="nowhere")
    with pytest.raises(ReplyRejected):
        client.reply(strange, "您好")


def test_a_record_is_no_comment(wechat: tuple[Client, WeChatStandIn]) -> None:
    client, _platform = wechat
    strange = Mention(platform="wechat", native_id="x", url="", text="x", kind=Kind.COMMENT)
    with pytest.raises(ReplyRejected):
        client.reply(strange, "您好")
