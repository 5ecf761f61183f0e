"""Stories: near-copies and reposts, across platforms, folded into one that keeps its heat.

Pure: posts in, stories out; state is bytes (`dump`, `load`). Figures and how they were chosen:
docs/adr/0020, for people: docs/stories.md.
"""

from app.stories.campaign import explained, reasons
from app.stories.index import BY_HAND, Index, busiest
from app.stories.key import read
from app.stories.shapes import Copy, First, Hop, Placed, Post, Reason, Story

__all__ = [
    "BY_HAND",
    "Copy",
    "First",
    "Hop",
    "Index",
    "Placed",
    "Post",
    "Reason",
    "Story",
    "busiest",
    "explained",
    "read",
    "reasons",
]
