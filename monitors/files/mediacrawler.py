# ruff: noqa: E501  # tables of column names read best unbroken
"""What MediaCrawler wrote: seven platforms, posts and comments, before and after 2026-07-01.

Pure. A table of columns a platform; the newer generation has `creator_hash` where the older one had
user ids, avatars and regions, and both are read by the same names. Which platform a file belongs to
is seen from its columns, so that a lone file moved elsewhere is known too; the path settles what
columns leave open.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.mention import Author, Counts, Kind, Mention
from monitors.files.batch import Row
from monitors.files.columns import region, said
from monitors.files.times import moment
from monitors.reading import clean, count, plain, raw_json, safe_url

Links = dict[tuple[str, str], str]
"""(platform, post id) → permalink, where only the post's own row knows it (xhs needs its token)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of rows. `needs` and `never` tell it from all others."""

    platform: str
    item: str
    """contents | comments"""
    needs: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    id: str = ""
    post: str = ""
    """Where a comment names its post."""
    text: str = "content"
    time: str = "create_time"
    edited: str = ""
    url: str = ""
    author: str = "nickname"
    counts: Mapping[str, str] = field(default_factory=dict)
    media: tuple[str, ...] = ()
    site: str = ""
    orders: tuple[str, ...] = ()
    """Columns of each generation in the order they are written, separated by spaces."""


LAYOUTS = (
    Layout(
        "weibo", "contents", ("note_id", "content"), any_of=("shared_count", "comments_count", "create_date_time"),
        never=("comment_id", "tieba_name"), id="note_id", url="note_url",
        counts={"likes": "liked_count", "comments": "comments_count", "shares": "shared_count"},
        orders=(
            "note_id content create_time create_date_time liked_count comments_count shared_count last_modify_ts "
            "note_url creator_hash nickname source_keyword",
            "note_id content create_time create_date_time liked_count comments_count shared_count last_modify_ts "
            "note_url ip_location user_id nickname gender profile_url avatar source_keyword",
        ),
    ),
    Layout(
        "weibo", "comments", ("comment_id", "note_id", "content"), any_of=("comment_like_count", "create_date_time"),
        id="comment_id", post="note_id", counts={"likes": "comment_like_count", "comments": "sub_comment_count"},
        orders=(
            "comment_id create_time create_date_time note_id content sub_comment_count comment_like_count "
            "last_modify_ts parent_comment_id creator_hash nickname",
            "comment_id create_time create_date_time note_id content sub_comment_count comment_like_count "
            "last_modify_ts ip_location parent_comment_id user_id nickname gender profile_url avatar",
        ),
    ),
    Layout(
        "tieba", "contents", ("note_id", "title"), any_of=("tieba_name", "total_replay_num"), never=("comment_id",),
        id="note_id", text="desc", time="publish_time", url="note_url", author="user_nickname", site="tieba_name",
        counts={"comments": "total_replay_num"},
        orders=(
            "note_id title desc note_url publish_time creator_hash user_nickname tieba_name tieba_link "
            "total_replay_num total_replay_page source_keyword last_modify_ts",
            "note_id title desc note_url publish_time user_link user_nickname user_avatar tieba_name tieba_link "
            "total_replay_num total_replay_page ip_location source_keyword last_modify_ts",
        ),
    ),
    Layout(
        "tieba", "comments", ("comment_id", "note_id", "content"), any_of=("tieba_name", "tieba_id", "tieba_link"),
        id="comment_id", post="note_id", time="publish_time", author="user_nickname", site="tieba_name",
        counts={"comments": "sub_comment_count"},
        orders=(
            "comment_id parent_comment_id content creator_hash user_nickname publish_time sub_comment_count note_id "
            "note_url tieba_id tieba_name tieba_link last_modify_ts",
            "comment_id parent_comment_id content user_link user_nickname user_avatar tieba_id tieba_name tieba_link "
            "publish_time ip_location sub_comment_count note_id note_url last_modify_ts",
        ),
    ),
    Layout(
        "xhs", "contents", ("note_id", "desc"), any_of=("xsec_token", "collected_count", "tag_list", "image_list"),
        never=("comment_id", "tieba_name"), id="note_id", text="desc", time="time", edited="last_update_time",
        url="note_url", media=("image_list", "video_url"),
        counts={"likes": "liked_count", "comments": "comment_count", "shares": "share_count",
                "favorites": "collected_count"},
        orders=(
            "note_id type title desc video_url time last_update_time creator_hash nickname liked_count "
            "collected_count comment_count share_count image_list tag_list last_modify_ts note_url source_keyword "
            "xsec_token",
            "note_id type title desc video_url time last_update_time user_id nickname avatar liked_count "
            "collected_count comment_count share_count ip_location image_list tag_list last_modify_ts note_url "
            "source_keyword xsec_token",
        ),
    ),
    Layout(
        "xhs", "comments", ("comment_id", "note_id", "content"),
        never=("tieba_name", "tieba_id", "comment_like_count", "create_date_time"),
        id="comment_id", post="note_id", media=("pictures",),
        counts={"likes": "like_count", "comments": "sub_comment_count"},
        orders=(
            "comment_id create_time note_id content creator_hash nickname sub_comment_count pictures "
            "parent_comment_id last_modify_ts like_count",
            "comment_id create_time ip_location note_id content user_id nickname avatar sub_comment_count pictures "
            "parent_comment_id last_modify_ts like_count",
        ),
    ),
    Layout(
        "douyin", "contents", ("aweme_id",), any_of=("desc", "title"), never=("comment_id",), id="aweme_id",
        text="desc", url="aweme_url", media=("cover_url", "note_download_url"),
        counts={"likes": "liked_count", "comments": "comment_count", "shares": "share_count",
                "favorites": "collected_count"},
        orders=(
            "aweme_id aweme_type title desc create_time creator_hash nickname liked_count collected_count "
            "comment_count share_count last_modify_ts aweme_url cover_url video_download_url music_download_url "
            "note_download_url source_keyword",
            "aweme_id aweme_type title desc create_time user_id sec_uid short_user_id user_unique_id user_signature "
            "nickname avatar liked_count collected_count comment_count share_count ip_location last_modify_ts "
            "aweme_url cover_url video_download_url music_download_url note_download_url source_keyword",
        ),
    ),
    Layout(
        "douyin", "comments", ("comment_id", "aweme_id", "content"), id="comment_id", post="aweme_id",
        media=("pictures",), counts={"likes": "like_count", "comments": "sub_comment_count"},
        orders=(
            "comment_id create_time aweme_id content creator_hash nickname sub_comment_count like_count "
            "last_modify_ts parent_comment_id pictures",
            "comment_id create_time ip_location aweme_id content user_id sec_uid short_user_id user_unique_id "
            "user_signature nickname avatar sub_comment_count like_count last_modify_ts parent_comment_id pictures",
        ),
    ),
    Layout(
        "kuaishou", "contents", ("video_id",), any_of=("viewd_count", "video_play_url"), never=("comment_id",),
        id="video_id", text="desc", url="video_url", media=("video_cover_url",),
        counts={"likes": "liked_count", "views": "viewd_count"},
        orders=(
            "video_id video_type title desc create_time creator_hash nickname liked_count viewd_count last_modify_ts "
            "video_url video_cover_url video_play_url source_keyword",
            "video_id video_type title desc create_time user_id nickname avatar liked_count viewd_count "
            "last_modify_ts video_url video_cover_url video_play_url source_keyword",
        ),
    ),
    Layout(
        "kuaishou", "comments", ("comment_id", "video_id", "content"), never=("parent_comment_id", "like_count"),
        id="comment_id", post="video_id", counts={"comments": "sub_comment_count"},
        orders=(
            "comment_id create_time video_id content creator_hash nickname sub_comment_count last_modify_ts",
            "comment_id create_time video_id content user_id nickname avatar sub_comment_count last_modify_ts",
        ),
    ),
    Layout(
        "bili", "contents", ("video_id",), any_of=("video_danmaku", "video_play_count", "video_coin_count"),
        never=("comment_id",), id="video_id", text="desc", url="video_url", media=("video_cover_url",),
        counts={"likes": "liked_count", "comments": "video_comment", "shares": "video_share_count",
                "views": "video_play_count", "favorites": "video_favorite_count"},
        orders=(
            "video_id video_type title desc create_time creator_hash nickname liked_count disliked_count "
            "video_play_count video_favorite_count video_share_count video_coin_count video_danmaku video_comment "
            "last_modify_ts video_url video_cover_url source_keyword",
            "video_id video_type title desc create_time user_id nickname avatar liked_count disliked_count "
            "video_play_count video_favorite_count video_share_count video_coin_count video_danmaku video_comment "
            "last_modify_ts video_url video_cover_url source_keyword",
        ),
    ),
    Layout(
        "bili", "comments", ("comment_id", "video_id", "content", "parent_comment_id"), id="comment_id",
        post="video_id", counts={"likes": "like_count", "comments": "sub_comment_count"},
        orders=(
            "comment_id parent_comment_id create_time video_id content creator_hash nickname sub_comment_count "
            "like_count last_modify_ts",
            "comment_id parent_comment_id create_time video_id content user_id nickname sex sign avatar "
            "sub_comment_count like_count last_modify_ts",
        ),
    ),
    Layout(
        "bili", "dynamics", ("dynamic_id", "text"), id="dynamic_id", text="text", time="pub_ts", author="user_name",
        counts={"likes": "total_liked", "comments": "total_comments", "shares": "total_forwards"},
        orders=(
            "dynamic_id creator_hash user_name text type pub_ts total_comments total_forwards total_liked "
            "last_modify_ts",
            "dynamic_id user_id user_name text type pub_ts total_comments total_forwards total_liked last_modify_ts",
        ),
    ),
    Layout(
        "zhihu", "contents", ("content_id", "content_text"), never=("comment_id",), id="content_id",
        text="content_text", time="created_time", edited="updated_time", url="content_url", author="user_nickname",
        counts={"likes": "voteup_count", "comments": "comment_count"},
        orders=(
            "content_id content_type content_text content_url question_id title desc created_time updated_time "
            "voteup_count comment_count source_keyword creator_hash user_nickname last_modify_ts",
            "content_id content_type content_text content_url question_id title desc created_time updated_time "
            "voteup_count comment_count source_keyword user_id user_link user_nickname user_avatar user_url_token "
            "last_modify_ts",
        ),
    ),
    Layout(
        "zhihu", "comments", ("comment_id", "content_id", "content"), id="comment_id", post="content_id",
        time="publish_time", author="user_nickname",
        counts={"likes": "like_count", "comments": "sub_comment_count"},
        orders=(
            "comment_id parent_comment_id content publish_time sub_comment_count like_count dislike_count content_id "
            "content_type creator_hash user_nickname last_modify_ts",
            "comment_id parent_comment_id content publish_time ip_location sub_comment_count like_count dislike_count "
            "content_id content_type user_id user_link user_nickname user_avatar last_modify_ts",
        ),
    ),
)  # fmt: skip

TABLES = {
    "weibo_note": ("weibo", "contents"), "weibo_note_comment": ("weibo", "comments"),
    "xhs_note": ("xhs", "contents"), "xhs_note_comment": ("xhs", "comments"),
    "douyin_aweme": ("douyin", "contents"), "douyin_aweme_comment": ("douyin", "comments"),
    "kuaishou_video": ("kuaishou", "contents"), "kuaishou_video_comment": ("kuaishou", "comments"),
    "bilibili_video": ("bili", "contents"), "bilibili_video_comment": ("bili", "comments"),
    "bilibili_up_dynamic": ("bili", "dynamics"),
    "tieba_note": ("tieba", "contents"), "tieba_comment": ("tieba", "comments"),
    "zhihu_content": ("zhihu", "contents"), "zhihu_comment": ("zhihu", "comments"),
}  # fmt: skip
"""The database's tables of posts and comments."""


def layout(columns: Iterable[str], hint: str = "", group: str = "") -> Layout | None:
    """The layout these columns have; `hint` (a path) and `group` (a table) decide between several."""
    have = set(columns)
    fits = [one for one in LAYOUTS if _fits(one, have)]
    told = TABLES.get(group.lower())
    if told:
        return next((one for one in fits if (one.platform, one.item) == told), None)
    return _hinted(fits, hint) if len(fits) > 1 else next(iter(fits), None)


def _fits(one: Layout, have: Collection[str]) -> bool:
    any_of = not one.any_of or any(name in have for name in one.any_of)
    return (
        any_of and all(name in have for name in one.needs) and not any(name in have for name in one.never)
    )


_DIRS = {
    "xhs": "xhs", "douyin": "douyin", "dy": "douyin", "kuaishou": "kuaishou", "ks": "kuaishou", "bili": "bili",
    "bilibili": "bili", "weibo": "weibo", "wb": "weibo", "tieba": "tieba", "zhihu": "zhihu",
}  # fmt: skip


def _hinted(fits: list[Layout], hint: str) -> Layout:
    words = [_DIRS.get(word) for word in re.split(r"[^a-z]+", hint.lower())]
    return next((one for one in fits if one.platform in words), fits[0])


def people(columns: Iterable[str]) -> bool:
    """Profiles and contacts: nothing anybody said."""
    have = set(columns)
    profile = {"nickname", "user_nickname", "user_name"} & have and {"fans", "total_fans"} & have
    return bool(profile or {"up_id", "fan_id"} <= have)


def dressed(one: Layout, cells: list[str]) -> dict[str, object] | None:
    """A row of another generation than the header's, by its number of values; None if none fits."""
    for order in one.orders:
        names = order.split()
        if len(names) == len(cells):
            values: dict[str, object] = dict(zip(names, cells, strict=True))
            if plausible(one, values):
                return values
    return None


def plausible(one: Layout, values: Mapping[str, object]) -> bool:
    """Are an id and a time where they should be?"""
    own = said(values.get(one.id))
    return bool(re.fullmatch(r"[\w-]{1,64}", own)) and moment(values.get(one.time), _NOW).at is not None


_NOW = datetime.fromisoformat("2026-01-01T00:00:00+08:00")


@dataclass(frozen=True, slots=True)
class MediaCrawler:
    """Reads rows of one layout."""

    layout: Layout
    base: datetime
    links: Links
    ignored: bool = False

    @property
    def format(self) -> str:
        return f"MediaCrawler {self.layout.platform} {self.layout.item}"

    @property
    def mapping(self) -> dict[str, str]:
        one = self.layout
        made = {
            "id": one.id,
            "text": one.text,
            "author": one.author,
            "published_at": one.time,
            "url": one.url,
        }
        made |= {"region": "ip_location", "author_id": "creator_hash", "keyword": "source_keyword"}
        made |= {"title": "title"} if one.item == "contents" else {}
        return {name: column for name, column in {**made, **one.counts}.items() if column}

    def read(self, row: Row) -> Mention | None:
        one, values = self.layout, row.values
        own = clean(said(values.get(one.id)), limit=100)
        title, text = _words(one, values)
        if not own or not text:
            return None
        post = clean(said(values.get(one.post)), limit=100) if one.post else ""
        url = self._url(own, post, values)
        if not one.post and "xsec_token=" in url and len(self.links) < 100_000:
            self.links[one.platform, own] = url
        return Mention(
            platform=one.platform,
            native_id=own,
            url=url,
            text=text,
            kind=_kind(one, values),
            title=title,
            author=_author(one, values),
            published_at=moment(values.get(one.time), self.base).at,
            edited_at=_edited(one, values, self.base),
            counts=Counts(**{name: count(said(values.get(column))) for name, column in one.counts.items()}),
            media=_media(one, values),
            region=region(values.get("ip_location")),
            parent_id=_parent(own, post, values),
            root_id=post,
            keyword=clean(said(values.get("source_keyword")), limit=100),
            site=clean(said(values.get(one.site)), limit=100) if one.site else "",
            raw=raw_json(dict(values)),
        )

    def _url(self, own: str, post: str, values: Mapping[str, object]) -> str:
        """What the row says, else what the platform's addresses look like."""
        platform = self.layout.platform
        about = post or own
        if platform == "xhs":
            return (self.links.get((platform, post), "") or _xhs(post, {})) if post else _xhs(own, values)
        told = safe_url(said(values.get(self.layout.url))) if self.layout.url else ""
        made = told or _address(platform, about, values)
        if self.layout.item == "dynamics":
            made = f"https://t.bilibili.com/{own}"
        return _at_comment(platform, made, own) if post and made else made


def _words(one: Layout, values: Mapping[str, object]) -> tuple[str, str]:
    """(title, text): crawlers repeat the text as the title, or say "-" for none."""
    title = clean(plain(said(values.get("title"))), limit=500) if one.item == "contents" else ""
    text = clean(plain(said(values.get(one.text))))
    text = "" if text == "-" else text
    repeated = not text or clean(text, limit=60) == clean(title, limit=60) or text.startswith(title)
    return ("" if repeated else title), text or title


def _parent(own: str, post: str, values: Mapping[str, object]) -> str:
    """The comment answered to, else the post. A root comment names 0, nothing, or itself."""
    told = clean(said(values.get("parent_comment_id")), limit=100) if post else ""
    return post if told in ("", "0", own) else told


def _kind(one: Layout, values: Mapping[str, object]) -> Kind:
    if one.item == "comments":
        return Kind.COMMENT
    told = said(values.get("content_type"))
    if one.platform == "zhihu":
        return {"article": Kind.ARTICLE, "zvideo": Kind.VIDEO}.get(told, Kind.POST)
    if one.platform == "xhs":
        return Kind.VIDEO if said(values.get("type")) == "video" else Kind.POST
    video = one.item == "contents" and one.platform in ("douyin", "kuaishou", "bili")
    # 68 is Douyin's number for a set of pictures.
    return Kind.VIDEO if video and said(values.get("aweme_type")) != "68" else Kind.POST


def _edited(one: Layout, values: Mapping[str, object], base: datetime) -> datetime | None:
    edited = moment(values.get(one.edited), base).at if one.edited else None
    return edited if edited and edited != moment(values.get(one.time), base).at else None


def _media(one: Layout, values: Mapping[str, object]) -> tuple[str, ...]:
    found = (safe_url(part) for name in one.media for part in said(values.get(name)).split(",")[:20])
    return tuple(dict.fromkeys(filter(None, found)))


def _author(one: Layout, values: Mapping[str, object]) -> Author:
    cell = {name: said(values.get(name))[:200] for name in _PERSON}
    cell = {name: clean(value) if value else "" for name, value in cell.items()}
    return Author(
        name=clean(plain(said(values.get(one.author))), limit=200),
        native_id=cell["creator_hash"] or cell["user_id"] or cell["sec_uid"],
        url=safe_url(cell["profile_url"] or cell["user_link"]) or _profile(one.platform, cell),
    )


_PERSON = ("creator_hash", "user_id", "sec_uid", "profile_url", "user_link")
_PROFILES = {
    "weibo": "https://weibo.com/u/{user_id}",
    "xhs": "https://www.xiaohongshu.com/user/profile/{user_id}",
    "douyin": "https://www.douyin.com/user/{sec_uid}",
    "kuaishou": "https://www.kuaishou.com/profile/{user_id}",
    "bili": "https://space.bilibili.com/{user_id}",
}


def _profile(platform: str, cell: Mapping[str, str]) -> str:
    pattern = _PROFILES.get(platform, "")
    key = "sec_uid" if "sec_uid" in pattern else "user_id"
    return (
        safe_url(pattern.format(**{key: cell[key]}))
        if pattern and re.fullmatch(r"[\w-]+", cell[key])
        else ""
    )


def _xhs(own: str, values: Mapping[str, object]) -> str:
    """A note opens with its token only."""
    told = safe_url(said(values.get("note_url")))
    token = said(values.get("xsec_token"))
    if "xsec_token=" in told and "xsec_token=None" not in told:
        return told
    plain_url = safe_url(f"https://www.xiaohongshu.com/explore/{own}")
    return (
        safe_url(f"{plain_url}?xsec_token={token}&xsec_source=pc_search")
        if token and plain_url
        else plain_url
    )


_ADDRESSES = {
    "weibo": "https://m.weibo.cn/detail/{id}",
    "douyin": "https://www.douyin.com/video/{id}",
    "kuaishou": "https://www.kuaishou.com/short-video/{id}",
    "bili": "https://www.bilibili.com/video/av{id}",
    "tieba": "https://tieba.baidu.com/p/{id}",
}
_ZHIHU = {
    "article": "https://zhuanlan.zhihu.com/p/{id}",
    "zvideo": "https://www.zhihu.com/zvideo/{id}",
    "answer": "https://www.zhihu.com/answer/{id}",
}


def _address(platform: str, own: str, values: Mapping[str, object]) -> str:
    if not re.fullmatch(r"[\w-]+", own):
        return ""
    question = said(values.get("question_id"))
    if platform == "zhihu" and question.isdecimal():
        return f"https://www.zhihu.com/question/{question}/answer/{own}"
    pattern = (
        _ZHIHU.get(said(values.get("content_type")), "")
        if platform == "zhihu"
        else _ADDRESSES.get(platform)
    )
    return safe_url((pattern or "").format(id=own))


def _at_comment(platform: str, url: str, own: str) -> str:
    """The comment's own place on the page, where the platform has such addresses."""
    if not own.isdecimal():
        return url
    if platform == "tieba":
        return f"{url.partition('?')[0]}?pid={own}"
    return f"{url}#reply{own}" if platform == "bili" else url
