"""Shifts as they are typed and as they are said."""

from __future__ import annotations

import pytest

from app.domain.desk import Limit
from app.domain.people import Calendar, Shift
from app.domain.roster import calendar_words, days_words, read_shift, shift_words, where_words
from app.errors import ConfigError
from app.i18n import set_language


@pytest.mark.parametrize(
    ("typed", "shift"),
    [
        ("1-5 09:00-12:00", Shift(days=(1, 2, 3, 4, 5), start="09:00", end="12:00")),
        (" 6,7  9:30 – 17:00 holidays", Shift(days=(6, 7), start="09:30", end="17:00", holidays=True)),
        ("1,3-4 22:00-6:00", Shift(days=(1, 3, 4), start="22:00", end="06:00")),
        ("7 13:30至18:00", Shift(days=(7,), start="13:30", end="18:00")),
    ],
)
def test_a_shift_is_read(typed: str, shift: Shift) -> None:
    assert read_shift(typed) == shift


@pytest.mark.parametrize(
    "typed",
    [
        "", "1-5", "09:00-12:00", "0-5 09:00-12:00", "5-1 09:00-12:00", "1-8 09:00-12:00", "Mon 9-12",
        "x" * 9999,
    ],
)  # fmt: skip
def test_what_is_no_shift_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_shift(typed)
    assert caught.value.field == "shifts"
    assert len(caught.value.text) < 200


def test_days_and_shifts_are_said_as_people_do() -> None:
    said = [days_words(days) for days in [(1, 2, 3, 4, 5), (6, 7), (1, 3, 4, 5), range(1, 8), (9,)]]
    assert said == ["Mon–Fri", "Sat, Sun", "Mon, Wed–Fri", "every day", ""]
    night = Shift(days=(5,), start="22:00", end="06:00", holidays=True)
    assert shift_words(night) == "Fri 22:00–06:00 the next day, also on holidays"
    assert calendar_words(Calendar()) == "day and night, every day"
    set_language("zh_CN")
    assert shift_words(Shift(days=(1, 2, 3, 4, 5), start="09:00", end="18:00")) == "周一至周五 09:00–18:00"


def test_what_a_line_is_about_is_named() -> None:
    said = [
        where_words(Limit(where=one), {3: "论坛"})
        for one in ("", "@forums", "weibo", "source:3", "source:4", "?x")
    ]
    assert said == ["Everything else", "Forums and boards", "Weibo", "Source “论坛”", "Source “4”", "?x"]
