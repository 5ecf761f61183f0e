"""Discourse forums: all new posts, or what the forum's search finds; answers to a post.

Runs on the engine's loop, one request a poll. The newest posts of the whole forum come by falling ids.
Search gives excerpts, so what it finds is fetched topic by topic. Both work without an account where the
forum is public.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import AuthFailed, BadResponse, ConfigError, RateLimited
from app.i18n import N_, _
from app.settings.schema import choice, lines, secret, text
from monitors.base import Info, Monitor, Thread
from monitors.cursors import Seen, dump, load, number, second
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
    retry_after,
    rich,
    safe_url,
    server_of,
    when,
)
from monitors.replying import gone, reply_error
from monitors.rounds import FIRST, Round, enough

EVERYTHING = "/"
"""The stream of all posts, where there are no search words."""
PAGES, SIZE = 10, 50
"""Pages of one search that a forum shows, and their posts; beyond them a round goes on by day."""
BATCH = 20
"""Posts of one topic asked for at once."""
KEYS_OVER = ("not_logged_in", "invalid_access", "invalid_api_key")


@dataclass(frozen=True)
class Settings:
    server: str = text(N_("Forum address"), required=True, placeholder="https://forum.example.org")
    words: tuple[str, ...] = lines(
        N_("Search words"), help=N_("One a line. Left empty: every new post of the forum is read.")
    )
    user: str = text(
        N_("User name"),
        help=N_("Yours on the forum, to tell your own posts; needed for an administrator's key."),
    )
    kind: str = choice(
        N_("Kind of key"),
        choices=("user", "admin"),
        default="user",
        help=N_("user: a user API key; admin: an API key that an administrator made for your user."),
    )
    key: str = secret(N_("API key"), help=N_("Needed for answering, and where the forum is not public."))

    def __repr__(self) -> str:
        shown = ("server", "words", "user", "kind")
        return f"Settings({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


class Discourse(Monitor[Settings]):
    info = Info(
        id="discourse",
        name=N_("Discourse forum"),
        every=300,
        per_minute=15,
        about=N_("Reads the new posts of a Discourse forum, or what its search finds; answers."),
        basis=N_("official API"),
        homepage="https://www.discourse.org/",
        terms="https://docs.discourse.org/",
        personal=N_("user name, shown name and link to the profile"),
        reach=FIRST,
        account="user",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        _server(settings)

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # all, or own words
        kept = load(cursor)
        at, known = Round(kept, self.settings.words or (EVERYTHING,)), Seen(kept.get("seen"))
        todo = _todo(kept.get("todo"))
        if todo:
            page = await self._fill(todo, known)
            over = bool(kept.get("over"))
        elif at.stream == EVERYTHING:
            page, over = await self._newest(at, known, kept)
        else:
            page, over = await self._found(at, known, todo)
        newest = max((second(one) for one in page.mentions), default=0)
        told = dump(
            **at.members(),
            seen=known.marks(),
            todo=todo,
            over=over,
            newest=max(newest, number(kept.get("newest"))),
        )
        return replace(page, cursor=told, more=bool(todo) or not over)

    async def _newest(self, at: Round, known: Seen, kept: Mapping[str, Any]) -> tuple[Page, bool]:
        """A page of all posts; is the round over?"""
        got = await self._get("/posts.json", {"before": at.until} if at.until else {})
        rows = _rows(maybe(from_json(got.body), "latest_posts"))
        page = read_page(rows, _server(self.settings), me=self.settings.user)
        news = known.news(page.mentions)
        fresh = {one.native_id for one in news}
        host = _host(self.settings)
        orders = [(id_, f"{host}#{id_}" not in fresh) for row in rows if (id_ := _id(row))]
        old = at.first and enough(page.mentions, number(kept.get("newest")))
        at.turn(orders, now=self._now(), mark=" ".join(str(id_) for id_, _known in orders), more=not old)
        return replace(page, mentions=news, listed=len(rows)), at.over

    async def _found(self, at: Round, known: Seen, todo: list[list[Any]]) -> tuple[Page, bool]:
        """A page of excerpts: what is unknown goes into `todo`. Is the round over?"""
        told = from_json((await self._get("/search.json", _query(at))).body)
        result = maybe(told, "grouped_search_result")
        if problem := clean(str(maybe(result, "error") or ""), limit=300):
            at.finish()
            return Page((), note=_("The forum's search: {reason}").format(reason=problem)), at.over
        rows, host = _rows(maybe(told, "posts")), _host(self.settings)
        ids = [_id(row) for row in rows]
        found = [(_seconds(row), known.knows(f"{host}#{id_}")) for row, id_ in zip(rows, ids, strict=True)]
        todo += _batches(rows, maybe(told, "topics"), lambda id_: not known.knows(f"{host}#{id_}"))
        page = int(at.token or 1)
        more = bool(maybe(result, "more_full_page_results")) or (page >= PAGES and len(rows) >= SIZE)
        token = str(page + 1) if page < PAGES else ""
        high = max((order for order, _known in found), default=0)
        old = at.first and 0 < high < at.top - FIRST
        at.turn(found, now=self._now(), mark=" ".join(map(str, ids)), token=token, more=more and not old)
        return Page(()), at.over

    async def _fill(self, todo: list[list[Any]], known: Seen) -> Page:
        """The whole posts behind some excerpts. A topic that was closed to us meanwhile has none."""
        topic, title, *ids = todo[0]
        page = await self._posts(topic, ids, title)
        del todo[0]
        return replace(page, mentions=known.news(page.mentions))

    async def _posts(self, topic: int, ids: Sequence[int], title: str) -> Page:
        got = await self._fetch(f"/t/{topic}/posts.json", {"post_ids[]": [str(id_) for id_ in ids]})
        if got.status in (403, 404, 410) and not is_html(got.body):
            return Page(())
        rows = _rows(maybe(maybe(from_json(_fine(got).body), "post_stream"), "posts"))
        return read_page(rows, _server(self.settings), title=title, me=self.settings.user)

    async def check(self) -> str:
        words = self.settings.words
        path, params = ("/search.json", _query(Round({}, words))) if words else ("/posts.json", {})
        told = from_json((await self._get(path, params)).body)
        rows = _rows(maybe(told, "posts" if words else "latest_posts"))
        return _("The forum answers; the newest page holds {n} posts.").format(n=len(rows))

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """Whether the post still stands, and the newest posts of its topic that are not known yet."""
        kept = load(cursor)
        known = Seen(kept.get("seen"))
        got = await self._fetch(f"/posts/{_local(post.native_id)}.json", {})
        if got.status in (404, 410) and not is_html(got.body):
            return Thread(Page((), cursor), gone=True)
        told = from_json(_fine(got).body)
        if maybe(told, "deleted_at") or maybe(told, "user_deleted"):
            return Thread(Page((), cursor), gone=True)
        server, me, topic = _server(self.settings), self.settings.user, number(need(told, "topic_id"))
        now = read_post(told, server, title=post.title)
        whole = maybe(from_json((await self._get(f"/t/{topic}.json", {})).body), "post_stream")
        edited = known.news([now])
        others = [id_ for id_ in map(number, _rows(maybe(whole, "stream"))) if id_ not in (0, _id(told))]
        unknown = [id_ for id_ in others if not known.knows(f"{_host(self.settings)}#{id_}")][-BATCH:]
        page = await self._posts(topic, unknown, post.title) if unknown else Page(())
        if me:
            page = replace(page, answered=_answered(whole, server, me))
        fresh = known.news(page.mentions)
        return Thread(
            replace(page, mentions=fresh, cursor=dump(seen=known.marks())), edited[0] if edited else None
        )

    async def reply(self, to: Mention, text: str, key: str = "") -> str:  # noqa: ARG002  # no such key here
        """Under the post, in its topic. "" where moderators must let it through: it has no id then."""
        got = await self._fetch(f"/posts/{_local(to.native_id)}.json", {})
        if got.status in (404, 410) and not is_html(got.body):
            raise gone()
        told = from_json(_fine(got).body)
        form = {"topic_id": str(need(told, "topic_id")), "raw": text}
        if (place := number(maybe(told, "post_number"))) > 1:
            form["reply_to_post_number"] = str(place)
        url = f"{_server(self.settings)}/posts.json"
        sent = await post(self.http, url, headers=self._headers(), form=form)
        if sent.status == 429:
            raise _limited(sent)
        if not 200 <= sent.status < 300:
            if _told(sent)[1] in KEYS_OVER[:1] + KEYS_OVER[2:]:
                raise _refused(sent)
            raise reply_error(sent, _told(sent)[0])
        made = from_json(sent.body)
        id_ = maybe(made, "id")
        return f"{_host(self.settings)}#{id_}" if id_ else ""

    def _headers(self) -> dict[str, str]:
        given = self.settings
        if not given.key:
            return {}
        if given.kind == "admin":
            return {"Api-Key": given.key, "Api-Username": given.user}
        return {"User-Api-Key": given.key}

    async def _fetch(self, path: str, params: Mapping[str, str | int | Sequence[str]]) -> Fetched:
        url = f"{_server(self.settings)}{path}"
        return await fetch(self.http, url, headers=self._headers(), params=params)

    async def _get(self, path: str, params: Mapping[str, str | int | Sequence[str]]) -> Fetched:
        return _fine(await self._fetch(path, params))

    def _now(self) -> int:
        return int(self.means.now().timestamp())


def _server(settings: Settings) -> str:
    server = server_of(settings.server)
    if not settings.key.isascii() or any(one.isspace() for one in settings.key):
        raise ConfigError(_("An API key has letters, digits and signs only."), field="key")
    if settings.kind == "admin" and not (settings.user.isascii() and settings.user):
        raise ConfigError(_("An administrator's key needs the user name that it is for."), field="user")
    return server


def _host(settings: Settings) -> str:
    return _server(settings).partition("://")[2]


def _local(native_id: str) -> str:
    said = native_id.rpartition("#")[2]
    return said if said.isascii() and said.isdigit() else "0"


def _id(row: Any) -> int:
    return number(maybe(row, "id"))


def _seconds(row: Any) -> int:
    try:
        return max(0, int(when(need(row, "created_at")).timestamp()))
    except BadResponse:
        return 0


def _rows(told: Any) -> list[Any]:
    if not isinstance(told, list):
        raise BadResponse(_("This is not what a Discourse forum answers."))
    return told


def _query(at: Round) -> dict[str, str | int | Sequence[str]]:
    """`after:` and `before:` know days only; a day is read again, and its known posts end the walk."""
    said = [at.stream, "order:latest"]
    if since := at.done.get(at.stream, 0):
        said.append(f"after:{_day(since, -1)}")
    if at.until:
        said.append(f"before:{_day(at.until, 1)}")
    page = at.token if at.token.isdigit() else "1"
    return {"q": " ".join(said), "page": page}


def _day(seconds: int, more: int) -> str:
    day = datetime.fromtimestamp(min(seconds, 1 << 35), UTC) + timedelta(days=more)
    return day.strftime("%Y-%m-%d")


def _todo(told: Any) -> list[list[Any]]:
    """Rows of [topic, title, id, …] from the cursor."""
    rows = told if isinstance(told, list) else []
    return [
        row
        for row in rows
        if isinstance(row, list)
        and len(row) > 2
        and isinstance(row[1], str)
        and all(number(one) for one in (row[0], *row[2:]))
    ]


def _batches(rows: Sequence[Any], topics: Any, wanted: Any) -> list[list[Any]]:
    names = {
        _id(one): str(maybe(one, "title") or "") for one in (topics if isinstance(topics, list) else ())
    }
    ids: dict[int, list[int]] = {}
    for row in rows:
        topic, id_ = number(maybe(row, "topic_id")), _id(row)
        if topic and id_ and wanted(id_):
            ids.setdefault(topic, []).append(id_)
    return [
        [topic, clean(names.get(topic, ""), limit=1000), *some[start : start + BATCH]]
        for topic, some in ids.items()
        for start in range(0, len(some), BATCH)
    ]


def _told(got: Fetched) -> tuple[str, str]:
    """A refusal's words and its type."""
    try:
        told = from_json(got.body)
    except BadResponse:
        return "", ""
    errors = maybe(told, "errors")
    words = " ".join(str(one) for one in errors[:5]) if isinstance(errors, list) else ""
    return clean(words, limit=300), clean(str(maybe(told, "error_type") or ""), limit=60)


def _limited(got: Fetched) -> RateLimited:
    """The forum says how long in JSON; the proxy before it, in plain words, by a header at the most."""
    wait = 0.0
    if not is_html(got.body):
        try:
            wait = float(number(maybe(maybe(from_json(got.body), "extras"), "wait_seconds")))
        except BadResponse:
            wait = 0.0
    told = _("The forum asks us to come less often.")
    wait = min(wait, 86400.0) or retry_after(got.headers) or 60.0
    return RateLimited(told, retry_after=wait, details="HTTP 429")


def _refused(got: Fetched) -> AuthFailed:
    words, kind = _told(got)
    told = _("The forum lets only signed-in people read or write here. Enter a valid API key.")
    if kind != "not_logged_in":
        told = _("The forum does not accept this API key: {reason}").format(reason=words)
    return AuthFailed(told, details=f"HTTP {got.status} {kind}")


def _fine(got: Fetched) -> Fetched:
    if got.status == 429:
        raise _limited(got)
    if got.status in (401, 403) and not is_html(got.body) and _told(got)[1] in KEYS_OVER:
        raise _refused(got)
    return checked(got)


def read_page(rows: Sequence[Any], server: str, title: str = "", me: str = "") -> Page:
    """One bad post is counted; nothing but bad ones is BadResponse. What the own user wrote is no mention,
    and neither are notes of moderators."""
    found, bad = read_all(rows, lambda row: None if _unsaid(row, me) else read_post(row, server, title))
    return Page(tuple(one for one in found if one is not None), skipped=bad)


def _unsaid(row: Any, me: str) -> bool:
    return maybe(row, "post_type") in (2, 3) or bool(
        me and str(maybe(row, "username")).lower() == me.lower()
    )


def read_post(row: Any, server: str, title: str = "") -> Mention:
    """BadResponse where there is no number or nothing to read.

    Always a POST: moderators move posts, and the first of a topic may become the tenth of another.
    """
    id_ = number(need(row, "id"))
    host = server.partition("://")[2]
    cooked, date = str(need(row, "cooked")), maybe(row, "created_at")
    shown = rich(_unquoted(cooked), server)
    said = shown.text or plain(cooked)
    edited = maybe(row, "updated_at") if number(maybe(row, "version")) > 1 else None
    topic = number(maybe(row, "topic_id"))
    return Mention(
        platform="discourse",
        native_id=f"{host}#{need({'id': id_ or None}, 'id')}",
        url=safe_url(f"{server}/p/{id_}"),
        title=clean(str(maybe(row, "topic_title") or title), limit=1000),
        text=need({"cooked": said}, "cooked"),
        kind=Kind.POST,
        author=_author(row, server),
        published_at=when(date) if date else None,
        edited_at=when(edited) if edited else None,
        counts=Counts(
            likes=_likes(row), comments=count(maybe(row, "reply_count")), views=count(maybe(row, "reads"))
        ),
        media=shown.images,
        root_id=f"{host}#topic-{topic}" if topic else "",
        site=host,
        fingerprint=fingerprint(host, id_, said),
        raw=raw_json(row),
    )


def _unquoted(cooked: str) -> str:
    """Without what others said: a quoted post is not its reader's complaint."""
    kept, at = [], 0
    while (start := cooked.find('<aside class="quote', at)) >= 0:
        end = cooked.find("</aside>", start)
        if end < 0:
            break
        kept.append(cooked[at:start])
        at = end + len("</aside>")
    return "".join((*kept, cooked[at:]))


def _author(row: Any, server: str) -> Author:
    user = clean(str(maybe(row, "username") or ""), limit=200)
    return Author(
        name=clean(str(maybe(row, "name") or "") or user, limit=200),
        native_id=f"{user}@{server.partition('://')[2]}" if user else "",
        url=safe_url(f"{server}/u/{user}") if user else "",
    )


def _likes(row: Any) -> int | None:
    """Among what was done with a post, 2 is a like."""
    done = maybe(row, "actions_summary")
    for one in done[:20] if isinstance(done, list) else ():
        if maybe(one, "id") == 2:
            return count(maybe(one, "count"))
    return count(maybe(row, "like_count"))


def _answered(stream: Any, server: str, me: str) -> tuple[tuple[str, Kind, str], ...]:
    """Posts of the topic's first page that the own user has answered there."""
    rows = maybe(stream, "posts")
    rows = rows if isinstance(rows, list) else []
    places = {number(maybe(row, "post_number")): _id(row) for row in rows}
    host = server.partition("://")[2]
    mine = [row for row in rows if str(maybe(row, "username")).lower() == me.lower()]
    ids = [places.get(number(maybe(row, "reply_to_post_number")) or 1) for row in mine]
    return tuple(("discourse", Kind.POST, f"{host}#{id_}") for id_ in ids if id_)
