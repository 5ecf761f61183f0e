"""Bluesky's rich text: facets, which count UTF-8 bytes, how long a post may be, and record keys.

Pure; runs wherever its caller runs.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from monitors.markup import safe_url
from monitors.values import maybe

MOST_GRAPHEMES, MOST_BYTES = 300, 3000
_LINK = re.compile(r"https?://[^\s<>\"“”《》（）【】，。；！？、]{1,2000}")
_TAG = re.compile(r"(?<!\S)[#＃]([^\s#＃.,;:!?，。；：！？、]{1,64})")
_TRAILING = ".,;:!?)]}'"
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def full_text(text: str, facets: Any) -> str:
    """The text with its links whole: apps cut them short ("example.com/very-lo...")."""
    said = _bytes(text)
    links = map(_link, facets[:200]) if isinstance(facets, list) else ()
    end = len(said)
    for start, stop, address in sorted(filter(None, links), reverse=True):
        if not start < stop <= end:
            continue  # overlapping, or past the end: facets are whatever somebody wrote
        shown = said[start:stop]
        said = said[:start] + _shown(shown, address) + said[stop:]
        end = start
    return said.decode("utf-8", "replace")


def _link(facet: Any) -> tuple[int, int, str] | None:
    index, features = maybe(facet, "index"), maybe(facet, "features")
    start, stop = maybe(index, "byteStart"), maybe(index, "byteEnd")
    if type(start) is not int or type(stop) is not int or start < 0 or not isinstance(features, list):
        return None
    for one in features[:10]:
        address = safe_url(str(maybe(one, "uri") or ""))
        if maybe(one, "$type") == "app.bsky.richtext.facet#link" and address:
            return start, stop, address
    return None


def _shown(shown: bytes, address: str) -> bytes:
    """The address in place of its short form; behind other words in brackets."""
    words = shown.decode("utf-8", "replace").removesuffix("…").removesuffix("...").rstrip("/")
    bare = re.sub(r"^https?://(?:www\.)?", "", words)
    if bare and bare in address:
        return _bytes(address)
    return shown + _bytes(f" ({address})")


def facets_of(text: str, people: Mapping[str, str]) -> list[dict[str, Any]]:
    """Links, hashtags and the handles of `people` (handle → did) in a text of ours, by bytes."""
    made = []
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_TRAILING)
        span = found.start(), found.start() + len(address)
        made.append(_facet(text, *span, {"$type": "app.bsky.richtext.facet#link", "uri": address}))
    for found in _TAG.finditer(text):
        what = {"$type": "app.bsky.richtext.facet#tag", "tag": found[1]}
        made.append(_facet(text, *found.span(), what))
    for handle, did in people.items():
        for found in re.finditer(rf"(?<![\w@])@{re.escape(handle)}(?![\w-])", text, re.IGNORECASE):
            what = {"$type": "app.bsky.richtext.facet#mention", "did": did}
            made.append(_facet(text, *found.span(), what))
    return sorted(made, key=lambda one: int(one["index"]["byteStart"]))


def _facet(text: str, start: int, stop: int, what: dict[str, str]) -> dict[str, Any]:
    index = {"byteStart": len(_bytes(text[:start])), "byteEnd": len(_bytes(text[:stop]))}
    return {"index": index, "features": [what]}


def graphemes(text: str) -> int:
    """Characters as people count them: marks, joined emoji, skin tones and flags go with what is before."""
    made, joined, flag = 0, False, False
    for one in text.replace("\r\n", "\n"):
        if _extends(one):
            joined = one == "\u200d"
            continue
        regional = "\U0001f1e6" <= one <= "\U0001f1ff"
        second_half = regional and flag
        if not joined and not second_half:
            made += 1
        flag = regional and not second_half
        joined = False
    return made


def _extends(one: str) -> bool:
    return (
        one == "\u200d"
        or "\ufe00" <= one <= "\ufe0f"
        or "\U0001f3fb" <= one <= "\U0001f3ff"
        or unicodedata.category(one) in ("Mn", "Me", "Mc")
    )


def record_key(key: str, about: Sequence[str], micros: int) -> str:
    """A TID, always the same for one answer: whoever sends it again writes the same record again."""
    named = hashlib.sha256("\n".join((key, *about)).encode("utf-8", "replace")).digest()
    spread, clock = int.from_bytes(named[:4], "big"), int.from_bytes(named[4:6], "big") % 1024
    number = ((max(0, micros) + spread) % (1 << 53)) << 10 | clock
    return "".join(_SORTABLE[number >> 5 * place & 31] for place in range(12, -1, -1))
