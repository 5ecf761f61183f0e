"""The bug trackers that are configured, how each fares, and how many of its issues are open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import peewee

from app.domain.ticket import TicketState
from app.i18n import N_
from app.storage.connection import Connection
from app.storage.models_tickets import BugTrackerRow, TicketRow
from app.storage.outlets import Counts, Outlets

_T = TicketRow


class Trackers(Outlets):
    """`storage.trackers`. Issues of a removed one stay as they were last seen."""

    table = BugTrackerRow
    gone = N_("There is no such tracker (any more).")

    def _counts(self, connection: Connection, now: datetime) -> Counts:  # noqa: ARG002  # all of them
        def counted(*states: TicketState) -> dict[int, int]:
            among: Any = _T.state.in_([str(one) for one in states])
            wanted = _T.select(_T.tracker_id, peewee.fn.COUNT(1)).where(among).group_by(_T.tracker_id)
            return dict(connection.execute(wanted).fetchall())

        return counted(TicketState.OPEN), counted(TicketState.UNSURE, TicketState.FAILED)
