"""Weibo's posts and comments as mentions, and its permalinks. Pure: JSON in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.mention import Author, Counts, Kind, Mention
from app.errors import BadResponse
from app.i18n import _
from monitors.reading import clean, count, fingerprint, maybe, need, raw_json, safe_url, when

PLATFORM = "weibo"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
Identity = tuple[str, Kind, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """One list, read. `ids`: of every row that has one, in Weibo's order; `posts`: own posts and how many
    comments stand under each."""

    mentions: tuple[Mention, ...] = ()
    ids: tuple[int, ...] = ()
    skipped: int = 0
    gone: tuple[Identity, ...] = ()
    answered: tuple[Identity, ...] = ()
    posts: dict[str, int] = field(default_factory=dict)


def read_rows(told: Any, name: str, own: str = "") -> Rows:
    """The list `name` of an answer. Rows by `own` (our account's number) are no mentions: they tell what is
    answered. One bad row is counted; nothing but bad ones is BadResponse."""
    rows = maybe(told, name)
    if not isinstance(rows, list):
        raise BadResponse(_("This is not what Weibo answers."))
    made = Rows()
    for row in rows:
        try:
            made = _with(made, row, comment=name == "comments", own=own)
        except BadResponse:
            made = replace(made, skipped=made.skipped + 1)
    if rows and made.skipped == len(rows):
        raise BadResponse(_("None of the {n} items shown could be read.").format(n=len(rows)))
    return made


def _with(made: Rows, row: Any, *, comment: bool, own: str) -> Rows:
    id_ = id_of(row)
    kind = Kind.COMMENT if comment else Kind.POST
    if str(maybe(row, "deleted") or "0") not in ("0", "False"):
        gone = (*made.gone, (PLATFORM, kind, id_))
        return replace(made, ids=(*made.ids, int(id_)), gone=gone)
    if own and _user_id(maybe(row, "user")) == own:
        answered = tuple(_answered(row, own)) if comment else ()
        posts = {} if comment else {id_: count(maybe(row, "comments_count")) or 0}
        return replace(
            made,
            ids=(*made.ids, int(id_)),
            answered=(*made.answered, *answered),
            posts={**made.posts, **posts},
        )
    mention = read_comment(row) if comment else read_post(row)
    return replace(made, ids=(*made.ids, int(id_)), mentions=(*made.mentions, mention))


def _answered(row: Any, own: str) -> Iterator[Identity]:
    """What our own comment answers: a comment, else the post of somebody else."""
    parent, post = maybe(row, "reply_comment"), maybe(row, "status")
    if parent_id := maybe_id(parent):
        yield PLATFORM, Kind.COMMENT, parent_id
    elif (post_id := maybe_id(post)) and _user_id(maybe(post, "user")) not in ("", own):
        yield PLATFORM, Kind.POST, post_id


def read_post(row: Any) -> Mention:
    """BadResponse where it has no number, author or text."""
    id_, user = id_of(row), need(row, "user")
    said, original = _said(row), maybe(row, "retweeted_status")
    origin = maybe_id(original)
    quoted = _quoted(original)
    text = f"{said}\n{quoted}" if quoted and quoted not in said else said
    return Mention(
        platform=PLATFORM,
        native_id=id_,
        url=post_url(id_, _user_id(user)),
        text=need({"text": text}, "text"),
        kind=Kind.POST,
        author=_author(user),
        published_at=_when(row),
        counts=Counts(
            likes=count(maybe(row, "attitudes_count")),
            comments=count(maybe(row, "comments_count")),
            shares=count(maybe(row, "reposts_count")),
        ),
        media=_pictures(row),
        region=_region(row),
        parent_id=origin,
        root_id=origin,
        fingerprint=fingerprint(PLATFORM, id_, text),
        raw=raw_json(row),
    )


def read_comment(row: Any) -> Mention:
    """BadResponse where it has no number, author or text. Its link is that of the post: it has none."""
    id_, user, post = id_of(row), need(row, "user"), maybe(row, "status")
    said, root = _said(row), maybe_id(post)
    return Mention(
        platform=PLATFORM,
        native_id=id_,
        url=post_url(root, _user_id(maybe(post, "user"))) if root else "",
        text=need({"text": said}, "text"),
        kind=Kind.COMMENT,
        author=_author(user),
        published_at=_when(row),
        counts=Counts(likes=count(maybe(row, "like_count"))),
        region=_region(row),
        parent_id=maybe_id(maybe(row, "reply_comment")) or root,
        root_id=root,
        fingerprint=fingerprint(PLATFORM, "comment", id_, said),
        raw=raw_json(row),
    )


def id_of(row: Any) -> str:
    """The decimal number as text; BadResponse where there is none."""
    made = maybe_id(row)
    if not made:
        raise BadResponse(_("“{key}” is missing from what was sent.").format(key="id"))
    return made


def maybe_id(row: Any) -> str:
    """`idstr`, `mid` or `id`, each as a number or as text; "" where none is one."""
    for name in ("idstr", "mid", "id"):
        value = maybe(row, name)
        if isinstance(value, int | str) and not isinstance(value, bool):
            said = str(value)
            if re.fullmatch(r"[1-9]\d{0,19}", said, re.ASCII):
                return said
    return ""


def _user_id(user: Any) -> str:
    return maybe_id(user)


def _said(row: Any) -> str:
    """Whole where Weibo tells it; where it is cut, an ellipsis says so."""
    whole = maybe(maybe(row, "longText"), "longTextContent")
    if isinstance(whole, str) and whole.strip():
        return clean(whole)
    given = maybe(row, "text")
    said = clean(given) if isinstance(given, str) else ""
    if any(str(maybe(row, name)).lower() in ("true", "1") for name in ("isLongText", "truncated")):
        said = re.sub(r"(?:…|\.{3})?\s*全文[:：]?\s*https?://\S*\s*$", "", said).rstrip("….") + "…"
    return said


def _quoted(original: Any) -> str:
    """The reposted words as Weibo writes them; nothing of a post that is gone."""
    name = clean(str(maybe(maybe(original, "user"), "screen_name") or ""), limit=200)
    return f"//@{name}:{_said(original)}" if name and _said(original) else ""


def _author(user: Any) -> Author:
    id_ = _user_id(user)
    verified = maybe(user, "verified")
    return Author(
        name=clean(str(maybe(user, "screen_name") or maybe(user, "name") or ""), limit=200),
        native_id=id_,
        url=f"https://weibo.com/u/{id_}" if id_ else "",
        followers=count(maybe(user, "followers_count")),
        verified=verified if isinstance(verified, bool) else None,
    )


def _when(row: Any) -> Any:
    given = maybe(row, "created_at")
    return when(given) if given else None


def _pictures(row: Any) -> tuple[str, ...]:
    told = maybe(row, "pic_urls")
    links = [maybe(one, "thumbnail_pic") for one in told] if isinstance(told, list) else []
    large = [safe_url(one.replace("/thumbnail/", "/large/", 1)) for one in links if isinstance(one, str)]
    return tuple(one for one in large if one)[:18]


def _region(row: Any) -> str:
    told = maybe(row, "region_name")
    return clean(told, limit=40).removeprefix("发布于").strip() if isinstance(told, str) else ""


def post_url(id: str, user: str = "") -> str:
    return f"https://weibo.com/{user}/{bid(id)}" if user else f"https://m.weibo.cn/detail/{id}"


def bid(mid: str) -> str:
    """A post's number as links write it: groups of 7 digits from the right, each in base 62."""
    groups = []
    while mid:
        mid, group = mid[:-7], mid[-7:]
        groups.append(_base62(int(group)))
    padded: Sequence[str] = [one.rjust(4, "0") for one in groups[:-1]] + groups[-1:]
    return "".join(reversed(padded))


def _base62(number: int) -> str:
    made = ""
    while number or not made:
        number, rest = divmod(number, 62)
        made = _DIGITS[rest] + made
    return made
