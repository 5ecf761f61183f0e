"""Does a source that answers really show what is there?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.rhythm import WEEK, Rhythm
from app.domain.seeing import Cause
from app.engine.sight import Sight, Sign, Took, after_poll, need, patience, sign

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVERY = 300.0
BUSY = Rhythm((1.0,) * WEEK, (1.0, 1.0, 1.0), 0)
"""Twenty-four a day."""


class Polls:
    """A source polled every five minutes."""

    def __init__(self, rhythm: Rhythm | None = BUSY) -> None:
        self.now, self.sight, self.rhythm = NOW, Sight(), rhythm

    def poll(self, took: Took, times: int = 1) -> Sign | None:
        found = None
        for _time in range(times):
            self.now += timedelta(seconds=EVERY)
            self.sight = after_poll(self.sight, took, self.now, self.rhythm)
            found = sign(self.sight, self.now, EVERY, self.rhythm, None)
            self.sight = replace(self.sight, blind=found.cause if found else None)
        return found


def test_a_page_of_the_newest_that_is_suddenly_empty_is_noticed_at_the_second_poll() -> None:
    polls = Polls()
    assert polls.poll(Took(new=1, fresh=1, listed=20), 100) is None
    assert polls.poll(Took(listed=0)) is None
    found = polls.poll(Took(listed=0))
    assert found is not None
    assert found.cause is Cause.EMPTY
    assert polls.poll(Took(listed=20)) is None


def test_the_second_outage_of_such_a_page_is_noticed_as_soon() -> None:
    polls = Polls()
    polls.poll(Took(new=1, fresh=1, listed=20), 100)
    polls.poll(Took(listed=0), 50)
    polls.poll(Took(new=1, fresh=1, listed=20), 20)
    assert polls.poll(Took(listed=0)) is None
    assert polls.poll(Took(listed=0)) is not None


def test_a_page_that_is_empty_now_and_then_needs_a_longer_row() -> None:
    polls = Polls()
    for _time in range(30):
        polls.poll(Took(new=1, fresh=1, listed=20), 10)
        assert polls.poll(Took(listed=0)) is None
    assert polls.poll(Took(listed=0), 2) is None
    assert polls.poll(Took(listed=0), 2) is not None


def test_a_new_source_is_given_time() -> None:
    polls = Polls()
    polls.poll(Took(new=1, fresh=1, listed=20), 19)
    assert polls.poll(Took(listed=0), 60) is None


def test_a_page_that_shrinks_with_the_hour_may_be_empty_at_night() -> None:
    quiet = Rhythm(tuple(0.02 if hour % 24 < 7 else 1.5 for hour in range(WEEK)), (1.0,) * 3, 0)
    polls = Polls(quiet)
    polls.now = NOW.replace(hour=20)
    for listed in (12, 9, 7, 5, 3, 2, 1):
        polls.poll(Took(new=1, fresh=1, listed=listed), 60)
    polls.now = datetime(2026, 3, 5, 0, 5, tzinfo=UTC)
    polls.sight = replace(polls.sight, new_at=polls.now)
    assert polls.poll(Took(listed=0), 40) is None
    polls.now = datetime(2026, 3, 5, 12, 5, tzinfo=UTC)
    assert polls.poll(Took(listed=0)) is not None


def test_unchanged_says_nothing_about_emptiness() -> None:
    polls = Polls()
    polls.poll(Took(new=1, fresh=1, listed=20), 100)
    polls.poll(Took(listed=0))
    assert polls.poll(Took(), 3) is None
    assert polls.poll(Took(listed=0)) is not None


def test_silence_is_told_when_chance_no_longer_explains_it() -> None:
    polls = Polls()
    polls.poll(Took(new=1, fresh=1), 300)
    waited = patience(polls.sight, BUSY, polls.now)
    assert waited is not None
    assert 10 * 3600 < waited < 24 * 3600  # ten to twenty-four mentions
    assert polls.poll(Took(), int(waited / EVERY) - 2) is None
    found = polls.poll(Took(), 4)
    assert found is not None
    assert (found.cause, found.came) == (Cause.SILENT, 0)
    assert found.expected > 10
    assert polls.poll(Took(new=1, fresh=1)) is None


def test_a_trickle_where_a_stream_was_is_told() -> None:
    day = NOW + timedelta(days=1)
    sight = Sight(first_at=NOW - timedelta(days=30), new_at=day)
    assert sign(sight, day, EVERY, BUSY, 20) is None
    found = sign(sight, day, EVERY, BUSY, 2)
    assert found is not None
    assert (found.cause, found.came) == (Cause.SILENT, 2)


def test_the_more_a_source_brings_the_stranger_silence_must_be() -> None:
    assert need(Rhythm((10.0,) * WEEK, (1.0,) * 3, 0)) > need(BUSY)


def test_half_unreadable_where_nothing_was() -> None:
    polls = Polls()
    polls.poll(Took(new=2, fresh=2, listed=20), 50)
    assert polls.poll(Took(new=1, fresh=1, listed=20, skipped=2)) is None
    found = polls.poll(Took(listed=20, skipped=15), 3)
    assert found is not None
    assert found.cause is Cause.SKIPPED
    assert polls.poll(Took(new=2, fresh=2, listed=20), 3) is None


def test_a_lost_canary_is_told_at_the_second_look() -> None:
    sight = Sight(first_at=NOW, canary_seen_at=NOW, canary_missed=1)
    assert sign(sight, NOW, EVERY, None, None) is None
    found = sign(replace(sight, canary_missed=2), NOW, EVERY, None, None)
    assert found == Sign(Cause.CANARY, NOW)


def test_the_delay_of_a_source_is_no_silence() -> None:
    late = Sight(first_at=NOW - timedelta(days=9))
    for hour in range(200):
        now = NOW + timedelta(hours=hour)
        late = after_poll(late, Took(new=1, fresh=1, newest=now - timedelta(hours=2)), now)
    assert late.lag == pytest.approx(7200, rel=0.01)
    assert after_poll(late, Took(new=9, newest=NOW - timedelta(days=20)), now).lag == late.lag


MOMENT = st.none() | st.integers(0, 10**9).map(lambda seconds: NOW + timedelta(seconds=seconds))


@given(
    st.builds(
        Sight, first_at=MOMENT, new_at=MOMENT, lag=st.none() | st.floats(0, 1e5),
        listings=st.integers(0, 10**6), least=st.integers(0, 100),
        usual=st.floats(0, 1e4), streak=st.integers(0, 99), empty_at=MOMENT,
        worst=st.floats(0, 99), items=st.floats(0, 1e4), canary_at=MOMENT, canary_missed=st.integers(0, 9),
        blind=st.none() | st.sampled_from(list(Cause)), blind_at=MOMENT,
    )
)  # fmt: skip
def test_it_is_kept_as_it_was(one: Sight) -> None:
    kept = Sight.load(one.dump())
    assert replace(kept, lag=kept.lag or 0.0) == replace(one, lag=one.lag or 0.0)


@given(
    st.text() | st.sampled_from(['{"lag": "x", "least": [1], "blind": "?", "first_at": 7, "z": 1}', "[]"])
)
def test_what_cannot_be_read_is_forgotten(kept: str) -> None:
    assert isinstance(Sight.load(kept), Sight)


def test_a_source_that_brings_a_days_posts_in_one_go_is_not_blind_between() -> None:
    polls = Polls()
    told = []
    for _day in range(12):
        told.append(polls.poll(Took(), 280))
        told.append(polls.poll(Took(new=24, fresh=24)))
    assert sum(found is not None for found in told) <= 1, "it may be told once, and is learnt from"
    assert polls.poll(Took(), 280) is None
    assert polls.poll(Took(), 280) is not None, "a day left out is told"


def test_what_was_a_gap_of_ours_is_no_lull() -> None:
    sight = Sight(first_at=NOW, new_at=NOW)
    later = NOW + timedelta(hours=8)
    assert after_poll(sight, Took(new=1), later).lull == 0
    assert after_poll(sight, Took(new=1), later, BUSY).lull == pytest.approx(8.0)
