"""This machine's settings, how well the program does, and what its log says."""

from __future__ import annotations

import platform
import sys
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

from app import __version__, log
from app.alerts.deliver import reachable
from app.change import Change
from app.core.parts import Parts
from app.core.people import holiday_check
from app.core.values import Check, Overview
from app.domain.watch import Health, SourceState
from app.i18n import _, clauses, ngettext
from app.settings import file
from app.settings.local import Local

_WELL = (Health.OK, Health.NEW, Health.PAUSED)


class State(Parts):
    def save_local(self, local: Local) -> None:
        """Written at once; the language, the database and the proxy take effect at the next start."""
        file.save(self.home.settings, local)
        self.local = replace(local)
        self.tell(Change.SETTINGS)

    def window_state(self) -> dict[str, object]:
        return file.window_state(self.home.settings)

    def save_window_state(self, state: dict[str, object]) -> None:
        file.save_window_state(self.home.settings, state)

    def status(self) -> Overview:
        stats = self.storage.stats()
        states = self.storage.sources.all()
        active = [state for state in states if not state.source.paused]
        return Overview(
            mentions=stats["mentions"],
            unscored=stats["unscored"],
            sources=len(active),
            healthy=sum(_is_well(state) for state in active),
            troubled=sum(not _is_well(state) for state in active),
            open_alerts=self.storage.alerts.open_count(),
            scorer=self.scorer.state,
            engine=self.scorer.engine,
            unseen=tuple(state.source.name for state in active if not _is_well(state)),
        )

    def check_writable(self) -> None:
        """StorageError in words where nothing can be kept (read-only, full, gone); reading may go on."""
        self.storage.settings.set("alive", self.clock.now().isoformat(timespec="minutes"))

    def doctor(self) -> tuple[Check, ...]:
        """Everything a person would be asked when something is wrong, without a secret in it."""
        told = [
            Check(
                _("Version"),
                True,
                f"Tingfeng {__version__}, Python {platform.python_version()}, {sys.platform}",
            ),
            Check(_("Folder"), True, str(self.home.root)),
            *(Check(one.name, one.ok, one.detail) for one in self.storage.check()),
            Check(_("Secrets"), True, _("kept in {where}").format(where=self.secrets.where)),
            self._polling_check(),
            self._scoring_check(),
            self._window_check(),
            self._desktop_check(),
            holiday_check(self.storage.people.teams(), self.clock.now()),
        ]
        return (*told, *map(_source_check, self.storage.sources.all()))

    def _polling_check(self) -> Check:
        if self.polling:
            return Check(_("Polling"), True, _("this program can poll"))
        return Check(
            _("Polling"),
            True,
            _("another program polls for this folder: {who}").format(who=self.polling_by),
        )

    def _scoring_check(self) -> Check:
        waiting = self.storage.stats()["unscored"]
        waits = ngettext(
            "{n} mention waits for its judgement", "{n} mentions wait for their judgement", waiting
        )
        return Check(_("Judgement"), not self.scorer.state.startswith("failed"), waits.format(n=waiting))

    def _window_check(self) -> Check:
        try:
            return Check(_("Window"), True, f"PySide6 {version('PySide6-Essentials')}")
        except PackageNotFoundError:
            return Check(
                _("Window"), False, _("PySide6 is not installed; the command line works without it")
            )

    def _desktop_check(self) -> Check:
        problem = reachable()
        return Check(_("Desktop notifications"), not problem, problem or _("available"))

    def log_lines(self, limit: int = 500) -> tuple[str, ...]:
        return log.recent(limit)


def _is_well(state: SourceState) -> bool:
    return state.health in _WELL and not state.blind


def _source_check(state: SourceState) -> Check:
    age = (
        _("never read")
        if state.last_good_at is None
        else _("last read {when}").format(when=state.last_good_at.astimezone().strftime("%Y-%m-%d %H:%M"))
    )
    return Check(
        _("Source “{name}”").format(name=state.source.name),
        _is_well(state),
        clauses([age, *([state.error] if state.error else [])]),
    )
