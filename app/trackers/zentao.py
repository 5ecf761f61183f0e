"""ZenTao (禅道) bugs, by version 1 of its interface. The key stands in the title: lists show that."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from app.domain.ticket import Issue, Ref, mark_of
from app.domain.web import Answer, base_of
from app.errors import AppError, AuthFailed, ConfigError
from app.i18n import N_, _
from app.settings.schema import choice, secret, text
from app.trackers import words
from app.trackers.base import Info, Tracker, gone, read, text_of

PAGES, ROWS = 5, 100
"""Bugs that are looked through for a key, the newest first."""
TYPES = (
    "codeerror", "config", "install", "security", "performance", "standard", "automation", "designdefect",
    "others",
)  # fmt: skip
_GRADES = {"P1": 1, "P2": 2, "P3": 3}


@dataclass(frozen=True, repr=False)
class Settings:
    server: str = text(
        N_("Address"),
        help=N_("With the folder it is installed in, as in https://example.com/zentao."),
        required=True,
    )
    product: str = text(N_("Number of the product"), required=True)
    account: str = text(N_("Account"), required=True)
    password: str = secret(N_("Password"), required=True)
    build: str = text(N_("Opened build"), default="trunk")
    type: str = choice(N_("Bug type"), choices=TYPES, default="others")


class ZenTao(Tracker[Settings]):
    info = Info(
        id="zentao",
        name=N_("ZenTao"),
        about=N_("Makes bugs in a ZenTao product."),
        homepage="https://www.zentao.net",
    )
    Settings = Settings

    _token = ""

    @staticmethod
    def vet(settings: Any) -> None:
        base_of(settings.server)
        if not (settings.product.isascii() and settings.product.isdigit()):
            raise ConfigError(_("A product is named by its number."), field="product")

    async def check(self) -> str:
        told = read(await self._ask("GET", f"products/{self.settings.product}"))
        name = text_of(told.get("name")) if isinstance(told, dict) else ""
        return _("“{name}” is there.").format(name=words.fact(name or self.settings.product))

    async def find(self, key: str) -> Ref | None:
        for page in range(1, PAGES + 1):
            params: dict[str, str | int] = {
                "page": page,
                "limit": ROWS,
                "status": "all",
                "order": "id_desc",
            }
            told = read(await self._ask("GET", self._bugs, params=params))
            found = told.get("bugs") if isinstance(told, dict) else None
            rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
            for one in rows:
                if text_of(one.get("title")).endswith(f"[{key}]"):
                    return self._ref(one)
            if len(rows) < ROWS:
                return None
        return None

    async def create(self, issue: Issue) -> Ref:
        grade = _GRADES.get(str(issue.severity), 3)
        steps = html(issue)
        body = {
            "title": f"{words.title_of(issue, 180)} [{issue.key}]",
            "pri": grade,
            "severity": grade,
            "type": self.settings.type,
            "openedBuild": [self.settings.build],
            "steps": steps,
        }
        made = read(await self._ask("POST", self._bugs, json=body))
        ref = self._ref(made)
        if isinstance(made, dict) and not text_of(made.get("steps")):
            await self._describe(ref, steps)
        return ref

    async def _describe(self, ref: Ref, steps: str) -> None:
        """Older versions pass the text over when a bug is made. It stands there either way."""
        try:
            await self._ask("PUT", f"bugs/{ref.ref.lstrip('#')}", json={"steps": steps})
        except AppError:
            return

    async def state(self, ref: str) -> Ref:
        answer = await self._ask("GET", f"bugs/{ref.lstrip('#')}")
        if answer.status == 404:
            raise gone(ref)
        told = read(answer)
        if isinstance(told, dict) and told.get("deleted") in (True, 1, "1"):
            raise gone(ref)
        return self._ref(told)

    @property
    def _bugs(self) -> str:
        return f"products/{self.settings.product}/bugs"

    async def _ask(
        self, method: str, path: str, *, params: dict[str, str | int] | None = None, json: Any = None
    ) -> Answer:
        """The token is a session, which ends when it likes: once more with a fresh one."""
        url = f"{base_of(self.settings.server)}/api.php/v1/{path}"
        for fresh in (not self._token, True):
            if fresh:
                self._token = await self._sign_in()
            answer = await self.web(method, url, headers={"Token": self._token}, params=params, json=json)
            if answer.status != 401:
                return answer
        raise AuthFailed(_("ZenTao does not let this account do that. Ask for the right to open bugs."))

    async def _sign_in(self) -> str:
        url = f"{base_of(self.settings.server)}/api.php/v1/tokens"
        body = {"account": self.settings.account, "password": self.settings.password}
        answer = await self.web("POST", url, json=body)
        token = text_of(answer.json().get("token"))
        if answer.good and token:
            return token
        if answer.status in (400, 401, 403) and not answer.html:
            told = _("ZenTao does not accept account and password: {said}")
            raise AuthFailed(told.format(said=words.fact(answer.words()) or "?"))
        if answer.status == 404 or answer.html:
            told = _(
                "There is no ZenTao at this address. Add the folder it is installed in, often /zentao, and "
                "see that its interface (api.php) is switched on."
            )
            raise AuthFailed(told)
        read(answer)
        raise AuthFailed(_("ZenTao gave no token. Check the address."))

    def _ref(self, told: Any) -> Ref:
        one = told if isinstance(told, dict) else {}
        number = text_of(one.get("id"))
        status = one.get("status")
        state = text_of(status.get("code")) if isinstance(status, dict) else text_of(status)
        resolution = text_of(one.get("resolution"))
        url = f"{base_of(self.settings.server)}/bug-view-{number}.html"
        closed = state in ("resolved", "closed")
        word = resolution if closed and resolution else state
        return Ref(ref=f"#{number}", url=url, closed=closed, word=word)


def html(issue: Issue) -> str:
    """ZenTao's text is HTML: everything is escaped, the post in a box of its own."""
    told, links = words.copies_of(issue)
    rows = [f"<p>{escape(label)}: {_linked(value)}</p>" for label, value in words.facts_of(issue)]
    rows.append(f"<pre>{escape(words.lines_of(issue.text))}</pre>")
    rows += [f"<p>{escape(told)}</p>"] if told else []
    rows += [f"<p>{_linked(link)}</p>" for link in links]
    rows.append(f"<p>{escape(mark_of(issue.key))}</p>")
    return "".join(rows)


def _linked(value: str) -> str:
    said = escape(value)
    return f'<a href="{said}">{said}</a>' if value.startswith(("http://", "https://")) else said
