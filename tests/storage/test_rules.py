"""Rules, receipts and the ladder in both engines: laid once, climbed once, acknowledged once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.alert import Alert, AlertState, Severity
from app.domain.delivery import DESKTOP, TOAST, Delivery, Sent
from app.domain.people import Person
from app.domain.query import MentionQuery
from app.domain.rule import AlertRule, RuleKind, Rung, Whom
from app.domain.watch import Source
from app.errors import NotFound
from app.storage import Storage
from app.storage.edge import micros
from app.storage.models_desk import DeskRow

MINUTE = timedelta(minutes=1)


def raised(storage: Storage, at: datetime, **more: Any) -> Alert:
    given = {"title": "P1 云雀", "body": "b", "reason": "r", "severity": Severity.P1, **more}
    return storage.alerts.add(Alert(created_at=at, **given))


def sent(storage: Storage, alert: Alert, at: datetime, **more: Any) -> None:
    given = {"channel": TOAST, "key": f"{alert.id}{more}", "due_at": at, "created_at": at, **more}
    storage.deliveries.add([Delivery(alert_id=alert.id, changed_at=at, **given)])


def test_rules_are_laid_once_also_by_two_at_the_same_time(storage: Storage, url: str) -> None:
    start, done = threading.Barrier(4), []

    def lay() -> None:
        with Storage.open(url) as mine:
            start.wait()
            done.append(mine.rules.lay([AlertRule(), AlertRule(kind=RuleKind.BLIND)]))

    threads = [threading.Thread(target=lay) for _n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(done) == [False, False, False, True]
    assert [one.kind for one in storage.rules.all()] == [RuleKind.MENTION, RuleKind.BLIND]


def test_a_rule_survives_the_way_into_the_database_and_the_books(storage: Storage, start: datetime) -> None:
    rule = AlertRule(
        name="夜\x00间 '; DROP TABLE rule; --",
        kind=RuleKind.SEARCH,
        brands=(3, 4),
        severity=Severity.P2,
        ladder=(Rung(), Rung(after=2, channels=("7",), whom=Whom.NAMED, names=("甲",))),
        query=MentionQuery(text="退款", matched=True),
    )
    saved = storage.rules.save(rule, "王芳", start)
    assert storage.rules.get(saved.id) == replace(saved, name="夜间 '; DROP TABLE rule; --")
    storage.rules.save(replace(saved, active=False), "王芳", start)
    storage.rules.remove(saved.id, "李雷", start)
    storage.rules.remove(saved.id, "李雷", start)
    with pytest.raises(NotFound):
        storage.rules.get(saved.id)


def test_of_many_who_climb_one_does(storage: Storage, start: datetime) -> None:
    alert = raised(storage, start, climbs_at=start + 5 * MINUTE)
    assert storage.alerts.next_climb() == start + 5 * MINUTE
    assert storage.alerts.due_to_climb(start + 4 * MINUTE) == ()
    [due] = storage.alerts.due_to_climb(start + 5 * MINUTE)
    assert storage.alerts.climb(due, 1, start + 10 * MINUTE)
    assert not storage.alerts.climb(due, 1, start + 10 * MINUTE), "it does not stand there any more"
    [due] = storage.alerts.due_to_climb(start + 10 * MINUTE)
    assert (due.id, due.rung) == (alert.id, 1)
    assert storage.alerts.acknowledge([alert.id, 999], "王芳", start) == (alert.id,)
    assert not storage.alerts.climb(due, 2, None), "somebody answers for it"
    assert storage.alerts.next_climb() is None


def test_an_acknowledgement_is_the_first_ones_and_drops_what_waits(
    storage: Storage, start: datetime
) -> None:
    alert, done = raised(storage, start), raised(storage, start, state=AlertState.DONE)
    sent(storage, alert, start)
    sent(storage, alert, start, channel="7", state=Sent.SENT)
    assert storage.alerts.acknowledge([alert.id, done.id], "王芳", start) == (alert.id, done.id)
    assert storage.alerts.acknowledge([alert.id], "李雷", start) == ()
    assert storage.alerts.get(alert.id).acked_by == "王芳"
    assert storage.alerts.get(done.id).state is AlertState.DONE, "what is done stays done"
    states = [one.state for one in storage.deliveries.of_alert(alert.id)]
    assert states == [Sent.DROPPED, Sent.SENT]


def test_receipts_keep_the_first(storage: Storage, start: datetime) -> None:
    alert = raised(storage, start)
    sent(storage, alert, start, person="王芳")
    sent(storage, alert, start, person="李雷")
    sent(storage, alert, start, channel=DESKTOP, person="王芳")
    storage.alerts.shown(alert.id, ("", "王芳"), start)
    storage.alerts.shown(alert.id, ("",), start + MINUTE)
    storage.alerts.seen([alert.id], "王芳", start)
    storage.alerts.seen([alert.id], "李雷", start + MINUTE)
    storage.alerts.lost(alert.id, ("王芳",), "没有通知服务", start)
    kept = storage.alerts.get(alert.id)
    assert (kept.shown_at, kept.seen_at, kept.seen_by) == (start, start, "王芳")
    states = {(one.channel, one.person): one.state for one in storage.deliveries.of_alert(alert.id)}
    assert states == {
        (TOAST, "王芳"): Sent.SENT, (TOAST, "李雷"): Sent.WAITING, (DESKTOP, "王芳"): Sent.FAILED,
    }  # fmt: skip
    assert [one[:2] for one in storage.alerts.waiting_for("李雷")] == [(alert.id, TOAST)]
    assert storage.alerts.waiting_for("王芳") == ()
    assert storage.alerts.next_expiry() == start
    assert storage.alerts.expire(start) == 1
    assert storage.alerts.told(alert.id, 1) == {"王芳", "李雷"}
    assert storage.alerts.told(alert.id, 0) == frozenset()


def test_held_alerts_are_one_line_a_person(storage: Storage, start: datetime) -> None:
    storage.people.save(Person(name="王芳", budget=1))
    for _n in range(3):
        storage.alerts.hold("王芳", start, start + 60 * MINUTE)
    storage.alerts.hold("李雷", start, start + 60 * MINUTE)
    [theirs, hers] = storage.alerts.due_to_climb(start + 60 * MINUTE)
    assert (hers.whom, hers.copies, theirs.copies) == ("王芳", 3, 1)
    assert storage.alerts.tell_held(hers, "三条", "")
    assert not storage.alerts.tell_held(hers, "三条", ""), "another program has done it"
    storage.alerts.hold("王芳", start + 61 * MINUTE, start + 120 * MINUTE)
    assert [
        one.copies for one in storage.alerts.due_to_climb(start + 120 * MINUTE) if one.whom == "王芳"
    ] == [1]


def test_a_budget_counts_alerts_not_deliveries(storage: Storage, start: datetime) -> None:
    for n in range(3):
        alert = raised(storage, start)
        for channel in (TOAST, DESKTOP):
            sent(storage, alert, start + n * MINUTE, channel=channel, person="王芳")
        sent(storage, alert, start, channel="7", person="王芳", rung=1)
    held = raised(storage, start, kind="held", whom="王芳")
    sent(storage, held, start, person="王芳")
    assert storage.alerts.load("王芳", start) == (3, start)
    assert storage.alerts.load("王芳", start + MINUTE) == (2, start + MINUTE)
    assert storage.alerts.load("李雷", start) == (0, None)


def test_a_thousand_copies_are_counted_once_each(storage: Storage, start: datetime) -> None:
    alert = raised(storage, start, mention_id=1)
    other = raised(storage, start, mention_id=5)
    grown = storage.alerts.fold(alert.id, [*range(1, 1001), 7, 7])
    assert grown.copies == 999, "one rests in another alert, one raised it"
    assert storage.alerts.fold(alert.id, range(900, 1101)).copies == 1099
    assert storage.alerts.of_mentions([5, 6, 2000]) == {5: other.id, 6: alert.id}


def test_a_filter_asked_of_a_few_mentions_says_what_the_list_says(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    texts = ["云雀退款太慢", "退货还没到", "今天天气不错", "云雀 退 款"]
    found = [make(n, text) for n, text in enumerate(texts)]
    saved = storage.mentions.save_page(source.id, found, None, now=start)
    for query in (
        MentionQuery(text="退款"),
        MentionQuery(text="退款 OR 退货"),
        MentionQuery(text="云雀 NOT 太慢"),
    ):
        listed = {one.id for one in storage.mentions.page(query, None, 50).rows}
        among = storage.rules.among(query, saved.new)
        assert {one.id for one in among} == listed
        assert storage.rules.among(query, saved.new[:1]) == tuple(
            one for one in among if one.id == saved.new[0]
        )


def test_clocks_that_ran_out_are_found_again(storage: Storage, start: datetime) -> None:
    base = {
        "severity": "P2", "source_id": 1, "brand_id": 3, "opened_at": micros(start),
        "published_at": micros(start), "seen_at": micros(start), "started_at": micros(start),
        "allowed": 1800,
    }  # fmt: skip
    hour = start + 60 * MINUTE
    rows = [
        {"mention_id": 1, "warned": 100, "due_at": micros(start + 30 * MINUTE)},
        {"mention_id": 2, "warned": 50, "due_at": micros(start + 30 * MINUTE)},
        {"mention_id": 3, "first_response": 1500, "answered_at": micros(start + 25 * MINUTE)},
        {"mention_id": 4, "first_response": 600, "answered_at": micros(start + 10 * MINUTE)},
        {"mention_id": 5, "warned": 80, "due_at": micros(hour + 30 * MINUTE), "started_at": micros(hour)},
    ]
    for row in rows:
        storage._database.write(lambda c, row=row: c.execute(DeskRow.insert({**base, **row})))
    found = storage.rules.deadlines(start, 80, 100)
    assert {(mention, at) for mention, _brand, _severity, at in found} == {
        (1, start + 24 * MINUTE), (3, start + 24 * MINUTE), (5, hour + 24 * MINUTE),
    }  # fmt: skip
    assert [one[0] for one in storage.rules.deadlines(hour, 80, 100)] == [5]
