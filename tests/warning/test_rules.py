"""Rules that a lead changes: which one speaks, for whom, and how often it would have spoken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core import Core
from app.domain.alert import Alert, AlertState, Severity
from app.domain.delivery import DESKTOP, TOAST, Delivery, Sent
from app.domain.desk import Warned
from app.domain.mention import Author
from app.domain.people import Person, Role
from app.domain.query import MentionQuery
from app.domain.rule import ROBOTS, AlertRule, RuleKind, Rung, Whom
from app.domain.sentiment import Tone
from app.errors import AppError, ConfigError, NotFound, QueryError

FIRE = "云雀手机充电时起火了，手被烫伤"
LOUD = Author(name="大号", native_id="v1", followers=20_000)


def change(core: Core, kind: RuleKind, **fields: Any) -> AlertRule:
    rule = next(one for one in core.rules() if one.kind is kind)
    return core.save_rule(replace(rule, **fields))


def search(core: Core, text: str, **fields: Any) -> AlertRule:
    given = {"name": "退款", "query": MentionQuery(text=text), "times": 3, "minutes": 30, **fields}
    return core.save_rule(AlertRule(kind=RuleKind.SEARCH, **given))


def test_a_fresh_home_has_a_rule_for_every_kind_and_they_are_laid_once(desk: Any) -> None:
    kinds = [one.kind for one in desk.core.rules()]
    assert kinds == [
        RuleKind.MENTION, RuleKind.SURGE, RuleKind.STORY, RuleKind.DEADLINE, RuleKind.BLIND,
    ]  # fmt: skip
    for rule in desk.core.rules():
        desk.core.remove_rule(rule.id)
    again = Core.open(desk.core.home, polls=False, desktop=False, engine_name="trivial")
    assert again.rules() == ()
    again.close()


def test_the_old_rule_is_carried_over(desk: Any) -> None:
    from app.alerts.shipped import shipped

    old = {"followers": 500, "quiet_from": "22:00", "quiet_to": "07:00", "desktop": False, "negative": 1}
    mention, surge, _story, deadline, blind = shipped({**old, "cooldown": "ten", "sound": 1})
    assert (mention.followers, mention.quiet_from, mention.negative) == (500, "22:00", 1)
    assert (mention.cooldown, mention.sound) == (600, True), "what does not fit is left at the default"
    assert surge.quiet_to == "07:00"
    assert DESKTOP not in mention.ladder[0].channels
    assert (deadline.quiet_from, deadline.cooldown, blind.severity) == ("", 0, Severity.P2)
    assert shipped("nonsense") == shipped()


def test_a_rule_comes_back_as_it_was_saved(desk: Any) -> None:
    rule = AlertRule(
        name="夜间 <b>",
        kind=RuleKind.SEARCH,
        active=False,
        brands=(desk.brand,),
        severity=Severity.P3,
        ladder=(Rung(), Rung(after=3, channels=(ROBOTS, "7"), whom=Whom.NAMED, names=("甲", "乙"))),
        climbs=Severity.P2,
        quiet_from="22:00",
        quiet_to="06:30",
        urgent=False,
        on_duty=("甲",),
        team_id=4,
        repeat=False,
        query=MentionQuery(text="退款 OR 退货", tones=(Tone.NEGATIVE,), competitor=True),
        times=7,
        minutes=15,
    )
    saved = desk.core.save_rule(rule)
    assert desk.core.rule(saved.id) == replace(rule, id=saved.id)
    assert "退款" in desk.core.rule_sentence(saved)
    desk.core.remove_rule(saved.id)
    with pytest.raises(NotFound):
        desk.core.save_rule(saved)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"negative": 0.3}, "negative"),
        ({"quiet_from": "25:00", "quiet_to": "06:00"}, "quiet_from"),
        ({"quiet_from": "22:00"}, "quiet_to"),
        ({"cooldown": -1}, "cooldown"),
        ({"percent": 0}, "percent"),
        ({"ladder": ()}, "ladder"),
        ({"ladder": (Rung(after=5),)}, "ladder"),
        ({"ladder": (Rung(), Rung(after=0))}, "ladder"),
        ({"ladder": (Rung(channels=()),)}, "ladder"),
        ({"ladder": (Rung(whom=Whom.NAMED),)}, "ladder"),
        ({"kind": RuleKind.SEARCH, "query": MentionQuery(text="退款"), "times": 0}, "times"),
        ({"kind": RuleKind.SEARCH, "query": MentionQuery(text="退款"), "minutes": 0}, "minutes"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_at_the_field(desk: Any, wrong: Any, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        desk.core.save_rule(AlertRule(**wrong))
    assert caught.value.field == field


def test_a_search_that_cannot_be_read_is_refused(desk: Any) -> None:
    with pytest.raises(QueryError):
        search(desk.core, "(退款")


def test_a_rule_that_is_off_says_nothing(desk: Any) -> None:
    change(desk.core, RuleKind.MENTION, active=False)
    change(desk.core, RuleKind.BLIND, active=False)
    change(desk.core, RuleKind.DEADLINE, active=False)
    [id_] = desk.say(FIRE)
    warned = Warned(
        mention_id=id_, severity=Severity.P2, percent=100, due_at=desk.clock.at, source_id=desk.source.id
    )
    assert desk.core.alarms.deadline(warned) is None
    assert desk.core.alarms.blind(desk.source, "x", "y") is None
    assert desk.core.alerts() == ()


def test_a_rule_watches_its_brands_and_says_how_grave(desk: Any) -> None:
    change(desk.core, RuleKind.MENTION, brands=(desk.rival,))
    desk.say(FIRE)
    assert desk.core.alerts() == ()
    change(desk.core, RuleKind.MENTION, brands=(desk.brand,), severity=Severity.P3)
    desk.say(FIRE + "！太可怕")
    (alert,) = desk.core.alerts()
    assert (alert.severity, alert.toasted, alert.title[:2]) == (Severity.P3, False, "P3")


def test_two_rules_make_one_alert_of_the_gravest(desk: Any) -> None:
    mild = change(desk.core, RuleKind.MENTION, name="普通", severity=Severity.P2)
    grave = desk.core.save_rule(replace(mild, id=0, name="重点", severity=Severity.P1))
    desk.say(FIRE)
    (alert,) = desk.core.alerts()
    assert (alert.severity, alert.rule_id) == (Severity.P1, grave.id)
    assert "普通" in alert.reason


# ── storms ───────────────────────────────────────────────────────────────────────────────────


def test_ten_thousand_copies_make_one_alert_that_counts_up(desk: Any) -> None:
    count = 10_000
    for start in range(0, count, 1000):
        desk.say(*[f"{FIRE} @用户{n}" for n in range(start, start + 1000)], hear=False)
    mentions = desk.core.storage.mentions
    raised: list[Alert] = []
    desk.core.subscribe_raised(raised.append)
    while ids := mentions.untold(128):
        desk.core.alarms.consider(ids)
        mentions.told(ids)
    (alert,) = desk.core.alerts()
    assert alert.copies == count
    assert len(desk.core.storage.alerts.mentions_of(alert.id)) == count
    assert len(raised) <= count // 128 + 1, "told once a batch, not once a copy"
    assert len(desk.core.storage.deliveries.of_alert(alert.id)) == 1, "one card"


def test_hearing_of_the_same_mentions_again_counts_nothing(desk: Any) -> None:
    ids = desk.say(FIRE, FIRE, FIRE)
    for _again in range(2):
        assert desk.core.alarms.consider(ids) == ()
    assert desk.alerts("mention")[0].copies == 3


def test_what_was_counted_is_told_when_the_database_fails_on_the_way(desk: Any) -> None:
    change(desk.core, RuleKind.MENTION, cooldown=0)
    ids = desk.say(FIRE, "云雀的客服把我骂哭了，还泄露了我的身份证号", hear=False)
    raised: list[Alert] = []
    desk.core.subscribe_raised(raised.append)

    class Stop(AppError):
        pass

    def fail(_alert: Alert) -> None:
        if len(desk.core.alerts()) == 2:
            raise Stop("full")

    leave = desk.core.subscribe_alerts(fail)
    with pytest.raises(Stop):
        desk.core.alarms.consider(ids)
    leave()
    assert raised
    desk.core.alarms.consider(ids)
    assert len(desk.core.alerts()) == 2


# ── saved searches ───────────────────────────────────────────────────────────────────────────


def test_a_saved_search_speaks_when_there_are_enough_and_then_counts_up(desk: Any) -> None:
    rule = search(desk.core, "退款")
    desk.say("云雀退款太慢了一", "云雀退款第二次问", tone=Tone.NEUTRAL)
    assert desk.core.alerts() == ()
    desk.say("云雀退款第三个人", "云雀退款第四个人", tone=Tone.NEUTRAL)
    (alert,) = desk.core.alerts()
    assert (alert.kind, alert.copies, alert.rule_id) == ("search", 4, rule.id)
    assert "退款" in alert.title
    desk.say("云雀退款第五个人", tone=Tone.NEUTRAL)
    assert [one.copies for one in desk.core.alerts()] == [5]
    assert alert.toasted


def test_a_search_of_a_later_version_stops_no_other_rule(desk: Any) -> None:
    rule = AlertRule(kind=RuleKind.SEARCH, query=MentionQuery(text="(退款"))
    desk.core.storage.rules.save(rule, "later", desk.clock.at)
    desk.say(FIRE)
    assert len(desk.core.alerts()) == 1


def test_posts_too_far_apart_are_not_enough(desk: Any) -> None:
    search(desk.core, "退款")
    for ago in (7200.0, 4000.0, 60.0):
        desk.say(f"云雀退款 {ago}", tone=Tone.NEUTRAL, ago=ago)
    assert desk.core.alerts() == ()
    desk.say("云雀退款 甲", "云雀退款 乙", tone=Tone.NEUTRAL, ago=1500.0)
    assert [one.copies for one in desk.core.alerts()] == [3], "what came late completes the window"


def test_a_saved_search_forgets_nothing_at_a_restart_and_counts_nothing_twice(desk: Any) -> None:
    search(desk.core, "退款")
    ids = desk.say("云雀退款一", "云雀退款二", tone=Tone.NEUTRAL)
    other = Core.open(desk.core.home, polls=False, desktop=False, engine_name="trivial", clock=desk.clock)
    ids += desk.say("云雀退款三", tone=Tone.NEUTRAL, hear=False)
    (alert,) = other.alarms.consider(ids)
    assert alert.copies == 3
    assert other.alarms.consider(ids) == ()
    other.close()
    desk.core.set_alert_state([alert.id], AlertState.DONE)
    desk.say("云雀退款四", "云雀退款五", tone=Tone.NEUTRAL)
    assert len(desk.core.alerts()) == 1, "what was told is not counted again"
    desk.say("云雀退款六", tone=Tone.NEUTRAL)
    assert [one.copies for one in desk.core.alerts()] == [3, 3]


def test_a_search_for_competitors_and_by_tone(desk: Any) -> None:
    search(desk.core, "", query=MentionQuery(competitor=True, tones=(Tone.NEGATIVE,)), times=2)
    desk.say("山岚又降价了", tone=Tone.POSITIVE)
    desk.say("山岚的屏幕坏了", "云雀的屏幕坏了")
    assert desk.core.alerts() == ()
    desk.say("山岚客服不理人")
    (alert,) = desk.core.alerts()
    assert (alert.kind, alert.brand_id) == ("search", desk.rival)


def test_a_post_that_completes_a_search_and_is_grave_makes_one_alert(desk: Any) -> None:
    search(desk.core, "充电", times=2, name="充电问题")
    desk.say("云雀充电慢", tone=Tone.NEUTRAL)
    desk.say(FIRE)
    (alert,) = desk.core.alerts()
    assert (alert.kind, alert.severity, alert.copies) == ("mention", Severity.P1, 2)
    assert "充电问题" in alert.reason


# ── quiet hours, budgets ─────────────────────────────────────────────────────────────────────


def quiet_now(desk: Any) -> dict[str, str]:
    local = desk.clock.at.astimezone()
    start, end = local - timedelta(hours=2), local + timedelta(hours=3)
    return {"quiet_from": f"{start:%H:%M}", "quiet_to": f"{end:%H:%M}"}


def test_quiet_hours_hold_p2_and_p1_passes_unless_the_rule_says_otherwise(desk: Any) -> None:
    change(desk.core, RuleKind.MENTION, **quiet_now(desk))
    desk.say("云雀的客服把我骂哭了，我要找律师", author=LOUD)
    desk.say(FIRE)
    told = {one.severity: one.toasted for one in desk.core.alerts()}
    assert told == {Severity.P2: False, Severity.P1: True}
    change(desk.core, RuleKind.MENTION, urgent=False, **quiet_now(desk))
    desk.say("云雀泄露了我的身份证号和住址")
    newest = desk.core.alerts()[0]
    assert (newest.severity, newest.toasted) == (Severity.P1, False)
    assert "quiet hours" in newest.delivered


def test_a_budget_holds_what_is_over_it_and_tells_it_in_one_line(desk: Any) -> None:
    me = desk.core.me
    desk.core.storage.people.save(Person(name=me, budget=2))
    change(desk.core, RuleKind.MENTION, cooldown=0, followers=40)
    texts = [f"云雀的{word}第{n}次坏了" for n, word in enumerate(("屏幕", "按键", "音质", "信号", "外壳"))]
    for text in texts:
        desk.say(text)
        desk.clock.at += timedelta(minutes=1)
    mentions = [one for one in desk.core.alerts() if one.kind == "mention"]
    assert [one.toasted for one in mentions] == [False, False, False, True, True]
    assert "budget" in mentions[0].delivered
    desk.say(FIRE)
    assert desk.core.alerts()[0].toasted, "P1 passes"
    shown = len(desk.toasts)
    desk.core.ladder.look()
    assert len(desk.toasts) == shown, "the hour is not over"
    desk.clock.at += timedelta(minutes=57)
    desk.core.ladder.look()
    desk.core.ladder.look()
    (held,) = [one for one in desk.core.alerts() if one.kind == "held"]
    assert (held.copies, held.toasted, held.whom) == (3, True, me)
    assert [one.id for one in desk.toasts[shown:]] == [held.id]
    assert "3 alerts were held back" in held.title
    desk.say("云雀的指纹第九次坏了")
    assert desk.core.alerts()[0].toasted, "a new hour has room"


def test_a_window_shows_what_is_meant_for_its_person(desk: Any) -> None:
    save = desk.core.storage.people.save
    save(Person(name=desk.core.me))
    save(Person(name="乙"))
    change(desk.core, RuleKind.MENTION, on_duty=("乙",))
    desk.say(FIRE)
    (alert,) = desk.core.alerts()
    assert alert.toasted
    assert desk.toasts == []
    waiting = desk.core.storage.deliveries.of_alert(alert.id)
    assert {(one.channel, one.person, one.state) for one in waiting} == {
        (TOAST, "乙", Sent.WAITING), (DESKTOP, "乙", Sent.WAITING),
    }  # fmt: skip
    theirs = Core.open(desk.core.home, polls=False, desktop=False, engine_name="trivial", clock=desk.clock)
    theirs.local = replace(theirs.local, agent="乙")
    cards: list[Alert] = []
    theirs.subscribe_alerts(cards.append)
    theirs.ladder.look()
    theirs.ladder.look()
    assert [one.id for one in cards] == [alert.id], "once"
    theirs.alert_shown(alert.id)
    states = {one.channel: one.state for one in desk.core.receipts(alert.id).deliveries}
    assert states == {TOAST: Sent.SENT, DESKTOP: Sent.WAITING}
    assert desk.core.receipts(alert.id).alert.shown_at == desk.clock.at
    desk.clock.at += timedelta(hours=1)
    theirs.ladder.look()
    states = {one.channel: one.state for one in desk.core.receipts(alert.id).deliveries}
    assert states[DESKTOP] is Sent.DROPPED, "a desktop that never came up is not waited for"
    theirs.close()


def test_somebody_away_is_not_called(desk: Any) -> None:
    save = desk.core.storage.people.save
    save(Person(name="甲", away=True))
    save(Person(name="乙", role=Role.LEAD))
    change(desk.core, RuleKind.MENTION, on_duty=("甲", "乙"))
    desk.say(FIRE)
    rows = desk.core.storage.deliveries.of_alert(desk.core.alerts()[0].id)
    assert {one.person for one in rows} == {"乙"}


# ── what did not arrive ──────────────────────────────────────────────────────────────────────


def failed(desk: Any, alert: Alert, key: str) -> None:
    now = desk.clock.at
    made = Delivery(alert_id=alert.id, channel="7", key=key, due_at=now, created_at=now, changed_at=now)
    desk.core.storage.deliveries.add([made])
    id_ = desk.core.storage.deliveries.of_alert(alert.id)[-1].id
    desk.core.storage.deliveries.put([id_], Sent.FAILED, now, error="关键词不匹配 <b>")


def test_what_was_not_delivered_is_one_alert_that_counts_up(desk: Any) -> None:
    desk.say(FIRE)
    (alert,) = desk.core.alerts()
    shown = len(desk.toasts)
    failed(desk, alert, "a")
    failed(desk, alert, "b")
    told = desk.core.alarms.undelivered()
    assert (told.kind, told.copies, told.toasted) == ("undelivered", 2, True)
    assert "关键词不匹配" in told.body
    assert desk.core.alarms.undelivered() is None
    failed(desk, alert, "c")
    assert desk.core.alarms.undelivered().copies == 3
    assert [one.id for one in desk.toasts[shown:]] == [told.id, told.id]
    desk.core.set_alert_state([told.id], AlertState.DONE)
    failed(desk, alert, "d")
    assert desk.core.alarms.undelivered() is None, "somebody is at it"
    desk.clock.at += timedelta(hours=2)
    failed(desk, alert, "e")
    again = desk.core.alarms.undelivered()
    assert (again.id != told.id, again.copies) == (True, 1)


# ── what a rule would have done ──────────────────────────────────────────────────────────────


def test_the_preview_says_what_really_happened(desk: Any) -> None:
    rule = change(desk.core, RuleKind.MENTION, followers=40, cooldown=600)
    parts = ("屏幕", "按键", "音质", "信号", "外壳", "充电器", "指纹", "贴膜")
    for n, part in enumerate(parts):
        desk.say(f"云雀的{part}坏了，等了{n}天", ago=0)
        if n % 3 == 0:
            desk.say(f"云雀的{part}坏了，等了{n}天！！", ago=0)
        desk.clock.at += timedelta(minutes=7)
    desk.say(FIRE, ago=0)
    found = desk.core.preview(rule)
    real = [one for one in desk.core.alerts() if one.kind == "mention"]
    assert [(one.severity, one.copies, one.held == "") for one in found.cases] == [
        (one.severity, one.copies, one.toasted) for one in real
    ]
    assert [one.mention_ids[0] for one in found.cases] == [one.mention_id for one in real]
    assert found.shown == sum(one.toasted for one in real)
    stricter = desk.core.preview(replace(rule, followers=10**6))
    assert [one.mention_ids[0] for one in stricter.cases] == [real[0].mention_id]
    assert len(desk.core.alerts()) == len(real), "trying a rule changes nothing"


def test_the_preview_of_a_search_folds_as_the_search_does(desk: Any) -> None:
    rule = search(desk.core, "退款")
    for n in range(9):
        desk.say(f"云雀退款 {n}", tone=Tone.NEUTRAL, ago=0)
        desk.clock.at += timedelta(minutes=20 if n < 3 else 5)
    found = desk.core.preview(rule)
    (real,) = desk.core.alerts()
    assert [(one.copies, one.mention_ids) for one in found.cases] == [
        (real.copies, desk.core.storage.alerts.mentions_of(real.id))
    ]
    assert desk.core.preview(replace(rule, times=50)).cases == ()
    assert found.known < 1


def test_the_preview_of_incidents_clocks_and_blindness(desk: Any, angry: str) -> None:
    desk.quiet(24)
    desk.say(*[angry + "！" * k for k in range(6)])
    desk.wait()
    assert desk.incidents()
    shipped = {one.kind: one for one in desk.core.rules()}
    cases = [
        case for kind in (RuleKind.SURGE, RuleKind.STORY) for case in desk.core.preview(shipped[kind]).cases
    ]
    assert {one.incident_id for one in cases} == {one.id for one in desk.incidents()}
    other = replace(shipped[RuleKind.STORY], brands=(desk.rival,))
    assert desk.core.preview(other).cases == ()
    desk.core.alarms.blind(desk.source, "三小时没有新帖", "看看登录")
    assert len(desk.core.preview(shipped[RuleKind.BLIND]).cases) == 1


# ── clocks of answers ────────────────────────────────────────────────────────────────────────


def test_a_clock_disturbs_from_the_share_the_rule_says(desk: Any) -> None:
    change(desk.core, RuleKind.DEADLINE, percent=100)
    [id_] = desk.say("云雀的屏幕一般", tone=Tone.NEUTRAL)

    def warn(percent: int) -> Alert:
        warned = Warned(
            mention_id=id_,
            severity=Severity.P2,
            percent=percent,
            due_at=desk.clock.at,
            brand_id=desk.brand,
            source_id=desk.source.id,
        )
        told: Alert | None = desk.core.alarms.deadline(warned)
        assert told is not None
        return told

    assert not warn(80).toasted
    assert warn(100).toasted
    assert len(desk.toasts) == 1


def test_whoever_has_it_in_hand_is_on_duty_for_its_clock(desk: Any) -> None:
    save = desk.core.storage.people.save
    for name in ("甲", "乙"):
        save(Person(name=name))
    [id_] = desk.say("云雀的屏幕一般", tone=Tone.NEUTRAL)
    warned = Warned(
        mention_id=id_, severity=Severity.P2, percent=100, due_at=desk.clock.at, owner="乙",
        brand_id=desk.brand, source_id=desk.source.id,
    )  # fmt: skip
    alert = desk.core.alarms.deadline(warned)
    assert {one.person for one in desk.core.storage.deliveries.of_alert(alert.id)} == {"乙"}


# ── playbooks ────────────────────────────────────────────────────────────────────────────────


def test_a_grave_post_has_a_playbook_whose_steps_are_ticked_in_the_books(desk: Any) -> None:
    desk.say(FIRE)
    (alert,) = desk.core.alerts()
    case = desk.core.playbook_of(alert.id)
    assert case is not None
    assert case.playbook.id == "fire"
    assert "云雀" in case.statement
    assert "【" in case.statement, "what is not known stays open"
    first = case.playbook.steps[0]
    desk.core.tick_step(case.subject, first, done=True)
    desk.core.tick_step(case.subject, case.playbook.steps[1], done=True)
    desk.core.tick_step(case.subject, first, done=False)
    ticks = {one.step: (one.done, one.by) for one in desk.core.playbook_of(alert.id).ticks}
    assert ticks == {first: (False, desk.core.me), case.playbook.steps[1]: (True, desk.core.me)}
    with pytest.raises(NotFound):
        desk.core.tick_step("alert:999", first, done=True)
    with pytest.raises(NotFound):
        desk.core.tick_step("rule:1", first, done=True)


@pytest.mark.parametrize(
    ("text", "book"),
    [
        ("云雀充电宝爆炸，孩子受伤住院", "fire"),
        ("云雀泄露了我的身份证号", "leak"),
        ("我已经打12315投诉云雀了", "regulator"),
        ("央视曝光了云雀", "media"),
    ],
)
def test_the_playbook_that_fits(desk: Any, text: str, book: str) -> None:
    change(desk.core, RuleKind.MENTION, followers=0)
    desk.say(text)
    case = desk.core.playbook_of(desk.core.alerts()[0].id)
    assert case is not None
    assert case.playbook.id == book


def test_the_team_changes_a_playbook_and_takes_it_back(desk: Any) -> None:
    shipped = desk.core.playbooks()
    assert {one.id for one in shipped} == {
        "fire", "injury", "leak", "recall", "regulator", "media", "mass",
    }  # fmt: skip
    fire = shipped[0]
    desk.core.save_playbook(replace(fire, steps=("先打给老王",), statement="{brand}正在核实。"))
    own = desk.core.playbooks()[0]
    assert (own.steps, own.changed) == (("先打给老王",), True)
    with pytest.raises(ConfigError):
        desk.core.save_playbook(replace(fire, statement="{secret}"))
    with pytest.raises(ConfigError):
        desk.core.save_playbook(replace(fire, id="../x"))
    desk.core.reset_playbook("fire")
    assert desk.core.playbooks() == shipped


def test_an_incident_always_has_a_playbook(desk: Any) -> None:
    desk.quiet(24)
    text = "云雀门店的态度非常不好，排队两个小时也没有人管，体验很糟糕"
    desk.say(*[text + "！" * k for k in range(6)])
    desk.wait()
    (incident,) = desk.incidents()
    case = desk.core.playbook_of_incident(incident.id)
    assert (case.playbook.id, case.subject) == ("mass", f"incident:{incident.id}")
    assert desk.core.playbook_of(incident.alert_id) == case
