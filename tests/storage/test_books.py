"""The books: one story of three tables, in order, and nothing in them can be changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.queue import BookQuery
from app.domain.watch import Source
from app.errors import StorageError
from app.storage import Found, Storage

MINUTE = timedelta(minutes=1)


@pytest.fixture
def books(storage: Storage, source: Source, make: Callable[..., Found], start: datetime) -> Storage:
    storage.mentions.save_page(source.id, [make(n) for n in (1, 2)], None, now=start)
    storage.mentions.claim(1, "甲", start)
    storage.audit.add(start, "组长", "rule", "rule:3", "改了门槛")
    storage.notes.add(1, "@乙 看", ("乙",), "甲", start)
    storage.mentions.claim(2, "乙", start + MINUTE)
    storage.mentions.answer(1, "您好", "甲", start + 2 * MINUTE)
    return storage


def whats(storage: Storage, **query: Any) -> list[str]:
    return [line.what for line in storage.audit.iterate(BookQuery(**query))]


def test_one_book_in_order(books: Storage, start: datetime) -> None:
    assert whats(books) == ["claim", "note", "rule", "claim", "answer"]
    newest = books.audit.page(BookQuery()).rows
    assert [line.what for line in newest] == ["answer", "claim", "rule", "note", "claim"]
    rule = newest[2]
    assert (rule.by, rule.mention_id, rule.subject, rule.detail) == ("组长", None, "rule:3", "改了门槛")
    assert (newest[3].mention_id, newest[3].detail) == (1, "@乙 看")


def test_filters(books: Storage, start: datetime) -> None:
    assert whats(books, by="甲") == ["claim", "note", "answer"]
    assert whats(books, what=("note", "rule")) == ["note", "rule"]
    assert whats(books, what=("claim",), mention_id=2) == ["claim"]
    assert whats(books, mention_id=1) == ["claim", "note", "answer"]
    assert whats(books, since=start + MINUTE) == ["claim", "answer"]
    assert whats(books, until=start + MINUTE) == ["claim", "note", "rule"]


@pytest.mark.parametrize("oldest", [True, False])
def test_pages_meet_without_a_gap(books: Storage, oldest: bool) -> None:
    lines, after = [], None
    for _page in range(5):
        page = books.audit.page(BookQuery(), after, 1, oldest_first=oldest)
        lines += [line.what for line in page.rows]
        after = page.next
    assert after is None
    wanted = ["claim", "note", "rule", "claim", "answer"]
    assert lines == (wanted if oldest else wanted[::-1])


@pytest.mark.parametrize("table", ["audit", "event", "note"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET \"by\" = '别人'"])
def test_nothing_can_be_rewritten(books: Storage, table: str, act: str) -> None:
    with pytest.raises(StorageError):
        books._database.write(lambda connection: connection.execute_sql(act.format(table)))
    assert len(whats(books)) == 5
