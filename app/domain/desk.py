"""What waits for an answer: an item of the queue, its clock, and what the clock says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.alert import Severity
from app.i18n import N_


class Stage(StrEnum):
    """WAITING: the clock stands still while somebody else must act (the customer, the engineer)."""

    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"


STAGES = {Stage.OPEN: N_("open"), Stage.WAITING: N_("waiting"), Stage.DONE: N_("done")}
"""For people."""

WARNINGS = (50, 80, 100)
"""Per cent of the allowed time at which the clock speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A mention that somebody must answer.

    `published_at` and `seen_at` (our first sight) are both kept; `started_at` is which of them, or which
    later moment (a re-opening), the clock began at. `allowed` and `used` are seconds of the team's work
    time; `due_at` is the wall-clock moment at which `allowed` is used up, None while the clock stands.
    `warned` is the last of `WARNINGS` that was told, 0 for none. `first_response` is seconds of work time.
    """

    mention_id: int
    severity: Severity
    stage: Stage
    why: str = ""
    """Why it is on the desk: alert | negative | message | hand."""
    brand_id: int | None = None
    source_id: int = 0
    team_id: int | None = None
    owner: str = ""
    owned_at: datetime | None = None
    lease_until: datetime | None = None
    opened_at: datetime
    published_at: datetime
    seen_at: datetime
    started_at: datetime
    allowed: int
    used: int = 0
    due_at: datetime | None = None
    warned: int = 0
    paused_at: datetime | None = None
    pause: str = ""
    """Why it waits, in the person's words."""
    reopened: int = 0
    heard_at: datetime | None = None
    """When the author last wrote again."""
    answered_at: datetime | None = None
    first_response: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """The clock of an item has reached `percent` of its time (one of `WARNINGS`)."""

    mention_id: int
    severity: Severity
    percent: int
    due_at: datetime
    owner: str = ""
    team_id: int | None = None
    brand_id: int | None = None
    source_id: int = 0


class Start(StrEnum):
    """What the clock of an item begins with."""

    SEEN = "seen"
    PUBLISHED = "published"


STARTS = {Start.SEEN: N_("our first sight of it"), Start.PUBLISHED: N_("its publication")}
"""For people."""

FORUMS = frozenset(
    (
        "forum", "discuz", "discourse", "tieba", "nga", "hupu", "v2ex", "coolapk", "smzdm", "autohome",
        "xueqiu", "reddit", "hackernews",
    )
)  # fmt: skip
"""Platforms that are boards: people there sit and wait for the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Minutes to the first answer, by severity; 0 for no deadline.

    `where` is empty (everywhere), "@forums" (`FORUMS`), a platform's key, or "source:3".
    """

    where: str = ""
    p1: int = 15
    p2: int = 30
    p3: int = 30

    def minutes(self, severity: Severity) -> int:
        return {Severity.P1: self.p1, Severity.P2: self.p2, Severity.P3: self.p3}[severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long an answer may take, what counts the time, and whose it is; shared by the team.

    `limits`: the narrowest line holds: source, platform, forums, everywhere. `by_source` and `by_brand`
    are the ids of teams; the source is asked first, `team_id` is everybody else's team. `max_age`:
    seconds; what was published longer ago does not come to the desk by itself (a back-fill, an import).
    """

    limits: tuple[Limit, ...] = (Limit(), Limit(where="@forums", p1=15, p2=15, p3=15))
    start: Start = Start.SEEN
    max_age: int = 24 * 3600
    team_id: int | None = None
    by_source: Mapping[int, int] = field(default_factory=dict)
    by_brand: Mapping[int, int] = field(default_factory=dict)

    def allowed(self, severity: Severity, platform: str, source_id: int) -> int:
        """Seconds of work time; 0 for no deadline."""
        lines = {one.where: one for one in self.limits}
        group = "@forums" if platform in FORUMS else ""
        for where in (f"source:{source_id}", platform, group):
            if where and where in lines:
                return 60 * lines[where].minutes(severity)
        return 60 * lines.get("", Limit()).minutes(severity)

    def team(self, source_id: int, brand_id: int | None) -> int | None:
        """Whose an item is."""
        found = self.by_source.get(source_id)
        if found is None and brand_id is not None:
            found = self.by_brand.get(brand_id)
        return self.team_id if found is None else found
