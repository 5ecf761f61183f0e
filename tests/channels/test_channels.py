"""Every channel against a stand-in as strict as the real thing: vectors, hostile texts, error rows."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from app.alerts.channels import ALL, dingtalk, email, feishu, serverchan, slack, teams, webhook, wecom
from app.alerts.channels.base import Channel
from app.domain.alert import Severity
from app.domain.delivery import Notice
from app.domain.people import Person
from app.domain.web import signature
from app.drill.standin import World
from app.drill.standin.post import PostOffice
from app.drill.standin.robots import (
    DingRobot,
    FeishuBot,
    Receiver,
    Robot,
    ServerChanPush,
    SlackHook,
    TeamsFlow,
    WeComGroup,
)
from app.errors import (
    AppError,
    AuthFailed,
    ConfigError,
    RateLimited,
    Refused,
    ReplyRejected,
    Transient,
    Unsure,
)
from app.settings.schema import secret_names, specs
from tests.channels.given import CONTACTS, ZHANG, notice, send

SECRET = "SECsynthetic0001"


@dataclass(frozen=True)
class Case:
    cls: type[Channel[Any]]
    robot: type[Robot]
    settings: Callable[[str], Any]
    mark: str = ""
    """How the message points at ZHANG."""


CASES = {
    "dingtalk": Case(
        dingtalk.DingTalk,
        DingRobot,
        lambda url: dingtalk.Settings(
            address=f"https://oapi.dingtalk.com/robot/send?access_token={DingRobot.key}",
            secret=SECRET,
            server=url,
        ),
        "@13800000000",
    ),
    "wecom": Case(
        wecom.WeComRobot,
        WeComGroup,
        lambda url: wecom.Settings(address=WeComGroup.key, server=url),
        "<@zhang.san>",
    ),
    "feishu": Case(
        feishu.Feishu,
        FeishuBot,
        lambda url: feishu.Settings(address=FeishuBot.key, secret=SECRET, server=url),
        '"user_id": "ou_synthetic0001"',
    ),
    "serverchan": Case(
        serverchan.ServerChan,
        ServerChanPush,
        lambda url: serverchan.Settings(key=ServerChanPush.key, server=url),
    ),
    "slack": Case(
        slack.Slack,
        SlackHook,
        lambda url: slack.Settings(address=f"services/{SlackHook.key}", server=url),
        "<@U0SYNTH01>",
    ),
    "teams": Case(
        teams.Teams,
        TeamsFlow,
        lambda url: teams.Settings(address=f"{url}/workflows/1?sig={TeamsFlow.key}"),
        '"id": "zhang@example.com"',
    ),
    "webhook": Case(
        webhook.Webhook,
        Receiver,
        lambda url: webhook.Settings(url=f"{url}/take", secret=Receiver.signing),
        '"name": "张三"',
    ),
}
ROBOTS = [name for name in CASES if name != "webhook"]


def _ready(world: World, name: str) -> tuple[Case, Any, Any]:
    case = CASES[name]
    robot = world.of(case.robot)
    if isinstance(robot, DingRobot | FeishuBot):
        robot.secret = SECRET
    return case, robot, case.settings(world.url_of(case.robot))


# ── signatures ───────────────────────────────────────────────────────────────────────────────────


def test_the_published_signatures_come_out() -> None:
    want = "xXoWutEAGZ5RSitam83T8iwXdlFZ5bFIprCTxOWsz14="
    assert dingtalk.signature("SECsynthetic0001", "1756800000000") == want
    want = "uV4mG1xL1/ihiXupvaPw+KiUcGM0WB2GaxAoZZcQQ+Q="
    assert feishu.signature("synthetic0001", "1756800000") == want
    want = "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    assert signature("key", b"The quick brown fox jumps over the lazy dog") == want


@pytest.mark.parametrize("name", ["dingtalk", "feishu"])
def test_a_clock_that_is_off_is_said(world: World, name: str) -> None:
    case, robot, settings = _ready(world, name)
    late = datetime.now(UTC) - timedelta(hours=2)
    with pytest.raises(AuthFailed, match="clock"):
        send(case.cls, settings, [notice()], now=lambda: late)
    assert robot.sent == []


# ── what is sent ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", CASES)
def test_one_alert_arrives_whole_and_points_at_who_is_on_duty(world: World, name: str) -> None:
    case, robot, settings = _ready(world, name)
    remark = send(case.cls, settings, [notice(people=(ZHANG,), copies=12)])
    assert remark == ""
    (item,) = robot.sent
    told = json.dumps(item.extra["body"], ensure_ascii=False)
    for part in ("左耳没声音", "12", "weibo.example/1", case.mark):
        assert part in told
    assert "@all" not in told.lower()


@pytest.mark.parametrize("name", [name for name in ROBOTS if CASES[name].mark])
def test_somebody_without_an_address_is_named_and_the_receipt_says_so(world: World, name: str) -> None:
    case, robot, settings = _ready(world, name)
    remark = send(case.cls, settings, [notice(people=(ZHANG, Person(name="李四")))])
    assert "李四" in remark
    assert "张三" not in remark
    assert "李四" in robot.words()[0]


HOSTILE = [
    "@all @所有人 @13800000000 <@all> <!channel> <!everyone> <!here> <@U123> @everyone",
    '<at user_id="all">所有人</at> <at id=all></at> <at>全部</at>',
    "[点我](https://evil.example/a) ![x](https://evil.example/p) <https://evil.example|ok> evil.example",
    '<font color="warning">官方</font> <b>x</b> <script>alert(1)</script> &lt;b&gt;',
    "# 大标题\n> 引用\n- 一\n1. 二\n| a | b |\n|---|---|\n```sh\nrm -rf /\n```\n---\n***",
    "\x1b[31m红\x1b[0m\x07\x9b2J \u202e反\u2066 \u200b\u2028换行 \x00 \ud800",
    "Subject: x\r\nBcc: all@evil.example\r\n\r\n第二封",
    "=cmd|'/c calc'!A1 {{7*7}} ${7*7} %s {0} {title}",
    '"}],"at":{"isAtAll":true},"x":[{"',
    "-x --help",
    "长" * 20_000,
]
ACTIVE = (
    "@all", "@所有人", "<@all>", "<!channel", "<!everyone", "<!here", "<@u123>", "@everyone",
    "<at user_id=", "<at id=", "<at>全部", "](https://evil", "<https://evil", "://evil", "evil.example",
    '<font color="warning',
    "<script", "<b>", "\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\u2028", "\x00", "```", "***",
)  # fmt: skip


@pytest.mark.parametrize("name", ROBOTS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text(world: World, name: str, text: str) -> None:
    case, robot, settings = _ready(world, name)
    given = notice(f"P1 {text}", body=text, reason=text, brand=text, people=(replace(ZHANG, name=text),))
    send(case.cls, settings, [given])
    (item,) = robot.sent
    body = item.extra["body"]
    told = "\n".join(_strings(body)).lower()
    for own in ("<@u0synth01>", "@13800000000", "<@zhang.san>"):
        told = told.replace(own, "", 1)
    for active in ACTIVE:
        assert active not in told, active
    lines = [line.strip() for line in told.splitlines()]
    assert not any(line.startswith(("# ", "- 一", "1. ", "|", "---", "> >")) for line in lines)
    if name == "dingtalk":
        assert body["at"] == {"atMobiles": ["13800000000"], "atUserIds": [], "isAtAll": False}
    if name == "feishu":
        tags = [part for row in body["content"]["post"]["zh_cn"]["content"] for part in row]
        assert [part["user_id"] for part in tags if part["tag"] == "at"] == ["ou_synthetic0001"]


def _strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for one in value.values() for text in _strings(one)]
        case list():
            return [text for one in value for text in _strings(one)]
    return []


@pytest.mark.parametrize("name", ROBOTS)
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://ok.example@evil.example/",
        "https://a.example/) [x](https://evil.example",
        "https://a.example/|x> <!channel>",
        "https://a.example/\r\nX: y",
        'https://a.example/"><b>',
    ],
)
def test_a_hostile_address_does_not_break_out_of_its_link(world: World, name: str, url: str) -> None:
    case, robot, settings = _ready(world, name)
    send(case.cls, settings, [notice(url=url)])
    told = "\n".join(_strings(robot.sent[0].extra["body"]))
    for active in ("javascript:", "ok.example", "](https://evil", "<!channel", "\r", '"><b>', ") ["):
        assert active not in told


@pytest.mark.parametrize("contact", ["@all", "all", "<!channel>", "x> <!here", "13800000000 @all", "a\nb"])
@pytest.mark.parametrize("name", [name for name in ROBOTS if CASES[name].mark])
def test_a_colleagues_address_cannot_point_at_everybody(world: World, name: str, contact: str) -> None:
    case, robot, settings = _ready(world, name)
    who = Person(name="王五", contacts=dict.fromkeys(CONTACTS, contact))
    send(case.cls, settings, [notice(people=(who,))])
    told = json.dumps(robot.sent[0].extra["body"], ensure_ascii=False)
    for active in ("@all", "<!", '"user_id": "all"', '"user_id": "@all"', '"id": "all"'):
        assert active not in told


@pytest.mark.parametrize("name", ROBOTS)
@pytest.mark.parametrize("letter", ["长", "𠮷", "a", "<&>*"])
def test_a_storm_is_one_message_that_says_how_many_more(world: World, name: str, letter: str) -> None:
    case, robot, settings = _ready(world, name)
    url = "https://e.example/"
    many = [
        notice(
            f"{n} {letter * 300}",
            key=f"k{n}",
            body=letter * 500,
            url=f"{url}{letter * 300}{n}",
        )
        for n in range(200)
    ]
    grave = notice("最重的一条", severity=Severity.P1)
    send(case.cls, settings, [*many, grave])
    (told,) = robot.words()
    assert "最重的一条" in told
    shown = sum(f"{n} {letter[0]}" in told or f"{n} ＜" in told for n in range(200))
    assert "more alerts; see Tingfeng" in told
    assert shown < 40


@pytest.mark.parametrize("name", ["dingtalk", "feishu"])
def test_the_keyword_stands_in_every_message(world: World, name: str) -> None:
    case, robot, settings = _ready(world, name)
    robot.keyword = "听风"
    with pytest.raises(AuthFailed, match="keyword"):
        send(case.cls, settings, [notice()])
    send(case.cls, replace(settings, keyword="听风"), [notice()])
    assert len(robot.sent) == 1


def test_a_repetition_says_that_it_may_be_one(world: World) -> None:
    for name in ROBOTS:
        case, robot, settings = _ready(world, name)
        send(case.cls, settings, [notice(again=True)])
        assert "perhaps for the second time" in robot.words()[0]


def test_a_webhook_is_taken_once_whatever_is_repeated(world: World) -> None:
    case, robot, settings = _ready(world, "webhook")
    at = datetime(2026, 11, 30, 1, 2, 3, tzinfo=UTC)
    for _turn in range(3):
        send(case.cls, settings, [notice()], now=lambda: at)
    (item,) = robot.sent
    body = item.extra["body"]
    assert body["event"] == "alert.raised"
    assert body["item"]["title"] == notice().title
    headers = robot.journal[-1].headers
    assert headers["x-event-id"] == body["id"] == notice().key
    assert headers["x-timestamp"] == body["sent_at"]


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────

ROWS: Sequence[tuple[str, str, type[AppError], str]] = [
    ("dingtalk", "code:-1", Transient, "busy"),
    ("dingtalk", "code:300001", AuthFailed, "Copy the address"),
    ("dingtalk", "code:400101", AuthFailed, "Copy the address"),
    ("dingtalk", "code:400102", Refused, "Switch it on"),
    ("dingtalk", "code:400106", ConfigError, "Add one"),
    ("dingtalk", "code:400013", ConfigError, "dissolved"),
    ("dingtalk", "code:400105", Refused, "kind of message"),
    ("dingtalk", "code:430104", ReplyRejected, "unsafe"),
    ("dingtalk", "code:460101", ReplyRejected, "too long"),
    ("dingtalk", "code:130101", RateLimited, "ten minutes"),
    ("dingtalk", "code:410100", RateLimited, "ten minutes"),
    ("dingtalk", "code:999999", Refused, "code 999999"),
    ("dingtalk", "deny", RateLimited, "ten minutes"),
    ("dingtalk", "whitelist", AuthFailed, "this network"),
    ("wecom", "code:93000", AuthFailed, "Copy the address"),
    ("wecom", "code:45009", RateLimited, "20 messages a minute"),
    ("wecom", "code:40008", Refused, "kind of message"),
    ("wecom", "code:44004", ReplyRejected, "empty"),
    ("wecom", "code:40058", ReplyRejected, "too long"),
    ("wecom", "code:45002", ReplyRejected, "too long"),
    ("feishu", "code:9499", ReplyRejected, "could not read"),
    ("feishu", "code:19001", AuthFailed, "Copy the address"),
    ("feishu", "code:19021", AuthFailed, "signing secret"),
    ("feishu", "code:19022", AuthFailed, "this network"),
    ("feishu", "code:19024", AuthFailed, "keyword"),
    ("feishu", "code:11232", RateLimited, "too busy"),
    ("serverchan", "code:quota", Refused, "no more messages today"),
    ("serverchan", "code:50000", Refused, "error"),
    ("slack", "code:invalid_payload", ReplyRejected, "could not read"),
    ("slack", "code:no_text", ReplyRejected, "empty"),
    ("slack", "code:action_prohibited", Refused, "administrator"),
    ("slack", "code:invalid_token", AuthFailed, "Make one anew"),
    ("slack", "code:no_service", AuthFailed, "Make one anew"),
    ("slack", "code:channel_not_found", AuthFailed, "does not exist"),
    ("slack", "code:channel_is_archived", ConfigError, "archived"),
    ("slack", "code:something_new", Refused, "something_new"),
    ("teams", "code:400", Refused, "400"),
    ("teams", "code:401", AuthFailed, "Enter it anew"),
    ("teams", "code:404", AuthFailed, "Copy the address"),
    ("teams", "code:413", ReplyRejected, "too long"),
    ("teams", "code:legacy-429", RateLimited, "less often"),
    ("webhook", "code:400", Refused, "told so"),
    ("webhook", "code:401", AuthFailed, "key"),
    ("webhook", "code:410", ConfigError, "gone for good"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "how", "kind", "words"), ROWS, ids=lambda one: str(one)[:30])
def test_every_error_row_says_what_to_do(
    world: World, name: str, how: str, kind: type[AppError], words: str
) -> None:
    case, robot, settings = _ready(world, name)
    robot.control({"fail_next": {"n": 1, "mode": how}})
    with pytest.raises(kind, match=words) as caught:
        send(case.cls, settings, [notice()])
    _silent(str(caught.value) + caught.value.details)
    assert "{" not in str(caught.value)
    assert robot.sent == []
    send(case.cls, settings, [notice()])  # the next one goes through
    assert len(robot.sent) == 1


def _silent(text: str) -> None:
    for key in (DingRobot.key, FeishuBot.key, ServerChanPush.key, SlackHook.key, SECRET, Receiver.signing):
        assert key not in text


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("how", "kinds"),
    [
        ("500", (Transient,)),
        ("503", (Transient,)),
        ("502", (Unsure,)),
        ("504", (Unsure,)),
        ("401", (AuthFailed,)),
        ("404", (AuthFailed,)),
        ("429", (RateLimited,)),
        ("cut", (Unsure,)),
    ],
)
def test_plain_statuses_and_broken_lines(
    world: World, name: str, how: str, kinds: tuple[type[AppError], ...]
) -> None:
    case, robot, settings = _ready(world, name)
    robot.control({"fail_next": {"n": 1, "mode": how}})
    with pytest.raises(kinds):
        send(case.cls, settings, [notice()])


@pytest.mark.parametrize("name", ["dingtalk", "slack", "webhook"])
def test_silence_is_unsure_not_failed(world: World, name: str) -> None:
    case, robot, settings = _ready(world, name)
    robot.control({"fail_next": {"n": 1, "mode": "hang"}})
    with pytest.raises(Unsure, match="did not say"):
        send(case.cls, settings, [notice()], patience=1.0)
    assert len(robot.sent) == 1  # it had been taken, as happens


@pytest.mark.parametrize("name", ROBOTS)
def test_a_web_page_instead_of_an_answer_was_nobodys_robot(world: World, name: str) -> None:
    case, robot, settings = _ready(world, name)
    robot.control({"html_instead_of_json": True})
    with pytest.raises(Transient, match="web page"):
        send(case.cls, settings, [notice()])


@pytest.mark.parametrize("name", ["dingtalk", "wecom", "feishu", "serverchan"])
def test_half_an_answer_is_unsure(world: World, name: str) -> None:
    case, robot, settings = _ready(world, name)
    robot.control({"fail_next": {"n": 1, "mode": "garbage"}})
    with pytest.raises(Unsure):
        send(case.cls, settings, [notice()])


@pytest.mark.parametrize("name", CASES)
def test_nobody_listening_is_transient(world: World, name: str) -> None:
    case = CASES[name]
    with pytest.raises(Transient, match="could not be reached"):
        send(case.cls, case.settings("http://127.0.0.1:9"), [notice()])


@pytest.mark.parametrize("name", CASES)
def test_a_key_is_in_no_log_and_no_repr(world: World, name: str, caplog: pytest.LogCaptureFixture) -> None:
    case, robot, settings = _ready(world, name)
    with caplog.at_level(logging.INFO):
        send(case.cls, settings, [notice()])
        robot.control({"fail_next": {"n": 1, "mode": "500"}})
        with pytest.raises(AppError) as caught:
            send(case.cls, settings, [notice()])
    _silent(caplog.text + repr(settings) + repr(caught.value) + str(caught.value.__cause__))
    hidden = secret_names(type(settings))
    assert hidden
    assert all(spec.required for one, spec in specs(type(settings)) if one in hidden[:1])


BAD = [
    (dingtalk.DingTalk, dingtalk.Settings(address="https://oapi.dingtalk.com/robot/send"), "address"),
    (dingtalk.DingTalk, dingtalk.Settings(address="abc", server="oapi.dingtalk.com"), "server"),
    (wecom.WeComRobot, wecom.Settings(address="https://x.example/?key="), "address"),
    (feishu.Feishu, feishu.Settings(address="https://open.feishu.cn/ 空"), "address"),
    (serverchan.ServerChan, serverchan.Settings(key="SCT/../x"), "key"),
    (slack.Slack, slack.Settings(address="https://hooks.slack.com/"), "address"),
    (teams.Teams, teams.Settings(address="ftp://x.example/a"), "address"),
    (teams.Teams, teams.Settings(address="https://x.example"), "address"),
    (webhook.Webhook, webhook.Settings(url="http://[::1"), "url"),
    (email.Email, email.Settings(server="x.example", sender="a@b.example\r\nBcc: x@y.example"), "sender"),
    (email.Email, email.Settings(server="x.example", sender="a@b.example", to=("alle",)), "to"),
    (email.Email, email.Settings(server="x y", sender="a@b.example"), "server"),
    (
        email.Email,
        email.Settings(server="x.example", sender="a@b.example", security="none", password="p"),
        "security",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "settings", "field"), BAD)
def test_what_can_never_work_is_refused_at_its_field(
    cls: type[Channel[Any]], settings: Any, field: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        cls.vet(settings)
    assert caught.value.field == field


def test_the_apps_edition_of_serverchan_has_its_own_server() -> None:
    url = serverchan.address_of(serverchan.Settings(key="sctp123tabcdefgh"))
    assert url == "https://123.push.ft07.com/send/sctp123tabcdefgh.send"


def test_every_channel_there_is_stands_here() -> None:
    assert {one.info.id for one in ALL} == {*CASES, "email"}


# ── e-mail ───────────────────────────────────────────────────────────────────────────────────────


def _post(office: PostOffice, **more: Any) -> email.Settings:
    values = {
        "server": "127.0.0.1",
        "port": office.port,
        "security": "none",
        "sender": "alerts@example.com",
        "to": ("lead@example.com",),
        "user": office.user,
        "password": office.password,
    }
    return email.Settings(**{**values, **more})


def test_a_mail_arrives_signed_in_to_everybody() -> None:
    with PostOffice("alerts", "auth-code-1") as office:
        assert send(email.Email, _post(office), [notice(people=(ZHANG,))]) == ""
    (mail,) = office.mails
    assert mail.to == ("lead@example.com", "zhang@example.com")
    read = message_from_bytes(mail.data, policy=default)
    assert "左耳没声音" in read["Subject"]
    assert "https://weibo.example/1" in read.get_content()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_makes_no_header_and_no_second_mail(text: str) -> None:
    with PostOffice() as office:
        given = notice(
            text, body=f"{text}\r\n.\r\nMAIL FROM:<x@y>", brand=text, people=(Person(name=text),)
        )
        send(email.Email, _post(office), [given])
    (mail,) = office.mails
    assert mail.to == ("lead@example.com",)
    read = message_from_bytes(mail.data, policy=default)
    assert set(read.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Priority", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    for active in ("\x1b", "\x07", "\u202e", "\x00", "<b>"):
        assert active not in read.get_content() + read["Subject"]


MAIL_ROWS: Sequence[tuple[str, str, type[AppError], str]] = [
    ("AUTH", "535 5.7.8 no", AuthFailed, "authorisation code"),
    ("MAIL", "530 5.7.0 sign in", AuthFailed, "authorisation code"),
    ("MAIL", "550 5.7.1 you may not", Refused, "550"),
    ("MAIL", "421 4.7.0 too many", Transient, "421"),
    ("RCPT", "550 5.1.1 who?", Refused, "550"),
    ("RCPT", "450 4.2.0 greylisted", Transient, "450"),
    ("DATA", "451 4.3.0 disk", Transient, "451"),
    ("END", "554 5.7.1 spam", ReplyRejected, "554"),
    ("END", "452 4.3.1 full", Transient, "452"),
]


@pytest.mark.parametrize(("verb", "said", "kind", "words"), MAIL_ROWS)
def test_every_answer_of_a_mail_server(verb: str, said: str, kind: type[AppError], words: str) -> None:
    with PostOffice("u", "geheim-123") as office:
        office.refuse[verb] = deque([said, said])
        with pytest.raises(kind, match=words) as caught:
            send(email.Email, _post(office), [notice()])
        assert "geheim" not in str(caught.value)
        office.refuse.clear()
        send(email.Email, _post(office), [notice()])
    assert len(office.mails) == 1


def test_one_dead_address_does_not_keep_the_mail_from_the_others() -> None:
    with PostOffice() as office:
        office.unknown.add("zhang@example.com")
        remark = send(email.Email, _post(office), [notice(people=(ZHANG,))])
    assert "zhang@example.com" in remark
    assert office.mails[0].to == ("lead@example.com",)


def test_a_mail_server_that_vanishes_after_the_text_is_unsure() -> None:
    with PostOffice() as office:
        office.vanish = 1
        with pytest.raises(Unsure, match="did not say"):
            send(email.Email, _post(office), [notice()])
    assert len(office.mails) == 1


@pytest.mark.parametrize(
    ("security", "kind", "words"), [("starttls", Refused, "encryption"), ("ssl", Refused, "encryption")]
)
def test_a_server_without_the_wanted_encryption_gets_no_password(
    security: str, kind: type[AppError], words: str
) -> None:
    with PostOffice("u", "p") as office, pytest.raises(kind, match=words):
        send(email.Email, _post(office, security=security), [notice()])
    assert office.mails == []


def test_a_password_that_cannot_cross_is_said() -> None:
    with PostOffice("u", "密码") as office, pytest.raises(AuthFailed, match="plain letters"):
        send(email.Email, _post(office), [notice()])


def test_nobody_to_write_to_is_said() -> None:
    with PostOffice() as office, pytest.raises(Refused, match="Nobody"):
        send(email.Email, _post(office, to=()), [notice()])


def test_no_mail_server_at_all() -> None:
    settings = email.Settings(
        server="127.0.0.1", port=9, security="none", sender="a@b.example", to=("c@d.example",)
    )
    with pytest.raises(Transient, match="could not be reached"):
        send(email.Email, settings, [notice()])


def test_a_message_of_nothing_but_its_length_still_names_the_gravest() -> None:
    many: list[Notice] = [
        notice("𠮷" * 90, key=str(n), url="https://e.example/" + "a" * 900) for n in range(60)
    ]
    body, _remark = wecom.message(many)
    text = body["markdown"]["content"]
    assert len(text.encode()) <= 4096
    assert "more alerts" in text
