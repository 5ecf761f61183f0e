"""The issues of a mention, in the pane beside the feed: where each is, and how it stands. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.ticket import Ticket, TicketState
from app.i18n import _, ngettext
from ui import theme
from ui.feed import plain
from ui.trackers.words import TONES, name_of, state_of
from ui.widgets.parts import boxed, button, clear, label, pill, row

AGAIN = (TicketState.FAILED, TicketState.UNSURE)
"""States after which a person may try again."""


class TicketBox(QWidget):
    """Gone while there is no issue. `again` asks for another attempt."""

    again = Signal()

    def __init__(self, open_link: Callable[[str], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open_link = open_link
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.XS)
        self.hide()

    def show_tickets(self, tickets: Sequence[Ticket]) -> None:
        clear(self._rows)
        for ticket in tickets:
            self._add(ticket)
        self.setVisible(bool(tickets))

    def _add(self, ticket: Ticket) -> None:
        state = pill(state_of(ticket), TONES[ticket.state])
        name = name_of(ticket)
        if plain.openable(ticket.url):
            link = button(name, partial(self._open_link, ticket.url), kind="quiet", icon="open")
            link.setToolTip(plain.one_line(ticket.url, 300).replace("<", "‹"))
            head = row(link, state)
        else:
            head = row(label(name, "strong"), state)
        if ticket.state in AGAIN:
            head.addWidget(button(_("Try again"), self.again, kind="quiet", icon="refresh"))
        head.addStretch(1)
        self._rows.addWidget(boxed(head))
        if ticket.error:
            self._rows.addWidget(label(plain.squeezed(ticket.error, 300), "error", wrap=True))
        elif ticket.mentions > 1:
            told = ngettext("{n} post refers to it.", "{n} posts refer to it.", ticket.mentions)
            self._rows.addWidget(label(told.format(n=ticket.mentions), "faint"))
