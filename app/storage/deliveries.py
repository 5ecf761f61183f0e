"""Alerts on their way to people, each with its receipt.

The table is the queue: what waits here is sent, whatever dies meanwhile. Any thread may call;
writes happen on the writer thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.delivery import Delivery, Sent
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, micros, moment, pieces
from app.storage.models_desk import DeliveryRow

_D = DeliveryRow
_COLUMNS = (
    _D.id, _D.alert_id, _D.channel, _D.person, _D.rung, _D.key, _D.state, _D.due_at, _D.tries,
    _D.created_at, _D.changed_at, _D.error,
)  # fmt: skip


class Deliveries:
    """`storage.deliveries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, deliveries: Sequence[Delivery]) -> int:
        """How many are new: a key that is known already is that delivery, unchanged."""
        rows = [_columns(one) for one in deliveries]

        def act(connection: Connection) -> int:
            made = 0
            for part in pieces(rows, 100):
                put = _D.insert_many(list(part)).on_conflict_ignore().returning(_D.id)
                made += len(connection.execute(put).fetchall())
            return made

        return self._database.write(act) if rows else 0

    def due(self, now: datetime, limit: int = 500) -> tuple[Delivery, ...]:
        """What waits and may leave, the longest due first."""
        waits = (_D.state == str(Sent.WAITING)) & (_D.due_at <= micros(now))
        return self._read(waits, limit, _D.due_at, _D.id)

    def next_due(self) -> datetime | None:
        """When the next one may leave."""
        wanted = _D.select(_D.due_at).where(_D.state == str(Sent.WAITING)).order_by(_D.due_at).limit(1)
        with self._database.read() as connection:
            row = connection.execute(wanted).fetchone()
        return None if row is None else moment(row[0])

    def of_alert(self, alert_id: int) -> tuple[Delivery, ...]:
        """In the order they were asked for."""
        return self._read(_D.alert_id == alert_id, 500, _D.id)

    def failed(self, since: datetime, limit: int = 200) -> tuple[Delivery, ...]:
        """What could not be delivered since then, the newest first."""
        lost = (_D.state == str(Sent.FAILED)) & (_D.changed_at >= micros(since))
        return self._read(lost, limit, _D.id.desc())

    def put(
        self,
        ids: Sequence[int],
        state: Sent,
        at: datetime,
        *,
        error: str = "",
        due_at: datetime | None = None,
        tries: int | None = None,
    ) -> int:
        """What became of those that still wait; how many there were."""
        values: dict[str, Any] = {"state": str(state), "changed_at": micros(at), "error": clean(error)}
        if due_at is not None:
            values["due_at"] = micros(due_at)
        if tries is not None:
            values["tries"] = tries

        def act(connection: Connection) -> int:
            changed = 0
            for part in pieces(list(dict.fromkeys(ids)), 500):
                waits = _D.id.in_(part) & (_D.state == str(Sent.WAITING))
                changed += connection.execute(_D.update(values).where(waits)).rowcount
            return changed

        return self._database.write(act)

    def drop(self, alert_ids: Sequence[int], at: datetime) -> int:
        """What still waits for these alerts is no longer needed: somebody has acknowledged them."""

        def act(connection: Connection) -> int:
            dropped = 0
            values = {"state": str(Sent.DROPPED), "changed_at": micros(at)}
            for part in pieces(list(dict.fromkeys(alert_ids)), 500):
                waits = _D.alert_id.in_(part) & (_D.state == str(Sent.WAITING))
                dropped += connection.execute(_D.update(values).where(waits)).rowcount
            return dropped

        return self._database.write(act)

    def _read(self, where: Any, limit: int, *order: Any) -> tuple[Delivery, ...]:
        with self._database.read() as connection:
            wanted = _D.select(*_COLUMNS).where(where).order_by(*order).limit(limit)
            rows = connection.execute(wanted).fetchall()
        return tuple(_delivery(row) for row in rows)


def _columns(one: Delivery) -> dict[str, Any]:
    return {
        "alert_id": one.alert_id,
        "channel": clean(one.channel),
        "person": clean(one.person),
        "rung": one.rung,
        "key": clean(one.key),
        "state": str(one.state),
        "due_at": micros(one.due_at),
        "tries": one.tries,
        "created_at": micros(one.created_at),
        "changed_at": micros(one.changed_at),
        "error": clean(one.error),
    }


def _delivery(row: Any) -> Delivery:
    id_, alert_id, channel, person, rung, key, state, due_at, tries, created_at, changed_at, error = row
    return Delivery(
        id=id_,
        alert_id=alert_id,
        channel=channel,
        person=person,
        rung=rung,
        key=key,
        state=Sent(state),
        due_at=moment(due_at),
        tries=tries,
        created_at=moment(created_at),
        changed_at=moment(changed_at),
        error=error,
    )
