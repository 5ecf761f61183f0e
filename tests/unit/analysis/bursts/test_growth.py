"""Stories: what grows, what turns, what is left in peace."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.bursts.growth import RATE, START, Pace, Story
from app.analysis.bursts.telling import told_story
from tests.unit.analysis.bursts.made import BEGIN

MINUTE = 60.0


def story(copies: float, heat: float) -> Story:
    made = Story(0.0)
    made.add(heat, copies)
    return made


def test_an_ordinary_story_is_left_in_peace() -> None:
    pace = Pace()
    for minutes in (5, 10, 30, 60, 300, 1440):
        usual = RATE * math.log1p(minutes / START)
        assert story(usual, 0.08 * usual).strength(minutes * MINUTE, pace) < 0.3


def test_a_story_of_ten_angry_posts_in_ten_minutes_alarms() -> None:
    assert story(20.0, 12.0).strength(10 * MINUTE, Pace()) >= 1.0


def test_a_story_that_grows_as_none_does_alarms_though_few_are_negative() -> None:
    assert story(900.0, 90.0).strength(10 * MINUTE, Pace()) >= 1.0


def test_fewer_than_three_negative_posts_say_nothing() -> None:
    assert story(5000.0, 2.9).strength(MINUTE, Pace()) == 0.0


def test_a_brand_with_many_stories_needs_more() -> None:
    busy, calm = Pace(), Pace()
    for i in range(400):
        busy.count(i * 3600.0)
    at = 400 * 3600.0
    late = Story(at)
    late.add(12.0, 20.0)
    assert late.strength(at + 600.0, busy) < late.strength(at + 600.0, calm)


def test_the_pace_follows_the_stories_of_a_day() -> None:
    pace = Pace()
    for i in range(24 * 60):
        pace.count(i * 3600.0)
    assert pace.per_day(24 * 60 * 3600.0) == pytest.approx(24.0, rel=0.1)


def test_a_story_is_counted_once() -> None:
    pace, one = Pace(), story(20.0, 12.0)
    one.strength(600.0, pace)
    after = pace.per_day(600.0)
    one.strength(600.0, pace)
    assert pace.per_day(600.0) == after


@given(st.floats(0.0, 500.0), st.floats(0.0, 500.0), st.floats(1.0, 1e5))
def test_more_negative_posts_are_never_weaker(heat: float, calm: float, age: float) -> None:
    low = story(heat + calm, heat).strength(age, Pace())
    high = story(heat + calm, heat + calm / 2.0).strength(age, Pace())
    assert high >= low - 0.05


@given(st.floats(0.0, 1e9), st.floats(0.0, 1e9), st.floats(-1e6, 1e9))
def test_any_age_and_size_has_a_strength(heat: float, calm: float, second: float) -> None:
    assert math.isfinite(story(heat + calm, heat).strength(second, Pace()))


@pytest.mark.parametrize(("heat", "copies"), [(-1.0, 1.0), (2.0, 1.0), (math.nan, 1.0), (1.0, math.inf)])
def test_what_cannot_be_is_refused(heat: float, copies: float) -> None:
    with pytest.raises(ValueError, match="negative posts"):
        Story(0.0).add(heat, copies)


def test_states_go_on_exactly() -> None:
    pace, one = Pace(), story(20.0, 12.0)
    one.strength(600.0, pace)
    pace_again = Pace.load(json.loads(json.dumps(pace.dump())))
    again = Story.load(json.loads(json.dumps(one.dump())))
    for each in (one, again):
        each.add(5.0, 9.0)
    assert again.strength(900.0, pace_again) == one.strength(900.0, pace)
    assert pace_again.dump() == pace.dump()


def test_a_story_is_told_by_what_is_unusual_in_it() -> None:
    big = told_story(story(80.0, 12.0), 600.0, BEGIN)
    assert "Since 00:00 one story has gathered 80 posts, 12 of them negative" in big
    assert "an ordinary one has 55 posts at this age" in big
    angry = told_story(story(15.0, 15.0), 3600.0, BEGIN)
    assert angry.endswith("gathered 15 posts, all of them negative; in an ordinary one about 8% are.")
    mixed = told_story(story(20.0, 12.0), 600.0, BEGIN)
    assert "12 of them negative; in an ordinary one about 2 of so many would be." in mixed
