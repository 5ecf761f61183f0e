"""Which monitor is tested against which stand-in, and how its settings point there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.drill.standin import HackerNews as HackerNewsStandIn
from app.drill.standin import Platform
from app.drill.standin import WeChat as WeChatStandIn
from app.drill.standin import WeCom as WeComStandIn
from monitors.base import Monitor
from monitors.hackernews import HackerNews
from monitors.hackernews import Settings as HackerNewsSettings
from monitors.tencent.access import Token
from monitors.wechat import Settings as WeChatSettings
from monitors.wechat import WeChat
from monitors.wecom import Settings as WeComSettings
from monitors.wecom import WeCom

SECRET = "s3cr3t-of-the-house"


@dataclass(frozen=True)
class StandIn:
    """`settings(url)`: for a stand-in reached at `url`. `prepare` makes accounts or threads that the
    monitor reads from; `add` puts one item where the monitor sees it, and gives its id (the default adds
    it plainly). `edits`: a poll notices that an item was edited. `most`: items a poll can ever reach (a
    platform that shows the newest n only); 0 for no such limit. `guarded`: it needs a token.
    """

    cls: type[Monitor[Any]]
    platform: type[Platform]
    settings: Callable[[str], Any]
    prepare: Callable[[Any], None] = lambda _platform: None
    add: Callable[[Any, str], str] = lambda platform, text: platform.add(text).id
    edits: bool = True
    guarded: bool = False
    most: int = 0


TOKEN = "80_KNOWN_ALREADY"


def _wecom(url: str) -> WeComSettings:
    """With a good token: WeCom wants the secret in the query of `gettoken`, and httpx logs queries."""
    kept = Token(TOKEN, datetime.now(UTC) + timedelta(seconds=7000)).kept()
    return WeComSettings(corp_id=WeComStandIn.app, secret=SECRET, server=url, access=kept)


def _let_in(platform: WeComStandIn) -> None:
    platform.tokens[TOKEN] = platform.now() + 7000


CASES: dict[str, StandIn] = {
    "hackernews": StandIn(
        HackerNews, HackerNewsStandIn, lambda url: HackerNewsSettings(server=url, words=("左耳", "云雀"))
    ),
    "wechat": StandIn(
        WeChat,
        WeChatStandIn,
        lambda url: WeChatSettings(app_id=WeChatStandIn.app, secret=SECRET, server=url),
        prepare=lambda platform: platform.publish(),
        add=lambda platform, text: str(platform.comment(text).id),
        edits=False,
        guarded=True,
    ),
    "wecom": StandIn(
        WeCom,
        WeComStandIn,
        _wecom,
        prepare=_let_in,
        add=lambda platform, text: str(platform.write(text).id),
        edits=False,
        guarded=True,
    ),
}
