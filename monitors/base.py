"""The one shape of a platform connector.

A monitor knows httpx and app.domain, nothing else: not the database, not Qt, not another monitor,
not the clock on the wall, not the environment. Timeouts, proxies, rates, retries and redaction are
the engine's; parsing is a pure function beside the class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

import httpx

from app.domain.mention import Mention
from app.domain.watch import Page, Watch

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Info:
    """A monitor's identity card. Texts are marked with N_ and translated where shown."""

    id: str
    name: str
    every: int
    """Seconds between polls, at the least."""
    per_minute: int
    """Requests to one host, at the most."""
    about: str = ""
    """One sentence: what it reads."""
    basis: str = ""
    """Lawful basis: N_("official API") | N_("public feed") | N_("imported files")."""
    homepage: str = ""
    network: bool = True


class Monitor(ABC, Generic[S]):
    """Reads one source. One instance a poll run; it keeps no state but the cursor it returns."""

    info: ClassVar[Info]
    Settings: ClassVar[type[object]]

    def __init__(self, settings: S, http: httpx.AsyncClient) -> None:
        self.settings = settings
        self.http = http

    @staticmethod
    def vet(settings: Any) -> None:
        """Before they are saved: raises ConfigError, at the field, for settings that can never work.

        Asks nobody: what only the platform can tell is `check`'s business.
        """

    @abstractmethod
    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:
        """Everything new since `cursor` (None: the first time), oldest pages in any order.

        Raises a MonitorError; returns mentions and the cursor that covers them. One bad item is
        counted in `Page.skipped`; a page in which all are bad is BadResponse.
        """


@runtime_checkable
class CanCheck(Protocol):
    """Can say, before it is saved, what it would see."""

    async def check(self) -> str:
        """One sentence for the person ("“某某论坛”, 20 posts, newest 3 minutes ago"), or raises."""
        ...


@runtime_checkable
class CanReply(Protocol):
    """Can answer through an official API."""

    async def reply(self, to: Mention, text: str) -> str:
        """The new post's id."""
        ...
