"""Channels, trackers and issues as a team would have them after a day; drawn for `render.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core import Core
from app.domain.mention import Author, Mention
from app.domain.outlet import Outlet
from app.domain.query import MentionQuery
from app.domain.watch import Source, Watch
from app.drill.standin import World
from app.drill.standin.robots import DingRobot, FeishuBot, WeComGroup
from app.drill.standin.trackers import GitHubIssues, ZenTaoBugs
from app.errors import AppError
from app.home import Home
from app.storage.values import Found
from ui.application import make_context
from ui.channels.add import AddOutlet
from ui.channels.page import ChannelsPage
from ui.channels.shelf import channel_shelf, tracker_shelf
from ui.context import Context
from ui.main_window import MainWindow
from ui.trackers.escalate import IssueSheet

POSTS = (
    ("耳机左耳没声音，换了三个充电盒都一样", "阿树"),
    ("升级固件 2.1 之后左耳彻底没声音了，客服让我等", "老陈"),
    ("云雀耳机降噪还不错，就是盒子容易刮花", "小满"),
)


def fill(core: Core, world: World) -> list[int]:
    core.save_brand(Watch(name="云雀", query="云雀 OR 耳机"), wait=True)
    source = core.save_source(Source(kind="feed", name="论坛", settings={"url": "http://127.0.0.1:9/x"}))
    now = core.clock.now()
    found = [
        Found(
            mention=Mention(
                platform="weibo",
                native_id=str(n),
                url=f"https://weibo.example/{n}",
                text=text,
                author=Author(name=name, followers=1200 * (n + 1)),
            ),
            published_at=now,
            dated=True,
        )
        for n, (text, name) in enumerate(POSTS)
    ]
    core.storage.mentions.save_page(source.id, found, None, now=now)
    ding = {"server": world.url_of(DingRobot)}
    core.save_channel(
        Outlet(kind="dingtalk", name="售后群机器人", settings=ding), {"address": DingRobot.key}
    )
    wecom = {"server": world.url_of(WeComGroup)}
    core.save_channel(Outlet(kind="wecom", name="公关值班群", settings=wecom), {"address": "old-key-00001"})
    feishu = {"server": world.url_of(FeishuBot)}
    core.save_channel(Outlet(kind="feishu", name="研发飞书群", settings=feishu), {"address": FeishuBot.key})
    mail = {"server": "smtp.example.com", "sender": "alerts@example.com", "to": "lead@example.com"}
    core.save_channel(Outlet(kind="email", name="负责人邮箱", settings=mail, paused=True), {})
    zentao = {"server": f"{world.url_of(ZenTaoBugs)}/zentao", "product": "7", "account": ZenTaoBugs.account}
    core.save_tracker(Outlet(kind="zentao", name="禅道", settings=zentao), {"password": ZenTaoBugs.key})
    github = {"repository": "brand/app", "server": world.url_of(GitHubIssues)}
    core.save_tracker(
        Outlet(kind="github", name="开源客户端", settings=github), {"token": GitHubIssues.key}
    )
    for one in core.channels()[:2]:
        try:
            core.test_channel(one.id)
        except AppError:
            continue
    return [one.id for one in core.mentions(MentionQuery(), None, 10).rows]


def escalate(core: Core, world: World, ids: list[int]) -> None:
    zentao, github = (one.id for one in core.trackers())
    ticket = core.escalate(ids[0], zentao, "固件 2.1")
    world.of(ZenTaoBugs).close("1", "fixed")
    core.look_at_ticket(ticket.id)
    core.escalate(ids[1], zentao)
    world.of(GitHubIssues).control({"fail_next": {"n": 1, "mode": "500"}})
    try:
        core.escalate(ids[1], github)
    except AppError:
        return


def draw(home: Home, modes: Callable[[str], Any], wait: Callable[..., None]) -> int:
    """`modes` dresses the program and gives a camera."""
    with World([DingRobot, WeComGroup, FeishuBot, ZenTaoBugs, GitHubIssues]) as world:
        core = Core.open(home, desktop=False, engine_name="trivial")
        core.start(poll=False)
        ids = fill(core, world)
        escalate(core, world, ids)
        context = make_context(core)
        taken = 0
        for mode in ("light", "dark"):
            camera = modes(mode)
            pictures(camera, context, ids, wait)
            taken += camera.taken
        context.close()
        core.close()
    return taken


def pictures(camera: Any, context: Context, ids: list[int], wait: Callable[..., None]) -> None:
    made = MainWindow(context)
    made.resize(1440, 900)
    made.show()
    page = made.navigate("channels")
    assert isinstance(page, ChannelsPage)
    wait(lambda: page.channels.states.state == "full")
    page.channels.table.selectRow(1)
    camera.take(made, "channels")
    for part in ("trackers", "issues"):
        page.show_part(part)
        wait(lambda part=part: getattr(page, part).states.state == "full")
        getattr(page, part).table.selectRow(0)
        camera.take(made, f"channels-{part}")
    made.resize(900, 560)
    page.show_part("channels")
    camera.take(made, "channels-least")
    made.resize(1440, 900)
    made.open_mention(ids[1])
    camera.take(made, "channels-feed")
    core = context.core
    first = core.channels()[0]
    sheets = (
        ("channels-kinds", AddOutlet(context, channel_shelf(core))),
        ("channels-edit", AddOutlet(context, channel_shelf(core), first)),
        ("channels-tracker", AddOutlet(context, tracker_shelf(core), core.trackers()[0])),
        ("channels-issue", IssueSheet(context, ids[0])),
    )
    for name, sheet in sheets:
        sheet.show()
        camera.take(sheet, name)
        sheet.close()
        sheet.deleteLater()
    made.hide()
    made.deleteLater()
