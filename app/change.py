"""What kind of thing changed: the only news that travels from the engine up to a window."""

from __future__ import annotations

from enum import Flag, auto


class Change(Flag):
    """A view re-reads what it shows when a flag it cares for is up."""

    NONE = 0
    MENTIONS = auto()
    SCORES = auto()
    STATUS = auto()
    ALERTS = auto()
    HEALTH = auto()
    WATCHES = auto()
    SOURCES = auto()
    TEMPLATES = auto()
    VIEWS = auto()
    SETTINGS = auto()
    LEARNING = auto()
    INCIDENTS = auto()
    OUTBOX = auto()
    DESK = auto()
    PEOPLE = auto()
    RULES = auto()
    CHANNELS = auto()
    DELIVERIES = auto()
    KNOWLEDGE = auto()
    TRACKERS = auto()
