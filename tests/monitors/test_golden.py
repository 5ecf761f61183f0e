"""Saved responses and what is made of them. UPDATE_GOLDEN=1 rewrites; the difference is reviewed."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from app.domain.watch import Page
from monitors import (
    appstoreconnect,
    bluesky,
    discourse,
    discuz,
    hackernews,
    mastodon,
    reddit,
    v2ex,
    youtube,
    zhihu,
)
from monitors.appstore import read_page
from monitors.cursors import Seen
from monitors.douyin import items as douyin
from monitors.feeds import read_feed
from monitors.reading import Fetched, from_json
from monitors.tencent import comments
from monitors.tencent.chats import Open
from monitors.wecom import read_messages
from monitors.weibo.items import read_rows

HERE = Path(__file__).parent


def _feed(body: bytes) -> Any:
    return read_feed(body, address="https://feeds.example/all")


def _appstore(body: bytes) -> Any:
    return read_page(Fetched(200, {}, body, "https://itunes.example/"), "600000001", "cn")


def _appstoreconnect(body: bytes) -> Any:
    return appstoreconnect.read_page(json.loads(body), "600000001")


@dataclasses.dataclass(frozen=True)
class Posts:
    mentions: tuple[Any, ...]


def _discuz(body: bytes) -> Any:
    told = json.loads(body)["Variables"]
    rows = [
        discuz.read_post(row, "https://bbs.example", "10001", told["thread"]["subject"])
        for row in told["postlist"]
    ]
    return Posts(tuple(rows))


def _hackernews(body: bytes) -> Any:
    return hackernews.read_page(json.loads(body)["hits"])


def _reddit(body: bytes) -> Any:
    return reddit.read_listing(json.loads(body))[0]


def _v2ex(body: bytes) -> Any:
    return v2ex.read_page(json.loads(body), v2ex.read_topic)


def _youtube(body: bytes) -> Any:
    return youtube.read_threads(json.loads(body))[0]


def _zhihu(body: bytes) -> Any:
    return zhihu.read_page(json.loads(body)["Data"], "云雀")


def _mastodon(body: bytes) -> Any:
    return mastodon.read_page(json.loads(body)["statuses"], "inst.example")


def _bluesky(body: bytes) -> Any:
    return bluesky.read_page(json.loads(body)["posts"])


def _discourse(body: bytes) -> Any:
    return discourse.read_page(json.loads(body)["latest_posts"], "https://forum.example")


def _wechat(body: bytes) -> Any:
    of = comments.Article(
        2650000001, 0, "https://mp.weixin.qq.com/s?mid=2650000001&idx=1", "云雀Pro 使用指南"
    )
    return comments.take(of, from_json(body)["comment"])


def _wecom(body: bytes) -> Any:
    return read_messages(from_json(body)["msg_list"], "wkSYNTH01", Seen(), Open())


def _weibo(body: bytes) -> Any:
    told = json.loads(body)
    return read_rows(told, "statuses" if "statuses" in told else "comments", "7100000009")


def _douyin(body: bytes) -> Any:
    data = json.loads(body)["data"]
    if "sec_item_id" in data["list"][0]:
        found = douyin.read_rows(data, lambda row: douyin.read_found(row, "云雀"))
        return Page(tuple(mention for _video, mention in found.rows), skipped=found.skipped)
    where = douyin.Where("@video==", "https://www.iesdouyin.com/share/video/7300000000000000001/")
    rows = douyin.read_rows(data, lambda row: douyin.read_comment(row, where, "madeup-own"))
    return Page(tuple(one.mention for one in rows.rows), str(rows.cursor), skipped=rows.skipped)


READERS = {
    "feed": _feed,
    "appstore": _appstore,
    "appstoreconnect": _appstoreconnect,
    "discuz": _discuz,
    "hackernews": _hackernews,
    "reddit": _reddit,
    "v2ex": _v2ex,
    "youtube": _youtube,
    "zhihu": _zhihu,
    "mastodon": _mastodon,
    "bluesky": _bluesky,
    "discourse": _discourse,
    "wechat": _wechat,
    "wecom": _wecom,
    "weibo": _weibo,
    "douyin": _douyin,
}
SAVED = sorted(path for folder in READERS for path in (HERE / folder).iterdir())
SAMPLES = [path for path in SAVED if not path.name.endswith(".expected.json")]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_saved_response_is_read_as_before(path: Path) -> None:
    made = dataclasses.asdict(READERS[path.parent.name](path.read_bytes()))
    for one in made["mentions"]:
        assert one.pop("raw")
        assert len(one.pop("fingerprint")) == 32
    shown = json.dumps(made, ensure_ascii=False, indent=1, default=str) + "\n"
    expected = path.with_name(path.name + ".expected.json")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")


def test_every_expectation_has_its_response() -> None:
    for folder in READERS:
        for path in (HERE / folder).glob("*.expected.json"):
            assert path.with_name(path.name.removesuffix(".expected.json")).exists()
