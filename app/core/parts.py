"""What every part of the facade stands on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.alerts.channels.base import Channel
from app.alerts.deliver import Desktop
from app.analysis.complaint import Complaints
from app.analysis.scoring import Chosen
from app.analysis.severity import Cues
from app.change import Change
from app.domain.cancel import Cancels
from app.domain.clock import Clock
from app.domain.draft import Draft, Manner
from app.domain.knowledge import Fit
from app.domain.mention import Stored
from app.engine.alarms import Alarms
from app.engine.deadlines import Deadlines
from app.engine.departing import Departing
from app.engine.dispatch import Dispatch
from app.engine.engine import Engine
from app.engine.ladder import Ladder
from app.engine.monitors import Kinds
from app.engine.notifying import Notifier
from app.engine.outlets import Makers
from app.engine.pipeline import Pipeline
from app.engine.sending import Sending
from app.engine.ticketing import Ticketing
from app.engine.warning import EarlyWarning
from app.home import Home
from app.settings.local import Local
from app.settings.secrets import SecretStore
from app.storage.store import Storage
from app.trackers.base import Tracker


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
    deadlines: Deadlines
    channel_makers: Makers[Channel[Any]]
    tracker_makers: Makers[Tracker[Any]]
    dispatch: Dispatch
    ticketing: Ticketing
    engine: Engine
    sending: Sending
    departing: Departing
    cancels: Cancels
    """Requests to a model that are under way."""
    template_draft: Callable[[int, Manner], Draft]
    """The draft from a template, which a model's falls back to."""
    known_answers: Callable[[Stored], tuple[Fit, ...]]
    """Entries of the knowledge base that may answer a mention, the best first."""
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
