"""Full-text search: which stored mentions can match a text query, answered by an index.

The index holds folded text with every character a token of its own, written as its code point, so
that a phrase of tokens is exactly a substring: two-character words, names in Latin letters and
punctuation alike. Tokens of their own mark where a run of Latin letters or digits begins and ends,
so that "phone" can be told from "iphone". On SQLite it is an FTS5 table without content; on
PostgreSQL a column of folded text under pg_trgm, or unindexed where the extension may not be made.

What the index cannot decide (NEAR, some fields, edges of Latin words on PostgreSQL) it narrows down,
and `Sought.matches` has the final word; `Sought.exact` says when there is nothing left to verify.
The functions that keep the index run inside a write transaction, the others on a reader.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol, cast

import peewee

from app.domain.mention import Kind, Stored
from app.matching.fold import FOLD_VERSION, folded
from app.matching.matcher import compile_text
from app.matching.tree import And, Field, Near, Not, Or, Phrase, Term, Tree, Word, plain
from app.storage.connection import Connection
from app.storage.edge import clean
from app.storage.filters import contains
from app.storage.models import MentionRow

INDEX_VERSION = f"2.{FOLD_VERSION}"
"""Raised when the same text would be indexed otherwise; `upgrade.py` then builds the index anew."""

_M = MentionRow
_TOO_LONG = 20_000
_FEW = 1000
_SURE_EDGE = re.compile("[\u3400-\u9fff]")


class IndexRow(peewee.Model):
    """PostgreSQL's index; on SQLite a virtual table stands under the same name."""

    mention_id = peewee.BigIntegerField(primary_key=True)
    folded = peewee.TextField()

    class Meta:
        table_name = "mention_index"


def create(connection: Connection) -> None:
    """An empty index, in place of any there is."""
    connection.execute_sql("DROP TABLE IF EXISTS mention_index")
    if connection.sqlite:
        connection.execute_sql(
            "CREATE VIRTUAL TABLE mention_index"
            " USING fts5(body, content='', columnsize=0, tokenize='ascii')"
        )
        return
    connection.execute_sql(
        "CREATE TABLE mention_index (mention_id BIGINT PRIMARY KEY, folded TEXT NOT NULL)"
    )
    connection.execute_sql("SAVEPOINT trigrams")
    try:
        connection.execute_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.execute_sql(
            "CREATE INDEX mention_index_folded ON mention_index USING gin (folded gin_trgm_ops)"
        )
    except peewee.PeeweeException:
        # Not allowed here, or not installed on the server: search reads the whole column instead.
        connection.execute_sql("ROLLBACK TO SAVEPOINT trigrams")


def add(connection: Connection, rows: Sequence[tuple[int, str, str]]) -> None:
    """Index new mentions: (id, title, text)."""
    if connection.sqlite:
        bodies = [(id_, spelled(indexed(title, text), open_=True, close=True)) for id_, title, text in rows]
        connection.execute_many("INSERT INTO mention_index (rowid, body) VALUES (?, ?)", bodies)
    elif rows:
        columns = [{"mention_id": id_, "folded": indexed(title, text)} for id_, title, text in rows]
        connection.execute(IndexRow.insert_many(columns))


def replace(connection: Connection, id_: int, old: tuple[str, str], new: tuple[str, str]) -> None:
    """A mention's (title, text) changed. FTS5 without content must be told what it holds."""
    if connection.sqlite:
        connection.execute_sql(
            "INSERT INTO mention_index (mention_index, rowid, body) VALUES ('delete', ?, ?)",
            (id_, spelled(indexed(*old), open_=True, close=True)),
        )
    else:
        connection.execute(IndexRow.delete().where(IndexRow.mention_id == id_))
    add(connection, [(id_, *new)])


def rebuild(connection: Connection) -> None:
    """The whole index anew, from the mentions."""
    create(connection)
    last = 0
    while rows := _next_texts(connection, last):
        add(connection, rows)
        last = rows[-1][0]


def _next_texts(connection: Connection, last: int) -> list[tuple[int, str, str]]:
    wanted = _M.select(_M.id, _M.title, _M.text).where(_M.id > last).order_by(_M.id).limit(1000)
    rows: list[tuple[int, str, str]] = connection.execute(wanted).fetchall()
    return rows


def in_step(connection: Connection) -> bool:
    """Does the index hold as many mentions as there are, and is it sound?"""
    if not connection.sqlite:
        held = connection.execute(IndexRow.select(peewee.fn.COUNT(1))).fetchone()[0]
        return bool(held == connection.execute(_M.select(peewee.fn.COUNT(1))).fetchone()[0])
    newest = connection.execute(
        _M.select(_M.id, _M.title, _M.text).order_by(_M.id.desc()).limit(50)
    ).fetchall()
    for id_, title, text in newest:
        if not (title or text):  # forgotten, since it was deleted
            continue
        phrase = f'"{spelled(indexed(title, text)[:20], open_=True, close=False)}"'
        found = connection.execute_sql(
            "SELECT 1 FROM mention_index WHERE mention_index MATCH ? AND rowid = ?", (phrase, id_)
        )
        if found.fetchone() is None:
            return False
    return True


def indexed(title: str, text: str) -> str:
    """What is searched: title and text, with what no folded text holds between them."""
    return f"{folded(title)}\n{folded(text)}" if title else folded(text)


_LATIN = f"a-z{chr(0xDF)}-{chr(0xF6)}{chr(0xF8)}-{chr(0x24F)}{chr(0x1E00)}-{chr(0x1EFF)}"
_RUNS = re.compile(f"([{_LATIN}]+|[0-9]+)")
_OPEN, _CLOSE = "o", "x"
"""No code point is written so: these are not hexadecimal digits."""


class _Codes(dict[str, str]):
    """A character's token, worked out once: this runs for every character that is ever stored."""

    def __missing__(self, char: str) -> str:
        return self.setdefault(char, f"{ord(char):x}")


_CODES = _Codes()


def spelled(text: str, *, open_: bool, close: bool) -> str:
    """`text` as tokens. `open_`, `close`: mark a run that touches the beginning, the end, as well.

    Inside, a run of letters or digits is marked on both sides; at the edges of a phrase nobody knows
    what stands next to it, so a phrase leaves the marks away and a word asks for them.
    """
    tokens: list[str] = []
    for at, part in enumerate(_RUNS.split(text)):
        codes = map(_CODES.__getitem__, part)
        # Splitting by a group puts what matched it at the odd places.
        tokens += [_OPEN, *codes, _CLOSE] if at % 2 else codes
    if not open_ and tokens[:1] == [_OPEN]:
        del tokens[0]
    if not close and tokens[-1:] == [_CLOSE]:
        del tokens[-1]
    return " ".join(tokens)


# ── Queries ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sought:
    """A text query, ready to be asked: a condition that loses no match, and the final word."""

    condition: Any
    """For WHERE; None where nothing can be said without reading each mention."""
    exact: bool
    """The condition alone decides."""
    matches: Callable[[Stored], bool]


def sought(text: str, connection: Connection) -> Sought | None:
    """The query behind `text`; None where it is empty. Raises QueryError."""
    if not text.strip():
        return None
    query = compile_text(clean(text), stored=True)
    lingo = _Fts5(connection) if connection.sqlite else _Like()
    part = _Reading(lingo).read(plain(query.tree))
    condition = None if part is None else part.condition(lingo)
    return Sought(condition, condition is not None and part is not None and part.exact, query.matches)


class _Lingo(Protocol):
    """How an index is asked; what the methods make and take is the lingo's own."""

    def word(self, word: Word) -> tuple[Any, bool]: ...
    def phrase(self, text: str) -> Any: ...
    def near(self, left: Sequence[Any], right: Sequence[Any], n: int) -> Any: ...
    def every(self, parts: Sequence[Any]) -> Any: ...
    def some(self, parts: Sequence[Any]) -> Any: ...
    def without(self, part: Any, unwanted: Any) -> Any: ...
    def condition(self, words: Any) -> Any: ...


class _Fts5:
    """Asked at once: the ids that match are put into the condition.

    Few ids are named one by one, and lead to their rows. Many become a map with a byte for each
    mention, which a pass over the filter's index reads faster than SQLite reads a table of its own
    making.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def word(self, word: Word) -> tuple[Any, bool]:
        return f'"{spelled(word.text, open_=True, close=not word.prefix)}"', True

    def phrase(self, text: str) -> Any:
        return f'"{spelled(text, open_=False, close=False)}"'

    def near(self, left: Sequence[Any], right: Sequence[Any], n: int) -> Any:
        """Marks make the way longer, three tokens for a character at the most."""
        return self.some([f"NEAR({one} {other}, {3 * n + 2})" for one in left for other in right])

    def every(self, parts: Sequence[Any]) -> Any:
        return "(" + " AND ".join(parts) + ")"

    def some(self, parts: Sequence[Any]) -> Any:
        return "(" + " OR ".join(parts) + ")"

    def without(self, part: Any, unwanted: Any) -> Any:
        return f"({part} NOT {unwanted})"

    def condition(self, words: Any) -> Any:
        if len(words) > _TOO_LONG:
            return None
        asked = self._connection.execute_sql(
            "SELECT rowid FROM mention_index WHERE mention_index MATCH ?", (words,)
        )
        ids = [id_ for (id_,) in asked.fetchall()]
        if len(ids) <= _FEW:
            return _M.id.in_(peewee.SQL(f"({','.join(map(str, ids))})"))
        marks = bytearray(ids[-1] + 1)
        for id_ in ids:
            marks[id_] = 1
        return peewee.fn.SUBSTR(peewee.Value(bytes(marks)), _M.id + 1, 1) == peewee.SQL("x'01'")


class _Like:
    """Conditions on a column of folded text, for the server to answer as it can."""

    def word(self, word: Word) -> tuple[Any, bool]:
        """Chinese characters may touch anything, so the substring decides; other edges are looked at."""
        edges = word.text[:1] if word.prefix else word.text[:1] + word.text[-1:]
        return self.phrase(word.text), all(map(_SURE_EDGE.match, edges))

    def phrase(self, text: str) -> Any:
        return contains(IndexRow.folded, text)

    def near(self, left: Sequence[Any], right: Sequence[Any], n: int) -> Any:  # noqa: ARG002  # not said here
        return self.every([self.some(left), self.some(right)])

    def every(self, parts: Sequence[Any]) -> Any:
        return reduce(operator.and_, parts)

    def some(self, parts: Sequence[Any]) -> Any:
        return reduce(operator.or_, parts)

    def without(self, part: Any, unwanted: Any) -> Any:
        return part & ~unwanted

    def condition(self, words: Any) -> Any:
        return _M.id.in_(IndexRow.select(IndexRow.mention_id).where(words))


@dataclass(frozen=True, slots=True)
class _Part:
    """A condition on indexed words, or (where fields come in) on the mention's columns."""

    exact: bool
    words: Any = None
    columns: Any = None

    def condition(self, lingo: _Lingo) -> Any:
        return lingo.condition(self.words) if self.words is not None else self.columns


class _Reading:
    """From a plain tree to the narrowest condition that loses no match."""

    def __init__(self, lingo: _Lingo) -> None:
        self._lingo = lingo

    def read(self, tree: Tree) -> _Part | None:
        match tree:
            case Phrase(text):
                return _Part(True, words=self._lingo.phrase(text))
            case Word():
                words, exact = self._lingo.word(tree)
                return _Part(exact, words=words)
            case Near(left, right, n):
                return _Part(False, words=self._lingo.near(self._terms(left), self._terms(right), n))
            case And(parts):
                return self._all(parts)
            case Or(parts):
                return self._any(parts)
            case Field():
                return _on_field(tree)
            case Not(part):
                return self._none(part)

    def _terms(self, term: Term) -> list[Any]:
        match term:
            case Or(parts):
                return [one for part in parts for one in self._terms(cast("Term", part))]
            case Phrase(text):
                return [self._lingo.phrase(text)]
            case Word():
                return [self._lingo.word(term)[0]]

    def _all(self, parts: Sequence[Tree]) -> _Part | None:
        """Parts that say nothing are left to verification."""
        wanted = [self.read(one) for one in parts if not isinstance(one, Not)]
        unwanted = [self.read(one.part) for one in parts if isinstance(one, Not)]
        said = [one for one in wanted if one is not None]
        barred = [one for one in unwanted if one is not None and one.exact]
        exact = all(one.exact for one in said) and len(said) + len(barred) == len(parts)
        return self._joined(said, barred, exact)

    def _joined(self, said: list[_Part], barred: list[_Part], exact: bool) -> _Part | None:
        words = [one.words for one in said if one.words is not None]
        columns = [one.columns for one in said if one.columns is not None]
        if words:
            together = self._lingo.every(words)
            for one in barred:
                if one.words is not None:
                    together = self._lingo.without(together, one.words)
            barred = [one for one in barred if one.words is None]
            if not columns and not barred:
                return _Part(exact, words=together)
            columns.append(_Part(exact, words=together).condition(self._lingo))
        columns += [~one.condition(self._lingo) for one in barred]
        if not columns or any(one is None for one in columns):
            return None
        return _Part(exact, columns=reduce(operator.and_, columns))

    def _any(self, parts: Sequence[Tree]) -> _Part | None:
        """One part that says nothing makes the whole say nothing."""
        read = [self.read(one) for one in parts]
        said = [one for one in read if one is not None]
        if len(said) < len(parts):
            return None
        exact = all(one.exact for one in said)
        if all(one.words is not None for one in said):
            return _Part(exact, words=self._lingo.some([one.words for one in said]))
        columns = [one.condition(self._lingo) for one in said]
        if any(one is None for one in columns):
            return None
        return _Part(exact, columns=reduce(operator.or_, columns))

    def _none(self, tree: Tree) -> _Part | None:
        part = self.read(tree)
        if part is None or not part.exact:
            return None
        condition = part.condition(self._lingo)
        return None if condition is None else _Part(True, columns=~condition)


_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
_NUMBERS: dict[str, Any] = {
    "followers": _M.followers,
    "likes": _M.likes,
    "comments": _M.comments,
    "shares": _M.shares,
    "rating": _M.rating,
}


def _on_field(field: Field) -> _Part | None:
    """Numbers, tone, status and kind are columns; the rest is looked at one by one."""
    if field.name in _NUMBERS and field.op in _COMPARED:
        column = _NUMBERS[field.name]
        return _known(column, _COMPARED[field.op](column, field.value))
    if field.name == "tone":
        return _known(_M.tone, _M.tone == field.value)
    if field.name == "status":
        return _Part(True, columns=_M.status == field.value)
    if field.name == "is" and field.value in set(Kind):
        return _Part(True, columns=_M.kind == field.value)
    return None


def _known(column: Any, condition: Any) -> _Part:
    """False, not NULL, where nothing is known: it may stand behind a NOT."""
    return _Part(True, columns=column.is_null(False) & condition)
