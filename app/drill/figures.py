"""What a drill proves: how soon, how often wrongly, how completely.

What happened is asked of the program (its alerts, incidents, stories, gaps and mentions); the script
only judges it: what was meant as a crisis, what was a copy, what was good news. Any thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from app.core import Core
from app.domain.alert import Alert, Severity
from app.domain.mention import Stored
from app.domain.query import MentionQuery
from app.drill.rendering import post_id
from app.drill.scenario import Event, Outage, Scenario
from app.drill.session import DrillSession
from app.i18n import _, ngettext, sentences

MOST_ALERTS = 10_000
PAGE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alert that asks a person for a look: P1, P2 or an incident; P3 only stands in the list."""

    minute: float
    kind: str
    severity: str
    title: str
    crisis: bool
    """Does it rest on posts that were scripted as a crisis?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blindness:
    """One scripted outage, and what the program made of it. Minutes of the story; None: not so far."""

    channel: str
    begin: float
    end: float
    noticed: float | None
    gap_begin: float | None
    gap_end: float | None
    """The gap as it was written down."""
    missed: int
    """Posts that appeared on the channel meanwhile."""
    backfilled: int
    """Those of them that were read afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All minutes are minutes of the story; `to_…` count from the first post of the crisis."""

    scenario: str
    title: str
    history: float
    played: float
    mentions: int
    negative: int
    unmatched: int
    alerts: int
    listed: int
    """Alerts that stand in the list only (P3)."""
    to_first_alarm: float | None
    first_alarm: Alarm | None
    to_first_incident: float | None
    first_incident: Alarm | None
    copies: int
    """Scripted copies that were read."""
    folded: int
    """Those of them that the program folded into the story of what they copy."""
    wrongly_folded: int
    """Posts that are no copies, and stand in the story of another."""
    campaign: bool
    """Does a story that was scripted as copies carry the hint of a campaign?"""
    false_alarms: tuple[Alarm, ...]
    blind: tuple[Blindness, ...]
    to_first_claim: float | None
    to_first_reply: float | None
    read: int
    lost: int
    twice: int


def figures(session: DrillSession) -> Figures:
    """As things stand now. Raises StorageError."""
    return _Counting(session).all()


class _Counting:
    def __init__(self, session: DrillSession) -> None:
        self.core: Core = session.core
        self.scenario: Scenario = session.scenario
        self.channels: Mapping[int, str] = session.channels
        self.minute = session.platform.minute
        self.until = min(session.platform.elapsed, self.scenario.length)
        self.alarmed = session.alarmed
        self.begin = session.began
        self.rows = tuple(_all_rows(self.core))
        known = {post_id(event): event for event in self.scenario.events}
        self.events: dict[int, Event] = {
            row.id: known[key] for row in self.rows if (key := _key(row)) in known
        }
        """What was scripted, by the number of the mention it has become."""
        self.ids: dict[str, int] = {}
        for number, event in sorted(self.events.items()):
            self.ids.setdefault(event.id, number)

    def all(self) -> Figures:
        tally = self.core.tally(MentionQuery(matched=True))
        alerts = self.core.alerts(MOST_ALERTS)
        alarms = self._alarms(alerts)
        first = next((one for one in alarms if one.crisis), None)
        incident = next((one for one in alarms if one.crisis and one.kind == "incident"), None)
        folding = _Folding(self)
        due = Counter(event.id for event in self.scenario.due(self.until) if event.at >= self.begin)
        read = Counter(event.id for event in self.events.values())
        return Figures(
            scenario=self.scenario.name,
            title=self.scenario.title,
            history=-self.scenario.begin,
            played=max(0.0, self.until),
            mentions=tally.total,
            negative=tally.negative,
            unmatched=len(self.rows) - tally.total,
            alerts=len(alerts),
            listed=sum(one.severity is Severity.P3 for one in alerts),
            to_first_alarm=self._since_outbreak(first.minute if first else None),
            first_alarm=first,
            to_first_incident=self._since_outbreak(incident.minute if incident else None),
            first_incident=incident,
            copies=folding.copies,
            folded=folding.folded,
            wrongly_folded=folding.wrongly,
            campaign=folding.campaign,
            false_alarms=tuple(one for one in alarms if not one.crisis),
            blind=tuple(
                self._blind(one, alerts) for one in self.scenario.outages if one.begin < self.until
            ),
            to_first_claim=self._since_outbreak(self._first_done("claim")),
            to_first_reply=self._since_outbreak(self._first_done("answer")),
            read=len(read),
            lost=len(due - read),
            twice=sum(n - 1 for n in read.values()),
        )

    def _since_outbreak(self, minute: float | None) -> float | None:
        outbreak = self.scenario.outbreak
        return None if minute is None or outbreak is None else minute - outbreak

    # ── alarms ───────────────────────────────────────────────────────────────────────────────────

    def _alarms(self, alerts: Iterable[Alert]) -> list[Alarm]:
        """Oldest first. A source that is blind because the script has it so is no false alarm."""
        asking = (one for one in alerts if one.severity is not Severity.P3)
        made = [
            self._alarm(one, minute)
            for one in asking
            if not self._scripted_outage(one)
            for minute in self._minutes(one)
        ]
        return sorted(made, key=lambda one: one.minute)

    def _minutes(self, alert: Alert) -> list[float]:
        """When it first asked for a look; and when it first did after the crisis broke out, if it had
        asked before for another reason."""
        times = [self.minute(when) for number, when in self.alarmed if number == alert.id]
        first = min(times, default=self.minute(alert.created_at))
        outbreak = self.scenario.outbreak
        again = [one for one in times if outbreak is not None and first < outbreak <= one]
        return [first, *again[:1]]

    def _alarm(self, alert: Alert, minute: float) -> Alarm:
        return Alarm(
            minute=minute,
            kind=alert.kind,
            severity=str(alert.severity),
            title=alert.title,
            crisis=self._of_crisis(alert, minute),
        )

    def _scripted_outage(self, alert: Alert) -> bool:
        minute, channel = self.minute(alert.created_at), self.channels.get(alert.source_id or 0)
        return alert.kind == "blind" and any(
            one.channel == channel and one.begin <= minute <= one.end + 60 for one in self.scenario.outages
        )

    def _of_crisis(self, alert: Alert, minute: float) -> bool:
        """It had broken out, and most of what the alarm rests on was scripted as a crisis."""
        outbreak = self.scenario.outbreak
        if outbreak is None or minute < outbreak:
            return False
        if alert.incident_id is not None:
            rows = self.core.incident_mentions(alert.incident_id, MOST_ALERTS)
        else:
            rows = self.core.alert_mentions(alert.id)
        rests_on = [self.events[row.id].crisis for row in rows if row.id in self.events]
        return 2 * sum(rests_on) >= len(rests_on) > 0

    # ── blind ────────────────────────────────────────────────────────────────────────────────────

    def _blind(self, outage: Outage, alerts: Iterable[Alert]) -> Blindness:
        told = [
            self.minute(alert.created_at)
            for alert in alerts
            if alert.kind == "blind" and self.channels.get(alert.source_id or 0) == outage.channel
        ]
        noticed = min((one for one in told if outage.begin <= one <= outage.end + 60), default=None)
        gap = self._gap(outage)
        missed = [
            event
            for event in self.scenario.due(min(outage.end, self.until))
            if event.channel == outage.channel and event.at >= outage.begin
        ]
        return Blindness(
            channel=outage.channel,
            begin=outage.begin,
            end=outage.end,
            noticed=noticed,
            gap_begin=gap[0] if gap else None,
            gap_end=gap[1] if gap else None,
            missed=len(missed),
            backfilled=sum(event.id in self.ids for event in missed),
        )

    def _gap(self, outage: Outage) -> tuple[float, float | None] | None:
        """The longest that was written down for the channel's source around the outage."""
        names = {
            state.source.name
            for state in self.core.sources()
            if self.channels.get(state.source.id) == outage.channel
        }
        now = self.core.clock.now()
        lines = self.core.storage.sources.gaps(now - timedelta(days=60), now + timedelta(days=1))
        found = [
            (self.minute(line.since), None if line.until is None else self.minute(line.until))
            for line in lines
            if line.source in names
        ]
        near = [
            (since, until)
            for since, until in found
            if since <= outage.end and (until is None or until >= outage.begin)
        ]
        return max(
            near, key=lambda one: (one[1] if one[1] is not None else now.timestamp()) - one[0], default=None
        )

    # ── people ───────────────────────────────────────────────────────────────────────────────────

    def _first_done(self, what: str) -> float | None:
        """When a person first claimed or answered anything; None where nobody played."""
        touched = (row for row in self.rows if row.status_at is not None)
        times = (event.at for row in touched for event in self.core.history(row.id) if event.what == what)
        first = min(times, default=None)
        return None if first is None else self.minute(first)


class _Folding:
    """Which scripted copies stand in the story of what they copy."""

    def __init__(self, counting: _Counting) -> None:
        self._counting = counting
        self.copies = self.folded = self.wrongly = 0
        self.campaign = False
        self._count(counting.core.storage.stories.of_mentions(list(counting.events)))

    def _count(self, stories: Mapping[int, int]) -> None:
        roots: dict[str, str] = {}
        story: dict[str, int] = {}
        for event in self._counting.scenario.events:
            roots[event.id] = roots.get(event.copy_of, event.copy_of) or event.id
            number = self._counting.ids.get(event.id)
            if number is not None:
                story[event.id] = stories.get(number, -number)  # one that is in no story is alone
        of_story: dict[int, Counter[str]] = {}
        for id_, one in story.items():
            of_story.setdefault(one, Counter())[roots[id_]] += 1
        mine = [id_ for id_ in story if roots[id_] != id_]
        told = [story[id_] for id_ in mine if story[id_] == story.get(roots[id_])]
        self.copies, self.folded = len(mine), len(told)
        self.campaign = any(self._hinted(one) for one in set(told))
        self.wrongly = sum(sum(counted.values()) - max(counted.values()) for counted in of_story.values())

    def _hinted(self, story: int) -> bool:
        return bool(self._counting.core.story(story).campaign)


def _all_rows(core: Core) -> Iterable[Stored]:
    after = None
    while True:
        page = core.mentions(MentionQuery(), after, PAGE)
        yield from page.rows
        after = page.next
        if after is None:
            return


def _key(row: Stored) -> str:
    """What tells of which post a mention was made: the last part of its address, or the review's number."""
    if row.mention.platform == "appstore":
        return f"review/{row.mention.native_id.rpartition('/')[2]}"
    return row.mention.url.rpartition("/p/")[2]


def in_short(told: Figures) -> str:
    """A sentence or three for the window, whose minutes are those of the story at the speed chosen."""
    parts = []
    if told.to_first_alarm is not None:
        text = _("First alarm after {n:.0f} minutes of the story.")
        parts.append(text.format(n=told.to_first_alarm))
    n = len(told.false_alarms)
    parts.append(ngettext("{n} false alarm.", "{n} false alarms.", n).format(n=n))
    if told.copies:
        text = _("{n} of {all} copies folded.")
        parts.append(text.format(n=told.folded, all=told.copies))
    if told.to_first_claim is not None:
        parts.append(_("First claim after {n:.1f} minutes.").format(n=told.to_first_claim))
    if told.to_first_reply is not None:
        parts.append(_("First reply after {n:.1f} minutes.").format(n=told.to_first_reply))
    return sentences(parts)


def as_json(told: Figures) -> dict[str, Any]:
    """The last line of `tingfeng drill --json`; docs/drill.md names each field."""
    return {
        "type": "drill",
        "scenario": told.scenario,
        "title": told.title,
        "history_minutes": round(told.history, 1),
        "played_minutes": round(told.played, 1),
        "mentions": told.mentions,
        "negative": told.negative,
        "unmatched": told.unmatched,
        "alerts": told.alerts,
        "alerts_listed_only": told.listed,
        "minutes_to_first_alarm": _minutes(told.to_first_alarm),
        "first_alarm": _alarm(told.first_alarm),
        "minutes_to_first_incident": _minutes(told.to_first_incident),
        "first_incident": _alarm(told.first_incident),
        "copies_scripted": told.copies,
        "copies_folded": told.folded,
        "wrongly_folded": told.wrongly_folded,
        "campaign_hint": told.campaign,
        "false_alarm_count": len(told.false_alarms),
        "false_alarms": [_alarm(one) for one in told.false_alarms],
        "blind": [_blindness(one) for one in told.blind],
        "minutes_to_first_claim": _minutes(told.to_first_claim),
        "minutes_to_first_reply": _minutes(told.to_first_reply),
        "read": told.read,
        "lost": told.lost,
        "twice": told.twice,
    }


def _minutes(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _alarm(alarm: Alarm | None) -> dict[str, Any] | None:
    if alarm is None:
        return None
    return {
        "minute": round(alarm.minute, 1),
        "kind": alarm.kind,
        "severity": alarm.severity,
        "title": alarm.title,
    }


def _blindness(one: Blindness) -> dict[str, Any]:
    told = {
        name: _minutes(value) if isinstance(value, float) else value for name, value in asdict(one).items()
    }
    noticed = None if one.noticed is None else one.noticed - one.begin
    return {**told, "noticed_after_minutes": _minutes(noticed)}
