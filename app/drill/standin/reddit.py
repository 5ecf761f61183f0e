"""Reddit: tokens for apps, listings with `after`, float epochs, rate headers, errors of both kinds."""

from __future__ import annotations

import base64
import re
from typing import Any

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

CLIENT, SECRET = "app1", "s3cr3t-of-the-house"  # the only app this made-up site knows
REACH = 1000


class Reddit(Platform):
    """`extra["title"]` makes an item a post's title (its text is the body); `root` makes it a comment."""

    prefix = "reddit"
    first_id = 1_000_000

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[str] = []

    def answer(self, call: Call) -> Reply:
        if call.path == "/api/v1/access_token":
            return self._signed_in(call)
        if not self.tokens or call.bearer != self.tokens[-1]:
            return self.expired(call)
        if call.path == "/search":
            word = call.get("q").strip('"')
            found = [one for one in self._posts() if word in f"{one.extra.get('title', '')}{one.text}"]
            return self._listing(call, found)
        if match := re.fullmatch(r"/r/([^/]+)/(new|comments)", call.path):
            items = self._posts() if match[2] == "new" else [one for one in self.shown() if one.root]
            return self._listing(call, [one for one in items if self._board(one) == match[1]])
        if match := re.fullmatch(r"/comments/(\w+)", call.path):
            return self._tree(match[1])
        return as_json({"message": "Not Found", "error": 404}, 404)

    def limits(self, call: Call) -> bool:
        return call.path != "/api/v1/access_token"

    def guarded(self, call: Call) -> bool:
        return True if call.path == "/api/v1/access_token" else not call.bearer

    def expired(self, call: Call) -> Reply:
        status = 401 if call.path != "/api/v1/access_token" or self.switches.expired else 400
        return as_json({"message": "Unauthorized", "error": status}, status)

    def limited(self) -> Reply:
        return as_json(
            {"message": "Too Many Requests", "error": 429},
            429,
            X_Ratelimit_Used="100",
            X_Ratelimit_Remaining="0.0",
            X_Ratelimit_Reset="37",
        )

    def _misbehaved(self, call: Call) -> Reply | None:
        if self.switches.expired:
            self.tokens.clear()
        return super()._misbehaved(call)

    def _signed_in(self, call: Call) -> Reply:
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {wanted}":
            return as_json({"message": "Unauthorized", "error": 401}, 401)
        if call.form().get("grant_type") != "client_credentials":
            return as_json({"error": "unsupported_grant_type"}, 400)
        self.tokens.append(f"token-{len(self.tokens)}-{len(self.journal)}")
        return as_json(
            {
                "access_token": self.tokens[-1],
                "token_type": "bearer",
                "expires_in": 86400,
                "scope": "read",
            }
        )

    def _posts(self) -> list[Item]:
        return [one for one in self.shown() if not one.root]

    def _board(self, one: Item) -> str:
        return str(one.extra.get("board", "headphones"))

    def _listing(self, call: Call, items: list[Item]) -> Reply:
        newest = sorted(items, key=lambda one: (-one.at, -int(one.id)))[:REACH]
        names = [self._name(one) for one in newest]
        after, size = call.get("after"), min(100, max(1, call.number("limit", 25)))
        start = names.index(after) + 1 if after in names else (len(names) if after else 0)
        part = newest[start : start + size]
        more = names[start + size - 1] if start + size < len(newest) else None
        return as_json(self._wrapped([self._child(one) for one in part], more))

    def _wrapped(self, children: list[Any], after: str | None = None) -> dict[str, Any]:
        data = {"after": after, "before": None, "dist": len(children), "children": children}
        return {"kind": "Listing", "data": data}

    def _tree(self, id: str) -> Reply:
        post = next((one for one in self._posts() if self._name(one) == f"t3_{id}"), None)
        if post is None:
            return as_json({"message": "Not Found", "error": 404}, 404)
        said = [
            self._child(one) for one in self.shown() if one.root == self._name(post) and not one.deleted
        ]
        return as_json([self._wrapped([self._child(post)]), self._wrapped(said)])

    def _name(self, one: Item) -> str:
        return f"t{1 if one.root else 3}_{_base36(int(one.id))}"

    def _child(self, one: Item) -> dict[str, Any]:
        name = self._name(one)
        shared = {
            "id": name[3:],
            "name": name,
            "author": one.author,
            "author_fullname": f"t2_{one.author_id}",
            "subreddit": self._board(one),
            "created_utc": float(one.at),
            "permalink": f"/r/{self._board(one)}/comments/{name[3:]}/x/",
            "ups": 1,
            "score": 1,
            "edited": float(one.edited) if one.edited else False,
        }
        if one.root:
            said = {
                "body": one.text,
                "link_id": one.root,
                "parent_id": one.parent or one.root,
                "replies": "",
            }
            return {"kind": "t1", "data": {**shared, **said}}
        body = {"title": one.extra.get("title", ""), "selftext": one.text, "num_comments": 0}
        return {"kind": "t3", "data": {**shared, **body, "removed_by_category": None}}


def _base36(n: int) -> str:
    made = ""
    while n:
        n, digit = divmod(n, 36)
        made = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + made
    return made or "0"
