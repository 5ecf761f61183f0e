"""One connection to the database, lent to one thread at a time.

A thin, typed face of peewee's `Database`: queries are compiled for its engine, rows come back as
plain tuples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import peewee


class Connection:
    """Connects when first asked. `sqlite` says which dialect it speaks."""

    def __init__(self, database: peewee.Database) -> None:
        self.database: Any = database
        self.sqlite = isinstance(database, peewee.SqliteDatabase)

    def execute(self, query: Any) -> Any:
        """Run a query; the DB-API cursor."""
        return self.database.execute(query)

    def execute_sql(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Run SQL in this engine's own words; the DB-API cursor."""
        return self.database.execute_sql(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows, past peewee."""
        self.database.connection().executemany(sql, rows)

    def tables(self) -> set[str]:
        return set(self.database.get_tables())

    def usable(self) -> bool:
        return bool(self.database.is_connection_usable())

    def close(self) -> None:
        """A connection that is given up must not raise a second error over the first."""
        try:
            self.database.close()
        except peewee.PeeweeException:
            self.database.dispose()
