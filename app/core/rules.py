"""Rules that raise alerts, what they would have done, and the playbooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from app.alerts import playbooks, wording
from app.alerts.replay import Replay
from app.change import Change
from app.core.channels import Channels
from app.domain.alert import Alert
from app.domain.people import Team
from app.domain.query import MentionQuery
from app.domain.rule import MOST, AlertRule, Playbook, PlaybookCase, Replayed, RuleKind, Rung, Whom
from app.domain.warning import Incident
from app.engine.alarms import of_incident
from app.errors import ConfigError, NotFound
from app.i18n import _
from app.matching import language

PREVIEWED = 50_000
"""The newest mentions that a rule is tried on; more would keep a person waiting."""
DAYS = 30
_BOOK = "playbook:"
_LATEST = 7 * 24 * 60


class Rules(Channels):
    """Synchronous, any thread but a window's."""

    # ── the rules ────────────────────────────────────────────────────────────────────────────

    def rules(self) -> tuple[AlertRule, ...]:
        """In the order they were made."""
        return self.storage.rules.all()

    def rule(self, id: int) -> AlertRule:
        """NotFound."""
        return self.storage.rules.get(id)

    def save_rule(self, rule: AlertRule) -> AlertRule:
        """Id 0 makes a new one. ConfigError at the field; QueryError for a search that cannot be read."""
        check_rule(rule)
        saved = self.storage.rules.save(rule, self.me, self.clock.now())
        self.tell(Change.RULES)
        return saved

    def remove_rule(self, id: int) -> None:
        """What it has raised stays; it climbs no further."""
        self.storage.rules.remove(id, self.me, self.clock.now())
        self.tell(Change.RULES)

    def rule_sentence(self, rule: AlertRule) -> str:
        """Plain text, in the person's language."""
        brands = {one.id: one.name for one in self.storage.brands.all()}
        return wording.sentence(rule, brands, self.channel_names())

    def rule_channels(self, *, usable: bool = False) -> dict[str, str]:
        """Number -> name of the channels a rung may use; `usable`: without those that are paused."""
        found = self.storage.channels.all(self.clock.now())
        return {str(one.id): one.name for one in found if not (usable and one.paused)}

    def rule_teams(self) -> tuple[Team, ...]:
        """Teams a rule may be for."""
        return self.storage.people.teams()

    # ── what a rule would have done ──────────────────────────────────────────────────────────

    def preview(self, rule: AlertRule, days: int = DAYS) -> Replayed:
        """What the rule would have raised over the last days, from what is stored; nothing is changed.

        Seconds for a large database: never in a window's thread. ConfigError, QueryError as `save_rule`.
        """
        check_rule(rule)
        now = self.clock.now()
        since = now - timedelta(days=days)
        replay, looked, cut = Replay(rule), 0, False
        match rule.kind:
            case RuleKind.MENTION:
                for rows in self.storage.rules.grave(since, PREVIEWED):
                    looked += len(rows)
                    replay.mentions(rows, self.storage.stories.of_mentions([one.id for one in rows]))
                cut = looked >= PREVIEWED
            case RuleKind.SEARCH:
                looked, cut = self._searched(rule, since, replay)
            case RuleKind.SURGE | RuleKind.STORY:
                looked = self._incidents_for(rule, since, replay)
            case RuleKind.DEADLINE:
                looked = self._deadlines_for(rule, since, replay)
            case RuleKind.BLIND:
                for alert in reversed(self.storage.alerts.raised_since("blind", since, 500)):
                    looked += 1
                    replay.event(alert.created_at, alert.severity, alert.title, brand=None)
        first = self.storage.rules.stored_since(since)
        known = 0.0 if first is None else (now - first).total_seconds() / 86400
        return Replayed(
            days=days,
            known=round(min(float(days), max(0.0, known)), 1),
            cases=replay.cases(),
            looked_at=looked,
            cut=cut,
        )

    def _searched(self, rule: AlertRule, since: datetime, replay: Replay) -> tuple[int, bool]:
        newest = replace(rule.query, since=since, until=None, oldest_first=False)
        rows = []
        for one in self.storage.mentions.iterate(newest, 1000):
            rows.append(one)
            if len(rows) >= PREVIEWED:
                break
        replay.search(rows[::-1])
        return len(rows), len(rows) >= PREVIEWED

    def _incidents_for(self, rule: AlertRule, since: datetime, replay: Replay) -> int:
        found = [one for one in self.storage.warning.incidents(limit=1000) if one.opened_at >= since]
        for one in reversed(found):
            if of_incident(rule, one) and (not rule.brands or one.brand_id in rule.brands):
                replay.event(one.opened_at, one.severity, one.title, brand=one.brand_id, incident=one.id)
        return len(found)

    def _deadlines_for(self, rule: AlertRule, since: datetime, replay: Replay) -> int:
        found = self.storage.rules.deadlines(since, rule.percent, PREVIEWED)
        texts = {one.id: one for one in self.storage.mentions.many([row[0] for row in found])}
        for mention, brand, severity, at in sorted(found, key=lambda row: row[3]):
            if rule.brands and brand not in rule.brands:
                continue
            title = texts[mention].text if mention in texts else ""
            replay.event(at, severity, title[:60], brand=brand, mention=mention)
        return len(found)

    # ── playbooks ────────────────────────────────────────────────────────────────────────────

    def playbooks(self) -> tuple[Playbook, ...]:
        """The shipped ones, each replaced by the team's own version where there is one; then the team's."""
        own: dict[str, Playbook] = {}
        for key in self.storage.settings.keys(_BOOK):
            kept = self.storage.settings.get(key)
            try:
                book = playbooks.read(kept if isinstance(kept, dict) else {}, changed=True)
            except (KeyError, TypeError):
                continue  # of another version
            own[book.id] = book
        made = [own.pop(one.id, one) for one in playbooks.shipped()]
        return (*made, *own.values())

    def save_playbook(self, book: Playbook) -> None:
        """ConfigError at the field."""
        playbooks.check(book)
        self.storage.settings.set(_BOOK + book.id, playbooks.write(book))
        self.storage.audit.add(self.clock.now(), self.me, "playbook changed", f"playbook:{book.id}")
        self.tell(Change.RULES)

    def reset_playbook(self, id: str) -> None:
        """Back to the shipped one; one of the team's own is gone."""
        self.storage.settings.remove(_BOOK + id)
        self.storage.audit.add(self.clock.now(), self.me, "playbook reset", f"playbook:{id}")
        self.tell(Change.RULES)

    def playbook_of(self, alert_id: int) -> PlaybookCase | None:
        """What to do about an alert; None where no playbook fits. NotFound."""
        alert = self.storage.alerts.get(alert_id)
        if alert.incident_id is not None:
            return self.playbook_of_incident(alert.incident_id)
        if alert.mention_id is None or alert.kind not in ("mention", "search"):
            return None
        stored = self.storage.mentions.get(alert.mention_id)
        text = f"{stored.mention.title}\n{stored.text}"
        product = self.complaints.product_of(stored.text, self._brand(alert.brand_id))
        return self._case(f"alert:{alert.id}", alert, stored.severity, text, product=product)

    def playbook_of_incident(self, incident_id: int) -> PlaybookCase | None:
        """The same for an incident: what most of its posts speak of. NotFound."""
        incident = self.storage.warning.incident(incident_id)
        counts: dict[str, int] = {}
        ids = self.storage.warning.mentions_of(incident_id, 500)
        for _id, cues, _followers, _verified in self.storage.warning.gravity(ids):
            for cue in cues:
                counts[cue] = counts.get(cue, 0) + 1
        most = tuple(sorted(counts, key=lambda cue: -counts[cue]))[:2]
        return self._case(f"incident:{incident_id}", incident, most, incident.title)

    def _case(
        self, subject: str, of: Alert | Incident, cues: Sequence[str], text: str, product: str = ""
    ) -> PlaybookCase | None:
        found = playbooks.fitting(self.playbooks(), cues, text, incident=isinstance(of, Incident))
        if not found:
            return None
        known = {
            "brand": self._brand(of.brand_id),
            "product": product,
            "channel": self.local.service_channel,
            "date": self.clock.now().astimezone().strftime("%Y-%m-%d"),
        }
        return PlaybookCase(
            subject=subject,
            playbook=found[0],
            statement=playbooks.filled(found[0].statement, known),
            ticks=self.storage.rules.ticks(subject),
        )

    def _brand(self, id: int | None) -> str:
        return next((one.name for one in self.storage.brands.all() if one.id == id), "")

    def tick_step(self, subject: str, step: str, *, done: bool) -> None:
        """Somebody says that a step is done, or takes it back: a line in the books. NotFound."""
        kind, _colon, number = subject.partition(":")
        if kind not in ("alert", "incident") or not number.isdigit():
            raise NotFound(_("There is no such alert (any more)."))
        if kind == "alert":
            self.storage.alerts.get(int(number))
        else:
            self.storage.warning.incident(int(number))
        self.storage.rules.tick(subject, step, self.me, self.clock.now(), done=done)
        self.tell(Change.ALERTS | Change.INCIDENTS)


def check_rule(rule: AlertRule) -> None:
    """ConfigError at the field."""
    _check_figures(rule)
    for name in ("quiet_from", "quiet_to"):
        _check_time(name, getattr(rule, name))
    if bool(rule.quiet_from) != bool(rule.quiet_to):
        raise ConfigError(_("Quiet hours need a beginning and an end."), field="quiet_to")
    if rule.kind is RuleKind.SEARCH:
        if rule.query == MentionQuery():
            raise ConfigError(_("Type what to look for."), field="query")
        if rule.query.text:
            language.check(rule.query.text, stored=True)
        if not 1 <= rule.times <= MOST:
            raise ConfigError(_("Choose a number of posts from 1 to {n}.").format(n=MOST), field="times")
        if not 1 <= rule.minutes <= _LATEST:
            raise ConfigError(_("Choose a time of at least a minute and at most a week."), field="minutes")
    _check_ladder(rule.ladder)


def _check_figures(rule: AlertRule) -> None:
    if not 0.5 <= rule.negative <= 1:
        raise ConfigError(_("“Clearly negative” must lie between 0.5 and 1."), field="negative")
    for name in ("followers", "engagement", "cooldown", "max_age"):
        if getattr(rule, name) < 0:
            raise ConfigError(_("A number must not be negative."), field=name)
    if not 1 <= rule.percent <= 100:
        raise ConfigError(_("Per cent go from 1 to 100."), field="percent")


def _check_ladder(ladder: Sequence[Rung]) -> None:
    if not ladder or ladder[0].after != 0:
        raise ConfigError(_("The first rung is climbed at once."), field="ladder")
    for before, rung in pairwise(ladder):
        if rung.after <= before.after:
            raise ConfigError(_("Each rung must come later than the one before it."), field="ladder")
    for rung in ladder:
        if not rung.channels:
            raise ConfigError(_("Choose a channel for every rung."), field="ladder")
        if rung.whom is Whom.NAMED and not rung.names:
            raise ConfigError(_("Say who is to be told."), field="ladder")


def _check_time(name: str, value: str) -> None:
    hour, _colon, minute = value.partition(":")
    if value and not (
        hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60
    ):
        raise ConfigError(_("Write the time as HH:MM, such as 22:30."), field=name)
