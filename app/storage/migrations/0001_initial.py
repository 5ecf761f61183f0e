"""The first released schema. Frozen: what it makes must never change; later changes are later files."""

from __future__ import annotations

from typing import Any

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    DoubleField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)


def up(database: Any) -> None:
    """Make every table. The search index is not a table of this kind: see `app/storage/search.py`."""
    tables = _tables()
    with database.bind_ctx(tables):
        database.create_tables(tables, safe=False)
    if not isinstance(database, SqliteDatabase):
        database.execute_sql("CREATE SEQUENCE change_number")


def _tables() -> list[type[Model]]:
    """Made anew for each call, so that binding them touches no other database being opened."""

    class SourceRow(Model):
        """A configured monitor and how it fares. Removed ones stay, so that their mentions keep a name."""

        id = BigAutoField()
        kind = TextField()
        name = TextField()
        settings = TextField()
        brand_id = BigIntegerField(null=True)
        every = IntegerField()
        paused = BooleanField()
        removed = BooleanField(default=False)
        cursor = TextField(null=True)
        health = TextField(default="new")
        last_poll_at = BigIntegerField(null=True)
        last_good_at = BigIntegerField(null=True)
        next_poll_at = BigIntegerField(null=True)
        failures = IntegerField(default=0)
        error = TextField(default="")
        skipped = BigIntegerField(default=0)
        mentions = BigIntegerField(default=0)

        class Meta:
            table_name = "source"

    class BrandRow(Model):
        id = BigAutoField()
        name = TextField()
        name_key = TextField(unique=True)
        query = TextField()
        competitor = BooleanField()
        aliases = TextField()
        exclusions = TextField()

        class Meta:
            table_name = "brand"

    class MentionRow(Model):
        """One post, comment, article or review.

        `brands` is ",3,17," (the ids in `hits`) so that a filter can be answered from one index; `tone`
        is what counts (a person's word before the scorer's), NULL while there is none.
        """

        id = BigAutoField()
        source_id = BigIntegerField()
        platform = TextField()
        kind = TextField()
        native_id = TextField()
        fingerprint = TextField(null=True)
        url = TextField()
        title = TextField()
        text = TextField()
        author_name = TextField()
        author_id = TextField()
        author_url = TextField()
        author_key = TextField()
        followers = BigIntegerField(null=True)
        verified = BooleanField(null=True)
        published_at = BigIntegerField()
        dated = BooleanField()
        fetched_at = BigIntegerField()
        edited_at = BigIntegerField(null=True)
        likes = BigIntegerField(null=True)
        comments = BigIntegerField(null=True)
        shares = BigIntegerField(null=True)
        views = BigIntegerField(null=True)
        favorites = BigIntegerField(null=True)
        rating = DoubleField(null=True)
        media = TextField()
        lang = TextField()
        region = TextField()
        parent_id = TextField()
        root_id = TextField()
        keyword = TextField()
        site = TextField()
        hits = TextField()
        brands = TextField()
        severity = TextField()
        severe = BooleanField()
        revision = IntegerField(default=1)
        edits = IntegerField(default=0)
        score_id = BigIntegerField(null=True)
        tone = TextField(null=True)
        corrected = BooleanField(default=False)
        status = TextField(default="new")
        status_by = TextField(default="")
        status_at = BigIntegerField(null=True)
        answer = TextField(default="")

        class Meta:
            table_name = "mention"

    # No index but the first starts with a column a filter names: the planner must not be tempted away
    # from the one that holds every filtered column in the order of the list.
    MentionRow.add_index(
        MentionRow.published_at,
        MentionRow.id,
        MentionRow.tone,
        MentionRow.status,
        MentionRow.source_id,
        MentionRow.platform,
        MentionRow.brands,
        MentionRow.severe,
        MentionRow.followers,
        name="mention_filter",
    )
    MentionRow.add_index(
        MentionRow.native_id, MentionRow.platform, MentionRow.kind, unique=True, name="mention_identity"
    )
    MentionRow.add_index(
        MentionRow.fingerprint, MentionRow.source_id, unique=True, name="mention_fingerprint"
    )
    MentionRow.add_index(
        MentionRow.author_key, MentionRow.author_id, MentionRow.published_at, name="mention_author"
    )
    MentionRow.add_index(MentionRow.author_id, MentionRow.published_at, name="mention_author_id")
    MentionRow.add_index(MentionRow.fetched_at, MentionRow.source_id, name="mention_fetched")
    MentionRow.add_index(
        MentionRow.published_at, where=MentionRow.score_id.is_null(), name="mention_unscored"
    )

    class RawRow(Model):
        """An item as received, zlib-compressed, for thirty days."""

        mention_id = BigIntegerField(primary_key=True)
        at = BigIntegerField(index=True)
        body = BlobField()

        class Meta:
            table_name = "mention_raw"

    class EditRow(Model):
        """A text as it stood before it was changed."""

        id = BigAutoField()
        mention_id = BigIntegerField(index=True)
        at = BigIntegerField()
        title = TextField()
        text = TextField()

        class Meta:
            table_name = "mention_edit"

    class ScoreRow(Model):
        """Every judgement ever made; the mention names the one in force."""

        id = BigAutoField()
        mention_id = BigIntegerField()
        revision = IntegerField()
        engine = TextField()
        version = TextField()
        value = DoubleField()
        tone = TextField()
        negative = DoubleField()
        neutral = DoubleField()
        positive = DoubleField()
        evidence = TextField()

        class Meta:
            table_name = "score"

    ScoreRow.add_index(
        ScoreRow.mention_id,
        ScoreRow.revision,
        ScoreRow.engine,
        ScoreRow.version,
        unique=True,
        name="score_identity",
    )

    class CorrectionRow(Model):
        """A person's word on a tone."""

        mention_id = BigIntegerField(primary_key=True)
        tone = TextField()
        by = TextField()
        at = BigIntegerField()

        class Meta:
            table_name = "correction"

    class EventRow(Model):
        """What was done to a mention; append-only."""

        id = BigAutoField()
        mention_id = BigIntegerField(index=True)
        at = BigIntegerField()
        by = TextField()
        what = TextField()
        detail = TextField()

        class Meta:
            table_name = "event"

    class AnswerRow(Model):
        id = BigAutoField()
        mention_id = BigIntegerField(index=True)
        text = TextField()
        by = TextField()
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "answer"

    class AlertRow(Model):
        id = BigAutoField()
        kind = TextField()
        severity = TextField()
        title = TextField()
        body = TextField()
        reason = TextField()
        mention_id = BigIntegerField(null=True)
        source_id = BigIntegerField(null=True)
        brand_id = BigIntegerField(null=True)
        created_at = BigIntegerField()
        state = TextField()
        state_by = TextField(default="")
        state_at = BigIntegerField(null=True)
        copies = IntegerField(default=1)
        toasted = BooleanField()
        delivered = TextField()
        fold_key = TextField(default="")

        class Meta:
            table_name = "alert"

    AlertRow.add_index(AlertRow.fold_key, AlertRow.created_at, name="alert_fold")
    AlertRow.add_index(AlertRow.brand_id, AlertRow.created_at, name="alert_brand")
    AlertRow.add_index(AlertRow.state, AlertRow.id, name="alert_state")

    class AlertMentionRow(Model):
        """The mentions an alert rests on: the one that raised it, and the copies folded into it."""

        mention_id = BigIntegerField(primary_key=True)
        alert_id = BigIntegerField(index=True)

        class Meta:
            table_name = "alert_mention"

    class GapRow(Model):
        """An interval in which a source could not be read."""

        id = BigAutoField()
        source_id = BigIntegerField(index=True)
        since = BigIntegerField()
        until = BigIntegerField(null=True)
        reason = TextField()

        class Meta:
            table_name = "gap"

    class TemplateRow(Model):
        id = BigAutoField()
        name = TextField()
        complaint = TextField()
        bodies = TextField()
        builtin = BooleanField()

        class Meta:
            table_name = "template"

    class ViewRow(Model):
        id = BigAutoField()
        name = TextField(unique=True)
        query = TextField()

        class Meta:
            table_name = "view"

    class SettingRow(Model):
        key = TextField(primary_key=True)
        value = TextField()

        class Meta:
            table_name = "setting"

    class StepRow(Model):
        """The migrations applied; the greatest number is the schema's version."""

        number = IntegerField(primary_key=True)
        name = TextField()
        at = BigIntegerField()

        class Meta:
            table_name = "schema_step"

    return [
        SourceRow, BrandRow, MentionRow, RawRow, EditRow, ScoreRow, CorrectionRow, EventRow, AnswerRow,
        AlertRow, AlertMentionRow, GapRow, TemplateRow, ViewRow, SettingRow, StepRow,
    ]  # fmt: skip
