"""Discuz! boards: threads and replies through the mobile JSON interface, or new threads from RSS.

Runs on the engine's loop. One request a poll: a page of a board names the threads that have moved, and
these are then read one by one. It reads what guests may read: no account, no cookies. It does not answer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import AppError, AuthFailed, BadResponse, ConfigError, RateLimited
from app.i18n import N_, _
from app.settings.schema import choice, lines, text
from monitors.base import Info, Monitor, Thread
from monitors.cursors import NEWEST, Seen, dump, load, number
from monitors.feeds import read_feed
from monitors.reading import (
    Fetched,
    checked,
    clean,
    count,
    fetch,
    fingerprint,
    from_json,
    maybe,
    need,
    plain,
    raw_json,
    read_all,
    safe_url,
    server_of,
    when,
)
from monitors.rounds import FIRST, Round

THREADS, POSTS = 50, 50
DEEPEST = 200
"""Pages of one thread in one round."""
VOID = 2
"""How often an empty page of a thread is asked for again before it is believed."""
WAYS = ("json", "rss")


@dataclass(frozen=True)
class Settings:
    server: str = text(N_("Forum address"), required=True, placeholder="https://bbs.example.cn")
    boards: tuple[str, ...] = lines(
        N_("Boards"),
        help=N_("Numbers (fid) of the boards, one a line. RSS may read the whole forum without."),
    )
    way: str = choice(
        N_("Read by"),
        choices=WAYS,
        default="json",
        help=N_("json: threads and replies, where the forum offers it; rss: new threads only."),
    )


@dataclass(frozen=True, slots=True)
class _Moved:
    """A thread to read: where in it, and how often its page came empty."""

    tid: str
    page: int = 1
    void: int = 0


class Discuz(Monitor[Settings]):
    info = Info(
        id="discuz",
        name=N_("Discuz! board"),
        every=300,
        per_minute=20,
        about=N_("Reads boards of a Discuz! forum, as far as guests may."),
        basis=N_("public feed"),
        homepage="https://www.discuz.net/",
        personal=N_("display name and number of the author"),
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        _server(settings)
        for one in settings.boards:
            if one.strip() and not re.fullmatch(r"\d{1,9}", one.strip(), re.ASCII):
                told = _(
                    "“{board}” is no number of a board: it stands in its address behind fid= or forum-."
                )
                raise ConfigError(told.format(board=clean(one, limit=40)), field="boards")
        if settings.way == "json" and not _boards(settings):
            raise ConfigError(_("Name at least one board to read."), field="boards")

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # all of it
        kept = load(cursor)
        if self.settings.way == "rss":
            return await self._rss(kept)
        waiting = _waiting(kept.get("todo"))
        return await (self._read(kept, waiting) if waiting else self._list(kept))

    async def check(self) -> str:
        if self.settings.way == "rss":
            page = await self._rss({})
            return _("The forum's feed holds {n} threads.").format(n=len(page.mentions))
        told = await self._ask("check", check="check")
        threads = _rows(maybe(await self._board(_boards(self.settings)[0], 1), "forum_threadlist"))
        name = clean(str(maybe(told, "sitename") or urlsplit(self.settings.server).netloc), limit=60)
        return _("“{forum}” answers; the first board shows {n} threads.").format(forum=name, n=len(threads))

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """The thread of a post, read again page by page."""
        tid = (post.root_id or post.native_id).rpartition("#")[2].removeprefix("t")
        kept = load(cursor)
        page, seen = max(1, number(kept.get("page"), 1)), Seen(kept.get("seen"))
        try:
            found, more = await self._posts(tid, page)
        except _Gone:
            return Thread(Page((), cursor), gone=True)
        now = next((one for one in found.mentions if one.native_id == post.native_id), None)
        changed = now if now is not None and now.text != post.text else None
        news = seen.news(one for one in found.mentions if one.native_id != post.native_id)
        following = page + 1 if more else page
        after = dump(page=following, seen=seen.marks())
        return Thread(Page(news, after, more=more, skipped=found.skipped), post=changed)

    # ── JSON ─────────────────────────────────────────────────────────────────────────────────────

    async def _list(self, kept: dict[str, Any]) -> Page:
        """One page of a board: which threads have moved since they were read."""
        boards = _boards(self.settings)
        at, now = Round(kept, boards), int(self.means.now().timestamp())
        page = int(at.token) if at.token.isdecimal() and len(at.token) < 9 else 1
        try:
            rows = _rows(maybe(await self._board(at.stream, page), "forum_threadlist"))
        except _Closed as error:
            if len(boards) == 1:
                raise AuthFailed(error.text, details=error.details) from None
            at.leave()
            return Page((), dump(**{**kept, **at.members()}), more=not at.over, note=error.text)
        known = kept.get("last") if isinstance(kept.get("last"), dict) else {}
        moved = dict.fromkeys(tid for row in rows if (tid := _moved(row, known or {}, now - FIRST)))
        touched = _touched(rows)
        at.turn(
            [(last, tid not in moved) for tid, last in touched.items()],
            now=now,
            mark=" ".join(touched),
            token=str(page + 1),
            more=len(rows) >= THREADS // 2 and min(touched.values(), default=0) > now - FIRST,
        )
        newest = sorted({**(known or {}), **touched}.items(), key=lambda one: -number(one[1]))[:NEWEST]
        told = {**kept, **at.members(), "todo": [[tid, 1, 0] for tid in moved], "last": dict(newest)}
        return Page(
            (), dump(**{**told, "over": at.over}), more=bool(moved) or not at.over, listed=len(rows)
        )

    async def _read(self, kept: dict[str, Any], waiting: list[_Moved]) -> Page:
        """One page of the first waiting thread."""
        first, rest = waiting[0], waiting[1:]
        seen = Seen(kept.get("seen"))
        try:
            found, more = await self._posts(first.tid, first.page)
        except (_Gone, _Closed):
            found, more = Page(()), False
        else:
            if not found.mentions and not found.skipped and first.void < VOID:
                again = [replace(first, void=first.void + 1), *rest]
                return Page((), dump(**{**kept, "todo": [[one.tid, one.page, one.void] for one in again]}))
        left = [replace(first, page=first.page + 1, void=0), *rest] if more else rest
        news = seen.news(found.mentions)
        told = {**kept, "todo": [[one.tid, one.page, one.void] for one in left], "seen": seen.marks()}
        unfinished = bool(left) or not kept.get("over")
        shown = len(found.mentions) + found.skipped
        return Page(news, dump(**told), more=unfinished, skipped=found.skipped, listed=shown)

    async def _board(self, board: str, page: int) -> Any:
        return await self._ask("forumdisplay", fid=board, page=page, tpp=THREADS)

    async def _posts(self, tid: str, page: int) -> tuple[Page, bool]:
        """The posts of a page of a thread, and whether there is another. Old versions of the interface hide
        them in a web page; then the one before is asked."""
        told = await self._ask("viewthread", tid=tid, page=page, ppp=POSTS)
        if maybe(told, "postlist") is None and maybe(told, "webview_page") is not None:
            told = await self._ask("viewthread", version=1, tid=tid, page=page, ppp=POSTS)
        rows = _rows(maybe(told, "postlist"))
        thread = maybe(told, "thread")
        subject = clean(str(maybe(thread, "subject") or ""), limit=1000)
        server = _server(self.settings)
        made, skipped = read_all(rows, lambda row: read_post(row, server, tid, subject))
        per_page = count(maybe(told, "ppp")) or POSTS
        all_ = (count(maybe(thread, "replies")) or 0) + 1
        return Page(tuple(made), skipped=skipped), page * per_page < all_ and page < DEEPEST

    async def _ask(self, module: str, version: int = 4, **params: str | int) -> Any:
        """`Variables` of the answer (the probe has none), or the error the forum names."""
        asked = {"version": version, "module": module, **params} if module != "check" else params
        got = await fetch(self.http, f"{_server(self.settings)}/api/mobile/index.php", params=asked)
        if got.status == 404:
            raise ConfigError(
                _("This forum does not offer the JSON interface; try RSS."), field="way", details="HTTP 404"
            )
        body = from_json(checked(got).body, _charset(got))
        if (said := maybe(body, "error")) is not None:
            raise _error(clean(str(said), limit=100))
        message = maybe(body, "Message")
        if message is not None and maybe(message, "messageval") is not None:
            raise _message(
                clean(str(maybe(message, "messageval")), limit=100),
                plain(str(maybe(message, "messagestr") or ""))[:200],
            )
        variables = maybe(body, "Variables")
        if module == "check":
            return body
        if variables is None:
            raise BadResponse(_("This is not what a Discuz! forum answers."))
        return variables

    # ── RSS ──────────────────────────────────────────────────────────────────────────────────────

    async def _rss(self, kept: dict[str, Any]) -> Page:
        boards = _boards(self.settings) or ("",)
        at, seen = number(kept.get("board")) % len(boards), Seen(kept.get("seen"))
        params = {"mod": "rss", **({"fid": boards[at]} if boards[at] else {})}
        address = f"{_server(self.settings)}/forum.php"
        got = checked(await fetch(self.http, address, params=params))
        _refused(got.body)
        document = await asyncio.to_thread(
            read_feed, got.body, address=address, content_type=got.headers.get("content-type", "")
        )
        made = [one for each in document.mentions if (one := _from_feed(each, _server(self.settings)))]
        following = (at + 1) % len(boards)
        news, shown = seen.news(made), len(document.mentions) + document.skipped
        told = dump(board=following, seen=seen.marks())
        return Page(news, told, following != 0, document.skipped, listed=shown)


class _Gone(BadResponse):
    """The thread is no longer there."""


class _Closed(BadResponse):
    """A board or thread that guests may not read."""


def _server(settings: Settings) -> str:
    return server_of(settings.server).removesuffix("/forum.php").removesuffix("/index.php")


def _boards(settings: Settings) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in settings.boards if one.strip()))


def _rows(told: Any) -> list[Any]:
    """A list, which old versions send as an object keyed by number."""
    if isinstance(told, dict):
        return list(told.values())
    return told if isinstance(told, list) else []


def _waiting(told: Any) -> list[_Moved]:
    found = []
    for one in told if isinstance(told, list) else ():
        if isinstance(one, list) and len(one) == 3 and isinstance(one[0], str):
            found.append(_Moved(one[0], max(1, number(one[1], 1)), number(one[2])))
    return found


def _touched(rows: Sequence[Any]) -> dict[str, int]:
    found = {}
    for row in rows:
        tid, last = maybe(row, "tid"), count(maybe(row, "dblastpost") or maybe(row, "dbdateline"))
        if tid and last:
            found[str(tid)[:20]] = last
    return found


def _moved(row: Any, known: dict[str, Any], oldest: int) -> str:
    """The thread's number if something was written since it was read, and not too long ago."""
    for tid, last in _touched([row]).items():
        if last >= oldest and last > number(known.get(tid)) and re.fullmatch(r"\d{1,20}", tid, re.ASCII):
            return tid
    return ""


def _charset(got: Fetched) -> str:
    found = re.search(r"charset=[\"']?([\w.:-]{1,40})", got.headers.get("content-type", ""), re.ASCII)
    return found[1] if found else ""


def _error(said: str) -> AppError:
    if said in ("mobile_is_closed", "module_not_exists"):
        told = _("This forum has turned its JSON interface off ({reason}); try RSS.")
        return ConfigError(told.format(reason=said), field="way", details=said)
    return BadResponse(_("The forum could not answer: {reason}").format(reason=said), details=said)


def _message(value: str, words: str) -> AppError:
    key = value.partition("//")[0]
    if key == "thread_nonexistence":
        return _Gone(_("This thread is no longer there."), details=value)
    if key == "forum_nonexistence":
        return ConfigError(_("The forum has no board with this number."), field="boards", details=value)
    if key == "post_flood_ctrl":
        return RateLimited(_("The forum asks us to come less often."), retry_after=60.0, details=value)
    if value.endswith("//1") or "nopermission" in key or key == "forum_passwd":
        told = _("Guests may not read this board: {reason} Tingfeng takes no account and no cookies.")
        return _Closed(told.format(reason=words or key), details=value)
    told = _("The forum could not answer: {reason}")
    return BadResponse(told.format(reason=words or key), details=value)


def _refused(body: bytes) -> None:
    """RSS says no in plain text, with status 200."""
    said = body[:200].decode("ascii", "replace").strip().lower()
    if said.startswith("rss disabled"):
        raise ConfigError(_("This forum has turned its RSS off."), field="way")
    if said.startswith("specified forum not found"):
        raise ConfigError(_("The forum has no board with this number."), field="boards")


def _from_feed(one: Mention, server: str) -> Mention | None:
    found = re.search(r"(?:tid=|thread-)(\d{1,20})", one.url, re.ASCII)
    host = urlsplit(server).netloc
    if not found:
        return None
    return replace(one, platform="discuz", native_id=f"{host}#t{found[1]}", kind=Kind.POST)


_QUOTED = re.compile(r"<blockquote\b.{0,20000}?</blockquote>", re.IGNORECASE | re.DOTALL)
_CODES = re.compile(
    r"\[/?(?:i|b|u|quote|size|color|font|align|url|img|attach|hide|media)(?:=[^\]\n]{0,80})?\]"
)


def own_words(message: str) -> str:
    """What the author of a post wrote: without what was quoted, and without left-over codes ([i=s])."""
    said = plain(_QUOTED.sub(" ", message))
    return _CODES.sub("", said).strip() or plain(message)


def read_post(row: Any, server: str, tid: str, subject: str = "") -> Mention:
    """An opening post or a reply; BadResponse where it has no number or says nothing."""
    pid = clean(str(need(row, "pid")), limit=40)
    first = str(maybe(row, "first") or "0") == "1"
    said = own_words(str(maybe(row, "message") or ""))
    title = subject if first and said else ""
    said = said or (subject if first else "")
    host = urlsplit(server).netloc
    name = clean(str(maybe(row, "author") or maybe(row, "username") or ""), limit=200)
    number_ = clean(str(maybe(row, "authorid") or ""), limit=40)
    hidden = str(maybe(row, "anonymous") or "0") == "1"
    date = maybe(row, "dbdateline")
    # The opening post goes by the thread's number, so that RSS and JSON name it alike.
    return Mention(
        platform="discuz",
        native_id=f"{host}#t{tid}" if first else f"{host}#p{pid}",
        url=f"{server}/forum.php?mod=redirect&goto=findpost&ptid={tid}&pid={pid}",
        title=title,
        text=need({"message": said}, "message"),
        kind=Kind.POST if first else Kind.COMMENT,
        author=Author(
            name="" if hidden else name,
            native_id="" if hidden or number_ == "0" else number_,
            url=""
            if hidden or number_ in ("", "0")
            else safe_url(f"{server}/home.php?mod=space&uid={number_}"),
        ),
        published_at=when(date) if date else None,
        counts=Counts(),
        parent_id="" if first else f"{host}#t{tid}",
        root_id="" if first else f"{host}#t{tid}",
        site=host,
        fingerprint=fingerprint(server, "t" if first else "p", tid if first else pid),
        raw=raw_json(row),
    )
