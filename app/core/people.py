"""Colleagues, teams, work calendars, and the clocks of what waits for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from app.change import Change
from app.core.parts import Parts
from app.core.values import Check, WorkWeek
from app.desk import duty, worktime
from app.desk.holidays import Special, known_until, specials
from app.domain.alert import Severity
from app.domain.desk import Item, Limit, Policy
from app.domain.people import Calendar, Person, Team
from app.errors import ConfigError, NotFound
from app.i18n import _
from app.storage.people import write_calendar

MOST_MINUTES = 30 * 24 * 60
_OLDEST = 3660 * 24 * 3600
_SOON = timedelta(days=45)
"""So long before the holiday table ends the check-up says so."""


class People(Parts):
    """Synchronous, any thread but a window's."""

    # ── teams ────────────────────────────────────────────────────────────────────────────────

    def teams(self) -> tuple[Team, ...]:
        """In the order they were made."""
        return self.storage.people.teams()

    def team(self, name: str) -> Team:
        """By name or number; NotFound otherwise."""
        for one in self.storage.people.teams():
            if name.strip().casefold() == one.name.casefold() or name == str(one.id):
                return one
        raise NotFound(_("There is no team “{name}”.").format(name=name[:60]))

    def save_team(self, team: Team) -> Team:
        """Deadlines that run are worked out anew by its calendar. ConfigError names the field, Conflict
        says that the name is taken."""
        check_name(team.name, _("A team needs a name."))
        check_calendar(team.calendar, self.clock.now())
        saved = self.storage.people.save_team(team)
        self._booked("team saved", f"team:{saved.id}", f"{saved.name} {write_calendar(saved.calendar)}")
        self._redated()
        return saved

    def remove_team(self, id: int) -> None:
        """Its people and what waits for it belong to no team then, and run day and night."""
        self.storage.people.remove_team(id)
        policy = self.storage.deadlines.policy()
        kept = replace(
            policy,
            team_id=None if policy.team_id == id else policy.team_id,
            by_source={source: team for source, team in policy.by_source.items() if team != id},
            by_brand={brand: team for brand, team in policy.by_brand.items() if team != id},
        )
        if kept != policy:
            self.storage.deadlines.save_policy(kept, self.clock.now())
        self._booked("team removed", f"team:{id}")
        self._redated()

    def work_week(self, calendar: Calendar, day: date | None = None) -> WorkWeek:
        """The week in which `day` (today there) lies. ConfigError where the calendar cannot be read."""
        check_calendar(calendar, self.clock.now())
        days = duty.week(calendar, day or duty.today(calendar, self.clock.now()))
        return WorkWeek(days, duty.hours(days))

    def holidays(self, days: int = 120) -> tuple[Special, ...]:
        """China's holidays and the weekend days worked for them, as far as known, from today on."""
        today = duty.today(Calendar(), self.clock.now())
        return specials(today, today + timedelta(days=days))

    def holidays_known_until(self) -> date:
        """After this day plain weekdays have to do, until the program is brought up to date."""
        return known_until()

    # ── people ───────────────────────────────────────────────────────────────────────────────

    def people(self) -> tuple[Person, ...]:
        """By name."""
        return self.storage.people.all()

    def person(self, name: str) -> Person:
        """NotFound where nobody is called so."""
        found = self.storage.people.named(name.strip())
        if found is None:
            raise NotFound(_("There is no colleague “{name}”.").format(name=name[:60]))
        return found

    def save_person(self, person: Person) -> Person:
        """ConfigError names the field, Conflict says that the name is taken."""
        check_name(person.name, _("A colleague needs a name."))
        if person.budget < 0:
            raise ConfigError(_("Alerts an hour cannot be less than none."), field="budget")
        if person.team_id is not None and person.team_id not in {one.id for one in self.teams()}:
            raise ConfigError(_("There is no such team (any more)."), field="team_id")
        contacts = {kind: said.strip() for kind, said in person.contacts.items() if said.strip()}
        if unfit := [said for said in contacts.values() if not said.isprintable() or len(said) > 200]:
            told = _("“{said}” is no address.")
            raise ConfigError(told.format(said=unfit[0][:40]), field="contacts")
        saved = self.storage.people.save(replace(person, contacts=contacts))
        self._booked("person", f"person:{saved.id}", saved.name)
        self.tell(Change.PEOPLE)
        return saved

    def remove_person(self, id: int) -> None:
        """What the colleague did stays in the books under the name."""
        self.storage.people.remove(id)
        self._booked("person removed", f"person:{id}")
        self.tell(Change.PEOPLE)

    def on_duty(self, team_id: int | None = None, at: datetime | None = None) -> tuple[Person, ...]:
        """Who is there now, of one team or of all: not away, and their team works."""
        found = duty.on_duty(self.people(), self.teams(), at or self.clock.now())
        return tuple(one for one in found if team_id is None or one.team_id == team_id)

    # ── deadlines ────────────────────────────────────────────────────────────────────────────

    def deadline_policy(self) -> Policy:
        return self.storage.deadlines.policy()

    def save_deadline_policy(self, policy: Policy) -> int:
        """What runs is worked out anew; how many deadlines moved. ConfigError names the field."""
        check_policy(policy)
        known = {one.id for one in self.teams()}
        named = {*policy.by_source.values(), *policy.by_brand.values(), *({policy.team_id} - {None})}
        if named - known:
            raise ConfigError(_("There is no such team (any more)."), field="team_id")
        moved = self.storage.deadlines.save_policy(policy, self.clock.now())
        self._booked("deadlines", "setting:deadlines")
        self.tell(Change.PEOPLE | Change.DESK)
        return moved

    def desk_item(self, mention_id: int) -> Item | None:
        """How its clock stands; None where it is not on the desk."""
        return self.storage.deadlines.item(mention_id)

    def desk_items(self, ids: Sequence[int]) -> dict[int, Item]:
        """Of these mentions, those that are on the desk."""
        return self.storage.deadlines.items(ids)

    def time_left(self, mention_id: int) -> int | None:
        """Seconds of work time, below zero when it is over; None where no clock counts."""
        return self.storage.deadlines.left(mention_id, self.clock.now())

    def put_on_desk(self, ids: Sequence[int], severity: Severity | None = None) -> int:
        """By hand, whatever they are; how many came, or began anew."""
        arrived = self.storage.deadlines.put(ids, self.me, self.clock.now(), severity)
        self.tell(Change.DESK | Change.STATUS)
        return len(arrived.placed) + len(arrived.reopened)

    def pause_clock(self, ids: Sequence[int], reason: str) -> int:
        """Somebody else must act first; how many clocks were running. ConfigError without a reason."""
        if not reason.strip():
            raise ConfigError(_("Say what it waits for."), field="reason")
        return self._moved(
            self.storage.deadlines.pause(ids, reason.strip()[:500], self.me, self.clock.now())
        )

    def resume_clock(self, ids: Sequence[int]) -> int:
        """How many clocks stood."""
        return self._moved(self.storage.deadlines.resume(ids, self.me, self.clock.now()))

    def move_to_team(self, ids: Sequence[int], team_id: int | None) -> int:
        """The other team's calendar counts from now on; how many changed hands."""
        name = "" if team_id is None else self.team(str(team_id)).name
        now = self.clock.now()
        return self._moved(self.storage.deadlines.transfer(ids, team_id, name, self.me, now))

    def _moved(self, n: int) -> int:
        if n:
            self.tell(Change.DESK)
        return n

    def _redated(self) -> None:
        self.storage.deadlines.redate(self.clock.now())
        self.tell(Change.PEOPLE | Change.DESK)

    def _booked(self, what: str, subject: str, detail: str = "") -> None:
        self.storage.audit.add(self.clock.now(), self.me, what, subject, detail)


def check_name(name: str, none: str) -> None:
    """ConfigError; `none` says that there is no name."""
    if not name.strip():
        raise ConfigError(none, field="name")
    if len(name.strip()) > 60 or not name.strip().isprintable():
        raise ConfigError(_("A name has at most 60 characters, all of which can be seen."), field="name")


def check_calendar(calendar: Calendar, now: datetime) -> None:
    """ConfigError, naming the field: also where nobody would ever work."""
    worktime.check(calendar)
    worktime.after(calendar, now, 1)


def check_policy(policy: Policy) -> None:
    """ConfigError, naming the field."""
    seen: set[str] = set()
    for one in policy.limits:
        if one.where in seen:
            raise ConfigError(_("Each platform and source can stand there once."), field="limits")
        seen.add(one.where)
        if any(not 0 <= one.minutes(severity) <= MOST_MINUTES for severity in Severity):
            raise ConfigError(_("A deadline is 0 minutes (none) to 30 days."), field="limits")
    if Limit().where not in seen:
        raise ConfigError(_("The line for everything else is missing."), field="limits")
    if not 0 <= policy.max_age <= _OLDEST:
        raise ConfigError(_("An age is nothing to ten years."), field="max_age")


def holiday_check(teams: Sequence[Team], now: datetime) -> Check:
    """For the doctor: not well where a team lives by a table of holidays that is about to end."""
    until = known_until()
    lives = any(one.calendar.china and one.calendar.shifts for one in teams)
    soon = until - duty.today(Calendar(), now) < _SOON
    told = _("known until {date}; after that plain weekdays have to do").format(date=until.isoformat())
    return Check(_("Public holidays"), not (lives and soon), told)
