"""The sources configured, how each fares, and the gaps in what was seen.

Any thread may call; writes happen on the writer thread. A removed source leaves the list but keeps
its row, so that its mentions and gaps still have a name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import peewee

from app.domain.clock import Clock
from app.domain.seeing import GapLine, Outcome
from app.domain.watch import Health, Source, SourceState
from app.errors import NotFound
from app.i18n import _
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, maybe_micros, maybe_moment, micros, moment
from app.storage.models import GapRow, MentionRow, SourceRow

_S, _G = SourceRow, GapRow
_COLUMNS = (
    _S.id, _S.kind, _S.name, _S.settings, _S.brand_id, _S.every, _S.paused, _S.health, _S.last_poll_at,
    _S.last_good_at, _S.next_poll_at, _S.failures, _S.error, _S.mentions, _S.skipped,
    _S.canary, _S.sight, _S.blind,
)  # fmt: skip


class Sources:
    """`storage.sources`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> tuple[SourceState, ...]:
        """In the order they were made."""
        return self._read(_S.removed == False)  # noqa: E712  # a column, not a truth

    def get(self, id: int) -> SourceState:
        found = self._read((_S.id == id) & (_S.removed == False))  # noqa: E712  # a column, not a truth
        if not found:
            raise _gone()
        return found[0]

    def save(self, source: Source) -> Source:
        """Id 0 makes a new one; health and cursor of a known one stay."""

        def act(connection: Connection) -> int:
            if not source.id:
                return int(connection.execute(_S.insert(_columns(source)).returning(_S.id)).fetchone()[0])
            _update(connection, source.id, _columns(source))
            return source.id

        return self.get(self._database.write(act)).source

    def remove(self, id: int) -> None:
        """Its mentions stay. A gap still open is closed now: nobody is looking any more."""
        now = micros(self._clock.now())

        def act(connection: Connection) -> None:
            _update(connection, id, {"removed": True, "cursor": None})
            connection.execute(_G.update(until=now).where(_G.source_id == id, _G.until.is_null()))

        self._database.write(act)

    def cursor(self, id: int) -> str | None:
        with self._database.read() as connection:
            row = connection.execute(_S.select(_S.cursor).where(_S.id == id)).fetchone()
        return None if row is None else row[0]

    def reset_cursor(self, id: int) -> None:
        """The next poll starts from the beginning; what is known already is known again by its id."""
        self._database.write(lambda connection: _update(connection, id, {"cursor": None}))

    def set_health(
        self,
        id: int,
        health: Health,
        *,
        error: str = "",
        failures: int,
        last_poll_at: datetime | None,
        last_good_at: datetime | None = None,
        next_poll_at: datetime | None = None,
        skipped_add: int = 0,
    ) -> None:
        """`last_good_at` None leaves the one there is. A source removed during its poll is passed over."""
        changes: dict[str, Any] = {
            "health": str(health),
            "error": clean(error),
            "failures": failures,
            "last_poll_at": maybe_micros(last_poll_at),
            "next_poll_at": maybe_micros(next_poll_at),
            "skipped": _S.skipped + skipped_add,
        }
        if last_good_at is not None:
            changes["last_good_at"] = micros(last_good_at)
        put = _S.update(changes).where(_S.id == id, _S.removed == False)  # noqa: E712  # a column, not a truth
        self._database.write(lambda connection: connection.execute(put))

    def put_states(self, states: Sequence[tuple[SourceState, int]]) -> None:
        """Several sources' health in one transaction; with each, how many items more were skipped."""

        def act(connection: Connection) -> None:
            for state, skipped in states:
                changes = {
                    "health": str(state.health),
                    "error": clean(state.error),
                    "failures": state.failures,
                    "last_poll_at": maybe_micros(state.last_poll_at),
                    "last_good_at": maybe_micros(state.last_good_at),
                    "next_poll_at": maybe_micros(state.next_poll_at),
                    "skipped": _S.skipped + skipped,
                    "sight": clean(state.sight),
                    "blind": clean(state.blind),
                }
                alive = (_S.id == state.source.id) & (_S.removed == False)  # noqa: E712  # a column
                connection.execute(_S.update(changes).where(alive, _S.paused == state.source.paused))

        if states:
            self._database.write(act)

    # ── gaps ─────────────────────────────────────────────────────────────────────────────────

    def open_gap(self, id: int, since: datetime, reason: str, cause: str = "") -> None:
        """Blind from here on; a gap already open goes on, with the newer reason."""

        def act(connection: Connection) -> None:
            put = {"reason": clean(reason), "cause": clean(cause)}
            again = _G.update(put).where(_G.source_id == id, _G.until.is_null())
            if not connection.execute(again).rowcount:
                connection.execute(_G.insert(source_id=id, since=micros(since), until=None, **put))

        self._database.write(act)

    def close_gap(
        self,
        id: int,
        until: datetime,
        *,
        found: int = 0,
        outcome: Outcome | None = None,
        unseen_until: datetime | None = None,
    ) -> None:
        """Seeing again, and what came of what was missed; nothing happens where no gap is open."""
        put: dict[str, Any] = {
            "until": micros(until),
            "found": found,
            "outcome": str(outcome or ""),
            "unseen_until": maybe_micros(unseen_until),
        }
        close = _G.update(put).where(_G.source_id == id, _G.until.is_null())
        self._database.write(lambda connection: connection.execute(close))

    def open_gaps(self) -> dict[int, datetime]:
        """Since when each source cannot be read; those that can be are not among them."""
        wanted = _G.select(_G.source_id, peewee.fn.MIN(_G.since)).where(_G.until.is_null())
        with self._database.read() as connection:
            rows = connection.execute(wanted.group_by(_G.source_id)).fetchall()
        return {id_: moment(since) for id_, since in rows}

    def gaps(self, since: datetime, until: datetime, source_id: int | None = None) -> tuple[GapLine, ...]:
        """Gaps that touch the range, oldest first; whole, not cut to it."""
        wanted = (
            _G.select(
                _S.name, _G.since, _G.until, _G.reason, _G.id, _G.source_id, _G.cause, _G.found,
                _G.outcome, _G.unseen_until,
            )
            .join(_S, on=(_S.id == _G.source_id))
            .where(_G.since < micros(until), _G.until.is_null() | (_G.until > micros(since)))
            .order_by(_G.since, _G.id)
        )  # fmt: skip
        if source_id is not None:
            wanted = wanted.where(_G.source_id == source_id)
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return tuple(map(_gap, rows))

    def _read(self, where: Any) -> tuple[SourceState, ...]:
        midnight = self._clock.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        fresh = (
            MentionRow.select(MentionRow.source_id, peewee.fn.COUNT(1))
            .where(MentionRow.fetched_at >= micros(midnight))
            .group_by(MentionRow.source_id)
        )
        with self._database.read() as connection:
            rows = connection.execute(_S.select(*_COLUMNS).where(where).order_by(_S.id)).fetchall()
            today = dict(connection.execute(fresh).fetchall())
        return tuple(_state(row, today) for row in rows)


def _gap(row: Any) -> GapLine:
    name, start, end, reason, id_, source_id, cause, found, outcome, unseen = row
    return GapLine(
        source=name,
        since=moment(start),
        until=maybe_moment(end),
        reason=reason,
        id=id_,
        source_id=source_id,
        cause=cause,
        found=found,
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        unseen_until=maybe_moment(unseen),
    )


def _gone() -> NotFound:
    return NotFound(_("There is no such source (any more)."))


def _update(connection: Connection, id_: int, changes: Mapping[str, Any]) -> None:
    alive = (_S.id == id_) & (_S.removed == False)  # noqa: E712  # a column, not a truth
    if not connection.execute(_S.update(dict(changes)).where(alive)).rowcount:
        raise _gone()


def _columns(source: Source) -> dict[str, Any]:
    return {
        "kind": clean(source.kind),
        "name": clean(source.name),
        "settings": dump(dict(source.settings)),
        "brand_id": source.brand_id,
        "every": source.every,
        "paused": source.paused,
        "canary": clean(source.canary),
    }


def _state(row: Any, today: Mapping[int, int]) -> SourceState:
    (id_, kind, name, settings, brand_id, every, paused, health, last_poll_at, last_good_at, next_poll_at,
     failures, error, mentions, skipped, canary, sight, blind) = row  # fmt: skip
    source = Source(
        id=id_,
        kind=kind,
        name=name,
        settings=json.loads(settings),
        brand_id=brand_id,
        every=every,
        paused=bool(paused),
        canary=canary,
    )
    return SourceState(
        source=source,
        health=Health(health),
        last_poll_at=maybe_moment(last_poll_at),
        last_good_at=maybe_moment(last_good_at),
        next_poll_at=maybe_moment(next_poll_at),
        failures=failures,
        error=error,
        mentions=mentions,
        today=today.get(id_, 0),
        skipped=skipped,
        sight=sight,
        blind=blind,
    )
