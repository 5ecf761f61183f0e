"""The desk over a real core: lists, claims between colleagues, notes, bulk acts, who is looking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.core import Core
from app.domain.alert import Severity
from app.domain.mention import Author, Mention, Status
from app.domain.people import Team
from app.domain.queue import Act, Pile, QueueQuery
from app.domain.watch import Source, Watch
from app.storage import Found
from app.storage.models_desk import DeskRow
from ui.context import Context
from ui.desk import words
from ui.desk.books import BooksSheet
from ui.desk.page import DeskPage
from ui.desk.presence import Presence
from ui.desk.sheets import AssignSheet, LeaseSheet, ReasonSheet
from ui.dialogs.posts import PostsSheet
from ui.main_window import MainWindow
from ui.widgets import countdown

pytestmark = pytest.mark.window
EVIL = "<b>第{n}条</b>\u202e手机发热"


@pytest.fixture
def stock(core: Core) -> Callable[[int], list[int]]:
    """So many mentions of one brand and one author, on the desk and nobody's."""

    def made(n: int) -> list[int]:
        core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
        source = core.storage.sources.save(Source(kind="feed", name="论坛<i>"))
        now = core.clock.now()
        found = [
            Found(
                mention=Mention(
                    platform="weibo",
                    native_id=str(number),
                    url=f"https://example.com/{number}",
                    text=EVIL.format(n=number),
                    author=Author(name="用户<u>", native_id="u1"),
                ),
                published_at=now - timedelta(minutes=number),
                dated=True,
            )
            for number in range(n)
        ]
        ids = list(core.storage.mentions.save_page(source.id, found, None, now=now).new)
        core.desk_act(Act.CLAIM, ids)
        core.desk_act(Act.RELEASE, ids)
        return ids

    return made


@pytest.fixture
def page(qtbot: Any, context: Context) -> DeskPage:
    made = DeskPage(context)
    qtbot.addWidget(made)
    made.resize(1100, 760)
    made.show()
    return made


def show(qtbot: Any, page: DeskPage, pile: Pile, rows: int) -> None:
    page.piles.choose(pile.value)
    page._repile(pile.value)
    qtbot.waitUntil(lambda: len(page.list.values.rows) == rows)


def opened(kind: type[Any]) -> Any:
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
    return found[-1] if found else None


def reads(qtbot: Any, page: DeskPage, id: int) -> None:
    qtbot.waitUntil(lambda: page.detail.whole is not None and page.detail.whole.stored.id == id)


def shown_acts(page: DeskPage) -> set[str]:
    return {name for name, one in page.detail.acts.items() if one.isVisible()}


def test_from_unclaimed_to_mine_to_done(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    ids = stock(3)
    show(qtbot, page, Pile.UNCLAIMED, 3)
    reads(qtbot, page, ids[0])
    assert page.detail.post.toPlainText().startswith("<b>")
    assert {"claim", "reply", "assign"} <= shown_acts(page)
    page.detail.acts["claim"].click()
    qtbot.waitUntil(lambda: len(page.list.values.rows) == 2)
    qtbot.waitUntil(lambda: "release" in shown_acts(page))
    assert page.detail.mention_id == ids[0]  # who claimed it goes on with it
    assert core.mention(ids[0]).status_by == core.me
    qtbot.waitUntil(lambda: page.piles._button(0).text().endswith("1"))
    show(qtbot, page, Pile.MINE, 1)
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: core.mention(ids[0]).status is Status.ANSWERED)
    qtbot.waitUntil(lambda: not page.list.values.rows and page.states.state == "empty")
    show(qtbot, page, Pile.DONE, 1)
    reads(qtbot, page, ids[0])
    qtbot.waitUntil(lambda: shown_acts(page) == {"reopen", "original", "feed", "issue"})


def test_a_colleagues_claim_is_taken_over_openly(
    qtbot: Any, core: Core, stock: Any, page: DeskPage
) -> None:
    ids = stock(1)
    core.desk_act(Act.CLAIM, ids, by="小王")
    show(qtbot, page, Pile.TEAM, 1)
    reads(qtbot, page, ids[0])
    qtbot.waitUntil(lambda: shown_acts(page) == {"take_over", "original", "feed", "issue"})
    assert "小王" in page.detail.owner.text()
    page.detail.acts["take_over"].click()
    sheet = opened(ReasonSheet)
    assert not sheet.chief.isEnabled()
    sheet.reason.setText("客户在电话里")
    sheet.chief.click()
    qtbot.waitUntil(lambda: core.mention(ids[0]).status_by == core.me)
    (note,) = core.storage.notes.to("小王", unread=True)
    assert "客户在电话里" in note.text
    qtbot.waitUntil(lambda: "release" in shown_acts(page))


def test_a_sheet_stays_about_what_it_was_opened_for(
    qtbot: Any, core: Core, stock: Any, page: DeskPage
) -> None:
    ids = stock(2)
    core.desk_act(Act.CLAIM, ids, by="小王")
    show(qtbot, page, Pile.TEAM, 2)
    page.open_item(ids[0])
    reads(qtbot, page, ids[0])
    page.detail.acts["take_over"].click()
    page.open_item(ids[1])
    reads(qtbot, page, ids[1])
    sheet = opened(ReasonSheet)
    sheet.reason.setText("客户在电话里")
    sheet.chief.click()
    qtbot.waitUntil(lambda: core.mention(ids[0]).status_by == core.me)
    assert core.mention(ids[1]).status_by == "小王"


def test_what_was_taken_from_me_is_said(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    ids = stock(2)
    core.claim(ids[:1])
    show(qtbot, page, Pile.UNCLAIMED, 1)
    assert not page.to_me.isVisible()
    core.take_over(ids[0], "急", by="小王")
    qtbot.waitUntil(page.to_me.isVisible)
    assert "小王" in page.to_me.words.whole
    button = page.to_me.findChild(QPushButton)
    assert button is not None
    button.click()
    reads(qtbot, page, ids[0])  # although the list shown does not hold it
    assert core.notes_to_me(unread=True) != ()
    page.presence.beat()
    qtbot.waitUntil(lambda: not page.to_me.isVisible())


def test_notes_call_colleagues(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    ids = stock(2)
    core.desk_act(Act.CLAIM, ids[1:], by="小王")
    show(qtbot, page, Pile.TEAM, 2)
    reads(qtbot, page, ids[0])
    box = page.detail.notes
    menu = box.offer()
    assert [action.text() for action in menu.actions()] == ["小王"]
    menu.actions()[0].trigger()
    box.editor.insertPlainText("看一下")
    page.list.setFocus()
    page.list.step(1)
    reads(qtbot, page, ids[1])
    assert box.editor.toPlainText() == ""  # it was about the other one
    page.list.step(-1)
    reads(qtbot, page, ids[0])
    assert box.editor.toPlainText() == "@小王 看一下"
    box.save.click()
    qtbot.waitUntil(lambda: [one.to for one in core.notes(ids[0])] == [("小王",)])
    qtbot.waitUntil(lambda: box.editor.toPlainText() == "")
    qtbot.waitUntil(lambda: page.list.values.rows[0].notes == 1)


def test_many_at_once(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    ids = stock(4)
    core.desk_act(Act.CLAIM, ids[1:2], by="小王")
    show(qtbot, page, Pile.TEAM, 4)
    page.list.setFocus()
    for _step in range(3):
        QTest.keyClick(page.list, Qt.Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    assert page.bulk.isVisible()
    assert page.ids() == tuple(ids)
    page.act("pause")
    sheet = opened(ReasonSheet)
    sheet.reason.setText("等工程师")
    sheet.chief.click()
    qtbot.waitUntil(lambda: core.queue_counts(QueueQuery()).waiting == 3)
    qtbot.waitUntil(lambda: len(page.list.values.rows) == 1)  # the colleague's was left alone
    assert not page.bulk.isVisible()


def test_assigned_with_a_note(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    ids = stock(1)
    core.note(ids[0], "在吗", by="小李")
    show(qtbot, page, Pile.UNCLAIMED, 1)
    reads(qtbot, page, ids[0])
    page.detail.acts["assign"].click()
    sheet = opened(AssignSheet)
    qtbot.waitUntil(lambda: sheet.to.count() == 1)
    assert not sheet.chief.isEnabled()
    sheet.to.setEditText("小李")
    sheet.note.setPlainText("请跟进")
    sheet.chief.click()
    qtbot.waitUntil(lambda: core.mention(ids[0]).status_by == "小李")
    assert [one.text for one in core.storage.notes.to("小李")] == ["请跟进"]


def test_beginning_an_answer_claims_it(
    qtbot: Any, core: Core, stock: Any, page: DeskPage, hear: Any
) -> None:
    ids = stock(1)
    asked = hear(page.compose_requested)
    show(qtbot, page, Pile.UNCLAIMED, 1)
    reads(qtbot, page, ids[0])
    core.desk_act(Act.CLAIM, ids, by="小王")
    page.act("reply")  # the pane may not know yet
    qtbot.waitUntil(lambda: "take_over" in shown_acts(page))
    assert asked.values == []
    core.desk_act(Act.RELEASE, ids, by="小王")
    page.act("reply")
    qtbot.waitUntil(lambda: asked.values == ids)
    assert core.mention(ids[0]).status_by == core.me


def test_who_is_looking_is_shown_both_ways(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    ids = stock(1)
    core.storage.queue.view(ids[0], "小王", core.clock.now())
    show(qtbot, page, Pile.UNCLAIMED, 1)
    assert words.viewers_words(page.list.values.rows[0].viewers, core.me)
    reads(qtbot, page, ids[0])
    page.presence.beat()
    qtbot.waitUntil(
        lambda: set(core.storage.queue.viewers(ids, core.clock.now())[ids[0]]) == {core.me, "小王"}
    )
    qtbot.waitUntil(lambda: "小王" in page.detail.viewers.text())
    assert [event.what for event in core.history(ids[0])].count("seen") == 2


def test_nobody_at_the_machine_keeps_no_claim(
    qtbot: Any, core: Core, stock: Any, page: DeskPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = stock(1)
    core.claim(ids)
    at = core.clock.now() - timedelta(minutes=20)

    def until() -> datetime:
        item = core.storage.queue.get(ids[0])
        assert item is not None
        assert item.lease_until is not None
        return item.lease_until

    early = int(at.timestamp() * 1e6)
    change = DeskRow.update(lease_until=early)
    core.storage._database.write(lambda connection: connection.execute(change))
    presence = Presence(page.context, page)
    presence.look_at(ids[0])
    presence._last -= 3600
    heard: list[object] = []
    presence.viewers.connect(heard.append)
    presence.beat()
    qtbot.waitUntil(lambda: len(heard) == 1)
    assert until() < core.clock.now()
    presence._last += 3600
    presence.beat()
    qtbot.waitUntil(lambda: until() > core.clock.now())


def test_figures_open_what_they_rest_on(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    ids = stock(3)
    core.answered(ids[2], "抱歉<b>")
    show(qtbot, page, Pile.UNCLAIMED, 2)
    reads(qtbot, page, ids[0])
    figures = {one.objectName(): one for one in page.detail.author.findChildren(QPushButton)}
    assert set(figures) == {"mentions", "complaints", "answered", f"answer:{ids[2]}"}
    figures["mentions"].click()
    sheet = opened(PostsSheet)
    qtbot.waitUntil(lambda: len(sheet.table.values.rows) == 3)
    sheet.reject()


def test_filters(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    ids = stock(2)
    team = core.storage.people.save_team(Team(name="夜班"))
    change = DeskRow.update(severity="P1", team_id=team.id).where(DeskRow.mention_id == ids[1])
    core.storage._database.write(lambda connection: connection.execute(change))
    show(qtbot, page, Pile.TEAM, 2)
    assert page.filters.team.isVisible()
    page.filters.severity.setCurrentIndex(page.filters.severity.findData(Severity.P1.value))
    page.filters.changed.emit()
    qtbot.waitUntil(lambda: [one.id for one in page.list.values.rows] == ids[1:])
    page.filters.severity.setCurrentIndex(page.filters.severity.findData(Severity.P3.value))
    page.filters.changed.emit()
    qtbot.waitUntil(lambda: page.states.state == "empty")


def test_a_long_queue_comes_in_pages(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    stock(450)
    show(qtbot, page, Pile.UNCLAIMED, 200)
    page.list.verticalScrollBar().setValue(page.list.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: len(page.list.values.rows) == 400)
    page.list.verticalScrollBar().setValue(page.list.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: len(page.list.values.rows) == 450)
    assert len({one.id for one in page.list.values.rows}) == 450


def test_lease_and_books(qtbot: Any, core: Core, stock: Any, page: DeskPage, tmp_path: Path) -> None:
    ids = stock(1)
    page.show_lease()
    sheet = opened(LeaseSheet)
    qtbot.waitUntil(lambda: sheet.minutes.value() == 30)
    sheet.minutes.setValue(10)
    sheet.chief.click()
    qtbot.waitUntil(lambda: core.lease_minutes() == 10)
    page.show_books()
    books = opened(BooksSheet)
    qtbot.waitUntil(lambda: len(books.table.values.rows) == 3)
    assert [line.what for line in books.table.values.rows] == ["setting", "release", "claim"]
    books.save_to(tmp_path / "账.csv")
    qtbot.waitUntil((tmp_path / "账.csv").exists)
    books.by.setText("没有这个人")
    books.read()
    qtbot.waitUntil(lambda: books.states.state == "empty")
    books.reject()
    assert ids


def test_the_rail_counts_what_is_mine(qtbot: Any, core: Core, context: Context, stock: Any) -> None:
    ids = stock(2)
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    core.claim(ids)
    qtbot.waitUntil(lambda: window.rail.items["desk"].badge.text() == "2")
    core.take_over(ids[0], "急", by="小王")  # said wherever I am
    qtbot.waitUntil(lambda: window.rail.items["desk"].badge.text() == "@1")
    assert isinstance(window.navigate("desk"), DeskPage)


def test_time_left_in_words_and_tones(core: Core, stock: Any) -> None:
    ids = stock(1)
    item = core.storage.queue.get(ids[0])
    assert item is not None
    assert item.due_at is not None
    told = {}
    for share in (0.1, 0.6, 0.9, 1.1):
        now = item.due_at - timedelta(seconds=item.allowed * (1 - share))
        told[share] = countdown.tone(item, now)
    assert told == {0.1: "", 0.6: "accent", 0.9: "warning", 1.1: "negative"}
    assert countdown.words(item, item.due_at - timedelta(minutes=12)) == "12 minutes left"
    assert countdown.words(item, item.due_at + timedelta(minutes=5)) == "over by 5 minutes"
    assert words.claim_words(None, "我", datetime.now(UTC))


def test_ignored_by_mistake(qtbot: Any, core: Core, stock: Any, page: DeskPage) -> None:
    ids = stock(2)
    show(qtbot, page, Pile.UNCLAIMED, 2)
    reads(qtbot, page, ids[0])
    page.detail.acts["ignore"].click()
    qtbot.waitUntil(lambda: len(page.list.values.rows) == 1)
    qtbot.waitUntil(lambda: "reopen" in shown_acts(page))
    assert page.detail.mention_id == ids[0]
    page.detail.acts["reopen"].click()
    qtbot.waitUntil(lambda: len(page.list.values.rows) == 2)
    assert core.mention(ids[0]).status is Status.NEW
