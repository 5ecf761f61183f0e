"""The tables of the knowledge base. Part of `models.py`.

Moments are microseconds since 1970, UTC; a day is "2026-11-30".
"""

from __future__ import annotations

from peewee import BigAutoField, BigIntegerField, BooleanField, DoubleField, IntegerField, Model, TextField


class EntryRow(Model):
    """A question and its answer (`app.domain.knowledge.Entry`). Never deleted: `active` goes.

    `brand_id` 0 stands for all brands; `title_key` is the folded question, one a brand. `patterns` and
    `tags` are JSON lists.
    """

    id = BigAutoField()
    brand_id = BigIntegerField(default=0)
    title = TextField()
    title_key = TextField()
    patterns = TextField(default="")
    answer = TextField(default="")
    link = TextField(default="")
    product = TextField(default="")
    owner = TextField(default="")
    review_on = TextField(default="")
    tags = TextField(default="")
    public = BooleanField(default=False)
    active = BooleanField(default=True)
    revision = IntegerField(default=1)
    created_at = BigIntegerField()
    created_by = TextField(default="")
    changed_at = BigIntegerField()
    changed_by = TextField(default="")

    class Meta:
        table_name = "knowledge"


EntryRow.add_index(EntryRow.title_key, EntryRow.brand_id, unique=True, name="knowledge_title")


class RevisionRow(Model):
    """An entry as it stood before it was changed; `body` is JSON of its columns. Append-only."""

    id = BigAutoField()
    entry_id = BigIntegerField()
    revision = IntegerField()
    body = TextField()

    class Meta:
        table_name = "knowledge_revision"


RevisionRow.add_index(RevisionRow.entry_id, RevisionRow.revision, unique=True, name="knowledge_past")


class AskedRow(Model):
    """Which entry answers a mention: found once, and again when the entries or its text have changed.

    `entry_id` 0: none fits; -1: it asks us nothing. `at` is its publication, `question` whether it puts
    one by its words, `generation` the entries it was held against, `revision` that of its text.
    """

    mention_id = BigIntegerField(primary_key=True)
    at = BigIntegerField()
    entry_id = BigIntegerField()
    score = DoubleField()
    question = BooleanField()
    generation = TextField()
    revision = IntegerField()

    class Meta:
        table_name = "knowledge_asked"


AskedRow.add_index(AskedRow.at, AskedRow.entry_id, name="knowledge_asked_at")


KNOWLEDGE: tuple[type[Model], ...] = (EntryRow, RevisionRow, AskedRow)
