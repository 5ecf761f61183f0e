"""`tingfeng channel`, `tracker` and `escalate`: set up, tried, and used once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import Core
from app.drill.standin import World
from app.drill.standin.robots import DingRobot, Receiver
from app.drill.standin.trackers import GitHubIssues
from app.home import Home
from tests.cli.program import Program


@pytest.fixture
def world() -> Iterator[World]:
    with World([DingRobot, Receiver, GitHubIssues]) as made:
        yield made


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return Program(tmp_path / "home", capsys, monkeypatch)


def _robot(program: Program, world: World, key: str = DingRobot.key) -> int:
    (made,) = program.json(
        *("channel", "add", "dingtalk", "--name", "售后群", "--address-stdin", "--secret-stdin"),
        *("--server", world.url_of(DingRobot)),
        stdin=f"https://oapi.dingtalk.com/robot/send?access_token={key}\nSECsynthetic0001\n",
    )
    return int(made["id"])


def test_a_robot_is_set_up_tried_paused_and_removed(program: Program, world: World) -> None:
    world.of(DingRobot).secret = "SECsynthetic0001"
    id_ = _robot(program, world)
    (tried,) = program.json("channel", "test", str(id_))
    assert tried == {"id": id_, "ok": True, "detail": "The test message was taken."}
    assert "Nothing has happened" in world.of(DingRobot).words()[0]
    (one,) = program.json("channel", "list")
    assert (one["name"], one["error"], one["paused"]) == ("售后群", "", False)
    assert one["good_at"]
    (one,) = program.json("channel", "pause", str(id_))
    assert one["paused"]
    (one,) = program.json("channel", "pause", str(id_), "--off")
    assert not one["paused"]
    assert program.json("channel", "remove", str(id_)) == [{"removed": id_, "name": "售后群"}]
    assert program.json("channel", "list") == []
    assert program.run("channel", "remove", str(id_)).returncode == 1


def test_a_key_is_printed_nowhere_and_not_in_the_database(program: Program, world: World) -> None:
    id_ = _robot(program, world, "wrong-token-000001")
    done = program.run("channel", "test", str(id_))
    assert done.returncode == 1
    assert "Copy the address of the robot again" in done.stderr
    listed = program.run("channel", "list")
    told = done.stdout + done.stderr + listed.stdout
    assert "✗" in listed.stdout
    for path in program.home.rglob("*"):
        if path.is_file() and path.name != "secrets.json":
            told += path.read_bytes().decode("utf-8", "replace")
    assert "wrong-token-000001" not in told
    assert "SECsynthetic" not in told
    kept = json.loads((program.home / "secrets.json").read_text())
    assert "wrong-token-000001" in kept[f"channel/{id_}/address"]


def test_what_can_never_work_is_refused(program: Program) -> None:
    done = program.run("channel", "add", "webhook", "--url-stdin", stdin="nonsense\n")
    assert done.returncode == 1
    assert "http" in done.stderr
    assert program.run("channel", "add", "pigeon").returncode == 2


def _mention(program: Program) -> int:
    file = program.home.parent / "posts.csv"
    file.write_text("text,url,author\n左耳没声音,https://weibo.example/1,阿树\n", encoding="utf-8")
    program.json("import", str(file), "--no-score")
    core = Core.open(Home(program.home), polls=False, desktop=False)
    try:
        return core.newest_id()
    finally:
        core.close()


def test_a_mention_is_escalated_once(program: Program, world: World) -> None:
    mention = str(_mention(program))
    done = program.run("escalate", mention)
    assert done.returncode == 1
    assert "No bug tracker" in done.stderr
    (tracker,) = program.json(
        *("tracker", "add", "github", "--repository", "brand/app", "--token-stdin"),
        *("--server", world.url_of(GitHubIssues)),
        stdin=f"{GitHubIssues.key}\n",
    )
    assert program.json("tracker", "check", str(tracker["id"]))[0]["ok"]
    (first,) = program.json("escalate", mention, "--note", "固件 2.1")
    (second,) = program.json("escalate", mention, "--to", "GITHUB")
    assert first["made"]
    assert not second["made"]
    assert first["ref"] == second["ref"] == "#1"
    assert first["url"].endswith("/issues/1")
    assert len(world.of(GitHubIssues).items) == 1
    assert program.json("tracker", "issues") == [_without(second)]
    assert "#1  open" in program.run("tracker", "issues").stdout
    (one,) = program.json("tracker", "list")
    assert one["waiting"] == 1
    (found,) = program.json("search", "左耳")
    assert found["status"] == "escalated"
    assert program.run("escalate", mention, "--to", "nobody").returncode == 1


def _without(told: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in told.items() if name != "made"}


def test_a_tracker_that_is_down_is_said(program: Program, world: World) -> None:
    mention = str(_mention(program))
    program.json(
        *("tracker", "add", "github", "--repository", "brand/app", "--token-stdin"),
        *("--server", "http://127.0.0.1:9"),
        stdin="t\n",
    )
    done = program.run("escalate", mention)
    assert done.returncode == 1
    assert "could not be reached" in done.stderr
    (ticket,) = program.json("tracker", "issues")
    assert (ticket["state"], ticket["ref"]) == ("failed", "")
