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
from app.domain.watch import Watch

REMEMBERED = 2000
"""Items a `Seen` remembers: more than any platform shows again."""


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
    """Items handed over, and how they read then. `fresh` says whether one is new or was edited."""

    def __init__(self, told: Any = None, most: int = REMEMBERED) -> None:
        """`told`: what `marks` gave, as it came back from the cursor."""
        kept = told if isinstance(told, Mapping) else {}
        self._marks = {str(id_): mark for id_, mark in kept.items() if isinstance(mark, int)}
        self._most = most

    def fresh(self, one: Mention) -> bool:
        """Remembers it, too."""
        mark = zlib.crc32(f"{one.title}\n{one.text}".encode("utf-8", "surrogatepass"))
        before = self._marks.pop(one.native_id, None)
        self._marks[one.native_id] = mark
        return before != mark

    def news(self, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
        """Those of them that are fresh, each identity once."""
        return tuple(one for one in mentions if self.fresh(one))

    def knows(self, id: str) -> bool:
        return id in self._marks

    def marks(self) -> dict[str, int]:
        """For the cursor: the newest, oldest first."""
        return dict(list(self._marks.items())[-self._most :])


def search_words(watches: Sequence[Watch], given: Sequence[str] = ()) -> tuple[str, ...]:
    """What to search a platform for: the words of the source's own settings, else names and aliases of all
    watches; each once. What is found is matched against the watches' queries afterwards."""
    words = given or [word for watch in watches for word in (watch.name, *watch.aliases)]
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
