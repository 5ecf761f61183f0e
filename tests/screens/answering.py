"""Answers as they are written and go out: a model's draft, the countdown, a second yes, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from app.core import Core
from app.domain.query import MentionQuery
from app.domain.watch import Source, Watch
from app.drill.standin import ModelServer, WeCom, World
from app.home import Home
from app.settings.model import Model
from ui.context import Context
from ui.feed.composer import Composer
from ui.pages.model_settings import ModelSettings
from ui.pages.settings import SettingsPage

POST = (
    "云雀耳机左耳没声音，刚买三天！我叫王小明，电话13800001111，订单号TX2026113088。"
    "客服一直不理人，必须赔我10000元。"
)


@contextmanager
def stage(home: Home) -> Iterator[tuple[Core, World, int]]:
    """A customer's message, and a model that answers."""
    with World([WeCom, ModelServer]) as world:
        core = Core.open(home, desktop=False, engine_name="trivial")
        core.save_brand(Watch(name="云雀", query="云雀"))
        core.save_local(replace(core.local, agent="小王", undo_seconds=60, service_channel="400-800-1234"))
        given = {"corp_id": WeCom.app, "server": world.url_of(WeCom)}
        core.save_source(
            Source(kind="wecom", name="售后客服", settings=given), {"secret": world.of(WeCom).secret}
        )
        model = Model(base=f"{world.url_of(ModelServer)}/v1", model=ModelServer.name)
        core.agree_to_model(core.save_model(model, ModelServer.key).host)
        world.of(WeCom).write(POST)
        core.start(poll=False)
        core.engine.poll_once().result(60)
        [row] = core.mentions(MentionQuery()).rows
        yield core, world, row.id
        core.close()


def pictures(
    camera: Any, context: Context, world: World, id_: int, wait: Callable[[Callable[[], object]], None]
) -> None:
    core, server = context.core, world.of(ModelServer)
    server.says = (
        f"⟨姓名1⟩您好，左耳没声音、订单⟨编号1⟩的事给您添麻烦了。[M{id_}]"
        f"我们承诺三天内赔偿您10000元。[M{id_}]请您放心。"
    )
    composer = Composer(context, id_)
    composer.resize(760, 900)
    composer.show()
    wait(composer.model.draft.isVisible)
    wait(composer.edit.isEnabled)
    composer.model.draft.click()
    wait(composer.model.question.isVisible)
    camera.take(composer, "model-leaving")
    composer.model.go.click()
    wait(lambda: composer.model.rows)
    composer.model.rows[0].chips[0].click()
    camera.take(composer, "model-drafted")
    composer.hide()
    row = core.send_later(id_, "您好，已为您安排换新，请留意短信。", approved_by="小王", seconds=60)
    leaving = Composer(context, id_)
    leaving.show()
    wait(lambda: leaving.poster.standing.text)
    camera.take(leaving, "answer-leaving")
    leaving.hide()
    core.take_back(row.id)
    core.drop_reply(row.id)
    core.set_second_pair(True)
    row = core.send_later(id_, "您好，请您先重启耳机。", approved_by="小李", seconds=None, reviewer="小王")
    review = Composer(context, id_)
    review.show()
    wait(lambda: review.poster.standing.text)
    camera.take(review, "answer-review")
    review.hide()
    core.drop_reply(core.take_back(row.id).id)
    core.set_second_pair(False)
    page = SettingsPage(context)
    page.resize(900, 1500)
    page.show()
    section = page.findChild(ModelSettings)
    assert section is not None
    wait(lambda: section.form is not None)
    camera.take(section, "model-settings")
    camera.take(page, "settings-answering")
    page.hide()
