"""`tingfeng team …`, `person …`, `deadlines`: who works when, and how long an answer may take."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date
from typing import Any

from app.cli.output import emit, one_line, say
from app.cli.session import Session, brand_named
from app.cli.table import table
from app.core import Core, WorkWeek
from app.domain.desk import STARTS, Limit, Policy, Start
from app.domain.people import ROLES, Calendar, Person, Role, Shift, Team
from app.domain.platforms import PLATFORMS
from app.domain.roster import WEEKDAYS, calendar_words, read_shift, where_words
from app.errors import ConfigError, NotFound
from app.i18n import _, ngettext

# ── teams ──────────────────────────────────────────────────────────────────────────────────────


def team_list(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001
    with session.core() as core:
        teams = core.teams()
        there = {team.id: [one.name for one in core.on_duty(team.id)] for team in teams}
    for team in teams:
        if session.json:
            emit({**team_json(team), "on_duty": there[team.id]})
        else:
            say(f"{team.id:>3}  {one_line(team.name, 60)}  ({one_line(team.calendar.zone, 40)})")
            say(f"     {one_line(calendar_words(team.calendar), 400)}")
            if there[team.id]:
                say("     " + _("on duty now: {names}").format(names=one_line(", ".join(there[team.id]))))
    if not teams and not session.json:
        say(_("No team yet: whatever comes is due day and night. Add one with: tingfeng team add NAME"))
    return 0


def team_add(session: Session, options: argparse.Namespace) -> int:
    """ConfigError where the shifts cannot be read."""
    with session.core() as core:
        saved = core.save_team(Team(name=options.name, calendar=_calendar(options, Calendar())))
    if session.json:
        emit(team_json(saved))
    else:
        told = _("Team “{name}” (number {id}) works {calendar}.")
        words = calendar_words(saved.calendar)
        say(told.format(name=one_line(saved.name), id=saved.id, calendar=one_line(words, 400)))
    return 0


def team_remove(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        team = core.team(options.name)
        core.remove_team(team.id)
    if session.json:
        emit({"removed": team.id, "name": team.name})
    else:
        told = _("“{name}” is no team any more; its people and what waits for it belong to none.")
        say(told.format(name=one_line(team.name)))
    return 0


def team_calendar(session: Session, options: argparse.Namespace) -> int:
    """Shows a week of it; what is given is changed first."""
    with session.core() as core:
        team = core.team(options.name)
        changed = _calendar(options, team.calendar)
        if changed != team.calendar:
            team = core.save_team(replace(team, calendar=changed))
        week = core.work_week(team.calendar, options.day)
        special, until = core.holidays(), core.holidays_known_until()
    if session.json:
        told = [
            {"from": one.first, "to": one.last, "name": one.name, "worked": one.worked} for one in special
        ]
        emit({**team_json(team), **_week_json(week), "holidays": told, "holidays_known_until": until})
        return 0
    say(f"{one_line(team.name, 60)}  ({one_line(team.calendar.zone, 40)})  {calendar_words(team.calendar)}")
    for line in table([_day_row(day.day, day.spans) for day in week.days]):
        say(line)
    say("  " + _("{n} h of work in this week").format(n=f"{week.hours:g}"))
    if team.calendar.china:
        for one in special[:6]:
            last = "" if one.first == one.last else f" – {one.last:%m-%d}"
            worked = _("worked") if one.worked else _("free")
            say(f"  {one.first:%m-%d}{last}  {one.name}  ({worked})")
        say("  " + _("Holidays are known until {date}.").format(date=until.isoformat()))
    return 0


def _day_row(day: date, spans: Sequence[Any]) -> list[str]:
    worked = "  ".join(f"{start:%H:%M}–{_end(start, end)}" for start, end in spans)
    return [f"{day:%m-%d} {_(WEEKDAYS[day.weekday()])}", worked or _("free")]


def _end(start: Any, end: Any) -> str:
    """Midnight at the end of a day is 24:00."""
    return "24:00" if end.date() != start.date() else f"{end:%H:%M}"


def _calendar(options: argparse.Namespace, before: Calendar) -> Calendar:
    shifts: tuple[Shift, ...] = tuple(read_shift(one) for one in options.shift) or before.shifts
    return Calendar(
        zone=options.zone or before.zone,
        shifts=() if options.always else shifts,
        china=before.china if options.china is None else options.china,
        off=_days(before.off, options.off, options.usual, options.on),
        on=_days(before.on, options.on, options.usual, options.off),
    )


def _days(
    before: Iterable[date], more: Iterable[date], usual: Iterable[date], other: Iterable[date]
) -> tuple[date, ...]:
    return tuple(sorted((set(before) | set(more)) - set(usual) - set(other)))


def team_json(team: Team) -> dict[str, Any]:
    calendar = team.calendar
    return {
        "id": team.id,
        "name": team.name,
        "zone": calendar.zone,
        "china": calendar.china,
        "shifts": [
            {"days": list(one.days), "start": one.start, "end": one.end, "holidays": one.holidays}
            for one in calendar.shifts
        ],
        "off": list(calendar.off),
        "on": list(calendar.on),
    }


def _week_json(week: WorkWeek) -> dict[str, Any]:
    days = [
        {"day": day.day, "spans": [[one.astimezone(UTC) for one in span] for span in day.spans]}
        for day in week.days
    ]
    return {"week": days, "hours": week.hours}


# ── people ─────────────────────────────────────────────────────────────────────────────────────


def person_list(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        people, there = core.people(), {one.id for one in core.on_duty()}
        teams = {team.id: team.name for team in core.teams()}
    shown = [one for one in people if one.id in there or not options.on_duty]
    if session.json:
        for one in shown:
            emit(person_json(one, teams, on_duty=one.id in there))
        return 0
    for line in table([_person_row(one, teams, on_duty=one.id in there) for one in shown], ""):
        say(line)
    if not people:
        say(_("Nobody yet. Add a colleague with: tingfeng person add NAME"))
    return 0


def person_add(session: Session, options: argparse.Namespace) -> int:
    """Conflict where there is one of that name."""
    with session.core() as core:
        return _saved(session, core, core.save_person(_person(core, options, Person(name=options.name))))


def person_change(session: Session, options: argparse.Namespace) -> int:
    """What is not given stays."""
    with session.core() as core:
        return _saved(session, core, core.save_person(_person(core, options, core.person(options.name))))


def person_remove(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        person = core.person(options.name)
        core.remove_person(person.id)
    if session.json:
        emit({"removed": person.id, "name": person.name})
    else:
        told = _("“{name}” is struck off; what was done under the name stays in the books.")
        say(told.format(name=one_line(person.name)))
    return 0


def _saved(session: Session, core: Core, person: Person) -> int:
    teams = {team.id: team.name for team in core.teams()}
    there = person in core.on_duty()
    if session.json:
        emit(person_json(person, teams, on_duty=there))
    else:
        for line in table([_person_row(person, teams, on_duty=there)], ""):
            say(line)
    return 0


def _person(core: Core, options: argparse.Namespace, before: Person) -> Person:
    contacts = dict(before.contacts)
    for one in options.contact:
        kind, equals, address = one.partition("=")
        if not equals or not kind.strip():
            told = _("“{said}” is not a contact; write it like: dingtalk=13800000000")
            raise ConfigError(told.format(said=one[:40]), field="contacts")
        contacts[kind.strip().lower()] = address
    team = before.team_id
    if options.team is not None:
        team = core.team(options.team).id if options.team else None
    return replace(
        before,
        role=before.role if options.lead is None else Role.LEAD if options.lead else Role.AGENT,
        team_id=team,
        contacts=contacts,
        away=before.away if options.away is None else options.away,
        budget=before.budget if options.budget is None else options.budget,
    )


def _person_row(person: Person, teams: dict[int, str], *, on_duty: bool) -> list[str]:
    state = _("away") if person.away else _("on duty") if on_duty else _("off duty")
    contacts = ", ".join(f"{kind}={said}" for kind, said in person.contacts.items())
    return [
        one_line(person.name, 40),
        _(ROLES[person.role]),
        one_line(teams.get(person.team_id or 0, ""), 40),
        state,
        one_line(contacts, 120),
    ]


def person_json(person: Person, teams: dict[int, str], *, on_duty: bool) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "role": str(person.role),
        "team": teams.get(person.team_id or 0, ""),
        "contacts": dict(person.contacts),
        "away": person.away,
        "budget": person.budget,
        "on_duty": on_duty,
    }


# ── deadlines ──────────────────────────────────────────────────────────────────────────────────


def deadlines(session: Session, options: argparse.Namespace) -> int:
    """How long an answer may take; what is given is changed first."""
    with session.core() as core:
        before = core.deadline_policy()
        policy = _policy(core, options, before)
        moved = core.save_deadline_policy(policy) if policy != before else 0
        teams = {team.id: team.name for team in core.teams()}
        sources = {state.source.id: state.source.name for state in core.sources()}
        brands = {brand.id: brand.name for brand in core.brands()}
    if session.json:
        emit({**policy_json(policy, teams), "moved": moved})
        return 0
    rows = [
        [one_line(where_words(one, sources), 60), *(_minutes(n) for n in (one.p1, one.p2, one.p3))]
        for one in policy.limits
    ]
    for line in table([["", "P1", "P2", "P3"], *rows], ""):
        say(line)
    told = _("The clock begins with {start}; nothing older than {n} h comes by itself.")
    say(told.format(start=_(STARTS[policy.start]), n=f"{policy.max_age / 3600:g}"))
    whose = [(_("everything else"), policy.team_id)]
    whose = [(brands.get(brand, str(brand)), team) for brand, team in policy.by_brand.items()] + whose
    whose = [(sources.get(source, str(source)), team) for source, team in policy.by_source.items()] + whose
    for what, team in whose:
        name = teams.get(team or 0) or _("no team")
        say(f"{one_line(what, 60)} → {one_line(name, 60)}")
    if moved:
        words = ngettext("{n} deadline that runs was moved.", "{n} deadlines that run were moved.", moved)
        say(words.format(n=moved))
    return 0


def _minutes(n: int) -> str:
    return _("{n} min").format(n=n) if n else _("none")


def _policy(core: Core, options: argparse.Namespace, before: Policy) -> Policy:
    given = {name: getattr(options, name) for name in ("p1", "p2", "p3")}
    given = {name: minutes for name, minutes in given.items() if minutes is not None}
    limits = {one.where: one for one in before.limits}
    where = _where(core, options.where)
    if given:
        limits[where] = replace(limits.get(where, replace(limits.get("", Limit()), where=where)), **given)
    if options.forget:
        if not where:
            raise ConfigError(_("The line for everything else is missing."), field="limits")
        limits.pop(where, None)
    by_brand, by_source = dict(before.by_brand), dict(before.by_source)
    for said in options.brand_team:
        brand, team = _pair(core, said)
        _map(by_brand, brand_named(core, brand).id, team)
    for said in options.source_team:
        source, team = _pair(core, said)
        _map(by_source, _source(core, source), team)
    team_id = before.team_id
    if options.team is not None:
        team_id = core.team(options.team).id if options.team else None
    return Policy(
        limits=tuple(sorted(limits.values(), key=_narrowness)),
        start=before.start if options.start is None else Start(options.start),
        max_age=before.max_age if options.max_age is None else options.max_age * 3600,
        team_id=team_id,
        by_source=by_source,
        by_brand=by_brand,
    )


def _narrowness(limit: Limit) -> int:
    """The narrowest line stands first, as it is asked first."""
    if limit.where.startswith("source:"):
        return 0
    return 2 if limit.where == "@forums" else 3 if not limit.where else 1


def _where(core: Core, said: str | None) -> str:
    """As `Limit.where` has it."""
    if not said or said == "all":
        return ""
    if said in ("forums", "@forums"):
        return "@forums"
    if said.startswith("source:"):
        return f"source:{_source(core, said.removeprefix('source:'))}"
    if said not in PLATFORMS:
        told = _("There is no platform “{name}”. Known: {known}.")
        raise NotFound(told.format(name=said[:40], known=", ".join(sorted(PLATFORMS))))
    return said


def _source(core: Core, number: str) -> int:
    if not number.isdecimal():
        raise NotFound(_("There is no source number {n}.").format(n=number[:20]))
    return core.storage.sources.get(int(number)).source.id


def _pair(core: Core, said: str) -> tuple[str, int | None]:
    what, equals, team = said.rpartition("=")
    if not equals:
        raise ConfigError(_("Write it like: NAME=TEAM"), field="team_id")
    return what, core.team(team).id if team else None


def _map(kept: dict[int, int], key: int, team: int | None) -> None:
    if team is None:
        kept.pop(key, None)
    else:
        kept[key] = team


def policy_json(policy: Policy, teams: dict[int, str]) -> dict[str, Any]:
    return {
        "limits": [{"where": one.where, "p1": one.p1, "p2": one.p2, "p3": one.p3} for one in policy.limits],
        "start": str(policy.start),
        "max_age_hours": policy.max_age / 3600,
        "team": teams.get(policy.team_id or 0, ""),
        "by_source": {str(source): teams.get(team, "") for source, team in policy.by_source.items()},
        "by_brand": {str(brand): teams.get(team, "") for brand, team in policy.by_brand.items()},
    }
