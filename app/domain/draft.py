"""A reply on its way: only ever sent by a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.knowledge import Fit


class Manner(StrEnum):
    """The three tones of voice a person chooses from."""

    FORMAL = "formal"
    WARM = "warm"
    BRIEF = "brief"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A reply pattern for one complaint kind; `bodies` has a text for each manner.

    Variables are written {author} {brand} {product} {issue} {channel} {link} {agent}.
    """

    id: int = 0
    name: str
    complaint: str
    """A key of the complaint kinds: safety, quality, delivery, service, price, general …"""
    bodies: dict[Manner, str] = field(default_factory=dict)
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """What a draft rests on, so that it can be opened: an entry of the knowledge base or a mention."""

    kind: str
    """"entry" or "mention"."""
    id: int
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the composer opens with. `missing` names variables that nothing could fill; `rests` is what
    the text was made of."""

    mention_id: int
    template_id: int
    template: str
    complaint: str
    manner: Manner
    text: str
    missing: tuple[str, ...] = ()
    rests: tuple[Rest, ...] = ()
    entry_id: int = 0
    """The entry whose answer this is; 0: a template alone."""
    choices: tuple[Fit, ...] = ()
    """The likeliest entries, best first; also those that hardly fit."""
    overdue: bool = False
    """The entry should have been looked at again by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply a person has copied and posted by hand."""

    mention_id: int
    text: str
    by: str
    at: datetime
