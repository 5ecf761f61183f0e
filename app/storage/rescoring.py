"""Judging again what another engine or version has judged, and holding judgements against people's.

Any thread may call; reads only. The walk goes from the newest mention downwards in short stretches,
so that it can be broken off and taken up anywhere; what comes of it is written by `save_scores`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import peewee

from app.domain.sentiment import Tone
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import pieces
from app.storage.filters import names_one_of
from app.storage.gone import REMEMBERED
from app.storage.models import CorrectionRow, MentionRow, ScoreRow, SeenRow
from app.storage.rows import own_first, rivalry
from app.storage.scores import judged, waiting
from app.storage.values import JudgedPair, Stale, Waiting

_M, _S = MentionRow, ScoreRow
_STRETCH = 10_000
"""Mentions looked at in one step."""

Versions = Mapping[int | None, str]
"""The version wanted of the mentions whose first own brand is the key; None: of all others."""


class Rescoring:
    """Part of `storage.mentions`."""

    _database: Database

    def stale(self, engine: str, versions: Versions, before_id: int | None, limit: int) -> Stale:
        """What the next step downwards from `before_id` (None: from the newest) finds to judge again.

        At most `limit` rows, of a stretch of bounded length: it may find none and yet have to go on,
        until `Stale.before_id` is None. Mentions that wait for their first judgement are not among
        them.
        """
        with self._database.read() as connection:
            rivals = rivalry(connection)
            rows = _stretch(connection, before_id)
            found: list[int] = []
            last: int | None = None
            for id_, brands, *by in rows:
                if len(found) == limit:
                    return Stale(_texts(connection, found, rivals), last)
                last = id_
                if by[0] is not None and by != [engine, _wanted(brands, versions, rivals)]:
                    found.append(id_)
            return Stale(_texts(connection, found, rivals), last if len(rows) == _STRETCH else None)

    def stale_count(self, engine: str, versions: Versions) -> int:
        """How many there are to judge again; looks at every judgement in force."""
        counted = (
            _M.select(_M.brands, _S.engine, _S.version, peewee.fn.COUNT(1))
            .join(_S, on=(_S.id == _M.score_id))
            .where(REMEMBERED)
            .group_by(_M.brands, _S.engine, _S.version)
        )
        with self._database.read() as connection:
            rivals = rivalry(connection)
            lines = connection.execute(counted).fetchall()
        return sum(
            count for brands, *by, count in lines if by != [engine, _wanted(brands, versions, rivals)]
        )

    def judged_pairs(
        self, brand_id: int | None, engine: str, version: str | None = None
    ) -> tuple[JudgedPair, ...]:
        """Every text of which a person has said the tone, and what `engine` says of it, by mention.

        `version` None: whatever version judged it last. No brand: all mentions.
        """
        with self._database.read() as connection:
            told = _told(connection, brand_id)
            said = _said(connection, sorted(told), engine, version)
        return tuple(
            JudgedPair(id_, judged(title, text), Tone(tone), corrected, said.get(id_))
            for id_, (title, text, tone, corrected) in sorted(told.items())
        )


def _stretch(connection: Connection, before_id: int | None) -> list[Any]:
    """(id, brands, engine, version) of the next mentions downwards; no engine where none has judged."""
    wanted = (
        _M.select(_M.id, _M.brands, _S.engine, _S.version)
        .join(_S, peewee.JOIN.LEFT_OUTER, on=(_S.id == _M.score_id))
        .where(REMEMBERED)
        .order_by(_M.id.desc())
        .limit(_STRETCH)
    )
    if before_id is not None:
        wanted = wanted.where(_M.id < before_id)
    rows: list[Any] = connection.execute(wanted).fetchall()
    return rows


def _wanted(brands: str, versions: Versions, rivals: Mapping[int, bool]) -> str:
    if brands and len(versions) > 1:
        first = own_first(brands, rivals)[:1]
        if first and not rivals[first[0]] and first[0] in versions:
            return versions[first[0]]
    return versions[None]


def _texts(connection: Connection, ids: Sequence[int], rivals: Mapping[int, bool]) -> tuple[Waiting, ...]:
    """The newest first."""
    made: list[Waiting] = []
    for part in pieces(ids, 500):
        wanted = _M.select(_M.id, _M.revision, _M.title, _M.text, _M.brands).where(_M.id.in_(part))
        rows = connection.execute(wanted.order_by(_M.id.desc())).fetchall()
        made += (waiting(row, rivals) for row in rows)
    return tuple(made)


def _told(connection: Connection, brand_id: int | None) -> dict[int, tuple[str, str, str, bool]]:
    """By mention: title, text, tone, corrected. A correction counts before what was seen and left."""
    about = (_M.id > 0) if brand_id is None else names_one_of([brand_id])
    told: dict[int, tuple[str, str, str, bool]] = {}
    for table in (SeenRow, CorrectionRow):
        wanted = table.select(table.mention_id, _M.title, _M.text, table.tone)
        wanted = wanted.join(_M, on=(_M.id == table.mention_id)).where(about, REMEMBERED)
        for id_, *said in connection.execute(wanted).fetchall():
            told[id_] = (*said, table is CorrectionRow)
    return told


def _said(
    connection: Connection, ids: Sequence[int], engine: str, version: str | None
) -> dict[int, tuple[float, float, float]]:
    """The newest judgement of the text as it stands now."""
    made: dict[int, tuple[float, float, float]] = {}
    for part in pieces(ids, 500):
        wanted = (
            _S.select(_S.mention_id, _S.negative, _S.neutral, _S.positive)
            .join(_M, on=((_M.id == _S.mention_id) & (_M.revision == _S.revision)))
            .where(_S.mention_id.in_(part), _S.engine == engine)
            .order_by(_S.id)
        )
        if version is not None:
            wanted = wanted.where(_S.version == version)
        made |= {id_: tuple(p) for id_, *p in connection.execute(wanted).fetchall()}
    return made
