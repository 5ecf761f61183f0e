"""Teams, colleagues and deadlines in the window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.desk import Limit, Policy, Start
from app.domain.people import Calendar, Person, Role, Shift, Team
from app.domain.watch import Source, Watch
from ui.context import Context
from ui.main_window import MainWindow
from ui.people.deadlines import DeadlinesPanel
from ui.people.page import PeoplePage
from ui.people.person_sheet import PersonSheet
from ui.people.shifts import PATTERNS, Shifts
from ui.people.team_sheet import TeamSheet
from ui.people.week import bars

OFFICE = PATTERNS[1][1]
WAIT = 20_000


@pytest.fixture
def page(context: Context, qtbot: QtBot) -> PeoplePage:
    made = PeoplePage(context)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_team_is_written_seen_in_its_week_and_saved(context: Context, core: Core, qtbot: QtBot) -> None:
    sheet = TeamSheet(context)
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.waitUntil(lambda: "168" in sheet.preview.total.text(), timeout=WAIT)  # no shifts: always
    sheet.name.setText("白班")
    sheet.shifts.patterns[1].click()
    sheet.on.setText("2026-12-05，2026-12-06")
    sheet.off.setText("2026-12-31")
    sheet.china.setChecked(False)
    qtbot.waitUntil(
        lambda: any(word in sheet.preview.total.text() for word in ("37.5", "52.5")), timeout=WAIT
    )
    assert len(sheet.preview.bars.days) == 7
    assert sheet.preview.bars.grab().toImage().width() > 0
    with qtbot.waitSignal(sheet.saved, timeout=WAIT):
        sheet.chief.click()
    [team] = core.teams()
    assert team.calendar == Calendar(
        shifts=OFFICE, china=False, off=(date(2026, 12, 31),), on=(date(2026, 12, 5), date(2026, 12, 6))
    )


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda sheet: sheet.zone.setCurrentText("Mars/Olympus"), "Mars/Olympus"),
        (lambda sheet: sheet.off.setText("31.12."), "31.12."),
        (lambda sheet: sheet.shifts.rows[0].start.setText("9h"), "9h"),
        (lambda sheet: [day.setChecked(False) for day in sheet.shifts.rows[0].days], "day of the week"),
    ],
)
def test_what_cannot_be_is_said_at_once_and_not_saved(
    context: Context, core: Core, qtbot: QtBot, spoil: Callable[[TeamSheet], object], word: str
) -> None:
    sheet = TeamSheet(context, Team(name="白班", calendar=Calendar(shifts=OFFICE)))
    qtbot.addWidget(sheet)
    sheet.show()
    spoil(sheet)
    sheet.look()
    qtbot.waitUntil(lambda: word in sheet.preview.problem.text(), timeout=WAIT)
    sheet.chief.click()
    qtbot.waitUntil(lambda: word in sheet.problem.words.text(), timeout=WAIT)
    assert sheet.chief.isEnabled()
    assert sheet.result() != QDialog.DialogCode.Accepted
    assert core.teams() == ()


def test_shifts_are_added_and_taken_away_by_hand(qtbot: QtBot) -> None:
    made = Shifts()
    qtbot.addWidget(made)
    made.show()
    made.add_button.click()
    made.add_button.click()
    assert [(one.start, one.end) for one in made.shifts()] == [("09:00", "18:00"), ("18:00", "02:00")]
    assert not made.rows[1].next_day.isHidden()
    made.rows[1].end.setText("22:00")
    made.rows[1].end.textEdited.emit("22:00")
    assert made.rows[1].next_day.isHidden()
    made.rows[1].end.setText("02:00")
    made.rows[1].end.textEdited.emit("02:00")
    assert not made.rows[1].next_day.isHidden()
    assert made.rows[0].next_day.isHidden()
    made.rows[0].unwanted.emit(made.rows[0])
    assert [(one.start, one.end) for one in made.shifts()] == [("18:00", "02:00")]


def test_bars_stand_where_the_wall_clock_says(core: Core) -> None:
    night = Calendar(shifts=(Shift(days=(1,), start="18:00", end="06:00"),))
    monday, tuesday = core.work_week(night, date(2026, 3, 2)).days[:2]
    assert list(bars(monday)) == [(0.75, 1.0)]
    assert list(bars(tuesday)) == [(0.0, 0.25)]


def test_the_page_shows_teams_and_who_is_there(page: PeoplePage, core: Core, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.teams.states.state == "empty", timeout=WAIT)
    team = core.save_team(Team(name="全天"))
    core.save_person(Person(name="陈", team_id=team.id))
    qtbot.waitUntil(lambda: len(page.teams.table.values.rows) == 1, timeout=WAIT)
    qtbot.waitUntil(lambda: bool(page.teams.table.values.rows[0].there), timeout=WAIT)
    page.teams.table.selectRow(0)
    page.teams.remove()
    asked = page.teams.findChildren(QDialog)[0]
    asked.accept()
    qtbot.waitUntil(lambda: core.teams() == (), timeout=WAIT)
    assert core.person("陈").team_id is None


def test_a_colleague_is_written_changed_and_sent_away(page: PeoplePage, core: Core, qtbot: QtBot) -> None:
    team = core.save_team(Team(name="全天"))
    sheet = PersonSheet(page.context)
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.waitUntil(sheet.chief.isEnabled, timeout=WAIT)
    sheet.name.setText("陈")
    sheet.role.choose("lead")
    sheet.team.setCurrentIndex(1)
    sheet.contacts["dingtalk"].setText("13800000000")
    sheet.budget.setValue(6)
    with qtbot.waitSignal(sheet.saved, timeout=WAIT):
        sheet.chief.click()
    chen = core.person("陈")
    assert (chen.role, chen.team_id, dict(chen.contacts), chen.budget) == (
        Role.LEAD, team.id, {"dingtalk": "13800000000"}, 6,
    )  # fmt: skip
    page.show_part("people")
    qtbot.waitUntil(lambda: len(page.persons.table.values.rows) == 1, timeout=WAIT)
    page.persons.table.selectRow(0)
    page.persons.away_button.click()
    qtbot.waitUntil(lambda: core.person("陈").away, timeout=WAIT)
    qtbot.waitUntil(lambda: page.persons.table.values.rows[0].person.away, timeout=WAIT)


def test_a_name_that_is_taken_is_said(context: Context, core: Core, qtbot: QtBot) -> None:
    core.save_person(Person(name="陈", contacts={"pager": "7"}))
    sheet = PersonSheet(context)
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.waitUntil(sheet.chief.isEnabled, timeout=WAIT)
    sheet.name.setText("陈")
    sheet.chief.click()
    qtbot.waitUntil(lambda: "陈" in sheet.problem.words.text(), timeout=WAIT)
    again = PersonSheet(context, core.person("陈"))
    qtbot.addWidget(again)
    assert again.person().contacts["pager"] == "7"  # not shown here, and kept all the same


@pytest.fixture
def panel(context: Context, core: Core, qtbot: QtBot) -> DeadlinesPanel:
    core.save_team(Team(name="白班"))
    core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    core.save_source(Source(kind="feed", name="论坛", settings={"url": "http://127.0.0.1/feed"}))
    made = DeadlinesPanel(context)
    qtbot.addWidget(made)
    made.show()
    made.refresh()
    qtbot.waitUntil(lambda: len(made.limits.rows) == 2, timeout=WAIT)
    return made


def pick(box: Any, words: str) -> None:
    index = box.findText(words)
    assert index > 0, [box.itemText(n) for n in range(box.count())]
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_deadlines_are_changed_line_by_line(panel: DeadlinesPanel, core: Core, qtbot: QtBot) -> None:
    assert not panel.chief.isEnabled()
    pick(panel.limits.more, "Weibo")
    pick(panel.limits.more, "Source “论坛”")
    panel.limits.rows["weibo"][2].setValue(60)
    panel.limits.rows["source:1"][0].setValue(0)
    panel.start.choose("published")
    panel.max_age.setValue(6)
    pick(panel.owners.more, "Brand “云雀”")
    pick(panel.owners.rows[""], "白班")
    panel.chief.click()
    team = core.teams()[0].id
    wanted = Policy(
        limits=(
            Limit(where="@forums", p1=15, p2=15, p3=15), Limit(where="weibo", p3=60),
            Limit(where="source:1", p1=0), Limit(),
        ),
        start=Start.PUBLISHED, max_age=6 * 3600, team_id=team, by_brand={1: team},
    )  # fmt: skip
    qtbot.waitUntil(lambda: core.deadline_policy() == wanted, timeout=WAIT)
    qtbot.waitUntil(lambda: not panel.changed, timeout=WAIT)


def test_what_a_person_has_begun_to_change_stays(panel: DeadlinesPanel, core: Core, qtbot: QtBot) -> None:
    panel.limits.rows[""][0].setValue(7)
    core.save_deadline_policy(Policy(max_age=3600))
    panel.refresh()
    panel.show_terms(panel.terms)
    assert panel.limits.rows[""][0].value() == 7
    assert panel.changed
    assert panel.chief.isEnabled()


def test_the_settings_lead_there_and_back(context: Context, qtbot: QtBot) -> None:
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    page = window.navigate("settings")
    page.people_wanted.emit()  # type: ignore[attr-defined]
    assert window.page == "people"
    assert window.rail.items["settings"].isChecked()
    window.pages["people"].left.emit()  # type: ignore[attr-defined]
    assert window.page == "settings"
