"""Reviews of the own app through App Store Connect, with the one answer that each review may have.

Runs on the engine's loop. One page a poll, newest first. A review has one answer, which can be changed:
sending another one replaces it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import jwt

from app.domain.mention import Author, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    RateLimited,
    ReplyRejected,
    Transient,
    Unsure,
)
from app.i18n import N_, _
from app.settings.schema import secret, text
from monitors.base import Info, Monitor
from monitors.cursors import Seen, load
from monitors.reading import (
    Fetched,
    checked,
    clean,
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
    server_of,
    when,
)
from monitors.rounds import FIRST, Round, turned

SIZE = 100
LASTS = 600
"""Seconds a signed token is good for; Apple allows twenty minutes."""
LIMIT = 5970
"""Characters of an answer."""


@dataclass(frozen=True)
class Settings:
    app_id: str = text(N_("App number"), required=True, placeholder="600000001")
    issuer: str = text(
        N_("Issuer id"), required=True, help=N_("Users and Access → Integrations → API keys.")
    )
    key_id: str = text(N_("Key id"), required=True)
    key: str = secret(
        N_("Private key"), required=True, help=N_("The text of the .p8 file; line breaks may be missing.")
    )
    server: str = text(
        N_("Server"),
        default="https://api.appstoreconnect.apple.com",
        help=N_("Leave as it is unless you use a mirror."),
    )

    def __repr__(self) -> str:
        return f"Settings(app_id={self.app_id!r}, key_id={self.key_id!r}, server={self.server!r})"


class AppStoreConnect(Monitor[Settings]):
    info = Info(
        id="appstoreconnect",
        name=N_("App Store Connect"),
        every=900,
        per_minute=30,
        about=N_("Reads reviews of your own app in all storefronts, and publishes your answers."),
        basis=N_("official API"),
        homepage="https://appstoreconnect.apple.com/",
        terms="https://developer.apple.com/support/terms/",
        personal=N_("nickname of the reviewer"),
        reply_limit=LIMIT,
        reach=FIRST,
        account="app_id",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        server_of(settings.server)
        if not settings.app_id.strip().isdigit():
            raise ConfigError(
                _("Give the app's number, as it stands in its App Store address behind “id”."),
                field="app_id",
            )
        if settings.key:
            _signed(settings, 0)

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # all reviews
        kept = load(cursor)
        at, seen = Round(kept, ["reviews"]), Seen(kept.get("seen"))
        body = await self._reviews(at.token)
        page = read_page(body, self.settings.app_id)
        return turned(at, page, seen, now=self.means.now(), token=_next(body))

    async def check(self) -> str:
        body = await self._reviews("")
        total = maybe(maybe(maybe(body, "meta"), "paging"), "total")
        shown = len(read_page(body, self.settings.app_id).mentions)
        return _("App Store Connect answers; there are {n} reviews.").format(
            n=total if isinstance(total, int) else shown
        )

    async def reply(self, to: Mention, text: str, key: str = "") -> str:  # noqa: ARG002  # one answer a review
        told = {
            "data": {
                "type": "customerReviewResponses",
                "attributes": {"responseBody": text},
                "relationships": {"review": {"data": {"type": "customerReviews", "id": to.native_id}}},
            }
        }
        url = f"{server_of(self.settings.server)}/v1/customerReviewResponses"
        got = await post(self.http, url, json=told, headers=self._headers())
        if got.status in (400, 404, 409, 422):
            raise ReplyRejected(
                _("Apple did not accept this answer: {reason}").format(reason=_reason(got) or got.status),
                details=f"HTTP {got.status}",
            )
        if got.status >= 500:
            raise Unsure(
                _("Apple did not say whether the answer arrived. Look there before sending it again."),
                details=f"HTTP {got.status}",
            )
        return clean(str(maybe(maybe(from_json(_good(got).body), "data"), "id") or ""), limit=100)

    async def _reviews(self, below: str) -> Any:
        app = quote(self.settings.app_id.strip(), safe="")
        got = await fetch(
            self.http,
            f"{server_of(self.settings.server)}/v1/apps/{app}/customerReviews",
            params={
                "sort": "-createdDate",
                "limit": SIZE,
                "include": "response",
                **({"cursor": below} if below else {}),
            },
            headers=self._headers(),
        )
        if got.status == 400 and below and not is_html(got.body):
            return {"data": []}  # the place is no longer known; the next round begins anew
        if got.status == 404 and not is_html(got.body):
            raise ConfigError(_("This key sees no app with this number."), field="app_id")
        return from_json(_good(got).body)

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {_signed(self.settings, self.means.now().timestamp())}"}


def _signed(settings: Settings, now: float) -> str:
    """A token of ten minutes. A pasted key may have lost its line breaks."""
    body = settings.key.replace("-----BEGIN PRIVATE KEY-----", "").replace("-----END PRIVATE KEY-----", "")
    packed = "".join(body.split())
    lines_ = "\n".join(packed[at : at + 64] for at in range(0, len(packed), 64))
    pem = f"-----BEGIN PRIVATE KEY-----\n{lines_}\n-----END PRIVATE KEY-----\n"
    claims = {
        "iss": settings.issuer.strip(),
        "iat": int(now),
        "exp": int(now) + LASTS,
        "aud": "appstoreconnect-v1",
    }
    try:
        return jwt.encode(claims, pem, algorithm="ES256", headers={"kid": settings.key_id.strip()})
    except (ValueError, TypeError, jwt.PyJWTError):
        told = _("This is not the text of a .p8 key file.")
        raise ConfigError(told, field="key") from None  # the cause might hold the key


def _good(got: Fetched) -> Fetched:
    if is_html(got.body) or got.status < 400:
        return checked(got)
    raise _said(got)


def _reason(got: Fetched) -> str:
    """The first error's own words."""
    try:
        errors = maybe(from_json(got.body), "errors")
    except BadResponse:
        return ""
    first = errors[0] if isinstance(errors, list) and errors else None
    return clean(str(maybe(first, "detail") or maybe(first, "title") or ""), limit=200)


def _said(got: Fetched) -> AppError:
    details, reason = f"HTTP {got.status}", _reason(got)
    match got.status:
        case 401:
            return AuthFailed(
                _("Apple does not accept this key. Check issuer, key id and private key."), details=details
            )
        case 403:
            told = _("This key may not do that: it needs the role Customer Support, Developer or Admin.")
            return AuthFailed(told, details=details)
        case 429:
            return RateLimited(
                _("Apple asks us to come less often."),
                retry_after=retry_after(got.headers) or 600.0,
                details=details,
            )
    if got.status >= 500:
        return Transient(_("Apple has trouble of its own."), details=details)
    return BadResponse(
        _("Apple could not answer: {reason}").format(reason=reason or got.status), details=details
    )


def _next(body: Any) -> str:
    """The cursor in the link to the next page."""
    link = maybe(maybe(body, "links"), "next")
    try:
        return parse_qs(urlsplit(link).query).get("cursor", [""])[0] if isinstance(link, str) else ""
    except ValueError:
        return ""


def read_page(body: Any, app: str) -> Page:
    """Reviews, and which of them have our answer. One bad one is counted; all bad is BadResponse."""
    rows = maybe(body, "data")
    if not isinstance(rows, list):
        raise BadResponse(_("This is not what App Store Connect answers."))
    pairs, skipped = read_all(rows, lambda row: (row, read_review(row, app)))
    answered = tuple(
        (one.platform, one.kind, one.native_id)
        for row, one in pairs
        if maybe(maybe(maybe(row, "relationships"), "response"), "data")
    )
    made = tuple(one for _row, one in pairs)
    return Page(made, skipped=skipped, answered=answered, listed=len(rows))


def read_review(row: Any, app: str) -> Mention:
    number, told = clean(str(need(row, "id")), limit=100), maybe(row, "attributes")
    title = clean(str(maybe(told, "title") or ""), limit=1000).replace("\n", " ")
    said = plain(str(maybe(told, "body") or ""))
    stars, date = maybe(told, "rating"), maybe(told, "createdDate")
    territory = clean(str(maybe(told, "territory") or ""), limit=8)
    rating = float(stars) if isinstance(stars, int | float) and 1 <= stars <= 5 else None
    return Mention(
        platform="appstoreconnect",
        native_id=number,
        url=f"https://appstoreconnect.apple.com/apps/{quote(app.strip(), safe='')}/ratings-and-reviews",
        text=need({"body": said or title}, "body"),
        kind=Kind.REVIEW,
        title=title if said else "",
        author=Author(name=clean(str(maybe(told, "reviewerNickname") or ""), limit=200)),
        published_at=when(date) if date else None,
        rating=None if isinstance(stars, bool) else rating,
        region=territory,
        site="App Store",
        fingerprint=fingerprint(number, title, said),
        raw=raw_json(row),
    )
