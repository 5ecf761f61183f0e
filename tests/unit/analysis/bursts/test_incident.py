"""One incident at a time, told once."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from app.analysis.bursts.incident import CALM, EBB, Event, Incidents, Phase, Signal

HOUR = 3600.0


def played(steps: list[tuple[float, list[Signal], float]], made: Incidents | None = None) -> list[Event]:
    """(hour, signals, pulse) in order."""
    incidents = made or Incidents()
    return [
        event for hour, signals, pulse in steps for event in incidents.update(hour * HOUR, signals, pulse)
    ]


def test_from_its_opening_to_its_close() -> None:
    events = played(
        [
            (0.0, [], 2.0),
            (1.0, [Signal("surge", 1.4)], 40.0),
            (1.5, [Signal("surge", 5.0)], 200.0),
            (2.5, [Signal("surge", 2.0)], 60.0),
            (3.6, [Signal("surge", 1.2)], 40.0),
            (5.0, [], 10.0),
            (6.0, [], 3.0),
            (9.7, [], 2.0),
        ]
    )
    assert [event.phase for event in events] == [
        Phase.OPENED,
        Phase.GROWING,
        Phase.PEAKED,
        Phase.EBBING,
        Phase.CLOSED,
    ]
    assert [event.alarm for event in events] == [True, True, False, False, False]
    assert {event.number for event in events} == {1}


def test_detectors_that_join_are_the_same_incident() -> None:
    incidents = Incidents()
    events = played(
        [
            (0.0, [Signal("story", 1.2, "a story", "17")], 5.0),
            (0.5, [Signal("story", 1.3), Signal("surge", 1.5), Signal("share", 1.1)], 20.0),
        ],
        incidents,
    )
    assert [event.alarm for event in events] == [True]
    assert incidents.channels == ("story", "surge", "share")
    assert events[0].signals[0].mark == "17"


def test_the_next_one_has_another_number() -> None:
    events = played(
        [(0.0, [Signal("story", 1.5)], 0.0), (7.0, [], 0.0), (40.0, [Signal("story", 1.6)], 0.0)]
    )
    assert [(event.number, event.phase) for event in events] == [
        (1, Phase.OPENED),
        (1, Phase.CLOSED),
        (2, Phase.OPENED),
    ]


def test_below_the_threshold_nothing_opens() -> None:
    assert played([(float(i), [Signal("surge", 0.99)], 10.0) for i in range(48)]) == []


def test_what_is_read_later_opens_nothing() -> None:
    incidents = Incidents()
    assert incidents.update(0.0, [Signal("surge", 9.0)], 100.0, live=False) == ()
    assert incidents.phase is None


def test_one_that_lasts_is_told_again_after_a_day() -> None:
    events = played([(i / 2.0, [Signal("surge", 1.5)], 30.0) for i in range(100)])
    told = [event.second / HOUR for event in events if event.alarm]
    assert told[0] == 0.0
    assert 24.0 <= told[1] <= 30.0
    assert len(told) <= 3


def test_after_the_peak_it_may_grow_again() -> None:
    events = played(
        [
            (0.0, [Signal("surge", 2.0)], 100.0),
            (0.5, [Signal("surge", 1.5)], 20.0),
            (1.6, [Signal("surge", 1.5)], 20.0),
            (2.0, [Signal("surge", 1.9)], 150.0),
        ]
    )
    assert [event.phase for event in events] == [Phase.OPENED, Phase.PEAKED, Phase.GROWING]
    assert not events[-1].alarm


def test_silence_alone_closes_it() -> None:
    incidents = Incidents()
    played([(0.0, [Signal("surge", 2.0)], 50.0)], incidents)
    assert incidents.update(EBB, [], 0.0)[0].phase is Phase.EBBING
    assert incidents.update(CALM, [], 0.0)[0].phase is Phase.CLOSED
    assert incidents.phase is None


SIGNALS = st.lists(
    st.builds(Signal, st.sampled_from(["surge", "story", "unsettled", "reach"]), st.floats(0.0, 50.0)),
    max_size=3,
)
STEPS = st.lists(st.tuples(st.floats(0.0, 10.0), SIGNALS, st.floats(0.0, 1e4)), max_size=40)


def in_order(
    steps: list[tuple[float, list[Signal], float]], begin: float = 0.0
) -> list[tuple[float, list[Signal], float]]:
    out, hour = [], begin
    for passed, signals, pulse in steps:
        hour += passed
        out.append((hour, signals, pulse))
    return out


@given(STEPS, STEPS)
def test_saved_and_loaded_it_goes_on_exactly_so(
    first: list[tuple[float, list[Signal], float]], then: list[tuple[float, list[Signal], float]]
) -> None:
    incidents = Incidents()
    played(in_order(first), incidents)
    again = Incidents.load(json.loads(json.dumps(incidents.dump())))
    begin = sum(passed for passed, _signals, _pulse in first)
    assert played(in_order(then, begin), again) == played(in_order(then, begin), incidents)
    assert again.dump() == incidents.dump()


@given(STEPS)
def test_every_incident_opens_once_and_closes_at_most_once(
    steps: list[tuple[float, list[Signal], float]],
) -> None:
    events = played(in_order(steps))
    opened = [event.number for event in events if event.phase is Phase.OPENED]
    closed = [event.number for event in events if event.phase is Phase.CLOSED]
    assert opened == list(range(1, len(opened) + 1))
    assert closed == opened[: len(closed)]
    assert all(event.alarm for event in events if event.phase is Phase.OPENED)
