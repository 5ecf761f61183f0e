"""Alerts on their way to people, each with its receipt.

The table is the queue: what waits here is sent, whatever dies meanwhile. Any thread may call;
writes happen on the writer thread.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from app.domain.delivery import DESKTOP, TOAST, Delivery, Sent
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, maybe_micros, micros, moment, pieces
from app.storage.models import AlertRow
from app.storage.models_desk import ChannelRow, DeliveryRow

_D, _C = DeliveryRow, ChannelRow
_COLUMNS = (
    _D.id, _D.alert_id, _D.channel, _D.person, _D.rung, _D.key, _D.state, _D.due_at, _D.tries,
    _D.created_at, _D.changed_at, _D.error, _D.unsure,
)  # fmt: skip
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Begun:
    """What sets out now, as it was before; nothing, and then `wait` seconds until it is worth asking again
    (None: nothing waits here)."""

    deliveries: tuple[Delivery, ...] = ()
    wait: float | None = None


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

    def next_due(self, *, outside: bool = False) -> datetime | None:
        """When the next one may leave; `outside`: over configured channels only."""
        waits = _D.state == str(Sent.WAITING)
        if outside:
            waits &= _D.channel.not_in((TOAST, DESKTOP))
        wanted = _D.select(_D.due_at).where(waits).order_by(_D.due_at).limit(1)
        with self._database.read() as connection:
            row = connection.execute(wanted).fetchone()
        return None if row is None else moment(row[0])

    def due_channels(self, now: datetime) -> tuple[str, ...]:
        """Configured channels over which something may leave."""
        waits = (_D.state == str(Sent.WAITING)) & (_D.due_at <= micros(now))
        wanted = _D.select(_D.channel).where(waits, _D.channel.not_in((TOAST, DESKTOP))).distinct()
        with self._database.read() as connection:
            return tuple(name for (name,) in connection.execute(wanted).fetchall())

    def begin(
        self, channel_id: int, sender: str, now: datetime, *, lease: float, per_minute: int, most: int
    ) -> Begun:
        """The next message's deliveries over a channel, as far as its pace and rest allow and no other
        program is sending over it. From here on, and until `ended`, nobody knows what becomes of them: that
        is written down first, so that a program killed in between has not lost or hidden anything."""
        at = micros(now)

        def act(connection: Connection) -> Begun:
            free = _C.sender.in_([sender, ""]) | _C.leased_until.is_null() | (_C.leased_until < at)
            put = _C.update(sender=sender, leased_until=at + int(lease * 1e6))
            mine = (_C.id == channel_id) & (_C.removed == False) & free  # noqa: E712  # a column
            if not connection.execute(put.where(mine)).rowcount:
                return Begun(wait=lease / 10)
            row = connection.execute(
                _C.select(_C.pace, _C.rests_until).where(_C.id == channel_id)
            ).fetchone()
            begun, pace = _next(connection, channel_id, at, row, per_minute, most)
            after: dict[str, Any] = {"pace": json.dumps(pace)}
            if not begun.deliveries:
                after |= {"sender": "", "leased_until": None}
            connection.execute(_C.update(after).where(_C.id == channel_id))
            return begun

        return self._database.write(act)

    def ended(
        self,
        channel_id: int,
        deliveries: Sequence[Delivery],
        at: datetime,
        *,
        error: str,
        rests_until: datetime | None = None,
        pause: bool = False,
    ) -> None:
        """What became of those begun: state, due time, remark and doubts as they are given. `error` is the
        channel's: "" when a message has just gone well. Those dropped meanwhile stay dropped."""

        def act(connection: Connection) -> None:
            for one in deliveries:
                values = {
                    "state": str(one.state),
                    "due_at": micros(one.due_at),
                    "error": clean(one.error),
                    "unsure": one.unsure,
                    "changed_at": micros(at),
                }
                waits = (_D.id == one.id) & (_D.state == str(Sent.WAITING))
                connection.execute(_D.update(values).where(waits))
            after: dict[str, Any] = {
                "error": clean(error),
                "rests_until": maybe_micros(rests_until),
                "sender": "",
                "leased_until": None,
            }
            if not error:
                after["good_at"] = micros(at)
            if pause:
                after["paused"] = True
            connection.execute(_C.update(after).where(_C.id == channel_id))

        self._database.write(act)

    def fail(self, channel: str, now: datetime, error: str, *, before: datetime | None = None) -> int:
        """What is due over a channel that cannot send is not delivered; how many. `before`: only what has
        waited since then."""
        waits = (_D.channel == channel) & (_D.state == str(Sent.WAITING)) & (_D.due_at <= micros(now))
        if before is not None:
            waits &= _D.created_at <= micros(before)
        put = _D.update(state=str(Sent.FAILED), changed_at=micros(now), error=clean(error)).where(waits)
        return self._database.write(lambda connection: int(connection.execute(put).rowcount))

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


def _next(
    connection: Connection, channel_id: int, at: int, row: Any, per_minute: int, most: int
) -> tuple[Begun, list[int]]:
    """What may leave now, and the pace kept from here on."""
    kept, rests_until = row
    # What lies ahead of us was written by a clock that has been set back since.
    pace = [one for one in _times(kept) if at - _MINUTE < one <= at]
    if rests_until is not None and at < rests_until <= at + 60 * _MINUTE:
        return Begun(wait=(rests_until - at) / 1e6), pace
    ready = pace[0] + _MINUTE if len(pace) >= per_minute else at
    ready = max(ready, pace[-1] + _MINUTE // per_minute) if pace else ready
    if ready > at:
        return Begun(wait=(ready - at) / 1e6), pace
    due = (_D.channel == str(channel_id)) & (_D.state == str(Sent.WAITING)) & (_D.due_at <= at)
    # The gravest first: a storm of lesser ones must not hold it up.
    wanted = (
        _D.select(*_COLUMNS)
        .join(AlertRow, peewee.JOIN.LEFT_OUTER, on=(AlertRow.id == _D.alert_id))
        .where(due)
        .order_by(AlertRow.severity, _D.due_at, _D.id)
        .limit(most)
    )
    taken = tuple(_delivery(one) for one in connection.execute(wanted).fetchall())
    if not taken:
        return Begun(), pace
    begun = {"unsure": _D.unsure + 1, "tries": _D.tries + 1, "changed_at": at}
    for part in pieces([one.id for one in taken], 500):
        connection.execute(_D.update(begun).where(_D.id.in_(part)))
    return Begun(taken), [*pace, at]


def _times(kept: str) -> list[int]:
    try:
        return sorted(int(one) for one in json.loads(kept or "[]"))
    except (ValueError, TypeError):
        return []


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
        "unsure": one.unsure,
    }


def _delivery(row: Any) -> Delivery:
    (
        id_,
        alert_id,
        channel,
        person,
        rung,
        key,
        state,
        due_at,
        tries,
        created_at,
        changed_at,
        error,
        unsure,
    ) = row
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
        unsure=unsure,
    )
