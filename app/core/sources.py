"""Where to look: kinds of sources, their settings, checks and health."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from app.change import Change
from app.core.parts import Parts
from app.core.values import KindInfo, MonitorKind, Preset
from app.domain.seeing import Cause
from app.domain.watch import Health, Source, SourceState
from app.engine.signing import SignedIn, SignIn
from app.errors import ConfigError, NotFound, Transient
from app.i18n import _
from app.settings.schema import read, secret_names, specs
from monitors import rsshub
from monitors.base import CanCheck, CanReply, CanSignIn, Monitor

T = TypeVar("T")

CHECK_SECONDS = 90
SELDOM = 30 * 24 * 3600
"""Seconds between polls, at the most."""


class Sources(Parts):
    def kinds(self) -> tuple[MonitorKind, ...]:
        return tuple(_described(one) for one in self.kinds_by_id.values())

    def presets(self) -> tuple[Preset, ...]:
        """Routes of an RSSHub server, translated."""
        return tuple(
            Preset(
                one.key,
                _(one.name),
                one.path,
                tuple((name, _(label), hint) for name, label, hint in one.fields),
                _(one.note),
            )
            for one in rsshub.PRESETS
        )

    def preset_url(self, key: str, base: str, values: Mapping[str, str], access_key: str = "") -> str:
        """The feed address of a route; ConfigError names the empty field."""
        return rsshub.preset_url(rsshub.preset(key), base, values, access_key)

    def sources(self) -> tuple[SourceState, ...]:
        return self.storage.sources.all()

    def save_source(self, source: Source, secrets: Mapping[str, str] | None = None) -> Source:
        """Settings are checked, secrets go to the keyring, polling begins at once."""
        kind = self._kind(source.kind)
        hidden = secret_names(kind.Settings)
        plain = {name: value for name, value in source.settings.items() if name not in hidden}
        for name, spec in specs(kind.Settings):
            if spec.kind == "path" and plain.get(name):
                plain[name] = str(Path(str(plain[name])).expanduser().resolve())
        given = {
            name: value for name, value in {**source.settings, **(secrets or {})}.items() if name in hidden
        }
        kept = {**(self._kept(source, hidden) if source.id else {}), **given}
        kind.vet(read(kind.Settings, {**plain, **kept}))
        _check_every(source.every)
        saved = self.storage.sources.save(
            replace(source, settings=plain, name=source.name.strip() or kind.info.id)
        )
        for name, value in given.items():
            if value:
                self.secrets.set(f"source/{saved.id}/{name}", str(value))
        self._changed()
        return saved

    def _kept(self, source: Source, hidden: tuple[str, ...]) -> dict[str, str]:
        return {name: self.secrets.get(f"source/{source.id}/{name}") for name in hidden}

    def remove_source(self, id: int) -> None:
        """Its mentions stay; its secrets go."""
        state = self.storage.sources.get(id)
        if state.source.kind in self.kinds_by_id:
            for name in secret_names(self.kinds_by_id[state.source.kind].Settings):
                self.secrets.remove(f"source/{id}/{name}")
        self.storage.sources.remove(id)
        self.alarms.healed(id)
        self._changed()

    def pause_source(self, id: int, paused: bool) -> None:
        state = self.storage.sources.get(id)
        self.storage.sources.save(replace(state.source, paused=paused))
        health = Health.PAUSED if paused else Health.NEW
        if paused and not state.source.paused and state.last_good_at is not None:
            since = state.last_good_at
            self.storage.sources.open_gap(id, since, _("It was paused."), str(Cause.PAUSED))
        self.storage.sources.set_health(id, health, error="", failures=0, last_poll_at=state.last_poll_at)
        self._changed()

    def check_source(
        self,
        kind: str,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str] | None = None,
        source_id: int = 0,
    ) -> str:
        """One sentence of what would be seen, or raises; speaks to the network. `source_id`: of a saved
        one, whose renewed secrets are kept."""
        return _in_time(self.engine.check(kind, settings, secrets or {}, source_id))

    def check_saved(self, id: int) -> str:
        source = self.storage.sources.get(id).source
        kept = self._kept(source, secret_names(self._kind(source.kind).Settings))
        return self.check_source(source.kind, source.settings, kept, id)

    def begin_sign_in(
        self,
        source_id: int = 0,
        *,
        kind: str = "",
        settings: Mapping[str, Any] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> SignIn:
        """For a source, as it is stored or with other settings; or for one of `kind` not saved yet.

        Open the address in the person's browser; `done` waits for it to come back. Only one sign-in is
        under way at a time. What it brings a stored source goes to the keyring, and the source is read.
        """
        values: dict[str, Any] = {}
        if source_id:
            source = self.storage.sources.get(source_id).source
            kind = source.kind
            kept = self._kept(source, secret_names(self._kind(kind).Settings))
            values = {**source.settings, **kept}
        given = {name: value for name, value in (secrets or {}).items() if value}
        monitor = self._kind(kind)
        values = {**values, **(settings or {}), **given}
        monitor.vet(read(monitor.Settings, values))
        return _in_time(self.engine.begin_sign_in(kind, values, source_id))

    def finish_sign_in(self, code: str) -> SignedIn:
        """With what the person pasted: the code, or the whole address the browser came back to."""
        return _in_time(self.engine.finish_sign_in(code))

    def cancel_sign_in(self) -> None:
        """Nobody waits for the browser any more."""
        self.engine.cancel_sign_in()

    def poll_now(self, id: int | None = None) -> None:
        self.engine.poll_now(id)

    def _kind(self, id: str) -> type[Monitor[Any]]:
        if id not in self.kinds_by_id:
            known = ", ".join(self.kinds_by_id)
            told = _("There is no kind of source named “{kind}”. There are: {known}.")
            raise NotFound(told.format(kind=id, known=known))
        return self.kinds_by_id[id]

    def _changed(self) -> None:
        self.engine.reload()
        self.tell(Change.SOURCES | Change.HEALTH)


def _in_time(job: Future[T]) -> T:
    try:
        return job.result(CHECK_SECONDS)
    except TooSlow:
        job.cancel()
        raise Transient(_("No answer within {n} seconds.").format(n=CHECK_SECONDS)) from None


def _check_every(seconds: int) -> None:
    """0 means as often as the kind of source allows."""
    if not 0 <= seconds <= SELDOM:
        told = _("The seconds between polls must be a whole number from 0 to {n}.")
        raise ConfigError(told.format(n=SELDOM), field="every")


def _described(monitor: type[Monitor[Any]]) -> MonitorKind:
    info = monitor.info
    card = KindInfo(
        info.id, _(info.name), _(info.about), _(info.basis), info.every, info.homepage, info.network
    )
    return MonitorKind(
        card,
        monitor.Settings,
        tuple((name, spec) for name, spec in specs(monitor.Settings) if spec.asked),
        issubclass(monitor, CanCheck),
        issubclass(monitor, CanReply),
        issubclass(monitor, CanSignIn),
    )
