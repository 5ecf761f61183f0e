"""`tingfeng model`: shown, set, agreed to, asked; and its sentences looked at before an answer goes out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.drill.standin import ModelServer, WeCom, World
from tests.cli.program import Program


@pytest.fixture
def world() -> Iterator[World]:
    with World([WeCom, ModelServer]) as made:
        yield made


@pytest.fixture
def program(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Program:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return Program(tmp_path / "home", capsys, monkeypatch)


def test_chosen_agreed_to_checked_and_off_again(program: Program, world: World) -> None:
    told = program.one("model", "show")
    assert (told["on"], told["has_key"], told["mask"]) == (False, False, True)
    told = program.one("model", "set", "--preset", "qwen")
    assert (told["host"], told["thinking"], told["on"]) == ("dashscope.aliyuncs.com", "off", False)
    refused = program.run("model", "set", "--on")
    assert refused.returncode == 2
    assert "dashscope.aliyuncs.com" in refused.stderr
    assert "masked" in refused.stderr
    base = f"{world.url_of(ModelServer)}/v1"
    given = ("--base", base, "--model", ModelServer.name, "--max-tokens", "500", "--mask", "off")
    told = program.one("model", "set", *given, "--key-stdin", "--on", "--agree", stdin=ModelServer.key)
    assert (told["on"], told["has_key"], told["mask"], told["max_tokens"]) == (True, True, False, 500)
    assert ModelServer.key not in json.dumps(told)
    assert "has stand-in-1" in program.one("model", "check")["told"]
    assert program.one("model", "set", "--off")["on"] is False
    assert program.one("model", "set", "--forget-key")["has_key"] is False
    assert program.run("model", "check").returncode == 1


@pytest.mark.parametrize(
    "base",
    [
        "ftp://x.example",
        "http://x.example/v1",
        "https://user:pw@x.example",
        "https://x.example?key=1",
        "::",
    ],
)
def test_an_address_that_gives_the_key_away_is_refused(program: Program, base: str) -> None:
    assert program.run("model", "set", "--base", base).returncode in (1, 2)


def test_drafted_shown_looked_at_and_sent(program: Program, world: World) -> None:
    platform, server = world.of(WeCom), world.of(ModelServer)
    program.one(
        *("source", "add", "wecom", "--name", "售后", "--corp-id", WeCom.app, "--secret-stdin"),
        *("--server", world.url_of(WeCom)),
        stdin=f"{platform.secret}\n",
    )
    platform.write("左耳坏了怎么退")
    program.run("watch", "--once")
    assert program.run("model", "draft", "1").returncode != 0  # off
    base = f"{world.url_of(ModelServer)}/v1"
    given = ("--base", base, "--model", ModelServer.name, "--key-stdin", "--on", "--agree")
    program.one("model", "set", *given, stdin=ModelServer.key)
    shown = program.one("model", "draft", "1", "--show")
    assert "左耳坏了怎么退" in shown["body"]
    assert server.asked == ()
    server.mode = "invents"
    made = program.one("model", "draft", "1")
    assert [one["ok"] for one in made["sentences"]] == [True, False]
    assert "invented" in made["sentences"][1]["doubts"]
    words = program.run("model", "draft", "1")
    assert "names a source that does not exist" in words.stdout
    assert "Look at each sentence" in words.stderr
    yes = ("--approve", "--as", "组长")
    refused = program.run("reply", "1", "--text", made["text"], *yes)
    assert refused.returncode == 1
    assert "looked at first" in refused.stderr
    assert platform.sent == []
    assert program.one("reply", "1", "--text", made["text"], *yes, "--seen")["sent"] is True
    server.mode = "error_mid"
    assert program.one("model", "draft", "1")["by"] == "template"
