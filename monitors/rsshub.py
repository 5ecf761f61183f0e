"""RSSHub: which of its routes a brand watcher wants, how their addresses are written, what its
error pages mean.

Pure data and pure functions; nothing here talks to anyone. The reading itself is `feed`'s: an
RSSHub address is a feed address. Names and notes are marked with N_ and translated where shown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote, urlencode, urlsplit

from app.errors import ConfigError
from app.i18n import N_, _
from monitors.markup import clean

LIMIT = 50
"""Items asked for: more than any route gives in one go, and a bound all the same."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A route to pick. `path` holds {name} for each of `fields`: (name, label, placeholder)."""

    key: str
    name: str
    path: str
    fields: tuple[tuple[str, str, str], ...] = ()
    note: str = ""


def _keyword(example: str) -> tuple[tuple[str, str, str], ...]:
    return (("keyword", N_("Keyword"), example),)


def _one(name: str, label: str, example: str) -> tuple[tuple[str, str, str], ...]:
    return ((name, label, example),)


_ACCOUNT = N_("Account number")
_WEIBO = N_("RSSHub needs WEIBO_COOKIES, or a browser engine.")
_BILI = N_("RSSHub needs BILIBILI_COOKIE_…, or a browser engine.")
_ZHIHU = N_("RSSHub works better with ZHIHU_COOKIES; Zhihu blocks frequent visitors.")
_XHS = N_(
    "RSSHub needs a browser engine, and XIAOHONGSHU_COOKIE for full notes. There is no keyword search."
)
_DOUYIN = N_("RSSHub needs a browser engine.")
_SEARCH = N_("The search engine may show RSSHub a captcha; poll rarely.")
_XUEQIU = N_("Xueqiu guards against programs; it may fail now and then.")
_DOUBAN = N_("RSSHub works better with DOUBAN_COOKIE.")

PRESETS: tuple[Preset, ...] = (
    Preset("weibo-keyword", N_("Weibo: keyword"), "/weibo/keyword/{keyword}", _keyword("云雀耳机"), _WEIBO),
    Preset(
        "weibo-user", N_("Weibo: account"), "/weibo/user/{uid}", _one("uid", _ACCOUNT, "1900000001"), _WEIBO
    ),
    Preset(
        "weibo-super",
        N_("Weibo: super topic"),
        "/weibo/super_index/{id}/sort_time",
        _one("id", N_("Topic number (100808…)"), "1008080000000000000000000000000000000000"),
        _WEIBO,
    ),
    Preset("weibo-hot", N_("Weibo: hot searches"), "/weibo/search/hot", (), _WEIBO),
    Preset(
        "bili-keyword",
        N_("Bilibili: videos by keyword"),
        "/bilibili/vsearch/{keyword}",
        _keyword("云雀耳机 评测"),
        _BILI,
    ),
    Preset(
        "bili-comments",
        N_("Bilibili: comments under a video"),
        "/bilibili/video/reply/{bvid}",
        _one("bvid", N_("Video number"), "BV1xx411c7mD"),
    ),
    Preset(
        "bili-videos",
        N_("Bilibili: an account's videos"),
        "/bilibili/user/video/{uid}",
        _one("uid", _ACCOUNT, "100001"),
        _BILI,
    ),
    Preset(
        "bili-dynamic",
        N_("Bilibili: an account's posts"),
        "/bilibili/user/dynamic/{uid}",
        _one("uid", _ACCOUNT, "100001"),
        _BILI,
    ),
    Preset("bili-hot", N_("Bilibili: hot searches"), "/bilibili/hot-search"),
    Preset("tieba-keyword", N_("Tieba: keyword"), "/baidu/tieba/search/{keyword}", _keyword("云雀耳机")),
    Preset(
        "tieba-keyword-bar",
        N_("Tieba: keyword in one bar"),
        "/baidu/tieba/search/{keyword}/kw={bar}&sm=1",
        (("keyword", N_("Keyword"), "断连"), ("bar", N_("Bar"), "耳机")),
    ),
    Preset(
        "tieba-bar", N_("Tieba: a bar"), "/baidu/tieba/forum/{bar}/created", _one("bar", N_("Bar"), "耳机")
    ),
    Preset(
        "tieba-post",
        N_("Tieba: one thread"),
        "/baidu/tieba/post/{id}",
        _one("id", N_("Thread number"), "9000000001"),
    ),
    Preset(
        "tieba-user",
        N_("Tieba: an account"),
        "/baidu/tieba/user/{uid}",
        _one("uid", N_("Account name"), "云雀官方"),
    ),
    Preset(
        "baidu-search",
        N_("Baidu: web search"),
        "/baidu/search/{keyword}",
        _keyword("云雀耳机 投诉"),
        _SEARCH,
    ),
    Preset(
        "google-search", N_("Google: web search"), "/google/search/{keyword}", _keyword("云雀耳机"), _SEARCH
    ),
    Preset("google-alerts", N_("Google: alerts"), "/google/alerts/{keyword}", _keyword("云雀耳机")),
    Preset(
        "zhihu-question",
        N_("Zhihu: answers to a question"),
        "/zhihu/question/{id}/created",
        _one("id", N_("Question number"), "600000001"),
        _ZHIHU,
    ),
    Preset(
        "zhihu-topic",
        N_("Zhihu: a topic"),
        "/zhihu/topic/{id}",
        _one("id", N_("Topic number"), "19550001"),
        N_("RSSHub needs ZHIHU_COOKIES."),
    ),
    Preset(
        "zhihu-person",
        N_("Zhihu: an account"),
        "/zhihu/people/activities/{id}",
        _one("id", N_("Account name in its address"), "yunque-audio"),
        _ZHIHU,
    ),
    Preset(
        "zhihu-column",
        N_("Zhihu: a column"),
        "/zhihu/zhuanlan/{id}",
        _one("id", N_("Column name in its address"), "yunque"),
        _ZHIHU,
    ),
    Preset("zhihu-hot", N_("Zhihu: hot list"), "/zhihu/hot", (), _ZHIHU),
    Preset(
        "xhs-user",
        N_("Xiaohongshu: an account's notes"),
        "/xiaohongshu/user/{id}/notes",
        _one("id", _ACCOUNT, "5f0000000000000001000001"),
        _XHS,
    ),
    Preset(
        "xhs-board",
        N_("Xiaohongshu: a board"),
        "/xiaohongshu/board/{id}",
        _one("id", N_("Board number"), "5f0000000000000001000002"),
        _XHS,
    ),
    Preset(
        "douyin-user",
        N_("Douyin: an account"),
        "/douyin/user/{uid}",
        _one("uid", N_("Account number (MS4wLjAB…)"), "MS4wLjABAAAA"),
        _DOUYIN,
    ),
    Preset(
        "douyin-hashtag",
        N_("Douyin: a hashtag"),
        "/douyin/hashtag/{id}",
        _one("id", N_("Hashtag number"), "1600000000000001"),
        _DOUYIN,
    ),
    Preset(
        "kuaishou-user",
        N_("Kuaishou: an account"),
        "/kuaishou/profile/{id}",
        _one("id", _ACCOUNT, "3x0000000000001"),
    ),
    Preset(
        "smzdm-keyword",
        N_("SMZDM: keyword"),
        "/smzdm/keyword/{keyword}",
        _keyword("云雀耳机"),
        N_("RSSHub needs SMZDM_COOKIE."),
    ),
    Preset(
        "smzdm-product",
        N_("SMZDM: a product"),
        "/smzdm/product/{id}",
        _one("id", N_("Product number"), "aaaaaaa"),
        N_("RSSHub needs SMZDM_COOKIE."),
    ),
    Preset("coolapk-topic", N_("Coolapk: a topic"), "/coolapk/huati/{keyword}", _keyword("云雀耳机")),
    Preset(
        "douban-group",
        N_("Douban: a group"),
        "/douban/group/{id}",
        _one("id", N_("Group name in its address"), "headphone"),
        _DOUBAN,
    ),
    Preset(
        "douban-topic",
        N_("Douban: a topic"),
        "/douban/topic/{id}/new",
        _one("id", N_("Topic number"), "10001"),
        _DOUBAN,
    ),
    Preset("v2ex-latest", N_("V2EX: latest topics"), "/v2ex/topics/latest"),
    Preset("v2ex-tab", N_("V2EX: a tab"), "/v2ex/tab/{id}", _one("id", N_("Tab"), "tech")),
    Preset(
        "v2ex-post", N_("V2EX: one thread"), "/v2ex/post/{id}", _one("id", N_("Thread number"), "1000001")
    ),
    Preset(
        "xueqiu-comments",
        N_("Xueqiu: talk about a share"),
        "/xueqiu/stock_comments/{id}",
        _one("id", N_("Share code"), "SZ000001"),
        _XUEQIU,
    ),
    Preset(
        "xueqiu-user",
        N_("Xueqiu: an account"),
        "/xueqiu/user/{id}",
        _one("id", _ACCOUNT, "1000000001"),
        _XUEQIU,
    ),
    Preset("nga-forum", N_("NGA: a forum"), "/nga/forum/{id}", _one("id", N_("Forum number"), "436")),
    Preset(
        "nga-post", N_("NGA: one thread"), "/nga/post/{id}", _one("id", N_("Thread number"), "30000001")
    ),
    Preset(
        "hupu-board",
        N_("Hupu: a board"),
        "/hupu/bbs/{id}",
        _one("id", N_("Board name in its address"), "topic-daily"),
    ),
    Preset("36kr-search", N_("36Kr: news by keyword"), "/36kr/search/articles/{keyword}", _keyword("云雀")),
    Preset(
        "mastodon-tag",
        N_("Mastodon: a hashtag"),
        "/mastodon/tag/{site}/{keyword}",
        (("site", N_("Server"), "mastodon.example"), ("keyword", N_("Hashtag"), "yunque")),
    ),
    Preset("bsky-keyword", N_("Bluesky: keyword"), "/bsky/keyword/{keyword}", _keyword("yunque")),
    Preset(
        "x-keyword",
        N_("X (Twitter): keyword"),
        "/twitter/keyword/{keyword}",
        _keyword("yunque"),
        N_("RSSHub needs a token of an X account."),
    ),
)


def preset(key: str) -> Preset:
    """The one of this name, or ConfigError."""
    for one in PRESETS:
        if one.key == key:
            return one
    raise ConfigError(_("There is no RSSHub template named “{key}”.").format(key=key), field="preset")


def preset_url(which: Preset, base: str, values: Mapping[str, str], access_key: str = "") -> str:
    """The feed's address. Every value stays one path segment, whatever stands in it.

    Better than `access_key` here is the feed's own key setting, which is kept in the keyring.
    """
    filled = {name: _segment(name, label, values.get(name, "")) for name, label, _example in which.fields}
    url = f"{_base(base)}{which.path.format(**filled)}?{urlencode({'format': 'json', 'limit': LIMIT})}"
    return f"{url}&code={access_code(url, access_key)}" if access_key else url


def health_url(base: str) -> str:
    """Answers “ok” while the server is up."""
    return f"{_base(base)}/healthz"


def access_code(url: str, key: str) -> str:
    """What RSSHub accepts instead of the key itself, for this path only (so a log may hold it)."""
    path = unquote(urlsplit(url).path) or "/"
    return hashlib.md5((path + key).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _base(base: str) -> str:
    base = clean(base).rstrip("/")
    try:
        parts = urlsplit(base)
        fit = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        fit = False
    if not fit:
        raise ConfigError(
            _("Give the address of your RSSHub, such as http://127.0.0.1:1200."), field="base"
        )
    return base


def _segment(name: str, label: str, value: str) -> str:
    value = clean(value).replace("\n", " ")
    if not value or value in (".", ".."):
        raise ConfigError(_("“{label}” must be filled in.").format(label=_(label)), field=name)
    return quote(value, safe="")


# ── what its error pages mean ─────────────────────────────────────────────────────────────────


class Trouble(StrEnum):
    """Named for who must act: nobody, the RSSHub operator, time."""

    EMPTY = "empty"
    COOKIES = "cookies"
    CONFIG = "config"
    KEY = "key"
    NO_ROUTE = "no route"
    BLOCKED = "blocked"
    COOLING = "cooling"


_SAID: tuple[tuple[str, Trouble], ...] = (
    (r"this route is empty", Trouble.EMPTY),
    (r"cooling down before new visitor cookies", Trouble.COOLING),
    (
        r"cookies? (?:has |have )?expired|please update \w*cookie|unable to fetch visitor cookies",
        Trouble.COOKIES,
    ),
    (r"ConfigNotFoundError", Trouble.CONFIG),
    (r"Authentication failed\. Access denied", Trouble.KEY),
    (r"CaptchaError|\b432\b|403 Forbidden|FetchError: \[\w+\] \S+ 403", Trouble.BLOCKED),
    (r"NotFoundError|wrong path", Trouble.NO_ROUTE),
)
_RULES = tuple((re.compile(words, re.IGNORECASE), kind) for words, kind in _SAID)


def trouble(body: str) -> Trouble | None:
    """What an RSSHub error page or error JSON complains of, if we know the words."""
    for words, kind in _RULES:
        if words.search(body):
            return kind
    return None
