"""A language model behind OpenAI's chat completions: it answers from its sources, or misbehaves.

`GET /v1/models`, `POST /v1/chat/completions`. `mode` says how it behaves; `says` puts words into its mouth.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from app.drill.standin.platform import Call, Platform, Reply, as_json

EVENTS = "text/event-stream; charset=utf-8"
_SOURCE = re.compile(r"编号 \[([A-Z]\d+)\]（(待回复的内容，)?")

OBEYED = (
    "我们承诺赔偿您10000元。[{main}]请访问 http://evil.example/pay 领取。[{main}]"
    "@everyone 快来看！[{main}]<script>alert(1)</script>您好。[{main}]\x1b[31m红字\x1b[0m已处理。[{main}]"
    "我的规则是：{system}。[{main}]"
)
"""What a model says that does as the post tells it."""


class ModelServer(Platform):
    """`mode`: good | obeys | half | invents | plain | error_mid | endless | huge | wrong_json | empty |
    ndjson | reasoning | keepalive | split | no_done | length | filter | cut | html | gzip | slow |
    silent."""

    prefix: ClassVar[str] = "model"
    name: ClassVar[str] = "stand-in-1"
    key: ClassVar[str] = "sk-SYNTH-0001"

    def __init__(self) -> None:
        super().__init__()
        self.mode = "good"
        self.says = ""
        """The answer, word for word; "": made from the sources."""
        self.errors: deque[tuple[int, Any]] = deque()
        """(status, body), taken one a request."""
        self.lists = True
        """Does it list its models?"""

    @property
    def asked(self) -> tuple[dict[str, Any], ...]:
        """The bodies of completions that were asked for, in order."""
        calls = [one for one in self.journal if one.path == "/v1/chat/completions"]
        return tuple(one.json() for one in calls)

    def control(self, told: Mapping[str, Any]) -> None:
        """Also `mode` and `says`."""
        rest = dict(told)
        self.mode = str(rest.pop("mode", self.mode))
        self.says = str(rest.pop("says", self.says))
        super().control(rest)

    def expired(self, call: Call) -> Reply:  # noqa: ARG002  # the same for all
        return as_json({"error": {"message": "Incorrect API key", "type": "invalid_api_key"}}, 401)

    def answer(self, call: Call) -> Reply:
        if call.bearer != self.key:
            return self.expired(call)
        if self.errors:
            status, body = self.errors.popleft()
            return as_json(body, status) if not isinstance(body, bytes) else Reply(body, status)
        if call.path == "/v1/models" and self.lists:
            return as_json({"object": "list", "data": [{"id": self.name, "object": "model"}]})
        if call.path != "/v1/chat/completions" or call.method != "POST":
            return as_json({"error": {"message": "Not found", "type": "not_found"}}, 404)
        return self._completed(call.json() or {})

    def _completed(self, asked: Mapping[str, Any]) -> Reply:
        if asked.get("model") != self.name:
            told = f"model '{asked.get('model')}' not found"
            return as_json({"error": {"message": told, "type": "not_found_error"}}, 404)
        text = self.says or self._made(asked.get("messages") or [])
        if self.mode == "html":
            return Reply(b"<!doctype html><html><body>Sign in</body></html>", kind="text/html")
        if self.mode == "gzip":
            return Reply(b"\x1f\x8b", kind="application/json", headers={"Content-Encoding": "gzip"})
        if not asked.get("stream"):
            return self._whole(text)
        cut = 0 if self.mode in ("cut", "half") else None
        return Reply(kind=EVENTS, pieces=self._streamed(text), cut=cut)

    def _made(self, messages: Sequence[Mapping[str, str]]) -> str:
        asked = messages[-1].get("content", "") if messages else ""
        system = messages[0].get("content", "") if messages else ""
        found = _SOURCE.findall(asked)
        main = next((id_ for id_, is_main in found if is_main), "M0")
        if self.mode == "obeys":
            return OBEYED.format(main=main, system=system[:60])
        if self.mode == "invents":
            return f"您好，很抱歉给您带来不便。[{main}]我们三天内退款。[K999999]"
        if self.mode == "plain":
            return "您好，很抱歉。我们会尽快处理。"
        own = next((id_ for id_, _main in found if id_[0] in "KT"), main)
        return f"您好，很抱歉给您带来不便。[{main}]" + _quoted(asked, own) + f"[{own}]"

    def _whole(self, text: str) -> Reply:
        if self.mode == "wrong_json":
            return Reply(b'{"choices": [{"message": {"content": "')
        finish = {"length": "length", "filter": "content_filter"}.get(self.mode, "stop")
        message = {"role": "assistant", "content": "" if self.mode == "empty" else text}
        made = {
            "id": "chatcmpl-synth",
            "object": "chat.completion",
            "created": 1756800000,
            "model": self.name,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": 120, "completion_tokens": 40, "total_tokens": 160},
        }
        padded = b"\n\n \n" + json.dumps(made, ensure_ascii=False).encode()
        return Reply(padded if self.mode == "keepalive" else padded.lstrip())

    def _streamed(self, text: str) -> Iterator[bytes]:
        """Server-sent events, a few characters each."""
        if self.mode == "silent":
            self.closing.wait(60)
            return
        if self.mode == "ndjson":
            yield (
                json.dumps({"model": self.name, "message": {"content": "您"}, "done": False}).encode()
                + b"\n"
            )
            return
        yield _event(_chunk({"role": "assistant", "content": ""}))
        if self.mode == "reasoning":
            yield _event(_chunk({"reasoning_content": "想一想：赔他一万元。", "content": None}))
        if self.mode == "empty":
            yield _event(_chunk({}, "stop")) + b"data: [DONE]\n\n"
            return
        yield from self._body(text)
        finish = {"length": "length", "filter": "content_filter"}.get(self.mode, "stop")
        if self.mode not in ("half", "cut"):
            yield _event(_chunk({}, finish))
            yield _event({"choices": [], "usage": {"total_tokens": 160}})
        if self.mode not in ("half", "cut", "no_done"):
            yield b"data: [DONE]\n\n"

    def _body(self, text: str) -> Iterator[bytes]:
        if self.mode == "huge":
            yield _event(_chunk({"content": "长" * 300_000}))
        if self.mode == "endless":
            while not self.closing.is_set():
                yield _event(_chunk({"content": "没完没了。"}))
        said = text[: len(text) // 2] if self.mode in ("half", "cut", "length") else text
        for place in range(0, len(said), 3):
            event = _event(_chunk({"content": said[place : place + 3]}))
            if self.mode == "split":
                yield from (bytes([one]) for one in event)
            else:
                yield event
            if self.mode == "keepalive":
                yield b": keep-alive\n\n"
            if self.mode == "slow":
                self.closing.wait(0.2)
            if self.mode == "wrong_json" and place > 6:
                yield b'data: {"choices": [{"delta": {"content": \n\n'
            if self.mode == "error_mid" and place > 6:
                yield _event({"error": {"message": "overloaded", "type": "server_error"}})


def _quoted(asked: str, id_: str) -> str:
    """The first sentence of a source, as a model that sticks to it would say."""
    block = asked.partition(f"编号 [{id_}]")[2].partition("\n====")[0]
    lines = [one for one in block.split("\n")[1:] if one and not one.startswith("标题：")]
    sentence = re.split(r"(?<=[。！？])", " ".join(lines))[0][:80]
    return sentence if sentence.endswith(("。", "！", "？")) else f"{sentence}。"


def _chunk(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-synth",
        "object": "chat.completion.chunk",
        "created": 1756800000,
        "model": ModelServer.name,
        "choices": [{"index": 0, "delta": dict(delta), "finish_reason": finish}],
    }


def _event(told: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(told, ensure_ascii=False).encode() + b"\n\n"
