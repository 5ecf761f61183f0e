"""The outbox: compare and set, one answer at a time, and every step in the mention's history."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.domain.mention import Author, Kind, Status
from app.domain.outbox import Outgoing, Posting
from app.domain.query import MentionQuery
from app.domain.watch import Source
from app.errors import Conflict, NotFound
from app.storage import Found, Storage

Make = Callable[..., Found]
LEASE = timedelta(minutes=15)


@pytest.fixture
def mention(storage: Storage, source: Source, make: Make, start: Any) -> int:
    storage.mentions.save_page(source.id, [make(1, "左耳没声音")], None, now=start)
    return storage.mentions.newest_id()


def approved(storage: Storage, mention: int, start: Any, text: str = "您好", key: str = "k1") -> Outgoing:
    row = storage.outbox.write(mention, text, key, "小李", start)
    return storage.outbox.approve(row.id, "组长", start)


def whats(storage: Storage, mention: int) -> list[str]:
    return [event.what for event in storage.mentions.history(mention)]


def test_from_written_to_sent(storage: Storage, mention: int, start: Any) -> None:
    row = approved(storage, mention, start)
    assert (row.state, row.by, row.approved_by) == (Posting.APPROVED, "小李", "组长")
    storage.outbox.begin(row.id, "me", start)
    done = storage.outbox.sent(row.id, "n1", start)
    assert (done.state, done.native_id) == (Posting.SENT, "n1")
    stored = storage.mentions.get(mention)
    assert (stored.status, stored.status_by, stored.answer) == (Status.ANSWERED, "组长", "您好")
    assert whats(storage, mention) == ["write", "approve", "send", "sent", "answer"]
    assert [one.text for one in storage.answers.recent()] == ["您好"]
    assert storage.outbox.all() == (done,)


def test_only_what_was_approved_is_sent_and_only_once(storage: Storage, mention: int, start: Any) -> None:
    row = storage.outbox.write(mention, "您好", "k1", "小李", start)
    with pytest.raises(Conflict):
        storage.outbox.begin(row.id, "me", start)
    storage.outbox.approve(row.id, "组长", start)
    with pytest.raises(Conflict):
        storage.outbox.approve(row.id, "组长", start)
    storage.outbox.begin(row.id, "me", start)
    with pytest.raises(Conflict):
        storage.outbox.begin(row.id, "other", start)
    storage.outbox.sent(row.id, "", start)
    for act in (storage.outbox.failed, storage.outbox.unsure, storage.outbox.sent):
        with pytest.raises(Conflict, match="sent"):
            act(row.id, "", start)


def test_the_same_key_is_the_same_answer(storage: Storage, mention: int, start: Any) -> None:
    first = storage.outbox.write(mention, "您好", "k1", "小李", start)
    assert storage.outbox.write(mention, "别的", "k1", "小王", start) == first
    with pytest.raises(NotFound):
        storage.outbox.write(10**9, "您好", "k2", "小李", start)
    with pytest.raises(NotFound):
        storage.outbox.get(10**9)


@pytest.mark.parametrize("state", [Posting.SENDING, Posting.UNSURE, Posting.SENT])
def test_a_second_answer_waits_for_the_first(
    storage: Storage, mention: int, start: Any, state: Posting
) -> None:
    first = approved(storage, mention, start)
    second = approved(storage, mention, start, key="k2")
    storage.outbox.begin(first.id, "me", start)
    if state is Posting.SENT:
        storage.outbox.sent(first.id, "", start)
    if state is Posting.UNSURE:
        storage.outbox.unsure(first.id, "?", start)
    with pytest.raises(Conflict, match="组长"):
        storage.outbox.begin(second.id, "me", start)
    if state is Posting.SENT:
        assert storage.outbox.begin(second.id, "me", start, again=True).state is Posting.SENDING
    else:
        with pytest.raises(Conflict):
            storage.outbox.begin(second.id, "me", start, again=True)


def test_a_failed_answer_leaves_the_mention_open(storage: Storage, mention: int, start: Any) -> None:
    first = approved(storage, mention, start)
    storage.outbox.begin(first.id, "me", start)
    storage.outbox.failed(first.id, "太长", start)
    assert storage.mentions.get(mention).status is Status.NEW
    second = approved(storage, mention, start, key="k2")
    assert storage.outbox.begin(second.id, "me", start).state is Posting.SENDING


def test_what_a_dead_program_left_is_unsure(storage: Storage, mention: int, start: Any) -> None:
    row = approved(storage, mention, start)
    storage.outbox.begin(row.id, "gone", start)
    assert storage.outbox.give_up(lambda _sender: True, start, LEASE, "x") == ()
    [ended] = storage.outbox.give_up(lambda sender: sender != "gone", start, LEASE, "看一看")
    assert (ended.state, ended.error) == (Posting.UNSURE, "看一看")
    assert storage.outbox.give_up(lambda _sender: False, start, LEASE, "x") == ()


def test_a_lease_ends_whoever_holds_it(storage: Storage, mention: int, start: Any) -> None:
    row = approved(storage, mention, start)
    storage.outbox.begin(row.id, "elsewhere", start)
    assert storage.outbox.give_up(lambda _sender: True, start + LEASE, LEASE, "x") == ()
    later = start + LEASE + timedelta(seconds=1)
    assert len(storage.outbox.give_up(lambda _sender: True, later, LEASE, "x")) == 1


@pytest.mark.parametrize("sent", [True, False])
def test_a_person_settles_it(storage: Storage, mention: int, start: Any, sent: bool) -> None:
    row = approved(storage, mention, start)
    with pytest.raises(Conflict):
        storage.outbox.settle(row.id, sent, "小李", start)
    storage.outbox.begin(row.id, "me", start)
    storage.outbox.unsure(row.id, "?", start)
    assert storage.mentions.get(mention).status is Status.NEW
    done = storage.outbox.settle(row.id, sent, "小李", start)
    assert done.state is (Posting.SENT if sent else Posting.FAILED)
    assert storage.mentions.get(mention).status is (Status.ANSWERED if sent else Status.NEW)
    assert f"settle_{done.state}" in whats(storage, mention)
    with pytest.raises(Conflict):
        storage.outbox.settle(row.id, sent, "小李", start)


def test_an_answer_that_the_platform_lost_opens_the_mention_again(
    storage: Storage, mention: int, start: Any
) -> None:
    row = approved(storage, mention, start)
    assert storage.outbox.bounced("k1", "x", start) is None  # it is not sent yet
    storage.outbox.begin(row.id, "me", start)
    storage.outbox.sent(row.id, "n1", start)
    lost = storage.outbox.bounced("k1", "超过五条", start)
    assert lost is not None
    assert (lost.state, lost.error) == (Posting.FAILED, "超过五条")
    stored = storage.mentions.get(mention)
    assert (stored.status, stored.answer) == (Status.NEW, "")
    assert storage.answers.recent() == ()
    assert storage.outbox.bounced("somebody else's", "x", start) is None


def test_answers_of_a_conversation_are_counted_since_the_author_wrote(
    storage: Storage, source: Source, make: Make, start: Any
) -> None:
    talk = {"kind": Kind.MESSAGE, "root_id": "wk/wm", "author": Author(name="客户", native_id="wm")}
    first, second = (make(n, f"第{n}句", **talk) for n in (1, 2))
    other = make(3, "别人的", **{**talk, "root_id": "wk/other"})
    storage.mentions.save_page(source.id, [first, other], None, now=start + timedelta(minutes=1))
    storage.mentions.save_page(source.id, [second], None, now=start + timedelta(minutes=3))
    by_text = {one.text: one for one in storage.mentions.page(MentionQuery(), None, 10).rows}
    to = by_text["第2句"].mention
    assert storage.outbox.conversation(to) == (start + timedelta(minutes=2), 0)
    for n, at in ((1, start + timedelta(minutes=2)), (2, start + timedelta(minutes=5))):
        row = approved(storage, by_text[f"第{n}句"].id, at, key=f"k{n}")
        storage.outbox.begin(row.id, "me", at)
        storage.outbox.sent(row.id, "", at)
    assert storage.outbox.conversation(to) == (start + timedelta(minutes=2), 1)


def test_of_twenty_who_begin_at_once_one_does(storage: Storage, mention: int, start: Any) -> None:
    rows = [approved(storage, mention, start, key=f"k{n}") for n in range(20)]
    begun: list[int] = []

    def try_(row: Outgoing) -> None:
        try:
            begun.append(storage.outbox.begin(row.id, str(row.id), start).id)
        except Conflict:
            return

    threads = [threading.Thread(target=try_, args=(row,)) for row in rows]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(begun) == 1


def test_of_two_programs_that_begin_at_once_one_does(url: str, clock: Any, make: Make, start: Any) -> None:
    with Storage.open(url, clock=clock) as one, Storage.open(url, clock=clock) as two:
        source = one.sources.save(Source(kind="feed", name="f"))
        one.mentions.save_page(source.id, [make(n) for n in range(8)], None, now=start)
        ids = [row.id for row in one.mentions.page(MentionQuery(), None, 10).rows]
        begun: list[int] = []
        gate = threading.Barrier(2)

        def try_(storage: Storage) -> None:
            rows = [approved(storage, id_, start, key=f"{id(storage)}-{id_}") for id_ in ids]
            gate.wait()
            for row in rows:
                try:
                    begun.append(storage.outbox.begin(row.id, "x", start).mention_id)
                except Conflict:
                    continue

        threads = [threading.Thread(target=try_, args=(storage,)) for storage in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(begun) == sorted(ids)
