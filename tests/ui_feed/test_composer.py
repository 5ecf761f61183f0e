"""Draft, edit, copy, open, mark answered: once, by a person, and said plainly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.draft import Manner, Rest, Template
from app.domain.mention import Status
from app.domain.outbox import Posting
from app.domain.watch import Watch
from app.home import Home
from ui.context import Context
from ui.feed.composer import Composer

pytestmark = pytest.mark.window


def opened(qtbot: QtBot, context: Context, id_: int) -> Composer:
    made = Composer(context, id_)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(made.edit.isEnabled)
    return made


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


@pytest.fixture
def angry(stock, brand: Watch) -> int:
    [id_] = stock.put("星澜充电发热，客服不理，太失望了，要退货", author="王小明")
    return int(id_)


def leave(composer: Composer) -> None:
    composer._drafted = composer.edit.toPlainText()
    composer.close()


def test_the_draft_is_filled_in(qtbot: QtBot, context: Context, core: Core, angry: int) -> None:
    composer = opened(qtbot, context, angry)
    assert composer.edit.toPlainText() == core.draft(angry, Manner.WARM).text
    assert "王小明" in composer._who.text()
    assert "星澜充电发热" in composer._quote.text()
    assert composer.manner_buttons[Manner.WARM].isChecked()
    assert f"{len(composer.edit.toPlainText())} characters" == composer._count.text()
    composer.close()


def test_closed_by_the_frame_it_says_that_it_is_finished(
    qtbot: QtBot, context: Context, angry: int
) -> None:
    composer = opened(qtbot, context, angry)
    with qtbot.waitSignal(composer.finished, timeout=10_000):
        composer.close()
    kept = opened(qtbot, context, angry)
    kept.edit.setPlainText("我自己写的")
    kept.close()
    assert kept.isVisible()  # asked first
    leave(kept)


def test_manners_replace_an_untouched_draft(qtbot: QtBot, context: Context, core: Core, angry: int) -> None:
    composer = opened(qtbot, context, angry)
    composer.manner_buttons[Manner.FORMAL].click()
    wanted = core.draft(angry, Manner.FORMAL).text
    assert wanted != core.draft(angry, Manner.WARM).text
    qtbot.waitUntil(lambda: composer.edit.toPlainText() == wanted)
    assert not composer.question.isVisible()
    composer.close()


def test_edited_text_is_not_replaced_unasked(
    qtbot: QtBot, context: Context, core: Core, angry: int
) -> None:
    composer = opened(qtbot, context, angry)
    composer.edit.setPlainText("我自己写的")
    composer.manner_buttons[Manner.BRIEF].click()
    assert composer.question.isVisible()
    composer.question.no.click()
    assert composer.edit.toPlainText() == "我自己写的"
    assert composer.manner_buttons[Manner.WARM].isChecked()
    composer.manner_buttons[Manner.BRIEF].click()
    composer.question.yes.click()
    wanted = core.draft(angry, Manner.BRIEF).text
    qtbot.waitUntil(lambda: composer.edit.toPlainText() == wanted)
    composer.close()


def test_own_templates_are_picked(qtbot: QtBot, context: Context, core: Core, angry: int) -> None:
    bodies = dict.fromkeys(Manner, "{author}您好，我们在看。我们的热线是 {channel}。")
    mine = core.save_template(Template(name="我的模板", complaint="general", bodies=bodies))
    composer = opened(qtbot, context, angry)
    number = next(n for n in range(composer.picker.count()) if composer.picker.itemText(n) == mine.name)
    composer.picker.setCurrentIndex(number)
    composer.picker.activated.emit(number)
    qtbot.waitUntil(lambda: composer.edit.toPlainText().startswith("王小明您好"))
    assert composer.picker.currentText() == mine.name
    assert "the service channel" in composer._missing.text()
    composer.close()


def test_shipped_templates_are_picked(qtbot: QtBot, context: Context, core: Core, angry: int) -> None:
    composer = opened(qtbot, context, angry)
    before = composer.edit.toPlainText()
    other = next(n for n in range(composer.picker.count()) if n != composer.picker.currentIndex())
    name = composer.picker.itemText(other)
    composer.picker.setCurrentIndex(other)
    composer.picker.activated.emit(other)
    qtbot.waitUntil(lambda: composer.edit.toPlainText() != before)
    assert composer.picker.currentText() == name
    composer.close()


def copied(qtbot: QtBot, composer: Composer) -> None:
    """Copied, and asked whether it was posted."""
    composer.copy_and_open.click()
    qtbot.waitUntil(lambda: "to be confirmed" in composer.poster.standing.text)


def test_copy_open_and_mark(qtbot: QtBot, context: Context, core: Core, angry: int, browser) -> None:
    composer = opened(qtbot, context, angry)
    composer.edit.setPlainText("您好，我们马上处理")
    copied(qtbot, composer)
    assert clipboard() == "您好，我们马上处理"
    assert browser.opened == ["https://posts.example/0/0"]
    assert core.mention(angry).status is Status.NEW, "nobody has said yet that it was posted"
    with qtbot.waitSignal(composer.answered):
        composer.poster.standing.yes.click()
    stored = core.mention(angry)
    assert (stored.status, stored.answer, stored.status_by) == (
        Status.ANSWERED,
        "您好，我们马上处理",
        core.me,
    )
    assert core.me in composer.news.text
    assert not composer.copy_and_open.isEnabled(), "nothing goes out twice"
    composer.copy_and_open.click()
    assert len(browser.opened) == 1
    assert sum(event.what.startswith("answer") for event in core.history(angry)) == 1
    composer.close()


def test_copy_only_changes_nothing(qtbot: QtBot, context: Context, core: Core, angry: int, browser) -> None:
    composer = opened(qtbot, context, angry)
    composer.copy_only.click()
    assert clipboard() == composer.edit.toPlainText()
    assert core.mention(angry).status is Status.NEW
    assert browser.opened == []
    composer.close()


@pytest.mark.parametrize("url", ["", "javascript:alert(1)"])
def test_without_a_link_it_says_so(
    qtbot: QtBot, context: Context, core: Core, stock, brand, browser, *, url: str
) -> None:
    [id_] = stock.put("星澜没有链接", url=url)
    composer = opened(qtbot, context, id_)
    assert "no link" in composer._link.text()
    copied(qtbot, composer)
    assert browser.opened == []
    assert "no link" in composer._told.text()
    with qtbot.waitSignal(composer.answered):
        composer.poster.standing.yes.click()
    composer.close()


def test_copied_and_not_posted(qtbot: QtBot, context: Context, core: Core, angry: int, browser) -> None:
    composer = opened(qtbot, context, angry)
    composer.edit.setPlainText("您好")
    copied(qtbot, composer)
    composer.copy_and_open.click()
    qtbot.waitUntil(lambda: len(browser.opened) == 2)
    assert len(core.outbox()) == 1, "copying once more is the same answer"
    composer.close()
    again = opened(qtbot, context, angry)
    qtbot.waitUntil(lambda: "to be confirmed" in again.poster.standing.text)
    again.poster.standing.no.click()
    qtbot.waitUntil(lambda: [row.state for row in core.outbox()] == [Posting.FAILED])
    assert again.poster.standing.text == ""
    assert core.mention(angry).status is Status.NEW
    leave(again)


def test_answering_twice_is_asked_about(
    qtbot: QtBot, context: Context, core: Core, angry: int, browser
) -> None:
    core.answered(angry, "第一次")
    composer = opened(qtbot, context, angry)
    assert "Already answered" in composer.news.text
    composer.copy_and_open.click()
    assert composer.question.isVisible()
    assert core.mention(angry).answer == "第一次"
    assert browser.opened == []
    composer.edit.setPlainText("第二次")
    composer.question.yes.click()
    qtbot.waitUntil(lambda: "to be confirmed" in composer.poster.standing.text)
    with qtbot.waitSignal(composer.answered):
        composer.poster.standing.yes.click()
    assert core.mention(angry).answer == "第二次"
    composer.close()


def test_a_colleague_was_first(qtbot: QtBot, context: Context, core: Core, home: Home, angry: int) -> None:
    composer = opened(qtbot, context, angry)
    assert composer.news.text == ""
    core.local = replace(core.local, agent="小李")
    core.claim([angry])
    qtbot.waitUntil(lambda: "小李" in composer.news.text)
    core.answered(angry, "抢先一步")
    qtbot.waitUntil(lambda: "Already answered by 小李" in composer.news.text)
    composer.copy_and_open.click()
    assert composer.question.isVisible()
    leave(composer)


def test_edits_are_not_lost_by_escape(qtbot: QtBot, context: Context, angry: int) -> None:
    composer = opened(qtbot, context, angry)
    composer.edit.setPlainText("写了很久")
    qtbot.keyClick(composer, Qt.Key.Key_Escape)
    assert composer.isVisible()
    assert "lost" in composer.question.text
    composer.question.yes.click()
    assert not composer.isVisible()


def test_a_mention_that_is_gone(qtbot: QtBot, context: Context) -> None:
    composer = Composer(context, 999)
    qtbot.addWidget(composer)
    composer.show()
    qtbot.waitUntil(lambda: bool(composer.news.text))
    assert not composer.copy_and_open.isEnabled()
    composer.close()


def test_a_text_made_elsewhere_is_taken_with_what_it_rests_on(
    qtbot: QtBot, context: Context, angry: int
) -> None:
    composer = opened(qtbot, context, angry)
    wanted: list[object] = []
    composer.rest_wanted.connect(wanted.append)
    rest = Rest("entry", 7, "充电发烫")
    composer.take_text("别处写的\u202e", [rest, rest])
    assert composer.edit.toPlainText().startswith("别处写的")
    assert not composer.edited
    [chip] = composer.rests.chips
    assert "充电发烫" in chip.text()
    chip.click()
    assert wanted == [rest]
    composer.close()


def test_a_text_made_elsewhere_does_not_replace_a_persons_words_unasked(
    qtbot: QtBot, context: Context, angry: int
) -> None:
    composer = opened(qtbot, context, angry)
    composer.edit.setPlainText("我自己写的")
    composer.take_text("别处写的")
    composer.question.no.click()
    assert composer.edit.toPlainText() == "我自己写的"
    composer.take_text("别处写的")
    composer.question.yes.click()
    assert composer.edit.toPlainText() == "别处写的"
    composer.close()
