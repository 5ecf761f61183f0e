"""GitHub issues, by its REST interface; also GitHub Enterprise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.domain.ticket import Issue, Ref
from app.domain.web import Answer, base_of
from app.errors import ConfigError, Refused
from app.i18n import N_, _
from app.settings.schema import lines, secret, text
from app.trackers import words
from app.trackers.base import Info, Tracker, gone, limited, read, text_of

PAGES = 3
"""Of a hundred issues each, the newest first: these are looked through for a key."""
_REPO = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)


@dataclass(frozen=True, repr=False)
class Settings:
    repository: str = text(N_("Repository"), required=True, placeholder="owner/name")
    token: str = secret(
        N_("Access token"), help=N_("May read and write issues of this repository."), required=True
    )
    labels: tuple[str, ...] = lines(N_("Labels"), help=N_("Put on every issue; they should exist."))
    server: str = text(N_("Server"), default="https://api.github.com")


class GitHub(Tracker[Settings]):
    info = Info(
        id="github",
        name=N_("GitHub"),
        about=N_("Makes issues in a GitHub repository."),
        homepage="https://github.com",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        if not _REPO.fullmatch(settings.repository):
            raise ConfigError(_("A repository is named owner/name."), field="repository")
        base_of(settings.server)

    async def check(self) -> str:
        told = read(await self._ask("GET", f"/repos/{self.settings.repository}"))
        name = words.fact(text_of(told.get("full_name"))) if isinstance(told, dict) else ""
        if isinstance(told, dict) and told.get("has_issues") is False:
            raise Refused(_("Issues are switched off in this repository."))
        return _("“{name}” is there.").format(name=name or self.settings.repository)

    async def find(self, key: str) -> Ref | None:
        """The list, not the search: that learns of a new issue only after a while."""
        for page in range(1, PAGES + 1):
            params: dict[str, str | int] = {
                "state": "all",
                "sort": "created",
                "direction": "desc",
                "per_page": 100,
                "page": page,
            }
            told = read(await self._ask("GET", self._issues, params=params))
            rows = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
            for one in rows:
                if key in text_of(one.get("body")) and "pull_request" not in one:
                    return _ref(one)
            if len(rows) < 100:
                return None
        told = read(await self._ask("GET", "/search/issues", params=self._query(key)))
        found = told.get("items") if isinstance(told, dict) else None
        rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        return next((_ref(one) for one in rows if key in text_of(one.get("body"))), None)

    def _query(self, key: str) -> dict[str, str | int]:
        return {"q": f'repo:{self.settings.repository} is:issue in:body "{key}"'}

    async def create(self, issue: Issue) -> Ref:
        body: dict[str, Any] = {"title": words.title_of(issue), "body": words.markdown(issue)}
        if self.settings.labels:
            body["labels"] = list(self.settings.labels)
        return _ref(read(await self._ask("POST", self._issues, json=body)))

    async def state(self, ref: str) -> Ref:
        answer = await self._ask("GET", f"{self._issues}/{ref.lstrip('#')}", missing=True)
        if answer.status in (404, 410, 301):
            raise gone(ref)
        return _ref(read(answer))

    @property
    def _issues(self) -> str:
        return f"/repos/{self.settings.repository}/issues"

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str | int] | None = None,
        json: Any = None,
        missing: bool = False,
    ) -> Answer:
        headers = {
            "Authorization": f"Bearer {self.settings.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        url = base_of(self.settings.server) + path
        answer = await self.web(method, url, headers=headers, params=params, json=json)
        if (error := limited(answer, self.now())) is not None:
            raise error
        if answer.status == 410 and not missing:
            raise Refused(_("Issues are switched off in this repository."))
        return answer


def _ref(one: Any) -> Ref:
    told = one if isinstance(one, dict) else {}
    reason = text_of(told.get("state_reason"))
    return Ref(
        ref=f"#{text_of(told.get('number'))}",
        url=text_of(told.get("html_url")),
        closed=told.get("state") == "closed",
        word=reason or text_of(told.get("state")),
    )
