"""Weibo's open API: OAuth, lists by `since_id` and `max_id`, a daily quota, comments and replies.

Faithful to its traps: `max_id` is inclusive, deleted items stay in lists without their `user`, numbers are
sometimes strings, dates are English, long posts are cut, errors come with 400, 403 or (a switch) 200.
"""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

from app.drill.standin.platform import Call, Item, Platform, Reply

BEIJING = timezone(timedelta(hours=8))
KIND = "application/json;charset=UTF-8"
CUT = 140
DELETED = "抱歉，此微博已被作者删除。查看帮助：http://t.cn/RfdXXXX"

ERRORS = {
    10001: "System error!",
    10013: "Invalid weibo user!",
    10014: "Insufficient app permissions!",
    10020: "Request Api not found!",
    10023: "User requests out of rate limit!",
    20008: "content is null!",
    20012: "text too long, please input text less than 140 characters!",
    20019: "repeat content!",
    20101: "target weibo does not exist!",
    20201: "comment does not exist!",
    21301: "auth faild!",
    21315: "Token expired!",
    21332: "Invalid access_token!",
}
OAUTH = {
    21322: "redirect_uri_mismatch",
    21324: "invalid_client",
    21325: "invalid_grant",
    21327: "expired_token",
    21330: "access_denied",
}
FREE = ("/2/account/rate_limit_status.json",)
LISTS = {
    "/2/statuses/mentions.json": ("statuses", "mention"),
    "/2/comments/to_me.json": ("comments", "to_me"),
    "/2/comments/mentions.json": ("comments", "cmention"),
    "/2/comments/by_me.json": ("comments", "by_me"),
}


class Weibo(Platform):
    """`extra["where"]`: mention (the default) | to_me | cmention | by_me | own. `root` is the post that a
    comment stands under, `parent` the comment it answers. `extra["original"]` (id) makes a post a repost.

    `limit`: calls a Beijing day. `token` is good; `refresh` renews it where an app has such a thing.
    """

    prefix = "weibo"
    first_id = 5205000000000001

    def __init__(self) -> None:
        super().__init__()
        self.uid, self.name = "7100000001", "云雀耳机官方"
        self.app_key, self.app_secret = "1234567890", "app-s3cr3t"
        self.token, self.refresh = "2.00SYNTHETICtoken", ""
        self.expires_in = 2591999
        self.redirect = ""
        """What was registered; empty: any."""
        self.deny = False
        """The person declines."""
        self.code_expired = False
        self.as200 = False
        """Errors come with HTTP 200."""
        self.strings = False
        """Numbers come as strings."""
        self.limit = 100
        self.errors: deque[tuple[str, int]] = deque()
        """(end of a path or "", error code): the next answers."""
        self._codes: dict[str, str] = {}
        self._made = 0
        self._day = ""
        self._used = 0

    # ── quota ────────────────────────────────────────────────────────────────────────────────────

    def beijing(self) -> datetime:
        return datetime.fromtimestamp(self.now(), BEIJING)

    @property
    def used(self) -> int:
        """Calls made this Beijing day."""
        today = self.beijing().date().isoformat()
        if today != self._day:
            self._day, self._used = today, 0
        return self._used

    def spend(self, calls: int) -> None:
        """As another program with the same token does."""
        self._used = self.used + calls

    def guarded(self, call: Call) -> bool:
        return call.path.startswith("/2/")

    def limits(self, call: Call) -> bool:
        return call.path.startswith("/2/") and call.path not in FREE

    def limited(self) -> Reply:
        return self._error(10023)

    def expired(self, call: Call) -> Reply:
        return self._error(21315, call.path)

    def error200(self) -> Reply:
        return _json({"request": "/2", "error_code": 10001, "error": ERRORS[10001]})

    def _error(self, code: int, path: str = "/2") -> Reply:
        told: dict[str, Any] = {
            "request": path,
            "error_code": code,
            "error": ERRORS.get(code, f"error {code}"),
        }
        if code in OAUTH:
            told = {
                **told,
                "error": OAUTH[code],
                "error_uri": path,
                "error_description": f"{OAUTH[code]}: …",
            }
        return _json(told, 200 if self.as200 else 403 if code >= 21300 or code == 10023 else 400)

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    def answer(self, call: Call) -> Reply:
        if call.path.startswith("/oauth2/"):
            return self._oauth(call)
        if self._token_of(call) != self.token:
            return self._error(21332, call.path)
        if self.errors and call.path.endswith(self.errors[0][0]):
            return self._error(self.errors.popleft()[1], call.path)
        if self.limits(call):
            if self.used >= self.limit:
                return self._error(10023, call.path)
            self._used += 1
        return self._told(call)

    def _told(self, call: Call) -> Reply:
        if call.path in LISTS:
            name, where = LISTS[call.path]
            found = [one for one in self.items if one.extra.get("where", "mention") == where]
            return self._list(call, name, found)
        match call.path:
            case "/2/comments/show.json":
                return self._comments_of(call)
            case "/2/statuses/user_timeline.json":
                own = [one for one in self.items if one.extra.get("where") == "own"][-5:]
                return self._list(call, "statuses", own)
            case "/2/account/rate_limit_status.json":
                return _json(self._status())
            case "/2/comments/create.json" | "/2/comments/reply.json":
                return self._comment(call)
        return self._error(10020, call.path)

    def _list(self, call: Call, name: str, found: list[Item], **more: Any) -> Reply:
        since, most = call.number("since_id", 0), call.number("max_id", 0)
        size = min(200, max(1, call.number("count", 50)))
        fit = [one for one in found if int(one.id) > since and (not most or int(one.id) <= most)]
        rows = [] if self.switches.empty else sorted(fit, key=lambda one: -int(one.id))[:size]
        make = self._post if name == "statuses" else self._told_comment
        told = {name: [make(one) for one in rows], "hasvisible": False, "previous_cursor": 0}
        return self._plainly({**told, "next_cursor": 0, "total_number": len(found), **more})

    def _comments_of(self, call: Call) -> Reply:
        post = self.item(call.get("id"))
        if post is None or post.deleted:
            return self._error(20101, call.path)
        below = [one for one in self.items if one.root == post.id and one.extra.get("where") != "cmention"]
        return self._list(call, "comments", below, status=self._post(post), marks=[])

    def _comment(self, call: Call) -> Reply:
        given = call.form()
        said, post = given.get("comment", ""), self.item(given.get("id", ""))
        answered = self.item(given.get("cid", ""))
        if call.method != "POST":
            return self._error(10021, call.path)
        if post is None or post.deleted:
            return self._error(20101, call.path)
        if call.path.endswith("reply.json") and (answered is None or answered.deleted):
            return self._error(20201, call.path)
        if not said:
            return self._error(20008, call.path)
        if len(said) > CUT:
            return self._error(20012, call.path)
        if any(one.extra["said"] == said for one in self.sent):
            return self._error(20019, call.path)
        shown = (
            f"回复@{answered.author}:{said}" if answered and given.get("without_mention") != "1" else said
        )
        made = self.add(
            shown,
            author=self.name,
            author_id=self.uid,
            root=post.id,
            parent=answered.id if answered else "",
            extra={"where": "by_me", "said": said, "rip": given.get("rip", "")},
        )
        self.sent.append(made)
        return self._plainly(self._told_comment(made))

    def _status(self) -> dict[str, Any]:
        now = self.beijing()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return {
            "ip_limit": 15000,
            "limit_time_unit": "DAYS",
            "remaining_ip_hits": 15000 - self.used,
            "remaining_user_hits": max(0, self.limit - self.used),
            "reset_time": midnight.strftime("%Y-%m-%d %H:%M:%S"),
            "reset_time_in_seconds": int((midnight - now).total_seconds()),
            "user_limit": self.limit,
            "api_rate_limits": [],
        }

    # ── signing in ───────────────────────────────────────────────────────────────────────────────

    def _oauth(self, call: Call) -> Reply:
        match call.path:
            case "/oauth2/authorize":
                return self._authorise(call)
            case "/oauth2/access_token":
                return self._exchange(call.form())
            case "/oauth2/get_token_info":
                if call.form().get("access_token") != self.token or self.switches.expired:
                    return self._error(21327, call.path)
                made = {"uid": self.uid, "appkey": self.app_key, "scope": None, "create_at": "1758000000"}
                return _json({**made, "expire_in": str(self.expires_in)})
        return self._error(10020, call.path)

    def _authorise(self, call: Call) -> Reply:
        """The person agrees at once."""
        back, state = call.get("redirect_uri"), call.get("state")
        if call.get("client_id") != self.app_key or back != (self.redirect or back):
            return self._error(21322, call.path)
        self._made += 1
        code = f"synthcode{self._made}"
        self._codes[code] = back
        told = {"error": "access_denied", "error_code": "21330"} if self.deny else {"code": code}
        where = f"{back}{'&' if '?' in back else '?'}{urlencode({**told, 'state': state})}"
        return Reply(b"", 302, headers={"Location": where})

    def _exchange(self, given: dict[str, str]) -> Reply:
        if (given.get("client_id"), given.get("client_secret")) != (self.app_key, self.app_secret):
            return self._error(21324, "/oauth2/access_token")
        if given.get("grant_type") == "refresh_token":
            if not self.refresh or given.get("refresh_token") != self.refresh:
                return self._error(21327, "/oauth2/access_token")
        elif self.code_expired:
            return self._error(21327, "/oauth2/access_token")
        else:
            back = self._codes.pop(given.get("code", ""), None)
            if back is None:
                return self._error(21325, "/oauth2/access_token")
            if back != given.get("redirect_uri"):
                return self._error(21322, "/oauth2/access_token")
        self._made += 1
        self.token = f"2.00SYNTHETICtoken{self._made}"
        self.refresh = f"refresh{self._made}" if self.refresh else ""
        told = {"access_token": self.token, "remind_in": str(self.expires_in), "uid": self.uid}
        more = {"refresh_token": self.refresh} if self.refresh else {}
        return _json({**told, "expires_in": self.expires_in, "isRealName": "true", **more})

    def _token_of(self, call: Call) -> str:
        scheme, _blank, token = call.headers.get("authorization", "").partition(" ")
        return (
            token if scheme == "OAuth2" else call.get("access_token") or call.form().get("access_token", "")
        )

    # ── how it is told ───────────────────────────────────────────────────────────────────────────

    def _plainly(self, told: dict[str, Any]) -> Reply:
        return _json(_stringly(told) if self.strings else told)

    def _post(self, one: Item) -> dict[str, Any]:
        told = {"id": int(one.id), "idstr": one.id, "mid": one.id, "created_at": _date(one.at)}
        if one.deleted:
            return {**told, "text": DELETED, "deleted": "1"}
        long = len(one.text) > CUT and bool(one.extra.get("cut"))
        made = {
            **told,
            "text": f"{one.text[:CUT]}...全文： http://m.weibo.cn/{one.author_id}/{one.id}"
            if long
            else one.text,
            "source": '<a href="http://app.weibo.com/t/feed/6vtZb0" rel="nofollow">iPhone客户端</a>',
            "truncated": False,
            "isLongText": long,
            "pic_urls": one.extra.get("pics", []),
            "reposts_count": one.extra.get("reposts", 3),
            "comments_count": sum(each.root == one.id for each in self.items),
            "attitudes_count": one.extra.get("likes", 27),
            "user": self._user(one),
        }
        original = self.item(str(one.extra.get("original", "")))
        return {**made, "retweeted_status": self._post(original)} if original else made

    def _told_comment(self, one: Item) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": int(one.id),
            "idstr": one.id,
            "mid": one.id,
            "created_at": _date(one.at),
        }
        post, answered = self.item(one.root), self.item(one.parent)
        made = {
            **told,
            "rootid": int(one.extra.get("thread", one.id)),
            "floor_number": 1,
            "text": "此评论已被删除" if one.deleted else one.text,
            "disable_reply": 0,
        }
        if one.deleted:
            made["deleted"] = "1"
        else:
            made["user"] = self._user(one)
        if post is not None:
            made["status"] = {name: value for name, value in self._post(post).items() if name in _BRIEF}
        if answered is not None:
            made["reply_comment"] = {
                "id": int(answered.id),
                "idstr": answered.id,
                "text": answered.text,
                "user": self._user(answered),
            }
        return made

    def _user(self, one: Item) -> dict[str, Any]:
        id_ = one.author_id if one.author_id.isdigit() else "1900000001"
        return {
            "id": int(id_),
            "idstr": id_,
            "screen_name": one.author,
            "location": "浙江 杭州",
            "followers_count": one.extra.get("followers", 512),
            "verified": False,
        }


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BRIEF = ("id", "idstr", "mid", "text", "user", "deleted")


def _date(at: float) -> str:
    """English whatever the machine speaks."""
    then = datetime.fromtimestamp(at, UTC).astimezone(BEIJING)
    day, month = _DAYS[then.weekday()], _MONTHS[then.month - 1]
    return f"{day} {month} {then:%d %H:%M:%S %z %Y}"


def _json(told: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass"), status, KIND)


def _stringly(told: Any) -> Any:
    """Numbers as strings, all the way down."""
    if isinstance(told, dict):
        return {name: _stringly(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_stringly(one) for one in told]
    return str(told) if isinstance(told, int) and not isinstance(told, bool) else told
