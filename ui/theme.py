"""How the window looks: two sets of colours, spacing, type, and one function that applies them.

Widgets ask `colors()` when they paint and listen to `notifier().changed` for what they keep. Text and
the ground it stands on have a contrast of at least 4.5 in both sets (a test computes it). GUI thread.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app.domain.alert import Severity
from app.domain.sentiment import Tone
from app.i18n import _

Mode = Literal["system", "light", "dark"]

XS, S, M, L, XL = 4, 8, 12, 16, 24
"""Spacing."""
RADIUS = 8
SMALL, BODY, READING, HEADING, TITLE, HUGE = 12, 13, 14, 15, 20, 28
"""Type, in pixels."""


@dataclass(frozen=True)
class Colors:
    """`*_soft` are grounds for text in the colour they soften; `mark` is the ground of found words."""

    name: str
    window: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_text: str
    accent_soft: str
    negative: str
    negative_soft: str
    neutral: str
    neutral_soft: str
    positive: str
    positive_soft: str
    warning: str
    warning_soft: str
    mark: str
    mark_text: str
    selection: str
    hover: str


LIGHT = Colors(
    name="light",
    window="#F6F7F9",
    surface="#FFFFFF",
    raised="#FFFFFF",
    line="#E2E5EA",
    text="#1A1E24",
    muted="#505A67",
    faint="#646E7B",
    accent="#0B6B6B",
    accent_text="#FFFFFF",
    accent_soft="#E1F0EF",
    negative="#B3261E",
    negative_soft="#FCEBE9",
    neutral="#4A5565",
    neutral_soft="#EDF0F3",
    positive="#17693F",
    positive_soft="#E3F3EA",
    warning="#875000",
    warning_soft="#FDF1DC",
    mark="#FFE9A8",
    mark_text="#3B2D00",
    selection="#DCEDEC",
    hover="#EEF1F4",
)

DARK = Colors(
    name="dark",
    window="#131619",
    surface="#1A1E22",
    raised="#22272D",
    line="#2F363E",
    text="#E7EAEE",
    muted="#AAB3BE",
    faint="#929CA8",
    accent="#56C2B9",
    accent_text="#06201E",
    accent_soft="#17302F",
    negative="#FF8F85",
    negative_soft="#3A1F1D",
    neutral="#B4BDC9",
    neutral_soft="#2A3037",
    positive="#6FCF97",
    positive_soft="#18301F",
    warning="#F0B357",
    warning_soft="#362812",
    mark="#5C4A12",
    mark_text="#FFEFC2",
    selection="#1D3E3C",
    hover="#242A30",
)


class Notifier(QObject):
    """Says that colours changed; there is one, made with the first question for it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode: Mode = "system"
        self.colors = LIGHT
        self._listening = False

    def listen(self, app: QApplication) -> None:
        """To the desktop's own light and dark, once."""
        if not self._listening:
            self._listening = True
            app.styleHints().colorSchemeChanged.connect(self.follow_system)

    def follow_system(self) -> None:
        """The desktop went light or dark."""
        app = QApplication.instance()
        if self.mode == "system" and isinstance(app, QApplication):
            apply(app, "system")


_notifier: list[Notifier] = []


def notifier() -> Notifier:
    """Listen to its `changed`."""
    if not _notifier:
        _notifier.append(Notifier())
    return _notifier[0]


def colors() -> Colors:
    """The set in force."""
    return notifier().colors


def apply(app: QApplication, mode: str) -> None:
    """Dress the whole program: style, palette, font and style sheet."""
    told = notifier()
    told.mode = mode if mode in ("light", "dark") else "system"  # type: ignore[assignment]  # narrowed by the test
    told.colors = DARK if _is_dark(app, told.mode) else LIGHT
    QDir.setSearchPaths("themes", [str(_folder())])
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setFont(font())
    app.setPalette(_palette(told.colors))
    app.setStyleSheet(_sheet(told.colors))
    told.listen(app)
    told.changed.emit()


def font(size: int = BODY, *, bold: bool = False) -> QFont:
    """The program's type, at a size in pixels."""
    made = QFont()
    made.setFamilies(_families())
    made.setPixelSize(size)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    return made


def mono(size: int = SMALL) -> QFont:
    """For the log and for addresses."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setPixelSize(size)
    return made


def restyle(widget: QWidget) -> None:
    """Read the style sheet again after a dynamic property of `widget` changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def tone_color(tone: Tone | None) -> str:
    """Text and icon colour of a tone."""
    now = colors()
    return (
        {
            Tone.NEGATIVE: now.negative,
            Tone.NEUTRAL: now.neutral,
            Tone.POSITIVE: now.positive,
        }.get(tone, now.faint)
        if tone
        else now.faint
    )


def tone_soft(tone: Tone | None) -> str:
    """The ground a tone's word stands on."""
    now = colors()
    return (
        {
            Tone.NEGATIVE: now.negative_soft,
            Tone.NEUTRAL: now.neutral_soft,
            Tone.POSITIVE: now.positive_soft,
        }.get(tone, now.hover)
        if tone
        else now.hover
    )


def tone_icon(tone: Tone | None) -> str:
    """Name of the icon that says a tone without colour."""
    return f"tone-{tone.value}" if tone else "tone-unscored"


def tone_word(tone: Tone | None) -> str:
    """The tone in a word for people."""
    match tone:
        case Tone.NEGATIVE:
            return _("Negative")
        case Tone.NEUTRAL:
            return _("Neutral")
        case Tone.POSITIVE:
            return _("Positive")
        case _:
            return _("Not judged yet")


def severity_colors(severity: Severity) -> tuple[str, str]:
    """Text and ground of a severity's pill."""
    now = colors()
    return {
        Severity.P1: (now.negative, now.negative_soft),
        Severity.P2: (now.warning, now.warning_soft),
        Severity.P3: (now.neutral, now.neutral_soft),
    }[severity]


def severity_word(severity: Severity) -> str:
    """The severity in a word for people."""
    return {
        Severity.P1: _("Critical"),
        Severity.P2: _("Serious"),
        Severity.P3: _("Watch"),
    }[severity]


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colours, 1..21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    value = QColor(color)
    return 0.2126 * linear(value.redF()) + 0.7152 * linear(value.greenF()) + 0.0722 * linear(value.blueF())


def _is_dark(app: QApplication, mode: Mode) -> bool:
    if mode == "system":
        return app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return mode == "dark"


def _families() -> list[str]:
    # The first that exists wins; each platform's own face stands first there.
    first = {
        "win32": ["Segoe UI", "Microsoft YaHei UI"],
        "darwin": [".AppleSystemUIFont", "PingFang SC"],
    }.get(sys.platform, ["Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC"])
    return [
        *first,
        "Microsoft YaHei UI",
        "PingFang SC",
        "Noto Sans CJK SC",
        "WenQuanYi Micro Hei",
        "sans-serif",
        # Posts are full of them, and not every desktop finds them by itself.
        "Segoe UI Emoji",
        "Apple Color Emoji",
        "Noto Color Emoji",
    ]


def _palette(now: Colors) -> QPalette:
    made = QPalette()
    role = QPalette.ColorRole
    for which, value in {
        role.Window: now.window,
        role.WindowText: now.text,
        role.Base: now.surface,
        role.AlternateBase: now.window,
        role.Text: now.text,
        role.Button: now.surface,
        role.ButtonText: now.text,
        role.BrightText: now.negative,
        role.Highlight: now.accent,
        role.HighlightedText: now.accent_text,
        role.ToolTipBase: now.raised,
        role.ToolTipText: now.text,
        role.PlaceholderText: now.faint,
        role.Link: now.accent,
        role.LinkVisited: now.accent,
        role.Mid: now.line,
        role.Light: now.raised,
        role.Midlight: now.hover,
        role.Dark: now.line,
        role.Shadow: now.line,
        role.Accent: now.accent,
    }.items():
        made.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(now.faint))
    return made


def _folder() -> Path:
    return Path(str(files("resources"))) / "themes"


def _sheet(now: Colors) -> str:
    text = (_folder() / "window.qss").read_text(encoding="utf-8")
    return Template(text).substitute(asdict(now), radius=RADIUS)
