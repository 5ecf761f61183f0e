"""Rows as files bring them."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.bursts.series import LATE, Answer, Note, Series
from app.analysis.bursts.telling import explanation
from app.errors import ImportFailed
from tests.unit.analysis.bursts.made import BEGIN, DAY, quiet

STEP = timedelta(minutes=5)


def fed(values: list[float], series: Series | None = None, begin: datetime = BEGIN) -> list[Answer]:
    made = series or Series()
    return [made.row(begin + i * STEP, value) for i, value in enumerate(values)]


def alarmed(answers: list[Answer]) -> list[int]:
    return [i for i, answer in enumerate(answers) if answer.reading.alarm]


def test_one_row_has_an_answer() -> None:
    answer = Series().row(BEGIN, 7.0)
    assert answer.note is Note.FIRST
    assert answer.reading.expected == 7.0
    assert answer.reading.score == 0.0


def test_nothing_but_zeros() -> None:
    answers = fed([0.0] * 3000)
    assert alarmed(answers) == []
    assert answers[-1].reading.expected < 0.01


def test_a_row_without_a_value_is_a_gap() -> None:
    series = Series()
    fed(quiet(1, 3.0, 3 * DAY), series)
    at = BEGIN + 3 * DAY * STEP
    empty = series.row(at, None)
    assert empty.note is Note.EMPTY
    assert not empty.reading.alarm
    assert "gap" in explanation(empty)
    after = series.row(at + STEP, 6.0)
    assert after.note is None
    assert not after.reading.alarm


@pytest.mark.parametrize("value", [-3.0, float("inf"), float("-inf")])
def test_no_count_is_refused_in_words(value: float) -> None:
    with pytest.raises(ImportFailed, match="A count must be a number from 0 on"):
        Series().row(BEGIN, value)


def test_the_same_time_twice_and_an_earlier_one_do_not_count() -> None:
    series = Series()
    before = fed(quiet(2, 3.0, 500), series)
    last = before[-1].wall
    again = series.row(last, 9000.0)
    earlier = series.row(last - 3 * STEP, 9000.0)
    assert (again.note, earlier.note) == (Note.AGAIN, Note.EARLIER)
    assert not again.reading.alarm
    assert explanation(again)
    assert explanation(earlier)
    assert series.row(last + STEP, 3.0).reading == fed([*quiet(2, 3.0, 500), 3.0])[-1].reading


def test_a_file_that_runs_backwards_is_refused() -> None:
    series = Series()
    for i in range(LATE):
        series.row(BEGIN - i * STEP, 1.0)
    with pytest.raises(ImportFailed, match="order of time"):
        series.row(BEGIN - LATE * STEP, 1.0)


def test_times_with_and_without_a_zone_do_not_mix() -> None:
    series = Series()
    series.row(BEGIN, 1.0)
    with pytest.raises(ImportFailed, match="time zone"):
        series.row((BEGIN + STEP).replace(tzinfo=UTC), 1.0)


def test_three_weeks_of_nothing_and_then_the_backlog() -> None:
    series = Series()
    fed(quiet(3, 3.0, 10 * DAY), series)
    back = BEGIN + timedelta(days=31)
    answers = fed([3.0 * 21 * DAY, *quiet(4, 3.0, 2 * DAY)], series, back)
    assert answers[0].note is Note.GAP
    assert "21 days" in explanation(answers[0])
    assert alarmed(answers) == []


def test_a_counter_that_jumps_by_a_backfill_is_judged_by_what_exceeds_it() -> None:
    series = Series()
    fed(quiet(5, 10.0, 7 * DAY), series)
    back = BEGIN + timedelta(days=7, hours=6)
    assert alarmed(fed([10.0 * 72], series, back)) == []


@pytest.mark.parametrize(("before", "after"), [(5, 60), (60, 5), (5, 15), (1440, 5)])
def test_a_step_that_changes_is_followed(before: int, after: int) -> None:
    series = Series()
    slots = 14 * 1440 // before
    per_minute = 0.6
    for i in range(slots):
        series.row(BEGIN + i * timedelta(minutes=before), per_minute * before)
    turn = BEGIN + (slots - 1) * timedelta(minutes=before)
    answers = [
        series.row(turn + i * timedelta(minutes=after), per_minute * after)
        for i in range(1, 3 * 1440 // after)
    ]
    assert alarmed(answers) == []
    assert answers[-1].step == after * 60.0
    assert answers[-1].reading.expected == pytest.approx(per_minute * after, rel=0.1)


def test_a_clock_a_little_off_changes_no_step() -> None:
    series = Series()
    answers = [series.row(BEGIN + i * STEP + timedelta(seconds=(i * 37) % 41), 3.0) for i in range(400)]
    assert {answer.note for answer in answers[2:]} == {None}
    assert len({answer.step for answer in answers[2:]}) == 1


def test_the_end_of_summer_time_on_the_wall() -> None:
    """02:55 is followed by 02:00 for the second time."""
    zone = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 10, 20, tzinfo=zone).astimezone(UTC)
    walls = [(begin + i * STEP).astimezone(zone).replace(tzinfo=None) for i in range(10 * DAY)]
    assert any(later < sooner for sooner, later in itertools.pairwise(walls))
    series = Series()
    answers = [series.row(wall, 5.0) for wall in walls]
    assert {answer.note for answer in answers[1:]} == {None}
    assert alarmed(answers) == []


def test_the_begin_of_summer_time_is_an_hour_not_counted() -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 3, 25, tzinfo=zone).astimezone(UTC)
    walls = [(begin + i * STEP).astimezone(zone).replace(tzinfo=None) for i in range(8 * DAY)]
    series = Series()
    answers = [series.row(wall, 5.0) for wall in walls]
    assert [answer.missing for answer in answers if answer.note is Note.GAP] == [3600.0]
    assert alarmed(answers) == []


def test_with_a_zone_summer_time_is_no_matter() -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 10, 20, tzinfo=zone).astimezone(UTC)
    series = Series()
    answers = [series.row((begin + i * STEP).astimezone(zone), 5.0) for i in range(10 * DAY)]
    assert {answer.note for answer in answers[1:]} == {None}


def test_an_alarm_says_what_was_expected_what_came_and_since_when() -> None:
    answers = fed([*quiet(6, 3.0, 10 * DAY), 3.0, 60.0, 70.0, 80.0])
    at = alarmed(answers)[-1]
    text = explanation(answers[at])
    since = answers[10 * DAY + 1].wall
    assert f"Since {since:%H:%M}" in text
    assert "were expected" in text
    assert "mentions within" in text


ROWS = st.lists(
    st.tuples(st.integers(-3, 40), st.one_of(st.none(), st.integers(0, 300).map(float))),
    min_size=1,
    max_size=60,
)


def walk(series: Series, rows: list[tuple[int, float | None]], begin: datetime) -> list[Answer | str]:
    out: list[Answer | str] = []
    at = begin
    for minutes, value in rows:
        at += timedelta(minutes=minutes)
        try:
            out.append(series.row(at, value))
        except ImportFailed as error:
            out.append(str(error))
    return out


@settings(deadline=None, max_examples=60)
@given(ROWS, ROWS)
def test_no_row_depends_on_later_ones(
    rows: list[tuple[int, float | None]], later: list[tuple[int, float | None]]
) -> None:
    assert walk(Series(), [*rows, *later], BEGIN)[: len(rows)] == walk(Series(), rows, BEGIN)


@settings(deadline=None, max_examples=60)
@given(ROWS, ROWS)
def test_saved_and_loaded_it_goes_on_exactly_so(
    rows: list[tuple[int, float | None]], later: list[tuple[int, float | None]]
) -> None:
    series = Series()
    walk(series, rows, BEGIN)
    loaded = Series.load(json.loads(json.dumps(series.dump())))
    begin = BEGIN + timedelta(hours=3)
    assert walk(loaded, later, begin) == walk(series, later, begin)
    assert loaded.dump() == series.dump()


def test_however_long_the_file_the_state_stays_small() -> None:
    series = Series()
    values = quiet(7, 3.0, 60 * DAY)
    fed(values[: 20 * DAY], series)
    before = len(json.dumps(series.dump()))
    fed(values[20 * DAY :], series, BEGIN + 20 * DAY * STEP)
    assert len(json.dumps(series.dump())) < before + 500
