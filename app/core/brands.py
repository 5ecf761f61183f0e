"""Brands to watch, and what their queries would have found."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from app import log
from app.change import Change
from app.core.mentions import here
from app.core.parts import Parts
from app.core.values import DayCount, Preview, Sample
from app.domain.query import MentionQuery
from app.domain.watch import Watch
from app.errors import AppError, ConfigError
from app.i18n import _
from app.matching.matcher import compile_watches

LOOKED_AT = 20_000
"""A preview reads at most this many mentions, newest first, and says how many."""


class Brands(Parts):
    def brands(self) -> tuple[Watch, ...]:
        return self.storage.brands.all()

    def save_brand(self, watch: Watch, *, wait: bool = False) -> Watch:
        """QueryError at the character. Stored mentions are matched anew, later unless `wait`."""
        if not watch.name.strip():
            raise ConfigError(_("A brand needs a name."), field="name")
        compile_watches((watch,))
        saved = self.storage.brands.save(watch)
        self._rematch(wait)
        return saved

    def remove_brand(self, id: int, *, wait: bool = False) -> None:
        """Its mentions stay, without its mark."""
        self.storage.brands.remove(id)
        self._rematch(wait)

    def _rematch(self, wait: bool) -> None:
        self.pipeline.reload()
        self.engine.reconfigure()
        self.tell(Change.WATCHES)
        job = self.background.submit(self._rematch_quietly)
        if wait:
            job.result()

    def _rematch_quietly(self) -> None:
        try:
            self.pipeline.rematch()
        except AppError as error:
            log.topic("core").warning("stored mentions were not matched anew: %s", error)

    def preview_brand(self, watch: Watch, days: int = 30, samples: int = 20) -> Preview:
        """Raises QueryError; reads stored mentions of the last `days`, newest first."""
        zone = here()
        today = self.clock.now().astimezone(zone).date()
        since = self.clock.now() - timedelta(days=days)
        matcher = compile_watches((watch,))
        sources = {state.source.id: state.source for state in self.storage.sources.all()}
        by_day: Counter[date] = Counter()
        shown: list[Sample] = []
        searched = 0
        for stored in self.storage.mentions.iterate(MentionQuery(since=since)):
            if searched >= LOOKED_AT:
                break
            searched += 1
            hits = matcher.hits(stored.mention, source=sources.get(stored.source_id))
            if hits:
                by_day[stored.published_at.astimezone(zone).date()] += 1
                if len(shown) < samples:
                    shown.append(Sample(stored, hits[0].spans))
        span = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
        counts = tuple(DayCount(day, by_day[day]) for day in span)
        return Preview(sum(by_day.values()), searched, counts, tuple(shown))
