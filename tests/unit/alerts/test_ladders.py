"""Whom a rung calls over what, and how a rule reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.alerts.ladders import Staff, Target, climbs_at, next_rung, targets
from app.alerts.playbooks import check, filled, fitting, shipped
from app.alerts.wording import sentence
from app.domain.alert import Severity
from app.domain.cues import SEVERITY
from app.domain.delivery import DESKTOP, TOAST
from app.domain.people import Person, Role
from app.domain.query import MentionQuery
from app.domain.rule import ROBOTS, AlertRule, RuleKind, Rung, Whom
from app.i18n import set_language

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
A, B, C = Person(id=1, name="甲"), Person(id=2, name="乙"), Person(id=3, name="丙", role=Role.LEAD)
STAFF = Staff(people=(A, B, C), duty=(A, B))
ROBOT = {"7": "群", "8": "邮箱"}


def rule(*rungs: Rung) -> AlertRule:
    return AlertRule(ladder=rungs)


def test_cards_go_to_all_on_duty_and_the_group_points_at_the_first() -> None:
    both = rule(Rung(channels=(TOAST, "7", "gone")))
    assert targets(both, 0, STAFF, ROBOT) == (Target(TOAST, "甲"), Target(TOAST, "乙"), Target("7", "甲"))


def test_the_next_person_is_one_who_was_not_called() -> None:
    following = rule(Rung(), Rung(after=5, channels=(ROBOTS,), whom=Whom.NEXT))
    assert targets(following, 1, STAFF, ROBOT, {"甲"}) == (Target("7", "乙"), Target("8", "乙"))
    assert targets(following, 1, STAFF, ROBOT, {"甲", "乙"}) == (Target("7", "丙"), Target("8", "丙"))
    assert targets(following, 1, STAFF, ROBOT, {"甲", "乙", "丙"}) == (Target("7"), Target("8"))


def test_leads_and_people_by_name() -> None:
    steps = rule(
        Rung(whom=Whom.LEAD, channels=("7",)),
        Rung(after=1, whom=Whom.NAMED, names=("乙", "谁"), channels=("7",)),
    )
    assert targets(steps, 0, STAFF, ROBOT) == (Target("7", "丙"),)
    assert targets(steps, 1, STAFF, ROBOT) == (Target("7", "乙"),)


def test_nobody_known_is_whoever_reads_it() -> None:
    assert targets(rule(Rung()), 0, Staff(), {}) == (Target(TOAST), Target(DESKTOP))


def test_a_rung_without_a_channel_is_passed_over() -> None:
    steps = rule(Rung(), Rung(after=5, channels=(ROBOTS,)), Rung(after=9, channels=(TOAST,)))
    assert next_rung(steps, 0, ROBOT) == 1
    assert next_rung(steps, 0, {}) == 2
    assert climbs_at(steps, 0, NOW, {}) == NOW + timedelta(minutes=9)
    assert climbs_at(steps, 1, NOW, ROBOT) == NOW + timedelta(minutes=4)
    assert climbs_at(steps, 2, NOW, ROBOT) is None


@pytest.mark.parametrize("kind", list(RuleKind))
def test_every_rule_reads_as_a_sentence_in_both_languages(kind: RuleKind) -> None:
    one = AlertRule(
        kind=kind,
        severity=Severity.P2,
        brands=(1, 9),
        ladder=(Rung(), Rung(after=10, channels=("7", "99"), whom=Whom.NEXT)),
        quiet_from="22:00",
        quiet_to="07:00",
        query=MentionQuery(text="<b>退款</b>\n\u202e"),
    )
    english = sentence(one, {1: "云雀"}, ROBOT)
    assert "P2" in english
    assert "after 10 minutes to the next person by 群" in english
    assert "a channel that was removed" in english
    assert not set("\n\u202e") & set(english)
    set_language("zh_CN")
    try:
        chinese = sentence(one, {1: "云雀"}, ROBOT)
    finally:
        set_language("en")
    assert chinese.startswith("当")
    assert "以 P2 通知值班的人" in chinese
    assert "10 分钟后通知下一位同事" in chinese
    assert "免打扰" in chinese


def test_every_cue_that_is_shipped_has_a_playbook_and_each_is_sound() -> None:
    for book in shipped():
        check(book)
        assert 4 <= len(book.steps) <= 10
        assert book.call
        assert "{brand}" in book.statement
        assert "{done}" in book.statement, "what was done is for a person to say"
    covered = {cue for book in shipped() for cue in book.cues}
    assert covered == set(SEVERITY)


def test_a_statement_says_only_what_is_known() -> None:
    said = filled("{brand}已关注{product}，请联系{channel}。{oops}", {"brand": "云雀\n<b>", "product": ""})
    assert said == "云雀 <b>已关注【the product】，请联系【our service channel】。【oops】"


def test_danger_comes_before_words() -> None:
    books = shipped()
    assert [one.id for one in fitting(books, ("media", "leak"), "")][:2] == ["leak", "media"]
    assert [one.id for one in fitting(books, (), "打 12315 投诉")] == ["regulator"]
    assert fitting(books, (), "挺好的") == ()
    assert [one.id for one in fitting(books, (), "挺好的", incident=True)] == ["mass"]
