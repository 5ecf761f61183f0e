"""GitLab issues, of gitlab.com or a server of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.domain.ticket import Issue, Ref, mark_of
from app.domain.web import Answer, base_of
from app.errors import ConfigError
from app.i18n import N_, _
from app.settings.schema import flag, lines, secret, text
from app.trackers import words
from app.trackers.base import Info, Tracker, gone, limited, read, text_of


@dataclass(frozen=True, repr=False)
class Settings:
    project: str = text(
        N_("Project"), help=N_("Its number, or its path."), required=True, placeholder="group/name"
    )
    token: str = secret(N_("Access token"), help=N_("With the scope api."), required=True)
    labels: tuple[str, ...] = lines(N_("Labels"))
    confidential: bool = flag(N_("Confidential"), help=N_("Only members of the project see the issues."))
    server: str = text(N_("Server"), default="https://gitlab.com")


class GitLab(Tracker[Settings]):
    info = Info(
        id="gitlab",
        name=N_("GitLab"),
        about=N_("Makes issues in a GitLab project."),
        homepage="https://gitlab.com",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        base_of(settings.server)
        if "://" in settings.project or any(c.isspace() for c in settings.project):
            raise ConfigError(_("A project is named by its number, or as group/name."), field="project")

    async def check(self) -> str:
        told = read(await self._ask("GET", ""))
        name = text_of(told.get("path_with_namespace")) if isinstance(told, dict) else ""
        return _("“{name}” is there.").format(name=words.fact(name or self.settings.project))

    async def find(self, key: str) -> Ref | None:
        params: dict[str, str | int] = {
            "search": key,
            "in": "description",
            "scope": "all",
            "state": "all",
            "per_page": 20,
        }
        told = read(await self._ask("GET", "/issues", params=params))
        rows = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
        return next((_ref(one) for one in rows if mark_of(key) in text_of(one.get("description"))), None)

    async def create(self, issue: Issue) -> Ref:
        body: dict[str, Any] = {
            "title": words.title_of(issue),
            "description": words.markdown(issue),
            "confidential": self.settings.confidential,
        }
        if self.settings.labels:
            body["labels"] = ",".join(self.settings.labels)
        return _ref(read(await self._ask("POST", "/issues", json=body)))

    async def state(self, ref: str) -> Ref:
        answer = await self._ask("GET", f"/issues/{ref.lstrip('#')}")
        if answer.status == 404:
            raise gone(ref)
        return _ref(read(answer))

    async def _ask(
        self, method: str, path: str, *, params: dict[str, str | int] | None = None, json: Any = None
    ) -> Answer:
        project = quote(self.settings.project.strip("/"), safe="")
        url = f"{base_of(self.settings.server)}/api/v4/projects/{project}{path}"
        headers = {"PRIVATE-TOKEN": self.settings.token}
        answer = await self.web(method, url, headers=headers, params=params, json=json)
        if (error := limited(answer, self.now())) is not None:
            raise error
        return answer


def _ref(one: Any) -> Ref:
    told = one if isinstance(one, dict) else {}
    return Ref(
        ref=f"#{text_of(told.get('iid'))}",
        url=text_of(told.get("web_url")),
        closed=told.get("state") == "closed",
        word=text_of(told.get("state")),
    )
