"""Rounds from the newest to the oldest, what they remember, and limits obeyed before a platform says no."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.mention import Mention
from app.domain.watch import Page
from app.errors import RateLimited
from monitors.cursors import NEWEST, TOUCHED, Seen, load
from monitors.pacing import limited, rest, rested
from monitors.reading import Fetched
from monitors.rounds import FIRST, PATIENCE, Round, enough, turned

NOW = datetime(2025, 9, 2, 9, 46, 55, tzinfo=UTC)


def _post(number: int, at: int = 0) -> Mention:
    when = datetime.fromtimestamp(at or number, UTC)
    return Mention(platform="x", native_id=str(number), url="", text=f"{number}", published_at=when)


def _again(at: Round, streams: tuple[str, ...] = ("a",)) -> Round:
    return Round(at.members(), streams)


def _turn(at: Round, *orders: int, known: bool = False, **more: Any) -> Round:
    at.turn([(one, known) for one in orders], now=1000, mark=" ".join(map(str, orders)), **more)
    return _again(at, at.streams)


def test_a_round_goes_down_to_where_the_one_before_began() -> None:
    at = _turn(Round({}, ["a"]), 90, 80)
    assert (at.until, at.done) == (80, {})
    at = _turn(at, 80, 70, more=False)
    assert (at.until, at.done) == (0, {"a": 90})
    at.turn([(95, False), (90, True)], now=1000, mark="95 90")
    assert at.over
    assert at.done == {"a": 95}


def test_unknown_posts_below_the_last_round_are_read_on() -> None:
    at = Round({"done": {"a": 90}}, ["a"])
    at.turn([(95, False), (85, False)], now=1000, mark="95 85")
    assert not at.over
    assert at.until == 85


def test_an_empty_page_behind_a_full_one_settles_nothing_until_it_lasts() -> None:
    at = _turn(Round({}, ["a"]), 90, 80)
    at.turn([], now=1000)
    assert at.over
    assert at.done == {}
    at = _turn(_again(at), 90, 80, known=True)
    at = _turn(at, 80, 79, known=True)
    at.turn([], now=1000 + PATIENCE + 1)
    assert at.done == {"a": 90}


def test_the_page_before_is_no_answer() -> None:
    at = _turn(Round({}, ["a"]), 90, 80)
    at = _turn(at, 90, 80)
    assert (at.until, at.again) == (80, 1)
    at = _turn(at, 80, 70)
    assert (at.until, at.again) == (70, 0)


def test_a_platform_that_repeats_itself_for_ever_comes_to_an_end() -> None:
    at = Round({}, ["a"])
    for _time in range(20):
        at.turn([(90, False)], now=1000, mark="90")
        if at.over:
            return
    raise AssertionError("it never ends")


def test_streams_take_turns_and_one_that_is_gone_is_forgotten() -> None:
    at = _turn(Round({}, ["a", "b"]), 90, more=False)
    assert at.stream == "b"
    assert Round(at.members(), ["a"]).stream == "a"
    assert Round({**at.members(), "stream": 7, "done": [], "until": "x"}, ["c"]).members()["until"] == 0


def test_known_keeps_the_newest_whatever_was_met_last() -> None:
    known = Seen()
    for number in range(5000, 0, -1):
        assert known.fresh(_post(number))
    again = Seen(known.marks())
    assert len(again.marks()) < NEWEST + TOUCHED + 1
    assert not again.fresh(_post(5000))
    assert not again.fresh(_post(5001 - NEWEST))
    assert not again.fresh(_post(1))
    assert again.fresh(_post(2000))


def test_a_quiet_list_of_old_posts_stays_known_beside_a_busy_one() -> None:
    seen = Seen()
    for hour in range(10):
        busy = [_post(1000 * hour + number + 100) for number in range(900)]
        seen = Seen(seen.marks())
        assert len(seen.news(busy)) == 900
        assert len(seen.news(map(_post, range(1, 100)))) == (0 if hour else 99)


def test_a_list_that_names_its_next_page_is_read_to_where_the_last_round_began() -> None:
    at, seen = Round({}, ["a"]), Seen()
    page = turned(at, Page((_post(90), _post(80))), seen, now=NOW, token="two")
    assert (at.token, page.more, len(page.mentions)) == ("two", True, 2)
    page = turned(at, Page((_post(80), _post(70))), seen, now=NOW, token="")
    assert (page.more, at.done, page.mentions) == (False, {"a": 90}, (_post(70),))
    at = _again(at)
    page = turned(at, Page((_post(95), _post(90))), seen, now=NOW, token="two")
    assert (page.more, at.done, page.mentions) == (False, {"a": 95}, (_post(95),))
    assert load(page.cursor)["done"] == {"a": 95}


@pytest.mark.parametrize("told", [None, [], {"1": 5}, {"1": [1]}, {"1": ["x", "y"]}, {"1": [1, 1 << 50]}])
def test_a_memory_that_was_mangled_is_empty(told: Any) -> None:
    assert Seen(told).fresh(_post(1))


def test_a_first_round_ends_thirty_days_back() -> None:
    assert enough([_post(1, FIRST)], 3 * FIRST)
    assert not enough([_post(1, FIRST), _post(2, 3 * FIRST)], 3 * FIRST)
    assert not enough([], FIRST)


@pytest.mark.parametrize(
    ("left", "reset", "wait"),
    [
        ("0", "2025-09-02T09:50:00.000000Z", 185),
        ("10", str(int(NOW.timestamp()) + 60), 60),
        ("11", "2025-09-02T09:50:00Z", 0),
        ("0", "", 0),
        ("0", "soon", 0),
        ("x", "2025-09-02T09:50:00Z", 0),
        ("0", "2035-09-02T09:50:00Z", 3600),
    ],
)
def test_a_pause_before_the_platform_says_no(left: str, reset: str, wait: int) -> None:
    """Our clock is an hour late: the pause is counted by the server's own Date."""
    told = {"x-remaining": left, "x-reset": reset, "date": "Tue, 02 Sep 2025 09:46:55 GMT"}
    ours = NOW - timedelta(hours=1)
    until = rest(told, ours, "x-")
    assert until == (int(ours.timestamp()) + wait if wait else 0)
    if wait:
        with pytest.raises(RateLimited) as caught:
            rested(until, ours)
        assert caught.value.retry_after == pytest.approx(wait)
    rested(until, ours + timedelta(seconds=wait + 1))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7),
        ({"x-reset": "2025-09-02T09:47:55Z"}, 60),
        ({}, 60),
        ({"x-reset": "?"}, 60),
    ],
)
def test_how_long_after_a_429(headers: dict[str, str], wait: float) -> None:
    assert limited(Fetched(429, headers, b"", "http://x.example/"), NOW, "x-").retry_after == wait
