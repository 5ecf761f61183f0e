"""What channels and trackers share in the database: rows that are configured, paused, removed, in trouble.

Any thread may call; writes happen on the writer thread. A removed one keeps its row, so that what refers to
it still has a name. Secrets are in the keyring, never here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from app.domain.outlet import Outlet
from app.errors import NotFound
from app.i18n import N_, _
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, maybe_moment, micros

Counts = tuple[Mapping[int, int], Mapping[int, int]]
"""What waits and what failed, by number."""


class Outlets:
    """The part that both have; `table` is the row's, `resets` what a person's act takes back."""

    table: ClassVar[Any]
    resets: ClassVar[Mapping[str, Any]] = {}
    gone: ClassVar[str] = N_("There is no such channel (any more).")

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, now: datetime | None = None) -> tuple[Outlet, ...]:
        """In the order they were made; with `now`, also what waits and what was lost."""
        with self._database.read() as connection:
            rows = connection.execute(self._wanted().order_by(self.table.id)).fetchall()
            waiting, failed = self._counts(connection, now) if now is not None else ({}, {})
        return tuple(_outlet(row, waiting, failed) for row in rows)

    def get(self, id: int) -> Outlet:
        with self._database.read() as connection:
            row = connection.execute(self._wanted().where(self.table.id == id)).fetchone()
        if row is None:
            raise NotFound(_(self.gone))
        return _outlet(row, {}, {})

    def names(self) -> dict[int, str]:
        """The name of each, those removed among them."""
        with self._database.read() as connection:
            rows = connection.execute(self.table.select(self.table.id, self.table.name)).fetchall()
        return dict(rows)

    def save(self, outlet: Outlet) -> Outlet:
        """Id 0 makes a new one. What was wrong with it is forgotten: a person has just seen to it."""
        columns: dict[str, Any] = {
            "kind": clean(outlet.kind),
            "name": clean(outlet.name),
            "settings": dump(dict(outlet.settings)),
            "paused": outlet.paused,
            "error": "",
            **self.resets,
        }

        def act(connection: Connection) -> int:
            if not outlet.id:
                put = self.table.insert(columns).returning(self.table.id)
                return int(connection.execute(put).fetchone()[0])
            self._update(connection, outlet.id, columns)
            return outlet.id

        return self.get(self._database.write(act))

    def pause(self, id: int, paused: bool) -> None:
        self._put(id, {"paused": paused, **self.resets})

    def remove(self, id: int) -> None:
        self._put(id, {"removed": True})

    def fared(self, id: int, error: str, at: datetime) -> None:
        """How an attempt went; "" for well."""
        good = {} if error else {"good_at": micros(at), **self.resets}
        self._put(id, {"error": clean(error), **good})

    def _put(self, id_: int, values: Mapping[str, Any]) -> None:
        self._database.write(lambda connection: self._update(connection, id_, values))

    def _update(self, connection: Connection, id_: int, values: Mapping[str, Any]) -> None:
        alive = (self.table.id == id_) & (self.table.removed == False)  # noqa: E712  # a column
        if not connection.execute(self.table.update(dict(values)).where(alive)).rowcount:
            raise NotFound(_(self.gone))

    def _wanted(self) -> Any:
        t = self.table
        columns = (t.id, t.kind, t.name, t.settings, t.paused, t.error, t.good_at)
        return t.select(*columns).where(t.removed == False)  # noqa: E712  # a column, not a truth

    def _counts(self, connection: Connection, now: datetime) -> Counts:  # noqa: ARG002  # tables know
        """By number; nothing where the table does not count."""
        return {}, {}


def _outlet(row: Sequence[Any], waiting: Mapping[int, int], failed: Mapping[int, int]) -> Outlet:
    id_, kind, name, settings, paused, error, good_at = row
    return Outlet(
        id=id_,
        kind=kind,
        name=name,
        settings=json.loads(settings) if settings else {},
        paused=bool(paused),
        error=error,
        good_at=maybe_moment(good_at),
        waiting=waiting.get(id_, 0),
        failed=failed.get(id_, 0),
    )
