"""The one shape of a platform connector.

A monitor knows httpx and app.domain, nothing else: not the database, not Qt, not another monitor,
not the clock on the wall, not the environment. Timeouts, proxies, rates, retries and redaction are
the engine's; parsing is a pure function beside the class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

import httpx

from app.domain.mention import Mention
from app.domain.seeing import Life
from app.domain.watch import Page, Watch

S = TypeVar("S")

__all__ = [
    "CanCheck",
    "CanReply",
    "CanSignIn",
    "CanThread",
    "HasLives",
    "Info",
    "Life",
    "Means",
    "Monitor",
    "Thread",
]


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
    per_day: int = 0
    """Requests a day that the platform grants one credential; 0 where it names no such number."""
    terms: str = ""
    """Address of the terms under which it is read."""
    personal: str = ""
    """What personal data of authors it stores, one sentence."""
    day_zone: int = 8
    """Hours that the day of `per_day` is ahead of UTC: at which midnight the platform counts anew."""
    reach: int = 0
    """Seconds back that a round reads what was missed, by cursor or time; 0: only what is still listed."""
    reply_limit: int = 0
    """Characters an answer may have; 0 where answering is not possible or not limited."""
    account: str = ""
    """The field of its Settings that says as whom it reads and answers (a handle, an app id)."""
    reply_hours: int = 0
    """Hours after the author's last message in a chat in which it takes answers; 0 for no such end."""
    reply_most: int = 0
    """Answers a chat takes after the author's last message; 0 for no such limit."""


async def _kept_nowhere(_name: str, _value: str) -> None:
    """For a check before anything is saved."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the engine lends a monitor besides HTTP.

    `keep(name, value)` stores a renewed secret (a field of its Settings) in the keyring at once: what a
    platform rotates is lost otherwise. `now` is the engine's clock, aware, UTC. `left_today` is how many
    of `Info.per_day` requests this credential may still make today; None where nothing is counted.
    `verifier` belongs to the sign-in under way, the same for both its halves: platforms that know PKCE
    are shown its challenge first (`monitors/oauth.py`) and itself with the code.
    """

    keep: Callable[[str, str], Awaitable[None]] = _kept_nowhere
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    left_today: int | None = None
    verifier: str = field(default="", repr=False)


class Monitor(ABC, Generic[S]):
    """Reads one source. One instance a poll run; it keeps no state but the cursor it returns."""

    info: ClassVar[Info]
    Settings: ClassVar[type[object]]

    def __init__(self, settings: S, http: httpx.AsyncClient, means: Means | None = None) -> None:
        self.settings = settings
        self.http = http
        self.means = means or Means()

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

    async def reply(self, to: Mention, text: str, key: str = "") -> str:
        """Sends once; the new post's id ("" where the platform names none).

        `key` names this very answer: platforms that know idempotency keys are given it. Raises
        ReplyRejected (the platform said no to this text, or to answering this post), AuthFailed,
        RateLimited or Transient (surely not sent), Unsure (perhaps sent: never to be repeated blindly).
        """
        ...


@runtime_checkable
class CanMark(Protocol):
    """Can put a comment forward among the others under our own post, and take that back."""

    async def mark(self, to: Mention, on: bool) -> None:
        """Done where it returns; raises like `reply`."""
        ...


@dataclass(frozen=True, slots=True)
class Thread:
    """A post as it stands now, with what was said under it. `post` is None where it did not change."""

    page: Page
    post: Mention | None = None
    gone: bool = False


@runtime_checkable
class CanThread(Protocol):
    """Can read again what grows under a post, and see that it was edited or deleted."""

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """Comments since `cursor` (None: the first time), as pages like `poll`'s."""
        ...


@runtime_checkable
class CanSignIn(Protocol):
    """Gets its token in the person's own browser (OAuth), never by a password in our form.

    Where the platform wants the address to come back to registered, Settings have a field `redirect` with
    it: on loopback it is listened at (its port and path), anywhere else the person pastes the code. Without
    such a field, or with it left empty, any free port serves.
    """

    def sign_in_url(self, redirect: str, state: str) -> str:
        """Where the browser goes. `redirect` is a loopback address of ours; `state` comes back with it."""
        ...

    async def signed_in(self, code: str, redirect: str) -> Mapping[str, str]:
        """The secrets (fields of Settings) that the code stands for."""
        ...


@runtime_checkable
class HasLives(Protocol):
    """Knows how long its tokens and quotas last, from its settings and cursor alone."""

    def lives(self, cursor: str | None) -> Sequence[Life]: ...
