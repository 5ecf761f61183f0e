"""`tingfeng team`, `person` and `deadlines` as they are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import run


class Program:
    """Calls the command line in this process."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._home, self._capsys = home, capsys

    def call(self, *arguments: str, code: int = 0) -> str:
        assert run(["--home", str(self._home), "--lang", "en", *arguments], _no_window) == code
        told = self._capsys.readouterr()
        return told.err if code else told.out

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.call(*arguments, "--json").splitlines()]


def _no_window(*_given: object) -> int:
    raise AssertionError("no window was asked for")


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path / "home", capsys)


def test_a_team_is_added_shown_changed_and_removed(program: Program) -> None:
    assert "No team yet" in program.call("team", "list")
    [made] = program.json("team", "add", "白班", "--shift", "1-5 09:00-12:00", "--shift", "1-5 13:30-18:00")
    assert (made["name"], made["zone"], made["china"], len(made["shifts"])) == (
        "白班",
        "Asia/Shanghai",
        True,
        2,
    )
    [week] = program.json("team", "calendar", "白班", "--day", "2026-02-14")
    worked = {day["day"]: len(day["spans"]) for day in week["week"]}
    assert worked == {
        "2026-02-09": 2, "2026-02-10": 2, "2026-02-11": 2, "2026-02-12": 2, "2026-02-13": 2,
        "2026-02-14": 2, "2026-02-15": 0,
    }  # fmt: skip
    assert week["hours"] == 45
    assert week["week"][0]["spans"][0] == ["2026-02-09T01:00:00+00:00", "2026-02-09T04:00:00+00:00"]
    [changed] = program.json("team", "calendar", "1", "--off", "2026-02-14", "--day", "2026-02-14")
    assert (changed["hours"], changed["off"]) == (37.5, ["2026-02-14"])
    told = program.call("team", "calendar", "白班", "--usual", "2026-02-14", "--day", "2026-02-14")
    assert "02-14 Sat  09:00–12:00  13:30–18:00" in told
    assert "45 h of work in this week" in told
    [always] = program.json("team", "calendar", "白班", "--always", "--no-china")
    assert (always["shifts"], always["china"], always["hours"]) == ([], False, 168)
    assert program.json("team", "remove", "白班") == [{"removed": 1, "name": "白班"}]
    assert program.json("team", "list") == []


def test_colleagues_are_added_changed_and_removed(program: Program) -> None:
    program.call("team", "add", "全天")
    [made] = program.json("person", "add", "陈", "--team", "全天", "--lead", "--contact", "DingTalk=138")
    assert made == {
        "id": 1, "name": "陈", "role": "lead", "team": "全天", "contacts": {"dingtalk": "138"},
        "away": False, "budget": 0, "on_duty": True,
    }  # fmt: skip
    [away] = program.json("person", "change", "陈", "--away", "--contact", "email=chen@example.com")
    assert (away["role"], away["away"], away["on_duty"]) == ("lead", True, False)
    assert away["contacts"] == {"dingtalk": "138", "email": "chen@example.com"}
    program.call("person", "add", "王")
    assert [one["name"] for one in program.json("person", "list", "--on-duty")] == ["王"]
    assert program.json("team", "list")[0]["on_duty"] == []
    assert "away" in program.call("person", "list")
    assert program.json("person", "remove", "陈") == [{"removed": 1, "name": "陈"}]


def test_deadlines_are_shown_and_changed(program: Program) -> None:
    [plain] = program.json("deadlines")
    assert plain["limits"] == [
        {"where": "@forums", "p1": 15, "p2": 15, "p3": 15}, {"where": "", "p1": 15, "p2": 30, "p3": 30},
    ]  # fmt: skip
    program.call("team", "add", "白班")
    program.call("brand", "add", "云雀")
    [said] = program.json(
        "deadlines", "--where", "weibo", "--p3", "60", "--start", "published", "--max-age", "6",
        "--team", "白班", "--brand-team", "云雀=白班",
    )  # fmt: skip
    assert said["limits"][0] == {"where": "weibo", "p1": 15, "p2": 30, "p3": 60}
    assert (said["start"], said["max_age_hours"], said["team"]) == ("published", 6, "白班")
    assert said["by_brand"] == {"1": "白班"}
    told = program.call("deadlines")
    assert "60 min" in told
    assert "云雀 → 白班" in told
    [less] = program.json(
        "deadlines", "--where", "weibo", "--forget", "--brand-team", "云雀=", "--team", ""
    )
    assert ([one["where"] for one in less["limits"]], less["by_brand"], less["team"]) == (
        ["@forums", ""],
        {},
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("team", "add", "x", "--shift", "blah"), "not a shift"),
        (("team", "add", "x", "--zone", "Mars"), "time zone"),
        (("team", "add", " "), "name"),
        (("team", "calendar", "nobody"), "nobody"),
        (("person", "add", "x", "--team", "nobody"), "nobody"),
        (("person", "add", "x", "--contact", "138"), "contact"),
        (("person", "change", "nobody"), "nobody"),
        (("deadlines", "--where", "myspace", "--p1", "5"), "myspace"),
        (("deadlines", "--where", "source:99", "--p1", "5"), "source"),
        (("deadlines", "--p1", "-1"), "0 minutes"),
        (("deadlines", "--max-age", "99999999999"), "ten years"),
        (("deadlines", "--forget"), "everything else"),
        (("deadlines", "--brand-team", "x"), "NAME=TEAM"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    program: Program, arguments: tuple[str, ...], word: str
) -> None:
    told = program.call(*arguments, code=1)
    assert len(told.splitlines()) == 1
    assert word in told
