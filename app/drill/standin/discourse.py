"""A Discourse forum: all posts by falling ids, search in pages of fifty, topics, posting with moderation.

Traps as on real forums: `before` takes its own post in, and posts one may not see are left out after the
page was cut; search ends at page ten, gives excerpts, and knows days only; "too often" has two forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

SIZE = 50
PAGES = 10
TOPIC = 501


class Discourse(Platform):
    """`key`, `admin_key`: what it accepts besides guests. `closed`: nothing for guests. `moderated`:
    answers wait. `proxy`: "too often" comes from the proxy, in plain words. An item's `extra`: `topic`,
    `hidden` (not for us), `user`, `to` (the post number answered)."""

    prefix = "discourse"
    first_id = 9001

    def __init__(self) -> None:
        super().__init__()
        self.key = self.admin_key = ""
        self.closed = self.moderated = self.proxy = False
        self.wait = 10
        self.titles = {TOPIC: "云雀Pro 售后"}
        self.waiting: list[str] = []
        """Answers that moderators have not let through."""
        self._places: dict[int, int] = {}

    # ── what stands here ─────────────────────────────────────────────────────────────────────────

    def add(self, text: str, **more: Any) -> Item:
        with self.lock:
            made = super().add(text, **more)
            topic = made.extra.setdefault("topic", TOPIC)
            self._places[topic] = made.extra["place"] = self._places.get(topic, 0) + 1
            made.extra.setdefault("version", 1)
            return made

    def edit_item(self, id: str, text: str) -> None:
        super().edit_item(id, text)
        if found := self.item(id):
            found.extra["version"] += 1

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    def limited(self) -> Reply:
        if self.proxy:
            said = b"Slow down, you're making too many requests."
            return Reply(said, 429, "text/plain; charset=utf-8", {"Retry-After": str(self.wait)})
        told = f"您执行此操作的次数过多。请等待 {self.wait} 秒后再试。"
        extras = {"wait_seconds": self.wait, "time_left": f"{self.wait} 秒"}
        return as_json({"errors": [told], "error_type": "rate_limit", "extras": extras}, 429)

    def guarded(self, call: Call) -> bool:
        return "user-api-key" in call.headers or "api-key" in call.headers

    def expired(self, call: Call) -> Reply:  # noqa: ARG002  # for whoever asks
        return _refusal(403, "您没有权限查看请求的资源。", "invalid_access")

    def answer(self, call: Call) -> Reply:
        known = self._user(call)
        if known is None:
            return self.expired(call)
        if self.closed and not known:
            return _refusal(403, "您需要登录才能执行此操作。", "not_logged_in")
        for pattern, method, name in _ROUTES:
            if call.method == method and (match := re.fullmatch(pattern, call.path)):
                if method == "POST" and not known:
                    return _refusal(403, "您需要登录才能执行此操作。", "not_logged_in")
                made: Reply = getattr(self, name)(call, *match.groups())
                return made
        return _missing()

    def _user(self, call: Call) -> str | None:
        """Who asks: "" for a guest, None for a key that is not known."""
        told = call.headers
        if "api-key" in told:
            good = self.admin_key and told["api-key"] == self.admin_key
            return told.get("api-username") or None if good else None
        if "user-api-key" in told:
            return "skylark" if self.key and told["user-api-key"] == self.key else None
        return ""

    def _latest(self, call: Call) -> Reply:
        before = call.number("before", 0)
        found = [one for one in reversed(self.shown()) if before <= 0 or int(one.id) <= before][:SIZE]
        return as_json({"latest_posts": [self._post(one) for one in found if not one.extra.get("hidden")]})

    def _search(self, call: Call) -> Reply:
        words, low, high = _asked(call.get("q"))
        page = call.number("page", 1)
        if page > PAGES:
            return _refusal(400, "page 参数不能大于 10", "invalid_parameters")
        if not words or all(len(word) < 3 and word.isascii() for word in words):
            return as_json(_result([], self.titles, error="您的搜索词过短。"))
        found = [
            one
            for one in sorted(self.shown(), key=lambda one: (-one.at, -int(one.id)))
            if all(word in one.text.lower() for word in words)
            and not one.extra.get("hidden")
            and low <= one.at < high
        ]
        shown = found[(page - 1) * SIZE : page * SIZE]
        more = len(found) > page * SIZE and page < PAGES
        return as_json(_result([self._excerpt(one) for one in shown], self.titles, more=more or None))

    def _excerpt(self, one: Item) -> dict[str, Any]:
        whole = self._post(one)
        names = ("id", "name", "username", "avatar_template", "created_at", "post_number", "topic_id")
        return {**{name: whole[name] for name in names}, "like_count": 2, "blurb": one.text[:200]}

    def _one(self, _call: Call, id: str) -> Reply:
        found = self.item(id)
        return as_json(self._post(found)) if found and not found.deleted else _missing()

    def _topic(self, _call: Call, id: str) -> Reply:
        posts = self._in(int(id))
        if not posts:
            return _missing()
        stream = {
            "posts": [self._post(one) for one in posts[:20]],
            "stream": [int(one.id) for one in posts],
        }
        return as_json({"id": int(id), "title": self.titles.get(int(id), "无题"), "post_stream": stream})

    def _some(self, call: Call, id: str) -> Reply:
        wanted = {*call.query.get("post_ids[]", ())}
        posts = [one for one in self._in(int(id)) if one.id in wanted]
        if not self._in(int(id)):
            return _missing()
        return as_json({"post_stream": {"posts": [self._post(one) for one in posts]}, "id": int(id)})

    def _in(self, topic: int) -> list[Item]:
        return [one for one in self.shown() if one.extra["topic"] == topic and not one.extra.get("hidden")]

    def _publish(self, call: Call) -> Reply:
        told = call.json() if "json" in call.headers.get("content-type", "") else call.form()
        given: Mapping[str, Any] = told if isinstance(told, dict) else {}
        said, topic = str(given.get("raw") or "").strip(), str(given.get("topic_id") or "")
        if not topic.isdigit() or not self._in(int(topic)):
            return _refusal(404, "请求的 URL 或资源找不到。", "not_found")
        if len(said) < 8:
            return as_json({"action": "create_post", "errors": ["正文太短（至少 8 个字符）"]}, 422)
        if any(one.text == said for one in self.sent[-5:]) or said in self.waiting:
            return as_json({"action": "create_post", "errors": ["正文与您最近发布的内容过于相似"]}, 422)
        if self.moderated:
            self.waiting.append(said)
            pending = {"id": len(self.waiting), "raw": said, "topic_id": int(topic)}
            return as_json({"action": "enqueued", "success": True, "pending_post": pending})
        to = str(given.get("reply_to_post_number") or "")
        more = {"topic": int(topic), "user": self._user(call), "to": int(to) if to.isdigit() else None}
        made = self.add(said, author="听风", extra=more)
        self.sent.append(made)
        return as_json(self._post(made))

    def _post(self, one: Item) -> dict[str, Any]:
        topic, place = one.extra["topic"], one.extra["place"]
        return {
            "id": int(one.id),
            "name": one.author,
            "username": one.extra.get("user", "ashu"),
            "avatar_template": "/user_avatar/forum.example/ashu/{size}/1_2.png",
            "created_at": _iso(one.at),
            "cooked": f"<p>{escape(one.text)}</p>",
            "post_number": place,
            "post_type": one.extra.get("type", 1),
            "updated_at": _iso(one.edited or one.at),
            "reply_count": 0,
            "reply_to_post_number": one.extra.get("to"),
            "quote_count": 0,
            "reads": 3,
            "score": 0.6,
            "topic_id": topic,
            "topic_slug": "topic",
            "topic_title": self.titles.get(topic, "无题"),
            "category_id": 4,
            "actions_summary": [{"id": 2, "count": 2}],
            "hidden": False,
            "trust_level": 1,
            "version": one.extra["version"],
            "post_url": f"/t/topic/{topic}/{place}",
        }


_ROUTES = (
    (r"/posts\.json", "GET", "_latest"),
    (r"/posts\.json", "POST", "_publish"),
    (r"/search\.json", "GET", "_search"),
    (r"/posts/(\d+)\.json", "GET", "_one"),
    (r"/t/(\d+)\.json", "GET", "_topic"),
    (r"/t/(\d+)/posts\.json", "GET", "_some"),
)


def _refusal(status: int, words: str, kind: str) -> Reply:
    return as_json({"errors": [words], "error_type": kind}, status)


def _missing() -> Reply:
    return _refusal(404, "请求的 URL 或资源找不到。", "not_found")


def _asked(said: str) -> tuple[list[str], float, float]:
    """The words, and from and to when."""
    low, high, words = 0.0, float("inf"), []
    for one in said.lower().split():
        name, _colon, value = one.partition(":")
        if name in ("after", "before") and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            day = datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
            low, high = (day, high) if name == "after" else (low, day)
        elif name != "order":
            words.append(one.strip('"'))
    return words, low, high


def _result(
    posts: list[dict[str, Any]],
    titles: Mapping[int, str],
    *,
    more: bool | None = None,
    error: str | None = None,
) -> dict[str, Any]:
    topics = [
        {"id": id_, "title": titles.get(id_, "无题"), "slug": "topic", "archetype": "regular", "tags": []}
        for id_ in dict.fromkeys(one["topic_id"] for one in posts)
    ]
    return {
        "posts": posts,
        "topics": topics,
        "users": [],
        "categories": [],
        "tags": [],
        "groups": [],
        "grouped_search_result": {
            "more_posts": None,
            "more_full_page_results": more,
            "term": "",
            "error": error,
            "post_ids": [one["id"] for one in posts],
        },
    }


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
