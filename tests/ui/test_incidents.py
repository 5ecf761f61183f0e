"""Incidents over a real core: made of stored posts that are judged, watched and acted upon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from app.core import Core
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.domain.warning import Incident
from app.domain.watch import Watch
from app.errors import Unavailable
from ui.context import Context
from ui.dialogs.posts import Behind, PostsSheet
from ui.feed.toasts import Toast
from ui.incidents.acts import BriefSheet, EscalateSheet, MuteSheet
from ui.incidents.page import IncidentsPage
from ui.incidents.sensitivity import SensitivitySheet
from ui.main_window import MainWindow
from ui.pages.alerts import AlertsPage
from ui.pages.brands import BrandsPage
from ui.widgets.alert_list import INCIDENT

pytestmark = pytest.mark.window
LONG = 60_000
NAME = "星尘<b>\u202e"
SMOKE = "转发 @用户{n} 星尘X3充电时突然冒烟太差了，枕头都烧了一个洞，客服说让我自己联系消防{end}"
PRICE = "星尘商城刚买三天就降价五百，客服拒绝补差价还把我拉黑，太坑了再也不买{end}"


def sheet(path: Path, age: timedelta, smoke: int = 40, price: int = 20) -> Path:
    """Near-copies of two complaints, one every ten seconds."""
    begin = datetime.now(UTC) - age
    rows = ["text,author,followers,platform,published_at,url"]
    for n in range(smoke + price):
        text = (SMOKE if n < smoke else PRICE).format(n=n, end="！" * (n % 3))
        at = (begin + timedelta(seconds=10 * n)).isoformat(timespec="seconds")
        platform = "weibo" if n % 3 else "xhs"
        rows.append(f"{text},<i>用户{n},{n * 100},{platform},{at},https://example.com/{n}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def crisis(qtbot: Any, core: Core, tmp_path: Path) -> Incident:
    """An incident that goes on, of two stories of one brand."""
    core.save_brand(Watch(name=NAME, query="星尘"), wait=True)
    core.import_path(sheet(tmp_path / "posts.csv", timedelta(minutes=11)))
    core.start()
    qtbot.waitUntil(lambda: core.incidents() != () and core.status().unscored == 0, timeout=LONG)
    qtbot.waitUntil(lambda: len(core.incident(core.incidents()[0].id).stories) == 2, timeout=LONG)
    return core.incidents()[0]


@pytest.fixture
def page(qtbot: Any, context: Context) -> IncidentsPage:
    made = IncidentsPage(context)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


@pytest.fixture
def window(qtbot: Any, context: Context) -> MainWindow:
    made = MainWindow(context)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


def opened(kind: type[Any]) -> Any:
    """The dialog of that kind that is open."""
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
    return found[-1] if found else None


def shown(qtbot: Any, page: IncidentsPage, id: int) -> None:
    qtbot.waitUntil(lambda: page.card.incident is not None and page.card.incident.id == id, timeout=LONG)


def test_without_incidents_it_says_what_will_stand_here(qtbot: Any, page: IncidentsPage) -> None:
    qtbot.waitUntil(lambda: page.states.state == "empty")
    assert page.states.empty.title.text() == "No incidents"
    assert page.card_states.state == "empty"
    page.failed(Unavailable("The disk is full."))
    assert page.states.state == "failed"
    assert page.states.failed.text.text() == "The disk is full."


def test_an_incident_that_is_gone_is_told_in_words(qtbot: Any, page: IncidentsPage) -> None:
    page.open_incident(99)
    qtbot.waitUntil(lambda: page.card_states.state == "failed")
    assert page.card_states.failed.text.text() == "There is no such incident (any more)."


def test_an_incident_is_listed_and_its_card_rests_on_stored_posts(
    qtbot: Any, crisis: Incident, page: IncidentsPage, core: Core, hear: Callable[[Any], Any]
) -> None:
    shown(qtbot, page, crisis.id)
    assert page.states.state == "full"
    assert page.list.current is not None
    card = core.incident(crisis.id)
    assert page.card.head.acts["mentions"].text().startswith(f"{card.incident.mentions} ")
    assert len(page.card.stories.stories()) == 2
    assert len(page.card.copies.rows) == len(card.copies)
    assert page.card.spread.rows != ()
    for label in page.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert "\u202e" not in label.text() + label.accessibleName()
    wanted, feed = hear(page.mention_opened), hear(page.feed_wanted)
    page.card.first.rows[0].click()
    assert wanted.values == [card.first.id if card.first else 0]
    since = datetime.now(UTC) - timedelta(hours=1)
    page.card.slot_opened.emit(since, None)
    query = MentionQuery(brands=(crisis.brand_id,), tones=(Tone.NEGATIVE,), since=since, matched=True)
    assert feed.values == [query]


def test_posts_behind_a_figure_open_in_the_feed(
    qtbot: Any, crisis: Incident, page: IncidentsPage, core: Core, hear: Callable[[Any], Any]
) -> None:
    shown(qtbot, page, crisis.id)
    wanted = hear(page.mention_opened)
    page.act("mentions")
    sheet = opened(PostsSheet)
    qtbot.waitUntil(lambda: sheet.states.state == "full", timeout=LONG)
    ids = [one.id for one in sheet.table.values.rows]
    assert set(ids) == {one.id for one in core.incident_mentions(crisis.id)}
    dates = [one.published_at for one in sheet.table.values.rows]
    assert dates == sorted(dates, reverse=True)
    sheet.table.selectRow(1)
    QTest.keyClick(sheet.table, Qt.Key.Key_Return)
    assert wanted.values == [ids[1]]
    only = Behind(title="x", incident=crisis.id, platform="xhs").read(core)
    assert {one.mention.platform for one in only} == {"xhs"}
    one = Behind(title="x", incident=crisis.id, author="<i>用户3").read(core)
    assert [mention.mention.author.name for mention in one] == ["<i>用户3"]
    assert Behind(title="x", ids=(999_999,)).read(core) == ()


def test_it_is_muted_with_a_reason_and_alarms_again(
    qtbot: Any, crisis: Incident, page: IncidentsPage, core: Core
) -> None:
    shown(qtbot, page, crisis.id)
    page.card.head.acts["mute"].click()
    sheet = opened(MuteSheet)
    assert not sheet.chief.isEnabled()
    QTest.keyClicks(sheet.reason, "   ")
    assert not sheet.chief.isEnabled()
    QTest.keyClicks(sheet.reason, "our lottery <b>")
    QTest.keyClick(sheet.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: core.incident(crisis.id).incident.muted == "our lottery <b>", timeout=LONG)
    qtbot.waitUntil(page.card.head.muted.isVisible, timeout=LONG)
    assert "our lottery <b>" in page.card.head.muted.words.text()
    page.card.head.acts["unmute"].click()
    qtbot.waitUntil(lambda: core.incident(crisis.id).incident.muted == "", timeout=LONG)
    qtbot.waitUntil(lambda: not page.card.head.muted.isVisible(), timeout=LONG)


def test_it_is_watched_closely_and_escalated(
    qtbot: Any, crisis: Incident, page: IncidentsPage, core: Core
) -> None:
    shown(qtbot, page, crisis.id)
    page.card.head.menu.actions()[2].trigger()
    qtbot.waitUntil(lambda: core.incident(crisis.id).incident.closer_until is not None, timeout=LONG)
    until = core.incident(crisis.id).incident.closer_until
    assert until is not None
    assert timedelta(hours=5) < until - datetime.now(UTC) < timedelta(hours=7)
    qtbot.waitUntil(page.card.head.no_closer.isVisible, timeout=LONG)
    page.card.head.no_closer.trigger()
    qtbot.waitUntil(lambda: core.incident(crisis.id).incident.closer_until is None, timeout=LONG)
    page.card.head.acts["escalate"].click()
    sheet = opened(EscalateSheet)
    assert not sheet.chief.isEnabled()
    sheet.to.setText("公关值班")
    sheet.note.setPlainText("口径\n今天下午")
    sheet.chief.click()
    qtbot.waitUntil(lambda: core.incident(crisis.id).incident.escalated_to == "公关值班", timeout=LONG)
    qtbot.waitUntil(lambda: "公关值班" in page.card.head.state.text(), timeout=LONG)
    assert "Watched closely until" not in page.card.head.state.text()
    told = [label.text() for row in page.card.steps.rows for label in row.findChildren(QLabel)]
    assert any("公关值班: 口径 今天下午" in one for one in told)
    assert any("For 6 hours" in one for one in told)


def test_the_brief_is_copied_and_saved(
    qtbot: Any, crisis: Incident, page: IncidentsPage, core: Core, tmp_path: Path
) -> None:
    shown(qtbot, page, crisis.id)
    page.card.head.acts["brief"].click()
    sheet = opened(BriefSheet)
    qtbot.waitUntil(lambda: sheet.states.state == "full", timeout=LONG)
    assert "冒烟" in sheet.page.toPlainText()
    sheet.copy()
    assert QGuiApplication.clipboard().text() == sheet.brief.markdown
    for name, text in (("a.md", sheet.brief.markdown), ("a.html", sheet.brief.html)):
        sheet.save_to(tmp_path / name)
        qtbot.waitUntil(lambda name=name: f"Saved as {name}." in sheet.problem.words.text(), timeout=LONG)
        assert (tmp_path / name).read_text(encoding="utf-8") == text
    sheet.save_to(tmp_path / "nowhere" / "a.md")
    qtbot.waitUntil(lambda: "could not be written to a.md" in sheet.problem.words.text(), timeout=LONG)
    sheet.reject()


def test_stories_are_merged_and_split_by_hand(
    qtbot: Any, crisis: Incident, page: IncidentsPage, core: Core
) -> None:
    shown(qtbot, page, crisis.id)
    for row in page.card.stories.stories():
        row.check.click()
    page.card.stories.merge.click()
    qtbot.waitUntil(lambda: len(core.incident(crisis.id).stories) == 1, timeout=LONG)
    qtbot.waitUntil(lambda: len(page.card.stories.stories()) == 1, timeout=LONG)
    page.card.stories.stories()[0].copies.click()
    sheet = opened(PostsSheet)
    qtbot.waitUntil(lambda: sheet.states.state == "full", timeout=LONG)
    whole = len(sheet.table.values.rows)
    assert whole == 60
    sheet.table.selectAll()
    assert not sheet.split_button.isEnabled()
    sheet.table.clearSelection()
    assert not sheet.split_button.isEnabled()
    sheet.table.selectRow(0)
    gone = sheet.table.current.id
    sheet.split_button.click()
    qtbot.waitUntil(lambda: core.story_of(gone).copies == 1, timeout=LONG)  # type: ignore[union-attr]


def test_the_rail_counts_and_an_alert_leads_to_the_card(
    qtbot: Any, crisis: Incident, window: MainWindow, context: Context, core: Core
) -> None:
    qtbot.waitUntil(lambda: window.rail.items["incidents"].badge.text() == "1", timeout=LONG)
    assert "1" in window.rail.items["incidents"].accessibleName()
    qtbot.waitUntil(lambda: any(one.incident_id for one in core.alerts()), timeout=LONG)
    alert = next(one for one in core.alerts() if one.kind == INCIDENT)
    page = window.navigate("alerts")
    assert isinstance(page, AlertsPage)
    qtbot.waitUntil(lambda: page.list.go_to(alert.id), timeout=LONG)
    assert page.detail.acts["open"].text() == "See the incident"
    assert not page.detail.acts["reply"].isVisible()
    page.detail.acts["open"].click()
    assert window.page == "incidents"
    card_page = window.pages["incidents"]
    assert isinstance(card_page, IncidentsPage)
    shown(qtbot, card_page, crisis.id)
    window.navigate("feed")
    context.bridge.tell_alert(alert)
    qtbot.waitUntil(lambda: any(not one.see.isHidden() for one in window.findChildren(Toast)), timeout=LONG)
    toast = next(one for one in window.findChildren(Toast) if one.alert.id == alert.id)
    assert toast.draft.isHidden()
    toast.see.click()
    assert window.page == "incidents"
    qtbot.waitUntil(lambda: context.asker.busy == 0, timeout=LONG)


def test_the_feed_says_how_many_tell_the_same(
    qtbot: Any, crisis: Incident, window: MainWindow, context: Context, core: Core
) -> None:
    first = core.incident(crisis.id).first
    assert first is not None
    window.open_mention(first.id)
    detail = window.feed().detail
    qtbot.waitUntil(detail._story.isVisible, timeout=LONG)
    assert detail._story.count.text() == "+39 copies of this story"
    detail._story.list_button.click()
    sheet = opened(PostsSheet)
    qtbot.waitUntil(lambda: sheet.states.state == "full", timeout=LONG)
    assert len(sheet.table.values.rows) == 40
    assert not sheet.split_button.isVisible()
    sheet.reject()
    qtbot.waitUntil(lambda: context.asker.busy == 0, timeout=LONG)


def test_how_easily_a_brand_alarms_is_chosen_by_its_cases(
    qtbot: Any, context: Context, core: Core, tmp_path: Path, hear: Callable[[Any], Any]
) -> None:
    core.save_brand(Watch(name=NAME, query="星尘"), wait=True)
    core.import_path(sheet(tmp_path / "old.csv", timedelta(hours=10)))
    core.start()
    qtbot.waitUntil(lambda: core.tally(MentionQuery()).negative == 60, timeout=LONG)
    page = BrandsPage(context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.table.current is not None)
    wanted = hear(page.mention_opened)
    page.warning_button.click()
    tuned = opened(SensitivitySheet)
    qtbot.waitUntil(lambda: len(tuned.rehearsals) == 3, timeout=LONG)
    assert tuned.current == "balanced"
    tuned.choices["sensitive"].click()
    cases = tuned.rehearsals["sensitive"].cases
    assert cases != ()
    assert len(tuned.cases.values.rows) == len(cases)
    assert str(len(cases)) in tuned.choices["sensitive"].accessibleName()
    assert tuned.known.text()
    tuned.cases.selectRow(0)
    tuned.see_button.click()
    posts = opened(PostsSheet)
    qtbot.waitUntil(lambda: posts.states.state == "full", timeout=LONG)
    posts.see()
    assert wanted.values[0] in cases[0].mention_ids
    page.warning_button.click()
    tuned = opened(SensitivitySheet)
    qtbot.waitUntil(tuned.chief.isEnabled, timeout=LONG)
    tuned.choices["quiet"].click()
    tuned.chief.click()
    qtbot.waitUntil(lambda: core.sensitivity(page.table.current.watch.id) == "quiet", timeout=LONG)
    qtbot.waitUntil(lambda: page.table.current.sensitivity == "quiet", timeout=LONG)
    assert opened(QDialog) is None
    qtbot.waitUntil(lambda: context.asker.busy == 0, timeout=LONG)
