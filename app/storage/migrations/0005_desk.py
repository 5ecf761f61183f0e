"""The outbox: answers written, approved and sent, and what became of each. Frozen."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, Model, TextField


def up(database: Any) -> None:
    made = _table()
    with database.bind_ctx([made]):
        made._schema.create_all(safe=False)  # type: ignore[attr-defined]  # peewee's own


def _table() -> type[Model]:
    """Made anew for each call, so that binding it touches no other database being opened."""

    class OutboxRow(Model):
        """`key` names the answer to the platform; `sender` is the program that is sending it."""

        id = BigAutoField()
        mention_id = BigIntegerField(index=True)
        text = TextField()
        state = TextField()
        key = TextField(unique=True)
        by = TextField()
        approved_by = TextField(default="")
        sender = TextField(default="")
        written_at = BigIntegerField()
        changed_at = BigIntegerField()
        native_id = TextField(default="")
        error = TextField(default="")

        class Meta:
            table_name = "outbox"

    OutboxRow.add_index(OutboxRow.state, OutboxRow.id, name="outbox_state")
    # However many programs send: one answer to a mention is under way, or unclear, at a time.
    OutboxRow.add_index(
        OutboxRow.mention_id,
        unique=True,
        where=OutboxRow.state.in_(("sending", "unsure")),
        name="outbox_under_way",
    )
    return OutboxRow
