"""The outbox: compare and set, one answer at a time, and every step in the mention's history."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from app.domain.mention import Author, Kind, Status
from app.domain.modelling import Doubt, Sentence
from app.domain.outbox import Basis, Moved, Outgoing, Posting, Way
from app.domain.query import MentionQuery
from app.domain.watch import Source
from app.errors import Conflict, NotFound
from app.storage import Found, Storage
from app.storage.values import Event

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


def test_the_writers_own_yes_is_the_first_only(storage: Storage, mention: int, start: Any) -> None:
    row = storage.outbox.write(mention, "您好", "k1", "小李", start, reviewer="小王")
    first = storage.outbox.approve(row.id, "小李", start, two=True, due=start, sender="me")
    assert (first.waits_for_second, first.due_at, first.sender) == (True, None, "")
    with pytest.raises(Conflict):
        storage.outbox.approve(row.id, " 小李", start, two=True)
    with pytest.raises(Conflict):
        storage.outbox.begin(row.id, "me", start)
    done = storage.outbox.approve(row.id, "小王", start, two=True, due=start, sender="me")
    assert (done.approved_by, done.second_by, done.due_at) == ("小李", "小王", start)
    assert storage.outbox.leaving() == (done,)
    back = storage.outbox.take_back(row.id, "小张", start)
    assert (back.state, back.approved_by, back.second_by, back.due_at) == (Posting.WRITTEN, "", "", None)
    assert whats(storage, mention) == ["write", "approve_first", "approve", "take_back"]


def test_taking_back_or_sending_one_of_them_wins(storage: Storage, mention: int, start: Any) -> None:
    for number in range(8):
        row = approved(storage, mention, start, key=f"k{number}")
        won: list[str] = []

        def try_(name: str, act: Callable[[], object], won: list[str] = won) -> None:
            try:
                act()
                won.append(name)
            except Conflict:
                return

        back = partial(storage.outbox.take_back, row.id, "x", start)
        send = partial(storage.outbox.begin, row.id, "x", start)
        threads = [threading.Thread(target=try_, args=pair) for pair in (("back", back), ("sent", send))]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        [winner] = won
        state = storage.outbox.get(row.id).state
        assert state is (Posting.WRITTEN if winner == "back" else Posting.SENDING)
        if winner == "sent":
            storage.outbox.failed(row.id, "x", start)


def test_copied_then_posted_or_dropped(storage: Storage, mention: int, start: Any) -> None:
    row = storage.outbox.write(mention, "您好", "k1", "小李", start, copied=True)
    assert (row.state, row.way, row.approved_by) == (Posting.COPIED, Way.HAND, "小李")
    assert storage.outbox.posted(row.id, "您好！", "小李", start).text == "您好！"
    assert storage.mentions.get(mention).answer == "您好！"
    other = storage.outbox.write(mention, "再说", "k2", "小李", start, copied=True)
    assert storage.outbox.drop(other.id, "小李", start).state is Posting.FAILED
    with pytest.raises(Conflict):
        storage.outbox.drop(other.id, "小李", start)


def test_what_could_not_leave_is_kept_in_sight(storage: Storage, mention: int, start: Any) -> None:
    row = storage.outbox.write(mention, "您好", "k1", "小李", start)
    storage.outbox.approve(row.id, "小李", start, due=start, sender="me")
    failed = storage.outbox.failed(row.id, "太长", start)
    assert storage.outbox.stranded() == (failed,)
    assert storage.outbox.drop(row.id, "小李", start).error == "太长"
    assert storage.outbox.stranded() == ()


def test_who_wrote_in_the_thread_since(storage: Storage, source: Source, make: Make, start: Any) -> None:
    def put(number: int, author: str, root: str = "", parent: str = "", text: str = "") -> None:
        who = Author(name=author, native_id=author)
        more = {"kind": Kind.COMMENT if root else Kind.POST, "root_id": root, "parent_id": parent}
        found = make(number, text or f"第{number}条", author=who, **more)
        storage.mentions.save_page(source.id, [found], None, now=start)

    put(1, "楼主")
    head = storage.mentions.get(storage.mentions.newest_id())
    root = head.mention.native_id
    put(2, "甲", root, root)
    comment = storage.mentions.get(storage.mentions.newest_id())
    basis = Basis(comment.id, start)
    assert not storage.outbox.moved(head.id, basis)
    assert not storage.outbox.moved(comment.id, basis)
    put(3, "乙", root, root)
    assert not storage.outbox.moved(head.id, basis)  # under a post somebody always writes
    assert not storage.outbox.moved(comment.id, basis)
    put(4, "楼主", root, root)
    assert storage.outbox.moved(head.id, basis) == Moved(author=1)
    put(5, "乙", root, comment.mention.native_id)
    put(6, "甲", root, comment.mention.native_id)
    assert storage.outbox.moved(comment.id, basis) == Moved(author=1, others=1)
    later = start + timedelta(minutes=1)
    edited = make(1, "改过了", author=Author(name="楼主", native_id="楼主"))
    storage.mentions.save_page(source.id, [edited], None, now=later)
    assert storage.outbox.moved(head.id, basis) == Moved(author=1, edited=True)
    assert not storage.outbox.moved(head.id, Basis())
    assert not storage.outbox.moved(10**9, basis)


def test_marked_sentences_wait_until_somebody_has_looked(
    storage: Storage, mention: int, start: Any
) -> None:
    told = Event(start, "小李", "model_draft", "m")
    doubts = (Doubt.UNSOURCED, Doubt.FIGURE)
    marked = (Sentence("赔您一万元。", (), doubts), Sentence("好。", (), (Doubt.UNLIKE,)))
    first, second = storage.marks.put(mention, marked, told)
    assert (first.sentence, first.doubts) == ("赔您一万元。", (Doubt.UNSOURCED, Doubt.FIGURE))
    storage.marks.seen(mention, [first.id], "组长", start)
    storage.marks.seen(mention + 1, [second.id], "组长", start)
    assert storage.marks.unseen(mention) == (second,)
    assert whats(storage, mention) == ["model_draft", "model_seen"]
