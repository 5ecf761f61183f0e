"""What a person does to channels and trackers alike: save, pause, remove, try."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from app.change import Change
from app.core.parts import Parts
from app.domain.outlet import Outlet
from app.engine.outlets import Makers
from app.errors import Transient
from app.i18n import _
from app.settings.schema import Spec, read, secret_names, specs
from app.storage.outlets import Outlets

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OutKind:
    """A kind of channel or tracker that can be added, translated, with what its form asks."""

    id: str
    name: str
    about: str
    homepage: str
    settings: type
    specs: tuple[tuple[str, Spec], ...]


@dataclass(frozen=True, slots=True)
class Keeper:
    """One shelf of them: `word` names it in the audit ("channel"), `change` is what a view cares for."""

    parts: Parts
    rows: Outlets
    makers: Makers[Any]
    word: str
    change: Change

    def kinds(self) -> tuple[OutKind, ...]:
        return tuple(_described(one) for one in self.makers.kinds.values())

    def save(self, outlet: Outlet, secrets: Mapping[str, str] | None = None) -> Outlet:
        """Settings are checked, secrets go to the keyring; an empty secret leaves the one that is kept."""
        kind = self.makers.kind(outlet.kind)
        plain, given = _parted(kind.Settings, {**outlet.settings, **(secrets or {})})
        kept = {**(self.makers.kept(outlet) if outlet.id else {}), **given}
        kind.vet(read(kind.Settings, {**plain, **kept}))
        name = outlet.name.strip() or _(kind.info.name)
        saved = self.rows.save(replace(outlet, settings=plain, name=name))
        self.makers.keep(saved.id, given)
        self._book(self.word, saved)
        return saved

    def remove(self, id: int) -> None:
        """Its name stays for what refers to it; its secrets go."""
        outlet = self.rows.get(id)
        self.rows.remove(id)
        self.makers.forget(outlet)
        self._book(f"{self.word}_removed", outlet)

    def pause(self, id: int, paused: bool) -> None:
        outlet = self.rows.get(id)
        self.rows.pause(id, paused)
        self._book(f"{self.word}_{'paused' if paused else 'resumed'}", outlet)

    def secrets_of(self, id: int) -> tuple[str, ...]:
        """Names of those that are kept on this computer."""
        return tuple(name for name, value in self.makers.kept(self.rows.get(id)).items() if value)

    def values(
        self, id: int, kind: str, settings: Mapping[str, Any] | None, secrets: Mapping[str, str] | None
    ) -> tuple[str, dict[str, Any]]:
        """(kind, all values) for a trial: of a saved one, with what is given laid over."""
        values: dict[str, Any] = {}
        if id:
            outlet = self.rows.get(id)
            kind, values = outlet.kind, {**outlet.settings, **self.makers.kept(outlet)}
        given = {name: value for name, value in (secrets or {}).items() if value}
        return kind, {**values, **(settings or {}), **given}

    def fared(self, id: int, error: str) -> None:
        self.rows.fared(id, error, self.parts.clock.now())
        self.parts.tell(self.change)

    def _book(self, what: str, outlet: Outlet) -> None:
        subject = f"{self.word}:{outlet.id}"
        self.parts.storage.audit.add(self.parts.clock.now(), self.parts.me, what, subject, outlet.name)
        self.parts.tell(self.change)


def in_time(job: Future[T], seconds: float) -> T:
    try:
        return job.result(seconds)
    except TooSlow:
        job.cancel()
        raise Transient(_("No answer within {n} seconds.").format(n=int(seconds))) from None


def _described(made: Any) -> OutKind:
    info = made.info
    asked = tuple((name, spec) for name, spec in specs(made.Settings) if spec.asked)
    return OutKind(info.id, _(info.name), _(info.about), info.homepage, made.Settings, asked)


def _parted(settings: type, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What may be stored, and the secrets that were given."""
    hidden = secret_names(settings)
    plain = {name: value for name, value in values.items() if name not in hidden}
    return plain, {name: str(value) for name, value in values.items() if name in hidden and value}
