"""Team robots: DingTalk, WeCom, Feishu, ServerChan, Slack, Teams, and a receiver of our own webhook.

As strict as the real ones: signature, keyword, size, form and rate. What they took is in `sent`, each with
the whole body in `extra`. Further modes of `fail_next`: `code:N` answers with an error code (or word) of
the platform's own, `accept-503` takes the message and answers 503, `deny` is DingTalk's heavier punishment.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from abc import abstractmethod
from typing import Any, ClassVar

from app.drill.standin.platform import Call, Platform, Reply, as_json

HOUR = 3600.0


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


class Robot(Platform):
    """`token` is the key it knows; `secret` and `keyword` are its security settings ("" for none). More
    than `per_minute` messages in a minute lock it out for `locked` seconds."""

    per_minute: ClassVar[int] = 20
    locked: ClassVar[float] = 600.0
    key: ClassVar[str] = "synthetic-token-0001"
    signing: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.token = self.key
        self.secret = self.signing
        self.keyword = ""
        self.blocked_until = 0.0
        self._times: list[float] = []

    def failure(self, how: str, call: Call) -> Reply:
        if how.startswith("code:"):
            return self.coded(how.removeprefix("code:"))
        if how == "accept-503":
            self.answer(call)
            return Reply(b"upstream", 503, "text/plain")
        return super().failure(how, call)

    def answer(self, call: Call) -> Reply:
        if call.method != "POST":
            return as_json({"error": "method"}, 405)
        return self._too_fast() or self.robot(call)

    def _too_fast(self) -> Reply | None:
        now = self.now()
        if now < self.blocked_until:
            return self.limited()
        self._times = [one for one in self._times if one > now - 60]
        if len(self._times) >= self.per_minute:
            self.blocked_until = now + self.locked
            return self.limited()
        self._times.append(now)
        return None

    def took(self, text: str, body: Any) -> None:
        """Something was shown to the group."""
        made = self.add(text, extra={"body": body})
        self.sent.append(made)

    def words(self) -> list[str]:
        """All that was taken, oldest first."""
        with self.lock:
            return [one.text for one in self.sent]

    @abstractmethod
    def robot(self, call: Call) -> Reply:
        """One message within the rate."""

    @abstractmethod
    def coded(self, code: str) -> Reply:
        """An error row in the platform's own form."""


def _err(code: int, said: str) -> Reply:
    return as_json({"errcode": code, "errmsg": said})


class DingRobot(Robot):
    prefix = "robot-ding"

    SAID: ClassVar = {
        -1: "system busy",
        130101: "send too fast, exceed 20 times per minute",
        300001: "token is not exist",
        400013: "group is dissolved",
        400102: "robot is stopped",
    }

    def robot(self, call: Call) -> Reply:
        if call.path != "/robot/send" or call.get("access_token") != self.token:
            return _err(300001, "token is not exist")
        if self.secret and (bad := self._unsigned(call)):
            return bad
        if len(call.body) > 20_000:
            return _err(460101, "message too long, exceed 20000 bytes")
        return self._show(call.json())

    def _unsigned(self, call: Call) -> Reply | None:
        stamp = call.get("timestamp")
        if not stamp.isdigit() or abs(int(stamp) / 1000 - self.now()) > HOUR:
            return _err(310000, "description:invalid timestamp;solution:check")
        good = base64.b64encode(_mac(self.secret.encode(), f"{stamp}\n{self.secret}".encode())).decode()
        if not hmac.compare_digest(good, call.get("sign")):
            return _err(310000, "description:sign not match;solution:check")
        return None

    def _show(self, body: Any) -> Reply:
        told = body if isinstance(body, dict) else {}
        kind = told.get("msgtype")
        part = told.get(kind) if kind in ("text", "markdown") else None
        if not isinstance(part, dict):
            return _err(400105, "unsupported msgtype")
        text = part.get("content") if kind == "text" else part.get("text")
        if not isinstance(text, str) or not text.strip() or (kind == "markdown" and not part.get("title")):
            return _err(400105, "param error")
        if self.keyword and self.keyword not in text and self.keyword not in str(part.get("title")):
            return _err(310000, "description:keywords not in content, more:[x];solution:check")
        self.took(text, told)
        return _err(0, "ok")

    def limited(self) -> Reply:
        return _err(130101, "send too fast, exceed 20 times per minute")

    def failure(self, how: str, call: Call) -> Reply:
        if how == "deny":
            denied = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "synthetic"}
            return as_json(denied)
        if how == "whitelist":
            return _err(310000, "description:ip 203.0.113.7 not in whitelist;solution:check")
        return super().failure(how, call)

    def coded(self, code: str) -> Reply:
        return _err(int(code), self.SAID.get(int(code), "error"))


class WeComGroup(Robot):
    prefix = "robot-wecom"

    def robot(self, call: Call) -> Reply:
        if call.path != "/cgi-bin/webhook/send" or call.get("key") != self.token:
            return _err(93000, "invalid webhook url, hint: [synthetic]")
        body = call.json()
        told = body if isinstance(body, dict) else {}
        kind = told.get("msgtype")
        part = told.get(kind) if kind in ("text", "markdown") else None
        if not isinstance(part, dict):
            return _err(40008, "invalid message type")
        text = part.get("content")
        if not isinstance(text, str) or not text:
            return _err(44004, "text content is empty")
        if len(text.encode()) > (2048 if kind == "text" else 4096):
            return _err(40058, "content exceed max length")
        self.took(text, told)
        return _err(0, "ok")

    def limited(self) -> Reply:
        return _err(45009, "api freq out of limit")

    def coded(self, code: str) -> Reply:
        return _err(int(code), "error")


class FeishuBot(Robot):
    prefix = "robot-feishu"
    per_minute = 100
    locked = 5.0

    def robot(self, call: Call) -> Reply:
        if call.path != f"/open-apis/bot/v2/hook/{self.token}":
            return self._bad(19001, "param invalid: incoming webhook access token invalid")
        if len(call.body) > 20 * 1024:
            return self._bad(11246, "request body too large")
        body = call.json()
        if not isinstance(body, dict):
            return as_json({"code": 9499, "msg": "Bad Request", "data": {}}, 400)
        if self.secret and (bad := self._unsigned(body)):
            return bad
        return self._show(body)

    def _unsigned(self, body: dict[str, Any]) -> Reply | None:
        stamp = body.get("timestamp")
        good = base64.b64encode(_mac(f"{stamp}\n{self.secret}".encode(), b"")).decode()
        late = not isinstance(stamp, str) or not stamp.isdigit() or abs(int(stamp) - self.now()) > HOUR
        if late or not hmac.compare_digest(good, str(body.get("sign"))):
            said = "sign match fail or timestamp is not within one hour from current time"
            return self._bad(19021, said)
        return None

    def _show(self, body: dict[str, Any]) -> Reply:
        try:
            post = body["content"]["post"]["zh_cn"]
            rows = [[dict(part) for part in row] for row in post["content"]]
        except (KeyError, TypeError, ValueError):
            return as_json({"code": 9499, "msg": "Bad Request", "data": {}}, 400)
        text = "\n".join("".join(str(part.get("text", "")) for part in row) for row in rows)
        if self.keyword and self.keyword not in text and self.keyword not in str(post.get("title")):
            return self._bad(19024, "Key Words Not Found")
        self.took(text, body)
        return as_json(
            {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
        )

    def limited(self) -> Reply:
        return self._bad(11232, "frequency limited")

    def coded(self, code: str) -> Reply:
        return as_json({"code": int(code), "msg": "error", "data": {}}, 400 if code == "9499" else 200)

    def _bad(self, code: int, said: str) -> Reply:
        return as_json({"code": code, "msg": said, "data": {}})


class ServerChanPush(Robot):
    """`left`: messages that the day has left."""

    prefix = "robot-sct"
    key = "SCT000001Tsynthetic0001"

    def __init__(self) -> None:
        super().__init__()
        self.day_left = 1000

    def robot(self, call: Call) -> Reply:
        if call.path != f"/{self.token}.send":
            return as_json({"code": 40001, "message": "[AUTH]错误的Key"}, 400)
        if self.day_left <= 0:
            return self.coded("quota")
        form = call.form()
        if not form.get("title") or len(form["title"]) > 32 or len(form.get("desp", "").encode()) > 32_768:
            return as_json({"code": 40003, "message": "[INPUT]title"}, 400)
        self.day_left -= 1
        self.took(f"{form['title']}\n{form.get('desp', '')}", form)
        data = {"pushid": "1", "readkey": "k", "error": "SUCCESS", "errno": 0}
        return as_json({"code": 0, "message": "", "data": data})

    def coded(self, code: str) -> Reply:
        if code == "quota":
            return as_json({"code": 40001, "message": "[AUTH]超过当天的发送次数限制[5]"}, 400)
        return as_json({"code": int(code), "message": "error"}, 400)


class SlackHook(Robot):
    prefix = "robot-slack"
    per_minute = 60
    locked = 1.0
    key = "T0/B0/synthetic0001"
    STATUS: ClassVar = {
        "invalid_payload": 400, "no_text": 400, "action_prohibited": 403, "invalid_token": 403,
        "no_service": 404, "channel_not_found": 404, "channel_is_archived": 410,
    }  # fmt: skip

    def robot(self, call: Call) -> Reply:
        if call.path != f"/services/{self.token}":
            return self.coded("no_service")
        body = call.json()
        if not isinstance(body, dict) or not isinstance(body.get("blocks", []), list):
            return self.coded("invalid_payload")
        if not body.get("text"):
            return self.coded("no_text")
        blocks = body.get("blocks", [])
        texts = [str(one.get("text", {}).get("text", "")) for one in blocks]
        if len(blocks) > 50 or any(not 0 < len(one) <= 3000 for one in texts):
            return self.coded("invalid_payload")
        self.took("\n".join([str(body["text"]), *texts]), body)
        return Reply(b"ok", 200, "text/plain")

    def limited(self) -> Reply:
        return Reply(b"rate_limited", 429, "text/plain", {"Retry-After": "3"})

    def coded(self, code: str) -> Reply:
        return Reply(code.encode(), self.STATUS.get(code, 400), "text/plain")


class TeamsFlow(Robot):
    prefix = "robot-teams"
    per_minute = 200
    locked = 1.0

    def robot(self, call: Call) -> Reply:
        if call.get("sig") != self.token:
            return as_json({"error": {"code": "DirectApiAuthorizationRequired"}}, 401)
        if len(call.body) > 28 * 1024:
            return as_json({"error": {"code": "RequestEntityTooLarge"}}, 413)
        try:
            card = call.json()["attachments"][0]["content"]
            texts = [one["text"] for one in card["body"]]
            good = card["type"] == "AdaptiveCard" and all(isinstance(one, str) for one in texts)
        except (KeyError, TypeError, IndexError):
            good = False
        if not good:
            return as_json({"error": {"code": "TriggerInputSchemaMismatch"}}, 400)
        self.took("\n".join(texts), call.json())
        return Reply(b"", 202)

    def coded(self, code: str) -> Reply:
        """Numbers are statuses; `legacy-429` is how the old connectors say it."""
        if code == "legacy-429":
            said = b"Webhook message delivery failed with error: Microsoft Teams endpoint returned 429"
            return Reply(said, 200, "text/plain")
        return as_json({"error": {"code": "Unspecified"}}, int(code))


class Receiver(Robot):
    """Whoever takes our webhook: checks the signature, knows repetitions by their id. `gone`: says 410."""

    prefix = "robot-hook"
    per_minute = 600
    signing = "synthetic-signing-0001"

    def __init__(self) -> None:
        super().__init__()
        self.gone = False
        self.known: set[str] = set()

    def robot(self, call: Call) -> Reply:
        if self.gone:
            return as_json({"error": "gone"}, 410)
        good = "sha256=" + _mac(self.secret.encode(), call.body).hex()
        if self.secret and not hmac.compare_digest(good, call.headers.get("x-signature", "")):
            return as_json({"error": "bad signature"}, 401)
        body = call.json()
        if not isinstance(body, dict) or body.get("id") != call.headers.get("x-event-id"):
            return as_json({"error": "id"}, 400)
        if body["id"] not in self.known:
            self.known.add(body["id"])
            self.took(json.dumps(body, ensure_ascii=False), body)
        return as_json({"ok": True}, 201)

    def coded(self, code: str) -> Reply:
        return as_json({"error": "told so"}, int(code))


ROBOTS: tuple[type[Robot], ...] = (
    DingRobot, WeComGroup, FeishuBot, ServerChanPush, SlackHook, TeamsFlow, Receiver,
)  # fmt: skip
