"""What a source brings hour by hour, the threads that are read again, and the requests a credential made.

Any thread may call; writes happen on the writer thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import peewee

from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, micros, moment, pieces
from app.storage.models import HourRow, MentionRow, QuotaRow, RevisitRow
from app.storage.values import Revisit

_H, _M, _R, _Q = HourRow, MentionRow, RevisitRow, QuotaRow
HOUR = 3_600_000_000
_AT_ONCE = 200


class Seeing:
    """`storage.seeing`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ── volumes ──────────────────────────────────────────────────────────────────────────────

    def hours(self, source_id: int, since: datetime) -> dict[int, int]:
        """Hour (from 1970, UTC) → mentions published in it; hours without any are left out."""
        wanted = _H.select(_H.hour, _H.count).where(
            _H.source_id == source_id, _H.hour >= micros(since) // HOUR
        )
        with self._database.read() as connection:
            return dict(connection.execute(wanted).fetchall())

    def came_late(self, source_id: int, since: datetime, until: datetime, fetched_from: datetime) -> int:
        """Mentions published in the range that were fetched at or after `fetched_from`."""
        wanted = _M.select(peewee.fn.COUNT(1)).where(
            _M.published_at >= micros(since),
            _M.published_at <= micros(until),
            _M.source_id == source_id,
            _M.fetched_at >= micros(fetched_from),
        )
        with self._database.read() as connection:
            return int(connection.execute(wanted).fetchone()[0])

    def first_fetched(self, source_id: int) -> datetime | None:
        """When something of this source was stored for the first time."""
        wanted = _M.select(_M.fetched_at).where(_M.source_id == source_id).order_by(_M.fetched_at).limit(1)
        with self._database.read() as connection:
            row = connection.execute(wanted).fetchone()
        return moment(row[0]) if row else None

    # ── threads ──────────────────────────────────────────────────────────────────────────────

    def put_revisits(self, revisits: Sequence[Revisit]) -> None:
        """New ones and others in place of those that stand; a thread of a source stands once."""
        rows = [_row(one) for one in revisits]

        def act(connection: Connection) -> None:
            for part in pieces(rows, _AT_ONCE):
                connection.insert_rows(
                    RevisitRow,
                    part,
                    "ON CONFLICT (source_id, root) DO UPDATE SET due = excluded.due,"
                    " read_at = excluded.read_at, changed_at = excluded.changed_at,"
                    " velocity = excluded.velocity, failures = excluded.failures, cursor = excluded.cursor",
                )

        if rows:
            self._database.write(act)

    def begin_revisits(self, revisits: Sequence[Revisit]) -> None:
        """Those that are not read again already."""
        rows = [_row(one) for one in revisits]

        def act(connection: Connection) -> None:
            for part in pieces(rows, _AT_ONCE):
                connection.insert_rows(RevisitRow, part, "ON CONFLICT DO NOTHING")

        if rows:
            self._database.write(act)

    def due(self, source_id: int, now: datetime, limit: int) -> tuple[Revisit, ...]:
        """Threads whose time has come, the one that has waited longest first."""
        wanted = (
            _R.select(
                _R.mention_id, _R.source_id, _R.root, _R.due, _R.read_at, _R.changed_at, _R.velocity,
                _R.failures, _R.cursor,
            )
            .where(_R.source_id == source_id, _R.due <= micros(now))
            .order_by(_R.due)
            .limit(limit)
        )  # fmt: skip
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return tuple(map(_revisit, rows))

    def next_due(self) -> dict[int, datetime]:
        """When each source has a thread to be read again."""
        wanted = _R.select(_R.source_id, peewee.fn.MIN(_R.due)).group_by(_R.source_id)
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return {id_: moment(due) for id_, due in rows}

    def drop_revisits(self, mention_ids: Iterable[int]) -> None:
        gone = _R.delete().where(_R.mention_id.in_(list(mention_ids)))
        self._database.write(lambda connection: connection.execute(gone))

    def threads(self) -> dict[int, int]:
        """How many threads of each source are read again."""
        counted = _R.select(_R.source_id, peewee.fn.COUNT(1)).group_by(_R.source_id)
        with self._database.read() as connection:
            return dict(connection.execute(counted).fetchall())

    # ── quotas ───────────────────────────────────────────────────────────────────────────────

    def spend(self, credential: str, day: str, most: int) -> int | None:
        """One request more of this credential's day; how many it has made then. None where it had made
        `most` already: nothing is counted then."""

        def act(connection: Connection) -> int | None:
            mark = connection.database.param
            row = connection.execute_sql(
                f"INSERT INTO quota (credential, day, used) VALUES ({mark}, {mark}, 1)"  # noqa: S608  # marks
                " ON CONFLICT (credential, day) DO UPDATE SET used = quota.used + 1"
                f" WHERE quota.used < {mark} RETURNING used",
                (clean(credential), day, most),
            ).fetchone()
            connection.execute(_Q.delete().where(_Q.credential == credential, _Q.day < day))
            return None if row is None else int(row[0])

        return self._database.write(act)

    def used(self, credential: str, day: str) -> int:
        wanted = _Q.select(_Q.used).where(_Q.credential == credential, _Q.day == day)
        with self._database.read() as connection:
            row = connection.execute(wanted).fetchone()
        return int(row[0]) if row else 0


def count_hours(connection: Connection, source_id: int, published: Iterable[int]) -> None:
    """New mentions of a source, by their publication in microseconds. Inside a write transaction."""
    hours: Mapping[int, int] = Counter(at // HOUR for at in published)
    mark = connection.database.param
    rows = [(source_id, hour, count) for hour, count in sorted(hours.items())]
    connection.execute_many(
        f"INSERT INTO source_hour (source_id, hour, count) VALUES ({mark}, {mark}, {mark})"  # noqa: S608  # marks
        " ON CONFLICT (source_id, hour) DO UPDATE SET count = source_hour.count + excluded.count",
        rows,
    )


def _row(one: Revisit) -> dict[str, Any]:
    return {
        "mention_id": one.mention_id,
        "source_id": one.source_id,
        "root": clean(one.root),
        "due": micros(one.due),
        "read_at": micros(one.read_at),
        "changed_at": micros(one.changed_at),
        "velocity": one.velocity,
        "failures": one.failures,
        "cursor": one.cursor,
    }


def _revisit(row: Any) -> Revisit:
    mention_id, source_id, root, due, read_at, changed_at, velocity, failures, cursor = row
    return Revisit(
        mention_id=mention_id,
        source_id=source_id,
        root=root,
        due=moment(due),
        read_at=moment(read_at),
        changed_at=moment(changed_at),
        velocity=velocity,
        failures=failures,
        cursor=cursor,
    )
