"""The incident card and its parts, given values: every figure opens something, hostile text stays text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QGraphicsView, QLabel, QWidget

from app.domain.alert import Severity
from app.domain.mention import Author, Mention, Stored
from app.domain.sentiment import Tone
from app.domain.warning import (
    CampaignSign,
    Carrier,
    Incident,
    IncidentCard,
    IncidentPhase,
    RisenWord,
    Sign,
    Slot,
    Step,
    StoryHeat,
    StoryHop,
)
from ui import theme
from ui.dialogs.posts import Behind
from ui.incidents import words
from ui.incidents.card import CardView
from ui.incidents.chip import Chip
from ui.incidents.course import HIGH, CourseChart
from ui.incidents.entry import Entry
from ui.incidents.head import Head
from ui.incidents.listing import IncidentList, ordered
from ui.incidents.spread import HopRow, flow
from ui.incidents.story_box import StoryBox

pytestmark = pytest.mark.window
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = '<b onclick="x">坏\u202e事</b>\n\x00第二行 & <img src=file:///etc/passwd>'
BAD = ("\u202e", "\x00", "\n")


def stored(id: int, text: str = "星尘手机充电冒烟", name: str = "老陈", platform: str = "weibo") -> Stored:
    mention = Mention(
        platform=platform,
        native_id=str(id),
        url="https://example.com/1",
        text=text,
        author=Author(name=name),
    )
    return Stored(
        id=id, mention=mention, source_id=1, source="微博", published_at=NOW, dated=True, fetched_at=NOW,
        tone=Tone.NEGATIVE,
    )  # fmt: skip


def incident(**changes: Any) -> Incident:
    given: dict[str, Any] = {
        "id": 7,
        "brand_id": 1,
        "brand": "星尘",
        "phase": IncidentPhase.GROWING,
        "severity": Severity.P1,
        "opened_at": NOW,
        "updated_at": NOW,
        "title": "充电冒烟",
        "reason": "30 分钟内 46 条，往常 6 条。",
        "strength": 3.0,
        "mentions": 46,
        **changes,
    }
    return Incident(**given)


def story(id: int, **changes: Any) -> StoryHeat:
    given: dict[str, Any] = {
        "first": stored(100 + id),
        "first_at": NOW,
        "last_at": NOW,
        "copies": 12,
        "negative": 9,
        "velocity": 5.0,
        "peak": 8.0,
        "authors": 11,
        "followers": 120_000,
        "platforms": (("weibo", 8), ("xhs", 4)),
        **changes,
    }
    return StoryHeat(id=id, **given)


def card(hostile: str = "", **changes: Any) -> IncidentCard:
    said = hostile or "起火冒烟"
    hop = StoryHop("weibo", "xhs", 4, NOW)
    given: dict[str, Any] = {
        "incident": incident(title=said, reason=said, brand=said),
        "signs": (Sign(at=NOW, channel="surge", told=said, strength=3.0, mention_ids=(1, 2)),),
        "steps": (Step(at=NOW, what="opened"), Step(at=NOW, what="muted", by=said, detail=said)),
        "course": tuple(Slot(NOW + timedelta(minutes=5 * n), n, 2.0, 0.0, 4.0) for n in range(12)),
        "first": stored(1, said, said),
        "stories": (
            story(5, first=stored(105, said), path=(hop,)),
            story(6, path=(hop,), campaign=(CampaignSign("same", said, 0.9),)),
        ),
        "copies": (stored(2, said), stored(3)),
        "platforms": (("weibo", 30), ("xhs", 16)),
        "carriers": (
            Carrier(name=said, platform="weibo", followers=900_000, verified=True, posts=3, mention_id=2),
        ),
        "words": (RisenWord(word=said, came=20, usual=0.1, mention_ids=(1, 3)),),
        "reasons": ((said, (1, 2, 3)),),
        **changes,
    }
    return IncidentCard(**given)


@pytest.fixture
def view(qtbot: Any) -> CardView:
    made = CardView()
    qtbot.addWidget(made)
    made.resize(700, 900)
    made.show()
    return made


def shown_texts(widget: QWidget) -> Iterable[str]:
    for label in widget.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
        yield label.text()
    for button in widget.findChildren(QAbstractButton):
        yield button.text()
    for one in widget.findChildren(QWidget):
        yield one.accessibleName()
    for entry in widget.findChildren(Entry):
        yield from (entry.lead, entry.words, entry.trail)


def test_every_figure_opens_what_it_rests_on(view: CardView, hear: Callable[[Any], Any]) -> None:
    wanted, opened = hear(view.wanted), hear(view.mention_opened)
    view.show_card(card())
    for kind in (Entry, Chip, HopRow):
        for one in view.findChildren(kind):
            before = len(wanted.values) + len(opened.values)
            one.click()
            assert len(wanted.values) + len(opened.values) == before + 1, one.accessibleName()
    assert {1, 2, 3, 105, 106} <= set(opened.values)
    behind: list[Behind] = wanted.values
    assert {one.ids for one in behind if one.ids} == {(1, 2, 3), (1, 2), (1, 3)}
    assert {one.platform for one in behind if one.incident and not one.author} == {"weibo", "xhs"}
    assert any(one.author and one.platform == "weibo" for one in behind)
    assert {one.stories for one in behind if one.splits} == {(5,), (6,)}
    assert Behind(title=behind[0].title, ids=(1, 2, 3)) in behind


def test_a_sentence_without_posts_only_tells(view: CardView) -> None:
    sign = Sign(at=NOW, channel="unsettled", told="走势异常", strength=1.0)
    view.show_card(card(reasons=(("速度很快", ()),), signs=(sign, replace(sign, story_id=5))))
    assert [one.isEnabled() for one in view.reasons.rows] == [False]
    assert [one.isEnabled() for one in view.signs.rows] == [False, True]


def test_hostile_words_stay_plain_and_on_their_line(view: CardView) -> None:
    view.show_card(card(HOSTILE))
    texts = list(shown_texts(view))
    assert any("<b onclick" in text for text in texts)
    assert [text for text in texts if any(bad in text for bad in BAD)] == []
    for one in view.findChildren(QWidget):
        assert "<" not in one.toolTip()


def test_what_did_not_change_is_left_as_it_stands(qtbot: Any, view: CardView) -> None:
    view.show_card(card())
    reason, copies = view.reasons.rows[0], view.copies.rows
    view.show_card(card(copies=(stored(9), *card().copies)))
    assert view.reasons.rows[0] is reason
    assert len(view.copies.rows) == 3
    assert view.copies.rows[1:] != copies


def test_the_keyboards_place_survives_news(qtbot: Any, view: CardView) -> None:
    view.activateWindow()
    view.show_card(card())
    view.copies.rows[1].setFocus()
    qtbot.waitUntil(view.copies.rows[1].hasFocus)
    view.show_card(card(copies=(stored(9), *card().copies)))
    assert view.copies.rows[1].hasFocus()


def test_parts_without_anything_are_gone(view: CardView) -> None:
    over = incident(phase=IncidentPhase.CLOSED)
    bare = IncidentCard(
        incident=over, signs=(), steps=(), course=(), first=None, stories=(), copies=(), platforms=(),
        carriers=(), words=(), reasons=(),
    )  # fmt: skip
    view.show_card(card())
    view.show_card(bare)
    blocks = (
        view.course_box, view.reasons, view.signs, view.first, view.copies, view.spread, view.carriers,
        view.risen, view.stories, view.steps,
    )  # fmt: skip
    assert [one for one in blocks if one.isVisible()] == []


def test_what_is_long_is_folded_until_somebody_asks(qtbot: Any, view: CardView) -> None:
    many = tuple(stored(n) for n in range(1, 11))
    view.show_card(card(copies=many))
    assert [one.isHidden() for one in view.copies.rows] == [False] * 4 + [True] * 6
    assert view.copies.more.text() == "6 more"
    view.copies.more.click()
    assert not any(one.isHidden() for one in view.copies.rows)
    view.show_card(card(copies=many[1:]))
    assert not any(one.isHidden() for one in view.copies.rows)
    other = incident(id=8)
    view.show_card(card(incident=other, copies=many))
    assert view.copies.more.isVisible()
    view.show_card(card(incident=other, copies=many[:5]))
    assert not view.copies.more.isVisible()
    assert not view.copies.rows[4].isHidden()


def test_the_first_post_is_that_of_the_hottest_story(view: CardView) -> None:
    view.show_card(card())
    assert [one.value for one in view.first.rows if isinstance(one, Entry)] == [105, 1]
    view.show_card(card(stories=()))
    assert [one.value for one in view.first.rows if isinstance(one, Entry)] == [1]


def test_what_the_head_says_already_is_not_said_again_in_the_history(view: CardView) -> None:
    said = "30 分钟内 46 条，往常 6 条。"
    steps = (Step(at=NOW, what="opened", detail=said), Step(at=NOW, what="closer", by="小林", detail="2 h"))
    view.show_card(card(incident=incident(reason=said), steps=steps))
    told = [label.text() for row in view.steps.rows for label in row.findChildren(QLabel)]
    assert not any(said in one for one in told)
    assert "小林 has it watched closely · For 2 hours" in told


def test_stories_are_merged_when_two_are_chosen(view: CardView, hear: Callable[[Any], Any]) -> None:
    wanted = hear(view.stories.merge_wanted)
    view.show_card(card())
    five, six = view.stories.stories()
    five.check.click()
    assert not view.stories.merge.isEnabled()
    six.check.click()
    view.stories.merge.click()
    assert wanted.values == [(5, 6)]
    warmer = card(stories=(story(5, copies=13), story(6), story(8)))
    view.show_card(warmer)
    assert view.stories.chosen() == (5, 6)
    view.show_card(card(stories=(story(5, copies=13),)))
    assert view.stories.chosen() == (5,)
    assert not view.stories.merge.isVisible()


def test_a_story_whose_first_post_is_gone_still_shows(view: CardView, hear: Callable[[Any], Any]) -> None:
    opened = hear(view.mention_opened)
    view.show_card(card(stories=(story(5, first=None),)))
    row = view.stories.stories()[0]
    assert not row.first.isEnabled()
    row.first.click()
    assert opened.values == []


def test_the_ways_of_all_stories_are_added_up() -> None:
    late = NOW + timedelta(hours=1)
    one = story(1, path=(StoryHop("weibo", "xhs", 4, late), StoryHop("weibo", "weibo", 9, NOW)))
    other = story(2, path=(StoryHop("weibo", "xhs", 3, NOW),))
    assert flow((one, other)) == (StoryHop("weibo", "weibo", 9, NOW), StoryHop("weibo", "xhs", 7, NOW))


def test_a_way_is_pressed_with_the_keyboard(qtbot: Any, hear: Callable[[Any], Any]) -> None:
    row = HopRow(StoryHop("weibo", "xhs", 4, NOW), 4)
    qtbot.addWidget(row)
    row.resize(500, row.HEIGHT)
    row.show()
    opened = hear(row.opened)
    QTest.keyClick(row, Qt.Key.Key_Return)
    QTest.keyClick(row, Qt.Key.Key_Space)
    assert opened.values == ["xhs", "xhs"]
    assert "4" in row.accessibleName()


def test_the_course_is_walked_with_keys_and_read_aloud(qtbot: Any, hear: Callable[[Any], Any]) -> None:
    chart = CourseChart()
    qtbot.addWidget(chart)
    chart.resize(600, 200)
    chart.show()
    chart.draw()
    slots = card().course
    chart.show_course(slots, NOW + timedelta(minutes=20))
    assert ": 11, 2.0 expected" in chart.accessibleName()
    heard: list[tuple[Any, Any]] = []
    chart.slot_opened.connect(lambda since, until: heard.append((since, until)))
    QTest.keyClick(chart, Qt.Key.Key_Return)
    assert heard == []
    QTest.keyClick(chart, Qt.Key.Key_Home)
    QTest.keyClick(chart, Qt.Key.Key_Right)
    QTest.keyClick(chart, Qt.Key.Key_Return)
    QTest.keyClick(chart, Qt.Key.Key_End)
    QTest.keyClick(chart, Qt.Key.Key_Return)
    assert heard == [(slots[1].at, slots[2].at), (slots[11].at, None)]
    assert chart.told.text() == words.slot_words(slots[11])


def test_the_pointer_opens_the_slot_it_is_on(qtbot: Any) -> None:
    chart = CourseChart()
    qtbot.addWidget(chart)
    chart.resize(600, 200)
    chart.show()
    chart.show_course(card().course, NOW)
    chart.draw()
    plot = chart.findChild(QGraphicsView)
    qtbot.waitUntil(lambda: plot.isVisible() and plot.width() == 600)
    qtbot.waitUntil(lambda: plot.getViewBox().height() < HIGH)
    heard: list[Any] = []
    chart.slot_opened.connect(lambda since, _until: heard.append(since))
    QTest.mouseClick(
        chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(chart.width() - 14, 60)
    )
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(50, 60))
    slots = card().course
    assert heard[0] == slots[11].at
    assert heard[1] in (slots[0].at, slots[1].at)
    theme.notifier().changed.emit()
    assert chart.at >= 0


def test_the_head_says_where_it_stands(qtbot: Any, hear: Callable[[Any], Any]) -> None:
    head = Head()
    qtbot.addWidget(head)
    head.show()
    acted, closer = hear(head.acted), hear(head.closer)
    until = datetime.now(UTC) + timedelta(hours=1)
    head.show_incident(incident(escalated_to="公关<b>", closer_until=until))
    assert "公关<b>" in head.state.text()
    assert words.until_words(until) in head.state.text()
    assert head.acts["mute"].isVisible()
    assert not head.acts["unmute"].isVisible()
    assert not head.muted.isVisible()
    assert head.no_closer.isVisible()
    for act in head.menu.actions():
        act.trigger()
    assert closer.values == [1.0, 2.0, 6.0, 0.0]
    head.show_incident(incident(muted="我们的抽奖", muted_by="小林"))
    assert "我们的抽奖" in head.muted.words.text()
    assert head.acts["unmute"].isVisible()
    for name in ("brief", "escalate", "unmute", "mentions"):
        head.acts[name].click()
    assert acted.values == ["brief", "escalate", "unmute", "mentions"]
    head.show_incident(incident(phase=IncidentPhase.CLOSED, closed_at=NOW))
    assert not head.acts["closer"].isEnabled()
    past = datetime.now(UTC) - timedelta(hours=1)
    head.show_incident(incident(closer_until=past))
    assert not head.state.isVisible()
    assert not head.no_closer.isVisible()


def test_those_that_go_on_and_may_disturb_stand_first() -> None:
    closed = incident(id=1, phase=IncidentPhase.CLOSED, opened_at=NOW + timedelta(hours=5))
    muted = incident(id=2, muted="x")
    grave, newer = incident(id=3), incident(id=4, severity=Severity.P2, opened_at=NOW + timedelta(hours=1))
    assert [one.id for one in ordered((closed, muted, newer, grave))] == [3, 4, 2, 1]


def test_the_list_paints_and_says_every_state(qtbot: Any) -> None:
    made = IncidentList()
    qtbot.addWidget(made)
    made.resize(360, 700)
    made.show()
    rows = [incident(id=n, phase=phase, title=HOSTILE) for n, phase in enumerate(IncidentPhase, 1)]
    made.show_rows([*rows, incident(id=9, muted="x")])
    assert not made.grab().isNull()
    for row in range(5):
        said = made.values.data(made.values.index(row), Qt.ItemDataRole.DisplayRole)
        assert words.phase_word(list(IncidentPhase)[row]) in said
        assert not any(bad in said for bad in BAD)
    QTest.keyClick(made, Qt.Key.Key_J)
    assert made.current is not None
    assert made.current.id == 2


def test_an_entry_takes_no_more_lines_than_it_may(qtbot: Any) -> None:
    entry = Entry(1, lines=2)
    qtbot.addWidget(entry)
    entry.say("很" * 400, lead="老陈", trail="微博")
    two = entry.heightForWidth(300)
    entry.say("短", lead="老陈", trail="微博")
    one = entry.heightForWidth(300)
    assert one < two < 3 * one
    entry.say("没有空格" * 80, lead="名" * 80 + "\U0001f600")
    entry.resize(220, entry.heightForWidth(220))
    assert not entry.grab().isNull()


def test_what_is_told_of_a_story_in_the_feed(qtbot: Any, hear: Callable[[Any], Any]) -> None:
    box = StoryBox()
    qtbot.addWidget(box)
    wanted = hear(box.wanted)
    box.show_story(None)
    assert box.isHidden()
    box.show_story(story(5, campaign=(CampaignSign("same", "x", 0.9),)))
    assert not box.isHidden()
    assert "11" in box.count.text()
    assert box.hint.text()
    box.list_button.click()
    assert [one.stories for one in wanted.values] == [(5,)]
