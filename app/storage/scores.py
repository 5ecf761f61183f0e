"""What the scorer reads and writes. Any thread may call; writes happen on the writer thread.

The queue is the table: a mention waits as long as it names no score. Every judgement ever made is
kept; the mention names the one in force and carries its tone, unless a person has corrected it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any

import peewee

from app.domain.sentiment import Score
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, finite
from app.storage.models import MentionRow, ScoreRow
from app.storage.saving import pieces

_M = MentionRow
_AT_ONCE = 400
_AGAIN = (
    "ON CONFLICT (mention_id, revision, engine, version) DO UPDATE SET value = excluded.value,"
    " tone = excluded.tone, negative = excluded.negative, neutral = excluded.neutral,"
    " positive = excluded.positive, evidence = excluded.evidence RETURNING id"
)


class Scores:
    """Part of `storage.mentions`."""

    _database: Database

    def unscored(self, limit: int) -> tuple[tuple[int, int, str], ...]:
        """(id, revision, title and text as judged), the newest publications first."""
        wanted = _M.select(_M.id, _M.revision, _M.title, _M.text).where(_M.score_id.is_null())
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_M.published_at.desc()).limit(limit)).fetchall()
        return tuple((id_, revision, judged(title, text)) for id_, revision, title, text in rows)

    def unscored_count(self) -> int:
        with self._database.read() as connection:
            counted = _M.select(peewee.fn.COUNT(1)).where(_M.score_id.is_null())
            return int(connection.execute(counted).fetchone()[0])

    def save_scores(self, scores: Sequence[tuple[int, int, Score]]) -> int:
        """(id, revision, score); how many took effect.

        A score for a text that has been edited since, or for a mention that is gone, is let drop.
        """

        def act(connection: Connection) -> int:
            return sum(_save(connection, part) for part in pieces(scores, _AT_ONCE))

        return self._database.write(act) if scores else 0


def judged(title: str, text: str) -> str:
    """What the scorer is given to read."""
    return f"{title}\n{text}" if title else text


def _in_text(score: Score, title: str) -> Score:
    """Spans of what was judged become spans of the text alone; what stands in the title is let go."""
    ahead = len(title) + 1 if title else 0
    kept = (one for one in score.evidence if one.start >= ahead)
    return replace(
        score, evidence=tuple(replace(one, start=one.start - ahead, end=one.end - ahead) for one in kept)
    )


def _save(connection: Connection, scores: Sequence[tuple[int, int, Score]]) -> int:
    """Three statements for the whole batch: one a row would make judging four times as slow."""
    wanted = _M.select(_M.id, _M.revision, _M.title).where(
        _M.id.in_([id_ for id_, _revision, _score in scores])
    )
    known = {(id_, revision): title for id_, revision, title in connection.execute(wanted).fetchall()}
    fresh = {
        (id_, revision, score.engine, score.version): _columns(
            id_, revision, _in_text(score, known[id_, revision])
        )
        for id_, revision, score in scores
        if (id_, revision) in known
    }
    if not fresh:
        return 0
    put = connection.insert_rows(ScoreRow, list(fresh.values()), _AGAIN)
    kept = [id_ for (id_,) in put.fetchall()]
    tone = peewee.Case(None, [(_M.corrected == True, _M.tone)], ScoreRow.tone)  # noqa: E712  # a column
    named = _M.update(score_id=ScoreRow.id, tone=tone).from_(ScoreRow)
    connection.execute(named.where(ScoreRow.id.in_(kept), ScoreRow.mention_id == _M.id))
    return len(kept)


def _columns(id_: int, revision: int, score: Score) -> dict[str, Any]:
    return {
        "mention_id": id_,
        "revision": revision,
        "engine": clean(score.engine),
        "version": clean(score.version),
        "value": finite(score.value) or 0.0,
        "tone": str(score.tone),
        "negative": finite(score.negative) or 0.0,
        "neutral": finite(score.neutral) or 0.0,
        "positive": finite(score.positive) or 0.0,
        "evidence": dump([astuple(one) for one in score.evidence]) if score.evidence else "",
    }
