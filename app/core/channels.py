"""Ways out for alerts: robots, mail, webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from app.change import Change
from app.core.parts import Parts
from app.domain.alert import Severity
from app.domain.delivery import ChannelState, Delivery, Notice
from app.errors import AppError, Transient
from app.i18n import _
from app.settings.schema import Spec, read, secret_names, specs

T = TypeVar("T")

TRIAL_SECONDS = 120
"""A trial at the most: a mail server may take its time for every step."""


@dataclass(frozen=True, slots=True)
class OutKind:
    """A kind of channel or tracker that can be added, translated, with what its form asks."""

    id: str
    name: str
    about: str
    homepage: str
    settings: type
    specs: tuple[tuple[str, Spec], ...]


class Channels(Parts):
    """Synchronous, any thread but a window's."""

    def channel_kinds(self) -> tuple[OutKind, ...]:
        return tuple(described(one.info, one.Settings) for one in self.makers.kinds.values())

    def channels(self) -> tuple[ChannelState, ...]:
        """In the order they were made, with what waits and what was lost in a day."""
        return self.storage.channels.all(self.clock.now())

    def channel_names(self) -> dict[str, str]:
        """Names by number as receipts have it, removed channels among them."""
        return self.storage.channels.names()

    def save_channel(self, channel: ChannelState, secrets: Mapping[str, str] | None = None) -> ChannelState:
        """Settings are checked, secrets go to the keyring; an empty secret leaves the one that is kept."""
        kind = self.makers.kind(channel.kind)
        plain, given = parted(kind.Settings, {**channel.settings, **(secrets or {})})
        kept = {**(self.makers.kept(channel) if channel.id else {}), **given}
        kind.vet(read(kind.Settings, {**plain, **kept}))
        name = channel.name.strip() or _(kind.info.name)
        saved = self.storage.channels.save(replace(channel, settings=plain, name=name))
        for field, value in given.items():
            self.secrets.set(f"channel/{saved.id}/{field}", value)
        self.storage.audit.add(self.clock.now(), self.me, "channel", f"channel:{saved.id}", saved.name)
        self.tell(Change.CHANNELS)
        return saved

    def remove_channel(self, id: int) -> None:
        """Its receipts stay; its secrets go. What waits for it is not delivered, and says so."""
        state = self.storage.channels.get(id)
        self.storage.channels.remove(id)
        if state.kind in self.makers.kinds:
            for field in secret_names(self.makers.kind(state.kind).Settings):
                self.secrets.remove(f"channel/{id}/{field}")
        now = self.clock.now()
        self.storage.audit.add(now, self.me, "channel_removed", f"channel:{id}", state.name)
        self.tell(Change.CHANNELS)

    def pause_channel(self, id: int, paused: bool) -> None:
        """Alerts that are due meanwhile are not delivered, and say so."""
        state = self.storage.channels.get(id)
        self.storage.channels.pause(id, paused)
        what = "channel_paused" if paused else "channel_resumed"
        self.storage.audit.add(self.clock.now(), self.me, what, f"channel:{id}", state.name)
        self.tell(Change.CHANNELS)

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
        values: dict[str, Any] = {}
        if id:
            state = self.storage.channels.get(id)
            kind, values = state.kind, {**state.settings, **self.makers.kept(state)}
        given = {name: value for name, value in (secrets or {}).items() if value}
        values |= {**(settings or {}), **given}
        saved = id and settings is None and secrets is None
        try:
            told = in_time(self.engine.ask(self.dispatch.test(kind, values, self._trial())), TRIAL_SECONDS)
        except AppError as error:
            if saved:
                self.storage.channels.tested(id, error.text, self.clock.now())
                self.tell(Change.CHANNELS)
            raise
        if saved:
            self.storage.channels.tested(id, "", self.clock.now())
            self.tell(Change.CHANNELS)
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


def described(info: Any, settings: type) -> OutKind:
    asked = tuple((name, spec) for name, spec in specs(settings) if spec.asked)
    return OutKind(info.id, _(info.name), _(info.about), info.homepage, settings, asked)


def parted(settings: type, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What may be stored, and the secrets that were given."""
    hidden = secret_names(settings)
    plain = {name: value for name, value in values.items() if name not in hidden}
    return plain, {name: str(value) for name, value in values.items() if name in hidden and value}


def in_time(job: Future[T], seconds: float) -> T:
    try:
        return job.result(seconds)
    except TooSlow:
        job.cancel()
        raise Transient(_("No answer within {n} seconds.").format(n=int(seconds))) from None
