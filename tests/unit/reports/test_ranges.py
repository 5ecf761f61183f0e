"""What people type for a time, and days that are not 24 hours long."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import ConfigError
from app.reports.ranges import day, parse_range, parse_when, span, week

CN = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 4, 18, 30, tzinfo=UTC)
"""Thursday 2026-11-05 02:30 in Shanghai."""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("2026-11-01", "2026-10-31T16:00", "2026-11-01T16:00"),
        ("2026/11/1", "2026-10-31T16:00", "2026-11-01T16:00"),
        ("2026-11-01T10:00", "2026-11-01T02:00", "2026-11-01T02:00"),
        ("2026-11-01 10:00:30", "2026-11-01T02:00:30", "2026-11-01T02:00:30"),
        ("2026-11-01T10:00Z", "2026-11-01T10:00", "2026-11-01T10:00"),
        ("2026-11-01T10:00+09:00", "2026-11-01T01:00", "2026-11-01T01:00"),
        ("7d", "2026-10-28T18:30", "2026-11-04T18:30"),
        ("24h", "2026-11-03T18:30", "2026-11-04T18:30"),
        ("2周", "2026-10-21T18:30", "2026-11-04T18:30"),
        ("today", "2026-11-04T16:00", "2026-11-05T16:00"),
        (" 今天 ", "2026-11-04T16:00", "2026-11-05T16:00"),
        ("Yesterday", "2026-11-03T16:00", "2026-11-04T16:00"),
        ("昨天", "2026-11-03T16:00", "2026-11-04T16:00"),
        ("本周", "2026-11-01T16:00", "2026-11-08T16:00"),
        ("上周", "2026-10-25T16:00", "2026-11-01T16:00"),
        ("now", "2026-11-04T18:30", "2026-11-04T18:30"),
    ],
)
def test_what_people_type(said: str, since: str, until: str) -> None:
    assert parse_range(said, CN, NOW) == (utc(since), utc(until))
    assert parse_when(said, CN, NOW) == utc(since)
    assert parse_when(said, CN, NOW, end=True) == utc(until)


@pytest.mark.parametrize(
    "said", ["", "  ", "soon", "2026-13-01", "2026-02-30", "20261101", "2026-11", "2026-11-01T25:00", "-7d",
             "9999w9", "0000-01-01", "9999-12-31", "²d", "1" * 500, "\x00"],
)  # fmt: skip
def test_nonsense_is_refused(said: str) -> None:
    with pytest.raises(ConfigError):
        parse_range(said, CN, NOW)


def test_span_of_a_command_line() -> None:
    assert span("2026-11-01", "2026-11-03", CN, NOW) == (utc("2026-10-31T16:00"), utc("2026-11-03T16:00"))
    assert span(None, "", CN, NOW) == (None, None)
    assert span("7d", None, CN, NOW) == (NOW - timedelta(days=7), None)
    with pytest.raises(ConfigError):
        span("2026-11-03", "2026-11-01", CN, NOW)


def test_a_day_may_have_23_hours() -> None:
    zone = ZoneInfo("Europe/Berlin")
    made = day(date(2026, 3, 29), zone)
    assert made.until - made.since == timedelta(hours=23)


@settings(deadline=None, max_examples=100)
@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_weeks_begin_on_monday_and_tile(d: date) -> None:
    made = week(d, CN)
    assert made.since.astimezone(CN).weekday() == 0
    assert made.since <= day(d, CN).since < made.until
    assert week(d + timedelta(days=7), CN).since == made.until
