"""The navigation on the left: an icon and a word for each page, a count where one waits. GUI thread."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.i18n import N_, _, clauses, ngettext
from ui import icons, theme
from ui.widgets.parts import button, label, pill, row

WIDTH = 190


class Place(NamedTuple):
    """A page as the navigation names it."""

    name: str
    icon: str
    words: str


PLACES = (
    Place("feed", "feed", N_("Live feed")),
    Place("desk", "claim", N_("Desk")),
    Place("alerts", "bell", N_("Alerts")),
    Place("incidents", "incident", N_("Incidents")),
    Place("aspects", "chart", N_("Aspects")),
    Place("brands", "brand", N_("Brands")),
    Place("sources", "source", N_("Sources")),
    Place("knowledge", "book", N_("Knowledge base")),
    Place("templates", "template", N_("Reply templates")),
    Place("judging", "judge", N_("Judgement")),
    Place("export", "export", N_("Export")),
    Place("channels", "send", N_("Channels and trackers")),
    Place("settings", "settings", N_("Settings")),
    Place("log", "log", N_("Log")),
)
KEYED = 10
"""The first pages have a key each: Ctrl with 1 to 9 and 0."""
WELCOME = Place("welcome", "sparkle", N_("Getting started"))


class Rail(QFrame):
    """`chosen` carries a page's name."""

    chosen = Signal(str)
    help_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(_("Pages"))
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self._clicked)
        self.items: dict[str, NavButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.S + 2, theme.L, theme.S + 2, theme.M)
        layout.setSpacing(2)
        name = label(_("Tingfeng"), "heading")
        layout.addLayout(row(6, icons.picture("tingfeng", 24, "accent"), name, None))
        layout.addSpacing(theme.M)
        for place in (WELCOME, *PLACES):
            item = NavButton(place)
            self._group.addButton(item, len(self.items))
            self.items[place.name] = item
            layout.addWidget(item)
        for number, place in enumerate(PLACES[:KEYED], 1):
            self.items[place.name].setToolTip(f"{_(place.words)}  (Ctrl+{number % 10})")
        self.items["welcome"].hide()
        layout.addStretch(1)
        self.help = button(_("Keyboard"), self.help_wanted, kind="quiet", icon="keyboard", tip="?")
        layout.addLayout(row(self.help, None))

    def show_place(self, name: str) -> None:
        """A page that is not named here belongs to the settings."""
        self.items.get(name, self.items["settings"]).setChecked(True)

    def show_welcome(self, shown: bool) -> None:
        self.items["welcome"].setVisible(shown)

    def show_alerts(self, n: int) -> None:
        self.items["alerts"].show_badge(str(n) if n < 1000 else "999+", "negative" if n else "")
        words = _("Alerts, {n} open").format(n=n) if n else _("Alerts")
        self.items["alerts"].setAccessibleName(words)

    def show_desk(self, mine: int, unread: int) -> None:
        """How many open items are mine; before that, how many notes call me and wait to be seen."""
        n = unread or mine
        told = str(n) if n < 100 else "99+"
        self.items["desk"].show_badge(f"@{told}" if unread else told, "negative" if n else "")
        words = _("Desk, {n} yours").format(n=mine) if mine else _("Desk")
        calls = ngettext("{n} note calls you", "{n} notes call you", unread).format(n=unread)
        self.items["desk"].setAccessibleName(clauses([words, calls]) if unread else words)

    def show_incidents(self, n: int) -> None:
        """How many go on."""
        self.items["incidents"].show_badge(str(n) if n < 100 else "99+", "negative" if n else "")
        words = _("Incidents, {n} going on").format(n=n) if n else _("Incidents")
        self.items["incidents"].setAccessibleName(words)

    def show_failing(self, n: int) -> None:
        """Channels and trackers over which nothing goes."""
        self.items["channels"].show_badge(str(n) if n < 100 else "99+", "negative" if n else "")
        told = _("Channels and trackers, {n} failing").format(n=n) if n else _("Channels and trackers")
        self.items["channels"].setAccessibleName(told)

    def show_health(self, sources: int, troubled: int) -> None:
        self.items["sources"].show_health(sources, troubled)

    def _clicked(self, number: int) -> None:
        self.chosen.emit(list(self.items)[number])


class NavButton(QPushButton):
    def __init__(self, place: Place) -> None:
        super().__init__(_(place.words))
        self.place = place
        self.setProperty("kind", "nav")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setIconSize(QSize(18, 18))
        self.badge: QLabel = pill("", "negative")
        self.badge.hide()
        self._health: QLabel | None = None
        self._told = (False, 0)
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, theme.S, 0)
        self._box.addStretch(1)
        self._box.addWidget(self.badge)
        self.badge.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.toggled.connect(self._dress)
        self._dress(False)

    def show_badge(self, text: str, tone: str) -> None:
        self.badge.setText(text)
        self.badge.setVisible(bool(tone))

    def show_health(self, sources: int, troubled: int) -> None:
        """A shape and a colour; the words stand in the description."""
        if (sources > 0, troubled) == self._told:
            return
        self._told = (sources > 0, troubled)
        if self._health is not None:
            self._health.deleteLater()
            self._health = None
        if not sources:
            self.setAccessibleDescription("")
            return
        name, role = ("health-trouble", "warning") if troubled else ("health-ok", "positive")
        self._health = icons.picture(name, 16, role)
        self._health.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._box.addWidget(self._health)
        words = _("{n} sources in trouble").format(n=troubled) if troubled else _("All sources healthy")
        self.setAccessibleDescription(words)

    def _dress(self, chosen: bool) -> None:
        icons.dress(self, self.place.icon, "accent" if chosen else "muted")
