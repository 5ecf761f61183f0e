"""Which tracker is tested against which stand-in, and how its settings point there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.drill.standin.platform import Platform
from app.drill.standin.robots import Receiver
from app.drill.standin.trackers import GiteeIssues, GitHubIssues, GitLabIssues, JiraIssues, ZenTaoBugs

TOKEN = GitHubIssues.key


@dataclass(frozen=True)
class Case:
    """`settings(url)`: plain ones, and secrets."""

    kind: str
    platform: type[Platform]
    settings: Callable[[str], dict[str, Any]]
    secrets: dict[str, str]


CASES = {
    "github": Case(
        "github", GitHubIssues, lambda url: {"repository": "brand/app", "server": url}, {"token": TOKEN}
    ),
    "gitlab": Case(
        "gitlab",
        GitLabIssues,
        lambda url: {"project": "brand/app", "server": url, "labels": "用户反馈,app"},
        {"token": TOKEN},
    ),
    "gitee": Case(
        "gitee", GiteeIssues, lambda url: {"repository": "brand/app", "server": url}, {"token": TOKEN}
    ),
    "jira-cloud": Case(
        "jira",
        JiraIssues,
        lambda url: {"server": url, "project": "BRAND", "user": JiraIssues.mail, "labels": "feedback"},
        {"token": TOKEN},
    ),
    "jira-server": Case(
        "jira",
        JiraIssues,
        lambda url: {"server": url, "project": "BRAND", "edition": "server"},
        {"token": TOKEN},
    ),
    "zentao": Case(
        "zentao",
        ZenTaoBugs,
        lambda url: {"server": f"{url}/zentao", "product": "7", "account": ZenTaoBugs.account},
        {"password": TOKEN},
    ),
    "webhook": Case("webhook", Receiver, lambda url: {}, {"url": "", "secret": Receiver.signing}),
}
