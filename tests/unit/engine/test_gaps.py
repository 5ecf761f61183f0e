"""What became of a time in which a source was not read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.domain.seeing import Outcome
from app.engine.gaps import Fate, fate, was_away
from app.engine.sight import Took

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
END = START + timedelta(hours=10)


def test_a_program_that_was_off_was_away_and_one_that_polls_was_not() -> None:
    assert not was_away(None, END, 60)
    assert not was_away(END - timedelta(seconds=500), END, 60)
    assert was_away(END - timedelta(seconds=700), END, 60)
    assert not was_away(END - timedelta(hours=1), END, 1800)
    assert was_away(END - timedelta(hours=2), END, 1800)


def test_a_platform_that_can_be_read_back_misses_nothing() -> None:
    assert fate(START, END, Took(new=5, fresh=5, oldest=END), 86_400) == Fate(Outcome.FILLED)
    assert fate(START, END, Took(), 3600).outcome is Outcome.UNSEEN


def test_a_page_that_shows_something_known_or_older_reaches_over_the_gap() -> None:
    for took in (
        Took(new=5, fresh=6),
        Took(new=5, fresh=5, listed=20),
        Took(listed=20),
        Took(new=1, fresh=1, oldest=START - timedelta(minutes=1)),
    ):
        assert fate(START, END, took, 0) == Fate(Outcome.FILLED)


def test_a_full_page_of_new_posts_leaves_a_hole_before_its_oldest() -> None:
    oldest = START + timedelta(hours=6)
    took = Took(new=20, fresh=20, listed=20, oldest=oldest)
    assert fate(START, END, took, 0) == Fate(Outcome.PARTLY, oldest)


def test_nothing_came_and_nobody_knows() -> None:
    assert fate(START, END, Took(), 0) == Fate(Outcome.UNSEEN, END)
    assert fate(START, END, Took(listed=0), 0) == Fate(Outcome.UNSEEN, END)
