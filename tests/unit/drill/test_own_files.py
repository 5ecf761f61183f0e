"""A team's own scenario file: what is wrong is said with its place and field, what is right plays alike."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.drill.loading import find, load, shipped
from app.drill.making import HOW, changed
from app.drill.scenario import Scenario
from app.errors import ConfigError

GOOD: dict[str, Any] = {
    "format": 2,
    "name": "ours",
    "title": "我们的演练",
    "length": 60,
    "starts": "09:30",
    "seed": 5,
    "brands": [{"name": "云雀", "query": "云雀"}],
    "app": {"id": "900000001", "name": "云雀", "bundle": "cn.example.a", "version": "1"},
    "outages": [{"channel": "weibo", "from": 5, "to": 20, "how": "html"}],
    "words": {
        "brand": ["云雀"],
        "fault": ["充电烫得拿不住手", "屏幕闪个不停", "半夜自己重启三次", "信号一格都没有", "按键松得要掉"],
        "anger": ["，气死我了", "，客服装死", "，要求退款！", "，太失望了", "，再也不买"],
        "name": ["阿树", "小棠", "木木"],
    },
    "crowds": [
        {"id": "talk", "phase": "chatter", "label": "neutral", "channel": "weibo", "from": -180, "to": 60,
         "per_hour": [6] * 24, "texts": ["{brand}第{d3}号{fault}吗"],
         "people": {"names": ["{name}{d2}"], "followers": [1, 500]}},
        {"id": "bad", "phase": "spread", "label": "negative", "channel": "forum", "from": 1, "to": 50,
         "n": 12, "shape": "rise", "titles": ["{brand}"], "texts": ["{brand}{fault}{anger}"],
         "people": {"names": ["{name}{d3}"]}},
    ],
    "posts": [
        {"id": "p1", "at": 0, "phase": "outbreak", "channel": "weibo", "label": "negative",
         "author": {"name": "阿树", "id": "1", "followers": 3}, "text": "云雀手机充电冒烟，客服说没见过"},
    ],
    "copies": [
        {"id": "c", "of": "p1", "n": 20, "from": 2, "to": 40, "how": ["emoji", "at", "edits"],
         "people": {"names": ["用户{d5}"]}},
    ],
}  # fmt: skip


def written(folder: Path, document: object) -> str:
    path = folder / "ours.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def changed_by(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = deepcopy(GOOD)
    change(document)
    return document


def test_a_file_of_ones_own_is_found_by_its_path(tmp_path: Path) -> None:
    scenario = find(written(tmp_path, GOOD))
    assert scenario.title == "我们的演练"
    assert scenario.begin == -180
    assert scenario.starts == 570
    assert scenario.outbreak == 0
    assert sum(event.copy_of == "p1" for event in scenario.events) == 20
    assert sum(event.id.startswith("bad-") for event in scenario.events) == 12
    assert [event.at for event in scenario.events] == sorted(event.at for event in scenario.events)


def test_the_same_file_gives_the_same_posts_and_another_seed_others(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    first = find(path)
    assert find(path) == first
    other = find(written(tmp_path, changed_by(lambda document: document.update(seed=6))))
    assert [event.text for event in other.events] != [event.text for event in first.events]


def test_what_comes_before_leaves_the_earlier_crowds_alone(tmp_path: Path) -> None:
    def crowd(scenario: Scenario) -> list[tuple[float, str]]:
        return [(event.at, event.text) for event in scenario.events if event.id.startswith("talk-")]

    before = crowd(find(written(tmp_path, GOOD)))
    after = crowd(find(written(tmp_path, changed_by(lambda document: document["crowds"][1].update(n=3)))))
    assert after == before


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d.pop("title"), ["ours.json", "title"]),
        (lambda d: d.update(length="long"), ["length"]),
        (lambda d: d.update(lenght=5), ["lenght", "length"]),
        (lambda d: d.update(starts="25:00"), ["starts"]),
        (lambda d: d.update(format=9), ["format"]),
        (lambda d: d.update(seed=1.5), ["seed"]),
        (lambda d: d.update(own_sources="yes"), ["own_sources"]),
        (lambda d: d["brands"][0].update(query="(云雀"), ["brands", "item 1", "query"]),
        (lambda d: d["brands"][0].update(competitor=True), ["brands"]),
        (lambda d: d.update(brands=[]), ["brands"]),
        (lambda d: d["app"].update(id="x"), ["app", "id"]),
        (lambda d: d["app"].update(country="CHN"), ["app", "country"]),
        (lambda d: d["posts"][0].update(lable="neutral"), ["posts", "item 1", "lable"]),
        (lambda d: d["posts"][0].update(text="a\x00b"), ["posts", "item 1", "text"]),
        (lambda d: d["posts"][0].update(text="\ud800"), ["posts", "item 1", "text"]),
        (lambda d: d["posts"][0].update(at=float("nan")), ["posts", "item 1", "at"]),
        (lambda d: d["posts"][0].update(at=10**400), ["posts", "item 1", "at"]),
        (lambda d: d["posts"][0]["author"].update(followers=-1), ["author", "followers"]),
        (lambda d: d["posts"][0].update(platform="微博"), ["platform"]),
        (lambda d: d["posts"].append(3), ["posts", "item 2"]),
        (lambda d: d["posts"].append(d["posts"][0]), ["p1"]),
        (lambda d: d["crowds"][1].pop("n"), ["crowds", "item 2", "n"]),
        (lambda d: d["crowds"][1].update(shape="round"), ["crowds", "item 2", "shape"]),
        (lambda d: d["crowds"][1].update(to=0.5), ["crowds", "item 2", "to"]),
        (lambda d: d["crowds"][1].update(n=4000), ["crowds", "item 2"]),
        (lambda d: d["crowds"][1].update(texts=["{brand}{nobody}"]), ["crowds", "item 2", "nobody"]),
        (lambda d: d["crowds"][0].update(per_hour=[1, 2]), ["crowds", "item 1", "per_hour"]),
        (lambda d: d["crowds"][0].update(ratings=[1, 5]), ["crowds", "item 1", "ratings"]),
        (lambda d: d["crowds"][0]["people"].update(followers=[9, 1]), ["people", "followers"]),
        (lambda d: d["words"].update(fault=["{fault}"]), ["crowds"]),
        (lambda d: d["words"].update(fault=[]), ["words", "fault"]),
        (lambda d: d["copies"][0].update(how=["shout"]), ["copies", "item 1", "how"]),
        (lambda d: d["copies"][0].update(of="p9"), ["copies", "item 1", "of"]),
        (lambda d: d["copies"][0].update({"from": -5}), ["copies", "item 1", "from"]),
        (lambda d: d["copies"][0].update(channels=["appstore"]), ["copies", "item 1", "channels"]),
        (lambda d: d["outages"][0].update(how=200), ["outages", "item 1", "how"]),
        (lambda d: d["outages"][0].update(to=5), ["outages", "item 1", "to"]),
        (lambda d: d.update(include=["../everyday"]), ["everyday"]),
        (lambda d: d.update(include=["nobody"]), ["nobody", "everyday"]),
        (lambda d: d.update(parts=["../../etc/passwd"]), ["passwd"]),
        (lambda d: d.update(parts=["missing.json"]), ["missing.json"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], named: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        find(written(tmp_path, changed_by(change)))
    for name in named:
        assert name in caught.value.text
    assert "\n" not in caught.value.text


def test_what_is_not_json_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{\n "name": "x",\n "title" 3\n}', encoding="utf-8")
    with pytest.raises(ConfigError, match="line 3"):
        find(str(path))
    for body in (b"\xff\xfe\x00", b"[" * 100_000, b"", b"9" * 5000, b"[]", b'{"name": "x"}'):
        path.write_bytes(body)
        with pytest.raises(ConfigError, match=r"broken\.json"):
            find(str(path))
    with pytest.raises(ConfigError, match=r"broken\.json"):
        find(str(tmp_path / "folder" / "broken.json"))
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match=r"broken\.json"):
        find(str(path))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)


def places(value: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    pairs = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    return [at, *(place for key, inner in pairs for place in places(inner, (*at, key)))]


PLACES = [place for place in places(GOOD) if place]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), junk=JUNK)
def test_junk_anywhere_is_refused_in_words_or_plays(
    tmp_path: Path, place: tuple[Any, ...], junk: Any
) -> None:
    document: Any = deepcopy(GOOD)
    inside = document
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = junk
    path = written(tmp_path, document)
    with contextlib.suppress(ConfigError):
        assert find(path).events


@settings(max_examples=200)
@given(
    text=st.text(st.sampled_from("今天真的没有，大家因为手机。！？abc\n 😀"), max_size=80),
    ways=st.lists(st.sampled_from(HOW), max_size=4),
    seed=st.integers(0, 1000),
)
def test_a_copy_is_the_same_for_the_same_seed(text: str, ways: list[str], seed: int) -> None:
    import random

    first = changed(text, ways, "阿树", random.Random(seed))
    assert changed(text, ways, "阿树", random.Random(seed)) == first
    if not set(ways) - {"same"}:
        assert first == text


@pytest.mark.parametrize("name", shipped())
def test_what_is_shipped_can_be_read_and_is_small(name: str) -> None:
    from importlib.resources import files

    scenario = load(name)
    assert scenario.name == name
    assert scenario.about
    assert (files("resources") / "drill" / f"{name}.json").stat().st_size < 60_000  # type: ignore[attr-defined]
    assert scenario.begin <= -1440
    assert len({event.id for event in scenario.events}) == len(scenario.events)
    before = [event for event in scenario.events if event.at < 0]
    assert len(before) >= 200
    assert not any(event.crisis for event in before)


def test_the_scenarios_that_docs_promise() -> None:
    assert {"overheating", "slow-burn", "flash", "good-news", "copy-campaign", "outage"} <= set(shipped())
    assert load("good-news").outbreak is None
    assert sum(bool(event.copy_of) for event in load("copy-campaign").events) >= 300
    assert load("outage").outages


def test_posts_of_a_crowd_share_no_two_clauses() -> None:
    """Templates must not make near twins, which would fold into stories that nobody scripted."""
    texts = [event.text for event in load("slow-burn").events if event.id.startswith("lock-")]
    clauses = [set(text.replace("。", "，").split("，")) for text in texts]
    twins = sum(
        len({one for one in a & b if len(one) >= 8}) >= 2
        for n, a in enumerate(clauses)
        for b in clauses[n + 1 :]
    )
    assert len(set(texts)) == len(texts)
    assert twins < len(texts) / 2
