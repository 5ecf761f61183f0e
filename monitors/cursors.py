"""What many cursors hold: which items were handed over already, in which form; and the words to search for.

Pure; runs wherever its caller runs. Cursors are JSON text that may be lost or mangled: a reader here never
raises, it answers with what an unknown cursor means.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.mention import Mention
from app.domain.watch import Watch

REMEMBERED = 2000
"""Items a `Seen` remembers: more than any platform shows again."""
VOID = 2
"""How often an empty page is asked for again before it is believed."""


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


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a round through several lists stands. Each list is read page by page from its newest item down
    to where the last whole round began; one page a poll.

    `at` is the list read next, `page` its page (from 1); `top` the greatest key seen in it during this
    round; `base` the key down to which each list was read before. Keys are times or rising numbers.
    """

    at: str
    page: int = 1
    top: int = 0
    void: int = 0
    """How often in a row a page in the middle of a walk came empty, which it should not."""
    base: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, told: Any, lists: Sequence[str]) -> Walk:
        """`told`: the cursor's members. A list that is no longer read counts as none."""
        kept = told.get("base") if isinstance(told, Mapping) else None
        base = {name: number(kept.get(name)) for name in lists} if isinstance(kept, Mapping) else {}
        at = text(told.get("at")) if isinstance(told, Mapping) else ""
        if at not in lists:
            return cls(lists[0], base=base)
        return cls(
            at, max(1, number(told.get("page"), 1)), number(told.get("top")), number(told.get("void")), base
        )

    @property
    def floor(self) -> int:
        return self.base.get(self.at, 0)

    def after(self, keys: Sequence[int], lists: Sequence[str], *, deeper: bool) -> Walk:
        """`keys` of the page just read; `deeper`: the platform has, and we want, a page below it.

        An empty page in the middle of a walk is not believed at once: it is asked for twice more.
        """
        if not keys and self.page > 1 and self.void < VOID:
            return replace(self, void=self.void + 1)
        top = max(self.top, *keys) if keys else self.top
        if keys and deeper and min(keys) > self.floor:
            return replace(self, page=self.page + 1, top=top, void=0)
        following = lists[(lists.index(self.at) + 1) % len(lists)]
        return Walk(following, base={**self.base, self.at: max(top, self.floor)})

    def more(self, lists: Sequence[str], *, was: Walk) -> bool:
        """Is the round unfinished? (A page that has to be asked for again waits for the next round.)"""
        return not self.void and (self.page > 1 or self.at != lists[0]) and self != was

    def members(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "page": self.page,
            "top": self.top,
            "void": self.void,
            "base": dict(self.base),
        }
