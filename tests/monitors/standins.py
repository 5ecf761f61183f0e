"""Which monitor is tested against which stand-in, and how its settings point there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.drill.standin import HackerNews as HackerNewsStandIn
from app.drill.standin import Platform
from app.drill.standin import Weibo as WeiboStandIn
from monitors.base import Monitor
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


CASES: dict[str, StandIn] = {
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
