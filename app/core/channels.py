"""Ways out for alerts: robots, mail, webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.change import Change
from app.core.outlets import Keeper, OutKind, in_time
from app.core.parts import Parts
from app.domain.alert import Severity
from app.domain.delivery import Delivery, Notice
from app.domain.outlet import Outlet
from app.errors import AppError
from app.i18n import _

TRIAL_SECONDS = 120
"""A trial at the most: a mail server may take its time for every step."""


class Channels(Parts):
    """Synchronous, any thread but a window's."""

    @property
    def _channels(self) -> Keeper:
        return Keeper(self, self.storage.channels, self.channel_makers, "channel", Change.CHANNELS)

    def channel_kinds(self) -> tuple[OutKind, ...]:
        return self._channels.kinds()

    def channels(self) -> tuple[Outlet, ...]:
        """In the order they were made, with what waits and what was lost in a day."""
        return self.storage.channels.all(self.clock.now())

    def channel_names(self) -> dict[str, str]:
        """Names by number as receipts have it, removed channels among them."""
        return {str(id_): name for id_, name in self.storage.channels.names().items()}

    def channel_secrets(self, id: int) -> tuple[str, ...]:
        """Names of its secrets that are kept on this computer."""
        return self._channels.secrets_of(id)

    def save_channel(self, channel: Outlet, secrets: Mapping[str, str] | None = None) -> Outlet:
        """Settings are checked, secrets go to the keyring; an empty secret leaves the one that is kept."""
        return self._channels.save(channel, secrets)

    def remove_channel(self, id: int) -> None:
        """Its receipts stay. What waits for it is not delivered, and says so."""
        self._channels.remove(id)

    def pause_channel(self, id: int, paused: bool) -> None:
        """Alerts that are due meanwhile are not delivered, and say so."""
        self._channels.pause(id, paused)

    def test_channel(
        self,
        id: int = 0,
        *,
        kind: str = "",
        settings: Mapping[str, Any] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> str:
        """Sends one test message, and says how it went; speaks to the network. A saved one by its number,
        with what is given laid over; or one of `kind` that is not saved yet."""
        kind, values = self._channels.values(id, kind, settings, secrets)
        as_saved = id if settings is None and secrets is None else 0
        try:
            told = in_time(self.engine.ask(self.dispatch.test(kind, values, self._trial())), TRIAL_SECONDS)
        except AppError as error:
            if as_saved:
                self._channels.fared(id, error.text)
            raise
        if as_saved:
            self._channels.fared(id, "")
        return told

    def _trial(self) -> Notice:
        now = self.clock.now()
        return Notice(
            key=f"test-{now.timestamp():.6f}",
            severity=Severity.P3,
            title=_("Test message from Tingfeng"),
            body=_("Alerts will look like this. Nothing has happened."),
            reason=_("Sent by {name} to try this channel.").format(name=self.me),
            at=now,
        )

    def deliveries_of(self, alert_id: int) -> tuple[Delivery, ...]:
        """The receipts of an alert, in the order they were asked for."""
        return self.storage.deliveries.of_alert(alert_id)
