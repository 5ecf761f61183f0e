"""This machine's settings: a value; changing one makes a new value, and has no side effect."""

from __future__ import annotations

from dataclasses import dataclass

from app.i18n import N_
from app.settings.schema import choice, flag, integer, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Saved by `file.py` as versioned JSON; unknown keys are kept."""

    language: str = choice(
        N_("Language"),
        choices=("", "zh_CN", "en"),
        default="",
        help=N_("Empty: as this computer speaks. Takes effect at the next start."),
    )
    theme: str = choice(
        N_("Appearance"),
        choices=("system", "light", "dark"),
        default="system",
    )
    agent: str = text(N_("Your name"), help=N_("Shown to colleagues when you claim or answer a mention."))
    database: str = text(
        N_("Team database"),
        help=N_("Empty: a file on this computer. A team: postgresql://user@host/name"),
    )
    proxy: str = text(N_("Proxy"), help=N_("http://host:port; empty for none."))
    service_channel: str = text(
        N_("Service channel"), help=N_("Fills {channel} in reply templates, such as a hotline.")
    )
    knowledge_link: str = text(N_("Help page"), help=N_("Fills {link} in reply templates."))
    undo_seconds: int = integer(
        N_("Take back an answer for (seconds)"),
        default=10,
        low=0,
        high=120,
        help=N_("An approved answer leaves only after so long; 0: at once."),
    )
    tray: bool = flag(N_("Keep watching in the tray when the window is closed"), default=True)
    raw_days: int = integer(
        N_("Keep raw payloads for (days)"),
        default=30,
        low=1,
        high=365,
    )
