"""Rules: when whom to alert, how, and who is called next where nobody answers. Values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.alert import Alert, Severity
from app.domain.delivery import DESKTOP, TOAST, Delivery
from app.domain.query import MentionQuery
from app.i18n import N_


class RuleKind(StrEnum):
    """What a rule looks at."""

    MENTION = "mention"
    SURGE = "surge"
    STORY = "story"
    DEADLINE = "deadline"
    BLIND = "blind"
    SEARCH = "search"


KINDS = {
    RuleKind.MENTION: N_("A grave single post"),
    RuleKind.SURGE: N_("A surge of complaints"),
    RuleKind.STORY: N_("A story that grows"),
    RuleKind.DEADLINE: N_("An answer at risk of being late"),
    RuleKind.BLIND: N_("A source that is not seen"),
    RuleKind.SEARCH: N_("A saved search"),
}
"""For people; also the name of a rule that was given none."""


class Whom(StrEnum):
    """NEXT: whoever is on duty and was not called by an earlier rung."""

    DUTY = "duty"
    NEXT = "next"
    LEAD = "lead"
    NAMED = "named"


WHOM = {
    Whom.DUTY: N_("whoever is on duty"),
    Whom.NEXT: N_("the next person"),
    Whom.LEAD: N_("the lead"),
    Whom.NAMED: N_("these people"),
}
"""For people."""

ROBOTS = "all"
"""Stands for every channel that is configured: robots, mail, webhooks."""

MOST = 1000
"""The largest threshold of a saved search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """`after`: minutes since the alert was raised. `channels`: TOAST, DESKTOP, ROBOTS, or a number."""

    after: int = 0
    channels: tuple[str, ...] = (TOAST, DESKTOP)
    whom: Whom = Whom.DUTY
    names: tuple[str, ...] = ()
    """For NAMED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """Fields that do not belong to the rule's kind are carried along and mean nothing.

    The first rung is climbed when the alert is raised; the others while nobody has acknowledged it.
    """

    id: int = 0
    name: str = ""
    kind: RuleKind = RuleKind.MENTION
    active: bool = True
    brands: tuple[int, ...] = ()
    """Own brands it watches; empty for all."""
    severity: Severity | None = None
    """None: as judged."""
    ladder: tuple[Rung, ...] = (Rung(),)
    climbs: Severity = Severity.P1
    """Alerts of this severity and graver ones climb."""
    cooldown: int = 600
    """Seconds in which one brand's further alerts are listed and counted, not shown (P1 passes)."""
    max_age: int = 24 * 3600
    """Seconds: older publications (a back-fill, an import) are listed but never shown."""
    quiet_from: str = ""
    """HH:MM local time, empty for no quiet hours."""
    quiet_to: str = ""
    urgent: bool = True
    """P1 passes quiet hours."""
    on_duty: tuple[str, ...] = ()
    """Names; empty: whoever is on duty in the team."""
    team_id: int | None = None
    """None: all teams."""
    sound: bool = True
    repeat: bool = True
    """The sound of a P1 comes again until somebody acknowledges it."""

    negative: float = 0.9
    """MENTION: P(negative) from which a post is clearly negative."""
    followers: int = 10_000
    engagement: int = 100
    percent: int = 80
    """DEADLINE: per cent of the time from which somebody is disturbed; before, it is only listed."""
    query: MentionQuery = field(default_factory=MentionQuery)
    """SEARCH."""
    times: int = 10
    minutes: int = 60
    """SEARCH: so many posts, published within so many minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCase:
    """One alert that a rule would have raised. `held`: why it would only have been listed, "" if shown."""

    at: datetime
    severity: Severity
    title: str
    held: str = ""
    mention_ids: tuple[int, ...] = ()
    """The one that raised it first, then copies (at most fifty are named)."""
    copies: int = 1
    incident_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a rule would have done over the last `days` days; the newest case first.

    `known` is for how many of those days something is stored. `cut`: there was more than is looked at.
    """

    days: int
    known: float
    cases: tuple[RuleCase, ...]
    looked_at: int = 0
    cut: bool = False

    @property
    def shown(self) -> int:
        """Cases for which somebody would have been disturbed."""
        return sum(1 for one in self.cases if not one.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What became of an alert: its deliveries, and where it climbs next (None: nowhere)."""

    alert: Alert
    rule: str
    """The name of the rule that raised it; "" for none."""
    deliveries: tuple[Delivery, ...] = ()
    next_words: str = ""
    """Whom it climbs to and over what, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """What to do when something of a kind happens. The texts are the team's own, in its language.

    `statement` is a draft with {brand}, {product}, {channel}, {date}, {done} in it; it states no fact.
    """

    id: str
    name: str
    cues: tuple[str, ...] = ()
    """Severity cues it is meant for."""
    words: tuple[str, ...] = ()
    """Words of a post it is meant for."""
    incident: bool = False
    """Also for an incident that nothing else fits."""
    call: tuple[str, ...] = ()
    """Roles to call, the first one first."""
    steps: tuple[str, ...] = ()
    statement: str = ""
    changed: bool = False
    """The team's own version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Somebody said that a step is done, or took it back."""

    step: str
    done: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookCase:
    """A playbook laid beside an alert or an incident: the statement filled in, and what is done already."""

    subject: str
    """"alert:7" or "incident:3": under it the ticks are in the books."""
    playbook: Playbook
    statement: str
    ticks: tuple[Tick, ...] = ()
    """The newest of each step that was touched."""
