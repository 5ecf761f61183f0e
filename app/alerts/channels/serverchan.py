"""ServerChan: a push to one person's WeChat, or to its own app."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.alerts.channels import words
from app.alerts.channels.base import Channel, Info
from app.alerts.channels.codes import number
from app.domain.delivery import Notice
from app.domain.web import Answer, base_of, wrong
from app.errors import AppError, AuthFailed, ConfigError, Refused
from app.i18n import N_, _
from app.settings.schema import secret, text

TITLE, ROOM = 32, 30_000
"""Characters of a title; bytes of a text, of the 32 KB that it may have."""
SERVER = "https://sctapi.ftqq.com"
_KEY = re.compile(r"[A-Za-z0-9]{8,128}", re.ASCII)
_APP = re.compile(r"sctp(\d{1,12})t", re.ASCII)


@dataclass(frozen=True, repr=False)
class Settings:
    key: str = secret(N_("SendKey"), help=N_("As the ServerChan page shows it."), required=True)
    server: str = text(N_("Server"), default=SERVER)


class ServerChan(Channel[Settings]):
    info = Info(
        id="serverchan",
        name=N_("ServerChan"),
        about=N_(
            "Sends alerts to one person's WeChat. Without a subscription it takes five messages a day."
        ),
        per_minute=4,
        homepage="https://sct.ftqq.com",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        address_of(settings)

    async def send(self, notices: Sequence[Notice]) -> str:
        told = words.pack(notices, _block, fits=lambda text_: words.size(text_) <= ROOM)
        form = {"title": words.summary(notices, TITLE)[:TITLE], "desp": told}
        read(await self.web("POST", address_of(self.settings), form=form))
        return ""


def address_of(settings: Settings) -> str:
    """Keys of the app's edition name their own server. ConfigError for what can be no key."""
    key, base = settings.key.strip(), base_of(settings.server)
    if not _KEY.fullmatch(key):
        raise ConfigError(_("A SendKey has letters and digits only. Copy it again."), field="key")
    app = _APP.match(key)
    if app is None:
        return f"{base}/{key}.send"
    return (
        f"https://{app[1]}.push.ft07.com/send/{key}.send" if base == SERVER else f"{base}/send/{key}.send"
    )


def _block(one: words.Parts) -> str:
    link = f"[{one.label}]({one.link})" if one.link else ""
    quoted = f"> {one.body}" if one.body else ""
    return "\n\n".join(filter(None, (f"**{one.head}**", quoted, one.reason, one.facts, link)))


def read(answer: Answer) -> None:
    """Nothing where it was taken; else the error that says what to do."""
    said = answer.json()
    code = number(said.get("code"))
    if code == 0 and answer.good:
        inner = said.get("data")
        errno = number(inner.get("errno")) if isinstance(inner, dict) else 0
        if errno in (0, None):
            return
        raise _refused(str(inner.get("error", "")) if isinstance(inner, dict) else "")
    if code is None or code == 0:
        raise wrong(answer)
    raise _refused(str(said.get("message") or said.get("info") or ""))


def _refused(said: str) -> AppError:
    if "超过" in said or "次数" in said or "limit" in said.lower():
        return Refused(_("ServerChan takes no more messages today: the day's number is used up."))
    if "AUTH" in said or "Key" in said:
        return AuthFailed(_("ServerChan does not know this SendKey. Copy it again."))
    return Refused(_("ServerChan refused the message: {said}").format(said=words.inert(said, 160) or "?"))
