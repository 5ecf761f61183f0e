"""The tables of early warning: stories, what the detectors heard, incidents. Part of `models.py`.

Moments are microseconds since 1970, UTC; a `slot` is a whole number of five minutes since 1970.
"""

from __future__ import annotations

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    DoubleField,
    Model,
    TextField,
)


class UnplacedRow(Model):
    """Judged for the first time, and not yet in a story nor heard by the detectors."""

    mention_id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "unplaced"


class MemberRow(Model):
    """Which story a mention belongs to: this is what holds, the index in memory follows it.

    `seq` is the order of placing. No story: it tells nothing by itself. `of_id` is the mention it
    follows; `way` how: link, same, near, hand, or empty for a beginning. `at` is its publication.
    """

    seq = BigAutoField()
    mention_id = BigIntegerField(unique=True)
    story_id = BigIntegerField(null=True)
    of_id = BigIntegerField(null=True)
    similarity = DoubleField()
    way = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "story_member"


MemberRow.add_index(MemberRow.story_id, MemberRow.at, name="story_member_story")
MemberRow.add_index(MemberRow.at, name="story_member_at")


class HandRow(Model):
    """What people merged and split; the index in memory does the same, in this order. Append-only."""

    id = BigAutoField()
    at = BigIntegerField()
    by = TextField()
    act = TextField()
    story_id = BigIntegerField()
    other_id = BigIntegerField()
    mention_ids = TextField(default="")

    class Meta:
        table_name = "story_hand"


class IndexRow(Model):
    """The index of stories as it was after member `seq` and act `hand`."""

    name = TextField(primary_key=True)
    seq = BigIntegerField()
    hand = BigIntegerField()
    at = BigIntegerField()
    body = BlobField()

    class Meta:
        table_name = "story_index"


class HeardRow(Model):
    """A mention as the detectors of one of our brands count it, written once.

    `slot` is when it counts. `sort` is live (counts and alarms), late (old news: it teaches) or aside
    (names no brand, but belongs to the brand's story). `negative` is P(negative) towards the brand,
    `bad` says that this is its tone, `reach` how many people may see it, `topics` are the aspects it is
    negative about (",price,quality,"), `at` its publication.
    """

    brand_id = BigIntegerField()
    slot = BigIntegerField()
    mention_id = BigIntegerField()
    sort = TextField()
    at = BigIntegerField()
    negative = DoubleField()
    bad = BooleanField()
    reach = DoubleField()
    topics = TextField()
    story_id = BigIntegerField(null=True)

    class Meta:
        table_name = "heard"
        primary_key = CompositeKey("brand_id", "slot", "mention_id")


HeardRow.add_index(HeardRow.story_id, HeardRow.brand_id, name="heard_story")
HeardRow.add_index(HeardRow.mention_id, name="heard_mention")


class DetectorRow(Model):
    """What one brand's detectors know, after `slot`: compressed JSON, written now and then."""

    brand_id = BigIntegerField(primary_key=True)
    slot = BigIntegerField()
    body = BlobField()

    class Meta:
        table_name = "detector"


class TrackerRow(Model):
    """Where the incidents of one brand stand, after `slot`: JSON, written with the incident itself."""

    brand_id = BigIntegerField(primary_key=True)
    slot = BigIntegerField()
    body = TextField()

    class Meta:
        table_name = "tracker"


class IncidentRow(Model):
    """One crisis of one brand; `number` counts a brand's."""

    id = BigAutoField()
    brand_id = BigIntegerField()
    number = BigIntegerField()
    phase = TextField()
    severity = TextField()
    began_at = BigIntegerField()
    opened_at = BigIntegerField()
    updated_at = BigIntegerField()
    closed_at = BigIntegerField(null=True)
    title = TextField()
    reason = TextField()
    strength = DoubleField()
    channels = TextField()
    alert_id = BigIntegerField(null=True)
    muted = TextField(default="")
    muted_by = TextField(default="")
    escalated_to = TextField(default="")
    closer_until = BigIntegerField(null=True)

    class Meta:
        table_name = "incident"


IncidentRow.add_index(IncidentRow.brand_id, IncidentRow.number, unique=True, name="incident_number")
IncidentRow.add_index(IncidentRow.opened_at, name="incident_opened")


class SignRow(Model):
    """What one detector said when the incident opened or grew."""

    id = BigAutoField()
    incident_id = BigIntegerField(index=True)
    at = BigIntegerField()
    channel = TextField()
    told = TextField()
    strength = DoubleField()
    story_id = BigIntegerField(null=True)
    words = TextField(default="")
    mention_ids = TextField(default="")

    class Meta:
        table_name = "incident_sign"


class IncidentStepRow(Model):
    """A change of phase, or what a person did; append-only."""

    id = BigAutoField()
    incident_id = BigIntegerField(index=True)
    at = BigIntegerField()
    what = TextField()
    by = TextField(default="")
    detail = TextField(default="")

    class Meta:
        table_name = "incident_step"


class IncidentMentionRow(Model):
    """The negative mentions an incident rests on."""

    incident_id = BigIntegerField()
    mention_id = BigIntegerField()
    at = BigIntegerField()

    class Meta:
        table_name = "incident_mention"
        primary_key = CompositeKey("incident_id", "mention_id")


class CourseRow(Model):
    """The sparkline: what came in a slot, what was expected, and between what ordinary slots lie."""

    incident_id = BigIntegerField()
    slot = BigIntegerField()
    came = DoubleField()
    expected = DoubleField()
    low = DoubleField()
    high = DoubleField()

    class Meta:
        table_name = "incident_course"
        primary_key = CompositeKey("incident_id", "slot")


class LeaseRow(Model):
    """Which program does what only one may do on a database; `beat` is when it last said so."""

    name = TextField(primary_key=True)
    owner = TextField()
    beat = BigIntegerField()
    slot = BigIntegerField(default=0)

    class Meta:
        table_name = "lease"


WARNING: tuple[type[Model], ...] = (
    UnplacedRow, MemberRow, HandRow, IndexRow, HeardRow, DetectorRow, TrackerRow, IncidentRow, SignRow,
    IncidentStepRow, IncidentMentionRow, CourseRow, LeaseRow,
)  # fmt: skip
