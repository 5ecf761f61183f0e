"""Deliveries, channels, trackers and tickets on both engines: begun once, made once, counted right."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.alert import Severity
from app.domain.delivery import DESKTOP, Delivery, Sent
from app.domain.outlet import Outlet
from app.domain.ticket import Issue, Ref, TicketState
from app.domain.watch import Source
from app.errors import Conflict, NotFound
from app.storage import Storage

LEASE = timedelta(minutes=3)


def _channel(storage: Storage, name: str = "群") -> int:
    return storage.channels.save(Outlet(kind="dingtalk", name=name, settings={"server": "x"})).id


def _add(storage: Storage, channel: object, count: int, at: datetime) -> None:
    storage.deliveries.add(
        [
            Delivery(
                alert_id=n,
                channel=str(channel),
                key=f"{channel}/{n}",
                due_at=at,
                created_at=at,
                changed_at=at,
            )
            for n in range(count)
        ]
    )


def test_what_is_begun_is_nobody_elses_until_it_ended(storage: Storage, start: datetime) -> None:
    channel, queue = _channel(storage), storage.deliveries
    _add(storage, channel, 3, start)
    _add(storage, DESKTOP, 1, start)
    assert queue.due_channels(start) == (str(channel),)
    assert queue.next_due(outside=True) == start
    begun = queue.begin(channel, "one", start, lease=60, per_minute=15, most=2)
    assert [one.alert_id for one in begun.deliveries] == [0, 1]
    assert [(one.tries, one.unsure) for one in begun.deliveries] == [(0, 0), (0, 0)]
    assert queue.begin(channel, "two", start, lease=60, per_minute=15, most=2).wait == 6.0
    stored = queue.due(start)[0]
    assert (stored.tries, stored.unsure) == (1, 1)
    first, second = begun.deliveries
    ended = [
        _as(first, state=Sent.SENT),
        _as(second, due_at=start + timedelta(seconds=10), error="später"),
    ]
    queue.ended(channel, ended, start, error="")
    assert storage.channels.get(channel).good_at == start
    assert [one.state for one in queue.of_alert(0) if one.channel == str(channel)] == [Sent.SENT]
    (later,) = [one for one in queue.of_alert(1) if one.channel == str(channel)]
    assert (later.state, later.tries, later.unsure, later.error) == (Sent.WAITING, 1, 0, "später")
    soon = start + timedelta(seconds=4)
    assert [
        one.alert_id
        for one in queue.begin(channel, "two", soon, lease=60, per_minute=15, most=9).deliveries
    ] == [2]


def _as(one: Delivery, **more: Any) -> Delivery:
    return replace(one, **more)


def test_the_pace_holds_and_a_clock_that_was_set_back_does_not_stop_it(
    storage: Storage, start: datetime
) -> None:
    channel, queue = _channel(storage), storage.deliveries
    _add(storage, channel, 40, start)
    at = start
    for _turn in range(15):
        begun = queue.begin(channel, "one", at, lease=60, per_minute=15, most=1)
        queue.ended(channel, [_as(one, state=Sent.SENT) for one in begun.deliveries], at, error="")
        assert len(begun.deliveries) == 1
        at += timedelta(seconds=4)
    early = start + timedelta(seconds=58)
    assert queue.begin(channel, "one", early, lease=60, per_minute=15, most=1).wait == pytest.approx(2.0)
    back = start - timedelta(days=1)
    storage.deliveries.add(
        [
            Delivery(
                alert_id=99,
                channel=str(channel),
                key="early",
                due_at=back,
                created_at=back,
                changed_at=back,
            )
        ]
    )
    assert len(queue.begin(channel, "one", back, lease=60, per_minute=15, most=9).deliveries) == 1


def test_a_rest_is_kept_but_not_for_ever(storage: Storage, start: datetime) -> None:
    channel, queue = _channel(storage), storage.deliveries
    _add(storage, channel, 1, start)
    queue.ended(channel, [], start, error="zu oft", rests_until=start + timedelta(minutes=10))
    waiting = queue.begin(channel, "one", start + timedelta(minutes=1), lease=60, per_minute=15, most=9)
    assert waiting.deliveries == ()
    assert waiting.wait == 540.0
    assert storage.channels.get(channel).error == "zu oft"
    storage.channels.pause(channel, False)  # a person has seen to it
    assert queue.begin(
        channel, "one", start + timedelta(minutes=2), lease=60, per_minute=15, most=9
    ).deliveries


def test_many_programs_begin_each_delivery_once(url: str, storage: Storage, start: datetime) -> None:
    channel = _channel(storage)
    _add(storage, channel, 60, start)

    def work(name: str) -> list[int]:
        mine: list[int] = []
        with Storage.open(url) as opened:
            for turn in range(60):
                at = start + timedelta(seconds=turn)
                begun = opened.deliveries.begin(channel, name, at, lease=600, per_minute=6000, most=3)
                done = [_as(one, state=Sent.SENT) for one in begun.deliveries]
                mine += [one.alert_id for one in done]
                if done:
                    opened.deliveries.ended(channel, done, at, error="")
        return mine

    with ThreadPoolExecutor(4) as pool:
        taken = [id_ for part in pool.map(work, ("a", "b", "c", "d")) for id_ in part]
    assert sorted(taken) == list(range(60))
    assert storage.deliveries.next_due() is None


def test_channels_count_what_waits_and_what_was_lost(storage: Storage, start: datetime) -> None:
    channel, other = _channel(storage), _channel(storage, "另一个")
    _add(storage, channel, 4, start)
    _add(storage, DESKTOP, 2, start)
    storage.deliveries.put([storage.deliveries.of_alert(0)[0].id], Sent.FAILED, start, error="x")
    one, two = storage.channels.all(start + timedelta(hours=1))
    assert (one.waiting, one.failed) == (3, 1)
    assert (two.waiting, two.failed) == (0, 0)
    assert storage.channels.all(start + timedelta(days=2))[0].failed == 0
    assert storage.deliveries.fail(str(channel), start, "weg") == 3
    storage.channels.remove(other)
    assert [one.id for one in storage.channels.all()] == [channel]
    assert storage.channels.names()[other] == "另一个"
    for act in (storage.channels.get, storage.channels.remove):
        with pytest.raises(NotFound):
            act(other)


@pytest.fixture
def mentions(storage: Storage, source: Source, make: Callable[..., Any], start: datetime) -> list[int]:
    storage.mentions.save_page(source.id, [make(n) for n in range(3)], None, now=start)
    newest = storage.mentions.newest_id()
    return list(range(newest - 2, newest + 1))


def _issue(key: str, start: datetime) -> Issue:
    return Issue(
        key=key, severity=Severity.P2, title="左耳", text="左耳没声音", published_at=start, by="张三"
    )


def _tracker(storage: Storage) -> int:
    return storage.trackers.save(Outlet(kind="github", name="研发", settings={})).id


def test_an_issue_is_reserved_once_and_shared(
    storage: Storage, mentions: list[int], start: datetime
) -> None:
    tracker, (one, two, three) = _tracker(storage), mentions
    first = storage.tickets.reserve(_issue("a", start), tracker, one, [two], start, LEASE)
    assert first.mine
    with pytest.raises(Conflict):
        storage.tickets.reserve(_issue("a", start), tracker, two, [one], start, LEASE)
    made = storage.tickets.made(first.ticket.id, Ref(ref="#1", url="u", word="open"), one, "张三", start)
    assert (made.state, made.tracker, made.mentions) == (TicketState.OPEN, "研发", 1)
    shared = storage.tickets.reserve(_issue("b", start), tracker, two, [one], start, LEASE)
    assert not shared.mine
    assert (shared.ticket.id, shared.ticket.mentions) == (made.id, 2)
    alone = storage.tickets.reserve(_issue("c", start), tracker, three, [], start, LEASE)
    assert alone.mine
    storage.tickets.stuck(alone.ticket.id, TicketState.FAILED, "aus", three, "张三", start)
    again = storage.tickets.reserve(_issue("d", start), tracker, three, [], start, LEASE)
    assert again.mine
    assert again.ticket.key == "c"  # looked up by the key it was begun with
    found = storage.tickets.of_mentions(mentions)
    assert {id_: [ticket.id for ticket in many] for id_, many in found.items()} == {
        one: [made.id], two: [made.id], three: [alone.ticket.id],
    }  # fmt: skip
    assert storage.trackers.all(start)[0].waiting == 1
    assert [one.id for one in storage.tickets.all()] == [alone.ticket.id, made.id]


def test_what_was_closed_is_told_to_all_its_mentions_once(
    storage: Storage, mentions: list[int], start: datetime
) -> None:
    tracker, (one, two, _three) = _tracker(storage), mentions
    reserved = storage.tickets.reserve(_issue("a", start), tracker, one, [], start, LEASE)
    ticket = storage.tickets.made(reserved.ticket.id, Ref(ref="#1"), one, "张三", start)
    storage.tickets.reserve(_issue("a", start), tracker, two, [one], start, LEASE)
    later = start + timedelta(minutes=6)
    pace, seldom = ((timedelta(days=1), timedelta(minutes=5)),), timedelta(hours=6)
    assert storage.tickets.due(later, [tracker + 1], pace, seldom) == ()
    (due,) = storage.tickets.due(later, [tracker], pace, seldom)
    assert storage.tickets.looking(due, later)
    assert not storage.tickets.looking(due, later)
    assert not storage.tickets.seen(ticket, Ref(ref="#1"), later)
    assert storage.tickets.seen(ticket, Ref(ref="#1", closed=True, word="fixed"), later)
    assert not storage.tickets.seen(ticket, Ref(ref="#1", closed=True, word="fixed"), later)
    for id_ in (one, two):
        assert [event.what for event in storage.mentions.history(id_)].count("ticket_closed") == 1
    assert storage.tickets.due(later + seldom, [tracker], pace, seldom) == ()


def test_programs_at_once_reserve_an_issue_once(
    url: str, storage: Storage, mentions: list[int], start: datetime
) -> None:
    tracker = _tracker(storage)

    def work(mention: int) -> int:
        with Storage.open(url) as opened:
            try:
                kin = [one for one in mentions if one != mention]
                made = opened.tickets.reserve(_issue("a", start), tracker, mention, kin, start, LEASE)
            except Conflict:
                return 0
            return int(made.mine)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, mentions * 2)) == 1
    assert len(storage.tickets.all()) == 1
