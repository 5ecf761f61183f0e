"""The page about the judge, over a real core: engines, words, lessons, measuring."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from app.core import Core, EngineFigures
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.errors import AppError
from app.home import Home
from ui.context import Context
from ui.judging.lessons import LessonsPanel, Measured
from ui.judging.page import JudgingPage
from ui.judging.saving import SaveLessons
from ui.main_window import MainWindow

pytestmark = pytest.mark.window
LONG = 60_000
"""Milliseconds: learning and starting an engine are real here, and the machine may be busy."""


def opened(qtbot: Any, context: Context, part: str) -> JudgingPage:
    page = JudgingPage(context)
    qtbot.addWidget(page)
    page.resize(900, 640)
    page.show()
    page.show_part(part)
    qtbot.waitUntil(lambda: context.asker.busy == 0, timeout=LONG)
    return page


@pytest.fixture
def judged(qtbot: Any, filled: Core) -> Core:
    """All eight posts have a tone."""
    filled.start()
    qtbot.waitUntil(lambda: filled.status().unscored == 0, timeout=LONG)
    return filled


def ids_of(core: Core) -> list[int]:
    return [one.id for one in core.mentions(MentionQuery(matched=True), None, 50).rows]


@pytest.fixture
def taught(judged: Core) -> Core:
    """Two corrections, one of which the model gets wrong, and a mention that was left."""
    first, second, third, *_rest = ids_of(judged)
    judged.correct(first, Tone.POSITIVE)
    judged.correct(second, Tone.NEGATIVE)
    judged.saw(third)
    judged.stop_learning()
    return judged


def figures(n: int, *accuracies: float) -> Measured:
    made = [
        EngineFigures(
            engine=f"e{place}", version="1", n=n, accuracy=accuracy, macro_f1=0.5,
            negative_precision=0.9, negative_recall=None, calibration=0.05, per_second=200.0,
        )
        for place, accuracy in enumerate(accuracies)
    ]  # fmt: skip
    return Measured(None, (), tuple(made))


# engines


def test_an_engine_is_chosen_works_at_once_and_stays(
    qtbot: Any, context: Context, core: Core, tmp_path: Path
) -> None:
    page = opened(qtbot, context, "engines")
    panel = page.engines
    qtbot.waitUntil(lambda: len(panel.choices) >= 3, timeout=LONG)
    assert not panel.use.isEnabled()
    wanted = next(n for n, one in enumerate(core.engines()) if one.id == "ngram")
    panel.choices[wanted].setFocus()
    QTest.keyClick(panel.choices[wanted], Qt.Key.Key_Space)
    assert panel.use.isEnabled()
    QTest.keyClick(panel.use, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: core.status().engine == "ngram", timeout=LONG)
    qtbot.waitUntil(
        lambda: panel.choices[wanted].isChecked() and panel._engines[wanted].chosen, timeout=LONG
    )
    assert not panel.use.isEnabled()
    core.close()
    again = Core.open(Home(tmp_path / "home"), desktop=False)
    try:
        assert [one.id for one in again.engines() if one.chosen] == ["ngram"]
    finally:
        again.close()


def test_a_choice_not_yet_made_outlives_news(qtbot: Any, context: Context, core: Core) -> None:
    page = opened(qtbot, context, "engines")
    panel = page.engines
    panel.choices[1].click()
    panel.refresh()
    qtbot.waitUntil(lambda: context.asker.busy == 0, timeout=LONG)
    assert panel.choices[1].isChecked()
    assert panel.use.isEnabled()


def test_public_figures_stand_side_by_side_with_their_numbers(
    qtbot: Any, context: Context, core: Core
) -> None:
    page = opened(qtbot, context, "engines")
    panel = page.engines
    qtbot.waitUntil(panel.sheet.isVisible, timeout=LONG)
    known = core.public_figures()
    assert len(panel.figures.lines) == len({one.group for one in known})
    social = panel.figures.lines[0]
    one = next(each for each in known if each.group == "social" and each.engine == "snownlp")
    names = {each.id: each.name for each in core.engines()}
    cell = social.cells[panel.figures.heads.index(names["snownlp"])]
    assert cell.text.startswith(f"{one.accuracy * 100:.1f}")
    assert f"{one.n:,}" in cell.note
    assert sum(each.best for each in social.cells) == 1
    assert cell.text in panel.figures.accessibleDescription()


# words


def test_a_word_is_added_with_enter_and_removed_with_delete(
    qtbot: Any, context: Context, filled: Core
) -> None:
    page = opened(qtbot, context, "words")
    panel = page.words
    assert panel.states.state == "empty"
    panel.phrase.setFocus()
    QTest.keyClicks(panel.phrase, "yyds")
    panel.weight.setCurrentIndex(panel.weight.findData(3))
    QTest.keyClick(panel.phrase, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.table.current is not None, timeout=LONG)
    assert [(one.phrase, one.weight) for one in filled.taught_words(None)] == [("yyds", 3.0)]
    qtbot.waitUntil(lambda: "yyds" in panel.notice.words.text(), timeout=LONG)
    assert panel.phrase.text() == ""
    qtbot.waitUntil(lambda: context.asker.busy == 0, timeout=LONG)
    page.activateWindow()
    panel.table.setFocus()
    qtbot.waitUntil(panel.table.hasFocus, timeout=LONG)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: filled.taught_words(None) == (), timeout=LONG)
    qtbot.waitUntil(lambda: panel.states.state == "empty", timeout=LONG)


@pytest.mark.parametrize("phrase", ["", "长" * 40, "星尘", "https://example.com/x"])
def test_a_word_is_refused_with_the_reason_at_the_field(
    qtbot: Any, context: Context, filled: Core, phrase: str
) -> None:
    page = opened(qtbot, context, "words")
    panel = page.words
    panel.phrase.setText(phrase)
    QTest.keyClick(panel.phrase, Qt.Key.Key_Return)
    qtbot.waitUntil(panel.wrong.isVisible, timeout=LONG)
    assert panel.phrase.property("bad")
    assert panel.wrong.text() == panel.phrase.accessibleDescription() != ""
    assert panel.put.isEnabled()
    assert filled.taught_words(None) == ()
    QTest.keyClicks(panel.phrase, "x")
    assert panel.wrong.isHidden()
    assert not panel.phrase.property("bad")


def test_a_list_of_words_that_cannot_be_read_says_so(qtbot: Any, context: Context, core: Core) -> None:
    page = opened(qtbot, context, "words")
    panel = page.words
    panel.failed(AppError("The disk is full."))
    assert panel.states.state == "failed"
    panel.states.retry.emit()
    qtbot.waitUntil(lambda: panel.states.state == "empty", timeout=LONG)


# lessons


def test_nothing_taught_nothing_to_press(qtbot: Any, context: Context, core: Core) -> None:
    page = opened(qtbot, context, "lessons")
    panel = page.lessons
    assert not any(one.isEnabled() for one in (panel.learn, panel.on, panel.export, panel.measure))
    assert panel.take.isEnabled()
    assert panel.layer.text()


def test_learning_from_lessons_and_the_switch(qtbot: Any, context: Context, taught: Core) -> None:
    taught.put_word(None, "真香", 2)
    page = opened(qtbot, context, "lessons")
    panel = page.lessons
    assert "2 corrections" in panel.counts.text()
    assert "1 mention read" in panel.counts.text()
    panel.learn.click()
    assert not panel.learn.isEnabled()
    qtbot.waitUntil(panel.learn.isEnabled, timeout=LONG)
    qtbot.waitUntil(panel.on.isEnabled, timeout=LONG)
    assert panel.on.isChecked()
    panel.on.click()
    qtbot.waitUntil(lambda: panel.on.isEnabled() and not panel.on.isChecked(), timeout=LONG)
    layer = taught.learning(None).layer
    assert layer is not None
    assert not layer.active
    panel.on.click()
    qtbot.waitUntil(lambda: panel.on.isEnabled() and panel.on.isChecked(), timeout=LONG)


@pytest.mark.parametrize("texts", [False, True])
def test_lessons_are_saved_with_texts_only_when_wanted(
    qtbot: Any, context: Context, taught: Core, tmp_path: Path, texts: bool
) -> None:
    page = opened(qtbot, context, "lessons")
    panel = page.lessons
    path = tmp_path / "lessons.json"
    panel.export_to(path, texts=texts)
    qtbot.waitUntil(lambda: str(path) in panel.notice.words.text(), timeout=LONG)
    written = json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False)
    assert ("星尘手机第" in written) is texts


def test_the_texts_are_asked_for_and_left_out_by_default(
    qtbot: Any, context: Context, core: Core, hear: Callable[[Any], Any]
) -> None:
    page = opened(qtbot, context, "lessons")
    panel = page.lessons
    panel.save_file()
    asked = panel.findChild(SaveLessons)
    assert asked is not None
    assert not asked.texts.isChecked()
    asked.close()
    other = SaveLessons(panel)
    said = hear(other.decided)
    other.open()
    other.texts.click()
    chief = next(one for one in other.findChildren(QPushButton) if one.isDefault())
    QTest.keyClick(chief, Qt.Key.Key_Return)
    assert said.values == [True]


def test_measuring_shows_figures_and_a_miss_opens_its_mention(
    qtbot: Any, context: Context, taught: Core
) -> None:
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    page = window.navigate("judging")
    assert isinstance(page, JudgingPage)
    page.show_part("lessons")
    panel = page.lessons
    qtbot.waitUntil(panel.measure.isEnabled, timeout=LONG)
    panel.measure.click()
    qtbot.waitUntil(panel.figures_box.isVisible, timeout=LONG)
    assert len(panel.table.heads) == sum(not one.missing for one in taught.engines())
    assert panel.table.lines[0].cells[0].text.endswith("of 3")
    assert "3" in panel.told.words.text()  # too few for shares, and that is said
    missed = panel.misses.values.rows
    assert missed
    panel.misses.setFocus()
    panel.misses.selectRow(0)
    QTest.keyClick(panel.misses, Qt.Key.Key_Return)
    feed = window.feed()
    qtbot.waitUntil(lambda: feed.detail.mention_id == missed[0].mention_id, timeout=LONG)


def test_few_labels_give_no_shares(qtbot: Any, context: Context, core: Core) -> None:
    panel = LessonsPanel(context)
    qtbot.addWidget(panel)
    panel.show_figures(figures(5, 0.8, 0.6))
    right, *others = panel.table.lines
    assert right.cells[0].text == "4 of 5"
    assert all("%" not in cell.text for line in others for cell in line.cells)
    assert panel.verdict.text() == ""


def test_many_labels_give_an_interval_and_say_what_chance_may_do(
    qtbot: Any, context: Context, core: Core
) -> None:
    panel = LessonsPanel(context)
    qtbot.addWidget(panel)
    panel.show_figures(figures(100, 0.8, 0.78))
    assert "71–87" in panel.table.lines[0].cells[0].note
    assert "80 of 100" in panel.table.lines[0].cells[0].note
    alike = panel.verdict.text()
    panel.show_figures(figures(1000, 0.8, 0.6))
    assert panel.verdict.text() not in ("", alike)
    assert panel.told.isHidden()


def test_no_label_takes_markup(qtbot: Any, context: Context, taught: Core) -> None:
    page = JudgingPage(context)
    qtbot.addWidget(page)
    page.show()
    for part in ("engines", "lessons", "words"):
        page.show_part(part)
        qtbot.waitUntil(lambda: context.asker.busy == 0, timeout=LONG)
    worded = [one for one in page.findChildren(QLabel) if one.text()]
    assert all(one.textFormat() == Qt.TextFormat.PlainText for one in worded)
    assert len(worded) > 30
