"""Stand-ins for the platforms: real HTTP on loopback, faithful to what each platform documents.

Monitors are tested against them, and drills read them. `World` is one process with a path prefix per
platform; switches make any of them misbehave. Nothing here knows the core or the monitors.
"""

from app.drill.standin.appstoreconnect import AppStoreConnect
from app.drill.standin.bluesky import Bluesky
from app.drill.standin.discourse import Discourse
from app.drill.standin.discuz import Discuz
from app.drill.standin.douyin import Douyin
from app.drill.standin.hackernews import HackerNews
from app.drill.standin.mastodon import Mastodon
from app.drill.standin.model import ModelServer
from app.drill.standin.platform import Call, Item, Platform, Reply, as_json
from app.drill.standin.reddit import Reddit
from app.drill.standin.robots import ROBOTS
from app.drill.standin.tencent import WeChat, WeCom
from app.drill.standin.trackers import TRACKERS
from app.drill.standin.v2ex import V2ex
from app.drill.standin.weibo import Weibo
from app.drill.standin.world import World
from app.drill.standin.youtube import YouTube
from app.drill.standin.zhihu import Zhihu

PLATFORMS: tuple[type[Platform], ...] = (
    AppStoreConnect,
    Bluesky,
    Discourse,
    Discuz,
    Douyin,
    HackerNews,
    Mastodon,
    ModelServer,
    Reddit,
    V2ex,
    WeChat,
    WeCom,
    Weibo,
    YouTube,
    Zhihu,
    *ROBOTS,
    *TRACKERS,
)
"""Every stand-in there is; each is reached under its `prefix`."""

__all__ = [
    "PLATFORMS",
    "ROBOTS",
    "TRACKERS",
    "AppStoreConnect",
    "Bluesky",
    "Call",
    "Discourse",
    "Discuz",
    "Douyin",
    "HackerNews",
    "Item",
    "Mastodon",
    "ModelServer",
    "Platform",
    "Reddit",
    "Reply",
    "V2ex",
    "WeChat",
    "WeCom",
    "Weibo",
    "World",
    "YouTube",
    "Zhihu",
    "as_json",
]
