"""Alerts that nobody has acknowledged climb, each at its moment: a timer at the earliest, not a sweep.

When an alert climbs stands in the database, so a restart, or a machine that slept, loses nothing: what is
overdue climbs at once, each rung once. Several programs may do this; a compare-and-set lets one of them. If
the clock is put back, the time that has really passed counts. One thread of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from app import log
from app.alerts.ladders import climbs_at, next_rung, targets
from app.change import Change
from app.domain.alert import Alert
from app.domain.clock import Clock
from app.domain.mention import Status
from app.domain.rule import AlertRule
from app.engine.notifying import Notifier
from app.errors import AppError
from app.storage.store import Storage

_log = log.topic("alert")

LOOK = 5.0
"""Seconds after which the clock is looked at again (it may have been set, the machine may have slept)."""
BREATH = 0.2
"""Seconds between two looks into the database, however many changes are told."""
RESUMES = timedelta(hours=24)
"""An alert nobody was told of is told at the next start, if it is no older."""
SURELY = timedelta(minutes=1)
"""So long after an alert whoever raised it has told of it, or will not any more."""
_ANSWERED = frozenset((Status.ANSWERED, Status.IGNORED))
_TAKEN = frozenset(Status) - {Status.NEW}
PATIENCE = 30.0
"""Seconds to wait when the database does not answer."""


class Ladder:
    """`look` may also be called by hand. `failures` is asked to tell what was not delivered."""

    def __init__(
        self,
        *,
        storage: Storage,
        notifier: Notifier,
        clock: Clock,
        tell: Callable[[Change], None],
        failures: Callable[[], object],
    ) -> None:
        self._storage = storage
        self._notifier = notifier
        self._clock = clock
        self._tell = tell
        self._failures = failures
        self._wake = threading.Condition()
        self._poked = True
        self._closed = False
        self._next: datetime | None = None
        self._due = 0.0
        """`_next` on the clock that cannot be set."""
        self._turn = threading.Lock()
        self._resumed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ladder", daemon=True)
            self._thread.start()

    def poke(self) -> None:
        """Any thread: something was raised, acknowledged or changed."""
        with self._wake:
            self._poked = True
            self._wake.notify()

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self) -> None:
        while not self._closed:
            with self._wake:
                poked, self._poked = self._poked, False
            wait = BREATH
            try:
                if poked or self._is_due():
                    self.look()
            except AppError as error:
                _log.warning("alerts do not climb for now: %s", error)
                wait = PATIENCE
            except Exception as error:  # noqa: BLE001  # one bad alert must not stop the others for ever
                _log.error("alerts do not climb for now", exc_info=error)
                wait = PATIENCE
            with self._wake:
                # A breath in any case: a storm of news must not become a storm of questions.
                self._wake.wait_for(lambda: self._closed, wait)
                self._wake.wait_for(lambda: self._closed or self._poked, self._patience())

    def _is_due(self) -> bool:
        """By the wall or by the time that has passed."""
        return self._next is not None and (
            self._clock.now() >= self._next or self._clock.monotonic() >= self._due
        )

    def _patience(self) -> float:
        if self._next is None:
            return LOOK
        left = min((self._next - self._clock.now()).total_seconds(), self._due - self._clock.monotonic())
        return max(0.0, min(LOOK, left))

    def look(self) -> None:
        """What is due climbs; then when the next one is due."""
        with self._turn:
            now = self._clock.now()
            if self._next is not None and self._clock.monotonic() >= self._due:
                now = max(now, self._next)  # the clock was put back
            rules = {rule.id: rule for rule in self._storage.rules.all()}
            if not self._resumed:
                self._resume(rules, now)
                self._resumed = True
            for alert in self._storage.alerts.due_to_climb(now):
                self._climb(alert, rules.get(alert.rule_id or 0), now)
            given_up = self._storage.alerts.next_expiry()
            if given_up is not None and given_up <= now and self._storage.alerts.expire(now):
                self._tell(Change.DELIVERIES)
            self._notifier.pick_up()
            self._failures()
            self._arm()

    def _resume(self, rules: Mapping[int, AlertRule], now: datetime) -> None:
        """Alerts that a program stored, and ended before anybody was told of them."""
        for alert in self._storage.alerts.untold(now - RESUMES, now - SURELY):
            rule = rules.get(alert.rule_id or 0)
            if rule is not None:
                self._notifier.begin(alert, rule, self._notifier.plan(rule, alert.severity, now))

    def _arm(self) -> None:
        moments = (self._storage.alerts.next_climb(), self._storage.alerts.next_expiry())
        following = min((one for one in moments if one is not None), default=None)
        if following is not None and following != self._next:
            left = (following - self._clock.now()).total_seconds()
            self._due = self._clock.monotonic() + max(0.0, left)
        self._next = following

    def _climb(self, alert: Alert, rule: AlertRule | None, now: datetime) -> None:
        if alert.kind == "held":
            self._notifier.tell_held(alert, now)
            self._tell(Change.ALERTS)
            return
        if who := self._in_hand(alert):
            self._storage.alerts.acknowledge([alert.id], who, now)
            self._tell(Change.ALERTS | Change.DELIVERIES)
            return
        while alert.climbs_at is not None and alert.climbs_at <= now:
            climbed = self._one_rung(alert, rule, now)
            if climbed is None:
                break
            alert = climbed
        self._tell(Change.ALERTS)

    def _in_hand(self, alert: Alert) -> str:
        """Who has taken up the post itself meanwhile, in the feed or the queue: that answers for the alert.
        A clock that runs out is answered for by an answer only."""
        if alert.mention_id is None:
            return ""
        rows = self._storage.mentions.many([alert.mention_id])
        enough = _ANSWERED if alert.kind == "deadline" else _TAKEN
        return rows[0].status_by or "?" if rows and rows[0].status in enough else ""

    def _one_rung(self, alert: Alert, rule: AlertRule | None, now: datetime) -> Alert | None:
        """The alert on its next rung; None: there is none, or another program was quicker, or it is
        acknowledged."""
        channels = self._notifier.channels()
        number = next_rung(rule, alert.rung, channels) if rule is not None else None
        if rule is None or number is None:
            self._storage.alerts.climb(alert, alert.rung, None)
            return None
        due = alert.climbs_at or now
        then = climbs_at(rule, number, due, channels)
        staff = self._notifier.staff(rule, now)
        wanted = targets(rule, number, staff, channels, self._storage.alerts.told(alert.id, number))
        # The rows first: their keys are the same for whoever comes, and after a crash in between.
        self._notifier.write(alert, number, wanted, now, due)
        if not self._storage.alerts.climb(alert, number, then):
            if self._storage.alerts.get(alert.id).acked_at is not None:
                self._storage.deliveries.drop([alert.id], now)
            return None
        _log.info("alert %s was not acknowledged and climbs to rung %s", alert.id, number)
        climbed = replace(alert, rung=number, climbs_at=then)
        self._notifier.show(climbed, number, wanted, due)
        return climbed
