"""Douyin's videos and comments as values. Pure: JSON in, values out. Ids are opaque, with `/ + =`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.domain.mention import Author, Counts, Kind, Mention
from app.errors import BadResponse
from app.i18n import _
from monitors.reading import clean, count, fingerprint, maybe, need, raw_json, read_all, safe_url, when

PLATFORM = "douyin"
LONGEST_ID = 200
_YES = (True, 1, "1", "true", "True")


@dataclass(frozen=True, slots=True)
class Video:
    """`comments`: as Douyin counts them, answers among them; None where it does not say."""

    id: str
    url: str
    comments: int | None


@dataclass(frozen=True, slots=True)
class Where:
    """Under what a comment stands: a video, and the comment above it ("" for none). `word`: the search word
    that found the video; "" for our own."""

    video: str
    url: str = ""
    above: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A mention, and how many answers stand under it."""

    mention: Mention
    answers: int
    own: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """One page. `cursor`: of the next one, None where there is none."""

    rows: tuple[Any, ...]
    skipped: int
    cursor: int | None


def read_rows(data: Any, read: Callable[[Any], Any]) -> Rows:
    """One bad row is counted; nothing but bad ones is BadResponse."""
    rows = maybe(data, "list")
    if rows is None and maybe(data, "has_more") in (False, None):
        rows = []  # a page without anything may come without its list
    if not isinstance(rows, list):
        raise BadResponse(_("This is not what Douyin answers."))
    made, skipped = read_all(rows, read)
    following = count(maybe(data, "cursor")) if maybe(data, "has_more") in _YES else None
    return Rows(tuple(made), skipped, following or None)


def id_of(row: Any, *names: str) -> str:
    for name in names:
        value = maybe(row, name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            said = clean(str(value))
            if said and len(said) <= LONGEST_ID and not any(one.isspace() for one in said):
                return said
    raise BadResponse(_("“{key}” is missing from what was sent.").format(key=names[0]))


def read_video(row: Any) -> Video:
    told = maybe(row, "statistics")
    return Video(id_of(row, "item_id"), _link(row), count(maybe(told, "comment_count")))


def read_found(row: Any, word: str) -> tuple[Video, Mention]:
    """A video that the keyword search found."""
    id_, told, title = id_of(row, "sec_item_id", "item_id"), maybe(row, "statistics"), _text(row, "title")
    made = Mention(
        platform=PLATFORM,
        native_id=id_,
        url=_link(row),
        text=need({"title": title}, "title"),
        kind=Kind.VIDEO,
        author=Author(name=_text(row, "nickname", "nick_name", limit=200)),
        published_at=_when(row),
        counts=Counts(
            likes=count(maybe(told, "digg_count")),
            comments=count(maybe(told, "comment_count")),
            shares=count(maybe(told, "share_count")),
            views=count(maybe(told, "play_count")),
        ),
        keyword=word,
        fingerprint=fingerprint(PLATFORM, id_, title),
        raw=raw_json(row),
    )
    return Video(id_, made.url, made.counts.comments), made


def read_comment(row: Any, where: Where, own: str) -> Comment:
    """BadResponse where it has no number or says nothing. `own`: our account's open id."""
    id_, user = id_of(row, "comment_id"), maybe(row, "comment_user_id")
    said, user = _text(row, "content"), user if isinstance(user, str) else ""
    mention = Mention(
        platform=PLATFORM,
        native_id=id_,
        url=where.url,
        text=need({"content": said}, "content"),
        kind=Kind.COMMENT,
        author=Author(
            name=_text(row, "nick_name", "nickname", limit=200), native_id=clean(user, limit=200)
        ),
        published_at=_when(row),
        counts=Counts(
            likes=count(maybe(row, "digg_count")), comments=count(maybe(row, "reply_comment_total"))
        ),
        keyword=where.word,
        parent_id=where.above or where.video,
        root_id=where.video,
        fingerprint=fingerprint(PLATFORM, "comment", id_, said),
        raw=raw_json(row),
    )
    return Comment(mention, count(maybe(row, "reply_comment_total")) or 0, bool(own) and user == own)


def _text(row: Any, *names: str, limit: int = 100_000) -> str:
    for name in names:
        value = maybe(row, name)
        if isinstance(value, str) and value.strip():
            return clean(value, limit=limit)
    return ""


def _link(row: Any) -> str:
    given = maybe(row, "share_url")
    return safe_url(given) if isinstance(given, str) else ""


def _when(row: Any) -> Any:
    given = maybe(row, "create_time")
    return when(given) if given else None
