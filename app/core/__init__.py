"""Core: all that a window or the command line may ask, over one door."""

from app.analysis.measures import PublicFigure, wilson
from app.core.core import Core
from app.core.outlets import OutKind
from app.core.values import (
    Check,
    DayCount,
    EngineFigures,
    EngineInfo,
    ExportResult,
    HelpPage,
    ImportPreview,
    ImportResult,
    KindInfo,
    LayerInfo,
    Learning,
    Miss,
    MonitorKind,
    Overview,
    Preset,
    Preview,
    Sample,
    WorkWeek,
)
from app.desk.duty import Day
from app.desk.holidays import Special
from app.engine.signing import SignedIn, SignIn
from app.storage.values import Event, TaughtWord

__all__ = [
    "AspectLine",
    "Check",
    "Core",
    "Day",
    "DayCount",
    "EngineFigures",
    "EngineInfo",
    "Event",
    "ExportResult",
    "HelpPage",
    "ImportPreview",
    "ImportResult",
    "KindInfo",
    "LayerInfo",
    "Learning",
    "Miss",
    "MonitorKind",
    "OutKind",
    "Overview",
    "Preset",
    "Preview",
    "PublicFigure",
    "Sample",
    "SignIn",
    "SignedIn",
    "Special",
    "TaughtWord",
    "WorkWeek",
    "wilson",
]
