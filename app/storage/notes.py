"""What colleagues say to each other about a mention. Append-only; never sent anywhere.

Any thread may call; writes happen on the writer thread. A note that names somebody with @ is unread
until they have had the mention open after it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import peewee

from app.domain.queue import Note
from app.errors import ConfigError, NotFound
from app.i18n import _
from app.storage import queue
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, micros, moment, pieces
from app.storage.filters import contains
from app.storage.models import MentionRow
from app.storage.models_desk import NoteRow, ViewingRow

_N, _V = NoteRow, ViewingRow
_COLUMNS = (_N.id, _N.mention_id, _N.at, _N.by, _N.text, _N.to)
LONGEST = 4000
"""Characters of a note."""


class Notes:
    """`storage.notes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, mention_id: int, text: str, to: Sequence[str], by: str, at: datetime) -> Note:
        """ConfigError where it says nothing, or too much."""
        id_ = self._database.write(lambda connection: put(connection, mention_id, text, to, by, at))
        return next(one for one in self.of(mention_id) if one.id == id_)

    def of(self, mention_id: int) -> tuple[Note, ...]:
        """In the order they were written."""
        return self._read(_N.mention_id == mention_id, (_N.id.asc(),), None)

    def last_of(self, ids: Sequence[int]) -> dict[int, tuple[int, Note]]:
        """By mention: how many notes, and the last."""
        found: dict[int, tuple[int, Note]] = {}
        with self._database.read() as connection:
            for part in pieces(ids, 500):
                counted = _N.select(peewee.fn.COUNT(1), peewee.fn.MAX(_N.id))
                rows = connection.execute(
                    counted.where(_N.mention_id.in_(part)).group_by(_N.mention_id)
                ).fetchall()
                counts = {last: count for count, last in rows}
                notes = connection.execute(_N.select(*_COLUMNS).where(_N.id.in_(list(counts)))).fetchall()
                found.update((row[1], (counts[row[0]], _note(row))) for row in notes)
        return found

    def to(self, who: str, *, unread: bool = False, limit: int = 100) -> tuple[Note, ...]:
        """Those that name `who`, the newest first."""
        # The sum keeps SQLite from walking all notes in the order of their numbers.
        return self._read(_to(who, unread=unread), ((_N.id + 0).desc(),), limit)

    def unread(self, who: str) -> int:
        counted = _N.select(peewee.fn.COUNT(1)).where(_to(who, unread=True))
        with self._database.read() as connection:
            return int(connection.execute(counted).fetchone()[0])

    def _read(self, where: Any, sort: tuple[Any, ...], limit: int | None) -> tuple[Note, ...]:
        wanted = _N.select(*_COLUMNS).where(where).order_by(*sort)
        with self._database.read() as connection:
            rows = connection.execute(wanted.limit(limit) if limit else wanted).fetchall()
        return tuple(_note(row) for row in rows)


def put(
    connection: Connection, mention_id: int, text: str, to: Iterable[str], by: str, at: datetime
) -> int:
    """Inside the caller's transaction; a sign of life of who holds the mention."""
    said = clean(text).strip()
    if not said:
        raise ConfigError(_("The note says nothing yet."), field="text")
    if len(said) > LONGEST:
        told = _("A note has {most} characters at the most; this one has {n}.")
        raise ConfigError(told.format(most=LONGEST, n=len(said)), field="text")
    if (
        connection.execute(MentionRow.select(MentionRow.id).where(MentionRow.id == mention_id)).fetchone()
        is None
    ):
        raise NotFound(_("This mention is not in the database (any more)."))
    queue.renew(connection, mention_id, by, at)
    row = _N.insert(mention_id=mention_id, at=micros(at), by=clean(by), text=said, to=_write_names(to))
    return int(connection.execute(row.returning(_N.id)).fetchone()[0])


def named_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that stand behind an @, the longer name before its beginning. Pure."""
    longest = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    found = []
    for part in text.replace("＠", "@").split("@")[1:]:
        name = next((one for one in longest if part.startswith(one)), "")
        if name and name not in found:
            found.append(name)
    return tuple(found)


def _to(who: str, *, unread: bool) -> Any:
    # Most notes call nobody: those are passed over by the index.
    named = (_N.to > "") & contains(_N.to, _write_names([who]) or ",,") & (_N.by != clean(who))
    if not unread:
        return named
    looked = _V.select(_V.at).where(_V.mention_id == _N.mention_id, _V.who == clean(who))
    return named & (_N.at > peewee.fn.COALESCE(looked, 0))


def _write_names(names: Iterable[str]) -> str:
    """ ",小王,小李,"; a comma of a name becomes a full-width one."""
    said = [clean(name).replace(",", "，") for name in names if name.strip()]
    return f",{','.join(said)}," if said else ""


def _note(row: Any) -> Note:
    id_, mention_id, at, by, text, to = row
    names = tuple(name for name in to.split(",") if name)
    return Note(id=id_, mention_id=mention_id, at=moment(at), by=by, text=text, to=names)
