"""Every monitor there is, as a constant: no scanning, no registration."""

from typing import Any

from monitors.appstore import AppStore
from monitors.appstoreconnect import AppStoreConnect
from monitors.base import Monitor
from monitors.bluesky import Bluesky
from monitors.discourse import Discourse
from monitors.discuz import Discuz
from monitors.douyin import Douyin
from monitors.feed import Feed
from monitors.folder import Folder
from monitors.hackernews import HackerNews
from monitors.mastodon import Mastodon
from monitors.reddit import Reddit
from monitors.v2ex import V2ex
from monitors.wechat import WeChat
from monitors.wecom import WeCom
from monitors.weibo import Weibo
from monitors.youtube import YouTube
from monitors.zhihu import Zhihu

ALL: tuple[type[Monitor[Any]], ...] = (
    Feed,
    AppStore,
    Folder,
    AppStoreConnect,
    Bluesky,
    Discourse,
    Discuz,
    Douyin,
    HackerNews,
    Mastodon,
    Reddit,
    V2ex,
    WeChat,
    WeCom,
    Weibo,
    YouTube,
    Zhihu,
)
