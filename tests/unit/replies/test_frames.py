"""What stands around an entry's answer: whole sentences whatever is known, and nothing forbidden."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from app.analysis.lists import Phrases, load
from app.domain.draft import Manner
from app.domain.knowledge import Entry
from app.domain.mention import Author, Hit, Mention, Stored
from app.domain.sentiment import Tone
from app.replies import compose, forbidden
from app.replies.templates import VARIABLE, VARIABLES, frames, variables

FIND = Phrases.of(*load("forbidden", None)).find
NOW = datetime(2026, 11, 30, tzinfo=UTC)
ENTRY = Entry(id=3, title="怎么办", answer="先关机。\n再开机。", link="https://help.example/3")


def stored(**more: object) -> Stored:
    mention = Mention(
        platform="weibo", native_id="1", url="", text="云雀怎么办", author=Author(name="小林")
    )
    return Stored(
        **{
            "id": 9, "mention": mention, "source_id": 1, "source": "x", "published_at": NOW, "dated": True,
            "fetched_at": NOW, "hits": (Hit(1, "云雀", False),), **more,
        }
    )  # fmt: skip


@pytest.mark.parametrize("manner", Manner)
@pytest.mark.parametrize("occasion", ["question", "complaint", "safety"])
def test_every_frame_holds_the_answer_and_known_variables(occasion: str, manner: Manner) -> None:
    body = frames()[occasion][manner]
    assert variables(body).count("answer") == 1
    assert set(variables(body)) <= {*VARIABLES, "answer"}
    assert forbidden.check(VARIABLE.sub("", body), FIND) == ()


@pytest.mark.parametrize("manner", Manner)
@pytest.mark.parametrize("complaint", ["general", "quality", "safety"])
def test_whatever_is_missing_the_text_is_whole(manner: Manner, complaint: str) -> None:
    for issue, channel, agent in product(("", "充电发热"), ("", "400-000-0000"), ("", "小周")):
        context = compose.Context(complaint=complaint, issue=issue, channel=channel, agent=agent)
        text = compose.from_entry(stored(), ENTRY, manner, context).text
        assert ENTRY.answer in text
        assert not set("{}[]") & set(text)
        assert "“”" not in text
        assert "，，" not in text
        assert "\n\n" not in text


def test_the_occasion_is_told_from_the_post() -> None:
    def opening(**more: object) -> str:
        complaint = str(more.pop("complaint", "general"))
        context = compose.Context(complaint=complaint)
        return compose.from_entry(stored(**more), ENTRY, Manner.FORMAL, context).text

    assert "歉" not in opening()
    assert "歉" not in opening(tone=Tone.NEUTRAL, complaint="quality")
    assert "歉" in opening(tone=Tone.NEGATIVE)
    assert "歉" in opening(complaint="delivery")
    assert "停止使用" in opening(severity=("fire",))
    assert "停止使用" in opening(complaint="safety", tone=Tone.POSITIVE)


def test_a_link_the_answer_names_is_not_named_twice() -> None:
    entry = Entry(
        id=3, title="怎么办", answer="见 https://help.example/3 。", link="https://help.example/3"
    )
    text = compose.from_entry(
        stored(), entry, Manner.WARM, compose.Context(link="https://other.example")
    ).text
    assert text.count("https://") == 1
