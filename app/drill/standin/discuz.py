"""A Discuz! X board: the mobile JSON interface where every scalar is a string, and RSS without guids."""

from __future__ import annotations

import json
from email.utils import formatdate
from html import escape
from typing import Any

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

RSS_ITEMS = 20


class Discuz(Platform):
    """An item without `root` is a thread (`extra["subject"]`, in `extra["fid"]`, "2" unless said)."""

    prefix = "discuz"
    first_id = 10_001

    def __init__(self) -> None:
        super().__init__()
        self.gbk = False
        self.old = False
        """Version 4 answers with `webview_page` only."""
        self.closed: dict[str, str] = {}
        """Board → messageval that it answers with."""
        self.off = ""
        """What the interface says instead of anything: mobile_is_closed …"""
        self.rss = True

    def answer(self, call: Call) -> Reply:
        if call.path == "/forum.php" and call.get("mod") == "rss":
            return self._rss(call)
        if call.path != "/api/mobile/index.php":
            return Reply(b"<!doctype html><title>404</title>", 404, "text/html")
        if self.off:
            return self._json({"error": self.off})
        if call.get("check"):
            return self._json({"discuzversion": "X3.4", "charset": "utf-8", "sitename": "云雀社区"})
        match call.get("module"):
            case "forumdisplay":
                return self._board(call)
            case "viewthread":
                return self._thread(call)
        return self._json({"error": "module_not_exists"})

    def guarded(self, call: Call) -> bool:  # noqa: ARG002  # guests read
        return False

    def error200(self) -> Reply:
        return self._json({"error": "param_error"})

    def _json(self, told: Any) -> Reply:
        """As the plugin writes it: GBK boards in GBK."""
        if not self.gbk:
            return as_json(told)
        body = json.dumps(told, ensure_ascii=False).encode("gbk", "replace")
        return Reply(body, kind="application/json; charset=gbk")

    def _said(self, value: str, words: str = "抱歉，您没有权限访问该版块") -> Reply:
        return self._json({"Version": "4", "Message": {"messageval": value, "messagestr": words}})

    def _variables(self, **told: Any) -> Reply:
        shared = {"cookiepre": "Synth_2132_", "auth": None, "member_uid": "0", "formhash": "1a2b3c4d"}
        charset = "GBK" if self.gbk else "UTF-8"
        return self._json({"Version": "4", "Charset": charset, "Variables": {**shared, **told}})

    def _fid(self, one: Item) -> str:
        return str(one.extra.get("fid", "2"))

    def _touched(self, one: Item) -> int:
        return int(max([one.at, *(each.at for each in self.items if each.root == one.id)]))

    def _board(self, call: Call) -> Reply:
        fid = call.get("fid")
        if fid in self.closed:
            return self._said(self.closed[fid])
        if not fid.isdigit():
            return self._said("forum_nonexistence", "抱歉，指定的版块不存在")
        threads = [one for one in self.shown() if not one.root and self._fid(one) == fid]
        threads.sort(key=lambda one: (-self._touched(one), -int(one.id)))
        page, size = max(1, call.number("page", 1)), min(100, max(1, call.number("tpp", 20)))
        part = threads[(page - 1) * size : page * size]
        return self._variables(
            forum={"fid": fid, "name": "耳机专区", "threads": str(len(threads))},
            forum_threadlist=[self._row(one) for one in part],
            tpp=str(size),
            page=str(page),
        )

    def _row(self, one: Item) -> dict[str, str]:
        return {
            "tid": one.id,
            "author": one.author,
            "authorid": "55",
            "subject": str(one.extra.get("subject", "")),
            "dbdateline": str(int(one.at)),
            "dateline": '<span title="2025-9-2">2&nbsp;小时前</span>',
            "dblastpost": str(self._touched(one)),
            "replies": str(sum(each.root == one.id for each in self.items)),
            "views": "340",
        }

    def _thread(self, call: Call) -> Reply:
        top = self.item(call.get("tid"))
        if top is None or top.deleted or top.root:
            return self._said("thread_nonexistence", "抱歉，指定的主题不存在或已被删除")
        posts = [top, *(one for one in self.items if one.root == top.id and not one.deleted)]
        page, size = max(1, call.number("page", 1)), min(100, max(1, call.number("ppp", 10)))
        part = [] if self.switches.empty else posts[(page - 1) * size : page * size]
        thread = {"tid": top.id, "fid": self._fid(top), "subject": str(top.extra.get("subject", ""))}
        thread["replies"] = str(len(posts) - 1)
        if self.old and call.get("version") != "1":
            return self._variables(thread=thread, webview_page="<html>…</html>", ppp=str(size))
        rows = [self._post(one, top) for one in part]
        listed: Any = {str(n): row for n, row in enumerate(rows)} if self.old else rows
        return self._variables(thread=thread, postlist=listed, ppp=str(size))

    def _post(self, one: Item, top: Item) -> dict[str, str]:
        first = one is top
        return {
            "pid": f"9{one.id}" if first else one.id,
            "tid": top.id,
            "first": "1" if first else "0",
            "author": one.author,
            "authorid": "55",
            "dbdateline": str(int(one.at)),
            "dateline": "2&nbsp;小时前",
            "message": one.text,
            "anonymous": "1" if one.extra.get("anonymous") else "0",
        }

    def _rss(self, call: Call) -> Reply:
        if not self.rss:
            return Reply(b"RSS Disabled", kind="text/plain")
        fid = call.get("fid")
        threads = [one for one in self.shown() if not one.root and fid in ("", self._fid(one))]
        threads.sort(key=lambda one: (-one.at, -int(one.id)))
        items = "".join(self._entry(one) for one in threads[:RSS_ITEMS])
        head = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>云雀社区</title>'
        return Reply(
            f"{head}<ttl>30</ttl>{items}</channel></rss>".encode("utf-8", "replace"), kind="application/xml"
        )

    def _entry(self, one: Item) -> str:
        link = f"https://bbs.example/forum.php?mod=viewthread&amp;tid={one.id}"
        said = escape(one.text)[:250]
        title = escape(str(one.extra.get("subject", "")))
        return (
            f"<item><title>{title}</title><link>{link}</link><description><![CDATA[{said}]]></description>"
            f"<category>耳机专区</category><author>{escape(one.author)}</author>"
            f"<pubDate>{formatdate(int(one.at), usegmt=True)}</pubDate></item>"
        )
