"""Health, gaps and blindness of sources: written down, told once, healed once.

Called by pollers after each poll, in worker threads; one source is reported by one thread at a time. What
is nothing but "still well" is written in batches (`flush`), everything else at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app import log
from app.analysis.rhythm import Rhythm, hour_of, learn
from app.change import Change
from app.domain.clock import Clock
from app.domain.seeing import Cause
from app.domain.watch import Source, SourceState
from app.engine.advice import HARD, advice, cause_of, sign_words
from app.engine.alarms import Alarms
from app.engine.gaps import fate, was_away
from app.engine.policy import BLIND_AFTER, is_blind
from app.engine.sight import Sight, Sign, Took, after_poll, sign
from app.errors import AppError
from app.i18n import _
from app.storage.store import Storage

_log = log.topic("seeing")

WEEKS = 8
"""So far back the usual volume is learnt from."""
LEARN_EVERY = timedelta(hours=24)
COUNT_EVERY = timedelta(hours=1)
CALM = timedelta(hours=1)
"""After a source saw again: a new failure must last before it is told, unless only a person helps."""


@dataclass(slots=True)
class _Known:
    """What is held of one source between polls."""

    sight: Sight
    rhythm: Rhythm | None = None
    learnt_at: datetime | None = None
    counted_at: datetime | None = None
    came: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the engine knows of a source: its interval in seconds, and how far back it can read."""

    every: Callable[[Source], float]
    reach: Callable[[Source], int]
    streams: Callable[[Source], bool]
    """Do its posts come as they are written (and not in files somebody brings now and then)?"""


@dataclass(slots=True)
class _Waiting:
    states: dict[int, tuple[SourceState, int]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Seeing:
    def __init__(
        self, storage: Storage, alarms: Alarms, clock: Clock, rules: Rules, tell: Callable[[Change], None]
    ) -> None:
        self._storage = storage
        self._alarms = alarms
        self._clock = clock
        self._rules = rules
        self._tell = tell
        self._known: dict[int, _Known] = {}
        self._gaps: dict[int, datetime] = {}
        self._waiting = _Waiting()

    def reload(self) -> None:
        """Sources were changed, here or elsewhere: gaps may have been opened or closed."""
        self._gaps = self._storage.sources.open_gaps()

    def forget(self, source_id: int) -> None:
        """Its settings are others now: what was usual says nothing any more."""
        known = self._known.get(source_id)
        if known is not None:
            known.sight = Sight(blind=known.sight.blind, blind_at=known.sight.blind_at)
            known.learnt_at = known.counted_at = None

    def sight(self, state: SourceState) -> Sight:
        return self._of(state).sight

    def looked(self, state: SourceState, learn: Callable[..., Sight], *, found: bool) -> None:
        """Its canary was looked for; the next poll writes it down and tells what follows."""
        known = self._of(state)
        known.sight = learn(known.sight, self._clock.now(), found=found)

    def report(
        self, state: SourceState, *, was: SourceState, error: AppError | None, took: Took | None
    ) -> SourceState:
        """After a poll: health, gap and alert follow. Raises StorageError."""
        known = self._of(was)
        before, now = known.sight, self._clock.now()
        if error is not None:
            self._failed(known, state, was, error)
        else:
            self._succeeded(known, state, was, took or Took(), now)
        kept = replace(state, sight=known.sight.dump(), blind=str(known.sight.blind or ""))
        told = (was.health, was.error, was.failures) != (state.health, state.error, state.failures)
        self._write(kept, state.skipped - was.skipped, now=told or before.blind != known.sight.blind)
        return kept

    def flush(self) -> None:
        """Write what waits; several sources in one transaction. Raises StorageError."""
        with self._waiting.lock:
            waiting, self._waiting.states = self._waiting.states, {}
        try:
            self._storage.sources.put_states(tuple(waiting.values()))
        except BaseException:
            with self._waiting.lock:
                self._waiting.states = {**waiting, **self._waiting.states}
            raise
        if waiting:
            self._tell(Change.HEALTH)

    def _write(self, state: SourceState, skipped: int, *, now: bool) -> None:
        with self._waiting.lock:
            skipped += self._waiting.states.pop(state.source.id, (state, 0))[1]
            if not now:
                self._waiting.states[state.source.id] = (state, skipped)
                return
        self._storage.sources.put_states([(state, skipped)])
        self._tell(Change.HEALTH)

    # ── what a poll came to ──────────────────────────────────────────────────────────────────

    def _failed(self, known: _Known, state: SourceState, was: SourceState, error: AppError) -> None:
        id_, cause = state.source.id, cause_of(error)
        if not was.failures:
            since = self._gaps.get(id_) or was.last_good_at or self._clock.now()
            self._storage.sources.open_gap(id_, since, state.error, str(cause))
            self._gaps[id_] = since
        if is_blind(error, state.failures) and not self._comes_and_goes(known, state, cause):
            self._blind(known, state, cause, state.error)

    def _comes_and_goes(self, known: _Known, state: SourceState, cause: Cause) -> bool:
        """Told once an hour, not each time."""
        healed = known.sight.healed_at
        lately = healed is not None and self._clock.now() - healed < CALM
        return lately and cause not in HARD and state.failures < BLIND_AFTER

    def _succeeded(
        self, known: _Known, state: SourceState, was: SourceState, took: Took, now: datetime
    ) -> None:
        unbroken = not was.failures and not was_away(was.last_good_at, now, self._rules.every(state.source))
        known.sight = after_poll(known.sight, took, now, known.rhythm if unbroken else None)
        found = self._sign(known, state, now)
        if found is not None:
            self._unseen(known, state, found)
            return
        if known.sight.blind is not None:
            known.sight = replace(known.sight, blind=None, blind_at=None, healed_at=now)
            self._alarms.healed(state.source.id)
        self._close(state, was, took, now)

    def _sign(self, known: _Known, state: SourceState, now: datetime) -> Sign | None:
        every = self._rules.every(state.source)
        self._learn(known, state.source, now)
        return sign(known.sight, now, every, known.rhythm, self._came(known, state.source, now))

    def _unseen(self, known: _Known, state: SourceState, found: Sign) -> None:
        id_, words = state.source.id, sign_words(found)
        if id_ not in self._gaps:
            self._storage.sources.open_gap(id_, found.since, words, str(found.cause))
            self._gaps[id_] = found.since
        self._blind(known, state, found.cause, words)

    def _blind(self, known: _Known, state: SourceState, cause: Cause, words: str) -> None:
        """Told once; again only where nothing but a person helps now, and it was not so before."""
        standing = known.sight.blind
        if standing is not None and (standing in HARD or cause not in HARD):
            return
        if standing is not None:
            self._alarms.healed(state.source.id)
        known.sight = replace(known.sight, blind=cause, blind_at=self._clock.now())
        self._alarms.blind(state.source, words, advice(cause))

    def _close(self, state: SourceState, was: SourceState, took: Took, now: datetime) -> None:
        id_, away = state.source.id, was_away(was.last_good_at, now, self._rules.every(state.source))
        since = self._gaps.get(id_)
        if since is None and away and was.last_good_at is not None:
            since = was.last_good_at
            self._storage.sources.open_gap(id_, since, _("Tingfeng was off or asleep."), str(Cause.OFF))
            self._gaps[id_] = since
        if since is None or not took.whole:
            return
        told = fate(since, now, took, self._rules.reach(state.source))
        self._storage.sources.close_gap(
            id_,
            now,
            found=self._storage.seeing.came_late(id_, since, now, took.began or now),
            outcome=told.outcome,
            unseen_until=told.unseen_until,
        )
        self._gaps.pop(id_, None)

    # ── what is usual ────────────────────────────────────────────────────────────────────────

    def _of(self, state: SourceState) -> _Known:
        id_ = state.source.id
        if id_ not in self._known:
            told = Sight.load(state.sight)
            if told.first_at is None and state.mentions:
                told = replace(told, first_at=self._storage.seeing.first_fetched(id_))
            self._known[id_] = _Known(told)
        return self._known[id_]

    def _learn(self, known: _Known, source: Source, now: datetime) -> None:
        if known.learnt_at is None or now - known.learnt_at >= LEARN_EVERY:
            known.learnt_at = now
            if not self._rules.streams(source):
                return
            known.rhythm = rhythm_of(self._storage, source.id, known.sight, now)

    def _came(self, known: _Known, source: Source, now: datetime) -> int | None:
        if known.rhythm is None:
            return None
        if known.counted_at is None or now - known.counted_at >= COUNT_EVERY:
            known.counted_at = now
            known.came = came_in_a_day(self._storage, source.id, known.sight, now)
        return known.came


def rhythm_of(storage: Storage, source_id: int, sight: Sight, now: datetime) -> Rhythm | None:
    """What a source usually brings, from the hours in which it was watched; None while that is unknown."""
    if sight.first_at is None:
        return None
    late = now - timedelta(seconds=sight.lag or 0.0)
    first = max(sight.first_at, now - timedelta(weeks=WEEKS))
    # What it is blind for at present is no part of what is usual.
    last = min(late, sight.new_at or late) if sight.blind in (Cause.SILENT, Cause.EMPTY) else late
    counts = storage.seeing.hours(source_id, first)
    unseen: set[int] = set()
    for gap in storage.sources.gaps(first, now, source_id):
        if gap.until is None or gap.unseen_until is not None:
            end = gap.until if gap.until is None else gap.unseen_until
            unseen |= set(range(hour_of(gap.since), hour_of(end or now) + 1))
    return learn(counts, hour_of(first) + 1, hour_of(last), unseen, zone_of(now))


def came_in_a_day(storage: Storage, source_id: int, sight: Sight, now: datetime) -> int:
    """Mentions published in the 24 hours and a bit before `now` less the usual delay: never too few."""
    since = now - timedelta(hours=24, seconds=sight.lag or 0.0)
    return sum(storage.seeing.hours(source_id, since).values())


def zone_of(now: datetime) -> int:
    """Hours that this machine's time is ahead of UTC."""
    offset = now.astimezone().utcoffset()
    return round(offset.total_seconds() / 3600) if offset is not None else 0
