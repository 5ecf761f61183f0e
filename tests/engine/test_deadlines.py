"""The timer of the desk, whole: a real core, real alarms, the machine's clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.change import Change
from app.core import Core
from app.core.people import holiday_check
from app.desk.holidays import known_until
from app.domain.alert import Alert, Severity
from app.domain.desk import Limit, Policy, Stage, Warned
from app.domain.mention import Hit, Kind, Mention
from app.domain.people import Calendar, Person, Role, Shift, Team
from app.domain.sentiment import Score, Tone
from app.domain.watch import Source, Watch
from app.engine import deadlines
from app.engine.deadlines import Deadlines
from app.errors import ConfigError, Conflict, NotFound, Unavailable
from app.home import Home
from app.storage import Found

SECOND = timedelta(seconds=1)


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@pytest.fixture
def core(home: Home) -> Iterator[Core]:
    made = Core.open(home, desktop=False, engine_name="trivial")
    yield made
    made.close()


def complaint(core: Core, ago: float, *, consider: bool = True, number: int = 1, **more: Any) -> int:
    """Seen so many seconds ago; of its half hour that much is over."""
    seen = datetime.now(UTC) - ago * SECOND
    brand = core.save_brand(Watch(name="星尘", query="星尘")) if not core.brands() else core.brands()[0]
    source = core.storage.sources.save(Source(kind="feed", name="测试", paused=True))
    mention = Mention(
        **{"platform": "weibo", "native_id": f"m{number}", "url": "", "text": f"星尘坏了 {number}", **more}
    )
    found = Found(mention=mention, published_at=seen, dated=True, hits=(Hit(brand.id, "星尘", False),))
    id_ = core.storage.mentions.save_page(source.id, [found], None, now=seen).new[0]
    score = Score(
        value=0.1, tone=Tone.NEGATIVE, engine="t", version="1", negative=0.9, neutral=0.1, positive=0
    )
    core.storage.mentions.save_scores([(id_, 1, score)])
    if consider:
        core.deadlines.consider([id_])
    return id_


def of_deadlines(core: Core) -> list[Alert]:
    return [alert for alert in core.alerts() if alert.kind == "deadline"]


def level(core: Core, id_: int) -> int:
    item = core.desk_item(id_)
    assert item is not None
    return item.warned


def test_it_warns_at_the_moment_and_not_before(core: Core) -> None:
    """Fourteen minutes and fifty-eight seconds of thirty are over."""
    raised: list[Alert] = []
    core.subscribe_raised(raised.append)
    id_ = complaint(core, 15 * 60 - 2)
    assert raised == []
    core.start()
    until(lambda: raised)
    item = core.desk_item(id_)
    assert item is not None
    assert item.due_at is not None
    assert datetime.now(UTC) >= item.due_at - timedelta(minutes=15)
    assert item.warned == 50
    assert [alert.mention_id for alert in of_deadlines(core)] == [id_]


def test_what_was_missed_is_one_warning(core: Core) -> None:
    raised: list[Alert] = []
    core.subscribe_raised(raised.append)
    id_ = complaint(core, 3600)
    core.start()
    until(lambda: level(core, id_) == 100)
    until(lambda: core.storage.deadlines.next_at() is None)
    assert len(raised) == len(of_deadlines(core)) == 1


def test_one_that_is_put_earlier_wakes_it(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "LOOK", 600.0)
    far = complaint(core, 0)
    core.start()
    near = complaint(core, 15 * 60 - 1, number=2)
    until(lambda: level(core, near) == 50)
    assert level(core, far) == 0


def test_a_shorter_time_wakes_it_too(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "LOOK", 600.0)
    id_ = complaint(core, 70)
    core.start()
    core.save_deadline_policy(Policy(limits=(Limit(p1=1, p2=1, p3=1),)))
    until(lambda: level(core, id_) == 100)


def test_of_two_programs_on_one_database_one_tells(core: Core, tmp_path: Path) -> None:
    other = Core.open(
        Home(tmp_path / "other"), database=str(core.home.database), desktop=False, engine_name="trivial"
    )
    try:
        raised: list[Alert] = []
        for one in (core, other):
            one.subscribe_raised(raised.append)
        ids = [complaint(core, 15 * 60 - 2, number=n) for n in range(12)]
        for one in (core, other):
            one.start()
        until(lambda: all(level(core, id_) == 50 for id_ in ids))
        until(lambda: len(raised) >= len(ids))
        core.deadlines.stop()
        other.deadlines.stop()
        assert sorted(alert.mention_id or 0 for alert in raised) == sorted(ids)
    finally:
        other.close()


def test_a_command_that_is_over_at_once_warns_of_nothing(core: Core) -> None:
    id_ = complaint(core, 3600)
    core.start(poll=False)
    assert core.deadlines._thread is None
    assert level(core, id_) == 0


def test_what_was_judged_before_a_crash_comes_to_the_desk_at_the_next_start(core: Core) -> None:
    """Killed after the judgement was stored and before anybody heard of it."""
    id_ = complaint(core, 5, consider=False)
    assert core.desk_item(id_) is None
    core.start(poll=False)
    core.engine.drain().result(30)
    item = core.desk_item(id_)
    assert item is not None
    assert item.stage is Stage.OPEN


class Deaf:
    """Fails so often before it hears."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.heard: list[Warned] = []

    def deadline(self, warned: Warned) -> Alert:
        if self.errors:
            raise self.errors.pop(0)
        self.heard.append(warned)
        return Alert(severity=Severity.P3, title="", body="", reason="", created_at=datetime.now(UTC))


class Hand:
    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


def test_what_could_not_be_told_comes_again_and_holds_nobody_up(core: Core) -> None:
    ids = [complaint(core, 16 * 60 - n, number=n) for n in range(3)]
    clock, told = Hand(), []
    deaf = Deaf(Unavailable("disk full"), NotFound("gone"), ValueError("a bug"))
    timer = Deadlines(storage=core.storage, alarms=deaf, clock=clock, tell=told.append)
    assert timer.tell_due() == 3
    assert timer.tell_due() == 0
    assert deaf.heard == []
    clock.at += 31 * SECOND
    assert timer.tell_due() == 2  # who is gone needs no warning
    assert [one.mention_id for one in deaf.heard] == [ids[0], ids[2]]
    assert timer.tell_due() == 0
    assert all(change & Change.DESK for change in told)


# ── what the core says of people and teams ─────────────────────────────────────────────────────

OFFICE = Calendar(shifts=(Shift(days=(1, 2, 3, 4, 5), start="09:00", end="18:00"),))


def test_teams_and_people_are_kept_and_refused_in_words(core: Core) -> None:
    team = core.save_team(Team(name=" 白班 ", calendar=OFFICE))
    assert (team.name, team.calendar) == ("白班", OFFICE)
    assert core.team("白班") == core.team(str(team.id)) == team
    chen = core.save_person(
        Person(name="陈", role=Role.LEAD, team_id=team.id, contacts={"dingtalk": " 138 ", "email": ""})
    )
    assert chen.contacts == {"dingtalk": "138"}
    assert core.person("陈") == chen
    for bad, field in (
        (Person(name=" "), "name"),
        (Person(name="王\u202e"), "name"),
        (Person(name="王", team_id=99), "team_id"),
        (Person(name="王", budget=-1), "budget"),
        (Person(name="王", contacts={"email": "a\nb"}), "contacts"),
    ):
        with pytest.raises(ConfigError) as caught:
            core.save_person(bad)
        assert caught.value.field == field
    with pytest.raises(Conflict):
        core.save_person(Person(name="陈"))
    with pytest.raises(NotFound):
        core.person("王")


@pytest.mark.parametrize(
    ("calendar", "field"),
    [
        (Calendar(zone="Mars/Olympus"), "zone"),
        (Calendar(shifts=(Shift(days=(1,), start="9点", end="18:00"),)), "shifts"),
        (
            Calendar(
                shifts=OFFICE.shifts,
                off=tuple(date.today() + timedelta(days=n) for n in range(-9, 1000)),  # noqa: DTZ011
            ),
            "shifts",
        ),
    ],
)
def test_a_calendar_that_cannot_be_is_not_saved(core: Core, calendar: Calendar, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        core.save_team(Team(name="白班", calendar=calendar))
    assert caught.value.field == field
    assert core.teams() == ()


def test_a_team_that_goes_takes_its_part_of_the_policy_with_it(core: Core) -> None:
    team = core.save_team(Team(name="白班", calendar=OFFICE))
    kept = core.save_team(Team(name="夜班"))
    core.save_deadline_policy(Policy(team_id=team.id, by_source={1: team.id, 2: kept.id}))
    core.save_person(Person(name="陈", team_id=team.id))
    core.remove_team(team.id)
    assert core.deadline_policy() == Policy(by_source={2: kept.id})
    assert core.person("陈").team_id is None


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        (Policy(limits=()), "limits"),
        (Policy(limits=(Limit(), Limit())), "limits"),
        (Policy(limits=(Limit(p1=-1),)), "limits"),
        (Policy(limits=(Limit(p1=10**9),)), "limits"),
        (Policy(max_age=-1), "max_age"),
        (Policy(team_id=7), "team_id"),
        (Policy(by_brand={1: 7}), "team_id"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(core: Core, policy: Policy, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        core.save_deadline_policy(policy)
    assert caught.value.field == field
    assert core.deadline_policy() == Policy()


def test_who_is_on_duty(core: Core) -> None:
    dark = Calendar(shifts=(Shift(days=tuple(range(1, 8)), start="18:00", end="09:00"),))
    day, night = (
        core.save_team(Team(name=name, calendar=one)) for name, one in (("白", OFFICE), ("夜", dark))
    )
    core.save_person(Person(name="陈", team_id=day.id))
    core.save_person(Person(name="王", team_id=night.id))
    core.save_person(Person(name="李", team_id=night.id, away=True))
    core.save_person(Person(name="周"))
    noon = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    assert [one.name for one in core.on_duty(at=noon)] == ["周", "陈"]
    assert [one.name for one in core.on_duty(night.id, noon + timedelta(hours=9))] == ["王"]


def test_the_desk_by_hand(core: Core) -> None:
    id_ = complaint(core, 60, consider=False, kind=Kind.ARTICLE)
    assert core.put_on_desk([id_], Severity.P1) == 1
    assert 0 < (core.time_left(id_) or 0) <= 900
    with pytest.raises(ConfigError):
        core.pause_clock([id_], "  ")
    assert core.pause_clock([id_], "等工程师") == 1
    assert core.resume_clock([id_]) == 1
    team = core.save_team(Team(name="白班", calendar=OFFICE))
    assert core.move_to_team([id_], team.id) == 1
    with pytest.raises(NotFound):
        core.move_to_team([id_], 99)
    assert [event.what for event in core.history(id_)] == ["desk", "pause", "resume", "team"]


def test_the_checkup_says_when_the_table_of_holidays_ends() -> None:
    last = datetime.combine(known_until(), datetime.min.time(), UTC)
    teams = (Team(name="白班", calendar=OFFICE),)
    assert holiday_check(teams, last - timedelta(days=200)).ok
    ends = holiday_check(teams, last - timedelta(days=10))
    assert not ends.ok
    assert known_until().isoformat() in ends.detail
    assert holiday_check((Team(name="全天"),), last).ok
