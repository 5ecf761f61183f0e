"""The queue: which mentions wait for an answer, whose they are, who is looking.

Any thread may call; writes happen on the writer thread. Who has claimed a mention stands in the mention's
own status; the row of `desk` carries how long that claim lives. Both change in one transaction, here in
`follow`, which every change of a status calls. The functions over a connection run inside the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import peewee

from app.domain.alert import Severity
from app.domain.desk import Item, Stage
from app.domain.mention import Status
from app.domain.queue import ALL_TEAMS, LEASE, PRESENCE, Pile, QueueCounts, QueueKey, QueueQuery
from app.errors import NotFound
from app.i18n import _
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, load, maybe_moment, micros, moment, pieces
from app.storage.models import EventRow, MentionRow, SettingRow
from app.storage.models_desk import DeskRow, NoteRow, ViewingRow
from app.storage.rows import own_first, rivalry

_D, _M, _V = DeskRow, MentionRow, ViewingRow
LEASE_KEY = "desk.lease"
"""The team's setting: minutes."""
ALLOWED = 1800
"""Seconds, for what is put on the desk by hand."""
MOST_COUNTED = 1000
RECENT = 2000
"""Lines of the histories in which names are looked for."""
_SETTLED = (str(Status.ANSWERED), str(Status.IGNORED))

COLUMNS: tuple[Any, ...] = (
    _D.mention_id, _D.severity, _D.stage, _D.why, _D.brand_id, _D.source_id, _D.team_id, _D.owner,
    _D.owned_at, _D.lease_until, _D.opened_at, _D.published_at, _D.seen_at, _D.started_at, _D.allowed,
    _D.used, _D.due_at, _D.warned, _D.paused_at, _D.pause, _D.reopened, _D.heard_at, _D.answered_at,
    _D.first_response,
)  # fmt: skip


class Standing(NamedTuple):
    """How a mention stands while its row is held."""

    status: str
    by: str
    stage: str
    until: int | None
    """When the claim runs out; None without a claim."""

    def claimed_by(self) -> str:
        return self.by if self.status == str(Status.CLAIMED) else ""

    def holder(self, at: datetime) -> str:
        """Whose it is now; nobody's once the claim has run out."""
        return "" if self.until is None or self.until <= micros(at) else self.claimed_by()


# ── inside a transaction ─────────────────────────────────────────────────────────────────────────


def hold(connection: Connection, mention_id: int) -> Standing:
    """Nobody else decides about it until the transaction ends. NotFound where there is none.

    SQLite's transactions follow each other; elsewhere the mention's row is locked, then the desk's.
    """
    if not connection.sqlite:
        connection.execute_sql("SELECT id FROM mention WHERE id = %s FOR UPDATE", (mention_id,))
        connection.execute_sql(
            "SELECT mention_id FROM desk WHERE mention_id = %s FOR UPDATE", (mention_id,)
        )
    wanted = (
        _M.select(_M.status, _M.status_by, _M.status_at, _D.stage, _D.lease_until)
        .join(_D, peewee.JOIN.LEFT_OUTER, on=(_D.mention_id == _M.id))
        .where(_M.id == mention_id)
    )
    row = connection.execute(wanted).fetchone()
    if row is None:
        raise NotFound(_("This mention is not in the database (any more)."))
    status, by, since, stage, until = row
    if status != str(Status.CLAIMED):
        until = None
    elif until is None:  # claimed by a program that knew no leases
        until = (since or 0) + _micros(lease(connection))
    return Standing(status, by, stage or "", until)


def lease(connection: Connection) -> timedelta:
    """How long a claim lives without a sign of its holder."""
    wanted = SettingRow.select(SettingRow.value).where(SettingRow.key == LEASE_KEY)
    row = connection.execute(wanted).fetchone()
    minutes = load(row[0]) if row else None
    if isinstance(minutes, int | float) and minutes > 0:
        return timedelta(minutes=minutes)
    return LEASE


def ensure_row(connection: Connection, mention_id: int, at: datetime) -> None:
    """Put a mention on the desk by hand, unless it is there."""
    if connection.execute(_D.select(_D.mention_id).where(_D.mention_id == mention_id)).fetchone():
        return
    wanted = _M.select(_M.source_id, _M.brands, _M.published_at, _M.fetched_at, _M.status)
    row = connection.execute(wanted.where(_M.id == mention_id)).fetchone()
    if row is None:
        raise NotFound(_("This mention is not in the database (any more)."))
    source_id, brands, published_at, fetched_at, status = row
    columns = {
        "mention_id": mention_id,
        "severity": str(Severity.P2),
        "stage": str(Stage.DONE if status in _SETTLED else Stage.OPEN),
        "why": "hand",
        "brand_id": next(iter(own_first(brands, rivalry(connection))), None),
        "source_id": source_id,
        "opened_at": micros(at),
        "published_at": published_at,
        "seen_at": fetched_at,
        "started_at": fetched_at,
        "allowed": ALLOWED,
        "due_at": fetched_at + ALLOWED * 1_000_000,
    }
    connection.execute(_D.insert(columns).on_conflict_ignore())


def set_stage(
    connection: Connection, ids: Sequence[int], stage: Stage, at: datetime, pause: str = ""
) -> None:
    """Open, waiting or done, of those that are on the desk."""
    waits = stage is Stage.WAITING
    columns = {
        "stage": str(stage),
        "pause": clean(pause) if waits else "",
        "paused_at": micros(at) if waits else None,
    }
    connection.execute(_D.update(columns).where(_D.mention_id.in_(ids)))


def follow(connection: Connection, ids: Sequence[int], status: Status, by: str, at: datetime) -> None:
    """The desk's rows keep step with the status of their mentions."""
    for part in pieces(ids, 500):
        if status is Status.CLAIMED:
            _owned(connection, part, by, at)
        else:
            free = {"owner": "", "owned_at": None, "lease_until": None}
            connection.execute(_D.update(free).where(_D.mention_id.in_(part)))
        if status is Status.ANSWERED:
            set_stage(connection, part, Stage.DONE, at)
        elif status is Status.IGNORED:  # nobody needs to answer these
            connection.execute(_D.delete().where(_D.mention_id.in_(part)))
        else:
            again = _D.select(_D.mention_id).where(_D.mention_id.in_(part), _D.stage == str(Stage.DONE))
            closed = [id_ for (id_,) in connection.execute(again).fetchall()]
            set_stage(connection, closed, Stage.OPEN, at)


def _owned(connection: Connection, ids: Sequence[int], by: str, at: datetime) -> None:
    for id_ in ids:
        ensure_row(connection, id_, at)
    until = micros(at + lease(connection))
    owned = {"owner": clean(by), "owned_at": micros(at), "lease_until": until}
    connection.execute(_D.update(owned).where(_D.mention_id.in_(ids)))


def renew(connection: Connection, mention_id: int, who: str, at: datetime) -> bool:
    """A sign of the holder: the claim lives on. False where it is not (any more) theirs."""
    until = micros(at + lease(connection))
    later = _D.lease_until.is_null() | (_D.lease_until < until)
    put = _D.update(lease_until=until).where(
        _D.mention_id == mention_id, _D.owner == clean(who), _D.owner != "", later
    )
    return bool(connection.execute(put).rowcount)


def _micros(span: timedelta) -> int:
    return round(span.total_seconds() * 1_000_000)


# ── for everybody ────────────────────────────────────────────────────────────────────────────────


class Queue:
    """`storage.queue`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def items(
        self, query: QueueQuery, now: datetime, after: QueueKey | None = None, limit: int = 200
    ) -> tuple[tuple[Item, ...], QueueKey | None]:
        """By time left, those whose clock stands last; of DONE the newest first. And where to go on."""
        rows: list[Any] = []
        with self._database.read() as connection:
            for wanted in stretches(query, now, after):
                if len(rows) <= limit:
                    rows += connection.execute(wanted.limit(limit + 1 - len(rows))).fetchall()
        items = tuple(item_of(row) for row in rows[:limit])
        more = len(rows) > limit and items
        return items, QueueKey(items[-1].due_at, items[-1].mention_id) if more else None

    def get(self, mention_id: int) -> Item | None:
        """None where it is not on the desk."""
        with self._database.read() as connection:
            row = connection.execute(_D.select(*COLUMNS).where(_D.mention_id == mention_id)).fetchone()
        return None if row is None else item_of(row)

    def counts(self, query: QueueQuery, now: datetime) -> QueueCounts:
        """Of every list, with the filters of `query`."""
        sums = [
            peewee.fn.COUNT(peewee.Case(None, [(_all(_of_pile(_as(query, pile), now)), 1)]))
            for pile in (Pile.MINE, Pile.UNCLAIMED, Pile.TEAM, Pile.WAITING)
        ]
        shared = _filtered(query)
        living = _D.select(*sums).where(_D.stage.in_([str(Stage.OPEN), str(Stage.WAITING)]), *shared)
        closed = _D.select(_D.mention_id).where(*_of_pile(_as(query, Pile.DONE), now), *shared)
        capped = peewee.Select([closed.limit(MOST_COUNTED)], [peewee.fn.COUNT(1)])
        with self._database.read() as connection:
            mine, unclaimed, team, waiting = connection.execute(living).fetchone()
            (done,) = connection.execute(capped).fetchone()
        return QueueCounts(mine=mine, unclaimed=unclaimed, team=team, waiting=waiting, done=done)

    def view(self, mention_id: int, who: str, at: datetime, *, active: bool = True) -> bool:
        """A sign that `who` has it open; True where nobody knew of that before.

        `active`: a person is at it, so a claim of theirs lives on. The first time is in the history.
        """
        seen = clean(who)

        def act(connection: Connection) -> bool:
            before = connection.execute(
                _V.select(_V.at).where(_V.mention_id == mention_id, _V.who == seen)
            ).fetchone()
            put = _V.insert(mention_id=mention_id, who=seen, at=micros(at)).on_conflict(
                conflict_target=[_V.mention_id, _V.who], preserve=[_V.at]
            )
            connection.execute(put)
            if before is None:
                _saw(connection, mention_id, seen, at)
            if active:
                renew(connection, mention_id, seen, at)
            return before is None or before[0] <= micros(at - PRESENCE)

        return self._database.write(act)

    def viewers(self, ids: Sequence[int], now: datetime) -> dict[int, tuple[str, ...]]:
        """Who has which open, by name."""
        found: dict[int, list[str]] = {}
        alive = _V.at > micros(now - PRESENCE)
        with self._database.read() as connection:
            for part in pieces(ids, 500):
                wanted = _V.select(_V.mention_id, _V.who).where(_V.mention_id.in_(part), alive)
                for id_, who in connection.execute(wanted.order_by(_V.who)).fetchall():
                    found.setdefault(id_, []).append(who)
        return {id_: tuple(names) for id_, names in found.items()}

    def names(self) -> tuple[str, ...]:
        """Of people who hold something, wrote or got notes, or did something of late; in order."""
        owners = _D.select(_D.owner).distinct()
        writers = NoteRow.select(NoteRow.by).distinct()
        called = NoteRow.select(NoteRow.to).where(NoteRow.to != "").distinct()
        late = EventRow.select(EventRow.by).order_by(EventRow.id.desc()).limit(RECENT)
        with self._database.read() as connection:
            rows = [
                row for one in (owners, writers, called, late) for row in connection.execute(one).fetchall()
            ]
        return tuple(sorted({name for (said,) in rows for name in said.split(",") if name}))


def stretches(query: QueueQuery, now: datetime, after: QueueKey | None = None) -> list[Any]:
    """The list as one or two queries, to be read one after the other, each in the order of an index."""
    listed = _of_pile(query, now) + _filtered(query)
    if query.pile is Pile.DONE:
        behind = [_D.mention_id < after.mention_id] if after is not None else []
        return [_D.select(*COLUMNS).where(*listed, *behind).order_by(_D.mention_id.desc())]
    return [
        _D.select(*COLUMNS).where(*listed, *part).order_by(_D.due_at.asc(), _D.mention_id.asc())
        for part in _behind(after)
    ]


def _saw(connection: Connection, mention_id: int, who: str, at: datetime) -> None:
    if connection.execute(_M.select(_M.id).where(_M.id == mention_id)).fetchone() is None:
        raise NotFound(_("This mention is not in the database (any more)."))
    line = {"mention_id": mention_id, "at": micros(at), "by": who, "what": "seen", "detail": ""}
    connection.execute(EventRow.insert(line))


def _as(query: QueueQuery, pile: Pile) -> QueueQuery:
    return replace(query, pile=pile)


def _of_pile(query: QueueQuery, now: datetime) -> list[Any]:
    """Which rows the list holds; the stage first, as the index has it."""
    stages = {Pile.WAITING: Stage.WAITING, Pile.DONE: Stage.DONE}
    made = [_D.stage == str(stages.get(query.pile, Stage.OPEN))]
    if query.pile is Pile.MINE:
        return [*made, _D.owner == clean(query.who)]
    if query.pile is Pile.UNCLAIMED:
        made.append((_D.owner == "") | (_D.lease_until <= micros(now)))
    if query.team_id not in (None, ALL_TEAMS):
        made.append(_D.team_id.is_null() | (_D.team_id == query.team_id))
    return made


def _filtered(query: QueueQuery) -> list[Any]:
    made: list[Any] = []
    if query.brands:
        made.append(_D.brand_id.in_(query.brands))
    if query.severities:
        made.append(_D.severity.in_([str(one) for one in query.severities]))
    return made


def _behind(after: QueueKey | None) -> list[list[Any]]:
    """Two stretches, so that NULLs come last on every engine and both are read from the index."""
    ticking, standing = _D.due_at.is_null(False), _D.due_at.is_null()
    if after is None:
        return [[ticking], [standing]]
    if after.due_at is None:
        return [[standing, _D.mention_id > after.mention_id]]
    due = micros(after.due_at)
    later = (_D.due_at > due) | (_D.mention_id > after.mention_id)
    return [[_D.due_at >= due, later], [standing]]


def _all(conditions: Iterable[Any]) -> Any:
    made: Any = None
    for one in conditions:
        made = one if made is None else made & one
    return made


def item_of(row: Sequence[Any]) -> Item:
    """The value of one row selected as `COLUMNS`."""
    (mention_id, severity, stage, why, brand_id, source_id, team_id, owner, owned_at, lease_until,
     opened_at, published_at, seen_at, started_at, allowed, used, due_at, warned, paused_at, pause,
     reopened, heard_at, answered_at, first_response) = row  # fmt: skip
    return Item(
        mention_id=mention_id,
        severity=Severity(severity) if severity in tuple(Severity) else Severity.P3,
        stage=Stage(stage) if stage in tuple(Stage) else Stage.OPEN,
        why=why,
        brand_id=brand_id,
        source_id=source_id,
        team_id=team_id,
        owner=owner,
        owned_at=maybe_moment(owned_at),
        lease_until=maybe_moment(lease_until),
        opened_at=moment(opened_at),
        published_at=moment(published_at),
        seen_at=moment(seen_at),
        started_at=moment(started_at),
        allowed=allowed,
        used=used,
        due_at=maybe_moment(due_at),
        warned=warned,
        paused_at=maybe_moment(paused_at),
        pause=pause,
        reopened=reopened,
        heard_at=maybe_moment(heard_at),
        answered_at=maybe_moment(answered_at),
        first_response=first_response,
    )
