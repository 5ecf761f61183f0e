"""Jira issues: Cloud (documents, mail address and token) and Server or Data Center (plain text, token)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.domain.ticket import MARK, Issue, Ref, mark_of
from app.domain.web import Answer, base_of
from app.errors import ConfigError, ReplyRejected
from app.i18n import N_, _
from app.settings.schema import choice, lines, secret, text
from app.trackers import words
from app.trackers.base import Info, Tracker, gone, limited, read, text_of

CLOUD, SERVER = "cloud", "server"
_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,30}", re.ASCII)


@dataclass(frozen=True, repr=False)
class Settings:
    server: str = text(N_("Address"), required=True, placeholder="https://example.atlassian.net")
    project: str = text(
        N_("Project key"), help=N_("As it stands before the number of an issue."), required=True
    )
    edition: str = choice(N_("Edition"), choices=(CLOUD, SERVER), default=CLOUD)
    user: str = text(N_("Mail address"), help=N_("Of the token's owner; for Cloud only."))
    token: str = secret(
        N_("Access token"), help=N_("An API token (Cloud) or a personal access token."), required=True
    )
    type: str = text(N_("Issue type"), default="Bug")
    labels: tuple[str, ...] = lines(N_("Labels"))


class Jira(Tracker[Settings]):
    info = Info(
        id="jira",
        name=N_("Jira"),
        about=N_("Makes issues in a Jira project, Cloud or Server."),
        homepage="https://www.atlassian.com/software/jira",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        base_of(settings.server)
        if not _KEY.fullmatch(settings.project):
            raise ConfigError(_("A project key has capital letters, as in BRAND-24."), field="project")
        if settings.edition == CLOUD and "@" not in settings.user:
            raise ConfigError(_("Jira Cloud wants the mail address of the token's owner."), field="user")
        if any(" " in one for one in settings.labels):
            raise ConfigError(_("Jira's labels have no blanks."), field="labels")

    async def check(self) -> str:
        told = read(await self._ask("GET", f"project/{quote(self.settings.project, safe='')}"))
        name = text_of(told.get("name")) if isinstance(told, dict) else ""
        return _("“{name}” is there.").format(name=words.fact(name or self.settings.project))

    async def find(self, key: str) -> Ref | None:
        """By a label of its own, which Jira looks up exactly."""
        jql = f'project = "{self.settings.project}" AND labels = "{_label(key)}" ORDER BY created'
        path = "search/jql" if self._cloud else "search"
        params: dict[str, str | int] = {"jql": jql, "fields": "status,labels", "maxResults": 5}
        told = read(await self._ask("GET", path, params=params))
        found = told.get("issues") if isinstance(told, dict) else None
        rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        return next((self._ref(one) for one in rows), None)

    async def create(self, issue: Issue) -> Ref:
        fields: dict[str, Any] = {
            "project": {"key": self.settings.project},
            "summary": words.title_of(issue, 200),
            "issuetype": {"name": self.settings.type},
            "description": document(issue) if self._cloud else wiki(issue),
            "labels": [_label(issue.key), *self.settings.labels],
        }
        answer = await self._ask("POST", "issue", json={"fields": fields})
        if answer.status == 400 and (said := _why(answer)):
            raise ReplyRejected(_("Jira did not accept the issue: {said}").format(said=said))
        return self._ref(read(answer))

    async def state(self, ref: str) -> Ref:
        answer = await self._ask("GET", f"issue/{quote(ref, safe='')}", params={"fields": "status"})
        if answer.status == 404:
            raise gone(ref)
        return self._ref(read(answer))

    @property
    def _cloud(self) -> bool:
        return self.settings.edition == CLOUD

    async def _ask(
        self, method: str, path: str, *, params: dict[str, str | int] | None = None, json: Any = None
    ) -> Answer:
        version = 3 if self._cloud else 2
        url = f"{base_of(self.settings.server)}/rest/api/{version}/{path}"
        token = self.settings.token
        if self._cloud:
            both = base64.b64encode(f"{self.settings.user}:{token}".encode()).decode("ascii")
            headers = {"Authorization": f"Basic {both}", "Accept": "application/json"}
        else:
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        answer = await self.web(method, url, headers=headers, params=params, json=json)
        if (error := limited(answer, self.now())) is not None:
            raise error
        return answer

    def _ref(self, told: Any) -> Ref:
        one = told if isinstance(told, dict) else {}
        name = text_of(one.get("key"))
        fields = one.get("fields")
        status = fields.get("status") if isinstance(fields, dict) else None
        status = status if isinstance(status, dict) else {}
        category = status.get("statusCategory")
        done = isinstance(category, dict) and category.get("key") == "done"
        url = f"{base_of(self.settings.server)}/browse/{quote(name, safe='')}"
        return Ref(ref=name, url=url, closed=done, word=text_of(status.get("name")))


def _label(key: str) -> str:
    return f"{MARK}-{key}"


def _why(answer: Answer) -> str:
    """Both places in which Jira says what is wrong, with the names of the fields."""
    told = answer.json()
    general, fields = told.get("errorMessages"), told.get("errors")
    said = [text_of(one) for one in general] if isinstance(general, list) else []
    if isinstance(fields, dict):
        said += [f"{name}: {text_of(value)}" for name, value in fields.items()]
    return words.fact("; ".join(filter(None, said)), 300)


def document(issue: Issue) -> dict[str, Any]:
    """The Atlassian Document Format: texts are nodes, so that nothing in them is markup."""
    told, links = words.copies_of(issue)
    nodes = [_paragraph(_texts(f"{label}: ", value)) for label, value in words.facts_of(issue)]
    if said := words.lines_of(issue.text):
        nodes.append({"type": "codeBlock", "content": [{"type": "text", "text": said}]})
    nodes += [_paragraph(_texts(one)) for one in (told,) if one]
    nodes += [_paragraph(_texts("", link)) for link in links]
    nodes.append(_paragraph(_texts(mark_of(issue.key))))
    return {"type": "doc", "version": 1, "content": nodes}


def _paragraph(content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "paragraph", "content": content}


def _texts(before: str, value: str = "") -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [{"type": "text", "text": before}] if before else []
    if value:
        node: dict[str, Any] = {"type": "text", "text": value}
        if value.startswith(("http://", "https://")):
            node["marks"] = [{"type": "link", "attrs": {"href": value}}]
        made.append(node)
    return made


def wiki(issue: Issue) -> str:
    """Jira Server's wiki markup: the post stands in a box that it cannot close."""
    return words.plain(
        issue, lambda said: "{noformat}\n" + said.replace("{", "｛").replace("}", "｝") + "\n{noformat}"
    )
