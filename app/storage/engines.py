"""What SQLite and PostgreSQL do differently about connections, transactions and failures.

psycopg is imported only when a PostgreSQL database is opened. Search differs in `search.py`,
migration locking in `upgrade.py`. No thread of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote

import peewee

from app.errors import Broken, ConfigError, StorageError, Unavailable
from app.i18n import _
from app.storage.connection import Connection


class Engine(Protocol):
    """One kind of database at one place."""

    name: str

    def connection(self, *, read_only: bool = False) -> Connection: ...
    def transaction(self, connection: Connection) -> AbstractContextManager[Any]: ...
    def errors(self) -> AbstractContextManager[None]: ...
    def wrote(self, connection: Connection) -> None: ...
    def data_version(self, connection: Connection) -> int: ...
    def size(self, connection: Connection) -> int: ...


def engine_for(url: str, *, backups: Path | None, patience: float) -> SQLite | PostgreSQL:
    """A path or sqlite:///path is a file; postgresql:// (or postgres://) is a server."""
    if url.startswith(("postgresql://", "postgres://")):
        return PostgreSQL("postgresql://" + url.split("://", 1)[1], patience)
    if url.startswith("sqlite://"):
        url = unquote(url.removeprefix("sqlite://"))
        if url.startswith("//"):  # sqlite:////absolute/path, as other programs write it
            url = url[1:]
        if len(url) > 2 and url[0] == "/" and url[2] == ":":  # sqlite:///C:/…
            url = url[1:]
    elif "://" in url:
        told = _("The database must be a path, sqlite:///path or postgresql://user@host/name.")
        raise ConfigError(told, field="database")
    return SQLite(Path(url), backups, patience)


@contextmanager
def _held(connection: Connection, begin: str) -> Iterator[None]:
    """peewee's own context would hide a full disk behind the failure of its rollback."""
    connection.execute_sql(begin)
    try:
        yield
        connection.execute_sql("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors, and a lost server after all.
        with suppress(peewee.PeeweeException):
            connection.execute_sql("ROLLBACK")
        raise


class SQLite:
    """A file of this machine, in WAL mode: readers never wait for the writer."""

    name = "sqlite"

    def __init__(self, path: Path, backups: Path | None, patience: float) -> None:
        self.path = path
        self.backups = backups or path.parent / "backups"
        self._patience = patience

    def connection(self, *, read_only: bool = False) -> Connection:
        """The writer's connection, or one that refuses to write."""
        pragmas: list[tuple[str, Any]] = [("foreign_keys", 1), ("cache_size", -16_000)]
        if read_only:
            pragmas += [("query_only", 1)]
            target = f"file:{quote(str(self.path.absolute()))}?mode=rw"
        else:
            pragmas += [("journal_mode", "wal"), ("synchronous", "normal")]
            target = f"file:{quote(str(self.path.absolute()))}?mode=rwc"
        return self.open(target, pragmas)

    def peek(self) -> Connection:
        """A connection that cannot change a byte of the file, whatever it is."""
        return self.open(f"file:{quote(str(self.path.absolute()))}?mode=ro", [])

    def open(self, target: str, pragmas: list[tuple[str, Any]]) -> Connection:
        """Not tied to the thread that makes it: the pool lends it to one thread at a time."""
        return Connection(
            peewee.SqliteDatabase(
                target,
                pragmas=pragmas,
                timeout=self._patience,
                uri=True,
                check_same_thread=False,
                thread_safe=False,
            )
        )

    def transaction(self, connection: Connection) -> AbstractContextManager[Any]:
        """IMMEDIATE: wait for the other writer before reading, so that what was read still holds."""
        return _held(connection, "BEGIN IMMEDIATE")

    @contextmanager
    def errors(self) -> Iterator[None]:
        try:
            yield
        except (peewee.PeeweeException, sqlite3.Error) as error:
            raise self._mapped(error) from error

    def _mapped(self, error: Exception) -> StorageError:
        cause = _driver_error(error)
        code = getattr(cause, "sqlite_errorcode", 0) or 0
        details = f"{error!r} ({getattr(cause, 'sqlite_errorname', '')})"
        match code & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                told = _("Another program is holding the database. Close it, or wait; it is tried again.")
            case (
                sqlite3.SQLITE_READONLY
                | sqlite3.SQLITE_PERM
                | sqlite3.SQLITE_CANTOPEN
                | sqlite3.SQLITE_AUTH
            ):
                told = _(
                    "The database “{path}” cannot be written. Check that the file and its folder allow it."
                )
            case sqlite3.SQLITE_FULL:
                told = _("The disk that holds “{path}” is full. Make room; nothing already saved is lost.")
            case (
                sqlite3.SQLITE_IOERR
                | sqlite3.SQLITE_NOMEM
                | sqlite3.SQLITE_PROTOCOL
                | sqlite3.SQLITE_INTERRUPT
            ):
                told = _("The disk that holds “{path}” does not answer as it should. It is tried again.")
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_FORMAT:
                return damaged(self.path, self.backups, details)
            case _:
                return Broken(_("The database could not answer. Please report this."), details=details)
        return Unavailable(told.format(path=self.path), details=details)

    def wrote(self, connection: Connection) -> None:
        """The file's change counter says it already."""

    def data_version(self, connection: Connection) -> int:
        """Asked on the writer's connection: SQLite counts there what all others committed."""
        return int(connection.execute_sql("PRAGMA data_version").fetchone()[0])

    def size(self, connection: Connection) -> int:
        pages = connection.execute_sql("PRAGMA page_count").fetchone()[0]
        return int(pages * connection.execute_sql("PRAGMA page_size").fetchone()[0])


def _driver_error(error: BaseException) -> BaseException:
    """peewee's error stands in front of the driver's, which alone knows the code."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, sqlite3.Error) or hasattr(behind, "sqlstate"):
            return behind
        behind = behind.__context__
    return error


def damaged(path: Path, backups: Path, details: str) -> Broken:
    """The sentence for a file that is no database (any more)."""
    told = _("The database “{path}” is damaged. Put it aside and copy back the newest file of “{backups}”.")
    return Broken(told.format(path=path, backups=backups), details=details)


class PostgreSQL:
    """A server the team shares.

    Who wrote is told by a sequence: every committed write draws a number from it, and what we drew
    ourselves is subtracted.
    """

    name = "postgresql"

    def __init__(self, url: str, patience: float) -> None:
        self.url = url
        self._patience = patience
        self._drawn = 0

    def connection(self, *, read_only: bool = False) -> Connection:
        options = "-c default_transaction_read_only=on" if read_only else ""
        with self.errors():
            database = peewee.PostgresqlDatabase(
                self.url,
                prefer_psycopg3=True,
                thread_safe=False,
                connect_timeout=max(2, round(self._patience)),
                options=f"{options} -c lock_timeout={round(self._patience * 1000)}".strip(),
            )
        return Connection(database)

    def transaction(self, connection: Connection) -> AbstractContextManager[Any]:
        return _held(connection, "BEGIN")

    @contextmanager
    def errors(self) -> Iterator[None]:
        try:
            yield
        except peewee.PeeweeException as error:
            raise self._mapped(error) from error

    def _mapped(self, error: peewee.PeeweeException) -> StorageError:
        state = getattr(_driver_error(error), "sqlstate", None) or ""
        details = f"{type(error).__name__} {state}"
        if isinstance(error, peewee.ImproperlyConfigured):
            return Unavailable(
                _("PostgreSQL support is not installed. Install it with: pip install “tingfeng[team]”."),
                details=str(error),
            )
        if (
            isinstance(error, peewee.ProgrammingError) and not state
        ):  # the driver could not read the address
            told = _("The database's address cannot be read. Write it as postgresql://user@host/name.")
            return Unavailable(told, details=details)
        if isinstance(error, (peewee.OperationalError, peewee.InterfaceError)) or state[:2] in _AWAY:
            told = _(
                "The team's database does not answer. Check the network and the server; it is tried again."
            )
            return Unavailable(told, details=details)
        return Broken(_("The database could not answer. Please report this."), details=f"{details} {error}")

    def wrote(self, connection: Connection) -> None:
        """After the commit, so that whoever sees the number sees the rows."""
        connection.execute_sql("SELECT nextval('change_number')")
        self._drawn += 1

    def data_version(self, connection: Connection) -> int:
        drawn = connection.execute_sql("SELECT last_value FROM change_number").fetchone()[0]
        return int(drawn) - self._drawn

    def size(self, connection: Connection) -> int:
        return int(connection.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0])


_AWAY = {"08", "25", "28", "3D", "53", "55", "57", "58"}
"""SQLSTATE classes: connection, read-only, sign-in, no such database, resources, locks, shutdown, disk."""
