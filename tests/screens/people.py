"""Teams, colleagues and deadlines as a desk of four would have them, for `render.py`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from app.core import Core
from app.domain.desk import Limit, Policy
from app.domain.people import Calendar, Person, Role, Shift, Team
from app.domain.watch import Source, Watch
from app.home import Home
from ui import theme
from ui.application import make_context
from ui.main_window import MainWindow
from ui.people.page import PeoplePage
from ui.people.person_sheet import PersonSheet
from ui.people.team_sheet import TeamSheet

_WEEK, _ALL = (1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7)


def furnish(core: Core) -> None:
    day = core.save_team(
        Team(
            name="白班",
            calendar=Calendar(
                shifts=(
                    Shift(days=_WEEK, start="09:00", end="12:00"),
                    Shift(days=_WEEK, start="13:30", end="18:00"),
                    Shift(days=(6, 7), start="10:00", end="17:00", holidays=True),
                ),
                off=(date(2026, 12, 31),),
            ),
        )
    )
    night = core.save_team(
        Team(
            name="夜班",
            calendar=Calendar(shifts=(Shift(days=_ALL, start="22:00", end="08:00", holidays=True),)),
        )
    )
    for name, role, team, contacts in (
        ("陈晓", Role.LEAD, day, {"dingtalk": "13800000001", "email": "chen@example.com"}),
        ("王一", Role.AGENT, day, {"dingtalk": "13800000002"}),
        ("李青", Role.AGENT, night, {"wecom": "liqing"}),
        ("周南", Role.AGENT, night, {"feishu": "ou_1a2b"}),
    ):
        core.save_person(
            Person(name=name, role=role, team_id=team.id, contacts=contacts, away=name == "周南", budget=12)
        )
    brand = core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    source = core.save_source(
        Source(kind="feed", name="云雀社区", settings={"url": "https://bbs.example/rss"})
    )
    limits = (
        *Policy().limits,
        Limit(where="weibo", p2=30, p3=60),
        Limit(where=f"source:{source.id}", p3=15),
    )
    core.save_deadline_policy(Policy(limits=limits, team_id=day.id, by_brand={brand.id: night.id}))


def draw(app: QApplication, camera_of: Callable[[str], Any], settle: Callable[[int], None]) -> int:
    """`camera_of`: a camera for light or dark; how many pictures were taken."""
    taken = 0
    for mode in ("light", "dark"):
        theme.apply(app, mode)
        camera = camera_of(mode)
        with tempfile.TemporaryDirectory() as folder:
            core = Core.open(Home(Path(folder)), desktop=False, polls=False)
            context = make_context(core)
            made = MainWindow(context)
            made.resize(1440, 900)
            made.show()
            page = made.navigate("people")
            assert isinstance(page, PeoplePage)
            camera.take(made, "people-empty")
            furnish(core)
            for part in ("teams", "people", "deadlines"):
                page.show_part(part)
                camera.take(made, f"people-{part}")
            made.resize(900, 560)
            camera.take(made, "people-least")
            made.resize(1240, 1100)
            made.navigate("settings")
            camera.take(made, "people-settings")
            for sheet, name in (
                (TeamSheet(context, core.teams()[0]), "team"),
                (PersonSheet(context, core.people()[0]), "person"),
            ):
                sheet.show()
                settle(900)
                camera.take(sheet, f"people-{name}-sheet")
                sheet.close()
            made.hide()
            context.close()
            made.deleteLater()
            core.close()
        taken += camera.taken
    return taken
