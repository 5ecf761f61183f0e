"""Posts deleted or answered on their platform: the fact stays, the words go."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.alert import Alert, Severity
from app.domain.mention import Hit, Kind, Status
from app.domain.modelling import Doubt, Sentence
from app.domain.query import MentionQuery
from app.domain.sentiment import Evidence, Tone
from app.domain.watch import Source, Watch
from app.storage import Storage
from app.storage.values import Event, Found

IDENTITY = ("weibo", Kind.POST, "a1")
SECRET = "独一无二的原话"


@pytest.fixture
def stored(storage: Storage, make: Any, score: Any, start: datetime) -> int:
    storage.brands.save(Watch(name="云雀", query="云雀"))
    source = storage.sources.save(Source(kind="feed", name="某某论坛"))
    one: Found = make(
        1, f"云雀{SECRET}", native_id="a1", raw=SECRET, hits=(Hit(1, "云雀", False, ((0, 2),)),)
    )
    storage.mentions.save_page(source.id, [one], None, now=start)
    edited = replace(one, mention=replace(one.mention, text=f"云雀{SECRET}，改过", title=SECRET))
    [id_] = storage.mentions.save_page(source.id, [edited], None, now=start).edited
    assert SECRET in storage.mentions.raw(id_)
    waiting = storage.mentions.unscored(1)[0]
    judged = replace(score(Tone.NEGATIVE), evidence=(Evidence(SECRET, 2, 9, -1.0),))
    storage.mentions.save_scores([(id_, waiting.revision, judged)])
    storage.alerts.add(
        Alert(severity=Severity.P2, title="云雀", body=SECRET, reason="x", mention_id=id_, created_at=start)
    )
    return id_


def everything(storage: Storage) -> str:
    """Every text column of every table, as a thief would read it."""
    with storage._database.read() as connection:
        return "\n".join(
            repr(row)
            for table in sorted(connection.tables())
            if not table.startswith(("mention_index", "sqlite_"))  # searched below
            for row in connection.execute_sql(f'SELECT * FROM "{table}"').fetchall()
        )


def test_a_deleted_post_is_kept_as_a_fact_and_its_words_go(
    storage: Storage, stored: int, start: datetime
) -> None:
    assert SECRET in everything(storage)
    marked = (Sentence(f"您说{SECRET}。", (), (Doubt.UNSOURCED,)),)
    storage.marks.put(stored, marked, Event(start, "小李", "model_draft", "m"))
    assert storage.mentions.mark_gone([IDENTITY, ("weibo", Kind.POST, "nobody's")], start) == 1
    assert storage.mentions.mark_gone([IDENTITY], start) == 0
    assert storage.mentions.get(stored).gone_at == start
    assert storage.mentions.purge_gone(start) == 0
    assert storage.mentions.purge_gone(start + timedelta(hours=1)) == 1
    assert SECRET not in everything(storage)
    one = storage.mentions.get(stored)
    assert (one.text, one.mention.title, one.mention.author.name, one.mention.url) == ("", "", "", "")
    assert (one.tone, one.published_at) == (Tone.NEGATIVE, start + timedelta(minutes=1))
    assert [hit.brand for hit in one.hits] == ["云雀"]
    assert storage.mentions.raw(stored) == ""
    assert storage.mentions.edits(stored) == ()
    assert storage.mentions.tally(MentionQuery(text="独一无二")).total == 0
    assert storage.mentions.tally(MentionQuery(brands=(1,))).negative == 1
    assert [event.what for event in storage.mentions.history(stored)][-1] == "gone"
    assert all(finding.ok for finding in storage.check())


def test_what_is_forgotten_is_neither_matched_nor_judged_anew(
    storage: Storage, stored: int, start: datetime
) -> None:
    storage.mentions.mark_gone([IDENTITY], start)
    storage.mentions.purge_gone(start + timedelta(hours=1))
    assert storage.mentions.rematch(lambda _stored: ()) == 0
    assert storage.mentions.stale_count("other", {None: "2"}) == 0
    assert storage.mentions.stale("other", {None: "2"}, None, 10).rows == ()


def test_a_post_that_was_not_deleted_after_all_comes_back(
    storage: Storage, stored: int, make: Any, start: datetime
) -> None:
    storage.mentions.mark_gone([IDENTITY], start)
    again: Found = make(1, "云雀还在", native_id="a1", hits=(Hit(1, "云雀", False, ((0, 2),)),))
    storage.mentions.save_page(1, [again], None, now=start)
    assert storage.mentions.get(stored).gone_at is None
    assert storage.mentions.purge_gone(start + timedelta(days=2)) == 0
    storage.mentions.mark_gone([IDENTITY], start)
    storage.mentions.purge_gone(start + timedelta(days=2))
    storage.mentions.save_page(1, [again], None, now=start)
    one = storage.mentions.get(stored)
    assert (one.text, one.gone_at, one.mention.author.name) == ("云雀还在", None, again.mention.author.name)
    assert storage.mentions.edits(stored) == ()


def test_the_brands_own_answer_marks_it_answered_once(
    storage: Storage, stored: int, start: datetime
) -> None:
    assert storage.mentions.mark_answered([IDENTITY], "平台", start) == 1
    assert storage.mentions.mark_answered([IDENTITY], "平台", start) == 0
    one = storage.mentions.get(stored)
    assert (one.status, one.status_by) == (Status.ANSWERED, "平台")


def test_what_a_person_ignored_stays_ignored(storage: Storage, stored: int, start: datetime) -> None:
    storage.mentions.set_status([stored], Status.IGNORED, "小王", start)
    assert storage.mentions.mark_answered([IDENTITY], "平台", start) == 0
