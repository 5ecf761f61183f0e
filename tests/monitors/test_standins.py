"""Every monitor that has a stand-in, against it, with every switch. To add one: a case in `standins.py`."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.domain.mention import Kind, Mention
from app.drill.standin import Platform, Reply, World
from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    MonitorError,
    RateLimited,
    Refused,
    Transient,
)
from monitors.base import CanCheck, Means, Monitor
from tests.monitors.standins import CASES, SECRET, StandIn

PLAIN = ssl.create_default_context()
"""Made once: the stand-ins speak plain HTTP, and making it takes longer than asking them."""
ROUNDS = 400
"""Polls after which a round must have come to its end."""


class Reader:
    """One monitor on one stand-in: polls as the engine does, keeping the cursor only of what was stored."""

    def __init__(self, case: StandIn, world: World) -> None:
        self.case = case
        self.world = world
        self.platform: Platform = world.of(case.platform)
        self.settings: Any = case.settings(world.url_of(case.platform))
        self.cursor: str | None = None
        self.found: list[Mention] = []
        self.kept: dict[str, str] = {}
        self.skipped = 0
        self.passed = _until_morning() if case.pace else 0.0
        self.platform.switches.clock = self.passed
        self.midway = False
        self.before: tuple[str | None, Any, float] = None, self.settings, self.passed
        """Cursor, settings and clock of the poll under way."""

    def now(self) -> datetime:
        """Our clock, and the platform's: ahead of the machine's by what a case's pace let pass."""
        return datetime.now(UTC) + timedelta(seconds=self.passed)

    async def _keep(self, name: str, value: str) -> None:
        self.kept[name] = value
        self.settings = replace(self.settings, **{name: value})

    def _monitor(self, http: httpx.AsyncClient) -> Monitor[Any]:
        return self.case.cls(self.settings, http, Means(self._keep, self.now))

    def ask(self, what: Callable[[Any], Any], wait: float = 5.0) -> Any:
        async def inside() -> Any:
            async with httpx.AsyncClient(trust_env=False, timeout=wait, verify=PLAIN) as http:
                return await what(self._monitor(http))

        return asyncio.run(inside())

    def poll(self, wait: float = 5.0) -> bool:
        """One page; is there more?"""
        if not self.midway:
            self.passed += self.case.pace
            self.platform.switches.clock = self.passed
        self.midway = False
        self.before = self.cursor, self.settings, self.passed
        page = self.ask(lambda monitor: monitor.poll((), self.cursor), wait)
        self.cursor = page.cursor
        self.found += page.mentions
        self.skipped += page.skipped
        self.midway = bool(page.more)
        return self.midway

    def again(self, cursor: str | None, settings: Any, passed: float) -> None:
        """As it stood before a poll."""
        self.cursor, self.settings, self.passed, self.midway = cursor, settings, passed, True
        self.platform.switches.clock = passed

    def round(self) -> list[Mention]:
        """Until there is no more; what this round found."""
        before = len(self.found)
        for _time in range(ROUNDS):
            if not self.poll():
                return self.found[before:]
        raise AssertionError("pages never end")

    def add(self, *texts: str) -> list[str]:
        return [self.case.add(self.platform, text) for text in texts]


def _until_morning() -> float:
    """Seconds to nine in China: calls that are planned over a day are spent otherwise at its end."""
    now = datetime.now(UTC)
    return float((timedelta(hours=25) - timedelta(hours=now.hour, minutes=now.minute)).seconds)


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> StandIn:
    return CASES[request.param]


@pytest.fixture
def reader(case: StandIn) -> Iterator[Reader]:
    with World([case.platform]) as world:
        made = Reader(case, world)
        case.prepare(made.platform)
        yield made


def texts(found: list[Mention]) -> list[str]:
    return sorted(one.text for one in found)


def told(n: int, start: int = 1) -> list[str]:
    return [f"第{number}条：左耳没声音" for number in range(start, start + n)]


def identity(one: Mention) -> tuple[str, Kind, str]:
    return one.platform, one.kind, one.native_id


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def test_everything_is_read_once_and_a_second_round_is_quiet(reader: Reader) -> None:
    reader.add(*told(7))
    assert texts(reader.round()) == sorted(told(7))
    assert reader.round() == []
    reader.add("刚发的：左耳充电发烫")
    assert texts(reader.round()) == ["刚发的：左耳充电发烫"]


def test_what_a_mention_carries(reader: Reader) -> None:
    reader.add("左耳没声音")
    [one] = reader.round()
    assert one.native_id
    assert one.url.startswith(("http://", "https://"))
    assert one.author.name
    assert one.published_at is not None
    assert one.published_at.tzinfo is not None
    assert one.raw
    assert SECRET not in repr(one)


def test_the_same_from_the_start_gives_the_same_identities(reader: Reader) -> None:
    reader.add(*told(5))
    first = {identity(one) for one in reader.round()}
    reader.cursor = None
    assert {identity(one) for one in reader.round()} == first


def test_an_edit_comes_again_under_its_identity(reader: Reader) -> None:
    if not reader.case.edits:
        pytest.skip("this platform's items cannot be edited, or it does not show them again")
    [id_] = reader.add("左耳没声音")
    [before] = reader.round()
    reader.platform.edit_item(id_, "左耳没声音，客服已经处理")
    [after] = reader.round()
    assert after.text == "左耳没声音，客服已经处理"
    assert identity(after) == identity(before)


def test_empty_is_no_error_and_costs_nothing(reader: Reader) -> None:
    reader.add(*told(3))
    reader.platform.switches.empty = True
    assert reader.round() == []
    reader.platform.switches.empty = False
    assert texts(reader.round()) == sorted(told(3))
    reader.platform.switches.empty = True
    assert reader.round() == []
    reader.platform.switches.empty = False
    reader.add(*told(2, 4))
    assert texts(reader.round()) == sorted(told(2, 4))


def test_a_cursor_that_nobody_knows_is_a_new_beginning(reader: Reader) -> None:
    reader.add(*told(3))
    for strange in ("", "?", "{}", "[]", '{"at":"x","seen":3,"done":[1],"word":7}', "9" * 5000, "null"):
        reader.cursor = strange
        reader.found.clear()
        reader.round()
        assert {one.text for one in reader.found} == set(told(3)), strange


def test_many_pages(reader: Reader) -> None:
    n = min(reader.case.most or 260, 260)
    reader.add(*told(n))
    assert texts(reader.round()) == sorted(told(n))
    assert reader.round() == []


# ── what may go wrong ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("500", Transient),
        ("502", Transient),
        ("503", Transient),
        ("429", RateLimited),
        ("garbage", MonitorError),
        ("cut", Transient),
        ("hang", Transient),
        ("error200", MonitorError),
    ],
)
def test_one_failure_and_then_nothing_is_lost(reader: Reader, mode: str, expected: type[AppError]) -> None:
    reader.add(*told(3))
    reader.platform.switches.failures.append(mode)
    with pytest.raises(expected) as caught:
        reader.round() if mode != "hang" else reader.poll(wait=0.5)
    assert caught.value.text
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after > 0
    reader.platform.switches.failures.clear()
    reader.found.clear()
    reader.round()
    assert set(told(3)) >= {one.text for one in reader.found}
    assert len({identity(one) for one in reader.found}) == len(reader.found)


@pytest.mark.parametrize("switch", ["captcha", "html", "limit", "expired"])
def test_switches_map_to_what_happens_next(reader: Reader, switch: str) -> None:
    reader.add(*told(3))
    now = reader.platform.switches
    match switch:
        case "captcha":
            now.captcha, expected = True, Refused
        case "html":
            now.html, expected = True, BadResponse
        case "limit":
            now.left, expected = 0, RateLimited
        case _:
            if not reader.case.guarded:
                pytest.skip("it needs no token")
            now.expired, expected = True, AuthFailed
    with pytest.raises(expected) as caught:
        reader.round()
    assert SECRET not in str(caught.value)
    assert SECRET not in caught.value.details
    now.captcha = now.html = now.expired = False
    now.left = None
    reader.round()
    assert texts(reader.found) == sorted(told(3)), "lists that need no token may have been read before"


def test_nobody_answers(case: StandIn) -> None:
    world = World([case.platform])
    reader = Reader(case, world)
    world.close()
    with pytest.raises(Transient):
        reader.poll()


def test_a_page_that_comes_twice_changes_nothing(reader: Reader) -> None:
    n = min(reader.case.most or 30, 30)
    reader.add(*told(n))
    reader.poll()
    reader.platform.switches.duplicate = 2
    reader.round()
    reader.round()
    assert {one.text for one in reader.found} == set(told(n))
    assert len({identity(one) for one in reader.found}) == n


def test_check_says_a_sentence_or_what_to_do(reader: Reader) -> None:
    if not issubclass(reader.case.cls, CanCheck):
        pytest.skip("it has no check")
    reader.add(*told(3))
    assert reader.ask(lambda monitor: monitor.check())
    reader.platform.switches.failures.append("503")
    with pytest.raises(Transient):
        reader.ask(lambda monitor: monitor.check())


# ── bodies that no platform should send ──────────────────────────────────────────────────────────

WRONG: tuple[Any, ...] = ("", "x" * 50, 0, -1, 1e300, True, [], {}, [None], {"a": 1}, "1.2万")


def _paths(told: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    members = (
        told.items() if isinstance(told, dict) else enumerate(told[:1]) if isinstance(told, list) else ()
    )
    for name, value in members:
        yield from _paths(value, (*path, name))


def _with(told: Any, path: tuple[Any, ...], value: Any, *, gone: bool) -> Any:
    made = json.loads(json.dumps(told))
    at = made
    for step in path[:-1]:
        at = at[step]
    if gone:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return made


def test_every_field_missing_null_and_of_a_wrong_type(reader: Reader) -> None:
    """Each field of each kind of answer in turn: an answer in words or the other items, no traceback."""
    reader.add(*told(2))
    answers: dict[str, tuple[Any, tuple[str | None, Any, float]]] = {}

    def learn(call: Any, made: Reply) -> Reply:
        if made.kind.startswith("application/json") and made.status == 200:
            answers.setdefault(call.path, (json.loads(made.body), reader.before))
        return made

    reader.platform.mutate = learn
    reader.round()
    assert answers
    rng = random.Random(7)
    for where, (whole, before) in answers.items():
        for path in _paths(whole):
            for value in (..., None, rng.choice(WRONG)):
                changed = _with(whole, path, value, gone=value is ...)
                body = json.dumps(changed, ensure_ascii=False).encode("utf-8", "surrogatepass")
                reader.platform.mutate = lambda call, made, body=body, where=where: (
                    replace(made, body=body) if call.path == where else made
                )
                reader.again(*before)
                assert _words_or_items(reader), (where, path, value)


def _words_or_items(reader: Reader) -> str:
    """The answer itself, and what its cursor leads to."""
    try:
        for _time in range(2):
            if not reader.poll():
                break
    except (MonitorError, ConfigError) as error:
        return error.text
    return "read"


def test_hostile_text_and_ten_megabytes(reader: Reader) -> None:
    hostile = [
        "左耳<script>alert(1)</script>",
        "左耳\u202e反过来\u202c\u200b零宽\ufeff",
        "左耳=cmd|' /C calc'!A0",
        "左耳%s %n {0} {name}",
        "左耳\x00\x07\x1b[31m红",
        "左耳" + "很" * 100_000,
    ]
    reader.add(*hostile)
    found = reader.round()
    assert len(found) == len(hostile)
    for one in found:
        assert "\x1b" not in one.text
        assert "\u202e" not in one.text
        assert len(one.text) <= 100_000


# ── 0 lost, 0 twice ──────────────────────────────────────────────────────────────────────────────

FLIPS = ("500", "503", "429", "garbage", "cut")


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_lost_and_nothing_twice_while_switches_flip(reader: Reader, seed: int) -> None:
    flipped(reader, seed, 300 if not reader.case.most else min(300, reader.case.most))


def flipped(reader: Reader, seed: int, n: int) -> None:
    """Items arrive while the platform misbehaves at random; at the end everything was handed over, and what
    came twice came in the same form to the same identity (the database swallows that)."""
    rng = random.Random(seed)
    wanted: list[str] = []
    while len(wanted) < n:
        fresh = told(min(rng.randint(0, 25), n - len(wanted)), len(wanted) + 1)
        reader.add(*fresh)
        wanted += fresh
        now = reader.platform.switches
        now.empty = rng.random() < 0.1
        now.duplicate = rng.choice((0, 0, 0, 1))
        now.left = rng.choice((None, None, 3))
        now.captcha = rng.random() < 0.05
        now.expired = rng.random() < 0.05
        for _time in range(rng.randint(0, 2)):
            now.failures.append(rng.choice(FLIPS))
        try:
            for _time in range(rng.randint(1, 6)):
                reader.poll()
        except MonitorError:
            continue
    healed = reader.platform.switches
    healed.failures.clear()
    healed.empty = healed.captcha = healed.expired = False
    healed.duplicate, healed.left = 0, None
    for _time in range(3):
        reader.round()
    by_identity: dict[Any, set[str]] = {}
    for one in reader.found:
        by_identity.setdefault(identity(one), set()).add(one.text)
    assert all(len(forms) == 1 for forms in by_identity.values())
    assert sorted(next(iter(forms)) for forms in by_identity.values()) == sorted(wanted)


def test_no_secret_in_the_log_or_in_what_is_shown(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    reader.add(*told(2))
    with caplog.at_level(logging.DEBUG):
        reader.round()
        reader.platform.switches.failures.append("503")
        with pytest.raises(MonitorError) as caught:
            reader.round()
    assert SECRET not in caplog.text.replace("HTTP Request", "")
    assert SECRET not in repr(reader.settings)
    assert SECRET not in f"{caught.value.text} {caught.value.details}"
