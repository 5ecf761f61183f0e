"""Scored mentions and blind sources become alerts: stored first, then shown, once. Worker threads only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from app import log
from app.alerts.deliver import SHOWN, Desktop
from app.alerts.rules import Disturb, Verdict, disturb, fold_key, judge
from app.change import Change
from app.domain.alert import Alert, AlertState, Rule, Severity
from app.domain.clock import Clock
from app.domain.desk import WARNINGS, Warned
from app.domain.mention import Stored
from app.domain.plain import one_line
from app.domain.warning import Incident
from app.domain.watch import Source
from app.errors import StorageError
from app.i18n import _
from app.storage.store import Storage

_log = log.topic("alert")

FOLD_WITHIN = timedelta(hours=24)
STORY_WITHIN = timedelta(hours=72)
"""A story raises one alert in this time, which grows; the incident tells when that is not enough."""
_GRAVITY = tuple(Severity)


class Alarms:
    """Calls are taken one at a time: cool-down is a question about the alert before."""

    def __init__(
        self,
        *,
        storage: Storage,
        rule: Callable[[], Rule],
        desktop: Desktop | None,
        clock: Clock,
        tell: Callable[[Change], None],
        toast: Callable[[Alert], None],
        raised: Callable[[Alert], None],
    ) -> None:
        self._storage = storage
        self._rule = rule
        self._desktop = desktop
        self._clock = clock
        self._tell = tell
        self._toast = toast
        self._raised = raised
        self._lock = threading.Lock()
        self._errands = ThreadPoolExecutor(1, thread_name_prefix="notify")

    def consider(self, ids: Sequence[int]) -> tuple[Alert, ...]:
        """Judge freshly scored mentions by the standing rule; returns the alerts raised or grown."""
        rule = self._rule()
        raised: list[Alert] = []
        try:
            with self._lock:
                for row in self._storage.mentions.many(ids, grave=True):
                    if alert := self._one(row, rule):
                        raised.append(alert)
        finally:  # what is stored is told, also when the database fails on the way
            for alert in raised:
                self._raised(alert)
            if raised:
                self._tell(Change.ALERTS)
        return tuple(raised)

    def _one(self, stored: Stored, rule: Rule) -> Alert | None:
        verdict = judge(stored, rule)
        if verdict is None or self._storage.alerts.of_mention(stored.id) is not None:
            return None
        brand = next((hit.brand_id for hit in stored.hits if not hit.competitor), None)
        key = fold_key(stored.text)
        now = self._clock.now()
        earlier = self._storage.alerts.same_text(brand, key, now - FOLD_WITHIN) if key else None
        if earlier is not None:
            return self._grow(earlier, stored.id)
        earlier = self._of_story(stored.id, brand, now)
        if earlier is not None:
            return self._joined(earlier, stored, verdict, rule)
        may = self._may(rule, verdict, stored.published_at, brand, now)
        alert = self._storage.alerts.add(
            Alert(
                severity=verdict.severity,
                title=verdict.title,
                body=verdict.body,
                reason=verdict.reason,
                mention_id=stored.id,
                brand_id=brand,
                source_id=stored.source_id,
                created_at=now,
                toasted=may.toast,
                delivered="" if may.toast else f"held: {may.held}",
            ),
            fold_key=key,
        )
        self._disturb(alert, rule)
        return alert

    def _of_story(self, mention_id: int, brand: int | None, now: datetime) -> Alert | None:
        """What a near-copy of this has raised."""
        story = self._storage.stories.story_of(mention_id)
        return self._storage.alerts.same_story(brand, story, now - STORY_WITHIN) if story else None

    def _joined(self, earlier: Alert, stored: Stored, verdict: Verdict, rule: Rule) -> Alert:
        """A near-copy: counted; told again only where it is graver than all before."""
        if _GRAVITY.index(verdict.severity) >= _GRAVITY.index(earlier.severity):
            return self._grow(earlier, stored.id)
        now = self._clock.now()
        self._storage.alerts.fold(earlier.id, stored.id)
        may = self._may(rule, verdict, stored.published_at, earlier.brand_id, now)
        worse = replace(
            earlier,
            severity=verdict.severity,
            title=verdict.title,
            body=verdict.body,
            reason=verdict.reason,
            toasted=may.toast or earlier.toasted,
            delivered="" if may.toast else f"held: {may.held}",
        )
        grown = self._storage.alerts.worsen(earlier.id, worse)
        if may.toast:
            self._disturb(grown, rule)
        return grown

    def _may(
        self, rule: Rule, verdict: Verdict, published_at: datetime, brand: int | None, now: datetime
    ) -> Disturb:
        last = self._storage.alerts.last_toast(brand)
        urgent = self._storage.alerts.last_toast(brand, Severity.P1)
        return disturb(rule, now.astimezone(), verdict, published_at, last, urgent)

    def incident(self, incident: Incident) -> Alert:
        """An incident has opened, or grown out of what was told: one alert, which says the newest."""
        rule, now = self._rule(), self._clock.now()
        verdict = Verdict(
            severity=incident.severity,
            reason=one_line(incident.reason, 300),
            title=one_line(
                _("{severity} {title}").format(severity=incident.severity, title=incident.title), 60
            ),
            body=one_line(incident.reason, 200),
            brand_id=incident.brand_id,
            brand=incident.brand,
        )
        with self._lock:
            earlier = self._storage.alerts.of_incident(incident.id)
            may = self._may(rule, verdict, now, incident.brand_id, now)
            told = Alert(
                kind="incident",
                severity=verdict.severity,
                title=verdict.title,
                body=verdict.body,
                reason=verdict.reason,
                brand_id=incident.brand_id,
                incident_id=incident.id,
                created_at=now,
                toasted=may.toast or (earlier is not None and earlier.toasted),
                delivered="" if may.toast else f"held: {may.held}",
            )
            alert = (
                self._storage.alerts.add(told, fold_key=f"incident:{incident.id}")
                if earlier is None
                else self._storage.alerts.worsen(earlier.id, told)
            )
        self._raised(alert)
        if may.toast:
            self._disturb(alert, rule)
        self._tell(Change.ALERTS)
        return alert

    def deadline(self, warned: Warned) -> Alert:
        """The time to answer a mention is running out, or over: one alert, which says the newest."""
        stored = self._storage.mentions.get(warned.mention_id)
        over = warned.percent >= WARNINGS[-1]
        severity = warned.severity if over or warned.severity is not Severity.P1 else Severity.P2
        what = _("the time to answer is over") if over else _("the time to answer is running out")
        told = _deadline_words(warned)
        with self._lock:
            earlier = self._storage.alerts.of_deadline(warned.mention_id)
            toast = warned.percent > WARNINGS[0]
            alert = Alert(
                kind="deadline",
                severity=severity,
                title=one_line(_("{severity} {what}").format(severity=severity, what=what), 60),
                body=one_line(stored.text or stored.mention.title, 200),
                reason=told,
                mention_id=warned.mention_id,
                source_id=warned.source_id,
                brand_id=warned.brand_id,
                created_at=self._clock.now(),
                toasted=toast or (earlier is not None and earlier.toasted),
                delivered="" if toast else f"held: {_('for the list only')}",
            )
            kept = (
                self._storage.alerts.add(alert)
                if earlier is None
                else self._storage.alerts.worsen(earlier.id, alert)
            )
        self._raised(kept)
        if toast:
            self._disturb(kept, self._rule())
        self._tell(Change.ALERTS)
        return kept

    def _grow(self, alert: Alert, mention_id: int) -> Alert:
        """A copy of what was told already: counted, never told again."""
        grown = self._storage.alerts.fold(alert.id, mention_id)
        if grown.toasted:
            self._toast(grown)
        return grown

    def _disturb(self, alert: Alert, rule: Rule) -> None:
        if not alert.toasted:
            return
        self._toast(alert)
        if self._desktop is not None and rule.desktop:
            self._errands.submit(self._show, self._desktop, alert)

    def _show(self, desktop: Desktop, alert: Alert) -> None:
        """A desktop may take seconds to answer; judging goes on meanwhile."""
        outcome = desktop.send(alert.title, alert.body)
        try:
            self._storage.alerts.set_delivered(alert.id, outcome)
        except StorageError as error:
            _log.warning("the delivery of alert %s is not written down: %s", alert.id, error)
        self._tell(Change.ALERTS)
        if outcome != SHOWN:
            _log.warning("alert %s was not shown on the desktop: %s", alert.id, outcome)

    def close(self) -> None:
        """Notifications still waiting are dropped; the alerts themselves are stored."""
        self._errands.shutdown(wait=True, cancel_futures=True)

    def blind(self, source: Source, words: str, advice: str) -> Alert | None:
        """A source has stopped seeing: told once (None where it stands already); `healed` closes it."""
        if self._storage.alerts.open_of_source(source.id, "blind"):
            return None
        alert = self._storage.alerts.add(
            Alert(
                kind="blind",
                severity=Severity.P2,
                source_id=source.id,
                created_at=self._clock.now(),
                title=_("“{source}” is not seen").format(source=source.name),
                body=words,
                reason=advice,
                toasted=True,
            ),
            fold_key=f"blind:{source.id}",
        )
        self._tell(Change.ALERTS)
        self._raised(alert)
        self._disturb(alert, self._rule())
        return alert

    def healed(self, source_id: int) -> None:
        """Close what `blind` opened, quietly."""
        open_ones = self._storage.alerts.open_of_source(source_id, "blind")
        if open_ones:
            now = self._clock.now()
            self._storage.alerts.set_state([one.id for one in open_ones], AlertState.DONE, "", now)
            self._tell(Change.ALERTS)


def _deadline_words(warned: Warned) -> str:
    whose = warned.owner or _("nobody")
    due = warned.due_at.astimezone().strftime("%H:%M")
    told = _("{percent}% of the time to answer has passed; due at {due}, in the hands of {owner}")
    return one_line(told.format(percent=warned.percent, due=due, owner=whose), 300)
