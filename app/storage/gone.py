"""Posts that their platform says are deleted, and those the brand's own account answered there.

Any thread may call; each act is one transaction on the writer thread. Of a deleted post the fact stays
(which, when, about whom, in what tone); its words and its author go when their time has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from app.domain.mention import Kind, Status
from app.storage import clocks, search
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.desk import note, put_status
from app.storage.edge import clean, micros, pieces
from app.storage.models import (
    AlertRow,
    EditRow,
    GoingRow,
    MentionRow,
    ModelMarkRow,
    RawRow,
    RevisitRow,
    ScoreRow,
    SeenRow,
)
from app.storage.values import Event

_M = MentionRow
Identity = tuple[str, Kind, str]
"""(platform, kind, native id)."""

FORGOTTEN: dict[str, Any] = {
    "url": "", "title": "", "text": "", "author_name": "", "author_id": "", "author_url": "",
    "author_key": "", "media": "", "region": "", "fingerprint": None,
}  # fmt: skip
"""What is taken away from a row, and how it stands afterwards."""


REMEMBERED = _M.gone_at.is_null() | (_M.text != "") | (_M.title != "")
"""Mentions whose words are still known: only these can be judged, matched or learnt from anew."""


class Gone:
    """Part of `storage.mentions`."""

    _database: Database

    def mark_gone(self, identities: Iterable[Identity], at: datetime) -> int:
        """Deleted on the platform; how many were not known to be. `purge_gone` takes the words away."""

        def act(connection: Connection) -> int:
            ids = [id_ for id_, gone_at in _found(connection, identities) if gone_at is None]
            for part in pieces(ids, 500):
                connection.execute(_M.update(gone_at=micros(at)).where(_M.id.in_(part)))
                rows = [{"mention_id": id_, "at": micros(at)} for id_ in part]
                connection.insert_rows(GoingRow, rows, "ON CONFLICT DO NOTHING")
                connection.execute(RevisitRow.delete().where(RevisitRow.mention_id.in_(part)))
            clocks.gone(connection, ids, at)
            note(connection, ids, Event(at, "", "gone", ""))
            return len(ids)

        wanted = tuple(identities)
        return self._database.write(act) if wanted else 0

    def mark_answered(self, identities: Iterable[Identity], by: str, at: datetime) -> int:
        """The brand answered on the platform itself; how many were not marked answered before."""

        def act(connection: Connection) -> int:
            ids = [id_ for id_, _gone in _found(connection, identities)]
            settled = [str(Status.ANSWERED), str(Status.IGNORED)]
            changed: list[int] = []
            for part in pieces(ids, 500):
                open_ones = _M.id.in_(part) & _M.status.not_in(settled)
                changed += put_status(connection, open_ones, Status.ANSWERED, by, at)
            note(connection, changed, Event(at, by, "status", str(Status.ANSWERED)))
            return len(changed)

        wanted = tuple(identities)
        return self._database.write(act) if wanted else 0

    def purge_gone(self, before: datetime) -> int:
        """Forget the words and authors of what was deleted before then; how many."""

        def act(connection: Connection) -> int:
            due = GoingRow.select(GoingRow.mention_id).where(GoingRow.at < micros(before))
            ids = [id_ for (id_,) in connection.execute(due).fetchall()]
            for part in pieces(ids, 200):
                _forget(connection, part)
            return len(ids)

        return self._database.write(act)


def _found(connection: Connection, identities: Iterable[Identity]) -> list[tuple[int, int | None]]:
    wanted = {(clean(platform), str(kind), clean(native)) for platform, kind, native in identities}
    found: list[tuple[int, int | None]] = []
    for part in pieces(sorted({native for _platform, _kind, native in wanted}), 500):
        rows = connection.execute(
            _M.select(_M.id, _M.gone_at, _M.platform, _M.kind, _M.native_id).where(_M.native_id.in_(part))
        ).fetchall()
        found += [(id_, gone_at) for id_, gone_at, *identity in rows if tuple(identity) in wanted]
    return found


def _forget(connection: Connection, ids: Sequence[int]) -> None:
    """Every place in which the words of these mentions stand."""
    rows = connection.execute(_M.select(_M.id, _M.title, _M.text).where(_M.id.in_(ids))).fetchall()
    for id_, title, text in rows:
        search.replace(connection, id_, (title, text), ("", ""))
    connection.execute(_M.update(FORGOTTEN).where(_M.id.in_(ids)))
    for table in (RawRow, EditRow, SeenRow, GoingRow, ModelMarkRow):
        connection.execute(table.delete().where(table.mention_id.in_(ids)))
    connection.execute(
        ScoreRow.update(evidence="", severity="", note="").where(ScoreRow.mention_id.in_(ids))
    )
    connection.execute(AlertRow.update(body="").where(AlertRow.mention_id.in_(ids)))
