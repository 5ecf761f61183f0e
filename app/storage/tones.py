"""The tone towards each brand a mention names, kept in step with what it follows from.

A judged mention has a row for every watched brand it names: what its score in force says towards the
brand, or of the whole text where it says nothing about it. A person's correction goes for our own
brands (for the first competitor where it names none of ours): 1 for the tone said, 0 for the others.
Whoever changes a score, a correction, a text, hits or followers calls `refresh` in the same transaction
(or `put` with the rows at hand, where no brand can have gone).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import peewee

from app.domain.query import Slot
from app.domain.sentiment import Tone
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import micros, moment, pieces
from app.storage.models import BrandToneRow, MentionRow, ScoreRow
from app.storage.rows import own_first, rivalry
from app.storage.written import Leaning, read_towards

_B, _M, _S = BrandToneRow, MentionRow, ScoreRow
_AT_ONCE = 500
_SECOND = 1_000_000
_AGAIN = (
    "ON CONFLICT (brand_id, published_at, mention_id) DO UPDATE SET tone = excluded.tone,"
    " negative = excluded.negative, neutral = excluded.neutral, positive = excluded.positive,"
    " reach = excluded.reach"
)


class Named(NamedTuple):
    """The columns of a mention that its rows follow from, as `COLUMNS` selects them."""

    id: int
    brands: str
    published_at: int
    fetched_at: int
    followers: int | None
    corrected: bool
    tone: str | None


COLUMNS: tuple[Any, ...] = (
    _M.id, _M.brands, _M.published_at, _M.fetched_at, _M.followers, _M.corrected, _M.tone
)  # fmt: skip


class Slots:
    """Part of `storage.mentions`."""

    _database: Database

    def negative_slots(
        self,
        brand_id: int | None,
        since: datetime,
        until: datetime,
        seconds: int,
        *,
        by: Literal["published", "fetched"] = "published",
    ) -> tuple[Slot, ...]:
        """The sum of P(negative) in slots of `seconds` aligned to 1970, oldest first; no empty ones.

        `by`: the time of publication (when it was said) or of fetching (when we heard of it). `since`
        is inclusive and `until` exclusive, wherever they lie in a slot. No brand: all our own
        together, a mention once, by its first own brand.
        """
        step = seconds * _SECOND
        first = micros(since) // step * step
        at = _B.published_at if by == "published" else _B.fetched_at
        number = (at - peewee.SQL(str(first))) / peewee.SQL(str(step))
        when = (at >= micros(since)) & (at < micros(until))
        sums: dict[int, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
        with self._database.read() as connection:
            for whose in _whose(connection, brand_id):
                for slot, *more in _summed(connection, number, whose & when):
                    sums[slot] = [a + b for a, b in zip(sums[slot], more, strict=True)]
        return tuple(
            Slot(moment(first + slot * step), int(sums[slot][0]), sums[slot][1], sums[slot][2])
            for slot in sorted(sums)
        )


def _summed(connection: Connection, number: Any, where: Any) -> list[Any]:
    added = _B.select(
        number.alias("slot"),
        peewee.fn.COUNT(1),
        peewee.fn.SUM(_B.negative),
        peewee.fn.SUM(_B.negative * _B.reach),
    )
    lines: list[Any] = connection.execute(added.where(where).group_by(peewee.SQL("slot"))).fetchall()
    return lines


def _whose(connection: Connection, brand_id: int | None) -> Iterable[Any]:
    """Conditions that add up to the wanted rows, each of one brand, as the indexes are."""
    if brand_id is not None:
        yield _B.brand_id == brand_id
        return
    own = sorted(id_ for id_, rival in rivalry(connection).items() if not rival)
    for place, id_ in enumerate(own):
        yield (_B.brand_id == id_) & _counted_before(own[:place])


def _counted_before(earlier: Sequence[int]) -> Any:
    if not earlier:
        return peewee.SQL("1 = 1")
    other = BrandToneRow.alias()
    same = other.brand_id.in_(earlier) & (other.published_at == _B.published_at)
    same &= other.mention_id == _B.mention_id
    return ~peewee.fn.EXISTS(other.select(peewee.SQL("1")).where(same))


# ── keeping it in step: inside a write transaction ─────────────────────────────────────────────


def refresh(connection: Connection, ids: Iterable[int]) -> None:
    """The rows of these mentions anew, from what is stored."""
    rivals = rivalry(connection)
    for part in pieces(sorted(set(ids)), _AT_ONCE):
        wanted = (
            _M.select(*COLUMNS, _S.tone, _S.negative, _S.neutral, _S.positive, _S.towards)
            .join(ScoreRow, peewee.JOIN.LEFT_OUTER, on=(_S.id == _M.score_id))
            .where(_M.id.in_(part))
        )
        rows: list[dict[str, Any]] = []
        keys: list[tuple[int, int, int]] = []
        for *columns, tone, negative, neutral, positive, towards in connection.execute(wanted).fetchall():
            whole = None if tone is None else Leaning(tone, negative, neutral, positive)
            mention = Named(*columns)
            keys += [(brand_id, mention.published_at, mention.id) for brand_id in rivals]
            rows += rows_for(mention, whole, read_towards(towards), rivals)
        _drop(connection, keys)
        put(connection, rows)


def rows_for(
    mention: Named, whole: Leaning | None, towards: Mapping[int, Leaning], rivals: Mapping[int, bool]
) -> list[dict[str, Any]]:
    """`whole`: what the score in force says of the mention, None while there is none."""
    if not mention.brands:
        return []
    named = own_first(mention.brands, rivals)
    spoken = _spoken(mention.tone) if mention.corrected and mention.tone else None
    meant = set(about(named, rivals)) if spoken else set()
    rows = []
    for brand_id in named:
        said = spoken if brand_id in meant else whole and towards.get(brand_id, whole)
        if said is not None:
            rows.append(
                {
                    "mention_id": mention.id,
                    "brand_id": brand_id,
                    "published_at": mention.published_at,
                    "fetched_at": mention.fetched_at,
                    "tone": said.tone,
                    "negative": said.negative,
                    "neutral": said.neutral,
                    "positive": said.positive,
                    "reach": reach(mention.followers),
                }
            )
    return rows


def about(named: Sequence[int], rivals: Mapping[int, bool]) -> Sequence[int]:
    """Whom a correction means, of the brands named (our own first)."""
    return [id_ for id_ in named if not rivals[id_]] or named[:1]


def _spoken(tone: str) -> Leaning:
    return Leaning(tone, *(float(tone == one) for one in (Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE)))


def reach(followers: int | None) -> float:
    """What an audience weighs: 1 for nobody, 7 for ten million."""
    return math.log10(10 + max(followers or 0, 0))


def _drop(connection: Connection, keys: Sequence[tuple[int, int, int]]) -> None:
    mark = connection.database.param
    gone = f"brand_id = {mark} AND published_at = {mark} AND mention_id = {mark}"
    connection.execute_many(f"DELETE FROM brand_tone WHERE {gone}", keys)  # noqa: S608  # marks


def put(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """New rows, and others in place of those that stand."""
    for part in pieces(rows, _AT_ONCE):
        connection.insert_rows(BrandToneRow, part, _AGAIN)
