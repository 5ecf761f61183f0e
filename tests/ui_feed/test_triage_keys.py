"""Every key of the map, wherever the focus is; and none of them while a person types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.mention import Status
from app.domain.sentiment import Tone
from app.domain.watch import Watch
from ui.feed.keys import KEYS
from ui.feed.page import FeedPage

pytestmark = pytest.mark.window

Open = Callable[..., FeedPage]
Key = Qt.Key
Shift = Qt.KeyboardModifier.ShiftModifier
None_ = Qt.KeyboardModifier.NoModifier


def in_list(page: FeedPage) -> None:
    page.view.setFocus()


def in_detail(page: FeedPage) -> None:
    page.detail._post.setFocus()


def nowhere(page: FeedPage) -> None:
    focused = QApplication.focusWidget()
    if focused is not None:
        focused.clearFocus()


def press(page: FeedPage, key: Qt.Key, modifier: Qt.KeyboardModifier = None_) -> None:
    """As the window system would: to the widget with focus, else to the window."""
    where: QWidget = QApplication.focusWidget() or page.window()
    QTest.keyClick(where, key, modifier)


@pytest.mark.parametrize("focus", [in_list, in_detail, nowhere])
def test_every_key_works(
    qtbot: QtBot,
    open_page: Open,
    core: Core,
    stock: Any,
    brand: Watch,
    browser: Any,
    *,
    focus: Callable[[FeedPage], None],
) -> None:
    ids = stock.put(*(f"星澜 发热{n}" for n in range(6)))
    page = open_page(6)
    page.view.go_to(ids[1])
    qtbot.waitUntil(lambda: page.detail.whole is not None)
    done: set[str] = set()

    def key(act: str, which: Qt.Key, modifier: Qt.KeyboardModifier = None_) -> None:
        focus(page)
        press(page, which, modifier)
        done.add(act)

    key("next", Key.Key_J)
    assert page.view.current_id == ids[2]
    key("previous", Key.Key_K)
    assert page.view.current_id == ids[1]
    qtbot.waitUntil(lambda: page.detail.whole is not None and page.detail.whole.stored.id == ids[1])
    for act, which, status in (
        ("claim", Key.Key_C, Status.CLAIMED),
        ("ignore", Key.Key_I, Status.IGNORED),
        ("escalate", Key.Key_E, Status.ESCALATED),
    ):
        key(act, which)
        qtbot.waitUntil(lambda status=status: core.mention(ids[1]).status is status)
        qtbot.waitUntil(lambda: not page.triage.busy)
    key("undo", Key.Key_U)
    qtbot.waitUntil(lambda: core.mention(ids[1]).status is not Status.ESCALATED)
    for act, which, tone in (
        ("negative", Key.Key_N, Tone.NEGATIVE),
        ("neutral", Key.Key_M, Tone.NEUTRAL),
        ("positive", Key.Key_P, Tone.POSITIVE),
    ):
        key(act, which)
        qtbot.waitUntil(lambda tone=tone: core.mention(ids[1]).tone is tone)
        qtbot.waitUntil(lambda: not page.triage.busy)
    key("open", Key.Key_O)
    qtbot.waitUntil(lambda: len(browser.opened) == 1)
    key("toggle", Key.Key_X)
    assert page.view.marking
    key("extend_next", Key.Key_J, Shift)
    assert [row.id for row in page.view.chosen()] == [ids[1], ids[2]]
    key("extend_previous", Key.Key_K, Shift)
    key("leave", Key.Key_Escape)
    assert not page.view.marking
    key("top", Key.Key_G)
    assert page.view.verticalScrollBar().value() == 0
    key("help", Key.Key_Question)
    assert page.help.isVisible()
    page.help.hide()
    key("search", Key.Key_Slash)
    assert page.filters.search.hasFocus()
    key("draft", Key.Key_R)
    qtbot.waitUntil(lambda: len(page.composers) == 1)
    page.composers[0].close()
    assert done == {one.act for one in KEYS}
    qtbot.waitUntil(lambda: page._context.asker.busy == 0)


def test_no_key_works_while_typing(
    qtbot: QtBot, open_page: Open, core: Core, stock: Any, brand: Watch
) -> None:
    ids = stock.put("星澜 一", "星澜 二")
    page = open_page(2)
    page.view.go_to(ids[0])
    page.filters.search.setFocus()
    QTest.keyClicks(page.filters.search, "jkxrciunmpogRCIE?/")
    assert page.filters.search.text() == "jkxrciunmpogRCIE?/"
    qtbot.wait(100)
    assert not page.triage.busy
    assert page.composers == ()
    assert not page.help.isVisible()
    assert {core.mention(one).status for one in ids} == {Status.NEW}
    page.filters._naming.show()
    page.filters._name.setFocus()
    QTest.keyClicks(page.filters._name, "circe")
    assert page.filters._name.text() == "circe"
    assert {core.mention(one).status for one in ids} == {Status.NEW}
    qtbot.waitUntil(lambda: page._context.asker.busy == 0)


def test_five_hundred_arrive_and_nothing_moves(
    qtbot: QtBot, open_page: Open, core: Core, stock: Any, brand: Watch
) -> None:
    ids = stock.put(*(f"星澜 发热{n} " + "很长 " * (n % 40) for n in range(80)))
    page = open_page(80)
    page.view.go_to(ids[30])
    page.view.toggle()
    page.view.step(1, extend=True)
    bar = page.view.verticalScrollBar()
    bar.setValue(bar.value() + 37)
    qtbot.waitUntil(lambda: page._context.asker.busy == 0)
    moved: list[object] = []
    bar.valueChanged.connect(moved.append)
    page.view.current_changed.connect(moved.append)
    page.view.chosen_changed.connect(moved.append)
    places = {row: page.view.visualRect(page.model.index(row)) for row in range(25, 40)}
    chosen = [row.id for row in page.view.chosen()]
    core.start()  # what came before is judged meanwhile: tones change under the reader
    for number in range(5):
        stock.put(*(f"星澜 新{number}-{n} " + "长 " * (n % 50) for n in range(100)))
    qtbot.waitUntil(lambda: page.model.waiting == 500, timeout=15_000)
    qtbot.waitUntil(lambda: core.status().unscored == 0, timeout=15_000)
    qtbot.waitUntil(lambda: page.model.stored(30).tone is not None, timeout=15_000)
    assert moved == []
    assert [row.id for row in page.view.chosen()] == chosen == [ids[30], ids[31]]
    assert {row: page.view.visualRect(page.model.index(row)) for row in places} == places
    assert page.view._pill.text() == "500 new mentions"


def test_rows_can_be_read_aloud(qtbot: QtBot, open_page: Open, stock: Any, brand: Watch) -> None:
    stock.put("星澜 \u202e发热")
    page = open_page(1)
    said = page.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("Not judged yet; 李想; ")
    assert "\u202e" not in said
    assert said.endswith("发热")
