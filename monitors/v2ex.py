"""V2EX: the newest topics, the topics of chosen nodes, and what is written to us, by the site's own API.

Runs on the engine's loop. One request a poll. It only reads: V2EX has no official way to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import AuthFailed, BadResponse, ConfigError, RateLimited
from app.i18n import N_, _
from app.settings.schema import lines, secret, text
from monitors.base import Info, Monitor, Thread
from monitors.cursors import Seen, dump, load, number
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
    page_of,
    plain,
    raw_json,
    server_of,
    when,
)
from monitors.rounds import Orders, Round, turned

NEWEST, NOTICES = "newest", "notifications"


@dataclass(frozen=True)
class Settings:
    nodes: tuple[str, ...] = lines(
        N_("Nodes"), help=N_("Short names of nodes as in their addresses, such as hardware; needs a token.")
    )
    token: str = secret(
        N_("Access token"),
        help=N_("From v2ex.com/settings/tokens. Without it only the newest topics are read."),
    )
    server: str = text(
        N_("Server"), default="https://www.v2ex.com", help=N_("Leave as it is unless you use a mirror.")
    )

    def __repr__(self) -> str:
        return f"Settings(nodes={self.nodes!r}, server={self.server!r})"


class V2ex(Monitor[Settings]):
    info = Info(
        id="v2ex",
        name=N_("V2EX"),
        every=300,
        per_minute=10,
        about=N_("Reads new topics on V2EX, chosen nodes, and what is written to you."),
        basis=N_("official API"),
        homepage="https://www.v2ex.com/",
        terms="https://www.v2ex.com/help/api",
        personal=N_("user name and link to the profile"),
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        server_of(settings.server)
        if settings.nodes and not settings.token:
            raise ConfigError(_("Reading single nodes needs an access token."), field="token")

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # all of it
        kept = load(cursor)
        at, seen = Round(kept, self._lists()), Seen(kept.get("seen"))
        page, orders, below = await self._list(at.stream, at.token)
        return turned(at, page, seen, now=self.means.now(), token=below, orders=orders)

    async def check(self) -> str:
        if self.settings.token:
            me = maybe(await self._result("member"), "username")
            return _("V2EX answers; the token belongs to {name}.").format(
                name=clean(str(me or "?"), limit=60)
            )
        page, _orders, _below = await self._list(NEWEST, "")
        return _("V2EX answers with its {n} newest topics.").format(n=len(page.mentions))

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """The topic itself and its replies, a page at a time; needs a token."""
        if not self.settings.token:
            return Thread(Page((), cursor))
        topic = post.root_id or post.native_id
        kept = load(cursor)
        page, seen = max(1, number(kept.get("page"), 1)), Seen(kept.get("seen"))
        try:
            body = await self._body(f"topics/{quote(topic, safe='')}/replies", p=page)
        except _Missing:
            return Thread(Page((), cursor), gone=True)
        found = read_page(_result(body), lambda item: read_reply(item, topic))
        last = count(maybe(maybe(body, "pagination"), "pages")) or 1
        more = page < last
        news = seen.news(found.mentions)
        after = dump(page=page + 1 if more else page, seen=seen.marks())
        return Thread(replace(found, mentions=news, cursor=after, more=more))

    def _lists(self) -> list[str]:
        wanted = [NEWEST, *(f"node/{one.strip()}" for one in self.settings.nodes if one.strip())]
        return [*wanted, NOTICES] if self.settings.token else wanted

    async def _list(self, name: str, token: str) -> tuple[Page, Orders, str]:
        """A page; when its topics were last touched, where the list goes by that; and the page below."""
        if name == NEWEST:
            return (
                read_page(from_json(checked(await self._get("/api/topics/latest.json")).body), read_topic),
                None,
                "",
            )
        number_ = int(token) if token.isdecimal() and len(token) < 9 else 1
        node = name.removeprefix("node/")
        path = NOTICES if name == NOTICES else f"nodes/{quote(node, safe='')}/topics"
        body = await self._body(path, p=number_)
        items, pages = _result(body), count(maybe(maybe(body, "pagination"), "pages")) or 1
        below = str(number_ + 1) if number_ < pages else ""
        if name == NOTICES:
            return read_page(items, read_notice), None, below
        return read_page(items, read_topic), _touched(items), below

    async def _result(self, path: str) -> Any:
        return _result(await self._body(path))

    async def _body(self, path: str, **params: int) -> Any:
        body = from_json(checked(await self._get(f"/api/v2/{path}", **params)).body)
        if maybe(body, "success") is not True:
            raise _said(clean(str(maybe(body, "message") or ""), limit=200))
        return body

    async def _get(self, path: str, **params: int) -> Fetched:
        signed = {"authorization": f"Bearer {self.settings.token}"} if self.settings.token else {}
        got = await fetch(
            self.http, f"{server_of(self.settings.server)}{path}", params=params, headers=signed
        )
        if got.status == 404 and path.startswith("/api/v2/"):
            raise _Missing(_("V2EX has no node, topic or page of this name."))
        if got.status == 403 and not got.body.lstrip().startswith(b"<"):
            raise AuthFailed(
                _("V2EX does not accept the access token. Make a new one."), details="HTTP 403"
            )
        left, reset = (got.headers.get(f"x-rate-limit-{name}", "") for name in ("remaining", "reset"))
        if got.status == 429 and reset.isdigit():
            wait = max(1.0, int(reset) - self.means.now().timestamp())
            told = _("V2EX's hourly number of requests is used up.")
            raise RateLimited(told, retry_after=min(wait, 3600.0), details=f"left {left[:10]}")
        return got


class _Missing(BadResponse):
    """Nothing there: a mistyped node, a deleted topic."""


def _result(body: Any) -> Any:
    return maybe(body, "result")


def _said(message: str) -> Exception:
    if "token" in message.lower() or "auth" in message.lower():
        return AuthFailed(_("V2EX does not accept the access token. Make a new one."), details=message)
    return BadResponse(_("V2EX could not answer: {reason}").format(reason=message or "?"))


def _touched(items: Sequence[Any]) -> dict[str, int]:
    return {
        str(maybe(one, "id")): number(count(maybe(one, "last_touched") or maybe(one, "created")))
        for one in items
    }


def read_page(items: Any, reader: Callable[[Any], Mention]) -> Page:
    return page_of(items, reader, _("This is not what V2EX answers."))


def read_topic(item: Any) -> Mention:
    """A topic; one without a text is read by its title."""
    id_ = clean(str(need(item, "id")), limit=40)
    title = clean(str(maybe(item, "title") or ""), limit=1000)
    said = plain(str(maybe(item, "content_rendered") or maybe(item, "content") or ""))
    date = maybe(item, "created")
    node = clean(str(maybe(maybe(item, "node"), "title") or ""), limit=100)
    return Mention(
        platform="v2ex",
        native_id=id_,
        url=f"https://www.v2ex.com/t/{quote(id_, safe='')}",
        title=title if said else "",
        text=need({"content": said or title}, "content"),
        author=_author(maybe(item, "member")),
        published_at=when(date) if date else None,
        counts=Counts(comments=count(maybe(item, "replies"))),
        site=f"V2EX {node}".strip(),
        fingerprint=fingerprint(id_, title, said),
        raw=raw_json(item),
    )


def read_reply(item: Any, topic: str) -> Mention:
    id_ = clean(str(need(item, "id")), limit=40)
    said = plain(str(maybe(item, "content_rendered") or maybe(item, "content") or ""))
    date = maybe(item, "created")
    return Mention(
        platform="v2ex",
        native_id=id_,
        url=f"https://www.v2ex.com/t/{quote(topic, safe='')}",
        text=need({"content": said}, "content"),
        kind=Kind.COMMENT,
        author=_author(maybe(item, "member")),
        published_at=when(date) if date else None,
        parent_id=topic,
        root_id=topic,
        site="V2EX",
        fingerprint=fingerprint(id_, said),
        raw=raw_json(item),
    )


def read_notice(item: Any) -> Mention:
    """Somebody answered or named us; its number is the notification's own."""
    id_ = clean(str(need(item, "id")), limit=40)
    said = plain(str(maybe(item, "payload_rendered") or maybe(item, "payload") or ""))
    where = plain(str(maybe(item, "text") or ""))
    date = maybe(item, "created")
    return Mention(
        platform="v2ex",
        native_id=f"notice-{id_}",
        url="https://www.v2ex.com/notifications",
        title=where if said else "",
        text=need({"payload": said or where}, "payload"),
        kind=Kind.COMMENT,
        author=_author(maybe(item, "member")),
        published_at=when(date) if date else None,
        site="V2EX",
        fingerprint=fingerprint(id_, said),
        raw=raw_json(item),
    )


def _author(member: Any) -> Author:
    name = clean(str(maybe(member, "username") or ""), limit=200)
    id_ = clean(str(maybe(member, "id") or ""), limit=40)
    link = f"https://www.v2ex.com/member/{quote(name, safe='')}" if name else ""
    return Author(name=name, native_id=id_ or name, url=link)
