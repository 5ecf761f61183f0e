"""Bug trackers, and the issues made of mentions. Frozen."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, BooleanField, CompositeKey, Model, TextField


def up(database: Any) -> None:
    tables = _tables()
    with database.bind_ctx(tables):
        database.create_tables(tables, safe=False)


def _tables() -> list[type[Model]]:
    """Made anew for each call, so that binding them touches no other database being opened."""

    class BugTrackerRow(Model):
        """A bug tracker. Its secrets are in the keyring."""

        id = BigAutoField()
        kind = TextField()
        name = TextField()
        settings = TextField()
        paused = BooleanField(default=False)
        removed = BooleanField(default=False)
        error = TextField(default="")
        good_at = BigIntegerField(null=True)

        class Meta:
            table_name = "bug_tracker"

    class TicketRow(Model):
        """An issue in a tracker, or one that is being made: `key` is looked up before it is made.

        Until `leased_until` one program is at it.
        """

        id = BigAutoField()
        tracker_id = BigIntegerField()
        key = TextField()
        mention_id = BigIntegerField()
        state = TextField()
        ref = TextField(default="")
        url = TextField(default="")
        title = TextField(default="")
        word = TextField(default="")
        by = TextField(default="")
        created_at = BigIntegerField()
        changed_at = BigIntegerField()
        checked_at = BigIntegerField(null=True)
        error = TextField(default="")
        leased_until = BigIntegerField(null=True)

        class Meta:
            table_name = "ticket"

    TicketRow.add_index(TicketRow.tracker_id, TicketRow.key, unique=True, name="ticket_key")
    TicketRow.add_index(TicketRow.state, TicketRow.checked_at, name="ticket_checked")

    class TicketMentionRow(Model):
        """Which mentions an issue is about: the first one, and copies of the same story."""

        ticket_id = BigIntegerField()
        mention_id = BigIntegerField(index=True)

        class Meta:
            table_name = "ticket_mention"
            primary_key = CompositeKey("ticket_id", "mention_id")

    return [BugTrackerRow, TicketRow, TicketMentionRow]
