"""Sending from the composer: shown exactly, asked, sent once; what is unclear stays in sight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.mention import Status
from app.domain.outbox import Posting
from app.domain.people import Person
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
    core.local = replace(core.local, undo_seconds=0)
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


def test_it_counts_down_and_leaves(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.core.local = replace(talk.core.local, undo_seconds=1)
    composer = opened(qtbot, context, talk)
    asked(qtbot, composer)
    with qtbot.waitSignal(composer.answered, timeout=SLOW):
        composer.poster.confirm.yes.click()
        qtbot.waitUntil(lambda: "Leaves in" in composer.poster.standing.text, timeout=SLOW)
        assert talk.sent() == []
        assert not composer.poster.send.isEnabled()
    assert talk.sent() == ["您好，请提供订单号"]
    assert "Sent." in composer.news.text
    composer.close()


def test_taken_back_edited_and_sent_again(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.core.local = replace(talk.core.local, undo_seconds=60)
    composer = opened(qtbot, context, talk, "写错了")
    asked(qtbot, composer)
    composer.poster.confirm.yes.click()
    qtbot.waitUntil(lambda: "Leaves in" in composer.poster.standing.text, timeout=SLOW)
    composer.poster.standing.no.click()
    qtbot.waitUntil(composer.poster.send.isEnabled, timeout=SLOW)
    assert [row.state for row in talk.core.outbox()] == [Posting.WRITTEN]
    composer.edit.setPlainText("改好了")
    asked(qtbot, composer)
    composer.poster.confirm.yes.click()
    qtbot.waitUntil(lambda: "改好了" in composer.poster.standing.text, timeout=SLOW)
    assert [row.state for row in talk.core.outbox()] == [Posting.APPROVED, Posting.FAILED]
    with qtbot.waitSignal(composer.answered, timeout=SLOW):
        composer.poster.standing.yes.click()  # does not wait any longer
    assert talk.sent() == ["改好了"]
    composer.close()


def test_the_countdown_survives_the_composer(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.core.send_later(talk.id, "您好", approved_by="组长", seconds=90)
    composer = opened(qtbot, context, talk)
    qtbot.waitUntil(lambda: "Leaves in" in composer.poster.standing.text, timeout=SLOW)
    assert not composer.poster.send.isEnabled()
    composer.poster.standing.no.click()
    qtbot.waitUntil(composer.poster.send.isEnabled, timeout=SLOW)
    assert talk.core.outbox()[0].state is Posting.WRITTEN
    leave(composer)


def test_a_second_person_approves(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.core.set_second_pair(True)
    talk.core.storage.people.save(Person(name="小李"))
    talk.core.local = replace(talk.core.local, agent="小王")
    composer = opened(qtbot, context, talk)
    qtbot.waitUntil(lambda: composer.poster.reviewer.count() == 2, timeout=SLOW)
    assert "somebody else has approved" in asked(qtbot, composer)
    composer.poster.reviewer.setCurrentIndex(1)
    composer.poster.confirm.yes.click()
    qtbot.waitUntil(lambda: "Waits for the yes of 小李" in composer.poster.standing.text, timeout=SLOW)
    assert not composer.poster.standing.yes.isVisible()
    leave(composer)
    talk.core.local = replace(talk.core.local, agent="小李")
    page = FeedPage(context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: "1 answer waits" in page.review.text, timeout=SLOW)
    page.review.yes.click()
    [other] = page.composers
    qtbot.waitUntil(lambda: "小王 asks for your yes" in other.poster.standing.text, timeout=SLOW)
    with qtbot.waitSignal(other.answered, timeout=SLOW):
        other.poster.standing.yes.click()
    assert talk.sent() == ["您好，请提供订单号"]
    assert talk.core.mention(talk.id).status_by == "小王"
    leave(other)
    page.close()


def test_news_in_the_thread_is_asked_about(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk)
    talk.platform.write("已经好了")
    talk.core.engine.poll_once().result(60)
    assert "written again" in asked(qtbot, composer)
    with qtbot.waitSignal(composer.answered, timeout=SLOW):
        composer.poster.confirm.yes.click()
    assert len(talk.sent()) == 1
    composer.close()


def test_a_written_answer_is_gone_on_with(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.core.write_reply(talk.id, "昨天写的")
    composer = opened(qtbot, context, talk)
    qtbot.waitUntil(lambda: "and not sent" in composer.poster.standing.text, timeout=SLOW)
    composer.poster.standing.yes.click()
    assert composer.edit.toPlainText() == "昨天写的"
    asked(qtbot, composer)
    with qtbot.waitSignal(composer.answered, timeout=SLOW):
        composer.poster.confirm.yes.click()
    assert talk.sent() == ["昨天写的"]
    assert {row.state for row in talk.core.outbox()} == {Posting.SENT, Posting.FAILED}
    composer.close()


def test_what_could_not_leave_is_heard_of(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.core.local = replace(talk.core.local, agent="小王")
    row = talk.core.send_later(talk.id, "您好", approved_by="小王", seconds=0.3)
    talk.core.answered(talk.id, "我手工回了")
    qtbot.waitUntil(lambda: talk.core.outgoing(row.id).state is Posting.FAILED, timeout=SLOW)
    page = FeedPage(context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: "1 answer waits" in page.review.text, timeout=SLOW)
    page.review.yes.click()
    [composer] = page.composers
    qtbot.waitUntil(lambda: "could not leave" in composer.poster.standing.text, timeout=SLOW)
    assert "already answered" in composer.poster.standing.text
    composer.poster.standing.no.click()
    qtbot.waitUntil(lambda: page.review.text == "", timeout=SLOW)
    assert composer.poster.trouble.text == ""
    assert talk.core.for_me() == ()
    leave(composer)
    page.close()


def test_it_fails_to_leave_before_ones_eyes(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.core.local = replace(talk.core.local, undo_seconds=1)
    composer = opened(qtbot, context, talk)
    asked(qtbot, composer)
    composer.poster.confirm.yes.click()
    qtbot.waitUntil(lambda: "Leaves in" in composer.poster.standing.text, timeout=SLOW)
    talk.platform.talks["wmSYNTH01"].state = 3
    qtbot.waitUntil(lambda: "Nothing was sent" in composer.poster.trouble.text, timeout=SLOW)
    assert composer.poster.standing.text == ""
    talk.platform.talks["wmSYNTH01"].state = 1
    talk.core.local = replace(talk.core.local, undo_seconds=0)
    asked(qtbot, composer)
    with qtbot.waitSignal(composer.answered, timeout=SLOW):
        composer.poster.confirm.yes.click()
    assert talk.core.for_me() == ()
    composer.close()
