"""The tables of the desk: people, what waits for an answer, how alerts go out. Part of `models.py`.

Moments are microseconds since 1970, UTC.
"""

from __future__ import annotations

from peewee import BigAutoField, BigIntegerField, BooleanField, CompositeKey, IntegerField, Model, TextField


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


class DeskRow(Model):
    """A mention that somebody must answer, and how its clock stands (`app.domain.desk.Item`).

    `next_at` is the next moment at which the clock has something to say; NULL while it stands still.
    `used` and `allowed` are seconds of work time; `used` is as of `counted_at`. `warned` is the level a
    program has taken on itself to tell, `told` the one that was told.
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

    One program sends for it at a time (`sender`, until `leased_until`). `pace` is JSON: when its messages
    of the last minute left.
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


DESK: tuple[type[Model], ...] = (
    TeamRow, PersonRow, DeskRow, NoteRow, ViewingRow, AuditRow, RuleRow, ChannelRow, DeliveryRow,
)  # fmt: skip
