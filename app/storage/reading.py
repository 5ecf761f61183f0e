"""Rows that match, in the order of the list: shared by the list, the export and the counts.

Functions over a connection lent by the caller; any thread; they only read.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import Any

import peewee

from app.domain.mention import Stored
from app.domain.query import Key, MentionQuery
from app.storage.connection import Connection
from app.storage.edge import pieces
from app.storage.filters import beyond, conditions, order
from app.storage.models import MentionRow, ScoreRow
from app.storage.rows import COLUMNS, Names, stored
from app.storage.search import Sought, sought

_M = MentionRow


def every(wanted: list[Any]) -> Any:
    """All conditions at once; true where there are none."""
    return reduce(operator.and_, wanted) if wanted else peewee.SQL("1 = 1")


def newest(connection: Connection) -> int:
    return int(connection.execute(_M.select(peewee.fn.MAX(_M.id))).fetchone()[0] or 0)


def indexed(asked: Sought | None) -> list[Any]:
    return [] if asked is None or asked.condition is None else [asked.condition]


def rows_of(
    connection: Connection,
    where: Any,
    sort: tuple[Any, ...],
    limit: int | None,
    extra: tuple[Any, ...] = (),
) -> list[Any]:
    wanted = (
        _M.select(*COLUMNS, *extra)
        .join(ScoreRow, peewee.JOIN.LEFT_OUTER, on=(ScoreRow.id == _M.score_id))
        .where(where)
        .order_by(*sort)
    )
    found: list[Any] = connection.execute(wanted.limit(limit) if limit is not None else wanted).fetchall()
    return found


def fetch(
    connection: Connection,
    names: Names,
    where: Any,
    *,
    limit: int | None = None,
    oldest_first: bool = False,
) -> list[Stored]:
    return [
        stored(row, names) for row in rows_of(connection, where, order(oldest_first=oldest_first), limit)
    ]


def matching(connection: Connection, query: MentionQuery, after: Key | None, limit: int) -> list[Stored]:
    names = Names.read(connection)
    asked = sought(query.text, connection)
    wanted = [*conditions(query, names), *indexed(asked)]
    oldest = query.oldest_first
    if asked is None or asked.exact:
        return behind(connection, names, wanted, after=after, limit=limit, oldest_first=oldest)
    return verified(connection, names, asked, wanted, after=after, limit=limit, oldest_first=oldest)


def behind(
    connection: Connection,
    names: Names,
    wanted: list[Any],
    *,
    after: Key | None,
    limit: int,
    oldest_first: bool = False,
) -> list[Stored]:
    """The next rows in key order. First the ids, from the index alone; then only the rows shown."""
    keys = _M.select(_M.id).where(every([*wanted, *beyond(after, oldest_first=oldest_first)]))
    keys = keys.order_by(*order(oldest_first=oldest_first)).limit(limit)
    ids = [id_ for (id_,) in connection.execute(keys).fetchall()]
    made: list[Stored] = []
    for part in pieces(ids, 1000):
        made += fetch(connection, names, _M.id.in_(part), oldest_first=oldest_first)
    return made


def verified(
    connection: Connection,
    names: Names,
    asked: Sought,
    wanted: list[Any],
    *,
    after: Key | None = None,
    limit: int,
    oldest_first: bool = False,
) -> list[Stored]:
    """Candidates in key order, each asked itself, until `limit` have said yes."""
    made: list[Stored] = []
    size = limit + limit // 4
    while len(made) < limit:
        candidates = behind(connection, names, wanted, after=after, limit=size, oldest_first=oldest_first)
        made += [one for one in candidates if asked.matches(one)]
        if len(candidates) < size:
            break
        after = Key(candidates[-1].published_at, candidates[-1].id)
        size = min(2 * size, 2000)
    return made[:limit]
