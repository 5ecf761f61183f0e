"""The composer and the knowledge base: the entry and the others, what should not go out, what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.draft import Manner, Rest
from app.domain.knowledge import Entry
from app.domain.mention import Status
from app.domain.watch import Watch
from ui.context import Context
from ui.feed.composer import Composer
from ui.feed.page import FeedPage

pytestmark = pytest.mark.window

HOT = Entry(title="手机充电发烫怎么办", patterns=("充电很热",), answer="请用原装充电器。", product="手机")
DRAIN = Entry(title="电池掉电快怎么办", answer="请看耗电排行。", product="手机")


@pytest.fixture
def asked(core: Core, stock: Any, brand: Watch) -> int:
    core.save_entry(HOT)
    core.save_entry(DRAIN)
    [id_] = stock.put("星澜手机一充电就发烫，掉电快，正常吗？", author="王小明")
    return int(id_)


def opened(qtbot: QtBot, context: Context, id_: int) -> Composer:
    made = Composer(context, id_)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(made.edit.isEnabled)
    return made


def write(qtbot: QtBot, composer: Composer, text: str) -> None:
    composer.edit.setPlainText(text)
    qtbot.waitUntil(lambda: composer.findings.isVisible() == bool(composer.findings.look()))


def close(composer: Composer) -> None:
    composer._drafted = composer.edit.toPlainText()
    composer.close()


def test_the_entry_is_shown_and_another_one_click_away(qtbot: QtBot, context: Context, asked: int) -> None:
    composer = opened(qtbot, context, asked)
    assert composer.entries.title.whole == HOT.title
    assert HOT.answer in composer.edit.toPlainText()
    assert composer.picker.currentIndex() == -1
    assert [rest.kind for rest in composer.rests.rests] == ["entry", "mention"]
    other = next(chip for chip in composer.entries.chips if DRAIN.title in chip.text())
    other.click()
    qtbot.waitUntil(lambda: DRAIN.answer in composer.edit.toPlainText())
    assert composer.entries.title.whole == DRAIN.title
    composer.manner_buttons[Manner.FORMAL].click()
    qtbot.waitUntil(
        lambda: "现将处理办法" in composer.edit.toPlainText() or "答复如下" in composer.edit.toPlainText()
    )
    assert DRAIN.answer in composer.edit.toPlainText(), "a tone keeps the entry"
    alone = next(chip for chip in composer.entries.chips if "template" in chip.text())
    alone.click()
    qtbot.waitUntil(lambda: DRAIN.answer not in composer.edit.toPlainText())
    assert composer.picker.currentIndex() >= 0
    close(composer)


def test_nothing_is_said_of_an_empty_knowledge_base(
    qtbot: QtBot, context: Context, stock: Any, brand: Watch
) -> None:
    [id_] = stock.put("星澜充电发烫")
    composer = opened(qtbot, context, id_)
    assert not composer.entries.isVisible()
    close(composer)


def test_an_entry_past_its_day_is_marked(qtbot: QtBot, context: Context, core: Core, asked: int) -> None:
    entry = core.entries()[0]
    core.save_entry(replace(entry, review_on=core.clock.now().date() - timedelta(days=3)))
    composer = opened(qtbot, context, asked)
    assert composer.entries.overdue.isVisible()
    close(composer)


def test_what_should_not_go_out_is_marked_and_asked_once(
    qtbot: QtBot, context: Context, core: Core, asked: int, browser: Any
) -> None:
    composer = opened(qtbot, context, asked)
    write(qtbot, composer, "😀我们是最佳选择")
    [finding] = composer.findings.found
    assert finding.words == "最佳"
    [look] = composer.edit.extraSelections()
    assert look.cursor.selectedText() == "最佳", "an emoji before it counts as two for Qt"
    composer.findings.buttons[0].click()
    assert composer.edit.textCursor().selectedText() == "最佳"
    before = QGuiApplication.clipboard().text()
    composer.copy_only.click()
    assert "最佳" in composer.question.text
    assert QGuiApplication.clipboard().text() == before
    composer.question.no.click()
    composer.copy_only.click()
    composer.question.yes.click()
    assert QGuiApplication.clipboard().text() == "😀我们是最佳选择"
    composer.copy_only.click()
    assert not composer.question.isVisible(), "the same text is not asked about again"
    write(qtbot, composer, "我们是最佳选择，真的")
    composer.copy_only.click()
    assert composer.question.isVisible(), "another text is"
    close(composer)


def test_personal_data_goes_out_only_after_a_yes(
    qtbot: QtBot, context: Context, core: Core, asked: int, browser: Any
) -> None:
    composer = opened(qtbot, context, asked)
    write(qtbot, composer, "您的电话13812345678我们已记下")
    assert composer.findings.property("tone") == "negative"
    composer.copy_and_open.click()
    assert "13812345678" in composer.question.text
    assert browser.opened == []
    assert core.mention(asked).status is Status.NEW
    composer.question.yes.click()
    qtbot.waitUntil(lambda: len(browser.opened) == 1)
    close(composer)


def test_a_clean_text_is_not_asked_about(qtbot: QtBot, context: Context, asked: int) -> None:
    composer = opened(qtbot, context, asked)
    write(qtbot, composer, "您好，我们会在第一时间联系您")
    assert not composer.findings.isVisible()
    composer.copy_only.click()
    assert not composer.question.isVisible()
    close(composer)


def test_an_answer_is_kept_with_one_click(qtbot: QtBot, context: Context, core: Core, asked: int) -> None:
    composer = opened(qtbot, context, asked)
    wanted: list[Rest] = []
    composer.rest_wanted.connect(wanted.append)
    assert not composer.keeping.isVisible()
    composer.edit.setPlainText("新的答案，请放心")
    composer.answered.emit(asked)
    assert composer.keeping.isVisible()
    composer.keeping.keep.click()
    qtbot.waitUntil(composer.keeping.see.isVisible)
    made = core.entries()[-1]
    assert made.answer == "新的答案，请放心"
    composer.keeping.see.click()
    assert wanted == [Rest("entry", made.id, made.title)]
    close(composer)


def test_the_words_are_added_to_the_entry_it_was_made_of(
    qtbot: QtBot, context: Context, core: Core, asked: int
) -> None:
    composer = opened(qtbot, context, asked)
    composer.answered.emit(asked)
    composer.keeping.add.click()
    qtbot.waitUntil(lambda: len(core.entries()[0].patterns) == 2)
    assert len(core.entries()) == 2
    close(composer)


def test_what_a_draft_rests_on_opens(qtbot: QtBot, open_page: Any, asked: int) -> None:
    page: FeedPage = open_page(1)
    entries: list[int] = []
    page.entry_wanted.connect(entries.append)
    page.compose(asked)
    [composer] = page.composers
    qtbot.waitUntil(composer.edit.isEnabled)
    first, second = composer.rests.chips
    first.click()
    assert entries == [1]
    second.click()
    qtbot.waitUntil(lambda: page.view.currentIndex().isValid())
    close(composer)
