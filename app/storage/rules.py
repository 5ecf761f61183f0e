"""The rules that raise alerts, the team's playbooks, and what a rule being edited is tried on.

Any thread may call; writes happen on the writer thread.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.alert import Severity
from app.domain.mention import Stored
from app.domain.query import MentionQuery
from app.domain.rule import AlertRule, RuleKind, Rung, Tick, Whom
from app.domain.sentiment import Tone
from app.errors import NotFound
from app.i18n import _
from app.storage.audit import book
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, micros, moment, pieces
from app.storage.filters import conditions
from app.storage.models import MentionRow, SettingRow
from app.storage.models_desk import AuditRow, DeskRow, RuleRow
from app.storage.reading import every, fetch, indexed
from app.storage.rows import Names
from app.storage.search import sought
from app.storage.views import read_query, write_query

_R, _M, _D = RuleRow, MentionRow, DeskRow
_LAID = "rules laid"
"""The setting that says that a database has been given its first rules."""
_TICKED = "playbook step"
_CHUNK = 1000


class Rules:
    """`storage.rules`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[AlertRule, ...]:
        """In the order they were made. One whose kind is not known here (a later version's) is left out."""
        wanted = _R.select(_R.id, _R.name, _R.kind, _R.active, _R.body).order_by(_R.id)
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return tuple(_rule(row) for row in rows if row[2] in tuple(RuleKind))

    def get(self, id: int) -> AlertRule:
        for rule in self.all():
            if rule.id == id:
                return rule
        raise NotFound(_("There is no such rule (any more)."))

    def lay(self, rules: Sequence[AlertRule]) -> bool:
        """A database that never had any is given these; once, also if two programs come together."""
        mark = SettingRow.insert(key=_LAID, value="1").on_conflict_ignore().returning(SettingRow.key)

        def act(connection: Connection) -> bool:
            if not connection.execute(mark).fetchall():
                return False
            for rule in rules:
                connection.execute(_R.insert(_columns(rule)))
            return True

        return self._database.write(act)

    def save(self, rule: AlertRule, by: str, at: datetime) -> AlertRule:
        """Id 0 makes a new one. Who did it is in the books."""
        columns = _columns(rule)

        def act(connection: Connection) -> int:
            id_, what = rule.id, "rule changed"
            if not id_:
                id_ = int(connection.execute(_R.insert(columns).returning(_R.id)).fetchone()[0])
                what = "rule added"
            elif not connection.execute(_R.update(columns).where(_R.id == id_)).rowcount:
                raise NotFound(_("There is no such rule (any more)."))
            book(connection, at, by, what, f"rule:{id_}", columns["body"])
            return id_

        return replace(rule, id=self._database.write(act))

    def remove(self, id: int, by: str, at: datetime) -> None:
        """Alerts that it raised keep its number."""

        def act(connection: Connection) -> None:
            if connection.execute(_R.delete().where(_R.id == id)).rowcount:
                book(connection, at, by, "rule removed", f"rule:{id}")

        self._database.write(act)

    # ── what playbooks need ──────────────────────────────────────────────────────────────────

    def tick(self, subject: str, step: str, by: str, at: datetime, *, done: bool) -> None:
        """Append-only: taking it back is a line of its own."""
        detail = dump({"step": step, "done": done})
        self._database.write(lambda connection: book(connection, at, by, _TICKED, subject, detail))

    def ticks(self, subject: str) -> tuple[Tick, ...]:
        """The newest of each step, in the order they were first touched."""
        wanted = AuditRow.select(AuditRow.at, AuditRow.by, AuditRow.detail).where(
            (AuditRow.what == _TICKED) & (AuditRow.subject == clean(subject))
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(AuditRow.id)).fetchall()
        newest: dict[str, Tick] = {}
        for at, by, detail in rows:
            said = json.loads(detail)
            newest[said["step"]] = Tick(step=said["step"], done=bool(said["done"]), by=by, at=moment(at))
        return tuple(newest.values())

    # ── what rules are tried on ──────────────────────────────────────────────────────────────

    def among(self, query: MentionQuery, ids: Sequence[int]) -> tuple[Stored, ...]:
        """Which of these mentions a filter holds, the oldest publication first."""
        found: list[Stored] = []
        with self._database.read() as connection:
            names, asked = Names.read(connection), sought(query.text, connection)
            wanted = [*conditions(query, names), *indexed(asked)]
            for part in pieces(list(dict.fromkeys(ids)), 500):
                found += fetch(connection, names, every([*wanted, _M.id.in_(part)]))
        if asked is not None and not asked.exact:
            found = [one for one in found if asked.matches(one)]
        return tuple(sorted(found, key=lambda one: (one.published_at, one.id)))

    def grave(self, since: datetime, limit: int) -> Iterator[tuple[Stored, ...]]:
        """The newest `limit` mentions since then that an alert can be about; in pieces, oldest first."""
        bad = (_M.tone == Tone.NEGATIVE) | (_M.severe == True) | (_M.rating <= 1)  # noqa: E712  # a column
        where = (_M.published_at >= micros(since)) & (_M.brands != "") & bad
        newest_first = _M.select(_M.id).where(where).order_by(_M.published_at.desc(), _M.id.desc())
        with self._database.read() as connection:
            ids = [id_ for (id_,) in connection.execute(newest_first.limit(limit)).fetchall()][::-1]
        for part in pieces(ids, _CHUNK):
            with self._database.read() as connection:
                rows = fetch(connection, Names.read(connection), _M.id.in_(part), oldest_first=True)
            yield tuple(rows)

    def stored_since(self, since: datetime) -> datetime | None:
        """The earliest publication since then: how far back there is something to try a rule on."""
        wanted = _M.select(_M.published_at).where(_M.published_at >= micros(since))
        with self._database.read() as connection:
            row = connection.execute(wanted.order_by(_M.published_at).limit(1)).fetchone()
        return None if row is None else moment(row[0])

    def deadlines(
        self, since: datetime, percent: int, limit: int
    ) -> tuple[tuple[int, int | None, Severity, datetime], ...]:
        """(mention, brand, severity, about when) of items whose clock reached that share of its time."""
        wanted = _D.select(
            _D.mention_id, _D.brand_id, _D.severity, _D.started_at, _D.due_at, _D.warned,
            _D.first_response, _D.allowed, _D.answered_at,
        ).where(_D.started_at >= micros(since))  # fmt: skip
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_D.started_at.desc()).limit(limit)).fetchall()
        made = []
        for mention, brand, severity, started, due, warned, answer, allowed, answered in rows:
            late = answer is not None and 100 * answer >= percent * allowed
            if warned >= percent or late:
                began = moment(started)
                span = timedelta(seconds=allowed * percent / 100)
                if due is not None:  # work time is longer on the wall
                    span = max(span, (moment(due) - began) * percent / 100)
                at = began + span if answered is None else min(began + span, moment(answered))
                made.append((mention, brand, Severity(severity), at))
        return tuple(made)


def _columns(rule: AlertRule) -> dict[str, Any]:
    body = {name: getattr(rule, name) for name in rule.__slots__ if name not in ("id", "name", "active")}
    body |= {
        "severity": str(rule.severity) if rule.severity else None,
        "climbs": str(rule.climbs),
        "query": json.loads(write_query(rule.query)),
        "ladder": [
            {"after": one.after, "channels": one.channels, "whom": str(one.whom), "names": one.names}
            for one in rule.ladder
        ],
    }
    return {
        "name": clean(rule.name).strip(),
        "kind": str(rule.kind),
        "active": rule.active,
        "body": dump(body),
    }


def _rule(row: Sequence[Any]) -> AlertRule:
    """Fields of a later version are passed over."""
    id_, name, kind, active, body = row
    said = {key: value for key, value in json.loads(body).items() if key in AlertRule.__slots__}
    said |= {"id": id_, "name": name, "kind": RuleKind(kind), "active": bool(active)}
    for key in ("brands", "on_duty"):
        said[key] = tuple(said.get(key, ()))
    said["severity"] = Severity(said["severity"]) if said.get("severity") else None
    said["climbs"] = Severity(said.get("climbs", Severity.P1))
    said["query"] = read_query(dump(said.get("query", {})))
    said["ladder"] = tuple(_rung(one) for one in said.get("ladder", ())) or (Rung(),)
    return AlertRule(**said)


def _rung(said: dict[str, Any]) -> Rung:
    return Rung(
        after=int(said["after"]),
        channels=tuple(said["channels"]),
        whom=Whom(said["whom"]) if said["whom"] in tuple(Whom) else Whom.DUTY,
        names=tuple(said.get("names", ())),
    )
