"""The one shape of a channel: how an alert leaves for a group's robot, a mailbox, a webhook.

A channel is given how to ask the web and what time it is, nothing else: not the database, not the clock on
the wall. How often it may be used, retries and batching are the engine's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from app.domain.delivery import Notice
from app.domain.web import Web

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """A channel's identity card. Texts are marked with N_ and translated where shown."""

    id: str
    name: str
    about: str = ""
    per_minute: int = 15
    """Messages, at the most; what waits meanwhile goes together in one."""
    together: int = 200
    """Alerts that may go together in one message."""
    repeatable: bool = False
    """The receiver knows a repetition by its key, so that an unclear one may be sent again as it is."""
    contact: str = ""
    """The key of `Person.contacts` by which it points at somebody; "" where it cannot."""
    homepage: str = ""


class Channel(ABC, Generic[S]):
    """One instance a message."""

    info: ClassVar[Info]
    Settings: ClassVar[type[object]]

    def __init__(self, settings: S, web: Web, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.web = web
        self.now = now

    @staticmethod
    def vet(settings: Any) -> None:
        """Before they are saved: ConfigError, at the field, for settings that can never work."""

    @abstractmethod
    async def send(self, notices: Sequence[Notice]) -> str:
        """All of them as one message. Returns when it has surely been taken; what it says is a remark for
        the receipt (somebody could not be pointed at), mostly empty.

        Raises AuthFailed (a person must act), Refused (this robot will not take it), ReplyRejected (it
        takes messages, but not this text), ConfigError (it is gone for good), RateLimited (how long to
        wait), Transient (surely not delivered; try again), Unsure (perhaps delivered).
        """
