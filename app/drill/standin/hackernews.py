"""Hacker News as Algolia searches it: `search_by_date` with numeric filters and a depth of 1,000 hits."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

DEEPEST = 1000
"""Hits that can be reached by paging one query."""


class HackerNews(Platform):
    """`extra["title"]` makes an item a story; all others are comments."""

    prefix = "hn"
    first_id = 45_100_001

    def answer(self, call: Call) -> Reply:
        if call.path == "/api/v1/search_by_date":
            return self._search(call)
        if match := re.fullmatch(r"/api/v1/items/(\d+)", call.path):
            return self._item(match[1])
        return as_json({"error": "Not Found", "status": 404}, 404)

    def guarded(self, call: Call) -> bool:  # noqa: ARG002  # open to all
        return False

    def _search(self, call: Call) -> Reply:
        size = min(1000, max(1, call.number("hitsPerPage", 20)))
        page = max(0, call.number("page", 0))
        found = [one for one in reversed(self.shown()) if _fits(one, call)]
        found.sort(key=lambda one: -int(one.at))
        reach = found[:DEEPEST]
        hits = [_hit(one) for one in reach[page * size : (page + 1) * size]]
        return as_json(
            {
                "hits": hits,
                "nbHits": len(found),
                "page": page,
                "nbPages": -(-len(reach) // size),
                "hitsPerPage": size,
                "exhaustiveNbHits": True,
                "query": call.get("query"),
                "processingTimeMS": 3,
            }
        )

    def _item(self, id: str) -> Reply:
        one = self.item(id)
        if one is None or one.deleted:
            return as_json({"error": "Not Found", "status": 404}, 404)
        return as_json(self._tree(one))

    def _tree(self, one: Item) -> dict[str, Any]:
        below = [self._tree(each) for each in self.items if each.parent == one.id and not each.deleted]
        told = {name: value for name, value in _hit(one).items() if name in ("author", "title", "url")}
        return {
            **told,
            "id": int(one.id),
            "created_at_i": int(one.at),
            "type": "story" if one.extra.get("title") else "comment",
            "text": one.text,
            "points": one.extra.get("points"),
            "parent_id": int(one.parent) if one.parent else None,
            "story_id": int(one.root or one.id),
            "children": below,
        }


def _fits(one: Item, call: Call) -> bool:
    words = call.get("query").lower().split()
    said = f"{one.extra.get('title', '')} {one.text}".lower()
    for bound in filter(None, call.get("numericFilters").split(",")):
        match = re.fullmatch(r"created_at_i(>=|<=|>|<)(\d+)", bound)
        if match and not _holds(int(one.at), match[1], int(match[2])):
            return False
    return all(word.strip('"') in said for word in words)


def _holds(value: int, how: str, bound: int) -> bool:
    return {">": value > bound, ">=": value >= bound, "<": value < bound, "<=": value <= bound}[how]


def _hit(one: Item) -> dict[str, Any]:
    story = one.extra.get("title")
    return {
        "objectID": one.id,
        "created_at": datetime.fromtimestamp(int(one.at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "created_at_i": int(one.at),
        "author": one.author,
        "title": story,
        "url": one.extra.get("url"),
        "points": one.extra.get("points"),
        "num_comments": one.extra.get("comments", 0) if story else None,
        "story_text": one.text if story else None,
        "comment_text": None if story else one.text,
        "story_id": int(one.root or one.id),
        "story_title": None if story else one.extra.get("story_title"),
        "parent_id": int(one.parent) if one.parent else None,
        "_tags": ["story" if story else "comment", f"author_{one.author}", f"story_{one.root or one.id}"],
        "_highlightResult": {},
    }
