"""All issues that were made, newest first. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.ticket import Ticket, TicketState
from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.feed import plain
from ui.trackers.words import state_of
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.notice import Notice
from ui.widgets.parts import button, card, row
from ui.widgets.table import Column, Table


class IssueList(QWidget):
    """`failed` carries an error for the page to show. `open_link` is handed an issue's address."""

    failed = Signal(object)

    def __init__(
        self, context: Context, open_link: Callable[[str], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.context = context
        self._open_link = open_link
        self.table = Table(_columns(), _("Issues"), _key)
        self.trouble = Notice()
        self.open_button = button(_("Open the issue"), self.open_issue, icon="open")
        self.look_button = button(_("Ask how it stands"), self.look, icon="refresh")
        empty = EmptyState(
            "flag",
            _("No issue yet"),
            _("Choose “Make an issue” beside a post that an engineer should see."),
        )
        self.states = StateStack(self._full(), empty)
        self.states.retry.connect(self.refresh)
        self.table.activated_row.connect(self.open_issue)
        self.table.picked.connect(self._picked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.states)
        self._picked(None)

    def refresh(self) -> None:
        self.states.show_loading()
        self.context.asker.ask(self, self.context.core.tickets, self.show_tickets, self._not_read)

    def show_tickets(self, tickets: tuple[Ticket, ...]) -> None:
        self.table.show_rows(tickets)
        if tickets:
            self.states.show_full()
        else:
            self.states.show_empty()
        self._picked(self.table.current)

    def open_issue(self) -> None:
        ticket: Ticket | None = self.table.current
        if ticket is not None and plain.openable(ticket.url):
            self._open_link(ticket.url)

    def look(self) -> None:
        ticket: Ticket | None = self.table.current
        if ticket is not None:
            self.look_button.setEnabled(False)
            work = partial(self.context.core.look_at_ticket, ticket.id)
            self.context.asker.ask(self, work, self._looked, self._not_looked, slow=True)

    def _looked(self, _ticket: Ticket) -> None:
        self.refresh()

    def _not_looked(self, error: BaseException) -> None:
        self.look_button.setEnabled(True)
        self.failed.emit(error)

    def _not_read(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def _picked(self, ticket: Ticket | None) -> None:
        self.open_button.setEnabled(ticket is not None and plain.openable(ticket.url))
        self.look_button.setEnabled(ticket is not None and ticket.state is TicketState.OPEN)
        if ticket is not None and ticket.error:
            self.trouble.say(plain.squeezed(ticket.error, 400), "negative")
        else:
            self.trouble.quiet()

    def _full(self) -> QWidget:
        full = QWidget()
        inner = QVBoxLayout(full)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.M)
        inner.addLayout(row(self.open_button, self.look_button, None))
        inner.addWidget(card(self.table, margin=1), 1)
        inner.addWidget(self.trouble)
        return full


def _columns() -> list[Column[Ticket]]:
    return [
        Column(_("Status"), state_of, 190, color=_color),
        Column(_("Number"), lambda one: plain.one_line(one.ref, 40) or "–", 120, bold=True),
        Column(_("Title"), lambda one: plain.one_line(one.title, 160)),
        Column(_("Tracker"), lambda one: plain.one_line(one.tracker, 60), 150),
        Column(_("Escalated by"), lambda one: plain.one_line(one.by, 40), 110),
        Column(_("Made"), lambda one: plain.ago(one.created_at, datetime.now(UTC)), 120),
        Column(_("Posts"), lambda one: f"{one.mentions:,}", 72, right=True),
    ]


def _color(one: Ticket) -> str:
    now = theme.colors()
    colors = {
        TicketState.OPEN: now.accent,
        TicketState.CLOSED: now.positive,
        TicketState.FAILED: now.negative,
        TicketState.UNSURE: now.warning,
        TicketState.GONE: now.warning,
    }
    return colors.get(one.state, now.muted)


def _key(one: Ticket) -> int:
    return one.id
