"""Feed documents as values: RSS 0.9x-2.0, RSS 1.0 (RDF), Atom 0.3/1.0 and JSON Feed 1/1.1.

Pure functions of bytes; the feed monitor runs them in a worker thread because feedparser is slow.
"""

from __future__ import annotations

import re

from monitors.feeds.item import Document
from monitors.feeds.jsonfeed import read_json
from monitors.feeds.xmlfeed import read_xml
from monitors.reading import decoded, from_json

__all__ = ["Document", "read_feed"]


def read_feed(body: bytes, *, address: str, content_type: str = "", site: str = "") -> Document:
    """The feed in `body`, or BadResponse."""
    declared = _charset(content_type)
    head = body[:64].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    if head.startswith((b"{", b"[")):
        return read_json(from_json(body, declared), address, site)
    return read_xml(decoded(body, declared, _prolog_charset(body)), address, site)


def _charset(content_type: str) -> str:
    found = re.search(r"charset=[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE | re.ASCII)
    return found[1] if found else ""


def _prolog_charset(body: bytes) -> str:
    found = re.match(rb"\s*<\?xml[^>]{0,200}encoding=[\"']([\w.:-]{1,40})", body[:400], re.ASCII)
    return found[1].decode("ascii", "replace") if found else ""
