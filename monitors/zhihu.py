"""Zhihu through its official open platform: the ten best posts for each search word.

Runs on the engine's loop. One word a poll. The platform ranks and does not page: what it shows is a
sample, and the window says so. It only reads: the platform publishes nothing for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from app.domain.mention import Author, Counts, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import AppError, AuthFailed, BadResponse, ConfigError, RateLimited, Refused, Transient
from app.i18n import N_, _
from app.settings.schema import lines, secret, text
from monitors.base import Info, Monitor
from monitors.cursors import Seen, dump, load, nothing_to_search, number, search_words
from monitors.reading import (
    CHINA,
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
    safe_url,
    server_of,
    when,
)

SHORTEST, LONGEST = 2, 100
"""Characters a search word may have."""
BRIEF = 60.0
KINDS = {"Question": Kind.POST, "Answer": Kind.POST, "Article": Kind.ARTICLE}


@dataclass(frozen=True)
class Settings:
    secret: str = secret(
        N_("Access Secret"), help=N_("From developer.zhihu.com/profile, after signing in."), required=True
    )
    words: tuple[str, ...] = lines(
        N_("Search words"), help=N_("One a line. Left empty: the names and aliases of all brands.")
    )
    server: str = text(
        N_("Server"),
        default="https://developer.zhihu.com",
        help=N_("Leave as it is unless you use a mirror."),
    )

    def __repr__(self) -> str:
        return f"Settings(words={self.words!r}, server={self.server!r})"


class Zhihu(Monitor[Settings]):
    info = Info(
        id="zhihu",
        name=N_("Zhihu"),
        every=900,
        per_minute=20,
        about=N_(
            "Finds the best-ranked Zhihu answers, questions and articles for your search words: a sample."
        ),
        basis=N_("official API"),
        homepage="https://www.zhihu.com/",
        terms="https://developer.zhihu.com/docs",
        personal=N_("display name"),
        per_day=5000,
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        server_of(settings.server)
        for word in settings.words:
            if word.strip() and not SHORTEST <= len(word.strip()) <= LONGEST:
                told = _("A search word for Zhihu has {low} to {high} characters: “{word}” has not.")
                raise ConfigError(
                    told.format(low=SHORTEST, high=LONGEST, word=clean(word, limit=40)), field="words"
                )

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:
        words = [
            one for one in search_words(watches, self.settings.words) if SHORTEST <= len(one) <= LONGEST
        ]
        if not words:
            return nothing_to_search(cursor)
        kept = load(cursor)
        at, seen = number(kept.get("at")) % len(words), Seen(kept.get("seen"))
        page = read_page(await self._search(words[at]), words[at])
        following = (at + 1) % len(words)
        return replace(
            page,
            mentions=seen.news(page.mentions),
            cursor=dump(at=following, seen=seen.marks()),
            more=following != 0,
        )

    async def check(self) -> str:
        words = [*search_words((), self.settings.words), "知乎"]
        items = maybe(await self._search(words[0]), "Items")
        shown = len(items) if isinstance(items, list) else 0
        return _("Zhihu answers; it shows {n} posts for “{word}”.").format(
            n=shown, word=clean(words[0], limit=40)
        )

    async def _search(self, word: str) -> Any:
        """`Data` of the answer."""
        now = self.means.now()
        got = await fetch(
            self.http,
            f"{server_of(self.settings.server)}/api/v1/content/zhihu_search",
            params={"Query": word, "Count": 10},  # upper camel case: other names are ignored in silence
            headers={
                "authorization": f"Bearer {self.settings.secret}",
                "x-request-timestamp": str(int(now.timestamp())),
            },
        )
        body = from_json(checked(got).body)
        code = maybe(body, "Code")
        if str(code) != "0":
            raise _said(str(code), clean(str(maybe(body, "Message") or ""), limit=200), now)
        return maybe(body, "Data")


def _said(code: str, message: str, now: datetime) -> AppError:
    """The platform's own table of codes, which come with HTTP 200."""
    details = f"Code {code[:20]}: {message}"
    match code:
        case "10001":
            told = _("Zhihu did not accept the search: {reason}")
            return BadResponse(told.format(reason=message or code), details=details)
        case "20001":
            told = _("Zhihu does not accept the Access Secret. Make a new one at developer.zhihu.com.")
            return AuthFailed(told, details=details)
        case "30001":
            daily = any(word in message.lower() for word in ("daily", "day", "日", "天"))
            wait = _until_midnight(now) if daily else BRIEF
            return RateLimited(_("Zhihu asks us to come less often."), retry_after=wait, details=details)
        case "30002":
            told = _("Zhihu's quota for today is used up; it begins anew at midnight, Beijing time.")
            return RateLimited(told, retry_after=_until_midnight(now), details=details)
        case "30003":
            return Refused(
                _("Zhihu's risk control refuses us. Look at your account there."), details=details
            )
        case "90001":
            return Transient(_("Zhihu has trouble of its own."), details=details)
    told = _("Zhihu could not answer: {reason}")
    return BadResponse(told.format(reason=message or code[:20]), details=details)


def _until_midnight(now: datetime) -> float:
    """Seconds until the day in Beijing is over."""
    here = now.astimezone(CHINA)
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(BRIEF, (midnight - here).total_seconds())


def read_page(data: Any, word: str) -> Page:
    unlike = _("This is not what Zhihu's search answers.")
    return page_of(maybe(data, "Items"), lambda item: read_item(item, word), unlike)


def read_item(item: Any, word: str = "") -> Mention:
    """An answer, question or article. Its number is the kind and the platform's own, since each kind counts
    for itself; the only date Zhihu gives is that of the last change."""
    sort = clean(str(need(item, "ContentType")), limit=20)
    id_ = f"{sort}:{clean(str(need(item, 'ContentID')), limit=40)}"
    title = plain(str(maybe(item, "Title") or "")).replace("\n", " ")[:1000]
    said = plain(str(maybe(item, "ContentText") or ""))
    date = maybe(item, "EditTime")
    return Mention(
        platform="zhihu",
        native_id=id_,
        url=_permalink(str(maybe(item, "Url") or "")),
        title=title if said else "",
        text=need({"ContentText": said or title}, "ContentText"),
        kind=KINDS.get(sort, Kind.POST),
        author=Author(name=clean(str(maybe(item, "AuthorName") or ""), limit=200)),
        published_at=when(date) if date else None,
        counts=Counts(likes=count(maybe(item, "VoteUpCount")), comments=count(maybe(item, "CommentCount"))),
        keyword=word,
        site="知乎",
        fingerprint=fingerprint(id_, title, said),
        raw=raw_json(item),
    )


def _permalink(given: str) -> str:
    """Without what only says who sent the reader."""
    link = safe_url(given)
    try:
        return urlunsplit(urlsplit(link)._replace(query="", fragment="")) if link else ""
    except ValueError:
        return ""
