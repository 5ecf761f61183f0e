"""Ways out for alerts besides this desktop."""

from typing import Any

from app.alerts.channels.base import Channel
from app.alerts.channels.dingtalk import DingTalk
from app.alerts.channels.email import Email
from app.alerts.channels.feishu import Feishu
from app.alerts.channels.serverchan import ServerChan
from app.alerts.channels.slack import Slack
from app.alerts.channels.teams import Teams
from app.alerts.channels.webhook import Webhook
from app.alerts.channels.wecom import WeComRobot

ALL: tuple[type[Channel[Any]], ...] = (
    DingTalk, WeComRobot, Feishu, ServerChan, Slack, Teams, Email, Webhook,
)  # fmt: skip
"""In the order they are offered."""
