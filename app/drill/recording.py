"""A scenario out of a team's own history, without the people in it. Reads only; worker threads.

Names, ids and whatever else points to a person are replaced unless `keep` is asked for; addresses of
posts and links never go along. docs/drill.md says what that does not cover.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.alerts.rules import fold_key
from app.core import Core
from app.domain.mention import Kind, Stored
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Watch
from app.drill.fields import LONGEST_TEXT, MOST_ITEMS, NO_TEXT
from app.drill.scenario import LATEST
from app.errors import ConfigError, NotFound
from app.i18n import _

RECORD_BEFORE = 336
"""Hours before the beginning that may be recorded with it."""
PAGE = 2000

_LINK = re.compile(r"(?:https?://|www\.)[!-~]+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_NUMBER = re.compile(r"\d{7,}")
_AT = re.compile(r"@([\w\-·]{1,30})")
_FORUMS = ("forum", "tieba", "nga", "v2ex", "hupu")


@dataclass(frozen=True, slots=True)
class Recording:
    """`text` is the scenario file, a post a line; `crisis` of its `posts` are marked as the crisis."""

    text: str
    posts: int
    crisis: int


def record(
    core: Core, brand: Watch, since: datetime, until: datetime, *, before: timedelta, keep: bool = False
) -> Recording:
    """What was published of `brand` from `since` (minute 0) up to `until`, and `before` that.

    Raises NotFound where nothing is stored, ConfigError where the span or the number is too large.
    """
    length = (until - since).total_seconds() / 60.0
    if length > LATEST:
        raise ConfigError(
            _("A drill lasts {n} days at the most.").format(n=int(LATEST // 1440)), field="to"
        )
    rows = _rows(core, brand, since - before, until)
    if not rows:
        raise NotFound(_("Nothing of “{brand}” is stored for that time.").format(brand=brand.name))
    hidden = _Names(rows, brand, keep=keep)
    posts = [_post(n, row, since, hidden) for n, row in enumerate(rows, 1)]
    _mark_copies(posts, rows, core)
    crisis = sum(post["phase"] == "spread" for post in posts)
    head = {
        "format": 2,
        "name": "recorded",
        "title": _("{brand}, recorded").format(brand=brand.name),
        "about": _("Recorded from stored mentions. Negative posts from minute 0 on count as the crisis."),
        "length": max(1.0, round(length, 2)),
        "starts": since.astimezone().strftime("%H:%M"),
        "own_sources": True,
        "brands": [_brand(brand)],
        "app": {"id": "900000009", "name": brand.name, "bundle": "cn.example.recorded", "version": "1.0"},
    }
    return Recording(_written(head, posts), len(posts), crisis)


def _written(head: Mapping[str, Any], posts: Iterable[Mapping[str, Any]]) -> str:
    """A post a line, so that a person can read and change it."""
    lines = ",\n  ".join(json.dumps(post, ensure_ascii=False) for post in posts)
    body = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{body},\n "posts": [\n  {lines}\n ]\n}}\n'


def _rows(core: Core, brand: Watch, since: datetime, until: datetime) -> list[Stored]:
    """Oldest first."""
    query = MentionQuery(brands=(brand.id,), since=since, until=until, oldest_first=True)
    rows: list[Stored] = []
    page = core.mentions(query, None, PAGE)
    while True:
        rows += page.rows
        if len(rows) > MOST_ITEMS:
            told = _("That are more than {n} posts; choose a shorter time.")
            raise ConfigError(told.format(n=MOST_ITEMS), field="to")
        if page.next is None:
            return [row for row in rows if row.text.strip() or row.mention.title.strip()]
        page = core.mentions(query, page.next, PAGE)


def _brand(brand: Watch) -> dict[str, Any]:
    return {
        "name": brand.name,
        "query": brand.query,
        "aliases": list(brand.aliases),
        "exclusions": list(brand.exclusions),
    }


# ── people ───────────────────────────────────────────────────────────────────────────────────────


class _Names:
    """路人1, 路人2 … in the order in which they appear; the same person keeps the same name."""

    def __init__(self, rows: Iterable[Stored], brand: Watch, *, keep: bool) -> None:
        self._keep = keep
        self._brand = tuple(name.casefold() for name in (brand.name, *brand.aliases) if name)
        self._given: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        names = {row.mention.author.name for row in rows if len(row.mention.author.name) >= 3}
        written = sorted((one for one in names if not self._official(one)), key=len, reverse=True)
        self._written = re.compile("|".join(map(re.escape, written))) if written and not keep else None

    def _official(self, name: str) -> bool:
        """An account that is named for the brand is no person."""
        return any(one in name.casefold() for one in self._brand)

    def name(self, name: str) -> str:
        if self._keep or self._official(name):
            return name or "路人"
        return self._given.setdefault(name, f"路人{len(self._given) + 1}")

    def id(self, key: str) -> str:
        return self._ids.setdefault(key, f"u{len(self._ids) + 1}")

    def text(self, text: str) -> str:
        """Without links, and without what points to a person."""
        text = NO_TEXT.sub("", _LINK.sub("", text))
        if not self._keep:
            text = _MAIL.sub("邮箱", text)
            text = _AT.sub(lambda match: f"@{self.name(match[1])}", text)
            if self._written is not None:
                text = self._written.sub(lambda match: self.name(match[0]), text)
            text = _NUMBER.sub(lambda match: "0" * len(match[0]), text)
        return text.strip()[:LONGEST_TEXT]


# ── posts ────────────────────────────────────────────────────────────────────────────────────────


def _post(n: int, row: Stored, since: datetime, hidden: _Names) -> dict[str, Any]:
    mention, at = row.mention, (row.published_at - since).total_seconds() / 60.0
    channel = _channel(row)
    post: dict[str, Any] = {
        "id": f"r{n}",
        "at": round(at, 2),
        "phase": "spread" if at >= 0 and row.tone is Tone.NEGATIVE else "chatter",
        "channel": channel,
        "label": str(row.tone or Tone.NEUTRAL),
        "author": _author(row, hidden),
        "text": hidden.text(row.text) or hidden.text(mention.title) or "…",
    }
    if channel == "weibo":
        post["platform"] = mention.platform
    if title := hidden.text(mention.title):
        post["title"] = title
    if channel == "appstore":
        post["rating"] = round(mention.rating or 0)
    elif mention.counts.total:
        counts = mention.counts
        post["counts"] = {
            "likes": counts.likes or 0,
            "comments": counts.comments or 0,
            "shares": counts.shares or 0,
        }
    return post


def _channel(row: Stored) -> str:
    if row.mention.rating is not None and 1 <= round(row.mention.rating) <= 5:
        return "appstore"
    if row.mention.kind is Kind.ARTICLE:
        return "news"
    return "forum" if row.mention.platform in _FORUMS else "weibo"


def _author(row: Stored, hidden: _Names) -> Mapping[str, Any]:
    author = row.mention.author
    made: dict[str, Any] = {
        "name": hidden.name(author.name),
        "id": hidden.id(author.native_id or author.url or author.name),
    }
    if author.followers is not None:
        made["followers"] = author.followers
    if author.verified is not None:
        made["verified"] = author.verified
    return made


def _mark_copies(posts: list[dict[str, Any]], rows: Sequence[Stored], core: Core) -> None:
    """What the program has folded: a near copy in the story of an earlier post, or the very same words.

    Answers and reposts that a platform links are in the story too, but say something of their own.
    """
    stories = core.storage.stories
    of = stories.of_mentions([row.id for row in rows])
    written = {
        part.mention_id
        for story in {one for one, n in Counter(of.values()).items() if n > 1}
        for part in stories.parts(story, MOST_ITEMS)
        if part.way != "link"
    }
    first: dict[str, str] = {}
    for post, row in zip(posts, rows, strict=True):
        key = f"story {of[row.id]}" if row.id in written else fold_key(row.text)
        if key and first.setdefault(key, post["id"]) != post["id"]:
            post["copy_of"] = first[key]
