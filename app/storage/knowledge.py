"""The knowledge base and what is asked of it. Any thread may call; writes happen on the writer thread.

An entry is never deleted, and what it said before is kept: `knowledge_revision` has every text that was
replaced.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

import peewee

from app.domain.knowledge import Entry, Imported
from app.domain.sentiment import Tone
from app.errors import Conflict, NotFound
from app.i18n import _
from app.matching.fold import folded
from app.storage.audit import book
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, micros, moment, pieces
from app.storage.models import MentionRow
from app.storage.models_knowledge import AskedRow, EntryRow, RevisionRow
from app.storage.models_warning import MemberRow

_E, _R, _A, _M, _S = EntryRow, RevisionRow, AskedRow, MentionRow, MemberRow
_COLUMNS = (
    _E.id, _E.brand_id, _E.title, _E.patterns, _E.answer, _E.link, _E.product, _E.owner, _E.review_on,
    _E.tags, _E.public, _E.active, _E.revision, _E.created_at, _E.created_by, _E.changed_at, _E.changed_by,
)  # fmt: skip
_AT_ONCE = 200
NOBODY = -1
"""In place of an entry: the mention asks us nothing."""


class Post(NamedTuple):
    """A mention to be held against the entries; `brands` are the ids it names."""

    id: int
    revision: int
    title: str
    text: str
    brands: tuple[int, ...]
    at: datetime


class Answered(NamedTuple):
    """What came of it; `entry_id` 0: no entry fits, NOBODY: there is nothing to answer."""

    mention_id: int
    at: datetime
    entry_id: int
    score: float
    question: bool
    revision: int


class Open(NamedTuple):
    """A mention that asks and that no entry answers. `story_id` 0: of no story."""

    mention_id: int
    title: str
    text: str
    story_id: int


class Knowledge:
    """`storage.knowledge`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ── entries ──────────────────────────────────────────────────────────────────────────────

    def all(self, *, archived: bool = False) -> tuple[Entry, ...]:
        """By number; `archived`: also those that are out of use."""
        return self._read(_E.id > 0 if archived else _E.active == True)  # noqa: E712  # a column

    def get(self, id: int) -> Entry:
        found = self._read(_E.id == id)
        if not found:
            raise _gone()
        return found[0]

    def past(self, id: int) -> tuple[Entry, ...]:
        """As it was before each change, newest first."""
        wanted = _R.select(_R.body).where(_R.entry_id == id).order_by(_R.revision.desc())
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return tuple(_entry(json.loads(body)) for (body,) in rows)

    def count(self) -> int:
        """Another number after every change of any entry: revisions only grow, and no entry goes."""
        wanted = _E.select(peewee.fn.COALESCE(peewee.fn.SUM(_E.revision), 0))
        with self._database.read() as connection:
            return int(connection.execute(wanted).fetchone()[0])

    def save(self, entry: Entry, by: str, at: datetime) -> Entry:
        """Id 0 makes a new one. Conflict where another entry of the brand asks the same, or where somebody
        has changed this one since it was read."""
        return self.get(self._database.write(lambda connection: _save(connection, entry, by, at)))

    def take_in(self, entries: Sequence[Entry], by: str, at: datetime) -> Imported:
        """All or, if one cannot be kept, none; one that asks what is kept already changes that."""

        def act(connection: Connection) -> Imported:
            new = changed = same = 0
            for entry in entries:
                known = _same(connection, entry)
                if known is None:
                    _save(connection, replace(entry, id=0), by, at)
                    new += 1
                elif _columns(entry) == _columns(known):
                    same += 1
                else:
                    _save(connection, replace(entry, id=known.id, revision=known.revision), by, at)
                    changed += 1
            return Imported(new, changed, same)

        return self._database.write(act)

    def _read(self, where: Any) -> tuple[Entry, ...]:
        with self._database.read() as connection:
            rows = connection.execute(_E.select(*_COLUMNS).where(where).order_by(_E.id)).fetchall()
        return tuple(_entry(row) for row in rows)

    # ── what is asked ────────────────────────────────────────────────────────────────────────

    def unasked(self, since: datetime, generation: str, limit: int) -> tuple[Post, ...]:
        """Mentions about a brand that were not held against these entries yet, newest first."""
        wanted = (
            _M.select(_M.id, _M.revision, _M.title, _M.text, _M.brands, _M.published_at)
            .join(_A, peewee.JOIN.LEFT_OUTER, on=(_A.mention_id == _M.id))
            .where(
                _M.published_at >= micros(since),
                _M.brands != "",
                _A.mention_id.is_null() | (_A.generation != generation) | (_A.revision != _M.revision),
            )
            .order_by(_M.published_at.desc(), _M.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return tuple(
            Post(id_, revision, title, text, _numbers(brands), moment(at))
            for id_, revision, title, text, brands, at in rows
        )

    def waiting(self, since: datetime, generation: str) -> int:
        """How many mentions `unasked` would bring without a limit."""
        current = _A.select(_A.mention_id).where(_A.at >= micros(since), _A.generation == generation)
        every = _M.select(peewee.fn.COUNT(1)).where(_M.published_at >= micros(since), _M.brands != "")
        with self._database.read() as connection:
            held = int(connection.execute(every.where(_M.id.in_(current))).fetchone()[0])
            return int(connection.execute(every).fetchone()[0]) - held

    def keep(self, found: Sequence[Answered], generation: str) -> None:
        """In the place of what was found before."""
        rows = [{**one._asdict(), "at": micros(one.at), "generation": generation} for one in found]
        columns = [_A.at, _A.entry_id, _A.score, _A.question, _A.generation, _A.revision]

        def act(connection: Connection) -> None:
            for part in pieces(rows, _AT_ONCE):
                put = _A.insert_many(part).on_conflict(conflict_target=[_A.mention_id], preserve=columns)
                connection.execute(put)

        self._database.write(act)

    def asked(self, since: datetime, limit: int) -> tuple[tuple[int, int], ...]:
        """(entry, mention) for mentions since then that ask or complain and that an entry answers, newest
        first."""
        wanted = self._asking(since).select(_A.entry_id, _A.mention_id).where(_A.entry_id > 0)
        with self._database.read() as connection:
            return tuple(connection.execute(wanted.limit(limit)).fetchall())

    def open(self, since: datetime, limit: int) -> tuple[Open, ...]:
        """Mentions since then that ask or complain and that no entry answers, newest first."""
        wanted = (
            self._asking(since)
            .select(_A.mention_id, _M.title, _M.text, _S.story_id)
            .join(_S, peewee.JOIN.LEFT_OUTER, on=(_S.mention_id == _A.mention_id))
            .where(_A.entry_id == 0, _M.gone_at.is_null())
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.limit(limit)).fetchall()
        return tuple(Open(id_, title, text, story or 0) for id_, title, text, story in rows)

    def forget_asked(self, before: datetime) -> None:
        """What was found for older mentions; it can be found again."""
        self._database.write(
            lambda connection: connection.execute(_A.delete().where(_A.at < micros(before)))
        )

    def _asking(self, since: datetime) -> Any:
        return (
            _A.select()
            .join_from(_A, _M, on=(_M.id == _A.mention_id))
            .where(_A.at >= micros(since), (_A.question == True) | (_M.tone == Tone.NEGATIVE.value))  # noqa: E712  # a column
            .order_by(_A.at.desc(), _A.mention_id.desc())
        )


def _gone() -> NotFound:
    return NotFound(_("There is no such entry in the knowledge base."))


def _save(connection: Connection, entry: Entry, by: str, at: datetime) -> int:
    columns = _columns(entry) | {"changed_at": micros(at), "changed_by": clean(by)}
    taken = _same(connection, entry)
    if taken is not None and taken.id != entry.id:
        told = _("Entry {id} asks the same already: “{title}”.")
        raise Conflict(told.format(id=taken.id, title=taken.title))
    if not entry.id:
        columns |= {"created_at": micros(at), "created_by": clean(by)}
        made = int(connection.execute(_E.insert(columns).returning(_E.id)).fetchone()[0])
        book(connection, at, by, "entry added", f"knowledge:{made}", entry.title)
        return made
    row = connection.execute(_E.select(*_COLUMNS).where(_E.id == entry.id)).fetchone()
    if row is None:
        raise _gone()
    before = _entry(row)
    if before.revision != entry.revision:
        told = _("{name} has changed this entry meanwhile. Read it again; your text is kept here.")
        raise Conflict(told.format(name=before.changed_by or _("Somebody")))
    if _columns(before) == _columns(entry):
        return entry.id
    body = dump(list(row))
    connection.execute(_R.insert(entry_id=entry.id, revision=before.revision, body=body))
    changed = _E.update({**columns, "revision": before.revision + 1}).where(
        _E.id == entry.id, _E.revision == before.revision
    )
    connection.execute(changed)
    book(connection, at, by, "entry changed", f"knowledge:{entry.id}", entry.title)
    return entry.id


def _same(connection: Connection, entry: Entry) -> Entry | None:
    """The entry of the same brand that asks the same."""
    wanted = _E.select(*_COLUMNS).where(
        _E.title_key == _key(entry.title), _E.brand_id == (entry.brand_id or 0)
    )
    row = connection.execute(wanted).fetchone()
    return None if row is None else _entry(row)


def _key(title: str) -> str:
    return clean(folded(title).strip())


def _columns(entry: Entry) -> dict[str, Any]:
    """What people wrote of it, as it is stored."""
    return {
        "brand_id": entry.brand_id or 0,
        "title": clean(entry.title).strip(),
        "title_key": _key(entry.title),
        "patterns": dump([clean(one).strip() for one in entry.patterns if one.strip()]),
        "answer": clean(entry.answer).strip(),
        "link": clean(entry.link).strip(),
        "product": clean(entry.product).strip(),
        "owner": clean(entry.owner).strip(),
        "review_on": entry.review_on.isoformat() if entry.review_on else "",
        "tags": dump([clean(one).strip() for one in entry.tags if one.strip()]),
        "public": entry.public,
        "active": entry.active,
    }


def _entry(row: Sequence[Any]) -> Entry:
    id_, brand_id, title, patterns, answer, link, product, owner, review_on, tags, public, active = row[:12]
    revision, created_at, created_by, changed_at, changed_by = row[12:]
    return Entry(
        id=id_,
        brand_id=brand_id or None,
        title=title,
        patterns=tuple(json.loads(patterns or "[]")),
        answer=answer,
        link=link,
        product=product,
        owner=owner,
        review_on=date.fromisoformat(review_on) if review_on else None,
        tags=tuple(json.loads(tags or "[]")),
        public=bool(public),
        active=bool(active),
        revision=revision,
        created_at=moment(created_at),
        created_by=created_by,
        changed_at=moment(changed_at),
        changed_by=changed_by,
    )


def _numbers(brands: str) -> tuple[int, ...]:
    return tuple(int(one) for one in brands.split(",") if one)
