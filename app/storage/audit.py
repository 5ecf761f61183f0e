"""The books: who saw, claimed, wrote, approved, sent and changed what, and when.

What people did to mentions is in `event`, what they said in `note`, everything else in `audit`; all three
are append-only (the database itself refuses anything else) and are read as one book.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from peewee import SQL

from app.domain.queue import BookKey, BookLine, BookPage, BookQuery
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, micros, moment
from app.storage.models import EventRow
from app.storage.models_desk import AuditRow, NoteRow

_AT_ONCE = 2000


class _Book(NamedTuple):
    """A table as lines: where its columns are. `what` None: all its lines are notes."""

    table: Any
    what: Any
    mention: Any
    subject: Any
    detail: Any


_BOOKS = (
    _Book(EventRow, EventRow.what, EventRow.mention_id, SQL("''"), EventRow.detail),
    _Book(NoteRow, None, NoteRow.mention_id, SQL("''"), NoteRow.text),
    _Book(AuditRow, AuditRow.what, None, AuditRow.subject, AuditRow.detail),
)
NOTE = "note"


class Audit:
    """`storage.audit`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, at: datetime, by: str, what: str, subject: str, detail: str = "") -> None:
        """`subject`: a kind and a number, "rule:3". What concerns one mention goes into its history."""
        self._database.write(lambda connection: book(connection, at, by, what, subject, detail))

    def page(
        self,
        query: BookQuery,
        after: BookKey | None = None,
        limit: int = 200,
        *,
        oldest_first: bool = False,
    ) -> BookPage:
        """The newest first, or the oldest."""
        found: list[tuple[tuple[int, int, int], BookLine]] = []
        with self._database.read() as connection:
            for number, one in enumerate(_BOOKS):
                for row in connection.execute(
                    _lines(one, number, query, after, oldest=oldest_first).limit(limit + 1)
                ).fetchall():
                    found.append(((row[1], number, row[0]), _line(one, row)))
        found.sort(key=lambda pair: pair[0], reverse=not oldest_first)
        shown = found[:limit]
        more = len(found) > limit and shown
        key = BookKey(shown[-1][1].at, *shown[-1][0][1:]) if more else None
        return BookPage(tuple(line for _key, line in shown), key)

    def iterate(self, query: BookQuery) -> Iterator[BookLine]:
        """All of it, the oldest first; between stretches no transaction is held."""
        after: BookKey | None = None
        while True:
            page = self.page(query, after, _AT_ONCE, oldest_first=True)
            yield from page.rows
            after = page.next
            if after is None:
                return


def _lines(one: _Book, number: int, query: BookQuery, after: BookKey | None, *, oldest: bool) -> Any:
    table = one.table
    mention = one.mention if one.mention is not None else SQL("NULL")
    what = one.what if one.what is not None else SQL(f"'{NOTE}'")
    wanted = table.select(table.id, table.at, table.by, what, mention, one.subject, one.detail)
    wanted = wanted.where(*_conditions(one, query), *_beyond(table, number, after, oldest=oldest))
    if oldest:
        return wanted.order_by(table.at.asc(), table.id.asc())
    return wanted.order_by(table.at.desc(), table.id.desc())


def _conditions(one: _Book, query: BookQuery) -> list[Any]:
    table = one.table
    made: list[Any] = [table.id > 0]
    if query.since is not None:
        made.append(table.at >= micros(query.since))
    if query.until is not None:
        made.append(table.at < micros(query.until))
    if query.by:
        made.append(table.by == clean(query.by))
    if query.what and one.what is not None:
        made.append(one.what.in_([clean(word) for word in query.what]))
    elif query.what and NOTE not in query.what:
        made.append(SQL("1 = 0"))
    if query.mention_id:
        made.append(SQL("1 = 0") if one.mention is None else one.mention == query.mention_id)
    return made


def _beyond(table: Any, number: int, after: BookKey | None, *, oldest: bool) -> list[Any]:
    """Lines of one moment stand in the order of the books, then of their numbers."""
    if after is None:
        return []
    at = micros(after.at)
    if oldest:
        same = _same(number > after.book, number == after.book, table.id > after.id)
        return [table.at >= at, (table.at > at) | same]
    same = _same(number < after.book, number == after.book, table.id < after.id)
    return [table.at <= at, (table.at < at) | same]


def _same(whole: bool, here: bool, further: Any) -> Any:
    return SQL("1 = 1") if whole else further if here else SQL("1 = 0")


def _line(one: _Book, row: Any) -> BookLine:
    _id, at, by, what, mention, subject, detail = row
    return BookLine(
        at=moment(at),
        by=by,
        what=what,
        mention_id=mention if one.mention is not None else None,
        subject=subject,
        detail=detail,
    )


def book(connection: Connection, at: datetime, by: str, what: str, subject: str, detail: str = "") -> None:
    """Inside the caller's transaction."""
    connection.execute(
        AuditRow.insert(
            at=micros(at), by=clean(by), what=clean(what), subject=clean(subject), detail=clean(detail)
        )
    )
