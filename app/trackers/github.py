"""GitHub issues, by its REST interface; also GitHub Enterprise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.ticket import Issue, Ref, mark_of
from app.domain.web import Answer, base_of
from app.errors import Refused
from app.i18n import N_, _
from app.settings.schema import text
from app.trackers import words
from app.trackers.base import Info, Tracker, gone, limited, read, text_of
from app.trackers.repository import Repository, newest_with, rows_of, vetted


@dataclass(frozen=True, repr=False)
class Settings(Repository):
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
        vetted(settings)

    async def check(self) -> str:
        told = read(await self._ask("GET", f"/repos/{self.settings.repository}"))
        name = words.fact(text_of(told.get("full_name"))) if isinstance(told, dict) else ""
        if isinstance(told, dict) and told.get("has_issues") is False:
            raise Refused(_("Issues are switched off in this repository."))
        return _("“{name}” is there.").format(name=name or self.settings.repository)

    async def find(self, key: str) -> Ref | None:
        """In the list first, then by the search, which learns of a new issue only after a while."""
        found, all_ = await newest_with(key, lambda params: self._ask("GET", self._issues, params=params))
        if found is not None or all_:
            return _ref(found) if found is not None else None
        told = read(await self._ask("GET", "/search/issues", params=self._query(key)))
        rows = rows_of(told.get("items") if isinstance(told, dict) else None)
        return next((_ref(one) for one in rows if mark_of(key) in text_of(one.get("body"))), None)

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
