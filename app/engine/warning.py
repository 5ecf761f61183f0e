"""Early warning: judged mentions go into stories and to the detectors, and become incidents.

Worker threads only.

Nothing is counted by adding up in memory. What counts of a mention is a row of `heard`, written in one
transaction with its place in a story and with striking it off the queue `unplaced`; its slot is the one
that is open then. A slot that is over is read from those rows, and its number is written down when all
brands are through with it, after the incidents it changed, which carry it too. So a program killed
anywhere goes on with the same rows: a slot is fed again into detectors whose state is from before it,
and the incidents know that they have seen it. Batches may be cut anyhow; the sums of a slot are the same.

Stories are looked at after every batch, everything else when a slot is over, also one in which nothing
came. Slots in which no program was there are left out. One program a database does this: it holds a
lease and says every few seconds that it is still there.
"""

from __future__ import annotations

import platform
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app import log
from app.analysis.bursts.china import china, covers
from app.change import Change
from app.domain.clock import Clock
from app.domain.warning import Incident
from app.domain.watch import Watch
from app.engine.alarms import Alarms
from app.engine.hearing import Hearing
from app.engine.placing import Placing
from app.engine.telling import Teller
from app.engine.watching import Brand, Watching
from app.errors import StorageError
from app.home import Home
from app.storage.store import Storage
from app.storage.stories import LATE, Unplaced
from app.storage.warning import Turn, slot_of

_log = log.topic("warning")

BEAT = 15.0
"""Seconds between two signs of life."""
PATIENCE = 60.0
"""Seconds without one after which another machine takes over."""
AWAY = timedelta(minutes=20)
"""Longer without a look: nobody looked at the slots between."""
AHEAD = 12
"""Slots that may be done already by a clock that was a little ahead: they are waited for."""
BATCH = 250
SHARE = 0.4
"""Seconds of a tick for what waits to be placed, or to be taught."""
REMEMBERED = timedelta(days=60)
LATE_ALERT = timedelta(minutes=30)
"""An incident that was to alert when the program died does so within this time."""


class EarlyWarning:
    """`place`, `weigh` and `tick` take turns; what a person asks is answered from the database instead."""

    def __init__(
        self,
        *,
        storage: Storage,
        alarms: Alarms,
        watches: Callable[[], Sequence[Watch]],
        clock: Clock,
        tell: Callable[[Change], None],
        owner: str,
    ) -> None:
        self._storage = storage
        self._alarms = alarms
        self._watches = watches
        self._clock = clock
        self._tell = tell
        self._owner = owner
        self._turn = threading.RLock()
        self._placing = Placing(storage, clock)
        self._hearing = Hearing(storage)
        self._watching = Watching(storage, china())
        self._teller = Teller(storage)
        self._leading = False
        self._beaten = float("-inf")
        self._closed = 0
        self._seen_at = clock.now()
        self._looked: int | None = None
        """The last slot before a pause in which nobody looked."""
        self._touched: dict[int, set[int]] = defaultdict(set)
        self._years: set[int] = set()
        self._resting: set[int] = set()
        self._forgotten_at = float("-inf")

    # ── what the engine calls ────────────────────────────────────────────────────────────────

    def place(self, ids: Sequence[int]) -> None:
        """Freshly judged mentions into stories, and what counts of them for the detectors."""
        with self._turn:
            now = self._clock.now()
            if self._leads(now):
                self._advance(now)
                self._keep(self._storage.stories.unplaced(len(ids), ids), now)

    def weigh(self) -> None:
        """Have the stories grown, of which something came just now, as ordinary stories do not?"""
        with self._turn:
            now = self._clock.now()
            touched, self._touched = self._touched, defaultdict(set)
            if not self._leading:
                return
            for watch in self._own():
                brand = self._watching.brands.get(watch.id)
                if brand is not None and (stories := touched.get(watch.id)):
                    tallies = self._watching.tallies(watch.id, stories)
                    before = brand.watcher.incidents.channels
                    said = brand.watcher.weigh(self._watching.now(now), tallies)
                    if said.events or brand.watcher.incidents.channels != before:
                        told = self._teller.turns(
                            watch, brand.watcher, said, now, before=before, slot=self._closed, over=False
                        )
                        self._record([(watch.id, brand)], told, self._closed)

    def tick(self) -> None:
        """Time has passed: slots that are over, what waits, what is to be written down."""
        with self._turn:
            now = self._clock.now()
            if not self._leads(now):
                return
            self._advance(now)
            self._catch_up(now)
            self._placing.write()
            self._upkeep(now)
        self.weigh()

    def close(self) -> None:
        """All that is known is written down; the next program need not wait."""
        with self._turn:
            if not self._leading:
                return
            try:
                self._placing.write(closing=True)
                self._watching.write(self._closed, all_=True)
                self._storage.warning.give_back(self._owner)
            except StorageError as error:
                _log.warning("early warning is not written down: %s", error)
            self._leading = False

    # ── whose turn it is ─────────────────────────────────────────────────────────────────────

    def _leads(self, now: datetime) -> bool:
        if self._leading and 0 <= self._clock.monotonic() - self._beaten < BEAT:
            return True
        before = self._storage.warning.lease()
        if not self._storage.warning.take_lease(self._owner, now, PATIENCE):
            self._lost()
            return False
        self._beaten = self._clock.monotonic()
        if not self._leading:
            self._begin(now, before.slot if before else 0, before.beat if before else now)
        return True

    def _begin(self, now: datetime, slot: int, beat: datetime) -> None:
        self._leading = True
        self._closed = slot or slot_of(now) - 1
        self._seen_at = min(beat, now)
        self._alert_again(now)

    def _lost(self) -> None:
        """Somebody else does it now; what is here would be behind if it came back."""
        if self._leading:
            _log.info("another program watches over stories and incidents now")
        self._leading = False
        self._placing.forget()
        self._watching.brands.clear()
        self._touched.clear()

    def _own(self) -> list[Watch]:
        return [watch for watch in self._watches() if not watch.competitor]

    # ── stories ──────────────────────────────────────────────────────────────────────────────

    def _keep(self, rows: Sequence[Unplaced], now: datetime) -> None:
        if not rows:
            return
        members = self._placing.place(rows)
        slot = max(slot_of(now), self._closed + 1)
        heard = self._hearing.heard(rows, members, slot, now)
        ids = [row.id for row in rows]
        if not self._storage.stories.keep(self._owner, members, heard, ids):
            self._lost()
            return
        self._placing.kept(ids)
        for one in heard:
            if one.story_id and one.sort != LATE:
                self._touched[one.brand_id].add(one.story_id)

    def _catch_up(self, now: datetime) -> None:
        """What another program has judged, or what was there before, a little at a time."""
        end = time.monotonic() + SHARE
        while self._leading and time.monotonic() < end:
            rows = self._storage.stories.unplaced(BATCH)
            if not rows:
                return
            self._keep(rows, now)

    # ── slots ────────────────────────────────────────────────────────────────────────────────

    def _advance(self, now: datetime) -> None:
        """Every slot that is over, in order; those at which nobody looked are left out.

        Until all brands are loaded slots wait, and lose nothing by it: they are read from the database.
        """
        if now - self._seen_at > AWAY:
            self._looked = slot_of(self._seen_at)
        self._seen_at = now
        if not self._prepare():
            return
        last = slot_of(now) - 1
        if self._closed - last > AHEAD:
            _log.warning("the clock was set back: slots begin again where it stands now")
            self._closed = last
            self._storage.warning.done(self._owner, last)
            for brand in self._watching.brands.values():
                brand.tracked = min(brand.tracked, last)
        if last > self._closed:
            looked, self._looked = self._looked if self._looked is not None else last, None
            for slot in range(self._closed + 1, min(looked, last) + 1):
                self._close(slot)
            if last > self._closed:
                self._closed = last
                self._storage.warning.done(self._owner, last)
                self._watching.write(last, all_=True)
        self._looked = None

    def _close(self, slot: int) -> None:
        try:
            self._feed(slot)
        except StorageError:
            # Some brands have seen the slot and some have not: all go back to what is written down.
            self._watching.brands.clear()
            raise

    def _feed(self, slot: int) -> None:
        self._know(slot)
        self._watching.follow_sensitivities()
        own = {watch.id: watch for watch in self._own()}
        for gone in set(self._watching.brands) - set(own):
            self._watching.forget(gone)
        ready = list(self._watching.brands.items())
        heard = self._storage.warning.heard([id_ for id_, _brand in ready], slot, slot)
        turns: list[Turn] = []
        changed: list[tuple[int, Brand]] = []
        now = self._clock.now()
        for id_, brand in ready:
            incidents = brand.watcher.incidents
            before = incidents.channels
            try:
                said = self._watching.close(
                    id_, brand, slot, heard.get(id_, ()), tracked=brand.tracked < slot
                )
            except StorageError:
                raise
            except Exception as error:  # noqa: BLE001  # one brand's bad luck must not stop the others
                self._set_aside(id_, error)
                continue
            if said.events or incidents.phase is not None or before:
                turns += self._teller.turns(
                    own[id_], brand.watcher, said, now, before=before, slot=slot, over=True
                )
                changed.append((id_, brand))
        self._record(changed, turns, slot)
        self._closed = slot
        self._storage.warning.done(self._owner, slot)
        self._watching.write(slot)

    def _set_aside(self, brand_id: int, error: Exception) -> None:
        _log.error("the detectors of brand %s rest until the next start", brand_id, exc_info=error)
        self._watching.forget(brand_id)
        self._resting.add(brand_id)

    def _record(self, changed: Sequence[tuple[int, Brand]], turns: Sequence[Turn], slot: int) -> None:
        """Incidents and their state as one; then whoever is to be told is told."""
        states = [(id_, slot, brand.watcher.incidents.dump()) for id_, brand in changed]
        try:
            ids = self._storage.warning.record(states, turns)
        except StorageError:
            for id_, _brand in changed:
                self._watching.forget(id_)  # what was not written down has not happened
            raise
        for _id, brand in changed:
            brand.tracked = max(brand.tracked, slot)
        if not turns:
            return
        self._tell(Change.INCIDENTS)
        for turn in turns:
            if turn.alarm:
                self._alert(self._storage.warning.incident(ids[turn.brand_id, turn.number]))

    def _alert(self, incident: Incident) -> None:
        if incident.muted:
            return
        alert = self._alarms.incident(incident)
        if alert is not None and incident.alert_id is None:
            self._storage.warning.set_alert(incident.id, alert.id)

    def _alert_again(self, now: datetime) -> None:
        """The program died between writing an incident down and telling of it."""
        for incident in self._storage.warning.incidents(open_only=True):
            if incident.alert_id is None and now - incident.opened_at < LATE_ALERT:
                self._alert(incident)

    # ── upkeep ───────────────────────────────────────────────────────────────────────────────

    def _prepare(self) -> bool:
        """Brands that are new here are loaded or taught, as many as the time allows; are all there?"""
        end = time.monotonic() + SHARE
        for watch in self._own():
            if watch.id not in self._watching.brands and watch.id not in self._resting:
                try:
                    self._watching.ready(watch.id, self._closed)
                except StorageError:
                    raise
                except Exception as error:  # noqa: BLE001  # as in `_feed`
                    self._set_aside(watch.id, error)
                if time.monotonic() > end:
                    return False
        return True

    def _know(self, slot: int) -> None:
        year = self._watching.moment(slot).wall.year
        if year not in self._years:
            self._years.add(year)
            if not covers(year):
                _log.info("no public holidays are known for %s: weekends have to do", year)

    def _upkeep(self, now: datetime) -> None:
        if self._clock.monotonic() - self._forgotten_at > 86400:
            self._forgotten_at = self._clock.monotonic()
            self._storage.warning.forget(now - REMEMBERED)


def owner_of(home: Home) -> str:
    """The same after a restart: nobody waits for himself."""
    return f"{platform.node()}:{home.root.resolve()}"
