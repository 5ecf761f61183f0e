"""YouTube's Data API v3: comment threads with page tokens, answers, search, units and their reasons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

KEY = "s3cr3t-of-the-house"
VIDEO, CHANNEL = "synthvideo1", "UCsynth0001"


class YouTube(Platform):
    """An item's `root` is its video (`VIDEO` unless said), `parent` the comment it answers."""

    prefix = "youtube"

    def __init__(self) -> None:
        super().__init__()
        self.units = 10_000
        self.disabled: set[str] = set()
        """Videos whose comments are turned off."""

    def new_id(self) -> str:
        return f"Ugsynth{super().new_id():>08}AaABAg"

    def answer(self, call: Call) -> Reply:
        if call.get("key", call.headers.get("x-goog-api-key", "")) != KEY:
            return self.expired(call)
        what = call.path.removeprefix("/youtube/v3/")
        self.units -= 100 if what == "search" else 1
        if self.units < 0:
            return _error(403, "quotaExceeded")
        match what:
            case "commentThreads":
                return self._threads(call)
            case "comments":
                return self._answers(call)
            case "search":
                return self._search(call)
        return as_json({"error": {"code": 404, "message": "Not Found", "errors": []}}, 404)

    def limited(self) -> Reply:
        return _error(403, "rateLimitExceeded")

    def expired(self, call: Call) -> Reply:  # noqa: ARG002  # always the same
        return _error(400, "keyInvalid")

    def _video(self, one: Item) -> str:
        return one.root or VIDEO

    def _threads(self, call: Call) -> Reply:
        video = call.get("videoId")
        if video in self.disabled:
            return _error(403, "commentsDisabled")
        if not video and call.get("allThreadsRelatedToChannelId") != CHANNEL:
            return _error(404, "channelNotFound")
        tops = [one for one in self.shown() if not one.parent and (not video or self._video(one) == video)]
        tops.sort(key=lambda one: (-one.at, one.id), reverse=False)
        return self._paged(call, tops, self._thread)

    def _answers(self, call: Call) -> Reply:
        top = self.item(call.get("parentId"))
        if top is None or top.deleted:
            return _error(404, "commentNotFound")
        below = [one for one in self.shown() if one.parent == top.id]
        return self._paged(call, below, self._comment)

    def _search(self, call: Call) -> Reply:
        word = call.get("q").strip('"')
        seen = {self._video(one) for one in self.shown() if word in str(one.extra.get("video_title", ""))}
        items = [{"id": {"kind": "youtube#video", "videoId": one}, "snippet": {}} for one in sorted(seen)]
        return as_json({"kind": "youtube#searchListResponse", "items": items})

    def _paged(self, call: Call, items: list[Item], shape: Any) -> Reply:
        size = min(100, max(1, call.number("maxResults", 20)))
        token = call.get("pageToken").removeprefix("p")
        start = int(token) if token.isdigit() else 0
        told: dict[str, Any] = {"items": [shape(one) for one in items[start : start + size]]}
        if start + size < len(items):
            told["nextPageToken"] = f"p{start + size}"
        return as_json({**told, "pageInfo": {"totalResults": len(items), "resultsPerPage": size}})

    def _thread(self, one: Item) -> dict[str, Any]:
        below = [each for each in self.shown() if each.parent == one.id]
        told: dict[str, Any] = {
            "id": one.id,
            "snippet": {
                "videoId": self._video(one),
                "topLevelComment": self._comment(one),
                "totalReplyCount": len(below),
            },
        }
        if below:
            told["replies"] = {"comments": [self._comment(each) for each in below[:5]]}
        return told

    def _comment(self, one: Item) -> dict[str, Any]:
        said = {
            "textDisplay": one.text,
            "textOriginal": one.text,
            "authorDisplayName": f"@{one.author}",
            "authorChannelId": {"value": f"UC{one.author_id}"},
            "likeCount": 2,
            "publishedAt": _time(one.at),
            "updatedAt": _time(one.edited or one.at),
        }
        return {"id": one.id, "snippet": {**said, **({"parentId": one.parent} if one.parent else {})}}


def _time(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _error(status: int, reason: str) -> Reply:
    one = {"message": reason, "domain": "youtube.test", "reason": reason}
    return as_json({"error": {"code": status, "message": reason, "errors": [one]}}, status)
