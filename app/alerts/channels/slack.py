"""Slack, through an incoming webhook. Post text goes into blocks in which Slack reads no markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.alerts.channels import words
from app.alerts.channels.base import Channel, Info
from app.alerts.channels.codes import Row, error_of
from app.domain.delivery import Notice
from app.domain.web import Answer, base_of, wrong
from app.errors import AuthFailed, ConfigError, Refused, ReplyRejected
from app.i18n import N_, _
from app.settings.schema import secret, text

BLOCK, TEXT = 2900, 3000
"""Characters of a block and of the text shown where blocks are not."""

_DEAD = Row(AuthFailed, N_("Slack knows no webhook at this address. Make one anew and enter its address."))
SAID = {
    "invalid_payload": Row(ReplyRejected, N_("Slack could not read the message.")),
    "no_text": Row(ReplyRejected, N_("Slack found the message empty.")),
    "too_many_attachments": Row(ReplyRejected, N_("Slack finds the message too long.")),
    "action_prohibited": Row(
        Refused, N_("An administrator of this Slack does not allow the message. Ask who looks after it.")
    ),
    "posting_to_general_channel_denied": Row(
        Refused, N_("This Slack lets nobody post to its general channel. Choose another channel.")
    ),
    "invalid_token": _DEAD,
    "no_service": _DEAD,
    "no_service_id": _DEAD,
    "no_active_hooks": _DEAD,
    "no_team": _DEAD,
    "team_disabled": _DEAD,
    "user_not_found": _DEAD,
    "channel_not_found": Row(
        AuthFailed, N_("The Slack channel does not exist any more. Choose another one.")
    ),
    "channel_is_archived": Row(ConfigError, N_("The Slack channel was archived. Choose another one.")),
}
_WHOM = re.compile(r"[UW][A-Z0-9]{2,20}", re.ASCII)


@dataclass(frozen=True, repr=False)
class Settings:
    address: str = secret(
        N_("Webhook address"),
        help=N_("https://hooks.slack.com/services/…, or its path alone."),
        required=True,
    )
    server: str = text(N_("Server"), default="https://hooks.slack.com")


class Slack(Channel[Settings]):
    info = Info(
        id="slack",
        name=N_("Slack"),
        about=N_("Sends alerts to a Slack channel through an incoming webhook."),
        per_minute=30,
        contact="slack",
        homepage="https://api.slack.com/messaging/webhooks",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        address_of(settings)

    async def send(self, notices: Sequence[Notice]) -> str:
        body, remark = message(notices)
        read(await self.web("POST", address_of(self.settings), json=body))
        return remark


def address_of(settings: Settings) -> str:
    """ConfigError where there is no path."""
    pasted, base = settings.address.strip(), base_of(settings.server)
    try:
        path = urlsplit(pasted).path if "://" in pasted else pasted
    except ValueError:
        path = ""
    path = path.strip("/")
    if not re.fullmatch(r"[\w/-]{6,200}", path, re.ASCII):
        raise ConfigError(_("This is no address of a Slack webhook. Copy it again."), field="address")
    return f"{base}/{path if path.startswith('services/') else f'services/{path}'}"


def message(notices: Sequence[Notice]) -> tuple[dict[str, Any], str]:
    """The JSON of one message, and a remark for the receipt."""
    whom, remark = words.contacts(notices, "slack", _WHOM)
    first = words.ordered(notices)[: words.SHOWN]
    blocks: list[dict[str, Any]] = []
    at = " ".join(f"<@{id_}>" for _name, id_ in whom)
    if at:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": at[:BLOCK]}})
    if duty := words.duty(notices, whom):
        blocks.append(_plain(duty))
    for one in first:
        blocks += _blocks(words.parts(one, words.DETAILS[0]))
    if rest := words.more(len(notices) - len(first)):
        blocks.append(_plain(rest))
    told = escaped(words.summary(notices, TEXT))
    return {"text": " ".join(filter(None, (at, told))), "blocks": blocks, "unfurl_links": False}, remark


def _blocks(one: words.Parts) -> list[dict[str, Any]]:
    made = [_plain("\n".join(filter(None, (one.head, one.body, one.reason, one.facts))))]
    if one.link:
        link = f"<{one.link.replace('|', '%7C').replace('&', '&amp;')}|{escaped(one.label)}>"
        made.append({"type": "section", "text": {"type": "mrkdwn", "text": link}})
    return made


def _plain(said: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "plain_text", "text": said[:BLOCK], "emoji": False}}


def escaped(said: str) -> str:
    """Slack's own way; the lookalikes of `words.inert` stand before it."""
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read(answer: Answer) -> None:
    """Slack answers in plain words."""
    said = answer.words()
    if answer.good and said == "ok":
        return
    if said in SAID:
        raise error_of(SAID[said], said)
    raise wrong(answer, said)
