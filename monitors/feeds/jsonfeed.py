"""JSON Feed 1 and 1.1.

Pure functions, run in a worker thread by the feed monitor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.domain.mention import Author, Counts, Kind, Mention
from app.errors import BadResponse
from app.i18n import _
from monitors.feeds.item import (
    Document,
    Made,
    Site,
    counts_of,
    gathered,
    lang_of,
    list_of,
    mention,
    object_of,
    text_of,
    time_of,
    zone_of,
)
from monitors.reading import Rich, clean, count, maybe, raw_json, rich, safe_url

_KEY = re.compile(r"[a-z][a-z0-9]{1,19}")
"""A platform's key."""


def read_json(told: Any, address: str, site: str) -> Document:
    items = maybe(told, "items")
    if not isinstance(items, list):
        raise BadResponse(_("This JSON is not a feed: it has no list of items."))
    lang = text_of(maybe(told, "language")).lower()
    made_by = text_of(maybe(told, "description")).lower()
    title = site or rich(text_of(maybe(told, "title"))).text[:200]
    home = safe_url(text_of(maybe(told, "home_page_url")), address)
    shared = Site(address, home, title, lang_of(lang, made_by), zone_of(lang, made_by))
    return gathered(items, _read_item, shared)


def _read_item(item: Any, site: Site) -> Mention:
    if not isinstance(item, dict):
        raise BadResponse(_("An item of this feed is no object."))
    base = site.home or site.address
    html, text = text_of(item.get("content_html")), text_of(item.get("content_text") or item.get("summary"))
    made = Made(
        guid=clean(text_of(item.get("id")), limit=2000),
        link=safe_url(text_of(item.get("url") or item.get("external_url")), base),
        title=rich(text_of(item.get("title"))).text.replace("\n", " ")[:1000],
        said=rich(html, base) if html else Rich(clean(text), ()),
        author=_json_author(item, base),
        published=time_of(item.get("date_published") or item.get("date_modified"), site.tz),
        edited=time_of(item.get("date_modified"), site.tz),
        media=_json_media(item),
        tags=[text_of(tag) for tag in list_of(item.get("tags"))],
        counts=counts_of(item | object_of(item.get("stats")) | object_of(item.get("_stats"))),
        raw=raw_json(item),
    )
    lang = clean(text_of(item.get("language")), limit=20).lower()
    read = mention(made, replace(site, lang=lang) if lang else site)
    return _extended(read, object_of(item.get("_tingfeng")))


def _extended(plain: Mention, more: Mapping[str, Any]) -> Mention:
    """Our own JSON Feed extension: what a bridge knows beyond the standard (docs/monitors/feed.md)."""
    if not more:
        return plain
    platform, verified = text_of(more.get("platform")), more.get("verified")
    return replace(
        plain,
        platform=platform if _KEY.fullmatch(platform) else plain.platform,
        kind=Kind.POST if _KEY.fullmatch(platform) else plain.kind,
        site=clean(text_of(more.get("site")), limit=200) or plain.site,
        author=replace(
            plain.author,
            followers=count(more.get("followers")),
            verified=verified if isinstance(verified, bool) else None,
        ),
        counts=Counts(
            likes=count(more.get("likes")),
            comments=count(more.get("comments")),
            shares=count(more.get("shares")),
            views=count(more.get("views")),
            favorites=count(more.get("favorites")),
        ),
    )


def _json_author(item: Mapping[str, Any], base: str) -> Author:
    told = [*list_of(item.get("authors")), item.get("author")]
    first = next((one for one in told if isinstance(one, dict)), {})
    names = [rich(text_of(maybe(one, "name"))).text.replace("\n", " ") for one in told]
    return Author(
        name=", ".join(dict.fromkeys(name for name in names if name))[:200],
        url=safe_url(text_of(first.get("url")), base),
    )


def _json_media(item: Mapping[str, Any]) -> list[str]:
    kept = [
        text_of(maybe(one, "url"))
        for one in list_of(item.get("attachments"))
        if text_of(maybe(one, "mime_type")).startswith(("image/", "video/"))
    ]
    return [text_of(item.get("image")), *kept]
