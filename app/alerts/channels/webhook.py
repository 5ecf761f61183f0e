"""A webhook of one's own: signed JSON, one alert a request, the same id for a repetition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.alerts.channels.base import Channel, Info
from app.domain.delivery import Notice
from app.domain.web import Answer, base_of, signature, wrong
from app.i18n import N_
from app.settings.schema import secret

EVENT = "alert.raised"


@dataclass(frozen=True, repr=False)
class Settings:
    url: str = secret(
        N_("Address"),
        help=N_("Is sent a POST for every alert; any 2xx means that it was taken."),
        required=True,
    )
    secret: str = secret(N_("Signing secret"), help=N_("The header X-Signature is made with it."))


class Webhook(Channel[Settings]):
    info = Info(
        id="webhook",
        name=N_("Webhook"),
        about=N_("Sends every alert as signed JSON to an address of your own."),
        per_minute=120,
        together=1,
        repeatable=True,
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        base_of(settings.url, "url")

    async def send(self, notices: Sequence[Notice]) -> str:
        at = self.now().isoformat()
        for one in notices:
            body = json.dumps(event(one, at), ensure_ascii=False).encode("utf-8", "replace")
            headers = headers_of(id_of(one.key), at, self.settings.secret, body)
            # The address as it was entered: a slash at its end may matter to its server.
            read(await self.web("POST", self.settings.url.strip(), content=body, headers=headers))
        return ""


def id_of(key: str) -> str:
    """Fit for a header, and the same for a repetition."""
    plain = key.isascii() and key.isprintable() and 0 < len(key) <= 120
    return key if plain else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def headers_of(key: str, at: str, signing: str, body: bytes) -> dict[str, str]:
    made = {"Content-Type": "application/json; charset=utf-8", "X-Event-Id": key, "X-Timestamp": at}
    if signing:
        made["X-Signature"] = signature(signing, body)
    return made


def event(one: Notice, at: str) -> dict[str, Any]:
    """Texts are as they came: whoever shows them escapes them."""
    return {
        "event": EVENT,
        "id": id_of(one.key),
        "sent_at": at,
        "item": {
            "severity": str(one.severity),
            "title": one.title,
            "body": one.body,
            "reason": one.reason,
            "brand": one.brand,
            "url": one.url,
            "at": one.at.isoformat(),
            "copies": one.copies,
        },
        "assignee": [{"name": person.name, "role": str(person.role)} for person in one.people],
    }


def read(answer: Answer) -> None:
    """Any 2xx; a web page with it as well: the receiver is nobody's platform."""
    if answer.good:
        return
    raise wrong(Answer(answer.status, b"", answer.host, answer.headers, answer.wait), answer.words())
