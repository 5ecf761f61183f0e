"""RSS 0.9x-2.0, RSS 1.0 (RDF) and Atom 0.3/1.0.

Pure functions, run in a worker thread by the feed monitor. feedparser only ever sees
bytes whose prolog has been taken off: without a document type there is no entity that could grow
or reach outside, and bytes cannot make it fetch anything.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

import feedparser

from app.domain.mention import Author, Mention
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
    text_of,
    time_of,
    zone_of,
)
from monitors.reading import Rich, clean, count, maybe, raw_json, rich, safe_url

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ROOT_END = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--[^<>]*-->\s*)*\Z", re.IGNORECASE)
_BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    RecursionError,
    ArithmeticError,
)
"""What feedparser lets out on markup it did not foresee."""


def read_xml(text: str, address: str, site: str) -> Document:
    text = _NOT_XML.sub("", _without_prolog(text))
    ragged = ""
    if not _ROOT_END.search(text[-2000:]):
        text = _whole_items(text)
        ragged = _("The feed is cut short; the posts before the cut were read.")
    got = _parsed(text, address)
    entries, feed = list(got.entries), got.feed
    if not entries and (ragged or not got.version):
        raise BadResponse(_("This is not a feed, or it is too damaged to be read."))
    if got.bozo and not ragged:
        ragged = _("The feed is not well-formed; what could be made out was read.")
    home = safe_url(text_of(dict.get(feed, "link")), address)
    lang = text_of(dict.get(feed, "language")).lower()
    made_by = text_of(dict.get(feed, "generator")).lower()
    title = site or rich(text_of(dict.get(feed, "title"))).text[:200]
    shared = Site(address, home, title, lang_of(lang, made_by), zone_of(lang, made_by))
    ttl = count(dict.get(feed, "ttl")) or 0
    return gathered(entries, _read_entry, shared, ragged=ragged, every=min(ttl, 24 * 60) * 60)


def _without_prolog(text: str) -> str:
    """From the root element on. A document type is dropped; one that declares entities is refused:
    no feed needs them, and they are how a small file becomes a huge one or reads another."""
    at = 0
    while True:
        at += len(text[at : at + 10_000]) - len(text[at : at + 10_000].lstrip("\ufeff \t\r\n\0"))
        for opening, closing in (("<?", "?>"), ("<!--", "-->")):
            if text.startswith(opening, at):
                at = _after(text, closing, at)
                break
        else:
            if not text.startswith("<!", at):
                return text[at:]
            at = _after_doctype(text, at)


def _after(text: str, closing: str, at: int) -> int:
    found = text.find(closing, at)
    if found < 0:
        raise BadResponse(_("This is not a feed, or it is too damaged to be read."))
    return found + len(closing)


def _after_doctype(text: str, at: int) -> int:
    end, inner = _after(text, ">", at), text.find("[", at)
    if 0 <= inner < end:
        end = _after(text, "]", inner)
        if re.search(r"<!ENTITY", text[inner:end], re.IGNORECASE):
            raise BadResponse(_("The feed declares entities of its own, as attacks do; it was not read."))
        end = _after(text, ">", end)
    return end


def _whole_items(text: str) -> str:
    """Up to the last item that was closed: half a post is worse than none."""
    ends = [text.rfind(mark) for mark in ("</item>", "</entry>", "</rss:item>", "</atom:entry>")]
    last = max(ends)
    if last < 0:
        return text
    root = re.match(r"<([\w:.-]{1,60})", text)
    inside = "</channel>" if "<channel>" in text and root and root[1].lower() == "rss" else ""
    return text[: text.index(">", last) + 1] + inside + (f"</{root[1]}>" if root else "")


_CDATA = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<(/?)([^\s!?/<>]{1,60})[^<>]*?(/?)>")
_OPEN_ENDED = frozenset(("br", "img", "hr", "input"))
_MAX_DEPTH = 500


def _too_deep(text: str) -> bool:
    """feedparser takes quadratic time on nesting no real feed has."""
    depth = 0
    for closing, name, empty in _TAG.findall(_CDATA.sub("", text)):
        if empty or name.lower() in _OPEN_ENDED:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        if depth > _MAX_DEPTH:
            return True
    return False


_MAX_GUESSED = 2 * 1024 * 1024
"""Guessing at broken markup takes feedparser seconds per megabyte; reading good markup does not."""


def _well_formed(data: bytes) -> bool:
    try:
        expat.ParserCreate("utf-8").Parse(data, True)
    except expat.ExpatError:
        return False
    return True


def _parsed(text: str, address: str) -> Any:
    if _too_deep(text):
        raise BadResponse(_("The feed is nested as no real feed is; it was not read."))
    data = text.encode("utf-8", "replace")
    if len(data) > _MAX_GUESSED and not _well_formed(data):
        raise BadResponse(_("This is not a feed, or it is too damaged to be read."))
    # feedparser is told where the feed lives only to make its links absolute.
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": address}
    try:
        return feedparser.parse(
            io.BytesIO(data),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _BROKEN as error:
        told = _("This is not a feed, or it is too damaged to be read.")
        raise BadResponse(told, details=type(error).__name__) from None


_DERIVED = ("_parsed", "title_detail", "summary_detail", "guidislink")
"""What feedparser adds to what was sent."""


def _read_entry(entry: Mapping[str, Any], site: Site) -> Mention:
    get, said = dict(entry).get, _body(entry, site)
    made = Made(
        guid=clean(text_of(get("id")), limit=2000),
        link=safe_url(text_of(get("link")), site.home or site.address),
        title=_titled(entry),
        said=said,
        author=_author(entry, site),
        published=time_of(get("published") or get("created") or get("updated"), site.tz),
        edited=time_of(get("updated"), site.tz),
        media=_enclosed(entry),
        tags=[text_of(maybe(tag, "term")) for tag in list_of(get("tags"))],
        counts=counts_of(dict(entry)),
        raw=raw_json({key: value for key, value in entry.items() if not key.endswith(_DERIVED)}),
    )
    return mention(made, site)


def _body(entry: Mapping[str, Any], site: Site) -> Rich:
    """The longest of what the item offers: the summary is often the content cut short."""
    base = site.home or site.address
    offered = [*list_of(dict(entry).get("content")), dict(entry).get("summary_detail")]
    texts = [(text_of(maybe(one, "value")), text_of(maybe(one, "type"))) for one in offered]
    read = [
        rich(value, base) if _is_markup(value, kind) else Rich(clean(value), ()) for value, kind in texts
    ]
    return max(read, key=lambda one: (len(one.text), len(one.images)), default=Rich("", ()))


def _is_markup(value: str, kind: str) -> bool:
    return kind != "text/plain" or bool(re.search(r"</?[a-zA-Z][^<>]{0,500}>|&#?\w{1,31};", value))


def _titled(entry: Mapping[str, Any]) -> str:
    return rich(text_of(dict(entry).get("title"))).text.replace("\n", " ")[:1000]


def _author(entry: Mapping[str, Any], site: Site) -> Author:
    told = dict(entry).get("author_detail") or {}
    name = text_of(maybe(told, "name")) or text_of(dict(entry).get("author"))
    return Author(
        name=rich(name).text.replace("\n", " ")[:200],
        url=safe_url(text_of(maybe(told, "href")), site.home or site.address),
    )


def _enclosed(entry: Mapping[str, Any]) -> list[str]:
    get = dict(entry).get
    told = [*list_of(get("links")), *list_of(get("media_content")), *list_of(get("media_thumbnail"))]
    return [
        text_of(maybe(one, "href") or maybe(one, "url"))
        for one in told
        if text_of(maybe(one, "rel")) in ("", "enclosure")
        and text_of(maybe(one, "type") or "image/").startswith(("image/", "video/"))
    ]
