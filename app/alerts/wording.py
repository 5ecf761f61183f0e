"""A rule and its ladder as sentences, in the person's language. Pure; any thread."""

from __future__ import annotations

from collections.abc import Mapping

from app.alerts.rules import rule_name
from app.domain.alert import Severity
from app.domain.delivery import DESKTOP, TOAST
from app.domain.plain import one_line
from app.domain.rule import ROBOTS, WHOM, AlertRule, RuleKind, Rung, Whom
from app.i18n import _, clauses, listed, ngettext, sentences


def sentence(rule: AlertRule, brands: Mapping[int, str], channels: Mapping[str, str]) -> str:
    """“When …: P2, to …; without an answer for 10 minutes …”. Names by id, hostile, plain text."""
    severity = _("as grave as it is judged")
    if rule.severity is not None:
        severity = _("with severity {severity}").format(severity=rule.severity)
    first, *others = rule.ladder or (Rung(),)
    told = _("When {when}: {severity}, to {whom} by {channels}.").format(
        when=when(rule, brands), severity=severity, whom=whom(first), channels=by(first, channels)
    )
    parts = [told]
    if others:
        climbing = str(Severity.P1) if rule.climbs is Severity.P1 else f"P1–{rule.climbs}"
        steps = clauses(rung_words(one, channels) for one in others)
        parts.append(
            _("{severity} without an answer climb: {steps}.").format(severity=climbing, steps=steps)
        )
    if rule.quiet_from and rule.quiet_to:
        but = _("Quiet from {start} to {end}, except for P1.")
        quiet = but if rule.urgent else _("Quiet from {start} to {end}.")
        parts.append(quiet.format(start=rule.quiet_from, end=rule.quiet_to))
    return sentences(parts)


def when(rule: AlertRule, brands: Mapping[int, str]) -> str:
    """What a rule waits for."""
    told = _condition(rule)
    if not rule.brands:
        return told
    names = listed(one_line(brands.get(id_, f"#{id_}"), 30) for id_ in rule.brands)
    return _("{condition} (only {brands})").format(condition=told, brands=names)


def _condition(rule: AlertRule) -> str:
    match rule.kind:
        case RuleKind.MENTION:
            told = _(
                "a clearly negative post has {followers} followers, {engagement} reactions, or a grave word"
            )
            return told.format(followers=f"{rule.followers:,}", engagement=f"{rule.engagement:,}")
        case RuleKind.SURGE:
            return _("complaints surge")
        case RuleKind.STORY:
            return _("a story grows fast")
        case RuleKind.DEADLINE:
            return _("{percent}% of the time to answer have passed").format(percent=rule.percent)
        case RuleKind.BLIND:
            return _("a source is not seen any more")
        case RuleKind.SEARCH:
            n, query = rule.times, one_line(rule.query.text, 60) or rule_name(rule)
            told = ngettext(
                "{n} post matches “{query}” within {minutes} minutes",
                "{n} posts match “{query}” within {minutes} minutes",
                n,
            )
            return told.format(n=n, query=query, minutes=rule.minutes)


def rung_words(rung: Rung, channels: Mapping[str, str]) -> str:
    told = ngettext(
        "after {n} minute to {whom} by {channels}", "after {n} minutes to {whom} by {channels}", rung.after
    )
    return told.format(n=rung.after, whom=whom(rung), channels=by(rung, channels))


def whom(rung: Rung) -> str:
    if rung.whom is Whom.NAMED and rung.names:
        return listed(one_line(one, 30) for one in rung.names)
    return _(WHOM[rung.whom])


def by(rung: Rung, channels: Mapping[str, str]) -> str:
    return listed(channel_name(one, channels) for one in rung.channels) or _("no channel")


def channel_name(channel: str, channels: Mapping[str, str]) -> str:
    """For people; one that is gone says so."""
    own = {
        TOAST: _("a card in the window"),
        DESKTOP: _("a desktop notification"),
        ROBOTS: _("all team channels"),
    }
    if channel in own:
        return own[channel]
    known = channels.get(channel)
    return one_line(known, 40) if known else _("a channel that was removed")
