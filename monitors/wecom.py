"""WeCom customer service (微信客服): what customers write to the brand, by a cursor; and answers to them.

Runs on the engine's loop. One question a poll (and one for the token, or the list of accounts, where they
are due). A message is answered within 48 hours of the customer's last one, five times at the most; the
answer's key is the message id WeCom knows it by.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from app.domain.mention import Author, Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import BadResponse, ReplyRejected
from app.i18n import N_, _
from app.settings.schema import lines, renewed, secret, text
from monitors.base import Info, Life, Monitor
from monitors.cursors import Seen, dump, load, number
from monitors.cursors import text as told_text
from monitors.reading import (
    checked,
    clean,
    fetch,
    fingerprint,
    maybe,
    need,
    raw_json,
    read_all,
    safe_url,
    server_of,
    when,
)
from monitors.tencent.access import Access, answer_of, code_of, lives_of, token_of
from monitors.tencent.chats import Open
from monitors.tencent.errors import WECOM

SIZE = 1000
LISTED = 3600
"""Seconds after which the list of accounts is asked for again."""
STILL = 4
BAD_CURSOR = 40058
MOST_BYTES = 2048
"""Of a text, in UTF-8."""

FAILED = {
    0: N_("it gave no reason"),
    1: N_("the account was deleted"),
    2: N_("the app was closed"),
    4: N_("more than 48 hours had passed since the customer wrote"),
    5: N_("the conversation had ended"),
    6: N_("five messages had been sent since the customer wrote"),
}
SHOWN = {
    "image": N_("[picture]"),
    "voice": N_("[voice message]"),
    "video": N_("[video]"),
    "file": N_("[file]"),
    "location": N_("[place]"),
    "link": N_("[link]"),
    "business_card": N_("[business card]"),
    "miniprogram": N_("[mini program]"),
    "channels_shop_product": N_("[product]"),
    "channels_shop_order": N_("[order]"),
    "msgmenu": N_("[menu]"),
}


@dataclass(frozen=True)
class Settings:
    corp_id: str = text(N_("Corporation id"), required=True, placeholder="ww0000000000000000")
    secret: str = secret(
        N_("Secret"), required=True, help=N_("Of the customer service app, or an app that was granted it.")
    )
    accounts: tuple[str, ...] = lines(
        N_("Customer service accounts"), help=N_("Their ids (wk…). Left empty: all that the app may use.")
    )
    server: str = text(
        N_("Server"),
        default="https://qyapi.weixin.qq.com",
        help=N_("Leave as it is unless you go through a gateway of your own."),
    )
    access: str = renewed(N_("Access token"))

    def __repr__(self) -> str:
        return f"Settings(corp_id={self.corp_id!r}, server={self.server!r})"


@dataclass(slots=True)
class _Round:
    """`cursors`: account → WeCom's cursor. `queue`: accounts still to be read in this round; empty between
    rounds. `listed`: when the list was asked for, epoch seconds. `still`: pages in a row that
    did not move."""

    cursors: dict[str, str]
    queue: list[str]
    listed: int = 0
    still: int = 0

    @classmethod
    def read(cls, kept: dict[str, Any]) -> _Round:
        cursors, queue = kept.get("cursors"), kept.get("queue")
        told = cursors if isinstance(cursors, dict) else {}
        return cls(
            {str(one): told_text(where)[:64] for one, where in told.items()},
            [str(one) for one in queue] if isinstance(queue, list) else [],
            number(kept.get("listed")),
            number(kept.get("still")),
        )

    def begin(self, accounts: Sequence[str]) -> None:
        self.cursors = {one: self.cursors.get(one, "") for one in accounts}
        self.queue = list(self.cursors)


class WeCom(Monitor[Settings]):
    info = Info(
        id="wecom",
        name=N_("WeCom customer service"),
        every=60,
        per_minute=30,
        about=N_("Reads and answers what WeChat users write to your customer service in WeCom."),
        basis=N_("official API"),
        homepage="https://work.weixin.qq.com/kf/",
        terms="https://work.weixin.qq.com/nl/eula",
        personal=N_("the customer's id (a number that only your corporation can read), no name"),
        reply_limit=680,
        account="corp_id",
        reply_hours=48,
        reply_most=5,
        reach=3 * 86400,
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        server_of(settings.server)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # all of it
        kept = load(cursor)
        at, seen, waiting = _Round.read(kept), Seen(kept.get("seen")), Open(kept.get("open"))
        if not at.queue:
            at.begin(await self._accounts(at))
        page = await self._messages(at, seen, waiting) if at.queue else Page((), note=_no_account())
        marks = dump(
            cursors=at.cursors,
            queue=at.queue,
            listed=at.listed,
            still=at.still,
            seen=seen.marks(),
            open=waiting.members(),
        )
        return replace(page, cursor=marks, more=bool(at.queue))

    async def check(self) -> str:
        names = [clean(str(maybe(one, "name") or ""), limit=40) for one in await self._listed()]
        told = _("WeCom answers; accounts: {names}.")
        return told.format(names=", ".join(filter(None, names)) or _("none yet"))

    def lives(self, cursor: str | None) -> Sequence[Life]:  # noqa: ARG002  # the token says it
        return lives_of(self.settings.access)

    async def _accounts(self, at: _Round) -> Sequence[str]:
        now = int(self.means.now().timestamp())
        if self.settings.accounts:
            return self.settings.accounts
        if at.cursors and 0 <= now - at.listed < LISTED:
            return list(at.cursors)
        ids = [maybe(one, "open_kfid") for one in await self._listed()]
        at.listed = now
        return [one for one in ids if isinstance(one, str) and one]

    async def _listed(self) -> list[Any]:
        answer = await self._access.ask("/cgi-bin/kf/account/list", {"offset": 0, "limit": 100})
        listed = maybe(answer, "account_list")
        if not isinstance(listed, list):
            raise BadResponse(_("This is not what WeCom's list of accounts answers."))
        return listed

    async def _messages(self, at: _Round, seen: Seen, waiting: Open) -> Page:
        """A page of one account. WeCom may say "more" with an empty page; where its cursor does not move
        either, it is asked a few times and then left for the next round."""
        account = at.queue[0]
        before = at.cursors.get(account, "")
        wanted = {"cursor": before, "limit": SIZE, "voice_format": 0, "open_kfid": account}
        passing = (BAD_CURSOR,) if before else ()
        answer = await self._access.ask("/cgi-bin/kf/sync_msg", wanted, passing=passing)
        if code_of(answer) == BAD_CURSOR:
            at.cursors[account] = ""
            return Page(
                (), note=_("WeCom does not know our place any more; its three days are read again.")
            )
        messages, following = maybe(answer, "msg_list"), told_text(maybe(answer, "next_cursor"))
        if not isinstance(messages, list) or (messages and not following):
            raise BadResponse(_("This is not what WeCom's messages look like."))
        page = read_messages(messages, account, seen, waiting)
        at.cursors[account] = following[:64] or before
        at.still = at.still + 1 if at.cursors[account] == before else 0
        if maybe(answer, "has_more") != 1 or at.still >= STILL:
            at.queue, at.still = at.queue[1:], 0
        return page

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    async def reply(self, to: Mention, text: str, key: str = "") -> str:
        """One message in the customer's conversation; WeCom's id for it, which is our key."""
        account, _slash, customer = to.root_id.partition("/")
        if not account or not customer:
            raise ReplyRejected(_("This is no message of a WeCom conversation."))
        if len(text.encode()) > MOST_BYTES:
            raise ReplyRejected(
                _("The text is too long for WeCom: {n} bytes at the most.").format(n=MOST_BYTES)
            )
        body = {"touser": customer, "open_kfid": account, "msgtype": "text", "text": {"content": text}}
        if key:
            fit = re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", key, re.ASCII)
            body["msgid"] = key if fit else fingerprint(key)
        answer = await self._access.ask("/cgi-bin/kf/send_msg", body, sending=True)
        return clean(str(maybe(answer, "msgid") or ""), limit=64)

    # ── the token ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _access(self) -> Access:
        return Access(
            self.http,
            self.means,
            host=_("WeCom"),
            server=server_of(self.settings.server),
            rows=WECOM,
            kept=self.settings.access,
            get=self._token,
        )

    async def _token(self) -> tuple[str, int]:
        asked = {"corpid": self.settings.corp_id, "corpsecret": self.settings.secret}
        url = f"{server_of(self.settings.server)}/cgi-bin/gettoken"
        answer = answer_of(checked(await fetch(self.http, url, params=asked)).body)
        if code := code_of(answer):
            raise self._access.error(code, answer)
        return token_of(answer)


def _no_account() -> str:
    return _("There is no customer service account yet: add one in WeCom's console.")


def read_messages(messages: Sequence[Any], account: str, seen: Seen, waiting: Open) -> Page:
    """A page: what customers wrote, what the staff answered, what was taken back, what did not arrive."""
    made: list[Mention] = []
    answered: list[tuple[str, Kind, str]] = []
    gone: list[tuple[str, Kind, str]] = []
    unsent: list[tuple[str, str]] = []
    pairs, skipped = read_all(
        messages, lambda one: (one, None if _is_event(one) else read_message(one, account))
    )
    for one, mention in pairs:
        if mention is None:
            event = maybe(one, "event")
            if recalled := clean(str(maybe(event, "recall_msgid") or ""), limit=64):
                gone.append(("wecom", Kind.MESSAGE, recalled))
            unsent += _unsent(event)
            continue
        if not seen.fresh(mention):
            continue
        if maybe(one, "origin") == 5:
            answered += [("wecom", Kind.MESSAGE, id_) for id_ in waiting.answered(mention.root_id)]
        else:
            made.append(mention)
            waiting.wrote(mention.root_id, mention.native_id)
    return Page(
        tuple(made), skipped=skipped, gone=tuple(gone), answered=tuple(answered), unsent=tuple(unsent)
    )


def _is_event(one: Any) -> bool:
    return bool(maybe(one, "msgtype") == "event")


def _unsent(event: Any) -> list[tuple[str, str]]:
    """An answer of ours that WeCom took and could not deliver, with the reason in words."""
    key, kind = maybe(event, "fail_msgid"), maybe(event, "fail_type")
    if maybe(event, "event_type") != "msg_send_fail" or not isinstance(key, str) or not key:
        return []
    why = _(FAILED.get(kind, FAILED[0]) if isinstance(kind, int) else FAILED[0])
    return [(key[:64], _("WeCom did not deliver it: {reason}.").format(reason=why))]


def read_message(one: Any, account: str) -> Mention:
    """BadResponse where it has no number or customer. Of media the id or link is kept."""
    id_, customer = (clean(str(need(one, name)), limit=64) for name in ("msgid", "external_userid"))
    kind = clean(str(maybe(one, "msgtype") or ""), limit=40)
    what, stamp = maybe(one, kind), maybe(one, "send_time")
    owner = clean(str(maybe(one, "open_kfid") or account), limit=64)
    said = _words(kind, what)
    return Mention(
        platform="wecom",
        native_id=need({"msgid": id_}, "msgid"),
        url="https://work.weixin.qq.com/kf/",
        text=need({"content": said}, "content"),
        kind=Kind.MESSAGE,
        author=Author(
            name=_("Customer #{mark}").format(mark=fingerprint(customer)[:6]),
            native_id=need({"external_userid": customer}, "external_userid"),
        ),
        published_at=when(stamp) if stamp else None,
        media=_media(what),
        root_id=f"{owner}/{customer}",
        fingerprint=fingerprint("wecom", id_, said),
        raw=raw_json(one),
    )


def _words(kind: str, what: Any) -> str:
    """What a person reads of a message; a text as it is."""
    if kind == "text":
        return clean(str(maybe(what, "content") or ""))
    shown = _(SHOWN[kind]) if kind in SHOWN else f"[{kind or '?'}]"
    parts = [maybe(what, name) for name in ("title", "name", "desc", "address")]
    return clean(" ".join([shown, *(one for one in parts if isinstance(one, str))]), limit=2000)


def _media(what: Any) -> tuple[str, ...]:
    links = [safe_url(str(maybe(what, name) or "")) for name in ("url", "pic_url")]
    ids = [clean(str(maybe(what, name) or ""), limit=300) for name in ("media_id", "thumb_media_id")]
    return tuple(filter(None, (*links, *ids)))
