"""Apple's public feed of customer reviews: any app, any storefronts, stars kept.

Runs on the engine's loop. One request a poll: where a round through storefronts and pages stands
is in the cursor, and `Page.more` asks to be called again. It only reads; answering is done in
App Store Connect.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import BadResponse, ConfigError, RateLimited
from app.i18n import N_, _
from app.settings.schema import integer, lines, text
from monitors.base import Info, Monitor
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
    raw_json,
    read_all,
    retry_after,
    safe_url,
    server_of,
    when,
)

REMEMBERED = 600
"""Reviews known per storefront: the feed never shows more than 500."""


@dataclass(frozen=True)
class Settings:
    app_id: str = text(
        N_("App number or link"),
        help=N_("The number after “id” in the app's App Store address; the whole link works too."),
        required=True,
        placeholder="https://apps.apple.com/cn/app/id600000001",
    )
    countries: tuple[str, ...] = lines(
        N_("Storefronts"), default=("cn",), help=N_("Two letters each: cn, hk, tw, us, jp …"), required=True
    )
    pages: int = integer(
        N_("Pages per storefront"),
        default=10,
        low=1,
        high=10,
        help=N_("50 reviews each; Apple gives 10 at most."),
    )
    server: str = text(
        N_("Server"), default="https://itunes.apple.com", help=N_("Leave as it is unless you use a mirror.")
    )


@dataclass(frozen=True, slots=True)
class _Cursor:
    """`at`, `page`: the storefront and page to ask next. `known`: per storefront, review id →
    (first, latest) update in epoch seconds. `failed`: storefronts not readable in this round."""

    app: str = ""
    at: str = ""
    page: int = 1
    known: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    failed: tuple[str, ...] = ()

    @classmethod
    def read(cls, told: str | None, app: str, countries: tuple[str, ...]) -> _Cursor:
        """A cursor of another app or in another shape counts as none."""
        try:
            made = json.loads(told or "")
            if made["app"] != app:
                return cls(app=app, at=countries[0])
            known = {
                str(country): {
                    str(one): (max(0, int(first)), int(last)) for one, (first, last) in ids.items()
                }
                for country, ids in made["known"].items()
            }
            at, page = made["at"], int(made["page"])
            failed = tuple(one for one in countries if one in made["failed"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            return cls(app=app, at=countries[0])
        if at not in countries or not 1 <= page <= 10:
            at, page = countries[0], 1
        return cls(app=app, at=at, page=page, known=known, failed=failed)

    def told(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__})


@dataclass(frozen=True, slots=True)
class _Reviews:
    mentions: tuple[Mention, ...]
    skipped: int


class AppStore(Monitor[Settings]):
    info = Info(
        id="appstore",
        name=N_("App Store reviews"),
        every=1800,
        per_minute=30,
        about=N_("Reads what customers write about an app in Apple's App Store, with their stars."),
        basis=N_("public feed"),
        homepage="https://www.apple.com/app-store/",
        terms="https://www.apple.com/legal/internet-services/itunes/",
        personal=N_("the nickname that a customer chose for reviews"),
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        app_number(settings.app_id)
        storefronts(settings.countries)
        server_of(settings.server)

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # all reviews
        app, countries = app_number(self.settings.app_id), storefronts(self.settings.countries)
        now = _Cursor.read(cursor, app, countries)
        country = now.at
        try:
            read = read_page(checked(await self._page(app, country, now.page)), app, country)
        except BadResponse as error:
            return _failed(now, countries, error)
        return self._step(now, countries, read)

    async def check(self) -> str:
        app, countries = app_number(self.settings.app_id), storefronts(self.settings.countries)
        for country in countries[:5]:
            url = f"{server_of(self.settings.server)}/lookup?id={app}&country={country}"
            told = maybe(from_json(checked(await self._get(url)).body), "results")
            if isinstance(told, list) and told:
                return _introduced(told[0], country)
        told_so = _("No storefront of {countries} has an app with the number {app}.")
        raise ConfigError(told_so.format(countries=", ".join(countries[:5]), app=app), field="app_id")

    async def _page(self, app: str, country: str, page: int) -> Fetched:
        return await self._get(
            f"{server_of(self.settings.server)}/{country}/rss/customerreviews/page={page}/id={app}/sortby=mostrecent/json"
        )

    async def _get(self, url: str) -> Fetched:
        got = await fetch(
            self.http, url, headers={"accept": "application/json, text/javascript, */*;q=0.5"}
        )
        if got.status == 403:  # nobody signs in here: this is Apple's way to slow us down
            told = _("Apple asks us to come less often.")
            raise RateLimited(told, retry_after=retry_after(got.headers) or 600.0, details="HTTP 403")
        return got

    def _step(self, now: _Cursor, countries: tuple[str, ...], read: _Reviews) -> Page:
        """What is new or edited, and where to go on: deeper while there is news, else the next store."""
        country = now.at
        known = dict(now.known.get(country, {}))
        quiet = now.page == 1 and not read.mentions and bool(known)
        fresh = tuple(told for one in read.mentions if (told := _if_new(one, known)))
        after = replace(now, known={**now.known, country: dict(list(known.items())[-REMEMBERED:])})
        deeper = bool(fresh) and now.page < self.settings.pages
        after = replace(after, page=now.page + 1) if deeper else _next_store(after, countries)
        note = _("{country}: no reviews at present, though there were some before.") if quiet else ""
        return Page(
            fresh,
            after.told(),
            more=deeper or after.at != countries[0],
            skipped=read.skipped,
            note=note.format(country=country.upper()),
            listed=len(read.mentions) + read.skipped,
        )


def _if_new(one: Mention, known: dict[str, tuple[int, int]]) -> Mention | None:
    """The review if it was not handed over before in this form; `known` learns of it.

    The feed dates an edited review anew; the date it was first seen with is kept as published.
    """
    latest = int(one.published_at.timestamp()) if one.published_at else 0
    first, before = known.pop(one.native_id, (latest, None))
    known[one.native_id] = (first, latest)
    if before == latest:
        return None
    if before is None or latest <= first:
        return one
    return replace(
        one, published_at=datetime.fromtimestamp(first, UTC) if first else None, edited_at=one.published_at
    )


def _next_store(now: _Cursor, countries: tuple[str, ...]) -> _Cursor:
    """Past the last one a new round begins with the first."""
    following = countries.index(now.at) + 1
    if following == len(countries):
        return replace(now, at=countries[0], page=1, failed=())
    return replace(now, at=countries[following], page=1)


def _failed(now: _Cursor, countries: tuple[str, ...], error: BadResponse) -> Page:
    """One bad storefront does not keep the others from being read; all bad is an error.

    A later page that fails only ends its storefront: the first ones were read.
    """
    country = now.at
    failed = now.failed if now.page > 1 else (*now.failed, country)
    if len(failed) == len(countries):
        raise error
    after = _next_store(replace(now, failed=failed), countries)
    return Page((), after.told(), more=after.at != countries[0], note=f"{country.upper()}: {error.text}")


# ── what a person gave ────────────────────────────────────────────────────────────────────────


def app_number(given: str) -> str:
    """From a number or a pasted link."""
    found = re.fullmatch(r"\s*(\d{5,20})\s*", given, re.ASCII) or re.search(
        r"\bid=?(\d{5,20})(?!\d)", given, re.ASCII
    )
    if not found:
        raise ConfigError(
            _("Give the app's number, or its App Store link with “id…” in it."), field="app_id"
        )
    return found[1]


def storefronts(given: Sequence[str]) -> tuple[str, ...]:
    """Lower case, each once."""
    made = tuple(dict.fromkeys(one.strip().lower() for one in given if one.strip()))
    for one in made:
        if not re.fullmatch("[a-z]{2}", one):
            told = _("“{country}” is no storefront: it takes two letters, such as cn or us.")
            raise ConfigError(told.format(country=clean(one, limit=20)), field="countries")
    if not made:
        raise ConfigError(_("Give at least one storefront, such as cn."), field="countries")
    return made


# ── what Apple sends ──────────────────────────────────────────────────────────────────────────


def read_page(got: Fetched, app: str, country: str) -> _Reviews:
    """One page of reviews; an empty one is no news, never a deletion."""
    feed = maybe(from_json(got.body), "feed")
    if not isinstance(feed, dict):
        raise BadResponse(_("Apple's answer holds no reviews feed."))
    entries = feed.get("entry") or []
    entries = [entries] if isinstance(entries, dict) else entries
    if not isinstance(entries, list):
        raise BadResponse(_("Apple's answer holds no reviews feed."))
    name = next((_label(one, "im:name") for one in entries if _is_app(one)), "")
    reviews = [one for one in entries if not _is_app(one)]
    made, skipped = read_all(reviews, lambda one: read_review(one, app, country, name))
    return _Reviews(tuple({one.native_id: one for one in made}.values()), skipped)


def read_review(entry: Any, app: str, country: str, name: str = "") -> Mention:
    """A review, or BadResponse where it has no id or says nothing."""
    number = clean(need({"id": _label(entry, "id")}, "id"), limit=100)
    title, said = (
        clean(_label(entry, "title"), limit=1000).replace("\n", " "),
        clean(_label(entry, "content")),
    )
    author = maybe(entry, "author")
    uri = _label(author, "uri")
    found = re.search(r"/id(\d{1,20})", uri, re.ASCII)
    return Mention(
        platform="appstore",
        native_id=number,
        url=f"https://apps.apple.com/{country}/app/id{app}?see-all=reviews",
        text=need({"content": said or title}, "content"),
        kind=Kind.REVIEW,
        title=title if said else "",
        author=Author(
            name=clean(_label(author, "name"), limit=200).replace("\n", " "),
            native_id=found[1] if found else "",
            url=safe_url(uri),
        ),
        published_at=_updated(entry),
        counts=Counts(likes=count(_label(entry, "im:voteSum") or None)),
        rating=_stars(_label(entry, "im:rating")),
        region=country.upper(),
        keyword=clean(_label(entry, "im:version"), limit=40),
        site=clean(name, limit=200) or "App Store",
        fingerprint=fingerprint("appstore", number),
        raw=raw_json(entry),
    )


def _is_app(entry: Any) -> bool:
    """The feed once began with the app itself, which has a name and no stars."""
    return maybe(entry, "im:name") is not None and maybe(entry, "im:rating") is None


def _label(item: Any, key: str) -> str:
    """Everything is wrapped in {"label": …}; bare values are taken too."""
    value = maybe(item, key)
    value = value.get("label") if isinstance(value, dict) else value
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _updated(entry: Any) -> datetime | None:
    try:
        return when(_label(entry, "updated"))
    except BadResponse:
        return None


def _stars(said: str) -> float | None:
    found = re.fullmatch(r"\s*([1-5])(\.\d)?\s*", said, re.ASCII)
    return min(float(found[0]), 5.0) if found else None


def _introduced(told: Any, country: str) -> str:
    name = clean(_label(told, "trackName"), limit=200) or _("An app without a name")
    ratings = count(maybe(told, "userRatingCount"))
    if not ratings:
        return _("“{name}” in the {country} storefront").format(name=name, country=country.upper())
    said = _("“{name}” in the {country} storefront, {n} ratings")
    return said.format(name=name, country=country.upper(), n=ratings)
