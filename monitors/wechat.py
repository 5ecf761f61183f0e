"""WeChat Official Accounts: comments under the brand's own articles, and chats with its staff.

Runs on the engine's loop. One question a poll (and one for the token where it is due): a round finds the
published articles, then reads each one's comments, then the chat records. It answers a comment (WeChat
takes one answer), a chat within WeChat's 48 hours, and marks comments as featured.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from app.domain.mention import Author, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import BadResponse, ConfigError, ReplyRejected
from app.i18n import N_, _
from app.settings.schema import choice, flag, integer, lines, renewed, secret, text
from monitors.base import Info, Life, Monitor
from monitors.cursors import Seen, dump, load, number
from monitors.cursors import text as told_text
from monitors.reading import (
    CHINA,
    checked,
    clean,
    count,
    fetch,
    fingerprint,
    maybe,
    need,
    raw_json,
    read_all,
    server_of,
    when,
)
from monitors.tencent.access import Access, answer_of, code_of, lives_of, token_of
from monitors.tencent.chats import Open
from monitors.tencent.comments import PAGES, SIZE, Article, article, missing, named, published, reader, take
from monitors.tencent.errors import WECHAT

DAY = 86400
YOUNG = 7 * DAY
"""Articles younger than this are read every round, others once a day."""
LISTED = 20
"""Articles a page of the list."""
RECORDS = 10_000
LATE = 900
"""Seconds of chat records read again: they are written down late."""
SHUT = frozenset({88001, 88002, 88011})


@dataclass(frozen=True)
class Settings:
    app_id: str = text(N_("App id"), required=True, placeholder="wx0000000000000000")
    secret: str = secret(N_("App secret"), required=True)
    articles: tuple[str, ...] = lines(
        N_("Further articles"),
        help=N_(
            "Links or msg_data_ids of articles that are not in the list of published ones (mass messages)."
        ),
    )
    days: int = integer(
        N_("Days"),
        default=30,
        low=1,
        high=365,
        help=N_("Comments of articles up to so many days old are read."),
    )
    chats: bool = flag(
        N_("Read chats with the staff"), help=N_("Needs the multi-staff service of the account.")
    )
    token: str = choice(
        N_("Token"),
        choices=("stable", "classic"),
        default="stable",
        help=N_(
            "“classic” makes the token of the account's other servers invalid: only where stable fails."
        ),
    )
    server: str = text(
        N_("Server"),
        default="https://api.weixin.qq.com",
        help=N_("Leave as it is unless you go through a gateway of your own."),
    )
    access: str = renewed(N_("Access token"))

    def __repr__(self) -> str:
        return f"Settings(app_id={self.app_id!r}, server={self.server!r})"


@dataclass(slots=True)
class _Round:
    """`step`: articles | comments | chats; `queue`: articles still to be read in this round, the first of
    them at `begin`; `deep`: to its end. `record`: the chat record after which to go on; `since`: up to when
    they were read, epoch seconds."""

    step: str = "articles"
    offset: int = 0
    queue: list[str] = field(default_factory=list)
    begin: int = 0
    deep: bool = False
    record: int = 0
    since: int = 0

    @classmethod
    def read(cls, kept: dict[str, Any]) -> _Round:
        step, queue = told_text(kept.get("step")), kept.get("queue")
        if step not in ("articles", "comments", "chats") or not isinstance(queue, list):
            return cls(since=number(kept.get("since")))
        numbers = {name: number(kept.get(name)) for name in ("offset", "begin", "record", "since")}
        return cls(step, queue=[str(one) for one in queue], deep=kept.get("deep") is True, **numbers)

    def members(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class WeChat(Monitor[Settings]):
    info = Info(
        id="wechat",
        name=N_("WeChat Official Account"),
        every=600,
        per_minute=60,
        about=N_("Reads and answers the comments under your account's articles, and chats with its staff."),
        basis=N_("official API"),
        homepage="https://mp.weixin.qq.com/",
        terms="https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Overview.html",
        personal=N_("the reader's openid (a number that only your account can read), no name"),
        reply_limit=600,
        reply_hours=48,
        account="app_id",
        reach=YOUNG,
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        server_of(settings.server)
        for one in settings.articles:
            if named(one) is None:
                told = _("“{article}” is neither a link to an article nor its msg_data_id.")
                raise ConfigError(told.format(article=clean(one, limit=60)), field="articles")

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # all of it
        kept = load(cursor)
        now, at = int(self.means.now().timestamp()), _Round.read(kept)
        shelf = _shelf(kept.get("shelf"))
        chats, waiting = Seen(kept.get("chats")), Open(kept.get("open"))
        match at.step:
            case "articles":
                page = await self._articles(at, shelf, now)
            case "comments":
                page = await self._comments(at, shelf, now)
            case _:
                page = await self._chats(at, now, chats, waiting)
        books = [one.members() for one in shelf.values()]
        marks = dump(**at.members(), shelf=books, chats=chats.marks(), open=waiting.members())
        return replace(page, cursor=marks, more=at.step != "articles" or at.offset > 0)

    async def check(self) -> str:
        listed = await self._listed(0, 1)
        total = count(maybe(listed, "total_count")) or 0
        return _("WeChat answers; the account has published {n} articles.").format(n=total)

    def lives(self, cursor: str | None) -> Sequence[Life]:  # noqa: ARG002  # the token says it
        return lives_of(self.settings.access)

    async def _listed(self, offset: int, size: int) -> Any:
        wanted = {"offset": offset, "count": size, "no_content": 1}
        return await self._access.ask("/cgi-bin/freepublish/batchget", wanted)

    async def _articles(self, at: _Round, shelf: dict[str, Article], now: int) -> Page:
        """A page of the list, newest first, up to the first that holds nothing young enough."""
        listed = await self._listed(at.offset, LISTED)
        items = maybe(listed, "item")
        if not isinstance(items, list):
            if count(maybe(listed, "total_count")) != 0:
                raise BadResponse(_("This is not what WeChat's list of articles answers."))
            items = []
        oldest = now - self.settings.days * DAY
        found = [one for item in items for one in published(item, oldest)]
        for one in (*found, *filter(None, map(named, self.settings.articles if not at.offset else ()))):
            known = shelf.setdefault(one.key, one)
            known.url, known.title, known.at = (
                one.url or known.url,
                one.title or known.title,
                one.at or known.at,
            )
        at.offset += LISTED
        if len(items) < LISTED or not found or at.offset > 100 * LISTED:
            self._begin(at, shelf, now, oldest)
        return Page(())

    def _begin(self, at: _Round, shelf: dict[str, Article], now: int, oldest: int) -> None:
        for key in [key for key, one in shelf.items() if one.at and one.at < oldest]:
            del shelf[key]
        at.offset = 0
        at.queue = [key for key, one in shelf.items() if one.due(now, YOUNG)]
        at.step, at.begin = "comments", 0
        self._next(at)

    def _next(self, at: _Round) -> None:
        if not at.queue:
            at.step = "chats" if self.settings.chats else "articles"
            at.record = 0

    async def _comments(self, at: _Round, shelf: dict[str, Article], now: int) -> Page:
        of = shelf.get(at.queue[0]) if at.queue else None
        if of is None:
            at.queue, at.begin = at.queue[1:], 0
            self._next(at)
            return Page(())
        wanted = {"msg_data_id": of.data_id, "index": of.index, "begin": at.begin, "count": SIZE, "type": 0}
        answer = await self._access.ask("/cgi-bin/comment/list", wanted, passing=SHUT)
        if code_of(answer) in SHUT:
            of.shut, of.read = str(code_of(answer)), now
            return self._leave(at, Page((), note=_shut_note(of)))
        comments, total = maybe(answer, "comment"), count(maybe(answer, "total"))
        if comments is None and total == 0:
            comments = []
        if not isinstance(comments, list):
            raise BadResponse(_("This is not what WeChat's list of comments answers."))
        if at.begin == 0:
            at.deep, of.shut = now - of.whole >= DAY, ""
            of.turn += 1
        gained = take(of, comments)
        page = Page(tuple(gained.mentions), skipped=gained.skipped, answered=tuple(gained.answered))
        at.begin += SIZE
        last = not comments or at.begin >= PAGES * SIZE or (total is not None and at.begin >= total)
        if not last and (gained.news or at.deep or of.lacking(total)):
            return page
        of.read = now
        if last:
            of.whole = now if total else of.whole
            page = replace(page, gone=tuple(missing(of, total or 0)))
        return self._leave(at, page)

    def _leave(self, at: _Round, page: Page) -> Page:
        at.queue, at.begin, at.deep = at.queue[1:], 0, False
        self._next(at)
        return page

    async def _chats(self, at: _Round, now: int, seen: Seen, waiting: Open) -> Page:
        """One page of one day's records, oldest day first; days are China's."""
        start = max(min(at.since, now) - LATE, now - self.settings.days * DAY)
        end = min(_midnight(start) + DAY - 1, now)
        wanted = {"starttime": start, "endtime": end, "msgid": at.record or 1, "number": RECORDS}
        answer = await self._access.ask("/customservice/msgrecord/getmsglist", wanted)
        records = maybe(answer, "recordlist")
        if not isinstance(records, list):
            raise BadResponse(_("This is not what WeChat's chat records answer."))
        page = _records(records, seen, waiting)
        further = count(maybe(answer, "msgid")) or 0
        if len(records) >= RECORDS and further > at.record:
            at.record = further
            return page
        at.record, at.since = 0, end + (LATE + 1 if end < now else 0)
        at.step = "chats" if end < now else "articles"
        return page

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    async def reply(self, to: Mention, text: str, key: str = "") -> str:  # noqa: ARG002  # WeChat knows no keys
        """A comment's one answer, or a message in the reader's chat. WeChat names neither."""
        if to.kind is Kind.MESSAGE:
            body: dict[str, Any] = {
                "touser": to.author.native_id,
                "msgtype": "text",
                "text": {"content": text},
            }
            await self._access.ask("/cgi-bin/message/custom/send", body, sending=True)
        else:
            body = {**_place(to), "content": text}
            await self._access.ask("/cgi-bin/comment/reply/add", body, sending=True)
        return ""

    async def mark(self, to: Mention, on: bool) -> None:
        """Feature a comment under its article, or take that back."""
        path = "/cgi-bin/comment/markelect" if on else "/cgi-bin/comment/unmarkelect"
        await self._access.ask(path, _place(to), sending=True)

    # ── the token ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _access(self) -> Access:
        server = server_of(self.settings.server)
        get = self._stable if self.settings.token == "stable" else self._classic  # noqa: S105  # a choice's name
        return Access(
            self.http,
            self.means,
            host=_("WeChat"),
            server=server,
            rows=WECHAT,
            kept=self.settings.access,
            get=get,
        )

    async def _stable(self) -> tuple[str, int]:
        """The same token for everybody who asks so; it disturbs no other server of the account."""
        body = {
            "grant_type": "client_credential",
            "appid": self.settings.app_id,
            "secret": self.settings.secret,
            "force_refresh": False,
        }
        return await self._token("/cgi-bin/stable_token", json=body)

    async def _classic(self) -> tuple[str, int]:
        asked = {
            "grant_type": "client_credential",
            "appid": self.settings.app_id,
            "secret": self.settings.secret,
        }
        return await self._token("/cgi-bin/token", params=asked)

    async def _token(self, path: str, **what: Any) -> tuple[str, int]:
        got = checked(await fetch(self.http, f"{server_of(self.settings.server)}{path}", **what))
        answer = answer_of(got.body)
        if code := code_of(answer):
            raise self._access.error(code, answer)
        return token_of(answer)


def _shelf(told: Any) -> dict[str, Article]:
    made = [article(one) for one in told] if isinstance(told, list) else []
    return {one.key: one for one in made if one is not None}


def _shut_note(of: Article) -> str:
    return _("WeChat does not show the comments of “{title}” ({code}).").format(
        title=of.title or of.key, code=of.shut
    )


def _place(to: Mention) -> dict[str, int]:
    """Where a comment stands, from its identity."""
    found = re.fullmatch(r"(\d{1,18})_(\d{1,2})_(\d{1,18})", to.native_id, re.ASCII)
    if to.kind is not Kind.COMMENT or found is None:
        raise ReplyRejected(_("This is no comment that WeChat's interface knows."))
    return {"msg_data_id": int(found[1]), "index": int(found[2]), "user_comment_id": int(found[3])}


def _midnight(stamp: int) -> int:
    """The beginning, in China, of the day that holds `stamp`."""
    offset = int(CHINA.utcoffset(None).total_seconds())
    return (stamp + offset) // DAY * DAY - offset


def _records(records: Sequence[Any], seen: Seen, waiting: Open) -> Page:
    """What customers wrote; what the staff answered marks what waited."""
    made: list[Mention] = []
    answered: list[tuple[str, Kind, str]] = []
    pairs, skipped = read_all(records, lambda one: (one, read_record(one)))
    for one, mention in pairs:
        who = mention.author.native_id
        if not seen.fresh(mention):
            continue
        if maybe(one, "opercode") == 2002:
            answered += [("wechat", Kind.MESSAGE, id_) for id_ in waiting.answered(who)]
        else:
            made.append(mention)
            waiting.wrote(who, mention.native_id)
    return Page(tuple(made), skipped=skipped, answered=tuple(answered))


def read_record(one: Any) -> Mention:
    """A message of the chat record. It has no number: who, when and what are its identity."""
    who, said, stamp = (need(one, name) for name in ("openid", "text", "time"))
    open_id, words = clean(str(who), limit=100), clean(str(said))
    id_ = fingerprint(open_id, stamp, maybe(one, "opercode"), words)
    return Mention(
        platform="wechat",
        native_id=id_,
        url="https://mp.weixin.qq.com/",
        text=need({"text": words}, "text"),
        kind=Kind.MESSAGE,
        author=reader(open_id) if open_id else Author(),
        published_at=when(stamp),
        root_id=open_id,
        site=_("Chat"),
        fingerprint=id_,
        raw=raw_json(one),
    )
