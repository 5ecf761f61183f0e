"""What a judgement says besides its tone, the tone towards each brand, and what people teach. Frozen."""

from __future__ import annotations

import math
from typing import Any

from peewee import (
    BigAutoField,
    BigIntegerField,
    CompositeKey,
    DoubleField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

_INTO = (
    "INSERT INTO brand_tone (mention_id, brand_id, published_at, fetched_at, tone, negative, neutral,"
    " positive, reach)"
)
_TONES = ("negative", "neutral", "positive")


def up(database: Any) -> None:
    """Columns and tables; then the tones towards brands are worked out for what is judged already."""
    for table, column in (
        ("score", "aspects"),
        ("score", "severity"),
        ("score", "towards"),
        ("score", "note"),
        ("mention", "aspects"),
    ):
        # With a default of the database's own, so that a program of version 1 that still has the
        # team's database open goes on writing.
        database.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" TEXT NOT NULL DEFAULT \'\'')
    database.execute_sql("DROP INDEX mention_filter")
    database.execute_sql(
        "CREATE INDEX mention_filter ON mention (published_at, id, tone, status, source_id, platform,"
        " brands, severe, followers, aspects)"
    )
    tables = _tables()
    with database.bind_ctx(tables):
        # So that the table itself lies in the order of its key.
        tables[0]._meta.without_rowid = isinstance(database, SqliteDatabase)
        for made in tables:
            made._schema.create_table(safe=False)  # type: ignore[attr-defined]  # peewee's own
        _fill(database)
        # Filled first: an index built over rows that stand is built several times as fast.
        for made in tables:
            made._schema.create_indexes(safe=False)  # type: ignore[attr-defined]


def _fill(database: Any) -> None:
    """One statement in the engine, as there may be millions of judgements; people's words singly."""
    if isinstance(database, SqliteDatabase):
        database.connection().create_function(  # type: ignore[no-untyped-call]
            "reach_of", 1, _reach, deterministic=True
        )
        reach, place = "reach_of(m.followers)", "instr"
    else:
        reach, place = "log(10 + GREATEST(COALESCE(m.followers, 0), 0)::double precision)", "strpos"
    database.execute_sql(
        f"{_INTO} SELECT m.id, b.id, m.published_at, m.fetched_at, s.tone, s.negative, s.neutral,"  # noqa: S608  # our own words
        f" s.positive, {reach} FROM mention m JOIN score s ON s.id = m.score_id"
        f" JOIN brand b ON {place}(m.brands, ',' || b.id || ',') > 0 WHERE m.brands <> ''"
    )
    rivals = dict(database.execute_sql("SELECT id, competitor FROM brand").fetchall())
    corrected = database.execute_sql(
        "SELECT m.id, m.brands, m.published_at, m.fetched_at, m.followers, c.tone FROM correction c"
        " JOIN mention m ON m.id = c.mention_id WHERE m.brands <> '' ORDER BY m.id"
    ).fetchall()
    for id_, brands, published_at, fetched_at, followers, tone in corrected:
        shares = [float(tone == one) for one in _TONES]
        for brand_id in _meant([int(one) for one in brands.strip(",").split(",")], rivals):
            _speak(
                database,
                (id_, brand_id, published_at, fetched_at, tone, *shares, _reach(followers)),
            )


def _meant(named: list[int], rivals: dict[int, Any]) -> list[int]:
    """Whom a correction is about: our own brands, or the first competitor where none is named."""
    own = [id_ for id_ in named if id_ in rivals and not rivals[id_]]
    return own or sorted(id_ for id_ in named if id_ in rivals)[:1]


def _speak(database: Any, row: tuple[Any, ...]) -> None:
    mark = database.param
    database.execute_sql(
        f"DELETE FROM brand_tone WHERE mention_id = {mark} AND brand_id = {mark} AND published_at = {mark}",  # noqa: S608  # a mark
        row[:3],
    )
    database.execute_sql(f"{_INTO} VALUES ({', '.join([mark] * len(row))})", row)


def _reach(followers: int | None) -> float:
    return math.log10(10 + max(followers or 0, 0))


def _tables() -> list[type[Model]]:
    """Made anew for each call, so that binding them touches no other database being opened."""

    class BrandToneRow(Model):
        """The tone towards each brand a judged mention names: what early warning adds up.

        Follows from the mention, its score in force and its correction; `reach` is
        the weight of an audience, log10(10 + followers).
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

    LayerRow.add_index(
        LayerRow.brand_id, unique=True, where=LayerRow.state == "active", name="layer_active"
    )

    return [BrandToneRow, UntoldRow, SeenRow, WordRow, LayerRow]
