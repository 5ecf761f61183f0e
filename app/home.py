"""Where things live. `--home DIR` moves everything into one folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class Home:
    """Folders are made when first asked for."""

    root: Path
    portable: bool = True

    @classmethod
    def default(cls) -> Home:
        """The platform's own place for a program's data."""
        return cls(Path(platformdirs.user_data_dir("tingfeng", appauthor=False)), portable=False)

    @property
    def database(self) -> Path:
        return self.root / "tingfeng.sqlite"

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def poll_lock(self) -> Path:
        """Held by the one program that polls for this home."""
        return self.root / "poll.lock"

    @property
    def senders(self) -> Path:
        """A file for each program that is sending answers, locked while it lives."""
        return self.root / "senders"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def words(self) -> Path:
        """A team's own word lists, read instead of the shipped ones of the same name."""
        return self.root / "words"
