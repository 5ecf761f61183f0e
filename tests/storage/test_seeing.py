"""Volumes by hour, gaps and what became of them, threads read again, quotas: on both engines."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.domain.seeing import Outcome
from app.domain.watch import Health, Source, SourceState
from app.storage import Storage
from app.storage.values import Revisit

DATA = Path(__file__).parent / "data"


def test_hours_are_counted_with_the_page_and_never_twice(
    storage: Storage, source: Source, make: Any, start: datetime
) -> None:
    page = [make(number) for number in (1, 5, 59, 61, 200)]
    for _time in range(2):
        storage.mentions.save_page(source.id, page, None, now=start)
    storage.mentions.save_page(source.id, [make(62)], None, now=start)
    hour = int(start.timestamp()) // 3600
    assert storage.seeing.hours(source.id, start) == {hour: 3, hour + 1: 2, hour + 3: 1}
    assert storage.seeing.hours(source.id, start + timedelta(hours=2)) == {hour + 3: 1}
    assert storage.seeing.hours(source.id + 1, start) == {}


def test_an_older_database_has_its_hours_counted(tmp_path: Path, start: datetime) -> None:
    for version in (1, 2):
        path = tmp_path / f"v{version}.sqlite"
        shutil.copy(DATA / path.name, path)
        with Storage.open(path) as storage:
            [state, *_others] = storage.sources.all()
            counted = storage.seeing.hours(state.source.id, start - timedelta(days=9999))
            assert sum(counted.values()) == storage.stats()["mentions"] > 0
            assert (state.source.canary, state.sight, state.blind) == ("", "", "")


def test_a_gap_says_what_became_of_it(storage: Storage, source: Source, start: datetime) -> None:
    later = start + timedelta(hours=2)
    storage.sources.open_gap(source.id, start, "503", "unreachable")
    storage.sources.open_gap(source.id, later, "429", "limited")
    assert storage.sources.open_gaps() == {source.id: start}
    storage.sources.close_gap(
        source.id, later, found=3, outcome=Outcome.PARTLY, unseen_until=start + timedelta(hours=1)
    )
    storage.sources.close_gap(source.id, later, outcome=Outcome.FILLED)
    assert storage.sources.open_gaps() == {}
    [gap] = storage.sources.gaps(start, later)
    assert (gap.since, gap.until, gap.cause, gap.reason) == (start, later, "limited", "429")
    assert (gap.found, gap.outcome) == (3, Outcome.PARTLY)
    assert gap.unseen_until == start + timedelta(hours=1)
    assert storage.sources.gaps(start, later, source.id + 1) == ()


def test_many_states_are_written_at_once_and_a_pause_is_not_undone(
    storage: Storage, source: Source, start: datetime
) -> None:
    state = storage.sources.get(source.id)
    well = replace(
        state, health=Health.OK, last_good_at=start, last_poll_at=start, sight='{"lag": 3}', blind="silent"
    )
    storage.sources.put_states([(well, 2)])
    kept = storage.sources.get(source.id)
    assert (kept.health, kept.last_good_at, kept.skipped) == (Health.OK, start, 2)
    assert (kept.sight, kept.blind) == ('{"lag": 3}', "silent")
    storage.sources.save(replace(source, paused=True, canary="置顶"))
    storage.sources.set_health(source.id, Health.PAUSED, failures=0, last_poll_at=start)
    storage.sources.put_states([(well, 0), (SourceState(source=replace(source, id=99)), 0)])
    assert storage.sources.get(source.id).health is Health.PAUSED
    assert storage.sources.get(source.id).source.canary == "置顶"


def test_a_thread_stands_once_and_comes_when_it_is_due(storage: Storage, start: datetime) -> None:
    def one(id_: int, root: str, minutes: int) -> Revisit:
        due = start + timedelta(minutes=minutes)
        return Revisit(mention_id=id_, source_id=1, root=root, due=due, read_at=start, changed_at=start)

    storage.seeing.begin_revisits([one(1, "a", 5), one(2, "b", 9)])
    storage.seeing.begin_revisits([one(3, "a", 1), one(1, "c", 1)])
    assert storage.seeing.threads() == {1: 2}
    assert storage.seeing.next_due() == {1: start + timedelta(minutes=5)}
    assert storage.seeing.due(1, start, 9) == ()
    assert [row.mention_id for row in storage.seeing.due(1, start + timedelta(hours=1), 9)] == [1, 2]
    hot = replace(one(1, "a", 60), velocity=12.5, failures=1, cursor="{}")
    storage.seeing.put_revisits([hot])
    assert storage.seeing.due(1, start + timedelta(hours=2), 9)[-1] == hot
    assert [row.mention_id for row in storage.seeing.due(1, start + timedelta(hours=2), 1)] == [2]
    storage.seeing.drop_revisits([1, 2])
    assert storage.seeing.threads() == {}


def test_a_quota_is_never_overdrawn_however_many_ask(storage: Storage) -> None:
    got: list[int | None] = []

    def ask() -> None:
        for _time in range(10):
            got.append(storage.seeing.spend("c", "2026-03-01", 25))

    askers = [threading.Thread(target=ask) for _one in range(4)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    granted = [n for n in got if n is not None]
    assert sorted(granted) == list(range(1, 26))
    assert storage.seeing.used("c", "2026-03-01") == 25
    assert storage.seeing.spend("c", "2026-03-02", 25) == 1
    assert storage.seeing.used("c", "2026-03-01") == 0
    assert storage.seeing.used("other", "2026-03-02") == 0


def test_what_came_late_is_counted(storage: Storage, source: Source, make: Any, start: datetime) -> None:
    storage.mentions.save_page(source.id, [make(5)], None, now=start)
    later = start + timedelta(hours=3)
    storage.mentions.save_page(source.id, [make(10), make(20), make(500)], None, now=later)
    assert storage.seeing.came_late(source.id, start, start + timedelta(hours=1), later) == 2
    assert storage.seeing.first_fetched(source.id) == start
    assert storage.seeing.first_fetched(source.id + 1) is None
