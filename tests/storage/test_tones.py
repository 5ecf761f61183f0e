"""The tone towards each brand: in step with scores, corrections, edits, hits, brands; and its sums."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.mention import Author, Hit, Stored
from app.domain.query import MentionQuery, Slot
from app.domain.sentiment import Score, Tone, Towards
from app.domain.watch import Source, Watch
from app.storage import Storage
from app.storage.engines import engine_for

TONES = list(Tone)
_BASES = count(0, 100)


@pytest.fixture
def rows(url: str, storage: Storage) -> Iterator[Callable[[], list[tuple[Any, ...]]]]:
    """The table itself, as another program would read it."""
    connection = engine_for(url, backups=None, patience=5).connection(read_only=True)
    columns = "mention_id, brand_id, published_at, fetched_at, tone, negative, neutral, positive, reach"
    asked = f"SELECT {columns} FROM brand_tone ORDER BY mention_id, brand_id"
    yield lambda: [tuple(row) for row in connection.execute_sql(asked).fetchall()]
    connection.close()


def _stamp(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _expected(storage: Storage) -> list[tuple[Any, ...]]:
    """By the words of the rule, from what everybody can see."""
    return [
        row
        for one in storage.mentions.iterate(MentionQuery())
        for row in _rows_of(one)
    ]  # fmt: skip


def _rows_of(one: Stored) -> Iterator[tuple[Any, ...]]:
    own = [hit.brand_id for hit in one.hits if not hit.competitor]
    rivals = sorted(hit.brand_id for hit in one.hits if hit.competitor)
    towards = {said.brand_id: said for said in one.score.towards} if one.score else {}
    for brand in (*own, *rivals):
        if one.corrected and brand in (own or rivals[:1]):
            said: Any = (str(one.tone), *(float(one.tone is tone) for tone in TONES))
        elif one.score is not None:
            from_ = towards.get(brand, one.score)
            said = (str(from_.tone), from_.negative, from_.neutral, from_.positive)
        else:
            continue
        followers = one.mention.author.followers or 0
        reach = math.log10(10 + max(followers, 0))
        yield (one.id, brand, _stamp(one.published_at), _stamp(one.fetched_at), *said, reach)


def _score(tone: Tone, about: list[int], version: int) -> Score:
    def shares(number: int) -> tuple[float, float, float]:
        return (number % 7 / 10, 0.1, 0.9 - number % 7 / 10)

    towards = tuple(Towards(id_, TONES[id_ % 3], *shares(id_ + version)) for id_ in about)
    negative, neutral, positive = shares(version)
    return Score(
        value=0.5,
        tone=tone,
        engine="ngram",
        version=str(version),
        negative=negative,
        neutral=neutral,
        positive=positive,
        towards=towards,
    )


BRANDS = st.lists(st.integers(0, 3), max_size=3, unique=True)
NUMBERS = st.integers(0, 3)
ACTS = st.one_of(
    st.tuples(st.just("save"), NUMBERS, st.integers(0, 2), BRANDS, st.sampled_from([None, -5, 0, 10**6])),
    st.tuples(st.just("score"), NUMBERS, st.sampled_from(TONES), BRANDS, st.integers(1, 6)),
    st.tuples(st.just("correct"), NUMBERS, st.sampled_from([*TONES, None])),
    st.tuples(st.just("rematch"), BRANDS),
    st.tuples(st.just("flip"), NUMBERS),
    st.tuples(st.just("remove"), NUMBERS),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def test_brand_tones_are_what_scores_and_corrections_say(
    storage: Storage, source: Source, make: Any, start: datetime, rows: Any, acts: list[tuple[Any, ...]]
) -> None:
    base = next(_BASES)
    watched = [
        storage.brands.save(Watch(name=f"{base}-{n}", query="x", competitor=n > 1)) for n in range(4)
    ]

    def hits(numbers: list[int]) -> tuple[Hit, ...]:
        return tuple(Hit(watched[n].id, "", watched[n].competitor) for n in numbers)

    def save(number: int, text: int, named: list[int], followers: int | None) -> None:
        author = Author(name="x", followers=followers)
        found = make(base + number, f"第{text}版", hits=hits(named), author=author)
        storage.mentions.save_page(source.id, [found], None, now=start + timedelta(hours=text))

    for number in range(4):
        save(number, 0, [number, (number + 1) % 4], 100)
    newest = storage.mentions.newest_id()
    ids = range(newest - 3, newest + 1)
    for act in acts:
        match act:
            case ("save", number, text, named, followers):
                save(number, text, named, followers)
            case ("score", number, tone, named, version):
                about = [watched[n].id for n in named]
                waits = storage.mentions.get(ids[number])
                score = _score(tone, about, version)
                storage.mentions.save_scores([(waits.id, waits.edited + 1, score)])
            case ("correct", number, tone):
                storage.mentions.correct(ids[number], tone, "小李", start)
            case ("rematch", named):
                storage.mentions.rematch(
                    lambda one, named=named: hits(named) if one.id in ids else one.hits
                )
            case ("flip", number):
                flipped = Watch(
                    id=watched[number].id,
                    name=watched[number].name,
                    query="x",
                    competitor=not watched[number].competitor,
                )
                watched[number] = storage.brands.save(flipped)
            case ("remove", number):
                storage.brands.remove(watched[number].id)
                watched[number] = storage.brands.save(Watch(name=f"{base}-{number}", query="x"))
        assert rows() == sorted(_expected(storage))
    for brand in watched:
        storage.brands.remove(brand.id)
    assert rows() == []


SAID = st.tuples(
    st.integers(-10_000, 10_000),
    st.integers(0, 10_000),
    st.sets(st.sampled_from(["ours", "second", "rival"])),
    st.sampled_from([0.0, 0.25, 1.0]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(SAID, max_size=12),
    asked=st.tuples(
        st.integers(-10_000, 10_000), st.integers(0, 12_000), st.sampled_from([1, 60, 300, 3600, 86_400])
    ),
)
def test_slots_are_the_sums_of_what_was_said(
    storage: Storage,
    source: Source,
    make: Any,
    said: list[tuple[int, int, set[str], float]],
    asked: tuple[int, int, int],
) -> None:
    """Around 1970 itself, where dividing goes the other way."""
    since, length, seconds = asked
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    base = next(_BASES)
    names = ("ours", "second", "rival")
    brands = {
        name: storage.brands.save(Watch(name=f"{base}{name}", query="x", competitor=name == "rival")).id
        for name in names
    }
    for number, (published, fetched, named, negative) in enumerate(said):
        found = make(
            base + number,
            at=epoch + timedelta(seconds=published),
            hits=tuple(Hit(brands[name], name, name == "rival") for name in sorted(named)),
            author=Author(name="x", followers=90 if number % 2 else None),
        )
        (id_,) = storage.mentions.save_page(
            source.id, [found], None, now=epoch + timedelta(seconds=fetched)
        ).new
        score = Score(
            value=0.5,
            tone=Tone.NEUTRAL,
            engine="e",
            version="1",
            negative=negative,
            neutral=1 - negative,
            positive=0,
        )
        storage.mentions.save_scores([(id_, 1, score)])

    def brute(wanted: set[str], time: int) -> tuple[Slot, ...]:
        sums: dict[int, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
        for number, one in enumerate(said):
            if one[2] & wanted and since <= one[time] < since + length:
                slot = sums[one[time] // seconds]
                slot[0] += 1
                slot[1] += one[3]
                slot[2] += one[3] * (2 if number % 2 else 1)
        return tuple(
            Slot(epoch + timedelta(seconds=at * seconds), int(sums[at][0]), *sums[at][1:])
            for at in sorted(sums)
        )

    first, last = epoch + timedelta(seconds=since), epoch + timedelta(seconds=since + length)
    slots = storage.mentions.negative_slots
    for name, id_ in brands.items():
        assert slots(id_, first, last, seconds) == brute({name}, 0)
    assert slots(brands["ours"], first, last, seconds, by="fetched") == brute({"ours"}, 1)
    assert slots(None, first, last, seconds) == brute({"ours", "second"}, 0)
    assert slots(None, first, last, seconds, by="fetched") == brute({"ours", "second"}, 1)
    for id_ in brands.values():
        storage.brands.remove(id_)


def test_a_removed_brand_s_number_is_not_given_again(storage: Storage) -> None:
    first = storage.brands.save(Watch(name="甲", query="x"))
    second = storage.brands.save(Watch(name="乙", query="x"))
    storage.brands.remove(second.id)
    storage.brands.remove(first.id)
    assert storage.brands.save(Watch(name="丙", query="x")).id > second.id
