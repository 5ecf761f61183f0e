"""A desk with a clock that is set by hand: mentions are stored, judged and heard without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core import Core
from app.domain.mention import Author, Mention
from app.domain.sentiment import AspectTone, Score, Tone
from app.domain.watch import Page, Source, Watch
from app.engine.warning import EarlyWarning, owner_of
from app.home import Home

START = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
SLOT = timedelta(minutes=5)
ANGRY = "云雀手机充电时冒烟，客服三天不理人，太让人失望了，再也不买了"
_WORDS = "屏幕 续航 拍照 系统 物流 客服 价格 外壳 信号 音质 充电器 按键 更新 指纹 贴膜 耳机"
DAILY = _WORDS.split()


class HeldClock:
    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class Desk:
    """One brand, 云雀; `say` stores posts, `hear` judges them by `tone` and passes them on."""

    def __init__(self, core: Core, clock: HeldClock) -> None:
        self.core = core
        self.clock = clock
        self.brand = core.save_brand(Watch(name="云雀", query="云雀"), wait=True).id
        self.rival = core.save_brand(Watch(name="山岚", query="山岚", competitor=True), wait=True).id
        self.source = core.storage.sources.save(
            Source(kind="feed", name="论坛", settings={"url": "http://127.0.0.1/f"})
        )
        self.count = 0
        self.toasts: list[Any] = []
        core.subscribe_alerts(self.toasts.append)

    def say(
        self,
        *texts: str,
        tone: Tone = Tone.NEGATIVE,
        ago: float = 60.0,
        dated: bool = True,
        source: Source | None = None,
        aspects: tuple[str, ...] = (),
        hear: bool = True,
        author: Author | None = None,
        **more: Any,
    ) -> list[int]:
        """Ids of the mentions, in order; `ago` seconds since publication."""
        page = []
        for text in texts:
            self.count += 1
            name = f"n{self.count}"
            page.append(
                Mention(
                    **{
                        "platform": "weibo",
                        "native_id": name,
                        "url": f"https://example.com/{name}",
                        "text": text,
                        "author": author or Author(name=f"用户{name}", native_id=name, followers=50),
                        "published_at": self.clock.at - timedelta(seconds=ago) if dated else None,
                        **more,
                    }
                )
            )
        saved = self.core.pipeline.take(source or self.source, Page(tuple(page), None))
        self.judge(saved.new, tone, aspects)
        if hear:
            self.hear()
        return list(saved.new)

    def judge(self, ids: tuple[int, ...], tone: Tone, aspects: tuple[str, ...] = ()) -> None:
        score = score_of(tone, aspects)
        self.core.storage.mentions.save_scores([(id_, 1, score) for id_ in ids])

    def hear(self) -> None:
        """As judging passes first judgements on."""
        mentions = self.core.storage.mentions
        while ids := mentions.untold(128):
            self.core._scored(ids)
            mentions.told(ids)

    def wait(self, slots: int = 1) -> None:
        """So many slots go by, each looked at."""
        for _slot in range(slots):
            self.clock.at += SLOT
            self.core.warning.tick()

    def quiet(self, slots: int, every: int = 20) -> None:
        """Ordinary days: now and then a complaint of its own."""
        for at in range(slots):
            if at % every == 0:
                i = self.count
                words = DAILY[i % 16] + DAILY[(i * 7 + 3) % 16] + DAILY[(i * 5 + 1) % 16]
                self.say(f"云雀的{words}第{i * 37}次让我不满意，{DAILY[(i * 11) % 16]}也一般")
            self.wait()

    def killed(self) -> None:
        """The program dies here and another begins: nothing but the database is left."""
        self.core.warning = EarlyWarning(
            storage=self.core.storage,
            alarms=self.core.alarms,
            watches=lambda: self.core.pipeline.watches,
            clock=self.clock,
            tell=self.core.tell,
            owner=owner_of(self.core.home),
        )

    def incidents(self) -> tuple[Any, ...]:
        return self.core.incidents()

    def alerts(self, kind: str) -> list[Any]:
        return [alert for alert in self.core.alerts() if alert.kind == kind]


def score_of(tone: Tone, aspects: tuple[str, ...] = ()) -> Score:
    negative = {Tone.NEGATIVE: 0.95, Tone.NEUTRAL: 0.1, Tone.POSITIVE: 0.02}[tone]
    base = Score(
        value=1 - negative,
        tone=tone,
        engine="trivial",
        version="1",
        negative=negative,
        neutral=1 - negative,
        positive=0.0,
    )
    return replace(
        base, aspects=tuple(AspectTone(one, tone, negative, 1 - negative, 0.0) for one in aspects)
    )


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def desk(home: Home, clock: HeldClock) -> Iterator[Desk]:
    core = Core.open(home, desktop=False, engine_name="trivial", clock=clock)
    yield Desk(core, clock)
    core.close()


@pytest.fixture
def desks(tmp_path: Any) -> Iterator[Callable[[], Desk]]:
    """desks() → one more desk of its own."""
    made: list[Core] = []

    def make() -> Desk:
        clock = HeldClock()
        core = Core.open(Home(tmp_path / f"{len(made)}"), desktop=False, engine_name="trivial", clock=clock)
        made.append(core)
        return Desk(core, clock)

    yield make
    for core in made:
        core.close()


@pytest.fixture
def angry() -> str:
    return ANGRY
