"""Who is called over which channel on which rung. Pure functions of values; any thread."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.alert import Severity
from app.domain.delivery import DESKTOP, TOAST
from app.domain.people import Person, Role
from app.domain.rule import ROBOTS, AlertRule, Rung, Whom

HERE = (TOAST, DESKTOP)
"""Channels of this program's own, on each person's machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """`people`: all colleagues; `duty`: those on duty for the rule, the first one first. Nobody is away."""

    people: tuple[Person, ...] = ()
    duty: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """`person`: a name, or "" for whoever sees it there."""

    channel: str
    person: str = ""


def targets(
    rule: AlertRule, number: int, staff: Staff, channels: Collection[str], told: Collection[str] = ()
) -> tuple[Target, ...]:
    """Of rung `number`. `channels`: those that are configured; `told`: names called by earlier rungs.

    On their own machines all who are on duty are told; in a group the first of them is pointed at. A rung
    that finds nobody to call still goes to the group, so that no alert ends for want of a name.
    """
    rung = rule.ladder[number]
    called = tuple(one.name for one in who(rung, staff, told))
    made: list[Target] = []
    for channel in _channels(rung, channels):
        if channel in HERE:
            made += [Target(channel, name) for name in called] or [Target(channel)]
        elif rung.whom is Whom.DUTY:
            made.append(Target(channel, called[0] if called else ""))
        else:
            made += [Target(channel, name) for name in called] or [Target(channel)]
    return tuple(dict.fromkeys(made))


def who(rung: Rung, staff: Staff, told: Collection[str] = ()) -> tuple[Person, ...]:
    """The colleagues a rung calls; nobody who is away."""
    if rung.whom is Whom.NAMED:
        return tuple(one for one in staff.people if one.name in rung.names)
    if rung.whom is Whom.LEAD:
        return tuple(one for one in staff.people if one.role is Role.LEAD)
    if rung.whom is Whom.NEXT:
        return tuple(one for one in _in_turn(staff) if one.name not in told)[:1]
    return staff.duty


def _in_turn(staff: Staff) -> Sequence[Person]:
    """On duty first; then whoever else is there, leads last: they have a rung of their own."""
    others = [one for one in staff.people if one not in staff.duty]
    return [*staff.duty, *sorted(others, key=lambda one: one.role is Role.LEAD)]


def _channels(rung: Rung, configured: Collection[str]) -> tuple[str, ...]:
    """What a rung means by its channels; those that are gone are passed over."""
    made: list[str] = []
    for one in rung.channels:
        if one == ROBOTS:
            made += [each for each in configured if each not in HERE]
        elif one in HERE or one in configured:
            made.append(one)
    return tuple(dict.fromkeys(made))


def climbs(rule: AlertRule, severity: Severity) -> bool:
    return severity <= rule.climbs


def next_rung(rule: AlertRule, number: int, channels: Collection[str]) -> int | None:
    """The next rung after `number` that has a channel to go out by."""
    for n in range(number + 1, len(rule.ladder)):
        if _channels(rule.ladder[n], channels):
            return n
    return None


def climbs_at(rule: AlertRule, number: int, at: datetime, channels: Collection[str]) -> datetime | None:
    """When an alert climbs on that reached rung `number` at `at`; None: never."""
    following = next_rung(rule, number, channels)
    if following is None:
        return None
    minutes = rule.ladder[following].after - rule.ladder[number].after
    return at + timedelta(minutes=max(0, minutes))
