"""Every monitor there is, as a constant: no scanning, no registration."""

from typing import Any

from monitors.appstore import AppStore
from monitors.base import Monitor
from monitors.douyin import Douyin
from monitors.feed import Feed
from monitors.folder import Folder
from monitors.hackernews import HackerNews
from monitors.weibo import Weibo

ALL: tuple[type[Monitor[Any]], ...] = (
    Feed,
    AppStore,
    Folder,
    Douyin,
    HackerNews,
    Weibo,
)
