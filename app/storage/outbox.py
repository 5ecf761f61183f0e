"""Answers on their way out: from written to sent by compare-and-set, so that none goes out twice.

Any thread may call; each step is one transaction on the writer thread and leaves a line in the mention's
history. Programs that share a database cannot send two answers to one mention at once: the mention's row is
held while it is decided, and a unique index stands behind that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import peewee

from app.domain.mention import Mention
from app.domain.outbox import POSTINGS, Outgoing, Posting
from app.errors import Conflict, NotFound
from app.i18n import _
from app.storage import desk
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, micros, moment
from app.storage.models import MentionRow, OutboxRow
from app.storage.values import Event

_O, _M = OutboxRow, MentionRow
_COLUMNS = (
    _O.id, _O.mention_id, _O.text, _O.state, _O.key, _O.by, _O.approved_by, _O.written_at, _O.changed_at,
    _O.native_id, _O.error,
)  # fmt: skip
_WENT = (Posting.SENDING, Posting.SENT, Posting.UNSURE)
"""States of an answer that is, or may be, on the platform."""


class Outbox:
    """`storage.outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, id: int) -> Outgoing:
        found = self._read(_O.id == id, 1)
        if not found:
            raise _none()
        return found[0]

    def all(
        self, states: Sequence[Posting] = (), mention_id: int = 0, limit: int = 500
    ) -> tuple[Outgoing, ...]:
        """The newest first; of all states where none is named."""
        where = _O.id > 0
        if states:
            where &= _O.state.in_([str(one) for one in states])
        if mention_id:
            where &= _O.mention_id == mention_id
        return self._read(where, limit)

    def write(self, mention_id: int, text: str, key: str, by: str, at: datetime) -> Outgoing:
        """A key that is known already is that answer, unchanged."""

        def act(connection: Connection) -> int:
            if connection.execute(_M.select(_M.id).where(_M.id == mention_id)).fetchone() is None:
                raise NotFound(_("This mention is not in the database (any more)."))
            columns = {
                "mention_id": mention_id,
                "text": clean(text),
                "state": str(Posting.WRITTEN),
                "key": clean(key),
                "by": clean(by),
                "written_at": micros(at),
                "changed_at": micros(at),
            }
            put = _O.insert(columns).on_conflict_ignore().returning(_O.id)
            row = connection.execute(put).fetchone()
            if row is None:
                row = connection.execute(_O.select(_O.id).where(_O.key == clean(key))).fetchone()
            else:
                desk.note(connection, [mention_id], Event(at, by, "write", clean(text)))
            return int(row[0])

        return self.get(self._database.write(act))

    def approve(self, id: int, by: str, at: datetime) -> Outgoing:
        """A person's yes. Conflict where it is past that."""

        def act(connection: Connection) -> None:
            known = _known(connection, id)
            self._move(connection, id, (Posting.WRITTEN,), Posting.APPROVED, at, approved_by=clean(by))
            desk.note(connection, [known.mention_id], Event(at, by, "approve", known.text))

        self._database.write(act)
        return self.get(id)

    def begin(self, id: int, sender: str, at: datetime, *, again: bool = False) -> Outgoing:
        """approved → sending, by the first who asks. Conflict where another answer to the mention is under
        way or unclear, or was sent and `again` is not said."""

        def act(connection: Connection) -> None:
            known = _known(connection, id)
            _hold(connection, known.mention_id)
            others = _read(connection, (_O.mention_id == known.mention_id) & (_O.id != id), 500)
            for other in others:
                _refuse(other, again=again)
            self._move(connection, id, (Posting.APPROVED,), Posting.SENDING, at, sender=clean(sender))
            desk.note(connection, [known.mention_id], Event(at, known.approved_by, "send", ""))

        self._database.write(act)
        return self.get(id)

    def sent(self, id: int, native_id: str, at: datetime) -> Outgoing:
        """It is there: the mention is answered by who approved it."""
        return self._end(id, (Posting.SENDING,), Posting.SENT, at, native_id=native_id)

    def failed(self, id: int, error: str, at: datetime) -> Outgoing:
        """It surely is not there; of an approved one: it never left."""
        return self._end(id, (Posting.SENDING, Posting.APPROVED), Posting.FAILED, at, error=error)

    def unsure(self, id: int, error: str, at: datetime) -> Outgoing:
        return self._end(id, (Posting.SENDING,), Posting.UNSURE, at, error=error)

    def settle(self, id: int, sent: bool, by: str, at: datetime) -> Outgoing:
        """What a person found out about an unsure one."""
        after = Posting.SENT if sent else Posting.FAILED

        def act(connection: Connection) -> None:
            known = _known(connection, id)
            self._move(connection, id, (Posting.UNSURE,), after, at)
            desk.note(connection, [known.mention_id], Event(at, by, f"settle_{after}", ""))
            if sent:
                desk.answered(connection, known.mention_id, known.text, known.approved_by, at)

        self._database.write(act)
        return self.get(id)

    def bounced(self, key: str, error: str, at: datetime) -> Outgoing | None:
        """The platform took it, and says now that it did not arrive. None where the key is not ours."""

        def act(connection: Connection) -> int:
            rows = _read(connection, _O.key == clean(key), 1)
            if not rows or rows[0].state not in (Posting.SENT, Posting.UNSURE):
                return 0
            known = rows[0]
            states = (Posting.SENT, Posting.UNSURE)
            self._move(connection, known.id, states, Posting.FAILED, at, error=clean(error))
            if known.state is Posting.SENT:
                desk.unanswered(connection, known.mention_id, known.text, known.approved_by, at)
            desk.note(connection, [known.mention_id], Event(at, known.approved_by, "failed", clean(error)))
            return known.id

        id_ = self._database.write(act)
        return self.get(id_) if id_ else None

    def give_up(
        self, alive: Callable[[str], bool], at: datetime, lease: timedelta, error: str
    ) -> tuple[Outgoing, ...]:
        """Answers whose sender died in the middle become unsure; those are given back. `alive` says of a
        sender whether it may still be at work; past its `lease` it is not, whatever it says."""
        wanted = _O.select(_O.id, _O.sender, _O.changed_at).where(_O.state == str(Posting.SENDING))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_O.id)).fetchall()
        over = micros(at - lease)
        dead = [id_ for id_, sender, since in rows if since < over or not alive(sender)]
        ended = []
        for id_ in dead:
            try:
                ended.append(self.unsure(id_, error, at))
            except Conflict:
                continue  # it came to its end meanwhile, or somebody else has said so
        return tuple(ended)

    def conversation(self, to: Mention) -> tuple[datetime | None, int]:
        """When the author last wrote in the conversation of `to`, and how many answers went out since we
        know of that (by our own clock, so that no difference between clocks counts)."""
        same = (_M.platform == clean(to.platform)) & (_M.root_id == clean(to.root_id))
        if to.root_id and to.author.native_id:  # both have an index
            same &= _M.author_id == clean(to.author.native_id)
        else:
            same &= _M.native_id == clean(to.native_id)
        newest = _M.select(peewee.fn.MAX(_M.published_at), peewee.fn.MAX(_M.fetched_at)).where(same)
        with self._database.read() as connection:
            last, heard = connection.execute(newest).fetchone()
            if last is None:
                return None, 0
            went = (
                _O.select(peewee.fn.COUNT(1))
                .join(_M, on=(_M.id == _O.mention_id))
                .where(same, _O.state.in_([str(one) for one in _WENT]), _O.changed_at >= heard)
            )
            (count,) = connection.execute(went).fetchone()
        return moment(last), int(count)

    def _end(
        self,
        id: int,
        before: Sequence[Posting],
        after: Posting,
        at: datetime,
        *,
        native_id: str = "",
        error: str = "",
    ) -> Outgoing:
        def act(connection: Connection) -> None:
            known = _known(connection, id)
            ended = {"native_id": clean(native_id), "error": clean(error)}
            self._move(connection, id, before, after, at, **ended)
            if after is Posting.SENT:
                desk.note(connection, [known.mention_id], Event(at, known.approved_by, "sent", native_id))
                desk.answered(connection, known.mention_id, known.text, known.approved_by, at)
            else:
                desk.note(connection, [known.mention_id], Event(at, known.approved_by, str(after), error))

        self._database.write(act)
        return self.get(id)

    def _move(
        self,
        connection: Connection,
        id_: int,
        before: Sequence[Posting],
        after: Posting,
        at: datetime,
        **more: Any,
    ) -> None:
        """Compare and set; Conflict says where it stands instead."""
        stands = (_O.id == id_) & _O.state.in_([str(one) for one in before])
        put = _O.update(state=str(after), changed_at=micros(at), **more).where(stands)
        if not connection.execute(put).rowcount:
            state = _known(connection, id_).state
            raise Conflict(_("This answer is past that: it is “{state}”.").format(state=_(POSTINGS[state])))

    def _read(self, where: Any, limit: int) -> tuple[Outgoing, ...]:
        with self._database.read() as connection:
            return _read(connection, where, limit)


def _read(connection: Connection, where: Any, limit: int) -> tuple[Outgoing, ...]:
    wanted = _O.select(*_COLUMNS).where(where).order_by(_O.id.desc()).limit(limit)
    return tuple(_outgoing(row) for row in connection.execute(wanted).fetchall())


def _known(connection: Connection, id_: int) -> Outgoing:
    found = _read(connection, _O.id == id_, 1)
    if not found:
        raise _none()
    return found[0]


def _hold(connection: Connection, mention_id: int) -> None:
    """Whoever decides about the mention's answers does so alone. SQLite's transaction is that already."""
    if not connection.sqlite:
        connection.execute_sql("SELECT id FROM mention WHERE id = %s FOR UPDATE", (mention_id,))


def _refuse(other: Outgoing, *, again: bool) -> None:
    if other.state is Posting.SENDING:
        told = _("{name} is sending an answer to this mention just now.")
    elif other.state is Posting.UNSURE:
        told = _("An answer by {name} was perhaps sent. Look there, and say first whether it was.")
    elif other.state is Posting.SENT and not again:
        told = _("{name} has sent an answer to this mention already.")
    else:
        return
    raise Conflict(told.format(name=other.approved_by or _("Somebody")))


def _none() -> NotFound:
    return NotFound(_("There is no such answer in the outbox."))


def _outgoing(row: Any) -> Outgoing:
    id_, mention_id, text, state, key, by, approved_by, written_at, changed_at, native_id, error = row
    return Outgoing(
        id=id_,
        mention_id=mention_id,
        text=text,
        state=Posting(state),
        key=key,
        by=by,
        approved_by=approved_by,
        written_at=moment(written_at),
        changed_at=moment(changed_at),
        native_id=native_id,
        error=error,
    )
