"""Alerts in the corner: what stays, what goes, what a press does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QEnterEvent
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.alert import Alert, AlertState, Severity
from app.domain.mention import Status
from app.domain.watch import Watch
from ui.context import Context
from ui.feed import toasts as module
from ui.feed.toasts import Toasts

pytestmark = pytest.mark.window


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1000, 900)
    made.show()
    return made


@pytest.fixture
def toasts(window: QWidget, context: Context) -> Toasts:
    # An earlier test may have left the pointer where a card will be.
    QCursor.setPos(window.mapToGlobal(QPoint(2, 2)))
    return Toasts(window, context, stays_ms=600)


def alert(
    core: Core, mention_id: int | None = None, severity: Severity = Severity.P2, title: str = "星澜发热"
) -> Alert:
    return core.storage.alerts.add(
        Alert(
            severity=severity,
            title=title,
            body="充电时后盖发烫",
            reason="clearly negative",
            mention_id=mention_id,
            created_at=datetime.now(UTC),
        )
    )


@pytest.fixture
def angry(stock, brand: Watch) -> int:
    return int(stock.put("星澜发热，退货")[0])


def test_an_alert_from_the_core_arrives(
    qtbot: QtBot, core: Core, context: Context, toasts: Toasts, stock, brand
) -> None:
    [_id] = stock.put("星澜充电起火，差评，垃圾，退货，失望，骗", followers=900_000)
    core.start()
    qtbot.waitUntil(lambda: len(toasts.cards) == 1, timeout=60_000)
    assert "星澜" in toasts.cards[0].title_text + toasts.cards[0]._body.text()


def test_three_show_and_the_rest_is_counted(
    qtbot: QtBot, core: Core, context: Context, toasts: Toasts, angry: int
) -> None:
    for number in range(5):
        context.bridge.tell_alert(alert(core, angry, title=f"第{number}条"))
    qtbot.waitUntil(lambda: len(toasts.cards) == 5)
    assert sum(card.isVisible() for card in toasts.cards) == 3
    assert toasts.more_text == "2 more alerts"
    with qtbot.waitSignal(toasts.more_requested):
        toasts._more.click()


def test_the_same_alert_grows_on_its_card(core: Core, toasts: Toasts, angry: int) -> None:
    one = alert(core, angry)
    toasts.show_alert(one)
    toasts.show_alert(replace(one, copies=4))
    assert len(toasts.cards) == 1
    assert toasts.cards[0].copies_text == "+3 copies"


def test_critical_stays_others_go(qtbot: QtBot, core: Core, toasts: Toasts, angry: int) -> None:
    toasts.show_alert(alert(core, angry, Severity.P3))
    toasts.show_alert(alert(core, angry, Severity.P1))
    qtbot.waitUntil(lambda: len(toasts.cards) == 1, timeout=60_000)
    qtbot.wait(1_000)
    assert [card.alert.severity for card in toasts.cards] == [Severity.P1]
    assert core.alerts()[0].state is AlertState.OPEN


def test_a_pointer_on_it_holds_it(qtbot: QtBot, core: Core, toasts: Toasts, angry: int) -> None:
    toasts.show_alert(alert(core, angry))
    card = toasts.cards[0]
    card.enterEvent(QEnterEvent(QPointF(), QPointF(), QPointF()))
    qtbot.wait(1_200)
    assert toasts.cards == (card,)
    card.leaveEvent(QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: toasts.cards == (), timeout=60_000)


def test_a_hidden_window_keeps_them(
    qtbot: QtBot, core: Core, window: QWidget, toasts: Toasts, angry: int
) -> None:
    window.hide()
    toasts.show_alert(alert(core, angry))
    qtbot.wait(1_200)
    assert len(toasts.cards) == 1
    window.show()
    qtbot.waitUntil(lambda: toasts.cards == (), timeout=60_000)


def test_draft(qtbot: QtBot, core: Core, toasts: Toasts, angry: int) -> None:
    one = alert(core, angry, Severity.P1)
    toasts.show_alert(one)
    with qtbot.waitSignal(toasts.draft_requested) as said:
        toasts.cards[0].draft.click()
    assert said.args == [angry]
    assert toasts.cards == ()
    qtbot.waitUntil(lambda: core.alerts()[0].state is AlertState.SEEN)


def test_claim_and_ignore(qtbot: QtBot, core: Core, toasts: Toasts, stock, brand: Watch) -> None:
    first, second = stock.put("星澜 一", "星澜 二")
    toasts.show_alert(alert(core, first, Severity.P1))
    toasts.show_alert(alert(core, second, Severity.P1))
    for card in toasts.cards:
        (card.claim if card.alert.mention_id == first else card.ignore).click()
    qtbot.waitUntil(lambda: toasts.cards == ())
    assert core.mention(first).status is Status.CLAIMED
    assert core.mention(second).status is Status.IGNORED
    assert {one.state for one in core.alerts()} == {AlertState.SEEN, AlertState.DONE}


def test_claimed_by_another_is_said_on_the_card(
    qtbot: QtBot, core: Core, toasts: Toasts, angry: int
) -> None:
    mine = core.local
    core.local = replace(mine, agent="小李")
    core.claim([angry])
    core.local = replace(mine, agent="小王")
    toasts.show_alert(alert(core, angry, Severity.P1))
    card = toasts.cards[0]
    card.claim.click()
    qtbot.waitUntil(lambda: "小李" in card._problem.text())
    assert card.claim.isEnabled()


def test_a_press_on_the_card_opens_it(qtbot: QtBot, core: Core, toasts: Toasts, angry: int) -> None:
    toasts.show_alert(alert(core, angry, Severity.P1))
    with qtbot.waitSignal(toasts.opened) as said:
        qtbot.mouseClick(toasts.cards[0], Qt.MouseButton.LeftButton)
    assert said.args == [angry]


def test_dealt_with_is_not_shown_again_unless_it_is_worse(core: Core, toasts: Toasts, angry: int) -> None:
    one = alert(core, angry, Severity.P2)
    toasts.show_alert(one)
    toasts.cards[0].close_button.click()
    toasts.show_alert(replace(one, copies=2))
    assert toasts.cards == ()
    toasts.show_alert(replace(one, copies=9, severity=Severity.P1))
    assert len(toasts.cards) == 1


def test_words_are_never_markup(core: Core, toasts: Toasts) -> None:
    toasts.show_alert(alert(core, None, title="<img src=x>\u202e <b>-h"))
    card = toasts.cards[0]
    assert card.title_text == "<img src=x>\ufffd <b>-h"
    assert {one.textFormat() for one in card.findChildren(QLabel)} == {Qt.TextFormat.PlainText}
    assert card.acknowledge.isVisible()
    assert not card.draft.isVisible(), "there is no mention to act on"


def test_it_follows_the_corner(window: QWidget, core: Core, toasts: Toasts, angry: int) -> None:
    toasts.show_alert(alert(core, angry, Severity.P1))
    window.resize(700, 600)
    right = toasts.geometry().right()
    assert window.width() - module.MARGIN - 2 <= right <= window.width() - module.MARGIN
    assert toasts.geometry().bottom() <= window.height()


def test_age_is_told(core: Core, toasts: Toasts, angry: int) -> None:
    old = replace(alert(core, angry), created_at=datetime.now(UTC) - timedelta(minutes=5))
    toasts.show_alert(old)
    assert toasts.cards[0]._when.text() == "5 minutes ago"


def test_one_card_is_open_and_the_others_are_lines(core: Core, toasts: Toasts, angry: int) -> None:
    for number in range(3):
        toasts.show_alert(alert(core, angry, Severity.P1, title=f"P1 第{number}条"))
    newest, second, third = toasts.cards
    assert [card.compact for card in (newest, second, third)] == [False, True, True]
    assert not second.draft.isVisible()
    assert second.height() < newest.height() / 2
    assert newest.title_text == "第2条", "the severity stands in the pill beside it"
    second.acted.emit(second.alert.id, "expand")
    assert [card.compact for card in (newest, second, third)] == [True, False, True]
    assert second.draft.isVisible()
    assert toasts.cards == (newest, second, third), "opening one is no act on it"


def test_a_press_on_a_line_opens_the_card(qtbot: QtBot, core: Core, toasts: Toasts, angry: int) -> None:
    for number in range(2):
        toasts.show_alert(alert(core, angry, Severity.P1, title=f"第{number}条"))
    older = toasts.cards[1]
    opened: list[int] = []
    toasts.opened.connect(opened.append)
    qtbot.mouseClick(older, Qt.MouseButton.LeftButton)
    assert not older.compact
    assert opened == []
    qtbot.mouseClick(older, Qt.MouseButton.LeftButton)
    assert opened == [angry]


class Ear:
    """Stands where the loudspeaker is."""

    def __init__(self) -> None:
        self.heard = 0

    def play(self) -> str:
        self.heard += 1
        return "ear"


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    made = Ear()
    monkeypatch.setattr(module.sound, "play", made.play)
    return made


def raised(core: Core, mention_id: int, severity: Severity = Severity.P1) -> Alert:
    """By the first rule, as the alarms write it."""
    made = Alert(
        severity=severity,
        title="星澜起火",
        body="充电时起火",
        reason="clearly negative",
        mention_id=mention_id,
        created_at=datetime.now(UTC),
        rule_id=core.rules()[0].id,
    )
    return core.storage.alerts.add(made)


def test_it_sounds_also_in_a_window_that_has_the_focus(
    qtbot: QtBot, core: Core, window: QWidget, toasts: Toasts, angry: int, ear: Ear
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    toasts.show_alert(raised(core, angry, Severity.P2))
    toasts.show_alert(raised(core, angry, Severity.P2))
    qtbot.waitUntil(lambda: ear.heard > 0)
    qtbot.wait(300)
    assert ear.heard == 1, "a burst is one sound"
    assert not toasts._ring.isActive(), "only critical ones sound again"


def test_a_critical_one_sounds_again_until_it_is_acknowledged(
    qtbot: QtBot, core: Core, toasts: Toasts, angry: int, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUIET_MS", 1)
    toasts._ring.setInterval(100)
    one = raised(core, angry)
    toasts.show_alert(one)
    qtbot.waitUntil(lambda: ear.heard >= 3)
    toasts.cards[0].acknowledge.click()
    qtbot.waitUntil(lambda: toasts.cards == ())
    assert core.alert(one.id).acked_by == core.me
    qtbot.waitUntil(lambda: not toasts._ring.isActive())
    heard = ear.heard
    qtbot.wait(300)
    assert ear.heard == heard


def test_a_rule_may_be_silent_or_sound_once(
    qtbot: QtBot, core: Core, toasts: Toasts, angry: int, ear: Ear
) -> None:
    core.save_rule(replace(core.rules()[0], repeat=False))
    toasts.show_alert(raised(core, angry))
    qtbot.waitUntil(lambda: ear.heard == 1)
    assert not toasts._ring.isActive()
    core.save_rule(replace(core.rules()[0], sound=False))
    toasts.show_alert(raised(core, angry))
    qtbot.waitUntil(lambda: not core.sound_of(core.alerts()[0].id)[0])
    qtbot.wait(300)
    assert ear.heard == 1


def test_a_card_that_stands_there_is_a_receipt(
    qtbot: QtBot, core: Core, toasts: Toasts, angry: int, ear: Ear
) -> None:
    one = raised(core, angry)
    toasts.show_alert(one)
    qtbot.waitUntil(lambda: core.alert(one.id).shown_at is not None)
    assert core.alert(one.id).seen_at is None
    toasts.cards[0].close_button.click()
    qtbot.waitUntil(lambda: core.alert(one.id).seen_by == core.me)
    assert core.alert(one.id).acked_at is None


def test_what_a_colleague_acknowledges_goes_from_here(
    qtbot: QtBot, core: Core, toasts: Toasts, angry: int, ear: Ear
) -> None:
    one, other = raised(core, angry), raised(core, angry)
    toasts.show_alert(one)
    toasts.show_alert(other)
    core.acknowledge([one.id], "王芳")
    qtbot.waitUntil(lambda: [card.alert.id for card in toasts.cards] == [other.id])
