"""The desk: people and teams, what waits for an answer, notes, audit, rules, channels, receipts. Frozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CompositeKey,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

_COLUMNS = (
    ("alert", "rule_id BIGINT"),
    ("alert", "rung INTEGER NOT NULL DEFAULT 0"),
    ("alert", "climbs_at BIGINT"),
    ("alert", "shown_at BIGINT"),
    ("alert", "seen_at BIGINT"),
    ("alert", "seen_by TEXT NOT NULL DEFAULT ''"),
    ("alert", "acked_at BIGINT"),
    ("alert", "acked_by TEXT NOT NULL DEFAULT ''"),
    ("alert", "whom TEXT NOT NULL DEFAULT ''"),
)


_BOOKS = ("audit", "event", "note")


def up(database: Any) -> None:
    for table, column in _COLUMNS:
        # With defaults of the database's own, so that a program of an earlier version goes on writing.
        database.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN {column}')
    database.execute_sql('CREATE INDEX "alert_climbs" ON "alert" ("climbs_at") WHERE climbs_at IS NOT NULL')
    database.execute_sql(
        'CREATE INDEX "alert_about" ON "alert" ("mention_id") WHERE mention_id IS NOT NULL'
    )
    database.execute_sql(
        'CREATE INDEX "alert_incident" ON "alert" ("incident_id") WHERE incident_id IS NOT NULL'
    )
    database.execute_sql('CREATE INDEX "alert_kind" ON "alert" ("kind", "created_at")')
    database.execute_sql('CREATE INDEX "alert_rule" ON "alert" ("rule_id", "created_at")')
    for tables in (_people(), _queue(), _alerts()):
        with database.bind_ctx(tables):
            database.create_tables(tables, safe=False)
    _append_only(database)
    _claimed(database)


def _claimed(database: Any) -> None:
    """What was claimed before there was a desk is on it; half an hour is what a claim lives."""
    half_an_hour = 1_800_000_000
    found = database.execute_sql(
        "SELECT id, severe, source_id, status_by, status_at, published_at, fetched_at FROM mention"
        " WHERE status = 'claimed' AND status_at IS NOT NULL"
    ).fetchall()
    rows = [
        {
            "mention_id": id_,
            "severity": "P2" if severe else "P3",
            "why": "hand",
            "source_id": source_id,
            "owner": by,
            "owned_at": at,
            "lease_until": at + half_an_hour,
            "opened_at": at,
            "published_at": published_at,
            "seen_at": fetched_at,
            "started_at": fetched_at,
            "allowed": 1800,
            "due_at": fetched_at + half_an_hour,
        }
        for id_, severe, source_id, by, at, published_at, fetched_at in found
    ]
    desk = _queue()[0]
    with database.bind_ctx([desk]):
        for start in range(0, len(rows), 20):
            desk.insert_many(rows[start : start + 20]).execute()


def _append_only(database: Any) -> None:
    """What was done cannot be undone in the books, whoever holds the file."""
    run: Callable[[str], Any] = database.execute_sql
    run('CREATE INDEX "event_at" ON "event" ("at", "id")')
    if isinstance(database, SqliteDatabase):
        for table in _BOOKS:
            for act in ("UPDATE", "DELETE"):
                run(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END"
                )
        return
    run(
        "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the books are append-only'; END $$"
    )
    for table in _BOOKS:
        run(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION append_only()"
        )


def _people() -> list[type[Model]]:
    """Made anew for each call, so that binding them touches no other database being opened."""

    class TeamRow(Model):
        """People who share a work calendar; `calendar` is JSON of `app.domain.people.Calendar`."""

        id = BigAutoField()
        name = TextField(unique=True)
        calendar = TextField(default="")

        class Meta:
            table_name = "team"

    class PersonRow(Model):
        """A colleague as alerts and the queue know one. `contacts` is JSON, kind of channel -> address."""

        id = BigAutoField()
        name = TextField(unique=True)
        role = TextField()
        team_id = BigIntegerField(null=True)
        contacts = TextField(default="")
        away = BooleanField(default=False)
        budget = IntegerField(default=0)

        class Meta:
            table_name = "person"

    class AuditRow(Model):
        """What people did that is not about one mention (`event` has those). Append-only.

        `subject` is a kind and a number, "rule:3".
        """

        id = BigAutoField()
        at = BigIntegerField(index=True)
        by = TextField()
        what = TextField()
        subject = TextField()
        detail = TextField(default="")

        class Meta:
            table_name = "audit"

    AuditRow.add_index(AuditRow.subject, AuditRow.id, name="audit_subject")

    return [TeamRow, PersonRow, AuditRow]


def _queue() -> list[type[Model]]:
    """Made anew for each call, so that binding them touches no other database being opened."""

    class DeskRow(Model):
        """A mention that somebody must answer, and how its clock stands (`app.domain.desk.Item`).

        `next_at` is the next moment at which the clock has something to say; NULL while it stands still.
        `used` and `allowed` are seconds of work time; `used` is as of `counted_at`. `warned` is the level
        a program has taken on itself to tell, `told` the one that was told.
        """

        mention_id = BigIntegerField(primary_key=True)
        severity = TextField()
        stage = TextField(default="open")
        why = TextField(default="")
        brand_id = BigIntegerField(null=True)
        source_id = BigIntegerField()
        team_id = BigIntegerField(null=True)
        owner = TextField(default="")
        owned_at = BigIntegerField(null=True)
        lease_until = BigIntegerField(null=True)
        opened_at = BigIntegerField()
        published_at = BigIntegerField()
        seen_at = BigIntegerField()
        started_at = BigIntegerField()
        allowed = IntegerField()
        used = IntegerField(default=0)
        counted_at = BigIntegerField(default=0)
        due_at = BigIntegerField(null=True)
        next_at = BigIntegerField(null=True)
        warned = IntegerField(default=0)
        told = IntegerField(default=0)
        paused_at = BigIntegerField(null=True)
        pause = TextField(default="")
        reopened = IntegerField(default=0)
        heard_at = BigIntegerField(null=True)
        answered_at = BigIntegerField(null=True)
        first_response = IntegerField(null=True)

        class Meta:
            table_name = "desk"

    DeskRow.add_index(DeskRow.stage, DeskRow.due_at, DeskRow.mention_id, name="desk_due")
    DeskRow.add_index(DeskRow.owner, DeskRow.stage, DeskRow.due_at, DeskRow.mention_id, name="desk_owner")
    DeskRow.add_index(DeskRow.next_at, where=DeskRow.next_at.is_null(False), name="desk_next")

    class NoteRow(Model):
        """What colleagues say to each other about a mention; never sent anywhere. Append-only."""

        id = BigAutoField()
        mention_id = BigIntegerField(index=True)
        at = BigIntegerField()
        by = TextField()
        text = TextField()
        to = TextField(default="")

        class Meta:
            table_name = "note"

    NoteRow.add_index(NoteRow.to, NoteRow.at, name="note_to")

    class ViewingRow(Model):
        """Who has a mention open; past a minute without a sign nobody has."""

        mention_id = BigIntegerField()
        who = TextField()
        at = BigIntegerField()

        class Meta:
            table_name = "viewing"
            primary_key = CompositeKey("mention_id", "who")

    return [DeskRow, NoteRow, ViewingRow]


def _alerts() -> list[type[Model]]:
    """Made anew for each call, so that binding them touches no other database being opened."""

    class RuleRow(Model):
        """When whom to alert, and how; `body` is JSON of `app.domain.rule.AlertRule`."""

        id = BigAutoField()
        name = TextField()
        kind = TextField()
        active = BooleanField(default=True)
        body = TextField()

        class Meta:
            table_name = "rule"

    class ChannelRow(Model):
        """A way out for alerts: a robot, a mailbox, a webhook. Its secrets are in the keyring.

        One program sends for it at a time (`sender`, until `leased_until`). `pace` is JSON: when its
        messages of the last minute left.
        """

        id = BigAutoField()
        kind = TextField()
        name = TextField()
        settings = TextField()
        paused = BooleanField(default=False)
        removed = BooleanField(default=False)
        error = TextField(default="")
        good_at = BigIntegerField(null=True)
        sender = TextField(default="")
        leased_until = BigIntegerField(null=True)
        rests_until = BigIntegerField(null=True)
        pace = TextField(default="")

        class Meta:
            table_name = "channel"

    class DeliveryRow(Model):
        """One alert on its way over one channel to one person (or a group): the receipt, and the queue.

        `channel` is "toast", "desktop" or the number of a `channel` row. `key` is the same for a retry.
        `unsure`: times it set out and nobody heard what became of it.
        """

        id = BigAutoField()
        alert_id = BigIntegerField(index=True)
        channel = TextField()
        person = TextField(default="")
        rung = IntegerField(default=0)
        key = TextField(unique=True)
        state = TextField(default="waiting")
        due_at = BigIntegerField()
        tries = IntegerField(default=0)
        created_at = BigIntegerField()
        changed_at = BigIntegerField()
        error = TextField(default="")
        unsure = IntegerField(default=0)

        class Meta:
            table_name = "delivery"

    DeliveryRow.add_index(DeliveryRow.state, DeliveryRow.due_at, name="delivery_due")
    DeliveryRow.add_index(DeliveryRow.state, DeliveryRow.changed_at, name="delivery_changed")
    DeliveryRow.add_index(DeliveryRow.person, DeliveryRow.created_at, name="delivery_person")

    return [RuleRow, ChannelRow, DeliveryRow]
