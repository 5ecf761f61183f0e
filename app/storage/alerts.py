"""The alerts raised. Any thread may call; writes happen on the writer thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import peewee

from app.domain.alert import Alert, AlertState, Severity
from app.errors import NotFound
from app.i18n import _
from app.storage.climbing import Climbing
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, maybe_micros, maybe_moment, micros, moment, pieces
from app.storage.models import AlertMentionRow, AlertRow
from app.storage.models_warning import MemberRow

_A = AlertRow
_COLUMNS = (
    _A.id, _A.kind, _A.severity, _A.title, _A.body, _A.reason, _A.mention_id, _A.source_id, _A.brand_id,
    _A.created_at, _A.state, _A.copies, _A.toasted, _A.delivered, _A.incident_id, _A.rule_id, _A.rung,
    _A.climbs_at, _A.shown_at, _A.seen_at, _A.seen_by, _A.acked_at, _A.acked_by, _A.whom,
)  # fmt: skip

_OF_MENTIONS = ("mention", "search")
"""Kinds that rest on mentions, each of which rests in one alert."""
_TELLING = ("mention", "search", "incident")
"""Kinds that hold back others of the same brand for a while."""


class Alerts(Climbing):
    """`storage.alerts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, alert: Alert, *, fold_key: str = "") -> Alert:
        """`fold_key` stands for the text: later copies of it are found by `same_text`."""
        put = _A.insert(_columns(alert), fold_key=clean(fold_key)).returning(_A.id)

        def act(connection: Connection) -> int:
            id_ = int(connection.execute(put).fetchone()[0])
            if alert.mention_id is not None and alert.kind in _OF_MENTIONS:
                _link_all(connection, id_, [alert.mention_id])
            return id_

        return self.get(self._database.write(act))

    def get(self, id: int) -> Alert:
        found = self._read(_A.id == id, 1)
        if not found:
            raise NotFound(_("There is no such alert (any more)."))
        return found[0]

    def fold(self, id: int, mention_ids: Sequence[int]) -> Alert:
        """More mentions say the same; one that rests in an alert already is not counted again."""

        def act(connection: Connection) -> None:
            more = sum(_link_all(connection, id, part) for part in pieces(mention_ids, 400))
            if more:
                connection.execute(_A.update(copies=_A.copies + more).where(_A.id == id))

        self._database.write(act)
        return self.get(id)

    def of_mentions(self, ids: Sequence[int]) -> dict[int, int]:
        """Mention -> the alert it raised or was folded into; those without one are left out."""
        made: dict[int, int] = {}
        rows = AlertMentionRow.select(AlertMentionRow.mention_id, AlertMentionRow.alert_id)
        with self._database.read() as connection:
            for part in pieces(ids, 500):
                found = connection.execute(rows.where(AlertMentionRow.mention_id.in_(part))).fetchall()
                made.update((mention, alert) for mention, alert in found)
        return made

    def mentions_of(self, id: int) -> tuple[int, ...]:
        """What an alert rests on, oldest first."""
        wanted = AlertMentionRow.select(AlertMentionRow.mention_id).where(AlertMentionRow.alert_id == id)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(AlertMentionRow.mention_id)).fetchall()
        return tuple(int(row[0]) for row in rows)

    def open_of_source(self, source_id: int, kind: str) -> tuple[Alert, ...]:
        """Not done yet: what `kind` of alert a source has raised."""
        same = (_A.source_id == source_id) & (_A.kind == kind) & (_A.state != str(AlertState.DONE))
        return self._read(same, 50)

    def raised_since(self, kind: str, since: datetime, limit: int) -> tuple[Alert, ...]:
        """Of a kind, the newest first."""
        return self._read((_A.kind == kind) & (_A.created_at >= micros(since)), limit)

    def page(
        self, limit: int = 200, before_id: int | None = None, states: Sequence[AlertState] = ()
    ) -> tuple[Alert, ...]:
        """The newest first; `before_id` goes on from there."""
        where = _A.id > 0
        if before_id is not None:
            where &= _A.id < before_id
        if states:
            where &= _A.state.in_([str(one) for one in states])
        return self._read(where, limit)

    def set_state(self, ids: Sequence[int], state: AlertState, by: str, at: datetime) -> int:
        """How many changed. What is done climbs no further."""
        put = _A.update(state=str(state), state_by=clean(by), state_at=micros(at))
        if state is AlertState.DONE:
            put = _A.update(state=str(state), state_by=clean(by), state_at=micros(at), climbs_at=None)

        def act(connection: Connection) -> int:
            changed = 0
            for part in pieces(list(dict.fromkeys(ids)), 500):
                where = _A.id.in_(part) & (_A.state != str(state))
                changed += connection.execute(put.where(where)).rowcount
            return changed

        return self._database.write(act)

    def set_delivered(self, id: int, text: str) -> None:
        """What became of the desktop notification."""
        put = _A.update(delivered=clean(text)).where(_A.id == id)
        self._database.write(lambda connection: connection.execute(put))

    def open_count(self) -> int:
        with self._database.read() as connection:
            counted = _A.select(peewee.fn.COUNT(1)).where(_A.state == str(AlertState.OPEN))
            return int(connection.execute(counted).fetchone()[0])

    def count(self, since: datetime, until: datetime) -> int:
        """How many were raised in the range."""
        when = (_A.created_at >= micros(since)) & (_A.created_at < micros(until))
        with self._database.read() as connection:
            return int(connection.execute(_A.select(peewee.fn.COUNT(1)).where(when)).fetchone()[0])

    def last_toast(self, brand_id: int | None, severity: Severity | None = None) -> datetime | None:
        """When a person was last disturbed for this brand (by an alert of this severity)."""
        where = _of_brand(brand_id) & (_A.toasted == True) & _A.kind.in_(_TELLING)  # noqa: E712  # a column
        if severity is not None:
            where &= _A.severity == str(severity)
        newest = _A.select(peewee.fn.MAX(_A.created_at)).where(where)
        with self._database.read() as connection:
            return maybe_moment(connection.execute(newest).fetchone()[0])

    def last_toast_of(self, rule_id: int) -> datetime | None:
        """When a person was last disturbed by this rule."""
        shown = (_A.rule_id == rule_id) & (_A.toasted == True)  # noqa: E712  # a column, not a truth
        with self._database.read() as connection:
            row = connection.execute(_A.select(peewee.fn.MAX(_A.created_at)).where(shown)).fetchone()
        return maybe_moment(row[0])

    def standing(self, kind: str, since: datetime, rule_id: int | None = None) -> Alert | None:
        """The newest alert of a kind (that the rule raised) since then, whatever its state."""
        where = (_A.kind == kind) & (_A.created_at >= micros(since))
        if rule_id is not None:
            where &= _A.rule_id == rule_id
        found = self._read(where, 1)
        return found[0] if found else None

    def same_text(self, brand_id: int | None, fold_key: str, since: datetime) -> Alert | None:
        """The newest alert since then that says the same of the same brand."""
        if not fold_key:
            return None
        same = (_A.fold_key == clean(fold_key)) & (_A.created_at >= micros(since))
        found = self._read(same & _of_brand(brand_id), 1)
        return found[0] if found else None

    def same_story(self, brand_id: int | None, story_id: int, since: datetime) -> Alert | None:
        """The newest alert since then that a mention of the same story raised for the same brand."""
        story = MemberRow.select(MemberRow.mention_id).where(
            MemberRow.mention_id == _A.mention_id, MemberRow.story_id == story_id
        )
        same = (_A.created_at >= micros(since)) & _A.kind.in_(_OF_MENTIONS) & peewee.fn.EXISTS(story)
        found = self._read(same & _of_brand(brand_id), 1)
        return found[0] if found else None

    def of_deadline(self, mention_id: int) -> Alert | None:
        """The alert the clock of a mention raised, as long as nobody has dealt with it."""
        same = (_A.kind == "deadline") & (_A.mention_id == mention_id)
        found = self._read(same & (_A.state != str(AlertState.DONE)), 1)
        return found[0] if found else None

    def of_incident(self, incident_id: int) -> Alert | None:
        """The alert an incident raised."""
        found = self._read(_A.incident_id == incident_id, 1)
        return found[0] if found else None

    def worsen(self, id: int, alert: Alert, *, again: bool) -> Alert:
        """It says more now: severity, words, and whether somebody is disturbed again. Open once more.

        `again`: somebody is; it climbs from the foot of the ladder, and nobody answers for it yet.
        """
        anew = {"rung": 0, "climbs_at": None, "acked_at": None, "acked_by": ""} if again else {}
        put = _A.update(
            severity=str(alert.severity),
            title=clean(alert.title),
            body=clean(alert.body),
            reason=clean(alert.reason),
            toasted=alert.toasted,
            delivered=clean(alert.delivered),
            state=str(AlertState.OPEN),
            rule_id=alert.rule_id,
            **anew,
        ).where(_A.id == id)
        self._database.write(lambda connection: connection.execute(put))
        return self.get(id)

    def recount(self, id: int, alert: Alert) -> Alert:
        """It counts more by now, and says the newest; whoever has seen it need not see it again."""
        put = _A.update(title=clean(alert.title), body=clean(alert.body), copies=alert.copies)
        self._database.write(lambda connection: connection.execute(put.where(_A.id == id)))
        return self.get(id)

    def _read(self, where: Any, limit: int) -> tuple[Alert, ...]:
        wanted = _A.select(*_COLUMNS).where(where).order_by(_A.id.desc()).limit(limit)
        with self._database.read() as connection:
            return tuple(_alert(row) for row in connection.execute(wanted).fetchall())


def _link_all(connection: Connection, id_: int, mention_ids: Sequence[int]) -> int:
    """How many did not rest in an alert yet."""
    rows = [{"alert_id": id_, "mention_id": one} for one in mention_ids]
    put = AlertMentionRow.insert_many(rows).on_conflict_ignore()
    return len(connection.execute(put.returning(AlertMentionRow.mention_id)).fetchall()) if rows else 0


def _of_brand(brand_id: int | None) -> Any:
    return _A.brand_id.is_null() if brand_id is None else _A.brand_id == brand_id


def _columns(alert: Alert) -> dict[str, Any]:
    return {
        "kind": clean(alert.kind),
        "severity": str(alert.severity),
        "title": clean(alert.title),
        "body": clean(alert.body),
        "reason": clean(alert.reason),
        "mention_id": alert.mention_id,
        "source_id": alert.source_id,
        "brand_id": alert.brand_id,
        "created_at": micros(alert.created_at),
        "state": str(alert.state),
        "copies": alert.copies,
        "toasted": alert.toasted,
        "delivered": clean(alert.delivered),
        "incident_id": alert.incident_id,
        "rule_id": alert.rule_id,
        "rung": alert.rung,
        "climbs_at": maybe_micros(alert.climbs_at),
        "shown_at": maybe_micros(alert.shown_at),
        "seen_at": maybe_micros(alert.seen_at),
        "seen_by": clean(alert.seen_by),
        "acked_at": maybe_micros(alert.acked_at),
        "acked_by": clean(alert.acked_by),
        "whom": clean(alert.whom),
    }


def _alert(row: Any) -> Alert:
    (id_, kind, severity, title, body, reason, mention_id, source_id, brand_id, created_at, state, copies,
     toasted, delivered, incident_id, rule_id, rung, climbs_at, shown_at, seen_at, seen_by, acked_at,
     acked_by, whom) = row  # fmt: skip
    return Alert(
        id=id_,
        kind=kind,
        severity=Severity(severity),
        title=title,
        body=body,
        reason=reason,
        mention_id=mention_id,
        source_id=source_id,
        brand_id=brand_id,
        created_at=moment(created_at),
        state=AlertState(state),
        copies=copies,
        toasted=bool(toasted),
        delivered=delivered,
        incident_id=incident_id,
        rule_id=rule_id,
        rung=rung,
        climbs_at=maybe_moment(climbs_at),
        shown_at=maybe_moment(shown_at),
        seen_at=maybe_moment(seen_at),
        seen_by=seen_by,
        acked_at=maybe_moment(acked_at),
        acked_by=acked_by,
        whom=whom,
    )
