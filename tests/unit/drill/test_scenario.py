"""The shipped drill is what the product says of it; a broken one is refused in words."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from app.domain.sentiment import Tone
from app.drill.loading import load
from app.drill.scenario import CHANNELS, PHASES, Event, Growth, Scenario
from app.errors import ConfigError

S2T = OpenCC("t2s")


def folded(event: Event) -> str:
    text = S2T.convert(unicodedata.normalize("NFKC", event.title + event.text)).casefold()
    return "".join(char for char in text if char.isalnum())


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load()


def test_at_least_420_distinct_texts(scenario: Scenario) -> None:
    own = [event for event in scenario.events if not event.copy_of]
    assert len({folded(event) for event in own}) >= 420
    assert len({folded(event) for event in own}) == len(own)
    assert sum(bool(event.copy_of) for event in scenario.events) >= 25


def test_variety(scenario: Scenario) -> None:
    lengths = [len(event.text) for event in scenario.events]
    assert min(lengths) < 15
    social = [event for event in scenario.events if event.channel != "appstore"]
    assert min(len(event.title + event.text) for event in social) >= 8
    assert max(lengths) <= 300
    assert sum(length > 100 for length in lengths) >= 20
    assert {event.channel for event in scenario.events} == set(CHANNELS)
    assert {event.phase for event in scenario.events} == set(PHASES) - {"praise"}
    chatter = [event.label for event in scenario.events if event.at < 0]
    assert min(chatter.count(tone) for tone in Tone) >= 30


def test_the_day_before_has_a_rhythm(scenario: Scenario) -> None:
    chatter = [event for event in scenario.events if event.at < 0]
    assert len(chatter) >= 200
    assert min(event.at for event in chatter) < -1300


def test_a_severe_post_comes_within_ten_minutes(scenario: Scenario) -> None:
    early = [event for event in scenario.due(10) if event.at >= 0 and event.label is Tone.NEGATIVE]
    assert any(word in event.text for event in early for word in ("烫伤", "起火", "冒烟"))


def test_brand_words(scenario: Scenario) -> None:
    """Own and competitor posts name their brand; the bird never does once exclusions are taken out."""
    own, other = scenario.brands
    assert (own.competitor, other.competitor) == (False, True)
    for event in scenario.events:
        text = S2T.convert(event.title + event.text)
        if event.about == "competitor":
            assert other.name in text
        elif event.about == "own" and event.channel != "appstore":
            assert own.name in text or "X2 Pro" in text
        elif event.about == "other":
            for phrase in own.exclusions:
                text = text.replace(phrase, "")
            assert own.name not in text


def test_copies_stand_near_what_they_copy(scenario: Scenario) -> None:
    for event in scenario.events:
        if event.copy_of:
            first = scenario.event(event.copy_of)
            assert first is not None
            assert first.at < event.at
            a, b = folded(first), folded(event)
            grams = {a[i : i + 3] for i in range(len(a) - 2)}
            mine = {b[i : i + 3] for i in range(len(b) - 2)}
            assert len(grams & mine) / min(len(grams), len(mine)) > 0.55


def test_due_is_a_growing_prefix(scenario: Scenario) -> None:
    assert scenario.due(-2000) == ()
    assert scenario.due(10_000) == scenario.events
    for minutes in (-700.0, 0.0, 36.0, 90.0):
        assert all(event.at <= minutes for event in scenario.due(minutes))
        assert len(scenario.due(minutes)) == sum(event.at <= minutes for event in scenario.events)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10**7), st.floats(0.1, 1000), st.floats(-10, 10_000), st.floats(0, 1000))
def test_counts_never_fall_nor_pass_the_final(likes: int, half: float, at: float, later: float) -> None:
    growth = Growth(likes=likes, half=half)
    assert 0 <= growth.after(at)[0] <= growth.after(at + later)[0] <= likes


def post(**change: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": "a1", "at": 1, "channel": "weibo", "phase": "outbreak", "label": "negative",
        "author": {"name": "某人", "id": "1"}, "text": "云雀手机烫", "counts": {"likes": 3, "half": 5},
    }  # fmt: skip
    made.update(change)
    return {key: value for key, value in made.items() if value is not None}


def folder(tmp_path: Path, posts: object, **head: Any) -> Path:
    whole = {
        "name": "own", "title": "own", "length": 10, "parts": ["posts.json"],
        "brands": [{"name": "云雀", "query": "云雀", "competitor": False}],
        "app": {"id": "10001", "name": "a", "bundle": "b", "version": "1", "country": "cn"},
    } | head  # fmt: skip
    (tmp_path / "own.json").write_text(json.dumps(whole), encoding="utf-8")
    (tmp_path / "posts.json").write_text(json.dumps(posts), encoding="utf-8")
    return tmp_path


def test_own_scenario(tmp_path: Path) -> None:
    scenario = load("own", folder(tmp_path, [post(id="b", at=5), post()]))
    assert [event.id for event in scenario.events] == ["a1", "b"]


@pytest.mark.parametrize(
    "posts",
    [
        [], {}, [3],
        [post(text="")], [post(text=None)], [post(at=-20_161)], [post(at="1")], [post(at=True)],
        [post(channel="fax")],
        [post(phase="x")], [post(label="angry")], [post(), post()], [post(id="../x")],
        [post(copy_of="zz")], [post(rating=5)], [post(channel="appstore")], [post(author={"name": "x"})],
        [post(author=None)],
        [post(counts={"likes": -1, "half": 1})], [post(counts={"likes": 1, "half": 0})],
        [post(channel=["weibo"])], [post(at=float("nan"))],
    ],
)  # fmt: skip
def test_broken_posts_are_refused_in_words(tmp_path: Path, posts: object) -> None:
    with pytest.raises(ConfigError) as caught:
        load("own", folder(tmp_path, posts))
    assert len(caught.value.text) > 15


@pytest.mark.parametrize(
    "head", [{"parts": ["../x"]}, {"parts": ["no.json"]}, {"brands": 3}, {"app": {}}, {"length": 0}]
)
def test_broken_head_is_refused(tmp_path: Path, head: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        load("own", folder(tmp_path, [post()], **head))


@pytest.mark.parametrize("name", ["none", "../overheating", "", "a/b", "x" * 99])
def test_no_such_drill(name: str) -> None:
    with pytest.raises(ConfigError):
        load(name)


def test_not_json(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(ConfigError):
        load("own", tmp_path)
