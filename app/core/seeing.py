"""How well each source is seen, and what was missed."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.analysis.rhythm import Rhythm, hour_of, start_of
from app.core.parts import Parts
from app.domain.seeing import Cause, Freshness, GapLine, Volume
from app.domain.watch import SourceState
from app.engine.advice import advice
from app.engine.seeing import rhythm_of
from app.engine.sight import Sight, patience
from app.i18n import _

HOURS = 48
"""Of volumes shown."""
GAP_DAYS = 90
GAPS = 50


class Seeing(Parts):
    """Synchronous, any thread but a window's."""

    def freshness(self) -> tuple[Freshness, ...]:
        """Of every source, in the order they were made. Some milliseconds each."""
        threads = self.storage.seeing.threads()
        return tuple(self._freshness(state, threads) for state in self.storage.sources.all())

    def freshness_of(self, id: int) -> Freshness:
        """Of one source; NotFound where there is none."""
        return self._freshness(self.storage.sources.get(id), self.storage.seeing.threads())

    def gaps(
        self, since: datetime | None = None, until: datetime | None = None, source_id: int | None = None
    ) -> tuple[GapLine, ...]:
        """Times in which a source was not read, oldest first; of the last ninety days unless told."""
        now = self.clock.now()
        return self.storage.sources.gaps(
            since or now - timedelta(days=GAP_DAYS), until or now + timedelta(seconds=1), source_id
        )

    def _freshness(self, state: SourceState, threads: dict[int, int]) -> Freshness:
        source, now, sight = state.source, self.clock.now(), Sight.load(state.sight)
        kind = self.kinds_by_id.get(source.kind)
        streams = kind is not None and kind.info.network
        rhythm = rhythm_of(self.storage, source.id, sight, now) if streams else None
        hours = self._volumes(source.id, rhythm, now)
        blind = Cause(state.blind) if state.blind in set(Cause) and not source.paused else None
        info = kind.info if kind else None
        age = (now - state.last_good_at).total_seconds() if state.last_good_at else None
        gaps = tuple(reversed(self.gaps(source_id=source.id)))[:GAPS]
        day = start_of(hour_of(now) - 23)
        return Freshness(
            source_id=source.id,
            source=source.name,
            kind=source.kind,
            health=state.health,
            error=state.error or next((gap.reason for gap in gaps if gap.until is None and blind), ""),
            every=max(source.every, info.every if info else 0),
            last_good_at=state.last_good_at,
            age=age,
            blind=blind,
            blind_since=sight.blind_at if blind else None,
            advice=advice(blind) if blind else "",
            came_hour=hours[-1].came,
            expected_hour=hours[-1].expected,
            came_day=sum(one.came for one in hours[-24:]),
            expected_day=rhythm.expected(day, now) if rhythm else None,
            patience=patience(sight, rhythm, now) if rhythm and not source.paused else None,
            hours=hours,
            lives=self.engine.lives(source),
            gaps=gaps,
            threads=threads.get(source.id, 0),
            canary=source.canary,
            canary_seen_at=sight.canary_seen_at,
            basis=_(info.basis) if info and info.basis else "",
            terms=info.terms or info.homepage if info else "",
            personal=_(info.personal) if info and info.personal else "",
        )

    def _volumes(self, source_id: int, rhythm: Rhythm | None, now: datetime) -> tuple[Volume, ...]:
        last = hour_of(now)
        came = self.storage.seeing.hours(source_id, start_of(last - HOURS + 1))
        return tuple(
            Volume(start_of(hour), came.get(hour, 0), rhythm.rate(hour) if rhythm else None)
            for hour in range(last - HOURS + 1, last + 1)
        )
