"""One connection to the database, lent to one thread at a time.

A thin, typed face of peewee's `Database`: queries are compiled for its engine, rows come back as
plain tuples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
        self.database.cursor().executemany(sql, rows)

    def insert_rows(self, table: Any, rows: Sequence[Mapping[str, Any]], ending: str) -> Any:
        """Many rows in one statement put together here; the DB-API cursor.

        peewee takes longer to compile a wide INSERT of some hundred rows than SQLite to run it. Rows
        have the same keys; columns they leave out take the model's defaults. `ending` is SQL of ours.
        """
        plain = table._meta.get_default_dict()
        names = [*{**plain, **rows[0]}]
        one = f"({', '.join([self.database.param] * len(names))})"
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join([one] * len(rows))
        sql = f'INSERT INTO "{table._meta.table_name}" ({columns}) VALUES {values} {ending}'  # noqa: S608  # names from our own models
        full = rows if len(rows[0]) == len(names) else [{**plain, **row} for row in rows]
        cells = [row[name] for row in full for name in names]
        return self.database.execute_sql(sql, cells)

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
