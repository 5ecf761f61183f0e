"""The teams: who works when, and who is there now. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QWidget

from app.domain.people import Person, Team
from app.domain.roster import calendar_words
from app.i18n import _, listed
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.people.listing import Listing
from ui.people.team_sheet import TeamSheet
from ui.widgets.empty_state import EmptyState
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import Core


class TeamLine(NamedTuple):
    """A row: the team, its people, and who of them is on duty now."""

    team: Team
    people: tuple[Person, ...]
    there: tuple[Person, ...]


class TeamsPanel(Listing):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        empty = EmptyState(
            "calendar",
            _("When does somebody answer?"),
            _(
                "Without a team the clock of every deadline runs day and night. "
                "Add one with its shifts, and lunch, nights and holidays no longer count against you."
            ),
            _("Add a team"),
        )
        table = Table(_columns(), _("Teams"), _key)
        super().__init__(context, table, empty, _("Add a team"), parent=parent)

    def refresh(self) -> None:
        self.read(partial(_lines, self.context.core))

    def open_sheet(self, line: TeamLine | None) -> None:
        sheet = TeamSheet(self.context, line.team if line else None, self)
        sheet.saved.connect(self.changed)
        sheet.open()

    def removal(self, line: TeamLine) -> tuple[str, str, Callable[[], object]]:
        text = _(
            "The people of “{name}” and what waits for it belong to no team then; "
            "its deadlines run day and night."
        )
        said = text.format(name=plain.squeezed(line.team.name, 60))
        return _("Remove this team?"), said, partial(self.context.core.remove_team, line.team.id)


def _lines(core: Core) -> tuple[TeamLine, ...]:
    people, there = core.people(), core.on_duty()
    return tuple(
        TeamLine(
            team,
            tuple(one for one in people if one.team_id == team.id),
            tuple(one for one in there if one.team_id == team.id),
        )
        for team in core.teams()
    )


def _key(line: TeamLine) -> int:
    return line.team.id


def _names(people: tuple[Person, ...]) -> str:
    return plain.one_line(listed(one.name for one in people))


def _columns() -> list[Column[TeamLine]]:
    return [
        Column(_("Name"), lambda one: plain.one_line(one.team.name, 80), 170, bold=True),
        Column(
            _("Working hours"),
            lambda one: calendar_words(one.team.calendar),
            tip=lambda one: calendar_words(one.team.calendar),
        ),
        Column(_("Time zone"), lambda one: plain.one_line(one.team.calendar.zone, 40), 140),
        Column(_("People"), lambda one: _names(one.people), 200, tip=lambda one: _names(one.people)),
        Column(
            _("On duty now"),
            lambda one: _names(one.there) or _("no one"),
            180,
            color=lambda one: theme.colors().positive if one.there else theme.colors().faint,
        ),
    ]
