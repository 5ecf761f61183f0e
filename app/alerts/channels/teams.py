"""Microsoft Teams, through a workflow's webhook that posts an adaptive card."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.alerts.channels import words
from app.alerts.channels.base import Channel, Info
from app.domain.delivery import Notice
from app.domain.web import PATIENCE, Answer, base_of, wrong
from app.errors import ConfigError, RateLimited, Refused
from app.i18n import N_, _
from app.settings.schema import secret

ROOM = 26_000
"""Bytes of the whole message, of the 28 KB that it may have."""
_WHOM = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,120}|[0-9a-fA-F-]{36}", re.ASCII)
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


@dataclass(frozen=True, repr=False)
class Settings:
    address: str = secret(
        N_("Workflow address"),
        help=N_("Of the workflow “Post to a channel when a webhook request is received”."),
        required=True,
    )


class Teams(Channel[Settings]):
    info = Info(
        id="teams",
        name=N_("Microsoft Teams"),
        about=N_("Sends alerts to a Teams channel through a workflow."),
        per_minute=30,
        contact="teams",
        homepage="https://support.microsoft.com/teams",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        address = base_of(settings.address, "address")
        if address.count("/") < 3:
            told = _("This is the address of a server, not of a workflow. Copy the whole of it.")
            raise ConfigError(told, field="address")

    async def send(self, notices: Sequence[Notice]) -> str:
        body, remark = message(notices)
        read(await self.web("POST", base_of(self.settings.address, "address"), json=body))
        return remark


def message(notices: Sequence[Notice]) -> tuple[dict[str, Any], str]:
    """The JSON of one message, and a remark for the receipt."""
    whom, remark = words.contacts(notices, "teams", _WHOM)
    first = words.ordered(notices)
    for count in range(min(len(first), words.SHOWN), 0, -1):
        for detail in words.DETAILS:
            shown = [words.parts(one, detail) for one in first[:count]]
            made = _card(shown, whom, words.duty(notices, whom), words.more(len(first) - count))
            if words.size(json.dumps(made, ensure_ascii=False)) <= ROOM:
                return made, remark
    return _card([], [], "", words.more(len(first))), remark


def _card(
    shown: Sequence[words.Parts], whom: Sequence[tuple[str, str]], duty: str, rest: str
) -> dict[str, Any]:
    body: list[dict[str, Any]] = []
    if whom:
        body.append(_text(" ".join(f"<at>{name}</at>" for name, _at in whom)))
    if duty:
        body.append(_text(duty))
    for one in shown:
        body.append(_text(one.head, weight="Bolder"))
        body += [_text(said) for said in (one.body, one.reason) if said]
        link = f"[{one.label}]({one.link})" if one.link else ""
        body.append(_text(" · ".join(filter(None, (one.facts, link))), isSubtle=True))
    if rest:
        body.append(_text(rest))
    card: dict[str, Any] = {"$schema": _SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": body}
    if whom:
        card["msteams"] = {"entities": [_mention(name, at) for name, at in whom]}
    if len(shown) == 1 and shown[0].link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": _("Open the post"), "url": shown[0].link}]
    kind = "application/vnd.microsoft.card.adaptive"
    return {
        "type": "message",
        "attachments": [{"contentType": kind, "contentUrl": None, "content": card}],
    }


def _text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": said, "wrap": True, **more}


def _mention(name: str, at: str) -> dict[str, Any]:
    return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": at, "name": name}}


def read(answer: Answer) -> None:
    """A connector of the old kind says of its failures with 200, in words."""
    said = answer.words()
    if not answer.good or answer.html:
        raise wrong(answer, said)
    if "429" in said:
        told = _("{host} asks us to come less often.").format(host=answer.host)
        raise RateLimited(told, retry_after=answer.wait or PATIENCE)
    if said not in ("", "1", "{}") and ("failed" in said.lower() or "error" in said.lower()):
        raise Refused(_("Teams refused the message: {said}").format(said=words.inert(said, 160)))
