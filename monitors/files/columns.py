# ruff: noqa: E501  # tables of column names read best unbroken
"""Any table to mentions: which column means what, and what a row then says.

Pure. The usual names, English and Chinese, map themselves; a saved mapping goes before them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.mention import Author, Counts, Kind, Mention
from monitors.files.batch import Row
from monitors.files.times import moment
from monitors.reading import clean, count, fingerprint, plain, raw_json, safe_url

_ALIASES = {
    "text": "text content body message comment review 正文 内容 文本 评论内容 微博正文 帖子内容 笔记内容 原文 全文 "
    "评论正文 文章内容 评价内容 评论文本 发布内容 微博内容 弹幕内容 正文内容 content_text desc description "
    "text_raw 摘要 评论 评价",
    "title": "title headline subject 标题 主题 文章标题 帖子标题 笔记标题 视频标题",
    "url": "url link permalink href note_url 链接 网址 原文链接 地址 链接地址 帖子链接 文章链接 笔记链接 视频链接 "
    "微博链接 评论链接 原文地址 来源链接 作品链接",
    "author": "author nickname user username user_name screen_name user_nickname author_name name 作者 昵称 用户名 "
    "发布者 用户昵称 作者昵称 发布人 账号 评论者 评论人 博主 发帖人 账号名称 作者名称 user.screen_name user.nickname "
    "user.name author.name",
    "author_id": "author_id user_id userid uid creator_hash 用户id 作者id user.id author.id",
    "author_url": "author_url user_url user_link profile_url 作者链接 用户主页 主页链接 作者主页 用户链接",
    "published_at": "published_at published publish_time published_time pubdate created_at create_time created_time "
    "created date time datetime timestamp 发布时间 时间 日期 评论时间 发表时间 发布日期 创建时间 发帖时间 评价时间 "
    "publishedat createdat",
    "likes": "likes like like_count liked_count likes_count attitudes_count digg_count 点赞 点赞数 获赞 赞 点赞量 "
    "获赞数 赞数 喜欢数",
    "comments": "comments comment_count comments_count reply_count replies 评论数 评论量 回复数 跟帖数 评论次数",
    "shares": "shares share share_count shared_count reposts reposts_count forwards retweets 转发数 分享数 转发 分享 "
    "转发量 分享量",
    "views": "views view view_count play_count read_count plays 阅读数 播放量 浏览量 阅读量 播放数 浏览数 阅读 播放",
    "favorites": "favorites favourites favorite_count collected_count collects bookmarks 收藏数 收藏 收藏量 在看",
    "followers": "followers follower_count followers_count fans fans_count 粉丝数 粉丝量 粉丝 作者粉丝数 博主粉丝数",
    "platform": "platform source site media 平台 来源 媒体 来源平台 媒体名称 站点 渠道 发布平台 媒体类型 来源网站",
    "id": "id post_id mid native_id note_id comment_id 帖子id 微博id 文章id 评论id 笔记id 内容id",
    "rating": "rating score stars star 评分 星级 打分 评级",
    "region": "region location ip_location province ip 地区 属地 ip属地 省份 所在地 发布地区 地域",
    "lang": "lang language 语言",
    "keyword": "keyword source_keyword search_keyword query 关键词 搜索词 命中关键词 搜索关键词 关键字",
}
FIELDS = tuple(_ALIASES)

PLATFORMS = {
    "weibo": "weibo wb 微博 新浪微博 sina",
    "xhs": "xhs xiaohongshu red 小红书 红书",
    "douyin": "douyin dy 抖音 抖音短视频",
    "kuaishou": "kuaishou ks 快手",
    "bili": "bili bilibili b站 哔哩哔哩 哔哩哔哩动画 嗶哩嗶哩",
    "tieba": "tieba tb 贴吧 百度贴吧",
    "zhihu": "zhihu zh 知乎",
    "wechat": "wechat weixin wx 微信 微信公众号 公众号",
    "toutiao": "toutiao 今日头条 头条",
    "douban": "douban 豆瓣",
    "heimao": "heimao 黑猫投诉 黑猫",
    "jd": "jd 京东",
    "taobao": "taobao 淘宝",
    "tmall": "tmall 天猫",
    "pdd": "pdd pinduoduo 拼多多",
    "dianping": "dianping 大众点评",
    "smzdm": "smzdm 什么值得买",
    "coolapk": "coolapk 酷安",
    "hupu": "hupu 虎扑",
    "autohome": "autohome 汽车之家",
    "appstore": "appstore 苹果商店 苹果应用商店",
}


def fold(name: str) -> str:
    """A column name without what people vary: width, case, spaces, underscores, brackets."""
    return re.sub(r"[\s_\-()\[\]【】:#'\"*.]+", "", unicodedata.normalize("NFKC", name[:200]).casefold())


_RANK = {
    field: {fold(one): place for place, one in enumerate(names.split())}
    for field, names in _ALIASES.items()
}
_PLATFORM = {fold(one): key for key, names in PLATFORMS.items() for one in names.split()}


def known(columns: Iterable[str]) -> int:
    """How many of these names mean something to us."""
    folded = {fold(column) for column in columns}
    return sum(any(one in names for names in _RANK.values()) for one in folded)


def platform_key(said: str) -> str:
    """微博 → weibo; "" for a name we have no key for."""
    return _PLATFORM.get(fold(said), "")


def automatic(columns: Iterable[str]) -> dict[str, str]:
    """Field → column by the usual names; the best-known name of a field wins."""
    made: dict[str, str] = {}
    folded = [(fold(column), column) for column in columns]
    for name, ranks in _RANK.items():
        fits = [(ranks[short], column) for short, column in folded if short in ranks]
        free = [fit for fit in fits if fit[1] not in made.values()]
        if free:
            made[name] = min(free, key=lambda fit: fit[0])[1]
    return made


def completed(mapping: Mapping[str, str], columns: Iterable[str]) -> dict[str, str]:
    """A person's mapping, and the usual names for the fields it leaves open."""
    names = list(columns)
    given = {name: column for name, column in mapping.items() if name in FIELDS and column in names}
    rest = automatic(column for column in names if column not in given.values())
    return {**rest, **given}


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would make of a file. `problem` is a sentence, or empty when all is well."""

    format: str
    columns: tuple[str, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)
    """Field → column."""
    unmapped: tuple[str, ...] = ()
    sample: tuple[Mention, ...] = ()
    problem: str = ""


def said(value: object) -> str:
    """A cell as text, without what spreadsheets add: 12.0 was 12."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e17:
        value = int(value)
    if isinstance(value, list):
        return ",".join(said(one) for one in value[:50] if not isinstance(one, dict))
    made = str(value).strip()
    return "" if made in _NOTHING else made


_NOTHING = {"None", "null", "NULL", "nan", "NaN", "N/A", "#N/A"}


def region(value: object) -> str:
    """上海 out of "IP属地：上海" and "发布于 上海"."""
    return re.sub(r"^(IP\s*属地|发布于|来自)\s*[:：]?\s*", "", clean(said(value), limit=60))


def stars(value: object) -> float | None:
    """1..5, also "4.5分", "5星" and "四星"."""
    text = unicodedata.normalize("NFKC", said(value))[:20]
    found = re.search(r"\d(?:\.\d{1,3})?(?!\d)", text, re.ASCII)
    number = float(found[0]) if found else float("〇一二三四五".find(text[:1]) if text else 0)
    whole = re.match(r"\D*\d{2,}", text, re.ASCII)
    return number if 1 <= number <= 5 and not whole else None


@dataclass(slots=True)
class Generic:
    """Reads rows by a mapping field → column. One for each file and each set of columns."""

    mapping: dict[str, str]
    platform: str
    base: datetime
    by_url: bool = True
    """May the address stand for the row? Not once two different texts had the same one."""
    texts: dict[str, int] = field(default_factory=dict)
    format: str = ""
    ignored: bool = False

    def read(self, row: Row) -> Mention | None:
        cell = {name: row.values.get(column) for name, column in self.mapping.items()}
        title = clean(plain(said(cell.get("title"))), limit=500)
        text = clean(plain(said(cell.get("text"))))
        if not (text or title):
            return None
        key, site = self._place(said(cell.get("platform")))
        published = moment(cell.get("published_at"), self.base)
        url = safe_url(said(cell.get("url")))
        author = Author(
            name=clean(said(cell.get("author")), limit=200),
            native_id=clean(said(cell.get("author_id")), limit=200),
            url=safe_url(said(cell.get("author_url"))),
            followers=count(cell.get("followers")),
        )
        when_said = (
            published.at.isoformat() if published.at and published.exact else said(cell.get("published_at"))
        )
        own = clean(said(cell.get("id")), limit=200) or self._address(url)
        return Mention(
            platform=key,
            native_id=own or fingerprint(key, author.name, when_said, text or title),
            url=url,
            text=text or title,
            kind=self._kind(),
            title=title if text and title != text else "",
            author=author,
            published_at=published.at,
            counts=Counts(**{one: count(cell.get(one)) for one in _COUNTED}),
            rating=stars(cell.get("rating")),
            lang=clean(said(cell.get("lang")), limit=20),
            region=region(cell.get("region")),
            keyword=clean(said(cell.get("keyword")), limit=100),
            site=site,
            raw=raw_json(dict(row.values)),
        )

    def _place(self, told: str) -> tuple[str, str]:
        """Platform key and publication: a name we do not know is a publication."""
        told = clean(told, limit=100)
        key = platform_key(told)
        if not key and re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,31}", told):
            key = told
        return key or self.platform, "" if key else told

    def _kind(self) -> Kind:
        if "rating" in self.mapping:
            return Kind.REVIEW
        column = fold(self.mapping.get("text", ""))
        return Kind.COMMENT if column in _COMMENTS else Kind.POST

    def _address(self, url: str) -> str:
        return url if self.by_url else ""

    def shared(self, row: Row) -> bool:
        """Has this row's address stood under another text, in a table without ids of its own?"""
        if "url" not in self.mapping or "id" in self.mapping:
            return False
        url = said(row.values.get(self.mapping["url"]))
        text = said(row.values.get(self.mapping.get("text", self.mapping.get("title", ""))))
        if not url or (url not in self.texts and len(self.texts) >= 5_000):
            return False
        return self.texts.setdefault(url, hash(text)) != hash(text)


_COUNTED = ("likes", "comments", "shares", "views", "favorites")
_COMMENTS = {fold(one) for one in ("comment", "评论内容", "评论正文", "评论文本", "评论")}
