"""Stories and incidents as the desk sees them: values for storage, core and window.

How they come about is `app.stories` and `app.analysis.bursts`; what is said of them rests on mentions
that open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.alert import Severity
from app.domain.mention import Stored


class IncidentPhase(StrEnum):
    """Where an incident stands; all but `CLOSED` are open."""

    OPENED = "opened"
    GROWING = "growing"
    PEAKED = "peaked"
    EBBING = "ebbing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one detector said when the incident opened or grew: one sentence, and what it rests on.

    `channel` is surge | unsettled | story | share | reach | words. `strength` 1.0 is its threshold.
    """

    at: datetime
    channel: str
    told: str
    strength: float
    story_id: int | None = None
    mention_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of state, kept for ever: a phase the detectors saw, or what a person did.

    `what` is a phase, or muted | unmuted | closer | escalated | briefed; `by` is empty for the program.
    """

    at: datetime
    what: str
    by: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One crisis of one brand, told once. `title` and `reason` are plain text of one line each."""

    id: int
    brand_id: int
    brand: str
    phase: IncidentPhase
    severity: Severity
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    title: str
    reason: str
    """Why it was raised: what was expected, what came, since when."""
    strength: float
    """The strongest it has been; 1.0 is the threshold."""
    channels: tuple[str, ...] = ()
    mentions: int = 0
    """Negative mentions it rests on so far."""
    stories: tuple[int, ...] = ()
    alert_id: int | None = None
    muted: str = ""
    """The reason a person gave; empty while it may disturb."""
    muted_by: str = ""
    escalated_to: str = ""
    closer_until: datetime | None = None
    """Until then the sources it came from are polled more often."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of the sparkline: negative mentions (a sum of P) that came, and what was expected."""

    at: datetime
    came: float
    expected: float
    low: float
    high: float
    """`low` to `high`: the band in which nine of ten ordinary slots lie."""


@dataclass(frozen=True, slots=True)
class StoryHop:
    """How often a story went from one platform to another (or on inside it), and when first."""

    source: str
    target: str
    copies: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CampaignSign:
    """One sign of a campaign of copies, in words; `share` is 0..1 of the copies it holds for."""

    kind: str
    told: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryHeat:
    """One story: near-copies, reposts and answers of one text, across platforms."""

    id: int
    first: Stored | None
    """The first post, where it is still stored."""
    first_at: datetime
    last_at: datetime
    copies: int
    negative: int
    velocity: float
    """Posts in the last hour."""
    peak: float
    """Posts in its busiest hour."""
    authors: int
    followers: int
    """Of distinct authors."""
    platforms: tuple[tuple[str, int], ...]
    """Most posts first."""
    path: tuple[StoryHop, ...] = ()
    campaign: tuple[CampaignSign, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An account that carried the incident; `mention_id` is its post that reached farthest."""

    name: str
    platform: str
    followers: int | None
    verified: bool | None
    posts: int
    mention_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RisenWord:
    """A word that was not there before: `came` posts have it where `usual` were expected."""

    word: str
    came: int
    usual: float
    mention_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCard:
    """All an incident shows. Every part rests on mentions that open."""

    incident: Incident
    signs: tuple[Sign, ...]
    steps: tuple[Step, ...]
    course: tuple[Slot, ...]
    first: Stored | None
    """Where it began: the first post of its hottest story, else the earliest its first sign rests on."""
    stories: tuple[StoryHeat, ...]
    """Hottest first."""
    copies: tuple[Stored, ...]
    """The posts that reached farthest, at most ten."""
    platforms: tuple[tuple[str, int], ...]
    carriers: tuple[Carrier, ...]
    words: tuple[RisenWord, ...]
    reasons: tuple[tuple[str, tuple[int, ...]], ...]
    """Why this severity: a sentence, and the mentions it rests on."""


@dataclass(frozen=True, slots=True)
class Case:
    """One alarm that a sensitivity would have raised: when, what it would have said, on which mentions."""

    at: datetime
    told: str
    mention_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """“Over the last `days` days this would have alarmed `len(cases)` times”. Newest first.

    `known` is how many of those days have stored mentions to judge by.
    """

    sensitivity: str
    days: int
    known: float
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """A one-page summary of an incident, with links: as plain text (Markdown) and as safe HTML."""

    title: str
    markdown: str
    html: str
    mention_ids: tuple[int, ...] = ()
