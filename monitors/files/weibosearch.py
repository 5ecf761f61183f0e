"""The CSV that weibo-search writes: one keyword, one file, Chinese column names.

Pure. Rows join the same identities as other weibo posts: the platform's own number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.mention import Author, Counts, Mention
from monitors.files.batch import Row
from monitors.files.columns import region, said
from monitors.files.times import moment
from monitors.reading import clean, count, plain, raw_json, safe_url

_NEWEST = tuple(
    "id bid user_id 用户昵称 微博正文 头条文章url 发布位置 艾特用户 话题 转发数 评论数 点赞数 发布时间 "  # noqa: SIM905
    "发布工具 微博图片url 微博视频url retweet_id ip user_authentication 会员类型 会员等级".split()
)
_OLDEST = tuple(name for name in _NEWEST[:17] if name != "头条文章url")

ORDERS = (_NEWEST, *(_NEWEST[:n] for n in (20, 19, 18, 17)), _OLDEST)
"""Columns of each generation, in the order they are written."""

MAPPING = {
    "id": "id",
    "text": "微博正文",
    "author": "用户昵称",
    "author_id": "user_id",
    "published_at": "发布时间",
    "likes": "点赞数",
    "comments": "评论数",
    "shares": "转发数",
    "region": "ip",
}


def fits(columns: Iterable[str]) -> bool:
    return {"bid", "user_id", "微博正文"} <= set(columns)


@dataclass(frozen=True, slots=True)
class WeiboSearch:
    """Reads rows; `keyword` is the file's name, as weibo-search names its files."""

    base: datetime
    keyword: str = ""
    format: str = "weibo-search"
    ignored: bool = False

    @property
    def mapping(self) -> dict[str, str]:
        return MAPPING

    def read(self, row: Row) -> Mention | None:
        cell = {name: said(value) for name, value in row.values.items()}
        text = clean(plain(cell.get("微博正文", "")))
        own, bid, user = (clean(cell.get(name, ""), limit=60) for name in ("id", "bid", "user_id"))
        if not text or not (own or bid):
            return None
        return Mention(
            platform="weibo",
            native_id=own or bid,
            url=safe_url(f"https://weibo.com/{user}/{bid}") if user and bid else "",
            text=text,
            author=_author(cell, user),
            published_at=moment(row.values.get("发布时间"), self.base).at,
            counts=Counts(
                likes=count(cell.get("点赞数")),
                comments=count(cell.get("评论数")),
                shares=count(cell.get("转发数")),
            ),
            media=_media(cell),
            region=region(cell.get("ip", "")),
            root_id=clean(cell.get("retweet_id", ""), limit=60),
            keyword=clean(self.keyword, limit=100),
            raw=raw_json(dict(row.values)),
        )


def _author(cell: dict[str, str], user: str) -> Author:
    mark = cell.get("user_authentication", "")
    return Author(
        name=clean(cell.get("用户昵称", ""), limit=200),
        native_id=user,
        url=f"https://weibo.com/u/{user}" if user.isdecimal() else "",
        verified=None if not mark else "V" in mark.upper(),
    )


def _media(cell: dict[str, str]) -> tuple[str, ...]:
    both = f"{cell.get('微博图片url', '')},{cell.get('微博视频url', '')}"
    return tuple(filter(None, (safe_url(one) for one in both.split(",")[:20])))
