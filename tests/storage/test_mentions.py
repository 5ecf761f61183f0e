"""Saving pages, edits, lists, counts: the same on both engines."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.alerts.rules import judge
from app.domain.mention import Author, Counts, Hit, Mention, Status
from app.domain.query import Key, MentionQuery, Tally
from app.domain.rule import AlertRule
from app.domain.sentiment import Tone
from app.domain.watch import Source, Watch
from app.errors import Conflict, NotFound
from app.storage import Judged, Storage

ALL = MentionQuery()


def _ids(storage: Storage, **query: Any) -> list[int]:
    return [one.id for one in storage.mentions.page(MentionQuery(**query)).rows]


def test_what_is_saved_comes_back_whole(storage: Storage, source: Source, start: datetime) -> None:
    brand = storage.brands.save(Watch(name="小米", query="小米"))
    rival = storage.brands.save(Watch(name="华为", query="华为", competitor=True))
    mention = Mention(
        platform="appstore",
        native_id="77",
        url="https://example.com/77",
        text="小米比华为好",
        kind=__import__("app.domain.mention", fromlist=["Kind"]).Kind.REVIEW,
        title="五星",
        author=Author(
            name="老王", native_id="u9", url="https://example.com/u9", followers=12, verified=False
        ),
        published_at=start,
        edited_at=start + timedelta(seconds=1),
        counts=Counts(likes=1, comments=2, shares=3, views=4, favorites=5),
        rating=4.5,
        media=("https://example.com/a.jpg",),
        lang="zh",
        region="广东",
        parent_id="p",
        root_id="r",
        keyword="小米",
        site="App Store",
        fingerprint="f1",
        raw='{"id": 77}',
    )
    from app.storage import Found

    hits = (Hit(brand.id, "小米", False, ((0, 2),)), Hit(rival.id, "华为", True, ((3, 5),)))
    found = Found(mention=mention, published_at=start, dated=True, hits=hits, severity=("fire", "fraud"))
    saved = storage.mentions.save_page(source.id, [found], "c", now=start + timedelta(hours=1))
    stored = storage.mentions.get(saved.new[0])
    from dataclasses import replace

    assert stored.mention == replace(mention, raw="")
    assert (stored.hits, stored.severity, stored.source) == (hits, ("fire", "fraud"), "论坛")
    assert (stored.published_at, stored.fetched_at) == (start, start + timedelta(hours=1))
    assert stored.published_at.tzinfo is UTC
    assert storage.mentions.raw(stored.id) == '{"id": 77}'
    assert storage.sources.cursor(source.id) == "c"
    assert (stored.tone, stored.score, stored.status) == (None, None, Status.NEW)


def test_an_undated_mention_keeps_that_it_is(storage: Storage, source: Source, make: Any) -> None:
    (id_,) = storage.mentions.save_page(
        source.id, [make(1, dated=False)], None, now=make(1).published_at
    ).new
    stored = storage.mentions.get(id_)
    assert not stored.dated
    assert stored.mention.published_at is None


def test_a_page_twice_is_a_page_once(storage: Storage, source: Source, make: Any, start: datetime) -> None:
    page = [make(1), make(2), make(3)]
    first = storage.mentions.save_page(source.id, page, "a", now=start)
    again = storage.mentions.save_page(source.id, page[::-1], "b", now=start + timedelta(hours=1))
    assert (len(first.new), first.seen) == (3, 0)
    assert (again.new, again.edited, again.seen) == ((), (), 3)
    assert storage.stats()["mentions"] == 3
    assert storage.sources.get(source.id).mentions == 3


def test_the_last_of_two_on_one_page_wins(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    saved = storage.mentions.save_page(source.id, [make(1, "旧"), make(2), make(1, "新")], None, now=start)
    assert (len(saved.new), saved.seen) == (2, 1)
    assert {one.text for one in storage.mentions.many(saved.new)} == {"新", "手机发热"}


def test_a_fingerprint_recognises_a_feed_item_with_a_new_id(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    storage.mentions.save_page(source.id, [make(1, fingerprint="x")], None, now=start)
    saved = storage.mentions.save_page(source.id, [make(2, "另一段", fingerprint="x")], None, now=start)
    other = storage.sources.save(Source(kind="feed", name="别的"))
    elsewhere = storage.mentions.save_page(other.id, [make(3, fingerprint="x")], None, now=start)
    assert (saved.new, len(saved.edited), len(elsewhere.new)) == ((), 1, 1)


def test_two_of_one_fingerprint_on_one_page(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    page = [make(1, "一", fingerprint="x"), make(2, "二", fingerprint="x"), make(3, "三")]
    saved = storage.mentions.save_page(source.id, page, None, now=start)
    assert [one.text for one in storage.mentions.many(saved.new)] == ["二", "三"]


def test_same_id_on_another_platform_or_of_another_kind_is_another(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    page = [make(1), make(1, platform="xhs"), make(1, kind="comment")]
    assert len(storage.mentions.save_page(source.id, page, None, now=start).new) == 3


def test_the_cursor_goes_with_the_page(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    storage.mentions.save_page(source.id, [make(1)], "one", now=start)
    storage.mentions.save_page(source.id, [make(2)], "two", now=start, set_cursor=False)
    assert storage.sources.cursor(source.id) == "one"
    storage.sources.reset_cursor(source.id)
    assert storage.sources.cursor(source.id) is None


def test_counts_follow_and_what_is_not_said_stays(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    (id_,) = storage.mentions.save_page(
        source.id, [make(1, counts=Counts(likes=1, views=5), rating=2.0)], None, now=start
    ).new
    later = make(1, counts=Counts(likes=9), rating=float("nan"), author=Author(name="x", followers=7))
    assert storage.mentions.save_page(source.id, [later], None, now=start).seen == 1
    mention = storage.mentions.get(id_).mention
    assert (mention.counts.likes, mention.counts.views, mention.rating, mention.author.followers) == (
        9,
        5,
        2.0,
        7,
    )


def test_an_edit_keeps_the_old_text_and_is_scored_again(
    storage: Storage, source: Source, make: Any, start: datetime, score: Any
) -> None:
    (id_,) = storage.mentions.save_page(source.id, [make(1, "很好", title="题")], None, now=start).new
    storage.mentions.save_scores([(id_, 1, score(Tone.POSITIVE))])
    later = start + timedelta(hours=2)
    saved = storage.mentions.save_page(
        source.id, [make(1, "很差", title="题", severity=("fire",))], None, now=later
    )
    stored = storage.mentions.get(id_)
    assert saved.edited == (id_,)
    assert (stored.text, stored.edited, stored.tone, stored.score) == ("很差", 1, None, None)
    assert stored.severity == ("fire",)
    assert storage.mentions.edits(id_) == ((later, "题\n很好"),)
    assert storage.mentions.unscored(5) == ((id_, 2, "题\n很差", ()),)
    assert storage.mentions.save_scores([(id_, 1, score(Tone.POSITIVE))]) == Judged()
    both = [(id_, 2, score(Tone.NEGATIVE)), (999, 1, score(Tone.NEGATIVE))]
    assert storage.mentions.save_scores(both) == Judged(1, (id_,))
    assert storage.mentions.get(id_).tone is Tone.NEGATIVE


def test_an_older_text_that_comes_late_changes_nothing(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    newer = make(1, "新", edited_at=start + timedelta(hours=1))
    storage.mentions.save_page(source.id, [newer], None, now=start)
    assert (
        storage.mentions.save_page(source.id, [make(1, "旧", edited_at=start)], None, now=start).edited
        == ()
    )


def test_a_second_source_does_not_edit_to_and_fro(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    other = storage.sources.save(Source(kind="feed", name="转载"))
    storage.mentions.save_page(source.id, [make(1, "全文在此")], None, now=start)
    saved = storage.mentions.save_page(
        other.id, [make(1, "全文…", counts=Counts(likes=3))], None, now=start
    )
    assert (saved.new, saved.edited, saved.seen) == ((), (), 1)
    (stored,) = storage.mentions.page(ALL).rows
    assert (stored.text, stored.mention.counts.likes) == ("全文在此", 3)


def test_a_persons_word_survives_edits_and_scores(
    storage: Storage, source: Source, make: Any, start: datetime, score: Any
) -> None:
    (id_,) = storage.mentions.save_page(source.id, [make(1, "呵呵")], None, now=start).new
    storage.mentions.save_scores([(id_, 1, score(Tone.POSITIVE))])
    storage.mentions.correct(id_, Tone.NEGATIVE, "小李", start)
    storage.mentions.save_page(source.id, [make(1, "呵呵呵")], None, now=start)
    assert storage.mentions.get(id_).tone is Tone.NEGATIVE
    storage.mentions.save_scores([(id_, 2, score(Tone.POSITIVE))])
    stored = storage.mentions.get(id_)
    assert (stored.tone, stored.corrected, stored.score and stored.score.tone) == (
        Tone.NEGATIVE,
        True,
        Tone.POSITIVE,
    )
    assert storage.mentions.corrections() == ((id_, "呵呵呵", Tone.NEGATIVE, "小李", start),)
    storage.mentions.correct(id_, None, "小李", start)
    stored = storage.mentions.get(id_)
    assert (stored.tone, stored.corrected) == (Tone.POSITIVE, False)
    assert storage.mentions.corrections() == ()


def test_a_score_comes_back_with_its_evidence(
    storage: Storage, source: Source, make: Any, start: datetime, score: Any
) -> None:
    (id_,) = storage.mentions.save_page(source.id, [make(1)], None, now=start).new
    storage.mentions.save_scores(
        [(id_, 1, score(Tone.NEUTRAL)), (id_, 1, score(Tone.NEGATIVE, engine="other"))]
    )
    assert storage.mentions.get(id_).score == score(Tone.NEGATIVE, engine="other")
    assert storage.mentions.unscored_count() == 0


@pytest.fixture
def desk(storage: Storage, source: Source, make: Any, start: datetime, score: Any) -> Storage:
    """Ten mentions: brand 1 (ours) in even ones, brand 2 (a rival) in each third, tones in turn."""
    storage.brands.save(Watch(name="小米", query="小米"))
    storage.brands.save(Watch(name="华为", query="华为", competitor=True))
    page = [
        make(
            n,
            f"第{n}条 小米手机",
            platform="xhs" if n == 4 else "weibo",
            severity=("fire",) if n == 7 else (),
            author=Author(name="ALICE" if n < 3 else "bob", native_id=f"u{n}"),
            hits=(
                *((Hit(1, "", False),) if n % 2 == 0 else ()),
                *((Hit(2, "", True),) if n % 3 == 0 else ()),
            ),
        )
        for n in range(1, 11)
    ]
    storage.mentions.save_page(source.id, page, None, now=start)
    tones = (Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE)
    storage.mentions.save_scores([(n, 1, score(tones[n % 3])) for n in range(1, 10)])
    storage.mentions.set_status([1, 2], Status.IGNORED, "me", start)
    return storage


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"oldest_first": True, "brands": (1,)}, [2, 4, 6, 8, 10]),
        ({"brands": (1, 2)}, [10, 9, 8, 6, 4, 3, 2]),
        ({"brands": (99,)}, []),
        ({"competitor": True}, [9, 6, 3]),
        ({"competitor": False}, [10, 8, 6, 4, 2]),
        ({"matched": True}, [10, 9, 8, 6, 4, 3, 2]),
        ({"matched": False}, [7, 5, 1]),
        ({"tones": (Tone.NEGATIVE,)}, [9, 6, 3]),
        ({"tones": (Tone.NEGATIVE, Tone.POSITIVE), "unscored": True}, [10, 9, 8, 6, 5, 3, 2]),
        ({"unscored": True}, [10]),
        ({"statuses": (Status.IGNORED,)}, [2, 1]),
        ({"platforms": ("xhs", "none")}, [4]),
        ({"sources": (1,), "severe": True}, [7]),
        ({"sources": (2,)}, []),
        ({"author": "alic"}, [2, 1]),
        ({"author": "u7"}, [7]),
        ({"author": "%"}, []),
        ({"since": 3, "until": 5}, [4, 3]),
        ({"text": "小米手机"}, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"text": "第7条 OR 第4条"}, [7, 4]),
        ({"text": "手机 tone:negative", "brands": (1,)}, [6]),
    ],
)
def test_filters(desk: Storage, start: datetime, query: dict[str, Any], expected: list[int]) -> None:
    moments = {key: start + timedelta(minutes=query[key]) for key in ("since", "until") if key in query}
    wanted = MentionQuery(**{**query, **moments})
    assert [one.id for one in desk.mentions.page(wanted).rows] == expected
    assert desk.mentions.tally(wanted).total == len(expected)
    assert [one.id for one in desk.mentions.iterate(wanted, chunk=3)] == expected
    assert desk.mentions.newer(wanted, 0) == len(expected)
    assert desk.mentions.newer(wanted, 5) == sum(id_ > 5 for id_ in expected)


def test_pages_by_key_go_on_where_they_ended(
    desk: Storage, source: Source, make: Any, start: datetime
) -> None:
    first = desk.mentions.page(ALL, limit=4)
    assert first.next == Key(start + timedelta(minutes=7), 7)
    desk.mentions.save_page(
        source.id, [make(50), make(51, at=start + timedelta(minutes=7))], None, now=start
    )
    second = desk.mentions.page(ALL, first.next, limit=100)
    assert [one.id for one in second.rows] == [6, 5, 4, 3, 2, 1]
    assert second.next is None


def test_same_moment_is_ordered_by_id(storage: Storage, source: Source, make: Any, start: datetime) -> None:
    storage.mentions.save_page(source.id, [make(n, at=start) for n in range(7)], None, now=start)
    for oldest in (False, True):
        query = MentionQuery(oldest_first=oldest)
        ids = [one.id for one in storage.mentions.iterate(query, chunk=2)]
        assert ids == sorted(range(1, 8), reverse=not oldest)


def test_tallies(desk: Storage) -> None:
    assert desk.mentions.tally(ALL) == Tally(total=10, negative=3, neutral=3, positive=3, unscored=1)
    assert dict(desk.mentions.by_brand(ALL)) == {
        1: Tally(total=5, negative=1, neutral=1, positive=2, unscored=1),
        2: Tally(total=3, negative=3),
    }
    assert [(line.platform, line.tally.total) for line in desk.mentions.by_platform(ALL)] == [
        ("weibo", 9),
        ("xhs", 1),
    ]
    assert desk.mentions.tally(MentionQuery(text='"米手" author:bob')).total == 8


def test_days_are_the_readers_days(storage: Storage, source: Source, make: Any) -> None:
    evening = datetime(2026, 3, 1, 15, 59, 59, 999999, tzinfo=UTC)
    page = [make(1, at=evening), make(2, at=evening + timedelta(microseconds=1)), make(3, at=evening)]
    storage.mentions.save_page(source.id, page, None, now=evening)
    lines = storage.mentions.by_day(ALL, zoneinfo.ZoneInfo("Asia/Shanghai"))
    assert [(line.day, line.tally.total) for line in lines] == [
        (date(2026, 3, 1), 2),
        (date(2026, 3, 2), 1),
    ]
    assert [line.tally.total for line in storage.mentions.by_day(ALL, UTC)] == [3]


def test_newer_counts_no_further_than_a_thousand(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    storage.mentions.save_page(source.id, [make(n, "iphone 手机") for n in range(1010)], None, now=start)
    assert storage.mentions.newer(ALL, 0) == 1000
    assert storage.mentions.newer(MentionQuery(text="iphone"), 0) == 1000
    assert storage.mentions.newer(ALL, 1000) == 10
    assert storage.mentions.newest_id() == 1010


def test_earlier_by_the_same_author(storage: Storage, source: Source, make: Any, start: datetime) -> None:
    known, named = Author(name="甲", native_id="7"), Author(name="甲")
    page = [make(1, author=known), make(2, author=known), make(3, author=named), make(4, author=named)]
    page += [make(5, author=known, platform="xhs"), make(6, author=Author())]
    storage.mentions.save_page(source.id, page, None, now=start)
    get, earlier = storage.mentions.get, storage.mentions.earlier_by
    assert [one.id for one in earlier(get(1))] == [2]
    assert [one.id for one in earlier(get(3))] == [4]
    assert earlier(get(6)) == ()


def test_claims_are_first_come(desk: Storage, start: datetime) -> None:
    desk.mentions.claim(5, "甲", start)
    desk.mentions.claim(5, "甲", start)
    with pytest.raises(Conflict, match="甲"):
        desk.mentions.claim(5, "乙", start)
    with pytest.raises(Conflict, match="甲"):
        desk.mentions.release(5, "乙", start)
    desk.mentions.release(5, "甲", start)
    desk.mentions.claim(5, "乙", start)
    stored = desk.mentions.get(5)
    assert (stored.status, stored.status_by, stored.status_at) == (Status.CLAIMED, "乙", start)
    assert [event.what for event in desk.mentions.history(5)] == ["claim", "claim", "release", "claim"]
    for act in (desk.mentions.claim, desk.mentions.release):
        with pytest.raises(NotFound):
            act(999, "甲", start)


def test_an_answer_is_kept_in_one_go(desk: Storage, start: datetime) -> None:
    desk.mentions.answer(3, "抱歉\x00", "甲", start)
    stored = desk.mentions.get(3)
    assert (stored.status, stored.status_by, stored.answer) == (Status.ANSWERED, "甲", "抱歉")
    (answer,) = desk.answers.recent(5)
    assert (answer.mention_id, answer.text, answer.by, answer.at) == (3, "抱歉", "甲", start)
    assert desk.mentions.history(3)[-1].what == "answer"
    assert desk.answers.between(start, start + timedelta(1))[0][1] == stored.published_at
    with pytest.raises(NotFound):
        desk.mentions.answer(999, "x", "甲", start)


def test_status_changes_are_counted_once(desk: Storage, start: datetime) -> None:
    assert desk.mentions.set_status([1, 2, 3, 3, 999], Status.IGNORED, "me", start) == 1
    assert desk.mentions.set_status([], Status.IGNORED, "me", start) == 0


def test_rematch_finds_brands_anew(desk: Storage) -> None:
    seen: list[int] = []

    def match(mention: Mention) -> tuple[Hit, ...]:
        return (Hit(2, "华为", True, ((1, 2),)),) if "第1" in mention.text else ()

    assert desk.mentions.rematch(match, seen.append) == 8
    assert _ids(desk, brands=(2,)) == [10, 1]
    assert desk.mentions.get(1).hits == (Hit(2, "华为", True, ((1, 2),)),)
    assert desk.mentions.rematch(match) == 0
    assert seen == [10]


def test_raw_items_are_purged(storage: Storage, source: Source, make: Any, start: datetime) -> None:
    (id_,) = storage.mentions.save_page(source.id, [make(1, raw="<item/>")], None, now=start).new
    assert storage.mentions.purge_raw(start) == 0
    assert storage.mentions.purge_raw(start + timedelta(seconds=1)) == 1
    assert storage.mentions.raw(id_) == ""


def test_hostile_values_are_stored_and_found(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    mean = make(
        1,
        "好\ud800坏\x00值 \udfff'; DROP TABLE mention; -- \u202e",
        title="\x00",
        native_id="\ud83d",
        author=Author(name="%_\udc00", native_id="\x00", followers=10**30),
        counts=Counts(likes=-(10**30), views=2**64),
        rating=float("inf"),
        media=("\ud800",),
        raw="\ud800\x00",
    )
    (id_,) = storage.mentions.save_page(source.id, [mean], "\x00\ud800", now=start).new
    stored = storage.mentions.get(id_)
    assert stored.text == "好\ufffd坏值 \ufffd'; DROP TABLE mention; -- \u202e"
    assert (stored.mention.native_id, stored.mention.media, stored.mention.rating) == (
        "\ufffd",
        ("\ufffd",),
        None,
    )
    assert stored.mention.author.followers == 2**63 - 1
    assert storage.mentions.save_page(source.id, [mean], None, now=start).seen == 1
    assert _ids(storage, text='坏值 "drop table"') == [id_]
    assert _ids(storage, author="%_") == [id_]
    assert _ids(storage, text="好\ud800坏") in ([], [id_])


def test_unknown_ids_are_said(storage: Storage) -> None:
    with pytest.raises(NotFound):
        storage.mentions.get(1)
    assert storage.mentions.many([1, 2]) == ()
    assert storage.mentions.raw(1) == ""
    assert storage.mentions.newest_id() == 0


def test_removed_brands_and_sources_leave_the_mentions(desk: Storage, source: Source) -> None:
    desk.brands.remove(1)
    assert desk.mentions.get(6).hits == (Hit(2, "华为", True),)
    assert _ids(desk, matched=True) == [9, 6, 3]
    desk.sources.remove(source.id)
    assert desk.mentions.get(6).source == "论坛"
    with pytest.raises(NotFound):
        desk.sources.get(source.id)


def test_what_an_alert_can_be_about(
    storage: Storage, source: Source, make: Any, score: Any, start: datetime
) -> None:
    us = (Hit(storage.brands.save(Watch(name="青岚", query="青岚")).id, "青岚", False),)
    page = [
        make(1, hits=us),
        make(2, hits=us, severity=("fire",)),
        make(3, hits=us, rating=1.0),
        make(4, hits=us, rating=2.0, author=Author(name="大", followers=9_000_000, verified=True)),
        make(5, hits=us),
        make(6, severity=("fire",)),
    ]
    ids = storage.mentions.save_page(source.id, page, None, now=start).new
    storage.mentions.save_scores(
        [(id_, 1, score(Tone.NEGATIVE if n == 4 else Tone.NEUTRAL)) for n, id_ in enumerate(ids)]
    )
    found = storage.mentions.many(ids, grave=True)
    assert [row.id for row in found] == [ids[1], ids[2], ids[4]]
    others = [row for row in storage.mentions.many(ids) if row not in found]
    assert len(others) == 3
    loudest = AlertRule(negative=0.0, followers=0, engagement=0)
    assert [judge(row, loudest) for row in others] == [None] * 3
    assert all(judge(row, loudest) for row in found)
