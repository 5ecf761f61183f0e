"""A DingTalk group's custom robot: signed, pointing at people by mobile number or user id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.alerts.channels import keys, words
from app.alerts.channels.base import Channel, Info
from app.alerts.channels.codes import Row, by_code, error_of, number
from app.domain.delivery import Notice
from app.domain.web import Answer, base_of, wrong
from app.errors import AuthFailed, ConfigError, RateLimited, Refused, ReplyRejected, Transient
from app.i18n import N_, _
from app.settings.schema import secret, text

LOCKED = 600.0
"""Seconds for which a robot is locked out that sent more than twenty messages in a minute."""
ROOM = 18_000
"""Bytes, of the 20,000 that a message may have."""

_GONE = N_("DingTalk knows no robot with this key. Copy the address of the robot again.")
_TOO_FAST = N_(
    "DingTalk has locked the robot out for sending more than 20 messages a minute. It opens again after "
    "ten minutes; other programs that use the same robot count too."
)
_UNSAFE = N_("DingTalk refused the text as unsafe.")
CODES = {
    -1: Row(Transient, N_("DingTalk is busy.")),
    300001: Row(AuthFailed, _GONE),
    400101: Row(AuthFailed, _GONE),
    400102: Row(Refused, N_("The robot was stopped. Switch it on in the settings of the DingTalk group.")),
    400106: Row(
        ConfigError, N_("The robot does not exist any more. Add one to the group and replace this.")
    ),
    400013: Row(ConfigError, N_("The DingTalk group was dissolved. Choose another group's robot.")),
    400105: Row(Refused, N_("DingTalk does not take this kind of message from the robot.")),
    430101: Row(ReplyRejected, _UNSAFE),
    430102: Row(ReplyRejected, _UNSAFE),
    430103: Row(ReplyRejected, _UNSAFE),
    430104: Row(ReplyRejected, _UNSAFE),
    460101: Row(ReplyRejected, N_("DingTalk finds the message too long.")),
    130101: Row(RateLimited, _TOO_FAST, LOCKED),
    410100: Row(RateLimited, _TOO_FAST, LOCKED),
}
_SECURITY = (
    (
        ("keyword",),
        N_("The robot only takes messages with its keyword: enter the keyword here as in its settings."),
    ),
    (
        ("timestamp",),
        N_("DingTalk finds the time wrong: set this computer's clock, which is more than an hour off."),
    ),
    (("sign",), N_("The signature does not fit: copy the secret (SEC…) of the robot again.")),
    (
        ("whitelist", "ip "),
        N_("The robot takes messages from certain addresses only: add this network's to its settings."),
    ),
)
_REFUSED_BY = N_(
    "The robot's security settings refused the message ({said}). Compare keyword, secret and address."
)
_WHOM = re.compile(r"\+?\d[\d-]{5,19}|[\w.-]{1,64}", re.ASCII)
_MOBILE = re.compile(r"\+?\d[\d-]{5,19}", re.ASCII)


@dataclass(frozen=True, repr=False)
class Settings:
    address: str = secret(
        N_("Robot address"),
        help=N_("The webhook that the robot's page shows, with its access_token."),
        required=True,
    )
    secret: str = secret(
        N_("Signing secret"),
        help=N_("Begins with SEC; empty if the robot is secured by keyword or address."),
    )
    keyword: str = text(
        N_("Keyword"), help=N_("Where the robot is secured by one: stands in every message.")
    )
    server: str = text(N_("Server"), default="https://oapi.dingtalk.com")


class DingTalk(Channel[Settings]):
    info = Info(
        id="dingtalk",
        name=N_("DingTalk robot"),
        about=N_("Sends alerts to a DingTalk group through its custom robot."),
        per_minute=15,
        contact="dingtalk",
        homepage="https://open.dingtalk.com",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        keys.key_of(settings.address, query="access_token", field="address")
        base_of(settings.server)

    async def send(self, notices: Sequence[Notice]) -> str:
        body, remark = message(notices, self.settings.keyword)
        params: dict[str, str | int] = {
            "access_token": keys.key_of(self.settings.address, query="access_token", field="address")
        }
        if self.settings.secret:
            stamp = str(int(self.now().timestamp() * 1000))
            params |= {"timestamp": stamp, "sign": signature(self.settings.secret, stamp)}
        url = f"{base_of(self.settings.server)}/robot/send"
        read(await self.web("POST", url, params=params, json=body))
        return remark


def signature(key: str, stamp: str) -> str:
    """`stamp` in milliseconds; not yet encoded for an address."""
    return keys.signed(key.strip().encode(), f"{stamp}\n{key.strip()}".encode())


def message(notices: Sequence[Notice], keyword: str = "") -> tuple[dict[str, Any], str]:
    """The JSON of one message, and a remark for the receipt."""
    whom, remark = words.contacts(notices, "dingtalk", _WHOM)
    mobiles = [at.replace("-", "").lstrip("+") for _name, at in whom if _MOBILE.fullmatch(at)]
    mobiles = [at[2:] if len(at) == 13 and at.startswith("86") else at for at in mobiles]
    users = [at for _name, at in whom if not _MOBILE.fullmatch(at)]
    lead = [" ".join(f"@{at}" for at in (*mobiles, *users)), words.duty(notices, whom), keyword.strip()]
    told = words.pack(
        notices,
        _block,
        fits=lambda text_: words.size(text_) <= ROOM,
        lead="\n\n".join(filter(None, lead)),
    )
    title = words.summary(notices, 60)
    at = {"atMobiles": mobiles, "atUserIds": users, "isAtAll": False}
    return {"msgtype": "markdown", "markdown": {"title": title, "text": told}, "at": at}, remark


def _block(one: words.Parts) -> str:
    link = f"[{one.label}]({one.link})" if one.link else ""
    quoted = f"> {one.body}" if one.body else ""
    return "\n\n".join(filter(None, (f"**{one.head}**", quoted, one.reason, one.facts, link)))


def read(answer: Answer) -> None:
    """Nothing where it was taken; else the error that says what to do."""
    said = answer.json()
    code = number(said.get("errcode"))
    if code == 0 and answer.good:
        return
    if said.get("punish") or number(said.get("status")) == 1111:
        raise error_of(CODES[130101], said.get("status"))
    if code is None or code == 0:
        raise wrong(answer)
    told = str(said.get("errmsg", ""))
    if code == 310000:
        raise _security(told)
    raise by_code(CODES, code, told)


def _security(said: str) -> Refused | AuthFailed:
    """One code with three meanings; the text decides."""
    low = said.lower()
    for marks, told in _SECURITY:
        if any(mark in low for mark in marks):
            return AuthFailed(_(told), details="code 310000")
    return AuthFailed(_(_REFUSED_BY).format(said=words.inert(said, 120)), details="code 310000")
