"""A drill: the demo platform and a core of its own, in a folder that is thrown away afterwards.

Everything else is the real program: monitors read the demo platform over HTTP, the scorer judges,
alarms ring. The person's own data are never touched.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from app.core import Core
from app.domain.watch import Source
from app.drill.platform import DemoPlatform
from app.drill.scenario import Scenario, load
from app.home import Home
from app.i18n import _
from app.settings import file

POLL_SECONDS = 2


class DrillSession:
    """`core` is started; `close()` ends the platform, the core and the folder."""

    def __init__(self, core: Core, platform: DemoPlatform, folder: Path, scenario: Scenario) -> None:
        self.core = core
        self.platform = platform
        self.scenario = scenario
        self._folder = folder

    @classmethod
    def start(
        cls, home: Home, *, speed: float = 60.0, desktop: bool = True, poll: bool = True
    ) -> DrillSession:
        """Takes the person's language, name and appearance from `home`, nothing else."""
        scenario = load()
        folder = Path(tempfile.mkdtemp(prefix="tingfeng-drill-"))
        try:
            own = Home(folder)
            local = file.load(home.settings)
            file.save(
                own.settings,
                replace(
                    local,
                    database="",
                    proxy="",
                    service_channel=local.service_channel or scenario.service_channel,
                    knowledge_link=local.knowledge_link,
                ),
            )
            core = Core.open(own, desktop=desktop, demo=True)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        platform = DemoPlatform(scenario, speed=speed)
        platform.start()
        session = cls(core, platform, folder, scenario)
        try:
            session._set_up()
            core.start(poll=poll)
        except BaseException:
            session.close()
            raise
        return session

    def _set_up(self) -> None:
        brands = [self.core.save_brand(watch) for watch in self.scenario.brands]
        own = next(watch for watch in brands if not watch.competitor)
        for name, kind, settings in self.platform.sources():
            about = own.id if kind == "appstore" else None
            self.core.save_source(
                Source(kind=kind, name=_(name), settings=settings, every=POLL_SECONDS, brand_id=about)
            )

    def close(self) -> None:
        self.core.close()
        self.platform.close()
        shutil.rmtree(self._folder, ignore_errors=True)
