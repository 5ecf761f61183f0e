"""The database MediaCrawler keeps, read while the crawler writes it.

Runs in a worker thread. The file is opened read-only, with a short wait for a lock; each call looks
at one consistent snapshot. New rows are found by row id, changed ones by `last_modify_ts`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.errors import BadResponse, Transient
from app.i18n import _
from monitors.files.batch import Batch, Row, State
from monitors.files.mediacrawler import TABLES, Links
from monitors.files.records import LONGEST

MAGIC = b"SQLite format 3\0"
_WAIT = 1.0
"""Seconds to wait for a lock; the next poll comes soon."""


def stamp(path: Path) -> list[int]:
    """What changes whenever the database does: its change counter, and its write-ahead log."""
    with path.open("rb") as file:
        head = file.read(100)
    wal = path.with_name(path.name + "-wal")
    try:
        about = wal.stat()
    except OSError:
        return [int.from_bytes(head[24:28], "big"), 0, 0]
    return [int.from_bytes(head[24:28], "big"), about.st_size, about.st_mtime_ns]


def _opened(path: Path) -> sqlite3.Connection:
    uri = "file:" + quote(str(path.absolute()).encode("utf-8", "surrogateescape")) + "?mode=ro&immutable=0"
    base = sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None)
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    base.text_factory = lambda raw: raw.decode("utf-8", "replace")
    base.row_factory = sqlite3.Row
    return base


def read(path: Path, state: State | None, rows: int) -> Batch:
    """The next rows of the tables we know; their names are constants, never the file's."""
    batch = Batch({name: dict(at) for name, at in (state or {}).items()})
    try:
        with closing(_opened(path)) as base:
            base.execute("BEGIN")
            for table in _tables(base):
                _from_table(base, table, batch, rows)
                if len(batch.rows) >= rows:
                    batch.more = True
                    break
    except sqlite3.OperationalError as error:
        raise _busy_or_broken(error) from error
    except (sqlite3.Error, OverflowError) as error:
        raise BadResponse(_("It is damaged or not a SQLite database."), details=str(error)[:200]) from error
    return batch


def _busy_or_broken(error: sqlite3.OperationalError) -> Transient | BadResponse:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR")):
        return Transient(_("It is being written right now; it is read again soon."), details=name)
    return BadResponse(_("It is damaged or not a SQLite database."), details=str(error)[:200])


def _tables(base: sqlite3.Connection) -> list[str]:
    have = {str(row[0]) for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    # Posts go before comments, which take their links from them.
    return [name for name in sorted(TABLES, key=lambda one: TABLES[one][1] == "comments") if name in have]


def counted(path: Path) -> int:
    """How many rows there are to read."""
    try:
        with closing(_opened(path)) as base:
            asked = (f"SELECT count(*) FROM {name}" for name in _tables(base))  # noqa: S608
            return sum(int(base.execute(one).fetchone()[0]) for one in asked)
    except sqlite3.Error as error:
        raise BadResponse(_("It is damaged or not a SQLite database."), details=str(error)[:200]) from error


@dataclass(slots=True)
class _Scan:
    """One table: `row` ids up to here are read; changes up to `seen` (and then `key`) too.

    `top` is the newest change when the scan began, and becomes `seen` when it ends: what changed
    meanwhile is met again, rather than missed.
    """

    row: int = 0
    mark: str = ""
    """A hash of the row at `row`: a database made anew has another one there."""
    seen: int | None = None
    key: int = 0
    top: int | None = None
    old: int = 0
    """Row ids up to here were read before this scan began: only those can have changed."""


def _from_table(base: sqlite3.Connection, table: str, batch: Batch, rows: int) -> None:
    scan = _Scan(**batch.state.get(table, {}))
    columns = {str(row[1]) for row in base.execute(f"PRAGMA table_info({table})")}
    if scan.row and _mark(base, table, scan.row) != scan.mark:
        scan = _Scan()
    dated = "last_modify_ts" in columns
    if scan.top is None:
        newest = base.execute(f"SELECT max(last_modify_ts) FROM {table}").fetchone()[0] if dated else 0  # noqa: S608
        scan.top, scan.old = newest if isinstance(newest, int) else 0, scan.row
    if dated and scan.seen is not None:
        _changed(base, table, scan, batch, rows)
    if len(batch.rows) < rows:
        _new(base, table, scan, batch, rows)
    if len(batch.rows) < rows:
        scan.seen, scan.key, scan.top = scan.top, 0, None
    scan.mark = _mark(base, table, scan.row) if scan.row else ""
    batch.state[table] = {name: getattr(scan, name) for name in _Scan.__slots__}


def _changed(base: sqlite3.Connection, table: str, scan: _Scan, batch: Batch, rows: int) -> None:
    asked = (
        f"SELECT rowid AS _rowid_, * FROM {table} WHERE rowid <= ? AND (last_modify_ts > ?"  # noqa: S608
        " OR (last_modify_ts = ? AND rowid > ?)) AND last_modify_ts <= ?"
        " ORDER BY last_modify_ts, rowid LIMIT ?"
    )
    # Without a place inside this moment (key 0), everything of it was seen.
    key = scan.key or 2**62
    given = (scan.old, scan.seen, scan.seen, key, scan.top, rows - len(batch.rows))
    for row in base.execute(asked, given):
        scan.seen, scan.key = row["last_modify_ts"], row["_rowid_"]
        batch.rows.append(_row(row, table))


def _new(base: sqlite3.Connection, table: str, scan: _Scan, batch: Batch, rows: int) -> None:
    asked = f"SELECT rowid AS _rowid_, * FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
    for row in base.execute(asked, (scan.row, rows - len(batch.rows))):
        scan.row = row["_rowid_"]
        batch.rows.append(_row(row, table))


def _row(row: sqlite3.Row, table: str) -> Row:
    values: dict[str, Any] = {name: row[name] for name in row.keys() if name not in _OURS}  # noqa: SIM118
    return Row({name: _text(value) for name, value in values.items()}, table)


_OURS = {"_rowid_", "id", "add_ts"}


def _text(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _mark(base: sqlite3.Connection, table: str, row: int) -> str:
    """The platform's id in that row, hashed; empty if the row is gone."""
    column = _ID.get(table, "comment_id")
    found = base.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()  # noqa: S608
    return hashlib.sha256(str(found[0]).encode("utf-8", "replace")).hexdigest()[:8] if found else ""


_ID = {
    "weibo_note": "note_id", "xhs_note": "note_id", "tieba_note": "note_id", "douyin_aweme": "aweme_id",
    "kuaishou_video": "video_id", "bilibili_video": "video_id", "bilibili_up_dynamic": "dynamic_id",
    "zhihu_content": "content_id",
}  # fmt: skip
"""Of posts; comments have `comment_id`."""


def add_links(path: Path, posts: set[str], links: Links) -> None:
    """The addresses of notes that comments stand under, where only the note's row knows its token."""
    with closing(_opened(path)) as base:
        if "xhs_note" not in _tables(base):
            return
        for post in list(posts)[:2_000]:
            found = base.execute("SELECT note_url FROM xhs_note WHERE note_id = ?", (post,)).fetchone()
            if found and "xsec_token=" in str(found[0]):
                links["xhs", post] = str(found[0])
