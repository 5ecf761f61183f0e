"""V2EX: the classic list of newest topics, and API 2.0 with its envelope, paging and rate headers."""

from __future__ import annotations

import re
from typing import Any

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

NEWEST, PER_PAGE = 30, 20
TOKEN = "s3cr3t-of-the-house"  # noqa: S105  # the only token this made-up site knows


class V2ex(Platform):
    """`extra["node"]` names a topic's node (hardware); an item with a `root` is a reply; `extra["notice"]`
    makes one a notification."""

    prefix = "v2ex"
    first_id = 1_156_001

    def answer(self, call: Call) -> Reply:
        if call.path == "/api/topics/latest.json":
            newest = sorted(self._topics(), key=lambda one: -int(one.id))[:NEWEST]
            return as_json([self._topic(one) for one in newest])
        if not call.path.startswith("/api/v2/"):
            return as_json({"status": "error", "message": "Object Not Found"}, 404)
        if call.bearer != TOKEN:
            return self.expired(call)
        return self._second(call, call.path.removeprefix("/api/v2/"))

    def guarded(self, call: Call) -> bool:
        return call.path.startswith("/api/v2/")

    def expired(self, call: Call) -> Reply:  # noqa: ARG002  # always the same
        return as_json({"success": False, "message": "Invalid token"}, 401)

    def limited(self) -> Reply:
        reset = str(int(self.now()) + 900)
        told = {"success": False, "message": "Rate limit exceeded"}
        return as_json(told, 429, X_Rate_Limit_Reset=reset, X_Rate_Limit_Remaining="0")

    def _second(self, call: Call, path: str) -> Reply:
        if path == "member":
            return self._enveloped({"id": 1, "username": "云雀官方"})
        if path == "notifications":
            notices = [one for one in reversed(self.shown()) if one.extra.get("notice")]
            return self._paged(call, notices, self._notice)
        if match := re.fullmatch(r"nodes/([^/]+)/topics", path):
            topics = [one for one in self._topics() if one.extra.get("node", "hardware") == match[1]]
            topics.sort(key=lambda one: (-self._touched(one), -int(one.id)))
            return self._paged(call, topics, self._topic)
        if match := re.fullmatch(r"topics/(\d+)/replies", path):
            one = self.item(match[1])
            if one is None or one.deleted:
                return as_json({"success": False, "message": "Topic not found"}, 404)
            return self._paged(call, [each for each in self.shown() if each.root == one.id], self._reply)
        return as_json({"success": False, "message": "Not found"}, 404)

    def _topics(self) -> list[Item]:
        return [one for one in self.shown() if not one.root and not one.extra.get("notice")]

    def _touched(self, one: Item) -> int:
        return int(max([one.edited or one.at, *(each.at for each in self.items if each.root == one.id)]))

    def _paged(self, call: Call, items: list[Item], shape: Any) -> Reply:
        page = max(1, call.number("p", 1))
        pages = -(-len(items) // PER_PAGE)
        part = items[(page - 1) * PER_PAGE : page * PER_PAGE]
        return self._enveloped(
            [shape(one) for one in part],
            pagination={"per_page": PER_PAGE, "total": len(items), "pages": pages},
        )

    def _enveloped(self, result: Any, **more: Any) -> Reply:
        return as_json(
            {"success": True, "message": "Current result", "result": result, **more},
            X_Rate_Limit_Limit="600",
            X_Rate_Limit_Remaining="599",
            X_Rate_Limit_Reset=str(int(self.now()) + 3600),
        )

    def _topic(self, one: Item) -> dict[str, Any]:
        return {
            "id": int(one.id),
            "title": one.extra.get("title", ""),
            "url": f"https://www.v2ex.com/t/{one.id}",
            "content": one.text,
            "content_rendered": "",
            "syntax": 0,
            "replies": sum(each.root == one.id for each in self.items),
            "created": int(one.at),
            "last_modified": int(one.edited or one.at),
            "last_touched": self._touched(one),
            "member": self._member(one),
            "node": {"id": 90, "name": one.extra.get("node", "hardware"), "title": "硬件"},
        }

    def _reply(self, one: Item) -> dict[str, Any]:
        told = {"id": int(one.id), "content": one.text, "content_rendered": "", "created": int(one.at)}
        return {**told, "member": self._member(one)}

    def _notice(self, one: Item) -> dict[str, Any]:
        where = f'<a href="/member/{one.author}">{one.author}</a> 在 <a href="/t/1">云雀</a> 里提到了你'
        told = {"id": int(one.id), "text": where, "payload": one.text, "created": int(one.at)}
        return {**told, "payload_rendered": "", "member": {"username": one.author}}

    def _member(self, one: Item) -> dict[str, Any]:
        return {"id": 1, "username": one.author, "url": f"https://www.v2ex.com/u/{one.author}"}
