"""Blindness and gaps end to end: the real engine, the stand-in platform, a clock moved by hand."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.alert import AlertState
from app.domain.seeing import Cause, Outcome
from app.domain.watch import Health
from app.engine.sight import Sight
from app.storage.store import Storage
from tests.engine.conftest import Town


def blind_alerts(town: Town) -> list[tuple[str, AlertState]]:
    return [(one.body, one.state) for one in town.core.alerts() if one.kind == "blind"]


@pytest.mark.parametrize(
    ("switch", "health"),
    [
        ("captcha", Health.NEEDS_PERSON),
        ("html", Health.RETRYING),
        ("401", Health.NEEDS_PERSON),
        ("garbage", Health.RETRYING),
    ],
)
def test_what_trying_again_cannot_heal_is_told_at_the_next_poll_once(
    town: Town, switch: str, health: Health
) -> None:
    town.source()
    town.platform.add("左耳没声音")
    town.poll()
    now = town.platform.switches
    if switch in ("captcha", "html"):
        setattr(now, switch, True)
    for _round in range(3):
        if switch not in ("captcha", "html"):
            now.failures.extend([switch, switch])
        town.pass_time(minutes=5)
        assert town.poll().error is not None
        assert len(blind_alerts(town)) == 1
        if _round == 0:
            assert town.core.sources()[0].health is health
    alert = town.core.alerts()[0]
    assert alert.reason, "it says what to do"
    now.captcha = now.html = False
    now.failures.clear()
    town.pass_time(minutes=5)
    assert town.poll().error is None
    town.poll()
    assert [state for _body, state in blind_alerts(town)] == [AlertState.DONE]


def test_one_torn_answer_is_asked_for_again_and_disturbs_nobody(town: Town) -> None:
    town.source()
    town.platform.switches.failures.append("garbage")
    assert town.poll().error is None
    assert blind_alerts(town) == []


def test_a_network_that_hiccups_is_told_at_the_third_failure(town: Town) -> None:
    town.source()
    town.poll()
    for round_ in range(4):
        town.platform.switches.failures.append("503")
        town.poll()
        assert len(blind_alerts(town)) == (round_ >= 2)
        assert town.core.sources()[0].error, "written down at once"


def test_a_restart_tells_nothing_twice_and_still_heals(town: Town) -> None:
    town.source()
    town.platform.switches.captcha = True
    town.poll()
    town.core.close()
    town.open()
    town.poll()
    assert [state for _body, state in blind_alerts(town)] == [AlertState.OPEN]
    town.platform.switches.captcha = False
    town.core.close()
    town.open()
    town.poll()
    assert [state for _body, state in blind_alerts(town)] == [AlertState.DONE]


def test_suddenly_empty_is_told_within_three_polls_and_is_a_gap(town: Town) -> None:
    town.source()
    for hours in range(40, 0, -1):
        town.platform.add(f"左耳：{hours}小时前", at=town.platform.now() - 3600 * hours)
    for number in range(30):
        town.platform.add(f"第{number}条：左耳没声音")
        town.pass_time(minutes=15)
        town.poll()
    # The page of the newest holds forty posts and more, steadily. Then the platform shows nothing.
    town.platform.switches.empty = True
    for _poll in range(3):
        town.pass_time(minutes=5)
        assert town.poll().error is None
    assert [(state, "empty page" in body) for body, state in blind_alerts(town)] == [
        (AlertState.OPEN, True)
    ]
    state = town.core.sources()[0]
    assert Sight.load(state.sight).blind is Cause.EMPTY
    assert [gap.cause for gap in gaps(town)] == ["empty"]
    town.platform.switches.empty = False
    town.platform.add("左耳又没声音")
    town.poll()
    assert [state for _body, state in blind_alerts(town)] == [AlertState.DONE]
    assert [gap.outcome for gap in gaps(town)] == [Outcome.FILLED]


def gaps(town: Town, **_more: object):  # type: ignore[no-untyped-def]
    now = town.clock.now()
    return town.core.storage.sources.gaps(now - timedelta(days=400), now + timedelta(days=1))


def test_what_came_while_it_could_not_be_read_is_counted_and_filled(town: Town) -> None:
    town.source()
    town.platform.add("左耳一")
    town.poll()
    town.platform.switches.failures.extend(["503"] * 2)
    for number in range(2):
        town.pass_time(minutes=30)
        town.platform.add(f"左耳：看不见时的第{number}条")
        town.poll()
    [gap] = gaps(town)
    assert (gap.until, gap.outcome, gap.cause) == (None, None, "unreachable")
    town.pass_time(minutes=5)
    town.poll()
    [gap] = gaps(town)
    assert gap.until == town.clock.now()
    assert (gap.found, gap.outcome, gap.unseen_until) == (2, Outcome.FILLED, None)


def test_a_program_that_was_not_running_is_a_gap(town: Town) -> None:
    town.source()
    town.platform.add("左耳一")
    town.poll()
    town.core.close()
    since = town.clock.now()
    town.pass_time(hours=9)
    town.platform.add("左耳：夜里的一条", at=town.platform.now() - 3600)
    town.open()
    town.poll()
    [gap] = gaps(town)
    assert (gap.since, gap.until, gap.cause) == (since, town.clock.now(), "off")
    assert (gap.found, gap.outcome) == (1, Outcome.FILLED)
    town.pass_time(minutes=5)
    town.poll()
    assert len(gaps(town)) == 1


def test_longer_than_the_platform_can_be_read_back_stays_partly_unseen(town: Town) -> None:
    town.source()
    town.poll()
    town.pass_time(days=40)
    town.platform.add("左耳：昨天", at=town.platform.now() - 86_400)
    town.poll()
    [gap] = gaps(town)
    assert gap.outcome is Outcome.PARTLY
    assert gap.unseen_until is not None
    assert gap.unseen_until - gap.since > timedelta(days=38)


def test_a_pause_is_a_gap_too(town: Town) -> None:
    source = town.source()
    town.poll()
    town.core.pause_source(source.id, True)
    town.pass_time(hours=2)
    town.core.pause_source(source.id, False)
    town.poll()
    [gap] = gaps(town)
    assert (gap.cause, gap.outcome) == ("paused", Outcome.FILLED)


def test_health_that_waits_to_be_written_is_written_in_the_end(town: Town) -> None:
    town.source()
    town.poll()
    town.pass_time(minutes=5)
    town.poll()
    assert town.core.sources()[0].last_good_at == town.clock.now()
    state = town.core.sources()[0]
    assert Sight.load(state.sight).first_at is not None
    assert replace(state, sight="") != state


def test_a_source_that_comes_and_goes_is_told_once_an_hour(town: Town) -> None:
    town.source()
    for _flap in range(4):
        town.platform.switches.failures.extend(["garbage"] * 2)
        town.pass_time(minutes=5)
        assert town.poll().error is not None
        town.pass_time(minutes=5)
        assert town.poll().error is None
    assert [state for _body, state in blind_alerts(town)] == [AlertState.DONE]
    town.platform.switches.failures.extend(["garbage"] * 9)
    for _poll in range(3):
        town.pass_time(minutes=5)
        town.poll()
    assert len(blind_alerts(town)) == 2


def test_a_removed_source_leaves_no_alert_open(town: Town) -> None:
    source = town.source()
    town.platform.switches.captcha = True
    town.poll()
    town.core.remove_source(source.id)
    assert [state for _body, state in blind_alerts(town)] == [AlertState.DONE]


CHILD = """
import sys
from pathlib import Path
from app.core import Core
from app.home import Home
core = Core.open(Home(Path(sys.argv[1])), desktop=False, engine_name="trivial")
core.start()
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_program_that_was_killed_leaves_a_gap_behind(town: Town) -> None:
    source = town.source()
    town.platform.add("左耳一")
    town.core.close()
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(town.home.root)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        end = time.monotonic() + 60
        with Storage.open(town.home.database) as storage:
            while (state := storage.sources.get(source.id)).last_good_at is None:
                assert time.monotonic() < end
                time.sleep(0.05)
    finally:
        child.kill()
        child.communicate()
    town.pass_time(hours=9)
    town.platform.add("左耳：夜里的一条", at=town.platform.now() - 3600)
    town.open()
    assert town.poll().error is None
    [gap] = gaps(town)
    assert (gap.since, gap.cause, gap.found) == (state.last_good_at, "off", 1)
    assert gap.outcome is Outcome.FILLED
