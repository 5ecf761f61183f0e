"""All detectors of a brand together: what they say, that they go on after a restart, what is old news."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timedelta

import pytest

from app.analysis.bursts.calendar import Calendar, Day, Moment
from app.analysis.bursts.china import china, covers
from app.analysis.bursts.incident import Incidents
from app.analysis.bursts.sensitivity import THRESHOLDS, Sensitivity
from app.analysis.bursts.watcher import SLOT, Heard, Said, Tally, Watcher

BEGIN = datetime(2026, 3, 2)  # noqa: DTZ001  # on the wall's clock


def at(slot: int) -> Moment:
    return Moment.of(slot * SLOT, BEGIN + timedelta(seconds=slot * SLOT))


def bad(slot: int, count: int, *topics: str, reach: float = 50.0) -> list[Heard]:
    return [Heard(slot * 100 + k, 0.95, True, reach, topics) for k in range(count)]


def calm(watcher: Watcher, slots: int, begin: int = 0) -> list[Said]:
    """One complaint an hour about the price."""
    return [
        watcher.close(at(slot), bad(slot, 1, "price") if slot % 12 == 0 else [], {})
        for slot in range(begin, begin + slots)
    ]


def test_a_surge_of_a_topic_is_told_by_the_topic_and_by_the_brand() -> None:
    watcher = Watcher()
    assert not any(one.events for one in calm(watcher, 12 * 24 * 2))
    begin = 12 * 24 * 2
    said = [watcher.close(at(slot), bad(slot, 6, "safety"), {}) for slot in range(begin, begin + 6)]
    first = next(one for one in said if one.events)
    assert first.events[0].alarm
    assert first.came == pytest.approx(5.7)
    assert first.expected < 1.0
    assert ("surge", "safety") in first.grounds
    assert ("surge", "price") not in first.grounds
    assert first.signals["surge", "safety"].told.startswith("safety: ")
    assert "expected" in first.signals["surge", ""].told
    assert first.grounds["surge", "safety"].topic == "safety"
    assert sum(one.events[0].alarm for one in said if one.events) <= 2


def cheers(slot: int, count: int) -> list[Heard]:
    """Praise, of which the judge is not quite sure, and takes one in fifteen for a complaint."""
    return [Heard(slot * 100 + k, 0.6 if k % 15 == 14 else 0.13, k % 15 == 14, 50.0) for k in range(count)]


def talk(slot: int) -> list[Heard]:
    """A post a quarter of an hour, every third of them a complaint."""
    return (
        []
        if slot % 3
        else [Heard(slot * 100 + 99, 0.8, True) if slot % 9 == 0 else Heard(slot, 0.1, False)]
    )


@pytest.mark.parametrize("complaints", [0.33, 0.1, 0.0])
def test_a_flood_of_praise_is_no_surge_of_complaints(complaints: float) -> None:
    """Whatever the brand's share is; `complaints` of its usual posts are."""
    watcher = Watcher()
    said = []
    begin = 12 * 24 * 3
    for slot in range(begin + 48):
        usual = talk(slot) if slot % 100 < 300 * complaints else []
        said.append(watcher.close(at(slot), usual + cheers(slot, 30) * (slot >= begin), {}))
    assert max(one.came for one in said[begin:]) > 4.0
    assert max(one.expected for one in said[begin : begin + 3]) < 0.5
    assert not any(one.events or one.signals for one in said[begin:])


def test_complaints_amid_a_flood_of_praise_alarm_ten_minutes_later_at_most() -> None:
    opened = []
    for praise in (0, 30):
        watcher = Watcher()
        for slot in range(12 * 24 * 3 + 24):
            late = slot - 12 * 24 * 3 - 12
            posts = talk(slot) + cheers(slot, praise) * (late >= -12) + bad(slot, 5 if late >= 0 else 0)
            if watcher.close(at(slot), posts, {}).events:
                opened.append(late)
                break
    assert opened[0] == 0
    assert opened[1] <= 2


def test_a_sober_complaint_repeated_is_a_surge_though_no_post_is_surely_negative() -> None:
    watcher = Watcher()
    for slot in range(12 * 24 * 3):
        watcher.close(at(slot), talk(slot), {})
    begin = 12 * 24 * 3
    said = [
        watcher.close(at(slot), [Heard(slot * 100 + k, 0.4, False) for k in range(10)], {})
        for slot in range(begin, begin + 6)
    ]
    assert any(one.events for one in said)


def test_a_story_is_told_by_its_totals_however_often_they_are_said() -> None:
    watcher = Watcher()
    calm(watcher, 300)
    tally = {7: Tally(299.0 * SLOT, 9.0, 9.0)}
    first = watcher.weigh(at(300), tally)
    assert [event.alarm for event in first.events] == [True]
    assert first.grounds["story", "7"].story == 7
    again = [watcher.weigh(at(300), tally) for _time in range(20)]
    assert not any(event.alarm for one in again for event in one.events)
    assert watcher.weigh(at(301), {8: Tally(300.0 * SLOT, 2.0, 2.0)}) == Said()


@pytest.mark.parametrize("cut", [5, 300, 583])
def test_it_goes_on_exactly_after_a_restart(cut: int) -> None:
    def play(watcher: Watcher, begin: int, end: int) -> tuple[Watcher, list[Said]]:
        said = []
        for slot in range(begin, end):
            posts = bad(slot, (slot % 12 == 0) + 5 * (570 < slot < 580), "price", reach=1000.0 * (slot % 7))
            posts += [Heard(slot, 0.95, True, 1.0, (), slot, ("罐头", f"词{slot}"))] * (slot % 5 == 0)
            stories = {slot // 3: Tally(slot // 3 * 3 * SLOT, float(slot % 3 + 3), float(slot % 3 + 3))}
            said.append(watcher.close(at(slot), posts, stories))
        return watcher, said

    whole, expected = play(Watcher(), 0, 600)
    half, before = play(Watcher(), 0, cut)
    state = json.loads(json.dumps([half.dump(), half.incidents.dump()]))
    loaded = Watcher.load(state[0], incidents=Incidents.load(state[1]))
    after, rest = play(loaded, cut, 600)
    assert [*before, *rest] == expected
    assert after.dump() == whole.dump()
    assert any(one.events for one in expected)


def test_what_teaches_alarms_nobody_and_is_expected_afterwards() -> None:
    taught, fresh = Watcher(), Watcher()
    for slot in range(12 * 24 * 3):
        busy = bad(slot, 4) if slot % 3 == 0 else []
        assert not taught.close(at(slot), busy, {}, live=False).events
        calm_posts = bad(slot, 1) if slot % 36 == 0 else []
        fresh.close(at(slot), calm_posts, {})
    slot = 12 * 24 * 3
    said = [[one.close(at(slot + k), bad(slot + k, 3), {}) for k in range(6)] for one in (taught, fresh)]
    assert not any(one.events for one in said[0])
    assert any(one.events for one in said[1])


def test_late_posts_raise_what_is_expected_and_nothing_else() -> None:
    watcher = Watcher()
    calm(watcher, 12 * 24)
    level = watcher.counts.baseline.level
    for slot in range(100, 110):
        watcher.late(at(slot), 5.0)
    assert watcher.counts.baseline.level > 2 * level
    assert watcher.incidents.phase is None


def test_a_slot_that_was_seen_before_tells_nothing_again() -> None:
    watcher = Watcher()
    calm(watcher, 400)
    said = watcher.close(at(400), bad(400, 20), {}, tracked=False)
    assert (said.events, said.grounds) == ((), {})
    assert watcher.incidents.phase is None


def test_the_band_holds_nine_of_ten_ordinary_slots() -> None:
    watcher = Watcher()
    inside = total = 0
    for slot in range(12 * 24 * 6):
        count = (slot * 7919) % 11
        said = watcher.close(at(slot), bad(slot, count), {})
        if slot > 12 * 24 * 3:
            low, high = watcher.counts.band(said.expected)
            assert 0.0 <= low <= said.expected <= high
            inside += low <= said.came <= high
            total += 1
    assert 0.8 <= inside / total <= 1.0
    assert len(watcher.counts.course()) == 96
    assert watcher.counts.course()[-1] == (0, pytest.approx(said.came), pytest.approx(said.expected))


@pytest.mark.parametrize("by_story", [True, False])
def test_a_crisis_does_not_become_what_is_expected_while_it_lasts(by_story: bool) -> None:
    watcher = Watcher()
    begin = 12 * 24 * 2
    before = calm(watcher, begin)[-1].expected
    if by_story:
        assert watcher.weigh(at(begin), {7: Tally((begin - 1) * SLOT, 9.0, 9.0)}).events
    said = [watcher.close(at(slot), bad(slot, 8), {}) for slot in range(begin, begin + 60)]
    assert watcher.incidents.phase is not None
    assert watcher.counts.expected(at(begin + 60), SLOT) > 1.0, "the detectors themselves do learn it"
    assert max(one.expected for one in said) < before + 0.5
    assert watcher.band(said[-1].expected)[1] < 4.0
    state = json.loads(json.dumps([watcher.dump(), watcher.incidents.dump()]))
    again = Watcher.load(state[0], incidents=Incidents.load(state[1]))
    assert again.close(at(begin + 60), [], {}) == watcher.close(at(begin + 60), [], {})
    ebb = [watcher.close(at(slot), [], {}) for slot in range(begin + 61, begin + 61 + 400)]
    assert watcher.incidents.phase is None
    assert ebb[-1].expected > 0.0
    assert watcher.dump()["before"] is None


def test_what_was_usual_is_the_same_when_slots_are_fed_again_after_a_crash() -> None:
    watcher = Watcher()
    calm(watcher, 300)
    kept = json.loads(json.dumps(watcher.dump()))
    watcher.weigh(at(301), {7: Tally(299.0 * SLOT, 9.0, 9.0)})
    for slot in range(300, 320):
        watcher.close(at(slot), bad(slot, 4), {})
    incidents = Incidents.load(json.loads(json.dumps(watcher.incidents.dump())))
    again = Watcher.load(kept, incidents=incidents)
    for slot in range(300, 320):
        again.close(at(slot), bad(slot, 4), {}, tracked=False)
    assert again.dump()["before"] == watcher.dump()["before"] is not None


def test_quieter_words_ask_for_more() -> None:
    opened = []
    for word in (Sensitivity.SENSITIVE, Sensitivity.BALANCED, Sensitivity.QUIET):
        watcher = Watcher(THRESHOLDS[word])
        calm(watcher, 12 * 24)
        events = watcher.weigh(at(288), {1: Tally(287.0 * SLOT, 3.0, 3.0)}).events
        opened.append(len(events))
    assert opened == sorted(opened, reverse=True)
    assert opened[0] == 1
    assert opened[2] == 0


def test_odd_numbers_are_refused_or_harmless() -> None:
    watcher = Watcher()
    watcher.close(at(0), [Heard(1, 0.3, False)], {})
    watcher.close(at(1), [Heard(1, 1.0, True, 1e12)], {3: Tally(9e12, 3.0, 5.0)})
    with pytest.raises(ValueError, match="count"):
        watcher.close(at(2), [Heard(1, math.nan, True)], {})
    with pytest.raises(ValueError, match="version"):
        Watcher.load({**watcher.dump(), "v": 2})


def test_holidays_and_the_weekend_days_worked_for_them() -> None:
    days = china()
    assert days.kind(date(2025, 10, 1)) is Day.HOLIDAY
    assert days.kind(date(2025, 9, 28)) is Day.WORK, "a Sunday worked for the National Day"
    assert days.kind(date(2025, 9, 21)) is Day.REST
    assert days.kind(date(2025, 9, 22)) is Day.WORK
    assert covers(2025)
    assert not covers(2100)
    assert days.kind(date(2100, 10, 2)) is Calendar().kind(date(2100, 10, 2))
