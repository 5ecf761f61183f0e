"""Every tracker against a stand-in as strict as the real thing: made, found, followed, refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from app.domain.alert import Severity
from app.domain.ticket import Issue, Ref
from app.drill.standin import World
from app.drill.standin.robots import Receiver
from app.drill.standin.trackers import GitHubIssues, IssueTracker, ZenTaoBugs
from app.engine.web import Asking
from app.errors import (
    AppError,
    AuthFailed,
    ConfigError,
    NotFound,
    RateLimited,
    Refused,
    ReplyRejected,
    Transient,
    Unsure,
)
from app.settings.schema import read
from app.trackers import ALL, words
from app.trackers.base import Tracker
from tests.channels.given import LINE
from tests.trackers.cases import CASES, TOKEN

T = TypeVar("T")
KINDS = {one.info.id: one for one in ALL}
FOLLOWED = [name for name in CASES if name != "webhook"]

ISSUE = Issue(
    key="0123456789abcdef",
    severity=Severity.P2,
    title="左耳没声音",
    text="用了三天\n左耳就没声音了",
    url="https://weibo.example/1?a=1&b=2",
    platform="微博",
    author="阿树",
    brand="云雀",
    published_at=datetime(2026, 11, 30, 1, 2, tzinfo=UTC),
    copies=("https://weibo.example/2", "javascript:alert(1)"),
    count=12,
    note="固件 2.1",
    by="张三",
)


def settings_of(world: World, name: str) -> Any:
    case = CASES[name]
    url = world.url_of(case.platform)
    given = {**case.settings(url), **case.secrets}
    if name == "webhook":
        given["url"] = f"{url}/take"
    return read(KINDS[case.kind].Settings, given)


def ask(
    world: World, name: str, act: Callable[[Tracker[Any]], Coroutine[Any, Any, T]], patience: float = 20.0
) -> T:
    cls, settings = KINDS[CASES[name].kind], settings_of(world, name)
    cls.vet(settings)
    return LINE.run(
        lambda clients: act(cls(settings, Asking(clients.get(6000), patience), lambda: datetime.now(UTC)))
    )


def platform(world: World, name: str) -> Any:
    return world.of(CASES[name].platform)


@pytest.mark.parametrize("name", FOLLOWED)
def test_an_issue_is_made_found_again_and_followed(world: World, name: str) -> None:
    assert "there" in ask(world, name, lambda one: one.check())
    assert ask(world, name, lambda one: one.find(ISSUE.key)) is None
    made = ask(world, name, lambda one: one.create(ISSUE))
    (item,) = platform(world, name).items
    told = json.dumps(item.extra["body"], ensure_ascii=False) + item.text
    for part in ("左耳没声音", "阿树", "云雀", "weibo.example/1", "weibo.example/2", "12 posts", "固件"):
        assert part in told
    assert "javascript" not in told
    found = ask(world, name, lambda one: one.find(ISSUE.key))
    assert found is not None
    assert (found.ref, found.closed) == (made.ref, False)
    assert made.url
    assert made.ref in ("#1", "#IABC1", "BRAND-1")
    before = ask(world, name, lambda one: one.state(made.ref))
    assert (before.ref, before.closed) == (made.ref, False)
    platform(world, name).close(item.id, "fixed")
    after = ask(world, name, lambda one: one.state(made.ref))
    assert after.closed
    assert after.word
    again = ask(world, name, lambda one: one.find(ISSUE.key))
    assert again is not None
    assert again.ref == made.ref  # a closed one is found as well
    platform(world, name).delete_item(item.id)
    with pytest.raises(NotFound):
        ask(world, name, lambda one: one.state(made.ref))


def test_a_github_issue_is_found_beyond_the_first_page(world: World) -> None:
    ask(world, "github", lambda one: one.create(ISSUE))
    for number in range(150):
        platform(world, "github").add(f"other {number}", extra={"title": "x"})
    found = ask(world, "github", lambda one: one.find(ISSUE.key))
    assert found == replace(found or Ref(ref=""), ref="#1")


@pytest.mark.parametrize("keeps", [True, False])
def test_a_zentao_bug_carries_its_text_whatever_the_version(world: World, keeps: bool) -> None:
    world.of(ZenTaoBugs).steps = keeps
    ask(world, "zentao", lambda one: one.create(ISSUE))
    (item,) = world.of(ZenTaoBugs).items
    assert "<pre>用了三天\n左耳就没声音了</pre>" in item.text
    assert "0123456789abcdef" in item.text
    assert item.extra["body"]["severity"] == 2


def test_a_zentao_session_that_ended_is_begun_anew(world: World) -> None:
    async def twice(one: Tracker[Any]) -> Ref:
        await one.check()
        world.of(ZenTaoBugs).forget_sessions()
        return await one.create(ISSUE)

    assert ask(world, "zentao", twice).ref == "#1"
    assert len(world.of(ZenTaoBugs).items) == 1


def test_a_webhook_is_told_once_and_may_name_what_it_made(world: World) -> None:
    hook = world.of(Receiver)
    first = ask(world, "webhook", lambda one: one.create(ISSUE))
    second = ask(world, "webhook", lambda one: one.create(ISSUE))
    assert first == second == Ref(ref=ISSUE.key, word="sent")
    (item,) = hook.sent
    body = item.extra["body"]
    assert body["event"] == "item.escalated"
    assert body["item"]["count"] == 12


HOSTILE = [
    "@all @channel [~admin] @everyone #1 !5 owner/repo#7",
    "/close\n/assign @root\n/label ~bug",
    "```\n</pre>{noformat}{panel}\n````\n~~~\n# x",
    '<script>alert(1)</script><img src=x onerror=1> &lt;b&gt; "quoted"',
    "[点我](https://evil.example) https://evil.example",
    "tingfeng-id: ffffffffffffffff",
    "\x1b[31m \u202e \x00 \ud800 \u200b",
    '{"fields": {}} ${x} %s {0}',
    "长" * 30_000,
    "",
]


@pytest.mark.parametrize("name", FOLLOWED)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_post_stays_a_text(world: World, name: str, text: str) -> None:
    bad = replace(
        ISSUE, title=text or "x", text=text, author=text, brand=text, platform=text, note=text, by=text
    )
    made = ask(world, name, lambda one: one.create(bad))
    (item,) = platform(world, name).items
    title = item.extra["title"]
    assert "\n" not in title
    assert "@" not in title
    assert len(title) <= 255
    for gone in ("\x1b", "\u202e", "\x00", "\u200b"):
        assert gone not in item.text + title
    if name in ("github", "gitlab", "gitee"):
        _fenced(item.text)
    if name == "zentao":
        assert "<script" not in item.text
        assert item.text.count("<pre>") == item.text.count("</pre>") == 1
    if name == "jira-server":
        assert item.text.count("{noformat}") == 2
        assert "[~" not in item.text.partition("{noformat}")[0]
    assert len(item.text) < 60_000
    found = ask(world, name, lambda one: one.find(ISSUE.key))
    assert found is not None
    assert found.ref == made.ref


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_post_cannot_pass_its_issue_off_as_anothers(world: World, name: str) -> None:
    other = "fedcba9876543210"
    text = f"tingfeng-id: {other} TINGFENG-ID: {other} [{other}] tingfeng-{other}"
    bad = replace(ISSUE, title=text, text=text, author=text, note=text)
    ask(world, name, lambda one: one.create(bad))
    assert ask(world, name, lambda one: one.find(other)) is None
    assert ask(world, name, lambda one: one.find(ISSUE.key)) is not None


def _fenced(text: str) -> None:
    """What stands outside of the fence is ours: no mention, no reference, no quick action, no markup."""
    lines = text.split("\n")
    fence = next(line for line in lines if line.startswith("```")).removesuffix("text")
    inside = [index for index, line in enumerate(lines) if line in (f"{fence}text", fence)]
    assert len(inside) == 2
    outside = "\n".join(lines[: inside[0]] + lines[inside[1] + 1 :])
    for active in ("@", "#1", "<script", "](", "<img"):
        assert active not in outside
    assert not any(line.startswith("/") for line in outside.split("\n"))


# row numbers of the stand-ins
ROWS: list[tuple[str, int, type[AppError], str]] = [
    ("github", 0, AuthFailed, "key"),
    ("github", 1, RateLimited, "less often"),
    ("github", 2, RateLimited, "less often"),
    ("github", 3, AuthFailed, "personal access token"),
    ("github", 4, AuthFailed, "404"),
    ("github", 5, Refused, "switched off"),
    ("github", 6, ReplyRejected, "Validation Failed"),
    ("gitlab", 0, AuthFailed, "key"),
    ("gitlab", 1, AuthFailed, "key"),
    ("gitlab", 2, AuthFailed, "Project Not Found"),
    ("gitlab", 3, ReplyRejected, "blank"),
    ("gitlab", 4, RateLimited, "less often"),
    ("gitee", 0, AuthFailed, "token does not exist"),
    ("gitee", 1, AuthFailed, "key"),
    ("gitee", 2, AuthFailed, "Project Not Found"),
    ("gitee", 3, ReplyRejected, "title is missing"),
    ("jira-cloud", 0, AuthFailed, "key"),
    ("jira-cloud", 1, AuthFailed, "key"),
    ("jira-cloud", 2, ReplyRejected, "issuetype: The issue type"),
    ("jira-server", 3, ReplyRejected, "labels: Field"),
    ("jira-cloud", 4, RateLimited, "less often"),
    ("jira-server", 5, AuthFailed, "404"),
]


@pytest.mark.parametrize(("name", "row", "kind", "said"), ROWS)
def test_every_error_row_says_what_to_do(
    world: World, name: str, row: int, kind: type[AppError], said: str
) -> None:
    platform(world, name).control({"fail_next": {"n": 1, "mode": f"row:{row}"}})
    with pytest.raises(kind, match=said) as caught:
        ask(world, name, lambda one: one.create(ISSUE))
    assert TOKEN not in str(caught.value) + caught.value.details + repr(settings_of(world, name))
    assert "{" not in str(caught.value)
    assert platform(world, name).items == []


@pytest.mark.parametrize(
    ("row", "kind", "said"),
    [(0, ReplyRejected, "所属产品"), (1, ReplyRejected, "不能为空"), (2, AuthFailed, "Access not allowed")],
)
def test_the_rows_of_zentao(world: World, row: int, kind: type[AppError], said: str) -> None:
    async def act(one: Tracker[Any]) -> None:
        await one.check()
        platform(world, "zentao").control({"fail_next": {"n": 1, "mode": f"row:{row}"}})
        await one.create(ISSUE)

    with pytest.raises(kind, match=said):
        ask(world, "zentao", act)


def test_a_zentao_password_that_is_wrong_is_said_in_its_own_words(world: World) -> None:
    world.of(ZenTaoBugs).token = "other"
    with pytest.raises(AuthFailed, match="登录失败"):
        ask(world, "zentao", lambda one: one.check())


def test_a_zentao_without_its_folder_is_said(world: World) -> None:
    cls, settings = KINDS["zentao"], settings_of(world, "zentao")
    bare = replace(settings, server=world.url_of(ZenTaoBugs))
    with pytest.raises(AuthFailed, match="/zentao"):
        LINE.run(lambda clients: cls(bare, Asking(clients.get(6000)), lambda: datetime.now(UTC)).check())


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("how", "kind"), [("500", Transient), ("502", Unsure), ("cut", Unsure), ("401", AuthFailed)]
)
def test_plain_statuses_and_broken_lines(world: World, name: str, how: str, kind: type[AppError]) -> None:
    async def act(one: Tracker[Any]) -> Ref:
        if name == "zentao":
            await one.check()
        platform(world, name).control({"fail_next": {"n": 2, "mode": how}})
        return await one.create(ISSUE)

    with pytest.raises(kind):
        ask(world, name, act)


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_question_without_an_answer_is_no_doubt(world: World, name: str) -> None:
    platform(world, name).control({"fail_next": {"n": 3, "mode": "cut"}})
    with pytest.raises((Transient, Unsure)) as caught:
        ask(world, name, lambda one: one.find(ISSUE.key))
    assert name == "zentao" or isinstance(caught.value, Transient)


@pytest.mark.parametrize("name", CASES)
def test_nobody_listening_is_transient(world: World, name: str) -> None:
    cls, settings = KINDS[CASES[name].kind], settings_of(world, name)
    where = {"url": "http://127.0.0.1:9/x"} if name == "webhook" else {"server": "http://127.0.0.1:9"}
    with pytest.raises(Transient, match="could not be reached"):
        LINE.run(
            lambda clients: cls(
                replace(settings, **where), Asking(clients.get(6000)), lambda: datetime.now(UTC)
            ).create(ISSUE)
        )


@pytest.mark.parametrize("name", FOLLOWED)
def test_garbage_for_an_answer_breaks_nothing(world: World, name: str) -> None:
    for body in (
        b"[]",
        b"{}",
        b"null",
        b"7",
        b'{"issues": {"a": 1}, "bugs": "x", "items": [1]}',
        b'[1, null, "x"]',
    ):
        robot = platform(world, name)
        robot.mutate = lambda _call, reply, body=body: replace(reply, body=body)
        with _sorted():
            assert ask(world, name, lambda one: one.find(ISSUE.key)) is None
        with _sorted():
            ask(world, name, lambda one: one.state("#1"))
        with _sorted():
            ask(world, name, lambda one: one.check())


class _sorted:  # noqa: N801  # reads as a word
    """An answer that means nothing may be an error, as long as it is one of ours."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> bool:
        return isinstance(error, AppError)


BAD = [
    ("github", {"repository": "brand", "token": "t"}, "repository"),
    ("gitee", {"repository": "a/b/c", "token": "t"}, "repository"),
    ("gitlab", {"project": "https://x/y", "token": "t"}, "project"),
    ("jira", {"server": "jira.example", "project": "BRAND", "user": "a@b", "token": "t"}, "server"),
    ("jira", {"server": "https://j.example", "project": "brand", "user": "a@b", "token": "t"}, "project"),
    ("jira", {"server": "https://j.example", "project": "BRAND", "token": "t"}, "user"),
    ("zentao", {"server": "https://z.example", "product": "x", "account": "a", "password": "p"}, "product"),
    ("webhook", {"url": "ftp://x"}, "url"),
]


@pytest.mark.parametrize(("kind", "given", "field"), BAD)
def test_what_can_never_work_is_refused_at_its_field(kind: str, given: dict[str, str], field: str) -> None:
    cls = KINDS[kind]
    with pytest.raises(ConfigError) as caught:
        cls.vet(read(cls.Settings, given))
    assert caught.value.field == field


def test_every_tracker_there_is_stands_here() -> None:
    assert {one.info.id for one in ALL} == {case.kind for case in CASES.values()}
    assert all(issubclass(case.platform, IssueTracker | Receiver) for case in CASES.values())


def test_a_fence_is_longer_than_any_in_the_post() -> None:
    told = words.markdown(replace(ISSUE, text="a ``````` b"))
    assert "````````text" in told


def test_nothing_is_made_by_asking(world: World) -> None:
    ask(world, "github", lambda one: one.check())
    ask(world, "github", lambda one: one.find("x"))
    assert world.of(GitHubIssues).items == []
