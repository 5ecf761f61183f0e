"""Where mentions rest: SQLite in a file, or PostgreSQL for a team. Values in, values out."""

from app.storage.store import Finding, Storage
from app.storage.values import (
    Event,
    Found,
    Judged,
    JudgedPair,
    LayerState,
    Lesson,
    LessonCounts,
    Saved,
    Stale,
    TaughtLayer,
    TaughtWord,
    Waiting,
)

__all__ = [
    "Event",
    "Finding",
    "Found",
    "Judged",
    "JudgedPair",
    "LayerState",
    "Lesson",
    "LessonCounts",
    "Saved",
    "Stale",
    "Storage",
    "TaughtLayer",
    "TaughtWord",
    "Waiting",
]
