"""From a page to rows: matched, dated, saved with its cursor in one transaction. Worker threads only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from app.analysis.severity import Cues
from app.analysis.writing import language_of
from app.change import Change
from app.domain.clock import Clock
from app.domain.mention import Hit, Mention, Stored
from app.domain.watch import Page, Source, Watch
from app.i18n import _
from app.matching.matcher import compile_watches
from app.storage.store import Storage
from app.storage.values import Found, Saved

AHEAD = timedelta(minutes=10)
"""A publication further in the future than this is a platform's mistake; our clock is taken."""


class Pipeline:
    """Holds the compiled watches; `take` may be called from several threads at once."""

    def __init__(self, storage: Storage, cues: Cues, clock: Clock, tell: Callable[[Change], None]) -> None:
        self._storage = storage
        self._cues = cues
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._watches: dict[int, Watch] = {}
        self._matcher = compile_watches(())
        self.reload()

    @property
    def watches(self) -> tuple[Watch, ...]:
        return tuple(self._watches.values())

    def reload(self) -> None:
        """After a brand was added, changed or removed."""
        watches = self._storage.brands.all()
        if watches == self.watches:
            return
        matcher = compile_watches(watches, skip_broken=True)
        with self._lock:
            self._watches = {watch.id: watch for watch in watches}
            self._matcher = matcher

    def take(self, source: Source, page: Page, *, set_cursor: bool = True) -> Saved:
        """Raises StorageError; nothing of the page is kept then, and the cursor stays."""
        now = self._clock.now()
        found = [self._found(source, mention, now) for mention in page.mentions]
        saved = self._storage.mentions.save_page(
            source.id, found, page.cursor, now=now, set_cursor=set_cursor
        )
        gone = self._storage.mentions.mark_gone(page.gone, now)
        answered = self._storage.mentions.mark_answered(page.answered, _("on the platform"), now)
        if saved.new or saved.edited or gone:
            self._tell(Change.MENTIONS)
        if answered:
            self._tell(Change.STATUS)
        return saved

    def hits(self, mention: Mention, source: Source | None) -> tuple[Hit, ...]:
        """The brands a mention names, and the one its source is about."""
        with self._lock:
            matcher, watches = self._matcher, self._watches
        found = matcher.hits(mention, source=source)
        about = watches.get(source.brand_id) if source is not None and source.brand_id else None
        if about is None or any(hit.brand_id == about.id for hit in found):
            return found
        return (*found, Hit(about.id, about.name, about.competitor))

    def rematch(self, progress: Callable[[int], None] | None = None) -> int:
        """Find the brands anew in everything stored."""
        sources = {state.source.id: state.source for state in self._storage.sources.all()}

        def again(stored: Stored) -> tuple[Hit, ...]:
            return self.hits(stored.mention, sources.get(stored.source_id))

        changed = self._storage.mentions.rematch(again, progress)
        self._tell(Change.MENTIONS)
        return changed

    def _found(self, source: Source, mention: Mention, now: datetime) -> Found:
        if not mention.lang:
            mention = replace(mention, lang=language_of(f"{mention.title}\n{mention.text}"))
        published = mention.published_at
        dated = published is not None and published <= now + AHEAD
        return Found(
            mention=mention,
            published_at=published if published is not None and dated else now,
            dated=dated,
            hits=self.hits(mention, source),
            severity=self._severity(mention),
        )

    def _severity(self, mention: Mention) -> tuple[str, ...]:
        return self._cues.keys(f"{mention.title}\n{mention.text}" if mention.title else mention.text)
