"""The tables. They never leave this package: repositories take and give values.

The classes are bound to no database, because a program may hold two open at once (the real one and a
drill's); a repository compiles a query and runs it with `database.execute`. Moments are microseconds
since 1970, UTC (`app.storage.edge`). A change here needs a new file in `migrations/`.
"""

from __future__ import annotations

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    DoubleField,
    IntegerField,
    Model,
    TextField,
)

from app.storage.models_desk import DESK
from app.storage.models_knowledge import KNOWLEDGE
from app.storage.models_tickets import TICKETS
from app.storage.models_warning import WARNING


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
    canary = TextField(default="")
    sight = TextField(default="")
    blind = TextField(default="")

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
    is what counts (a person's word before the scorer's), NULL while there is none. `aspects` is
    ",delivery:+,price:-,": what the score in force says about what (`app.storage.written`).
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
    aspects = TextField(default="")
    gone_at = BigIntegerField(null=True)

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
    MentionRow.aspects,
    name="mention_filter",
)
MentionRow.add_index(
    MentionRow.native_id, MentionRow.platform, MentionRow.kind, unique=True, name="mention_identity"
)
MentionRow.add_index(MentionRow.fingerprint, MentionRow.source_id, unique=True, name="mention_fingerprint")
MentionRow.add_index(
    MentionRow.author_key, MentionRow.author_id, MentionRow.published_at, name="mention_author"
)
MentionRow.add_index(MentionRow.author_id, MentionRow.published_at, name="mention_author_id")
MentionRow.add_index(MentionRow.fetched_at, MentionRow.source_id, name="mention_fetched")
MentionRow.add_index(MentionRow.published_at, where=MentionRow.score_id.is_null(), name="mention_unscored")


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
    """The newest judgements of each text; the mention names the one in force."""

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
    aspects = TextField(default="")
    severity = TextField(default="")
    towards = TextField(default="")
    note = TextField(default="")

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


class BrandToneRow(Model):
    """The tone towards each brand a judged mention names: what early warning adds up.

    Follows from the mention, its score in force and its correction (`app.storage.tones`); `reach` is
    the weight of an audience, log10(10 + followers). One row for a mention and a brand, as a mention
    has one publication, which stands in the key so that the rows lie as they are added up.
    """

    mention_id = BigIntegerField()
    brand_id = BigIntegerField()
    published_at = BigIntegerField()
    fetched_at = BigIntegerField()
    tone = TextField()
    negative = DoubleField()
    neutral = DoubleField()
    positive = DoubleField()
    reach = DoubleField()

    class Meta:
        table_name = "brand_tone"
        primary_key = CompositeKey("brand_id", "published_at", "mention_id")


# Holds all that is added up, so that no row is read; by publication within a fetch, because judging
# goes by that: a page of the index then takes many rows of a batch.
BrandToneRow.add_index(
    BrandToneRow.brand_id,
    BrandToneRow.fetched_at,
    BrandToneRow.published_at,
    BrandToneRow.negative,
    BrandToneRow.reach,
    name="brand_tone_fetched",
)


class UntoldRow(Model):
    """Judged for the first time, and not yet looked at by the alarms."""

    mention_id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "untold"


class CorrectionRow(Model):
    """A person's word on a tone."""

    mention_id = BigIntegerField(primary_key=True)
    tone = TextField()
    by = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "correction"


class SeenRow(Model):
    """A post a person opened and left as it was, and the tone it showed then."""

    mention_id = BigIntegerField(primary_key=True)
    tone = TextField()
    by = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "seen"


class WordRow(Model):
    """A phrase whose weight a person set by hand; brand 0 stands for all brands."""

    id = BigAutoField()
    brand_id = BigIntegerField()
    phrase = TextField()
    folded = TextField()
    weight = DoubleField()
    by = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "word"


WordRow.add_index(WordRow.brand_id, WordRow.folded, unique=True, name="word_identity")


class LayerRow(Model):
    """What was learned from people, to lie over the frozen model; brand 0 stands for all brands."""

    id = BigAutoField()
    brand_id = BigIntegerField(index=True)
    name = TextField()
    model = TextField()
    body = TextField()
    lessons = IntegerField()
    words = IntegerField()
    made_at = BigIntegerField()
    made_by = TextField()
    state = TextField()
    before = DoubleField(null=True)
    after = DoubleField(null=True)

    class Meta:
        table_name = "layer"


LayerRow.add_index(LayerRow.brand_id, unique=True, where=LayerRow.state == "active", name="layer_active")


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


EventRow.add_index(EventRow.at, EventRow.id, name="event_at")


class AnswerRow(Model):
    id = BigAutoField()
    mention_id = BigIntegerField(index=True)
    text = TextField()
    by = TextField()
    at = BigIntegerField(index=True)

    class Meta:
        table_name = "answer"


class OutboxRow(Model):
    """An answer on its way to a platform (`app.storage.outbox`). `key` names it there; `sender` is the
    program that is sending it."""

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
    way = TextField(default="api")
    second_by = TextField(default="")
    reviewer = TextField(default="")
    due_at = BigIntegerField(null=True)
    basis = BigIntegerField(default=0)
    based_at = BigIntegerField(null=True)
    allowed = TextField(default="")

    class Meta:
        table_name = "outbox"


OutboxRow.add_index(OutboxRow.state, OutboxRow.id, name="outbox_state")
OutboxRow.add_index(
    OutboxRow.mention_id,
    unique=True,
    where=OutboxRow.state.in_(("sending", "unsure")),
    name="outbox_under_way",
)


class ModelMarkRow(Model):
    """A sentence of a model's draft that rests on nothing we know (`app.storage.outbox`): no answer that
    contains it is approved before somebody has said to have looked at it."""

    id = BigAutoField()
    mention_id = BigIntegerField(index=True)
    sentence = TextField()
    why = TextField()
    at = BigIntegerField()
    seen_by = TextField(default="")
    seen_at = BigIntegerField(null=True)

    class Meta:
        table_name = "model_mark"


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
    incident_id = BigIntegerField(null=True)
    rule_id = BigIntegerField(null=True)
    rung = IntegerField(default=0)
    climbs_at = BigIntegerField(null=True)
    shown_at = BigIntegerField(null=True)
    seen_at = BigIntegerField(null=True)
    seen_by = TextField(default="")
    acked_at = BigIntegerField(null=True)
    acked_by = TextField(default="")
    whom = TextField(default="")

    class Meta:
        table_name = "alert"


AlertRow.add_index(AlertRow.fold_key, AlertRow.created_at, name="alert_fold")
AlertRow.add_index(AlertRow.brand_id, AlertRow.created_at, name="alert_brand")
AlertRow.add_index(AlertRow.state, AlertRow.id, name="alert_state")
AlertRow.add_index(AlertRow.mention_id, where=AlertRow.mention_id.is_null(False), name="alert_about")
AlertRow.add_index(AlertRow.climbs_at, where=AlertRow.climbs_at.is_null(False), name="alert_climbs")
AlertRow.add_index(AlertRow.incident_id, where=AlertRow.incident_id.is_null(False), name="alert_incident")
AlertRow.add_index(AlertRow.kind, AlertRow.created_at, name="alert_kind")
AlertRow.add_index(AlertRow.rule_id, AlertRow.created_at, name="alert_rule")


class AlertMentionRow(Model):
    """The mentions an alert rests on: the one that raised it, and the copies folded into it."""

    mention_id = BigIntegerField(primary_key=True)
    alert_id = BigIntegerField(index=True)

    class Meta:
        table_name = "alert_mention"


class GapRow(Model):
    """An interval in which a source could not be read, and what became of it.

    `outcome` is empty while nobody knows; `unseen_until`: from `since` up to there nothing was seen.
    """

    id = BigAutoField()
    source_id = BigIntegerField(index=True)
    since = BigIntegerField()
    until = BigIntegerField(null=True)
    reason = TextField()
    cause = TextField(default="")
    found = BigIntegerField(default=0)
    outcome = TextField(default="")
    unseen_until = BigIntegerField(null=True)

    class Meta:
        table_name = "gap"


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


ALL: tuple[type[Model], ...] = (
    SourceRow, BrandRow, MentionRow, RawRow, EditRow, ScoreRow, BrandToneRow, UntoldRow, CorrectionRow,
    SeenRow, WordRow, LayerRow, EventRow, AnswerRow, OutboxRow, ModelMarkRow, AlertRow, AlertMentionRow,
    GapRow, HourRow, GoingRow, RevisitRow, QuotaRow, TemplateRow, ViewRow, SettingRow, StepRow, *DESK,
    *KNOWLEDGE, *TICKETS, *WARNING,
)  # fmt: skip
