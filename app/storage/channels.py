"""The channels that are configured, how each fares, and what waits for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import peewee

from app.domain.delivery import Sent
from app.storage.connection import Connection
from app.storage.edge import micros
from app.storage.models_desk import ChannelRow, DeliveryRow
from app.storage.outlets import Counts, Outlets

_D = DeliveryRow
_DAY = timedelta(days=1)


class Channels(Outlets):
    """`storage.channels`. What waits for a removed one is not delivered, and says so."""

    table = ChannelRow
    resets = {"rests_until": None}  # noqa: RUF012  # declared in Outlets

    def _counts(self, connection: Connection, now: datetime) -> Counts:
        counted = _D.select(_D.channel, peewee.fn.COUNT(1)).group_by(_D.channel)
        lost = (_D.state == str(Sent.FAILED)) & (_D.changed_at >= micros(now - _DAY))
        waiting = connection.execute(counted.where(_D.state == str(Sent.WAITING))).fetchall()
        failed = connection.execute(counted.where(lost)).fetchall()
        return _numbered(waiting), _numbered(failed)


def _numbered(rows: list[tuple[str, int]]) -> dict[int, int]:
    """Without the toast and the desktop, which have no number."""
    return {int(name): n for name, n in rows if name.isdigit()}
