"""The one shape of a bug tracker: find an issue by its key, make one, say how it stands.

A tracker is given how to ask the web and what time it is, nothing else. That an issue is made once, and
when its state is looked up, is the engine's affair.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from app.domain.ticket import Issue, Ref
from app.domain.web import Answer, Web, wrong
from app.errors import AppError, NotFound, RateLimited, ReplyRejected
from app.i18n import _

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """A tracker's identity card. Texts are marked with N_ and translated where shown."""

    id: str
    name: str
    about: str = ""
    homepage: str = ""
    follows: bool = True
    """It can say later how an issue stands."""


class Tracker(ABC, Generic[S]):
    """One instance an act."""

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
    async def check(self) -> str:
        """One sentence for the person of what was found there, or raises; makes nothing."""

    @abstractmethod
    async def find(self, key: str) -> Ref | None:
        """The issue that carries this key, open or closed; asks where a fresh one is seen at once."""

    @abstractmethod
    async def create(self, issue: Issue) -> Ref:
        """Makes it. AuthFailed, Refused, ReplyRejected (this issue), RateLimited or Transient: surely not
        made; Unsure: perhaps made, to be looked up by its key."""

    @abstractmethod
    async def state(self, ref: str) -> Ref:
        """How it stands; NotFound where it is not there any more."""


def read(answer: Answer) -> Any:
    """The JSON of a good answer; the error of any other."""
    if not answer.good:
        raise refused(answer)
    told = answer.any_json()
    if told is None:
        raise wrong(answer)
    return told


def refused(answer: Answer) -> AppError:
    """400 and 422 are about this issue, not about the tracker."""
    said = answer.words(300)
    if answer.status in (400, 422) and not answer.html:
        told = _("{host} did not accept the issue: {said}")
        return ReplyRejected(
            told.format(host=answer.host, said=said or "?"), details=f"HTTP {answer.status}"
        )
    return wrong(answer, said)


def limited(answer: Answer, now: datetime) -> RateLimited | None:
    """GitHub's way, which others have taken over: nothing remains until a moment in a header."""
    left = answer.headers.get("x-ratelimit-remaining", answer.headers.get("ratelimit-remaining"))
    if answer.status not in (403, 429) or (left != "0" and answer.wait is None):
        return None
    wait = answer.wait
    reset = answer.headers.get("x-ratelimit-reset", answer.headers.get("ratelimit-reset", ""))
    if wait is None and reset.isascii() and reset.isdigit() and len(reset) < 12:
        wait = max(1.0, int(reset) - now.timestamp())
    told = _("{host} asks us to come less often.").format(host=answer.host)
    return RateLimited(told, retry_after=min(wait or 60.0, 3600.0), details=f"HTTP {answer.status}")


def gone(name: str) -> NotFound:
    return NotFound(_("The issue {ref} is not there any more.").format(ref=name))


def text_of(value: Any) -> str:
    """A field that should be text; "" where it is something else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
