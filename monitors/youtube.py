"""YouTube comments by the Data API: below the own channel's videos, chosen ones, and those a search finds.

Runs on the engine's loop. One request a poll. It only reads. A project has 10,000 units a day; a page of
comments costs one and a search a hundred, so searches are made seldom and the rest is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import AppError, AuthFailed, BadResponse, ConfigError, RateLimited, Transient
from app.i18n import N_, _
from app.settings.schema import lines, secret, text
from monitors.base import Info, Life, Monitor, Thread
from monitors.cursors import Seen, dump, load, number, search_words
from monitors.cursors import text as told_text
from monitors.reading import (
    Fetched,
    checked,
    clean,
    count,
    fetch,
    fingerprint,
    from_json,
    is_html,
    maybe,
    need,
    plain,
    raw_json,
    read_all,
    safe_url,
    server_of,
    when,
)
from monitors.rounds import FIRST, Round, turned

UNITS = 10_000
SEARCH = 100
SEARCH_EVERY = 4 * 3600
"""Seconds between two searches for one word: six a day, 600 units."""
FOUND = 50
"""Videos that one search brings at the most, and that are remembered."""
_PACIFIC = timezone(timedelta(hours=-8))
"""The quota's day; in summer it begins an hour earlier, and we rest an hour longer than needed."""
_VIDEO = re.compile(r"(?:v=|youtu\.be/|shorts/|live/|embed/|^)([\w-]{11})(?![\w-])", re.ASCII)


@dataclass(frozen=True)
class Settings:
    key: str = secret(
        N_("API key"),
        required=True,
        help=N_("Of a project with the YouTube Data API v3, at console.cloud.google.com."),
    )
    channel: str = text(
        N_("Own channel's id"), placeholder="UC…", help=N_("All comments below its videos.")
    )
    videos: tuple[str, ...] = lines(N_("Videos"), help=N_("Addresses or ids, one a line."))
    words: tuple[str, ...] = lines(
        N_("Search words"),
        help=N_(
            "One a line; a search costs 100 of 10,000 units a day. Left empty: nothing is searched for."
        ),
    )
    server: str = text(
        N_("Server"),
        default="https://www.googleapis.com",
        help=N_("Leave as it is unless you use a mirror."),
    )

    def __repr__(self) -> str:
        return f"Settings(channel={self.channel!r}, videos={self.videos!r}, server={self.server!r})"


class YouTube(Monitor[Settings]):
    info = Info(
        id="youtube",
        name=N_("YouTube comments"),
        every=600,
        per_minute=30,
        about=N_("Reads comments below your own videos, chosen ones, and videos that a search finds."),
        basis=N_("official API"),
        homepage="https://www.youtube.com/",
        terms="https://developers.google.com/youtube/terms/api-services-terms-of-service",
        personal=N_("display name and link to the channel"),
        per_day=UNITS,
        day_zone=-8,
        reach=FIRST,
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        server_of(settings.server)
        for one in settings.videos:
            if one.strip() and not video_id(one):
                told = _("“{video}” is no address or id of a YouTube video.")
                raise ConfigError(told.format(video=clean(one, limit=60)), field="videos")
        if not (settings.channel.strip() or settings.videos or settings.words):
            raise ConfigError(_("Name a channel, videos or search words."), field="channel")

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:
        kept = load(cursor)
        ledger = _Ledger.read(kept, self.means.now())
        words = search_words(watches, self.settings.words) if self.settings.words else ()
        if word := ledger.due(words, self.means.now()):
            found = await self._search(word, ledger)
            return Page((), _with(kept, ledger.searched(word, found, self.means.now())), more=True)
        lists = self._lists(ledger.found)
        if not lists:
            return Page((), _with(kept, ledger), note=_("No video to read the comments of so far."))
        at, seen = Round(kept, lists), Seen(kept.get("seen"))
        ledger.spend(1)
        page, tops, below = await self._comments(at.stream, at.token)
        page = turned(at, page, seen, now=self.means.now(), token=below, leads=tops)
        return replace(page, cursor=_with({**kept, **load(page.cursor)}, ledger))

    async def check(self) -> str:
        lists = self._lists(())
        if not lists:
            found = await self._search(self.settings.words[0], _Ledger("", 0))
            return _("YouTube answers; the search finds {n} videos.").format(n=len(found))
        page, _tops, _below = await self._comments(lists[0], "")
        return _("YouTube answers; the newest page holds {n} comments.").format(n=len(page.mentions))

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """The answers to a comment, all pages of them in turn."""
        kept = load(cursor)
        top = post.parent_id or post.native_id
        asked: dict[str, str | int] = {"part": "snippet", "parentId": top, "maxResults": 100}
        got = await self._get(
            "comments", **asked, textFormat="plainText", pageToken=told_text(kept.get("token"))
        )
        if got.status == 404:
            return Thread(Page((), cursor), gone=top == post.native_id)
        body = _read(got, self.means.now())
        seen = Seen(kept.get("seen"))
        found, skipped = read_all(_items(body), lambda item: read_comment(item, post.root_id, top))
        news, below = seen.news(found), told_text(maybe(body, "nextPageToken"))
        return Thread(Page(news, dump(token=below, seen=seen.marks()), more=bool(below), skipped=skipped))

    def lives(self, cursor: str | None) -> Sequence[Life]:
        ledger = _Ledger.read(load(cursor), self.means.now())
        return (Life(_("units today"), left=max(0, UNITS - ledger.spent), limit=UNITS),)

    def _lists(self, found: Sequence[str]) -> list[str]:
        own = [f"channel/{self.settings.channel.strip()}"] if self.settings.channel.strip() else []
        given = [video_id(one) for one in self.settings.videos]
        return [*own, *dict.fromkeys(f"video/{one}" for one in (*given, *found) if one)]

    async def _search(self, word: str, ledger: _Ledger) -> list[str]:
        since = (self.means.now() - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        ledger.spend(SEARCH)
        asked = {"part": "snippet", "type": "video", "order": "date", "publishedAfter": since}
        got = await self._get("search", **asked, q=f'"{word}"', maxResults=FOUND)
        items = maybe(_read(got, self.means.now()), "items")
        ids = [maybe(maybe(item, "id"), "videoId") for item in items] if isinstance(items, list) else []
        return [one for one in ids if isinstance(one, str) and video_id(one)]

    async def _comments(self, where: str, below: str) -> tuple[Page, list[Mention], str]:
        name, _slash, id_ = where.partition("/")
        field = "allThreadsRelatedToChannelId" if name == "channel" else "videoId"
        asked: dict[str, str | int] = {"part": "snippet,replies", "order": "time", "maxResults": 100}
        asked |= {"textFormat": "plainText", field: id_, "pageToken": below}
        got = await self._get("commentThreads", **asked)
        if _reason(got) in ("commentsDisabled", "videoNotFound"):
            return (
                Page((), note=_("{video}: no comments to read.").format(video=clean(id_, limit=40))),
                [],
                "",
            )
        if below and _reason(got) == "invalidPageToken":
            return Page(()), [], ""  # the place is no longer known; the next round begins anew
        if _reason(got) == "channelNotFound":
            raise ConfigError(_("YouTube knows no channel with this id."), field="channel")
        return read_threads(_read(got, self.means.now()))

    async def _get(self, what: str, **params: str | int) -> Fetched:
        asked = {name: value for name, value in params.items() if value != ""}
        # The key goes into a header: addresses end up in logs.
        signed = {"x-goog-api-key": self.settings.key}
        return await fetch(
            self.http, f"{server_of(self.settings.server)}/youtube/v3/{what}", params=asked, headers=signed
        )


@dataclass(slots=True)
class _Ledger:
    """`spent` units on the quota's `day`; `at`: word → when searched for; `found` videos, newest first."""

    day: str
    spent: int
    at: dict[str, int] | None = None
    found: tuple[str, ...] = ()

    @classmethod
    def read(cls, kept: dict[str, Any], now: datetime) -> _Ledger:
        day = now.astimezone(_PACIFIC).date().isoformat()
        spent = number(kept.get("spent")) if kept.get("day") == day else 0
        told, found = kept.get("searched"), kept.get("found")
        at = {word: number(value) for word, value in told.items()} if isinstance(told, dict) else {}
        ids = (
            [one for one in found if isinstance(one, str) and video_id(one)]
            if isinstance(found, list)
            else []
        )
        return cls(day, spent, at, tuple(ids[:FOUND]))

    def due(self, words: Sequence[str], now: datetime) -> str:
        """The word to search for now, if any; searches never take the last tenth of the day's units."""
        if self.spent + SEARCH > UNITS * 9 // 10:
            return ""
        late = now.timestamp() - SEARCH_EVERY
        return next((word for word in words if (self.at or {}).get(word, 0) <= late), "")

    def spend(self, units: int) -> None:
        self.spent += units

    def searched(self, word: str, found: Sequence[str], now: datetime) -> _Ledger:
        ids = tuple(dict.fromkeys([*found, *self.found]))[:FOUND]
        return _Ledger(self.day, self.spent, {**(self.at or {}), word: int(now.timestamp())}, ids)


def _with(kept: dict[str, Any], ledger: _Ledger) -> str:
    told = {"day": ledger.day, "spent": ledger.spent, "searched": ledger.at, "found": ledger.found}
    return dump(**{**kept, **told})


def video_id(given: str) -> str:
    """From an id or a pasted address; empty where there is none."""
    found = _VIDEO.search(given.strip())
    return found[1] if found else ""


def _reason(got: Fetched) -> str:
    """The first reason of an error answer, such as quotaExceeded."""
    if got.status < 400 or is_html(got.body):
        return ""
    try:
        errors = maybe(maybe(from_json(got.body), "error"), "errors")
    except BadResponse:
        return ""
    first = errors[0] if isinstance(errors, list) and errors else None
    return clean(str(maybe(first, "reason") or ""), limit=60)


def _read(got: Fetched, now: datetime) -> Any:
    if reason := _reason(got):
        raise _said(reason, now)
    return from_json(checked(got).body)


def _said(reason: str, now: datetime) -> AppError:
    match reason:
        case "quotaExceeded" | "dailyLimitExceeded":
            here = now.astimezone(_PACIFIC)
            midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            told = _("YouTube's units for today are used up; they begin anew at midnight in California.")
            return RateLimited(told, retry_after=(midnight - here).total_seconds(), details=reason)
        case "rateLimitExceeded" | "userRateLimitExceeded":
            return RateLimited(_("YouTube asks us to come less often."), retry_after=60.0, details=reason)
        case "keyInvalid" | "badRequest" | "accessNotConfigured" | "ipRefererBlocked" | "forbidden":
            told = _("YouTube does not accept this API key for the YouTube Data API v3.")
            return AuthFailed(told, details=reason)
        case "backendError" | "internalError":
            return Transient(_("YouTube has trouble of its own."), details=reason)
    return BadResponse(_("YouTube could not answer: {reason}").format(reason=reason), details=reason)


def read_threads(body: Any) -> tuple[Page, list[Mention], str]:
    """Comments and the first answers to them; of them the comments; and the next page's token."""
    pairs = [pair for item in _items(body) for pair in _comments_of(item)]
    made, skipped = read_all(pairs, lambda pair: read_comment(pair[1], *pair[0]))
    tops = [one for one in made if not one.parent_id]
    return (
        Page(tuple(made), skipped=skipped, listed=len(pairs)),
        tops,
        told_text(maybe(body, "nextPageToken")),
    )


def _items(body: Any) -> list[Any]:
    items = maybe(body, "items")
    if not isinstance(items, list):
        raise BadResponse(_("This is not what YouTube answers."))
    return items


def _comments_of(thread: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """(video, thread's id) and comment: the one on top, then the first answers to it."""
    snippet, answers = maybe(thread, "snippet"), maybe(maybe(thread, "replies"), "comments")
    where = (
        clean(str(maybe(snippet, "videoId") or ""), limit=40),
        clean(str(maybe(thread, "id") or ""), limit=100),
    )
    for one in (maybe(snippet, "topLevelComment"), *(answers if isinstance(answers, list) else ())):
        yield where, one


def read_comment(item: Any, video: str, top: str) -> Mention:
    """`top` is the comment this one answers, or itself."""
    id_ = clean(str(need(item, "id")), limit=100)
    said = maybe(item, "snippet")
    words = plain(str(maybe(said, "textOriginal") or maybe(said, "textDisplay") or ""))
    published, updated = maybe(said, "publishedAt"), maybe(said, "updatedAt")
    channel = clean(str(maybe(maybe(said, "authorChannelId"), "value") or ""), limit=60)
    link = f"https://www.youtube.com/watch?v={video}&lc={id_}" if video else ""
    return Mention(
        platform="youtube",
        native_id=id_,
        url=safe_url(link),
        text=need({"text": words}, "text"),
        kind=Kind.COMMENT,
        author=Author(
            name=clean(str(maybe(said, "authorDisplayName") or ""), limit=200),
            native_id=channel,
            url=safe_url(f"https://www.youtube.com/channel/{channel}") if channel else "",
        ),
        published_at=when(published) if published else None,
        edited_at=when(updated) if updated and updated != published else None,
        counts=Counts(likes=count(maybe(said, "likeCount"))),
        parent_id=top if top and top != id_ else "",
        root_id=video,
        site="YouTube",
        fingerprint=fingerprint(id_, words),
        raw=raw_json(item),
    )
