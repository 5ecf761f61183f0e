"""Stand-ins for the platforms: real HTTP on loopback, faithful to what each platform documents.

Monitors are tested against them, and drills read them. `World` is one process with a path prefix per
platform; switches make any of them misbehave. Nothing here knows the core or the monitors.
"""

from app.drill.standin.douyin import Douyin
from app.drill.standin.hackernews import HackerNews
from app.drill.standin.platform import Call, Item, Platform, Reply, as_json
from app.drill.standin.weibo import Weibo
from app.drill.standin.world import World

PLATFORMS: tuple[type[Platform], ...] = (
    Douyin,
    HackerNews,
    Weibo,
)
"""Every stand-in there is; each is reached under its `prefix`."""

__all__ = ["PLATFORMS", "Call", "HackerNews", "Item", "Platform", "Reply", "Weibo", "World", "as_json"]
