"""Which monitor is tested against which stand-in, and how its settings point there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.drill.standin import Bluesky as BlueskyStandIn
from app.drill.standin import Discourse as DiscourseStandIn
from app.drill.standin import HackerNews as HackerNewsStandIn
from app.drill.standin import Mastodon as MastodonStandIn
from app.drill.standin import Platform
from monitors.base import Monitor
from monitors.bluesky import Bluesky
from monitors.bluesky import Settings as BlueskySettings
from monitors.discourse import Discourse
from monitors.discourse import Settings as DiscourseSettings
from monitors.hackernews import HackerNews
from monitors.hackernews import Settings as HackerNewsSettings
from monitors.mastodon import Mastodon
from monitors.mastodon import Settings as MastodonSettings

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


def _toot(platform: Any, text: str) -> str:
    """In turn: something the search finds, a mention, a hashtag."""
    turn = len(platform.items) % 3
    more = ({}, {"mention": True, "unsearched": True}, {"tags": ["云雀"], "unsearched": True})[turn]
    return str(platform.add(text, extra=more).id)


def _mastodon(platform: Any) -> None:
    platform.token, platform.window = SECRET, 0.0


def _skeet(platform: Any, text: str) -> str:
    """In turn: something the search finds, and a notification."""
    noticed = {"reason": "mention", "unsearched": True} if len(platform.items) % 2 else {}
    return str(platform.add(text, extra=noticed).id)


def _bluesky(platform: Any) -> None:
    platform.password, platform.window = SECRET, 0.0


def _discourse(platform: Any) -> None:
    platform.key = SECRET


CASES: dict[str, StandIn] = {
    "bluesky": StandIn(
        Bluesky,
        BlueskyStandIn,
        lambda url: BlueskySettings(server=url, handle="brand.example", password=SECRET, words=("左耳",)),
        prepare=_bluesky,
        add=_skeet,
        guarded=True,
    ),
    "discourse": StandIn(
        Discourse,
        DiscourseStandIn,
        lambda url: DiscourseSettings(server=url, key=SECRET),
        prepare=_discourse,
        guarded=True,
    ),
    "discourse-search": StandIn(
        Discourse,
        DiscourseStandIn,
        lambda url: DiscourseSettings(server=url, key=SECRET, words=("左耳",)),
        prepare=_discourse,
        edits=False,  # an excerpt does not tell
        guarded=True,
        most=450,  # ten pages a day
    ),
    "hackernews": StandIn(
        HackerNews, HackerNewsStandIn, lambda url: HackerNewsSettings(server=url, words=("左耳", "云雀"))
    ),
    "mastodon": StandIn(
        Mastodon,
        MastodonStandIn,
        lambda url: MastodonSettings(server=url, token=SECRET, words=("左耳", "#云雀")),
        prepare=_mastodon,
        add=_toot,
        guarded=True,
    ),
}
