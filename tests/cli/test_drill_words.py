"""What the drill says in words at its end, from figures that are given."""

from __future__ import annotations

import pytest

from app.cli.drill import words
from app.drill.figures import Alarm, Blindness, Figures, as_json, in_short
from app.i18n import set_language


def alarm(minute: float, kind: str, title: str, *, crisis: bool) -> Alarm:
    return Alarm(minute=minute, kind=kind, severity="P2", title=title, crisis=crisis)


FIRST = alarm(4.0, "mention", "P1 云雀: fire", crisis=True)
GIVEN = Figures(
    scenario="ours",
    title="自编",
    history=60,
    played=90,
    mentions=40,
    negative=21,
    unmatched=2,
    alerts=5,
    listed=1,
    to_first_alarm=4.04,
    first_alarm=FIRST,
    to_first_incident=None,
    first_incident=None,
    copies=12,
    folded=11,
    wrongly_folded=1,
    campaign=True,
    false_alarms=(alarm(-30.2, "incident", "P2 云雀\n\x1b[31m", crisis=False),),
    blind=(
        Blindness(
            channel="weibo",
            begin=20,
            end=50,
            noticed=24.5,
            gap_begin=19,
            gap_end=55.5,
            missed=9,
            backfilled=8,
        ),
        Blindness(
            channel="news",
            begin=60,
            end=70,
            noticed=None,
            gap_begin=None,
            gap_end=None,
            missed=0,
            backfilled=0,
        ),
    ),
    to_first_claim=6.0,
    to_first_reply=None,
    read=42,
    lost=1,
    twice=0,
)


def test_words_say_what_was_found() -> None:
    told = "\n".join(words(GIVEN))
    for said in (
        "40 mentions, 21 negative; 5 alerts",
        "First alarm 4.0 minutes after the first post: P1 云雀: fire",
        "1 false alarm.",
        "minute -30, an incident",
        "11 of 12",
        "hint of a campaign",
        "noticed after 4.5 minutes, 8 of 9 posts",
        "news was out from minute 60 to 70, which was not noticed",
        "First claim after 6.0 minutes",
        "Posts read: 42; lost: 1; stored twice: 0",
    ):
        assert said in told
    assert "First incident" not in told
    assert "First reply" not in told


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_banner_is_short(language: str) -> None:
    set_language(language)
    told = in_short(GIVEN)
    assert "11" in told
    assert "\n" not in told
    assert len(told) < 140


def test_the_object_names_minutes_and_nulls() -> None:
    told = as_json(GIVEN)
    assert told["minutes_to_first_alarm"] == 4.0
    assert told["minutes_to_first_incident"] is None
    assert told["false_alarms"][0]["minute"] == -30.2
    assert told["blind"][0]["noticed_after_minutes"] == 4.5
    assert told["blind"][1]["noticed_after_minutes"] is None
