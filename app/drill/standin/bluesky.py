"""Bluesky: an account's host (sessions, records), and the search, notifications and threads behind it.

Traps as on real hosts: tokens are JWTs, an access token that is over is a 400, the refresh token is another
one after each use (the old one gives the same successor for a while); `since` and `until` and the order of
search go by a time of the index; facets count bytes.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

DID = "did:plc:skylark0001"
POSTS = "app.bsky.feed.post"
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
DEEPEST = 10_000
"""Posts that a search's cursor reaches."""


class Bluesky(Platform):
    """`password`: the app password ("": any). `pds`: what stands behind the address for the account's own
    host. `made`, `renewed`: how many sessions were created and refreshed. An item's `extra`: `reason` (of a
    notification), `unsearched`, `facets`, `indexed` (epoch seconds), `embed`."""

    prefix = "bsky"

    def __init__(self) -> None:
        super().__init__()
        self.password = ""
        self.pds = "/pds"
        self.window = 300.0
        self.made = 0
        self.renewed = 0
        self.taken_down = False
        self._access: set[str] = set()
        self._refresh: set[str] = set()
        self._next: dict[str, str] = {}
        """A refresh token used once → its successor."""
        self._numbers = count(1)
        self._ticks = count(1)

    # ── what stands here ─────────────────────────────────────────────────────────────────────────

    def add(self, text: str, **more: Any) -> Item:
        return super().add(text, **{"author_id": "did:plc:ashu0001", **more})

    def new_id(self) -> str:
        return f"at://did:plc:ashu0001/{POSTS}/{self._tid()}"

    def _tid(self) -> str:
        number = (int(self.now() * 1_000_000) << 10) + next(self._ticks) % 1024
        return "".join(_SORTABLE[number >> 5 * place & 31] for place in range(12, -1, -1))

    def expire_access(self) -> None:
        """Two hours have gone by."""
        self._access.clear()

    def expire_refresh(self) -> None:
        """Ninety days have gone by."""
        self._access.clear()
        self._refresh.clear()
        self._next.clear()

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    def take(self, call: Call) -> Reply:
        made = super().take(call)
        return replace(made, headers={**self._limits(), **made.headers})

    def _limits(self) -> dict[str, str]:
        left = self.switches.left
        return {
            "RateLimit-Limit": "3000",
            "RateLimit-Remaining": str(2999 if left is None else max(0, left)),
            "RateLimit-Reset": str(int(self.now() + self.window)),
            "RateLimit-Policy": "3000;w=300",
        }

    def limited(self) -> Reply:
        return _error("RateLimitExceeded", "Rate Limit Exceeded", 429)

    def expired(self, call: Call) -> Reply:
        if call.path.endswith("createSession"):
            return _error("AuthenticationRequired", "Invalid identifier or password", 401)
        return _error("ExpiredToken", "Token has expired", 400)

    def answer(self, call: Call) -> Reply:
        """Only sessions are made at the entry's own address; everything else at the account's host."""
        path = call.path.removeprefix(self.pds)
        name = path.removeprefix("/xrpc/")
        if name == "com.atproto.server.createSession" and call.method == "POST":
            return self._create(call)
        if path == call.path and self.pds:
            return _error("InvalidRequest", "Could not find repo", 400)
        if name == "com.atproto.server.refreshSession" and call.method == "POST":
            return self._renew(call)
        if call.bearer not in self._access:
            return self._unknown(call.bearer)
        for known, method, handler in _ROUTES:
            if name == known and call.method == method:
                made: Reply = getattr(self, handler)(call)
                return made
        return _error("MethodNotImplemented", "Method Not Implemented", 501)

    def _unknown(self, token: str) -> Reply:
        if token.count(".") == 2:
            return _error("ExpiredToken", "Token has expired", 400)
        return _error("InvalidToken", "Bad token", 400) if token else _error("AuthMissing", "No token", 401)

    def _create(self, call: Call) -> Reply:
        told = call.json()
        given = told if isinstance(told, dict) else {}
        if self.taken_down:
            return _error("AccountTakedown", "Account has been taken down", 401)
        if not given.get("identifier") or self.password not in ("", given.get("password")):
            return _error("AuthenticationRequired", "Invalid identifier or password", 401)
        self.made += 1
        return as_json(
            self._session(call, str(given["identifier"]), self._jwt("com.atproto.refresh", 90 * 86400))
        )

    def _renew(self, call: Call) -> Reply:
        old = call.bearer
        if old not in self._refresh and old not in self._next:
            return _error("ExpiredToken", "Token has expired", 400)
        self._refresh.discard(old)
        new = self._next.setdefault(old, self._jwt("com.atproto.refresh", 90 * 86400))
        self.renewed += 1
        return as_json(self._session(call, "brand.example", new))

    def _session(self, call: Call, handle: str, refresh: str) -> dict[str, Any]:
        access = self._jwt("com.atproto.access", 7200)
        self._access.add(access)
        if refresh not in self._next:
            self._refresh.add(refresh)
        host = f"http://{call.headers.get('host', '127.0.0.1')}/{self.prefix}{self.pds}"
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": host}
        return {
            "accessJwt": access,
            "refreshJwt": refresh,
            "handle": handle,
            "did": DID,
            "didDoc": {"id": DID, "alsoKnownAs": [f"at://{handle}"], "service": [service]},
            "email": "brand@example.com",
            "emailConfirmed": True,
            "active": True,
        }

    def _jwt(self, scope: str, seconds: int) -> str:
        now = int(self.now())
        told = {
            "scope": scope,
            "sub": DID,
            "iat": now,
            "exp": now + seconds,
            "aud": "did:web:pds.example",
            "jti": str(next(self._numbers)),
        }
        parts = [{"typ": "JWT", "alg": "HS256"}, told]
        made = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
        return ".".join((*made, "c2lnbmVk"))

    def _search(self, call: Call) -> Reply:
        """By the index's time: `since` takes its moment in, `until` leaves it out."""
        words = call.get("q").lower().replace('"', "").split()
        if not words:
            return _error("InvalidRequest", 'Error: Params must have the property "q"', 400)
        low, high = (_moment(call.get(name)) for name in ("since", "until"))
        found = [
            one
            for one in sorted(self.shown(), key=_sorted_at, reverse=True)
            if all(word in one.text.lower() for word in words)
            and not one.extra.get("unsearched")
            and (low is None or _sorted_at(one) >= low)
            and (high is None or _sorted_at(one) < high)
        ]
        told, more = _page(call, found[:DEEPEST])
        if told is None:
            return _error("InvalidRequest", "Invalid cursor", 400)
        return as_json({**more, "hitsTotal": len(found), "posts": [self._view(one) for one in told]})

    def _notifications(self, call: Call) -> Reply:
        wanted = call.query.get("reasons", ())
        found = [
            one
            for one in reversed(self.shown())
            if one.extra.get("reason") and (not wanted or one.extra["reason"] in wanted)
        ]
        told, more = _page(call, found)
        if told is None:
            return _error("InvalidRequest", "Invalid cursor", 400)
        return as_json({**more, "notifications": [self._notice(one) for one in told], "priority": False})

    def _notice(self, one: Item) -> dict[str, Any]:
        view = self._view(one)
        shared = {name: view[name] for name in ("uri", "cid", "author", "record", "indexedAt", "labels")}
        return {**shared, "reason": one.extra["reason"], "isRead": False}

    def _posts(self, call: Call) -> Reply:
        found = [
            self._standing(uri) for uri in (*call.query.get("uris", ()), *call.query.get("uris[]", ()))
        ]
        return as_json({"posts": [self._view(one) for one in found if one]})

    def _thread(self, call: Call) -> Reply:
        found = self._standing(call.get("uri"))
        if found is None:
            return _error("NotFound", f"Post not found: {call.get('uri')}", 400)
        return as_json({"thread": self._tree(found)})

    def _tree(self, one: Item) -> dict[str, Any]:
        below = [self._tree(each) for each in self.items if each.parent == one.id and not each.deleted]
        shape = {"$type": "app.bsky.feed.defs#threadViewPost"}
        return {**shape, "post": self._view(one), "replies": below}

    def _record(self, call: Call) -> Reply:
        uri = f"at://{call.get('repo')}/{call.get('collection')}/{call.get('rkey')}"
        found = self._standing(uri)
        if found is None:
            return _error("RecordNotFound", f"Could not locate record: {uri}", 400)
        return as_json({"uri": uri, "cid": _cid(found), "value": self._view(found)["record"]})

    def _publish(self, call: Call) -> Reply:
        told = call.json()
        given = told if isinstance(told, dict) else {}
        record = given.get("record")
        problem = _problem(record, given)
        if problem:
            return _error("InvalidRequest" if problem[0] != "{" else "InvalidRecord", problem, 400)
        assert isinstance(record, dict)  # noqa: S101  # else there was a problem
        rkey = str(given.get("rkey") or self._tid())
        uri = f"at://{DID}/{POSTS}/{rkey}"
        if self._standing(uri):
            return _error("InternalServerError", "Internal Server Error", 500)
        reply = record.get("reply") or {}
        parent, root = (str((reply.get(name) or {}).get("uri") or "") for name in ("parent", "root"))
        kept = {"facets": record.get("facets") or [], "reply": reply}
        made = self.add(
            str(record["text"]), id=uri, author="听风", author_id=DID, parent=parent, root=root, extra=kept
        )
        self.sent.append(made)
        commit = {"cid": _cid(made), "rev": self._tid()}
        return as_json({"uri": uri, "cid": _cid(made), "commit": commit, "validationStatus": "valid"})

    def _standing(self, uri: str) -> Item | None:
        found = self.item(uri)
        return found if found and not found.deleted else None

    def _view(self, one: Item) -> dict[str, Any]:
        record: dict[str, Any] = {
            "$type": POSTS,
            "createdAt": _iso(one.at),
            "langs": ["zh"],
            "text": one.text,
            "facets": one.extra.get("facets", []),
        }
        if one.parent:
            record["reply"] = {"root": self._ref(one.root or one.parent), "parent": self._ref(one.parent)}
        mine = one.author_id == DID
        return {
            "uri": one.id,
            "cid": _cid(one),
            "author": {
                "did": one.author_id,
                "handle": "brand.example" if mine else "ashu.example",
                "displayName": one.author,
                "avatar": "https://cdn.example/avatar.jpg",
            },
            "record": record,
            **({"embed": one.extra["embed"]} if "embed" in one.extra else {}),
            "replyCount": sum(each.parent == one.id for each in self.items) if one.parent else 0,
            "repostCount": 0,
            "likeCount": one.extra.get("likes", 1),
            "quoteCount": 0,
            "bookmarkCount": 0,
            "indexedAt": _iso(one.extra.get("indexed", one.at)),
            "labels": [],
            "viewer": {"threadMuted": False, "embeddingDisabled": False},
        }

    def _ref(self, uri: str) -> dict[str, str]:
        found = self.item(uri)
        return {"uri": uri, "cid": _cid(found) if found else "bafyreigone"}


_ROUTES = (
    ("app.bsky.feed.searchPosts", "GET", "_search"),
    ("app.bsky.notification.listNotifications", "GET", "_notifications"),
    ("app.bsky.feed.getPosts", "GET", "_posts"),
    ("app.bsky.feed.getPostThread", "GET", "_thread"),
    ("com.atproto.repo.getRecord", "GET", "_record"),
    ("com.atproto.repo.createRecord", "POST", "_publish"),
)


def _error(name: str, message: str, status: int) -> Reply:
    return as_json({"error": name, "message": message}, status)


def _page(call: Call, found: Sequence[Item]) -> tuple[Sequence[Item] | None, dict[str, str]]:
    """The cursor is a place in the list, which clients must not know; None where it is none of ours."""
    given = call.get("cursor")
    if given and not given.isdigit():
        return None, {}
    at, size = int(given or 0), min(100, max(1, call.number("limit", 25)))
    following = {"cursor": str(at + size)} if at + size < len(found) else {}
    return found[at : at + size], following


def _problem(record: Any, told: dict[str, Any]) -> str:
    """What is wrong with a record; "" if nothing is."""
    if told.get("repo") not in (DID, "brand.example") or told.get("collection") != POSTS:
        return "Could not find repo"
    if (
        not isinstance(record, dict)
        or not isinstance(record.get("text"), str)
        or not record.get("createdAt")
    ):
        return "Record/text must be a string"
    said = record["text"].encode("utf-8", "surrogatepass")
    if len(said) > 3000 or len(record["text"]) > 3000:
        return "Record/text must not be longer than 3000 bytes"
    if _graphemes(record["text"]) > 300:
        return "Record/text must not be longer than 300 graphemes"
    rkey = told.get("rkey")
    if rkey and not re.fullmatch(r"[234567a-j][234567a-z]{12}", str(rkey)):
        return "Invalid record key: must be a TID"
    for facet in record.get("facets") or ():
        index = facet.get("index", {})
        if not 0 <= index.get("byteStart", -1) < index.get("byteEnd", -1) <= len(said):
            return "Record/facets/index is out of bounds"
    return ""


def _graphemes(text: str) -> int:
    return len(re.sub(r"[\u0300-\u036f\ufe00-\ufe0f]|\u200d.", "", text))


def _cid(one: Item) -> str:
    """Another one for another text."""
    number = int.from_bytes(f"{one.id}{one.text}".encode("utf-8", "surrogatepass")[-40:], "big")
    return f"bafyrei{number % 32**20:020x}"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _sorted_at(one: Item) -> float:
    """`sortAt`: what the author claims, but never later than when it was seen."""
    return float(min(one.at, one.extra.get("indexed", one.at)))


def _moment(said: str) -> float | None:
    try:
        return datetime.fromisoformat(said).timestamp() if said else None
    except ValueError:
        return None
