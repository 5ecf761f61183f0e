"""What many cursors hold: which items were handed over already, in which form; and the words to search for.

Pure; runs wherever its caller runs. Cursors are JSON text that may be lost or mangled: a reader here never
raises, it answers with what an unknown cursor means.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.domain.mention import Mention
from app.domain.watch import Page, Watch
from app.i18n import _

NEWEST, TOUCHED = 2000, 1000
"""Items a `Seen` remembers: the newest by date, and the last that were met."""


def load(cursor: str | None) -> dict[str, Any]:
    """The cursor's members; none where it is lost, mangled or somebody else's."""
    try:
        told = json.loads(cursor or "")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def dump(**members: Any) -> str:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def number(value: Any, default: int = 0) -> int:
    """A whole number of a cursor, from 0 on."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


class Seen:
    """Items handed over, and how they read then. `fresh` says whether one is new or was edited.

    It keeps the newest by date, since whoever reads from the newest to the oldest meets the newest again
    first; and those met last, however old, since a quiet list shows the same old ones every time.
    """

    def __init__(self, told: Any = None) -> None:
        """`told`: what `marks` gave, as it came back from the cursor."""
        kept = told if isinstance(told, Mapping) else {}
        self._marks = {str(id_): pair for id_, pair in kept.items() if _is_pair(pair)}

    def fresh(self, one: Mention) -> bool:
        """Remembers it, too."""
        mark = zlib.crc32(f"{one.title}\n{one.text}".encode("utf-8", "surrogatepass"))
        before = self._marks.pop(one.native_id, None)
        self._marks[one.native_id] = [second(one), mark]
        return before is None or before[1] != mark

    def news(self, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
        """Those of them that are fresh, each identity once."""
        return tuple(one for one in mentions if self.fresh(one))

    def knows(self, id: str) -> bool:
        return id in self._marks

    def marks(self) -> dict[str, list[int]]:
        """For the cursor: id → [second, checksum], in the order in which they were met."""
        if len(self._marks) <= NEWEST:
            return self._marks
        met = list(self._marks)
        newest = sorted(met, key=lambda id_: self._marks[id_][0])[-NEWEST:]
        kept = {*newest, *met[-TOUCHED:]}
        return {id_: pair for id_, pair in self._marks.items() if id_ in kept}


def _is_pair(pair: Any) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and all(type(one) is int and abs(one) < 1 << 40 for one in pair)
    )


def second(one: Mention) -> int:
    """Epoch seconds of its publication; 0 where it has no date."""
    return max(0, int(one.published_at.timestamp())) if one.published_at else 0


def search_words(watches: Sequence[Watch], given: Sequence[str] = ()) -> tuple[str, ...]:
    """What to search a platform for: the words of the source's own settings, else names and aliases of all
    watches; each once. What is found is matched against the watches' queries afterwards."""
    words = given or [word for watch in watches for word in (watch.name, *watch.aliases)]
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


def nothing_to_search(cursor: str | None) -> Page:
    """The page of a search that has no words."""
    note = _("There is nothing to search for yet: add a brand, or search words.")
    return Page((), cursor, note=note)
