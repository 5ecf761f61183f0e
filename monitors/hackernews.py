"""Hacker News through Algolia's public search: stories and comments that hold the search words.

Runs on the engine's loop. One request a poll: a round goes word by word, each from now back to where the
last round stood, by time and not by page, since pages shift under the reader. It only reads: there is no
official way to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import BadResponse
from app.i18n import N_, _
from app.settings.schema import lines, text
from monitors.base import Info, Monitor, Thread
from monitors.cursors import Seen, dump, load, nothing_to_search, search_words, second
from monitors.reading import (
    checked,
    clean,
    count,
    fetch,
    fingerprint,
    from_json,
    maybe,
    need,
    page_of,
    plain,
    raw_json,
    server_of,
    when,
)
from monitors.rounds import FIRST, Round

SIZE = 100
OVERLAP = 2 * 3600
"""Seconds read again in every round: the index is late, and comments may be edited for two hours."""
DEEPEST = 1000
"""Hits Algolia lets one reach by pages; beyond them a round goes on by time."""


@dataclass(frozen=True)
class Settings:
    words: tuple[str, ...] = lines(
        N_("Search words"), help=N_("One a line. Left empty: the names and aliases of all brands.")
    )
    server: str = text(
        N_("Server"), default="https://hn.algolia.com", help=N_("Leave as it is unless you use a mirror.")
    )


class HackerNews(Monitor[Settings]):
    info = Info(
        id="hackernews",
        name=N_("Hacker News"),
        every=300,
        per_minute=30,
        about=N_("Finds stories and comments on Hacker News that hold your search words."),
        basis=N_("official API"),
        homepage="https://news.ycombinator.com/",
        terms="https://hn.algolia.com/api",
        personal=N_("user name and link to the profile"),
        reach=FIRST,
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        server_of(settings.server)

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:
        words = search_words(watches, self.settings.words)
        if not words:
            return nothing_to_search(cursor)
        kept, now = load(cursor), int(self.means.now().timestamp())
        at, seen = Round(kept, words), Seen(kept.get("seen"))
        hits = await self._search(at.stream, at, now)
        page = read_page(hits)
        news = seen.news(page.mentions)
        _turn(at, page.mentions, news, now, full=len(hits) >= SIZE)
        told = dump(**at.members(), seen=seen.marks())
        return replace(page, mentions=news, cursor=told, more=not at.over)

    async def check(self) -> str:
        words = search_words((), self.settings.words)
        at, now = Round({}, words or ("",)), int(self.means.now().timestamp())
        hits = await self._search(at.stream, at, now)
        return _("Hacker News answers; the newest page holds {n} posts.").format(n=len(hits))

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """The whole tree comes at once; what was handed over before stays out."""
        number_ = post.root_id or post.native_id
        got = await fetch(self.http, f"{server_of(self.settings.server)}/api/v1/items/{number_}")
        if got.status == 404:
            return Thread(Page((), cursor), gone=number_ == post.native_id)
        seen = Seen(load(cursor).get("seen"))
        found = [_answer(one, number_) for one in _below(from_json(checked(got).body))]
        fresh = seen.news(one for one in found if one is not None)
        return Thread(Page(fresh, dump(seen=seen.marks()), skipped=found.count(None)))

    async def _search(self, word: str, at: Round, now: int) -> list[Any]:
        until = f",created_at_i<={at.until}" if at.until else ""
        got = await fetch(
            self.http,
            f"{server_of(self.settings.server)}/api/v1/search_by_date",
            params={
                "query": f'"{word}"' if word else "",
                "tags": "(story,comment)",
                "numericFilters": f"created_at_i>={now - FIRST}{until}",
                "page": _page(at),
                "hitsPerPage": SIZE,
            },
        )
        hits = maybe(from_json(checked(got).body), "hits")
        if not isinstance(hits, list):
            raise BadResponse(_("This is not what Hacker News' search answers."))
        return hits


def _page(at: Round) -> int:
    """Of hits of one second: 0 but where that second has a page of them or more."""
    return int(at.token) if at.token.isdecimal() else 0


def _turn(at: Round, found: Sequence[Mention], news: Sequence[Mention], now: int, *, full: bool) -> None:
    """On by time, to where the last round began and what was written in the hours before. A second that
    holds a whole page goes on by page, as far as Algolia goes; then below it."""
    fresh = {one.native_id for one in news}
    low = min((second(one) for one in found), default=0)
    more = full and low > at.done.get(at.stream, 0) - OVERLAP
    rows = [(second(one), not more and one.native_id not in fresh) for one in found]
    token = ""
    if more and low == at.until:
        deepest = (_page(at) + 2) * SIZE > DEEPEST
        token = "" if deepest else str(_page(at) + 1)
        rows += [(low - 1, False)] if deepest else []
    at.turn(rows, now=now, mark=" ".join(one.native_id for one in found), token=token, more=more)


def read_page(hits: Sequence[Any]) -> Page:
    return page_of(hits, read_hit, _("This is not what Hacker News' search answers."))


def read_hit(hit: Any) -> Mention:
    """A story or comment; BadResponse where it has no number or says nothing."""
    id_ = clean(str(need(hit, "objectID")), limit=40)
    title = clean(str(maybe(hit, "title") or ""), limit=1000)
    said = plain(str(maybe(hit, "comment_text") or maybe(hit, "story_text") or "")) or title
    author = clean(str(maybe(hit, "author") or ""), limit=200)
    story = not maybe(hit, "comment_text")
    date, parent, root = (maybe(hit, name) for name in ("created_at", "parent_id", "story_id"))
    return Mention(
        platform="hackernews",
        native_id=id_,
        url=f"https://news.ycombinator.com/item?id={id_}",
        text=need({"text": said}, "text"),
        kind=Kind.POST if story else Kind.COMMENT,
        title=(title if said != title else "") if story else "",
        author=_author(author),
        published_at=when(date) if date else None,
        counts=Counts(likes=count(maybe(hit, "points")), comments=count(maybe(hit, "num_comments"))),
        lang="",
        parent_id=str(parent) if parent and not story else "",
        root_id=str(root) if root and str(root) != id_ else "",
        site="Hacker News",
        fingerprint=fingerprint(id_, title, said),
        raw=raw_json(hit),
    )


def _author(name: str) -> Author:
    known = re.fullmatch(r"[\w-]{1,40}", name, re.ASCII)
    return Author(
        name=name,
        native_id=name,
        url=f"https://news.ycombinator.com/user?id={name}" if known else "",
    )


def _below(tree: Any) -> Iterator[Any]:
    """Every answer below an item, however deep, without recursion."""
    waiting = [tree]
    while waiting:
        children = maybe(waiting.pop(), "children")
        for child in children if isinstance(children, list) else ():
            yield child
            waiting.append(child)


def _answer(one: Any, root: str) -> Mention | None:
    """A comment of an item's tree; None where it says nothing (deleted ones keep their place)."""
    said = plain(str(maybe(one, "text") or ""))
    try:
        told = {**one, "objectID": need(one, "id"), "comment_text": said, "story_id": root}
        return read_hit(told) if said else None
    except (BadResponse, TypeError):
        return None
