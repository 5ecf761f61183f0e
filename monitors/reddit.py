"""Reddit: posts found by search, and the posts and comments of chosen communities, with an app's own key.

Runs on the engine's loop. One page a poll. It only reads. A token is asked for once a day and kept; Reddit
wants commercial use to be approved first, which the docs say.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import AuthFailed, BadResponse, ConfigError, RateLimited
from app.i18n import N_, _
from app.settings.schema import lines, renewed, secret, text
from monitors.base import Info, Monitor, Thread
from monitors.cursors import Seen, dump, load, nothing_to_search, search_words
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
from monitors.rounds import Round, turned

SIZE = 100
EARLY = 300.0
"""Seconds before its end at which a token is renewed."""


@dataclass(frozen=True)
class Settings:
    client_id: str = text(N_("Client id"), required=True, help=N_("Of your app at reddit.com/prefs/apps."))
    client_secret: str = secret(N_("Client secret"), required=True)
    user: str = text(
        N_("Reddit user"),
        required=True,
        help=N_("Who runs the app; Reddit wants to know whom it talks to."),
    )
    words: tuple[str, ...] = lines(
        N_("Search words"), help=N_("One a line. Left empty: the names and aliases of all brands.")
    )
    communities: tuple[str, ...] = lines(
        N_("Communities"), help=N_("One a line, without r/: their posts and comments are read whole.")
    )
    server: str = text(
        N_("Server"), default="https://oauth.reddit.com", help=N_("Leave as it is unless you use a mirror.")
    )
    sign_in: str = text(
        N_("Sign-in server"),
        default="https://www.reddit.com",
        help=N_("Leave as it is unless you use a mirror."),
    )
    token: str = renewed(N_("Token"))
    token_until: str = renewed(N_("End of the token"))

    def __repr__(self) -> str:
        return f"Settings(client_id={self.client_id!r}, server={self.server!r})"


class Reddit(Monitor[Settings]):
    info = Info(
        id="reddit",
        name=N_("Reddit"),
        every=300,
        per_minute=50,
        about=N_("Finds posts on Reddit that hold your search words, and reads chosen communities."),
        basis=N_("official API"),
        homepage="https://www.reddit.com/",
        terms="https://www.redditinc.com/policies/data-api-terms",
        personal=N_("user name and link to the profile"),
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        server_of(settings.server)
        server_of(settings.sign_in, "sign_in")

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:
        lists = self._lists(watches)
        if not lists:
            return nothing_to_search(cursor)
        kept = load(cursor)
        at, seen = Round(kept, lists), Seen(kept.get("seen"))
        page, below = await self._page(at.stream, at.token)
        return turned(at, page, seen, now=self.means.now(), token=below)

    async def check(self) -> str:
        where = next(iter(self._lists(())), "search/reddit")
        page, _below = await self._page(where, "")
        return _("Reddit answers; the newest page holds {n} posts.").format(n=len(page.mentions))

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """A post and its comments, newest first; those Reddit folds away under “more” are left out."""
        root = (post.root_id or post.native_id).removeprefix("t3_")
        path = f"/comments/{quote(root, safe='')}"
        got = await self._get(path, sort="new", limit=500, raw_json=1)
        if got.status == 404:
            return Thread(Page((), cursor), gone=True)
        both = from_json(checked(got).body)
        if not isinstance(both, list) or len(both) != 2:
            raise BadResponse(_("This is not what Reddit answers."))
        top, _below = read_listing(both[0])
        said, _below = read_listing(both[1])
        seen = Seen(load(cursor).get("seen"))
        now = next((one for one in top.mentions if one.native_id == post.native_id), None)
        news = seen.news(said.mentions)
        changed = now if now is not None and (now.title, now.text) != (post.title, post.text) else None
        gone = now is None and not post.root_id
        page = Page(news, dump(seen=seen.marks()), skipped=said.skipped)
        return Thread(page, post=changed, gone=gone)

    def _lists(self, watches: Sequence[Watch]) -> list[str]:
        names = [one.strip().removeprefix("/").removeprefix("r/") for one in self.settings.communities]
        boards = [f"r/{name}/{what}" for name in names if name for what in ("new", "comments")]
        return [*(f"search/{word}" for word in search_words(watches, self.settings.words)), *boards]

    async def _page(self, where: str, below: str) -> tuple[Page, str]:
        if where.startswith("search/"):
            word = where.removeprefix("search/")
            asked: dict[str, Any] = {"q": f'"{word}"', "sort": "new", "type": "link"}
            got = await self._get("/search", **asked, limit=SIZE, after=below, raw_json=1)
        else:
            path = f"/{quote(where)}"
            got = await self._get(path, limit=SIZE, after=below, raw_json=1)
        if got.status in (403, 404) and not is_html(got.body):
            name = clean(where, limit=60)
            raise ConfigError(
                _("Reddit shows us nothing at {name}: check the name.").format(name=name),
                field="communities",
            )
        return read_listing(from_json(checked(got).body))

    # ── asking, with a token ─────────────────────────────────────────────────────────────────────

    async def _get(self, path: str, **params: Any) -> Fetched:
        got = await self._once(path, params, await self._token())
        if got.status == 401:  # ended before its time: one new one, once
            got = await self._once(path, params, await self._renew())
        if got.status == 401:
            raise AuthFailed(_("Reddit does not accept the app's key any more."), details="HTTP 401")
        return got

    async def _once(self, path: str, params: dict[str, Any], token: str) -> Fetched:
        got = await fetch(
            self.http,
            f"{server_of(self.settings.server)}{path}",
            params={name: value for name, value in params.items() if value != ""},
            headers={"authorization": f"bearer {token}", "user-agent": self._agent()},
        )
        if got.status == 429:
            wait = _seconds(got.headers.get("x-ratelimit-reset", ""))
            raise RateLimited(
                _("Reddit asks us to come less often."), retry_after=wait or 60.0, details="HTTP 429"
            )
        return got

    async def _token(self) -> str:
        until = _seconds(self.settings.token_until)
        fresh = until - EARLY > self.means.now().timestamp()
        return self.settings.token if self.settings.token and fresh else await self._renew()

    async def _renew(self) -> str:
        pair = f"{self.settings.client_id}:{self.settings.client_secret}".encode()
        got = await fetch(
            self.http,
            f"{server_of(self.settings.sign_in, 'sign_in')}/api/v1/access_token",
            form={"grant_type": "client_credentials"},
            headers={
                "authorization": f"Basic {base64.b64encode(pair).decode()}",
                "user-agent": self._agent(),
            },
        )
        if got.status in (400, 401, 403) and not is_html(got.body):
            told = _("Reddit does not know this client id and secret. Look at reddit.com/prefs/apps.")
            raise AuthFailed(told, details=f"HTTP {got.status}")
        body = from_json(checked(got).body)
        token, lasts = str(need(body, "access_token")), count(maybe(body, "expires_in")) or 3600
        until = str(int(self.means.now().timestamp()) + lasts)
        await self.means.keep("token", token)
        await self.means.keep("token_until", until)
        self.settings = replace(self.settings, token=token, token_until=until)
        return token

    def _agent(self) -> str:
        """As Reddit asks for it; ASCII, since header lines are."""
        name = clean(self.settings.user, limit=40).encode("ascii", "ignore").decode().strip() or "unknown"
        return f"desktop:tingfeng:v1 (by /u/{name})"


def _seconds(told: str) -> float:
    """A number of a header or a kept moment; 0 where it is none."""
    try:
        made = float(told)
    except ValueError:
        return 0.0
    return made if 0 <= made < 1e11 else 0.0


def read_listing(told: Any) -> tuple[Page, str]:
    """A page, and the name after which the next page begins.

    One bad item is counted; nothing but bad ones is BadResponse.
    """
    data = maybe(told, "data")
    children = maybe(data, "children")
    if not isinstance(children, list):
        raise BadResponse(_("This is not what Reddit answers."))
    made, skipped = read_all(list(_flat(children)), read_child)
    after = maybe(data, "after")
    return Page(tuple(made), skipped=skipped, listed=len(made) + skipped), told_text(after)


def _flat(children: Sequence[Any]) -> Iterator[Any]:
    """Posts and comments with all answers below them; what is folded away has no content."""
    waiting = list(children)
    while waiting:
        child = waiting.pop(0)
        if maybe(child, "kind") == "more":
            continue
        yield child
        answers = maybe(maybe(maybe(maybe(child, "data"), "replies"), "data"), "children")
        waiting += answers if isinstance(answers, list) else []


def read_child(child: Any) -> Mention:
    """A post (t3) or comment (t1); what was removed by its author or a moderator says nothing."""
    data = maybe(child, "data")
    name = clean(str(maybe(data, "name") or need(data, "id")), limit=40)
    comment = maybe(child, "kind") == "t1"
    title = clean(html.unescape(str(maybe(data, "title") or "")), limit=1000)
    said = plain(str(maybe(data, "body" if comment else "selftext") or ""))
    said = "" if said in ("[removed]", "[deleted]") else said
    author = clean(str(maybe(data, "author") or ""), limit=200)
    date, edited = maybe(data, "created_utc"), maybe(data, "edited")
    root, parent = str(maybe(data, "link_id") or ""), str(maybe(data, "parent_id") or "")
    known = author and author != "[deleted]"
    return Mention(
        platform="reddit",
        native_id=name,
        url=safe_url(f"https://www.reddit.com{maybe(data, 'permalink') or ''}"),
        title="" if comment or not said else title,
        text=need({"text": said or title}, "text"),
        kind=Kind.COMMENT if comment else Kind.POST,
        author=Author(
            name=author,
            native_id=clean(str(maybe(data, "author_fullname") or author), limit=60),
            url=f"https://www.reddit.com/user/{quote(author, safe='')}" if known else "",
        ),
        published_at=when(date) if date else None,
        edited_at=when(edited)
        if isinstance(edited, int | float) and not isinstance(edited, bool)
        else None,
        counts=Counts(likes=count(maybe(data, "ups")), comments=count(maybe(data, "num_comments"))),
        parent_id=clean(parent, limit=40),
        root_id=clean(root, limit=40),
        site=f"r/{clean(str(maybe(data, 'subreddit') or ''), limit=60)}",
        fingerprint=fingerprint(name, title, said),
        raw=raw_json(child),
    )
