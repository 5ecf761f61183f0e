"""The chip that says how much time is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pytestqt.qtbot import QtBot

from app.domain.alert import Severity
from app.domain.desk import Item, Stage
from ui.widgets import countdown

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def item(**more: Any) -> Item:
    given: dict[str, Any] = {
        "mention_id": 1,
        "severity": Severity.P2,
        "stage": Stage.OPEN,
        "opened_at": NOW,
        "published_at": NOW,
        "seen_at": NOW,
        "started_at": NOW,
        "allowed": 1800,
        "due_at": NOW + timedelta(minutes=30),
        **more,
    }
    return Item(**given)


def test_the_chip_goes_from_calm_to_red_as_time_passes(qtbot: QtBot) -> None:
    chip = countdown.Countdown(item())
    qtbot.addWidget(chip)
    seen = []
    for minutes in (0, 16, 25, 30, 35):
        chip.pass_time(NOW + timedelta(minutes=minutes))
        seen.append((chip.property("tone"), chip.text()))
    assert seen == [
        ("", "30 minutes left"),
        ("accent", "14 minutes left"),
        ("warning", "5 minutes left"),
        ("negative", "over by 0 s"),
        ("negative", "over by 5 minutes"),
    ]


def test_what_was_answered_in_time_is_green_and_what_was_late_is_not() -> None:
    assert countdown.tone(item(stage=Stage.DONE, first_response=60), NOW) == "positive"
    assert countdown.tone(item(stage=Stage.DONE, first_response=1801), NOW) == ""
    assert countdown.tone(item(stage=Stage.WAITING, due_at=None), NOW) == ""


def test_the_reason_of_a_pause_is_harmless_as_a_tool_tip(qtbot: QtBot) -> None:
    chip = countdown.Countdown(item(stage=Stage.WAITING, pause="<img src=x>等\u202e"))
    qtbot.addWidget(chip)
    assert "<" not in chip.toolTip()
    assert "\u202e" not in chip.toolTip()
    assert "等" in chip.toolTip()
