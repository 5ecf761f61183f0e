"""The one shape of a channel: how an alert leaves for a group's robot, a mailbox, a webhook.

A channel knows httpx and app.domain, nothing else: not the database, not the clock on the wall. How often
it may be used, retries and batching are the engine's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import httpx

from app.domain.delivery import Notice

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """A channel's identity card. Texts are marked with N_ and translated where shown."""

    id: str
    name: str
    about: str = ""
    per_minute: int = 15
    """Messages, at the most; what waits meanwhile goes together in one."""
    contact: str = ""
    """The key of `Person.contacts` by which it points at somebody; "" where it cannot."""
    homepage: str = ""


class Channel(ABC, Generic[S]):
    """One instance a message."""

    info: ClassVar[Info]
    Settings: ClassVar[type[object]]

    def __init__(self, settings: S, http: httpx.AsyncClient, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.http = http
        self.now = now

    @staticmethod
    def vet(settings: Any) -> None:
        """Before they are saved: ConfigError, at the field, for settings that can never work."""

    @abstractmethod
    async def send(self, notices: Sequence[Notice]) -> None:
        """All of them as one message. Returns when it has surely been taken.

        Raises AuthFailed (a person must act), Refused (this text or robot will never be taken),
        RateLimited (how long to wait), Transient (surely not delivered; try again), Unsure (perhaps
        delivered).
        """
