"""Scored mentions, incidents, clocks and blind sources become alerts by the active rules.

Stored first, then shown, once. Worker threads only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app import log
from app.alerts.replay import FOLD_WITHIN, STORY_WITHIN
from app.alerts.rules import (
    Disturb,
    Verdict,
    crossing,
    disturb,
    fold_key,
    gravest,
    judge,
    told_of_search,
    watches,
)
from app.change import Change
from app.domain.alert import Alert, AlertState, Severity
from app.domain.clock import Clock
from app.domain.delivery import DESKTOP
from app.domain.desk import WARNINGS, Warned
from app.domain.mention import Stored
from app.domain.plain import one_line
from app.domain.rule import AlertRule, RuleKind
from app.domain.warning import Incident
from app.domain.watch import Source
from app.engine.notifying import Notifier, Plan
from app.errors import QueryError
from app.i18n import _, ngettext
from app.storage.store import Storage

_log = log.topic("alert")

UNDELIVERED = "undelivered"
FAILED_WITHIN = timedelta(days=1)
TOLD_AGAIN = timedelta(hours=1)
"""Who says that failed deliveries are dealt with is left alone with them for so long."""

Matches = list[tuple[AlertRule, Verdict]]


class Alarms:
    """Calls are taken one at a time: cool-down is a question about the alert before."""

    def __init__(
        self,
        *,
        storage: Storage,
        notifier: Notifier,
        clock: Clock,
        tell: Callable[[Change], None],
        raised: Callable[[Alert], None],
        windows: Callable[[], bool],
    ) -> None:
        self._storage = storage
        self._notifier = notifier
        self._clock = clock
        self._tell = tell
        self._raised = raised
        self._windows = windows
        self._lock = threading.RLock()

    def _rules(self, *kinds: RuleKind) -> list[AlertRule]:
        return [rule for rule in self._storage.rules.all() if rule.active and rule.kind in kinds]

    # ── single posts, and saved searches ─────────────────────────────────────────────────────

    def consider(self, ids: Sequence[int]) -> tuple[Alert, ...]:
        """Judge freshly scored mentions by the rules; the alerts raised or grown, each once, as it stands.

        Copies within the batch are counted with one write: a storm must not cost a write a post.
        """
        batch = _Batch(self._storage, ids)
        try:
            with self._lock:
                try:
                    self._judge(batch, ids)
                finally:  # what was raised is counted and told, also when the database fails on the way
                    for alert in batch.counted():
                        self._notifier.grown(alert)
        finally:
            for alert in batch.raised.values():
                self._raised(alert)
            if batch.raised:
                self._tell(Change.ALERTS)
        return tuple(batch.raised.values())

    def _judge(self, batch: _Batch, ids: Sequence[int]) -> None:
        rules = self._rules(RuleKind.MENTION, RuleKind.SEARCH)
        rows = {row.id: row for row in self._storage.mentions.many(ids, grave=True)}
        found: dict[int, Matches] = {}
        for rule in rules:
            if rule.kind is RuleKind.SEARCH:
                try:
                    self._search(batch, rule, ids, rows, found)
                except QueryError as error:  # saved by a program that knows more of the query language
                    _log.warning("rule %s cannot be read and says nothing: %s", rule.id, error)
                continue
            for row in rows.values():
                if row.id not in batch.known and (verdict := judge(row, rule)) is not None:
                    found.setdefault(row.id, []).append((rule, verdict))
        for id_ in ids:
            if id_ in found and id_ not in batch.known:
                self._one(batch, rows[id_], *gravest(found[id_]))

    def _search(
        self,
        batch: _Batch,
        rule: AlertRule,
        ids: Sequence[int],
        rows: dict[int, Stored],
        found: dict[int, Matches],
    ) -> None:
        """A saved search: what comes while its alert stands counts up; else are there enough by now?

        Asked of the database, so that a restart neither forgets nor counts twice: what rests in an alert
        is not counted again.
        """
        now, span = self._clock.now(), timedelta(minutes=rule.minutes)
        since = now - max(span, timedelta(seconds=rule.max_age))
        fresh = [
            one
            for one in self._storage.rules.among(rule.query, ids)
            if one.id not in batch.known and one.published_at >= since
        ]
        if not fresh:
            return
        standing = self._storage.alerts.standing(RuleKind.SEARCH, now - FOLD_WITHIN, rule.id)
        if standing is not None and standing.state is not AlertState.DONE:
            batch.fold(standing, [one.id for one in fresh])
            return
        near = replace(
            rule.query,
            since=fresh[0].published_at - span,
            until=fresh[-1].published_at + span,
            oldest_first=False,
        )
        # The newest of them, should there be more: those of a storm, not those before it.
        posts = self._storage.mentions.page(near, None, 2 * max(rule.times, 500)).rows[::-1]
        taken = self._storage.alerts.of_mentions([one.id for one in posts])
        free = [one for one in posts if one.id not in taken]
        enough = crossing([(one.published_at, one.id) for one in free], rule)
        if enough:
            newest = next(one for one in free if one.id == enough[-1])
            rows[newest.id] = newest
            found.setdefault(newest.id, []).append((rule, told_of_search(rule, newest, len(enough))))
            first = next(one.published_at for one in free if one.id == enough[0])
            later = [one.id for one in fresh if one.published_at >= first and one.id not in enough]
            batch.rests[newest.id] = (*enough, *later)
            if newest.id not in ids:  # it came with an earlier batch, which one of these has completed
                self._one(batch, newest, *gravest(found.pop(newest.id)))

    def _one(self, batch: _Batch, stored: Stored, rule: AlertRule, verdict: Verdict) -> None:
        brand, key, now = verdict.brand_id, fold_key(stored.text), self._clock.now()
        search = rule.kind is RuleKind.SEARCH
        resting = (stored.id, *batch.rests.get(stored.id, ()))
        if not search:
            earlier = batch.same_text(brand, key, now - FOLD_WITHIN)
            if earlier is not None:
                batch.fold(earlier, resting)
                return
            earlier = batch.same_story(brand, stored.id, now - STORY_WITHIN)
            if earlier is not None:
                batch.fold(earlier, resting)
                self._joined(batch, earlier, stored, rule, verdict)
                return
        may, plan = self._may(rule, verdict, stored.published_at, now)
        alert = self._storage.alerts.add(
            Alert(
                kind=str(rule.kind),
                severity=verdict.severity,
                title=verdict.title,
                body=verdict.body,
                reason=verdict.reason,
                mention_id=stored.id,
                brand_id=brand,
                source_id=stored.source_id,
                created_at=now,
                toasted=may.toast,
                delivered=_delivered(may),
                rule_id=rule.id,
            ),
            fold_key="" if search else key,
        )
        batch.add(alert, key, stored.id)
        if len(resting) > 1:
            batch.fold(alert, resting)
        self._disturb(alert, rule, plan)
        if may.climbs:
            self._notifier.schedule(alert, rule)

    def _joined(
        self, batch: _Batch, earlier: Alert, stored: Stored, rule: AlertRule, verdict: Verdict
    ) -> None:
        """A near-copy, counted already: told again only where it is graver than all before."""
        if verdict.severity >= earlier.severity:
            return
        may, plan = self._may(rule, verdict, stored.published_at, self._clock.now())
        worse = replace(
            earlier,
            severity=verdict.severity,
            title=verdict.title,
            body=verdict.body,
            reason=verdict.reason,
            toasted=may.toast or earlier.toasted,
            delivered=_delivered(may),
            rule_id=rule.id,
        )
        grown = self._storage.alerts.worsen(earlier.id, worse, again=may.toast)
        batch.replace(grown)
        if may.toast:
            self._disturb(grown, rule, plan)
        elif may.climbs and grown.acked_at is None and grown.climbs_at is None:
            self._notifier.schedule(grown, rule)

    # ── may it disturb, and whom ─────────────────────────────────────────────────────────────

    def _may(
        self, rule: AlertRule, verdict: Verdict, published_at: datetime, now: datetime, owner: str = ""
    ) -> tuple[Disturb, Plan]:
        """Also who is told; nobody, where it may not disturb."""
        alerts = self._storage.alerts
        search = rule.kind is RuleKind.SEARCH
        last = alerts.last_toast_of(rule.id) if search else alerts.last_toast(verdict.brand_id)
        urgent = alerts.last_toast(verdict.brand_id, Severity.P1)
        may = disturb(rule, now.astimezone(), verdict, published_at, last, urgent)
        if not may.toast:
            return may, Plan()
        plan = self._notifier.plan(rule, verdict.severity, now, owner)
        if plan.held:
            self._notifier.hold(plan, now)
            return Disturb(toast=False, held=plan.held), Plan()
        return may, plan

    def _disturb(self, alert: Alert, rule: AlertRule, plan: Plan) -> None:
        if alert.toasted:
            self._notifier.begin(alert, rule, plan)

    def _put(
        self,
        earlier: Alert | None,
        alert: Alert,
        rule: AlertRule,
        plan: Plan,
        *,
        key: str = "",
        climbs: bool = False,
    ) -> Alert:
        """Raised, or told anew; then everybody hears of it. `climbs`: also where it may not disturb now."""
        kept = (
            self._storage.alerts.add(alert, fold_key=key)
            if earlier is None
            else self._storage.alerts.worsen(earlier.id, alert, again=bool(plan.targets))
        )
        self._raised(kept)
        if plan.targets:
            self._notifier.begin(kept, rule, plan)
        elif climbs and kept.acked_at is None and kept.climbs_at is None:
            self._notifier.schedule(kept, rule)
        self._tell(Change.ALERTS)
        return kept

    # ── incidents, clocks, sources ───────────────────────────────────────────────────────────

    def incident(self, incident: Incident) -> Alert | None:
        """An incident has opened, or grown out of what was told: one alert, which says the newest. None:
        no rule asks for it."""
        now = self._clock.now()
        matches: Matches = []
        for rule in self._rules(RuleKind.SURGE, RuleKind.STORY):
            if watches(rule, incident.brand_id) and of_incident(rule, incident):
                matches.append((rule, _told_of_incident(rule, incident)))
        if not matches:
            return None
        rule, verdict = gravest(matches)
        with self._lock:
            earlier = self._storage.alerts.of_incident(incident.id)
            may, plan = self._may(rule, verdict, now, now)
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
                delivered=_delivered(may),
                rule_id=rule.id,
            )
            key = f"incident:{incident.id}"
            return self._put(earlier, told, rule, plan, key=key, climbs=may.climbs)

    def deadline(self, warned: Warned) -> Alert | None:
        """The time to answer a mention is running out, or over: one alert, which says the newest. None: no
        rule asks for it."""
        stored = self._storage.mentions.get(warned.mention_id)
        over = warned.percent >= WARNINGS[-1]
        judged = warned.severity if over or warned.severity is not Severity.P1 else Severity.P2
        what = _("the time to answer is over") if over else _("the time to answer is running out")
        now = self._clock.now()
        matches: Matches = [
            (rule, _verdict(rule.severity or judged, what, stored, warned))
            for rule in self._rules(RuleKind.DEADLINE)
            if watches(rule, warned.brand_id)
        ]
        if not matches:
            return None
        rule, verdict = gravest(matches)
        with self._lock:
            earlier = self._storage.alerts.of_deadline(warned.mention_id)
            if warned.percent < rule.percent:
                may, plan = Disturb(toast=False, held=_("for the list only")), Plan()
            else:
                may, plan = self._may(rule, verdict, now, now, warned.owner)
            alert = Alert(
                kind="deadline",
                severity=verdict.severity,
                title=verdict.title,
                body=verdict.body,
                reason=verdict.reason,
                mention_id=warned.mention_id,
                source_id=warned.source_id,
                brand_id=warned.brand_id,
                created_at=now,
                toasted=may.toast or (earlier is not None and earlier.toasted),
                delivered=_delivered(may),
                rule_id=rule.id,
            )
            return self._put(earlier, alert, rule, plan, climbs=may.climbs)

    def blind(self, source: Source, words: str, advice: str) -> Alert | None:
        """A source has stopped seeing: told once (None where it stands already, or no rule asks for it);
        `healed` closes it."""
        rules = self._rules(RuleKind.BLIND)
        if not rules or self._storage.alerts.open_of_source(source.id, "blind"):
            return None
        now = self._clock.now()
        matches: Matches = [
            (
                rule,
                Verdict(
                    severity=rule.severity or Severity.P2,
                    reason=advice,
                    title=_("“{source}” is not seen").format(source=source.name),
                    body=words,
                    brand_id=None,
                    brand="",
                ),
            )
            for rule in rules
        ]
        rule, verdict = gravest(matches)
        with self._lock:
            may, plan = self._may(rule, verdict, now, now)
            alert = Alert(
                kind="blind",
                severity=verdict.severity,
                source_id=source.id,
                created_at=now,
                title=verdict.title,
                body=verdict.body,
                reason=verdict.reason,
                toasted=may.toast,
                delivered=_delivered(may),
                rule_id=rule.id,
            )
            return self._put(None, alert, rule, plan, key=f"blind:{source.id}")

    def healed(self, source_id: int) -> None:
        """Close what `blind` opened, quietly."""
        open_ones = self._storage.alerts.open_of_source(source_id, "blind")
        if open_ones:
            now, ids = self._clock.now(), [one.id for one in open_ones]
            self._storage.alerts.set_state(ids, AlertState.DONE, "", now)
            self._storage.deliveries.drop(ids, now)
            self._tell(Change.ALERTS)

    # ── what did not arrive ──────────────────────────────────────────────────────────────────

    def undelivered(self) -> Alert | None:
        """Deliveries that failed since the last look: one alert in the window, which counts up.

        What was told is remembered in the settings, so that a restart does not tell it again.
        """
        with self._lock:
            now = self._clock.now()
            failed = self._storage.deliveries.failed(now - FAILED_WITHIN)
            if not self._windows():
                failed = tuple(one for one in failed if one.channel != DESKTOP)
            kept = self._storage.settings.get(UNDELIVERED)
            known = set(kept) if isinstance(kept, list) else set()
            fresh = [one for one in failed if one.id not in known]
            if not fresh:
                return None
            ids = [one.id for one in failed]
            self._storage.settings.set(UNDELIVERED, ids)
            earlier = self._storage.alerts.standing(UNDELIVERED, now - FAILED_WITHIN)
            if earlier is not None and earlier.state is AlertState.DONE:
                if now - earlier.created_at < TOLD_AGAIN:
                    return None
                earlier = None
            n = len(fresh) + (earlier.copies if earlier is not None else 0)
            title = ngettext("P2 {n} alert was not delivered", "P2 {n} alerts were not delivered", n)
            name = _("the desktop") if fresh[0].channel == DESKTOP else self._channel(fresh[0].channel)
            why = one_line(fresh[0].error, 160)
            told = Alert(
                kind=UNDELIVERED,
                severity=Severity.P2,
                title=one_line(title.format(n=n), 60),
                body=one_line(_("{channel}: {problem}").format(channel=name, problem=why), 200),
                reason=_("The alerts themselves are in the list; each says what became of it."),
                created_at=now,
                copies=n,
                toasted=True,
            )
            if earlier is None:
                alert = self._storage.alerts.add(told, fold_key=UNDELIVERED)
            else:
                alert = self._storage.alerts.recount(earlier.id, told)
        self._raised(alert)
        self._notifier.card(alert, first=earlier is None)
        self._tell(Change.ALERTS)
        return alert

    def _channel(self, channel: str) -> str:
        return one_line(self._notifier.channels().get(channel, channel), 40)

    def close(self) -> None:
        """See `Notifier.close`."""
        self._notifier.close()


class _Batch:
    """What is known while one batch is looked at: questions are asked once, copies counted together."""

    def __init__(self, storage: Storage, ids: Sequence[int]) -> None:
        self._storage = storage
        self.known = set(storage.alerts.of_mentions(ids))
        self._stories = storage.stories.of_mentions(ids)
        self._texts: dict[tuple[int | None, str], Alert | None] = {}
        self._told: dict[tuple[int | None, int], Alert | None] = {}
        self._now: dict[int, Alert] = {}
        self._more: dict[int, list[int]] = {}
        self.raised: dict[int, Alert] = {}
        self.rests: dict[int, tuple[int, ...]] = {}
        """What an alert of a saved search rests on, by the mention that completed it."""

    def same_text(self, brand: int | None, key: str, since: datetime) -> Alert | None:
        if not key:
            return None
        if (brand, key) not in self._texts:
            self._texts[brand, key] = self._storage.alerts.same_text(brand, key, since)
        return self._newest(self._texts[brand, key])

    def same_story(self, brand: int | None, mention_id: int, since: datetime) -> Alert | None:
        """What a near-copy of this has raised."""
        story = self._stories.get(mention_id)
        if story is None:
            return None
        if (brand, story) not in self._told:
            self._told[brand, story] = self._storage.alerts.same_story(brand, story, since)
        return self._newest(self._told[brand, story])

    def _newest(self, alert: Alert | None) -> Alert | None:
        return None if alert is None else self._now.get(alert.id, alert)

    def add(self, alert: Alert, key: str, mention_id: int) -> None:
        """Raised just now."""
        self.replace(alert)
        self.known.add(mention_id)
        if key and alert.kind == "mention":
            self._texts[alert.brand_id, key] = alert
        if mention_id in self._stories:
            self._told[alert.brand_id, self._stories[mention_id]] = alert

    def replace(self, alert: Alert) -> None:
        """It says more by now."""
        self._now[alert.id] = alert
        self.raised[alert.id] = alert

    def fold(self, alert: Alert, ids: Sequence[int]) -> None:
        """To be counted into it."""
        self._more.setdefault(alert.id, []).extend(ids)
        self.known.update(ids)

    def counted(self) -> list[Alert]:
        """The alerts that grew, when their copies have been written down."""
        made = []
        for id_, ids in self._more.items():
            alert = self._storage.alerts.fold(id_, ids)
            self.raised[id_] = alert
            made.append(alert)
        self._more.clear()
        return made


def _delivered(may: Disturb) -> str:
    return "" if may.toast else f"held: {may.held}"


def of_incident(rule: AlertRule, incident: Incident) -> bool:
    """A story that spreads is the one rule's, everything else that the detectors see the other's."""
    if rule.kind is RuleKind.STORY:
        return "story" in incident.channels
    return rule.kind is RuleKind.SURGE and (
        not incident.channels or any(channel != "story" for channel in incident.channels)
    )


def _told_of_incident(rule: AlertRule, incident: Incident) -> Verdict:
    severity = rule.severity or incident.severity
    title = _("{severity} {title}").format(severity=severity, title=incident.title)
    return Verdict(
        severity=severity,
        reason=one_line(incident.reason, 300),
        title=one_line(title, 60),
        body=one_line(incident.reason, 200),
        brand_id=incident.brand_id,
        brand=incident.brand,
    )


def _verdict(severity: Severity, what: str, stored: Stored, warned: Warned) -> Verdict:
    return Verdict(
        severity=severity,
        reason=_deadline_words(warned),
        title=one_line(_("{severity} {what}").format(severity=severity, what=what), 60),
        body=one_line(stored.text or stored.mention.title, 200),
        brand_id=warned.brand_id,
        brand="",
    )


def _deadline_words(warned: Warned) -> str:
    whose = warned.owner or _("nobody")
    due = warned.due_at.astimezone().strftime("%H:%M")
    told = _("{percent}% of the time to answer has passed; due at {due}, in the hands of {owner}")
    return one_line(told.format(percent=warned.percent, due=due, owner=whose), 300)
