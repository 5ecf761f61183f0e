"""Alerts leave: in few messages, within each robot's pace, once, and what cannot leave is seen."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.change import Change
from app.domain.alert import Alert, Severity
from app.domain.clock import SystemClock
from app.domain.delivery import Delivery, Sent
from app.domain.outlet import Outlet
from app.domain.people import Person
from app.drill.standin import World
from app.drill.standin.robots import DingRobot, Receiver, SlackHook, WeComGroup
from app.engine.dispatch import SCHEDULE, Dispatch
from app.engine.outlets import channel_makers
from app.engine.web import Asking
from app.settings.secrets import FileStore
from app.storage.store import Storage
from tests.channels.given import LINE, ZHANG


class Hand:
    """A clock that stands still until it is moved, and the robots' with it."""

    def __init__(self, world: World) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)
        self._world = world
        self._tie()

    def _tie(self) -> None:
        for platform in self._world.platforms.values():
            platform.switches.clock = self.at.timestamp() - time.time()

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self._tie()


class Office:
    """A database, its channels and a dispatcher, as the core puts them together."""

    def __init__(self, folder: Path, world: World, clock: Any, owner: str = "one") -> None:
        self.world, self.clock = world, clock
        self.storage = Storage.open(folder / "t.db", clock=clock)
        self.secrets = FileStore(folder / "secrets.json")
        self.told: list[Change] = []
        self.dispatch = Dispatch(
            storage=self.storage,
            makers=channel_makers(self.secrets, clock.now),
            clock=clock,
            tell=self.told.append,
            owner=owner,
        )

    def channel(self, kind: str = "dingtalk", **more: str) -> int:
        robots: dict[str, type[Any]] = {
            "dingtalk": DingRobot, "wecom": WeComGroup, "slack": SlackHook, "webhook": Receiver,
        }  # fmt: skip
        robot = robots[kind]
        url = self.world.url_of(robot)
        settings = {} if kind == "webhook" else {"server": url}
        state = self.storage.channels.save(Outlet(kind=kind, name=kind, settings=settings))
        given = (
            {"url": f"{url}/take", "secret": robot.signing} if kind == "webhook" else {"address": robot.key}
        )
        for name, value in {**given, **more}.items():
            self.secrets.set(f"channel/{state.id}/{name}", value)
        return state.id

    def alert(
        self, channels: list[int], title: str = "P2 左耳没声音", people: tuple[str, ...] = ("",)
    ) -> int:
        now = self.clock.now()
        alert = Alert(severity=Severity.P2, title=title, body="坏了", reason="负面", created_at=now)
        id_ = self.storage.alerts.add(alert).id
        self.storage.deliveries.add(
            [
                Delivery(
                    alert_id=id_, channel=str(channel), person=who, key=f"{id_}/{channel}/{who}",
                    due_at=now, created_at=now, changed_at=now,
                )
                for channel in channels
                for who in people
            ]
        )  # fmt: skip
        return id_

    def send(self, turns: int = 1, patience: float = 20.0) -> None:
        async def act(web: Asking) -> None:
            self.dispatch.web = web
            for _turn in range(turns):
                await self.dispatch.drain()

        LINE.run(lambda clients: act(Asking(clients.get(6000), patience)))

    def states(self, alert: int) -> list[Sent]:
        return [one.state for one in self.storage.deliveries.of_alert(alert)]

    def receipt(self, alert: int) -> Delivery:
        (one,) = self.storage.deliveries.of_alert(alert)
        return one


@pytest.fixture
def hand(world: World) -> Hand:
    return Hand(world)


@pytest.fixture
def office(tmp_path: Path, world: World, hand: Hand) -> Iterator[Office]:
    made = Office(tmp_path, world, hand)
    yield made
    made.storage.close()


def test_an_alert_goes_out_over_every_channel_and_leaves_receipts(office: Office, world: World) -> None:
    office.storage.people.save(Person(name="张三", contacts=ZHANG.contacts))
    ding, wecom = office.channel("dingtalk"), office.channel("wecom")
    id_ = office.alert([ding, wecom], people=("张三", "李四"))
    office.send()
    assert office.states(id_) == [Sent.SENT] * 4
    (told,) = world.of(DingRobot).words()
    assert "@13800000000" in told
    assert "李四" in told
    assert len(world.of(WeComGroup).sent) == 1
    assert all("李四" in one.error for one in office.storage.deliveries.of_alert(id_))
    state = office.storage.channels.get(ding)
    assert state.error == ""
    assert state.good_at == office.clock.now()
    assert Change.DELIVERIES in office.told[-1]


def test_a_storm_of_two_hundred_is_one_message(office: Office, world: World) -> None:
    ding = office.channel()
    ids = [office.alert([ding], f"P2 第{n}条") for n in range(200)]
    office.send(5)
    (told,) = world.of(DingRobot).words()
    assert "and 190 more alerts" in told
    assert all(office.states(id_) == [Sent.SENT] for id_ in ids)


def test_a_drip_of_alerts_never_locks_the_robot_out(office: Office, hand: Hand, world: World) -> None:
    """Two alerts a second for three minutes: at most fifteen messages in any minute, and none is left."""
    ding, robot = office.channel(), world.of(DingRobot)
    times: list[float] = []
    for second in range(180):
        office.alert([ding], f"P3 {second}a")
        office.alert([ding], f"P3 {second}b")
        before = len(robot.sent)
        office.send()
        times += [float(second)] * (len(robot.sent) - before)
        hand.move(1)
    hand.move(60)
    office.send()
    assert robot.blocked_until == 0
    assert max(sum(at <= one < at + 60 for one in times) for at in times) <= 15
    assert office.storage.deliveries.next_due() is None
    assert office.storage.channels.all(hand.now())[0].failed == 0
    assert 30 <= len(robot.sent) <= 47


def test_the_pace_outlives_the_program(office: Office, hand: Hand, world: World, tmp_path: Path) -> None:
    ding = office.channel()
    for turn in range(15):
        office.alert([ding], f"P3 {turn}")
        office.send()
        hand.move(3.9 if turn % 2 else 4.0)
        again = Office(tmp_path, world, hand)
        again.alert([ding], f"P3 {turn} again")
        again.send(2)
        again.storage.close()
    assert world.of(DingRobot).blocked_until == 0
    assert len(world.of(DingRobot).sent) <= 16


def test_what_does_not_arrive_is_tried_on_schedule_and_then_seen(
    office: Office, hand: Hand, world: World
) -> None:
    wecom = office.channel("wecom")
    world.of(WeComGroup).control({"fail_next": {"n": 99, "mode": "503"}})
    id_ = office.alert([wecom])
    began = hand.now()
    for wait in SCHEDULE:
        office.send()
        one = office.receipt(id_)
        assert one.state is Sent.WAITING
        assert one.due_at == hand.now() + timedelta(seconds=wait)
        assert "trouble of its own" in one.error
        hand.move(wait - 1)
        office.send()
        assert office.receipt(id_) == one  # not a second too early
        hand.move(1)
    office.send()
    assert office.receipt(id_).state is Sent.FAILED
    assert office.storage.deliveries.failed(began)[0].alert_id == id_
    assert "trouble" in office.storage.channels.get(wecom).error
    assert world.of(WeComGroup).journal.__len__() == len(SCHEDULE) + 1


def test_one_that_comes_meanwhile_does_not_wait_for_the_long_schedule(
    office: Office, hand: Hand, world: World
) -> None:
    wecom, robot = office.channel("wecom"), world.of(WeComGroup)
    robot.control({"fail_next": {"n": 4, "mode": "503"}})
    old = office.alert([wecom])
    for wait in SCHEDULE:
        office.send()
        hand.move(wait if wait < 1000 else 1)
    new = office.alert([wecom], "P1 新的")
    hand.move(61)
    office.send()
    assert office.receipt(new).state is Sent.SENT
    assert office.receipt(old).state is Sent.WAITING


def test_a_robot_that_wants_a_rest_gets_it(office: Office, hand: Hand, world: World) -> None:
    ding, robot = office.channel(), world.of(DingRobot)
    robot.control({"fail_next": {"n": 1, "mode": "code:130101"}})
    id_ = office.alert([ding])
    office.send()
    other = office.alert([ding], "P1 另一条")
    hand.move(590)
    office.send()
    assert len(robot.journal) == 1
    hand.move(11)
    office.send()
    assert office.states(id_) == office.states(other) == [Sent.SENT]
    assert len(robot.sent) == 1


def test_a_wrong_key_fails_at_once_and_the_others_go_on(office: Office, world: World) -> None:
    bad, good = office.channel("dingtalk", address="wrong-token-1"), office.channel("wecom")
    id_ = office.alert([bad, good])
    office.send()
    assert office.states(id_) == [Sent.FAILED, Sent.SENT]
    state = office.storage.channels.get(bad)
    assert "Copy the address" in state.error
    assert not state.paused
    assert Change.CHANNELS in Change(sum({one.value for one in office.told if Change.CHANNELS in one}))
    office.secrets.set(f"channel/{bad}/address", DingRobot.key)
    again = office.alert([bad], "P2 again")
    office.clock.move(5)
    office.send()
    assert office.states(again) == [Sent.SENT]
    assert office.storage.channels.get(bad).error == ""


def test_a_receiver_that_is_gone_is_asked_no_more(office: Office, hand: Hand, world: World) -> None:
    hook, robot = office.channel("webhook"), world.of(Receiver)
    robot.gone = True
    first = office.alert([hook])
    office.send()
    assert office.storage.channels.get(hook).paused
    hand.move(100)
    second = office.alert([hook], "P1 zwei")
    office.send()
    assert office.states(first) == office.states(second) == [Sent.FAILED]
    assert "gone for good" in office.receipt(second).error
    assert len(robot.journal) == 1


def test_a_webhook_that_hung_up_is_asked_again_under_the_same_id(
    office: Office, hand: Hand, world: World
) -> None:
    hook, robot = office.channel("webhook"), world.of(Receiver)
    robot.control({"fail_next": {"n": 3, "mode": "cut"}})
    id_ = office.alert([hook])
    for wait in (*SCHEDULE[:3], 0):
        office.send()
        hand.move(wait)
    assert office.states(id_) == [Sent.SENT]
    assert len(robot.sent) == 1
    assert len({call.headers["x-event-id"] for call in robot.journal}) == 1


def test_an_unclear_robot_message_goes_out_once_more_and_says_so(
    office: Office, hand: Hand, world: World
) -> None:
    ding, robot = office.channel(), world.of(DingRobot)
    robot.control({"fail_next": {"n": 2, "mode": "cut"}})
    id_ = office.alert([ding])
    for _turn in range(4):
        office.send()
        hand.move(2000)
    assert office.states(id_) == [Sent.FAILED]
    assert "did not say" in office.receipt(id_).error
    first, second = robot.words()
    assert "second time" not in first
    assert "second time" in second


def test_a_text_that_is_refused_does_not_keep_the_news_back(office: Office, world: World) -> None:
    ding, robot = office.channel(), world.of(DingRobot)
    robot.control({"fail_next": {"n": 1, "mode": "code:430104"}})
    id_ = office.alert([ding], "P1 敏感")
    office.send()
    assert office.states(id_) == [Sent.SENT]
    (told,) = robot.words()
    assert "敏感" not in told
    assert "its text is in Tingfeng" in told
    assert "unsafe" in office.receipt(id_).error


def test_what_is_acknowledged_before_it_leaves_stays_here(office: Office, world: World) -> None:
    ding = office.channel()
    id_ = office.alert([ding])
    office.storage.deliveries.drop([id_], office.clock.now())
    office.send()
    assert office.states(id_) == [Sent.DROPPED]
    assert world.of(DingRobot).sent == []


@pytest.mark.parametrize("what", ["paused", "removed", "never", "odd"])
def test_what_nobody_can_send_is_seen_at_once(office: Office, what: str) -> None:
    ding = office.channel()
    if what == "paused":
        office.storage.channels.pause(ding, True)
    if what == "removed":
        office.storage.channels.remove(ding)
    id_ = office.alert([ding if what != "never" else 99])
    if what == "odd":
        now = office.clock.now()
        id_ = office.alert([])
        odd = Delivery(alert_id=id_, channel="x", key="odd", due_at=now, created_at=now, changed_at=now)
        office.storage.deliveries.add([odd])
    office.send()
    one = office.receipt(id_)
    assert one.state is Sent.FAILED
    assert one.error
    assert office.told


def test_a_key_on_another_computer_is_left_to_it_for_a_while(office: Office, hand: Hand) -> None:
    ding = office.channel("dingtalk", address="")
    id_ = office.alert([ding])
    office.send()
    assert office.states(id_) == [Sent.WAITING]
    hand.move(301)
    office.send()
    assert office.states(id_) == [Sent.FAILED]
    assert "not kept on this computer" in office.receipt(id_).error


def test_two_programs_send_each_alert_once(
    office: Office, hand: Hand, world: World, tmp_path: Path
) -> None:
    other = Office(tmp_path, world, hand, owner="two")
    hook = office.channel("webhook")
    ids = [office.alert([hook], f"P3 {n}") for n in range(40)]

    async def both(web: Asking) -> None:
        office.dispatch.web = other.dispatch.web = web
        for _turn in range(45):
            await asyncio.gather(office.dispatch.drain(), other.dispatch.drain())
            hand.move(0.6)

    LINE.run(lambda clients: both(Asking(clients.get(6000))))
    other.storage.close()
    robot = world.of(Receiver)
    assert all(office.states(id_) == [Sent.SENT] for id_ in ids)
    assert len(robot.sent) == len(robot.journal) == 40


def test_a_channel_is_one_programs_at_a_time(office: Office, hand: Hand) -> None:
    ding = office.channel()
    id_ = office.alert([ding])
    begin = office.storage.deliveries.begin
    begun = begin(ding, "one", hand.now(), lease=300, per_minute=15, most=200)
    assert [one.alert_id for one in begun.deliveries] == [id_]
    hand.move(10)
    assert begin(ding, "two", hand.now(), lease=300, per_minute=15, most=200).deliveries == ()
    hand.move(291)
    (late,) = begin(ding, "two", hand.now(), lease=300, per_minute=15, most=200).deliveries
    assert late.unsure == 1  # the first one set out, and nobody heard what became of it


CHILD = """
import asyncio, sys
from pathlib import Path
from app.domain.clock import SystemClock
from app.engine.dispatch import Dispatch
from app.engine.outlets import channel_makers
from app.engine.http import Clients
from app.engine.web import Asking
from app.settings.secrets import FileStore
from app.storage.store import Storage
folder, clock = Path(sys.argv[1]), SystemClock()
storage = Storage.open(folder / "t.db")
makers = channel_makers(FileStore(folder / "secrets.json"), clock.now)
dispatch = Dispatch(storage=storage, makers=makers, clock=clock, tell=lambda c: None, owner="one")
async def main():
    dispatch.web = Asking(Clients().get(6000), 60)
    await dispatch.run(asyncio.Event())
asyncio.run(main())
"""


@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
def test_a_program_killed_in_the_middle_loses_nothing(
    office: Office, hand: Hand, world: World, tmp_path: Path, taken: bool
) -> None:
    ding, robot = office.channel(), world.of(DingRobot)
    if taken:
        robot.control({"fail_next": {"n": 1, "mode": "hang"}})
    else:
        robot.control({"latency": 30.0})
    id_ = office.alert([ding], "P1 起火")
    root = Path(__file__).resolve().parents[2]
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], cwd=root)
    try:
        _until(lambda: office.receipt(id_).tries == 1 and (not taken or len(robot.sent) == 1))
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    robot.closing.set()  # whoever still waits there ends
    robot.control({"latency": 0.0})
    assert office.receipt(id_).state is Sent.WAITING
    hand.at = datetime.now(UTC) + timedelta(seconds=5)
    office.send()
    assert office.states(id_) == [Sent.SENT]
    assert "second time" in robot.words()[-1]


def _until(done: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_it_is_woken_and_ends_when_told(tmp_path: Path, world: World) -> None:
    from app.domain.clock import SystemClock

    office = Office(tmp_path, world, SystemClock())
    ding = office.channel()

    async def act(web: Asking) -> None:
        office.dispatch.web, stop = web, asyncio.Event()
        running = asyncio.create_task(office.dispatch.run(stop))
        await asyncio.sleep(0)
        id_ = await asyncio.to_thread(office.alert, [ding])
        office.dispatch.wake()
        end = time.monotonic() + 10
        while office.states(id_) != [Sent.SENT]:
            assert time.monotonic() < end
            await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(running, 10)

    LINE.run(lambda clients: act(Asking(clients.get(6000))))
    office.storage.close()


def test_the_gravest_does_not_stand_in_line(office: Office, hand: Hand, world: World) -> None:
    hook = office.channel("webhook")
    for n in range(5):
        office.alert([hook], f"P3 {n}")
    now = hand.now()
    grave = office.storage.alerts.add(
        Alert(severity=Severity.P1, title="P1 起火", body="", reason="", created_at=now)
    ).id
    office.storage.deliveries.add(
        [Delivery(alert_id=grave, channel=str(hook), key="g", due_at=now, created_at=now, changed_at=now)]
    )
    office.send()
    assert office.states(grave) == [Sent.SENT]
    assert len(world.of(Receiver).sent) == 1


def test_a_channel_that_must_wait_is_not_asked_all_the_time(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path, world, SystemClock())
    channel = office.channel()
    first = office.alert([channel])
    office.send()
    assert office.states(first) == [Sent.SENT]
    office.alert([channel], title="P2 右耳没声音")
    begun, begin = [], office.storage.deliveries.begin

    def counted(*given: Any, **more: Any) -> Any:
        begun.append(1)
        return begin(*given, **more)

    monkeypatch.setattr(office.storage.deliveries, "begin", counted)

    async def act(web: Asking) -> None:
        office.dispatch.web = web
        stop = asyncio.Event()
        running = asyncio.ensure_future(office.dispatch.run(stop))
        await asyncio.sleep(1.0)
        stop.set()
        await running

    LINE.run(lambda clients: act(Asking(clients.get(6000), 20.0)))
    assert 1 <= len(begun) <= 5
    office.storage.close()
