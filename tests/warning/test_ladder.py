"""Alerts that nobody acknowledges climb, each rung once, whatever sleeps, dies or sets the clock."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core import Core
from app.domain.alert import Alert, AlertState, Severity
from app.domain.delivery import DESKTOP, TOAST, Sent
from app.domain.mention import Author
from app.domain.people import Person, Role, Team
from app.domain.rule import ROBOTS, AlertRule, RuleKind, Rung, Whom
from app.errors import NotFound

FIRE = "云雀手机充电时起火了，手被烫伤"
STEPS = (
    Rung(),
    Rung(after=5, channels=(ROBOTS,)),
    Rung(after=10, channels=(ROBOTS, TOAST), whom=Whom.NEXT),
    Rung(after=20, channels=("8",), whom=Whom.LEAD),
)


def with_channels(core: Core) -> Core:
    """As if two robots were configured."""
    core.notifier.channels = lambda: {"7": "钉钉群", "8": "值班邮箱"}
    return core


@pytest.fixture
def rung(desk: Any) -> Alert:
    """A P1 with three colleagues, two robots and four rungs."""
    with_channels(desk.core)
    save = desk.core.storage.people.save
    save(Person(name="甲"))
    save(Person(name="乙"))
    save(Person(name="丙", role=Role.LEAD))
    rule = desk.core.rules()[0]
    desk.core.save_rule(replace(rule, on_duty=("甲",), ladder=STEPS))
    desk.say(FIRE)
    (alert,) = desk.alerts("mention")
    return alert


def sent(desk: Any, alert: Alert) -> list[tuple[int, str, str]]:
    rows = desk.core.storage.deliveries.of_alert(alert.id)
    return [(one.rung, one.channel, one.person) for one in rows]


FIRST = [(0, TOAST, "甲"), (0, DESKTOP, "甲")]
SECOND = [(1, "7", "甲"), (1, "8", "甲")]
THIRD = [(2, "7", "乙"), (2, "8", "乙"), (2, TOAST, "乙")]
FOURTH = [(3, "8", "丙")]


def test_it_climbs_rung_by_rung_each_at_its_moment(desk: Any, rung: Alert) -> None:
    assert sent(desk, rung) == FIRST
    assert rung.climbs_at == desk.clock.at + timedelta(minutes=5)
    assert "钉钉群" in desk.core.receipts(rung.id).next_words
    for passed, expected in (
        (4, FIRST),
        (1, FIRST + SECOND),
        (4, FIRST + SECOND),
        (1, FIRST + SECOND + THIRD),
        (10, FIRST + SECOND + THIRD + FOURTH),
        (600, FIRST + SECOND + THIRD + FOURTH),
    ):
        desk.clock.at += timedelta(minutes=passed)
        desk.core.ladder.look()
        assert sent(desk, rung) == expected
    assert desk.core.alert(rung.id).climbs_at is None
    assert desk.core.receipts(rung.id).next_words == ""


def test_an_acknowledgement_stops_it_and_drops_what_waits(desk: Any, rung: Alert) -> None:
    desk.clock.at += timedelta(minutes=5)
    desk.core.ladder.look()
    assert desk.core.acknowledge([rung.id], "甲") == (rung.id,)
    assert desk.core.acknowledge([rung.id], "乙") == ()
    kept = desk.core.alert(rung.id)
    assert (kept.acked_by, kept.acked_at, kept.climbs_at) == ("甲", desk.clock.at, None)
    assert kept.state is AlertState.SEEN
    states = {one.state for one in desk.core.receipts(rung.id).deliveries}
    assert states == {Sent.DROPPED}
    desk.clock.at += timedelta(hours=1)
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST + SECOND
    with pytest.raises(NotFound):
        desk.core.acknowledge([999])


def test_seeing_it_does_not_stop_it_and_done_does(desk: Any, rung: Alert) -> None:
    desk.core.alert_seen([rung.id])
    assert desk.core.alert(rung.id).seen_by == desk.core.me
    desk.clock.at += timedelta(minutes=5)
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST + SECOND
    desk.core.set_alert_state([rung.id], AlertState.DONE)
    assert desk.core.alert(rung.id).acked_by == desk.core.me
    desk.clock.at += timedelta(hours=1)
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST + SECOND


def test_whoever_takes_up_the_post_answers_for_its_alert(desk: Any, rung: Alert) -> None:
    desk.core.claim([rung.mention_id])
    desk.clock.at += timedelta(minutes=5)
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST
    assert desk.core.alert(rung.id).acked_by == desk.core.me


def test_what_is_looked_at_stays_open_while_it_climbs(desk: Any, rung: Alert) -> None:
    desk.core.look_at_alert(rung.id)
    assert desk.core.alert(rung.id).state is AlertState.OPEN
    desk.core.acknowledge([rung.id])
    assert desk.core.open_alerts() == 0
    plain = desk.core.alarms.blind(desk.source, "x", "y")
    desk.core.look_at_alert(plain.id)
    assert desk.core.alert(plain.id).state is AlertState.SEEN


def test_after_sleep_what_is_overdue_climbs_at_once_each_rung_once(desk: Any, rung: Alert) -> None:
    desk.clock.at += timedelta(hours=9)
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST + SECOND + THIRD + FOURTH
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST + SECOND + THIRD + FOURTH


def test_after_a_restart_it_goes_on_where_it_stood(desk: Any, rung: Alert) -> None:
    desk.clock.at += timedelta(minutes=6)
    again = Core.open(desk.core.home, polls=False, desktop=False, engine_name="trivial", clock=desk.clock)
    with_channels(again).ladder.look()
    again.close()
    assert sent(desk, rung) == FIRST + SECOND
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST + SECOND


def test_of_many_programs_one_climbs(desk: Any, rung: Alert) -> None:
    desk.clock.at += timedelta(minutes=10)
    others = [
        with_channels(
            Core.open(desk.core.home, polls=False, desktop=False, engine_name="trivial", clock=desk.clock)
        )
        for _n in range(4)
    ]
    cards: list[Alert] = []
    for one in others:
        one.local = replace(one.local, agent="乙")
        one.subscribe_alerts(cards.append)
    start = threading.Barrier(len(others))

    def race(core: Core) -> None:
        start.wait()
        core.ladder.look()

    threads = [threading.Thread(target=race, args=(one,)) for one in others]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for core in others:
        core.close()
    assert sorted(sent(desk, rung)) == sorted(FIRST + SECOND + THIRD)


def test_a_program_that_dies_between_the_rows_and_the_rung_repeats_nothing(desk: Any, rung: Alert) -> None:
    desk.clock.at += timedelta(minutes=5)
    alerts = desk.core.storage.alerts
    climb = alerts.climb
    alerts.climb = lambda *_given: False  # the power goes here
    desk.core.ladder.look()
    alerts.climb = climb
    assert desk.core.alert(rung.id).rung == 0
    desk.core.ladder.look()
    assert desk.core.alert(rung.id).rung == 1
    assert sent(desk, rung) == FIRST + SECOND


class TwoClocks:
    """A wall clock that somebody sets, and one that only runs."""

    def __init__(self, held: Any) -> None:
        self.held = held
        self.ran = 0.0

    def now(self) -> Any:
        return self.held.at

    def monotonic(self) -> float:
        return self.ran


def test_a_clock_put_back_does_not_silence_it(desk: Any, rung: Alert) -> None:
    clock = TwoClocks(desk.clock)
    desk.core.ladder._clock = clock
    desk.core.ladder.look()
    desk.clock.at -= timedelta(days=1)
    clock.ran += 299
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST
    clock.ran += 2
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST + SECOND


def test_the_timer_climbs_by_itself(desk: Any, rung: Alert) -> None:
    """In its own thread, woken by what is raised, without anybody asking."""
    heard = threading.Event()

    def listen(_change: Any) -> None:
        if len(sent(desk, rung)) > 2:
            heard.set()

    leave = desk.core.subscribe(listen)
    desk.core.ladder.start()
    desk.clock.at += timedelta(minutes=5, seconds=1)
    assert heard.wait(60)
    leave()
    assert sent(desk, rung) == FIRST + SECOND


def test_p2_climbs_only_where_the_rule_says_so(desk: Any) -> None:
    with_channels(desk.core)
    rule = desk.core.save_rule(
        replace(desk.core.rules()[0], severity=Severity.P2, ladder=STEPS[:2], cooldown=0)
    )
    desk.say(FIRE)
    assert desk.alerts("mention")[0].climbs_at is None
    desk.core.save_rule(replace(rule, climbs=Severity.P2))
    desk.say("云雀泄露了我的身份证号")
    assert desk.alerts("mention")[0].climbs_at == desk.clock.at + timedelta(minutes=5)


def test_without_channels_nothing_is_promised(desk: Any) -> None:
    """A fresh home has no robot: its shipped ladder has one rung."""
    desk.say(FIRE)
    assert desk.alerts("mention")[0].climbs_at is None


def test_a_rule_that_is_gone_climbs_no_further(desk: Any, rung: Alert) -> None:
    desk.core.remove_rule(rung.rule_id)
    desk.clock.at += timedelta(hours=1)
    desk.core.ladder.look()
    assert sent(desk, rung) == FIRST
    assert desk.core.alert(rung.id).climbs_at is None


def test_what_grows_graver_climbs_anew(desk: Any) -> None:
    with_channels(desk.core)
    rule = desk.core.rules()[0]
    desk.core.save_rule(replace(rule, ladder=STEPS[:2], climbs=Severity.P2, followers=40, cooldown=0))
    text = "云雀的客服把我骂哭了，排队三个小时也没有人来管一下，太让人失望，再也不会来了"
    desk.say(text)
    (alert,) = desk.alerts("mention")
    desk.core.acknowledge([alert.id])
    desk.clock.at += timedelta(minutes=3)
    desk.say("转发：" + text, author=Author(name="大号", native_id="v", followers=9000, verified=True))
    (graver,) = desk.alerts("mention")
    assert (graver.severity, graver.acked_by, graver.rung) == (Severity.P1, "", 0)
    assert graver.climbs_at == desk.clock.at + timedelta(minutes=5)
    assert sent(desk, graver) == [(0, TOAST, ""), (0, TOAST, "")]


def test_a_held_alert_does_not_climb(desk: Any) -> None:
    with_channels(desk.core)
    desk.core.save_rule(replace(desk.core.rules()[0], ladder=STEPS))
    desk.say(FIRE, ago=3 * 86400.0)
    (alert,) = desk.alerts("mention")
    assert (alert.toasted, alert.climbs_at) == (False, None)


def test_a_second_p1_right_after_the_first_wakes_nobody_but_climbs(desk: Any, rung: Alert) -> None:
    desk.clock.at += timedelta(minutes=1)
    desk.say("云雀泄露了我的身份证号和住址")
    second = desk.alerts("mention")[0]
    assert not second.toasted
    assert "another P1" in second.delivered
    desk.core.acknowledge([rung.id])
    desk.clock.at += timedelta(minutes=5)
    desk.core.ladder.look()
    assert sent(desk, second) == SECOND


def test_a_blind_source_that_heals_takes_its_deliveries_back(desk: Any) -> None:
    with_channels(desk.core)
    blind = next(one for one in desk.core.rules() if one.kind is RuleKind.BLIND)
    desk.core.save_rule(replace(blind, ladder=(Rung(channels=(TOAST, "7")),)))
    alert = desk.core.alarms.blind(desk.source, "三小时没有新帖", "看看登录")
    desk.core.alarms.healed(desk.source.id)
    states = {one.state for one in desk.core.receipts(alert.id).deliveries}
    assert states == {Sent.DROPPED}


def test_nobody_to_call_still_reaches_the_group(desk: Any) -> None:
    with_channels(desk.core)
    desk.core.save_rule(replace(desk.core.rules()[0], ladder=STEPS))
    desk.say(FIRE)
    (alert,) = desk.alerts("mention")
    desk.clock.at += timedelta(minutes=20)
    desk.core.ladder.look()
    assert (3, "8", "") in sent(desk, alert)


def test_a_callable_says_who_is_on_duty(desk: Any) -> None:
    team = desk.core.storage.people.save_team(Team(name="客服一组"))
    save = desk.core.storage.people.save
    save(Person(name="甲", team_id=team.id))
    save(Person(name="乙", team_id=team.id, away=True))
    save(Person(name="丁"))
    desk.core.save_rule(replace(desk.core.rules()[0], team_id=team.id))
    staff = desk.core.notifier.staff(desk.core.rules()[0], desk.clock.at)
    assert [one.name for one in staff.duty] == ["甲"]
    anyone = desk.core.notifier.staff(AlertRule(), desk.clock.at)
    assert [one.name for one in anyone.duty] == ["甲", "丁"]


def test_an_alert_whose_program_ended_before_it_told_anybody_is_told_at_the_next_start(
    desk: Any, rung: Alert
) -> None:
    storage = desk.core.storage
    lost = storage.alerts.add(replace(rung, id=0, climbs_at=None, rung=0, created_at=desk.clock.at))
    desk.clock.at += timedelta(minutes=2)
    desk.core.ladder._resumed = False  # as after a start
    desk.core.ladder.look()
    assert sent(desk, lost) == FIRST
    told = desk.core.alert(lost.id)
    assert told.climbs_at == desk.clock.at + timedelta(minutes=5)
    desk.core.ladder._resumed = False
    desk.core.ladder.look()
    assert sent(desk, lost) == FIRST
