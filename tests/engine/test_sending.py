"""An approved answer, through the real engine, to the stand-ins: once, and told what became of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.change import Change
from app.core import Core
from app.domain.mention import Mention, Status, Stored
from app.domain.outbox import Allow, Posting, Way
from app.domain.query import MentionQuery
from app.domain.watch import Source
from app.drill.standin import HackerNews, WeChat, WeCom, World
from app.engine import departing, sending
from app.errors import ConfigError, Conflict, NotFound, ReplyRejected, Transient
from app.home import Home
from monitors.base import Thread
from monitors.hackernews import HackerNews as HackerNewsMonitor


@dataclass
class Desk:
    """A core that reads WeCom's stand-in, which a test writes to."""

    core: Core
    platform: WeCom
    world: World

    def hear(self, *texts: str, customer: str = "wmSYNTH01") -> list[Stored]:
        for text in texts:
            self.platform.write(text, customer)
        outcomes = self.core.engine.poll_once().result(30)
        assert {one.error for one in outcomes.values()} == {None}
        rows = {row.text: row for row in self.core.mentions(MentionQuery()).rows}
        return [rows[text] for text in texts]

    def states(self) -> list[Posting]:
        return [row.state for row in self.core.outbox()]

    def sent(self) -> list[str]:
        return [one.text for one in self.platform.sent]


def wecom(core: Core, world: World) -> Source:
    settings = {"corp_id": WeCom.app, "server": world.url_of(WeCom)}
    secret = world.of(WeCom).secret
    return core.save_source(Source(kind="wecom", name="售后客服", settings=settings), {"secret": secret})


@pytest.fixture
def desk(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with World([WeCom, WeChat, HackerNews]) as world:
        core = Core.open(home, desktop=False, engine_name="trivial")
        wecom(core, world)
        core.start(poll=False)
        yield Desk(core, world.of(WeCom), world)
        core.close()


def test_an_approved_answer_is_sent_and_the_mention_answered(desk: Desk) -> None:
    told: list[Change] = []
    desk.core.subscribe(told.append)
    [one] = desk.hear("左耳坏了怎么退")
    row = desk.core.send_reply(one.id, " 您好，请提供订单号\r\n谢谢\u202e ", approved_by="组长")
    assert (row.state, row.approved_by, row.native_id) == (Posting.SENT, "组长", row.key)
    assert desk.sent() == ["您好，请提供订单号\n谢谢"]
    stored = desk.core.mention(one.id)
    assert (stored.status, stored.status_by) == (Status.ANSWERED, "组长")
    assert stored.answer == desk.sent()[0]
    assert any(change & Change.OUTBOX for change in told)
    assert any(change & Change.STATUS for change in told)


def test_what_would_be_sent_is_shown_and_nothing_sent(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    shown = desk.core.propose_reply(one.id, " 您好 ")
    assert (shown.text, shown.platform, shown.source) == ("您好", "WeCom", "售后客服")
    assert (shown.account, shown.limit, shown.problem) == (WeCom.app, 680, "")
    assert shown.to.startswith("Customer #")
    assert "680" in desk.core.propose_reply(one.id, "长" * 681).problem
    assert desk.core.propose_reply(one.id, "  ").problem
    assert desk.core.outbox() == ()
    assert desk.sent() == []


def test_nobody_sends_without_a_name(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    with pytest.raises(ConfigError):
        desk.core.send_reply(one.id, "您好", approved_by=" ")
    assert desk.sent() == []
    row = desk.core.outbox()[0]
    assert row.state is Posting.WRITTEN
    with pytest.raises(Conflict, match="approved"):
        desk.core.send_approved(row.id)
    desk.core.approve_reply(row.id, "组长")
    assert desk.core.send_approved(row.id).state is Posting.SENT


def test_a_mention_that_has_its_answer_is_not_answered_again_unasked(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    desk.core.send_reply(one.id, "您好", approved_by="组长")
    with pytest.raises(Conflict, match="组长"):
        desk.core.send_reply(one.id, "您好", approved_by="小李")
    assert desk.states() == [Posting.FAILED, Posting.SENT]
    assert "already answered" in desk.core.propose_reply(one.id, "您好").problem
    desk.core.send_reply(one.id, "补充一句", approved_by="小李", again=True)
    assert desk.sent() == ["您好", "补充一句"]


def test_a_colleagues_claim_holds_unless_forced(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    desk.core.storage.mentions.claim(one.id, "小王", desk.core.clock.now())
    with pytest.raises(Conflict, match="小王"):
        desk.core.send_reply(one.id, "您好", approved_by="小李")
    desk.core.send_reply(one.id, "我来", approved_by="小王")
    [two] = desk.hear("还有右耳")
    desk.core.storage.mentions.claim(two.id, "小王", desk.core.clock.now())
    desk.core.send_reply(two.id, "加急", approved_by="小李", force=True)
    assert desk.sent() == ["我来", "加急"]


def test_five_answers_until_the_customer_writes_again(desk: Desk) -> None:
    mentions = desk.hear(*[f"第{n}句" for n in range(6)])
    for one in mentions[:5]:
        assert desk.core.send_reply(one.id, "您好", approved_by="组长").state is Posting.SENT
    asked = len(desk.platform.journal)
    with pytest.raises(ReplyRejected, match="5 answers"):
        desk.core.send_reply(mentions[5].id, "您好", approved_by="组长")
    assert len(desk.platform.journal) == asked  # refused here, before the platform was asked
    desk.hear("在吗")
    assert desk.core.send_reply(mentions[5].id, "在的", approved_by="组长").state is Posting.SENT
    assert len(desk.sent()) == 6


def test_the_window_is_over(desk: Desk) -> None:
    desk.platform.write("很久以前", "wmOLD", at=desk.platform.now() - 49 * 3600)
    desk.hear()
    [one] = [row for row in desk.core.mentions(MentionQuery()).rows if row.text == "很久以前"]
    with pytest.raises(ReplyRejected, match="48 hours"):
        desk.core.send_reply(one.id, "您好", approved_by="组长")
    desk.platform.write("又来了", "wmOLD")
    desk.hear()
    assert desk.core.send_reply(one.id, "您好", approved_by="组长").state is Posting.SENT


def test_a_window_is_for_chats_and_not_for_comments(desk: Desk) -> None:
    platform = desk.world.of(WeChat)
    settings = {"app_id": WeChat.app, "server": desk.world.url_of(WeChat), "chats": True, "days": 5}
    desk.core.save_source(
        Source(kind="wechat", name="公众号", settings=settings), {"secret": platform.secret}
    )
    old = platform.now() - 3 * 86400
    platform.publish(at=old)
    platform.comment("三天前的留言", at=old)
    platform.write("oA", "三天前的消息", old)
    desk.hear()
    rows = {row.text: row.id for row in desk.core.mentions(MentionQuery()).rows}
    row = desk.core.send_reply(rows["三天前的留言"], "您好", approved_by="组长")
    assert row.state is Posting.SENT
    with pytest.raises(ReplyRejected, match="48 hours"):
        desk.core.send_reply(rows["三天前的消息"], "您好", approved_by="组长")
    again = desk.core.send_reply(rows["三天前的留言"], "再说", approved_by="组长", again=True)
    assert again.state is Posting.FAILED
    assert "takes one only" in again.error
    assert [one.text for one in platform.sent] == ["您好"]


@pytest.mark.parametrize(
    ("mode", "state", "went"),
    [
        ("cut", Posting.UNSURE, 1),
        ("garbage", Posting.UNSURE, 0),
        ("503", Posting.UNSURE, 0),
        ("403", Posting.FAILED, 0),
        ("429", Posting.FAILED, 0),
    ],
)
def test_what_a_broken_answer_becomes(desk: Desk, mode: str, state: Posting, went: int) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    desk.platform.switches.failures.append(mode)
    row = desk.core.send_reply(one.id, "您好", approved_by="组长")
    assert row.state is state
    assert row.error
    assert len(desk.sent()) == went
    assert desk.core.mention(one.id).status is Status.NEW


def test_an_unsure_answer_stops_further_ones_until_it_is_settled(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    desk.platform.switches.failures.append("503")
    row = desk.core.send_reply(one.id, "您好", approved_by="组长")
    with pytest.raises(Conflict, match="perhaps sent"):
        desk.core.send_reply(one.id, "您好", approved_by="组长", again=True)
    desk.core.settle_unsure(row.id, False)
    assert desk.core.send_reply(one.id, "您好", approved_by="组长").state is Posting.SENT
    [two] = desk.hear("右耳也坏了")
    desk.platform.switches.failures.append("cut")
    row = desk.core.send_reply(two.id, "抱歉", approved_by="组长")
    desk.core.settle_unsure(row.id, True)
    assert desk.core.mention(two.id).status is Status.ANSWERED
    assert desk.sent() == ["您好", "抱歉"]


def test_a_platform_that_says_nothing_is_not_waited_for_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 0.5)
    [one] = desk.hear("左耳坏了怎么退")
    desk.platform.switches.failures.append("hang")
    row = desk.core.send_reply(one.id, "您好", approved_by="组长")
    assert row.state is Posting.UNSURE
    assert len(desk.sent()) == 1


def test_two_who_press_send_at_once_send_one(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    outcomes: list[object] = []

    def press(name: str) -> None:
        try:
            outcomes.append(desk.core.send_reply(one.id, f"{name}：您好", approved_by=name).state)
        except Conflict as error:
            outcomes.append(error)

    desk.platform.switches.latency = 0.05
    threads = [threading.Thread(target=press, args=(f"客服{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(Posting.SENT) == 1
    assert len(desk.sent()) == 1


def test_what_the_platform_could_not_deliver_opens_the_mention_again(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    desk.platform.late_failures = True
    desk.platform.talks["wmSYNTH01"].sent = 5
    assert desk.core.send_reply(one.id, "您好", approved_by="组长").state is Posting.SENT
    assert desk.core.mention(one.id).status is Status.ANSWERED
    desk.hear()
    [row] = desk.core.outbox()
    assert row.state is Posting.FAILED
    assert "five messages" in row.error
    assert desk.core.mention(one.id).status is Status.NEW


def test_a_source_without_an_interface_says_so(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text('{"id":"p1","text":"左耳坏了","url":"https://a.example/1"}\n', encoding="utf-8")
    desk.core.import_path(file)
    [one] = [row for row in desk.core.mentions(MentionQuery()).rows if row.mention.native_id == "p1"]
    shown = desk.core.propose_reply(one.id, "您好")
    assert not shown.possible
    assert "copy the text" in shown.problem
    with pytest.raises(ReplyRejected, match="copy the text"):
        desk.core.send_reply(one.id, "您好", approved_by="组长")


def test_a_post_that_is_gone_from_the_platform_is_not_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hacker News takes no answers; made to, it shows what the look before sending does."""

    class Answering(HackerNewsMonitor):
        async def reply(self, to: Mention, text: str, key: str = "") -> str:
            went.append(text)
            return "1"

    went: list[str] = []
    monkeypatch.setitem(desk.core.kinds_by_id, "hackernews", Answering)
    hn = desk.world.of(HackerNews)
    settings = {"words": ("左耳",), "server": desk.world.url_of(HackerNews)}
    desk.core.save_source(Source(kind="hackernews", name="HN", settings=settings))
    ids = [hn.add(f"左耳 {n}", extra={"title": f"左耳 {n}"}).id for n in range(2)]
    desk.hear()
    rows = {row.mention.native_id: row for row in desk.core.mentions(MentionQuery()).rows}
    hn.delete_item(ids[0])
    with pytest.raises(ReplyRejected, match="not there any more"):
        desk.core.send_reply(rows[ids[0]].id, "您好", approved_by="组长")
    hn.switches.failures.append("503")
    with pytest.raises(Transient):
        desk.core.send_reply(rows[ids[1]].id, "您好", approved_by="组长")
    real = HackerNewsMonitor.thread

    async def thread(self: Any, post: Mention, cursor: str | None) -> Thread:
        made = await real(self, post, cursor)
        answered = ((post.platform, post.kind, post.native_id),)
        return replace(made, page=replace(made.page, answered=answered))

    with monkeypatch.context() as shown:
        shown.setattr(Answering, "thread", thread)
        with pytest.raises(Conflict, match="on the platform itself"):
            desk.core.send_reply(rows[ids[1]].id, "您好", approved_by="组长")
        assert went == []
        done = desk.core.send_reply(rows[ids[1]].id, "您好", approved_by="组长", again=True)
    assert done.state is Posting.SENT
    assert went == ["您好"]


def test_a_programs_bug_in_the_middle_is_perhaps_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_given: object) -> str:
        raise RuntimeError("bug")

    [one] = desk.hear("左耳坏了怎么退")
    monkeypatch.setattr("monitors.wecom.WeCom.reply", broken)
    with pytest.raises(RuntimeError):
        desk.core.send_reply(one.id, "您好", approved_by="组长")
    assert desk.states() == [Posting.UNSURE]
    caplog.clear()


def test_another_program_of_this_home_sees_that_we_live(desk: Desk, home: Home) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    desk.platform.switches.latency = 0.3
    thread = threading.Thread(target=lambda: desk.core.send_reply(one.id, "您好", approved_by="组长"))
    thread.start()
    _until(lambda: desk.core.storage.outbox.all((Posting.SENDING,)))
    other = Core.open(home, polls=False, desktop=False, engine_name="trivial")
    try:
        assert other.outbox()[0].state in (Posting.SENDING, Posting.SENT)
    finally:
        other.close()
    thread.join()
    assert desk.states() == [Posting.SENT]


def test_a_comment_is_featured_by_name_and_that_is_noted(desk: Desk) -> None:
    platform = desk.world.of(WeChat)
    settings = {"app_id": WeChat.app, "server": desk.world.url_of(WeChat)}
    desk.core.save_source(
        Source(kind="wechat", name="公众号", settings=settings), {"secret": platform.secret}
    )
    platform.publish()
    comment = platform.comment("左耳没声音")
    [message] = desk.hear("左耳坏了怎么退")
    [one] = [row for row in desk.core.mentions(MentionQuery()).rows if row.text == "左耳没声音"]
    with pytest.raises(ConfigError):
        desk.core.mark(one.id, True, approved_by="")
    desk.core.mark(one.id, True, approved_by="组长")
    assert comment.extra["elect"] is True
    desk.core.mark(one.id, False, approved_by="组长")
    assert comment.extra["elect"] is False
    assert [event.what for event in desk.core.history(one.id)] == ["mark", "unmark"]
    with pytest.raises(ReplyRejected):
        desk.core.mark(message.id, True, approved_by="组长")


def test_no_such_answer(desk: Desk) -> None:
    for act in (lambda: desk.core.settle_unsure(77, True), lambda: desk.core.send_approved(77)):
        with pytest.raises(NotFound):
            act()


def _until(true: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


# the time to take it back


def later(desk: Desk, stored: Stored, seconds: float, text: str = "您好", by: str = "组长") -> int:
    return desk.core.send_later(stored.id, text, approved_by=by, seconds=seconds).id


def test_it_leaves_when_its_time_is_over_and_not_before(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    row = desk.core.send_later(one.id, "您好", approved_by="组长", seconds=0.4)
    assert row.state is Posting.APPROVED
    assert row.due_at is not None
    assert desk.sent() == []
    _until(lambda: desk.states() == [Posting.SENT])
    assert desk.sent() == ["您好"]
    assert desk.core.mention(one.id).status_by == "组长"


def test_anybody_takes_it_back_before_it_leaves(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    id_ = later(desk, one, 60)
    row = desk.core.take_back(id_, "小王")
    assert (row.state, row.approved_by, row.due_at) == (Posting.WRITTEN, "", None)
    with pytest.raises(Conflict):
        desk.core.take_back(id_)
    with pytest.raises(Conflict, match="approved"):
        desk.core.send_approved(id_)
    assert "take_back" in [event.what for event in desk.core.history(one.id)]
    desk.core.approve_reply(id_, "组长", seconds=0.1)
    _until(lambda: desk.states() == [Posting.SENT])
    with pytest.raises(Conflict, match="sent"):
        desk.core.take_back(id_)
    assert desk.sent() == ["您好"]


def test_what_cannot_be_sent_is_said_at_once(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    with pytest.raises(ReplyRejected, match="680"):
        later(desk, one, 60, "长" * 681)
    desk.core.storage.mentions.claim(one.id, "小王", desk.core.clock.now())
    with pytest.raises(Conflict, match="小王"):
        later(desk, one, 60)
    assert set(desk.states()) == {Posting.FAILED}


def test_what_happens_in_between_stops_it(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    later(desk, one, 0.6)
    desk.core.answered(one.id, "我手工回了")
    _until(lambda: desk.states() == [Posting.FAILED])
    assert "already answered" in desk.core.outbox()[0].error
    assert desk.sent() == []


def test_closing_the_program_keeps_it_and_the_next_one_sends_it(desk: Desk, home: Home) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    other = Core.open(home, polls=False, desktop=False, engine_name="trivial")
    other.start(poll=False)
    other.send_later(one.id, "您好", approved_by="组长", seconds=0.5)
    other.close()
    assert desk.states() == [Posting.APPROVED]
    desk.core.departing.start()  # as a window does; this program polls
    _until(lambda: desk.states() == [Posting.SENT], 30)
    assert desk.sent() == ["您好"]


def left_by(desk: Desk, stored: Stored, sender: str, ago: timedelta, text: str) -> int:
    """Approved by a program that went away, or is elsewhere, before it left."""
    row = desk.core.write_reply(stored.id, text)
    due = datetime.now(UTC) - ago
    desk.core.storage.outbox.approve(row.id, "组长", desk.core.clock.now(), due=due, sender=sender)
    return row.id


def test_only_what_a_dead_program_left_lately_is_sent_for_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departing, "SWEEP", 0.05)
    here = desk.core.sending.sender.rpartition("|")[0]
    mentions = desk.hear("左耳坏了怎么退", "右耳也坏了", "盒子坏了")
    second, hour = timedelta(seconds=1), timedelta(hours=1)
    old = left_by(desk, mentions[0], f"{here}|dead", hour, "旧的")
    elsewhere = left_by(desk, mentions[1], "another:/home|abc", second, "别处的")
    young = left_by(desk, mentions[2], f"{here}|dead", second, "新的")
    sweeps = desk.core.storage.outbox.leaving
    looked: list[int] = []

    def counted() -> Any:
        looked.append(1)
        return sweeps()

    monkeypatch.setattr(desk.core.storage.outbox, "leaving", counted)
    desk.core.departing.start()
    _until(lambda: desk.core.outgoing(young).state is Posting.SENT)
    before = len(looked)
    _until(lambda: len(looked) > before + 2)
    assert {desk.core.outgoing(id_).state for id_ in (old, elsewhere)} == {Posting.APPROVED}
    assert desk.sent() == ["新的"]
    assert desk.core.send_approved(old).state is Posting.SENT  # a person says so


def test_a_program_that_lives_keeps_its_own(
    desk: Desk, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departing, "SWEEP", 0.05)
    first, second = desk.hear("左耳坏了怎么退", "右耳也坏了")
    other = Core.open(home, polls=False, desktop=False, engine_name="trivial")
    try:
        row = other.send_later(first.id, "等一下", approved_by="组长", seconds=0.2)
        other.departing.forget(row.id)  # it is slow about it
        desk.core.departing.start()
        mine = desk.core.send_later(second.id, "您好", approved_by="组长", seconds=0.6)
        _until(lambda: desk.core.outgoing(mine.id).state is Posting.SENT)
        assert desk.core.outgoing(row.id).state is Posting.APPROVED
    finally:
        other.close()
    _until(lambda: desk.core.outgoing(row.id).state is Posting.SENT)


def test_taken_back_and_approved_anew_elsewhere_it_waits_for_its_new_time(desk: Desk, home: Home) -> None:
    first, second = desk.hear("左耳坏了怎么退", "右耳也坏了")
    row = desk.core.send_later(first.id, "您好", approved_by="组长", seconds=0.4)
    other = Core.open(home, polls=False, desktop=False, engine_name="trivial")
    try:
        other.take_back(row.id, "小王")
        other.approve_reply(row.id, "小王", seconds=600)
        mine = desk.core.send_later(second.id, "您好", approved_by="组长", seconds=0.6)
        _until(lambda: desk.core.outgoing(mine.id).state is Posting.SENT)
        assert desk.core.outgoing(row.id).state is Posting.APPROVED
        with pytest.raises(Conflict, match="meanwhile"):
            desk.core.sending.send(row.id, due=row.due_at)
        assert len(desk.sent()) == 1
    finally:
        other.close()


# a second pair of eyes


def test_somebody_else_must_approve_it_too(desk: Desk) -> None:
    desk.core.set_second_pair(True, "组长")
    [one] = desk.hear("左耳坏了怎么退")
    row = desk.core.send_later(one.id, "您好", approved_by="小王", seconds=0, reviewer="小李")
    assert row.waits_for_second
    assert (row.approved_by, row.second_by, row.due_at) == ("小王", "", None)
    for name in ("小王", " 小王 "):
        with pytest.raises(Conflict, match="Somebody else"):
            desk.core.approve_reply(row.id, name)
    assert desk.core.awaiting("小王") == ()
    assert desk.core.awaiting("小张") == ()
    assert [one.id for one in desk.core.awaiting("小李")] == [row.id]
    done = desk.core.approve_reply(row.id, "小李", seconds=0)
    assert (done.approved_by, done.second_by) == ("小王", "小李")
    _until(lambda: desk.states() == [Posting.SENT])
    assert desk.core.mention(one.id).status_by == "小王"
    whats = [event.what for event in desk.core.history(one.id)]
    assert whats[:4] == ["write", "approve_first", "approve", "send"]


def test_the_sender_itself_refuses_one_persons_answer(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    row = desk.core.write_reply(one.id, "您好", by="小王")
    desk.core.approve_reply(row.id, "小王")
    desk.core.set_second_pair(True)  # after the yes
    with pytest.raises(Conflict, match="Somebody else"):
        desk.core.send_approved(row.id)
    assert desk.sent() == []
    assert desk.core.send_reply(one.id, "再来", approved_by="小王").waits_for_second
    other = desk.core.write_reply(one.id, "三", by="小王")
    desk.core.approve_reply(other.id, "小李")  # not its writer: two have seen it
    assert desk.core.send_approved(other.id).state is Posting.SENT


def test_a_claim_of_either_of_the_two_is_no_hindrance(desk: Desk) -> None:
    desk.core.set_second_pair(True)
    [one] = desk.hear("左耳坏了怎么退")
    desk.core.storage.mentions.claim(one.id, "小王", desk.core.clock.now())
    row = desk.core.write_reply(one.id, "您好", by="小王")
    desk.core.approve_reply(row.id, "小李")
    assert desk.core.send_approved(row.id).state is Posting.SENT


# the thread moves


def test_news_in_the_thread_is_said_before_sending(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    basis = desk.core.basis()
    assert desk.core.propose_reply(one.id, "您好", "", basis).problem == ""
    desk.hear("算了，我找到发票了")
    shown = desk.core.propose_reply(one.id, "您好", "", basis)
    assert "written again" in shown.problem
    assert shown.surmountable
    with pytest.raises(Conflict, match="written again"):
        desk.core.send_later(one.id, "您好", approved_by="组长", seconds=0, basis=basis)
    allowed = {Allow.MOVED}
    desk.core.send_later(one.id, "您好", approved_by="组长", seconds=0, basis=basis, allowed=allowed)
    _until(lambda: desk.sent() == ["您好"])


def test_an_answer_written_yesterday_is_looked_at_again(desk: Desk) -> None:
    [one] = desk.hear("左耳坏了怎么退")
    row = desk.core.write_reply(one.id, "您好")
    desk.hear("还在吗", customer="wmSOMEBODY")  # another conversation
    desk.core.approve_reply(row.id, "组长")
    desk.hear("已经修好了")
    with pytest.raises(Conflict, match="written again"):
        desk.core.send_approved(row.id)
    assert desk.core.outgoing(row.id).state is Posting.FAILED
    assert desk.sent() == []


# by hand


def test_copied_is_not_yet_posted(desk: Desk) -> None:
    first, second = desk.hear("左耳坏了怎么退", "右耳也坏了")
    row = desk.core.copied(first.id, "您好", "小王")
    assert (row.state, row.way) == (Posting.COPIED, Way.HAND)
    assert desk.core.mention(first.id).status is Status.NEW
    with pytest.raises(Conflict, match="has copied an answer"):
        desk.core.send_reply(first.id, "您好", approved_by="小李")
    done = desk.core.posted(row.id, "您好，改了一句", "小王")
    assert (done.state, done.text) == (Posting.SENT, "您好，改了一句")
    stored = desk.core.mention(first.id)
    assert (stored.status, stored.status_by, stored.answer) == (Status.ANSWERED, "小王", "您好，改了一句")
    other = desk.core.copied(second.id, "抱歉", "小王")
    assert desk.core.drop_reply(other.id, "小王").state is Posting.FAILED
    assert desk.core.mention(second.id).status is Status.NEW
    with pytest.raises(Conflict):
        desk.core.posted(other.id)
    assert desk.sent() == []
