"""Channels and trackers ready for use: settings and secrets put together. Worker threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from app.alerts.channels import ALL as CHANNELS
from app.alerts.channels.base import Channel
from app.domain.outlet import Outlet
from app.domain.web import Web
from app.engine.web import hide
from app.errors import NotFound
from app.i18n import _
from app.settings.schema import read, secret_names, specs
from app.settings.secrets import SecretStore
from app.trackers import ALL as TRACKERS
from app.trackers.base import Tracker

M = TypeVar("M", Channel[Any], Tracker[Any])


class Makers(Generic[M]):
    """`shelf` is where secrets are kept: "channel" for "channel/3/token"."""

    def __init__(
        self, shelf: str, kinds: Iterable[type[M]], secrets: SecretStore, now: Callable[[], datetime]
    ) -> None:
        self.kinds: Mapping[str, type[M]] = {one.info.id: one for one in kinds}
        self._shelf = shelf
        self._secrets = secrets
        self._now = now

    def kind(self, id: str) -> type[M]:
        if id not in self.kinds:
            told = _("There is no kind named “{kind}”. There are: {known}.")
            raise NotFound(told.format(kind=id, known=", ".join(self.kinds)))
        return self.kinds[id]

    def kept(self, outlet: Outlet) -> dict[str, str]:
        """Its secrets, as far as they are on this machine."""
        names = secret_names(self.kind(outlet.kind).Settings)
        return {name: self._secrets.get(self._named(outlet.id, name)) for name in names}

    def keep(self, id: int, secrets: Mapping[str, str]) -> None:
        for name, value in secrets.items():
            self._secrets.set(self._named(id, name), value)

    def forget(self, outlet: Outlet) -> None:
        if outlet.kind in self.kinds:
            for name in secret_names(self.kind(outlet.kind).Settings):
                self._secrets.remove(self._named(outlet.id, name))

    def absent(self, outlet: Outlet, kept: Mapping[str, str]) -> bool:
        """Is it saved, and its key on another machine?"""
        wanted = [name for name, spec in specs(self.kind(outlet.kind).Settings) if spec.required]
        return any(name in kept and not kept[name] for name in wanted)

    def of(self, kind: str, values: Mapping[str, Any], web: Web) -> M:
        """ConfigError for settings that do not fit."""
        cls = self.kind(kind)
        for name in secret_names(cls.Settings):
            hide(str(values.get(name, "")))
        settings = read(cls.Settings, values)
        cls.vet(settings)
        return cls(settings, web, self._now)

    def _named(self, id_: int, name: str) -> str:
        return f"{self._shelf}/{id_}/{name}"


def channel_makers(secrets: SecretStore, now: Callable[[], datetime]) -> Makers[Channel[Any]]:
    return Makers("channel", CHANNELS, secrets, now)


def tracker_makers(secrets: SecretStore, now: Callable[[], datetime]) -> Makers[Tracker[Any]]:
    return Makers("tracker", TRACKERS, secrets, now)
