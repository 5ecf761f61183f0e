"""What every part of the facade stands on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from app.alerts.deliver import Desktop
from app.analysis.complaint import Complaints
from app.analysis.scoring import Chosen
from app.analysis.severity import Cues
from app.change import Change
from app.domain.clock import Clock
from app.engine.alarms import Alarms
from app.engine.engine import Engine
from app.engine.ladder import Ladder
from app.engine.monitors import Kinds
from app.engine.notifying import Notifier
from app.engine.pipeline import Pipeline
from app.engine.sending import Sending
from app.engine.warning import EarlyWarning
from app.home import Home
from app.settings.local import Local
from app.settings.secrets import SecretStore
from app.storage.store import Storage


class Parts:
    """Attributes only; `Core.open` fills them in."""

    home: Home
    local: Local
    demo: bool
    polling: bool
    polling_by: str
    clock: Clock
    storage: Storage
    secrets: SecretStore
    kinds_by_id: Kinds
    cues: Cues
    complaints: Complaints
    pipeline: Pipeline
    scorer: Chosen
    desktop: Desktop
    notifier: Notifier
    alarms: Alarms
    ladder: Ladder
    warning: EarlyWarning
    engine: Engine
    sending: Sending
    background: ThreadPoolExecutor
    """One thread for long work that nobody waits for (rematching)."""
    tell: Callable[[Change], None]

    @property
    def me(self) -> str:
        """The name colleagues see on claims and answers."""
        return self.local.agent or _login()


def _login() -> str:
    import getpass  # noqa: PLC0415  # only where no name was given

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "?"
