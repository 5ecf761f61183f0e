"""Douyin's open platform: own videos, their comments and answers, approved keywords, two kinds of tokens.

Faithful to its traps: errors come with HTTP 200 and may stand in `data` or in `extra` only, ids are opaque
texts with `/ + =`, comments are paged by an offset that shifts while new ones come, names may be withheld,
and the search knows approved words and the last day only.
"""

from __future__ import annotations

from collections import deque
from typing import Any
from urllib.parse import urlencode

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

ERRORS = {
    28001005: "系统繁忙，此时请开发者稍候再试",
    28001007: "参数不合法",
    28001008: "access_token过期,请刷新或重新授权",
    28001012: "用户未授权该api",
    28001015: "access_token和open_id不匹配",
    28001018: "应用未获得该能力",
    28003018: "请求过于频繁",
    2190002: "access_token无效",
}
DAY = 86400


class Douyin(Platform):
    """`extra["where"]`: comment (the default; under the video `root`, an answer with `parent`) | video (our
    own) | found (somebody's, by the search).

    `keywords` are the approved ones. `named` False: nicknames are withheld, as without their scope.
    """

    prefix = "douyin"
    first_id = 700001

    def __init__(self) -> None:
        super().__init__()
        self.client_key, self.client_secret = "aw000madeup", "douyin-s3cr3t"
        self.open_id = "_000madeup-open-id"
        self.token, self.refresh, self.app_token = "act.madeup0", "rft.madeup0", "clt.madeup0"
        self.renewals = 5
        """How often the refresh token may be renewed."""
        self.keywords: tuple[str, ...] = ("云雀",)
        self.named = True
        self.in_extra = False
        """Error codes stand in `extra` only."""
        self.deny = False
        self.errors: deque[tuple[str, int]] = deque()
        """(end of a path or "", error code): the next answers."""
        self._codes: set[str] = set()
        self._made = 0

    def new_id(self) -> str:
        return f"@9VwD{next(self._ids)}/b+S/u1=="

    def guarded(self, call: Call) -> bool:
        return not call.path.startswith(("/oauth/", "/platform/"))

    def limits(self, call: Call) -> bool:
        return self.guarded(call)

    def limited(self) -> Reply:
        return self._error(28003018)

    def expired(self, call: Call) -> Reply:  # noqa: ARG002  # the same words for all
        return self._error(28001008)

    def error200(self) -> Reply:
        return self._error(28001005)

    def _told(self, data: dict[str, Any]) -> Reply:
        return self._answer({"error_code": 0, "description": "", **data}, 0, "")

    def _error(self, code: int) -> Reply:
        said = ERRORS.get(code, f"error {code}")
        inner = {} if self.in_extra else {"error_code": code, "description": said}
        return self._answer(inner, code, said)

    def _answer(self, data: dict[str, Any], code: int, said: str) -> Reply:
        self._made += 1
        extra = {
            "error_code": code,
            "description": said,
            "sub_error_code": 0,
            "sub_description": "",
            "logid": f"20260302{self._made:016d}",
            "now": int(self.now() * 1000),
        }
        return as_json({"data": data, "extra": extra})

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    def answer(self, call: Call) -> Reply:
        if call.path.startswith(("/oauth/", "/platform/")):
            return self._oauth(call)
        if self.errors and call.path.endswith(self.errors[0][0]):
            return self._error(self.errors.popleft()[1])
        return self._refused(call) or self._asked(call)

    def _refused(self, call: Call) -> Reply | None:
        given = call.headers.get("access-token", "")
        if call.path.startswith("/video/search/comment/"):
            return None if given == self.app_token else self._error(2190002)
        if given != self.token:
            return self._error(2190002)
        return None if call.get("open_id") == self.open_id else self._error(28001015)

    def _asked(self, call: Call) -> Reply:
        match call.path:
            case "/api/douyin/v1/video/video_list/":
                return self._page(call, self._of("video"), self._video, 20)
            case "/video/search/":
                return self._search(call)
            case "/item/comment/list/" | "/video/search/comment/list/":
                return self._comments(call)
            case "/item/comment/reply/list/" | "/video/search/comment/reply/list/":
                below = [one for one in self.shown() if one.parent == call.get("comment_id")]
                return self._page(call, below, self._comment, 50)
            case "/item/comment/reply/" | "/video/search/comment/reply/":
                return self._reply(call)
        return as_json({"message": "not found"}, 404)

    def _of(self, where: str) -> list[Item]:
        return [one for one in reversed(self.shown()) if one.extra.get("where", "comment") == where]

    def _page(self, call: Call, found: list[Item], made: Any, most: int) -> Reply:
        at, size = max(0, call.number("cursor", 0)), call.number("count", 10)
        if not 1 <= size <= most:
            return self._error(28001007)
        rows = found[at : at + size]
        more = {"cursor": at + len(rows), "has_more": at + size < len(found)}
        return self._told({**more, "list": [made(one) for one in rows]})

    def _comments(self, call: Call) -> Reply:
        own = call.path.startswith("/item/")
        video = self.item(call.get("item_id" if own else "sec_item_id"))
        if video is None or video.deleted:
            return self._error(28001007)
        below = [one for one in reversed(self.shown()) if one.root == video.id and not one.parent]
        return self._page(call, below, self._comment, 50 if own else 20)

    def _search(self, call: Call) -> Reply:
        if call.get("keyword") not in self.keywords:
            return self._error(28001018)
        fit = [one for one in self._of("found") if call.get("keyword") in one.text]
        young = [one for one in fit if one.at > self.now() - DAY]
        return self._page(call, young, self._found_video, 20)

    def _reply(self, call: Call) -> Reply:
        given = call.json()
        given = given if isinstance(given, dict) else {}
        own = call.path.startswith("/item/")
        video, comment = (
            self.item(str(given.get("item_id" if own else "sec_item_id"))),
            given.get("comment_id"),
        )
        above = self.item(str(comment))
        said = given.get("content")
        if (
            call.method != "POST"
            or not video
            or not above
            or above.deleted
            or above.root != video.id
            or not said
        ):
            return self._error(28001007)
        made = self.add(
            str(said),
            author_id=self.open_id,
            author="云雀耳机官方",
            root=video.id,
            parent=above.parent or above.id,
        )
        self.sent.append(made)
        return self._told({"comment_id": made.id})

    # ── tokens ───────────────────────────────────────────────────────────────────────────────────

    def _oauth(self, call: Call) -> Reply:
        given = call.json() if "json" in call.headers.get("content-type", "") else call.form()
        given = given if isinstance(given, dict) else {}
        if call.path == "/platform/oauth/connect/":
            return self._connect(call)
        known = given.get("client_key") == self.client_key
        match call.path:
            case "/oauth/access_token/":
                known = known and given.get("client_secret") == self.client_secret
                if not known or given.get("code") not in self._codes:
                    return self._error(28001007)
                self._codes.discard(str(given.get("code")))
                return self._tokens()
            case "/oauth/refresh_token/":
                good = known and given.get("refresh_token") == self.refresh
                return self._tokens() if good else self._error(28001008)
            case "/oauth/renew_refresh_token/":
                if not known or given.get("refresh_token") != self.refresh or self.renewals < 1:
                    return self._error(28001007)
                self.renewals -= 1
                self._made += 1
                self.refresh = f"rft.madeup{self._made}"
                return self._told({"refresh_token": self.refresh, "expires_in": 30 * DAY})
            case "/oauth/client_token/":
                if not known or given.get("client_secret") != self.client_secret:
                    return self._error(28001007)
                self._made += 1
                self.app_token = f"clt.madeup{self._made}"
                return self._told({"access_token": self.app_token, "expires_in": 7200})
        return as_json({"message": "not found"}, 404)

    def _connect(self, call: Call) -> Reply:
        """The person agrees at once."""
        back = call.get("redirect_uri")
        if call.get("client_key") != self.client_key or not call.get("scope"):
            return self._error(28001007)
        self._made += 1
        code = f"madeupcode{self._made}"
        self._codes.add(code)
        told = {"error": "access_denied"} if self.deny else {"code": code}
        return Reply(
            b"", 302, headers={"Location": f"{back}?{urlencode({**told, 'state': call.get('state')})}"}
        )

    def _tokens(self) -> Reply:
        """Both are new; the old ones are good no more."""
        self._made += 1
        self.token, self.refresh = f"act.madeup{self._made}", f"rft.madeup{self._made}"
        return self._told(
            {
                "access_token": self.token,
                "expires_in": 15 * DAY,
                "refresh_token": self.refresh,
                "refresh_expires_in": 30 * DAY,
                "open_id": self.open_id,
                "scope": "user_info,video.list.bind,item.comment",
            }
        )

    # ── how it is told ───────────────────────────────────────────────────────────────────────────

    def _video(self, one: Item) -> dict[str, Any]:
        return {
            "item_id": one.id,
            "title": one.text,
            "create_time": int(one.at),
            "share_url": one.extra.get("url", "https://www.iesdouyin.com/share/video/7300000000000000001/"),
            "is_top": False,
            "video_status": 1,
            "statistics": self._counts(one),
        }

    def _found_video(self, one: Item) -> dict[str, Any]:
        told = {name: value for name, value in self._video(one).items() if name != "item_id"}
        return {**told, "sec_item_id": one.id, "nickname": one.author}

    def _counts(self, one: Item) -> dict[str, Any]:
        comments = sum(each.root == one.id and not each.deleted for each in self.items)
        return {"comment_count": comments, "digg_count": 9, "play_count": 120, "share_count": 1}

    def _comment(self, one: Item) -> dict[str, Any]:
        told = {
            "comment_id": one.id,
            "comment_user_id": one.author_id,
            "content": one.text,
            "create_time": int(one.at),
            "digg_count": one.extra.get("likes", 6),
            "reply_comment_total": sum(each.parent == one.id and not each.deleted for each in self.items),
            "top": False,
        }
        return {**told, "nick_name": one.author} if self.named else told
