"""Issues that were made of mentions, each once: reserved by its key before anybody is asked.

Any thread may call; each step is one transaction on the writer thread, and what people want to know of it
stands in the history of every mention it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from app.domain.ticket import Issue, Ref, Ticket, TicketState
from app.errors import Conflict, NotFound
from app.i18n import _
from app.storage import desk
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, maybe_moment, micros, moment, pieces
from app.storage.models_desk import NoteRow
from app.storage.models_tickets import BugTrackerRow, TicketMentionRow, TicketRow
from app.storage.values import Event

_T, _L, _K = TicketRow, TicketMentionRow, BugTrackerRow
_COLUMNS = (
    _T.id, _T.tracker_id, _K.name, _T.key, _T.mention_id, _T.state, _T.ref, _T.url, _T.title, _T.word,
    _T.by, _T.created_at, _T.changed_at, _T.checked_at, _T.error,
)  # fmt: skip
SETTLING = timedelta(seconds=20)
"""So long an unclear issue is left alone before it is looked up and made again."""
_MADE = (TicketState.OPEN, TicketState.CLOSED, TicketState.GONE)


@dataclass(frozen=True, slots=True)
class Reserved:
    """`mine`: this program is to make it, by the ticket's key, which it looks up there first; else it is
    there already."""

    ticket: Ticket
    mine: bool


class Tickets:
    """`storage.tickets`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, id: int) -> Ticket:
        found = self._read(_T.id == id, 1)
        if not found:
            raise NotFound(_("There is no such issue (any more)."))
        return found[0]

    def all(self, limit: int = 200) -> tuple[Ticket, ...]:
        """The newest first."""
        return self._read(_T.id > 0, limit)

    def of_mentions(self, ids: Sequence[int]) -> dict[int, tuple[Ticket, ...]]:
        """The issues that mentions refer to, the oldest first; mentions without one are left out."""
        found: dict[int, list[int]] = {}
        with self._database.read() as connection:
            for part in pieces(list(ids), 500):
                wanted = _L.select(_L.mention_id, _L.ticket_id).where(_L.mention_id.in_(part))
                for mention, ticket in connection.execute(wanted.order_by(_L.ticket_id)).fetchall():
                    found.setdefault(mention, []).append(ticket)
            known = _known(connection, {one for many in found.values() for one in many})
        return {mention: tuple(known[one] for one in many) for mention, many in found.items()}

    def reserve(
        self,
        issue: Issue,
        tracker_id: int,
        mention_id: int,
        kin: Sequence[int],
        at: datetime,
        lease: timedelta,
    ) -> Reserved:
        """Who makes it? The mention itself, or one of its `kin` (copies of the same story), may have an
        issue there already: then the mention refers to that. One that was begun and not finished goes on
        under its own key. Conflict while somebody else is at it."""

        def act(connection: Connection) -> tuple[int, bool]:
            there = _of(connection, tracker_id, [mention_id, *kin])
            there = there or _new(connection, issue, tracker_id, mention_id, at)
            if not there.made:
                _take(connection, there.id, at, lease)
            if _link(connection, there.id, mention_id) and there.made:
                ticket = _known(connection, [there.id])[there.id]
                told = f"{ticket.tracker} {ticket.ref} {ticket.url}"
                desk.note(connection, [mention_id], Event(at, issue.by, "ticket_joined", clean(told)))
            return there.id, not there.made

        id_, mine = self._database.write(act)
        return Reserved(self.get(id_), mine)

    def made(self, id: int, ref: Ref, mention_id: int, by: str, at: datetime) -> Ticket:
        """It stands on the tracker; also for one that was found there."""

        def act(connection: Connection) -> None:
            values = {
                "state": str(TicketState.CLOSED if ref.closed else TicketState.OPEN),
                "ref": clean(ref.ref),
                "url": clean(ref.url),
                "word": clean(ref.word),
                "error": "",
                "changed_at": micros(at),
                "checked_at": micros(at),
                "leased_until": None,
            }
            connection.execute(_T.update(values).where(_T.id == id))
            _link(connection, id, mention_id)
            ticket = _known(connection, [id])[id]
            told = f"{ticket.tracker} {ref.ref} {ref.url}"
            desk.note(connection, [mention_id], Event(at, by, "ticket", clean(told)))

        self._database.write(act)
        return self.get(id)

    def stuck(
        self, id: int, state: TicketState, error: str, mention_id: int, by: str, at: datetime
    ) -> Ticket:
        """FAILED or UNSURE: it may be tried again, and is looked up first then; an unclear one after a
        while, since the tracker may still be at it."""
        rests = micros(at + SETTLING) if state is TicketState.UNSURE else None

        def act(connection: Connection) -> None:
            values = {
                "state": str(state),
                "error": clean(error),
                "changed_at": micros(at),
                "leased_until": rests,
            }
            connection.execute(_T.update(values).where(_T.id == id))
            _link(connection, id, mention_id)
            desk.note(connection, [mention_id], Event(at, by, f"ticket_{state}", clean(error)))

        self._database.write(act)
        return self.get(id)

    def due(
        self,
        now: datetime,
        trackers: Sequence[int],
        pace: Sequence[tuple[timedelta, timedelta]],
        seldom: timedelta,
        limit: int = 100,
    ) -> tuple[Ticket, ...]:
        """Open ones of these trackers that are to be looked at again, the longest unseen first.

        `pace`: (younger than, every so often); older ones are looked at `seldom`.
        """
        made, seen = _T.created_at, _T.checked_at
        ripe = seen.is_null() | (seen <= micros(now - seldom))
        for young, often in pace:
            ripe |= (made > micros(now - young)) & (seen <= micros(now - often))
        where = (_T.state == str(TicketState.OPEN)) & _T.tracker_id.in_(list(trackers)) & ripe
        return self._read(where, limit, _T.checked_at, _T.id)

    def looking(self, ticket: Ticket, at: datetime) -> bool:
        """Compare and set: does this program look it up now, and no other?"""
        seen = (
            _T.checked_at.is_null()
            if ticket.checked_at is None
            else _T.checked_at == micros(ticket.checked_at)
        )
        put = _T.update(checked_at=micros(at)).where(_T.id == ticket.id, seen)
        return bool(self._database.write(lambda connection: connection.execute(put).rowcount))

    def seen(self, ticket: Ticket, ref: Ref | None, at: datetime) -> bool:
        """How it stands on the tracker (None: it is not there any more); has that changed? An issue that
        was closed leaves a line in the history of its mentions, and a note."""
        state = TicketState.GONE if ref is None else TicketState.CLOSED if ref.closed else TicketState.OPEN
        word = ref.word if ref is not None else ""
        if state is ticket.state and word == ticket.word:
            return False

        def act(connection: Connection) -> bool:
            put = _T.update(state=str(state), word=clean(word), changed_at=micros(at))
            known = (_T.id == ticket.id) & (_T.state == str(ticket.state))
            if not connection.execute(put.where(known)).rowcount:
                return False
            if state is not ticket.state:
                self._tell(connection, ticket, state, word, at)
            return True

        return self._database.write(act)

    def _tell(
        self, connection: Connection, ticket: Ticket, state: TicketState, word: str, at: datetime
    ) -> None:
        wanted = _L.select(_L.mention_id).where(_L.ticket_id == ticket.id)
        ids = [id_ for (id_,) in connection.execute(wanted).fetchall()]
        told = " ".join(filter(None, (ticket.tracker, ticket.ref, word, ticket.url)))
        desk.note(connection, ids, Event(at, "", f"ticket_{state}", clean(told)))
        if state is TicketState.CLOSED:
            said = _("{tracker} {ref} is fixed or closed there ({word}).")
            text = said.format(tracker=ticket.tracker, ref=ticket.ref, word=word or "closed")
            line = {"at": micros(at), "by": clean(ticket.tracker), "text": clean(text), "to": ""}
            for part in pieces(ids, 100):
                connection.execute(NoteRow.insert_many([{"mention_id": id_, **line} for id_ in part]))

    def _read(self, where: Any, limit: int, *order: Any) -> tuple[Ticket, ...]:
        with self._database.read() as connection:
            rows = connection.execute(
                _wanted().where(where).order_by(*(order or (_T.id.desc(),))).limit(limit)
            ).fetchall()
            counts = _counted(connection, [row[0] for row in rows])
        return tuple(_ticket(row, counts) for row in rows)


def _wanted() -> Any:
    return _T.select(*_COLUMNS).join(_K, peewee.JOIN.LEFT_OUTER, on=(_K.id == _T.tracker_id))


def _known(connection: Connection, ids: Iterable[int]) -> dict[int, Ticket]:
    found: dict[int, Ticket] = {}
    for part in pieces(list(ids), 500):
        rows = connection.execute(_wanted().where(_T.id.in_(part))).fetchall()
        counts = _counted(connection, [row[0] for row in rows])
        found |= {row[0]: _ticket(row, counts) for row in rows}
    return found


def _counted(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in pieces(list(ids), 500):
        counted = _L.select(_L.ticket_id, peewee.fn.COUNT(1)).where(_L.ticket_id.in_(part))
        found.update(connection.execute(counted.group_by(_L.ticket_id)).fetchall())
    return found


@dataclass(frozen=True, slots=True)
class _There:
    id: int
    made: bool


def _of(connection: Connection, tracker_id: int, mentions: Sequence[int]) -> _There | None:
    """The issue there of one of these mentions: one that stands there before one that is to be made."""
    found: list[tuple[bool, int]] = []
    for part in pieces(list(dict.fromkeys(mentions)), 500):
        wanted = (
            _T.select(_T.id, _T.state)
            .join(_L, on=(_L.ticket_id == _T.id))
            .where(_T.tracker_id == tracker_id, _L.mention_id.in_(part))
        )
        rows = connection.execute(wanted.distinct()).fetchall()
        found += [(TicketState(state) not in _MADE, int(id_)) for id_, state in rows]
    return _There(min(found)[1], not min(found)[0]) if found else None


def _new(connection: Connection, issue: Issue, tracker_id: int, mention_id: int, at: datetime) -> _There:
    """A row for this key; the one that another program has made of it a moment ago, if there is one."""
    new = {
        "tracker_id": tracker_id,
        "key": issue.key,
        "mention_id": mention_id,
        "state": str(TicketState.MAKING),
        "title": clean(issue.title),
        "by": clean(issue.by),
        "created_at": micros(at),
        "changed_at": micros(at),
    }
    connection.execute(_T.insert(new).on_conflict_ignore())
    same = (_T.tracker_id == tracker_id) & (_T.key == issue.key)
    id_, state = connection.execute(_T.select(_T.id, _T.state).where(same)).fetchone()
    return _There(int(id_), TicketState(state) in _MADE)


def _take(connection: Connection, id_: int, at: datetime, lease: timedelta) -> None:
    """Ours to make, unless somebody else is at it."""
    free = (_T.id == id_) & (_T.leased_until.is_null() | (_T.leased_until < micros(at)))
    taken = {"leased_until": micros(at + lease), "changed_at": micros(at)}
    if not connection.execute(_T.update(taken).where(free)).rowcount:
        raise Conflict(_("This issue is being made just now, or was a moment ago. Try again in a minute."))


def _link(connection: Connection, id_: int, mention_id: int) -> bool:
    """False where it refers to it already."""
    put = _L.insert(ticket_id=id_, mention_id=mention_id).on_conflict_ignore()
    return bool(connection.execute(put.returning(_L.mention_id)).fetchone())


def _ticket(row: Sequence[Any], counts: dict[int, int]) -> Ticket:
    (id_, tracker_id, tracker, key, mention_id, state, ref, url, title, word, by, created_at, changed_at,
     checked_at, error) = row  # fmt: skip
    return Ticket(
        id=id_,
        tracker_id=tracker_id,
        tracker=tracker or "",
        key=key,
        mention_id=mention_id,
        state=TicketState(state),
        ref=ref,
        url=url,
        title=title,
        word=word,
        by=by,
        created_at=moment(created_at),
        changed_at=moment(changed_at),
        checked_at=maybe_moment(checked_at),
        error=error,
        mentions=counts.get(id_, 0),
    )
