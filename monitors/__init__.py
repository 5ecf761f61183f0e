"""Every monitor there is, as a constant: no scanning, no registration."""

from typing import Any

from monitors.appstore import AppStore
from monitors.base import Monitor
from monitors.bluesky import Bluesky
from monitors.discourse import Discourse
from monitors.feed import Feed
from monitors.folder import Folder
from monitors.hackernews import HackerNews
from monitors.mastodon import Mastodon

ALL: tuple[type[Monitor[Any]], ...] = (
    Feed,
    AppStore,
    Folder,
    Bluesky,
    Discourse,
    HackerNews,
    Mastodon,
)
