"""A tracker of one's own behind a webhook: signed JSON, the same id for a repetition."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from app.domain.ticket import Issue, Ref
from app.domain.web import base_of, link_of, signature
from app.i18n import N_, _
from app.settings.schema import secret
from app.trackers import words
from app.trackers.base import Info, Tracker, gone, refused, text_of

EVENT = "item.escalated"


@dataclass(frozen=True, repr=False)
class Settings:
    url: str = secret(
        N_("Address"),
        help=N_("Is sent a POST for every escalation; may answer with id and url of what it made of it."),
        required=True,
    )
    secret: str = secret(N_("Signing secret"), help=N_("The header X-Signature is made with it."))


class Webhook(Tracker[Settings]):
    info = Info(
        id="webhook",
        name=N_("Webhook"),
        about=N_("Sends every escalation as signed JSON to an address of your own."),
        follows=False,
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        base_of(settings.url, "url")

    async def check(self) -> str:
        """It cannot be asked without its making something of it."""
        return _("The settings are complete.")

    async def find(self, key: str) -> Ref | None:  # noqa: ARG002  # every tracker is asked
        """The receiver knows a repetition by its id, and makes nothing of it."""
        return None

    async def create(self, issue: Issue) -> Ref:
        body = json.dumps(event(issue, self.now().isoformat()), ensure_ascii=False).encode(
            "utf-8", "replace"
        )
        headers = {"Content-Type": "application/json; charset=utf-8", "X-Event-Id": issue.key}
        if self.settings.secret:
            headers["X-Signature"] = signature(self.settings.secret, body)
        answer = await self.web("POST", self.settings.url.strip(), content=body, headers=headers)
        if not answer.good:
            raise refused(answer)
        said = answer.json()
        name = words.fact(text_of(said.get("ref")) or text_of(said.get("id")), 60)
        return Ref(ref=name or issue.key, url=link_of(text_of(said.get("url"))), word="sent")

    async def state(self, ref: str) -> Ref:
        raise gone(ref)


def event(issue: Issue, at: str) -> dict[str, Any]:
    """Texts are as they came: whoever shows them escapes them."""
    return {
        "event": EVENT,
        "id": issue.key,
        "sent_at": at,
        "item": {
            "severity": str(issue.severity),
            "title": issue.title,
            "text": issue.text,
            "url": issue.url,
            "platform": issue.platform,
            "author": issue.author,
            "brand": issue.brand,
            "published_at": issue.published_at.isoformat(),
            "copies": list(issue.copies),
            "count": issue.count,
        },
        "note": issue.note,
        "by": issue.by,
    }
