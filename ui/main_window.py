"""The window's shell: it navigates and passes on, pages do the rest. GUI thread.

Pages are made when first visited. Pages do not know each other: they say what a person wants, and
the window decides where that is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.change import Change
from app.domain.query import MentionQuery
from app.domain.queue import QueueCounts, QueueQuery
from app.errors import StorageError
from app.i18n import _, sentences
from ui import icons, theme, told
from ui.channels.page import ChannelsPage
from ui.context import Context
from ui.desk.page import DeskPage
from ui.feed.page import FeedPage
from ui.feed.toasts import Toasts
from ui.incidents.page import IncidentsPage
from ui.judging.page import JudgingPage
from ui.knowledge.page import KnowledgePage
from ui.pages.alerts import AlertsPage
from ui.pages.aspects import AspectsPage
from ui.pages.brands import BrandsPage
from ui.pages.export import ExportPage
from ui.pages.log import LogPage
from ui.pages.settings import SettingsPage
from ui.pages.sources import SourcesPage
from ui.pages.templates import TemplatesPage
from ui.pages.welcome import WelcomePage
from ui.people.page import PeoplePage
from ui.widgets import snack
from ui.widgets.notice import Banner
from ui.widgets.parts import button, icon_button
from ui.widgets.rail import KEYED, PLACES, Rail
from ui.widgets.segments import Segments
from ui.widgets.shortcuts import Shortcuts
from ui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from app.core import Overview

SPEEDS = ("1", "10", "30", "60")
STATUS_MS = 1000
AGAIN_MS = 5000
PROBE_MS = 60_000


class MainWindow(QMainWindow):
    drill_requested = Signal()
    drill_ended = Signal()
    speed_chosen = Signal(float)
    alerts_counted = Signal(int)
    closing = Signal()
    """The window was really closed, not put away in the tray."""

    def __init__(self, context: Context, *, drill: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.drill = drill
        self.stays_in_tray = False
        self.pages: dict[str, QWidget] = {}
        self.rail = Rail()
        self.status = StatusBar()
        self.banners = QVBoxLayout()
        self._probe = QTimer(self, interval=PROBE_MS)
        self._probe.timeout.connect(self.probe)
        self._probe.start()
        self._banner: dict[str, Banner] = {}
        self.stack = QStackedWidget()
        self._soon = QTimer(self, singleShot=True, interval=STATUS_MS)
        self._soon.timeout.connect(self._ask_status)
        self._lay()
        self.shortcuts = Shortcuts(self)
        self.toasts = Toasts(self, context)
        self._connect()
        if drill:
            self._show_drill_banner()
        elif not context.core.polling:
            self._show_polling_banner()
        self._start()

    # ── what others call ──────────────────────────────────────────────────────────────────────

    def navigate(self, name: str) -> QWidget:
        """Show a page by its name, making it first if need be; gives it back."""
        if name not in self.pages:
            self.pages[name] = self._make(name)
            self.stack.addWidget(self.pages[name])
        page = self.pages[name]
        self.stack.setCurrentWidget(page)
        self.rail.show_place(name)
        self._help.setEnabled(name != "feed")  # the feed has its own, for the same key
        page.setFocus()
        return page

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return next((name for name, one in self.pages.items() if one is self.stack.currentWidget()), "")

    def open_mention(self, id: int) -> None:
        self.feed().open_mention(id)

    def show_mentions(self, query: MentionQuery) -> None:
        """The feed, filtered so."""
        self.feed().show_query(query)

    def open_incident(self, id: int) -> None:
        """Its card."""
        page = self.navigate("incidents")
        assert isinstance(page, IncidentsPage)  # noqa: S101  # as `_make` makes it
        page.open_incident(id)

    def open_entry(self, id: int) -> None:
        """An entry of the knowledge base."""
        page = self.navigate("knowledge")
        assert isinstance(page, KnowledgePage)  # noqa: S101  # as `_make` makes it
        page.open_entry(id)

    def compose(self, id: int) -> None:
        """The composer, over the feed."""
        self.feed().compose(id)

    def feed(self) -> FeedPage:
        """The live feed, shown."""
        page = self.navigate("feed")
        assert isinstance(page, FeedPage)  # noqa: S101  # as `_make` makes it
        return page

    def bring_up(self) -> None:
        """Out of the tray, or from behind other windows."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def place(self) -> dict[str, object]:
        """Where the window stands, for the next start."""
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        return {"geometry": geometry}

    def restore_place(self, kept: dict[str, Any]) -> None:
        geometry = kept.get("geometry")
        if isinstance(geometry, str) and geometry.isascii():
            self.restoreGeometry(QByteArray.fromBase64(QByteArray(geometry.encode("ascii"))))

    def say(self, text: str, *, error: bool = False) -> None:
        snack.say(self, text, error=error)

    def show_drill_over(self, figures: str = "") -> None:
        """The script has been played to its end; what it left can still be looked at."""
        over = _("The drill is over. Look around as long as you like, then end it.")
        self._banner["drill"].say(sentences([figures, over]) if figures else over)

    # ── the window's own ──────────────────────────────────────────────────────────────────────

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.stays_in_tray and not self.drill and self.context.core.local.tray:
            event.ignore()
            self.hide()
            return
        event.accept()
        self.closing.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.shortcuts.isVisible():
            self.shortcuts.setGeometry(self.rect())

    def show_status(self, overview: Overview) -> None:
        core = self.context.core
        self.status.show_state(overview, polling=core.polling, polling_by=core.polling_by)
        self.rail.show_alerts(overview.open_alerts)
        self.rail.show_health(overview.sources, overview.troubled)
        self.alerts_counted.emit(overview.open_alerts)
        self._drop_banner("storage")

    def status_failed(self, error: BaseException) -> None:
        self.status.show_lost()
        words = f"{told.title(error)}: {told.explain(error)}"
        self._show_banner("storage", Banner("database", words, tone="negative"))
        if isinstance(error, StorageError):
            self._soon.start(AGAIN_MS)

    def begin(self, counts: tuple[int, int]) -> None:
        """A new installation is welcomed; otherwise the feed."""
        fresh = not all(counts)
        self.rail.show_welcome(fresh and not self.drill)
        if not self.page:
            self.navigate("welcome" if fresh and not self.drill else "feed")

    def begin_failed(self, error: BaseException) -> None:
        self.status_failed(error)
        if not self.page:
            self.navigate("feed")

    def still_fresh(self, counts: tuple[int, int]) -> None:
        self.rail.show_welcome(not all(counts) and not self.drill)

    def show_incidents(self, n: int) -> None:
        self.rail.show_incidents(n)

    def show_desk(self, counts: QueueCounts) -> None:
        self.rail.show_desk(counts.mine, counts.unread)

    def _count_desk(self) -> None:
        self.context.asker.ask(self, partial(_desk, self.context), self.show_desk, self.status_failed)

    def _count_incidents(self) -> None:
        self.context.asker.ask(
            self, partial(_incidents, self.context), self.show_incidents, self.status_failed
        )

    def show_failing(self, n: int) -> None:
        self.rail.show_failing(n)

    def _count_failing(self) -> None:
        self.context.asker.ask(self, partial(_failing, self.context), self.show_failing, self.status_failed)

    def _start(self) -> None:
        self.context.asker.ask(self, partial(_counts, self.context), self.begin, self.begin_failed)
        self._count_incidents()
        self._count_desk()
        self._count_failing()
        self._ask_status()

    def _ask_status(self) -> None:
        # While a banner stands, writing is tried each time: it goes as soon as there is no reason for it.
        work = partial(_status, self.context, probe="storage" in self._banner)
        self.context.asker.ask(self, work, self.show_status, self.status_failed)

    def probe(self) -> None:
        """Can anything be written? A read-only or full disk shows in nothing else while reading goes on."""
        self.context.asker.ask(
            self, partial(_status, self.context, probe=True), self.show_status, self.status_failed
        )

    def _on_change(self, change: Change) -> None:
        if not self._soon.isActive():
            self._soon.start(STATUS_MS)
        if change & (Change.WATCHES | Change.SOURCES):
            self.context.asker.ask(
                self, partial(_counts, self.context), self.still_fresh, self.begin_failed
            )
        if change & Change.INCIDENTS:
            self._count_incidents()
        if change & (Change.DESK | Change.STATUS):
            self._count_desk()
        if change & (Change.CHANNELS | Change.TRACKERS):
            self._count_failing()
        if change & Change.SETTINGS:
            self._take_theme()

    def _take_theme(self) -> None:
        app, wanted = QApplication.instance(), self.context.core.local.theme
        if isinstance(app, QApplication) and theme.notifier().mode != wanted:
            theme.apply(app, wanted)

    def _make(self, name: str) -> QWidget:
        makers: dict[str, Callable[[], QWidget]] = {
            "welcome": self._make_welcome,
            "feed": self._make_feed,
            "desk": self._make_desk,
            "alerts": self._make_alerts,
            "incidents": self._make_incidents,
            "aspects": self._make_aspects,
            "brands": self._make_brands,
            "sources": partial(SourcesPage, self.context),
            "knowledge": self._make_knowledge,
            "templates": partial(TemplatesPage, self.context),
            "judging": self._make_judging,
            "export": partial(ExportPage, self.context),
            "settings": self._make_settings,
            "people": self._make_people,
            "channels": partial(ChannelsPage, self.context),
            "log": partial(LogPage, self.context),
        }
        return makers[name]()

    def _make_welcome(self) -> QWidget:
        page = WelcomePage(self.context)
        page.finished.connect(self.feed)
        page.drill_requested.connect(self.drill_requested)
        return page

    def _make_feed(self) -> QWidget:
        page = FeedPage(self.context)
        page.add_brand_requested.connect(self._add_brand)
        page.add_source_requested.connect(self._add_source)
        page.entry_wanted.connect(self.open_entry)
        return page

    def _make_desk(self) -> QWidget:
        page = DeskPage(self.context)
        page.compose_requested.connect(self.compose)
        page.mention_opened.connect(self.open_mention)
        return page

    def _make_alerts(self) -> QWidget:
        page = AlertsPage(self.context)
        page.compose_requested.connect(self.compose)
        page.mention_opened.connect(self.open_mention)
        page.sources_wanted.connect(self._show_sources)
        page.incident_wanted.connect(self.open_incident)
        return page

    def _make_incidents(self) -> QWidget:
        page = IncidentsPage(self.context)
        page.mention_opened.connect(self.open_mention)
        page.feed_wanted.connect(self.show_mentions)
        return page

    def _make_knowledge(self) -> QWidget:
        page = KnowledgePage(self.context)
        page.mention_opened.connect(self.open_mention)
        return page

    def _make_brands(self) -> QWidget:
        page = BrandsPage(self.context)
        page.mention_opened.connect(self.open_mention)
        return page

    def _make_aspects(self) -> QWidget:
        page = AspectsPage(self.context)
        page.opened.connect(self.show_mentions)
        return page

    def _make_judging(self) -> QWidget:
        page = JudgingPage(self.context)
        page.mention_opened.connect(self.open_mention)
        return page

    def _make_settings(self) -> QWidget:
        page = SettingsPage(self.context)
        page.people_wanted.connect(self._show_people)
        return page

    def _make_people(self) -> QWidget:
        page = PeoplePage(self.context)
        page.left.connect(self._show_settings)
        return page

    def _show_people(self) -> None:
        self.navigate("people")

    def _show_settings(self) -> None:
        self.navigate("settings")

    def _add_brand(self) -> None:
        page = self.navigate("brands")
        if isinstance(page, BrandsPage):
            page.add()

    def _add_source(self) -> None:
        page = self.navigate("sources")
        if isinstance(page, SourcesPage):
            page.add()

    def _show_alerts(self) -> None:
        self.navigate("alerts")

    def _show_sources(self) -> None:
        self.navigate("sources")

    def _search(self) -> None:
        self.feed().focus_search()

    def _by_key(self) -> None:
        number = int(self.sender().objectName())
        self.navigate(PLACES[number - 1].name)

    def _connect(self) -> None:
        self.rail.chosen.connect(self.navigate)
        self.rail.help_wanted.connect(self.shortcuts.open)
        self.toasts.draft_requested.connect(self.compose)
        self.toasts.opened.connect(self.open_mention)
        self.toasts.incident_wanted.connect(self.open_incident)
        self.toasts.more_requested.connect(self._show_alerts)
        self.context.bridge.changed.connect(self._on_change)
        for number in range(1, min(KEYED, len(PLACES)) + 1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number % 10}"), self)
            shortcut.setObjectName(str(number))
            shortcut.activated.connect(self._by_key)
        self._help = QShortcut(QKeySequence("?"), self)
        self._help.activated.connect(self.shortcuts.open)
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self._search)

    def _lay(self) -> None:
        self.setWindowTitle(_("Tingfeng (drill)") if self.drill else _("Tingfeng"))
        self.setWindowIcon(icons.icon("tingfeng"))
        self.resize(1240, 800)
        self.setMinimumSize(900, 560)
        self.banners.setSpacing(0)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(self.banners)
        right.addWidget(self.stack, 1)
        both = QHBoxLayout()
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        both.addWidget(self.rail)
        both.addLayout(right, 1)
        centre = QWidget()
        outer = QVBoxLayout(centre)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(both, 1)
        outer.addWidget(self.status)
        self.setCentralWidget(centre)

    # ── banners ───────────────────────────────────────────────────────────────────────────────

    def _show_drill_banner(self) -> None:
        speed = Segments([(one, f"{one}×") for one in SPEEDS], _("Speed"))
        speed.choose("60")
        speed.chosen.connect(self._speed)
        end = button(_("End the drill"), self.drill_ended, icon="stop")
        text = _("A drill: nothing here is real, and your own data is not touched.")
        self._show_banner("drill", Banner("drill", text, speed, end))

    def _show_polling_banner(self) -> None:
        who = self.context.core.polling_by or _("another program")
        text = _("{who} already reads the sources of this folder. This window shows what comes in.")
        close = icon_button("close", _("Close"), self._drop_polling_banner)
        self._show_banner("polling", Banner("info", text.format(who=who), close))

    def _drop_polling_banner(self) -> None:
        self._drop_banner("polling")

    def _show_banner(self, name: str, banner: Banner) -> None:
        self._drop_banner(name)
        self._banner[name] = banner
        self.banners.addWidget(banner)

    def _drop_banner(self, name: str) -> None:
        banner = self._banner.pop(name, None)
        if banner is not None:
            self.banners.removeWidget(banner)
            banner.hide()
            banner.deleteLater()

    def _speed(self, chosen: str) -> None:
        self.speed_chosen.emit(float(chosen))


def _status(context: Context, *, probe: bool) -> Overview:
    if probe:
        context.core.check_writable()
    return context.core.status()


def _counts(context: Context) -> tuple[int, int]:
    return len(context.core.brands()), len(context.core.sources())


def _desk(context: Context) -> QueueCounts:
    return context.core.queue_counts(QueueQuery())


def _incidents(context: Context) -> int:
    return len(context.core.incidents(open_only=True))


def _failing(context: Context) -> int:
    """Channels and trackers that a person should look at."""
    core = context.core
    return sum(bool(one.error) for one in (*core.channels(), *core.trackers()))
