"""Values to write: mentions of every shape and a week's figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from app.domain.mention import Author, Counts, Hit, Mention, Status, Stored
from app.domain.query import MentionQuery, Tally
from app.domain.report import BrandLine, DayLine, PlatformLine, ReportData
from app.domain.seeing import GapLine
from app.domain.sentiment import Score, Tone

SHANGHAI = timezone(timedelta(hours=8))
START = datetime(2026, 10, 25, 16, 0, tzinfo=UTC)


def tally(negative: int, neutral: int, positive: int, unscored: int = 0) -> Tally:
    return Tally(
        total=negative + neutral + positive + unscored,
        negative=negative, neutral=neutral, positive=positive, unscored=unscored,
    )  # fmt: skip


@pytest.fixture
def tz() -> timezone:
    return SHANGHAI


@pytest.fixture
def stored() -> Callable[..., Stored]:
    def make(id: int = 1, text: str = "云雀充电烫手[怒]", **change: Any) -> Stored:
        score = Score(
            value=0.07,
            tone=Tone.NEGATIVE,
            engine="e",
            version="1",
            negative=0.9,
            neutral=0.07,
            positive=0.03,
        )
        mention = Mention(
            platform="weibo", native_id=str(id), url=change.pop("url", f"https://weibo.com/1/{id}"),
            text=text, title=change.pop("title", ""),
            author=Author(name=change.pop("author", "阿树不是树"), followers=1316, verified=False),
            counts=Counts(likes=860, comments=412), rating=change.pop("rating", None),
        )  # fmt: skip
        values: dict[str, Any] = {
            "id": id, "mention": mention, "source_id": 1, "source": "微博关键词", "dated": True,
            "published_at": START + timedelta(hours=id % 160), "fetched_at": START,
            "hits": (Hit(1, "云雀", False),), "score": score, "tone": Tone.NEGATIVE,
            "severity": ("fire", "unknown_cue"), "status": Status.ANSWERED, "status_by": "小林",
            "answer": "已联系",
        }  # fmt: skip
        return Stored(**(values | change))

    return make


@pytest.fixture
def report() -> Callable[..., ReportData]:
    def make(**change: Any) -> ReportData:
        days = tuple(
            DayLine(day=date(2026, 10, 26) + timedelta(days=n), tally=tally(4 + n * n, 20 + n, 11, n % 2))
            for n in range(7)
        )
        values: dict[str, Any] = {
            "query": MentionQuery(brands=(1, 2), tones=(Tone.NEGATIVE,), text="充电"),
            "since": START, "until": START + timedelta(days=7),
            "made_at": START + timedelta(days=7, hours=1),
            "tally": tally(119, 161, 77, 3), "previous": tally(40, 150, 90),
            "brands": (
                BrandLine(brand_id=1, brand="云雀", competitor=False, tally=tally(110, 120, 60),
                          previous=tally(30, 120, 70), share_of_voice=0.806),
                BrandLine(brand_id=2, brand="山岚", competitor=True, tally=tally(9, 41, 17, 3),
                          previous=Tally(), share_of_voice=0.194),
            ),
            "days": days,
            "platforms": (PlatformLine(platform="weibo", tally=tally(90, 100, 50)),
                          PlatformLine(platform="appstore", tally=tally(29, 61, 27, 3))),
            "answered": 31, "median_answer_minutes": 42.0, "alerts": 12,
            "gaps": (GapLine(source="论坛", since=START, until=START + timedelta(hours=3), reason="503"),),
        }  # fmt: skip
        return ReportData(**(values | change))

    return make


@pytest.fixture
def empty(report: Callable[..., ReportData]) -> ReportData:
    none = Tally()
    return report(
        query=MentionQuery(), tally=none, previous=none, brands=(), days=(), platforms=(), answered=0,
        median_answer_minutes=None, alerts=0, gaps=(),
    )  # fmt: skip
