"""Bug trackers into which a mention is escalated."""

from typing import Any

from app.trackers.base import Tracker
from app.trackers.gitee import Gitee
from app.trackers.github import GitHub
from app.trackers.gitlab import GitLab
from app.trackers.jira import Jira
from app.trackers.webhook import Webhook
from app.trackers.zentao import ZenTao

ALL: tuple[type[Tracker[Any]], ...] = (ZenTao, Jira, GitHub, GitLab, Gitee, Webhook)
"""In the order they are offered."""
