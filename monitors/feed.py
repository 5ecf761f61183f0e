"""Feeds: RSS, Atom, RDF and JSON Feed from any site, and from a self-hosted RSSHub.

Runs on the engine's loop; documents are taken apart in a worker thread. It only reads, only what
the publisher offers for reading, and never signs in.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from app.domain.mention import Mention
from app.domain.watch import Page, Watch
from app.errors import AppError, AuthFailed, BadResponse, ConfigError, MonitorError, Refused, Transient
from app.i18n import N_, _, ngettext, sentences
from app.settings.schema import secret, text
from monitors.base import Info, Monitor
from monitors.cursors import number
from monitors.feeds import Document, read_feed
from monitors.reading import Fetched, checked, fetch, fingerprint, max_age, plain, safe_url, status_error
from monitors.rsshub import Trouble, access_code, trouble

REMEMBERED = 2000
"""Posts the cursor knows at most."""

_ACCEPT = (
    "application/feed+json, application/atom+xml, application/rss+xml, "
    "application/json;q=0.9, application/xml;q=0.9, */*;q=0.5"
)


@dataclass(frozen=True)
class Settings:
    url: str = text(
        N_("Feed address"),
        help=N_("RSS, Atom or JSON Feed; an RSSHub address works too."),
        required=True,
        placeholder="https://example.com/feed.xml",
    )
    key: str = secret(
        N_("RSSHub access key"),
        help=N_("Only for an RSSHub that asks for one. A code made from it is sent, never the key itself."),
    )
    site: str = text(
        N_("Name of the site"), help=N_("Shown beside each post; empty: as the feed calls itself.")
    )

    def __repr__(self) -> str:
        return f"Settings(host={_host(self.url)!r})"


@dataclass(frozen=True, slots=True)
class _Cursor:
    """What is remembered between polls. All of it may be lost without losing or doubling a post."""

    url: str = ""
    moved: str = ""
    etag: str = ""
    modified: str = ""
    had_items: bool = False
    items: int = 0
    """Posts of the last whole answer, readable or not."""
    min_every: int = 0
    seen: tuple[str, ...] = ()

    @classmethod
    def read(cls, told: str | None, url: str) -> _Cursor:
        """A cursor of another address or in another shape counts as none."""
        try:
            made = json.loads(told or "")
        except (ValueError, RecursionError):
            return cls(url=url)
        if not isinstance(made, dict) or made.get("url") != url or not isinstance(made.get("seen"), list):
            return cls(url=url)
        words = {
            name: made[name] for name in ("moved", "etag", "modified") if isinstance(made.get(name), str)
        }
        seen = tuple(one for one in made["seen"] if isinstance(one, str))
        had, items = bool(made.get("had_items")), number(made.get("items"))
        return cls(url=url, had_items=had, items=items, seen=seen, **words)

    def told(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=True)


class Feed(Monitor[Settings]):
    info = Info(
        id="feed",
        name=N_("Feed (RSS, Atom, JSON, RSSHub)"),
        every=300,
        per_minute=12,
        about=N_("Reads the posts a site offers as a feed, or that your own RSSHub makes into one."),
        basis=N_("public feed"),
        homepage="https://docs.rsshub.app",
        personal=N_("whatever names and links of authors the feed itself publishes"),
    )
    Settings = Settings

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # all of it
        before = _Cursor.read(cursor, _plain_address(self.settings.url))
        got, before = await self._asked(before)
        what = _rsshub_trouble(got)
        if what is Trouble.EMPTY:
            return Page((), before.told(), note=_empty_note(before), listed=0)
        if what:
            raise _rsshub_error(what, got)
        if checked(got).status == 304:
            return Page((), before.told(), listed=before.items or None)  # what it said last still holds
        made = await self._read(got)
        return _page(made, got, before)

    async def check(self) -> str:
        got = await self._get(self.settings.url, {})
        if what := _rsshub_trouble(got):
            if what is Trouble.EMPTY:
                return _("The address works, but there are no posts there at present.")
            raise _rsshub_error(what, got)
        return _sentence(await self._read(checked(got)))

    async def _asked(self, before: _Cursor) -> tuple[Fetched, _Cursor]:
        """From the remembered new address, or from the person's own if that has gone bad."""
        known = {"if-none-match": before.etag, "if-modified-since": before.modified}
        headers = {
            name: value
            for name, value in known.items()
            if value.isascii() and value.isprintable() and value
        }
        if not before.moved:
            return await self._get(self.settings.url, headers), before
        try:
            got = await self._get(before.moved, headers)
            if got.status < 400:
                return got, before
        except AppError:  # told again below if the old address fares no better
            pass
        before = replace(before, moved="", etag="", modified="")
        return await self._get(self.settings.url, {}), before

    @staticmethod
    def vet(settings: Any) -> None:
        _vet_address(settings.url)

    async def _get(self, url: str, headers: dict[str, str]) -> Fetched:
        url = url.strip()
        _vet_address(url)
        # The code is for the person's own RSSHub, not for wherever it may have moved to.
        if self.settings.key and _host(url) == _host(self.settings.url):
            url = _with_code(url, self.settings.key)
        return await fetch(self.http, url, headers={"accept": _ACCEPT, **headers})

    async def _read(self, got: Fetched) -> Document:
        """Off the loop: a feed of 4 MB takes seconds to take apart."""
        address, kind = _plain_address(self.settings.url), got.headers.get("content-type", "")
        return await asyncio.to_thread(
            read_feed, got.body, address=address, content_type=kind, site=self.settings.site
        )


# ── pages and cursors ─────────────────────────────────────────────────────────────────────────


def _page(made: Document, got: Fetched, before: _Cursor) -> Page:
    """What is new or changed, and the cursor that covers it."""
    marks = {_mark(one): one for one in made.mentions}
    known = set(before.seen)
    fresh = tuple(one for mark, one in marks.items() if mark not in known)
    kept = [mark for mark in before.seen if mark not in marks][-REMEMBERED // 4 :]
    whole = not made.ragged  # half a feed must not be taken for the whole by its ETag
    after = _Cursor(
        url=before.url,
        moved=_moved(got, before),
        etag=got.headers.get("etag", "")[:500] if whole else "",
        modified=got.headers.get("last-modified", "")[:100] if whole else "",
        had_items=before.had_items or bool(made.items),
        items=made.items,
        min_every=max(made.every, int(min(max_age(got.headers) or 0, 3600))),
        seen=tuple((kept + list(marks))[-REMEMBERED:]),
    )
    return Page(
        fresh, after.told(), skipped=made.skipped, note=_note(made, before, after), listed=made.items
    )


def _mark(one: Mention) -> str:
    """Content and counts: a post is handed over again when either has changed."""
    return fingerprint(one.fingerprint, one.edited_at, one.counts)[:16]


def _moved(got: Fetched, before: _Cursor) -> str:
    """The last address reached by permanent moves alone; never from https back to http."""
    at = before.moved
    for status, where in got.redirects:
        if status not in (301, 308):
            break
        if urlsplit(before.url).scheme == "https" and urlsplit(where).scheme != "https":
            break
        at = where
    return at


def _note(made: Document, before: _Cursor, after: _Cursor) -> str:
    notes = [made.ragged]
    if after.moved and after.moved != before.moved:
        told = _("The feed has moved for good to {address}; it is read there from now on.")
        notes.append(told.format(address=_without_query(after.moved)))
    if not made.items:
        notes.append(_empty_note(before))
    return sentences(note for note in notes if note)


def _empty_note(before: _Cursor) -> str:
    if before.had_items:
        return _("The feed is empty at present; it had posts before. If that lasts a day, look into it.")
    return _("The feed is empty at present.")


def _sentence(made: Document) -> str:
    told = ngettext("“{title}”, {n} post", "“{title}”, {n} posts", made.items)
    said = told.format(title=made.title or _("A feed without a name"), n=made.items)
    dates = [one.published_at for one in made.mentions if one.published_at]
    if dates:
        newest = f"{max(dates):%Y-%m-%d %H:%M}"
        said = _("{feed}, newest {time} UTC").format(feed=said, time=newest)
    return f"{said}. {made.ragged}".strip() if made.ragged else said


# ── addresses ─────────────────────────────────────────────────────────────────────────────────


def _vet_address(url: str) -> None:
    if safe_url(url) and not re.search(r"\s", _netloc(url)):
        return
    if "@" in _netloc(url):
        told = _("Write the address without the user name and password: they would be shown with it.")
    else:
        told = _("This address cannot be used: it must begin with http:// or https:// and name a host.")
    raise ConfigError(told, field="url")


def _with_code(url: str, key: str) -> str:
    """With the code in place of any key or code that was there."""
    bare = _without(url, lambda name, _value: name in ("code", "key"))
    return f"{bare}{'&' if '?' in bare else '?'}code={access_code(bare, key)}"


def _plain_address(url: str) -> str:
    """What names the feed: without RSSHub's code, which changes with the key."""
    return _without(url, lambda name, value: name == "code" and bool(re.fullmatch("[0-9a-f]{32}", value)))


def _without(url: str, unwanted: Callable[[str, str], bool]) -> str:
    try:
        parts = urlsplit(url.strip())
        pairs = parse_qsl(parts.query, keep_blank_values=True, errors="replace")
    except ValueError:
        return url.strip()
    kept = [(name, value) for name, value in pairs if not unwanted(name, value)]
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    return parts._replace(query=query, fragment="").geturl()


def _without_query(url: str) -> str:
    """For sentences: keys travel in the query."""
    return url.partition("?")[0]


def _host(url: str) -> str:
    return _netloc(url).rpartition("@")[2].lower()


def _netloc(url: str) -> str:
    try:
        return urlsplit(url.strip()).netloc
    except ValueError:
        return ""


# ── RSSHub's own error pages ──────────────────────────────────────────────────────────────────


def _rsshub_trouble(got: Fetched) -> Trouble | None:
    """RSSHub answers 503 for nearly everything; only its words tell what to do."""
    if got.status < 400:
        return None
    said = got.body[:50_000].decode("utf-8", "replace")
    ours = "rsshub" in said.lower() or any(name.startswith("rsshub") for name in got.headers)
    return trouble(plain(said)) if ours or _error_json(said) else None


def _error_json(said: str) -> bool:
    try:
        told: Any = json.loads(said)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and isinstance(told.get("error"), dict)


_RSSHUB: dict[Trouble, tuple[type[MonitorError], str]] = {
    Trouble.COOKIES: (
        AuthFailed,
        N_("RSSHub's sign-in to this site has expired: update the site's cookies in RSSHub's settings."),
    ),
    Trouble.CONFIG: (
        AuthFailed,
        N_("RSSHub lacks a setting for this route: see the route's page in its documentation."),
    ),
    Trouble.KEY: (
        AuthFailed,
        N_("RSSHub does not accept the access key: check it in this source's settings."),
    ),
    Trouble.NO_ROUTE: (BadResponse, N_("RSSHub knows no such route: check the address, or update RSSHub.")),
    Trouble.BLOCKED: (
        Refused,
        N_("The site shows RSSHub a captcha or blocks it. Poll less often, or sign RSSHub in."),
    ),
}


def _rsshub_error(what: Trouble, got: Fetched) -> AppError:
    if what is Trouble.COOLING:
        told = _("RSSHub is resting before it visits this site again.")
        return Transient(told, retry_after=max_age(got.headers) or 300.0, details=f"HTTP {got.status}")
    row = _RSSHUB.get(what)
    if row is None:
        return status_error(got)
    return row[0](_(row[1]), details=f"RSSHub: {what}, HTTP {got.status}")
