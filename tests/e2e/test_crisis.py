"""One grave complaint, from the platform to the report: everything between, with real servers on loopback.

A customer writes that a phone burned. The person on duty is called in the group, claims it, draws the
engineer in, answers from the knowledge base, once; the lead reads next week how long that took.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pytest

from app.core import Core
from app.domain.alert import AlertState, Severity
from app.domain.delivery import DESKTOP, TOAST, Sent
from app.domain.desk import Stage
from app.domain.draft import Manner
from app.domain.knowledge import Entry
from app.domain.mention import Status, Stored
from app.domain.outbox import Posting
from app.domain.outlet import Outlet
from app.domain.people import Person, Role
from app.domain.query import MentionQuery
from app.domain.queue import BookQuery, Pile, QueueQuery
from app.domain.report import Kept
from app.domain.rule import ROBOTS, RuleKind, Rung
from app.domain.ticket import TicketState
from app.domain.watch import Source, Watch
from app.drill.standin import WeCom, World
from app.drill.standin.robots import DingRobot
from app.drill.standin.trackers import GitHubIssues
from app.errors import Conflict
from app.home import Home

COMPLAINT = "云雀手机充电的时候起火了，手被烫伤，客服态度极差没人管，垃圾质量，太失望了，再也不买"
ANSWER = "请立即停止使用并远离设备，我们的安全专员会马上联系您，安排上门取件检测。"


@dataclass
class House:
    """A brand's desk: a channel of customers, a group's robot, a tracker."""

    core: Core
    world: World

    def hear(self, text: str) -> Stored:
        self.world.of(WeCom).write(text, "wmSYNTH01")
        outcomes = self.core.engine.poll_once().result(60)
        assert {one.error for one in outcomes.values()} == {None}
        return next(row for row in self.core.mentions(MentionQuery()).rows if row.text == text)


@pytest.fixture
def house(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with World([WeCom, DingRobot, GitHubIssues]) as world:
        world.of(DingRobot).secret = "SECsynthetic0001"  # the stand-in's
        core = Core.open(home, desktop=False, engine_name="ngram")
        core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
        settings = {"corp_id": WeCom.app, "server": world.url_of(WeCom)}
        core.save_source(
            Source(kind="wecom", name="售后客服", settings=settings), {"secret": world.of(WeCom).secret}
        )
        core.save_person(Person(name="小王", contacts={"dingtalk": "13800000001"}))
        core.save_person(Person(name="赵主管", role=Role.LEAD))
        address = f"https://oapi.dingtalk.com/robot/send?access_token={DingRobot.key}"
        core.save_channel(
            Outlet(kind="dingtalk", name="售后群", settings={"server": world.url_of(DingRobot)}),
            {"address": address, "secret": "SECsynthetic0001"},
        )
        core.save_tracker(
            Outlet(
                kind="github",
                name="研发",
                settings={"repository": "brand/app", "server": world.url_of(GitHubIssues)},
            ),
            {"token": GitHubIssues.key},
        )
        core.save_entry(
            Entry(
                title="手机充电起火、冒烟怎么办",
                patterns=("充电的时候着火了", "手机烧起来了"),
                answer=ANSWER,
            )
        )
        _call_the_group_at_once(core)
        core.start(poll=False)
        yield House(core, world)
        core.close()


def _call_the_group_at_once(core: Core) -> None:
    for rule in core.rules():
        if rule.kind is RuleKind.MENTION:
            at_once = Rung(channels=(TOAST, DESKTOP, ROBOTS))
            core.save_rule(replace(rule, ladder=(at_once, *rule.ladder[1:])))


def _until(told: Callable[[], bool], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.05)


def test_from_the_post_to_the_report(house: House, tmp_path: Path) -> None:
    core, world = house.core, house.world
    post = house.hear(COMPLAINT)

    # the alert: grave, with a playbook, and the person on duty called by name in the group
    (alert,) = [one for one in core.alerts() if one.kind == "mention"]
    assert (alert.severity, alert.mention_id, alert.state) == (Severity.P1, post.id, AlertState.OPEN)
    case = core.playbook_of(alert.id)
    assert case is not None
    assert case.playbook.steps
    _until(lambda: bool(world.of(DingRobot).words()))
    (robot,) = [one for one in core.deliveries_of(alert.id) if one.channel not in (TOAST, DESKTOP)]
    assert (robot.state, robot.person) == (Sent.SENT, "小王")
    (told,) = world.of(DingRobot).words()
    assert "@13800000001" in told
    assert "云雀" in told
    assert core.acknowledge([alert.id], by="小王") == (alert.id,)
    assert core.alert(alert.id).acked_by == "小王"
    assert core.alert(alert.id).climbs_at is None

    # the queue: one item with a clock, one owner
    (entry,) = core.queue(QueueQuery(pile=Pile.UNCLAIMED)).rows
    assert (entry.item.mention_id, entry.item.severity) == (post.id, Severity.P1)
    assert entry.item.due_at is not None
    core.storage.mentions.claim(post.id, "小王", core.clock.now())
    with pytest.raises(Conflict, match="小王"):
        core.storage.mentions.claim(post.id, "小李", core.clock.now())

    # the engineer: one issue, however often it is asked for
    ticket = core.escalate(post.id)
    assert core.escalate(post.id).ref == ticket.ref
    (issue,) = world.of(GitHubIssues).items
    assert COMPLAINT in issue.text

    # the answer: what the team knows, seen by a person, sent once
    draft = core.draft(post.id, Manner.WARM)
    assert ANSWER in draft.text
    assert ("entry", draft.entry_id) in {(one.kind, one.id) for one in draft.rests}
    row = core.send_reply(post.id, draft.text, approved_by="小王")
    assert row.state is Posting.SENT
    assert [one.text for one in world.of(WeCom).sent] == [row.text]
    with pytest.raises(Conflict):
        core.send_reply(post.id, draft.text, approved_by="小王")
    assert len(world.of(WeCom).sent) == 1
    assert core.mention(post.id).status is Status.ANSWERED
    item = core.desk_item(post.id)
    assert item is not None
    assert (item.stage, item.due_at) == (Stage.DONE, None)
    assert item.first_response is not None
    assert item.first_response <= item.allowed

    # the books and the report
    deeds = [line.what for line in core.audit(BookQuery(mention_id=post.id)).rows][::-1]
    for what in ("claim", "ticket", "write", "approve", "sent", "answer"):
        assert what in deeds, what
    (kept,) = core.report(MentionQuery()).responses
    assert (kept.mention_id, kept.kept, kept.by) == (post.id, Kept.IN_TIME, "小王")
    out = tmp_path / "周报.xlsx"
    core.export(out, MentionQuery())
    assert openpyxl.load_workbook(out)["First responses"].cell(2, 1).value == post.id


def test_the_customer_writes_again_and_the_issue_is_fixed(house: House) -> None:
    core, world = house.core, house.world
    post = house.hear(COMPLAINT)
    ticket = core.escalate(post.id)
    core.send_reply(post.id, ANSWER, approved_by="小王")
    again = house.hear("人呢？说好的专员到现在没有联系我，手机还在冒烟！")
    item = core.desk_item(post.id)
    assert item is not None
    assert (item.stage, item.reopened) == (Stage.OPEN, 1)
    assert core.desk_item(again.id) is None  # the conversation waits, not each of its messages
    world.of(GitHubIssues).items[0].extra["state"] = "closed"
    assert core.look_at_ticket(ticket.id).state is TicketState.CLOSED
    assert "ticket_closed" in [event.what for event in core.history(post.id)]
