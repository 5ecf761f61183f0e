"""Gitee issues. Its token travels in the body, or in the query of a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.ticket import Issue, Ref
from app.domain.web import base_of
from app.i18n import N_, _
from app.settings.schema import text
from app.trackers import words
from app.trackers.base import Info, Tracker, gone, read, text_of
from app.trackers.repository import Repository, newest_with, vetted

_CLOSED = ("closed", "rejected")


@dataclass(frozen=True, repr=False)
class Settings(Repository):
    server: str = text(N_("Server"), default="https://gitee.com")


class Gitee(Tracker[Settings]):
    info = Info(
        id="gitee",
        name=N_("Gitee"),
        about=N_("Makes issues in a Gitee repository."),
        homepage="https://gitee.com",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        vetted(settings)

    async def check(self) -> str:
        told = read(await self._get(f"/repos/{self.settings.repository}", {}))
        name = text_of(told.get("full_name")) if isinstance(told, dict) else ""
        return _("“{name}” is there.").format(name=words.fact(name or self.settings.repository))

    async def find(self, key: str) -> Ref | None:
        path = f"/repos/{self.settings.repository}/issues"
        found, _all = await newest_with(key, lambda params: self._get(path, params))
        return _ref(found) if found is not None else None

    async def create(self, issue: Issue) -> Ref:
        owner, _slash, name = self.settings.repository.partition("/")
        body = {
            "access_token": self.settings.token,
            "repo": name,
            "title": words.title_of(issue),
            "body": words.markdown(issue),
        }
        if self.settings.labels:
            body["labels"] = ",".join(self.settings.labels)
        url = f"{base_of(self.settings.server)}/api/v5/repos/{owner}/issues"
        return _ref(read(await self.web("POST", url, json=body)))

    async def state(self, ref: str) -> Ref:
        answer = await self._get(f"/repos/{self.settings.repository}/issues/{ref.lstrip('#')}", {})
        if answer.status == 404:
            raise gone(ref)
        return _ref(read(answer))

    async def _get(self, path: str, params: dict[str, str | int]) -> Any:
        url = f"{base_of(self.settings.server)}/api/v5{path}"
        return await self.web("GET", url, params={"access_token": self.settings.token, **params})


def _ref(one: Any) -> Ref:
    told = one if isinstance(one, dict) else {}
    state = text_of(told.get("state"))
    return Ref(
        ref=f"#{text_of(told.get('number'))}",
        url=text_of(told.get("html_url")),
        closed=state in _CLOSED,
        word=state,
    )
