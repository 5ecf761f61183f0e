"""Brands, sources, alerts, templates, views, settings: the same on both engines."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.alert import Alert, AlertState, Severity
from app.domain.draft import Manner, Template
from app.domain.mention import Status
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Health, Source, Watch
from app.errors import Conflict, NotFound, Unavailable
from app.storage import Storage


def test_brands(storage: Storage) -> None:
    rival = storage.brands.save(Watch(name="Huawei", query="华为", competitor=True))
    ours = storage.brands.save(
        Watch(name=" 小米 ", query="小米\x00", aliases=("米家",), exclusions=("小米粥",))
    )
    assert storage.brands.all() == (ours, rival)
    assert (ours.name, ours.query) == ("小米", "小米")
    assert storage.brands.by_name("HUAWEI") == rival
    assert storage.brands.by_name("nobody") is None
    with pytest.raises(Conflict, match="huawei"):
        storage.brands.save(Watch(name="huawei", query="x"))
    assert storage.brands.save(replace(rival, name="HUAWEI", query="x")).query == "x"
    storage.brands.remove(ours.id)
    for act in (lambda: storage.brands.get(ours.id), lambda: storage.brands.save(ours)):
        with pytest.raises(NotFound):
            act()


def test_sources_and_their_health(storage: Storage, source: Source, clock: Any, make: Any) -> None:
    now = clock.now()
    state = storage.sources.get(source.id)
    assert (state.source, state.health, state.today) == (source, Health.NEW, 0)
    storage.mentions.save_page(source.id, [make(1)], "c", now=now - timedelta(days=2))
    storage.mentions.save_page(source.id, [make(2)], "c", now=now)
    storage.sources.set_health(
        source.id, Health.OK, failures=0, last_poll_at=now, last_good_at=now, skipped_add=2
    )
    later = now + timedelta(minutes=5)
    storage.sources.set_health(
        source.id,
        Health.RETRYING,
        error="离线",
        failures=3,
        last_poll_at=later,
        next_poll_at=later,
        skipped_add=1,
    )
    (state,) = storage.sources.all()
    assert (state.health, state.error, state.failures, state.skipped) == (Health.RETRYING, "离线", 3, 3)
    assert (state.last_poll_at, state.last_good_at, state.next_poll_at) == (later, now, later)
    assert (state.mentions, state.today) == (2, 1)
    changed = storage.sources.save(replace(source, name="新名", paused=True, settings={"tags": ("a", "b")}))
    assert (changed.name, changed.paused, changed.settings) == ("新名", True, {"tags": ["a", "b"]})
    assert storage.sources.get(source.id).health is Health.RETRYING
    storage.sources.remove(source.id)
    assert storage.sources.all() == ()
    assert storage.sources.cursor(source.id) is None
    storage.sources.set_health(source.id, Health.OK, failures=0, last_poll_at=now)
    with pytest.raises(NotFound):
        storage.sources.save(changed)


def test_gaps(storage: Storage, source: Source, clock: Any) -> None:
    now, hour = clock.now(), timedelta(hours=1)
    storage.sources.close_gap(source.id, now)
    storage.sources.open_gap(source.id, now, "timeout")
    storage.sources.open_gap(source.id, now + hour, "still out")
    (gap,) = storage.sources.gaps(now - hour, now + hour)
    assert (gap.source, gap.since, gap.until, gap.reason) == ("论坛", now, None, "still out")
    storage.sources.close_gap(source.id, now + hour)
    assert storage.sources.gaps(now - hour, now + hour)[0].until == now + hour
    assert storage.sources.gaps(now + hour, now + 2 * hour) == ()
    assert storage.sources.gaps(now - hour, now) == ()
    storage.sources.open_gap(source.id, now + 3 * hour, "gone")
    clock.at = now + 5 * hour
    storage.sources.remove(source.id)
    assert storage.sources.gaps(now + 3 * hour, now + 4 * hour)[0].until == clock.now()


def test_alerts(storage: Storage, clock: Any) -> None:
    now, hour = clock.now(), timedelta(hours=1)
    plain = Alert(
        severity=Severity.P2, title="题", body="文\ud800", reason="因", brand_id=1, created_at=now
    )
    first = storage.alerts.add(plain, fold_key="k")
    second = storage.alerts.add(
        replace(plain, severity=Severity.P1, toasted=True, created_at=now + hour, mention_id=5)
    )
    blind = storage.alerts.add(replace(plain, kind="blind", brand_id=None, source_id=3))
    assert first == replace(plain, id=first.id, body="文\ufffd")
    assert [one.id for one in storage.alerts.page()] == [blind.id, second.id, first.id]
    assert storage.alerts.page(limit=1, before_id=second.id) == (first,)
    assert storage.alerts.open_count() == 3
    assert storage.alerts.set_state([first.id, first.id, 99], AlertState.DONE, "me", now) == 1
    assert storage.alerts.open_count() == 2
    assert [one.id for one in storage.alerts.page(states=(AlertState.DONE,))] == [first.id]
    assert storage.alerts.fold(first.id, [7]).copies == 2
    assert storage.alerts.fold(first.id, [7]).copies == 2
    assert storage.alerts.of_mentions([5, 6, 7]) == {7: first.id, 5: second.id}
    assert storage.alerts.mentions_of(first.id) == (7,)
    assert [one.id for one in storage.alerts.open_of_source(3, "blind")] == [blind.id]
    assert storage.alerts.open_of_source(3, "mention") == ()
    assert storage.alerts.last_toast(1) == now + hour
    assert storage.alerts.last_toast(2) is None
    found = storage.alerts.same_text(1, "k", now)
    assert found is not None
    assert found.id == first.id
    assert storage.alerts.same_text(1, "k", now + hour) is None
    assert storage.alerts.same_text(2, "k", now) is None
    assert storage.alerts.same_text(1, "", now) is None
    storage.alerts.set_delivered(second.id, "shown")
    assert storage.alerts.get(second.id).delivered == "shown"
    assert storage.alerts.count(now, now + hour) == 2
    with pytest.raises(NotFound):
        storage.alerts.fold(99, [1])


def test_templates(storage: Storage) -> None:
    made = storage.templates.save(
        Template(name="质量", complaint="quality", bodies={Manner.WARM: "您好 {author}"})
    )
    again = storage.templates.save(
        replace(made, bodies={Manner.BRIEF: "好", Manner.FORMAL: ""}, builtin=True)
    )
    assert storage.templates.all() == (again,)
    assert storage.templates.get(made.id).bodies == {Manner.BRIEF: "好", Manner.FORMAL: ""}
    storage.templates.remove(made.id)
    for act in (lambda: storage.templates.get(made.id), lambda: storage.templates.save(again)):
        with pytest.raises(NotFound):
            act()


def test_views_keep_every_field(storage: Storage, start: Any) -> None:
    query = MentionQuery(
        brands=(1, 2),
        sources=(3,),
        platforms=("weibo",),
        tones=(Tone.NEGATIVE,),
        unscored=True,
        statuses=(Status.NEW, Status.CLAIMED),
        since=start,
        until=start + timedelta(microseconds=1),
        text='发热 OR "退货"',
        author="老王",
        matched=False,
        competitor=True,
        severe=True,
        oldest_first=True,
    )
    first = storage.views.save("乙", MentionQuery())
    assert storage.views.save("乙", query).id == first.id
    other = storage.views.save("甲 ", MentionQuery())
    assert {view.name: view.query for view in storage.views.all()} == {"乙": query, "甲": MentionQuery()}
    storage.views.remove(other.id)
    assert [view.name for view in storage.views.all()] == ["乙"]


def test_settings(storage: Storage) -> None:
    assert storage.settings.get("rule") is None
    storage.settings.set("rule", {"negative": 0.8, "名": ["值", None, "\ud800"]})
    storage.settings.set("rule", {"negative": 0.9})
    storage.settings.set("mapping:a", {"text": "内容"})
    assert storage.settings.get("rule") == {"negative": 0.9}
    assert storage.settings.keys("mapping:") == ("mapping:a",)
    storage.settings.remove("mapping:a")
    assert storage.settings.get("mapping:a") is None


def test_check_and_stats(storage: Storage, source: Source, make: Any, start: Any) -> None:
    storage.mentions.save_page(source.id, [make(1)], None, now=start)
    assert [(one.name, one.ok) for one in storage.check()] == [
        ("Database", True), ("Search index", True), ("Database size", True), ("Schema", True)
    ]  # fmt: skip
    assert storage.stats() == {"mentions": 1, "unscored": 1, "sources": 1, "brands": 0, "alerts": 0}


def test_a_closed_storage_says_so(url: str) -> None:
    storage = Storage.open(url)
    storage.close()
    storage.close()
    for act in (storage.stats, lambda: storage.settings.set("a", 1)):
        with pytest.raises(Unavailable):
            act()


def test_a_failing_write_leaves_nothing_behind(
    storage: Storage, source: Source, make: Any, start: Any
) -> None:
    broken = replace(make(2), published_at=None)
    with pytest.raises(TypeError):
        storage.mentions.save_page(source.id, [make(1), broken], "c", now=start)
    assert storage.stats()["mentions"] == 0
    assert storage.sources.cursor(source.id) is None
    assert len(storage.mentions.save_page(source.id, [make(1)], "c", now=start).new) == 1


def test_many_threads_read_and_write(storage: Storage, source: Source, make: Any, start: Any) -> None:
    failures: list[Exception] = []

    def work(base: int) -> None:
        try:
            for n in range(10):
                storage.mentions.save_page(source.id, [make(base + n)], str(n), now=start)
                storage.mentions.page(MentionQuery(text="发热"), limit=5)
                storage.mentions.tally(MentionQuery())
        except Exception as error:  # noqa: BLE001  # reported by the thread that waits
            failures.append(error)

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []
    assert storage.stats()["mentions"] == 60
    assert not any(one.name == "storage-writer" and not one.daemon for one in threading.enumerate())


def test_another_program_on_the_same_database(
    storage: Storage, url: str, source: Source, make: Any, start: Any
) -> None:
    """Both write; each sees by the version that the other did, and not that itself did."""
    with Storage.open(url) as other:
        mine, theirs = storage.data_version(), other.data_version()
        storage.mentions.save_page(source.id, [make(1)], "a", now=start)
        assert storage.data_version() == mine
        assert other.data_version() != theirs
        other.mentions.save_page(source.id, [make(1), make(2)], "b", now=start)
        assert storage.data_version() != mine
        assert len(storage.mentions.page(MentionQuery()).rows) == 2
