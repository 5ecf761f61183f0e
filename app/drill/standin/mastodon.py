"""A Mastodon server: statuses with snowflake ids, notifications, hashtags, search, and posting.

Traps as on real servers: search takes ids as bounds but reads the second out of them and lists the newest
first; lists by `min_id` give the oldest above it; posts of other servers that arrive late carry an id of
the time they were written; a deleted post's answers forget what they answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

HOST = "inst.example"
URL_LENGTH = 23
"""Characters that any address counts for."""


class Mastodon(Platform):
    """`token`: the one it accepts ("": any). `scopes`: what that may do. `window`: seconds until limits
    are counted anew. An item's `extra`: `mention` (somebody names the brand), `unsearched` (its author did
    not open it to search), `tags`, `boost` (the boosted post's id), `acct`, `visibility`, `spoiler`,
    `media`.
    """

    prefix = "mastodon"

    def __init__(self) -> None:
        super().__init__()
        self.token = ""
        self.scopes = {"read", "write"}
        self.window = 300.0
        self.me = "1"
        self.notices: list[tuple[str, str]] = []
        """(notification's id, item's id), oldest first."""
        self.keys: dict[str, str] = {}
        """Idempotency key → status id."""
        self._within = count(1)
        self._notice_ids = count(34_975_861)

    # ── what stands here ─────────────────────────────────────────────────────────────────────────

    def add(self, text: str, **more: Any) -> Item:
        with self.lock:
            at = float(more.get("at", self.now()))
            made = super().add(
                text, **{"id": self._snowflake(at), "at": at, "author_id": "1090000", **more}
            )
            if made.extra.get("mention"):
                self.notices.append((str(next(self._notice_ids)), made.id))
            return made

    def _snowflake(self, at: float) -> str:
        return str((int(at * 1000) << 16) + next(self._within) % 65536)

    def new_id(self) -> str:
        return self._snowflake(self.now())

    def delete_item(self, id: str) -> None:
        super().delete_item(id)
        for one in self.items:
            one.parent = "" if one.parent == id else one.parent

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    def take(self, call: Call) -> Reply:
        made = super().take(call)
        return replace(made, headers={**self._limits(), **made.headers})

    def _limits(self) -> dict[str, str]:
        left = self.switches.left
        ends = datetime.fromtimestamp(self.now() + self.window, UTC)
        return {
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": str(299 if left is None else max(0, left)),
            "X-RateLimit-Reset": ends.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }

    def limited(self) -> Reply:
        return as_json({"error": "Too many requests"}, 429)

    def guarded(self, call: Call) -> bool:
        return call.path != "/api/v2/instance"

    def answer(self, call: Call) -> Reply:
        if call.path == "/api/v2/instance":
            return as_json(_INSTANCE)
        if not call.bearer or self.token not in ("", call.bearer):
            return as_json({"error": "The access token is invalid"}, 401)
        if ("write" if call.method == "POST" else "read") not in self.scopes:
            return as_json({"error": "This action is outside the authorized scopes"}, 403)
        for pattern, method, name in _ROUTES:
            if call.method == method and (match := re.fullmatch(pattern, call.path)):
                made: Reply = getattr(self, name)(call, *match.groups())
                return made
        return _missing()

    def _verify(self, _call: Call) -> Reply:
        return as_json(_account("听风", "skylark", self.me))

    def _search(self, call: Call) -> Reply:
        """By the second of the ids given, newest first, with an offset."""
        low, high = (_second(call.get(name)) for name in ("min_id", "max_id"))
        words = call.get("q").lower().replace('"', "").split()
        found = [
            one
            for one in sorted(self.shown(), key=lambda one: -int(one.id))
            if all(word in one.text.lower() for word in words)
            and one.extra.get("visibility", "public") == "public"
            and not one.extra.get("unsearched")
            and (low is None or int(one.at) > low)
            and (high is None or one.at < high)
        ]
        offset = max(0, call.number("offset", 0))
        shown = found[offset : offset + _size(call, 20, 40)] if words else []
        statuses = (
            [self._status(one) for one in shown] if call.get("type", "statuses") == "statuses" else []
        )
        return as_json({"accounts": [], "statuses": statuses, "hashtags": []})

    def _tag(self, call: Call, tag: str) -> Reply:
        rows = [(int(one.id), one) for one in self.shown() if tag.lower() in map(str.lower, _tags(one))]
        return self._page(call, rows, _size(call, 20, 40), lambda one, _id: self._status(one))

    def _notifications(self, call: Call) -> Reply:
        wanted = {*call.query.get("types[]", ()), *call.query.get("types[0]", ())}
        shown = {one.id: one for one in self.shown()}
        rows = [(int(id_), shown[item]) for id_, item in self.notices if item in shown]
        rows = rows if not wanted or "mention" in wanted else []
        return self._page(call, rows, _size(call, 40, 80), self._notice)

    def _notice(self, one: Item, id: int) -> dict[str, Any]:
        status = self._status(one)
        return {
            "id": str(id),
            "type": "mention",
            "created_at": status["created_at"],
            "account": status["account"],
            "status": status,
        }

    def _page(self, call: Call, rows: Sequence[tuple[int, Item]], size: int, shape: Any) -> Reply:
        """`min_id`: the oldest above it; `since_id`: the newest above it; newest first in any case."""
        low = call.number("min_id", 0) or call.number("since_id", 0)
        high = call.number("max_id", 0)
        found = sorted(row for row in [(id_, n) for n, (id_, _one) in enumerate(rows)] if row[0] > low)
        found = [row for row in found if not high or row[0] < high]
        kept = found[:size] if call.get("min_id") else found[-size:]
        shown = [shape(rows[n][1], id_) for id_, n in reversed(kept)]
        return as_json(shown, Link=self._link(call, kept, size)) if kept else as_json(shown)

    def _link(self, call: Call, kept: Sequence[tuple[int, int]], size: int) -> str:
        same = {name: list(values) for name, values in call.query.items() if not name.endswith("_id")}
        base = f"https://{HOST}{quote(call.path)}?"
        prev = urlencode({**same, "min_id": kept[-1][0]}, doseq=True)
        links = [f'<{base}{prev}>; rel="prev"']
        if len(kept) == size:
            older = urlencode({**same, "max_id": kept[0][0]}, doseq=True)
            links.insert(0, f'<{base}{older}>; rel="next"')
        return ", ".join(links)

    def _one(self, _call: Call, id: str) -> Reply:
        found = self._standing(id)
        return as_json(self._status(found)) if found else _missing()

    def _context(self, _call: Call, id: str) -> Reply:
        found = self._standing(id)
        if found is None:
            return _missing()
        above: list[Any] = []
        below: list[Any] = []
        ids = {id}
        at = found
        while at.parent and (parent := self._standing(at.parent)):
            above.insert(0, self._status(parent))
            at = parent
        for one in self.shown():
            if one.parent in ids:
                ids.add(one.id)
                below.append(self._status(one))
        return as_json({"ancestors": above, "descendants": below})

    def _publish(self, call: Call) -> Reply:
        told = call.json() if "json" in call.headers.get("content-type", "") else call.form()
        told = told if isinstance(told, dict) else {}
        key = call.headers.get("idempotency-key", "")
        if key in self.keys and (sent := self.item(self.keys[key])):
            return as_json(self._status(sent))
        said, parent = str(told.get("status") or ""), str(told.get("in_reply_to_id") or "")
        if not said.strip():
            return as_json({"error": "Validation failed: Text can't be blank"}, 422)
        if _length(said) > 500:
            return as_json({"error": "Validation failed: Text character limit of 500 exceeded"}, 422)
        if parent and self._standing(parent) is None:
            told = "The post you are trying to reply to does not appear to exist."
            return as_json({"error": told}, 404)
        more = {"visibility": str(told.get("visibility") or "public"), "acct": "skylark"}
        made = self.add(said, author="听风", author_id=self.me, parent=parent, extra=more)
        self.sent.append(made)
        if key:
            self.keys[key] = made.id
        return as_json(self._status(made))

    def _standing(self, id: str) -> Item | None:
        found = self.item(id)
        return found if found and not found.deleted else None

    def _status(self, one: Item) -> dict[str, Any]:
        boosted = self._standing(one.extra.get("boost", ""))
        acct = one.extra.get("acct", "ashu@other.example")
        parent = self._standing(one.parent)
        return {
            "id": one.id,
            "created_at": _iso(one.at),
            "in_reply_to_id": one.parent or None,
            "in_reply_to_account_id": parent.author_id if parent else None,
            "sensitive": False,
            "spoiler_text": one.extra.get("spoiler", ""),
            "visibility": one.extra.get("visibility", "public"),
            "language": "zh",
            "uri": f"https://{HOST}/users/{one.author_id}/statuses/{one.id}",
            "url": f"https://{HOST}/@{acct}/{one.id}",
            "replies_count": sum(each.parent == one.id for each in self.items) if one.parent else 0,
            "reblogs_count": one.extra.get("boosts", 0),
            "favourites_count": one.extra.get("likes", 1),
            "edited_at": _iso(one.edited) if one.edited is not None else None,
            "content": "" if boosted else f"<p>{_linked(one.text)}</p>",
            "reblog": self._status(boosted) if boosted else None,
            "account": _account(one.author, acct, one.author_id),
            "media_attachments": one.extra.get("media", []),
            "mentions": [],
            "tags": [{"name": tag, "url": f"https://{HOST}/tags/{tag}"} for tag in _tags(one)],
            "emojis": [],
            "card": None,
            "poll": None,
        }


_ROUTES = (
    (r"/api/v1/accounts/verify_credentials", "GET", "_verify"),
    (r"/api/v2/search", "GET", "_search"),
    (r"/api/v1/timelines/tag/(.+)", "GET", "_tag"),
    (r"/api/v1/notifications", "GET", "_notifications"),
    (r"/api/v1/statuses/(\d+)", "GET", "_one"),
    (r"/api/v1/statuses/(\d+)/context", "GET", "_context"),
    (r"/api/v1/statuses", "POST", "_publish"),
)
_TAG = re.compile(r"#(\w{1,60})")
_INSTANCE = {
    "domain": HOST,
    "title": "某实例",
    "version": "4.4.3",
    "configuration": {"statuses": {"max_characters": 500, "characters_reserved_per_url": URL_LENGTH}},
    "api_versions": {"mastodon": 6},
}


def _tags(one: Item) -> list[str]:
    return [*_TAG.findall(one.text), *one.extra.get("tags", ())]


def _missing() -> Reply:
    return as_json({"error": "Record not found"}, 404)


def _second(id: str) -> int | None:
    """What a snowflake id says of its time; None where there is no id."""
    return (int(id) >> 16) // 1000 if id.isdigit() else None


def _size(call: Call, ordinary: int, most: int) -> int:
    return min(most, max(1, call.number("limit", ordinary)))


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _length(said: str) -> int:
    """As Mastodon counts: any address is 23, a mention of somebody elsewhere is its name alone."""
    said = re.sub(r"https?://\S+", "x" * URL_LENGTH, said)
    return len(re.sub(r"(@\w+)@[\w.-]+\w", r"\1", said))


def _linked(said: str) -> str:
    shown = _TAG.sub(
        lambda tag: f'<a href="https://{HOST}/tags/{quote(tag[1])}" rel="tag">#<span>{tag[1]}</span></a>',
        escape(said),
    )
    return shown.replace("\n", "<br />")


def _account(name: str, acct: str, id: str) -> dict[str, Any]:
    user, _at, server = acct.partition("@")
    return {
        "id": id,
        "username": user,
        "acct": acct,
        "display_name": name,
        "bot": False,
        "locked": False,
        "created_at": "2024-05-01T00:00:00.000Z",
        "url": f"https://{server or HOST}/@{user}",
        "avatar": f"https://{HOST}/avatars/{id}.png",
        "followers_count": 12,
        "following_count": 3,
        "statuses_count": 40,
        "emojis": [],
        "fields": [],
    }
