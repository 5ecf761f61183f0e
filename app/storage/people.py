"""Colleagues and teams. Any thread may call; writes happen on the writer thread."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from app.domain.people import Calendar, Person, Role, Shift, Team
from app.errors import Conflict, NotFound
from app.i18n import _
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump
from app.storage.models_desk import DeskRow, PersonRow, TeamRow

_P, _T = PersonRow, TeamRow
_PERSON = (_P.id, _P.name, _P.role, _P.team_id, _P.contacts, _P.away, _P.budget)


class People:
    """`storage.people`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Person, ...]:
        """By name."""
        with self._database.read() as connection:
            rows = connection.execute(_P.select(*_PERSON).order_by(_P.name)).fetchall()
        return tuple(_person(row) for row in rows)

    def named(self, name: str) -> Person | None:
        with self._database.read() as connection:
            row = connection.execute(_P.select(*_PERSON).where(_P.name == clean(name))).fetchone()
        return None if row is None else _person(row)

    def save(self, person: Person) -> Person:
        """Id 0 makes a new one; Conflict where the name is another's."""
        columns = {
            "name": clean(person.name).strip(),
            "role": str(person.role),
            "team_id": person.team_id,
            "contacts": dump(dict(person.contacts)),
            "away": person.away,
            "budget": person.budget,
        }
        name = columns["name"]

        def act(connection: Connection) -> int:
            taken = connection.execute(_P.select(_P.id).where(_P.name == name)).fetchone()
            if taken is not None and taken[0] != person.id:
                raise Conflict(_("There is already a colleague named “{name}”.").format(name=name))
            if not person.id:
                return int(connection.execute(_P.insert(columns).returning(_P.id)).fetchone()[0])
            if not connection.execute(_P.update(columns).where(_P.id == person.id)).rowcount:
                raise NotFound(_("There is no such colleague (any more)."))
            return person.id

        id_ = self._database.write(act)
        return next(one for one in self.all() if one.id == id_)

    def remove(self, id: int) -> None:
        """What the colleague did stays in the books under the name."""
        self._database.write(lambda connection: connection.execute(_P.delete().where(_P.id == id)))

    def teams(self) -> tuple[Team, ...]:
        """In the order they were made."""
        with self._database.read() as connection:
            rows = connection.execute(_T.select(_T.id, _T.name, _T.calendar).order_by(_T.id)).fetchall()
        return tuple(Team(id=id_, name=name, calendar=read_calendar(said)) for id_, name, said in rows)

    def save_team(self, team: Team) -> Team:
        """Id 0 makes a new one; Conflict where the name is another's."""
        name = clean(team.name).strip()
        columns = {"name": name, "calendar": write_calendar(team.calendar)}

        def act(connection: Connection) -> int:
            taken = connection.execute(_T.select(_T.id).where(_T.name == name)).fetchone()
            if taken is not None and taken[0] != team.id:
                raise Conflict(_("There is already a team named “{name}”.").format(name=name))
            if not team.id:
                return int(connection.execute(_T.insert(columns).returning(_T.id)).fetchone()[0])
            if not connection.execute(_T.update(columns).where(_T.id == team.id)).rowcount:
                raise NotFound(_("There is no such team (any more)."))
            return team.id

        id_ = self._database.write(act)
        return next(one for one in self.teams() if one.id == id_)

    def remove_team(self, id: int) -> None:
        """Its people and open items belong to no team then."""

        def act(connection: Connection) -> None:
            connection.execute(_P.update(team_id=None).where(_P.team_id == id))
            connection.execute(DeskRow.update(team_id=None).where(DeskRow.team_id == id))
            connection.execute(_T.delete().where(_T.id == id))

        self._database.write(act)


def _person(row: Any) -> Person:
    id_, name, role, team_id, contacts, away, budget = row
    return Person(
        id=id_,
        name=name,
        role=Role(role) if role in tuple(Role) else Role.AGENT,
        team_id=team_id,
        contacts=json.loads(contacts) if contacts else {},
        away=bool(away),
        budget=budget,
    )


def write_calendar(calendar: Calendar) -> str:
    return dump(
        {
            "zone": calendar.zone,
            "china": calendar.china,
            "shifts": [
                {"days": list(one.days), "start": one.start, "end": one.end, "holidays": one.holidays}
                for one in calendar.shifts
            ],
            "off": [day.isoformat() for day in calendar.off],
            "on": [day.isoformat() for day in calendar.on],
        }
    )


def read_calendar(written: str) -> Calendar:
    """Fields of a later version are passed over."""
    said = json.loads(written) if written else {}
    plain = Calendar()
    return Calendar(
        zone=said.get("zone", plain.zone),
        china=bool(said.get("china", plain.china)),
        shifts=tuple(
            Shift(
                days=tuple(one["days"]),
                start=one["start"],
                end=one["end"],
                holidays=bool(one.get("holidays", False)),
            )
            for one in said.get("shifts", ())
        ),
        off=tuple(date.fromisoformat(day) for day in said.get("off", ())),
        on=tuple(date.fromisoformat(day) for day in said.get("on", ())),
    )
