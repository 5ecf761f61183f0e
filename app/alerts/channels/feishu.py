"""A Feishu (or Lark) group's custom bot: signed inside the message, pointing at people by open_id."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.alerts.channels import keys, words
from app.alerts.channels.base import Channel, Info
from app.alerts.channels.codes import Row, by_code, number
from app.domain.delivery import Notice
from app.domain.web import Answer, base_of, wrong
from app.errors import AuthFailed, RateLimited, Refused, ReplyRejected
from app.i18n import N_
from app.settings.schema import secret, text

ROOM = 19_000
"""Bytes of the whole message, of the 20 KB that it may have."""

CODES = {
    9499: Row(ReplyRejected, N_("Feishu could not read the message.")),
    19001: Row(AuthFailed, N_("Feishu knows no bot with this key. Copy the address of the bot again.")),
    19002: Row(AuthFailed, N_("Feishu knows no bot with this key. Copy the address of the bot again.")),
    19021: Row(
        AuthFailed,
        N_(
            "The signature does not fit: copy the bot's signing secret again, and see that this computer's "
            "clock is right."
        ),
    ),
    19022: Row(
        AuthFailed,
        N_("The bot takes messages from certain addresses only: add this network's to its settings."),
    ),
    19024: Row(
        AuthFailed,
        N_("The robot only takes messages with its keyword: enter the keyword here as in its settings."),
    ),
    11232: Row(RateLimited, N_("Feishu finds the bot too busy just now."), 30.0),
    11246: Row(ReplyRejected, N_("Feishu finds the message too long.")),
    19036: Row(Refused, N_("The bot was switched off in the group's settings.")),
}
_WHOM = re.compile(r"(?:ou|on|cli)_[A-Za-z0-9]{4,64}|[A-Za-z0-9]{4,32}", re.ASCII)


@dataclass(frozen=True, repr=False)
class Settings:
    address: str = secret(
        N_("Bot address"),
        help=N_("The webhook that the bot's page shows, or its last part."),
        required=True,
    )
    secret: str = secret(
        N_("Signing secret"), help=N_("Empty if the bot is secured by keyword or address.")
    )
    keyword: str = text(N_("Keyword"), help=N_("Where the bot is secured by one: stands in every message."))
    server: str = text(
        N_("Server"),
        default="https://open.feishu.cn",
        help=N_("https://open.feishu.cn, or https://open.larksuite.com for Lark."),
    )


class Feishu(Channel[Settings]):
    info = Info(
        id="feishu",
        name=N_("Feishu or Lark bot"),
        about=N_("Sends alerts to a Feishu or Lark group through its custom bot."),
        per_minute=30,
        contact="feishu",
        homepage="https://open.feishu.cn",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        keys.key_of(settings.address, field="address")
        base_of(settings.server)

    async def send(self, notices: Sequence[Notice]) -> str:
        body, remark = message(notices, self.settings.keyword)
        if self.settings.secret:
            stamp = str(int(self.now().timestamp()))
            body = {"timestamp": stamp, "sign": signature(self.settings.secret, stamp), **body}
        key = keys.key_of(self.settings.address, field="address")
        url = f"{base_of(self.settings.server)}/open-apis/bot/v2/hook/{key}"
        read(await self.web("POST", url, json=body))
        return remark


def signature(key: str, stamp: str) -> str:
    """`stamp` in seconds. The text to sign is the key here, and the message is empty."""
    return keys.signed(f"{stamp}\n{key.strip()}".encode(), b"")


def message(notices: Sequence[Notice], keyword: str = "") -> tuple[dict[str, Any], str]:
    """The JSON of one message, and a remark for the receipt. Rich text: links, and whom it points at, are
    elements of their own there, and never read out of words."""
    whom, remark = words.contacts(notices, "feishu", _WHOM)
    lead: list[list[dict[str, str]]] = []
    if whom:
        lead.append([{"tag": "at", "user_id": at, "user_name": name} for name, at in whom])
    lead += [[_text(said)] for said in (words.duty(notices, whom), keyword.strip()) if said]
    title = words.summary(notices, 80)
    first = words.ordered(notices)
    for count in range(min(len(first), words.SHOWN), 0, -1):
        for detail in words.DETAILS:
            rows = [row for one in first[:count] for row in _rows(words.parts(one, detail))]
            made = _post(title, [*lead, *rows, *_more(len(first) - count)])
            if words.size(json.dumps(made, ensure_ascii=False)) <= ROOM:
                return made, remark
    return _post(title, [*lead, *_more(len(first))]), remark


def _post(title: str, rows: list[list[dict[str, str]]]) -> dict[str, Any]:
    return {"msg_type": "post", "content": {"post": {"zh_cn": {"title": title, "content": rows}}}}


def _more(n: int) -> list[list[dict[str, str]]]:
    return [[_text(words.more(n))]] if n else []


def _rows(one: words.Parts) -> list[list[dict[str, str]]]:
    rows = [[_text(said)] for said in (one.head, one.body, one.reason, one.facts) if said]
    if one.link:
        rows.append([{"tag": "a", "text": one.label, "href": one.link}])
    return rows


def _text(said: str) -> dict[str, str]:
    return {"tag": "text", "text": said}


def read(answer: Answer) -> None:
    """Nothing where it was taken; else the error that says what to do. Either pair may be missing."""
    said = answer.json()
    found = [number(said[name]) for name in ("code", "StatusCode") if name in said]
    codes = [code for code in found if code is not None]
    bad = next((code for code in codes if code != 0), None)
    if bad is not None:
        raise by_code(CODES, bad, str(said.get("msg") or said.get("StatusMessage") or ""))
    if not codes or not answer.good:
        raise wrong(answer)
