"""The colleagues: whose team, whether they are there, how to reach them. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QWidget

from app.domain.people import Person, Role
from app.i18n import _, listed
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.people.listing import Listing
from ui.people.person_sheet import CONTACTS, PersonSheet
from ui.widgets.empty_state import EmptyState
from ui.widgets.parts import button
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import Core


class PersonLine(NamedTuple):
    """A row: the colleague, the team's name, and whether they are on duty now."""

    person: Person
    team: str
    there: bool


class PersonsPanel(Listing):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        empty = EmptyState(
            "users",
            _("Who answers?"),
            _("Colleagues can be assigned to, called by alerts, and seen to be on duty."),
            _("Add a colleague"),
        )
        self.away_button = button(_("Away / back"), icon="clock")
        table = Table(_columns(), _("Colleagues"), _key)
        super().__init__(context, table, empty, _("Add a colleague"), self.away_button, parent=parent)
        self.away_button.clicked.connect(self.switch)

    def refresh(self) -> None:
        self.read(partial(_crew, self.context.core))

    def switch(self) -> None:
        """Away, or back again."""
        if self.table.current is not None:
            self.ask(partial(_switched, self.context.core, self.table.current.person), self.changed)

    def open_sheet(self, line: PersonLine | None) -> None:
        sheet = PersonSheet(self.context, line.person if line else None, self)
        sheet.saved.connect(self.changed)
        sheet.open()

    def removal(self, line: PersonLine) -> tuple[str, str, Callable[[], object]]:
        text = _("“{name}” gets no more alerts. What was done under the name stays in the books.")
        said = text.format(name=plain.squeezed(line.person.name, 60))
        return _("Remove this colleague?"), said, partial(self.context.core.remove_person, line.person.id)


def _crew(core: Core) -> tuple[PersonLine, ...]:
    teams, there = core.teams(), {one.id for one in core.on_duty()}
    names = {team.id: team.name for team in teams}
    lines = (PersonLine(one, names.get(one.team_id or 0, ""), one.id in there) for one in core.people())
    return tuple(lines)


def _switched(core: Core, person: Person) -> Person:
    return core.save_person(replace(person, away=not person.away))


def _key(line: PersonLine) -> int:
    return line.person.id


def _state(line: PersonLine) -> str:
    if line.person.away:
        return _("away")
    return _("on duty") if line.there else _("off duty")


def _contacts(line: PersonLine) -> str:
    names = {kind: _(name) for kind, name, _hint in CONTACTS}
    return plain.one_line(
        listed(f"{names.get(kind, kind)} {said}" for kind, said in line.person.contacts.items())
    )


def _columns() -> list[Column[PersonLine]]:
    return [
        Column(_("Name"), lambda one: plain.one_line(one.person.name, 80), 170, bold=True),
        Column(_("Role"), lambda one: _("Lead") if one.person.role is Role.LEAD else _("Agent"), 90),
        Column(_("Team"), lambda one: plain.one_line(one.team, 60), 150),
        Column(
            _("Now"), _state, 100,
            color=lambda one: theme.colors().positive if one.there else theme.colors().faint,
        ),
        Column(_("Alerts an hour"), lambda one: str(one.person.budget or _("no limit")), 110),
        Column(_("How to reach them"), _contacts, tip=_contacts),
    ]  # fmt: skip
