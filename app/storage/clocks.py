"""What comes to the desk, and how its clocks run: functions inside the caller's write transaction.

So whatever changes a mention (a status, a correction, a deletion) moves its clock in the same breath, and
a program killed anywhere leaves both as they were. `deadlines.py` has the acts that stand by themselves.

A clock is never wound: a row holds how many seconds of work were `used` as of `counted_at`, and the moments
that follow from it by the team's calendar. Who locks both takes the mention first, then its row here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.desk.clock import Clock
from app.domain.alert import AlertState, Severity
from app.domain.delivery import Sent
from app.domain.desk import Item, Limit, Policy, Stage, Start
from app.domain.people import Calendar
from app.storage.connection import Connection
from app.storage.edge import clean, dump, load, maybe_micros, maybe_moment, micros, moment, pieces
from app.storage.models import AlertRow, SettingRow
from app.storage.models_desk import DeliveryRow, DeskRow, TeamRow
from app.storage.people import read_calendar
from app.storage.rows import rivalry

_A, _D = AlertRow, DeskRow
POLICY = "deadlines"
"""The team's setting."""
_AT_ONCE = 400
_COLUMNS = (
    _D.mention_id, _D.severity, _D.stage, _D.why, _D.brand_id, _D.source_id, _D.team_id, _D.owner,
    _D.owned_at, _D.lease_until, _D.opened_at, _D.published_at, _D.seen_at, _D.started_at, _D.allowed,
    _D.used, _D.counted_at, _D.due_at, _D.next_at, _D.warned, _D.told, _D.paused_at, _D.pause, _D.reopened,
    _D.heard_at, _D.answered_at, _D.first_response,
)  # fmt: skip


class Row(NamedTuple):
    """A row of `desk`, in the order of `_COLUMNS`."""

    mention_id: int
    severity: str
    stage: str
    why: str
    brand_id: int | None
    source_id: int
    team_id: int | None
    owner: str
    owned_at: int | None
    lease_until: int | None
    opened_at: int
    published_at: int
    seen_at: int
    started_at: int
    allowed: int
    used: int
    counted_at: int
    due_at: int | None
    next_at: int | None
    warned: int
    told: int
    paused_at: int | None
    pause: str
    reopened: int
    heard_at: int | None
    answered_at: int | None
    first_response: int | None


class Terms(NamedTuple):
    """What clocks run by, as it stands in this transaction."""

    policy: Policy
    calendars: Mapping[int, Calendar]
    rivals: Mapping[int, bool]

    @classmethod
    def read(cls, connection: Connection) -> Terms:
        teams = connection.execute(TeamRow.select(TeamRow.id, TeamRow.calendar)).fetchall()
        return cls(
            read_policy(connection),
            {id_: read_calendar(said) for id_, said in teams},
            rivalry(connection),
        )

    def clock(self, row: Row) -> Clock:
        """As it has run since it was last counted."""
        calendar = self.calendars.get(row.team_id or 0, Calendar())
        return Clock(calendar, moment(row.counted_at or row.started_at), row.used, row.allowed)

    def times(self, row: Row, at: datetime) -> dict[str, Any]:
        """The columns that follow from the others while the clock of an open item runs."""
        clock = self.clock(row)
        level = clock.level(at)
        told = min(row.told, level)
        return {
            "due_at": maybe_micros(clock.due()),
            "next_at": maybe_micros(clock.next(told)),
            "warned": min(row.warned, level),
            "told": told,
        }


STANDING: dict[str, Any] = {"due_at": None, "next_at": None}
"""The same while it stands."""
ANEW: dict[str, Any] = {
    "stage": str(Stage.OPEN), "used": 0, "warned": 0, "told": 0, "paused_at": None, "pause": "",
    "answered_at": None,
}  # fmt: skip
"""A clock that begins again."""


# ── reading ────────────────────────────────────────────────────────────────────────────────────


def rows(connection: Connection, where: Any, *, hold: bool = True) -> list[Row]:
    """In the order of mentions; `hold`: nobody else changes them before this transaction ends."""
    wanted = _D.select(*_COLUMNS).where(where).order_by(_D.mention_id)
    if hold and not connection.sqlite:
        wanted = wanted.for_update()
    return [Row(*row) for row in connection.execute(wanted).fetchall()]


def rows_of(connection: Connection, ids: Iterable[int], *, hold: bool = True) -> list[Row]:
    found: list[Row] = []
    for part in pieces(sorted(set(ids)), _AT_ONCE):
        found += rows(connection, _D.mention_id.in_(part), hold=hold)
    return found


def due(connection: Connection, at: datetime, limit: int) -> list[Row]:
    """Clocks that had something to say by now: of all the earliest, in the order of mentions.

    They are not held: who changes many rows does so in that order, so that two never wait for each other.
    """
    wanted = _D.select(*_COLUMNS).where(_D.next_at <= micros(at), _D.stage == str(Stage.OPEN))
    wanted = wanted.order_by(_D.next_at, _D.mention_id).limit(limit)
    return sorted(Row(*row) for row in connection.execute(wanted).fetchall())


def item_of(row: Row) -> Item:
    return Item(
        mention_id=row.mention_id,
        severity=Severity(row.severity),
        stage=Stage(row.stage),
        why=row.why,
        brand_id=row.brand_id,
        source_id=row.source_id,
        team_id=row.team_id,
        owner=row.owner,
        owned_at=maybe_moment(row.owned_at),
        lease_until=maybe_moment(row.lease_until),
        opened_at=moment(row.opened_at),
        published_at=moment(row.published_at),
        seen_at=moment(row.seen_at),
        started_at=moment(row.started_at),
        allowed=row.allowed,
        used=row.used,
        due_at=maybe_moment(row.due_at),
        warned=row.warned,
        paused_at=maybe_moment(row.paused_at),
        pause=row.pause,
        reopened=row.reopened,
        heard_at=maybe_moment(row.heard_at),
        answered_at=maybe_moment(row.answered_at),
        first_response=row.first_response,
    )


def read_policy(connection: Connection) -> Policy:
    """What a later version has written besides is passed over."""
    found = connection.execute(
        SettingRow.select(SettingRow.value).where(SettingRow.key == POLICY)
    ).fetchone()
    said = load(found[0]) if found else {}
    plain, start = Policy(), said.get("start")
    limits = tuple(
        Limit(**{name: value for name, value in one.items() if name in Limit.__slots__})
        for one in said.get("limits", ())
    )
    return Policy(
        limits=limits or plain.limits,
        start=Start(start) if start in tuple(Start) else plain.start,
        max_age=said.get("max_age", plain.max_age),
        team_id=said.get("team_id"),
        by_source={int(source): team for source, team in said.get("by_source", {}).items()},
        by_brand={int(brand): team for brand, team in said.get("by_brand", {}).items()},
    )


def write_policy(connection: Connection, policy: Policy) -> None:
    said = {
        "limits": [{"where": one.where, "p1": one.p1, "p2": one.p2, "p3": one.p3} for one in policy.limits],
        "start": str(policy.start),
        "max_age": policy.max_age,
        "team_id": policy.team_id,
        "by_source": {str(source): team for source, team in policy.by_source.items()},
        "by_brand": {str(brand): team for brand, team in policy.by_brand.items()},
    }
    put = SettingRow.insert(key=POLICY, value=dump(said))
    connection.execute(put.on_conflict(conflict_target=[SettingRow.key], preserve=[SettingRow.value]))


# ── what becomes of a mention moves its clock ──────────────────────────────────────────────────


def answered(connection: Connection, ids: Iterable[int], at: datetime) -> None:
    """Done; how much work time the first answer took is kept."""
    terms = Terms.read(connection)
    for row in rows_of(connection, ids):
        if row.stage == str(Stage.DONE):
            continue
        used = row.used if row.paused_at is not None else terms.clock(row).used_at(at)
        first = row.first_response if row.first_response is not None else used
        done = {"stage": str(Stage.DONE), "answered_at": micros(at), "first_response": first, **STANDING}
        change(connection, row, done)


def unanswered(connection: Connection, ids: Iterable[int], at: datetime) -> None:
    """An answer that was thought to be given was not: the clock goes on as if it never stood.

    What was closed without one waits anew.
    """
    terms = Terms.read(connection)
    for row in rows_of(connection, ids):
        if row.stage == str(Stage.DONE) and row.answered_at is None:
            run(connection, terms, row, {**ANEW, "started_at": micros(at), "counted_at": micros(at)}, at)
        elif row.stage == str(Stage.DONE):
            put = {
                **ANEW, "used": row.used, "warned": row.warned, "told": row.told,
                "first_response": row.first_response if row.reopened else None,
                "counted_at": row.counted_at if row.paused_at is None else micros(at),
            }  # fmt: skip
            run(connection, terms, row, put, at)


def close(connection: Connection, ids: Iterable[int]) -> None:
    """Done without an answer: a person has said that there is nothing to answer."""
    done = {"stage": str(Stage.DONE), **STANDING}
    for part in pieces(sorted(set(ids)), _AT_ONCE):
        still = _D.mention_id.in_(part) & (_D.stage != str(Stage.DONE))
        connection.execute(_D.update(done).where(still))


def drop(connection: Connection, ids: Iterable[int]) -> None:
    """Nobody needs to answer these."""
    for part in pieces(sorted(set(ids)), _AT_ONCE):
        connection.execute(_D.delete().where(_D.mention_id.in_(part)))


def settle(connection: Connection, ids: Iterable[int], at: datetime) -> None:
    """What the clocks of these have raised needs nobody any more."""
    for part in pieces(sorted(set(ids)), _AT_ONCE):
        raised = (_A.kind == "deadline") & _A.mention_id.in_(part) & (_A.state != str(AlertState.DONE))
        put = _A.update(state=str(AlertState.DONE), state_at=micros(at), climbs_at=None)
        alerts = [id_ for (id_,) in connection.execute(put.where(raised).returning(_A.id)).fetchall()]
        if alerts:
            waits = DeliveryRow.alert_id.in_(alerts) & (DeliveryRow.state == str(Sent.WAITING))
            dropped = DeliveryRow.update(state=str(Sent.DROPPED), changed_at=micros(at))
            connection.execute(dropped.where(waits))


def gone(connection: Connection, ids: Sequence[int], at: datetime) -> None:
    """Deleted on their platform: what was not answered cannot be any more."""
    settle(connection, ids, at)
    for part in pieces(sorted(set(ids)), _AT_ONCE):
        connection.execute(_D.delete().where(_D.mention_id.in_(part), _D.stage != str(Stage.DONE)))


# ── changing a clock ───────────────────────────────────────────────────────────────────────────


def change(connection: Connection, row: Row, columns: Mapping[str, Any]) -> bool:
    """False where it has moved on meanwhile."""
    same = (_D.mention_id == row.mention_id) & (_D.stage == row.stage) & (_D.reopened == row.reopened)
    return bool(connection.execute(_D.update(dict(columns)).where(same)).rowcount)


def run(connection: Connection, terms: Terms, row: Row, columns: Mapping[str, Any], at: datetime) -> bool:
    """Change columns of an item whose clock runs afterwards, and what follows from them."""
    after = row._replace(**columns)
    return change(connection, row, {**columns, **terms.times(after, at)})


def pause(connection: Connection, terms: Terms, row: Row, reason: str, at: datetime) -> bool:
    """The clock stands; False where it stood already."""
    if row.stage != str(Stage.OPEN):
        return False
    used = terms.clock(row).used_at(at)
    return change(
        connection,
        row,
        {
            "stage": str(Stage.WAITING), "pause": clean(reason), "paused_at": micros(at), "used": used,
            "counted_at": micros(at), **STANDING,
        },
    )  # fmt: skip


def resume(connection: Connection, terms: Terms, row: Row, at: datetime, **more: Any) -> bool:
    """It runs on with what was left; False where it was running."""
    if row.stage != str(Stage.WAITING):
        return False
    put = {"stage": str(Stage.OPEN), "pause": "", "paused_at": None, "counted_at": micros(at), **more}
    return run(connection, terms, row, put, at)


def transfer(connection: Connection, terms: Terms, row: Row, team_id: int | None, at: datetime) -> bool:
    """What is left runs by the other team's calendar from now on."""
    if row.stage == str(Stage.DONE) or row.team_id == team_id:
        return False
    put: dict[str, Any] = {"team_id": team_id}
    if row.stage == str(Stage.WAITING):
        return change(connection, row, put)
    put |= {"used": terms.clock(row).used_at(at), "counted_at": micros(at)}
    return run(connection, terms, row, put, at)


def reopen(
    connection: Connection, terms: Terms, row: Row, start: datetime, at: datetime, **more: Any
) -> bool:
    """A new clock from `start` on; the first answer stays on record."""
    put = {**ANEW, "started_at": micros(start), "counted_at": micros(start), "reopened": row.reopened + 1}
    return run(connection, terms, row, {**put, **more}, at)


def redate(connection: Connection, found: Sequence[Row], at: datetime, adapt: Callable[[Row], Row]) -> int:
    """`adapt` says how the rows of running clocks are to stand; what follows from that is worked out anew.

    How many changed.
    """
    terms = Terms.read(connection)
    names = ("allowed", "started_at", "counted_at", "team_id", "due_at", "next_at", "warned", "told")
    mark = connection.database.param
    lines = []
    for row in found:
        wanted = adapt(row)
        wanted = wanted._replace(**terms.times(wanted, at))
        if wanted != row:
            lines.append((*(getattr(wanted, name) for name in names), row.mention_id))
    # One statement for all, past peewee: thousands are re-dated while somebody waits.
    put = ", ".join(f'"{name}" = {mark}' for name in names)
    if lines:
        connection.execute_many(f'UPDATE "desk" SET {put} WHERE "mention_id" = {mark}', lines)  # noqa: S608  # our own names
    return len(lines)


def old(policy: Policy, published_at: int, at: datetime) -> bool:
    """Too old to come to the desk by itself."""
    return moment(published_at) < at - timedelta(seconds=policy.max_age)
