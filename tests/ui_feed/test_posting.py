"""Sending from the composer: shown exactly, asked, sent once; what is unclear stays in sight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.mention import Status
from app.domain.outbox import Posting
from app.domain.query import MentionQuery
from app.domain.watch import Source
from app.drill.standin import WeCom, World
from ui.context import Context
from ui.feed.composer import Composer
from ui.feed.page import FeedPage

pytestmark = pytest.mark.window
SLOW = 15_000


@dataclass
class Talk:
    """A customer's message in the core, and the stand-in that takes the answer."""

    core: Core
    platform: WeCom
    id: int

    def sent(self) -> list[str]:
        return [one.text for one in self.platform.sent]


@pytest.fixture
def talk(core: Core, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with World([WeCom]) as world:
        platform = world.of(WeCom)
        settings = {"corp_id": WeCom.app, "server": world.url_of(WeCom)}
        core.save_source(
            Source(kind="wecom", name="售后客服", settings=settings), {"secret": platform.secret}
        )
        platform.write("左耳坏了怎么退")
        core.start(poll=False)
        core.engine.poll_once().result(60)
        [row] = core.mentions(MentionQuery()).rows
        yield Talk(core, platform, row.id)


def opened(qtbot: QtBot, context: Context, talk: Talk, text: str = "您好，请提供订单号") -> Composer:
    made = Composer(context, talk.id)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(made.edit.isEnabled, timeout=SLOW)
    made.edit.setPlainText(text)
    return made


def leave(composer: Composer) -> None:
    composer._drafted = composer.edit.toPlainText()
    composer.close()


def asked(qtbot: QtBot, composer: Composer) -> str:
    composer.poster.send.click()
    qtbot.waitUntil(lambda: "Exactly" in composer.poster.confirm.text, timeout=SLOW)
    return composer.poster.confirm.text


def test_shown_asked_and_sent_once(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk, "  您好，请提供订单号\u202e  ")
    assert composer.poster.send.isVisible()
    words = asked(qtbot, composer)
    assert composer.edit.toPlainText() == "您好，请提供订单号"
    assert composer.edit.isReadOnly()
    for part in ("WeCom", WeCom.app, "售后客服", "Customer #", talk.core.me):
        assert part in words
    assert not composer.copy_and_open.isEnabled()
    assert talk.sent() == []
    with qtbot.waitSignal(composer.answered, timeout=SLOW):
        composer.poster.confirm.yes.click()
    assert talk.sent() == ["您好，请提供订单号"]
    assert talk.core.mention(talk.id).status is Status.ANSWERED
    assert "Sent." in composer.news.text
    assert not composer.poster.send.isEnabled()
    composer.close()


@pytest.mark.parametrize("by_key", [False, True])
def test_what_should_not_go_out_is_asked_about_before_sending(
    qtbot: QtBot, context: Context, talk: Talk, *, by_key: bool
) -> None:
    composer = opened(qtbot, context, talk, "我们保证修好，请打13812345678")
    press = composer._on_go if by_key else composer.poster.send.click
    press()
    assert "13812345678" in composer.question.text
    assert not composer.edit.isReadOnly()
    assert not composer.poster.confirm.isVisible()
    composer.question.yes.click()
    qtbot.waitUntil(lambda: "Exactly" in composer.poster.confirm.text, timeout=SLOW)
    assert talk.sent() == []
    composer.poster.confirm.no.click()
    leave(composer)


def test_not_yet_leaves_everything_as_it_was(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk)
    asked(qtbot, composer)
    composer.poster.confirm.no.click()
    assert not composer.edit.isReadOnly()
    assert composer.poster.send.isEnabled()
    assert talk.core.outbox() == ()
    assert talk.sent() == []
    leave(composer)


def test_ctrl_return_only_asks(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk)
    composer.activateWindow()
    qtbot.waitUntil(composer.isActiveWindow)
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "Exactly" in composer.poster.confirm.text, timeout=SLOW)
    assert talk.sent() == []
    leave(composer)


def test_the_limit_counts_along(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk, "长" * 680)
    assert composer._count.text() == "680 of 680 characters"
    assert composer.poster.send.isEnabled()
    composer.edit.setPlainText("长" * 681)
    assert composer._count.text() == "681 of 680 characters"
    assert composer._count.property("role") == "error"
    assert not composer.poster.send.isEnabled()
    leave(composer)


def test_perhaps_sent_is_settled_by_the_person(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk)
    talk.platform.switches.failures.append("503")
    asked(qtbot, composer)
    composer.poster.confirm.yes.click()
    qtbot.waitUntil(lambda: "perhaps sent" in composer.poster.doubt.text, timeout=SLOW)
    assert not composer.poster.send.isEnabled()
    leave(composer)
    again = opened(qtbot, context, talk)
    assert "perhaps sent" in again.poster.doubt.text
    assert "您好，请提供订单号" in again.poster.doubt.text
    again.poster.doubt.no.click()
    qtbot.waitUntil(again.poster.send.isEnabled, timeout=SLOW)
    assert [row.state for row in talk.core.outbox()] == [Posting.FAILED]
    asked(qtbot, again)
    with qtbot.waitSignal(again.answered, timeout=SLOW):
        again.poster.confirm.yes.click()
    assert len(talk.sent()) == 1
    again.close()


def test_it_was_sent_after_all(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk)
    talk.platform.switches.failures.append("cut")
    asked(qtbot, composer)
    composer.poster.confirm.yes.click()
    qtbot.waitUntil(lambda: "perhaps sent" in composer.poster.doubt.text, timeout=SLOW)
    with qtbot.waitSignal(composer.answered, timeout=SLOW):
        composer.poster.doubt.yes.click()
    assert talk.core.mention(talk.id).status is Status.ANSWERED
    assert len(talk.sent()) == 1
    composer.close()


def test_a_refusal_is_said_and_the_text_stays(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk)
    talk.platform.talks["wmSYNTH01"].state = 3
    asked(qtbot, composer)
    composer.poster.confirm.yes.click()
    qtbot.waitUntil(lambda: "Nothing was sent" in composer.poster.trouble.text, timeout=SLOW)
    assert "colleague" in composer.poster.trouble.text
    assert composer.edit.toPlainText() == "您好，请提供订单号"
    assert not composer.edit.isReadOnly()
    assert composer.poster.send.isEnabled()
    leave(composer)


def test_a_second_answer_is_asked_about(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.core.answered(talk.id, "手工回复过")
    composer = opened(qtbot, context, talk)
    assert "already answered" in asked(qtbot, composer)
    with qtbot.waitSignal(composer.answered, timeout=SLOW):
        composer.poster.confirm.yes.click()
    assert len(talk.sent()) == 1
    composer.close()


def test_without_an_interface_there_is_no_send(qtbot: QtBot, context: Context, stock, talk: Talk) -> None:
    [id_] = stock.put("左耳没声音")
    composer = opened(qtbot, context, Talk(talk.core, talk.platform, id_))
    assert not composer.poster.send.isVisible()
    assert composer.copy_and_open.isEnabled()
    leave(composer)


def test_the_feed_says_what_is_unclear_until_it_is_settled(
    qtbot: QtBot, context: Context, talk: Talk
) -> None:
    talk.platform.switches.failures.append("503")
    row = talk.core.send_reply(talk.id, "您好", approved_by="组长")
    page = FeedPage(context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: "1 answer was perhaps sent" in page.unsure.text, timeout=SLOW)
    page.unsure.yes.click()
    [composer] = page.composers
    qtbot.waitUntil(lambda: "perhaps sent" in composer.poster.doubt.text, timeout=SLOW)
    talk.core.settle_unsure(row.id, False)
    qtbot.waitUntil(lambda: page.unsure.text == "", timeout=SLOW)
    leave(composer)
    page.close()
