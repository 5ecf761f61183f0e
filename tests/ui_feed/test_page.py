"""The feed over a real core: what is shown, what moves, what keys do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.change import Change
from app.core import Core
from app.domain.mention import Status
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Watch
from ui.context import Context
from ui.feed import list_model
from ui.feed.page import FeedPage

pytestmark = pytest.mark.window
Open = Callable[..., FeedPage]
Key = Qt.Key


def texts(page: FeedPage) -> list[str]:
    return [page.model.stored(row).text for row in range(page.model.rowCount())]


def press(
    qtbot: QtBot,
    page: FeedPage,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.keyClick(page.view, key, modifier)


def test_no_brand_says_add_one(qtbot: QtBot, open_page: Open) -> None:
    page = open_page()
    qtbot.waitUntil(lambda: page.states.state == "empty")
    button = page.states.empty.button
    assert button is not None
    assert button.text() == "Add a brand"
    with qtbot.waitSignal(page.add_brand_requested):
        button.click()


def test_only_what_names_a_brand(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    stock.put("星澜发热", "天气不错")
    page = open_page(1)
    assert texts(page) == ["星澜发热"]
    page.show_query(MentionQuery(matched=False))
    qtbot.waitUntil(lambda: texts(page) == ["天气不错"])
    page.filters.clear()
    qtbot.waitUntil(lambda: texts(page) == ["星澜发热"])


def test_an_empty_list_fills_by_itself(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    page = open_page(0)
    stock.put("星澜来了")
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    assert page.model.waiting == 0
    assert page.states.state == "full"


def test_news_wait_and_never_move_the_reader(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    stock.put(*(f"星澜 {n}" for n in range(60)))
    page = open_page(60)
    bar = page.view.verticalScrollBar()
    bar.setValue(700)
    before = (bar.value(), page.view.visible_ids(), texts(page))
    stock.put("星澜 新一", "星澜 新二")
    qtbot.waitUntil(lambda: page.model.waiting == 2)
    assert (bar.value(), page.view.visible_ids(), texts(page)) == before
    pill = page.view._pill
    assert pill.isVisible()
    assert pill.text() == "2 new mentions"
    qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.model.rowCount() == 62)
    assert bar.value() == 0
    assert page.model.waiting == 0
    assert not pill.isVisible()


def test_at_the_top_news_wait_too_and_g_loads_them(
    qtbot: QtBot, open_page: Open, stock, brand: Watch
) -> None:
    stock.put("星澜 旧")
    page = open_page(1)
    stock.put("星澜 新")
    qtbot.waitUntil(lambda: page.model.waiting == 1)
    assert texts(page) == ["星澜 旧"]
    press(qtbot, page, Key.Key_G)
    qtbot.waitUntil(lambda: len(texts(page)) == 2)


def test_moving_and_choosing_by_keys(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    ids = stock.put(*(f"星澜 {n}" for n in range(5)))
    page = open_page(5)
    press(qtbot, page, Key.Key_J)
    assert page.view.current_id == ids[0]
    press(qtbot, page, Key.Key_J)
    press(qtbot, page, Key.Key_K)
    assert page.view.current_id == ids[0]
    press(qtbot, page, Key.Key_X)
    press(qtbot, page, Key.Key_J)
    press(qtbot, page, Key.Key_J)
    press(qtbot, page, Key.Key_X)
    assert [row.id for row in page.view.chosen()] == [ids[0], ids[2]]
    assert page.bulk.isVisible()
    assert page.bulk.text == "2 chosen"
    press(qtbot, page, Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    assert [row.id for row in page.view.chosen()] == [ids[0], ids[2], ids[3]]
    press(qtbot, page, Key.Key_Escape)
    assert not page.bulk.isVisible()
    assert [row.id for row in page.view.chosen()] == [ids[3]]


def test_a_plain_click_ends_choosing(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    stock.put("星澜 一", "星澜 二")
    page = open_page(2)
    press(qtbot, page, Key.Key_J)
    press(qtbot, page, Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    assert page.bulk.isVisible()
    where = page.view.visualRect(page.model.index(0)).center()
    qtbot.mouseClick(page.view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert not page.bulk.isVisible()


@pytest.mark.parametrize(
    ("key", "status"),
    [(Key.Key_C, Status.CLAIMED), (Key.Key_I, Status.IGNORED), (Key.Key_E, Status.ESCALATED)],
)
def test_deciding_and_undoing(
    qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch, *, key: Qt.Key, status: Status
) -> None:
    [id_] = stock.put("星澜发热")
    page = open_page(1)
    press(qtbot, page, Key.Key_J)
    press(qtbot, page, key)
    qtbot.waitUntil(lambda: core.mention(id_).status is status)
    qtbot.waitUntil(lambda: page.model.stored(0).status is status)
    qtbot.waitUntil(lambda: bool(page.snack.text))
    press(qtbot, page, Key.Key_U)
    qtbot.waitUntil(lambda: page.model.stored(0).status is Status.NEW)
    assert core.mention(id_).status is Status.NEW


def test_keys_pressed_faster_than_answers_keep_their_order(
    qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch
) -> None:
    [id_] = stock.put("星澜发热")
    page = open_page(1)
    press(qtbot, page, Key.Key_J)
    for key in (Key.Key_C, Key.Key_E, Key.Key_I, Key.Key_U):
        press(qtbot, page, key)
    qtbot.waitUntil(lambda: core.mention(id_).status is Status.ESCALATED and not page.triage.busy)
    whats = [(event.what, event.detail) for event in core.history(id_)]
    assert len(whats) >= 4


def test_all_chosen_at_once(qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch) -> None:
    ids = stock.put("星澜 一", "星澜 二", "星澜 三")
    page = open_page(3)
    press(qtbot, page, Key.Key_J)
    press(qtbot, page, Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    press(qtbot, page, Key.Key_I)
    qtbot.waitUntil(lambda: core.mention(ids[1]).status is Status.IGNORED)
    assert core.mention(ids[0]).status is Status.IGNORED
    assert core.mention(ids[2]).status is Status.NEW


@pytest.mark.parametrize(
    ("key", "tone"),
    [(Key.Key_N, Tone.NEGATIVE), (Key.Key_M, Tone.NEUTRAL), (Key.Key_P, Tone.POSITIVE)],
)
def test_correcting_the_tone(
    qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch, *, key: Qt.Key, tone: Tone
) -> None:
    [id_] = stock.put("星澜 今天发布")
    page = open_page(1)
    press(qtbot, page, Key.Key_J)
    press(qtbot, page, key)
    qtbot.waitUntil(lambda: core.mention(id_).tone is tone)
    assert core.mention(id_).corrected
    qtbot.waitUntil(lambda: page.model.stored(0).tone is tone)
    press(qtbot, page, Key.Key_U)
    qtbot.waitUntil(lambda: not core.mention(id_).corrected)


def test_keys_work_from_the_pane_but_not_while_typing(
    qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch
) -> None:
    ids = stock.put("星澜 一", "星澜 二")
    page = open_page(2)
    press(qtbot, page, Key.Key_J)
    qtbot.waitUntil(lambda: page.detail.whole is not None)
    post = page.detail._post
    post.setFocus()
    qtbot.keyClick(post, Key.Key_J)
    assert page.view.current_id == ids[1]
    press(qtbot, page, Key.Key_Slash)
    assert page.filters.search.hasFocus()
    qtbot.keyClicks(page.filters.search, "cie")
    assert page.filters.search.text() == "cie"
    assert {core.mention(id_).status for id_ in ids} == {Status.NEW}


def test_a_score_changes_the_row_where_it_stands(
    qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch
) -> None:
    ids = stock.put(*(f"星澜 {n}" for n in range(30)))
    page = open_page(30)
    press(qtbot, page, Key.Key_J)
    bar = page.view.verticalScrollBar()
    bar.setValue(300)
    before = bar.value()
    inserted: list[object] = []
    page.model.rowsInserted.connect(lambda *args: inserted.append(args))
    page.model.modelReset.connect(lambda: inserted.append("reset"))
    visible = page.view.visible_ids()[1]
    core.correct(visible, Tone.NEGATIVE)
    row = page.model.row_of(visible)
    qtbot.waitUntil(lambda: page.model.stored(row).tone is Tone.NEGATIVE)
    assert bar.value() == before
    assert page.view.current_id == ids[0]
    assert not inserted


def test_a_judge_fills_in_tones(qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch) -> None:
    stock.put("星澜发热，差评，退货", "星澜不错，推荐，满意")
    page = open_page(2)
    core.start()
    qtbot.waitUntil(lambda: page.model.stored(0).tone is Tone.NEGATIVE, timeout=60_000)
    qtbot.waitUntil(lambda: page.model.stored(1).tone is Tone.POSITIVE)
    qtbot.waitUntil(
        lambda: page.filters.tones.tally.negative == 1 and page.filters.tones.tally.positive == 1
    )


def test_search_and_its_fault(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    stock.put("星澜发热", "星澜退货")
    page = open_page(2)
    page.focus_search()
    page.filters.search.insert("发热")
    qtbot.waitUntil(lambda: texts(page) == ["星澜发热"])
    qtbot.keyClicks(page.filters.search, " AND (")
    qtbot.waitUntil(page.filters.fault.isVisible)
    error = page.filters.search.error
    assert error is not None
    assert f"character {error.at + 1}" in page.filters.fault.text
    assert texts(page) == ["星澜发热"], "a broken query must not empty the list"
    x = page.filters.search.x_of(error.at)
    assert 0 < x < page.filters.search.width()


def test_no_fit_offers_to_clear(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    stock.put("星澜发热")
    page = open_page(1)
    page.show_query(replace(page.filters.query, text="没有这样的词"))
    qtbot.waitUntil(lambda: page.states.state == "empty")
    button = page.states.empty.button
    assert button is not None
    assert button.text() == "Clear filters"
    button.click()
    qtbot.waitUntil(lambda: page.states.state == "full")
    assert page.filters.search.text() == ""


def test_choices_filter(qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch) -> None:
    other = core.save_brand(Watch(name="远帆", query="远帆", competitor=True))
    stock.put("星澜发热", "远帆发热")
    page = open_page(2)
    menu = page.filters.brand.menu_
    menu.aboutToShow.emit()
    entry = next(one for one in menu.actions() if one.data() == ("brand", other.id))
    assert "competitor" in entry.text()
    entry.trigger()
    qtbot.waitUntil(lambda: texts(page) == ["远帆发热"])
    assert page.filters.brand.text() == "Brand: 远帆"
    page.filters.clear_button.click()
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    menu = page.filters.status.menu_
    menu.aboutToShow.emit()
    next(one for one in menu.actions() if one.data() == ("status", Status.CLAIMED)).trigger()
    qtbot.waitUntil(lambda: page.states.state == "empty")


def test_views_are_saved_picked_and_deleted(
    qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch
) -> None:
    stock.put("星澜发热", "星澜退货")
    page = open_page(2)
    wanted = replace(page.filters.query, text="退货")
    page.show_query(wanted)
    page.filters.save_as("退货的")
    qtbot.waitUntil(lambda: [view.name for view in core.views()] == ["退货的"])
    qtbot.waitUntil(lambda: page.filters.views.text() == "Saved views: 退货的")
    page.filters.clear()
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    menu = page.filters.views.menu_
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: texts(page) == ["星澜退货"])
    menu.aboutToShow.emit()
    page.filters._removing.actions()[0].trigger()
    qtbot.waitUntil(lambda: core.views() == ())


def test_the_tally_counts_and_chooses(
    qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch
) -> None:
    ids = stock.put("星澜 一", "星澜 二", "星澜 三")
    core.correct(ids[0], Tone.NEGATIVE)
    page = open_page(3)
    tabs = page.filters.tones
    qtbot.waitUntil(lambda: tabs.tally.total == 3 and tabs.tally.negative == 1)
    tabs._buttons["negative"].click()
    qtbot.waitUntil(lambda: texts(page) == ["星澜 一"])
    assert tabs.tally.total == 3, "the tabs count without the tone they choose"


def test_pages_come_by_key_and_memory_is_bounded(
    qtbot: QtBot, open_page: Open, stock, brand: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_model, "FIRST", 50)
    monkeypatch.setattr(list_model, "PAGE", 50)
    monkeypatch.setattr(list_model, "MOST", 120)
    ids = stock.put(*(f"星澜 {n}" for n in range(300)))
    page = open_page(50)
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    bar = page.view.verticalScrollBar()

    def to_the_end() -> bool:
        bar.setValue(bar.maximum())
        return page.model.has_all

    qtbot.waitUntil(to_the_end, timeout=60_000)
    assert page.model.rowCount() <= 120
    assert page.model.ids[-1] == ids[-1]
    assert page.model.cut_above

    def to_the_start() -> bool:
        bar.setValue(0)
        return page.model.ids[0] == ids[0]

    qtbot.waitUntil(to_the_start, timeout=60_000)
    assert page.model.rowCount() <= 120
    rows = page.model.ids
    assert list(rows) == ids[: len(rows)], "nothing left out, nothing twice"


def test_older_pages_do_not_move_the_reader(
    qtbot: QtBot, open_page: Open, stock, brand: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_model, "FIRST", 50)
    monkeypatch.setattr(list_model, "PAGE", 50)
    monkeypatch.setattr(list_model, "MOST", 100)
    stock.put(*(f"星澜 {n} " + "长" * (n % 5 * 40) for n in range(200)))
    page = open_page(50)
    bar = page.view.verticalScrollBar()
    bar.setValue(bar.maximum() - page.view.height())
    qtbot.waitUntil(lambda: page.model.rowCount() == 100)
    bar.setValue(bar.maximum() - 2 * page.view.height() - 40)
    first = page.view.visible_ids()[0]
    top = page.view.visualRect(page.model.index(page.model.row_of(first))).top()
    page.model.fetchMore(page.view.rootIndex())
    qtbot.waitUntil(lambda: page.model.cut_above)
    qtbot.waitUntil(lambda: page.view.visible_ids()[0] == first)
    assert page.view.visualRect(page.model.index(page.model.row_of(first))).top() == top


def test_failed_is_said_and_tried_again(
    qtbot: QtBot, open_page: Open, core: Core, stock, brand: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock.put("星澜发热")
    page = open_page(1)
    page.show_query(MentionQuery(text='"broken'))
    qtbot.waitUntil(lambda: page.states.state == "failed" or page.filters.fault.isVisible())
    page.filters.clear()
    qtbot.waitUntil(lambda: page.states.state == "full")


def test_help_lists_every_key_and_goes_away(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    stock.put("星澜")
    page = open_page(1)
    page.view.setFocus()
    qtbot.keyClick(page.view, Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    assert page.help.isVisible()
    qtbot.keyClick(page.help, Key.Key_Escape)
    assert not page.help.isVisible()


def test_opening_the_original(qtbot: QtBot, open_page: Open, stock, brand: Watch, browser) -> None:
    stock.put("星澜 有链接")
    page = open_page(1)
    press(qtbot, page, Key.Key_J)
    press(qtbot, page, Key.Key_O)
    assert browser.opened == ["https://posts.example/0/0"]


def test_a_link_that_is_none_is_not_opened(
    qtbot: QtBot, open_page: Open, stock, brand: Watch, browser
) -> None:
    stock.put("星澜 坏链接", url="javascript:alert(1)")
    page = open_page(1)
    press(qtbot, page, Key.Key_J)
    press(qtbot, page, Key.Key_O)
    assert browser.opened == []
    assert page.snack.text == "This source gives no link."


def test_hostile_text_is_painted_as_text(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    stock.put(
        "星澜 <img src=x onerror=alert(1)> \u202egnp.exe\u202c \x00\x1b[31m",
        "星澜" + "\U0001f525" * 3000,
        "星澜" + "a" * 100_000,
        title="<b>星澜</b> & \u202e",
    )
    page = open_page(3)
    for _number in range(3):
        press(qtbot, page, Key.Key_J)
        qtbot.waitUntil(
            lambda: page.detail.whole is not None and page.detail.whole.stored.id == page.view.current_id
        )
        assert not page.grab().isNull()
    shown = page.detail._post.toPlainText()
    assert len(shown) == 6_000
    page.detail._rest.click()
    whole = page.detail.whole
    assert whole is not None
    assert len(page.detail._post.toPlainText()) == len(whole.stored.text) > 90_000


def test_a_new_brand_shows_its_mentions(qtbot: QtBot, open_page: Open, core: Core, stock) -> None:
    stock.put("星澜发热", "天气不错")
    page = open_page(2)
    core.save_brand(Watch(name="星澜", query="星澜"))
    qtbot.waitUntil(lambda: texts(page) == ["星澜发热"], timeout=60_000)


def test_a_deleted_page_is_not_called(qtbot: QtBot, context: Context, stock, brand: Watch) -> None:
    stock.put("星澜")
    page = FeedPage(context)
    page.show()
    page.deleteLater()
    context.bridge.tell(Change.MENTIONS | Change.SCORES)
    qtbot.wait(300)
