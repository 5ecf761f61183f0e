"""One feed item, whatever it came as, made a mention.

Pure functions, run in a worker thread by the feed monitor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit

from app.domain.mention import Author, Counts, Kind, Mention
from app.errors import BadResponse
from app.i18n import _
from monitors.reading import CHINA, Rich, clean, count, fingerprint, read_all, safe_url, when


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as read. `ragged` says why it could not be read to the end, or is empty."""

    title: str
    mentions: tuple[Mention, ...]
    items: int = 0
    skipped: int = 0
    ragged: str = ""
    every: int = 0
    """Seconds the publisher asks between visits (<ttl>), 0 if it does not say."""


@dataclass(frozen=True, slots=True)
class Site:
    """What every item of one feed shares. `address` tells feeds with clashing guids apart."""

    address: str
    home: str
    title: str
    lang: str
    tz: tzinfo


def gathered(
    items: list[Any],
    read: Callable[[Any, Site], Mention],
    site: Site,
    *,
    ragged: str = "",
    every: int = 0,
) -> Document:
    """One bad item is counted; a feed in which all are bad is no feed of ours."""
    made, skipped = read_all(items, lambda item: read(item, site))
    good = {(one.platform, one.native_id): one for one in made}
    return Document(site.title, tuple(good.values()), len(items), skipped, ragged, every)


@dataclass(frozen=True, slots=True)
class Made:
    guid: str
    link: str
    title: str
    said: Rich
    author: Author
    published: datetime | None
    edited: datetime | None
    media: list[str]
    tags: list[str]
    counts: Counts
    raw: str


def mention(made: Made, site: Site) -> Mention:
    title, text = _told_once(made.title, made.said.text, made.author.name)
    if not text:
        raise BadResponse(_("An item of this feed says nothing."))
    platform, kind = _where(made.link)
    edited = made.edited if made.published and made.edited and made.edited > made.published else None
    same = fingerprint(made.link, made.author.name, made.title, made.said.text, made.published)
    return Mention(
        platform=platform,
        native_id=_native_id(made.guid, made.link, same, site),
        url=made.link or site.home,
        text=text,
        kind=kind,
        title=title,
        author=made.author,
        published_at=made.published,
        edited_at=edited,
        counts=made.counts,
        media=_media(made, site),
        lang=site.lang,
        keyword=", ".join(dict.fromkeys(clean(tag) for tag in made.tags if clean(tag)))[:200],
        site=site.title,
        fingerprint=same,
        raw=made.raw,
    )


def _told_once(title: str, text: str, author: str) -> tuple[str, str]:
    """Title and text without saying anything twice: what is judged is both together.

    A title that is only the beginning of the text (social sites have no titles; RSSHub cuts one)
    is dropped; a headline repeated as the first line is dropped from the text.
    """
    if author and text.startswith((f"{author}:", f"{author}：")):
        # RSSHub sets the author before the text; a brand in a name is not a word about the brand.
        text = text[len(author) + 1 :].lstrip()
    if not text:
        return "", title
    first, _nl, rest = text.partition("\n")
    if title and first.strip() == title and rest.strip():
        return title, rest.strip()
    core = re.sub(r"\s*(?:\.\.\.|…)+$", "", title)
    for cut in (core, core.removeprefix(author).lstrip(" :：") if author else core):
        if cut and _squeezed(text).startswith(_squeezed(cut)):
            return "", text
    return title, text


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text[:5000])


_UNIQUE = re.compile(
    r"(?:https?|tag|urn|acct|at|ipfs):.|\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?$", re.IGNORECASE
)


def _native_id(guid: str, link: str, same: str, site: Site) -> str:
    """A guid is only as good as it looks: "17" is another post in another feed."""
    if guid and _UNIQUE.match(guid):
        return guid if len(guid) <= 500 else fingerprint(guid)
    if guid:
        return fingerprint(site.address, guid)
    return link if link and len(link) <= 500 else fingerprint(link) if link else same


def _media(made: Made, site: Site) -> tuple[str, ...]:
    safe = (safe_url(one, site.home or site.address) for one in made.media if one)
    return tuple(dict.fromkeys(one for one in (*safe, *made.said.images) if one))[:50]


_PLATFORMS = {
    "weibo.com": "weibo",
    "weibo.cn": "weibo",
    "bilibili.com": "bili",
    "b23.tv": "bili",
    "xiaohongshu.com": "xhs",
    "xhslink.com": "xhs",
    "douyin.com": "douyin",
    "kuaishou.com": "kuaishou",
    "tieba.baidu.com": "tieba",
    "zhihu.com": "zhihu",
    "smzdm.com": "smzdm",
    "v2ex.com": "v2ex",
    "douban.com": "douban",
    "xueqiu.com": "xueqiu",
    "nga.cn": "nga",
    "nga.178.com": "nga",
    "ngabbs.com": "nga",
    "hupu.com": "hupu",
    "coolapk.com": "coolapk",
    "36kr.com": "36kr",
}
_WRITTEN = {"36kr"}


def _where(link: str) -> tuple[str, Kind]:
    """The platform a link leads to, and what a post there is."""
    parts = urlsplit(link)
    labels = (parts.hostname or "").split(".")
    for start in range(len(labels)):
        platform = _PLATFORMS.get(".".join(labels[start:]))
        if platform:
            return platform, _kind(platform, labels[0], parts.path)
    return "feed", Kind.ARTICLE


def _kind(platform: str, first_label: str, path: str) -> Kind:
    if platform in _WRITTEN or first_label == "zhuanlan" or path.startswith("/read/"):
        return Kind.ARTICLE
    return Kind.VIDEO if "/video/" in path else Kind.POST


def time_of(value: Any, tz: tzinfo) -> datetime | None:
    """None where there is no date, where it cannot be read, or where it is a program's zero."""
    if not value:
        return None
    try:
        made = when(value, tz)
    except BadResponse:
        return None
    return made if made.year >= 1990 else None


def zone_of(lang: str, made_by: str) -> tzinfo:
    """For times without one: the sites watched here are Chinese unless they say otherwise."""
    return UTC if "rsshub" in made_by or (lang and not lang.startswith("zh")) else CHINA


def lang_of(lang: str, made_by: str) -> str:
    """RSSHub says "en" of everything."""
    return "" if "rsshub" in made_by and lang.startswith("en") else clean(lang, limit=20)


def text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def object_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def counts_of(item: Mapping[str, Any]) -> Counts:
    """RSSHub's <stats>, the slash and thread modules."""
    return Counts(
        likes=count(item.get("attitudes_count")),
        comments=count(item.get("comments_count") or item.get("slash_comments") or item.get("thr_total")),
        shares=count(item.get("reposts_count")),
    )
