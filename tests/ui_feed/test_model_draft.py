"""The model's draft in the composer: shown what leaves, written as it comes, nothing approved unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.mention import Status
from app.drill.standin import ModelServer, World
from app.settings.model import Model
from ui.context import Context
from ui.feed.composer import Composer

pytestmark = pytest.mark.window


@dataclass
class Talk:
    core: Core
    server: ModelServer
    id: int


@pytest.fixture
def talk(core: Core, stock, brand, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with World([ModelServer]) as world:
        [id_] = stock.put("星澜左耳没声音，电话13800001111")
        model = Model(base=f"{world.url_of(ModelServer)}/v1", model=ModelServer.name)
        core.agree_to_model(core.save_model(model, ModelServer.key).host)
        yield Talk(core, world.of(ModelServer), id_)


def opened(qtbot: QtBot, context: Context, talk: Talk) -> Composer:
    made = Composer(context, talk.id)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(made.edit.isEnabled)
    qtbot.waitUntil(made.model.draft.isVisible)
    return made


def leave(composer: Composer) -> None:
    composer._drafted = composer.edit.toPlainText()
    composer.close()


def drafted(qtbot: QtBot, composer: Composer) -> None:
    composer.model.draft.click()
    qtbot.waitUntil(composer.model.question.isVisible)
    composer.model.go.click()
    qtbot.waitUntil(lambda: "Drafted by" in composer.model.note.text)


def test_off_there_is_no_button(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk)
    talk.core.model_off()
    qtbot.waitUntil(lambda: not composer.model.draft.isVisible())
    composer.close()


def test_what_leaves_is_shown_and_only_then_sent(qtbot: QtBot, context: Context, talk: Talk) -> None:
    composer = opened(qtbot, context, talk)
    before = composer.edit.toPlainText()
    composer.model.draft.click()
    qtbot.waitUntil(composer.model.question.isVisible)
    shown = composer.model.leaving.toPlainText()
    assert "左耳没声音" in shown
    assert "13800001111" not in shown
    assert "127.0.0.1" in composer.model.go.text()
    composer.model.leave_off.click()
    assert talk.server.asked == ()
    assert composer.edit.toPlainText() == before
    drafted(qtbot, composer)
    assert len(talk.server.asked) == 1
    assert not composer.edit.isReadOnly()
    assert composer.edit.toPlainText().startswith("您好，很抱歉")
    assert [len(one.chips) for one in composer.model.rows] == [1, 1]
    composer.model.rows[0].chips[0].click()
    assert composer.model.source.isVisible()
    assert "13800001111" in composer.model._source_text.text()
    assert composer.copy_and_open.isEnabled()
    composer.model.note.no.click()
    assert composer.edit.toPlainText() == before
    assert composer.model.rows == []
    leave(composer)


def test_a_marked_sentence_must_be_looked_at(qtbot: QtBot, context: Context, talk: Talk, browser) -> None:
    talk.server.mode = "obeys"
    composer = opened(qtbot, context, talk)
    drafted(qtbot, composer)
    waiting = [one for one in composer.model.rows if one.waits]
    assert len(waiting) >= 5
    assert not composer.copy_and_open.isEnabled()
    assert not composer.copy_only.isEnabled()
    for one in waiting[1:]:
        one.box.setChecked(True)
    assert not composer.copy_and_open.isEnabled()
    text = composer.edit.toPlainText()
    composer.edit.setPlainText(text.replace("10000", "1"))  # changed is looked at
    assert composer.copy_and_open.isEnabled()
    composer.edit.setPlainText(text)
    assert not composer.copy_and_open.isEnabled()
    waiting[0].box.setChecked(True)
    assert composer.copy_and_open.isEnabled()
    qtbot.waitUntil(lambda: talk.core.unseen_in(talk.id, text) == ())
    composer.copy_and_open.click()
    qtbot.waitUntil(composer.question.isVisible)  # it promises money: that takes a yes of its own
    composer.question.yes.click()
    qtbot.waitUntil(lambda: "to be confirmed" in composer.poster.standing.text)
    assert talk.core.mention(talk.id).status is Status.NEW
    leave(composer)


def test_unseen_sentences_of_a_written_answer_come_back(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.server.mode = "plain"
    made = talk.core.model_draft(talk.core.prepare_model(talk.id)).draft
    assert made is not None
    talk.core.write_reply(talk.id, made.text)
    composer = opened(qtbot, context, talk)
    qtbot.waitUntil(lambda: len(composer.model.rows) == 2)
    qtbot.waitUntil(lambda: "and not sent" in composer.poster.standing.text)
    composer.poster.standing.yes.click()
    assert composer.edit.toPlainText() == made.text
    assert not composer.copy_and_open.isEnabled()
    leave(composer)


def test_a_failure_leaves_the_template(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.server.mode = "error_mid"
    composer = opened(qtbot, context, talk)
    before = composer.edit.toPlainText()
    composer.model.draft.click()
    qtbot.waitUntil(composer.model.question.isVisible)
    composer.model.go.click()
    qtbot.waitUntil(lambda: "trouble" in composer.model.note.text)
    assert composer.edit.toPlainText() == before
    assert not composer.edit.isReadOnly()
    assert composer.model.draft.isEnabled()
    composer.close()


def test_cancelled_while_it_writes(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.core.save_model(replace(talk.core.model(), preview=False))
    talk.server.mode = "slow"
    composer = opened(qtbot, context, talk)
    qtbot.waitUntil(lambda: composer.model._state is not None and not composer.model._state.preview)
    before = composer.edit.toPlainText()
    composer.model.draft.click()
    qtbot.waitUntil(lambda: composer.edit.toPlainText().startswith("您好") and composer.edit.isReadOnly())
    assert not composer.copy_and_open.isEnabled()
    composer.model.progress.no.click()
    qtbot.waitUntil(lambda: not composer.edit.isReadOnly())
    assert composer.edit.toPlainText() == before
    composer.close()


def test_closing_the_composer_ends_the_request(qtbot: QtBot, context: Context, talk: Talk) -> None:
    talk.server.mode = "silent"
    composer = opened(qtbot, context, talk)
    composer.model.draft.click()
    qtbot.waitUntil(composer.model.question.isVisible)
    composer.model.go.click()
    qtbot.waitUntil(lambda: len(talk.server.asked) == 1)
    leave(composer)
    qtbot.waitUntil(lambda: not talk.core.cancels._open)
