"""The engine whole: a real feed over HTTP, a real database, the trivial scorer, no window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.core import Core
from app.domain.alert import AlertState
from app.domain.mention import Status
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Health, Source, Watch
from app.errors import Conflict, QueryError
from app.home import Home

ANGRY = "云雀手机充电时起火了，烫伤了手，太差劲了，愤怒，垃圾，退货！"


@pytest.fixture
def core(home: Home) -> Iterator[Core]:
    made = Core.open(home, desktop=False, engine_name="trivial")
    yield made
    made.close()


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def feed(core: Core, site: Any, **more: Any) -> Source:
    url = site.url
    return core.save_source(
        Source(kind="feed", name="测试源", settings={"url": f"{url}/feed.json"}, **more)
    )


def test_a_post_on_the_web_becomes_a_mention_a_judgement_and_an_alert(core: Core, site: Any) -> None:
    core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    core.save_rule(replace(core.rules()[0], followers=0))
    feed(core, site)
    site.add(ANGRY, "云雀手机拍照很好，很喜欢", "今天天气不错")
    toasts = []
    core.subscribe_alerts(toasts.append)
    core.start(poll=False)
    outcomes = core.engine.poll_once().result(30)
    assert [one.error for one in outcomes.values()] == [None]
    rows = core.mentions(MentionQuery()).rows
    assert len(rows) == 3
    matched = core.mentions(MentionQuery(matched=True)).rows
    assert {row.hits[0].brand for row in matched} == {"云雀"}
    assert len(matched) == 2
    angry = next(row for row in matched if row.text == ANGRY)
    assert angry.tone is Tone.NEGATIVE
    assert "fire" in angry.severity
    alerts = core.alerts()
    assert [alert.mention_id for alert in alerts] == [angry.id]
    assert [alert.id for alert in toasts] == [alerts[0].id]
    assert core.open_alerts() == 1


def test_polling_twice_stores_once_and_alerts_once(core: Core, site: Any) -> None:
    core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    feed(core, site)
    site.add(ANGRY)
    core.start(poll=False)
    for _round in range(3):
        core.engine.poll_once().result(30)
    assert core.tally(MentionQuery()).total == 1
    assert len(core.alerts()) == 1


def test_copies_fold_into_one_alert_that_counts(core: Core, site: Any) -> None:
    core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    feed(core, site)
    site.add(ANGRY, f"{ANGRY} @小王", f"转发微博 {ANGRY}"[5:], ANGRY + "😡")
    core.start(poll=False)
    core.engine.poll_once().result(30)
    assert [alert.copies for alert in core.alerts() if alert.kind == "mention"] == [4]


def test_a_source_that_goes_blind_is_told_once_written_down_and_heals(core: Core, site: Any) -> None:
    source = feed(core, site)
    site.always = 403
    core.start(poll=False)
    for _round in range(2):
        assert next(iter(core.engine.poll_once().result(30).values())).error is not None
    state = core.sources()[0]
    assert state.health is Health.NEEDS_PERSON
    assert state.error
    assert [alert.kind for alert in core.alerts()] == ["blind"]
    now = core.clock.now()
    assert len(core.storage.sources.gaps(now.replace(year=2000), now)) == 1
    site.always = 0
    core.engine.poll_once().result(30)
    assert core.sources()[0].health is Health.OK
    assert [alert.state for alert in core.alerts()] == [AlertState.DONE]
    later = core.clock.now()
    assert core.storage.sources.gaps(now.replace(year=2000), later)[0].until is not None
    assert source.id == core.sources()[0].source.id


def test_the_engine_polls_by_itself_and_a_poke_reads_at_once(core: Core, site: Any) -> None:
    source = feed(core, site)
    site.add("云雀来了")
    core.start()
    until(lambda: core.tally(MentionQuery()).total == 1)
    site.add("云雀又来了")
    core.poll_now(source.id)
    until(lambda: core.tally(MentionQuery()).total == 2)


def test_a_second_program_on_one_home_shows_but_does_not_poll(core: Core, home: Home) -> None:
    other = Core.open(home, desktop=False, engine_name="trivial")
    try:
        assert core.polling
        assert not other.polling
        assert other.polling_by
        other.save_brand(Watch(name="云雀", query="云雀"))
        assert [watch.name for watch in core.brands()] == ["云雀"]
    finally:
        other.close()


def test_a_broken_query_is_refused_at_its_character(core: Core) -> None:
    with pytest.raises(QueryError) as caught:
        core.save_brand(Watch(name="云雀", query="云雀 AND ("))
    assert caught.value.at >= 7
    assert core.brands() == ()


def test_a_new_brand_is_found_in_what_is_stored(core: Core, site: Any) -> None:
    feed(core, site)
    site.add("蘋果手機發熱", "吃苹果", "云雀")
    core.start(poll=False)
    core.engine.poll_once().result(30)
    core.save_brand(Watch(name="苹果", query="苹果", exclusions=("吃苹果",)), wait=True)
    assert [row.text for row in core.mentions(MentionQuery(matched=True)).rows] == ["蘋果手機發熱"]
    preview = core.preview_brand(Watch(name="鸟", query="云雀"))
    assert preview.total == 1
    assert preview.searched == 3
    assert sum(day.count for day in preview.by_day) == 1
    assert preview.samples[0].spans == ((0, 2),)


def test_one_person_at_a_time_holds_a_mention(core: Core, site: Any, home: Home) -> None:
    feed(core, site)
    site.add("云雀")
    core.start(poll=False)
    core.engine.poll_once().result(30)
    row = core.mentions(MentionQuery()).rows[0]
    core.storage.mentions.claim(row.id, "小王", core.clock.now())
    with pytest.raises(Conflict, match="小王"):
        core.claim([row.id])
    core.storage.mentions.release(row.id, "小王", core.clock.now())
    assert core.claim([row.id]) == 1
    answered = core.answered(row.id, "您好，已联系您")
    assert answered.status is Status.ANSWERED
    assert answered.answer == "您好，已联系您"
    assert [event.what for event in core.history(row.id)][-1] == "answer"


def test_a_correction_stays_when_the_post_is_edited(core: Core, site: Any) -> None:
    feed(core, site)
    site.add("云雀很好，喜欢")
    core.start(poll=False)
    core.engine.poll_once().result(30)
    row = core.mentions(MentionQuery()).rows[0]
    core.correct(row.id, Tone.NEGATIVE)
    site.items[0]["content_text"] = "云雀很好，喜欢，真的"
    core.engine.poll_once().result(30)
    again = core.mention(row.id)
    assert again.text == "云雀很好，喜欢，真的"
    assert again.tone is Tone.NEGATIVE
    assert again.corrected
    assert [text for _at, text in core.edits(row.id)] == ["云雀很好，喜欢"]
    assert core.correct(row.id, None).tone is Tone.POSITIVE


def test_raw_payloads_go_when_their_time_is_over_and_the_mention_stays(
    core: Core, site: Any, home: Home
) -> None:
    feed(core, site)
    site.add("云雀")
    core.start(poll=False)
    core.engine.poll_once().result(30)
    row = core.mentions(MentionQuery()).rows[0]
    assert "云雀" in core.raw(row.id)
    assert core.storage.mentions.purge_raw(core.clock.now()) == 1
    assert core.raw(row.id) == ""
    assert core.mention(row.id).text == "云雀"


def test_when_the_program_that_polls_leaves_the_other_takes_over(home: Home, site: Any) -> None:
    first = Core.open(home, desktop=False, engine_name="trivial")
    feed(first, site)
    second = Core.open(home, desktop=False, engine_name="trivial")
    try:
        second.start()
        assert not second.polling
        site.add("云雀")
        first.close()
        until(lambda: second.tally(MentionQuery()).total == 1, seconds=20)
        assert second.polling
    finally:
        second.close()
