"""Who wrote a mention, from what is stored of the same author. Any thread; reads only.

Every figure comes with the mentions it rests on. The newest `LOOKED_AT` mentions are looked at; all are
counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import peewee

from app.domain.mention import Stored
from app.domain.queue import (
    FIGURE_IDS,
    LONG_KNOWN_DAYS,
    LOYAL,
    REPEAT,
    REPEAT_DAYS,
    SELDOM,
    AuthorCard,
    EarlierAnswer,
    Figure,
)
from app.domain.sentiment import Tone
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import micros, moment, pieces
from app.storage.models import AnswerRow, MentionRow
from app.storage.rows import author_key

_M, _A = MentionRow, AnswerRow
LOOKED_AT = 2000
ANSWERS = 10


class Said(NamedTuple):
    """What is looked at of one of an author's mentions."""

    id: int
    published_at: int
    tone: str | None
    followers: int | None
    title: str
    text: str


class Authors:
    """`storage.authors`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def card(self, stored: Stored, now: datetime, complains: Callable[[str], bool]) -> AuthorCard:
        """`complains`: does a complaint word stand in this text? Asked of the last REPEAT_DAYS only."""
        same = same_author(stored)
        with self._database.read() as connection:
            said = _said(connection, same)
            total = _count(connection, same)
            answers = _answers(connection, [one.id for one in said])
        trouble = _trouble(said, now, complains)
        return _card(stored, said, total, trouble, answers, now)


def same_author(stored: Stored) -> Any:
    """The same native id, else the same name without one, on the same platform; else only this one."""
    author = stored.mention.author
    if author.native_id:
        by = _M.author_id == author.native_id
    elif author.name.strip():
        by = (_M.author_key == author_key(author.name)) & (_M.author_id == "")
    else:
        return _M.id == stored.id
    return by & (_M.platform == stored.mention.platform)


def _said(connection: Connection, same: Any) -> list[Said]:
    wanted = _M.select(_M.id, _M.published_at, _M.tone, _M.followers, _M.title, _M.text).where(same)
    wanted = wanted.order_by(_M.published_at.desc(), _M.id.desc()).limit(LOOKED_AT)
    return [Said(*row) for row in connection.execute(wanted).fetchall()]


def _trouble(said: Sequence[Said], now: datetime, complains: Callable[[str], bool]) -> list[Said]:
    since = micros(now - timedelta(days=REPEAT_DAYS))
    return [
        one
        for one in said
        if one.published_at >= since
        and (
            one.tone == str(Tone.NEGATIVE)
            or (one.tone != str(Tone.POSITIVE) and complains(f"{one.title}\n{one.text}"))
        )
    ]


def _count(connection: Connection, same: Any) -> int:
    counted = _M.select(peewee.fn.COUNT(1)).where(same)
    return int(connection.execute(counted).fetchone()[0])


def _answers(connection: Connection, ids: Sequence[int]) -> list[EarlierAnswer]:
    """The newest first."""
    rows: list[Any] = []
    for part in pieces(ids, 500):
        wanted = _A.select(_A.mention_id, _A.text, _A.by, _A.at).where(_A.mention_id.in_(part))
        rows += connection.execute(wanted).fetchall()
    rows.sort(key=lambda row: row[3], reverse=True)
    return [EarlierAnswer(mention_id=id_, text=text, by=by, at=moment(at)) for id_, text, by, at in rows]


def _card(
    stored: Stored,
    said: Sequence[Said],
    total: int,
    trouble: Sequence[Said],
    answers: Sequence[EarlierAnswer],
    now: datetime,
) -> AuthorCard:
    author = stored.mention.author
    bad = [one for one in said if one.tone == str(Tone.NEGATIVE)]
    good = [one for one in said if one.tone == str(Tone.POSITIVE)]
    first = moment(said[-1].published_at) if said else None
    repeat = len(trouble) >= REPEAT
    followers = next((one.followers for one in said if one.followers is not None), author.followers)
    return AuthorCard(
        name=author.name,
        platform=stored.mention.platform,
        url=author.url,
        followers=followers,
        verified=author.verified,
        mentions=Figure(total, tuple(one.id for one in said[:FIGURE_IDS])),
        counted=len(said),
        negative=_figure(one.id for one in bad),
        positive=_figure(one.id for one in good),
        complaints=_figure(one.id for one in trouble),
        first_at=first,
        last_at=moment(said[0].published_at) if said else None,
        answers=tuple(answers[:ANSWERS]),
        answered=_figure(dict.fromkeys(one.mention_id for one in answers)),
        repeat=repeat,
        loyal=not repeat and _loyal(len(said), len(good), len(bad), first, now),
    )


def _loyal(n: int, good: int, bad: int, first: datetime | None, now: datetime) -> bool:
    if n < LOYAL or bad > SELDOM * n:
        return False
    long_known = first is not None and now - first >= timedelta(days=LONG_KNOWN_DAYS)
    return 2 * good > n or long_known


def _figure(ids: Iterable[int]) -> Figure:
    every = tuple(ids)
    return Figure(len(every), every[:FIGURE_IDS])
