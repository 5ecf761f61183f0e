"""Alerts: the list, who has seen and acknowledged what, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence

from app.alerts import wording
from app.alerts.deliver import BODY, TITLE, clean
from app.alerts.ladders import next_rung, targets
from app.alerts.rules import rule_name
from app.change import Change
from app.core.parts import Parts
from app.domain.alert import Alert, AlertState
from app.domain.mention import Stored
from app.domain.rule import AlertRule, Receipts
from app.errors import NotFound
from app.i18n import _, listed


class Alerts(Parts):
    def alerts(self, limit: int = 200, states: Sequence[AlertState] = ()) -> tuple[Alert, ...]:
        """Newest first; all states unless some are named."""
        return self.storage.alerts.page(limit, states=states)

    def alert(self, id: int) -> Alert:
        """NotFound."""
        return self.storage.alerts.get(id)

    def alert_mentions(self, id: int) -> tuple[Stored, ...]:
        """The mention that raised it, then its copies in the order they came."""
        return self.storage.mentions.many(self.storage.alerts.mentions_of(id))

    def open_alerts(self) -> int:
        return self.storage.alerts.open_count()

    def set_alert_state(self, ids: Sequence[int], state: AlertState) -> None:
        """Whoever says that an alert is done has answered for it."""
        if state is AlertState.DONE:
            self.acknowledge(ids)
        self.storage.alerts.set_state(ids, state, self.me, self.clock.now())
        self.tell(Change.ALERTS)

    def acknowledge(self, ids: Sequence[int], by: str = "") -> tuple[int, ...]:
        """Somebody answers for these (`by`, else who sits here): they climb no further, and what has not
        left yet is not sent. The ids that nobody had acknowledged before. NotFound for an unknown one."""
        for id_ in ids:
            self.storage.alerts.get(id_)
        done = self.storage.alerts.acknowledge(ids, by or self.me, self.clock.now())
        self.tell(Change.ALERTS | Change.DELIVERIES)
        return done

    def alert_shown(self, id: int) -> None:
        """A card for it stands in a window that can be seen."""
        self.storage.alerts.shown(id, ("", self.me), self.clock.now())
        self.tell(Change.DELIVERIES)

    def alert_seen(self, ids: Sequence[int]) -> None:
        """Whoever sits here has looked at it. That stops no ladder."""
        self.storage.alerts.seen(ids, self.me, self.clock.now())
        self.tell(Change.ALERTS)

    def look_at_alert(self, id: int) -> None:
        """Whoever sits here has opened it, or closed its card: seen. It leaves what is open only where it
        does not climb: what still waits for somebody must stay in sight. NotFound."""
        self.alert_seen([id])
        alert = self.storage.alerts.get(id)
        if alert.climbs_at is None and alert.state is AlertState.OPEN:
            self.set_alert_state([id], AlertState.SEEN)

    def words_for_tray(self, id: int) -> tuple[str, str] | None:
        """Title and text, harmless in any markup, where the desktop refused the alert and nobody has
        acknowledged it; None otherwise."""
        try:
            alert = self.storage.alerts.get(id)
        except NotFound:
            return None
        if alert.acked_at is not None or not alert.delivered.startswith("failed"):
            return None
        return clean(alert.title, TITLE), clean(alert.body, BODY)

    def receipts(self, alert_id: int) -> Receipts:
        """Who was told of it over what, and where it climbs next. NotFound."""
        alert = self.storage.alerts.get(alert_id)
        rule = self._rule_of(alert)
        return Receipts(
            alert=alert,
            rule=rule_name(rule) if rule is not None else "",
            deliveries=self.storage.deliveries.of_alert(alert_id),
            next_words=self._next_words(alert, rule) if rule is not None else "",
        )

    def sound_of(self, alert_id: int) -> tuple[bool, bool]:
        """May it be heard; and may it be heard again until somebody acknowledges it?"""
        try:
            rule = self._rule_of(self.storage.alerts.get(alert_id))
        except NotFound:
            return False, False
        return (True, False) if rule is None else (rule.sound, rule.sound and rule.repeat)

    def _rule_of(self, alert: Alert) -> AlertRule | None:
        return next((one for one in self.storage.rules.all() if one.id == alert.rule_id), None)

    def _next_words(self, alert: Alert, rule: AlertRule) -> str:
        channels = self.notifier.channels()
        number = next_rung(rule, alert.rung, channels) if alert.climbs_at is not None else None
        if number is None:
            return ""
        told = self.storage.alerts.told(alert.id, number)
        staff = self.notifier.staff(rule, self.clock.now())
        wanted = targets(rule, number, staff, channels, told)
        names = listed(dict.fromkeys(one.person for one in wanted if one.person))
        by = listed(dict.fromkeys(wording.channel_name(one.channel, channels) for one in wanted))
        whom = names or wording.whom(rule.ladder[number])
        return _("{whom}, by {channels}").format(whom=whom, channels=by)

    def test_notification(self) -> str:
        """Shows one notification on this desktop; says what became of it."""
        return self.desktop.send(_("Tingfeng"), _("Desktop notifications work."))
