"""A knowledge base as a team has it after some weeks, and a week of posts that ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.core import Core
from app.domain.knowledge import Entry
from app.domain.mention import Author, Mention
from app.domain.watch import Page, Source, Watch

ENTRIES = (
    Entry(
        title="手机充电时发烫正常吗",
        patterns=("充电的时候手机很热", "边充边玩温度高", "快充机身烫手"),
        answer="充电和高负荷使用时机身会升温，属于正常范围。请使用原装充电器，充电时取下厚保护壳，避免边充边玩。\n"
        "如温度高到无法手持，或有鼓包、异味，请立即停止使用并联系我们检测。",
        link="https://help.example.com/charging",
        product="云雀 X1",
        owner="小周",
        tags=("充电", "安全"),
        public=True,
    ),
    Entry(
        title="电池不耐用、掉电快怎么办",
        patterns=("续航变差", "待机耗电快"),
        product="云雀 X1",
        owner="小周",
        answer="请在 设置-电池 查看耗电排行，关闭后台高耗电应用；升级后一两天内的额外耗电属于正常现象。",
    ),
    Entry(
        title="系统升级以后卡顿怎么办",
        patterns=("升级完掉帧", "更新系统以后变卡"),
        product="云雀 X1",
        owner="阿林",
        answer="升级后系统会在后台优化应用，一般 48 小时内恢复。仍卡顿请通过 我的-反馈 提交日志。",
    ),
    Entry(
        title="屏幕碎了换屏多少钱",
        patterns=("碎屏维修价格",),
        product="云雀 X1",
        owner="阿林",
        public=True,
        answer="屏幕维修价格因型号不同，可在官网 服务-备件价格 查询；有碎屏险的用户可免费更换一次。",
    ),
    Entry(
        title="退款多久到账",
        patterns=("退货后钱没退", "退款进度"),
        product="商城",
        owner="小周",
        public=True,
        answer="仓库签收后 48 小时内审核，通过后微信与支付宝 1–3 天、银行卡 3–7 个工作日到账。",
    ),
    Entry(
        title="保修期多久、怎么查询",
        answer="手机自购买日起保修一年，可在 设置-关于本机 查询。",
        owner="阿林",
    ),
)
ASKED = (
    ("云雀手机充电烫手正常吗？后盖能煎鸡蛋了", 9),
    ("云雀续航太差了，早上满格中午就剩20%，怎么回事", 6),
    ("升级之后云雀一卡一卡的，怎么办啊", 4),
    ("云雀商城退货一星期了，退款怎么还没到账", 3),
    ("云雀耳机左边没声音，蓝牙老是断连，怎么修", 7),
    ("云雀手机怎么录屏啊，找了半天没找到", 4),
)


def play(core: Core) -> int:
    """The id of a post whose answer is in the base."""
    now = core.clock.now()
    core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    for number, entry in enumerate(ENTRIES):
        saved = core.save_entry(entry)
        if number == 1:
            core.save_entry(replace(saved, review_on=now.date() - timedelta(days=9)))
    source = core.storage.sources.save(
        Source(kind="feed", name="云雀社区", settings={"url": "http://127.0.0.1/f"})
    )
    page = [
        Mention(
            platform="weibo", native_id=f"{place}-{n}", url=f"https://posts.example/{place}/{n}",
            text=text, author=Author(name=f"用户{place}{n}", followers=200 + n),
            published_at=now - timedelta(hours=3 + 11 * n + place),
        )
        for place, (text, times) in enumerate(ASKED)
        for n in range(times)
    ]  # fmt: skip
    return core.pipeline.take(source, Page(tuple(page), None)).new[0]
