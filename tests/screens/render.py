"""Every page of the window, light and dark, with the drill's data, as PNG.

    python tests/screens/render.py [FOLDER]        (make screens: build/screens)

The real program: the demo platform serves over HTTP, the monitors read, snownlp judges, and the window
is drawn offscreen as a person would see it. Nothing is posed but the moment. Incidents take days, so
their pages are drawn from two days played with a clock set by hand (crisis.py).
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

import outlets
from answering import pictures, stage
from crisis import play
from evening import busy
from knowing import play as know
from people import draw as draw_people
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QFontDatabase, QImage
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from app.core import Core
from app.domain.alert import AlertState, Severity
from app.domain.clock import SystemClock
from app.domain.delivery import Delivery, Sent
from app.domain.mention import Mention
from app.domain.outlet import Outlet
from app.domain.people import Person, Role
from app.domain.query import MentionQuery
from app.domain.queue import Pile
from app.domain.rule import AlertRule, RuleKind
from app.domain.seeing import Cause, Outcome
from app.domain.sentiment import Tone
from app.domain.watch import Health, Source, Watch
from app.drill.session import DrillSession
from app.engine.sight import Sight
from app.home import Home
from app.storage.values import Found
from ui import theme
from ui.application import make_app, make_context
from ui.context import Context
from ui.desk.books import BooksSheet
from ui.desk.page import DeskPage
from ui.desk.sheets import AssignSheet, take_over_sheet
from ui.dialogs.add_source import AddSource
from ui.dialogs.brand_editor import BrandEditor
from ui.dialogs.import_file import ImportFile
from ui.dialogs.posts import PostsSheet
from ui.feed.composer import Composer
from ui.feed.toasts import Toast
from ui.incidents.acts import BriefSheet, EscalateSheet, MuteSheet
from ui.incidents.page import IncidentsPage
from ui.incidents.sensitivity import SensitivitySheet
from ui.judging.page import JudgingPage
from ui.knowledge.page import KnowledgePage
from ui.main_window import MainWindow
from ui.pages.alerts import AlertsPage
from ui.pages.sources import SourcesPage
from ui.rules.editor import RuleEditor
from ui.rules.playbook import PlaybookSheet

PAGES = (
    "feed", "desk", "alerts", "incidents", "aspects", "brands", "sources", "knowledge", "templates",
    "judging", "export", "settings", "log",
)  # fmt: skip
SIZE = (1440, 900)
STORY = 70.0
"""Minutes of the story that have passed when the pictures are taken."""


def wait(ready: Callable[[], object], seconds: float = 60.0) -> None:
    """Let the window live until something holds."""
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        settle(50)


def settle(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Camera:
    """Writes FOLDER/NAME-light.png and so on, in the order asked."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.folder = folder
        self.mode = mode
        self.taken = 0

    def take(self, widget: QWidget, name: str) -> None:
        settle(700)
        path = self.folder / f"{name}-{self.mode}.png"
        picture = widget.grab()
        refuse_blank(picture.toImage(), name)
        if not picture.save(str(path)):
            raise SystemExit(f"{path} could not be written")
        self.taken += 1
        print(path)


def refuse_blank(picture: QImage, name: str) -> None:
    """A page on which nothing stands has few colours; words alone, smoothed, have dozens."""
    small = picture.scaled(400, 300)
    seen = {small.pixel(x, y) for x in range(0, 400, 2) for y in range(0, 300, 2)}
    if len(seen) < 24:
        raise SystemExit(f"{name} is blank: {len(seen)} colours")


def refuse_boxes() -> None:
    """Without a Chinese face every word would be a row of empty boxes."""
    if not QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese):
        raise SystemExit("no installed font has Chinese; install one (fonts-noto-cjk)")


def dialogs(camera: Camera, context: Context, mention: int) -> None:
    brand = context.core.brands()[0]
    for name, made in (
        ("brand-editor", BrandEditor(context, brand)),
        ("add-source", AddSource(context)),
        ("import", ImportFile(context)),
        ("composer", Composer(context, mention)),
    ):
        made.show()
        settle(2500 if name == "brand-editor" else 600)
        camera.take(made, name)
        made.close()
        made.deleteLater()


def teach(context: Context) -> None:
    """What a team would have taught after an hour: a few corrections, posts it left, two words."""
    core = context.core
    rows = core.mentions(MentionQuery(matched=True, competitor=False), None, 40).rows
    for place, one in enumerate(rows):
        if place % 2:
            core.saw(one.id)
        else:
            core.correct(one.id, one.tone if place % 8 else Tone.NEUTRAL)
    core.put_word(None, "拉胯", -3)
    core.put_word(None, "真香", 2)
    core.learn(None)
    core.stop_learning()


def judging(camera: Camera, made: MainWindow) -> None:
    page = made.navigate("judging")
    assert isinstance(page, JudgingPage)
    for part in ("lessons", "words"):
        page.show_part(part)
        camera.take(made, f"judging-{part}")
    page.show_part("lessons")
    page.lessons.evaluate()
    wait(page.lessons.figures_box.isVisible)
    camera.take(made, "judging-measured")
    page.show_part("engines")


def window(camera: Camera, context: Context, mention: int) -> None:
    made = MainWindow(context, drill=True)
    made.resize(*SIZE)
    made.show()
    settle(1500)
    camera.take(made, "first")
    feed = made.feed()
    feed.show_query(MentionQuery(matched=True, tones=(Tone.NEGATIVE,)))
    settle(800)
    feed.open_mention(mention)
    camera.take(made, "detail")
    feed.show_query(MentionQuery(matched=True))
    grave = [alert for alert in context.core.alerts(500) if alert.severity is Severity.P1]
    for alert in sorted(grave, key=lambda one: one.copies)[-2:]:
        context.bridge.tell_alert(alert)
    settle(600)
    camera.take(made, "alert")
    for card in made.findChildren(Toast):
        card.hide()
    for name in PAGES:
        made.navigate(name)
        camera.take(made, f"page-{name}")
    judging(camera, made)
    for name, (wide, high) in (("least", (900, 560)), ("narrow", (1100, 720)), ("wide", (1920, 1080))):
        made.resize(wide, high)
        for page in ("feed", "alerts", "aspects", "judging"):
            made.navigate(page)
            camera.take(made, f"{name}-{page}")
    made.hide()
    made.deleteLater()


def incidents(camera: Camera, context: Context) -> None:
    """The card from its top to its foot, what opens from it, and how easily a brand alarms."""
    made = MainWindow(context)
    made.resize(*SIZE)
    made.show()
    page = made.navigate("incidents")
    assert isinstance(page, IncidentsPage)
    wait(lambda: page.card.incident is not None)
    incident = page.card.incident
    assert incident is not None
    camera.take(made, "incidents")
    for name, (wide, high) in (("foot", SIZE), ("least", (900, 560)), ("tall", (1240, 2000))):
        made.resize(wide, high)
        settle(400)
        bar = page.card._scroll.verticalScrollBar()
        bar.setValue(bar.maximum() if name == "foot" else 0)
        camera.take(made, f"incidents-{name}")
    made.resize(*SIZE)
    page.act("mentions")
    sheets = page.findChildren(PostsSheet)
    wait(lambda: sheets[0].states.state == "full")
    camera.take(sheets[0], "incidents-posts")
    sheets[0].reject()
    for kind, name in ((BriefSheet, "brief"), (EscalateSheet, "escalate"), (MuteSheet, "mute")):
        sheet = kind(context, incident)
        sheet.show()
        wait(lambda sheet=sheet: not isinstance(sheet, BriefSheet) or sheet.brief is not None)
        camera.take(sheet, f"incidents-{name}")
        sheet.close()
    tuned = SensitivitySheet(context, context.core.brands()[0])
    tuned.show()
    wait(lambda: len(tuned.rehearsals) == 3)
    camera.take(tuned, "incidents-sensitivity")
    tuned.close()
    first = context.core.incident(incident.id).stories[0].first
    made.open_mention(first.id if first is not None else 1)
    camera.take(made, "incidents-feed")
    made.navigate("brands")
    camera.take(made, "incidents-brands")
    made.navigate("alerts")
    camera.take(made, "incidents-alerts")
    alert = next(one for one in context.core.alerts() if one.incident_id == incident.id)
    context.bridge.tell_alert(alert)
    camera.take(made, "incidents-toast")
    made.hide()
    made.deleteLater()


def welcome(camera: Camera, app: QApplication) -> None:
    """What a newcomer sees first: an empty home."""
    with tempfile.TemporaryDirectory() as folder:
        core = Core.open(Home(Path(folder)), desktop=False)
        context = make_context(core)
        made = MainWindow(context)
        made.resize(*SIZE)
        made.show()
        settle(1000)
        camera.take(made, "welcome")
        made.navigate("feed")
        camera.take(made, "empty-feed")
        made.navigate("sources")
        camera.take(made, "empty-sources")
        made.hide()
        context.close()
        made.deleteLater()
        core.close()
    app.processEvents()


def weeks(camera: Camera) -> None:
    """The source page after four weeks: what is usual, what was missed, a source that is not seen."""
    with tempfile.TemporaryDirectory() as folder:
        core = Core.open(Home(Path(folder)), desktop=False, polls=False)
        four_weeks(core)
        context = make_context(core)
        made = MainWindow(context)
        for name, (wide, high) in (("sources", (1240, 860)), ("sources-least", (900, 560))):
            made.resize(wide, high)
            made.show()
            page = made.navigate("sources")
            assert isinstance(page, SourcesPage)
            for row in range(3):
                settle(500)
                page.table.selectRow(row)
                wait(page.detail.isVisible, 5)
                camera.take(made, f"{name}-{row}")
        made.hide()
        context.close()
        made.deleteLater()
        core.close()


def four_weeks(core: Core) -> None:
    """Three sources and their mentions, as polls every ten minutes would have left them."""
    rng, now = random.Random(7), core.clock.now()
    first = now - timedelta(weeks=4)
    sources = [
        core.save_source(Source(kind="feed", name=name, settings={"url": url}))
        for name, url in (("云雀社区", "https://bbs.example/rss"), ("数码论坛", "https://digi.example/rss"))
    ]
    sources.append(
        core.save_source(Source(kind="hackernews", name="黑客新闻", settings={"words": ["云雀"]}))
    )
    for place, source in enumerate(sources):
        found, minute = [], 0
        while minute < 4 * 7 * 1440:
            at = first + timedelta(minutes=minute)
            busy = (0.15, 1.0, 1.6)[min(2, at.astimezone().hour // 8)]
            minute += max(1, round(rng.expovariate(busy / (40 + 25 * place))))
            if place == 1 and now - at < timedelta(hours=20):
                break
            mention = Mention(
                platform="feed", native_id=f"{place}-{minute}", url="", text=f"云雀第{minute}条"
            )
            found.append(Found(mention=mention, published_at=at, dated=True))
        core.storage.mentions.save_page(source.id, found, None, now=now)
    tell_fates(core, [source.id for source in sources], first, now)


def tell_fates(core: Core, ids: list[int], first: datetime, now: datetime) -> None:
    """Gaps of every kind, and the second source gone silent."""
    put = core.storage.sources
    for id_, hours, long, cause, why, fate in (
        (ids[0], 300, 9, "off", "听风没有运行。", Outcome.FILLED),
        (ids[0], 40, 3, "unreachable", "bbs.example 没有按时回答。", Outcome.PARTLY),
        (ids[0], 15, 1, "limited", "bbs.example 要求少来几次。", Outcome.UNSEEN),
    ):
        since, until = now - timedelta(hours=hours), now - timedelta(hours=hours - long)
        put.open_gap(id_, since, why, cause)
        unseen = since + (until - since) / 2 if fate is Outcome.PARTLY else until
        put.close_gap(
            id_, until, found=12, outcome=fate, unseen_until=unseen if fate is not Outcome.FILLED else None
        )
    put.open_gap(
        ids[1], now - timedelta(hours=20), "按平时的量，现在本应有 21 条新的，却一条也没有。", "silent"
    )
    for state in put.all():
        silent = state.source.id == ids[1]
        sight = Sight(
            first_at=first, new_at=now - timedelta(hours=20 if silent else 1),
            blind=Cause.SILENT if silent else None,
            blind_at=now - timedelta(hours=2) if silent else None,
        )  # fmt: skip
        put.put_states(
            [
                (
                    replace(
                        state, health=Health.OK, last_poll_at=now, last_good_at=now - timedelta(minutes=3),
                        next_poll_at=now + timedelta(minutes=7), sight=sight.dump(),
                        blind=str(sight.blind or ""),
                    ),
                    0,
                )
            ]
        )  # fmt: skip


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screens")
    folder.mkdir(parents=True, exist_ok=True)
    app = make_app(os.environ.get("TINGFENG_SCREENS_LANG", "zh_CN"))
    refuse_boxes()
    only = os.environ.get("TINGFENG_SCREENS", "")
    taken = 0
    if only in ("", "incidents"):
        with tempfile.TemporaryDirectory() as home:
            taken += drawn_incidents(app, Home(Path(home)), folder)
    if only in ("", "desk"):
        with tempfile.TemporaryDirectory() as home:
            taken += drawn_desk(app, Home(Path(home)), folder)
    if only in ("", "answering"):
        with tempfile.TemporaryDirectory() as home:
            taken += drawn_answering(app, Home(Path(home)), folder)
    if only in ("", "rules"):
        with tempfile.TemporaryDirectory() as home:
            taken += drawn_rules(app, Home(Path(home)), folder)
    if only in ("", "people"):
        taken += draw_people(app, lambda mode: Camera(folder, mode), settle)
    if only in ("", "channels"):
        with tempfile.TemporaryDirectory() as home:
            taken += drawn_outlets(app, Home(Path(home)), folder)
    if only in ("", "knowledge"):
        with tempfile.TemporaryDirectory() as home:
            taken += drawn_knowledge(app, Home(Path(home)), folder)
    if only not in ("incidents", "desk", "answering", "rules", "people", "channels", "knowledge"):
        with tempfile.TemporaryDirectory() as home:
            session = DrillSession.start(Home(Path(home)), speed=60, desktop=False)
            try:
                taken += drawn(app, session, folder)
            finally:
                session.close()
    print(f"{taken} pictures")
    return 0


def drawn_incidents(app: QApplication, home: Home, folder: Path) -> int:
    core = play(home)
    context = make_context(core)
    taken = 0
    for mode in ("light", "dark"):
        theme.apply(app, mode)
        camera = Camera(folder, mode)
        incidents(camera, context)
        taken += camera.taken
    context.close()
    core.close()
    return taken


def rules(camera: Camera, context: Context) -> None:
    """Alerts with receipts and playbook, the rules as sentences, the editor with its preview, cards."""
    core = context.core
    made = MainWindow(context)
    made.resize(*SIZE)
    made.show()
    page = made.navigate("alerts")
    assert isinstance(page, AlertsPage)
    wait(lambda: page.detail.playbook.case is not None)
    camera.take(made, "rules-alert")
    bar = page.detail.findChildren(QScrollArea)[0].verticalScrollBar()
    bar.setValue(bar.maximum())
    camera.take(made, "rules-alert-foot")
    page.toggle_rule()
    wait(lambda: len(page.rule.cards) > 4)
    camera.take(made, "rules-list")
    made.resize(900, 560)
    camera.take(made, "rules-list-least")
    made.resize(*SIZE)
    mention = core.rules()[0]
    search = AlertRule(
        kind=RuleKind.SEARCH, query=MentionQuery(text="退货 OR 退款"), times=2, name="退货退款", minutes=120
    )
    for rule, name in ((mention, "mention"), (search, "search")):
        sheet = RuleEditor(context, rule, made)
        sheet.show()
        wait(lambda sheet=sheet: sheet.preview.summary.text() != "")
        camera.take(sheet, f"rules-editor-{name}")
        sheet.close()
    book = PlaybookSheet(context, core.playbooks()[0], made)
    book.show()
    camera.take(book, "rules-playbook")
    book.close()
    page.toggle_rule()
    made.navigate("feed")
    for alert in [one for one in core.alerts() if one.severity is Severity.P1][:2]:
        context.bridge.tell_alert(alert)
    camera.take(made, "rules-toast")
    made.hide()
    made.deleteLater()


def drawn_rules(app: QApplication, home: Home, folder: Path) -> int:
    """The same two days; then people, two channels, and a grave post that nobody has acknowledged."""
    core = play(home)
    core.clock = SystemClock()
    for name, kind in (("客服钉钉群", "dingtalk"), ("值班邮箱", "email")):
        core.storage.channels.save(Outlet(kind=kind, name=name))
    for name, role in (("王芳", Role.AGENT), ("李雷", Role.AGENT), ("赵主管", Role.LEAD)):
        core.storage.people.save(Person(name=name, role=role))
    now = core.clock.now()
    grave = next(one for one in core.alerts(500) if one.kind == "mention" and one.severity is Severity.P1)
    core.storage.alerts.shown(grave.id, ("",), now)
    core.storage.alerts.seen([grave.id], "王芳", now)
    core.storage.alerts.set_climb(grave.id, now + timedelta(minutes=3))
    rows = [
        Delivery(
            alert_id=grave.id, channel=channel, person=person, key=channel, due_at=now, created_at=now,
            changed_at=now, state=state, error=error,
        )
        for channel, person, state, error in (
            ("toast", "王芳", Sent.SENT, ""),
            ("1", "王芳", Sent.FAILED, "关键词不匹配：消息里没有机器人要求的关键词"),
        )
    ]  # fmt: skip
    core.storage.deliveries.add(rows)
    case = core.playbook_of(grave.id)
    if case is not None:
        core.tick_step(case.subject, case.playbook.steps[0], done=True)
    for one in core.alerts(500):
        if one.id > grave.id:
            core.storage.alerts.set_state([one.id], AlertState.DONE, "", now)
    context = make_context(core)
    taken = 0
    for mode in ("light", "dark"):
        theme.apply(app, mode)
        camera = Camera(folder, mode)
        rules(camera, context)
        taken += camera.taken
    context.close()
    core.close()
    return taken


def drawn_knowledge(app: QApplication, home: Home, folder: Path) -> int:
    core = Core.open(home, desktop=False, engine_name="trivial")
    mention = know(core)
    context = make_context(core)
    taken = 0
    for mode in ("light", "dark"):
        theme.apply(app, mode)
        camera = Camera(folder, mode)
        knowledge(camera, context, mention)
        taken += camera.taken
    context.close()
    core.close()
    return taken


def knowledge(camera: Camera, context: Context, mention: int) -> None:
    """Entries with their heat, a gap, a search; the composer with an entry and what should not go out."""
    made = MainWindow(context)
    made.resize(*SIZE)
    made.show()
    page = made.navigate("knowledge")
    assert isinstance(page, KnowledgePage)
    wait(lambda: page._asked is not None and context.asker.busy == 0)
    camera.take(made, "knowledge")
    made.resize(900, 560)
    camera.take(made, "knowledge-least")
    made.resize(*SIZE)
    page.filter.choose("gaps")
    page._filtered("gaps")
    camera.take(made, "knowledge-gaps")
    page.filter.choose("all")
    page.search.setText("手机充电好烫")
    settle(800)
    camera.take(made, "knowledge-search")
    page.search.clear()
    composer = Composer(context, mention)
    composer.show()
    wait(composer.edit.isEnabled)
    camera.take(composer, "knowledge-composer")
    composer.edit.setPlainText(
        composer.edit.toPlainText() + "\n我们保证100%修好，您的电话13812345678已记下。"
    )
    settle(500)
    composer.copy_only.click()
    camera.take(composer, "knowledge-composer-findings")
    composer._drafted = composer.edit.toPlainText()
    composer.close()
    made.hide()
    made.deleteLater()


def drawn_desk(app: QApplication, home: Home, folder: Path) -> int:
    core = Core.open(home, desktop=False)
    ids = busy(core)
    context = make_context(core)
    taken = 0
    for mode in ("light", "dark"):
        theme.apply(app, mode)
        camera = Camera(folder, mode)
        desk(camera, context, ids)
        taken += camera.taken
    context.close()
    core.close()
    return taken


def desk(camera: Camera, context: Context, ids: list[int]) -> None:
    """The lists, an item of mine, a colleague's, many at once, and what opens from it."""
    made = MainWindow(context)
    made.resize(*SIZE)
    made.show()
    page = made.navigate("desk")
    assert isinstance(page, DeskPage)
    for pile, at, name in ((Pile.TEAM, ids[3], "desk"), (Pile.TEAM, ids[0], "desk-colleague")):
        page.piles.choose(pile.value)
        page.refresh()
        wait(lambda: len(page.list.values.rows) > 5)
        page.open_item(at)
        wait(lambda at=at: page.detail.whole is not None and page.detail.whole.stored.id == at)
        camera.take(made, name)
    page.list.selectAll()
    camera.take(made, "desk-bulk")
    page.list.choose_one()
    for name, (wide, high) in (("least", (900, 560)), ("tall", (1240, 1500))):
        made.resize(wide, high)
        camera.take(made, f"desk-{name}")
    made.resize(*SIZE)
    made.shortcuts.open()
    camera.take(made, "desk-keys")
    made.shortcuts.hide()
    for sheet, name in (
        (AssignSheet(context, 2, mine=False), "assign"),
        (take_over_sheet(context, "小王", made), "take-over"),
        (BooksSheet(context), "books"),
    ):
        sheet.show()
        settle(500)
        camera.take(sheet, f"desk-{name}")
        sheet.close()
    made.hide()
    made.deleteLater()


def drawn_answering(app: QApplication, home: Home, folder: Path) -> int:
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    taken = 0
    with stage(home) as (core, world, mention):
        context = make_context(core)
        for mode in ("light", "dark"):
            theme.apply(app, mode)
            camera = Camera(folder, mode)
            pictures(camera, context, world, mention, wait)
            taken += camera.taken
        context.close()
    return taken


def drawn_outlets(app: QApplication, home: Home, folder: Path) -> int:
    def camera(mode: str) -> Camera:
        theme.apply(app, mode)
        return Camera(folder, mode)

    return outlets.draw(home, camera, wait)


def drawn(app: QApplication, session: DrillSession, folder: Path) -> int:
    taken = 0
    wait(lambda: session.core.tally(MentionQuery()).total > 200)
    session.platform.skip(STORY)
    settle(5000)
    session.platform.pause()
    wait(lambda: session.core.status().unscored == 0)
    session.core.save_brand(Watch(name="竹间", query="竹间手机", competitor=True))
    alerts = [alert for alert in session.core.alerts(500) if alert.mention_id]
    mention = max(alerts, key=lambda alert: (alert.severity == "P1", alert.copies)).mention_id or 1
    context = make_context(session.core)
    teach(context)
    for mode in ("light", "dark"):
        theme.apply(app, mode)
        camera = Camera(folder, mode)
        welcome(camera, app)
        weeks(camera)
        window(camera, context, mention)
        dialogs(camera, context, mention)
        taken += camera.taken
    context.close()
    return taken


if __name__ == "__main__":
    sys.exit(main())
