"""The page of the knowledge base, over a real core."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.core import Core
from app.domain.knowledge import Entry
from app.domain.watch import Watch
from app.i18n import set_language
from ui.context import Context
from ui.dialogs.posts import PostsSheet
from ui.dialogs.sheet import Confirm
from ui.knowledge.page import KnowledgePage
from ui.knowledge.past import PastSheet
from ui.main_window import MainWindow

HOT = Entry(title="手机充电发烫怎么办", patterns=("充电很热",), answer="请用原装充电器。", product="手机")
DRAIN = Entry(title="电池掉电快怎么办", answer="请看耗电排行。", product="手机", public=True)
SCREEN = Entry(title="屏幕碎了换屏多少钱", answer="请查备件价格。", product="手机")


@pytest.fixture
def stocked(core: Core, tmp_path: Path) -> Core:
    """Three entries; two ask for the second, one for the first, three in vain."""
    core.save_brand(Watch(name="星尘", query="星尘"), wait=True)
    for entry in (HOT, DRAIN, SCREEN):
        core.save_entry(entry)
    texts = ["星尘手机充电发烫正常吗", "星尘掉电快怎么办", "星尘待机掉电怎么这么快啊"]
    texts += ["星尘的耳机怎么连不上蓝牙啊"] * 3
    now = datetime.now(UTC)
    rows = [
        f"{text},用户{n},{now - timedelta(hours=n):%Y-%m-%d %H:%M:%S},https://example.com/{n}"
        for n, text in enumerate(texts)
    ]
    path = tmp_path / "posts.csv"
    path.write_text("text,author,published_at,url\n" + "\n".join(rows) + "\n", encoding="utf-8")
    core.import_path(path)
    return core


def shown(qtbot: Any, context: Context) -> KnowledgePage:
    page = KnowledgePage(context)
    qtbot.addWidget(page)
    page.resize(1240, 820)
    page.show()
    qtbot.waitUntil(lambda: page._asked is not None and context.asker.busy == 0)
    return page


def titles(page: KnowledgePage) -> list[str]:
    return [line.entry.title for line in page.list.values.rows]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_an_empty_base_explains_itself(qtbot: Any, context: Context, language: str) -> None:
    set_language(language)
    page = shown(qtbot, context)
    assert page.states.state == "empty"
    assert page.states.empty.text.text()
    page.states.empty.button.click()
    assert page.right.currentWidget() is page.sheet


def test_the_most_asked_stand_first(qtbot: Any, context: Context, stocked: Core) -> None:
    page = shown(qtbot, context)
    assert titles(page) == [DRAIN.title, HOT.title, SCREEN.title]
    assert [line.asked for line in page.list.values.rows] == [2, 1, 0]
    page.list.go_to(2)
    assert page.editor.title.text() == DRAIN.title
    page.editor.asked.click()
    [sheet] = page.findChildren(PostsSheet)
    qtbot.waitUntil(lambda: sheet.states.state == "full")
    assert len(sheet.table.values.rows) == 2
    sheet.reject()


def test_a_gap_opens_its_posts_and_becomes_an_entry(qtbot: Any, context: Context, stocked: Core) -> None:
    page = shown(qtbot, context)
    QTest.mouseClick(page.filter._button(2), Qt.MouseButton.LeftButton)
    [line] = page.gaps.values.rows
    assert line.gap.asked == 3
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.gap)
    assert "3" in page.gap.count.text()
    page._see_gap()
    [sheet] = page.findChildren(PostsSheet)
    opened: list[int] = []
    page.mention_opened.connect(opened.append)
    qtbot.waitUntil(lambda: sheet.states.state == "full")
    sheet.see()
    assert opened
    assert opened[0] in line.gap.mention_ids
    page._write_entry()
    assert "蓝牙" in page.editor.title.text()
    assert not page.save_button.isEnabled(), "an answer is needed"
    page.editor.answer.setPlainText("请长按十秒重新配对。")
    page.save_button.click()
    qtbot.waitUntil(lambda: len(stocked.entries()) == 4)
    qtbot.waitUntil(lambda: page._asked is not None and not page._asked.gaps)
    qtbot.waitUntil(lambda: bool(titles(page)) and "蓝牙" in titles(page)[0])


def test_a_search_finds_by_meaning(qtbot: Any, context: Context, stocked: Core) -> None:
    page = shown(qtbot, context)
    page.search.setText("换个萤幕要花多少钱")
    qtbot.waitUntil(lambda: titles(page)[:1] == [SCREEN.title])
    page.search.clear()
    qtbot.waitUntil(lambda: len(titles(page)) == 3)


def test_writing_saving_and_looking_back(qtbot: Any, context: Context, stocked: Core) -> None:
    page = shown(qtbot, context)
    page.open_entry(1)
    qtbot.waitUntil(lambda: page.editor.entry.id == 1)
    page.editor.answer.setPlainText("新的答案")
    page.editor.patterns.setPlainText("充电很热\n烫手\n")
    assert page.save_button.isEnabled()
    page.save_button.click()
    qtbot.waitUntil(lambda: stocked.entry(1).answer == "新的答案")
    assert stocked.entry(1).patterns == ("充电很热", "烫手")
    qtbot.waitUntil(page.editor.past.isVisible)
    page._see_past()
    [sheet] = page.findChildren(PastSheet)
    qtbot.waitUntil(lambda: sheet.states.state == "full")
    sheet.table.selectRow(0)
    assert HOT.answer in sheet.whole.text()
    sheet.take()
    assert page.editor.answer.toPlainText() == HOT.answer
    page.save_button.click()
    qtbot.waitUntil(lambda: stocked.entry(1).answer == HOT.answer)
    assert stocked.entry(1).revision == 3


def test_what_is_wrong_is_said_in_the_editor(qtbot: Any, context: Context, stocked: Core) -> None:
    page = shown(qtbot, context)
    page.add()
    page.editor.title.setText(HOT.title)
    page.editor.answer.setPlainText("x")
    page.editor.link.setText("javascript:alert(1)")
    page.save()
    qtbot.waitUntil(page.editor.notice.isVisible)
    assert "http" in page.editor.notice.words.text()
    page.editor.link.clear()
    page.save()
    qtbot.waitUntil(lambda: HOT.title in page.editor.notice.words.text())
    assert len(stocked.entries()) == 3


def test_a_colleague_was_quicker(qtbot: Any, context: Context, stocked: Core) -> None:
    page = shown(qtbot, context)
    page.open_entry(1)
    qtbot.waitUntil(lambda: page.editor.entry.id == 1)
    page.editor.answer.setPlainText("我的答案")
    stocked.save_entry(replace(stocked.entry(1), answer="同事的答案"))
    page.save()
    qtbot.waitUntil(page.editor.notice.isVisible)
    assert page.editor.answer.toPlainText() == "我的答案", "what was written stays"
    assert stocked.entry(1).answer == "同事的答案"


def test_unsaved_words_are_not_lost_unasked(qtbot: Any, context: Context, stocked: Core) -> None:
    page = shown(qtbot, context)
    page.editor.answer.setPlainText("没存的话")
    page.refresh()
    qtbot.waitUntil(lambda: context.asker.busy == 0)
    assert page.editor.answer.toPlainText() == "没存的话"
    page.list.go_to(3)
    [asked] = page.findChildren(Confirm)
    asked.reject()
    assert page.editor.answer.toPlainText() == "没存的话"
    page.list.go_to(3)
    asked = next(one for one in page.findChildren(Confirm) if one.isVisible())
    asked.accept()
    assert page.editor.entry.id == 3


def test_a_new_entry_being_written_survives_a_refresh(qtbot: Any, context: Context, stocked: Core) -> None:
    page = shown(qtbot, context)
    page.add()
    page.editor.title.setText("半句")
    page.refresh()
    qtbot.waitUntil(lambda: context.asker.busy == 0)
    assert page.editor.title.text() == "半句"
    assert page.findChildren(Confirm) == []


def test_out_of_use_and_back(qtbot: Any, context: Context, stocked: Core) -> None:
    page = shown(qtbot, context)
    page.list.go_to(2)
    page.archive_button.click()
    qtbot.waitUntil(lambda: len(titles(page)) == 2)
    page.filter.choose("old")
    page._filtered("old")
    qtbot.waitUntil(lambda: titles(page) == [DRAIN.title])
    page.archive_button.click()
    qtbot.waitUntil(lambda: len(stocked.entries()) == 3)


def test_a_review_that_is_due_is_listed(qtbot: Any, context: Context, stocked: Core) -> None:
    today = stocked.clock.now().date()
    stocked.save_entry(replace(stocked.entry(3), review_on=today - timedelta(days=2), owner="小周"))
    page = shown(qtbot, context)
    page.filter.choose("due")
    page._filtered("due")
    assert titles(page) == [SCREEN.title]
    assert "past its review date" in page.editor.about.text()


def test_files_and_the_help_page(qtbot: Any, context: Context, stocked: Core, tmp_path: Path) -> None:
    page = shown(qtbot, context)
    page.export_to(tmp_path / "kb.md")
    qtbot.waitUntil((tmp_path / "kb.md").exists)
    page.write_page(tmp_path / "help")
    qtbot.waitUntil((tmp_path / "help" / "index.html").exists)
    qtbot.waitUntil(lambda: context.asker.busy == 0)
    text = (tmp_path / "kb.md").read_text("utf-8").replace(SCREEN.answer, "另一个答案")
    (tmp_path / "kb.md").write_text(text, "utf-8")
    page.import_from(tmp_path / "kb.md")
    qtbot.waitUntil(lambda: stocked.entry(3).answer == "另一个答案")


def test_no_label_takes_markup(qtbot: Any, context: Context, core: Core) -> None:
    evil = "<b>粗</b><img src=x>"
    core.save_entry(Entry(title=evil, answer=evil, product=evil, owner=evil, patterns=(evil,)))
    page = shown(qtbot, context)
    assert all(
        one.textFormat() == Qt.TextFormat.PlainText for one in page.findChildren(QLabel) if one.text()
    )
    assert page.editor.title.text() == evil
    assert not page.grab().isNull()


def test_the_window_opens_an_entry(qtbot: Any, context: Context, stocked: Core) -> None:
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    window.open_entry(3)
    page = window.pages["knowledge"]
    assert isinstance(page, KnowledgePage)
    qtbot.waitUntil(lambda: page.editor.entry.id == 3)
