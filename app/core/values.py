"""What the facade answers with: frozen values for windows and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.domain.mention import Mention, Stored
from app.settings.schema import Spec


@dataclass(frozen=True, slots=True)
class DayCount:
    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A stored mention a query would have matched; spans are characters of its text."""

    stored: Stored
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a brand's query would have matched in what is stored. `searched` mentions were looked at."""

    total: int
    searched: int
    by_day: tuple[DayCount, ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class KindInfo:
    """A monitor's identity card, translated."""

    id: str
    name: str
    about: str
    basis: str
    every: int
    homepage: str
    network: bool


@dataclass(frozen=True, slots=True)
class MonitorKind:
    """A kind of source that can be added, with what its form asks."""

    info: KindInfo
    settings: type
    specs: tuple[tuple[str, Spec], ...]
    can_check: bool
    can_reply: bool


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready route of an RSSHub server. `fields` are (name, label, placeholder)."""

    key: str
    name: str
    path: str
    fields: tuple[tuple[str, str, str], ...]
    note: str


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """How a file would be read. `problem` is empty when it can be."""

    format: str
    columns: tuple[str, ...]
    mapping: dict[str, str]
    """Field of a mention -> column of the file."""
    unmapped: tuple[str, ...]
    sample: tuple[Mention, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ImportResult:
    new: int
    seen: int
    edited: int
    skipped: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportResult:
    path: Path
    rows: int
    negative: int


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The status bar. `scorer` is ready | starting | stopped | failed: reason."""

    mentions: int
    unscored: int
    sources: int
    healthy: int
    troubled: int
    open_alerts: int
    scorer: str
    engine: str
