"""How answers leave: when, with whose second yes, resting on what; and sentences of models to be looked at.
Frozen."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, Model, TextField

_COLUMNS = (
    "way TEXT NOT NULL DEFAULT 'api'",
    "second_by TEXT NOT NULL DEFAULT ''",
    "reviewer TEXT NOT NULL DEFAULT ''",
    "due_at BIGINT",
    "basis BIGINT NOT NULL DEFAULT 0",
    "based_at BIGINT",
    "allowed TEXT NOT NULL DEFAULT ''",
)


def up(database: Any) -> None:
    for column in _COLUMNS:
        # With defaults of the database's own, so that a program of an earlier version goes on writing.
        database.execute_sql(f'ALTER TABLE "outbox" ADD COLUMN {column}')
    made = _table()
    with database.bind_ctx([made]):
        database.create_tables([made], safe=False)


def _table() -> type[Model]:
    """Made anew for each call, so that binding it touches no other database being opened."""

    class ModelMarkRow(Model):
        """A sentence of a model's draft that rests on nothing we know."""

        id = BigAutoField()
        mention_id = BigIntegerField(index=True)
        sentence = TextField()
        why = TextField()
        at = BigIntegerField()
        seen_by = TextField(default="")
        seen_at = BigIntegerField(null=True)

        class Meta:
            table_name = "model_mark"

    return ModelMarkRow
