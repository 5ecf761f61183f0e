"""Receipts of alerts and their way up the ladder. Part of `alerts.py`; rules as there.

Every step is a compare-and-set in the database: whoever is late finds that it was done.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import peewee

from app.domain.alert import Alert, AlertState, Severity
from app.domain.delivery import DESKTOP, TOAST, Sent
from app.storage.audit import book
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, maybe_micros, maybe_moment, micros, moment, pieces
from app.storage.models import AlertRow
from app.storage.models_desk import DeliveryRow

_A, _D = AlertRow, DeliveryRow
_HERE = (TOAST, DESKTOP)


class Climbing:
    """Of `storage.alerts`."""

    _database: Database

    @abstractmethod
    def _read(self, where: Any, limit: int) -> tuple[Alert, ...]: ...

    def set_climb(self, id: int, at: datetime | None) -> None:
        """When an alert just raised climbs on, unless somebody has acknowledged it by now."""
        put = _A.update(climbs_at=maybe_micros(at)).where((_A.id == id) & _A.acked_at.is_null())
        self._database.write(lambda connection: connection.execute(put))

    def next_climb(self) -> datetime | None:
        """When the next alert climbs."""
        wanted = _A.select(peewee.fn.MIN(_A.climbs_at)).where(_A.climbs_at.is_null(False))
        with self._database.read() as connection:
            return maybe_moment(connection.execute(wanted).fetchone()[0])

    def due_to_climb(self, now: datetime, limit: int = 200) -> tuple[Alert, ...]:
        return self._read(_A.climbs_at.is_null(False) & (_A.climbs_at <= micros(now)), limit)

    def untold(self, since: datetime, until: datetime, limit: int = 50) -> tuple[Alert, ...]:
        """Raised by a rule in that time to disturb somebody, of which there is neither a delivery nor a
        rung to come: whoever raised them ended in between."""
        sent = _D.select(_D.id).where(_D.alert_id == _A.id)
        lost = (
            (_A.state == str(AlertState.OPEN))
            & (_A.toasted == True)  # noqa: E712  # a column, not a truth
            & _A.rule_id.is_null(False)
            & _A.acked_at.is_null()
            & _A.shown_at.is_null()
            & _A.climbs_at.is_null()
            & (_A.rung == 0)
            & (_A.created_at >= micros(since))
            & (_A.created_at <= micros(until))
            & ~peewee.fn.EXISTS(sent)
        )
        return self._read(lost, limit)

    def climb(self, alert: Alert, rung: int, then: datetime | None) -> bool:
        """From where `alert` stood to `rung`; False: it does not stand there, or is acknowledged."""
        same = (
            self._as_it_stood(alert)
            & (_A.rung == alert.rung)
            & _A.acked_at.is_null()
            & (_A.state != str(AlertState.DONE))
        )
        return self._put(_A.update(rung=rung, climbs_at=maybe_micros(then)).where(same))

    def tell_held(self, alert: Alert, title: str, body: str) -> bool:
        """The hour is over: what was held is told in one line; False: another program has done it."""
        said = _A.update(title=clean(title), body=clean(body), climbs_at=None, toasted=True)
        return self._put(said.where(self._as_it_stood(alert)))

    def _as_it_stood(self, alert: Alert) -> Any:
        return (_A.id == alert.id) & (_A.climbs_at == maybe_micros(alert.climbs_at))

    def _put(self, put: Any) -> bool:
        return self._database.write(lambda connection: bool(connection.execute(put).rowcount))

    def acknowledge(self, ids: Sequence[int], by: str, at: datetime) -> tuple[int, ...]:
        """Somebody answers for these: they climb no further, and what waits to be sent is dropped. The ids
        that nobody had acknowledged before."""
        put = _A.update(
            acked_at=micros(at),
            acked_by=clean(by),
            climbs_at=None,
            state=peewee.Case(None, [(_A.state == str(AlertState.OPEN), str(AlertState.SEEN))], _A.state),
        )
        given = {"state": str(Sent.DROPPED), "changed_at": micros(at)}

        def act(connection: Connection) -> tuple[int, ...]:
            done: list[int] = []
            for part in pieces(list(dict.fromkeys(ids)), 400):
                fresh = put.where(_A.id.in_(part) & _A.acked_at.is_null()).returning(_A.id)
                acked = [id_ for (id_,) in connection.execute(fresh).fetchall()]
                for id_ in acked:
                    book(connection, at, by, "acknowledged", f"alert:{id_}")
                done += acked
                waits = _D.alert_id.in_(part) & (_D.state == str(Sent.WAITING))
                connection.execute(_D.update(given).where(waits))
            return tuple(done)

        return self._database.write(act)

    def shown(self, id: int, names: Sequence[str], at: datetime, channel: str = TOAST) -> None:
        """Somebody could see it; `names`: whose deliveries over the channel have arrived by it."""
        first = _A.update(shown_at=micros(at)).where((_A.id == id) & _A.shown_at.is_null())
        came = _D.update(state=str(Sent.SENT), changed_at=micros(at), error="").where(
            (_D.alert_id == id) & (_D.channel == channel) & (_D.state == str(Sent.WAITING))
            & _D.person.in_([clean(one) for one in names])
        )  # fmt: skip

        def act(connection: Connection) -> None:
            connection.execute(first)
            connection.execute(came)

        self._database.write(act)

    def lost(self, id: int, names: Sequence[str], error: str, at: datetime) -> None:
        """The desktop did not show it."""
        put = _D.update(state=str(Sent.FAILED), changed_at=micros(at), error=clean(error)).where(
            (_D.alert_id == id) & (_D.channel == DESKTOP) & (_D.state == str(Sent.WAITING))
            & _D.person.in_([clean(one) for one in names])
        )  # fmt: skip
        self._put(put)

    def seen(self, ids: Sequence[int], by: str, at: datetime) -> None:
        """Somebody has opened these; the first one is kept."""
        put = _A.update(seen_at=micros(at), seen_by=clean(by))

        def act(connection: Connection) -> None:
            for part in pieces(list(dict.fromkeys(ids)), 500):
                connection.execute(put.where(_A.id.in_(part) & _A.seen_at.is_null()))

        self._database.write(act)

    def waiting_for(self, person: str) -> tuple[tuple[int, str, str], ...]:
        """(alert, channel, key) of cards and notifications that a colleague's own program is to show."""
        waits = (_D.state == str(Sent.WAITING)) & _D.channel.in_(_HERE) & (_D.person == clean(person))
        wanted = _D.select(_D.alert_id, _D.channel, _D.key).where(waits).order_by(_D.id).limit(50)
        with self._database.read() as connection:
            return tuple((id_, channel, key) for id_, channel, key in connection.execute(wanted).fetchall())

    def next_expiry(self) -> datetime | None:
        """When the next card is given up."""
        waits = (_D.state == str(Sent.WAITING)) & _D.channel.in_(_HERE)
        with self._database.read() as connection:
            row = connection.execute(_D.select(peewee.fn.MIN(_D.due_at)).where(waits)).fetchone()
        return maybe_moment(row[0])

    def expire(self, now: datetime) -> int:
        """Cards that nobody's window has shown in time."""
        late = (_D.state == str(Sent.WAITING)) & _D.channel.in_(_HERE) & (_D.due_at <= micros(now))
        put = _D.update(state=str(Sent.DROPPED), changed_at=micros(now)).where(late)
        return self._database.write(lambda connection: int(connection.execute(put).rowcount))

    def told(self, id: int, below: int) -> frozenset[str]:
        """Names that were called for this alert by earlier rungs."""
        earlier = (_D.alert_id == id) & (_D.person != "") & (_D.rung < below)
        wanted = _D.select(_D.person).where(earlier).distinct()
        with self._database.read() as connection:
            return frozenset(name for (name,) in connection.execute(wanted).fetchall())

    def load(self, person: str, since: datetime) -> tuple[int, datetime | None]:
        """How many alerts (but lines about held ones) went to a person since then, and the first when."""
        mine = (_D.person == clean(person)) & (_D.created_at >= micros(since)) & (_D.rung == 0)
        mine &= _A.kind != "held"
        counted = peewee.fn.COUNT(peewee.fn.DISTINCT(_D.alert_id)), peewee.fn.MIN(_D.created_at)
        wanted = _D.select(*counted).join(_A, on=(_A.id == _D.alert_id)).where(mine)
        with self._database.read() as connection:
            n, first = connection.execute(wanted).fetchone()
        return int(n), None if first is None else moment(first)

    def hold(self, person: str, now: datetime, until: datetime) -> None:
        """One more alert that a person's budget held back: the line that tells of them counts up."""
        same = (_A.kind == "held") & (_A.whom == clean(person)) & _A.climbs_at.is_null(False)
        made = {
            "kind": "held",
            "severity": str(Severity.P2),
            "title": "",
            "body": "",
            "reason": "",
            "created_at": micros(now),
            "state": str(AlertState.OPEN),
            "copies": 1,
            "toasted": False,
            "delivered": "",
            "climbs_at": micros(until),
            "whom": clean(person),
        }

        def act(connection: Connection) -> None:
            if not connection.execute(_A.update(copies=_A.copies + 1).where(same)).rowcount:
                connection.execute(_A.insert(made))

        self._database.write(act)
