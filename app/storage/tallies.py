"""Counting what a filter holds, from the filter's index alone. Any thread; reads only.

A text query the index cannot decide alone (Latin words, NEAR, some fields) is verified mention by
mention. Of candidates the index has narrowed down, the newest `VERIFIED` are verified and older ones
are counted as the index has them; the list itself is always exact.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from typing import Any

import peewee

from app.domain.query import AspectLine, Key, MentionQuery, Tally
from app.domain.report import DayLine, PlatformLine
from app.domain.sentiment import Tone
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import moment
from app.storage.filters import beyond, conditions
from app.storage.models import MentionRow
from app.storage.reading import behind, every, indexed
from app.storage.rows import Names
from app.storage.search import Sought, sought
from app.storage.written import read_aspects

_M = MentionRow
VERIFIED = 20_000
_AT_ONCE = 2000

_QUARTER = 15 * 60 * 1_000_000
"""Every time zone's offset is a multiple of fifteen minutes."""


def _toned(tone: Tone) -> Any:
    return peewee.fn.COUNT(peewee.Case(None, [(_M.tone == str(tone), 1)]))


_SUMS: tuple[Any, ...] = (
    peewee.fn.COUNT(1), _toned(Tone.NEGATIVE), _toned(Tone.NEUTRAL), _toned(Tone.POSITIVE)
)  # fmt: skip
_Line = tuple[Any, ...]


class Tallies:
    """Part of `storage.mentions`."""

    _database: Database

    def tally(self, query: MentionQuery) -> Tally:
        lines = self._lines(query, peewee.SQL("0"))
        return _tally([line[1:] for line in lines])

    def by_day(self, query: MentionQuery, tz: tzinfo) -> tuple[DayLine, ...]:
        """Days of `tz` that have any, oldest first."""
        days: dict[date, list[Sequence[int]]] = defaultdict(list)
        for quarter, *sums in self._lines(query, _M.published_at / peewee.SQL(str(_QUARTER))):
            days[moment(int(quarter) * _QUARTER).astimezone(tz).date()].append(sums)
        return tuple(DayLine(day=day, tally=_tally(days[day])) for day in sorted(days))

    def by_platform(self, query: MentionQuery) -> tuple[PlatformLine, ...]:
        """The most talkative first."""
        lines = [
            PlatformLine(platform=platform, tally=_tally([sums]))
            for platform, *sums in self._lines(query, _M.platform)
        ]
        return tuple(sorted(lines, key=lambda line: (-line.tally.total, line.platform)))

    def by_brand(self, query: MentionQuery) -> tuple[tuple[int, Tally], ...]:
        """Every brand named, by id; a mention of two brands counts for both."""
        brands: dict[int, list[Sequence[int]]] = defaultdict(list)
        for named, *sums in self._lines(query, _M.brands):
            for id_ in named.strip(",").split(","):
                if id_:
                    brands[int(id_)].append(sums)
        return tuple((id_, _tally(brands[id_])) for id_ in sorted(brands))

    def aspect_map(self, query: MentionQuery) -> tuple[AspectLine, ...]:
        """What the mentions speak about, and how, by name; for a map of products, ask brand by brand."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for said, total, *_tones in self._lines(query, _M.aspects):
            for aspect, tone in read_aspects(said):
                counts[aspect][str(tone)] += total
        return tuple(AspectLine(aspect=aspect, **counts[aspect]) for aspect in sorted(counts))

    def _lines(self, query: MentionQuery, group: Any) -> list[_Line]:
        with self._database.read() as connection:
            names = Names.read(connection)
            asked = sought(query.text, connection)
            wanted = conditions(query, names)
            if asked is None:
                return _summed(connection, group, wanted)
            wanted += indexed(asked)
            if asked.exact:
                return _summed(connection, group, wanted)
            return _verified_lines(connection, names, asked, group, wanted)


def _summed(connection: Connection, group: Any, wanted: list[Any]) -> list[_Line]:
    counted = _M.select(group.alias("line"), *_SUMS).where(every(wanted))
    if not isinstance(group, peewee.SQL):
        counted = counted.group_by(peewee.SQL("line"))
    lines: list[_Line] = connection.execute(counted).fetchall()
    return lines


def _verified_lines(
    connection: Connection, names: Names, asked: Sought, group: Any, wanted: list[Any]
) -> list[_Line]:
    after: Key | None = None
    lines: list[_Line] = []
    read = 0
    while asked.condition is None or read < VERIFIED:
        candidates = behind(connection, names, wanted, after=after, limit=_AT_ONCE)
        ids = [one.id for one in candidates if asked.matches(one)]
        lines += _summed(connection, group, [_M.id.in_(ids)]) if ids else []
        if len(candidates) < _AT_ONCE:
            return lines
        after = Key(candidates[-1].published_at, candidates[-1].id)
        read += _AT_ONCE
    return lines + _summed(connection, group, [*wanted, *beyond(after, oldest_first=False)])


def _tally(sums: Iterable[Sequence[int]]) -> Tally:
    total = negative = neutral = positive = 0
    for all_, minus, even, plus in sums:
        total += all_
        negative += minus
        neutral += even
        positive += plus
    return Tally(
        total=total,
        negative=negative,
        neutral=neutral,
        positive=positive,
        unscored=total - negative - neutral - positive,
    )
