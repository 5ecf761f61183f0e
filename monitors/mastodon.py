"""Mastodon: mentions of the own account, hashtags, and what a server's search finds; answers in the thread.

Runs on the engine's loop, one request a poll. Mentions and hashtags are caught up oldest first by `min_id`,
which skips nothing. Search gives the newest first, takes bounds by the second only and leaves out what the
server does not index.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import AuthFailed, BadResponse, ConfigError
from app.i18n import N_, _
from app.settings.schema import lines, secret, text
from monitors.base import Info, Monitor, Thread
from monitors.climbing import Climb
from monitors.cursors import Seen, dump, load, search_words, second
from monitors.cursors import text as told_text
from monitors.pacing import limited, rest, rested
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
    post,
    raw_json,
    read_all,
    safe_url,
    server_of,
    when,
)
from monitors.replying import gone, reply_error
from monitors.rounds import FIRST, Round, enough

MENTIONS = "@"
"""The stream of the own account's mentions, among the search words."""
SIZE, SIZE_MENTIONS = 40, 80
OVERLAP = 6 * 3600
"""Seconds that a search reads again: posts of other servers arrive late."""
LIMITS = "x-ratelimit-"


@dataclass(frozen=True)
class Settings:
    server: str = text(N_("Server"), required=True, placeholder="https://mastodon.social")
    token: str = secret(
        N_("Access token"),
        required=True,
        help=N_("On your server: Preferences, Development, New application; then copy the access token."),
    )
    words: tuple[str, ...] = lines(
        N_("Search words"),
        help=N_("One a line; #word reads that hashtag. Left empty: the names and aliases of all brands."),
    )

    def __repr__(self) -> str:
        return f"Settings(server={self.server!r}, words={self.words!r})"


class Mastodon(Monitor[Settings]):
    info = Info(
        id="mastodon",
        name=N_("Mastodon"),
        every=300,
        per_minute=60,
        about=N_(
            "Reads what mentions your account, hashtags and search words on a Mastodon server; answers."
        ),
        basis=N_("official API"),
        homepage="https://joinmastodon.org/",
        terms="https://docs.joinmastodon.org/api/guidelines/",
        personal=N_("display name, account name and link to the profile"),
        reply_limit=500,
        reach=FIRST,
        account="server",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        _server(settings)

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:
        kept, now = load(cursor), self.means.now()
        rested(kept.get("rest"), now)
        me = told_text(kept.get("me"))
        if not me:
            return Page((), dump(**{**kept, "me": await self._me()}), more=True)
        at = Round(kept, (MENTIONS, *search_words(watches, self.settings.words)))
        climb = Climb(kept.get("ids"), at)
        listed = at.stream == MENTIONS or at.stream.startswith("#")
        got = await self._get(*(_listing(at, climb) if listed else self._search(at)))
        rows = _rows(from_json(got.body), listed=listed)
        page = read_page([maybe(row, "status") or row for row in rows], _host(self.settings), me)
        known = Seen(kept.get("seen"))
        news = known.news(page.mentions)
        if listed:
            climb.turn([_id(row) for row in rows], page.mentions, _links(got), int(now.timestamp()))
        else:
            _turn(at, rows, page, news, int(now.timestamp()))
        pause = rest(got.headers, now, LIMITS)
        told = dump(**at.members(), ids=climb.members(), seen=known.marks(), me=me, rest=pause)
        shown = len(rows) if listed or rows else None  # a search of some hours may well find nothing
        return replace(page, mentions=news, cursor=told, more=not at.over and not pause, listed=shown)

    async def check(self) -> str:
        me = from_json((await self._get("/api/v1/accounts/verify_credentials", {})).body)
        words = search_words((), self.settings.words)
        host, name = _host(self.settings), clean(str(maybe(me, "acct") or ""), limit=100)
        searched = [word for word in words if not word.startswith("#")]
        if not searched:
            return _("{host} knows you as @{name}.").format(host=host, name=name)
        path, params = self._search(Round({}, searched))
        found = _rows(from_json((await self._get(path, params)).body), listed=False)
        told = _("{host} knows you as @{name}; the first search finds {n} posts.")
        return told.format(host=host, name=name, n=len(found))

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """Whether the post still stands, as it stands, and everything below it."""
        kept, path = load(cursor), f"/api/v1/statuses/{_local(post.native_id)}"
        me = told_text(kept.get("me")) or await self._me()
        got = await self._fetch(path, {})
        if got.status == 404:
            return Thread(Page((), cursor), gone=True)
        host, known = _host(self.settings), Seen(kept.get("seen"))
        now = read_status(from_json(self._checked(got).body), host)
        below = maybe(from_json((await self._get(f"{path}/context", {})).body), "descendants")
        page = read_page(below if isinstance(below, list) else [], host, me)
        edited = known.news([now])
        fresh = known.news(page.mentions)
        told = dump(me=me, seen=known.marks())
        return Thread(replace(page, mentions=fresh, cursor=told), edited[0] if edited else None)

    async def reply(self, to: Mention, text: str, key: str = "") -> str:
        """In the thread, with the visibility of the post answered, and with its author's name: without that
        nobody would be told."""
        got = await self._fetch(f"/api/v1/statuses/{_local(to.native_id)}", {})
        if got.status == 404:
            raise gone()
        status = from_json(self._checked(got).body)
        acct = clean(str(need(maybe(status, "account"), "acct")), limit=300)
        named = re.search(rf"(?<![\w@])@{re.escape(acct)}(?![\w@-])", text, re.IGNORECASE)
        form = {
            "status": text if named else f"@{acct} {text}",
            "in_reply_to_id": str(need(status, "id")),
            "visibility": str(maybe(status, "visibility") or "public"),
        }
        once = {"Idempotency-Key": quote(key, safe="")} if key else {}
        url = f"{_server(self.settings)}/api/v1/statuses"
        sent = await post(self.http, url, headers=self._headers() | once, form=form)
        if sent.status == 429:
            raise limited(sent, self.means.now(), LIMITS)
        if not 200 <= sent.status < 300:
            raise reply_error(sent, _reason(sent))
        return f"{_host(self.settings)}#{need(from_json(sent.body), 'id')}"

    def _search(self, at: Round) -> tuple[str, dict[str, Any]]:
        """Ids stand for seconds here: a server reads nothing else from them."""
        params: dict[str, Any] = {"q": at.stream, "type": "statuses", "limit": SIZE}
        since = at.done.get(at.stream, 0) - OVERLAP
        if since > 0:
            params["min_id"] = str(since * 1000 << 16)
        if at.until:
            params["max_id"] = str((at.until + 1) * 1000 << 16)
        if at.token:
            params["offset"] = at.token
        return "/api/v2/search", params

    async def _me(self) -> str:
        """The own account's id."""
        got = await self._get("/api/v1/accounts/verify_credentials", {})
        return clean(str(need(from_json(got.body), "id")), limit=40)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token}"}

    async def _fetch(self, path: str, params: Mapping[str, Any]) -> Fetched:
        url = f"{_server(self.settings)}{path}"
        return await fetch(self.http, url, headers=self._headers(), params=params)

    async def _get(self, path: str, params: Mapping[str, Any]) -> Fetched:
        return self._checked(await self._fetch(path, params))

    def _checked(self, got: Fetched) -> Fetched:
        if is_html(got.body):
            return checked(got)
        if got.status == 429:
            raise limited(got, self.means.now(), LIMITS)
        if got.status == 401:
            raise AuthFailed(
                _("The server no longer accepts the access token. Make a new one and enter it.")
            )
        if got.status == 403:
            told = _("The server does not let this access token read: {reason}")
            raise AuthFailed(told.format(reason=_reason(got)))
        return checked(got)


def _server(settings: Settings) -> str:
    server = server_of(settings.server)
    if not settings.token.isascii() or any(one.isspace() for one in settings.token):
        raise ConfigError(_("An access token has letters, digits and signs only."), field="token")
    return server


def _host(settings: Settings) -> str:
    return _server(settings).partition("://")[2]


def _local(native_id: str) -> str:
    """A post's id on its server."""
    return quote(native_id.rpartition("#")[2], safe="")


def _listing(at: Round, climb: Climb) -> tuple[str, dict[str, Any]]:
    if at.stream == MENTIONS:
        return "/api/v1/notifications", {"types[]": "mention", "limit": SIZE_MENTIONS, **climb.bounds()}
    return f"/api/v1/timelines/tag/{quote(at.stream.strip('#'), safe='')}", {
        "limit": SIZE,
        **climb.bounds(),
    }


def _rows(told: Any, *, listed: bool) -> list[Any]:
    rows = told if listed else maybe(told, "statuses")
    if not isinstance(rows, list):
        raise BadResponse(_("This is not what a Mastodon server answers."))
    return rows


def _id(row: Any) -> int:
    """0 where a server counts in another way."""
    said = str(maybe(row, "id") or "")[:40]
    return int(said) if said.isascii() and said.isdigit() else 0


def _links(got: Fetched) -> dict[str, int]:
    """The Link header: rel → the id that it names. Only the number is taken, never the address."""
    found = {}
    for address, rel in re.findall(
        r"<([^<>]{1,2000})>\s*;\s*rel=\"(\w{1,10})\"", got.headers.get("link", "")
    ):
        try:
            query = parse_qs(urlsplit(address).query)
        except ValueError:
            continue
        name = "max_id" if rel == "next" else "min_id"
        found[rel] = _id({"id": next(iter(query.get(name, ())), "")})
    return found


def _turn(at: Round, rows: Sequence[Any], page: Page, news: Sequence[Mention], now: int) -> None:
    """A page of search moves the round on. A full page of one second goes on by offset."""
    fresh = {one.native_id for one in news}
    orders = [(second(one), one.native_id not in fresh) for one in page.mentions]
    mark = " ".join(one.native_id for one in page.mentions)
    low = min((order for order, _known in orders), default=0)
    crowded = len(rows) >= SIZE and low == at.until
    token = str(int(at.token if at.token.isdigit() else 0) + SIZE) if crowded else ""
    full = len(rows) >= SIZE or low != at.until  # a page may be short: filters act after the search
    at.turn(orders, now=now, mark=mark, token=token, more=full and not (at.first and enough(news, at.top)))


def _reason(got: Fetched) -> str:
    try:
        return clean(str(maybe(from_json(got.body), "error") or ""), limit=300)
    except BadResponse:
        return ""


def read_page(statuses: Sequence[Any], host: str, me: str = "") -> Page:
    """One bad status is counted; nothing but bad ones is BadResponse. What the own account wrote is no
    mention, but an answer to one."""
    pairs, bad = read_all(statuses, lambda status: (status, read_status(status, host)))
    own = [one for status, one in pairs if me and str(maybe(maybe(status, "account"), "id")) == me]
    answered = tuple(("mastodon", Kind.POST, one.parent_id) for one in own if one.parent_id)
    made = tuple(one for _status, one in pairs if one not in own)
    return Page(made, skipped=bad, answered=answered)


def read_status(status: Any, host: str) -> Mention:
    """A post; of a boost, the post that was boosted. `host`: the server it was read from, whose ids it has.

    Always a POST: a server forgets what a post answered when that is deleted, and identities must last.
    """
    status = maybe(status, "reblog") or status
    id_ = clean(str(need(status, "id")), limit=40)
    media = _media(status)
    said = plain(str(maybe(status, "content") or "")) or "\n".join(told for _url, told in media if told)
    date, edited = maybe(status, "created_at"), maybe(status, "edited_at")
    parent = maybe(status, "in_reply_to_id")
    return Mention(
        platform="mastodon",
        native_id=f"{host}#{id_}",
        url=safe_url(str(maybe(status, "url") or maybe(status, "uri") or ""))
        or f"https://{host}/web/statuses/{id_}",
        title=clean(str(maybe(status, "spoiler_text") or ""), limit=1000),
        text=need({"content": said}, "content"),
        author=_author(maybe(status, "account"), host),
        published_at=when(date) if date else None,
        edited_at=when(edited) if edited else None,
        counts=Counts(
            likes=count(maybe(status, "favourites_count")),
            comments=count(maybe(status, "replies_count")),
            shares=count(maybe(status, "reblogs_count")),
        ),
        media=tuple(url for url, _told in media if url),
        lang=clean(str(maybe(status, "language") or ""), limit=10),
        parent_id=f"{host}#{parent}" if parent else "",
        site=host,
        fingerprint=fingerprint(host, id_, said),
        raw=raw_json(status),
    )


def _author(account: Any, host: str) -> Author:
    """Named as everywhere in the network, `name@server`."""
    acct = clean(str(maybe(account, "acct") or ""), limit=200)
    return Author(
        name=clean(str(maybe(account, "display_name") or "") or acct, limit=200),
        native_id=acct if "@" in acct or not acct else f"{acct}@{host.partition('/')[0]}",
        url=safe_url(str(maybe(account, "url") or "")),
        followers=count(maybe(account, "followers_count")),
    )


def _media(status: Any) -> list[tuple[str, str]]:
    """(address, description) of each picture or film."""
    given = maybe(status, "media_attachments")
    rows = given[:20] if isinstance(given, list) else []
    return [
        (
            safe_url(str(maybe(one, "url") or "")),
            clean(str(maybe(one, "description") or ""), limit=2000),
        )
        for one in rows
    ]
