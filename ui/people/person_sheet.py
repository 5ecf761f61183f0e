"""A colleague: role, team, and how to reach them. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QSpinBox, QWidget

from app.domain.people import Person, Role, Team
from app.errors import ConfigError
from app.i18n import N_, _
from ui import theme
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.widgets.parts import column, label, roomy, row
from ui.widgets.segments import Segments

CONTACTS = (
    ("dingtalk", N_("DingTalk"), N_("mobile number")),
    ("wecom", N_("WeCom"), N_("user id")),
    ("feishu", N_("Feishu"), N_("open_id, such as ou_…")),
    ("slack", N_("Slack"), N_("member id, such as U0…")),
    ("teams", N_("Microsoft Teams"), N_("e-mail address")),
    ("email", N_("E-mail"), N_("e-mail address")),
)
"""Kind of channel, its name, and what an address there is."""
MOST = 999


class PersonSheet(AskingSheet):
    """`saved` carries the Person as it was stored."""

    saved = Signal(object)

    def __init__(
        self,
        context: Context,
        person: Person | None = None,
        parent: QWidget | None = None,
    ) -> None:
        title = _("Edit colleague") if person else _("New colleague")
        super().__init__(context, title, parent)
        self.setMinimumWidth(560)
        self._person = person or Person(name="")
        self.name = QLineEdit()
        self.name.setMaxLength(60)
        self.role = Segments([(Role.AGENT.value, _("Agent")), (Role.LEAD.value, _("Lead"))], _("Role"))
        self.team = QComboBox()
        self.team.addItem(_("no team"), None)
        self.away = QCheckBox(_("Away for now: no alert goes here"))
        self.budget = QSpinBox()
        self.budget.setRange(0, MOST)
        self.budget.setSpecialValueText(_("no limit"))
        self.budget.setFixedWidth(110)
        roomy(self.budget)
        self.contacts = {kind: QLineEdit() for kind, _name, _hint in CONTACTS}
        self._lay()
        self._fill(self._person)
        self.chief = self.buttons(_("Save"), self.save)
        self.chief.setEnabled(False)  # until the teams are known, to which the colleague may belong
        self.team.setEnabled(False)
        self.name.setFocus()
        self.ask(context.core.teams, self.show_teams)

    def show_teams(self, teams: Sequence[Team]) -> None:
        """To choose from."""
        for team in teams:
            self.team.addItem(plain.one_line(team.name, 60), team.id)
        self.team.setCurrentIndex(max(0, self.team.findData(self._person.team_id)))
        self.team.setEnabled(True)
        self.chief.setEnabled(True)

    def person(self) -> Person:
        """As it stands in the fields. Addresses of kinds that are not shown here stay."""
        shown = {kind: box.text().strip() for kind, box in self.contacts.items()}
        return Person(
            id=self._person.id,
            name=self.name.text().strip(),
            role=Role(self.role.current),
            team_id=self.team.currentData(),
            contacts={**self._person.contacts, **shown},
            away=self.away.isChecked(),
            budget=self.budget.value(),
        )

    def save(self) -> None:
        self.problem.quiet()
        self.chief.setEnabled(False)
        self.ask(partial(self.context.core.save_person, self.person()), self.was_saved, self.not_saved)

    def was_saved(self, person: Person) -> None:
        self.saved.emit(person)
        self.accept()

    def not_saved(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self.complain(error)
        if isinstance(error, ConfigError) and error.field == "name":
            self.name.setFocus()

    def _fill(self, person: Person) -> None:
        self.name.setText(person.name)
        self.role.choose(person.role.value)
        self.away.setChecked(person.away)
        self.budget.setValue(min(MOST, person.budget))
        for kind, box in self.contacts.items():
            box.setText(person.contacts.get(kind, ""))

    def _lay(self) -> None:
        self.name.setPlaceholderText(_("As it stands under “Your name” on that computer"))
        for box, words in (
            (self.name, _("Name")),
            (self.team, _("Team")),
            (self.budget, _("Alerts an hour")),
        ):
            box.setAccessibleName(words)
        self.body.addLayout(column(label(_("Name"), "strong"), self.name, spacing=theme.XS))
        self.body.addLayout(row(label(_("Role"), "strong"), self.role, theme.L, label(_("Team"), "strong"),
                                self.team, None))  # fmt: skip
        self.body.addWidget(label(_("How to reach them"), "strong"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.M)
        grid.setVerticalSpacing(theme.S)
        for number, (kind, name, hint) in enumerate(CONTACTS):
            box = self.contacts[kind]
            box.setPlaceholderText(_(hint))
            box.setAccessibleName(_(name))
            grid.addWidget(label(_(name), "muted"), number, 0)
            grid.addWidget(box, number, 1)
        self.body.addLayout(grid)
        about = _("Alerts an hour that may disturb them; critical ones always do")
        self.body.addLayout(row(label(about, wrap=True), None, self.budget))
        self.body.addWidget(self.away)
