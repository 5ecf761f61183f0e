"""Streams whose ids rise, caught up oldest first: everything above the highest id read.

Pure; runs wherever its caller runs. A round looks at the newest page (edits, and posts that came late);
where that does not reach down to what was read, it asks above the highest id until nothing comes. A first
round goes back thirty days from the newest page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.mention import Mention
from monitors.cursors import number, second
from monitors.rounds import PATIENCE, REPEATS, Round, enough

BACK = "<"
"""Before an id in `Round.token`: below it, not above."""


_TOKEN = re.compile(f"{BACK}?[0-9]{{1,40}}")


class Climb:
    """Stands beside a `Round`, whose token holds what is asked now. Of each stream it keeps the
    `high`est id read, where the way back into the past stands (`down`), and the newest second of the first
    page (`top`)."""

    def __init__(self, told: Any, at: Round) -> None:
        kept = told if isinstance(told, Mapping) else {}
        self._ids = {name: list(map(number, row)) for name, row in kept.items() if _is_row(row)}
        self._at = at
        self.high, self.down, self.top = self._ids.get(at.stream, [0, 0, 0])
        if not _TOKEN.fullmatch(at.token):
            at.token = ""

    def bounds(self) -> dict[str, str]:
        """Parameters of the request."""
        token = self._at.token
        if token.startswith(BACK):
            return {"max_id": token.removeprefix(BACK)}
        return {"min_id": token} if token else {}

    def members(self) -> dict[str, list[int]]:
        return self._ids

    def turn(
        self, ids: Sequence[int], mentions: Sequence[Mention], links: Mapping[str, int], now: int
    ) -> None:
        """What a page brought. `links`: ids that the answer's Link header names; `mentions`: its posts."""
        at, stream, token = self._at, self._at.stream, self._at.token
        ids = [id_ for id_ in ids if id_]
        if not token:
            self._begin(ids, mentions, links)
        elif ids and not self._answers(ids, token):
            at.again += 1
            if at.again > REPEATS:
                at.leave()
        elif token.startswith(BACK):
            self._back(ids, mentions, links, now)
        else:
            self._up(ids, links)
        if self.high:
            self._ids[stream] = [self.high, self.down, self.top]

    def _answers(self, ids: Sequence[int], token: str) -> bool:
        """Is it what was asked for, and not a page from before?"""
        if token.startswith(BACK):
            return max(ids) < int(token.removeprefix(BACK))
        return max(ids) > int(token)

    def _begin(self, ids: Sequence[int], mentions: Sequence[Mention], links: Mapping[str, int]) -> None:
        if not ids:
            self._at.leave()
        elif not self.high:
            self.high, self.top = max(ids), max(map(second, mentions), default=0)
            self._down_to(links.get("next", 0), mentions)
        elif min(ids) <= self.high:
            self.high = max(self.high, *ids)
            self._down_to(self.down, ())
        else:
            self._at.token = str(self.high)

    def _up(self, ids: Sequence[int], links: Mapping[str, int]) -> None:
        at = self._at
        if ids:
            self.high = max(self.high, *ids)
            at.token, at.again = str(max(links.get("prev", 0), *ids)), 0
        else:
            self._down_to(self.down, ())

    def _back(
        self, ids: Sequence[int], mentions: Sequence[Mention], links: Mapping[str, int], now: int
    ) -> None:
        at = self._at
        at.again = 0
        if ids:
            at.missed.pop(at.stream, None)
            self._down_to(links.get("next", 0), mentions)
        elif now - at.missed.setdefault(at.stream, now) > PATIENCE:
            self._down_to(0, ())
        else:
            at.leave()

    def _down_to(self, below: int, mentions: Sequence[Mention]) -> None:
        """On with the way back, or the stream's round is over."""
        self.down = 0 if enough(mentions, self.top) else below
        if self.down:
            self._at.token = f"{BACK}{self.down}"
        else:
            self._at.leave()


def _is_row(row: Any) -> bool:
    return isinstance(row, list) and len(row) == 3
