"""From mentions to incidents and alerts: one crisis, told once, whatever happens in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.change import Change
from app.domain.alert import AlertState, Severity
from app.domain.mention import Author, Status
from app.domain.query import MentionQuery
from app.domain.warning import IncidentPhase
from app.domain.watch import Health, Source
from app.errors import ConfigError, NotFound, Unavailable

DAILY = ("桌面", "铃声", "相册", "日历", "闹钟")
PLACES = ("上海", "成都", "武汉", "沈阳", "福州", "昆明", "合肥", "长沙")
COURSE = ("", "！", "转发微博：", "@小王 ", "😡", "求扩散！")


def surge(desk: Any, angry: str, slots: int = 5, first: int = 2, more: int = 3) -> None:
    for slot in range(slots):
        texts = [COURSE[k % 6] + angry + "！" * (k % 3) for k in range(first + slot * more)]
        desk.say(*texts)
        desk.wait()


def test_a_surge_of_copies_is_one_incident_told_once_with_what_was_expected(desk: Any, angry: str) -> None:
    changes = []
    desk.core.subscribe(changes.append)
    desk.quiet(12 * 8)
    assert desk.incidents() == ()
    surge(desk, angry)
    (incident,) = desk.incidents()
    assert incident.phase in (IncidentPhase.OPENED, IncidentPhase.GROWING)
    assert incident.brand == "云雀"
    assert "expected" in incident.reason or "ordinary" in incident.reason
    assert {"story", "surge"} <= set(incident.channels)
    assert incident.mentions >= 2 + 5 + 8 + 11 + 14
    (alert,) = desk.alerts("incident")
    assert alert.incident_id == incident.id
    assert incident.alert_id == alert.id
    assert any(Change.INCIDENTS in change for change in changes)
    desk.wait(12 * 8)
    (incident,) = desk.incidents()
    assert incident.phase is IncidentPhase.CLOSED
    assert incident.closed_at is not None
    assert len(desk.alerts("incident")) == 1
    steps = [step.what for step in desk.core.incident(incident.id).steps]
    assert steps[0] == "opened"
    assert steps[-1] == "closed"
    assert desk.core.incidents(open_only=True) == ()


def test_the_card_shows_what_it_rests_on(desk: Any, angry: str) -> None:
    desk.quiet(12 * 3)
    famous = Author(name="大V", native_id="v", followers=2_000_000, verified=True)
    first = desk.say(angry)[0]
    desk.wait()
    surge(desk, angry, slots=3)
    desk.say("求扩散！" + angry, author=famous, platform="douyin")
    desk.wait()
    card = desk.core.incident(desk.incidents()[0].id)
    assert card.first is not None
    assert card.first.id == first
    assert card.incident.severity is Severity.P1
    assert card.copies[0].mention.author.name == "大V"
    assert card.carriers[0].followers == 2_000_000
    assert dict(card.platforms)["douyin"] == 1
    assert card.stories[0].copies == 17
    assert card.stories[0].path
    assert any("2,000,000" in told for told, _ids in card.reasons)
    assert all(sign.mention_ids for sign in card.signs)
    known = {row.id for row in desk.core.incident_mentions(card.incident.id)}
    assert {id_ for sign in card.signs for id_ in sign.mention_ids} <= known
    assert len(card.course) >= 4
    assert card.course[-1].came == pytest.approx(0.95)
    assert all(slot.low <= slot.expected <= slot.high for slot in card.course)
    assert [slot.at for slot in card.course] == sorted(slot.at for slot in card.course)


def test_the_first_post_is_where_the_story_began_and_not_the_day_before(desk: Any, angry: str) -> None:
    desk.quiet(12 * 4)
    (older,) = desk.say("云雀的铃声闹钟太吵了，相册也乱，令人不满")
    first = desk.say(angry)[0]
    surge(desk, angry, slots=3)
    card = desk.core.incident(desk.incidents()[0].id)
    assert "surge" in card.incident.channels
    assert older in {row.id for row in desk.core.incident_mentions(card.incident.id)}
    assert card.first is not None
    assert card.first.id == first


def test_without_a_story_the_first_post_is_the_earliest_of_the_first_sign(desk: Any) -> None:
    desk.quiet(12 * 4)
    said = [f"云雀的{DAILY[k % 5]}{PLACES[k % 8]}让人恼火{k * 97}" for k in range(40)]
    for slot in range(4):
        for k, text in enumerate(said[slot * 10 : slot * 10 + 10]):
            desk.say(text, ago=200.0 - k, hear=k == 9)
        desk.wait()
    card = desk.core.incident(desk.incidents()[0].id)
    resting = desk.core.incident_mentions(card.incident.id)
    assert card.first is not None
    assert card.first.id in card.signs[0].mention_ids
    among = [row for row in resting if row.id in card.signs[0].mention_ids]
    assert card.first.published_at == min(row.published_at for row in among)


def test_the_course_begins_hours_before_and_is_held_against_what_was_usual_then(
    desk: Any, angry: str
) -> None:
    desk.quiet(12 * 8)
    texts = [COURSE[k % 6] + angry + "！" * (k % 3) for k in range(9)]
    desk.say(*texts)  # the story alarms at once, in the middle of a slot
    (incident,) = desk.incidents()
    assert incident.channels == ("story",)
    course = desk.core.incident(incident.id).course
    assert course[-1].at < incident.opened_at
    assert course[-1].at - course[0].at >= timedelta(hours=6)
    for _slot in range(24):
        desk.say(*texts)
        desk.wait()
    course = desk.core.incident(incident.id).course
    during = [slot for slot in course if slot.at >= incident.opened_at]
    assert len(during) == 24
    assert len(course) == len({slot.at for slot in course})
    assert all(slot.came > 8.0 and slot.expected < 0.5 and slot.high < 4.0 for slot in during)


def test_a_program_killed_in_the_middle_goes_on_as_if_nothing_had_been(desks: Any, angry: str) -> None:
    def play(desk: Any, kills: bool) -> Any:
        desk.quiet(12 * 4)
        for slot in range(6):
            desk.say(*[angry + "！" * (k % 3) for k in range(2 + slot * 2)], hear=slot % 2 == 0)
            if kills:
                desk.killed()
            desk.hear()
            if kills:
                desk.killed()
            desk.wait()
        desk.wait(12 * 7)
        incidents = desk.incidents()
        storage = desk.core.storage.warning
        heard = storage.heard([desk.brand], 0, 10**9)
        told = [[(s.at, s.what, s.detail) for s in desk.core.incident(one.id).steps] for one in incidents]
        plain = [(one.phase, one.opened_at, one.channels, one.mentions, one.severity) for one in incidents]
        return plain, told, heard, [a.copies for a in desk.core.alerts()], len(desk.toasts)

    whole, broken = play(desks(), kills=False), play(desks(), kills=True)
    assert whole == broken
    assert len(whole[0]) == 1


def test_the_detectors_know_the_same_after_a_kill(desks: Any) -> None:
    one, other = desks(), desks()
    for desk in (one, other):
        desk.quiet(30, every=3)
        if desk is other:
            desk.killed()
        desk.quiet(30, every=3)
        desk.core.warning.close()
    kept = [desk.core.storage.warning.detector(desk.brand) for desk in (one, other)]
    assert kept[0] is not None
    assert kept[0] == kept[1]


def test_an_import_of_old_posts_teaches_and_raises_nothing(desk: Any, angry: str) -> None:
    desk.quiet(12)
    for day in range(1, 9):
        desk.say(*[angry + "！" * (k % 4) for k in range(40)], ago=86400.0 * day)
    desk.wait(3)
    assert desk.incidents() == ()
    assert desk.alerts("incident") == []
    story = desk.core.story_of(desk.core.mentions(MentionQuery()).rows[-1].id)
    assert story is not None
    assert story.copies == 320
    # It was learnt: a brand that had 320 complaints in a week is not surprised by one an hour.
    desk.core.warning.close()
    body = desk.core.storage.warning.detector(desk.brand)
    assert body is not None
    desk.core.warning.tick()
    watcher = desk.core.warning._watching.brands[desk.brand].watcher
    assert watcher.counts.baseline.level > 1.0


def test_undated_posts_of_a_first_page_and_of_files_are_no_news(desk: Any, angry: str) -> None:
    desk.quiet(12)
    fresh = desk.core.storage.sources.save(Source(kind="feed", name="新", settings={}))
    folder = desk.core.storage.sources.save(Source(kind="folder", name="档", settings={}))
    desk.say(*[angry + "！" * (k % 4) for k in range(30)], dated=False, source=fresh)
    desk.say(*[angry + "。" * (k % 4) for k in range(30)], dated=False, source=folder)
    desk.wait(2)
    assert desk.incidents() == ()
    desk.say(*[angry + "~" * (k % 4) for k in range(30)], dated=False, source=fresh)
    desk.wait(1)
    assert len(desk.incidents()) == 1


def test_what_was_said_while_a_source_was_blind_is_no_news(desk: Any, angry: str) -> None:
    desk.quiet(12)
    sources, now = desk.core.storage.sources, desk.clock.at
    sources.set_health(desk.source.id, Health.OK, error="", failures=0, last_poll_at=now, last_good_at=now)
    sources.open_gap(desk.source.id, now, "down")
    desk.wait(18)
    desk.say(*[angry + "！" * (k % 4) for k in range(30)], ago=1800.0)
    sources.close_gap(desk.source.id, desk.clock.at)
    desk.say(*[angry + "。" * (k % 4) for k in range(10)], ago=1800.0)
    desk.wait(2)
    assert desk.incidents() == ()
    desk.say(*[angry + "~" * (k % 4) for k in range(10)])
    desk.wait(1)
    assert len(desk.incidents()) == 1


def test_a_machine_that_slept_does_not_hold_it_against_the_brand(desk: Any) -> None:
    desk.quiet(12 * 5, every=4)
    desk.clock.at += timedelta(hours=9)
    desk.say(*[f"云雀的{k}号店{k * 91}排队{k * 17}分钟" for k in range(3)])
    desk.wait(2)
    assert desk.incidents() == ()
    lease = desk.core.storage.warning.lease()
    assert lease is not None
    assert lease.slot == int(desk.clock.at.timestamp()) // 300 - 1


def test_a_rehearsal_says_what_really_alarmed(desk: Any, angry: str) -> None:
    desk.quiet(12 * 6)
    surge(desk, angry)
    desk.wait(12 * 7)
    steps = desk.core.incident(desk.incidents()[0].id).steps
    found = desk.core.rehearse(desk.brand, "balanced", 1)
    assert 0.4 < found.known <= 1
    assert len(found.cases) >= 1
    opened = [step.at for step in steps if step.what == "opened"]
    assert abs(found.cases[-1].at - opened[0]) <= timedelta(minutes=5)
    assert found.cases[-1].mention_ids
    resting = {row.id for row in desk.core.incident_mentions(desk.incidents()[0].id)}
    assert set(found.cases[-1].mention_ids) <= resting
    assert desk.core.rehearse(desk.brand, "quiet", 1).cases != ()
    calm = desk.core.rehearse(desk.rival, "balanced", 1)
    assert (calm.known, calm.cases) == (0.0, ())


def test_a_rehearsal_of_quiet_days_is_empty_and_the_words_differ(desk: Any, angry: str) -> None:
    desk.quiet(12 * 6)
    desk.say(angry, angry + "！", "求扩散！" + angry)
    desk.wait(2)
    counts = [
        len(desk.core.rehearse(desk.brand, word, 1).cases) for word in ("sensitive", "balanced", "quiet")
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] >= 1
    assert counts[2] == 0
    with pytest.raises(ConfigError) as caught:
        desk.core.rehearse(desk.brand, "loud")
    assert caught.value.field == "sensitivity"
    with pytest.raises(ConfigError):
        desk.core.rehearse(desk.brand, "quiet", 0)


def test_another_sensitivity_counts_with_the_same_memory(desk: Any, angry: str) -> None:
    assert desk.core.sensitivity(desk.brand) == "balanced"
    desk.core.set_sensitivity(desk.brand, "quiet")
    assert desk.core.sensitivity(desk.brand) == "quiet"
    desk.quiet(12 * 4)
    desk.say(angry, angry + "！", "求扩散！" + angry)
    desk.wait(2)
    assert desk.incidents() == ()
    level = desk.core.warning._watching.brands[desk.brand].watcher.counts.baseline.level
    desk.core.set_sensitivity(desk.brand, "sensitive")
    desk.wait(1)
    watcher = desk.core.warning._watching.brands[desk.brand].watcher
    assert watcher.counts.baseline.level == pytest.approx(level, rel=0.1)
    desk.say("转发：" + angry, "紧急！" + angry)
    desk.wait(1)
    assert len(desk.incidents()) == 1
    with pytest.raises(ConfigError):
        desk.core.set_sensitivity(desk.brand, "loud")


def test_a_muted_incident_goes_on_and_disturbs_nobody(desk: Any, angry: str) -> None:
    desk.quiet(12 * 3)
    surge(desk, angry, slots=2)
    (incident,) = desk.incidents()
    with pytest.raises(ConfigError) as caught:
        desk.core.mute_incident(incident.id, "  ")
    assert caught.value.field == "reason"
    desk.core.mute_incident(incident.id, "已知的演习")
    shown = len([alert for alert in desk.toasts if alert.kind == "incident"])
    reason = desk.alerts("incident")[0].reason
    surge(desk, angry, slots=4, first=20, more=20)
    (incident,) = desk.incidents()
    assert incident.muted == "已知的演习"
    assert incident.muted_by == desk.core.me
    assert incident.strength > 3
    assert len([alert for alert in desk.toasts if alert.kind == "incident"]) == shown
    assert desk.alerts("incident")[0].reason == reason
    desk.core.unmute_incident(incident.id)
    assert desk.incidents()[0].muted == ""
    what = [step.what for step in desk.core.incident(incident.id).steps]
    assert "muted" in what
    assert "unmuted" in what
    with pytest.raises(NotFound):
        desk.core.mute_incident(999, "x")


def test_quiet_hours_hold_back_an_incident_that_is_not_grave(desk: Any) -> None:
    local = desk.clock.at.astimezone()
    start, end = local - timedelta(hours=1), local + timedelta(hours=20)
    for rule in desk.core.rules():
        desk.core.save_rule(replace(rule, quiet_from=f"{start:%H:%M}", quiet_to=f"{end:%H:%M}"))
    desk.quiet(12 * 3)
    text = "云雀门店的态度非常不好，排队两个小时也没有人管，体验很糟糕"
    desk.say(*[text + "！" * k for k in range(4)])
    desk.wait()
    (alert,) = desk.alerts("incident")
    assert alert.severity is Severity.P2
    assert not alert.toasted
    assert alert.delivered.startswith("held")


def test_escalating_marks_what_nobody_has_touched(desk: Any, angry: str) -> None:
    desk.quiet(12 * 2)
    surge(desk, angry, slots=2)
    (incident,) = desk.incidents()
    rows = desk.core.incident_mentions(incident.id)
    desk.core.claim([rows[0].id])
    desk.core.escalate_incident(incident.id, "公关部", "请尽快")
    states = {row.id: row.status for row in desk.core.incident_mentions(incident.id)}
    assert states.pop(rows[0].id) is Status.CLAIMED
    assert set(states.values()) == {Status.ESCALATED}
    assert desk.incidents()[0].escalated_to == "公关部"
    step = desk.core.incident(incident.id).steps[-1]
    assert (step.what, step.by, step.detail) == ("escalated", desk.core.me, "公关部: 请尽快")
    with pytest.raises(ConfigError):
        desk.core.escalate_incident(incident.id, "")


def test_a_near_copy_joins_the_alert_of_its_story_and_a_graver_one_makes_it_graver(desk: Any) -> None:
    text = "云雀电饭煲用了两周内胆就起泡脱落，联系商家说是正常现象，这种质量还敢卖"
    near = "求扩散！云雀电饭煲用了两周内胆就起泡脱落了，联系商家说是正常现象，这种质量还敢卖？"
    someone = Author(name="甲", native_id="a", followers=20_000)
    famous = Author(name="大V", native_id="v", followers=3_000_000, verified=True)
    other = "云雀空调的安装师傅收了三百块高空费，说好的免费安装呢，欺负老实人"
    desk.say(text, author=someone)
    desk.say(near, author=someone)
    (alert,) = desk.alerts("mention")
    assert (alert.severity, alert.copies) == (Severity.P2, 2)
    desk.core.set_alert_state([alert.id], AlertState.SEEN)
    desk.say("转发：" + near, author=famous)
    (alert,) = desk.alerts("mention")
    assert (alert.severity, alert.copies, alert.state) == (Severity.P1, 3, AlertState.OPEN)
    assert desk.toasts[-1].severity is Severity.P1
    desk.say(other, author=someone)
    assert [one.copies for one in desk.alerts("mention")] == [1, 3]


def test_a_database_that_fails_in_the_middle_loses_and_doubles_nothing(
    desks: Any, angry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play(desk: Any, fails: bool) -> Any:
        desk.quiet(12 * 2)
        for slot in range(4):
            if fails:
                for name in ("record", "done"):
                    _fail_once(monkeypatch, desk.core.storage.warning, name)
                _fail_once(monkeypatch, desk.core.storage.stories, "keep")
            for _attempt in range(6):
                try:
                    if _attempt == 0:
                        desk.say(*[angry + "！" * (k % 3) for k in range(2 + slot * 3)], hear=False)
                    desk.hear()
                    break
                except Unavailable:
                    continue
            desk.clock.at += timedelta(minutes=5)
            for _attempt in range(6):
                try:
                    desk.core.warning.tick()
                    break
                except Unavailable:
                    continue
        found = desk.incidents()
        steps = [[step.what for step in desk.core.incident(one.id).steps] for one in found]
        heard = desk.core.storage.warning.heard([desk.brand], 0, 10**9)
        return [(one.phase, one.mentions, one.channels) for one in found], steps, heard

    assert play(desks(), fails=False) == play(desks(), fails=True)


def _fail_once(monkeypatch: pytest.MonkeyPatch, part: Any, name: str) -> None:
    real = getattr(type(part), name)
    left = [1]

    def act(*arguments: Any, **more: Any) -> Any:
        if left[0]:
            left[0] = 0
            raise Unavailable("the disk is full")
        return real(part, *arguments, **more)

    monkeypatch.setattr(part, name, act)


def test_one_program_a_database_watches_and_another_takes_over(desk: Any, angry: str) -> None:
    desk.quiet(3)
    warning = desk.core.warning
    desk.core.storage.warning.give_back(warning._owner)
    assert desk.core.storage.warning.take_lease("other", desk.clock.at, 60)
    desk.clock.at += timedelta(seconds=30)
    desk.say(angry)
    assert desk.core.storage.stories.waiting() == 1
    desk.clock.at += timedelta(seconds=61)
    warning.tick()
    assert desk.core.storage.stories.waiting() == 0
    lease = desk.core.storage.warning.lease()
    assert lease is not None
    assert lease.owner == warning._owner


def test_a_clock_that_was_a_year_ahead_and_is_set_right_stalls_nothing(desk: Any, angry: str) -> None:
    desk.quiet(3)
    right = desk.clock.at
    desk.clock.at += timedelta(days=365)
    desk.wait()
    desk.clock.at = right
    desk.wait()
    lease = desk.core.storage.warning.lease()
    assert lease is not None
    assert lease.slot == int(desk.clock.at.timestamp()) // 300 - 1
    surge(desk, angry, slots=2)
    assert len(desk.incidents()) == 1


def test_a_topic_and_words_that_were_not_there_are_told(desk: Any) -> None:
    for at in range(70):
        desk.say(f"云雀第{at}次更新以后{DAILY[at % 5]}乱跑{at * 13}，客服也只会道歉", aspects=("attitude",))
        desk.wait(6)
    calm = len(desk.incidents())
    for slot in range(6):
        said = [f"云雀{slot}{k}号店的罐头吃出玻璃渣，{PLACES[k]}的{k * 31}号顾客也中招" for k in range(8)]
        desk.say(*said, aspects=("safety",))
        desk.wait()
    assert len(desk.incidents()) == calm + 1
    card = desk.core.incident(desk.incidents()[0].id)
    assert "surge" in card.incident.channels
    assert any(sign.told.startswith("safety: ") for sign in card.signs)
    words = {one.word: one for one in card.words}
    assert {"罐头", "玻璃"} & set(words)
    word = words["罐头"]
    assert word.came > word.usual
    rows = desk.core.mentions_of(word.mention_ids)
    assert rows
    assert all("罐头" in row.text for row in rows)
