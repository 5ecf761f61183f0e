"""The comments of one WeChat article: how far it was read, and each comment as a mention. Pure.

Pages are offsets that shift under the reader: a new comment moves the others down (they come twice), a
deleted one moves them up (one is missed). So a page that holds only known comments ends a reading only
while as many are known as WeChat counts; where the numbers differ, and once a day, all pages are read.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.domain.mention import Author, Kind, Mention
from app.errors import BadResponse
from app.i18n import _
from monitors.cursors import number
from monitors.reading import clean, count, fingerprint, maybe, need, raw_json, read_all, safe_url, when

SIZE = 49
"""Comments a page: 50 are refused."""
PAGES = 600
"""Of one reading, at the most."""
TRIES = 3
DAY = 86400

Identity = tuple[str, Kind, str]


@dataclass(slots=True)
class Article:
    """`at`, `read`, `whole` in epoch seconds: published, read last, read to its end last. `seen`: comment →
    (how it read and whether it was answered, the number of the reading that met it last). `odd`: WeChat's
    count that whole readings did not meet, `tries` of them."""

    data_id: int
    index: int
    url: str = ""
    title: str = ""
    at: int = 0
    read: int = 0
    whole: int = 0
    turn: int = 0
    odd: int = 0
    tries: int = 0
    shut: str = ""
    """Why WeChat does not show its comments; empty where it does."""
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.data_id}_{self.index}"

    @property
    def link(self) -> str:
        """WeChat has no link to one comment: the article's, or the console's."""
        return self.url or "https://mp.weixin.qq.com/"

    def due(self, now: int, young: int) -> bool:
        """Every round while it is young, daily afterwards and where its comments are shut."""
        daily = bool(self.shut) or bool(self.at and now - self.at > young)
        return now - self.read >= DAY - 600 or not daily

    def members(self) -> list[Any]:
        seen = {id_: [*mark] for id_, mark in self.seen.items()}
        numbers = (
            self.data_id,
            self.index,
            self.at,
            self.read,
            self.whole,
            self.turn,
            self.odd,
            self.tries,
        )
        return [[*numbers], self.url, self.title, self.shut, seen]

    def lacking(self, total: int | None) -> bool:
        """Does WeChat count others than are known? It may go on doing so after whole readings."""
        if total is None or total == len(self.seen):
            return False
        return total != self.odd or self.tries < TRIES


def article(told: Any) -> Article | None:
    """From a cursor; None where it is mangled."""
    if not isinstance(told, list) or len(told) != 5:
        return None
    numbers, url, title, shut, seen = told
    if not all(isinstance(one, str) for one in (url, title, shut)) or not isinstance(seen, dict):
        return None
    if not isinstance(numbers, list) or len(numbers) != 8 or not number(numbers[0]):
        return None
    marks = {
        id_: (mark[0], mark[1])
        for id_, mark in seen.items()
        if isinstance(mark, list) and len(mark) == 2 and all(isinstance(one, int) for one in mark)
    }
    data_id, index, *rest = map(number, numbers)
    at, read, whole, turn, odd, tries = rest
    where = (data_id, index, safe_url(url), title)
    return Article(*where, at, read, whole, turn, odd, tries, shut=shut, seen=marks)


_MARK = re.compile(r"\s*(\d{5,18})(?:[_:](\d{1,2}))?\s*", re.ASCII)


def named(told: str) -> Article | None:
    """An article a person names: its link, or its msg_data_id, with _INDEX for the second and later ones of
    one mass message (0 is the first)."""
    if found := _MARK.fullmatch(told):
        return Article(int(found[1]), int(found[2] or 0))
    return linked(told)


def linked(url: str, title: str = "", at: int = 0) -> Article | None:
    """By its link, which carries the number (mid) and the place (idx, from 1) in the mass message."""
    safe = safe_url(url)
    try:
        query = parse_qs(urlsplit(safe).query)
    except ValueError:
        return None
    mid, idx = query.get("mid", [""])[0], query.get("idx", ["1"])[0]
    if not re.fullmatch(r"\d{1,18}", mid, re.ASCII) or not re.fullmatch(r"[1-9]\d?", idx, re.ASCII):
        return None
    return Article(int(mid), int(idx) - 1, safe, clean(title, limit=300), at)


def published(item: Any, oldest: int) -> list[Article]:
    """The articles of one item of freepublish/batchget that may be commented on and are not too old."""
    content = maybe(item, "content")
    news = maybe(content, "news_item")
    stamp = count(maybe(content, "create_time")) or count(maybe(item, "update_time")) or 0
    if not isinstance(news, list) or stamp < oldest or stamp > 10**11:
        return []
    made = [
        linked(str(maybe(one, "url") or ""), str(maybe(one, "title") or ""), stamp)
        for one in news
        if maybe(one, "need_open_comment") != 0 and maybe(one, "is_deleted") is not True
    ]
    return [one for one in made if one is not None]


@dataclass(slots=True)
class Gained:
    """What a page of comments brought."""

    mentions: list[Mention] = field(default_factory=list)
    answered: list[Identity] = field(default_factory=list)
    skipped: int = 0
    news: bool = False


def take(of: Article, comments: Sequence[Any]) -> Gained:
    """One page: what is new or reads otherwise, and what got its answer. One bad comment is counted,
    nothing but bad ones is BadResponse."""
    gained = Gained()
    pairs, gained.skipped = read_all(comments, lambda one: (one, read_comment(one, of)))
    for one, made in pairs:
        id_, answered = made.native_id.rpartition("_")[2], _answered(one)
        before = of.seen.pop(id_, (-1, 0))[0]
        mark = zlib.crc32(made.text.encode("utf-8", "surrogatepass")) * 2 + answered
        of.seen[id_] = (mark, of.turn)
        gained.news = gained.news or before < 0
        if before >> 1 != mark >> 1:
            gained.mentions.append(made)
        if answered and (before < 0 or not before & 1):
            gained.answered.append((made.platform, made.kind, made.native_id))
    return gained


def missing(of: Article, total: int) -> list[Identity]:
    """After a whole reading: what it did not meet was deleted, if it met as many as WeChat counts.

    None at all is never taken for "all deleted": platforms fall silent more often than that."""
    met = sum(turn == of.turn for _mark, turn in of.seen.values())
    if not total:
        return []
    if met != total:
        of.odd, of.tries = total, of.tries + 1 if of.odd == total else 1
        return []
    of.odd = of.tries = 0
    lost = [id_ for id_, (_mark, turn) in of.seen.items() if turn != of.turn]
    for id_ in lost:
        del of.seen[id_]
    return [("wechat", Kind.COMMENT, f"{of.key}_{id_}") for id_ in lost]


def read_comment(one: Any, of: Article) -> Mention:
    """BadResponse where it has no number or says nothing. The author's name is not to be had, and readers
    without a WeChat identity have no openid either."""
    id_ = need(one, "user_comment_id")
    if not isinstance(id_, int | str) or isinstance(id_, bool) or not re.fullmatch(r"\d{1,18}", str(id_)):
        raise BadResponse(_("“{key}” is missing from what was sent.").format(key="user_comment_id"))
    said, date = clean(str(need(one, "content"))), maybe(one, "create_time")
    open_id = clean(str(maybe(one, "openid") or ""), limit=100)
    return Mention(
        platform="wechat",
        native_id=f"{of.key}_{id_}",
        url=of.link,
        text=need({"content": said}, "content"),
        kind=Kind.COMMENT,
        author=reader(open_id),
        published_at=when(date) if date else None,
        parent_id=of.key,
        root_id=of.key,
        site=of.title,
        fingerprint=fingerprint("wechat", of.key, id_, said),
        raw=raw_json(one),
    )


def reader(open_id: str) -> Author:
    if not open_id:
        return Author(name=_("A reader without a WeChat account"))
    return Author(name=_("Reader #{mark}").format(mark=fingerprint(open_id)[:6]), native_id=open_id)


def _answered(one: Any) -> bool:
    return bool(maybe(maybe(one, "reply"), "content"))
