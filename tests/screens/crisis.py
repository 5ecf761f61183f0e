"""Two days of two made-up brands, played to a real core in seconds: what the incidents page is drawn from.

The clock is set by hand, five minutes at a time, and ends now. Everything else is the program: posts are
stored, judged by two dozen words, folded into stories and heard by the detectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.analysis.trivial import TrivialScorer
from app.core import Core
from app.domain.mention import Author, Mention
from app.domain.watch import Page, Source, Watch
from app.home import Home

SLOT = timedelta(minutes=5)
HOURS = 42
PARTS = (
    "屏幕", "续航", "拍照", "系统", "物流", "客服", "价格", "外壳", "信号", "音质", "按键", "贴膜", "空调",
    "座椅",
)  # fmt: skip
WAYS = ("", "！", "转发微博：", "@小王 ", "😡", "求扩散！", "大家看看：", "……")
SMOKE = "云雀 X2 充电的时候突然冒烟起火，枕头都烧了一个洞，客服说让我自己联系消防，太让人失望了"
DOUYIN = "刚拍下来的视频，云雀 X2 插着充电器外壳烧焦了，屋里全是糊味，这质量太差了谁还敢用"
REFUND = "云雀门店拒绝退货，说烧焦的机器要先寄回检测，维权三天没有结果，后悔买了"
BRAKE = "石榴 S5 刹车异响跑了三趟售后都说正常，这种态度太坑了，后悔没买别家"
LOTTERY = "石榴汽车的抽奖名额少得可怜，转发一百次什么都没有，骗人的吧，失望"
FAMOUS = Author(name="深圳消费观察", native_id="v1", followers=1_230_000, verified=True)


class HeldClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class Town:
    """What people say, slot by slot."""

    def __init__(self, core: Core, clock: HeldClock) -> None:
        self.core = core
        self.clock = clock
        self.scorer = TrivialScorer()
        self.count = 0
        self.sources = {
            name: core.storage.sources.save(
                Source(kind="feed", name=words, settings={"url": f"http://127.0.0.1/{name}"})
            )
            for name, words in (("weibo", "微博搜索"), ("xhs", "小红书搜索"), ("douyin", "抖音搜索"))
        }

    def say(self, platform: str, texts: Sequence[str], author: Author | None = None) -> None:
        """Stored, judged, heard."""
        posts = tuple(self._post(platform, text, author) for text in texts)
        saved = self.core.pipeline.take(self.sources[platform], Page(posts, None))
        scores = self.scorer.score(texts)
        mentions = self.core.storage.mentions
        mentions.save_scores([(id_, 1, score) for id_, score in zip(saved.new, scores, strict=True)])
        while ids := mentions.untold(128):
            self.core._scored(ids)
            mentions.told(ids)

    def wait(self) -> None:
        """Five minutes go by."""
        self.clock.at += SLOT
        self.core.warning.tick()

    def _post(self, platform: str, text: str, author: Author | None) -> Mention:
        self.count += 1
        n = self.count
        name = f"{PARTS[n % 14]}爱好者{n * 37 % 997}"
        someone = Author(name=name, native_id=f"u{n}", followers=n * 131 % 4000)
        return Mention(
            platform=platform, native_id=f"p{n}", url=f"https://example.com/{platform}/{n}", text=text,
            author=author or someone, published_at=self.clock.at - timedelta(seconds=40 + n % 200),
        )  # fmt: skip


def copies(text: str, n: int, first: int = 0) -> list[str]:
    return [WAYS[(first + k) % len(WAYS)] + text + "！" * (k % 3) for k in range(n)]


def daily(town: Town, slot: int) -> None:
    """An ordinary complaint now and then, each of its own."""
    for brand, every in (("云雀", 11), ("石榴", 17)):
        if slot % every == 0:
            a, b = PARTS[slot % 14], PARTS[(slot * 5 + 3) % 14]
            town.say("weibo", [f"{brand}的{a}第{slot}次让我失望，{b}也一般，{PARTS[(slot * 3) % 14]}还行"])


def crisis(town: Town, slot: int) -> None:
    """The last two and a half hours; it grows to the end."""
    if slot < 0:
        return
    town.say("weibo", copies(SMOKE, 1 + slot // 4, slot))
    if slot == 8:
        town.say("weibo", [f"转：{SMOKE}"], FAMOUS)
    if slot > 9:
        town.say("xhs", copies(SMOKE, 1 + slot // 9, slot))
    if slot > 14:
        town.say("douyin", copies(DOUYIN, 1 + slot // 10, slot))
    if slot > 18 and slot % 2:
        town.say("weibo", copies(REFUND, 2, slot))


def play(home: Home) -> Core:
    """The core stays open; whoever asked closes it."""
    clock = HeldClock(datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=HOURS))
    core = Core.open(home, desktop=False, engine_name="trivial", clock=clock)
    for name, query in (("云雀手机", "云雀"), ("石榴汽车", "石榴")):
        core.save_brand(Watch(name=name, query=query), wait=True)
    town = Town(core, clock)
    slots = HOURS * 12
    for slot in range(slots):
        left = slots - slot
        daily(town, slot)
        if 0 <= slot - 12 * 14 < 8:
            town.say("weibo", copies(BRAKE, 3, slot))
        if 50 < left <= 60:
            town.say("weibo", copies(LOTTERY, 3, slot))
        crisis(town, 30 - left)
        town.wait()
    decide(core)
    return core


def decide(core: Core) -> None:
    """What a team would have done by now."""
    for incident in core.incidents(open_only=True):
        if incident.brand == "石榴汽车":
            core.mute_incident(incident.id, "我们自己的抽奖活动，周五结束")
        else:
            core.watch_closer(incident.id, 2)
            core.escalate_incident(incident.id, "公关值班", "请今天下午给出口径")
