"""An item's clock in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.alert import Severity
from app.domain.countdown import explained, lag, level, words
from app.domain.desk import Item, Stage
from app.i18n import set_language

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Noon of a Monday in Shanghai."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


def item(minutes_left: float = 12, **more: object) -> Item:
    plain = Item(
        mention_id=1,
        severity=Severity.P2,
        stage=Stage.OPEN,
        opened_at=NOON,
        published_at=NOON - timedelta(minutes=20),
        seen_at=NOON - timedelta(minutes=18),
        started_at=NOON - timedelta(minutes=18),
        allowed=1800,
        due_at=NOON + timedelta(minutes=minutes_left),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (item(12), "12 minutes left"),
        (item(-5), "over by 5 minutes"),
        (item(0), "over by 0 s"),
        (item(12, stage=Stage.WAITING, due_at=None), "paused"),
        (item(12, due_at=None), "no deadline"),
        (item(90), "due at 13:30"),
        (item(21 * 60 + 15), "due tomorrow morning at 9:15"),
        (item(26 * 60), "due tomorrow at 14:00"),
        (item(69 * 60), "due on 03-05 at 9:00"),
        (item(12, stage=Stage.DONE, first_response=420), "answered in 7 minutes"),
        (item(12, stage=Stage.DONE), "done"),
    ],
)
def test_what_is_left_is_said_as_a_person_would(made: Item, said: str) -> None:
    assert words(made, NOON, SHANGHAI) == said


def test_a_moment_is_said_while_more_lies_before_it_than_is_left_to_work() -> None:
    """Of an hour fifty minutes were used before lunch: due ten minutes after it."""
    late = item(70, allowed=3600, used=3000)
    assert words(late, NOON, SHANGHAI) == "due at 13:10"
    assert words(late, NOON + timedelta(minutes=60), SHANGHAI) == "10 minutes left"


@pytest.mark.parametrize(
    ("left", "warned", "is_"),
    [
        (29, 0, 0),
        (15, 0, 50),
        (14, 0, 50),
        (6, 0, 80),
        (5.9, 50, 80),
        (0, 50, 100),
        (-3, 80, 100),
        (600, 50, 50),
    ],
)
def test_the_level_is_at_least_what_the_timer_has_told(left: float, warned: int, is_: int) -> None:
    assert level(item(left, warned=warned), NOON) == is_


def test_a_clock_that_stands_is_at_no_level() -> None:
    assert level(item(-5, stage=Stage.WAITING), NOON) == 0
    assert level(item(-5, stage=Stage.DONE), NOON) == 0


def test_the_tip_tells_why_it_waits_and_how_late_it_was_seen() -> None:
    waiting = item(stage=Stage.WAITING, pause="等工程师回电", due_at=None)
    assert "等工程师回电" in explained(waiting)
    assert "2 minutes after it was published" in explained(waiting)
    assert lag(item(published_at=NOON, seen_at=NOON - timedelta(hours=1))) == timedelta(0)


def test_chinese_says_it_shortly() -> None:
    set_language("zh_CN")
    assert words(item(12), NOON, SHANGHAI) == "剩 12 分钟"
    assert words(item(-5), NOON, SHANGHAI) == "超时 5 分钟"
    assert words(item(21 * 60 + 15), NOON, SHANGHAI) == "明早 9:15 到期"
    assert words(item(stage=Stage.WAITING), NOON, SHANGHAI) == "暂停"
