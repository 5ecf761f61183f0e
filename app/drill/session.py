"""A drill: the demo platform and a core of its own, in a folder that is thrown away afterwards.

Everything else is the real program: monitors read the demo platform over HTTP, the scorer judges,
alarms ring. The person's own data are never touched. In the window it runs by the machine's clock; in
a terminal, which wants figures, by the story's (`StoryClock`).
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

from app.core import Core
from app.domain.alert import Alert, Severity
from app.domain.watch import Source
from app.drill.clock import StoryClock, latest
from app.drill.loading import load, shipped
from app.drill.platform import DemoPlatform
from app.drill.scenario import CHANNELS, Scenario
from app.home import Home
from app.i18n import _
from app.settings import file

BEFORE = 540.0
"""Minutes before minute 0 at which the program starts; the first poll brings what was before. By minute 0
an incident that the start itself has raised is closed (after six quiet hours)."""
POLL_SECONDS = 2
"""Between two polls where the story runs by the machine's clock and people look on."""


class DrillSession:
    """`core` is started; `close()` ends the platform, the core and the folder."""

    def __init__(self, core: Core, platform: DemoPlatform, folder: Path, clock: StoryClock | None) -> None:
        self.core = core
        self.platform = platform
        self.scenario = platform.scenario
        self.clock = clock
        """The story's own clock; None where the machine's is used."""
        self.channels: dict[int, str] = {}
        """The channel of each source, by its id."""
        self.alarmed: list[tuple[int, datetime]] = []
        """Each time an alert asked for a look (P1 or P2): its number, and when by the core's clock."""
        self._began = 0.0 if clock is None else clock.minute
        self._folder = folder
        core.subscribe_raised(self._raised)

    @property
    def began(self) -> float:
        """The minute at which the program started."""
        return self._began

    @classmethod
    def start(
        cls,
        home: Home,
        *,
        scenario: Scenario | None = None,
        speed: float = 60.0,
        desktop: bool = True,
        poll: bool = True,
    ) -> DrillSession:
        """By the machine's clock. Takes the person's language, name and appearance from `home`."""
        platform = DemoPlatform(scenario or load(), speed=speed)
        return cls._start(home, platform, None, desktop=desktop, poll=poll)

    @classmethod
    def in_story_time(cls, home: Home, scenario: Scenario, *, before: float = BEFORE) -> DrillSession:
        """By a clock that stands `before` minutes before minute 0 until `playing.play` moves it; where
        nothing was so early, at the hour of the first post."""
        zero = latest(scenario.starts, scenario.length, datetime.now(UTC))
        begin = max(scenario.begin, -before)
        clock = StoryClock(zero, begin)
        platform = DemoPlatform(scenario, 1.0, clock, begin)
        return cls._start(home, platform, clock, desktop=False, poll=False)

    @classmethod
    def _start(
        cls, home: Home, platform: DemoPlatform, clock: StoryClock | None, *, desktop: bool, poll: bool
    ) -> DrillSession:
        folder = Path(tempfile.mkdtemp(prefix="tingfeng-drill-"))
        try:
            core = Core.open(
                _own_home(home, folder, platform.scenario), desktop=desktop, demo=True, clock=clock
            )
        except BaseException:
            platform.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        platform.start()
        session = cls(core, platform, folder, clock)
        try:
            session._set_up()
            core.start(poll=poll)
        except BaseException:
            session.close()
            raise
        return session

    def _raised(self, alert: Alert) -> None:
        if alert.severity is not Severity.P3:
            self.alarmed.append((alert.id, self.core.clock.now()))

    def _set_up(self) -> None:
        brands = [self.core.save_brand(watch) for watch in self.scenario.brands]
        own = next(watch for watch in brands if not watch.competitor)
        self._know()
        sources = zip(CHANNELS, self.platform.sources(), strict=True)
        for channel, (name, kind, settings) in sources:
            about = own.id if channel == "appstore" or self.scenario.own_sources else None
            every = POLL_SECONDS if self.clock is None else self.core.kinds_by_id[kind].info.every
            saved = self.core.save_source(
                Source(kind=kind, name=_(name), settings=settings, every=every, brand_id=about)
            )
            self.channels[saved.id] = channel

    def _know(self) -> None:
        """What the made-up service desk knows, where a shipped scenario has such a file."""
        if self.scenario.name in shipped():
            known = files("resources") / "drill" / self.scenario.name / "knowledge.md"
            with as_file(known) as path:
                if path.is_file():
                    self.core.import_entries(path)

    def close(self) -> None:
        self.core.close()
        self.platform.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _own_home(home: Home, folder: Path, scenario: Scenario) -> Home:
    own, local = Home(folder), file.load(home.settings)
    changed = replace(
        local, database="", proxy="", service_channel=local.service_channel or scenario.service_channel
    )
    file.save(own.settings, changed)
    return own
