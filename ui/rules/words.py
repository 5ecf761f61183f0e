"""What the rules and receipts of alerts are called. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.alert import AlertState, Severity
from app.domain.delivery import DESKTOP, SENT, TOAST, Delivery, Sent
from app.domain.rule import KINDS, AlertRule, Receipts
from app.i18n import _, clauses, listed
from ui import theme
from ui.feed import plain


def rule_title(rule: AlertRule) -> str:
    """As it was named, or what it looks at."""
    return plain.one_line(rule.name, 60) or _(KINDS[rule.kind])


def severity_choices() -> list[tuple[str, str]]:
    """For a box of choices: "" stands for as it is judged."""
    return [
        ("", _("As it is judged")),
        *((str(one), f"{one} {theme.severity_word(one)}") for one in Severity),
    ]


def channel_word(channel: str, names: dict[str, str]) -> str:
    if channel == TOAST:
        return _("Card")
    if channel == DESKTOP:
        return _("Desktop")
    return plain.squeezed(names.get(channel, ""), 30) or _("Channel {number}").format(number=channel)


def story_of(receipts: Receipts) -> list[str]:
    """What became of an alert, a sentence a line: shown, seen, acknowledged, where it climbs."""
    alert, made = receipts.alert, []
    if receipts.rule:
        made.append(_("Rule: {name}").format(name=plain.one_line(receipts.rule, 60)))
    if alert.shown_at is not None:
        made.append(_("Shown {when}").format(when=plain.clock_time(alert.shown_at)))
    if alert.seen_at is not None:
        said = _("Seen by {name}, {when}")
        made.append(said.format(name=_name(alert.seen_by), when=plain.clock_time(alert.seen_at)))
    if alert.acked_at is not None:
        said = _("Acknowledged by {name}, {when}")
        made.append(said.format(name=_name(alert.acked_by), when=plain.clock_time(alert.acked_at)))
    elif alert.state is AlertState.OPEN:
        made.append(_("Nobody has acknowledged it yet"))
    return made


def climbs_words(receipts: Receipts, minutes: int) -> str:
    """ "In 3 minutes it climbs to …"; "" where it does not."""
    if receipts.alert.climbs_at is None or not receipts.next_words:
        return ""
    whom = plain.one_line(receipts.next_words, 120)
    if minutes <= 0:
        return _("It climbs now: to {whom}").format(whom=whom)
    return _("Without an answer it climbs in {n} min: to {whom}").format(n=minutes, whom=whom)


def delivery_words(one: Delivery, names: dict[str, str]) -> str:
    """ "Card · 王芳: delivered"."""
    parts = [channel_word(one.channel, names)]
    if one.person:
        parts.append(_name(one.person))
    said = _(SENT[one.state])
    if one.error:
        said = clauses((said, plain.squeezed(one.error, 120)))
    return _("{what}: {state}").format(what=" · ".join(parts), state=said)


def undelivered(deliveries: Iterable[Delivery], names: dict[str, str]) -> str:
    """ "Not delivered: …", for a banner; "" when everything arrived."""
    lost = [one for one in deliveries if one.state is Sent.FAILED]
    if not lost:
        return ""
    told = dict.fromkeys(
        _("{channel} ({reason})").format(
            channel=channel_word(one.channel, names), reason=plain.squeezed(one.error, 80)
        )
        for one in lost
    )
    return _("Not delivered: {channels}").format(channels=listed(told))


def _name(name: str) -> str:
    return plain.squeezed(name, 30) or _("somebody")
