"""The demo platform's answers: posts in the shapes that real feeds, stores and sites send.

Pure functions from values to bytes; any thread. Texts are escaped here and nowhere else.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import quote

from app.drill.scenario import App, Event
from app.i18n import _

PER_PAGE = 50
"""Reviews on one page of the App Store's feed."""

_PLATFORMS = {"云雀吧": "tieba", "笔记社区": "xhs", "视频社区": "bili", "指尖论坛": "forum"}
"""Where a post of the microblog feed stands, by the name people give it."""

_PACIFIC = timezone(timedelta(hours=-7))
_CSS = (
    "body{font:16px/1.7 'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif;max-width:40em;"
    "margin:3em auto;padding:0 1em;color:#222;background:#fafafa}article{background:#fff;padding:1.5em 2em;"
    "border:1px solid #e5e5e5;border-radius:10px}small,footer{color:#777}p{white-space:pre-wrap}"
    "h1{font-size:1.3em}a{color:#2463b0}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An event that has been emitted, as it looks at this moment."""

    event: Event
    published: datetime
    likes: int = 0
    comments: int = 0
    shares: int = 0


def post_url(base: str, event: Event) -> str:
    return f"{base}/p/{event.id}"


def review_number(event: Event) -> int:
    """The store gives its reviews numbers."""
    return zlib.crc32(event.id.encode()) + 11_000_000_000


def post_id(event: Event) -> str:
    """By which a mention is recognised as this post: how its address ends, or the review's number."""
    return f"review/{review_number(event)}" if event.channel == "appstore" else event.id


def author_url(base: str, event: Event) -> str:
    return f"{base}/u/{quote(event.author.id, safe='')}"


def _html(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


# ── JSON Feed ────────────────────────────────────────────────────────────────────────────────────


def json_feed(title: str, base: str, posts: Sequence[Post]) -> bytes:
    """JSON Feed 1.1 as RSSHub writes it, with reach and engagement in `_tingfeng`."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": f"{base}/",
        "language": "zh-cn",
        "items": [_json_item(base, post) for post in posts],
    }
    return json.dumps(feed, ensure_ascii=False).encode()


def _json_item(base: str, post: Post) -> dict[str, Any]:
    event, url = post.event, post_url(base, post.event)
    item: dict[str, Any] = {
        "id": url,
        "url": url,
        "content_html": _html(event.text),
        "date_published": _stamp(post.published),
        "authors": [{"name": event.author.name, "url": author_url(base, event)}],
        "_tingfeng": {
            "platform": event.platform or _PLATFORMS.get(event.site, "weibo"),
            "followers": event.author.followers,
            "verified": event.author.verified,
            "likes": post.likes,
            "comments": post.comments,
            "shares": post.shares,
            "site": event.site,
        },
    }
    if event.title:
        item["title"] = event.title
    return item


# ── RSS and Atom ─────────────────────────────────────────────────────────────────────────────────


def rss(title: str, base: str, posts: Sequence[Post]) -> bytes:
    """RSS 2.0 with dc:creator and slash:comments, as forums write it."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">'
        f"<channel><title>{escape(title)}</title><link>{base}/</link>"
        f"<description>{escape(title)}</description><language>zh-cn</language><ttl>5</ttl>"
    )
    body = "".join(_rss_item(base, post) for post in posts)
    return f"{head}{body}</channel></rss>\n".encode()


def _rss_item(base: str, post: Post) -> str:
    event, url = post.event, post_url(base, post.event)
    return (
        f"<item><title>{escape(event.title)}</title><link>{url}</link>"
        f'<guid isPermaLink="false">{url}</guid>'
        f"<pubDate>{format_datetime(post.published, usegmt=True)}</pubDate>"
        f"<dc:creator>{escape(event.author.name)}</dc:creator><category>{escape(event.site)}</category>"
        f"<slash:comments>{post.comments}</slash:comments>"
        f"<description>{escape(_html(event.text))}</description></item>"
    )


def atom(title: str, base: str, posts: Sequence[Post]) -> bytes:
    """Atom 1.0, as news sites write it; `updated` is the newest entry's, so that 304 can happen."""
    newest = _stamp(posts[0].published) if posts else "2000-01-01T00:00:00Z"
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">'
        f"<title>{escape(title)}</title><id>{base}/feeds/news.atom</id>"
        f'<link rel="self" href="{base}/feeds/news.atom"/><updated>{newest}</updated>'
    )
    body = "".join(_atom_entry(base, post) for post in posts)
    return f"{head}{body}</feed>\n".encode()


def _atom_entry(base: str, post: Post) -> str:
    event, url = post.event, post_url(base, post.event)
    return (
        f'<entry><title>{escape(event.title)}</title><id>{url}</id><link rel="alternate" href="{url}"/>'
        f"<published>{_stamp(post.published)}</published><updated>{_stamp(post.published)}</updated>"
        f"<author><name>{escape(event.author.name)}</name></author>"
        f'<content type="html">{escape(_html(event.text))}</content></entry>'
    )


# ── App Store ────────────────────────────────────────────────────────────────────────────────────


def _label(value: object) -> dict[str, str]:
    return {"label": str(value)}


def _link(rel: str, href: str) -> dict[str, dict[str, str]]:
    return {"attributes": {"rel": rel, "href": href}}


def _pacific(moment: datetime) -> str:
    return moment.astimezone(_PACIFIC).isoformat(timespec="seconds")


def reviews(app: App, base: str, posts: Sequence[Post], page: int) -> bytes:
    """One page, with the feed's habits: one review is an object, none leaves `entry` out."""
    shown = posts[(page - 1) * PER_PAGE : page * PER_PAGE]
    root = f"{base}/itunes/{app.country}/rss/customerreviews"
    last = max(1, -(-len(posts) // PER_PAGE))
    feed: dict[str, Any] = {
        "author": {"name": _label("iTunes Store"), "uri": _label(f"{base}/itunes/")},
        "updated": _label(_pacific(posts[0].published) if posts else "2000-01-01T00:00:00-07:00"),
        "title": _label("iTunes Store: 用户评论"),
        "id": _label(f"{root}/id={app.id}/sortby=mostrecent/json"),
        "link": [
            _link("self", _page(root, app, page)),
            _link("first", _page(root, app, 1)),
            _link("last", _page(root, app, last)),
            _link("previous", _page(root, app, page - 1) if page > 1 else ""),
            _link("next", _page(root, app, page + 1) if page < last else ""),
        ],
    }
    entries = [_review(app, base, post) for post in shown]
    if entries:
        feed["entry"] = entries[0] if len(entries) == 1 else entries
    return json.dumps({"feed": feed}, ensure_ascii=False).encode()


def _page(root: str, app: App, page: int) -> str:
    return f"{root}/page={page}/id={app.id}/sortby=mostrecent/json"


def _review(app: App, base: str, post: Post) -> dict[str, Any]:
    event = post.event
    return {
        "author": {"uri": _label(author_url(base, event)), "name": _label(event.author.name), "label": ""},
        "updated": _label(_pacific(post.published)),
        "im:rating": _label(event.rating),
        "im:version": _label(app.version),
        "id": _label(review_number(event)),
        "title": _label(event.title or event.text[:20]),
        "content": {"label": event.text, "attributes": {"type": "text"}},
        "link": _link("related", post_url(base, event)),
        "im:voteSum": _label(0),
        "im:contentType": {"attributes": {"term": "Application", "label": "应用程序"}},
        "im:voteCount": _label(0),
    }


def lookup(app: App, posts: Sequence[Post], found: bool) -> bytes:
    """What the store says of the app; `found` False when another id was asked for."""
    ratings = [post.event.rating or 0 for post in posts]
    result = {
        "trackId": int(app.id),
        "bundleId": app.bundle,
        "trackName": app.name,
        "version": app.version,
        "averageUserRating": round(sum(ratings) / len(ratings), 2) if ratings else 0,
        "userRatingCount": len(ratings),
    }
    results = [result] if found else []
    return json.dumps({"resultCount": len(results), "results": results}, ensure_ascii=False).encode()


# ── pages for the browser ────────────────────────────────────────────────────────────────────────


def _document(title: str, body: str) -> bytes:
    note = _("This page belongs to a drill. Brand, people and figures are invented.")
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_CSS}</style></head><body>{body}<footer><small>{escape(note)}</small></footer>"
        "</body></html>\n"
    ).encode()


def post_page(base: str, post: Post) -> bytes:
    """The original post, for “open original”."""
    event = post.event
    title = event.title or event.author.name
    return _document(title, _article(base, post, heading=True))


def _article(base: str, post: Post, *, heading: bool) -> str:
    event = post.event
    name = escape(event.author.name) + (" ✓" if event.author.verified else "")
    facts = [post.published.astimezone().strftime("%Y-%m-%d %H:%M:%S"), *_facts(post)]
    top = f"<h1>{escape(event.title)}</h1>" if event.title and heading else ""
    return (
        f"<article>{top}<p><a href='{escape(author_url(base, event))}'>{name}</a><br>"
        f"<small>{escape(' · '.join(facts))}</small></p><p>{escape(event.text)}</p></article>"
    )


def _facts(post: Post) -> list[str]:
    event = post.event
    facts = [event.site] if event.site else []
    if event.author.followers is not None:
        facts.append(_("{n} followers").format(n=event.author.followers))
    if event.rating is not None:
        facts.append("★" * event.rating + "☆" * (5 - event.rating))
    else:
        text = _("{likes} likes, {comments} comments, {shares} shares")
        facts.append(text.format(likes=post.likes, comments=post.comments, shares=post.shares))
    return facts


def author_page(base: str, posts: Sequence[Post]) -> bytes:
    """Everything one invented author has said so far."""
    name = posts[0].event.author.name
    body = "".join(_article(base, post, heading=True) for post in posts)
    return _document(name, f"<h1>{escape(name)}</h1>{body}")


def index_page(title: str, links: Sequence[str]) -> bytes:
    items = "".join(f"<li><a href='{escape(link)}'>{escape(link)}</a></li>" for link in links)
    return _document(title, f"<h1>{escape(title)}</h1><ul>{items}</ul>")


def error_page(status: int, reason: str) -> bytes:
    return _document(str(status), f"<h1>{status} {escape(reason)}</h1>")
