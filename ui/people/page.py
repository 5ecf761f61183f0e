"""Who works when, how to reach them, and how long an answer may take."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.change import Change
from app.i18n import _
from ui.context import Context
from ui.pages.page import Page, heading, sheet
from ui.pages.panel import Panel, in_page
from ui.people.deadlines import DeadlinesPanel
from ui.people.persons import PersonsPanel
from ui.people.teams import TeamsPanel
from ui.widgets.parts import boxed, button, row
from ui.widgets.segments import Segments


class PeoplePage(Page):
    """Three panels; the one that is shown is read anew when something it shows has changed."""

    left = Signal()
    """Back to the settings."""
    cares = Change.PEOPLE | Change.WATCHES | Change.SOURCES

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.teams = TeamsPanel(context)
        self.persons = PersonsPanel(context)
        self.deadlines = DeadlinesPanel(context)
        self.parts = Segments(
            [("teams", _("Teams")), ("people", _("Colleagues")), ("deadlines", _("Deadlines"))],
            _("Parts of this page"),
        )
        self.stack = QStackedWidget()
        for panel in (self.teams, self.persons, in_page(self.deadlines)):
            self.stack.addWidget(panel)  # the tables scroll by themselves
        layout = sheet(self)
        about = _("Deadlines run only while somebody is there, and alerts reach those who are.")
        back = button(_("Settings"), self.left, icon="chevron-left")
        layout.addLayout(heading(_("Teams and shifts"), about, back))
        layout.addWidget(boxed(row(self.parts, None)))
        layout.addWidget(self.stack, 1)
        self.parts.chosen.connect(self.show_part)

    @property
    def panel(self) -> Panel:
        """The one that is shown."""
        panels: dict[str, Panel] = {
            "teams": self.teams, "people": self.persons, "deadlines": self.deadlines
        }  # fmt: skip
        return panels[self.parts.current]

    def show_part(self, name: str) -> None:
        self.parts.choose(name)
        self.stack.setCurrentIndex(("teams", "people", "deadlines").index(name))
        self.refresh()

    def refresh(self) -> None:
        self.panel.refresh()
