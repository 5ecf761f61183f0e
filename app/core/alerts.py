"""Alerts and the standing rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from app.change import Change
from app.core.parts import Parts
from app.domain.alert import Alert, AlertState, Rule
from app.domain.mention import Stored
from app.errors import ConfigError
from app.i18n import _


class Alerts(Parts):
    def alerts(self, limit: int = 200) -> tuple[Alert, ...]:
        """Newest first."""
        return self.storage.alerts.page(limit)

    def alert_mentions(self, id: int) -> tuple[Stored, ...]:
        """The mention that raised it, then its copies in the order they came."""
        return self.storage.mentions.many(self.storage.alerts.mentions_of(id))

    def open_alerts(self) -> int:
        return self.storage.alerts.open_count()

    def set_alert_state(self, ids: Sequence[int], state: AlertState) -> None:
        self.storage.alerts.set_state(ids, state, self.me, self.clock.now())
        self.tell(Change.ALERTS)

    def rule(self) -> Rule:
        return stored_rule(self.storage.settings.get("rule"))

    def save_rule(self, rule: Rule) -> None:
        check_rule(rule)
        self.storage.settings.set("rule", asdict(rule))
        self.tell(Change.SETTINGS)

    def test_notification(self) -> str:
        """Shows one notification on this desktop; says what became of it."""
        return self.desktop.send(_("Tingfeng"), _("Desktop notifications work."))


def stored_rule(kept: Any) -> Rule:
    """Unknown and unfit values of other versions fall back to the defaults, one by one."""
    if not isinstance(kept, dict):
        return Rule()
    plain = asdict(Rule())
    fit: dict[str, Any] = {name: kept.get(name) for name in plain if _fits(kept.get(name), plain[name])}
    return replace(Rule(), **fit)


def _fits(value: object, default: object) -> bool:
    """A float may be written without its point."""
    return isinstance(value, (int, float) if isinstance(default, float) else type(default))


def check_rule(rule: Rule) -> None:
    """ConfigError at the field."""
    if not 0.5 <= rule.negative <= 1:
        raise ConfigError(_("“Clearly negative” must lie between 0.5 and 1."), field="negative")
    for name in ("followers", "engagement", "cooldown", "max_age"):
        if getattr(rule, name) < 0:
            raise ConfigError(_("A number must not be negative."), field=name)
    for name in ("quiet_from", "quiet_to"):
        _check_time(name, getattr(rule, name))
    if bool(rule.quiet_from) != bool(rule.quiet_to):
        raise ConfigError(_("Quiet hours need a beginning and an end."), field="quiet_to")


def _check_time(name: str, value: str) -> None:
    hour, _colon, minute = value.partition(":")
    if value and not (
        hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60
    ):
        raise ConfigError(_("Write the time as HH:MM, such as 22:30."), field=name)
