"""Pages and dialogs over a real core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QToolButton

from app.core import Core
from app.domain.alert import AlertState, Severity
from app.domain.draft import Manner
from app.domain.mention import Status
from app.domain.query import MentionQuery
from app.domain.seeing import Cause, Freshness, GapLine, Life, Outcome, Volume
from app.domain.watch import Health, Source, SourceState, Watch
from app.errors import AppError, QueryError
from app.i18n import set_language
from ui import told
from ui.context import Context
from ui.dialogs.add_source import AddSource
from ui.dialogs.brand_editor import BrandEditor
from ui.dialogs.import_file import ImportFile
from ui.dialogs.sheet import Confirm
from ui.pages.alerts import AlertsPage
from ui.pages.brands import BrandsPage
from ui.pages.export import ExportPage, midnight, named_range
from ui.pages.log import LogPage
from ui.pages.settings import SettingsPage
from ui.pages.sources import SourcesPage
from ui.pages.templates import TemplatesPage
from ui.pages.templates import filled as filled_in
from ui.pages.welcome import WelcomePage
from ui.widgets.alert_list import delivered_words
from ui.widgets.day_chart import DayChart
from ui.widgets.empty_state import EmptyState, StateStack

PAGES = (
    AlertsPage, BrandsPage, ExportPage, LogPage, SettingsPage, SourcesPage, TemplatesPage, WelcomePage,
)  # fmt: skip


def shown(qtbot: Any, page: Any) -> Any:
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    return page


@pytest.mark.parametrize("kind", PAGES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_page_opens_and_settles(qtbot: Any, context: Context, kind: Any, language: str) -> None:
    set_language(language)
    page = shown(qtbot, kind(context))
    qtbot.waitUntil(lambda: context.asker.busy == 0)
    assert not page.grab().isNull()


@pytest.mark.parametrize("kind", PAGES, ids=lambda one: one.__name__)
def test_no_label_takes_markup(qtbot: Any, context: Context, filled: Core, kind: Any) -> None:
    page = shown(qtbot, kind(context))
    qtbot.waitUntil(lambda: context.asker.busy == 0)
    worded = [one for one in page.findChildren(QLabel) if one.text()]
    assert worded
    assert all(one.textFormat() == Qt.TextFormat.PlainText for one in worded)


@pytest.mark.parametrize("kind", [AlertsPage, BrandsPage, SourcesPage], ids=lambda one: one.__name__)
def test_a_list_that_cannot_be_read_says_so_and_recovers(qtbot: Any, context: Context, kind: Any) -> None:
    page = shown(qtbot, kind(context))
    qtbot.waitUntil(lambda: page.states.state == "empty")
    page.failed(AppError("The disk is full."))
    assert page.states.state == "failed"
    assert page.states.failed.text.text() == "The disk is full."
    page.states.retry.emit()
    qtbot.waitUntil(lambda: page.states.state == "empty")


def test_loading_appears_only_after_a_while(qtbot: Any) -> None:
    states = StateStack(QLabel("full"), EmptyState("bell", "t", "x", "Do"), loading_after_ms=20)
    shown(qtbot, states)
    states.show_loading()
    assert states.currentWidget() is not states.loading
    qtbot.waitUntil(lambda: states.currentWidget() is states.loading)
    states.show_full()
    states.show_loading()
    assert states.state == "full"


def test_a_brand_is_written_previewed_and_saved(qtbot: Any, context: Context, filled: Core) -> None:
    page = shown(qtbot, BrandsPage(context))
    qtbot.waitUntil(lambda: page.states.state == "full")
    page.add()
    editor = page.findChild(BrandEditor)
    editor.name.setText("天气")
    QTest.keyClicks(editor.query.text_edit, "weather OR ")
    editor.query.set_text("天气 AND (")
    assert editor.query.underlined() is not None
    editor.query.set_text("天气 OR 星尘")
    qtbot.waitUntil(lambda: editor.preview.states.state == "full", timeout=5000)
    qtbot.waitUntil(lambda: editor.preview.total.text().startswith("8"))
    assert "天气" in editor.preview.samples.toPlainText()
    editor.save()
    qtbot.waitUntil(lambda: len(filled.brands()) == 2)
    qtbot.waitUntil(lambda: len(page.table.values.rows) == 2)
    assert {one.query for one in filled.brands()} == {"星尘", "天气 OR 星尘"}


def test_a_brand_without_a_query_is_looked_for_by_its_name(qtbot: Any, context: Context) -> None:
    editor = BrandEditor(context)
    qtbot.addWidget(editor)
    editor.name.setText("某某 手机")
    editor.exclusions.setText("某某 手机壳，某某 手机膜")
    assert editor.watch().query == '"某某 手机"'
    assert editor.watch().exclusions == ("某某 手机壳", "某某 手机膜")
    editor.not_saved(QueryError("x", at=0))
    assert editor.problem.isVisibleTo(editor)


def test_a_brand_is_removed_only_when_confirmed(qtbot: Any, context: Context, filled: Core) -> None:
    page = shown(qtbot, BrandsPage(context))
    qtbot.waitUntil(lambda: page.states.state == "full")
    page.remove()
    asked = page.findChild(Confirm)
    assert filled.brands()
    asked.accept()
    qtbot.waitUntil(lambda: filled.brands() == ())
    qtbot.waitUntil(lambda: page.states.state == "empty")


def test_a_source_that_lacks_a_field_is_told_at_the_field(qtbot: Any, context: Context, core: Core) -> None:
    dialog = AddSource(context)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: bool(dialog._kinds))
    for number, kind in enumerate(dialog._kinds):
        if kind.info.id == "feed":
            dialog.pick._clicked(number)
    dialog.save()
    qtbot.waitUntil(dialog.form.fields["url"].error.isVisible)
    dialog.form.fields["url"].show_value("http://127.0.0.1:9/feed.xml")
    dialog.name.setText("某某论坛")
    dialog.save()
    qtbot.waitUntil(lambda: len(core.sources()) == 1)
    assert core.sources()[0].source.name == "某某论坛"


def test_a_route_of_rsshub_becomes_an_address(qtbot: Any, context: Context) -> None:
    dialog = AddSource(context)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: bool(dialog._kinds))
    dialog._picked(next(kind for kind in dialog._kinds if kind.info.id == "feed"))
    dialog.presets.how.choose("rsshub")
    dialog.presets.how.chosen.emit("rsshub")
    qtbot.waitUntil(lambda: bool(dialog.presets.inputs))
    for box in dialog.presets.inputs.values():
        box.setText("12345")
    dialog.presets.base.setText("http://127.0.0.1:1200")
    dialog.presets.build()
    qtbot.waitUntil(lambda: dialog.form.values()["url"].startswith("http://127.0.0.1:1200/"))
    assert "12345" in dialog.form.values()["url"]


def test_sources_show_health_in_words_and_trouble_below(qtbot: Any, context: Context) -> None:
    page = shown(qtbot, SourcesPage(context))
    qtbot.waitUntil(lambda: page.states.state == "empty")
    good = SourceState(source=Source(id=1, kind="feed", name="好的"), health=Health.OK, today=3)
    bad = SourceState(
        source=Source(id=2, kind="feed", name="<b>坏的</b>"),
        health=Health.NEEDS_PERSON,
        error="The key is wrong.",
    )
    page.show_sources(((bad, good), context.core.kinds()))
    model = page.table.values
    assert model.data(model.index(0, 0)) == "Needs you"
    assert model.data(model.index(1, 0)) == "Healthy"
    assert "The key is wrong." in page.trouble.words.text()
    page.table.selectRow(1)
    assert not page.trouble.isVisible()
    page.show_sources(((good,), context.core.kinds()))
    assert page.table.current == good


def test_a_file_is_mapped_and_imported(qtbot: Any, context: Context, core: Core, tmp_path: Path) -> None:
    sheet = tmp_path / "strange.csv"
    sheet.write_text("aaa,bbb\n星尘手机发热,小王\n客服不理人,小李\n", encoding="utf-8")
    dialog = ImportFile(context)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.open_path(str(sheet))
    qtbot.waitUntil(lambda: set(dialog.mapping.boxes) == {"aaa", "bbb"})
    for column, field in (("aaa", "text"), ("bbb", "author")):
        box = dialog.mapping.boxes[column]
        box.setCurrentIndex(box.findData(field))
        box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: dialog.chief.isEnabled() and len(dialog.sample.values.rows) == 2)
    assert dialog.mapping.mapping() == {"text": "aaa", "author": "bbb"}
    dialog.mapping_name.setText("怪表")
    dialog.save_mapping()
    qtbot.waitUntil(lambda: "怪表" in core.mappings())
    dialog.run()
    qtbot.waitUntil(lambda: "2 new mentions" in dialog.problem.words.text())
    assert core.newest_id() >= 2


def test_a_missing_file_is_said_in_a_sentence(qtbot: Any, context: Context, tmp_path: Path) -> None:
    dialog = ImportFile(context)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.open_path(str(tmp_path / "nowhere.csv"))
    qtbot.waitUntil(lambda: dialog.states.state == "failed")
    assert dialog.states.failed.text.text()
    assert not dialog.chief.isEnabled()


def test_alerts_are_worked_through_by_keyboard(
    qtbot: Any, context: Context, filled: Core, alert: Callable[..., Any], hear: Callable[[Any], Any]
) -> None:
    first, second = (row.id for row in filled.mentions(MentionQuery(brands=(1,)), None, 2).rows)
    made = [
        filled.storage.alerts.add(alert(id=0, mention_id=one, severity=severity), fold_key=str(one))
        for one, severity in ((first, Severity.P1), (second, Severity.P2))
    ]
    page = shown(qtbot, AlertsPage(context))
    composed, opened = hear(page.compose_requested), hear(page.mention_opened)
    qtbot.waitUntil(lambda: len(page.list.values.rows) == 2)
    QTest.keyClick(page.list, Qt.Key.Key_J)
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert opened.values == [page.list.current.mention_id]
    mention = page.list.current.mention_id
    QTest.keyClick(page.list, Qt.Key.Key_R)
    assert composed.values == [mention]
    qtbot.waitUntil(lambda: filled.open_alerts() == 1)
    qtbot.waitUntil(lambda: len(page.list.values.rows) == 1)
    left = page.list.current.mention_id
    QTest.keyClick(page.list, Qt.Key.Key_I)
    qtbot.waitUntil(lambda: filled.mention(left).status is Status.IGNORED)
    qtbot.waitUntil(lambda: page.states.state == "empty")
    page.filter.choose("all")
    page._refilter()
    assert len(page.list.values.rows) == len(made)
    assert {one.state for one in page.list.values.rows} == {AlertState.SEEN, AlertState.DONE}


def test_claiming_from_an_alert_makes_it_mine(
    qtbot: Any, context: Context, filled: Core, alert: Callable[..., Any]
) -> None:
    mention = filled.mentions(MentionQuery(brands=(1,)), None, 1).rows[0].id
    filled.storage.alerts.add(alert(id=0, mention_id=mention), fold_key="x")
    page = shown(qtbot, AlertsPage(context))
    qtbot.waitUntil(lambda: page.list.current is not None)
    page.detail.acts["claim"].click()
    qtbot.waitUntil(lambda: filled.mention(mention).status is Status.CLAIMED)
    qtbot.waitUntil(lambda: filled.open_alerts() == 0)


def test_hostile_words_in_an_alert_stay_words(
    qtbot: Any, context: Context, alert: Callable[..., Any]
) -> None:
    page = shown(qtbot, AlertsPage(context))
    qtbot.waitUntil(lambda: context.asker.busy == 0)
    nasty = alert(
        title="<img src=x>\u202egnp", body="<script>\x00" + "长" * 100_000, reason="\ud800", copies=7
    )
    page.show_alerts((nasty,))
    assert page.detail.title.text().startswith("<img")
    assert "\u202e" not in page.detail.title.text()
    assert len(page.detail.body.text()) <= 4000
    assert not page.grab().isNull()


@pytest.mark.parametrize(
    ("delivered", "said"),
    [
        ("shown", "Shown on the desktop"),
        ("failed: no daemon", "no daemon"),
        ("held: quiet hours", "quiet hours"),
        ("", "No"),
    ],
)
def test_what_became_of_a_notification_is_said(
    alert: Callable[..., Any], delivered: str, said: str
) -> None:
    assert said in delivered_words(alert(delivered=delivered))


def test_a_template_is_changed_and_reset(qtbot: Any, context: Context, core: Core) -> None:
    page = shown(qtbot, TemplatesPage(context))
    qtbot.waitUntil(lambda: page.states.state == "full")
    shipped = page.editor.template
    assert shipped.builtin
    box = page.editor.texts[Manner.FORMAL]
    page.editor.tabs.setCurrentWidget(box)
    box.setPlainText("您好，")
    box.moveCursor(QTextCursor.MoveOperation.End)
    page.editor.findChild(QPushButton, "author").click()
    assert box.toPlainText() == "您好，{author}"
    assert "小林同学" in page.editor.preview.text()
    page.save()
    qtbot.waitUntil(
        lambda: any(one.bodies.get(Manner.FORMAL) == "您好，{author}" for one in core.templates())
    )
    qtbot.waitUntil(lambda: page.editor.template.id > 0)
    assert page.remove_button.isVisible()
    page._really_remove()
    qtbot.waitUntil(lambda: page.editor.template.bodies == shipped.bodies)


def test_an_unknown_variable_is_refused_in_words(qtbot: Any, context: Context) -> None:
    page = shown(qtbot, TemplatesPage(context))
    qtbot.waitUntil(lambda: page.states.state == "full")
    page.editor.texts[Manner.WARM].setPlainText("{nonsense}")
    page.save()
    qtbot.waitUntil(page.editor.notice.isVisible)
    assert "nonsense" in page.editor.notice.words.text()


def test_an_example_fills_what_it_knows() -> None:
    values = {"author": "小林", "product": "X2"}
    assert filled_in("您好{author}[，关于{product}]。[{other}]", values) == "您好小林，关于X2。[{other}]"


def test_an_export_is_counted_and_written(
    qtbot: Any, context: Context, filled: Core, tmp_path: Path
) -> None:
    page = shown(qtbot, ExportPage(context))
    page.range.choose("last_7")
    page.format.choose("csv")
    page._changed()
    # There is a brand, so only what names it is offered until a person wants the rest.
    qtbot.waitUntil(lambda: page.count.text() == "4 rows")
    page.matched.click()
    qtbot.waitUntil(lambda: page.count.text() == "8 rows")
    page.refresh()
    qtbot.waitUntil(lambda: context.asker.busy == 0)
    assert not page.matched.isChecked()
    page.matched.click()
    qtbot.waitUntil(lambda: page.count.text() == "4 rows")
    out = tmp_path / "week.csv"
    page.path.setText(str(out))
    page.run()
    qtbot.waitUntil(page.show_file.isVisible)
    assert "4 rows" in page.result.words.text()
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    page.path.setText(str(tmp_path / "no folder" / "x.csv"))
    page.run()
    qtbot.waitUntil(lambda: "no folder" in page.result.words.text())
    assert page.chief.isEnabled()


def test_named_ranges_are_whole_days() -> None:
    sunday = date(2026, 11, 22)
    assert named_range("this_week", sunday).since == date(2026, 11, 16)
    assert named_range("last_week", sunday) == type(named_range("today", sunday))(
        date(2026, 11, 9), date(2026, 11, 16)
    )
    assert named_range("yesterday", sunday).until == sunday
    assert midnight(sunday).astimezone().hour == 0
    assert midnight(sunday).tzinfo is UTC


def test_settings_are_saved_and_bad_ones_are_not(qtbot: Any, context: Context, core: Core) -> None:
    page = shown(qtbot, SettingsPage(context))
    fields = {name: field for form in page.forms for name, field in form.fields.items()}
    fields["agent"].show_value("小周")
    fields["theme"].show_value("dark")
    page.save()
    qtbot.waitUntil(lambda: core.local.agent == "小周")
    assert core.local == replace(core.local, agent="小周", theme="dark")
    page.diagnose()
    qtbot.waitUntil(lambda: page._checks.count() > 3)


def test_the_log_is_filtered(qtbot: Any, context: Context) -> None:
    page = shown(qtbot, LogPage(context))
    qtbot.waitUntil(lambda: context.asker.busy == 0)
    page.show_lines((
        "2026-11-22 INFO tingfeng.poll  read 3",
        "2026-11-22 WARNING tingfeng.poll  <b>slow</b>",
        "2026-11-22 ERROR tingfeng.store  disk",
    ))  # fmt: skip
    assert page.text.toPlainText().count("\n") == 2
    page.troubles.setChecked(True)
    assert "read 3" not in page.text.toPlainText()
    QTest.keyClicks(page.filter, "DISK")
    assert page.text.toPlainText().endswith("disk")
    assert page.text.toPlainText().count("\n") == 0
    page.copy()
    assert QApplication.clipboard().text().endswith("disk")


def test_the_welcome_page_leads_on(
    qtbot: Any, context: Context, core: Core, hear: Callable[[Any], Any]
) -> None:
    page = shown(qtbot, WelcomePage(context))
    finished = hear(page.finished)
    qtbot.waitUntil(lambda: page.brand.button.property("kind") == "primary")
    assert not page.live.button.isEnabled()
    core.save_brand(Watch(name="星尘", query="星尘"), wait=True)
    qtbot.waitUntil(lambda: page.source.button.property("kind") == "primary")
    core.save_source(Source(kind="feed", name="x", settings={"url": "http://127.0.0.1:9/"}))
    qtbot.waitUntil(page.live.button.isEnabled)
    page.live.button.click()
    assert finished.values


def test_a_chart_says_its_numbers_in_words(qtbot: Any) -> None:
    chart = shown(qtbot, DayChart())
    days = [(date(2026, 11, n), n % 3) for n in range(1, 31)]
    chart.draw()
    chart.show_days(days)
    assert "30" in chart.accessibleName()
    assert not chart.grab().isNull()
    chart.show_days([])
    assert chart.accessibleName() == "No mentions in these days"


def every_error() -> list[type[AppError]]:
    found, waiting = [], [AppError]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.__subclasses__()
    return found


@pytest.mark.parametrize("kind", every_error(), ids=lambda one: one.__name__)
def test_every_failure_has_words(kind: Any) -> None:
    extra: dict[str, Any] = {"RateLimited": {"retry_after": 1.0}, "QueryError": {"at": 0}}.get(
        kind.__name__, {}
    )
    error = kind("Do this.", **extra)
    assert told.explain(error) == "Do this."
    assert told.title(error) not in ("", told.title(ValueError()))


def test_icon_buttons_have_names(qtbot: Any, context: Context) -> None:
    for kind in PAGES:
        page = shown(qtbot, kind(context))
        for one in page.findChildren(QToolButton):
            inside = isinstance(one.parent(), QLineEdit)
            assert inside or one.text() or one.accessibleName(), (kind.__name__, one.objectName())


def test_the_source_page_shows_how_well_a_source_is_seen(qtbot: Any, context: Context) -> None:
    page = shown(qtbot, SourcesPage(context))
    qtbot.waitUntil(lambda: page.states.state == "empty")
    state = SourceState(
        source=Source(id=1, kind="feed", name="<b>论坛</b>"), health=Health.OK, blind="silent"
    )
    page.show_sources(((state,), context.core.kinds()))
    assert page.table.values.data(page.table.values.index(0, 0)) == "Not seen"
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    gap = GapLine(
        source="x", since=at, until=at + timedelta(hours=3), reason="<i>503</i>", outcome=Outcome.UNSEEN
    )
    page.show_detail(
        Freshness(
            source_id=1, source="<b>论坛</b>", kind="feed", health=Health.OK, every=300, age=180.0,
            blind=Cause.SILENT, error="Nothing new.", advice="Look there.", came_day=0, expected_day=24.0,
            hours=tuple(Volume(at + timedelta(hours=n), n % 3, 1.0) for n in range(48)),
            lives=(Life("requests today", None, 12, 100), Life("token", at + timedelta(days=900))),
            gaps=(gap,) * 9, basis="public feed", terms="https://example.com/terms",
        )
    )  # fmt: skip
    assert page.detail.isVisible()
    assert "Look there." in page.detail.trouble.words.text()
    told = " | ".join(one.text() for one in page.detail.findChildren(QLabel))
    for words in ("0 came, 24 expected", "12 of 100 left", "unseen", "and 3 more", "public feed"):
        assert words in told
    assert page.detail.bars.accessibleName() == "48 came, 48 expected"
    assert page.detail.bars.hour_at(0.0) is not None
    page.show_sources(((), context.core.kinds()))
    assert not page.detail.isVisible()


def test_editing_a_source_keeps_its_canary(qtbot: Any, context: Context, core: Core) -> None:
    url = "http://127.0.0.1:9/feed.xml"
    source = core.save_source(Source(kind="feed", name="论坛", settings={"url": url}, canary="置顶公告"))
    dialog = AddSource(context, source)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.kind is not None)
    assert dialog.made().canary == "置顶公告"
    dialog.canary.setText(" 另一条 ")
    assert dialog.made().canary == "另一条"
