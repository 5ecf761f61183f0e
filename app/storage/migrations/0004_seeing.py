"""What is seen and what is not: volumes by hour, fates of gaps, threads read again, quotas. Frozen."""

from __future__ import annotations

from typing import Any

from peewee import (
    BigIntegerField,
    CompositeKey,
    DoubleField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

_HOUR = 3_600_000_000
"""Microseconds."""


def up(database: Any) -> None:
    """Columns and tables; then the hours in which what is stored was published are counted."""
    for table, column in (
        ("source", "canary TEXT NOT NULL DEFAULT ''"),
        ("source", "sight TEXT NOT NULL DEFAULT ''"),
        ("source", "blind TEXT NOT NULL DEFAULT ''"),
        ("gap", "cause TEXT NOT NULL DEFAULT ''"),
        ("gap", "found BIGINT NOT NULL DEFAULT 0"),
        ("gap", "outcome TEXT NOT NULL DEFAULT ''"),
        ("gap", "unseen_until BIGINT"),
        ("mention", "gone_at BIGINT"),
    ):
        # With defaults of the database's own, so that a program of an earlier version goes on writing.
        database.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN {column}')
    tables = _tables()
    with database.bind_ctx(tables):
        # So that the table itself lies in the order of its key.
        tables[0]._meta.without_rowid = isinstance(database, SqliteDatabase)
        database.create_tables(tables, safe=False)
    database.execute_sql(
        "INSERT INTO source_hour (source_id, hour, count)"  # noqa: S608  # our own number
        f" SELECT source_id, published_at / {_HOUR}, COUNT(*) FROM mention"
        f" GROUP BY source_id, published_at / {_HOUR}"
    )


def _tables() -> list[type[Model]]:
    """Made anew for each call, so that binding them touches no other database being opened."""

    class HourRow(Model):
        """How many mentions of a source were published in an hour, counted from 1970 in UTC."""

        source_id = BigIntegerField()
        hour = BigIntegerField()
        count = BigIntegerField()

        class Meta:
            table_name = "source_hour"
            primary_key = CompositeKey("source_id", "hour")

    class GoingRow(Model):
        """Deleted on its platform: here its text goes, too, when its time has come."""

        mention_id = BigIntegerField(primary_key=True)
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "going"

    class RevisitRow(Model):
        """A thread that is read again. `velocity` is new comments an hour, as last seen."""

        mention_id = BigIntegerField(primary_key=True)
        source_id = BigIntegerField()
        root = TextField()
        due = BigIntegerField()
        read_at = BigIntegerField()
        changed_at = BigIntegerField()
        velocity = DoubleField()
        failures = IntegerField(default=0)
        cursor = TextField(null=True)

        class Meta:
            table_name = "revisit"

    RevisitRow.add_index(RevisitRow.source_id, RevisitRow.due, name="revisit_due")
    RevisitRow.add_index(RevisitRow.source_id, RevisitRow.root, unique=True, name="revisit_root")

    class QuotaRow(Model):
        """Requests a credential has made in a day of its platform; the credential is a hash."""

        credential = TextField()
        day = TextField()
        used = BigIntegerField()

        class Meta:
            table_name = "quota"
            primary_key = CompositeKey("credential", "day")

    return [HourRow, GoingRow, RevisitRow, QuotaRow]
