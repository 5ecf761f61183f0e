"""Which mention belongs to which story, and what the detectors heard. Any thread may call.

What is judged for the first time is noted in `unplaced` in the transaction of its score. One program
takes it from there: `keep` writes the place in a story and what counts of it in one transaction with
striking it off, so that whatever dies in between, nothing is counted twice or lost. The rows here are
what holds; the index of stories in memory is made again from them wherever it is behind.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import peewee

from app.domain.sentiment import Tone
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, micros, moment, pieces
from app.storage.models import GapRow, MentionRow, SourceRow
from app.storage.models_warning import (
    HandRow,
    HeardRow,
    IncidentMentionRow,
    IndexRow,
    LeaseRow,
    MemberRow,
    UnplacedRow,
)
from app.storage.rows import own_first, rivalry

_M, _S, _H = MentionRow, MemberRow, HeardRow
_AT_ONCE = 400
BY_HAND = 1 << 31
"""Numbers of stories that people made begin here."""
LEASE = "early-warning"
LIVE, LATE, ASIDE = "live", "late", "aside"


class Unplaced(NamedTuple):
    """A judged mention as stories and detectors need it. `brands` are our own: (id, P(negative), bad)."""

    id: int
    source_id: int
    platform: str
    kind: str
    native_id: str
    title: str
    text: str
    author: str
    author_id: str
    followers: int | None
    verified: bool
    parent_id: str
    root_id: str
    at: datetime
    dated: bool
    fetched_at: datetime
    tone: str
    aspects: str
    brands: tuple[tuple[int, float, bool], ...] = ()


class Member(NamedTuple):
    """A mention's place. `of_id` is the mention it follows."""

    mention_id: int
    story_id: int | None
    of_id: int | None
    similarity: float
    way: str
    at: datetime


class HeardOf(NamedTuple):
    """What counts of a mention for one brand; see `HeardRow`."""

    brand_id: int
    slot: int
    mention_id: int
    sort: str
    at: datetime
    negative: float
    bad: bool
    reach: float
    topics: tuple[str, ...]
    story_id: int | None


class Hand(NamedTuple):
    """Something a person did to stories. `moved` are (platform, native id) of the posts split out."""

    id: int
    act: str
    story_id: int
    other_id: int
    moved: tuple[tuple[str, str], ...] = ()


class Sum(NamedTuple):
    """A story as one brand has heard it so far, old news left out: born, posts, bad ones."""

    born: datetime
    copies: int
    bad: int


class Part(NamedTuple):
    """One post of a story, as its heat is made of it."""

    mention_id: int
    at: datetime
    platform: str
    author: str
    author_id: str
    followers: int | None
    tone: str | None
    of_id: int | None
    way: str


class Stories:
    """`storage.stories`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ── placing ──────────────────────────────────────────────────────────────────────────────

    def unplaced(self, limit: int, ids: Sequence[int] | None = None) -> tuple[Unplaced, ...]:
        """Judged, not yet placed, in the order they were stored; of `ids`, or whatever waits."""
        # The queue first: it is short, and a planner that walked the mentions instead would take seconds.
        queue = UnplacedRow.select(UnplacedRow.mention_id).order_by(UnplacedRow.mention_id).limit(limit)
        if ids is not None:
            queue = queue.where(UnplacedRow.mention_id.in_(among(ids)))
        with self._database.read() as connection:
            waiting = [id_ for (id_,) in connection.execute(queue).fetchall()]
            rows = []
            for part in pieces(waiting, _AT_ONCE):
                wanted = _M.select(*_WANTED, _M.brands).where(_M.id.in_(among(part))).order_by(_M.id)
                rows += connection.execute(wanted).fetchall()
            towards = _towards(connection, [(row[0], row[_AT], row[-1]) for row in rows if row[-1]])
        return tuple(_unplaced(row[:-1], towards.get(row[0], ())) for row in rows)

    def waiting(self) -> int:
        """How many mentions wait to be placed."""
        with self._database.read() as connection:
            return int(connection.execute(UnplacedRow.select(peewee.fn.COUNT(1))).fetchone()[0])

    def keep(
        self, owner: str, placed: Sequence[Member], heard: Sequence[HeardOf], ids: Sequence[int]
    ) -> bool:
        """The whole batch at once, `ids` struck off; False where another program has the lease now."""

        def act(connection: Connection) -> bool:
            held = LeaseRow.select(LeaseRow.owner).where(LeaseRow.name == LEASE)
            row = connection.execute(held).fetchone()
            if row is None or row[0] != owner:
                return False
            _insert(connection, _S, [_member(one) for one in placed])
            _insert(connection, _H, [_heard(one) for one in heard])
            for part in pieces(ids, _AT_ONCE):
                connection.execute(UnplacedRow.delete().where(UnplacedRow.mention_id.in_(among(part))))
            return True

        return self._database.write(act)

    def ids_of(self, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Mentions that have a place, by (platform, native id)."""
        wanted = sorted(set(names))
        found: dict[tuple[str, str], int] = {}
        with self._database.read() as connection:
            for part in pieces(wanted, _AT_ONCE):
                rows = connection.execute(
                    _M.select(_M.platform, _M.native_id, _M.id)
                    .join(_S, on=(_S.mention_id == _M.id))
                    .where(_M.native_id.in_([clean(name) for _platform, name in part]))
                    .order_by(_M.id)
                ).fetchall()
                asked = set(part)
                for platform, native_id, id_ in rows:
                    if (platform, native_id) in asked:
                        found.setdefault((platform, native_id), id_)
        return found

    def of_mentions(self, ids: Sequence[int]) -> dict[int, int]:
        """The stories of these mentions; those without one are left out."""
        found: dict[int, int] = {}
        with self._database.read() as connection:
            for part in pieces(list(ids), _AT_ONCE):
                wanted = _S.select(_S.mention_id, _S.story_id).where(_S.mention_id.in_(among(part)))
                found.update(connection.execute(wanted.where(_S.story_id.is_null(False))).fetchall())
        return found

    def brands_of(self, stories: Iterable[int | None]) -> dict[int, tuple[int, ...]]:
        """Our own brands that a story's posts name."""
        found: dict[int, list[int]] = defaultdict(list)
        with self._database.read() as connection:
            for part in pieces(sorted(one for one in set(stories) if one), _AT_ONCE):
                wanted = _H.select(_H.story_id, _H.brand_id).where(_H.story_id.in_(among(part))).distinct()
                for story, brand in connection.execute(wanted.order_by(_H.brand_id)).fetchall():
                    found[story].append(brand)
        return {story: tuple(brands) for story, brands in found.items()}

    def sums(self, brand_id: int, stories: Iterable[int]) -> dict[int, Sum]:
        """What the brand has heard of these stories, old news left out."""
        found: dict[int, Sum] = {}
        counted = (
            _H.story_id,
            peewee.fn.MIN(_H.at),
            peewee.fn.COUNT(1),
            peewee.fn.SUM(peewee.Case(None, [(_H.bad, 1)], 0)),
        )
        with self._database.read() as connection:
            for part in pieces(sorted(set(stories)), _AT_ONCE):
                wanted = _H.select(*counted).where(
                    _H.story_id.in_(among(part)), _H.brand_id == brand_id, _H.sort != LATE
                )
                for story, born, copies, bad in connection.execute(wanted.group_by(_H.story_id)).fetchall():
                    found[story] = Sum(moment(born), int(copies), int(bad))
        return found

    def gaps(
        self, longer_than: float, since: datetime
    ) -> dict[int, list[tuple[datetime, datetime | None]]]:
        """By source: when it was blind for at least so many seconds; spells that ended since, or last."""
        late = GapRow.until.is_null() | (GapRow.until >= micros(since))
        wanted = GapRow.select(GapRow.source_id, GapRow.since, GapRow.until).where(late)
        found: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
        with self._database.read() as connection:
            for source, begin, end in connection.execute(wanted).fetchall():
                if end is None or end - begin >= longer_than * 1e6:
                    found[source].append((moment(begin), None if end is None else moment(end)))
        return dict(found)

    def first_read(self, source_id: int) -> datetime | None:
        """When the first mention of a source was fetched."""
        wanted = _M.select(_M.fetched_at).where(_M.source_id == source_id).order_by(_M.fetched_at).limit(1)
        with self._database.read() as connection:
            row = connection.execute(wanted).fetchone()
        return moment(row[0]) if row else None

    def folders(self) -> frozenset[int]:
        """Sources that are files: what they bring without a date is never news."""
        with self._database.read() as connection:
            rows = connection.execute(SourceRow.select(SourceRow.id).where(SourceRow.kind == "folder"))
            return frozenset(id_ for (id_,) in rows.fetchall())

    # ── the index in memory ──────────────────────────────────────────────────────────────────

    def last_place(self) -> tuple[int, int]:
        """The newest member's `seq` and the newest act by hand; 0 for none."""
        with self._database.read() as connection:
            seq = connection.execute(_S.select(peewee.fn.MAX(_S.seq))).fetchone()[0]
            hand = connection.execute(HandRow.select(peewee.fn.MAX(HandRow.id))).fetchone()[0]
        return int(seq or 0), int(hand or 0)

    def save_index(self, seq: int, hand: int, body: bytes, at: datetime) -> None:
        put = IndexRow.insert(name="stories", seq=seq, hand=hand, at=micros(at), body=body).on_conflict(
            conflict_target=[IndexRow.name],
            preserve=[IndexRow.seq, IndexRow.hand, IndexRow.at, IndexRow.body],
        )
        self._database.write(lambda connection: connection.execute(put))

    def index(self) -> tuple[int, int, bytes] | None:
        """As saved last: `seq`, `hand`, the state."""
        wanted = IndexRow.select(IndexRow.seq, IndexRow.hand, IndexRow.body)
        with self._database.read() as connection:
            row = connection.execute(wanted.where(IndexRow.name == "stories")).fetchone()
        return (int(row[0]), int(row[1]), bytes(row[2])) if row else None

    def members(
        self, after: int, since: datetime, limit: int
    ) -> tuple[tuple[int, int | None, tuple[str, str], float, str, Unplaced], ...]:
        """(seq, story, what it follows, similarity, way, mention), in the order of placing."""
        other = _M.alias()
        wanted = (
            _S.select(_S.seq, _S.story_id, other.platform, other.native_id, _S.similarity, _S.way, *_WANTED)
            .join(_M, on=(_M.id == _S.mention_id))
            .join(other, peewee.JOIN.LEFT_OUTER, on=(other.id == _S.of_id))
            .where(_S.seq > after, _S.at >= micros(since))
            .order_by(_S.seq)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return tuple(
            (row[0], row[1], (row[2] or "", row[3] or ""), row[4], row[5], _unplaced(row[6:], ()))
            for row in rows
        )

    def least_story(self, since: datetime) -> int:
        """The lowest number of a story with a post since then, else the next to be given."""
        with self._database.read() as connection:
            own = _S.story_id < BY_HAND
            low = connection.execute(
                _S.select(peewee.fn.MIN(_S.story_id)).where(own, _S.at >= micros(since))
            ).fetchone()[0]
            if low is not None:
                return int(low)
            high = connection.execute(_S.select(peewee.fn.MAX(_S.story_id)).where(own)).fetchone()[0]
        return int(high or 0) + 1

    # ── by hand ──────────────────────────────────────────────────────────────────────────────

    def merge(self, stories: Sequence[int], by: str, at: datetime) -> int:
        """All into the first; NotFound is the caller's: a story without posts is passed over."""
        into, *others = dict.fromkeys(stories)

        def act(connection: Connection) -> int:
            for other in others:
                _move(connection, _S.story_id == other, _H.story_id == other, into)
                _note(connection, Hand(0, "merge", into, other), (), by, at)
            return into

        return self._database.write(act)

    def split(self, story: int, mention_ids: Sequence[int], by: str, at: datetime) -> int:
        """The number of the new story; 0 where none of these is in it, or all are."""
        wanted = list(dict.fromkeys(mention_ids))

        def act(connection: Connection) -> int:
            members = _S.select(_S.mention_id).where(_S.story_id == story)
            inside = {id_ for (id_,) in connection.execute(members).fetchall()}
            out = [id_ for id_ in wanted if id_ in inside]
            if not out or len(out) == len(inside):
                return 0
            made = _note(connection, Hand(0, "split", story, 0), out, by, at) + BY_HAND
            connection.execute(HandRow.update(other_id=made).where(HandRow.id == made - BY_HAND))
            for part in pieces(out, _AT_ONCE):
                _move(connection, _S.mention_id.in_(among(part)), _H.mention_id.in_(among(part)), made)
            return made

        return self._database.write(act)

    def by_hand(self, after: int) -> tuple[Hand, ...]:
        """What people did since act `after`, in order."""
        with self._database.read() as connection:
            rows = connection.execute(
                HandRow.select(
                    HandRow.id, HandRow.act, HandRow.story_id, HandRow.other_id, HandRow.mention_ids
                )
                .where(HandRow.id > after)
                .order_by(HandRow.id)
            ).fetchall()
            return tuple(
                Hand(id_, act, story, other, _names(connection, json.loads(ids) if ids else []))
                for id_, act, story, other, ids in rows
            )

    # ── looking at stories ───────────────────────────────────────────────────────────────────

    def story_of(self, mention_id: int) -> int | None:
        return self.of_mentions([mention_id]).get(mention_id)

    def merged_into(self, story: int) -> int:
        """Where a story is now, if people have merged it."""
        with self._database.read() as connection:
            rows = connection.execute(
                HandRow.select(HandRow.other_id, HandRow.story_id)
                .where(HandRow.act == "merge")
                .order_by(HandRow.id)
            ).fetchall()
        for other, into in rows:
            if other == story:
                story = into
        return int(story)

    def parts(self, story: int, limit: int) -> tuple[Part, ...]:
        """Posts of a story, the earliest publication first."""
        wanted = (
            _S.select(
                _S.mention_id, _S.at, _M.platform, _M.author_name, _M.author_id, _M.followers, _M.tone,
                _S.of_id, _S.way,
            )
            .join(_M, on=(_M.id == _S.mention_id))
            .where(_S.story_id == story)
            .order_by(_S.at, _S.mention_id)
            .limit(limit)
        )  # fmt: skip
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return tuple(Part(row[0], moment(row[1]), *row[2:]) for row in rows)

    def mentions_of(self, story: int, limit: int) -> tuple[int, ...]:
        """Ids of its posts, the earliest first."""
        wanted = _S.select(_S.mention_id).where(_S.story_id == story).order_by(_S.at, _S.mention_id)
        with self._database.read() as connection:
            return tuple(id_ for (id_,) in connection.execute(wanted.limit(limit)).fetchall())

    def count(self, story: int) -> int:
        """How many posts it has."""
        with self._database.read() as connection:
            counted = _S.select(peewee.fn.COUNT(1)).where(_S.story_id == story)
            return int(connection.execute(counted).fetchone()[0])

    def hottest(self, incident_id: int, limit: int) -> tuple[int, ...]:
        """The stories most of an incident's mentions belong to."""
        heat = peewee.fn.COUNT(1)
        wanted = (
            _S.select(_S.story_id)
            .join(IncidentMentionRow, on=(IncidentMentionRow.mention_id == _S.mention_id))
            .where(IncidentMentionRow.incident_id == incident_id, _S.story_id.is_null(False))
            .group_by(_S.story_id)
            .order_by(heat.desc(), _S.story_id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(id_ for (id_,) in connection.execute(wanted).fetchall())


def among(ids: Sequence[int]) -> Any:
    """Numbers for IN, written out: a parameter each takes longer to compile than to run."""
    return peewee.SQL(f"({','.join(map(str, ids)) or 'NULL'})")


_WANTED: tuple[Any, ...] = (
    _M.id, _M.source_id, _M.platform, _M.kind, _M.native_id, _M.title, _M.text, _M.author_name,
    _M.author_id, _M.followers, _M.verified, _M.parent_id, _M.root_id, _M.published_at, _M.dated,
    _M.fetched_at, _M.tone, _M.aspects,
)  # fmt: skip


_AT = [field.name for field in _WANTED].index(_M.published_at.name)
TOWARDS = (
    "WITH asked (brand_id, published_at, mention_id) AS (VALUES {keys})"
    " SELECT tone.mention_id, tone.brand_id, tone.negative, tone.tone"
    " FROM asked CROSS JOIN brand_tone AS tone WHERE tone.brand_id = asked.brand_id"
    " AND tone.published_at = asked.published_at AND tone.mention_id = asked.mention_id"
)


def _unplaced(row: Sequence[Any], brands: tuple[tuple[int, float, bool], ...]) -> Unplaced:
    (id_, source_id, platform, kind, native_id, title, text, author, author_id, followers, verified,
     parent_id, root_id, at, dated, fetched_at, tone, aspects) = row  # fmt: skip
    return Unplaced(
        id_, source_id, platform, kind, native_id, title, text, author, author_id, followers,
        bool(verified), parent_id, root_id, moment(at), bool(dated), moment(fetched_at), tone or "",
        aspects, brands,
    )  # fmt: skip


def _towards(
    connection: Connection, rows: Sequence[tuple[int, int, str]]
) -> dict[int, tuple[tuple[int, float, bool], ...]]:
    """P(negative) towards each of our own brands, and whether that is the tone; by (id, published, brands).

    Asked by whole keys, and in that order: left to itself SQLite walks all of the table for a batch.
    """
    found: dict[int, list[tuple[int, float, bool]]] = defaultdict(list)
    rivals = rivalry(connection) if rows else {}
    keys = [
        (brand, at, id_)
        for id_, at, brands in rows
        for brand in own_first(brands, rivals)
        if not rivals[brand]
    ]
    for part in pieces(keys, _AT_ONCE):
        asked = ", ".join(f"({brand}, {at}, {id_})" for brand, at, id_ in part)
        for id_, brand, negative, tone in connection.execute_sql(TOWARDS.format(keys=asked)).fetchall():
            found[id_].append((brand, negative, tone == Tone.NEGATIVE))
    return {id_: tuple(sorted(brands)) for id_, brands in found.items()}


def _member(one: Member) -> dict[str, Any]:
    return {**one._asdict(), "at": micros(one.at)}


def _heard(one: HeardOf) -> dict[str, Any]:
    topics = f",{','.join(one.topics)}," if one.topics else ""
    return {**one._asdict(), "at": micros(one.at), "topics": clean(topics)}


def _insert(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    for part in pieces(rows, _AT_ONCE):
        connection.insert_rows(table, part, "ON CONFLICT DO NOTHING")


def _move(connection: Connection, members: Any, heard: Any, story: int) -> None:
    connection.execute(_S.update(story_id=story).where(members))
    connection.execute(_H.update(story_id=story).where(heard))


def _note(connection: Connection, hand: Hand, ids: Sequence[int], by: str, at: datetime) -> int:
    put = HandRow.insert(
        at=micros(at),
        by=clean(by),
        act=hand.act,
        story_id=hand.story_id,
        other_id=hand.other_id,
        mention_ids=dump(list(ids)) if ids else "",
    )
    return int(connection.execute(put.returning(HandRow.id)).fetchone()[0])


def _names(connection: Connection, ids: Sequence[int]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for part in pieces(ids, _AT_ONCE):
        wanted = _M.select(_M.platform, _M.native_id).where(_M.id.in_(among(part)))
        found += connection.execute(wanted.order_by(_M.id)).fetchall()
    return tuple((platform, native) for platform, native in found)
