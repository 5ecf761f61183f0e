"""Zhihu's open platform: a ranked search without paging, codes inside HTTP 200, upper camel case."""

from __future__ import annotations

from typing import Any

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

SECRET = "s3cr3t-of-the-house"  # noqa: S105  # the only secret this made-up platform knows
MOST = 10


class Zhihu(Platform):
    """`extra["type"]` is Answer (default), Question or Article; `extra["title"]` its title."""

    prefix = "zhihu"
    first_id = 3_900_000_001

    def answer(self, call: Call) -> Reply:
        if not self._signed(call):
            return self.expired(call)
        if call.path == "/api/v1/quota":
            left = self.switches.left if self.switches.left is not None else 4990
            return self._enveloped({"Items": [{"Api": "zhihu_search", "Limit": 5000, "Remaining": left}]})
        if call.path == "/api/v1/content/zhihu_search":
            return self._search(call)
        return as_json({"Code": 10001, "Message": "content unavailable", "Data": None})

    def _signed(self, call: Call) -> bool:
        stamp = call.headers.get("x-request-timestamp", "")
        return call.bearer == SECRET and stamp.isdigit() and abs(int(stamp) - self.now()) < 900

    def _search(self, call: Call) -> Reply:
        word = call.get("Query")
        if not 2 <= len(word) <= 100:
            return as_json({"Code": 10001, "Message": "Query length must be 2-100", "Data": None})
        found = [one for one in self.shown() if word in f"{one.extra.get('title', '')}{one.text}"]
        found.sort(key=lambda one: -float(one.extra.get("score", one.at)))
        size = min(MOST, max(1, call.number("Count", MOST)))
        items = [self._item(one, word) for one in found[:size]]
        return self._enveloped({"HasMore": False, "SearchHashId": "synthhash01", "Items": items})

    def _enveloped(self, data: Any) -> Reply:
        return as_json({"Code": 0, "Message": "success", "Data": data})

    def _item(self, one: Item, word: str) -> dict[str, Any]:
        link = f"https://www.zhihu.com/question/700000001/answer/{one.id}?utm_source=open&utm_id=1"
        return {
            "Title": one.extra.get("title", "").replace(word, f"<em>{word}</em>"),
            "ContentType": one.extra.get("type", "Answer"),
            "ContentID": one.id,
            "ContentText": one.text.replace(word, f"<em>{word}</em>"),
            "Url": link,
            "CommentCount": 12,
            "VoteUpCount": 35,
            "AuthorName": one.author,
            "AuthorAvatar": "https://pic1.example/synth.jpg",
            "AuthorBadge": "",
            "AuthorBadgeText": "",
            "EditTime": int(one.edited or one.at),
            "CommentInfoList": [],
            "AuthorityLevel": "1",
            "RankingScore": 1.54,
        }

    def limited(self) -> Reply:
        return as_json({"Code": 30001, "Message": "too many requests", "Data": None})

    def expired(self, call: Call) -> Reply:  # noqa: ARG002  # always the same
        return as_json({"Code": 20001, "Message": "authentication failed", "Data": None})

    def error200(self) -> Reply:
        return as_json({"Code": 90001, "Message": "internal error", "Data": None})
