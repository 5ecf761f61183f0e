"""How well a source is seen: a shape, a colour and a word. GUI thread."""

from __future__ import annotations

from app.domain.watch import Health
from app.i18n import _
from ui import theme


def health_word(health: Health) -> str:
    """For people."""
    return {
        Health.NEW: _("Not read yet"),
        Health.OK: _("Healthy"),
        Health.RETRYING: _("Trying again"),
        Health.LIMITED: _("Asked to wait"),
        Health.DEGRADED: _("Hard to read"),
        Health.NEEDS_PERSON: _("Needs you"),
        Health.PAUSED: _("Paused"),
    }[health]


def health_icon(health: Health) -> str:
    """Differs in shape, so that colour is never the only sign."""
    return {
        Health.NEW: "health-new",
        Health.OK: "health-ok",
        Health.NEEDS_PERSON: "health-person",
        Health.PAUSED: "health-paused",
    }.get(health, "health-trouble")


def health_color(health: Health) -> str:
    now = theme.colors()
    return {
        Health.OK: now.positive,
        Health.NEW: now.muted,
        Health.PAUSED: now.faint,
        Health.NEEDS_PERSON: now.negative,
    }.get(health, now.warning)


def health_tone(health: Health) -> str:
    """For a pill."""
    tones = {Health.OK: "positive", Health.NEEDS_PERSON: "negative", Health.NEW: "", Health.PAUSED: ""}
    return tones.get(health, "warning")


def is_troubled(health: Health) -> bool:
    return health not in (Health.OK, Health.NEW, Health.PAUSED)
