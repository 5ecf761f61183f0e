"""`tingfeng reply`, `send` and `outbox`: shown first, sent once, and said what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.drill.standin import WeCom, World
from tests.cli.program import Program


@pytest.fixture
def world() -> Iterator[World]:
    with World([WeCom]) as made:
        yield made


@pytest.fixture
def program(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Program:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    made = Program(tmp_path / "home", capsys, monkeypatch)
    platform = world.of(WeCom)
    made.json(
        *("source", "add", "wecom", "--name", "售后客服", "--corp-id", WeCom.app, "--secret-stdin"),
        *("--server", world.url_of(WeCom)),
        stdin=f"{platform.secret}\n",
    )
    platform.write("左耳坏了怎么退")
    platform.write("右耳也坏了", "wmOTHER")
    assert made.run("watch", "--once").returncode == 0
    return made


def test_shown_then_sent_then_refused(program: Program, world: World) -> None:
    platform = world.of(WeCom)
    shown = program.run("reply", "1", "--text", "您好\n请提供\x1b[31m订单号")
    assert shown.returncode == 2
    assert "售后客服" in shown.stdout
    assert WeCom.app in shown.stdout
    assert "    您好\n    请提供[31m订单号" in shown.stdout
    assert "--approve --as NAME" in shown.stderr
    [told] = program.json("reply", "1", "--text", "您好", "--approve", code=2)
    assert told["sent"] is False
    assert platform.sent == []
    [row] = program.json("reply", "1", "--text", "-", "--approve", "--as", "组长", stdin="您好\n")
    assert (row["state"], row["sent"], row["approved_by"]) == ("sent", True, "组长")
    assert [one.text for one in platform.sent] == ["您好"]
    again = program.run("reply", "1", "--text", "再来", "--approve", "--as", "小李")
    assert again.returncode == 1
    assert "组长" in again.stderr
    assert len(platform.sent) == 1
    assert "组长" in program.run("outbox", "list").stdout


def test_unsure_is_shown_and_settled_by_a_person(program: Program, world: World) -> None:
    platform = world.of(WeCom)
    platform.answers = [("/cgi-bin/kf/send_msg", -1, "system error")]
    done = program.run("reply", "1", "--text", "您好", "--approve", "--as", "组长")
    assert done.returncode == 1
    assert "outbox settle 1" in done.stderr
    [row] = program.json("outbox", "list", "--open")
    assert row["state"] == "unsure"
    assert "outbox settle 1" in program.run("outbox", "list").stdout
    blocked = program.run("send", "1", "--approve", "--as", "组长")
    assert blocked.returncode == 1
    [settled] = program.json("outbox", "settle", "1", "unsent")
    assert settled["state"] == "failed"
    assert program.json("outbox", "list", "--open") == []
    [sent] = program.json("reply", "1", "--text", "您好", "--approve", "--as", "组长")
    assert sent["sent"] is True
    assert len(platform.sent) == 1


def test_an_unknown_mention_and_a_rejected_text(program: Program, world: World) -> None:
    assert program.run("reply", "999", "--text", "您好").returncode == 1
    assert program.run("reply", "x", "--text", "您好").returncode == 2
    assert program.run("send", "999", "--approve", "--as", "x").returncode == 1
    world.of(WeCom).talks["wmOTHER"].state = 3
    done = program.run("reply", "2", "--text", "您好", "--approve", "--as", "组长")
    assert done.returncode == 1
    assert "colleague" in done.stderr
    lines = program.json("outbox", "list")
    assert [row["state"] for row in lines] == ["failed"]


def test_two_people_approve(program: Program, world: World) -> None:
    assert program.run("outbox", "rule").stdout.startswith("One yes")
    assert program.json("outbox", "rule", "--second", "on") == [{"second_pair": True}]
    [row] = program.json("outbox", "write", "1", "--text", "您好", "--as", "小王", "--review", "小李")
    assert (row["waits_for_second"], row["reviewer"], row["state"]) == (True, "小李", "written")
    assert "waits for the yes of 小李" in program.run("outbox", "list", "--open").stdout
    assert program.run("send", "m1", "--approve", "--as", "小王").returncode == 1
    assert program.run("outbox", "approve", "1", "--as", "小王").returncode == 1
    [row] = program.json("outbox", "approve", "1", "--as", "小李")
    assert (row["state"], row["approved_by"], row["second_by"]) == ("approved", "小王", "小李")
    assert world.of(WeCom).sent == []
    [row] = program.json("send", "m1", "--approve", "--as", "小李")
    assert row["sent"] is True
    alone = program.run("reply", "2", "--text", "您好", "--approve", "--as", "小王")
    assert alone.returncode == 1
    assert "somebody else must approve" in alone.stderr
    assert len(world.of(WeCom).sent) == 1


def test_written_approved_taken_back_and_dropped(program: Program, world: World) -> None:
    program.json("outbox", "write", "1", "--text", "您好", "--as", "小王")
    shown = program.run("send", "1")
    assert shown.returncode == 2
    assert "您好" in shown.stdout
    program.json("outbox", "approve", "1", "--as", "组长")
    [row] = program.json("outbox", "back", "1", "--as", "小王")
    assert (row["state"], row["approved_by"]) == ("written", "")
    [row] = program.json("outbox", "drop", "1", "--as", "小王")
    assert row["state"] == "failed"
    assert program.run("send", "m1", "--approve", "--as", "组长").returncode == 1
    assert program.run("send", "nonsense").returncode == 1
    assert world.of(WeCom).sent == []


def test_the_thread_moved(program: Program, world: World) -> None:
    program.json("outbox", "write", "1", "--text", "您好", "--as", "小王")
    world.of(WeCom).write("已经修好了")
    assert program.run("watch", "--once").returncode == 0
    refused = program.run("send", "1", "--approve", "--as", "组长")
    assert refused.returncode == 1
    assert "written again" in refused.stderr
    [row] = program.json("reply", "1", "--text", "您好", "--approve", "--as", "组长")
    assert row["sent"] is True


def test_it_may_wait_before_it_leaves(program: Program, world: World) -> None:
    program.json("outbox", "write", "1", "--text", "您好", "--as", "小王")
    done = program.run("send", "1", "--approve", "--as", "组长", "--after", "0.1")
    assert done.returncode == 0
    assert "Ctrl+C" in done.stderr
    assert program.run("send", "1", "--after", "-1").returncode == 2
    assert len(world.of(WeCom).sent) == 1


def test_control_c_takes_it_back(program: Program, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(_seconds: float) -> None:
        raise KeyboardInterrupt

    program.json("outbox", "write", "1", "--text", "您好", "--as", "小王")
    monkeypatch.setattr("app.cli.replying._sleep", pressed)
    done = program.run("send", "1", "--approve", "--as", "组长", "--after", "30")
    assert done.returncode == 1
    assert "Taken back" in done.stderr
    assert world.of(WeCom).sent == []
