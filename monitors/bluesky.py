"""Bluesky: what mentions, answers or quotes the own account, and what search finds; answers in the thread.

Runs on the engine's loop, one question a poll. Search and notifications come newest first with an opaque
cursor; a search goes on by time, since its cursor ends after some thousand posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import BadResponse, ConfigError, ReplyRejected
from app.i18n import N_, _
from app.settings.schema import lines, renewed, secret, text
from monitors.base import Info, Monitor, Thread
from monitors.bluesky_session import LIMITS, Signed, error_name, reason
from monitors.bluesky_text import MOST_BYTES, MOST_GRAPHEMES, facets_of, full_text, graphemes, record_key
from monitors.cursors import Seen, dump, load, search_words, second
from monitors.pacing import rest, rested
from monitors.reading import (
    checked,
    clean,
    count,
    fingerprint,
    from_json,
    maybe,
    need,
    raw_json,
    read_all,
    safe_url,
    server_of,
    when,
)
from monitors.replying import gone, rejected, reply_error
from monitors.rounds import FIRST, Round, enough

NOTICES = "@"
"""The stream of the own account's notifications, among the search words."""
SIZE = 100
OVERLAP = 6 * 3600
"""Seconds that a search reads again: its index is late."""
POSTS = "app.bsky.feed.post"


@dataclass(frozen=True)
class Settings:
    server: str = text(N_("Server"), default="https://bsky.social", help=N_("Where your account signs in."))
    handle: str = text(N_("Handle"), required=True, placeholder="brand.bsky.social")
    password: str = secret(
        N_("App password"),
        required=True,
        help=N_("From Settings, Privacy and security, App passwords; not the password of your account."),
    )
    words: tuple[str, ...] = lines(
        N_("Search words"), help=N_("One a line. Left empty: the names and aliases of all brands.")
    )
    session: str = renewed(N_("Session"))

    def __repr__(self) -> str:
        return f"Settings(server={self.server!r}, handle={self.handle!r}, words={self.words!r})"


class Bluesky(Monitor[Settings]):
    info = Info(
        id="bluesky",
        name=N_("Bluesky"),
        every=300,
        per_minute=60,
        about=N_(
            "Reads what mentions, answers or quotes your account, and search words, on Bluesky; answers."
        ),
        basis=N_("official API"),
        homepage="https://bsky.app/",
        terms="https://bsky.social/about/support/tos",
        personal=N_("display name, handle, lasting identifier and link to the profile"),
        reply_limit=MOST_GRAPHEMES,
        reach=FIRST,
        account="handle",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        _server(settings)

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:
        kept, now = load(cursor), self.means.now()
        rested(kept.get("rest"), now)
        at = Round(kept, (NOTICES, *search_words(watches, self.settings.words)))
        signed = self._signed()
        got = await signed.get(*_question(at))
        if got.status == 400 and at.token and error_name(got):
            at.leave()  # the place is no longer known; the next round begins anew
            return Page((), dump(**{**kept, **at.members()}), more=not at.over)
        told = from_json(checked(got).body)
        rows = _rows(told, "notifications" if at.stream == NOTICES else "posts")
        page = read_page(rows, (await signed.session()).did)
        known = Seen(kept.get("seen"))
        news = known.news(page.mentions)
        shown = (
            len(rows) if rows or at.stream == NOTICES else None
        )  # a search of some hours may find nothing
        _turn(at, told, page, news, int(now.timestamp()))
        pause = rest(got.headers, now, LIMITS)
        cursor = dump(**at.members(), seen=known.marks(), rest=pause)
        return replace(page, mentions=news, cursor=cursor, more=not at.over and not pause, listed=shown)

    async def check(self) -> str:
        signed = self._signed()
        words = search_words((), self.settings.words)
        at = Round({}, words or (NOTICES,))
        told = from_json(checked(await signed.get(*_question(at))).body)
        rows = _rows(told, "notifications" if at.stream == NOTICES else "posts")
        sentence = _("Bluesky knows you as {name}; the newest page holds {n} posts.")
        return sentence.format(name=self.settings.handle, n=len(rows))

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """The whole tree comes at once; what was handed over before stays out."""
        signed, kept = self._signed(), load(cursor)
        got = await signed.get(
            "app.bsky.feed.getPostThread", {"uri": post.native_id, "depth": 100, "parentHeight": 0}
        )
        if got.status in (400, 404) and error_name(got) == "NotFound":
            return Thread(Page((), cursor), gone=True)
        tree = maybe(from_json(checked(got).body), "thread")
        if maybe(tree, "notFound"):
            return Thread(Page((), cursor), gone=True)
        if maybe(tree, "blocked"):
            return Thread(Page((), cursor))  # it stands, but its author shut us out
        known = Seen(kept.get("seen"))
        now = read_post(maybe(tree, "post"))
        page = read_page(list(_below(tree)), (await signed.session()).did)
        edited = known.news([now])
        fresh = known.news(page.mentions)
        told = dump(seen=known.marks())
        return Thread(replace(page, mentions=fresh, cursor=told), edited[0] if edited else None)

    async def reply(self, to: Mention, text: str, key: str = "") -> str:
        """A record under a key of our own: what was perhaps sent is found there, never written twice."""
        _fits(text)
        signed = self._signed()
        found = from_json(
            checked(await signed.get("app.bsky.feed.getPosts", {"uris": [to.native_id]})).body
        )
        posts = _rows(found, "posts")
        if not posts:
            raise gone()
        did = (await signed.session()).did
        rkey = record_key(key, (did, to.native_id), second(to) * 1_000_000) if key else ""
        if rkey and (sent := await self._sent(signed, did, rkey)):
            return sent
        told = {"repo": did, "collection": POSTS, "record": self._record(posts[0], text)}
        got = await signed.post("com.atproto.repo.createRecord", told | ({"rkey": rkey} if rkey else {}))
        if not 200 <= got.status < 300:
            raise reply_error(got, reason(got))
        return str(need(from_json(got.body), "uri"))

    async def _sent(self, signed: Signed, did: str, rkey: str) -> str:
        """The address of an answer that went out under this key before; "" for none."""
        asked = {"repo": did, "collection": POSTS, "rkey": rkey}
        got = await signed.get("com.atproto.repo.getRecord", asked)
        if got.status in (400, 404) and error_name(got):
            return ""
        return str(maybe(from_json(checked(got).body), "uri") or "")

    def _record(self, parent: Any, text: str) -> dict[str, Any]:
        """Root: what the post answered begins with, or the post itself."""
        at = {"uri": need(parent, "uri"), "cid": need(parent, "cid")}
        root = maybe(maybe(maybe(parent, "record"), "reply"), "root")
        whole = maybe(root, "uri") and maybe(root, "cid")
        author = maybe(parent, "author")
        people = {str(maybe(author, "handle") or ""): str(maybe(author, "did") or "")}
        return {
            "$type": POSTS,
            "text": text,
            "createdAt": _iso(self.means.now()),
            "langs": ["zh"],
            "facets": facets_of(text, {name: did for name, did in people.items() if name and did}),
            "reply": {"root": {"uri": root["uri"], "cid": root["cid"]} if whole else at, "parent": at},
        }

    def _signed(self) -> Signed:
        given = self.settings
        server = _server(given)
        handle = given.handle.strip().removeprefix("@")
        return Signed(self.http, self.means, server, handle, given.password, given.session)


def _server(settings: Settings) -> str:
    server = server_of(settings.server)
    handle = settings.handle.strip().removeprefix("@")
    if "." not in handle or not handle.replace(".", "").replace("-", "").isalnum():
        raise ConfigError(_("A handle is a name with dots, like brand.bsky.social."), field="handle")
    return server


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _at(seconds: int) -> str:
    return _iso(datetime.fromtimestamp(seconds, UTC))


def _question(at: Round) -> tuple[str, Mapping[str, str | int | Sequence[str]]]:
    """Method and parameters. `until` leaves out its own moment, so it is asked for one second later."""
    more: dict[str, str | int | Sequence[str]] = {"limit": SIZE}
    if at.token:
        more["cursor"] = at.token
    if at.stream == NOTICES:
        return "app.bsky.notification.listNotifications", more | {"reasons": ("mention", "reply", "quote")}
    since = at.done.get(at.stream, 0) - OVERLAP
    if since > 0:
        more["since"] = _at(since)
    if 0 < at.until < 1 << 35:
        more["until"] = _at(at.until + 1)
    return "app.bsky.feed.searchPosts", more | {"q": at.stream, "sort": "latest"}


def _rows(told: Any, name: str) -> list[Any]:
    rows = maybe(told, name)
    if not isinstance(rows, list):
        raise BadResponse(_("This is not what Bluesky answers."))
    return rows


def _turn(at: Round, told: Any, page: Page, news: Sequence[Mention], now: int) -> None:
    """Search goes on by time, and within one second by Bluesky's cursor; notifications by the cursor."""
    fresh = {one.native_id for one in news}
    orders = [(second(one), one.native_id not in fresh) for one in page.mentions]
    low = min((order for order, _known in orders), default=0)
    token = str(maybe(told, "cursor") or "")[:2000]
    following = token if at.stream == NOTICES or low == at.until else ""
    more = bool(token) and not (at.first and enough(news, at.top))
    at.turn(
        orders, now=now, mark=" ".join(one.native_id for one in page.mentions), token=following, more=more
    )


def _fits(text: str) -> None:
    n, size = graphemes(text), len(text.encode("utf-8", "replace"))
    if n > MOST_GRAPHEMES or size > MOST_BYTES:
        told = _("Bluesky takes {most} characters at the most; this answer has {n}.")
        raise ReplyRejected(told.format(most=MOST_GRAPHEMES, n=n), details=f"{size} bytes")
    if not text.strip():
        raise rejected("")


def _below(tree: Any) -> Iterator[Any]:
    """Every answer below a post, however deep, without recursion."""
    waiting = [tree]
    while waiting:
        replies = maybe(waiting.pop(), "replies")
        for one in replies if isinstance(replies, list) else ():
            waiting.append(one)
            if maybe(one, "post") is not None:
                yield one["post"]


def read_page(rows: Sequence[Any], me: str = "") -> Page:
    """Posts or notifications. One bad row is counted; nothing but bad ones is BadResponse. What the own
    account wrote is no mention, but an answer to one."""
    found, bad = read_all(rows, read_post)
    own = [one for one in found if me and one.author.native_id == me]
    answered = tuple(("bluesky", _kind_of_parent(one), one.parent_id) for one in own if one.parent_id)
    return Page(tuple(one for one in found if one not in own), skipped=bad, answered=answered)


def _kind_of_parent(one: Mention) -> Kind:
    return Kind.POST if one.parent_id == one.root_id else Kind.COMMENT


def read_post(view: Any) -> Mention:
    """A post as search, a thread or a notification shows it."""
    uri = clean(str(need(view, "uri")), limit=500)
    record, author = maybe(view, "record"), maybe(view, "author")
    embed = maybe(view, "embed") or maybe(record, "embed")
    media = _media(embed)
    said = clean(full_text(str(maybe(record, "text") or ""), maybe(record, "facets")))
    said = said or "\n".join(alt for _url, alt in media if alt)
    answers, langs = maybe(record, "reply"), maybe(record, "langs")
    parent, root = (str(maybe(maybe(answers, name), "uri") or "") for name in ("parent", "root"))
    shares = [count(maybe(view, name)) for name in ("repostCount", "quoteCount")]
    did = clean(str(maybe(author, "did") or ""), limit=200)
    return Mention(
        platform="bluesky",
        native_id=uri,
        url=_permalink(uri),
        text=need({"text": said}, "text"),
        kind=Kind.COMMENT if parent else Kind.POST,
        author=_author(author, did),
        published_at=_date(view, record),
        counts=Counts(
            likes=count(maybe(view, "likeCount")),
            comments=count(maybe(view, "replyCount")),
            shares=None if shares == [None, None] else sum(n or 0 for n in shares),
        ),
        media=tuple(url for url, _alt in media if url),
        lang=clean(str(langs[0]), limit=10) if isinstance(langs, list) and langs else "",
        parent_id=clean(parent, limit=500),
        root_id=clean(root, limit=500),
        site="Bluesky",
        fingerprint=fingerprint(uri, said),
        raw=raw_json(view),
    )


def _permalink(uri: str) -> str:
    """at://DID/app.bsky.feed.post/KEY as a page."""
    did, _slash, rest_ = uri.removeprefix("at://").partition("/")
    return (
        f"https://bsky.app/profile/{quote(did, safe=':')}/post/{quote(rest_.rpartition('/')[2], safe='')}"
    )


def _date(view: Any, record: Any) -> datetime | None:
    """What the author's program claims, unless Bluesky saw the post before: search sorts so, too."""
    dates = []
    for value in (maybe(record, "createdAt"), maybe(view, "indexedAt")):
        try:
            dates += [when(value)] if value else []
        except BadResponse:
            continue
    return min(dates, default=None)


def _author(author: Any, did: str) -> Author:
    handle = clean(str(maybe(author, "handle") or ""), limit=300)
    return Author(
        name=clean(str(maybe(author, "displayName") or "") or handle, limit=200),
        native_id=did,
        url=f"https://bsky.app/profile/{quote(did, safe=':')}" if did else "",
    )


def _media(embed: Any) -> list[tuple[str, str]]:
    """(address, description) of each picture."""
    images = maybe(embed, "images") or maybe(maybe(embed, "media"), "images")
    return [
        (safe_url(str(maybe(one, "fullsize") or "")), clean(str(maybe(one, "alt") or ""), limit=2000))
        for one in (images[:20] if isinstance(images, list) else ())
    ]
