"""Answers on their way out: from written to sent by compare-and-set, so that none goes out twice.

Any thread may call; each step is one transaction on the writer thread and leaves a line in the mention's
history. Programs that share a database cannot send two answers to one mention at once: the mention's row is
held while it is decided, and a unique index stands behind that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import peewee

from app.domain.mention import Mention
from app.domain.outbox import POSTINGS, UNKNOWN, Allow, Basis, Moved, Outgoing, Posting, Way, same_person
from app.errors import Conflict, NotFound
from app.i18n import _
from app.storage import desk
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, maybe_micros, maybe_moment, micros, moment
from app.storage.models import EditRow, MentionRow, OutboxRow
from app.storage.values import Event

_O, _M = OutboxRow, MentionRow
_COLUMNS = (
    _O.id, _O.mention_id, _O.text, _O.state, _O.key, _O.by, _O.approved_by, _O.written_at, _O.changed_at,
    _O.native_id, _O.error, _O.way, _O.second_by, _O.reviewer, _O.due_at, _O.sender, _O.basis, _O.based_at,
    _O.allowed,
)  # fmt: skip
_WENT = (Posting.SENDING, Posting.SENT, Posting.UNSURE)
"""States of an answer that is, or may be, on the platform."""
_UNSAID: dict[str, Any] = {"approved_by": "", "second_by": "", "due_at": None, "sender": ""}
"""What a yes says."""


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

    def write(
        self,
        mention_id: int,
        text: str,
        key: str,
        by: str,
        at: datetime,
        *,
        basis: Basis = UNKNOWN,
        allowed: Collection[Allow] = (),
        reviewer: str = "",
        copied: bool = False,
    ) -> Outgoing:
        """A key that is known already is that answer, unchanged. `copied`: for a person to post by hand."""

        def act(connection: Connection) -> int:
            if connection.execute(_M.select(_M.id).where(_M.id == mention_id)).fetchone() is None:
                raise NotFound(_("This mention is not in the database (any more)."))
            columns = {
                "mention_id": mention_id,
                "text": clean(text),
                "state": str(Posting.COPIED if copied else Posting.WRITTEN),
                "key": clean(key),
                "by": clean(by),
                "written_at": micros(at),
                "changed_at": micros(at),
                "way": str(Way.HAND if copied else Way.API),
                "approved_by": clean(by) if copied else "",
                "reviewer": clean(reviewer).strip(),
                "basis": basis.newest,
                "based_at": maybe_micros(basis.at),
                "allowed": " ".join(sorted(allowed)),
            }
            put = _O.insert(columns).on_conflict_ignore().returning(_O.id)
            row = connection.execute(put).fetchone()
            if row is None:
                row = connection.execute(_O.select(_O.id).where(_O.key == clean(key))).fetchone()
            else:
                what = "copy" if copied else "write"
                desk.note(connection, [mention_id], Event(at, by, what, clean(text)))
            return int(row[0])

        return self.get(self._database.write(act))

    def approve(
        self,
        id: int,
        by: str,
        at: datetime,
        *,
        two: bool = False,
        due: datetime | None = None,
        sender: str = "",
    ) -> Outgoing:
        """A person's yes. Conflict where it is past that.

        `two`: the writer's own yes is the first only, and the row stays WRITTEN until somebody else says
        theirs. `due`: it leaves by itself then, by `sender`."""

        def act(connection: Connection) -> None:
            known = _known(connection, id)
            first = {"approved_by": clean(by)}
            if two and same_person(by, known.by):
                if known.waits_for_second:
                    raise Conflict(_("Somebody else must approve this answer, too."))
                self._move(connection, id, (Posting.WRITTEN,), Posting.WRITTEN, at, **first)
                desk.note(connection, [known.mention_id], Event(at, by, "approve_first", known.text))
                return
            said = {"second_by": clean(by)} if known.waits_for_second else first
            leaving = {"due_at": maybe_micros(due), "sender": clean(sender)}
            self._move(connection, id, (Posting.WRITTEN,), Posting.APPROVED, at, **said, **leaving)
            desk.note(connection, [known.mention_id], Event(at, by, "approve", known.text))

        self._database.write(act)
        return self.get(id)

    def take_back(self, id: int, by: str, at: datetime) -> Outgoing:
        """Every yes to it is gone, and it is written only. Conflict where it is being sent already."""

        def act(connection: Connection) -> None:
            known = _known(connection, id)
            before = (Posting.APPROVED, *((Posting.WRITTEN,) if known.waits_for_second else ()))
            self._move(connection, id, before, Posting.WRITTEN, at, **_UNSAID)
            desk.note(connection, [known.mention_id], Event(at, by, "take_back", ""))

        self._database.write(act)
        return self.get(id)

    def drop(self, id: int, by: str, at: datetime) -> Outgoing:
        """A written or copied answer that nobody sends or has posted: FAILED, and in the history. One that
        could not leave is put out of sight."""
        states = (Posting.WRITTEN, Posting.COPIED)

        def act(connection: Connection) -> None:
            known = _known(connection, id)
            if known.stranded:
                connection.execute(_O.update(due_at=None).where(_O.id == id))
                return
            why = _("Dropped by {name}.").format(name=clean(by))
            self._move(connection, id, states, Posting.FAILED, at, error=why)
            desk.note(connection, [known.mention_id], Event(at, by, "drop", ""))

        self._database.write(act)
        return self.get(id)

    def posted(self, id: int, text: str, by: str, at: datetime) -> Outgoing:
        """A person has posted it by hand, in these words."""

        def act(connection: Connection) -> None:
            known = _known(connection, id)
            self._move(connection, id, (Posting.COPIED,), Posting.SENT, at, text=clean(text))
            desk.note(connection, [known.mention_id], Event(at, by, "posted", clean(text)))
            desk.answered(connection, known.mention_id, text, by, at)

        self._database.write(act)
        return self.get(id)

    def leaving(self) -> tuple[Outgoing, ...]:
        """Approved ones that leave by themselves, the earliest first."""
        rows = self._read((_O.state == str(Posting.APPROVED)) & _O.due_at.is_null(False), 500)
        return tuple(sorted(rows, key=lambda row: (row.due_at, row.id)))

    def stranded(self) -> tuple[Outgoing, ...]:
        """Those that should have left by themselves and could not, until a person has put them away."""
        return self._read((_O.state == str(Posting.FAILED)) & _O.due_at.is_null(False), 500)

    def moved(self, mention_id: int, basis: Basis) -> Moved:
        """What has been written in the thread since; nothing where the basis is not known."""
        wanted = (_M.platform, _M.native_id, _M.root_id, _M.author_id)
        with self._database.read() as connection:
            row = connection.execute(_M.select(*wanted).where(_M.id == mention_id)).fetchone()
            if row is None or not basis.newest:
                return Moved()
            platform, native_id, root, author = row
            head = root or native_id
            later = (_M.id > basis.newest) & (_M.platform == platform) & (_M.id != mention_id)
            inside = later & ((_M.root_id == head) | (_M.native_id == head))
            ours = _O.select(_O.native_id).where(_O.mention_id == mention_id, _O.native_id != "")
            theirs = inside & (_M.author_id == author) & (_M.author_id != "")
            # Others count where they answer this very comment: under a post somebody always writes.
            below = inside & (_M.parent_id == native_id) & (_M.author_id != author) & (native_id != head)
            edited = EditRow.select(peewee.fn.COUNT(1)).where(
                EditRow.mention_id == mention_id, EditRow.at > (maybe_micros(basis.at) or 0)
            )
            return Moved(
                _number(connection, _M.select(peewee.fn.COUNT(1)).where(theirs)),
                _number(connection, _M.select(peewee.fn.COUNT(1)).where(below & _M.native_id.not_in(ours))),
                bool(basis.at and _number(connection, edited)),
            )

    def begin(
        self, id: int, sender: str, at: datetime, *, again: bool = False, due: datetime | None = None
    ) -> Outgoing:
        """approved → sending, by the first who asks. Conflict where another answer to the mention is under
        way or unclear, or was sent and `again` is not said; or where it is not the one that leaves at
        `due` any more."""

        def act(connection: Connection) -> None:
            known = _known(connection, id)
            _hold(connection, known.mention_id)
            others = _read(connection, (_O.mention_id == known.mention_id) & (_O.id != id), 500)
            for other in others:
                _refuse(other, again=again)
            if due is not None and known.due_at != due:
                raise Conflict(_("This answer was taken back meanwhile."))
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


def _number(connection: Connection, counted: Any) -> int:
    return int(connection.execute(counted).fetchone()[0])


def _hold(connection: Connection, mention_id: int) -> None:
    """Whoever decides about the mention's answers does so alone. SQLite's transaction is that already."""
    if not connection.sqlite:
        connection.execute_sql("SELECT id FROM mention WHERE id = %s FOR UPDATE", (mention_id,))


def _refuse(other: Outgoing, *, again: bool) -> None:
    if other.state is Posting.SENDING:
        told = _("{name} is sending an answer to this mention just now.")
    elif other.state is Posting.UNSURE:
        told = _("An answer by {name} was perhaps sent. Look there, and say first whether it was.")
    elif other.state is Posting.COPIED and not again:
        told = _("{name} has copied an answer to this mention and not yet said whether it was posted.")
    elif other.state is Posting.SENT and not again:
        told = _("{name} has sent an answer to this mention already.")
    else:
        return
    raise Conflict(told.format(name=other.approved_by or _("Somebody")))


def _none() -> NotFound:
    return NotFound(_("There is no such answer in the outbox."))


def _outgoing(row: Any) -> Outgoing:
    id_, mention_id, text, state, key, by, approved_by, written_at, changed_at, native_id, *more = row
    error, way, second_by, reviewer, due_at, sender, basis, based_at, allowed = more
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
        way=Way(way),
        second_by=second_by,
        reviewer=reviewer,
        due_at=maybe_moment(due_at),
        sender=sender,
        basis=Basis(basis, maybe_moment(based_at)),
        allowed=frozenset(Allow(one) for one in allowed.split() if one in tuple(Allow)),
    )
