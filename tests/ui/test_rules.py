"""Rules, receipts and playbooks in the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from app.core import Core
from app.domain.alert import AlertState, Severity
from app.domain.delivery import Delivery, Sent
from app.domain.query import MentionQuery
from app.domain.rule import ROBOTS, AlertRule, RuleKind, Rung, Whom
from app.domain.watch import Watch
from ui.context import Context
from ui.pages.alerts import AlertsPage
from ui.rules.editor import RuleEditor
from ui.rules.panel import RulesPanel
from ui.rules.playbook import PlaybookSheet

pytestmark = pytest.mark.window

NASTY = "<b>粗</b><img src=x onerror=alert(1)> & \u202e反转"


def shown(qtbot: Any, page: Any) -> Any:
    qtbot.addWidget(page)
    page.resize(1240, 860)
    page.show()
    qtbot.waitExposed(page)
    return page


def test_rules_are_sentences_with_switches(qtbot: Any, context: Context, core: Core) -> None:
    core.save_rule(replace(core.rules()[0], id=0, name=NASTY))
    page = shown(qtbot, AlertsPage(context))
    page.toggle_rule()
    qtbot.waitUntil(lambda: len(page.rule.cards) == 6)
    sentences = [card.sentence.text() for card in page.rule.cards]
    assert "10,000 followers" in sentences[0]
    assert "after 5 minutes" in sentences[0]
    labels = [one for card in page.rule.cards for one in card.findChildren(QLabel)]
    assert all(one.textFormat().name == "PlainText" for one in labels)
    page.rule.cards[0].on.click()
    qtbot.waitUntil(lambda: not core.rules()[0].active)
    panel: RulesPanel = page.rule
    panel.remove(core.rules()[-1])
    panel._remove()
    qtbot.waitUntil(lambda: len(core.rules()) == 5)


def test_a_rule_is_tried_and_saved(
    qtbot: Any, context: Context, filled: Core, hear: Callable[[Any], Any]
) -> None:
    sheet = RuleEditor(context, AlertRule(kind=RuleKind.SEARCH))
    qtbot.addWidget(sheet)
    sheet.show()
    saved = hear(sheet.saved)
    sheet.form.query.set_text("发热")
    sheet.form.times.setValue(2)
    sheet.form.minutes.setValue(7 * 24 * 60)
    sheet.form.name.setText("发热问题")
    qtbot.waitUntil(lambda: len(sheet.preview.cases.values.rows) == 1)
    assert "would have disturbed 1 time" in sheet.preview.summary.text()
    case = sheet.preview.cases.values.rows[0]
    assert len(case.mention_ids) == 4
    sheet.save()
    qtbot.waitUntil(lambda: bool(saved.values))
    kept = filled.rule(saved.values[0].id)
    assert (kept.name, kept.query.text, kept.times, kept.kind) == ("发热问题", "发热", 2, RuleKind.SEARCH)


def test_what_is_wrong_is_said_and_nothing_saved(qtbot: Any, context: Context, core: Core) -> None:
    sheet = RuleEditor(context, core.rules()[0])
    qtbot.addWidget(sheet)
    sheet.show()
    sheet.form.quiet_from.setText("22:30")
    sheet.form.followers.setValue(500)
    sheet.save()
    qtbot.waitUntil(lambda: not sheet.problem.isHidden())
    assert core.rules()[0].followers == 10_000
    sheet.form.quiet_to.setText("07:00")
    sheet.save()
    qtbot.waitUntil(lambda: core.rules()[0].followers == 500)
    assert core.rules()[0].quiet_from == "22:30"


def test_the_form_gives_back_what_it_was_given(qtbot: Any, context: Context, core: Core) -> None:
    brand = core.save_brand(Watch(name=NASTY, query="星尘"), wait=True)
    rule = AlertRule(
        name=NASTY,
        kind=RuleKind.SEARCH,
        brands=(brand.id,),
        severity=Severity.P3,
        climbs=Severity.P2,
        ladder=(
            Rung(),
            Rung(after=3, channels=(ROBOTS,), whom=Whom.NEXT),
            Rung(after=9, channels=("7",), whom=Whom.NAMED, names=("甲", "乙")),
        ),
        query=MentionQuery(text="退款", competitor=True),
        on_duty=("甲",),
        urgent=False,
        repeat=False,
    )
    sheet = RuleEditor(context, core.save_rule(rule))
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.waitUntil(lambda: sheet.form.brand.count() == 2)
    assert replace(sheet.rule(), id=0) == rule
    sheet.form.ladder.add()
    assert [one.after for one in sheet.rule().ladder] == [0, 3, 9, 14]
    sheet.form.ladder.remove(sheet.form.ladder.rows[1])
    assert [one.after for one in sheet.rule().ladder] == [0, 9, 14]


def test_a_saved_view_becomes_a_rule(qtbot: Any, context: Context, core: Core) -> None:
    view = core.save_view("退款", MentionQuery(text="退款", platforms=("weibo",), competitor=False))
    sheet = RuleEditor(context, AlertRule(kind=RuleKind.SEARCH))
    qtbot.addWidget(sheet)
    qtbot.waitUntil(lambda: sheet.form.view.count() == 2)
    sheet.form.view.setCurrentIndex(1)
    sheet.form.view.activated.emit(1)
    assert (sheet.rule().query, sheet.rule().name) == (view.query, "退款")


def test_receipts_say_who_and_where_it_climbs(
    qtbot: Any, context: Context, filled: Core, alert: Callable[..., Any]
) -> None:
    filled.notifier.channels = lambda: {"7": "钉钉群"}
    mention = filled.mentions(MentionQuery(brands=(1,)), None, 1).rows[0].id
    now = filled.clock.now()
    rule = filled.rules()[0]
    made = filled.storage.alerts.add(
        alert(
            id=0,
            mention_id=mention,
            rule_id=rule.id,
            created_at=now,
            climbs_at=now + timedelta(minutes=5),
            shown_at=now,
        ),
        fold_key="x",
    )
    row = Delivery(
        alert_id=made.id, channel="7", person="王芳", key="k", due_at=now, created_at=now, changed_at=now
    )
    filled.storage.deliveries.add([row])
    id_ = filled.storage.deliveries.of_alert(made.id)[0].id
    filled.storage.deliveries.put([id_], Sent.FAILED, now, error=NASTY)
    page = shown(qtbot, AlertsPage(context))
    view = page.detail.receipts
    qtbot.waitUntil(lambda: view.lines != [] and view.isVisible())
    assert "5 min" in view.climbs.words.text()
    assert "钉钉群" in view.climbs.words.text()
    assert "Not delivered" in view.lost.words.text()
    assert any("王芳" in line for line in view.lines)
    assert "Nobody has acknowledged it yet" in view.lines
    page.detail.acts["acknowledge"].click()
    qtbot.waitUntil(lambda: filled.alert(made.id).acked_by == filled.me)
    kept = filled.alert(made.id)
    assert (kept.climbs_at, kept.state) == (None, AlertState.SEEN)
    page.filter.choose("all")
    page._refilter()
    qtbot.waitUntil(lambda: any("Acknowledged by" in line for line in view.lines))
    assert view.climbs.isHidden()


def test_a_playbook_is_ticked_beside_the_alert_and_changed(
    qtbot: Any, context: Context, core: Core
) -> None:
    core.save_brand(Watch(name="星尘", query="星尘"), wait=True)
    saved = core.storage.alerts.add(_burning(core))
    page = shown(qtbot, AlertsPage(context))
    block = page.detail.playbook
    qtbot.waitUntil(lambda: block.case is not None and bool(block.steps))
    assert block.case.playbook.id == "fire"
    block.steps[0].click()
    qtbot.waitUntil(lambda: core.playbook_of(saved.id).ticks != ())
    qtbot.waitUntil(lambda: block.count.text().startswith("1 /"))
    sheet = PlaybookSheet(context, core.playbooks()[0])
    qtbot.addWidget(sheet)
    sheet.show()
    sheet.steps.setPlainText("先打给老王\n\n再看现场")
    sheet.save()
    qtbot.waitUntil(lambda: core.playbooks()[0].steps == ("先打给老王", "再看现场"))


def _burning(core: Core) -> Any:
    from datetime import UTC, datetime

    from app.domain.alert import Alert
    from app.domain.mention import Author, Mention
    from app.domain.watch import Page, Source

    source = core.storage.sources.save(
        Source(kind="feed", name="论坛", settings={"url": "http://127.0.0.1/"})
    )
    post = Mention(
        platform="weibo",
        native_id="n1",
        url="https://example.com/n1",
        text="星尘充电宝起火了，手被烫伤",
        author=Author(name="用户"),
        published_at=datetime.now(UTC),
    )
    [id_] = core.pipeline.take(source, Page((post,), None)).new
    return Alert(
        severity=Severity.P1,
        title="P1 星尘: 起火",
        body=post.text,
        reason="x",
        mention_id=id_,
        brand_id=1,
        created_at=datetime.now(UTC),
    )
