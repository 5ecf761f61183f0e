"""WeChat Official Accounts and WeCom customer service, as their documents say they answer.

Both answer 200 with `errcode` inside. Tokens last two hours by the platform's own clock.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

LASTS = 7200
WINDOW = 48 * 3600
CHINA = timezone(timedelta(hours=8))


def said(code: int, words: str) -> Reply:
    return as_json({"errcode": code, "errmsg": f"{words} rid: 66f0-synthetic"})


class Numbered(Platform):
    """`app`, `secret`: what a token is given for; `ips`: the allow list, None for no list; `answers` are
    taken one a call before anything else: (path, errcode, words)."""

    app: ClassVar[str]
    ip = "203.0.113.7"

    def __init__(self) -> None:
        super().__init__()
        self.secret = "s3cr3t-of-the-house"  # noqa: S105  # the stand-in's own
        self.ips: set[str] | None = None
        self.answers: list[tuple[str, int, str]] = []
        self.tokens: dict[str, float] = {}
        """Token → until when."""
        self.given = 0

    def answer(self, call: Call) -> Reply:
        for one in self.answers:
            if one[0] == call.path:
                self.answers.remove(one)
                return said(one[1], one[2])
        if self.ips is not None and self.ip not in self.ips:
            return self.not_allowed()
        if self.gives_token(call):
            return self.token(call)
        refused = self._token_refused(call)
        return refused or self.told(call)

    @abstractmethod
    def gives_token(self, call: Call) -> bool: ...

    @abstractmethod
    def token(self, call: Call) -> Reply: ...

    @abstractmethod
    def told(self, call: Call) -> Reply: ...

    @abstractmethod
    def not_allowed(self) -> Reply: ...

    def guarded(self, call: Call) -> bool:
        return not self.gives_token(call)

    def limits(self, call: Call) -> bool:
        return not self.gives_token(call)

    def limited(self) -> Reply:
        return said(45009, "reach max api daily quota limit")

    def expired(self, call: Call) -> Reply:  # noqa: ARG002
        return said(42001, "access_token expired")

    def error200(self) -> Reply:
        return said(-1, "system error")

    def _token_refused(self, call: Call) -> Reply | None:
        token = call.get("access_token")
        if not token:
            return said(41001, "access_token missing")
        if token not in self.tokens:
            return said(40014, "invalid access_token")
        return said(42001, "access_token expired") if self.tokens[token] <= self.now() else None

    def new_token(self) -> str:
        self.given += 1
        made = f"80_SYNTHETIC_{self.given:04d}" + "x" * 480
        self.tokens[made] = self.now() + LASTS
        return made


@dataclass(slots=True)
class Article:
    """A published one; comments are items whose `root` is its key."""

    data_id: int
    index: int = 0
    title: str = "云雀Pro 使用指南"
    at: float = 0.0
    open: bool = True
    listed: bool = True
    limited: bool = False

    @property
    def key(self) -> str:
        return f"{self.data_id}_{self.index}"

    def news(self) -> dict[str, Any]:
        where = f"mid={self.data_id}&idx={self.index + 1}&sn=abc"
        return {
            "title": self.title,
            "author": "云雀",
            "digest": "",
            "content": "",
            "content_source_url": "",
            "thumb_media_id": "SYNTH",
            "show_cover_pic": 0,
            "need_open_comment": int(self.open),
            "only_fans_can_comment": 0,
            "url": f"http://mp.weixin.qq.com/s?__biz=MzSYNTH==&{where}",
            "thumb_url": "",
            "is_deleted": False,
        }


@dataclass(slots=True)
class Message:
    """A line of a chat record: opercode 2003 the customer's, 2002 the staff's."""

    openid: str
    text: str
    at: float
    opercode: int = 2003


class WeChat(Numbered):
    """Comments are items with `root` "DATAID_INDEX" and ids that are unique in their article only."""

    prefix = "wx"
    app = "wx0000000000000000"

    def __init__(self) -> None:
        super().__init__()
        self.articles: list[Article] = []
        self.records: list[Message] = []
        self.stable = ""
        self.reach: dict[str, float] = {}
        """openid → when they wrote last: the 48 hours of a customer message."""

    def publish(self, data_id: int = 2650000001, **more: Any) -> Article:
        made = Article(data_id, **{"at": self.now(), **more})
        self.articles.append(made)
        return made

    def comment(self, text: str, article: Article | None = None, **more: Any) -> Item:
        """A reader's comment; `author_id=""` for one without a WeChat identity."""
        of = article or self.articles[0]
        number = str(sum(one.root == of.key for one in self.items) + 1)
        return self.add(text, **{"id": number, "root": of.key, "author_id": f"oSYNTH{number}", **more})

    def write(self, openid: str, text: str, at: float | None = None, opercode: int = 2003) -> None:
        """A line of chat."""
        stamp = self.now() if at is None else at
        self.records.append(Message(openid, text, stamp, opercode))
        if opercode == 2003:
            self.reach[openid] = stamp

    def gives_token(self, call: Call) -> bool:
        return call.path in ("/cgi-bin/stable_token", "/cgi-bin/token")

    def not_allowed(self) -> Reply:
        return said(40164, f"invalid ip {self.ip} ipv6 ::ffff:{self.ip}, not in whitelist")

    def token(self, call: Call) -> Reply:
        """Stable mode gives the same token until its last five minutes; the classic one kills all."""
        asked = call.json() if call.path == "/cgi-bin/stable_token" else call
        get = asked.get if isinstance(asked, dict | Call) else lambda _name: ""
        if get("appid") != self.app:
            return said(40013, "invalid appid")
        if get("secret") != self.secret:
            return said(40125, "invalid appsecret")
        if get("grant_type") != "client_credential":
            return said(40002, "invalid grant_type")
        if call.path == "/cgi-bin/token":
            self.tokens.clear()
            return as_json({"access_token": self.new_token(), "expires_in": LASTS})
        if self.tokens.get(self.stable, 0.0) - 300 <= self.now():
            self.stable = self.new_token()
        return as_json(
            {"access_token": self.stable, "expires_in": int(self.tokens[self.stable] - self.now())}
        )

    def told(self, call: Call) -> Reply:
        if call.method != "POST":
            return said(43002, "require POST method")
        body = call.json()
        if not isinstance(body, dict):
            return said(47001, "data format error")
        match call.path:
            case "/cgi-bin/freepublish/batchget":
                return self._published(body)
            case "/cgi-bin/comment/list":
                return self._comments(body)
            case "/cgi-bin/comment/reply/add":
                return self._reply(body)
            case "/cgi-bin/comment/markelect" | "/cgi-bin/comment/unmarkelect":
                return self._mark(body, call.path.endswith("/markelect"))
            case "/customservice/msgrecord/getmsglist":
                return self._records(body)
            case "/cgi-bin/message/custom/send":
                return self._message(call, body)
        return said(40066, "invalid url")

    def _published(self, body: dict[str, Any]) -> Reply:
        offset, size = body.get("offset", 0), body.get("count", 0)
        if not 1 <= size <= 20:
            return said(53600, "invalid count")
        listed = sorted((one for one in self.articles if one.listed), key=lambda one: -one.at)
        page = listed[offset : offset + size]
        items = [
            {
                "article_id": f"SYNTH_{one.key}",
                "update_time": int(one.at),
                "content": {
                    "news_item": [one.news()],
                    "create_time": int(one.at),
                    "update_time": int(one.at),
                },
            }
            for one in page
        ]
        return as_json({"total_count": len(listed), "item_count": len(items), "item": items})

    def _article(self, body: dict[str, Any]) -> Article | Reply:
        for one in self.articles:
            if (one.data_id, one.index) == (body.get("msg_data_id"), body.get("index", 0)):
                return said(88002, "article limited for safety") if one.limited else one
        return said(88001, "msg_data is not exists")

    def _comments(self, body: dict[str, Any]) -> Reply:
        of = self._article(body)
        if isinstance(of, Reply):
            return of
        begin, size = body.get("begin", 0), body.get("count", 0)
        if not 1 <= size < 50:
            return said(88010, "count range error. cout <= 0 or count > 50")
        if self.switches.duplicate and begin:  # new comments have moved all by a page
            self.switches.duplicate -= 1
            begin = max(0, begin - size)
        standing = [one for one in reversed(self.shown()) if one.root == of.key]
        if not of.open:
            return said(88001, "comments are closed")
        told = [self._comment(one) for one in standing[begin : begin + size]]
        return as_json({"errcode": 0, "errmsg": "ok", "total": len(standing), "comment": told})

    def _comment(self, one: Item) -> dict[str, Any]:
        made: dict[str, Any] = {
            "user_comment_id": int(one.id),
            "create_time": int(one.at) if int(one.id) % 2 else str(int(one.at)),
            "content": one.text,
            "comment_type": int(bool(one.extra.get("elect"))),
        }
        if one.author_id:
            made["openid"] = one.author_id
        if one.extra.get("reply"):
            made["reply"] = {"content": one.extra["reply"], "create_time": int(self.now())}
        return made

    def _one(self, body: dict[str, Any]) -> Item | Reply:
        of = self._article(body)
        if isinstance(of, Reply):
            return of
        for one in self.items:
            if one.root == of.key and one.id == str(body.get("user_comment_id")):
                return said(88004, "comment is deleted by user") if one.deleted else one
        return said(88008, "comment is not exists")

    def _reply(self, body: dict[str, Any]) -> Reply:
        one = self._one(body)
        if isinstance(one, Reply):
            return one
        text = body.get("content", "")
        if not text or len(text) > 600:
            return said(88007, "reply content beyond max len or content len is zero")
        if one.extra.get("reply"):
            return said(88005, "already reply")
        one.extra["reply"] = text
        self.sent.append(Item(id=one.id, text=text, root=one.root, at=self.now()))
        return as_json({"errcode": 0, "errmsg": "ok"})

    def _mark(self, body: dict[str, Any], on: bool) -> Reply:
        one = self._one(body)
        if isinstance(one, Reply):
            return one
        one.extra["elect"] = on
        return as_json({"errcode": 0, "errmsg": "ok"})

    def _records(self, body: dict[str, Any]) -> Reply:
        start, end, after = (body.get(name, 0) for name in ("starttime", "endtime", "msgid"))
        first, last = (datetime.fromtimestamp(one, UTC).astimezone(CHINA).date() for one in (start, end))
        if not 0 <= end - start <= 86400 or first != last:
            return said(61451, "invalid parameter")
        number = min(10_000, body.get("number", 0))
        found = [
            (place, one)
            for place, one in enumerate(self.records, 20_000_001)
            if start <= one.at <= end + 0.999 and (after <= 1 or place > after)
        ][:number]
        told = [
            {
                "openid": one.openid,
                "opercode": one.opercode,
                "text": one.text,
                "time": int(one.at),
                "worker": "kf1@synthetic",
            }
            for _place, one in found
        ]
        last_id = found[-1][0] if found else max(after, 1)
        return as_json({"recordlist": told, "number": len(told), "msgid": last_id})

    def _message(self, call: Call, body: dict[str, Any]) -> Reply:
        openid, text = body.get("touser", ""), (body.get("text") or {}).get("content", "")
        if b"\\u" in call.body:
            return said(40033, "invalid charset. please check your request, if include \\uxxxx")
        if openid not in self.reach:
            return said(40003, "invalid openid")
        if self.now() - self.reach[openid] > WINDOW:
            return said(45015, "response out of time limit or subscription is canceled")
        if not text:
            return said(44004, "empty content")
        self.sent.append(Item(id="", text=text, author_id=openid, at=self.now()))
        return as_json({"errcode": 0, "errmsg": "ok"})


@dataclass(slots=True)
class Talk:
    """One customer's conversation. `state`: 0 new, 1 assistant, 2 pool, 3 a colleague, 4 ended."""

    last: float = 0.0
    sent: int = 0
    state: int = 0
    keys: set[str] = field(default_factory=set)


class WeCom(Numbered):
    """Messages are items; `extra` is what stands beside msgid, send_time and the ids. Messages sent by
    send_msg are not among them. `late_failures`: what may not be delivered is taken, and an event tells."""

    prefix = "wecom"
    app = "wwSYNTHETIC"
    kfid = "wkSYNTH01"

    def __init__(self) -> None:
        super().__init__()
        self.callbacks: dict[str, float] = {}
        """Token of a callback event → when it came."""
        self.talks: dict[str, Talk] = {}
        self.gaps: list[int] = []
        """Places before which an empty page with has_more 1 is given."""
        self.forgotten: set[str] = set()
        """Cursors that are not known any more."""
        self.late_failures = False
        self.page = 1000

    def write(self, text: str, customer: str = "wmSYNTH01", **more: Any) -> Item:
        """A customer's text, or another message by `extra`."""
        made = self.add(text, **{"author_id": customer, **more})
        if made.extra.get("origin", 3) == 3 and "event" not in made.extra:
            talk = self.talks.setdefault(made.author_id, Talk())
            talk.last, talk.sent = made.at, 0
        return made

    def staff(self, text: str, customer: str = "wmSYNTH01") -> Item:
        return self.write(text, customer, extra={"origin": 5})

    def event(self, kind: str, customer: str = "wmSYNTH01", **more: Any) -> Item:
        told = {"event_type": kind, "open_kfid": self.kfid, "external_userid": customer, **more}
        return self.add("", author_id=customer, extra={"event": told})

    def new_id(self) -> str:
        return f"SYNTHmsg{super().new_id()}"

    def gives_token(self, call: Call) -> bool:
        return call.path == "/cgi-bin/gettoken"

    def not_allowed(self) -> Reply:
        return said(60020, f"not allow to access from your ip, from ip: {self.ip}")

    def token(self, call: Call) -> Reply:
        if call.get("corpid") != self.app:
            return said(40013, "invalid corpid")
        if call.get("corpsecret") != self.secret:
            return said(40001, "invalid credential")
        standing = [one for one, until in self.tokens.items() if until > self.now() + 60]
        token = standing[-1] if standing else self.new_token()
        lasts = int(self.tokens[token] - self.now())
        return as_json({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": lasts})

    def told(self, call: Call) -> Reply:
        body = call.json()
        if not isinstance(body, dict):
            return said(40058, "invalid parameter")
        match call.path:
            case "/cgi-bin/kf/account/list":
                account = {
                    "open_kfid": self.kfid,
                    "name": "云雀客服",
                    "avatar": "",
                    "manage_privilege": True,
                }
                return as_json({"errcode": 0, "errmsg": "ok", "account_list": [account]})
            case "/cgi-bin/kf/sync_msg":
                return self._sync(body)
            case "/cgi-bin/kf/send_msg":
                return self._send(body)
        return said(40066, "invalid url")

    def _sync(self, body: dict[str, Any]) -> Reply:
        if body.get("open_kfid") not in (None, self.kfid):
            return said(95000, "invalid open_kfid")
        token = body.get("token", "")
        if token and self.now() - self.callbacks.get(token, 0.0) > 600:
            return said(95007, "invalid msg token")
        cursor = str(body.get("cursor", ""))
        place = _place(cursor)
        if place is None or cursor in self.forgotten:
            return said(40058, "invalid cursor")
        if place in self.gaps:
            self.gaps.remove(place)
            return self._page([], place, more=True)
        size = max(1, min(self.page, body.get("limit", 1000)))
        if self.switches.duplicate and place:
            self.switches.duplicate -= 1
            place = max(0, place - size)
        if self.switches.empty:
            return self._page([], place, more=False)
        found = self.items[place : place + size]
        return self._page(found, place + len(found), more=place + len(found) < len(self.items))

    def _page(self, found: list[Item], place: int, *, more: bool) -> Reply:
        told = [self._message(one) for one in found if not one.deleted]
        page = {"next_cursor": f"4gw7SYNTH{place}", "has_more": int(more), "msg_list": told}
        return as_json({"errcode": 0, "errmsg": "ok", **page})

    def _message(self, one: Item) -> dict[str, Any]:
        head: dict[str, Any] = {"msgid": one.id, "send_time": int(one.at)}
        if "event" in one.extra:
            return {**head, "origin": 4, "msgtype": "event", "event": one.extra["event"]}
        whose = {
            "open_kfid": self.kfid,
            "external_userid": one.author_id,
            "origin": one.extra.get("origin", 3),
        }
        content = one.extra.get("content") or {
            "msgtype": "text",
            "text": {"content": one.text, "menu_id": ""},
        }
        return {**head, **whose, **content}

    def _send(self, body: dict[str, Any]) -> Reply:
        customer, text = body.get("touser", ""), (body.get("text") or {}).get("content", "")
        key = str(body.get("msgid") or self.new_id())
        talk = self.talks.get(customer)
        if talk is None:
            return said(40096, "invalid external userid")
        if body.get("open_kfid") != self.kfid:
            return said(95000, "invalid open_kfid")
        if not text or len(text.encode()) > 2048 or len(key) > 32 or key in talk.keys:
            return said(40058, "invalid parameter")
        closed = self.now() - talk.last > WINDOW or talk.sent >= 5
        if talk.state in (3, 4) or (closed and not self.late_failures):
            return said(95018, "session status invalid")
        talk.keys.add(key)
        if closed:
            why = 4 if self.now() - talk.last > WINDOW else 6
            self.event("msg_send_fail", customer, fail_msgid=key, fail_type=why)
        else:
            talk.sent += 1
            self.sent.append(Item(id=key, text=text, author_id=customer, at=self.now()))
        return as_json({"errcode": 0, "errmsg": "ok", "msgid": key})


def _place(cursor: str) -> int | None:
    if not cursor:
        return 0
    told = cursor.removeprefix("4gw7SYNTH")
    return int(told) if told != cursor and told.isdigit() and told.isascii() else None
