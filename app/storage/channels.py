"""The ways out that are configured, and how each fares. Their secrets are in the keyring, never here.

Any thread may call; writes happen on the writer thread. A removed one keeps its row, so that receipts still
have a name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import peewee

from app.domain.delivery import ChannelState, Sent
from app.errors import NotFound
from app.i18n import _
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, maybe_moment, micros
from app.storage.models_desk import ChannelRow, DeliveryRow

_C, _D = ChannelRow, DeliveryRow
_COLUMNS = (_C.id, _C.kind, _C.name, _C.settings, _C.paused, _C.error, _C.good_at)
_ALIVE = _C.removed == False  # noqa: E712  # a column, not a truth
_DAY = timedelta(days=1)


class Channels:
    """`storage.channels`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, now: datetime | None = None) -> tuple[ChannelState, ...]:
        """In the order they were made; with `now`, also what waits and what was lost in a day."""
        with self._database.read() as connection:
            rows = connection.execute(_C.select(*_COLUMNS).where(_ALIVE).order_by(_C.id)).fetchall()
            waiting, failed = _counts(connection, now) if now is not None else ({}, {})
        return tuple(_state(row, waiting, failed) for row in rows)

    def get(self, id: int) -> ChannelState:
        with self._database.read() as connection:
            row = connection.execute(_C.select(*_COLUMNS).where(_C.id == id, _ALIVE)).fetchone()
        if row is None:
            raise _gone()
        return _state(row, {}, {})

    def names(self) -> dict[str, str]:
        """The name of each, those removed among them, by its number as receipts have it."""
        with self._database.read() as connection:
            rows = connection.execute(_C.select(_C.id, _C.name)).fetchall()
        return {str(id_): name for id_, name in rows}

    def save(self, channel: ChannelState) -> ChannelState:
        """Id 0 makes a new one. What was wrong with it is forgotten: a person has just seen to it."""
        columns: dict[str, Any] = {
            "kind": clean(channel.kind),
            "name": clean(channel.name),
            "settings": dump(dict(channel.settings)),
            "paused": channel.paused,
            "error": "",
            "rests_until": None,
        }

        def act(connection: Connection) -> int:
            if not channel.id:
                return int(connection.execute(_C.insert(columns).returning(_C.id)).fetchone()[0])
            _update(connection, channel.id, columns)
            return channel.id

        return self.get(self._database.write(act))

    def pause(self, id: int, paused: bool) -> None:
        values = {"paused": paused, "rests_until": None}
        self._database.write(lambda connection: _update(connection, id, values))

    def remove(self, id: int) -> None:
        """What waits for it is not delivered, and says so."""
        self._database.write(lambda connection: _update(connection, id, {"removed": True, "sender": ""}))

    def tested(self, id: int, error: str, at: datetime) -> None:
        """How a person's trial went; "" for well."""
        values: dict[str, Any] = {"error": clean(error)}
        if not error:
            values |= {"good_at": micros(at), "rests_until": None}
        self._database.write(lambda connection: _update(connection, id, values))


def _counts(connection: Connection, now: datetime) -> tuple[dict[str, int], dict[str, int]]:
    counted = _D.select(_D.channel, peewee.fn.COUNT(1)).group_by(_D.channel)
    lost = (_D.state == str(Sent.FAILED)) & (_D.changed_at >= micros(now - _DAY))
    waiting = connection.execute(counted.where(_D.state == str(Sent.WAITING))).fetchall()
    return dict(waiting), dict(connection.execute(counted.where(lost)).fetchall())


def _state(row: Sequence[Any], waiting: dict[str, int], failed: dict[str, int]) -> ChannelState:
    id_, kind, name, settings, paused, error, good_at = row
    return ChannelState(
        id=id_,
        kind=kind,
        name=name,
        settings=json.loads(settings) if settings else {},
        paused=bool(paused),
        error=error,
        good_at=maybe_moment(good_at),
        waiting=waiting.get(str(id_), 0),
        failed=failed.get(str(id_), 0),
    )


def _gone() -> NotFound:
    return NotFound(_("There is no such channel (any more)."))


def _update(connection: Connection, id_: int, values: dict[str, Any]) -> None:
    if not connection.execute(_C.update(values).where(_C.id == id_, _ALIVE)).rowcount:
        raise _gone()
