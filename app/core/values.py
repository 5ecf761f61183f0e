"""What the facade answers with: frozen values for windows and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from app.desk.duty import Day
from app.domain.knowledge import Entry
from app.domain.mention import Mention, Stored
from app.domain.sentiment import Tone
from app.settings.schema import Spec


@dataclass(frozen=True, slots=True)
class DayCount:
    day: date
    count: int


@dataclass(frozen=True, slots=True)
class WorkWeek:
    """Monday to Sunday as a calendar has them, and how many hours of work that makes."""

    days: tuple[Day, ...]
    hours: float


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
    can_sign_in: bool = False


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
class BookResult:
    """How many lines of the books were written, and where."""

    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class HelpPage:
    """Where the public entries stand now, how many, and those left out as they hold personal data."""

    path: Path
    entries: int
    left_out: tuple[Entry, ...]


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
    unseen: tuple[str, ...] = ()
    """Names of the troubled sources."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """An engine that can be chosen. `missing` says what to install where it cannot run yet."""

    id: str
    name: str
    about: str
    chosen: bool
    missing: str = ""


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """What was learnt for a brand. `before` and `after`: share judged right, 0..1, on labels held back."""

    id: int
    name: str
    active: bool
    lessons: int
    words: int
    made_at: datetime
    made_by: str
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """What people taught about a brand (None: about all), and what became of it."""

    brand_id: int | None
    corrections: int
    seen: int
    words: int
    layer: LayerInfo | None = None
    waiting: int = 0
    """Corrections and words that came after the layer was made."""
    note: str = ""
    """Why nothing was adopted, where that is so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFigures:
    """How an engine does on what a team's people said. Shares are 0..1, None where there is too little."""

    engine: str
    version: str
    n: int
    accuracy: float | None
    macro_f1: float | None
    negative_precision: float | None
    negative_recall: float | None
    calibration: float | None
    """Expected calibration error of P(negative)."""
    per_second: float
    called: int = 0
    """How many it called negative; `meant`: how many are."""
    meant: int = 0
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True, slots=True)
class Miss:
    """A text the engine judged otherwise than a person, the surest first."""

    mention_id: int
    text: str
    said: Tone
    """By the person."""
    judged: Tone
    sure: float
