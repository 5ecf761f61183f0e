"""Core: all that a window or the command line may ask, over one door."""

from app.core.core import Core
from app.core.values import (
    Check,
    DayCount,
    ExportResult,
    ImportPreview,
    ImportResult,
    KindInfo,
    MonitorKind,
    Overview,
    Preset,
    Preview,
    Sample,
)
from app.storage.values import Event

__all__ = [
    "Check",
    "Core",
    "DayCount",
    "Event",
    "ExportResult",
    "ImportPreview",
    "ImportResult",
    "KindInfo",
    "MonitorKind",
    "Overview",
    "Preset",
    "Preview",
    "Sample",
]
