"""How the state of an issue reads, and in which colour. GUI thread."""

from __future__ import annotations

from app.domain.ticket import TICKETS, Ticket, TicketState
from app.i18n import _
from ui.feed import plain

TONES = {
    TicketState.MAKING: "",
    TicketState.OPEN: "accent",
    TicketState.CLOSED: "positive",
    TicketState.UNSURE: "warning",
    TicketState.FAILED: "negative",
    TicketState.GONE: "warning",
}


def name_of(ticket: Ticket) -> str:
    """禅道 #12"""
    return " ".join(filter(None, (plain.one_line(ticket.tracker, 40), plain.one_line(ticket.ref, 30))))


def state_of(ticket: Ticket) -> str:
    words = _(TICKETS[ticket.state])
    word = plain.one_line(ticket.word, 30)
    closed = ticket.state is TicketState.CLOSED
    return f"{words} · {word}" if closed and word and word != "closed" else words
