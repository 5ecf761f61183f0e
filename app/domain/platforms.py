"""Names, for people, of the places where posts stand; monitors write the keys."""

from __future__ import annotations

from app.domain.plain import one_line
from app.i18n import N_, _

PLATFORMS = {
    "weibo": N_("Weibo"),
    "xhs": N_("Xiaohongshu"),
    "douyin": N_("Douyin"),
    "kuaishou": N_("Kuaishou"),
    "bili": N_("Bilibili"),
    "tieba": N_("Tieba"),
    "zhihu": N_("Zhihu"),
    "wechat": N_("WeChat"),
    "wecom": N_("WeCom"),
    "toutiao": N_("Toutiao"),
    "douban": N_("Douban"),
    "heimao": N_("Black Cat Complaints"),
    "jd": N_("JD.com"),
    "taobao": N_("Taobao"),
    "tmall": N_("Tmall"),
    "pdd": N_("Pinduoduo"),
    "dianping": N_("Dianping"),
    "smzdm": N_("SMZDM"),
    "coolapk": N_("Coolapk"),
    "hupu": N_("Hupu"),
    "autohome": N_("Autohome"),
    "xueqiu": N_("Xueqiu"),
    "v2ex": N_("V2EX"),
    "discuz": N_("Discuz! board"),
    "appstoreconnect": N_("App Store"),
    "youtube": N_("YouTube"),
    "reddit": N_("Reddit"),
    "hackernews": N_("Hacker News"),
    "forum": N_("Forum"),
    "nga": N_("NGA"),
    "36kr": N_("36Kr"),
    "mastodon": N_("Mastodon"),
    "bluesky": N_("Bluesky"),
    "discourse": N_("Discourse"),
    "appstore": N_("App Store"),
    "feed": N_("Feed"),
    "import": N_("Import"),
}
_ALSO = {
    "wb": "weibo",
    "dy": "douyin",
    "ks": "kuaishou",
    "bilibili": "bili",
    "xiaohongshu": "xhs",
    "rss": "feed",
    "folder": "import",
}


def platform_name(key: str) -> str:
    """As people call it; an unknown key as it is."""
    known = PLATFORMS.get(_ALSO.get(key, key))
    return _(known) if known else one_line(key, 40)
