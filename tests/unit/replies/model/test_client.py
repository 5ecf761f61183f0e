"""The endpoint, over real HTTP: every way a stream may go, every error row, cancelled at any moment."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.domain.cancel import Cancel, Cancelled
from app.drill.standin import ModelServer, World
from app.errors import AppError, AuthFailed, BadResponse, ConfigError, RateLimited, Refused, Transient
from app.replies.model import client as client_module
from app.replies.model.client import Client
from app.settings.model import Model

TEXT = "您好，很抱歉给您带来不便。[M1]请先重启耳机🎧。[K3]"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World([ModelServer]) as made:
        yield made


@pytest.fixture
def server(world: World) -> ModelServer:
    made = world.of(ModelServer)
    made.mode, made.says, made.lists = "good", TEXT, True
    made.errors.clear()
    made.switches.failures.clear()
    made.journal.clear()
    return made


@pytest.fixture
def model(world: World) -> Model:
    return Model(base=f"{world.url_of(ModelServer)}/v1", model=ModelServer.name)


def body(model: Model, *, stream: bool = True) -> str:
    told = {"model": model.model, "messages": [{"role": "user", "content": "x"}], "stream": stream}
    return json.dumps(told)


def ask(model: Model, *, stream: bool = True, **more: float) -> tuple[str, str]:
    heard: list[str] = []
    text, finish = Client(model, ModelServer.key, **more).ask(body(model, stream=stream), heard.append)
    assert heard[-1:] == ([text] if text else [])
    return text, finish


@pytest.mark.parametrize("mode", ["good", "keepalive", "split", "reasoning", "no_done"])
def test_a_stream_is_read_however_it_comes(server: ModelServer, model: Model, mode: str) -> None:
    server.mode = mode
    assert ask(model) == (TEXT, "stop")


@pytest.mark.parametrize("mode", ["good", "keepalive"])
def test_one_body_is_read_as_well(server: ModelServer, model: Model, mode: str) -> None:
    server.mode = mode
    assert ask(model, stream=False) == (TEXT, "stop")


@pytest.mark.parametrize(("mode", "finish"), [("length", "length"), ("filter", "content_filter")])
def test_how_it_ended_is_told(server: ModelServer, model: Model, mode: str, finish: str) -> None:
    server.mode = mode
    assert ask(model)[1] == finish


@pytest.mark.parametrize("mode", ["cut", "half"])
def test_a_line_that_breaks_is_no_answer(server: ModelServer, model: Model, mode: str) -> None:
    server.mode = mode
    with pytest.raises(Transient, match="broke"):
        ask(model)


def test_a_model_that_never_ends_is_stopped(server: ModelServer, model: Model) -> None:
    server.mode = "endless"
    text, finish = ask(model)
    assert (len(text), finish) == (6000, "length")


@pytest.mark.parametrize(
    ("mode", "stream", "error", "words"),
    [
        ("error_mid", True, Transient, "trouble"),
        ("wrong_json", True, BadResponse, "no answer of a model"),
        ("wrong_json", False, BadResponse, "no answer of a model"),
        ("huge", True, BadResponse, "more than an answer"),
        ("ndjson", True, ConfigError, "/v1"),
        ("html", True, BadResponse, "no answer of a model"),
        ("gzip", True, BadResponse, "no answer of a model"),
    ],
)
def test_what_is_no_answer_says_so(
    server: ModelServer, model: Model, mode: str, stream: bool, error: type[AppError], words: str
) -> None:
    server.mode = mode
    with pytest.raises(error, match=words):
        ask(model, stream=stream)


@pytest.mark.parametrize("stream", [True, False])
def test_nothing_is_heard_as_nothing(server: ModelServer, model: Model, stream: bool) -> None:
    server.mode = "empty"
    assert ask(model, stream=stream)[0] == ""


def _error(**fields: object) -> dict[str, object]:
    return {"error": {"message": "x", "param": None, **fields}}


@pytest.mark.parametrize(
    ("status", "told", "error", "words"),
    [
        (400, _error(code="data_inspection_failed"), Refused, "moderation"),
        (400, _error(code="content_filter"), Refused, "moderation"),
        (400, _error(message="max_tokens is too large"), Refused, "max_tokens is too large"),
        (422, _error(), Refused, "refused"),
        (401, _error(type="authentication_error"), AuthFailed, "key"),
        (400, _error(type="invalid_authentication_error"), AuthFailed, "key"),
        (402, _error(message="Insufficient Balance", code="invalid_request_error"), AuthFailed, "credit"),
        (403, _error(), AuthFailed, "may not use"),
        (404, _error(message="model 'x' not found"), ConfigError, "no such model"),
        (429, _error(type="rate_limit_reached_error"), RateLimited, "patience"),
        (429, _error(type="engine_overloaded_error"), RateLimited, "patience"),
        (429, _error(type="exceeded_current_quota_error"), AuthFailed, "credit"),
        (429, _error(code="insufficient_quota"), AuthFailed, "credit"),
        (429, _error(code="limit_requests"), RateLimited, "patience"),
        (500, _error(), Transient, "trouble"),
        (503, b"<html>busy</html>", Transient, "trouble"),
        (302, {}, BadResponse, "elsewhere"),
        (418, [], BadResponse, "no answer"),
        (200, {"code": "Arrearage", "message": "overdue"}, AuthFailed, "credit"),
        (200, {"hello": 1}, BadResponse, "no answer"),
        (200, [1], BadResponse, "no answer"),
        (200, b"\xff\xfe", BadResponse, "no answer"),
        (200, {"choices": [{"message": {"content": [{"type": "text", "text": ""}]}}]}, None, ""),
    ],
)
def test_every_row_of_errors(
    server: ModelServer, model: Model, status: int, told: object, error: type[AppError] | None, words: str
) -> None:
    server.errors.append((status, told))
    if error is None:
        assert ask(model) == ("", "")
        return
    with pytest.raises(error, match=words) as caught:
        ask(model)
    assert ModelServer.key not in f"{caught.value} {caught.value.details}"


def test_a_wrong_key_and_nobody_there(server: ModelServer, model: Model) -> None:
    with pytest.raises(AuthFailed, match="key"):
        Client(model, "sk-wrong").ask(body(model), lambda _text: None)
    nobody = replace(model, base="http://127.0.0.1:9/v1")
    with pytest.raises(Transient, match=r"127\.0\.0\.1"):
        Client(nobody, "").ask(body(nobody), lambda _text: None)
    away = replace(model, base="https://model.example/v1")
    with pytest.raises(Transient, match="cannot be used"):
        Client(away, "", proxy="nonsense://").ask(body(away), lambda _text: None)


def test_silence_is_waited_for_so_long(server: ModelServer, model: Model) -> None:
    server.mode = "silent"
    with pytest.raises(Transient, match="too long"):
        ask(replace(model, first_seconds=1))


def test_between_two_pieces_it_may_not_be_silent(server: ModelServer, model: Model) -> None:
    server.mode = "slow"
    with pytest.raises(Transient, match="too long"):
        ask(model, between=0.05)


def test_dripping_ends_as_well(server: ModelServer, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "ALTOGETHER", 0.5)
    server.mode = "slow"
    with pytest.raises(Transient, match="too long"):
        ask(model)


@pytest.mark.parametrize("mode", ["slow", "silent"])
def test_it_is_cancelled_at_any_moment(server: ModelServer, model: Model, mode: str) -> None:
    server.mode = mode
    cancel, outcome = Cancel(), []

    def work() -> None:
        try:
            outcome.append(Client(model, ModelServer.key).ask(body(model), lambda _text: None, cancel))
        except Cancelled:
            outcome.append("cancelled")

    thread = threading.Thread(target=work)
    thread.start()
    while not server.journal:
        time.sleep(0.01)
    cancel.set()
    thread.join(20)
    assert outcome == ["cancelled"]


def test_cancelled_before_it_began(server: ModelServer, model: Model) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        Client(model, ModelServer.key).ask(body(model), lambda _text: None, cancel)


def test_the_endpoint_is_checked_without_a_post(server: ModelServer, model: Model) -> None:
    assert "has stand-in-1" in Client(model, ModelServer.key).check()
    server.lists = False
    assert "answers with" in Client(model, ModelServer.key).check()
    assert [one["messages"] for one in server.asked] == [[{"role": "user", "content": "OK?"}]]
    with pytest.raises(AuthFailed):
        Client(model, "wrong").check()
    with pytest.raises(ConfigError, match="no such model"):
        Client(replace(model, model="other"), ModelServer.key).check()


def test_the_key_is_in_no_repr(model: Model) -> None:
    assert "sk-" not in repr(Client(model, ModelServer.key))
