"""Judgements in full, judging again, and what was judged for the first time: the same on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from app.domain.mention import Hit
from app.domain.query import AspectLine, MentionQuery
from app.domain.sentiment import NOT_CHINESE, AspectTone, Cue, Evidence, Score, Tone, Towards
from app.domain.watch import Source, Watch
from app.storage import Judged, Storage, rescoring
from app.storage.engines import engine_for
from app.storage.views import read_query, write_query

FULL = Score(
    value=0.1,
    tone=Tone.NEGATIVE,
    engine="ngram",
    version="3",
    negative=0.85,
    neutral=0.1,
    positive=0.05,
    evidence=(Evidence("太贵", 2, 4, -1.5),),
    aspects=(
        AspectTone("price", Tone.NEGATIVE, 0.9, 0.1, 0.0, ((3, 4),)),
        AspectTone("after_sales", Tone.NEUTRAL, 0.1 + 0.2, 0.6, 0.1),
    ),
    severity=(Cue("fraud", "骗", 5, 6),),
    towards=(
        Towards(1, Tone.NEGATIVE, 0.85, 0.1, 0.05, ((0, 4), (5, 6))),
        Towards(2, Tone.POSITIVE, 0.0, 0.0, 1.0),
    ),
    note=NOT_CHINESE,
)


def _saved(storage: Storage, source: Source, *found: Any) -> tuple[int, ...]:
    return storage.mentions.save_page(source.id, list(found), None, now=found[0].published_at).new


def test_a_judgement_comes_back_whole(storage: Storage, source: Source, make: Any) -> None:
    (id_,) = _saved(storage, source, make(1, "手机太贵。骗人"))
    storage.mentions.save_scores([(id_, 1, FULL)])
    assert storage.mentions.get(id_).score == FULL


def test_the_title_is_cut_off_what_stands_in_it_is_kept_without_its_place(
    storage: Storage, source: Source, make: Any
) -> None:
    """Judged was "手机太\\n贵。骗人": four characters stand before the text."""
    (id_,) = _saved(storage, source, make(1, "贵。骗人", title="手机太"))
    score = replace(
        FULL,
        aspects=(
            AspectTone("price", Tone.NEGATIVE, 0.9, 0.1, 0.0, ((2, 3), (4, 5))),
            AspectTone("safety", Tone.NEGATIVE, 0.9, 0.1, 0.0, ((0, 2),)),
        ),
        severity=(Cue("fraud", "骗", 6, 7), Cue("fire", "手机", 0, 2)),
        towards=(Towards(1, Tone.NEGATIVE, 0.85, 0.1, 0.05, ((0, 5), (6, 8))),),
    )
    storage.mentions.save_scores([(id_, 1, score)])
    kept = storage.mentions.get(id_).score
    assert kept is not None
    assert kept.evidence == ()
    assert [one.spans for one in kept.aspects] == [((0, 1),), ()]
    assert [(one.key, one.start, one.end) for one in kept.severity] == [("fraud", 2, 3), ("fire", 0, 0)]
    assert kept.towards[0].spans == ((0, 1), (2, 4))


def test_hostile_judgements_are_stored(storage: Storage, source: Source, make: Any) -> None:
    (id_,) = _saved(storage, source, make(1))
    nan, inf = float("nan"), float("inf")
    mean = replace(
        FULL,
        negative=nan,
        aspects=(AspectTone("a%_,:b", Tone.POSITIVE, nan, inf, -inf),),
        severity=(Cue("\ud800", "'; --", 0, 2**70),),
        towards=(Towards(1, Tone.NEUTRAL, nan, inf, 0.5),),
    )
    storage.mentions.save_scores([(id_, 1, mean)])
    kept = storage.mentions.get(id_).score
    assert kept is not None
    assert kept.negative == kept.aspects[0].negative == kept.towards[0].neutral == 0.0
    assert kept.severity == (Cue("\ufffd", "'; --", 0, 2**70),)


@pytest.fixture
def spoken(storage: Storage, source: Source, make: Any) -> Storage:
    """1 price -, 2 price + and delivery -, 3 price_tag 0, 4 nothing, 5 unscored."""
    said: list[list[tuple[str, Tone]]] = [
        [("price", Tone.NEGATIVE)],
        [("price", Tone.POSITIVE), ("delivery", Tone.NEGATIVE)],
        [("price_tag", Tone.NEUTRAL)],
        [],
    ]
    _saved(storage, source, *(make(n) for n in range(1, 6)))
    scores = [
        (
            n,
            1,
            replace(FULL, aspects=tuple(AspectTone(key, tone, 0.3, 0.3, 0.4) for key, tone in aspects)),
        )
        for n, aspects in enumerate(said, 1)
    ]
    storage.mentions.save_scores(scores)
    return storage


@pytest.mark.parametrize(
    ("aspects", "expected"),
    [
        (("price",), [2, 1]),
        (("price:negative",), [1]),
        (("price:positive", "price_tag"), [3, 2]),
        (("delivery:negative",), [2]),
        (("price:neutral",), []),
        (("pricextag",), []),
        (("pric",), []),
        (("%",), []),
    ],
)
def test_filters_by_aspect(spoken: Storage, aspects: tuple[str, ...], expected: list[int]) -> None:
    query = MentionQuery(aspects=aspects)
    assert [one.id for one in spoken.mentions.page(query).rows] == expected
    assert spoken.mentions.tally(query).total == len(expected)
    assert spoken.mentions.newer(query, 0) == len(expected)


def test_the_map_of_aspects(spoken: Storage, source: Source, make: Any) -> None:
    price = AspectLine(aspect="price", negative=1, positive=1)
    delivery = AspectLine(aspect="delivery", negative=1)
    tag = AspectLine(aspect="price_tag", neutral=1)
    assert spoken.mentions.aspect_map(MentionQuery()) == (delivery, price, tag)
    assert price.total == 2
    only = spoken.mentions.aspect_map(MentionQuery(aspects=("delivery",)))
    assert only == (delivery, AspectLine(aspect="price", positive=1))
    spoken.mentions.save_page(source.id, [make(3, "另一段")], None, now=make(3).published_at)
    assert spoken.mentions.aspect_map(MentionQuery(aspects=("price_tag",))) == ()


def test_a_filter_of_version_1_still_loads(start: datetime) -> None:
    old = '{"brands":[1],"tones":["negative"],"text":"发热"}'
    assert read_query(old) == MentionQuery(brands=(1,), tones=(Tone.NEGATIVE,), text="发热")
    new = MentionQuery(aspects=("price:negative", "safety"), since=start)
    assert read_query(write_query(new)) == new
    assert "aspects" not in write_query(MentionQuery(text="发热"))


# ── the first time, and again ──────────────────────────────────────────────────────────────────


def test_only_the_first_judgement_of_a_text_is_to_be_told(
    storage: Storage, source: Source, make: Any, score: Any, start: datetime
) -> None:
    one, two = _saved(storage, source, make(1), make(2))
    first = storage.mentions.save_scores([(one, 1, score(Tone.NEGATIVE)), (two, 1, score(Tone.POSITIVE))])
    assert first == Judged(2, (one, two))
    again = storage.mentions.save_scores([(one, 1, score(Tone.NEGATIVE, version="2"))])
    assert again == Judged(1, ())
    assert storage.mentions.untold(5) == (one, two)
    assert storage.mentions.untold(1) == (one,)
    storage.mentions.told([one, 99])
    assert storage.mentions.untold(5) == (two,)
    storage.mentions.save_scores([(one, 1, score(Tone.NEGATIVE, version="3"))])
    assert storage.mentions.untold(5) == (two,)
    storage.mentions.save_page(source.id, [make(1, "别的")], None, now=start)
    assert storage.mentions.save_scores([(one, 2, score(Tone.NEUTRAL))]) == Judged(1, (one,))
    assert storage.mentions.untold(5) == (one, two)


def test_the_last_of_two_judgements_in_a_batch_counts(
    storage: Storage, source: Source, make: Any, score: Any
) -> None:
    (id_,) = _saved(storage, source, make(1))
    a, b = score(Tone.NEGATIVE, engine="a"), score(Tone.POSITIVE, engine="b")
    assert storage.mentions.save_scores([(id_, 1, a), (id_, 1, b), (id_, 1, a)]) == Judged(2, (id_,))
    assert storage.mentions.get(id_).score == a


def test_old_judgements_go_the_one_in_force_stays(
    storage: Storage, url: str, source: Source, make: Any, score: Any
) -> None:
    (id_,) = _saved(storage, source, make(1))

    def versions() -> list[str]:
        connection = engine_for(url, backups=None, patience=5).connection(read_only=True)
        rows = connection.execute_sql("SELECT version FROM score ORDER BY id").fetchall()
        connection.close()
        return [version for (version,) in rows]

    for version in "12345":
        storage.mentions.save_scores([(id_, 1, score(Tone.NEGATIVE, version=version))])
    assert versions() == ["2", "3", "4", "5"]
    both = [(id_, 1, score(Tone.NEUTRAL, version=version)) for version in "62"]
    assert storage.mentions.save_scores(both) == Judged(2, ())
    assert versions() == ["2", "3", "4", "5", "6"]
    kept = storage.mentions.get(id_).score
    assert kept is not None
    assert (kept.version, kept.tone) == ("2", Tone.NEUTRAL)
    storage.mentions.save_scores([(id_, 1, score(Tone.NEUTRAL, version="6"))])
    assert versions() == ["3", "4", "5", "6"]


@pytest.fixture
def judged_before(storage: Storage, source: Source, make: Any, score: Any) -> Storage:
    """Twelve mentions: brand 1 in even ones, rival 2 in each third; all but 12 judged by version 1."""
    storage.brands.save(Watch(name="小米", query="x"))
    storage.brands.save(Watch(name="华为", query="x", competitor=True))
    page = [
        make(
            n,
            f"第{n}条",
            title="题" if n == 3 else "",
            hits=(
                *((Hit(2, "", True),) if n % 3 == 0 else ()),
                *((Hit(1, "", False),) if n % 2 == 0 else ()),
            ),
        )
        for n in range(1, 13)
    ]
    _saved(storage, source, *page)
    storage.mentions.save_scores([(n, 1, score(Tone.NEGATIVE)) for n in range(1, 12)])
    return storage


def _walk(storage: Storage, versions: dict[int | None, str], limit: int = 2) -> list[int]:
    found: list[int] = []
    at: int | None = None
    while True:
        step = storage.mentions.stale("snownlp", versions, at, limit)
        assert len(step.rows) <= limit
        found += (one.id for one in step.rows)
        at = step.before_id
        if at is None:
            return found


@pytest.mark.parametrize("stretch", [1, 3, 12, 13, 10_000])
@pytest.mark.parametrize("limit", [1, 4, 100])
def test_the_walk_finds_each_once_from_the_newest_down(
    judged_before: Storage, monkeypatch: pytest.MonkeyPatch, stretch: int, limit: int
) -> None:
    monkeypatch.setattr(rescoring, "_STRETCH", stretch)
    everything = list(range(11, 0, -1))
    assert _walk(judged_before, {None: "2"}, limit) == everything
    assert _walk(judged_before, {None: "1"}, limit) == []
    assert _walk(judged_before, {None: "1", 1: "1+layer"}, limit) == [10, 8, 6, 4, 2]
    assert _walk(judged_before, {None: "2", 1: "1", 2: "1"}, limit) == [11, 9, 7, 5, 3, 1]
    assert judged_before.mentions.stale_count("snownlp", {None: "1", 1: "1+layer"}) == 5
    assert judged_before.mentions.stale_count("ngram", {None: "1"}) == 11


def test_judging_again_leaves_peoples_words_alone(
    judged_before: Storage, score: Any, start: datetime
) -> None:
    mentions = judged_before.mentions
    mentions.correct(6, Tone.POSITIVE, "小李", start)
    step = mentions.stale("snownlp", {None: "2"}, 7, 2)
    assert step.rows == ((6, 1, "第6条", (1, 2)), (5, 1, "第5条", ()))
    assert mentions.stale("snownlp", {None: "2"}, 4, 1).rows == ((3, 1, "题\n第3条", (2,)),)
    mentions.save_scores([(one.id, one.revision, score(Tone.NEUTRAL, version="2")) for one in step.rows])
    assert [mentions.get(id_).tone for id_ in (5, 6)] == [Tone.NEUTRAL, Tone.POSITIVE]
    assert mentions.stale_count("snownlp", {None: "2"}) == 9
    assert mentions.unscored(5) == ((12, 1, "第12条", (1, 2)),)
