"""What the detectors are fed with and remember, and the incidents. Any thread may call.

The state of a brand's incidents, the incidents' rows and the number of the slot they are from are one
transaction (`record`), so that a slot that is fed again after a crash is seen to be done.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import peewee

from app.domain.alert import Severity
from app.domain.warning import Incident, IncidentPhase, RisenWord, Sign, Slot, Step
from app.errors import NotFound
from app.i18n import _
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, finite, maybe_moment, micros, moment, pieces
from app.storage.models import BrandRow, BrandToneRow, MentionRow
from app.storage.models_warning import (
    CourseRow,
    DetectorRow,
    HeardRow,
    IncidentMentionRow,
    IncidentRow,
    IncidentStepRow,
    LeaseRow,
    MemberRow,
    SignRow,
    TrackerRow,
)
from app.storage.stories import LATE, LEASE, LIVE, HeardOf, among

_H, _I, _T = HeardRow, IncidentRow, BrandToneRow
SLOT = 300
_AT_ONCE = 400
_BAD = 0.5


class Lease(NamedTuple):
    """`beat`: when its owner last said that it is there; `slot`: the last one that is done."""

    owner: str
    beat: datetime
    slot: int


class Found(NamedTuple):
    """A sign as it is written down."""

    channel: str
    told: str
    strength: float
    story_id: int | None
    words: tuple[tuple[str, int, float], ...]
    mention_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How an incident changed; `number` is the brand's count. Empty texts leave what stands."""

    brand_id: int
    number: int
    at: datetime
    phase: IncidentPhase | None = None
    alarm: bool = False
    severity: Severity | None = None
    began_at: datetime | None = None
    title: str = ""
    reason: str = ""
    strength: float = 0.0
    channels: tuple[str, ...] = ()
    signs: tuple[Found, ...] = ()
    rests_on: tuple[int, ...] = ()
    course: tuple[tuple[int, float, float, float, float], ...] = ()
    """(slot, came, expected, low, high)."""


@dataclass(frozen=True, slots=True)
class Past:
    """A brand's mentions by slot, as they were heard, or would have been before anybody listened."""

    slots: Mapping[int, tuple[HeardOf, ...]] = field(default_factory=dict)
    first: int | None = None


class Warning_:  # noqa: N801  # `Warning` is Python's
    """`storage.warning`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ── who does it ──────────────────────────────────────────────────────────────────────────

    def lease(self) -> Lease | None:
        wanted = LeaseRow.select(LeaseRow.owner, LeaseRow.beat, LeaseRow.slot)
        with self._database.read() as connection:
            row = connection.execute(wanted.where(LeaseRow.name == LEASE)).fetchone()
        return Lease(row[0], moment(row[1]), int(row[2])) if row else None

    def take_lease(self, owner: str, now: datetime, patience: float) -> bool:
        """Ours from now on, unless somebody else had it within `patience` seconds."""

        def act(connection: Connection) -> bool:
            new = LeaseRow.insert(name=LEASE, owner=owner, beat=micros(now)).on_conflict_ignore()
            connection.execute(new)
            stale = micros(now) - int(patience * 1e6)
            free = LeaseRow.owner.in_([owner, ""]) | (LeaseRow.beat < stale)
            put = LeaseRow.update(owner=owner, beat=micros(now)).where(LeaseRow.name == LEASE, free)
            return bool(connection.execute(put).rowcount)

        return self._database.write(act)

    def done(self, owner: str, slot: int) -> None:
        """All brands are through with this slot."""
        put = LeaseRow.update(slot=slot).where(LeaseRow.name == LEASE, LeaseRow.owner == owner)
        self._database.write(lambda connection: connection.execute(put))

    def give_back(self, owner: str) -> None:
        """Another program need not wait."""
        put = LeaseRow.update(owner="").where(LeaseRow.name == LEASE, LeaseRow.owner == owner)
        self._database.write(lambda connection: connection.execute(put))

    # ── what is heard ────────────────────────────────────────────────────────────────────────

    def heard(self, brands: Sequence[int], first: int, last: int) -> dict[int, list[HeardOf]]:
        """By brand: what counts in the slots from `first` to `last`, in the order of slots and mentions."""
        found: dict[int, list[HeardOf]] = defaultdict(list)
        with self._database.read() as connection:
            for part in pieces(list(brands), _AT_ONCE):
                wanted = (
                    _H.select(*_HEARD)
                    .where(_H.brand_id.in_(among(part)), _H.slot >= first, _H.slot <= last)
                    .order_by(_H.brand_id, _H.slot, _H.mention_id)
                )
                for row in connection.execute(wanted).fetchall():
                    found[row[0]].append(_heard(row))
        return dict(found)

    def past(self, brand_id: int, since: datetime, until: datetime) -> Past:
        """For teaching and for a rehearsal: each judged mention once, in the slot in which it was heard.

        What was stored before anybody listened counts when it was published; what was found late stays
        late.
        """
        begun = self._begun()
        heard = (_H.mention_id == _T.mention_id) & (_H.brand_id == _T.brand_id)
        wanted = (
            _T.select(
                _T.brand_id, _H.slot, _T.mention_id, _H.sort, _T.published_at, _T.negative,
                _T.tone == "negative", _H.reach, _H.topics, MemberRow.story_id,
                MentionRow.followers, MentionRow.verified, MentionRow.aspects,
            )
            .join(MentionRow, on=(MentionRow.id == _T.mention_id))
            .join(_H, peewee.JOIN.LEFT_OUTER, on=heard)
            .join(MemberRow, peewee.JOIN.LEFT_OUTER, on=(MemberRow.mention_id == _T.mention_id))
            .where(
                _T.brand_id == brand_id, _T.published_at >= micros(since), _T.published_at < micros(until)
            )
        )  # fmt: skip
        slots: dict[int, list[HeardOf]] = defaultdict(list)
        first: int | None = None
        with self._database.read() as connection:
            for row in connection.execute(wanted).fetchall():
                one = _as_heard(row, begun)
                slots[one.slot].append(one)
                first = one.slot if first is None else min(first, one.slot)
        return Past({slot: tuple(sorted(each, key=_by_id)) for slot, each in slots.items()}, first)

    def _begun(self) -> int | None:
        """The first slot in which anything was heard as it came."""
        with self._database.read() as connection:
            brands = [id_ for (id_,) in connection.execute(BrandRow.select(BrandRow.id)).fetchall()]
            slots = [
                connection.execute(
                    _H.select(_H.slot)
                    .where(_H.brand_id == brand, _H.sort == LIVE)
                    .order_by(_H.slot)
                    .limit(1)
                ).fetchone()
                for brand in brands
            ]
        return min((int(row[0]) for row in slots if row), default=None)

    def texts(self, ids: Sequence[int]) -> dict[int, str]:
        """Title and text of these mentions."""
        found: dict[int, str] = {}
        with self._database.read() as connection:
            for part in pieces(list(ids), _AT_ONCE):
                wanted = MentionRow.select(MentionRow.id, MentionRow.title, MentionRow.text)
                for id_, title, text in connection.execute(
                    wanted.where(MentionRow.id.in_(among(part)))
                ).fetchall():
                    found[id_] = f"{title}\n{text}" if title else text
        return found

    def bad_mentions(
        self,
        brand_id: int,
        since: int,
        *,
        story: int | None = None,
        topic: str = "",
        limit: int = 500,
    ) -> tuple[int, ...]:
        """Negative mentions heard from slot `since` on: of a story, about a topic. Oldest first."""
        where = (_H.brand_id == brand_id) & (_H.slot >= since) & (_H.sort != LATE) & (_H.bad == True)  # noqa: E712  # a column
        if story is not None:
            where &= _H.story_id == story
        if topic:
            where &= _H.topics.contains(f",{topic},")
        wanted = _H.select(_H.mention_id).where(where).order_by(_H.slot, _H.mention_id).limit(limit)
        with self._database.read() as connection:
            return tuple(id_ for (id_,) in connection.execute(wanted).fetchall())

    def gravity(self, ids: Sequence[int]) -> tuple[tuple[int, tuple[str, ...], int, bool], ...]:
        """(mention, severity cues, followers, verified), the largest audience first."""
        found: list[tuple[int, tuple[str, ...], int, bool]] = []
        with self._database.read() as connection:
            for part in pieces(list(ids), _AT_ONCE):
                wanted = MentionRow.select(
                    MentionRow.id, MentionRow.severity, MentionRow.followers, MentionRow.verified
                )
                for id_, cues, followers, verified in connection.execute(
                    wanted.where(MentionRow.id.in_(among(part)))
                ).fetchall():
                    found.append((id_, tuple(cues.split()), followers or 0, bool(verified)))
        return tuple(sorted(found, key=lambda one: (-one[2], one[0])))

    # ── what is known ────────────────────────────────────────────────────────────────────────

    def detector(self, brand_id: int) -> tuple[int, bytes] | None:
        """The slot it is from, and the state."""
        wanted = DetectorRow.select(DetectorRow.slot, DetectorRow.body)
        with self._database.read() as connection:
            row = connection.execute(wanted.where(DetectorRow.brand_id == brand_id)).fetchone()
        return (int(row[0]), bytes(row[1])) if row else None

    def save_detectors(self, states: Sequence[tuple[int, int, bytes]]) -> None:
        """(brand, slot, state)."""

        def act(connection: Connection) -> None:
            for brand, slot, body in states:
                put = DetectorRow.insert(brand_id=brand, slot=slot, body=body)
                connection.execute(
                    put.on_conflict(
                        conflict_target=[DetectorRow.brand_id],
                        preserve=[DetectorRow.slot, DetectorRow.body],
                    )
                )

        if states:
            self._database.write(act)

    def forget_detector(self, brand_id: int) -> None:
        """It is taught anew from what is stored."""
        gone = DetectorRow.delete().where(DetectorRow.brand_id == brand_id)
        self._database.write(lambda connection: connection.execute(gone))

    def tracker(self, brand_id: int) -> tuple[int, dict[str, Any]] | None:
        """The slot after which the incidents stood so, and how."""
        wanted = TrackerRow.select(TrackerRow.slot, TrackerRow.body)
        with self._database.read() as connection:
            row = connection.execute(wanted.where(TrackerRow.brand_id == brand_id)).fetchone()
        return (int(row[0]), json.loads(row[1])) if row else None

    def record(
        self, states: Sequence[tuple[int, int, dict[str, Any]]], turns: Sequence[Turn]
    ) -> dict[tuple[int, int], int]:
        """States (brand, slot, state) and what changed, as one transaction. Ids by (brand, number)."""

        def act(connection: Connection) -> dict[tuple[int, int], int]:
            for brand, slot, state in states:
                put = TrackerRow.insert(brand_id=brand, slot=slot, body=dump(state))
                connection.execute(
                    put.on_conflict(
                        conflict_target=[TrackerRow.brand_id], preserve=[TrackerRow.slot, TrackerRow.body]
                    )
                )
            return {(turn.brand_id, turn.number): _turn(connection, turn) for turn in turns}

        return self._database.write(act) if states or turns else {}

    # ── incidents ────────────────────────────────────────────────────────────────────────────

    def incidents(
        self, *, open_only: bool = False, brand_id: int | None = None, limit: int = 200
    ) -> tuple[Incident, ...]:
        """Newest first."""
        where = _I.id > 0
        if open_only:
            where &= _I.phase != str(IncidentPhase.CLOSED)
        if brand_id is not None:
            where &= _I.brand_id == brand_id
        return self._incidents(where, limit)

    def incident(self, id: int) -> Incident:
        found = self._incidents(_I.id == id, 1)
        if not found:
            raise NotFound(_("There is no such incident (any more)."))
        return found[0]

    def began_at(self, id: int) -> datetime:
        """When what it tells of began, which may be before it opened."""
        with self._database.read() as connection:
            row = connection.execute(_I.select(_I.began_at).where(_I.id == id)).fetchone()
        return moment(row[0]) if row else datetime.now(UTC)

    def _incidents(self, where: Any, limit: int) -> tuple[Incident, ...]:
        wanted = (
            _I.select(
                _I.id, _I.brand_id, BrandRow.name, _I.phase, _I.severity, _I.opened_at, _I.updated_at,
                _I.closed_at, _I.title, _I.reason, _I.strength, _I.channels, _I.alert_id, _I.muted,
                _I.muted_by, _I.escalated_to, _I.closer_until,
            )
            .join(BrandRow, peewee.JOIN.LEFT_OUTER, on=(BrandRow.id == _I.brand_id))
            .where(where)
            .order_by(_I.opened_at.desc(), _I.id.desc())
            .limit(limit)
        )  # fmt: skip
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
            ids = [row[0] for row in rows]
            counts = _counts(connection, ids)
            stories = _stories(connection, ids)
        return tuple(_incident(row, counts.get(row[0], 0), stories.get(row[0], ())) for row in rows)

    def signs(self, id: int) -> tuple[Sign, ...]:
        """Oldest first."""
        wanted = SignRow.select(
            SignRow.at,
            SignRow.channel,
            SignRow.told,
            SignRow.strength,
            SignRow.story_id,
            SignRow.mention_ids,
        )
        with self._database.read() as connection:
            rows = connection.execute(
                wanted.where(SignRow.incident_id == id).order_by(SignRow.id)
            ).fetchall()
        return tuple(
            Sign(
                at=moment(at),
                channel=channel,
                told=told,
                strength=strength,
                story_id=story,
                mention_ids=tuple(json.loads(ids)) if ids else (),
            )
            for at, channel, told, strength, story, ids in rows
        )

    def words(self, id: int) -> tuple[RisenWord, ...]:
        """Words that rose, each as it was told last, the most said first."""
        wanted = SignRow.select(SignRow.words, SignRow.mention_ids).where(
            SignRow.incident_id == id, SignRow.words != ""
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(SignRow.id)).fetchall()
        found: dict[str, RisenWord] = {}
        for words, ids in rows:
            resting = tuple(json.loads(ids)) if ids else ()
            for word, came, usual in json.loads(words):
                found[word] = RisenWord(word=word, came=came, usual=usual, mention_ids=resting)
        return tuple(sorted(found.values(), key=lambda one: (-one.came, one.word)))

    def steps(self, id: int) -> tuple[Step, ...]:
        """Oldest first."""
        row = IncidentStepRow
        wanted = row.select(row.at, row.what, row.by, row.detail).where(row.incident_id == id)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(row.id)).fetchall()
        return tuple(Step(at=moment(at), what=what, by=by, detail=detail) for at, what, by, detail in rows)

    def course(self, id: int) -> tuple[Slot, ...]:
        """Oldest first."""
        row = CourseRow
        wanted = row.select(row.slot, row.came, row.expected, row.low, row.high).where(
            row.incident_id == id
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(row.slot)).fetchall()
        return tuple(Slot(slot_begins(slot), *more) for slot, *more in rows)

    def mentions_of(self, id: int, limit: int) -> tuple[int, ...]:
        """What it rests on, newest first."""
        row = IncidentMentionRow
        wanted = row.select(row.mention_id).where(row.incident_id == id)
        with self._database.read() as connection:
            rows = connection.execute(
                wanted.order_by(row.at.desc(), row.mention_id.desc()).limit(limit)
            ).fetchall()
        return tuple(id_ for (id_,) in rows)

    def farthest_of(self, id: int, limit: int) -> tuple[int, ...]:
        """Of what it rests on, the posts with the largest audience, most followers first."""
        row = IncidentMentionRow
        wanted = (
            row.select(row.mention_id)
            .join(MentionRow, on=(MentionRow.id == row.mention_id))
            .where(row.incident_id == id)
            .order_by(peewee.fn.COALESCE(MentionRow.followers, 0).desc(), row.at, row.mention_id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(id_ for (id_,) in connection.execute(wanted).fetchall())

    def platforms_of(self, id: int) -> tuple[tuple[str, int], ...]:
        """Where its mentions live, most first."""
        row = IncidentMentionRow
        many = peewee.fn.COUNT(1)
        wanted = (
            row.select(MentionRow.platform, many)
            .join(MentionRow, on=(MentionRow.id == row.mention_id))
            .where(row.incident_id == id)
            .group_by(MentionRow.platform)
            .order_by(many.desc(), MentionRow.platform)
        )
        with self._database.read() as connection:
            return tuple((name, int(count)) for name, count in connection.execute(wanted).fetchall())

    def closer_sources(self, now: datetime) -> frozenset[int]:
        """Sources that are to be read more often now."""
        row = IncidentMentionRow
        wanted = (
            MentionRow.select(MentionRow.source_id)
            .join(row, on=(row.mention_id == MentionRow.id))
            .join(_I, on=(_I.id == row.incident_id))
            .where(_I.closer_until > micros(now))
            .distinct()
        )
        with self._database.read() as connection:
            if connection.execute(
                _I.select(_I.id).where(_I.closer_until > micros(now)).limit(1)
            ).fetchone():
                return frozenset(id_ for (id_,) in connection.execute(wanted).fetchall())
        return frozenset()

    def act(self, id: int, step: Step, **columns: Any) -> None:
        """Something a person did: columns of the incident and a step, as one. NotFound."""
        plain = {
            name: micros(value) if isinstance(value, datetime) else clean(value) if isinstance(value, str)
            else value
            for name, value in columns.items()
        }  # fmt: skip

        def act(connection: Connection) -> None:
            put = _I.update(updated_at=micros(step.at), **plain).where(_I.id == id)
            if not connection.execute(put).rowcount:
                raise NotFound(_("There is no such incident (any more)."))
            _step(connection, id, step)

        self._database.write(act)

    def set_alert(self, id: int, alert_id: int) -> None:
        put = _I.update(alert_id=alert_id).where(_I.id == id)
        self._database.write(lambda connection: connection.execute(put))

    def forget(self, before: datetime) -> None:
        """What was heard before: rehearsals look no farther back."""
        slot = slot_of(before)

        def act(connection: Connection) -> None:
            for (brand,) in connection.execute(BrandRow.select(BrandRow.id)).fetchall():
                connection.execute(_H.delete().where(_H.brand_id == brand, _H.slot < slot))

        self._database.write(act)


_HEARD: tuple[Any, ...] = (
    _H.brand_id, _H.slot, _H.mention_id, _H.sort, _H.at, _H.negative, _H.bad, _H.reach, _H.topics,
    _H.story_id,
)  # fmt: skip


def slot_of(at: datetime) -> int:
    """The slot a moment lies in."""
    return micros(at) // (SLOT * 1_000_000)


def slot_begins(slot: int) -> datetime:
    return moment(slot * SLOT * 1_000_000)


def _by_id(one: HeardOf) -> int:
    return one.mention_id


def _heard(row: Sequence[Any]) -> HeardOf:
    brand, slot, id_, sort, at, negative, bad, reach, topics, story = row
    named = tuple(topics.strip(",").split(",")) if topics else ()
    return HeardOf(brand, slot, id_, sort, moment(at), negative, bool(bad), reach, named, story)


def _as_heard(row: Sequence[Any], begun: int | None) -> HeardOf:
    *plain, story, followers, verified, aspects = row
    brand, slot, id_, sort, at, negative, bad, reach, topics = plain
    published = int(at) // (SLOT * 1_000_000)
    before = begun is None or published < begun
    if sort is None or (sort == LATE and before):
        sort, slot = LIVE, published
        reach = heard_by(followers, bool(verified)) if bad else 0.0
        topics = negative_topics(aspects)
    if sort == LATE:
        slot = published
    return _heard((brand, slot, id_, sort, at, negative, bad, reach, topics, story))


def heard_by(followers: int | None, verified: bool) -> float:
    """People who may see a post, as `app.analysis.bursts.share.heard` has it."""
    return max(10.0, float(followers or 0)) * (3.0 if verified else 1.0)


def negative_topics(aspects: str) -> str:
    """Of ",delivery:+,price:-," the negative ones: ",price,"."""
    named = [one.removesuffix(":-") for one in aspects.strip(",").split(",") if one.endswith(":-")]
    return f",{','.join(named)}," if named else ""


def _turn(connection: Connection, turn: Turn) -> int:
    """The incident's id; nothing is written twice where it is said twice."""
    known = connection.execute(
        _I.select(_I.id, _I.strength, _I.channels).where(
            _I.brand_id == turn.brand_id, _I.number == turn.number
        )
    ).fetchone()
    if known is None:
        id_ = _opened(connection, turn)
        channels: list[str] = list(turn.channels)
    else:
        id_ = known[0]
        channels = list(dict.fromkeys([*filter(None, known[2].split(",")), *turn.channels]))
        changes: dict[str, Any] = {
            "updated_at": micros(turn.at),
            "strength": max(known[1], finite(turn.strength) or 0.0),
            "channels": ",".join(channels),
        }
        if turn.phase is not None:
            changes["phase"] = str(turn.phase)
        if turn.phase is IncidentPhase.CLOSED:
            changes["closed_at"] = micros(turn.at)
        if turn.severity is not None:
            changes["severity"] = str(turn.severity)
        if turn.reason:
            changes["reason"] = clean(turn.reason)
        connection.execute(_I.update(changes).where(_I.id == id_))
    if turn.phase is not None:
        _step(connection, id_, Step(at=turn.at, what=str(turn.phase), detail=turn.reason))
    for sign in turn.signs:
        connection.execute(SignRow.insert(_sign(id_, turn.at, sign)))
    _rest_on(connection, id_, turn.rests_on)
    _draw(connection, id_, turn.course)
    return int(id_)


def _opened(connection: Connection, turn: Turn) -> int:
    put = _I.insert(
        brand_id=turn.brand_id,
        number=turn.number,
        phase=str(turn.phase or IncidentPhase.OPENED),
        severity=str(turn.severity or Severity.P2),
        began_at=micros(turn.began_at or turn.at),
        opened_at=micros(turn.at),
        updated_at=micros(turn.at),
        title=clean(turn.title),
        reason=clean(turn.reason),
        strength=finite(turn.strength) or 0.0,
        channels=",".join(turn.channels),
    )
    return int(connection.execute(put.returning(_I.id)).fetchone()[0])


def _sign(id_: int, at: datetime, sign: Found) -> dict[str, Any]:
    return {
        "incident_id": id_,
        "at": micros(at),
        "channel": sign.channel,
        "told": clean(sign.told),
        "strength": finite(sign.strength) or 0.0,
        "story_id": sign.story_id,
        "words": dump([[clean(word), came, usual] for word, came, usual in sign.words])
        if sign.words
        else "",
        "mention_ids": dump(list(sign.mention_ids)) if sign.mention_ids else "",
    }


def _step(connection: Connection, id_: int, step: Step) -> None:
    connection.execute(
        IncidentStepRow.insert(
            incident_id=id_,
            at=micros(step.at),
            what=step.what,
            by=clean(step.by),
            detail=clean(step.detail),
        )
    )


def _rest_on(connection: Connection, id_: int, ids: Iterable[int]) -> None:
    for part in pieces(list(dict.fromkeys(ids)), _AT_ONCE):
        found = connection.execute(
            MentionRow.select(MentionRow.id, MentionRow.published_at).where(MentionRow.id.in_(among(part)))
        ).fetchall()
        rows = [{"incident_id": id_, "mention_id": mention, "at": at} for mention, at in found]
        if rows:
            connection.insert_rows(IncidentMentionRow, rows, "ON CONFLICT DO NOTHING")


def _draw(
    connection: Connection, id_: int, course: Sequence[tuple[int, float, float, float, float]]
) -> None:
    names = ("slot", "came", "expected", "low", "high")
    rows = [{"incident_id": id_, **dict(zip(names, one, strict=True))} for one in course]
    for part in pieces(rows, _AT_ONCE):
        connection.insert_rows(CourseRow, part, "ON CONFLICT DO NOTHING")


def _counts(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    row = IncidentMentionRow
    found: dict[int, int] = {}
    for part in pieces(list(ids), _AT_ONCE):
        wanted = row.select(row.incident_id, peewee.fn.COUNT(1)).where(row.incident_id.in_(among(part)))
        found.update(connection.execute(wanted.group_by(row.incident_id)).fetchall())
    return found


def _stories(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Stories the signs name, in the order they were told."""
    found: dict[int, dict[int, None]] = defaultdict(dict)
    for part in pieces(list(ids), _AT_ONCE):
        wanted = SignRow.select(SignRow.incident_id, SignRow.story_id).where(
            SignRow.incident_id.in_(among(part)), SignRow.story_id.is_null(False)
        )
        for id_, story in connection.execute(wanted.order_by(SignRow.id)).fetchall():
            found[id_][story] = None
    return {id_: tuple(stories) for id_, stories in found.items()}


def _incident(row: Sequence[Any], mentions: int, stories: tuple[int, ...]) -> Incident:
    (id_, brand_id, brand, phase, severity, opened, updated, closed, title, reason, strength, channels,
     alert_id, muted, muted_by, escalated, closer) = row  # fmt: skip
    return Incident(
        id=id_,
        brand_id=brand_id,
        brand=brand or "",
        phase=IncidentPhase(phase),
        severity=Severity(severity),
        opened_at=moment(opened),
        updated_at=moment(updated),
        closed_at=maybe_moment(closed),
        title=title,
        reason=reason,
        strength=strength,
        channels=tuple(filter(None, channels.split(","))),
        mentions=int(mentions),
        stories=stories,
        alert_id=alert_id,
        muted=muted,
        muted_by=muted_by,
        escalated_to=escalated,
        closer_until=maybe_moment(closer),
    )
