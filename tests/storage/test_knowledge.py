"""Entries, what they were before, and what is asked of them: on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.domain.knowledge import Entry, Imported
from app.domain.mention import Hit
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Source
from app.errors import Conflict, NotFound
from app.storage import Storage
from app.storage.knowledge import NOBODY, Answered, Post

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

WHOLE = Entry(
    title="手机充电发烫怎么办",
    patterns=("充电很热", "后盖烫手"),
    answer="请用原装充电器。\n仍发烫请送检。",
    link="https://help.example/1",
    product="云雀手机",
    brand_id=3,
    owner="小周",
    review_on=date(2026, 12, 31),
    tags=("充电", "安全"),
    public=True,
)


def test_what_is_saved_is_read_again(storage: Storage) -> None:
    saved = storage.knowledge.save(WHOLE, "小周", NOW)
    assert saved == replace(
        WHOLE, id=saved.id, created_at=NOW, created_by="小周", changed_at=NOW, changed_by="小周"
    )
    assert storage.knowledge.get(saved.id) == saved
    assert storage.knowledge.all() == (saved,)


def test_what_was_said_before_is_kept(storage: Storage) -> None:
    first = storage.knowledge.save(WHOLE, "小周", NOW)
    later = NOW + timedelta(days=1)
    second = storage.knowledge.save(replace(first, answer="新答案"), "小李", later)
    third = storage.knowledge.save(replace(second, active=False), "小李", later)
    assert (third.revision, third.created_by, third.changed_by) == (3, "小周", "小李")
    assert storage.knowledge.past(first.id) == (second, first)
    assert storage.knowledge.all() == ()
    assert storage.knowledge.all(archived=True) == (third,)
    with storage._database.read() as connection:
        booked = connection.execute_sql("SELECT what, subject FROM audit ORDER BY id").fetchall()
    assert [tuple(row) for row in booked] == [
        ("entry added", f"knowledge:{first.id}"),
        ("entry changed", f"knowledge:{first.id}"),
        ("entry changed", f"knowledge:{first.id}"),
    ]


def test_saving_what_is_there_changes_nothing(storage: Storage) -> None:
    saved = storage.knowledge.save(WHOLE, "小周", NOW)
    count = storage.knowledge.count()
    assert storage.knowledge.save(saved, "小李", NOW + timedelta(days=1)) == saved
    assert storage.knowledge.count() == count
    assert storage.knowledge.past(saved.id) == ()


def test_the_count_grows_with_every_change(storage: Storage) -> None:
    counts = [storage.knowledge.count()]
    saved = storage.knowledge.save(WHOLE, "a", NOW)
    counts.append(storage.knowledge.count())
    saved = storage.knowledge.save(replace(saved, answer="b"), "a", NOW)
    counts.append(storage.knowledge.count())
    storage.knowledge.save(replace(saved, active=False), "a", NOW)
    counts.append(storage.knowledge.count())
    assert counts == sorted(set(counts))


def test_one_question_a_brand(storage: Storage) -> None:
    saved = storage.knowledge.save(WHOLE, "a", NOW)
    storage.knowledge.save(replace(WHOLE, brand_id=None), "a", NOW)
    with pytest.raises(Conflict) as refused:
        storage.knowledge.save(replace(WHOLE, title="手機充電發燙怎麼辦"), "a", NOW)
    assert str(saved.id) in refused.value.text


def test_whoever_read_an_older_text_does_not_write_over_a_newer(storage: Storage) -> None:
    saved = storage.knowledge.save(WHOLE, "小周", NOW)
    storage.knowledge.save(replace(saved, answer="小李的答案"), "小李", NOW)
    with pytest.raises(Conflict) as refused:
        storage.knowledge.save(replace(saved, answer="小周的答案"), "小周", NOW)
    assert "小李" in refused.value.text
    assert storage.knowledge.get(saved.id).answer == "小李的答案"


def test_what_is_not_there(storage: Storage) -> None:
    with pytest.raises(NotFound):
        storage.knowledge.get(7)
    with pytest.raises(NotFound):
        storage.knowledge.save(replace(WHOLE, id=7), "a", NOW)


def test_a_file_is_taken_in_whole_or_not_at_all(storage: Storage) -> None:
    kept = storage.knowledge.save(WHOLE, "a", NOW)
    other = replace(WHOLE, title="另一问")
    changed = replace(WHOLE, answer="改了")
    assert storage.knowledge.take_in((changed, other), "b", NOW) == Imported(new=1, changed=1, same=0)
    assert storage.knowledge.take_in((changed, other), "b", NOW) == Imported(new=0, changed=0, same=2)
    assert storage.knowledge.past(kept.id)[0].answer == WHOLE.answer
    before = storage.knowledge.all()
    with pytest.raises(AttributeError):
        storage.knowledge.take_in((replace(other, answer="x"), replace(other, title=None)), "b", NOW)  # type: ignore[arg-type]
    assert storage.knowledge.all() == before


@pytest.fixture
def posts(storage: Storage, source: Source, make: Any, start: datetime) -> list[int]:
    """Four posts, newest last; the third names no brand."""
    hit = (Hit(3, "云雀", False, ((0, 2),)),)
    found = [make(n, f"云雀第{n}问", hits=() if n == 3 else hit) for n in (1, 2, 3, 4)]
    storage.mentions.save_page(source.id, found, None, now=start)
    rows = storage.mentions.page(MentionQuery()).rows
    return sorted(row.id for row in rows)


def answered(post: Post, entry_id: int, *, question: bool = True) -> Answered:
    return Answered(post.id, post.at, entry_id, 0.7, question=question, revision=post.revision)


def test_each_post_is_held_against_the_entries_once(storage: Storage, posts: list[int]) -> None:
    since = NOW - timedelta(days=1)
    waiting = storage.knowledge.unasked(since, "1", 10)
    assert [post.id for post in waiting] == [posts[3], posts[1], posts[0]], (
        "newest first, none without a brand"
    )
    assert waiting[0].brands == (3,)
    assert storage.knowledge.waiting(since, "1") == 3
    storage.knowledge.keep([answered(post, 5) for post in waiting], "1")
    assert storage.knowledge.unasked(since, "1", 10) == ()
    assert storage.knowledge.waiting(since, "1") == 0
    assert len(storage.knowledge.unasked(since, "2", 10)) == 3, "the entries have changed"
    assert storage.knowledge.waiting(since, "2") == 3
    storage.knowledge.keep([answered(post, 6) for post in waiting], "2")
    assert storage.knowledge.unasked(since, "2", 10) == ()
    assert storage.knowledge.asked(since, 10) == ((6, posts[3]), (6, posts[1]), (6, posts[0]))
    storage.knowledge.forget_asked(waiting[0].at)
    assert storage.knowledge.asked(since, 10) == ((6, posts[3]),)


def test_an_edited_post_is_looked_at_again(
    storage: Storage, source: Source, posts: list[int], make: Any, start: datetime
) -> None:
    since = NOW - timedelta(days=1)
    storage.knowledge.keep([answered(post, 5) for post in storage.knowledge.unasked(since, "1", 10)], "1")
    hit = (Hit(3, "云雀", False, ((0, 2),)),)
    storage.mentions.save_page(source.id, [make(2, "云雀改问别的", hits=hit)], None, now=start)
    assert [post.text for post in storage.knowledge.unasked(since, "1", 10)] == ["云雀改问别的"]


def test_who_asks_or_complains_counts(storage: Storage, posts: list[int], score: Any) -> None:
    since = NOW - timedelta(days=1)
    newest, middle, oldest = storage.knowledge.unasked(since, "1", 10)
    storage.knowledge.keep(
        [
            answered(newest, 5, question=False),
            answered(middle, 0, question=False),
            answered(oldest, 0),
        ],
        "1",
    )
    assert storage.knowledge.asked(since, 10) == ()
    assert [row.mention_id for row in storage.knowledge.open(since, 10)] == [oldest.id]
    bad = [(row.id, row.revision, score(Tone.NEGATIVE)) for row in storage.mentions.unscored(10)]
    storage.mentions.save_scores(bad)
    assert storage.knowledge.asked(since, 10) == ((5, newest.id),)
    assert [row.mention_id for row in storage.knowledge.open(since, 10)] == [middle.id, oldest.id]
    storage.knowledge.keep([answered(middle, NOBODY)], "1")
    assert [row.mention_id for row in storage.knowledge.open(since, 10)] == [oldest.id]
