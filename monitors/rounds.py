"""Rounds through several streams of posts, newest first.

Pure; runs wherever its caller runs. Everything here comes from a cursor that may be lost or mangled, and
goes back into one: a reader here never raises.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.domain.mention import Mention
from app.domain.watch import Page
from monitors.cursors import Seen, dump, number, second, text

FIRST = 30 * 86400
"""Seconds back from the newest post that the first round of a stream reads."""
PATIENCE = 3600
"""Seconds after which an empty page, where there must be posts, is taken to be the end."""
MOST_PAGES = 500
REPEATS = 2

Orders = Mapping[str, int] | None


class Round:
    """Where a round stands: the `stream` asked next, and how deep in it.

    Each stream is read from its newest post down to where the round before began. Posts have an order that
    falls from page to page (their second, or their id); the next page is asked for by `until`, the lowest
    order so far (its own rows once more included, since many posts share a second), or by the platform's
    own `token`. `done`: stream → the highest order of its last whole walk. Platforms give empty pages, and
    pages that they gave before: neither moves `done`.
    """

    def __init__(self, told: Mapping[str, Any], streams: Sequence[str]) -> None:
        """`streams`: at least one."""
        self.streams = tuple(dict.fromkeys(streams))
        self.done = _counted(told.get("done"), self.streams)
        self.missed = _counted(told.get("missed"), self.streams)
        self.over = False
        self._begin(text(told.get("stream")))
        if self.stream == text(told.get("stream")):
            self.until, self.top, self.pages, self.again = (
                number(told.get(name)) for name in ("until", "top", "pages", "again")
            )
            self.token = text(told.get("token"))
        self.mark = number(told.get("mark"))

    def _begin(self, stream: str) -> None:
        self.stream = stream if stream in self.streams else self.streams[0]
        self.until = self.top = self.pages = self.again = 0
        self.token = ""

    @property
    def first(self) -> bool:
        """Was this stream never read to its end?"""
        return not self.done.get(self.stream)

    @property
    def deep(self) -> bool:
        """Is the page asked for not the stream's newest?"""
        return bool(self.until or self.token)

    def turn(
        self,
        rows: Sequence[tuple[int, bool]],
        *,
        now: int,
        mark: str = "",
        more: bool = True,
        token: str = "",
    ) -> None:
        """What a page brought: each row's order, and whether it is known. `mark` names the page by its
        rows; `more`: there may be older rows; `token`: the platform's own place of the following page."""
        page = zlib.crc32(mark.encode("utf-8", "surrogatepass")) if mark else 0
        settled = self._settled(rows)
        if rows and page == self.mark and self.again < REPEATS and (self.deep or not settled):
            self.again += 1  # the page before once more: it is no answer to what was asked
            return
        self.mark, self.again = page, 0
        if not rows:
            self._nothing(now)
            return
        self.top = max(self.top, *(order for order, _known in rows))
        self.pages += 1
        if settled or not more or self.pages >= MOST_PAGES or not self._deeper(rows, token):
            self.finish()

    def _settled(self, rows: Sequence[tuple[int, bool]]) -> bool:
        """Did this page reach what the round before read, and find it as it was?"""
        done = self.done.get(self.stream, 0)
        old = [known for order, known in rows if order <= done]
        return bool(old) and all(old)

    def _deeper(self, rows: Sequence[tuple[int, bool]], token: str) -> bool:
        low = min(order for order, _known in rows)
        if token:
            self.token = token
            return True
        falls = not self.until or low < self.until
        self.until, self.token = low, ""
        return falls

    def _nothing(self, now: int) -> None:
        """An empty page. Behind a full one it is no end: the platform is blind for a while, or its index is
        late. The next round walks here again, until that has gone on for long."""
        since = self.missed.setdefault(self.stream, now)
        if not self.deep or now - since > PATIENCE:
            self.finish()
        else:
            self.leave()

    def finish(self) -> None:
        """This stream is read to its end; on to the next."""
        self.missed.pop(self.stream, None)
        self.done[self.stream] = max(self.top, self.done.get(self.stream, 0))
        self.leave()

    def leave(self) -> None:
        """On to the next stream, with nothing settled."""
        following = self.streams.index(self.stream) + 1
        self.over = following == len(self.streams)
        self._begin(self.streams[following % len(self.streams)])

    def members(self) -> dict[str, Any]:
        """For the cursor."""
        names = ("stream", "until", "top", "pages", "again", "token", "mark", "done", "missed")
        return {name: getattr(self, name) for name in names}


def _counted(told: Any, streams: Sequence[str]) -> dict[str, int]:
    kept = told if isinstance(told, dict) else {}
    return {stream: number(kept.get(stream)) for stream in streams if number(kept.get(stream))}


def enough(mentions: Sequence[Mention], top: int) -> bool:
    """For a first round: are all of them older than thirty days before the newest second, `top`?"""
    return bool(mentions) and all(0 < second(one) < top - FIRST for one in mentions)


def turned(
    at: Round,
    page: Page,
    seen: Seen,
    *,
    now: datetime,
    token: str,
    orders: Orders = None,
    leads: Sequence[Mention] | None = None,
) -> Page:
    """A page of a list that names its own place of the following page: `token`, "" at its end. What comes
    back is the page without what was handed over before, and with the cursor behind it.

    `orders`: id → order, where it is not the second of publication; `leads`: those of the page's mentions
    that the list is ordered by, where others stand among them.
    """
    news = seen.news(page.mentions)
    fresh = {one.native_id for one in news}
    listed = page.mentions if leads is None else leads
    keys = orders or {one.native_id: second(one) for one in listed}
    rows = [(keys.get(one.native_id, 0), one.native_id not in fresh) for one in listed]
    old = at.first and enough(listed, at.top)
    mark = " ".join(one.native_id for one in listed)
    at.turn(rows, now=int(now.timestamp()), mark=mark, token=token, more=bool(token) and not old)
    cursor = dump(**at.members(), seen=seen.marks())
    return replace(page, mentions=news, cursor=cursor, more=not at.over)
