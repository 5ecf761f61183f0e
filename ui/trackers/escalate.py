"""Make an issue of a mention: where, and what the engineers should know. GUI thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QWidget

from app.domain.outlet import Outlet
from app.domain.ticket import Ticket, TicketState
from app.i18n import _, listed
from ui import theme
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.trackers.words import name_of, state_of
from ui.widgets.parts import column, label

if TYPE_CHECKING:
    from app.core import Core


class Choices(NamedTuple):
    trackers: tuple[Outlet, ...]
    tickets: tuple[Ticket, ...]
    """That there are already."""


class IssueSheet(AskingSheet):
    """`made` carries the Ticket."""

    made = Signal(object)

    def __init__(self, context: Context, mention_id: int, parent: QWidget | None = None) -> None:
        about = _(
            "The post and links to its copies are written into your bug tracker, once. "
            "What becomes of it is shown beside the post."
        )
        super().__init__(context, _("Make an issue"), parent, about=about)
        self.setMinimumWidth(520)
        self._id = mention_id
        self.where = QComboBox()
        self.where.setAccessibleName(_("Tracker"))
        self.note = QPlainTextEdit()
        self.note.setAccessibleName(_("Note"))
        self.note.setPlaceholderText(
            _("What the engineers should know: version, device, what to try first")
        )
        self.note.setFixedHeight(96)
        self.there = label("", "small", wrap=True)
        self.there.hide()
        for title, box in ((_("Tracker"), self.where), (_("Note"), self.note)):
            words = label(title, "strong")
            words.setBuddy(box)
            self.body.addLayout(column(words, box, spacing=theme.XS))
        self.body.addWidget(self.there)
        self.chief = self.buttons(_("Make the issue"), self.make)
        self.chief.setEnabled(False)
        self.ask(partial(_read, context.core, mention_id), self.show_choices)

    def show_choices(self, choices: Choices) -> None:
        self.where.clear()
        for one in choices.trackers:
            self.where.addItem(plain.one_line(one.name, 60), one.id)
        if not choices.trackers:
            told = _("No bug tracker is set up yet. Add one under “Channels and trackers”.")
            self.problem.say(told, "warning")
        self.chief.setEnabled(bool(choices.trackers))
        known = [f"{name_of(one)} · {state_of(one)}" for one in choices.tickets if one.ref]
        self.there.setText(_("There is already: {issues}").format(issues=listed(known)))
        self.there.setVisible(bool(known))

    def make(self) -> None:
        if self.where.currentData() is None:
            return
        self.chief.setEnabled(False)
        self.problem.say(_("Asking the tracker…"))
        work = partial(
            self.context.core.escalate,
            self._id,
            int(self.where.currentData()),
            self.note.toPlainText().strip(),
        )
        self.ask(work, self.was_made, self.not_made, slow=True)

    def was_made(self, ticket: Ticket) -> None:
        self.made.emit(ticket)
        self.accept()

    def not_made(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self.complain(error)


def told_of(ticket: Ticket) -> str:
    """A sentence for the page, when the sheet has closed."""
    told = _("{issue} is {state}; its link is beside the post.")
    if ticket.state is TicketState.OPEN and ticket.mentions == 1:
        told = _("Made {issue}; its link is beside the post.")
    return told.format(issue=name_of(ticket), state=state_of(ticket))


def _read(core: Core, id: int) -> Choices:
    trackers = tuple(one for one in core.trackers() if not one.paused)
    return Choices(trackers, core.tickets_of([id]).get(id, ()))
