"""What a mention is about, towards whom, in short; and when it counts as read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.mention import Stored
from app.domain.query import MentionQuery
from app.domain.sentiment import NOT_CHINESE, AspectTone, Tone, Towards
from app.domain.watch import Watch
from ui.context import Context
from ui.feed import detail as detail_module
from ui.feed.filter_bar import LONGEST, FilterBar
from ui.feed.page import FeedPage
from ui.feed.reading import aspect_pills, aspects_spoken, note_words, towards_words

pytestmark = pytest.mark.window
Open = Callable[..., FeedPage]
LONG = 60_000


def judged(qtbot: QtBot, core: Core, id_: int) -> Stored:
    core.start()
    qtbot.waitUntil(lambda: core.mention(id_).score is not None, timeout=LONG)
    return core.mention(id_)


def shown(qtbot: QtBot, page: FeedPage, id_: int) -> None:
    page.open_mention(id_)
    qtbot.waitUntil(
        lambda: page.detail.whole is not None and page.detail.whole.stored.id == id_, timeout=LONG
    )


def test_aspects_and_brands_stand_in_the_pane(
    qtbot: QtBot, core: Core, open_page: Open, stock, brand: Watch
) -> None:
    core.save_brand(Watch(name="竹间", query="竹间", competitor=True), wait=True)
    core.scorer.change("ngram")  # the trivial engine names no aspect
    [id_] = stock.put("星澜比竹间好多了，星澜快递很快，客服态度差，要求退货")
    stored = judged(qtbot, core, id_)
    assert stored.score is not None
    assert stored.score.aspects
    page = open_page(1)
    shown(qtbot, page, id_)
    pane = page.detail
    qtbot.waitUntil(lambda: pane._aspects.isVisible() and pane._towards.isVisible(), timeout=LONG)
    assert pane._aspects.accessibleName() == aspects_spoken(stored) != ""
    assert len(aspect_pills(stored)) == len(stored.score.aspects)
    assert all(pill.icon for pill in aspect_pills(stored))
    assert "星澜" in pane._towards.text()
    assert "竹间" in pane._towards.text()


def test_one_brand_judged_as_a_whole_needs_no_line(qtbot: QtBot, core: Core, stock, brand: Watch) -> None:
    [id_] = stock.put("星澜不错")
    stored = judged(qtbot, core, id_)
    assert stored.score is not None
    alone = (Towards(brand.id, Tone.POSITIVE, 0.1, 0.1, 0.8),)
    assert towards_words(replace(stored, score=replace(stored.score, towards=alone))) == ""
    parts = (replace(alone[0], spans=((0, 2),)),)
    assert "星澜" in towards_words(replace(stored, score=replace(stored.score, towards=parts)))
    unknown = (*alone, Towards(999, Tone.NEGATIVE, 0.8, 0.1, 0.1))
    assert "999" not in towards_words(replace(stored, score=replace(stored.score, towards=unknown)))


def test_a_team_s_own_aspect_is_safe_to_show(qtbot: QtBot, core: Core, stock, brand: Watch) -> None:
    [id_] = stock.put("星澜不错")
    stored = judged(qtbot, core, id_)
    assert stored.score is not None
    odd = (AspectTone("\u202e<b>方面\n", Tone.NEGATIVE, 1.0, 0.0, 0.0),)
    hostile = replace(stored, score=replace(stored.score, aspects=odd))
    assert "\u202e" not in aspect_pills(hostile)[0].text
    assert "\n" not in aspects_spoken(hostile)


def test_what_is_not_chinese_is_said(
    qtbot: QtBot, core: Core, open_page: Open, stock, brand: Watch
) -> None:
    [id_] = stock.put("星澜今天发布")
    stored = judged(qtbot, core, id_)
    assert stored.score is not None
    assert note_words(stored) == ""
    noted = replace(stored, score=replace(stored.score, note=NOT_CHINESE))
    page = open_page(1)
    shown(qtbot, page, id_)
    page.detail._fill_judgement(noted)
    assert page.detail._note.isVisible()
    assert page.detail._note.text() == note_words(noted) != ""


def test_the_gist_is_read_when_unfolded(
    qtbot: QtBot, core: Core, open_page: Open, stock, brand: Watch
) -> None:
    text = "星澜手机充电发热严重。客服一直推脱不给退款。手机用了三天就坏了。希望官方尽快处理退款问题。"
    long_, empty = stock.put(text, "星澜")
    page = open_page(2)
    shown(qtbot, page, long_)
    gist = page.detail._gist
    assert gist.lines.count() == 0
    page.detail._gist_fold.head.click()
    qtbot.waitUntil(lambda: gist._gist is not None, timeout=LONG)
    assert gist._gist is not None
    assert gist.lines.count() == len(gist._gist.lines) > 0
    assert all(line.text in text for line in gist._gist.lines)
    assert gist.words.accessibleName()
    shown(qtbot, page, empty)
    assert not page.detail._gist_fold.head.isChecked()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detail_module, "READ_MS", 300)


def test_a_mention_that_was_looked_at_is_half_a_lesson(
    qtbot: QtBot, core: Core, open_page: Open, stock, brand: Watch, quick: None
) -> None:
    [id_] = stock.put("星澜发热")
    judged(qtbot, core, id_)
    page = open_page(1)
    shown(qtbot, page, id_)
    assert core.learning(brand.id).seen == 0
    qtbot.waitUntil(lambda: core.learning(brand.id).seen == 1, timeout=LONG)


def test_only_while_somebody_looks(
    qtbot: QtBot, core: Core, open_page: Open, stock, brand: Watch, quick: None
) -> None:
    [id_] = stock.put("星澜发热")
    judged(qtbot, core, id_)
    page = open_page(1)
    shown(qtbot, page, id_)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not page.isActiveWindow(), timeout=LONG)
    qtbot.wait(1000)
    assert core.learning(brand.id).seen == 0
    page.activateWindow()
    qtbot.waitUntil(lambda: core.learning(brand.id).seen == 1, timeout=LONG)


def test_a_corrected_mention_is_a_lesson_already(
    qtbot: QtBot, core: Core, open_page: Open, stock, brand: Watch, quick: None
) -> None:
    corrected, other = stock.put("星澜发热", "星澜退货")
    judged(qtbot, core, corrected)
    judged(qtbot, core, other)
    core.correct(corrected, Tone.POSITIVE)
    core.stop_learning()
    page = open_page(2)
    shown(qtbot, page, corrected)
    qtbot.wait(1000)
    assert core.learning(brand.id).seen == 0
    shown(qtbot, page, other)
    qtbot.waitUntil(lambda: core.learning(brand.id).seen == 1, timeout=LONG)


@pytest.mark.parametrize("width", [560, 690, 900])
def test_the_filters_stay_within_their_row(qtbot: QtBot, context: Context, width: int) -> None:
    bar = FilterBar(context)
    qtbot.addWidget(bar)
    bar.resize(width, 140)
    bar.show()
    aspects = ("quality:negative", "after_sales", "很" * 40)
    bar.show_query(MentionQuery(aspects=aspects, severe=True, matched=False, oldest_first=True))
    assert all(bar.rect().contains(one.geometry()) for one in (*bar._criteria, bar.clear_button, bar.views))
    assert bar.aspect.width() >= bar.aspect.sizeHint().width()
    assert len(bar.aspect.text()) <= LONGEST + 10
    assert "quality" in bar.aspect.toolTip()
    assert bar.clear_button.accessibleName()
