"""Which monitor is tested against which stand-in, and how its settings point there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.drill.standin import Douyin as DouyinStandIn
from app.drill.standin import HackerNews as HackerNewsStandIn
from app.drill.standin import Platform
from app.drill.standin import Weibo as WeiboStandIn
from monitors.base import Monitor
from monitors.douyin import Douyin
from monitors.douyin import Settings as DouyinSettings
from monitors.hackernews import HackerNews
from monitors.hackernews import Settings as HackerNewsSettings
from monitors.weibo import Settings as WeiboSettings
from monitors.weibo import Weibo

SECRET = "s3cr3t-of-the-house"


@dataclass(frozen=True)
class StandIn:
    """`settings(url)`: for a stand-in reached at `url`. `prepare` makes accounts or threads that the
    monitor reads from; `add` puts one item where the monitor sees it, and gives its id (the default adds
    it plainly). `edits`: a poll notices that an item was edited. `most`: items a poll can ever reach (a
    platform that shows the newest n only); 0 for no such limit. `guarded`: it needs a token. `pace`:
    seconds that pass between rounds, on our clock and the platform's, for a monitor that does not ask at
    every poll because calls are few.
    """

    cls: type[Monitor[Any]]
    platform: type[Platform]
    settings: Callable[[str], Any]
    prepare: Callable[[Any], None] = lambda _platform: None
    add: Callable[[Any, str], str] = lambda platform, text: platform.add(text).id
    edits: bool = True
    guarded: bool = False
    most: int = 0
    pace: float = 0.0


def _weibo(platform: WeiboStandIn) -> None:
    platform.token = SECRET
    platform.add("新品今日开售", id="5200000000000001", author_id=platform.uid, extra={"where": "own"})


def _weibo_item(platform: WeiboStandIn, text: str) -> str:
    """In turn: posts that name us, comments under our post, comments that name us elsewhere."""
    where = ("mention", "to_me", "cmention")[len(platform.items) % 3]
    root = "5200000000000001" if where == "to_me" else ""
    return platform.add(text, root=root, author_id="1900000001", extra={"where": where}).id


def _douyin(platform: DouyinStandIn) -> None:
    platform.token = SECRET
    for id_ in ("@video/1+a==", "@video/2+b=="):
        platform.add("新品开箱", id=id_, author_id=platform.open_id, extra={"where": "video"})


def _douyin_item(platform: DouyinStandIn, text: str) -> str:
    """Under one video and the other in turn; now and then an answer to the comment before, each of which
    costs a question of its own."""
    turn, last = len(platform.items) % 20, platform.items[-1]
    root = "@video/1+a==" if turn % 2 else "@video/2+b=="
    answer = turn == 4 and last.root and not last.parent
    return platform.add(text, root=last.root if answer else root, parent=last.id if answer else "").id


CASES: dict[str, StandIn] = {
    "douyin": StandIn(
        Douyin,
        DouyinStandIn,
        lambda url: DouyinSettings(
            server=url,
            client_key="aw000madeup",
            client_secret=SECRET,
            token=SECRET,
            refresh="rft.madeup0",
            open_id="_000madeup-open-id",
        ),
        prepare=_douyin,
        add=_douyin_item,
        edits=False,
        guarded=True,
        pace=3700,
    ),
    "hackernews": StandIn(
        HackerNews, HackerNewsStandIn, lambda url: HackerNewsSettings(server=url, words=("左耳", "云雀"))
    ),
    "weibo": StandIn(
        Weibo,
        WeiboStandIn,
        lambda url: WeiboSettings(
            server=url, app_key="1234567890", app_secret=SECRET, token=SECRET, uid="7100000001"
        ),
        prepare=_weibo,
        add=_weibo_item,
        edits=False,
        guarded=True,
        pace=3 * 3600,
    ),
}
