"""The clocks of what waits for an answer: putting on the desk, standing still, running on, and what is due.

Any thread may call; each act is one transaction on the writer thread. What follows from another change of a
mention (a status, a correction, a deletion) happens in that change's own transaction: `arriving.py`.

A level of a clock (50, 80, 100 %) is told by one program of several: `claim` takes it by compare-and-set
and is back in `CLAIMED_FOR` if nobody says `told`, so that a program killed in between costs no warning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import peewee

from app.domain.alert import Severity
from app.domain.desk import Item, Policy, Stage, Start, Warned
from app.storage import clocks
from app.storage.arriving import Arrived, arrive
from app.storage.clocks import Row, Terms
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.desk import note
from app.storage.edge import clean, maybe_moment, micros, pieces
from app.storage.models import MentionRow
from app.storage.models_desk import DeskRow
from app.storage.values import Event

_D = DeskRow
CLAIMED_FOR = timedelta(seconds=30)
_AT_ONCE = 400


class Deadlines:
    """`storage.deadlines`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ── looking ──────────────────────────────────────────────────────────────────────────────

    def item(self, mention_id: int) -> Item | None:
        """None where it is not on the desk."""
        return self.items([mention_id]).get(mention_id)

    def items(self, ids: Sequence[int]) -> dict[int, Item]:
        """Those of these mentions that are on the desk."""
        with self._database.read() as connection:
            found = clocks.rows_of(connection, ids, hold=False)
        return {row.mention_id: clocks.item_of(row) for row in found}

    def left(self, mention_id: int, at: datetime) -> int | None:
        """Seconds of work time that are left, below zero when it is over; None where no clock counts."""
        with self._database.read() as connection:
            found = clocks.rows(connection, _D.mention_id == mention_id, hold=False)
            terms = Terms.read(connection)
        if not found or not found[0].allowed or found[0].stage == str(Stage.DONE):
            return None
        row = found[0]
        used = row.used if row.stage == str(Stage.WAITING) else terms.clock(row).used_at(at)
        return row.allowed - used

    # ── coming to the desk ───────────────────────────────────────────────────────────────────

    def consider(self, ids: Sequence[int], at: datetime) -> Arrived:
        """Freshly judged mentions, of which the alarms know: what of them waits for an answer?"""

        def act(connection: Connection) -> Arrived:
            arrived = arrive(connection, ids, at)
            note(connection, arrived.reopened, Event(at, "", "reopened", ""))
            return arrived

        return self._database.write(act) if ids else Arrived()

    def put(self, ids: Sequence[int], by: str, at: datetime, severity: Severity | None = None) -> Arrived:
        """By hand, whatever they are; one that was done begins anew. How many is the length of `placed`."""

        def act(connection: Connection) -> Arrived:
            arrived = arrive(connection, ids, at, by_hand=True, severity=severity)
            note(connection, [*arrived.placed, *arrived.reopened], Event(at, by, "desk", ""))
            return arrived

        return self._database.write(act) if ids else Arrived()

    # ── standing still, running on, changing hands ───────────────────────────────────────────

    def pause(self, ids: Sequence[int], reason: str, by: str, at: datetime) -> int:
        """The clocks stand while somebody else must act; how many ran."""
        return self._each(
            ids,
            lambda connection, terms, row: clocks.pause(connection, terms, row, reason, at),
            Event(at, by, "pause", clean(reason)),
        )

    def resume(self, ids: Sequence[int], by: str, at: datetime) -> int:
        """They run on with what was left; how many stood."""
        return self._each(
            ids,
            lambda connection, terms, row: clocks.resume(connection, terms, row, at),
            Event(at, by, "resume", ""),
        )

    def transfer(self, ids: Sequence[int], team_id: int | None, team: str, by: str, at: datetime) -> int:
        """To another team, named `team`, whose calendar counts from now on; how many were not its own."""
        return self._each(
            ids,
            lambda connection, terms, row: clocks.transfer(connection, terms, row, team_id, at),
            Event(at, by, "team", clean(team)),
        )

    def _each(self, ids: Sequence[int], do: Callable[[Connection, Terms, Row], bool], event: Event) -> int:
        def act(connection: Connection) -> int:
            terms = Terms.read(connection)
            done = [row.mention_id for row in clocks.rows_of(connection, ids) if do(connection, terms, row)]
            note(connection, done, event)
            return len(done)

        return self._database.write(act) if ids else 0

    # ── what they run by ─────────────────────────────────────────────────────────────────────

    def policy(self) -> Policy:
        with self._database.read() as connection:
            return clocks.read_policy(connection)

    def save_policy(self, policy: Policy, at: datetime) -> int:
        """Whatever runs is re-dated by it; how many were. Whose an item is, it stays."""

        def act(connection: Connection) -> int:
            clocks.write_policy(connection, policy)
            return _redate(connection, at)

        return self._database.write(act)

    def redate(self, at: datetime) -> int:
        """A calendar has changed, or what is known of holidays; how many deadlines moved."""
        return self._database.write(lambda connection: _redate(connection, at))

    # ── the timer ────────────────────────────────────────────────────────────────────────────

    def next_at(self) -> datetime | None:
        """When the next clock has something to say."""
        with self._database.read() as connection:
            first = _D.select(peewee.fn.MIN(_D.next_at)).where(_D.next_at.is_null(False))
            return maybe_moment(connection.execute(first).fetchone()[0])

    def claim(self, at: datetime, limit: int) -> tuple[Warned, ...]:
        """Clocks that have reached a level by now, the earliest first, for this program to tell.

        Of several levels that were missed, only the highest.
        """

        def act(connection: Connection) -> tuple[Warned, ...]:
            due = clocks.due(connection, at, limit)
            terms = Terms.read(connection) if due else None
            claimed = []
            for row in due:
                assert terms is not None  # noqa: S101  # for the type checker
                warned = _claimed(connection, terms, row, at)
                if warned is not None:
                    claimed.append(warned)
            return tuple(sorted(claimed, key=lambda one: one.due_at))

        return self._database.write(act)

    def told(self, warned: Sequence[Warned], at: datetime) -> None:
        """These were told; their clocks go on to the next level."""
        levels = {one.mention_id: one.percent for one in warned}

        def act(connection: Connection) -> None:
            terms = Terms.read(connection)
            for row in clocks.rows_of(connection, levels):
                if row.stage == str(Stage.OPEN) and row.warned == levels[row.mention_id]:
                    clocks.run(connection, terms, row, {"told": row.warned}, at)

        if levels:
            self._database.write(act)


def _claimed(connection: Connection, terms: Terms, row: Row, at: datetime) -> Warned | None:
    level, due = terms.clock(row).level(at), terms.clock(row).due()
    if level <= row.told or due is None:  # the calendar has changed since it was dated
        clocks.run(connection, terms, row, {}, at)
        return None
    put = _D.update(warned=level, next_at=micros(at + CLAIMED_FOR), due_at=micros(due))
    same = (_D.mention_id == row.mention_id) & (_D.next_at == row.next_at) & (_D.warned == row.warned)
    if not connection.execute(put.where(same)).rowcount:
        return None
    return Warned(
        mention_id=row.mention_id,
        severity=Severity(row.severity),
        percent=level,
        due_at=due,
        owner=row.owner,
        team_id=row.team_id,
        brand_id=row.brand_id,
        source_id=row.source_id,
    )


def _redate(connection: Connection, at: datetime) -> int:
    policy = clocks.read_policy(connection)
    found = clocks.rows(connection, _D.stage == str(Stage.OPEN))
    platforms: dict[int, str] = {}
    for part in pieces([row.mention_id for row in found], _AT_ONCE):
        wanted = MentionRow.select(MentionRow.id, MentionRow.platform).where(MentionRow.id.in_(part))
        platforms.update(connection.execute(wanted).fetchall())

    def adapt(row: Row) -> Row:
        platform = platforms.get(row.mention_id, "")
        allowed = policy.allowed(Severity(row.severity), platform, row.source_id)
        began = row.published_at if policy.start is Start.PUBLISHED else row.seen_at
        # Only a clock that has run from one of the two since the beginning may begin with the other.
        first = {row.published_at, row.seen_at}
        plain = not row.reopened and not row.used and row.started_at in first
        if plain and row.counted_at in (0, row.started_at):
            return row._replace(allowed=allowed, started_at=began, counted_at=began)
        return row._replace(allowed=allowed)

    return clocks.redate(connection, found, at, adapt)
