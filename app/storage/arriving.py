"""Which mentions come to the desk: inside the caller's write transaction.

Own-brand mentions that are negative, those that raised an alert, messages to us, and what a person puts
there. All of it follows from rows that are stored already, so it may be asked twice, after a crash or by
two programs at once, and puts nothing there twice. Left out are old publications (a back-fill must not
flood the desk) and reprints of what is there already.

Who writes again in a conversation that is on the desk makes no second item: the clock of one that was
answered begins anew, one that waits runs on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.domain.alert import Severity
from app.domain.desk import Stage, Start
from app.domain.mention import Kind, Status
from app.domain.sentiment import Tone
from app.storage import clocks
from app.storage.clocks import Row, Terms
from app.storage.connection import Connection
from app.storage.edge import micros, moment, pieces
from app.storage.models import AlertMentionRow, AlertRow, MentionRow
from app.storage.models_desk import DeskRow
from app.storage.models_warning import MemberRow
from app.storage.rows import own_first

_D, _M = DeskRow, MentionRow
_AT_ONCE = 400
REOPENS = timedelta(days=7)
"""After an answer; later it is another matter."""
_REPRINTED = (str(Kind.POST), str(Kind.ARTICLE), str(Kind.VIDEO))
"""Kinds that go round unchanged; two people who complain in the same words are two."""
_SETTLED = (str(Status.ANSWERED), str(Status.IGNORED))
_GRAVITY = [str(one) for one in Severity]
_WANTED: tuple[Any, ...] = (
    _M.id, _M.source_id, _M.platform, _M.kind, _M.native_id, _M.root_id, _M.parent_id, _M.author_id,
    _M.author_key, _M.published_at, _M.fetched_at, _M.brands, _M.tone, _M.corrected, _M.status, _M.revision,
    _M.gone_at,
)  # fmt: skip


class _Mention(NamedTuple):
    """In the order of `_WANTED`."""

    id: int
    source_id: int
    platform: str
    kind: str
    native_id: str
    root_id: str
    parent_id: str
    author_id: str
    author_key: str
    published_at: int
    fetched_at: int
    brands: str
    tone: str | None
    corrected: bool
    status: str
    revision: int
    gone_at: int | None

    @property
    def author(self) -> tuple[str, str]:
        """Who wrote it, within a platform; an empty name is nobody."""
        return self.platform, f"#{self.author_id}" if self.author_id else self.author_key

    @property
    def cleared(self) -> bool:
        """A person has said that it is no complaint, whatever an alert thought."""
        return self.corrected and self.tone != Tone.NEGATIVE

    @property
    def within(self) -> set[str]:
        """The conversations it stands in, by the posts at their heads."""
        return {self.root_id, self.parent_id} - {""}

    def continues(self, earlier: _Mention) -> bool:
        same = self.author == earlier.author and bool(earlier.author[1])
        return same and bool(self.within & {earlier.native_id, earlier.root_id} - {""})


@dataclass
class Arrived:
    """Ids: come to the desk, gone from it, with a clock that began anew, and of which the author was heard
    again."""

    placed: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.placed or self.removed or self.reopened or self.heard)


def arrive(
    connection: Connection,
    ids: Iterable[int],
    at: datetime,
    *,
    late: bool = False,
    by_hand: bool = False,
    severity: Severity | None = None,
) -> Arrived:
    """See above. `late`: what speaks for it became known only now, so its clock begins now.

    `by_hand`: whatever they are, with this severity (P2 where none is given).
    """
    one = _Arrival(connection, at, late=late or by_hand, by_hand=by_hand, severity=severity)
    for part in pieces(sorted(set(ids)), _AT_ONCE):
        one.take(part)
    return one.arrived


def moved(connection: Connection, ids: Sequence[int], status: Status, at: datetime) -> None:
    """These mentions stand so from now on: their clocks follow."""
    if not ids:
        return
    if status in (Status.ANSWERED, Status.IGNORED):
        clocks.settle(connection, ids, at)
    if status is Status.ANSWERED:
        clocks.answered(connection, ids, at)
    elif status is Status.IGNORED:
        clocks.close(connection, ids)
    else:
        clocks.unanswered(connection, ids, at)
        if status is Status.NEW:  # what was ignored waits for an answer again
            arrive(connection, ids, at, late=True)


class _Arrival:
    """One call of `arrive`."""

    def __init__(
        self, connection: Connection, at: datetime, *, late: bool, by_hand: bool, severity: Severity | None
    ) -> None:
        self._connection = connection
        self._at = at
        self._late = late
        self._by_hand = by_hand
        self._severity = severity
        self._terms = Terms.read(connection)
        self.arrived = Arrived()

    def take(self, ids: Sequence[int]) -> None:
        found = _mentions(self._connection, _M.id.in_(ids))
        if not found:
            return
        alerts = _alerts(self._connection, ids)
        known = {row.mention_id: row for row in clocks.rows_of(self._connection, ids, hold=False)}
        threads = _threads(self._connection, found)
        stories = _stories(self._connection, ids)
        for one in sorted(found, key=lambda each: (each.fetched_at, each.published_at, each.id)):
            row = known.get(one.id)
            if row is not None:
                self._again(one, row, alerts.get(one.id))
                continue
            if self._followed(one, threads):
                continue
            story = stories.of.get(one.id)
            reprint = story in stories.here and one.kind in _REPRINTED
            why = "hand" if self._by_hand else self._why(one, alerts.get(one.id), reprint=reprint)
            if why and self._put(one, why, alerts.get(one.id)):
                threads[one.author].append((one, None))
                stories.here.add(story or 0)

    # ── does it belong here? ─────────────────────────────────────────────────────────────────

    def _why(self, one: _Mention, alert: str | None, *, reprint: bool) -> str:
        """Empty where it does not."""
        if one.status in _SETTLED or one.gone_at is not None:
            return ""
        if clocks.old(self._terms.policy, one.published_at, self._at):
            return ""
        if one.kind == str(Kind.MESSAGE):
            return "message"
        if reprint or one.cleared or self._brand(one) is None:
            return ""
        if alert is not None:
            return "alert"
        return "negative" if one.tone == Tone.NEGATIVE else ""

    def _brand(self, one: _Mention) -> int | None:
        """The first of our own that it names."""
        named = own_first(one.brands, self._terms.rivals) if one.brands else ()
        return named[0] if named and not self._terms.rivals[named[0]] else None

    def _grade(self, why: str, alert: str | None) -> Severity:
        if alert is not None and (self._severity is None or not self._by_hand):
            return Severity(alert)
        if why == "hand":
            return self._severity or Severity.P2
        return Severity.P2 if why == "message" else Severity.P3

    # ── coming and going ─────────────────────────────────────────────────────────────────────

    def _put(self, one: _Mention, why: str, alert: str | None) -> bool:
        brand, severity = self._brand(one), self._grade(why, alert)
        policy = self._terms.policy
        start = self._start(one)
        row = Row(
            mention_id=one.id, severity=str(severity), stage=str(Stage.OPEN), why=why, brand_id=brand,
            source_id=one.source_id, team_id=policy.team(one.source_id, brand), owner="", owned_at=None,
            lease_until=None, opened_at=micros(self._at), published_at=one.published_at,
            seen_at=one.fetched_at, started_at=start,
            allowed=policy.allowed(severity, one.platform, one.source_id), used=0, counted_at=start,
            due_at=None, next_at=None, warned=0, told=0, paused_at=None, pause="", reopened=0,
            heard_at=None, answered_at=None, first_response=None,
        )  # fmt: skip
        columns = {**row._asdict(), **self._terms.times(row, self._at)}
        made = self._connection.execute(_D.insert(columns).on_conflict_ignore().returning(_D.mention_id))
        if made.fetchone() is None:
            return False
        if self._by_hand:  # an item that is open and settled at once would be nobody's
            settled = (_M.id == one.id) & _M.status.in_(_SETTLED)
            put = _M.update(status=str(Status.NEW), status_by="", status_at=micros(self._at))
            self._connection.execute(put.where(settled))
        self.arrived.placed.append(one.id)
        return True

    def _start(self, one: _Mention) -> int:
        if self._late or one.revision > 1:  # what it says now it has not said before
            return micros(self._at)
        return min(one.published_at if self._terms.policy.start is Start.PUBLISHED else one.fetched_at,
                   micros(self._at))  # fmt: skip

    def _again(self, one: _Mention, row: Row, alert: str | None) -> None:
        """What is here already may have become graver, or nobody's business."""
        if self._by_hand and row.stage == str(Stage.DONE):
            self._reopen(row, self._at, self._at)
            return
        if row.stage == str(Stage.DONE):
            return
        lost = (one.tone != Tone.NEGATIVE and alert is None) or one.cleared or self._brand(one) is None
        if lost and row.why in ("negative", "alert") and not (row.owner or self._by_hand):
            clocks.drop(self._connection, [one.id])
            clocks.settle(self._connection, [one.id], self._at)
            self.arrived.removed.append(one.id)
            return
        if self._by_hand:
            self._regrade(one, row, self._severity or Severity(row.severity))
        elif alert is not None and _GRAVITY.index(alert) < _GRAVITY.index(row.severity):
            self._regrade(one, row, Severity(alert))

    def _regrade(self, one: _Mention, row: Row, severity: Severity) -> None:
        if row.severity == str(severity):
            return
        put = {
            "severity": str(severity),
            "allowed": self._terms.policy.allowed(severity, one.platform, one.source_id),
        }
        if row.stage == str(Stage.OPEN):
            clocks.run(self._connection, self._terms, row, put, self._at)
        else:
            clocks.change(self._connection, row, put)
        self.arrived.heard.append(one.id)

    # ── the author writes again ──────────────────────────────────────────────────────────────

    def _followed(
        self, one: _Mention, threads: dict[tuple[str, str], list[tuple[_Mention, Row | None]]]
    ) -> bool:
        """Does it go on with what is here? Then that is what moves."""
        if not one.within or self._by_hand:
            return False
        said = moment(one.fetched_at)
        for earlier, row in reversed(threads.get(one.author, [])):
            if not one.continues(earlier) or one.published_at < earlier.published_at:
                continue
            if row is None:  # came in this very call
                return True
            if row.stage == str(Stage.DONE):
                answered = moment(row.answered_at or 0)
                if said > answered + REOPENS:
                    continue
                if said > answered:
                    self._reopen(row, said, self._at)
            elif one.fetched_at > max(row.heard_at or 0, row.seen_at):
                self._hear(row, said)
            return True
        return False

    def _reopen(self, row: Row, said: datetime, at: datetime) -> None:
        settled = (_M.id == row.mention_id) & (_M.status == str(Status.ANSWERED))
        put = _M.update(status=str(Status.NEW), status_by="", status_at=micros(at))
        self._connection.execute(put.where(settled))
        start = min(said, at)
        if clocks.reopen(self._connection, self._terms, row, start, at, heard_at=micros(said)):
            self.arrived.reopened.append(row.mention_id)

    def _hear(self, row: Row, said: datetime) -> None:
        heard = {"heard_at": micros(said)}
        if not clocks.resume(self._connection, self._terms, row, self._at, **heard):
            clocks.change(self._connection, row, heard)
        self.arrived.heard.append(row.mention_id)


# ── what is asked of the database, once for many ───────────────────────────────────────────────


class _Stories(NamedTuple):
    """The story of each mention asked for, and those of which something is on the desk."""

    of: dict[int, int]
    here: set[int]


def _mentions(connection: Connection, where: Any) -> list[_Mention]:
    return [_Mention(*row) for row in connection.execute(_M.select(*_WANTED).where(where)).fetchall()]


def _alerts(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Mention → the severity of the alert that it raised, or was folded into."""
    wanted = (
        AlertMentionRow.select(AlertMentionRow.mention_id, AlertRow.severity)
        .join(AlertRow, on=(AlertRow.id == AlertMentionRow.alert_id))
        .where(AlertMentionRow.mention_id.in_(ids))
    )
    return dict(connection.execute(wanted).fetchall())


def _stories(connection: Connection, ids: Sequence[int]) -> _Stories:
    wanted = MemberRow.select(MemberRow.mention_id, MemberRow.story_id)
    wanted = wanted.where(MemberRow.mention_id.in_(ids), MemberRow.story_id.is_null(False))
    of = dict(connection.execute(wanted).fetchall())
    here = (
        MemberRow.select(MemberRow.story_id)
        .join(DeskRow, on=(_D.mention_id == MemberRow.mention_id))
        .where(MemberRow.story_id.in_(sorted(set(of.values()))))
        .distinct()
    )
    return _Stories(of, {id_ for (id_,) in connection.execute(here).fetchall()} if of else set())


def _threads(
    connection: Connection, found: Sequence[_Mention]
) -> dict[tuple[str, str], list[tuple[_Mention, Row | None]]]:
    """By author: what of theirs is on the desk, the oldest publication first."""
    asking = [one for one in found if one.within and one.author[1]]
    by_author: dict[tuple[str, str], list[tuple[_Mention, Row | None]]] = defaultdict(list)
    if not asking:
        return by_author
    ids = sorted({one.author_id for one in asking if one.author_id})
    keys = sorted({one.author_key for one in asking if not one.author_id})
    here = _M.id.in_(_D.select(_D.mention_id))
    earlier: list[_Mention] = []
    if ids:
        earlier += _mentions(connection, _M.author_id.in_(ids) & here)
    if keys:
        earlier += _mentions(connection, _M.author_key.in_(keys) & (_M.author_id == "") & here)
    found_rows = clocks.rows_of(connection, [one.id for one in earlier], hold=False)
    rows = {row.mention_id: row for row in found_rows}
    for one in sorted(earlier, key=lambda each: (each.published_at, each.id)):
        if one.id in rows:
            by_author[one.author].append((one, rows[one.id]))
    return by_author
