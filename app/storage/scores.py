"""What the scorer reads and writes. Any thread may call; writes happen on the writer thread.

The queue is the table: a mention waits as long as it names no score. The newest judgements of each
text are kept; the mention names the one in force and carries its tone, unless a person has corrected
it. What is judged for the first time is noted in `untold` (and in `unplaced`, see `stories.py`) in the
same transaction, and stays there until the alarms have looked at it: a program killed in between raises
the alert when it runs again, and a judgement made anew by another version raises none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import peewee

from app.domain.sentiment import Score
from app.storage import tones
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import pieces
from app.storage.models import MentionRow, ScoreRow, UntoldRow
from app.storage.models_warning import UnplacedRow
from app.storage.rows import own_first, rivalry
from app.storage.values import Judged, Waiting
from app.storage.written import in_text, leaning, write_aspects, write_score

_M, _S = MentionRow, ScoreRow
_AT_ONCE = 400
_KEPT = 4
"""Judgements kept of one text."""
_AGAIN = (
    "ON CONFLICT (mention_id, revision, engine, version) DO UPDATE SET value = excluded.value,"
    " tone = excluded.tone, negative = excluded.negative, neutral = excluded.neutral,"
    " positive = excluded.positive, evidence = excluded.evidence, aspects = excluded.aspects,"
    " severity = excluded.severity, towards = excluded.towards, note = excluded.note"
    " RETURNING id, mention_id, engine, version"
)
_IN_FORCE = (
    "WITH fresh (id, score_id, tone, aspects) AS (VALUES {rows}) UPDATE mention SET"
    " score_id = fresh.score_id, aspects = fresh.aspects,"
    " tone = CASE WHEN mention.corrected THEN mention.tone ELSE fresh.tone END"
    " FROM fresh WHERE mention.id = fresh.id"
)


class _Known(NamedTuple):
    """A mention that waits for one of the judgements at hand."""

    revision: int
    title: str
    score_id: int | None
    named: tones.Named


class Scores:
    """Part of `storage.mentions`."""

    _database: Database

    def unscored(self, limit: int) -> tuple[Waiting, ...]:
        """What waits, the newest publications first."""
        wanted = _M.select(_M.id, _M.revision, _M.title, _M.text, _M.brands).where(_M.score_id.is_null())
        with self._database.read() as connection:
            rivals = rivalry(connection)
            rows = connection.execute(wanted.order_by(_M.published_at.desc()).limit(limit)).fetchall()
        return tuple(waiting(row, rivals) for row in rows)

    def unscored_count(self) -> int:
        with self._database.read() as connection:
            counted = _M.select(peewee.fn.COUNT(1)).where(_M.score_id.is_null())
            return int(connection.execute(counted).fetchone()[0])

    def save_scores(self, scores: Sequence[tuple[int, int, Score]]) -> Judged:
        """(id, revision, score); the last of two for one mention is the one in force.

        A score for a text that has been edited since, or for a mention that is gone, is let drop.
        """

        def act(connection: Connection) -> Judged:
            rivals = rivalry(connection)
            done = [_save(connection, part, rivals) for part in pieces(scores, _AT_ONCE)]
            first = (id_ for one in done for id_ in one.first)
            return Judged(sum(one.saved for one in done), tuple(dict.fromkeys(first)))

        return self._database.write(act) if scores else Judged()

    def untold(self, limit: int) -> tuple[int, ...]:
        """Mentions judged for the first time at which the alarms have not looked, oldest rows first."""
        wanted = UntoldRow.select(UntoldRow.mention_id).order_by(UntoldRow.mention_id).limit(limit)
        with self._database.read() as connection:
            return tuple(id_ for (id_,) in connection.execute(wanted).fetchall())

    def told(self, ids: Sequence[int]) -> None:
        """The alarms have looked at these."""

        def act(connection: Connection) -> None:
            for part in pieces(ids, _AT_ONCE):
                connection.execute(UntoldRow.delete().where(UntoldRow.mention_id.in_(part)))

        if ids:
            self._database.write(act)


def judged(title: str, text: str) -> str:
    """What the scorer is given to read."""
    return f"{title}\n{text}" if title else text


def waiting(row: Sequence[Any], rivals: Mapping[int, bool]) -> Waiting:
    """From (id, revision, title, text, brands)."""
    id_, revision, title, text, brands = row
    return Waiting(id_, revision, judged(title, text), own_first(brands, rivals) if brands else ())


def _save(
    connection: Connection, scores: Sequence[tuple[int, int, Score]], rivals: Mapping[int, bool]
) -> Judged:
    """A few statements for the whole batch: one a row would make judging four times as slow."""
    known = _known(connection, sorted({int(id_) for id_, _revision, _score in scores}))
    # By identity, because a statement may not meet the same row twice.
    fresh: dict[tuple[int, str, str], tuple[int, Score]] = {}
    for id_, revision, score in scores:
        if id_ in known and known[id_].revision == revision:
            fresh.pop((id_, score.engine, score.version), None)
            fresh[id_, score.engine, score.version] = id_, in_text(score, known[id_].title)
    if not fresh:
        return Judged()
    columns = [write_score(id_, known[id_].revision, score) for id_, score in fresh.values()]
    made = connection.insert_rows(ScoreRow, columns, _AGAIN).fetchall()
    places = {(mention, engine, version): id_ for id_, mention, engine, version in made}
    force = {
        id_: (places[id_, line["engine"], line["version"]], score)
        for (id_, score), line in zip(fresh.values(), columns, strict=True)
    }
    _put_in_force(connection, force)
    first = tuple(id_ for id_ in force if known[id_].score_id is None)
    _note_untold(connection, first)
    _follow(connection, force, known, rivals)
    _prune(connection, [id_ for id_ in force if known[id_].score_id is not None])
    return Judged(len(fresh), first)


def _known(connection: Connection, ids: Sequence[int]) -> dict[int, _Known]:
    wanted = _M.select(_M.revision, _M.title, _M.score_id, *tones.COLUMNS)
    # Written out: a parameter each would take longer to compile than to run.
    wanted = wanted.where(_M.id.in_(peewee.SQL(f"({','.join(map(str, ids))})")))
    if not connection.sqlite:
        # Another program may judge the same rows: only one of us is the first.
        wanted = wanted.order_by(_M.id).for_update()
    rows = connection.execute(wanted).fetchall()
    return {row[3]: _Known(row[0], row[1], row[2], tones.Named(*row[3:])) for row in rows}


def _put_in_force(connection: Connection, force: Mapping[int, tuple[int, Score]]) -> None:
    mark = connection.database.param
    one = f"({mark}, {mark}, {mark}, {mark})"
    cells = [
        cell
        for id_, (score_id, score) in force.items()
        for cell in (id_, score_id, score.tone.value, write_aspects(score.aspects))
    ]
    connection.execute_sql(_IN_FORCE.format(rows=", ".join([one] * len(force))), cells)


def _note_untold(connection: Connection, first: Sequence[int]) -> None:
    if first:
        rows = [{"mention_id": id_} for id_ in first]
        for queue in (UntoldRow, UnplacedRow):
            connection.insert_rows(queue, rows, "ON CONFLICT DO NOTHING")


def _follow(
    connection: Connection,
    force: Mapping[int, tuple[int, Score]],
    known: Mapping[int, _Known],
    rivals: Mapping[int, bool],
) -> None:
    """The tones towards brands, from what is at hand."""
    rows: list[dict[str, Any]] = []
    for id_, (_score_id, score) in force.items():
        if known[id_].named.brands:
            towards = {one.brand_id: leaning(one) for one in score.towards}
            rows += tones.rows_for(known[id_].named, leaning(score), towards, rivals)
    tones.put(connection, rows)


def _prune(connection: Connection, again: Sequence[int]) -> None:
    """Of each text the newest judgements, and the one in force, which may be an older one renewed."""
    if not again:
        return
    wanted = (
        _S.select(_S.id, _S.mention_id, _S.revision, _M.score_id)
        .join(_M, on=(_M.id == _S.mention_id))
        .where(_S.mention_id.in_(again))
        .order_by(_S.id.desc())
    )
    counts: dict[tuple[int, int], int] = {}
    gone = []
    for id_, mention_id, revision, in_force in connection.execute(wanted).fetchall():
        place = counts[mention_id, revision] = counts.get((mention_id, revision), 0) + 1
        if place > _KEPT and id_ != in_force:
            gone.append(id_)
    for part in pieces(gone, _AT_ONCE):
        connection.execute(_S.delete().where(_S.id.in_(part)))
