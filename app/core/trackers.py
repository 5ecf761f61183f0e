"""Bug trackers: a mention becomes an issue there, once, and its state comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.change import Change
from app.core.outlets import Keeper, OutKind, in_time
from app.core.parts import Parts
from app.domain.alert import Severity
from app.domain.mention import Status
from app.domain.outlet import Outlet
from app.domain.ticket import Ticket
from app.errors import AppError, ConfigError
from app.i18n import _

PATIENCE = 150
"""Seconds for finding, making and finding again."""


class Trackers(Parts):
    """Synchronous, any thread but a window's."""

    @property
    def _trackers(self) -> Keeper:
        return Keeper(self, self.storage.trackers, self.tracker_makers, "tracker", Change.TRACKERS)

    def tracker_kinds(self) -> tuple[OutKind, ...]:
        return self._trackers.kinds()

    def trackers(self) -> tuple[Outlet, ...]:
        """In the order they were made, with how many issues are open, and unclear."""
        return self.storage.trackers.all(self.clock.now())

    def tracker_secrets(self, id: int) -> tuple[str, ...]:
        """Names of its secrets that are kept on this computer."""
        return self._trackers.secrets_of(id)

    def save_tracker(self, tracker: Outlet, secrets: Mapping[str, str] | None = None) -> Outlet:
        """Settings are checked, secrets go to the keyring; an empty secret leaves the one that is kept."""
        return self._trackers.save(tracker, secrets)

    def remove_tracker(self, id: int) -> None:
        """Its issues stay as they were last seen."""
        self._trackers.remove(id)

    def pause_tracker(self, id: int, paused: bool) -> None:
        """Nothing is made there and nothing asked meanwhile."""
        self._trackers.pause(id, paused)

    def check_tracker(
        self,
        id: int = 0,
        *,
        kind: str = "",
        settings: Mapping[str, Any] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> str:
        """One sentence of what was found there; makes nothing, speaks to the network."""
        kind, values = self._trackers.values(id, kind, settings, secrets)
        as_saved = id if settings is None and secrets is None else 0
        try:
            told = in_time(self.engine.ask(self.ticketing.check(kind, values)), PATIENCE)
        except AppError as error:
            if as_saved:
                self._trackers.fared(id, error.text)
            raise
        if as_saved:
            self._trackers.fared(id, "")
        return told

    def tickets(self, limit: int = 200) -> tuple[Ticket, ...]:
        """The newest first."""
        return self.storage.tickets.all(limit)

    def tickets_of(self, mention_ids: Sequence[int]) -> dict[int, tuple[Ticket, ...]]:
        """The issues that mentions refer to; mentions without one are left out."""
        return self.storage.tickets.of_mentions(mention_ids)

    def escalate(self, mention_id: int, tracker_id: int = 0, note: str = "") -> Ticket:
        """The mention's issue on a tracker (the only one there is, where none is named), made where there
        is none yet; the mention counts as escalated then. Speaks to the network; raises what the tracker
        says, and may be called again: it is never made twice."""
        tracker_id = tracker_id or self._only()
        severity = self._severity(mention_id)
        work = self.ticketing.escalate(mention_id, tracker_id, severity, self.me, note)
        ticket = in_time(self.engine.ask(work), PATIENCE)
        now = self.clock.now()
        if self.storage.mentions.get(mention_id).status in (Status.NEW, Status.CLAIMED):
            self.storage.mentions.set_status([mention_id], Status.ESCALATED, self.me, now)
        self.tell(Change.MENTIONS | Change.TRACKERS)
        return ticket

    def look_at_ticket(self, ticket_id: int) -> Ticket:
        """How it stands on its tracker, asked now."""
        return in_time(self.engine.ask(self.ticketing.look(ticket_id)), PATIENCE)

    def _only(self) -> int:
        found = [one.id for one in self.trackers() if not one.paused]
        if len(found) == 1:
            return found[0]
        if not found:
            raise ConfigError(_("No bug tracker is set up yet. Add one under “Channels and trackers”."))
        raise ConfigError(_("There are several trackers: say which one."), field="tracker")

    def _severity(self, mention_id: int) -> Severity:
        """Of the alert it raised; else by what stands in it."""
        alert = self.storage.alerts.of_mentions([mention_id]).get(mention_id)
        if alert is not None:
            return self.storage.alerts.get(alert).severity
        return Severity.P2 if self.storage.mentions.get(mention_id).severity else Severity.P3
