"""Shortened scenarios through the whole program: monitors over HTTP, judging, alarms, in story time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.query import MentionQuery
from app.drill.figures import Figures, as_json, figures
from app.drill.loading import find, load
from app.drill.playing import play
from app.drill.recording import Recording, record
from app.drill.scenario import Outage, Scenario
from app.drill.session import DrillSession
from app.home import Home


def cut(name: str, before: float, length: float, every: int = 1) -> Scenario:
    """A shipped one, with less time before and after; of copies only one in `every`."""
    whole = load(name)
    kept = [
        event
        for n, event in enumerate(whole.events)
        if -before <= event.at <= length and (not event.copy_of or n % every == 0)
    ]
    return replace(whole, events=tuple(kept), length=length)


def no_rest(_seconds: float) -> bool:
    return False


@contextmanager
def played(home: Home, scenario: Scenario) -> Iterator[DrillSession]:
    session = DrillSession.in_story_time(home, scenario)
    try:
        assert play(session, speed=60, until=scenario.length, wait=no_rest)
        yield session
    finally:
        session.close()


def outcome(home: Home, scenario: Scenario) -> Figures:
    with played(home, scenario) as session:
        return figures(session)


@dataclass(frozen=True)
class Played:
    """A flash that was played, what a person then did, and what was recorded of it."""

    scenario: Scenario
    told: Figures
    after: Figures
    recording: Recording
    names: frozenset[str]


@pytest.fixture(scope="module")
def flash(tmp_path_factory: pytest.TempPathFactory) -> Played:
    scenario = cut("flash", 60, 30, every=3)
    with played(Home(tmp_path_factory.mktemp("flash")), scenario) as session:
        told, core = figures(session), session.core
        rows = core.mentions(MentionQuery(), None, 2000).rows
        core.claim([rows[0].id])
        core.answered(rows[0].id, "抱歉")
        zero = core.clock.now() - timedelta(minutes=30)
        [brand] = core.brands()
        recording = record(core, brand, zero, zero + timedelta(minutes=31), before=timedelta(hours=1))
        names = frozenset(
            row.mention.author.name for row in rows if "小暖象" not in row.mention.author.name
        )
        return Played(scenario, told, figures(session), recording, names)


def test_a_flash_alarms_within_a_poll(flash: Played) -> None:
    told = flash.told
    assert told.to_first_alarm is not None
    assert 0 <= told.to_first_alarm <= 7  # the microblog is read every five minutes, give or take
    assert told.first_alarm is not None
    assert told.first_alarm.severity == "P1"
    assert told.false_alarms == ()
    assert told.blind == ()


def test_every_post_is_read_once(flash: Played) -> None:
    told = flash.told
    assert (told.read, told.lost, told.twice) == (len(flash.scenario.events), 0, 0)
    assert told.copies == sum(bool(event.copy_of) for event in flash.scenario.events) > 10


def test_copies_stand_in_the_story_of_what_they_copy_and_an_incident_opens(flash: Played) -> None:
    told = flash.told
    assert told.folded == told.copies
    assert told.to_first_incident is not None
    assert told.to_first_alarm is not None
    assert told.to_first_alarm <= told.to_first_incident <= 20


def test_what_a_person_does_is_timed(flash: Played) -> None:
    assert (flash.told.to_first_claim, flash.told.to_first_reply) == (None, None)
    assert flash.after.to_first_claim == pytest.approx(30, abs=0.1)
    assert flash.after.to_first_reply == pytest.approx(30, abs=0.1)
    assert as_json(flash.told)["minutes_to_first_claim"] is None


def test_a_recording_has_the_posts_without_the_people(flash: Played, tmp_path: Path) -> None:
    again = replayed(flash, tmp_path)
    before = [event.at for event in flash.scenario.events]
    assert [event.at for event in again.events] == pytest.approx(before, abs=0.02)
    assert flash.recording.crisis == sum(event.crisis for event in again.events) > 5
    assert sum(bool(event.copy_of) for event in again.events) >= flash.told.copies
    assert len(flash.names) > 20
    assert not [name for name in flash.names if name in flash.recording.text]
    assert "127.0.0.1" not in flash.recording.text


def test_a_recording_plays_again(flash: Played, tmp_path: Path, home: Home) -> None:
    again = replayed(flash, tmp_path)
    told = outcome(home, again)
    assert (told.read, told.lost, told.twice, told.unmatched) == (len(again.events), 0, 0, 0)
    assert told.to_first_alarm is not None
    assert told.negative == flash.told.negative


def replayed(flash: Played, folder: Path) -> Scenario:
    path = folder / "recorded.json"
    path.write_text(flash.recording.text, encoding="utf-8")
    return find(str(path))


def test_good_news_raises_no_alarm(home: Home) -> None:
    told = outcome(home, cut("good-news", 60, 90, every=4))
    assert told.false_alarms == ()
    assert told.to_first_alarm is None
    assert as_json(told)["minutes_to_first_incident"] is None


def test_starting_amid_ordinary_talk_is_no_surge(home: Home) -> None:
    """The first page brings two days at once, two hours of them recent."""
    scenario = load("flash")
    calm = replace(
        scenario, events=tuple(event for event in scenario.events if not event.crisis), length=15
    )
    session = DrillSession.in_story_time(home, calm, before=15)
    try:
        assert play(session, speed=60, until=15, wait=no_rest)
        told = figures(session)
    finally:
        session.close()
    assert told.read > 200
    assert told.false_alarms == ()


def test_a_campaign_of_copies_is_one_story_with_a_hint(home: Home) -> None:
    told = outcome(home, cut("copy-campaign", 0, 40, every=2))
    assert told.copies > 30
    assert told.folded == told.copies
    assert told.campaign
    assert as_json(told)["campaign_hint"] is True


def test_an_outage_is_noticed_written_down_and_read_afterwards(home: Home) -> None:
    scenario = replace(
        cut("outage", 60, 120, every=3), outages=(Outage(channel="weibo", begin=20, end=50, how=503),)
    )
    told = outcome(home, scenario)
    [blind] = told.blind
    assert blind.noticed is not None
    assert 20 <= blind.noticed <= 40
    assert blind.gap_begin is not None
    assert blind.gap_begin <= 25
    assert blind.gap_end is not None
    assert 50 <= blind.gap_end <= 95
    assert blind.missed > 5
    assert blind.backfilled == blind.missed
    assert (told.lost, told.twice) == (0, 0)
    assert not any(one.kind == "blind" for one in told.false_alarms)
    assert told.to_first_alarm is not None


def test_a_blind_source_that_nobody_scripted_and_a_drill_that_is_ended_early(home: Home) -> None:
    scenario = cut("outage", 0, 60, every=9)
    out = replace(scenario, outages=(Outage(channel="weibo", begin=5, end=90),))
    session = DrillSession.in_story_time(home, out)
    try:
        assert not play(session, speed=60, until=60, wait=lambda _rest: session.platform.elapsed > 30)
        session.scenario = scenario
        told = figures(session)
    finally:
        session.close()
    assert [one.kind for one in told.false_alarms] == ["blind"]
    assert 30 < told.played < 45
    assert told.lost > 0
    assert told.read < sum(event.at <= told.played for event in scenario.events)
