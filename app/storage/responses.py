"""How deadlines were kept, for the report. Any thread may call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.alert import Severity
from app.domain.desk import Stage
from app.domain.report import FirstResponse, Kept
from app.storage.database import Database
from app.storage.edge import maybe_moment, micros, moment
from app.storage.models import MentionRow
from app.storage.models_desk import DeskRow

_D, _M = DeskRow, MentionRow
_COLUMNS = (
    _D.mention_id, _D.severity, _D.stage, _D.owner, _D.brand_id, _D.published_at, _D.seen_at, _D.due_at,
    _D.answered_at, _D.allowed, _D.first_response, _M.status_by, _M.title, _M.text, _M.url,
)  # fmt: skip
_MOST = 5_000
"""Rows of a report; a sheet nobody would read to its end."""


class Responses:
    """`storage.responses`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def between(
        self,
        since: datetime,
        until: datetime,
        now: datetime,
        *,
        brands: Sequence[int] = (),
        sources: Sequence[int] = (),
    ) -> tuple[FirstResponse, ...]:
        """What was published in the range and came on the desk, the oldest first, 5,000 at the most."""
        where = (_D.published_at >= micros(since)) & (_D.published_at < micros(until))
        if brands:
            where &= _D.brand_id.in_(list(brands))
        if sources:
            where &= _D.source_id.in_(list(sources))
        wanted = _D.select(*_COLUMNS).join(_M, on=(_M.id == _D.mention_id)).where(where)
        with self._database.read() as connection:
            rows = connection.execute(
                wanted.order_by(_D.published_at, _D.mention_id).limit(_MOST)
            ).fetchall()
        return tuple(_response(row, now) for row in rows)


def _response(row: Any, now: datetime) -> FirstResponse:
    (id_, severity, stage, owner, brand_id, published, seen, due, answered, allowed, seconds, status_by,
     title, text, url) = row  # fmt: skip
    due_at, answered_at = maybe_moment(due), maybe_moment(answered)
    return FirstResponse(
        mention_id=id_,
        severity=Severity(severity),
        kept=_kept(Stage(stage), due_at, answered_at, seconds, allowed, now),
        by=(status_by or owner) if answered_at else owner,
        brand_id=brand_id,
        published_at=moment(published),
        seen_at=moment(seen),
        due_at=due_at,
        answered_at=answered_at,
        allowed=allowed,
        seconds=seconds,
        text=text or title,
        url=url,
    )


def _kept(
    stage: Stage,
    due_at: datetime | None,
    answered_at: datetime | None,
    seconds: int | None,
    allowed: int,
    now: datetime,
) -> Kept:
    if answered_at is not None:
        return Kept.LATE if seconds is not None and seconds > allowed else Kept.IN_TIME
    if stage is Stage.DONE:
        return Kept.DROPPED
    if stage is Stage.WAITING:
        return Kept.WAITING
    return Kept.OVERDUE if due_at is not None and due_at <= now else Kept.RUNNING
