"""Weibo's official open API: posts and comments that name the brand's account, comments under its posts.

Runs on the engine's loop. One counted call a poll; which one, and whether any, is the plan's word
(`budget.py`), since an account has a hundred calls a day. Answers are sent once, by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.mention import Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import AuthFailed, ConfigError, MonitorError, RateLimited, ReplyRejected, Unsure
from app.i18n import N_, _
from app.settings.schema import renewed, secret, text
from monitors.base import Info, Life, Monitor, Thread
from monitors.cursors import Seen, dump, load
from monitors.oauth import authorise_url, safe_redirect, safe_server
from monitors.reading import CHINA, count, fetch, from_json, maybe, post, status_error
from monitors.weibo import errors
from monitors.weibo.budget import PER_DAY, Budget, midnight
from monitors.weibo.items import maybe_id, read_post, read_rows
from monitors.weibo.place import Place, Walk

FIRST = timedelta(days=30)
SOON = timedelta(days=3)
"""Before a sign-in ends, this long, it is renewed where Weibo lets us."""
LONG_WAIT = 2 * 3600
"""Seconds without a call, till midnight, from which on it is worth a word."""
LETTERS = 140
LISTS = {
    "mentions": ("statuses/mentions", "statuses"),
    "to_me": ("comments/to_me", "comments"),
    "cmention": ("comments/mentions", "comments"),
    "by_me": ("comments/by_me", "comments"),
    "own": ("statuses/user_timeline", "statuses"),
    "thread": ("comments/show", "comments"),
}


@dataclass(frozen=True)
class Settings:
    app_key: str = text(N_("App key"), required=True, help=N_("From your app's page at open.weibo.com."))
    app_secret: str = secret(N_("App secret"), required=True)
    redirect: str = text(
        N_("Address to come back to"),
        default="http://127.0.0.1:17832/weibo/callback",
        help=N_("The one registered for your app, letter by letter. Elsewhere than here: paste the code."),
    )
    ip: str = text(
        N_("Your public IP address"), help=N_("Sent with answers, since Weibo asks for it. May stay empty.")
    )
    server: str = text(
        N_("Server"), default="https://api.weibo.com", help=N_("Leave as it is unless you use a mirror.")
    )
    token: str = renewed(N_("Access token"))
    refresh: str = renewed(N_("Refresh token"))
    expires: str = renewed(N_("End of the sign-in"))
    uid: str = renewed(N_("Number of the account"))

    def __repr__(self) -> str:
        return f"Settings(server={self.server!r}, app_key={self.app_key!r}, uid={self.uid!r})"


class Weibo(Monitor[Settings]):
    info = Info(
        id="weibo",
        name=N_("Weibo (official)"),
        every=300,
        per_minute=10,
        per_day=PER_DAY,
        reply_limit=LETTERS,
        about=N_("Reads posts and comments that name your Weibo account, and answers them."),
        basis=N_("official API"),
        homepage="https://open.weibo.com/",
        terms="https://open.weibo.com/wiki/开发者协议",
        personal=N_("screen name, number, link, followers and verification of authors"),
        reach=FIRST.days * 86400,
        account="app_key",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        safe_server(settings.server)
        safe_redirect(settings.redirect)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # all of it
        now, kept = self.means.now().timestamp(), load(cursor)
        place, seen = Place.read(kept, now), Seen(kept.get("seen"))
        if place.budget.stale(now):
            note = await self._renew_in_time()
            place = replace(place, budget=place.budget.told(await self._status(), now))
            return Page((), place.dump(seen), more=True, note=note)
        name = self._next(place, now)
        if not name:
            self._say_if_used_up(place.budget, now)
            return Page((), place.dump(seen))
        return await self._read(name, place, seen, now)

    def _next(self, place: Place, now: float) -> str:
        free = place.budget.free(self.means.left_today)
        return place.next(now, free, account=bool(self.settings.uid))

    async def _read(self, name: str, place: Place, seen: Seen, now: float) -> Page:
        walk = place.walk(name)
        under = place.queue[0][0] if name == "thread" else ""
        try:
            told = await self._list(name, walk, under)
        except errors.Closed as closed:
            return self._closed(closed, name, place.spent(name, now), seen, now)
        rows = read_rows(told, LISTS[name][1], self.settings.uid)
        after = place.spent(name, now)
        if under and maybe_id(maybe(told, "status")) not in ("", under):
            return Page((), after.dump(seen), more=bool(self._next(after, now)))  # another post's comments
        if name == "own":
            after = after.with_posts(rows.posts)
        else:
            after = after.walked(name, walk.after(rows.ids, old=self._is_old(rows.mentions)))
        fresh = () if name in ("own", "by_me") else seen.news(rows.mentions)
        return Page(
            fresh,
            after.dump(seen),
            more=bool(self._next(after, now)),
            skipped=rows.skipped,
            gone=rows.gone,
            answered=rows.answered,
        )

    def _is_old(self, mentions: Sequence[Mention]) -> bool:
        dated = [one.published_at for one in mentions if one.published_at]
        return bool(dated) and min(dated) < self.means.now() - FIRST

    def _closed(self, how: errors.Closed, name: str, place: Place, seen: Seen, now: float) -> Page:
        """A post of ours that is gone is read no more; a list Weibo does not give rests till midnight."""
        if how.code in errors.GONE:
            return Page((), place.without_thread().dump(seen), more=True)
        if name == "mentions":
            raise how.error
        return Page((), place.resting(name, now).dump(seen), more=True, note=how.error.text)

    def _say_if_used_up(self, budget: Budget, now: float) -> None:
        wait = midnight(now) - now
        if budget.free(self.means.left_today) == 0 and wait > LONG_WAIT:
            told = _(
                "Today's {n} calls to Weibo are used, but for those kept for answers. "
                "Reading goes on at midnight, Beijing time."
            )
            raise RateLimited(told.format(n=budget.limit), retry_after=wait)

    async def _list(self, name: str, walk: Walk, under: str) -> Any:
        query: dict[str, str | int] = {**walk.query(), **({"id": under} if under else {})}
        special = (*errors.ONE_KIND, *(errors.GONE if under else ()))
        return await self._ask(
            f"2/{LISTS[name][0]}.json", query if name != "own" else {"count": 10}, special
        )

    async def _ask(self, path: str, query: Mapping[str, str | int], special: Sequence[int] = ()) -> Any:
        got = await fetch(
            self.http, f"{safe_server(self.settings.server)}/{path}", headers=self._signed(), params=query
        )
        try:
            return errors.answer(got, special)
        except RateLimited as error:
            raise await self._until(error) from None

    async def _until(self, error: RateLimited) -> RateLimited:
        """With the moment from which on Weibo answers again, where it tells."""
        try:
            status = await self._status()
        except MonitorError:
            return error
        seconds = min(count(maybe(status, "reset_time_in_seconds")) or 0, 86400)
        return RateLimited(error.text, retry_after=seconds or error.retry_after, details=error.details)

    async def _status(self) -> Any:
        """How many calls are left; this one is free."""
        server = safe_server(self.settings.server)
        got = await fetch(self.http, f"{server}/2/account/rate_limit_status.json", headers=self._signed())
        return errors.answer(got)

    def _signed(self) -> dict[str, str]:
        if not self.settings.token:
            raise AuthFailed(_("Nobody is signed in to Weibo yet. Press “Sign in” at this source."))
        return {"authorization": f"OAuth2 {self.settings.token}"}

    # ── what lasts how long ──────────────────────────────────────────────────────────────────────

    def lives(self, cursor: str | None) -> Sequence[Life]:
        now = self.means.now().timestamp()
        budget = Budget.read(load(cursor).get("budget"), now)
        left = max(0, min(budget.left, budget.limit - budget.used))
        until = datetime.fromtimestamp(midnight(now), UTC)
        calls = Life(_("Calls today"), until, left, budget.limit)
        ends = self._ends()
        return (Life(_("Sign-in"), ends), calls) if ends else (calls,)

    def _ends(self) -> datetime | None:
        seconds = count(self.settings.expires)
        return datetime.fromtimestamp(min(seconds, 2**35), UTC) if seconds else None

    async def _renew_in_time(self) -> str:
        """Renews what can be renewed; what cannot is asked for in words, in time."""
        ends = self._ends()
        if ends is None or self.means.now() < ends - SOON:
            return ""
        if self.settings.refresh:
            try:
                await self._renew()
            except (MonitorError, ConfigError) as error:
                return error.text
            return ""
        told = _("The sign-in to Weibo ends on {day}. Sign in again before, so that nothing is missed.")
        return told.format(day=ends.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"))

    async def _renew(self) -> None:
        gained = await self._token(grant_type="refresh_token", refresh_token=self.settings.refresh)
        for name in ("refresh", "token", "expires"):
            if gained.get(name):
                await self.means.keep(name, gained[name])
        self.settings = replace(self.settings, **gained)

    async def check(self) -> str:
        status = await self._status()
        got = await fetch(
            self.http,
            f"{safe_server(self.settings.server)}/oauth2/get_token_info",
            form={"access_token": self.settings.token},
        )
        info = errors.answer(got)
        seconds = count(maybe(info, "expire_in")) or count(maybe(info, "expires_in")) or 0
        told = _("Weibo answers: {left} calls are left today, and the sign-in lasts {n} more days.")
        left = count(maybe(status, "remaining_user_hits"))
        return told.format(left="?" if left is None else left, n=seconds // 86400)

    # ── signing in ───────────────────────────────────────────────────────────────────────────────

    def sign_in_url(self, redirect: str, state: str) -> str:
        return authorise_url(
            f"{safe_server(self.settings.server)}/oauth2/authorize",
            client_id=self.settings.app_key,
            redirect_uri=redirect,
            response_type="code",
            state=state,
        )

    async def signed_in(self, code: str, redirect: str) -> Mapping[str, str]:
        return await self._token(grant_type="authorization_code", code=code, redirect_uri=redirect)

    async def _token(self, **grant: str) -> dict[str, str]:
        form = {"client_id": self.settings.app_key, "client_secret": self.settings.app_secret, **grant}
        url = f"{safe_server(self.settings.server)}/oauth2/access_token"
        told = errors.answer(await fetch(self.http, url, form=form))
        token, seconds = maybe(told, "access_token"), count(maybe(told, "expires_in"))
        if not isinstance(token, str) or not token:
            raise AuthFailed(_("Weibo answered without a token. Sign in again."))
        ends = int(self.means.now().timestamp()) + seconds if seconds else 0
        given = {"uid": maybe_id({"id": maybe(told, "uid")}), "refresh": maybe(told, "refresh_token")}
        kept = {name: value for name, value in given.items() if isinstance(value, str) and value}
        return {"token": token, "expires": str(ends or ""), **kept}

    # ── answering, and what grows under a post ───────────────────────────────────────────────────

    async def reply(self, to: Mention, text: str, key: str = "") -> str:  # noqa: ARG002  # Weibo knows no keys
        if _letters(text) > LETTERS:
            raise ReplyRejected(
                _("Weibo takes {n} characters at most. Shorten the text.").format(n=LETTERS)
            )
        comment = to.kind is Kind.COMMENT
        form = {"id": to.root_id if comment else to.native_id, "comment": text}
        form |= {"cid": to.native_id, "without_mention": "0"} if comment else {}
        form |= {"rip": self.settings.ip} if self.settings.ip else {}
        what = "reply" if comment else "create"
        url = f"{safe_server(self.settings.server)}/2/comments/{what}.json"
        got = await post(self.http, url, headers=self._signed(), form=form)
        code = errors.code_of(got)
        if code == errors.OK_BUT_LATE:
            return ""
        if code:
            raise errors.error_of(code, got, lambda row: row.writing)
        if got.status >= 300 and got.status < 500:
            raise status_error(got)
        try:
            sent = maybe_id(from_json(got.body)) if got.status < 300 else ""
        except MonitorError:
            sent = ""
        if not sent:
            raise Unsure(
                _("Weibo did not say whether the answer is there. Look at the post before repeating it.")
            )
        return sent

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """Comments under a post, or under the one a comment stands under; one call."""
        root, kept = post.root_id if post.kind is Kind.COMMENT else post.native_id, load(cursor)
        walk, seen = Walk.read(kept.get("walk")), Seen(kept.get("seen"))
        try:
            told = await self._list("thread", walk, root)
        except errors.Closed as closed:
            if closed.code not in errors.GONE:
                raise closed.error from None
            return Thread(Page((), cursor), gone=root == post.native_id)
        status = maybe(told, "status")
        if maybe_id(status) not in ("", root):
            return Thread(Page((), cursor))  # another post's comments
        rows, now = read_rows(told, "comments", self.settings.uid), _now(status, post)
        after = walk.after(rows.ids, old=self._is_old(rows.mentions))
        fresh = tuple(one for one in seen.news(rows.mentions) if one.native_id != post.native_id)
        page = Page(
            fresh,
            dump(walk=after.members(), seen=seen.marks()),
            more=bool(after.below),
            skipped=rows.skipped,
            gone=rows.gone,
            answered=rows.answered,
        )
        return Thread(page, post=now)


def _now(status: Any, before: Mention) -> Mention | None:
    """The post as it stands now, if it was changed and is told whole."""
    try:
        made = read_post(status)
    except MonitorError:
        return None
    if made.native_id != before.native_id or made.text == before.text or made.text.endswith("…"):
        return None
    return made


def _letters(text: str) -> float:
    """As Weibo counts them: two of the Latin ones are one."""
    return sum(1.0 if ord(one) > 0x7F else 0.5 for one in text)
