"""A WeCom group's robot. Its key is its only secret; people are pointed at by user id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.alerts.channels import keys, words
from app.alerts.channels.base import Channel, Info
from app.alerts.channels.codes import Row, by_code, number
from app.domain.delivery import Notice
from app.domain.web import Answer, base_of, wrong
from app.errors import AuthFailed, RateLimited, Refused, ReplyRejected, Transient
from app.i18n import N_
from app.settings.schema import secret, text

ROOM = 4096
"""Bytes of a Markdown message."""

_LONG = Row(ReplyRejected, N_("WeCom finds the message too long, or a part of it unfit."))
CODES = {
    -1: Row(Transient, N_("WeCom is busy.")),
    93000: Row(AuthFailed, N_("WeCom knows no robot with this key. Copy the address of the robot again.")),
    45009: Row(
        RateLimited,
        N_("WeCom finds the robot too busy: it takes 20 messages a minute, from all programs together."),
        60.0,
    ),
    40008: Row(Refused, N_("WeCom does not take this kind of message from the robot.")),
    44004: Row(ReplyRejected, N_("WeCom found the message empty.")),
    40058: _LONG,
    45002: _LONG,
}
_WHOM = re.compile(r"[\w@.-]{1,64}", re.ASCII)


@dataclass(frozen=True, repr=False)
class Settings:
    address: str = secret(
        N_("Robot address"),
        help=N_("The webhook that the robot's page shows, with its key."),
        required=True,
    )
    server: str = text(N_("Server"), default="https://qyapi.weixin.qq.com")


class WeComRobot(Channel[Settings]):
    info = Info(
        id="wecom",
        name=N_("WeCom robot"),
        about=N_("Sends alerts to a WeCom group through its robot."),
        per_minute=15,
        contact="wecom",
        homepage="https://developer.work.weixin.qq.com",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        keys.key_of(settings.address, query="key", field="address")
        base_of(settings.server)

    async def send(self, notices: Sequence[Notice]) -> str:
        body, remark = message(notices)
        key = keys.key_of(self.settings.address, query="key", field="address")
        url = f"{base_of(self.settings.server)}/cgi-bin/webhook/send"
        read(await self.web("POST", url, params={"key": key}, json=body))
        return remark


def message(notices: Sequence[Notice]) -> tuple[dict[str, Any], str]:
    """The JSON of one message, and a remark for the receipt."""
    whom, remark = words.contacts(notices, "wecom", _WHOM)
    lead = [" ".join(f"<@{at}>" for _name, at in whom), words.duty(notices, whom)]
    told = words.pack(
        notices,
        _block,
        fits=lambda text_: words.size(text_) <= ROOM,
        lead="\n".join(filter(None, lead)),
    )
    return {"msgtype": "markdown", "markdown": {"content": told}}, remark


def _block(one: words.Parts) -> str:
    link = f"[{one.label}]({one.link})" if one.link else ""
    quoted = f"> {one.body}" if one.body else ""
    facts = f'<font color="comment">{one.facts}</font>'
    return "\n".join(filter(None, (f"**{one.head}**", quoted, one.reason, facts, link)))


def read(answer: Answer) -> None:
    """Nothing where it was taken; else the error that says what to do."""
    said = answer.json()
    code = number(said.get("errcode"))
    if code == 0 and answer.good:
        return
    if code is None or code == 0:
        raise wrong(answer)
    raise by_code(CODES, code, str(said.get("errmsg", "")))
