"""The pane: marks in the text, the words behind the score, history, raw payload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.mention import Stored
from app.domain.query import MentionQuery
from app.domain.sentiment import Evidence, Tone
from app.domain.watch import Watch
from ui import theme
from ui.feed.detail import Earlier
from ui.feed.page import FeedPage
from ui.feed.post import evidence_in_text, marks_of

pytestmark = pytest.mark.window
Open = Callable[..., FeedPage]


def judged(qtbot: QtBot, core: Core, id_: int) -> Stored:
    core.start()
    qtbot.waitUntil(lambda: core.mention(id_).score is not None, timeout=60_000)
    return core.mention(id_)


def shown(qtbot: QtBot, page: FeedPage, id_: int) -> None:
    page.open_mention(id_)
    qtbot.waitUntil(lambda: page.detail.whole is not None and page.detail.whole.stored.id == id_)


def test_evidence_is_found_in_the_text_behind_a_title(
    qtbot: QtBot, core: Core, stock, brand: Watch
) -> None:
    [id_] = stock.put("星澜发热得厉害，我要退货", title="星澜差评")
    stored = judged(qtbot, core, id_)
    found = {(one.span, stored.text[at : at + len(one.span)]) for one, at in evidence_in_text(stored)}
    assert ("发热", "发热") in found
    assert ("退货", "退货") in found
    marks = marks_of(stored, ())
    assert [stored.text[a:b] for a, b in marks.negative] == ["发热", "退货"]
    assert [stored.text[a:b] for a, b in marks.brands] == ["星澜"]


def test_a_word_that_stands_twice_is_marked_where_it_decided(
    qtbot: QtBot, core: Core, stock, brand: Watch
) -> None:
    [id_] = stock.put("发热啊星澜发热", title="星澜差评")
    stored = judged(qtbot, core, id_)
    assert stored.score is not None
    second = replace(stored.score, evidence=(Evidence("发热", 5, 7, -1.0),))
    assert [at for _one, at in evidence_in_text(replace(stored, score=second))] == [5]


def test_evidence_that_does_not_fit_is_looked_for(qtbot: QtBot, core: Core, stock, brand: Watch) -> None:
    [id_] = stock.put("星澜发热得厉害")
    stored = judged(qtbot, core, id_)
    assert stored.score is not None
    odd = replace(stored.score, evidence=(Evidence("发热", 70, 72, -1.0), Evidence("没有", 0, 2, -1.0)))
    assert [at for _one, at in evidence_in_text(replace(stored, score=odd))] == [2]


def test_everything_is_told(qtbot: QtBot, core: Core, open_page: Open, stock, brand: Watch) -> None:
    ids = stock.put("星澜发热，退货 \U0001f525 差评", "星澜不错", author_id="u7", likes=12, comments=3)
    page = open_page(2)
    judged(qtbot, core, ids[0])
    core.claim([ids[0]])
    shown(qtbot, page, ids[0])
    detail = page.detail
    qtbot.waitUntil(lambda: detail.whole is not None and detail.whole.stored.score is not None)
    qtbot.waitUntil(lambda: detail._history.count == 1)
    assert detail._post.toPlainText() == "星澜发热，退货 \U0001f525 差评"
    looks = [one.cursor.selectedText() for one in detail._post.extraSelections()]
    assert looks == ["星澜", "发热", "退货", "差"]
    assert {one.span for one in detail._bars.words} == {"发热", "退货", "差"}
    assert "trivial" in detail._why.text()
    assert "12 likes" in detail._counts.text()
    earlier = detail.findChildren(Earlier)
    assert len(earlier) == 1
    with qtbot.waitSignal(detail.opened) as said:
        qtbot.mouseClick(earlier[0], Qt.MouseButton.LeftButton)
    assert said.args == [ids[1]]
    qtbot.waitUntil(lambda: page.view.current_id == ids[1])


def test_correcting_from_the_pane_and_back(
    qtbot: QtBot, core: Core, open_page: Open, stock, brand: Watch
) -> None:
    [id_] = stock.put("星澜今天发布")
    page = open_page(1)
    shown(qtbot, page, id_)
    page.detail._tones[Tone.NEGATIVE].click()
    qtbot.waitUntil(page.detail._take_back.isVisible)
    assert core.mention(id_).tone is Tone.NEGATIVE
    page.detail._take_back.click()
    qtbot.waitUntil(lambda: not core.mention(id_).corrected)


def test_the_payload_is_read_when_unfolded(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    [id_] = stock.put("星澜原文")
    page = open_page(1)
    shown(qtbot, page, id_)
    assert page.detail._raw.toPlainText() == ""
    page.detail._raw_fold.head.click()
    qtbot.waitUntil(lambda: "星澜原文" in page.detail._raw.toPlainText())


def test_what_is_not_listed_can_be_shown(
    qtbot: QtBot, core: Core, open_page: Open, stock, brand: Watch
) -> None:
    _own, other = stock.put("星澜", "没有品牌的一条")
    page = open_page(1)
    shown(qtbot, page, other)
    qtbot.keyClick(page.view, Qt.Key.Key_I)
    qtbot.waitUntil(lambda: core.mention(other).status.value == "ignored")


def test_words_of_posts_are_never_markup(qtbot: QtBot, open_page: Open, stock, brand: Watch) -> None:
    [id_] = stock.put("星澜 <b>粗</b>", author="<i>作者</i>", title="<u>题</u>")
    page = open_page(1)
    shown(qtbot, page, id_)
    assert {one.textFormat() for one in page.detail.findChildren(QLabel) if one.text()} == {
        Qt.TextFormat.PlainText
    }


def test_both_themes_paint(qtbot: QtBot, core: Core, qapp, open_page: Open, stock, brand: Watch) -> None:
    stock.put(*("星澜 " + "长长" * n for n in range(8)))
    page = open_page(8)
    page.show_query(MentionQuery())
    grabs = []
    for mode in ("light", "dark"):
        theme.apply(qapp, mode)
        page.view.step(1)
        qtbot.wait(50)
        grabs.append(page.grab().toImage())
    assert grabs[0].pixelColor(3, 3).lightness() > 200
    assert grabs[1].pixelColor(3, 3).lightness() < 60
    theme.apply(qapp, "light")
