"""A desk on a busy evening, for the pictures: claims of four people, notes, one that waits, one late."""

from __future__ import annotations

from datetime import timedelta

from app.core import Core
from app.domain.mention import Author, Mention
from app.domain.people import Person, Role, Team
from app.domain.queue import Act
from app.domain.sentiment import Tone
from app.domain.watch import Page, Source, Watch
from app.storage.models_desk import DeskRow

POSTS = (
    (
        "weibo",
        "数码老张",
        182000,
        "云雀X3充电的时候冒烟了，枕头烧了一个洞，打了三次客服没人管，已经联系消防和12315",
    ),
    ("xhs", "小鹿不吃草", 320, "云雀耳机左边没声音，才买了一个月，保修要我自己出运费？"),
    ("zhihu", "匿名用户", None, "云雀手机的系统更新之后耗电明显变快，有没有一样的？"),
    ("weibo", "阿福", 1204, "云雀官网说三天发货，今天第九天了，订单还是待出库，问客服就是让等"),
    ("bili", "评测喵", 96000, "云雀新机实测：续航不错，但是屏幕偏绿，三台里有两台"),
    ("appstore", "李同学", None, "更新以后打不开了，一直闪退，什么时候能修"),
    ("weibo", "晚风", 58, "云雀门店换屏要八百，网上说好的以旧换新呢"),
    ("tieba", "老用户2016", 12, "用了五年云雀，第一次这么失望，售后电话打不通"),
    ("weibo", "阿福", 1204, "云雀的客服终于回我了，结果说要再等七天，这是第三次了"),
)
LEFT = (-4, 3, 9, 14, 19, 26, 41, 55, 70)
"""Minutes until each is due."""


def busy(core: Core) -> list[int]:
    """The ids, as the list of the team shows them."""
    core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    source = core.storage.sources.save(Source(kind="feed", name="全网"))
    now = core.clock.now()
    posts = tuple(
        Mention(
            platform=platform,
            native_id=str(number),
            url=f"https://example.com/{number}",
            text=text,
            author=Author(name=name, native_id=name, followers=followers),
            published_at=now - timedelta(minutes=40 - number),
        )
        for number, (platform, name, followers, text) in enumerate(POSTS)
    )
    ids = list(core.pipeline.take(source, Page(posts)).new)
    for id_ in ids:
        core.correct(id_, Tone.NEGATIVE)
    _clocks(core, ids)
    _people(core, ids)
    return ids


def _clocks(core: Core, ids: list[int]) -> None:
    core.desk_act(Act.CLAIM, ids)
    core.desk_act(Act.RELEASE, ids)
    for number, (id_, minutes) in enumerate(zip(ids, LEFT, strict=True)):
        due = core.clock.now() + timedelta(minutes=minutes)
        severity = "P1" if number == 0 else "P2" if number < 5 else "P3"
        change = {"due_at": int(due.timestamp() * 1e6), "severity": severity, "brand_id": 1}
        put = DeskRow.update(change).where(DeskRow.mention_id == id_)
        core.storage._database.write(lambda connection, put=put: connection.execute(put))


def _people(core: Core, ids: list[int]) -> None:
    team = core.storage.people.save_team(Team(name="晚班"))
    for name, role in (("小王", Role.AGENT), ("小李", Role.AGENT), ("陈组长", Role.LEAD)):
        core.storage.people.save(Person(name=name, role=role, team_id=team.id))
    me = core.me
    core.answered(ids[8], "您好，已帮您加急，订单今晚出库，单号稍后私信给您。")
    core.desk_act(Act.CLAIM, [ids[1], ids[3]])
    core.desk_act(Act.CLAIM, [ids[0]], by="小王")
    core.desk_act(Act.ASSIGN, [ids[4]], to="小李", text="你熟屏幕的事，麻烦跟一下", by="陈组长")
    core.desk_act(Act.PAUSE, [ids[6]], text="等门店确认报价")
    core.note(ids[3], "仓库说今晚出库，单号我发群里", by="小李")
    core.note(ids[3], f"@{me} 这位用户上周也来过，语气软一点", by="陈组长")
    core.storage.queue.view(ids[0], "小王", core.clock.now())
    core.storage.queue.view(ids[3], "小李", core.clock.now())
