"""HTML and text made plain, addresses made safe, identities made short.

Runs wherever its caller runs (the engine's loop, or a worker thread it started). It keeps no
state, asks no clock and opens no file. Everything it reads is taken to be hostile: markup is never
executed, nothing unseen is kept, and no reader takes more than linear time.
"""

from __future__ import annotations

import hashlib
import html as _html
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_TEXT = 100_000
MAX_HTML = 1_000_000

_UNSEEN_RANGES = (
    "\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad"
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
_UNSEEN = re.compile(f"[{_UNSEEN_RANGES}]")
"""Control, bidirectional, zero-width, tag, surrogate and private-use characters."""

_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_JOINER = re.compile(f"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])")
"""A joiner holds family emoji together; anywhere else it hides letters from a search."""

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_MANY_BREAKS = re.compile("\n{3,}")

_UNTIDY = re.compile(
    f"[{_UNSEEN_RANGES}\t-\r\x85\xa0\u1680\u2000-\u200a\u200d\u2028\u2029\u202f\u205f\u3000]|  "
)
"""Anything at all for `clean` to do but cut: most cells of a table hold nothing of the kind."""


def clean(text: str, *, limit: int = MAX_TEXT) -> str:
    """Plain text without anything unseen, with single spaces and at most one blank line."""
    text = text[: limit * 4]
    if _UNTIDY.search(text) is None:
        return text.strip(" ")[:limit].rstrip()
    text = _BREAKS.sub("\n", text)
    text = _SPACES.sub(" ", _JOINER.sub("", _UNSEEN.sub("", text)))
    lines = "\n".join(line.strip(" ") for line in text.split("\n"))
    return _MANY_BREAKS.sub("\n\n", lines).strip()[:limit].rstrip()


class Rich(NamedTuple):
    """What a reader sees of some HTML."""

    text: str
    images: tuple[str, ...]


def plain(html: str) -> str:
    """The text a reader would see, emoticons as their codes ([怒]), blocks on lines of their own."""
    return rich(html).text


def images(html: str, base: str = "") -> tuple[str, ...]:
    """Addresses of the pictures a reader would see; emoticons and counting pixels are none."""
    return rich(html, base).images


def rich(html: str, base: str = "") -> Rich:
    """Text and pictures in one reading."""
    html = html[:MAX_HTML]
    if "<" not in html:
        return Rich(clean(_unescape(html)), ())
    if _tangled(html):
        return Rich(_rough(html), ())
    page = _Page(base)
    page.read(LexborHTMLParser(html.encode("utf-8", "replace")).root)
    return Rich(clean("".join(page.parts)), tuple(dict.fromkeys(page.images))[:50])


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40})")
_OVERLONG = re.compile(r"<[^<>]{20000}")
_MAX_DEPTH = 400
_NO_DEPTH_NAMES = """br img hr input wbr meta link source col area base embed param track
    p li td th tr tbody dt dd option"""
_NO_DEPTH = frozenset(_NO_DEPTH_NAMES.split())


def _tangled(html: str) -> bool:
    """Nested or unclosed so deeply, or with such tags, that building its tree takes quadratic time."""
    if _OVERLONG.search(html):
        return True
    open_now: dict[str, int] = {}
    depth = 0
    for closing, name in _TAG.findall(html):
        tag = name.lower()
        if tag in _NO_DEPTH:
            continue
        if not closing:
            open_now[tag] = open_now.get(tag, 0) + 1
            depth += 1
            if depth > _MAX_DEPTH:
                return True
        elif open_now.get(tag):
            open_now[tag] -= 1
            depth -= 1
    return False


_CODE = re.compile(r"<(script|style)\b.*?(?:</\1|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_ANY_TAG = re.compile(r"<[^<>]*>")
_LONG_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")


def _rough(html: str) -> str:
    """Tags cut out without understanding them: for markup made to hurt."""
    return clean(_unescape(_ANY_TAG.sub(" ", _CODE.sub(" ", html))))


def _unescape(text: str) -> str:
    return _html.unescape(_LONG_NUMBER.sub("\ufffd", text))


_BLOCK_NAMES = """address article aside blockquote body br dd details div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td
    tfoot th thead tr ul"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_UNREAD_NAMES = "script style template noscript iframe object svg math head title textarea select"
_UNREAD = frozenset(_UNREAD_NAMES.split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CODED = re.compile(r"\[[^\[\]\s]{1,16}\]")


class _Page:
    """Walks a parsed page without recursion, gathering text and pictures."""

    def __init__(self, base: str) -> None:
        self.parts: list[str] = []
        self.images: list[str] = []
        self._base = base
        self._preformatted = 0

    def read(self, root: LexborNode | None) -> None:
        node = root
        while node is not None:
            child = node.child if self._enter(node) else None
            if child is not None:
                node = child
                continue
            node = self._leave(node)

    def _leave(self, node: LexborNode) -> LexborNode | None:
        """Close this and every finished parent; the next node in reading order."""
        at: LexborNode | None = node
        while at is not None:
            self._close(at)
            if at.next is not None:
                return at.next
            at = at.parent
        return None

    def _enter(self, node: LexborNode) -> bool:
        """Shall its children be read?"""
        if node.is_text_node:
            said = node.text_content or ""
            self.parts.append(said if self._preformatted else _folded(said))
            return False
        tag = node.tag or ""
        if tag in _UNREAD or node.is_comment_node:
            return False
        if tag == "img":
            self._image(node.attributes)
            return False
        if "hidden" in node.attributes or _HIDDEN.search(node.attributes.get("style") or ""):
            return False
        self._preformatted += tag == "pre"
        if tag in _BLOCKS:
            self._break(again=tag == "br")
        return True

    def _close(self, node: LexborNode) -> None:
        tag = node.tag
        self._preformatted -= tag == "pre" and self._preformatted > 0
        if tag in _BLOCKS and tag != "br":
            self._break(again=False)

    def _break(self, *, again: bool) -> None:
        """Blocks end a line once; <br> ends one each time."""
        if again or (self.parts and not self.parts[-1].endswith("\n")):
            self.parts.append("\n")

    def _image(self, told: Mapping[str, str | None]) -> None:
        if _invisible(told):
            return
        alt = clean(told.get("alt") or "", limit=40)
        if _is_emoticon(alt, told.get("class") or ""):
            self.parts.append(alt)
            return
        for name in ("data-src", "data-original", "src"):
            where = safe_url(told.get(name) or "", self._base)
            if where:
                self.images.append(where)
                return


def _folded(text: str) -> str:
    """White space as a browser shows it: runs, line breaks included, are one space."""
    return re.sub(r"[ \t\r\n\f]+", " ", text)


def _invisible(told: Mapping[str, str | None]) -> bool:
    sizes = [(told.get(side) or "").strip().removesuffix("px") for side in ("width", "height")]
    return (
        "hidden" in told or bool(_HIDDEN.search(told.get("style") or "")) or bool({"0", "1"} & set(sizes))
    )


def _is_emoticon(alt: str, css: str) -> bool:
    if _CODED.fullmatch(alt):
        return True
    small = 0 < len(alt) <= 8
    return small and ("emoji" in css.lower() or not any(one.isalnum() for one in alt))


def safe_url(url: str, base: str = "") -> str:
    """An http(s) address that may be opened, else "". Relative ones are resolved against `base`."""
    url = re.sub(r"\s+", "%20", clean(url[:8192], limit=4096))
    if not url:
        return ""
    try:
        url = urljoin(base, url) if base else url
        url = "https:" + url if url.startswith("//") else url
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        _port = parts.port
    except ValueError:
        return ""
    if not fit or "\\" in url or len(url) > 4096:
        return ""
    return quote(url, safe=_URL_SAFE) if url.isascii() else _quoted(url)


_URL_SAFE = "%/:?#[]@!$&()*+,;=-._~|"


def _quoted(url: str) -> str:
    """Only the unfit ASCII; letters of other scripts stay readable."""
    return "".join(quote(one, safe=_URL_SAFE) if one.isascii() else one for one in url)


def fingerprint(*parts: object) -> str:
    """A short name for exactly these parts in this order."""
    made = hashlib.sha256()
    for part in parts:
        told = str(part).encode("utf-8", "backslashreplace")
        made.update(b"%d:" % len(told) + told)
    return made.hexdigest()[:32]
