"""Search answers exactly what reading every mention would; and it uses its index."""

from __future__ import annotations

import random
import tempfile
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.mention import Status, Stored
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Source
from app.errors import QueryError
from app.matching.fold import folded
from app.matching.matcher import compile_text
from app.matching.scan import Terms
from app.matching.tree import Word
from app.storage import Storage
from app.storage.search import spelled

PIECES = (
    "发热", "退货", "发", "热", "手機", "手机", "小米", "，", "。", " ", "iPhone", "phone",
    "i", "15", "5", "1", "pro", "ＰＲＯ", "é", "E", "ñandú", "x15", "-", "😀", "ß", "\n",
    "ｱ", "が", "한", "%", "_", "'", "㎏",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
TERMS = st.sampled_from(
    ("发热", "退货", "发", "手机", "小米", "iphone", "phone", "i", "15", "5", "pro", "e", "é",
     "x15", "x", "pho*", "1*", '"phone"', '"热，退"', '"热 退"', '"5"', '"e"', '"% "', '"ss"',
     '"发热退货"', '"機小"', "kg", "n", '"😀"')
)  # fmt: skip
FIELDS = st.sampled_from(
    ("followers>10", "likes<=3", "tone:negative", "status:ignored", "is:post", "author:用户1",
     "source:weibo", "rating=5")
)  # fmt: skip


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} AND {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} NOT {two[1]})"),
        st.tuples(inner, FIELDS).map(lambda two: f"({two[0]} {two[1]})"),
        st.tuples(inner, FIELDS).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, FIELDS).map(lambda two: f"({two[0]} NOT {two[1]})"),
    )


NEARS = st.tuples(TERMS, st.integers(0, 8), TERMS).map(lambda near: f"{near[0]} NEAR/{near[1]} {near[2]}")
QUERIES = st.recursive(st.one_of(TERMS, TERMS, NEARS), _joined, max_leaves=5)


@pytest.fixture
def shelf(
    storage: Storage, source: Source, make: Any, start: Any, score: Any
) -> tuple[Storage, list[Stored]]:
    """Two hundred mentions made of the pieces above, some edited, some judged."""
    dice = random.Random(5)

    def text(most: int) -> str:
        return "".join(dice.choices(PIECES, k=dice.randrange(most)))

    page = [
        make(n, text(9), title=text(4), author=_author(n), rating=5.0 if n % 7 == 0 else None)
        for n in range(200)
    ]
    storage.mentions.save_page(source.id, page, None, now=start)
    storage.mentions.save_page(source.id, [make(n, text(9)) for n in range(0, 200, 3)], None, now=start)
    storage.mentions.save_scores([(n, 1, score(Tone.NEGATIVE)) for n in range(1, 200, 4)])
    storage.mentions.set_status(list(range(1, 201, 5)), Status.IGNORED, "me", start)
    return storage, list(storage.mentions.iterate(MentionQuery()))


def _author(number: int) -> Any:
    from app.domain.mention import Author

    return Author(name=f"用户{number}", followers=number if number % 2 else None)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=QUERIES)
def test_search_equals_reading_everything(shelf: tuple[Storage, list[Stored]], query: str) -> None:
    try:
        asked = compile_text(query, stored=True)
    except QueryError:
        return
    storage, everything = shelf
    expected = [one.id for one in everything if asked.matches(one)]
    wanted = MentionQuery(text=query)
    assert [one.id for one in storage.mentions.page(wanted, limit=1000).rows] == expected
    assert [one.id for one in storage.mentions.iterate(wanted, chunk=29)] == expected
    assert storage.mentions.tally(wanted).total == len(expected)
    assert storage.mentions.newer(wanted, 100) == sum(id_ > 100 for id_ in expected)


@pytest.fixture(scope="module")
def small() -> Iterator[tuple[Storage, int]]:
    with tempfile.TemporaryDirectory() as folder, Storage.open(Path(folder) / "a.sqlite") as storage:
        yield storage, storage.sources.save(Source(kind="feed", name="f")).id


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(TEXTS, st.text(max_size=40)), title=TEXTS, data=st.data())
def test_any_part_of_a_text_finds_it(
    small: tuple[Storage, int], make: Any, start: Any, *, text: str, title: str, data: Any
) -> None:
    """A phrase out of the folded text is found; and every hit really holds it."""
    storage, source_id = small
    found = make(1, text, title=title, native_id=uuid.uuid4().hex)
    (id_,) = storage.mentions.save_page(source_id, [found], None, now=start).new
    body = folded(storage.mentions.get(id_).text)
    if not body.strip():
        return
    low = data.draw(st.integers(0, len(body) - 1))
    part = body[low : data.draw(st.integers(low + 1, len(body)))]
    if not part.strip() or '"' in part or "“" in part or "”" in part or "\\" in part:
        return
    rows = storage.mentions.page(MentionQuery(text=f'"{part}"'), limit=10_000).rows
    assert id_ in {one.id for one in rows}
    needle = folded(part).strip()
    assert all(needle in folded(one.mention.title) + "\n" + folded(one.text) for one in rows)


@settings(max_examples=100, deadline=None)
@given(
    text=st.text(alphabet="ab1é中 ßŁɏḀỿ×÷", max_size=8),
    word=st.text(alphabet="ab1é中ßŁɏḀỿ×÷", min_size=1, max_size=3),
)
def test_marks_tell_words_apart_as_the_matcher_does(text: str, word: str) -> None:
    """The tokens of a word stand in a row among the text's exactly when the matcher finds it there."""
    text, word = folded(text), folded(word)
    if not word.strip():
        return
    terms = Terms()
    terms.number(Word(word))
    found: dict[int, list[tuple[int, int]]] = {}
    terms.scanner().scan(text, found)
    tokens = f" {spelled(text, open_=True, close=True)} "
    assert (f" {spelled(word, open_=True, close=True)} " in tokens) == bool(found)


def test_two_character_words_and_edits(storage: Storage, source: Source, make: Any, start: Any) -> None:
    page = [make(1, "手机发热了"), make(2, "发，热"), make(3, "热发"), make(4, "要退货", title="发热")]
    storage.mentions.save_page(source.id, page, None, now=start)

    def ids(text: str) -> set[int]:
        return {one.id for one in storage.mentions.page(MentionQuery(text=text)).rows}

    assert ids("发热") == {1, 4}
    assert ids("退货") == {4}
    storage.mentions.save_page(source.id, [make(1, "手机不热"), make(3, "又发热")], None, now=start)
    assert ids("发热") == {3, 4}
    assert ids("不热") == {1}
    assert all(finding.ok for finding in storage.check())


def test_a_broken_query_says_where(storage: Storage) -> None:
    with pytest.raises(QueryError):
        storage.mentions.page(MentionQuery(text='发热 ("'))
    with pytest.raises(QueryError):
        storage.mentions.tally(MentionQuery(text="nofield:x"))


def test_a_very_long_query_is_answered(storage: Storage, source: Source, make: Any, start: Any) -> None:
    storage.mentions.save_page(source.id, [make(1, "手机发热"), make(2, "无关")], None, now=start)
    for long in (" OR ".join(f"词{n}" for n in range(400)) + " OR 发热", "发热 OR " + "长" * 3000):
        try:
            rows = storage.mentions.page(MentionQuery(text=long)).rows
        except QueryError:
            continue
        assert [one.id for one in rows] == [1]


def test_a_common_word_with_other_filters(storage: Storage, source: Source, make: Any, start: Any) -> None:
    """More hits than are named one by one."""
    page = [make(n, "手机" if n % 2 else "手表", at=start + timedelta(seconds=n // 3)) for n in range(2600)]
    storage.mentions.save_page(source.id, page, None, now=start)
    query = MentionQuery(text="手机", since=start + timedelta(seconds=800))
    expected = sorted((n for n in range(2600) if n % 2 and n // 3 >= 800), key=lambda n: (-(n // 3), -n))
    assert [int(one.mention.native_id) for one in storage.mentions.iterate(query, chunk=50)] == expected
    assert storage.mentions.tally(MentionQuery(text="手机 NOT 表")).total == 1300
    assert storage.mentions.tally(MentionQuery(text="手机 OR likes>0")).total == 1300


def _plan(storage: Storage, sql: str, *given: Any) -> str:
    with storage._database.read() as connection:
        return " | ".join(
            row[3] for row in connection.execute_sql(f"EXPLAIN QUERY PLAN {sql}", given).fetchall()
        )


def test_sqlite_uses_its_indexes(tmp_path: Path, make: Any, start: Any) -> None:
    """Each statement the lists are made of, as it is sent, walks the index meant for it."""
    with Storage.open(tmp_path / "a.sqlite") as storage:
        source = storage.sources.save(Source(kind="feed", name="f"))
        storage.mentions.save_page(source.id, [make(n) for n in range(1200)], None, now=start)
        sent: list[tuple[str, Any]] = []
        with storage._database.read() as connection:
            connection.database.query_hooks.append(lambda event: sent.append((event.sql, event.params)))
        query = MentionQuery(
            text="发热",
            tones=(Tone.NEGATIVE,),
            unscored=True,
            statuses=(Status.NEW,),
            sources=(source.id,),
            since=start,
        )
        storage.mentions.page(query)
        storage.mentions.tally(query)
        plans = [
            _plan(storage, sql, *(params or ()))
            for sql, params in sent
            if "mention" in sql and "SELECT" in sql[:6]
        ]
    assert any("VIRTUAL TABLE INDEX" in plan for plan in plans)
    assert sum("COVERING INDEX mention_filter" in plan for plan in plans) == 2
    assert not any("SCAN mention" in plan and "VIRTUAL" not in plan for plan in plans)
    assert not any("USE TEMP B-TREE FOR ORDER BY" in plan for plan in plans if "mention_filter" in plan)
