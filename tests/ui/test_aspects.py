"""The product x service map: bars, what changed, and the mentions behind a bar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.core import Core
from app.domain.query import AspectLine, MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Watch
from app.errors import AppError
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.feed.filter_bar import aspect_words
from ui.main_window import MainWindow
from ui.pages.aspects import AspectsPage, Seen

pytestmark = pytest.mark.window
LONG = 60_000


def line(aspect: str, negative: int, neutral: int = 0, positive: int = 0) -> AspectLine:
    return AspectLine(aspect=aspect, negative=negative, neutral=neutral, positive=positive)


def shown(qtbot: Any, context: Context) -> AspectsPage:
    page = AspectsPage(context)
    qtbot.addWidget(page)
    page.resize(900, 640)
    page.show()
    qtbot.waitUntil(lambda: context.asker.busy == 0, timeout=LONG)
    return page


def given(page: AspectsPage, *lines: AspectLine, before: tuple[AspectLine, ...] | None = ()) -> None:
    page.show_seen(Seen(page.query(), (), lines, before))


def test_the_worst_stand_first_in_each_half(qtbot: Any, context: Context) -> None:
    page = shown(qtbot, context)
    assert page.states.state == "empty"
    given(page, line("price", 1), line("delivery", 3), line("quality", 9, 1), line("attitude", 5))
    assert page.states.state == "full"
    assert [bar.aspect for bar in page.bars] == ["quality", "price", "attitude", "delivery"]


def test_a_change_is_told_only_when_there_is_enough(qtbot: Any, context: Context) -> None:
    page = shown(qtbot, context)
    given(
        page, line("quality", 6, 0, 4), line("price", 4),
        before=(line("quality", 2, 0, 8), line("price", 90)),
    )  # fmt: skip
    changes = {bar.aspect: bar.change for bar in page.bars}
    assert changes["price"] is None
    assert changes["quality"] == pytest.approx(40.0)
    assert "2" in page.bars[0].accessibleName()
    given(page, line("quality", 6, 0, 4), before=None)
    assert page.bars[0].change is None


def test_keys_choose_a_part_and_enter_opens_it(
    qtbot: Any, context: Context, hear: Callable[[Any], Any]
) -> None:
    page = shown(qtbot, context)
    given(page, line("quality", 6, 0, 4), line("price", 1))
    said = hear(page.opened)
    bar = page.bars[0]
    QTest.keyClick(bar, Qt.Key.Key_Return)
    QTest.keyClick(bar, Qt.Key.Key_Right)
    QTest.keyClick(bar, Qt.Key.Key_Enter)
    QTest.keyClick(bar, Qt.Key.Key_Right)
    QTest.keyClick(bar, Qt.Key.Key_Right)
    QTest.keyClick(bar, Qt.Key.Key_Space)
    assert [one.aspects for one in said.values] == [
        ("quality",), ("quality:negative",), ("quality:positive",),
    ]  # fmt: skip
    assert all(one.tones == () and one.since == page.query().since for one in said.values)


def test_the_mouse_opens_the_part_it_is_on(
    qtbot: Any, context: Context, hear: Callable[[Any], Any]
) -> None:
    page = shown(qtbot, context)
    given(page, line("quality", 6, 0, 4))
    said = hear(page.opened)
    bar = page.bars[0]
    for tone, box in bar.parts():
        if box.width():
            spot = QPoint(int(box.center().x()), 3)
            QTest.mouseClick(bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
            assert said.values[-1].aspects == (f"quality:{tone.value}",)
    QTest.mouseClick(
        bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, bar.height() // 2)
    )
    assert said.values[-1].aspects == ("quality",)
    before = len(said.values)
    QTest.mouseClick(bar, Qt.MouseButton.RightButton)
    assert len(said.values) == before


def test_the_keyboard_keeps_its_place_when_bars_change_theirs(qtbot: Any, context: Context) -> None:
    page = shown(qtbot, context)
    page.activateWindow()
    given(page, line("quality", 6), line("price", 1))
    page.bars[1].setFocus()
    qtbot.waitUntil(page.bars[1].hasFocus, timeout=LONG)
    given(page, line("quality", 6), line("price", 9))
    assert [(bar.aspect, bar.hasFocus()) for bar in page.bars] == [("price", True), ("quality", False)]


def test_a_bar_opens_the_feed_with_just_those_mentions(qtbot: Any, context: Context, filled: Core) -> None:
    filled.save_brand(Watch(name="竹间", query="竹间", competitor=True), wait=True)
    filled.scorer.change("ngram")  # the trivial engine names no aspect
    filled.start()
    qtbot.waitUntil(lambda: filled.status().unscored == 0, timeout=LONG)
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    page = window.navigate("aspects")
    assert isinstance(page, AspectsPage)
    page.range.choose("")
    page.refresh()
    qtbot.waitUntil(lambda: bool(page.bars), timeout=LONG)
    counted = {one.aspect: one for one in filled.aspect_map(page.query())}
    bar = page.bars[0]
    assert bar.line == counted[bar.aspect]
    QTest.keyClick(bar, Qt.Key.Key_Right)
    tone = bar.part
    assert tone is not None
    QTest.keyClick(bar, Qt.Key.Key_Return)
    assert window.page == "feed"
    feed = window.feed()
    asked = f"{bar.aspect}:{tone.value}"
    assert feed.filters.query == MentionQuery(aspects=(asked,), matched=True, competitor=False)
    wanted = getattr(bar.line, tone.value)
    qtbot.waitUntil(lambda: feed.model.rowCount() == wanted, timeout=LONG)
    assert aspect_words(asked) in feed.filters.aspect.accessibleName()
    assert theme.tone_word(tone) in feed.filters.aspect.accessibleName()
    feed.filters._fill_brands()
    feed.filters._fill_aspects()
    ticked = [one.data() for one in feed.filters.aspect.menu_.actions() if one.isChecked()]
    assert ticked == [("aspect", asked)]


def test_days_are_the_feeds_own(qtbot: Any, context: Context) -> None:
    page = shown(qtbot, context)
    assert page.query().since == plain.day_start(datetime.now(UTC), 6)
    page.range.choose("")
    assert page.query().since is None


def test_it_says_when_it_cannot_be_read(qtbot: Any, context: Context) -> None:
    page = shown(qtbot, context)
    page.failed(AppError("The disk is full."))
    assert page.states.state == "failed"
    page.states.retry.emit()
    qtbot.waitUntil(lambda: page.states.state == "empty", timeout=LONG)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_hostile_and_endless_names_are_painted(qtbot: Any, context: Context, qapp: Any, mode: str) -> None:
    theme.apply(qapp, mode)
    page = shown(qtbot, context)
    given(page, line("<b>\u202e" + "长" * 10_000, 10**9, 3, 1), line("x", 1))
    bar = page.bars[0]
    assert "\u202e" not in bar.accessibleName()
    assert "<" not in bar.toolTip()
    bar.setFocus()
    assert not page.grab().isNull()
    assert {tone for tone, _box in bar.parts()} == set(Tone)
