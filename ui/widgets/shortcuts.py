"""The keyboard on one sheet, over the window; any key closes it. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from app.i18n import N_, _
from ui import theme
from ui.desk.keys import KEYS as DESK_KEYS
from ui.feed.keys import KEYS as FEED_KEYS
from ui.widgets.parts import column, icon_button, label, row

EVERYWHERE = (
    (("Ctrl 1", "…", "Ctrl 0"), N_("Go to a page")),
    (("Ctrl F",), N_("Search the feed")),
    (("?",), N_("This help")),
)
ALERTS = (
    (("J", "K"), N_("Next, previous")),
    (("Enter",), N_("See the post")),
    (("A",), N_("Acknowledge")),
    (("R",), N_("Draft a reply")),
    (("C",), N_("Claim")),
    (("I",), N_("Ignore")),
    (("D",), N_("Done, or open again")),
)
INCIDENTS = (
    (("J", "K"), N_("Next, previous")),
    (("Enter",), N_("Go over to the card")),
)


class Shortcuts(QWidget):
    """Covers `window`; shown and hidden, never destroyed."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Keyboard"))
        sheet = QFrame(self)
        sheet.setProperty("role", "overlay")
        inner = QVBoxLayout(sheet)
        inner.setContentsMargins(theme.XL, theme.L, theme.XL, theme.XL)
        inner.setSpacing(theme.L)
        inner.addLayout(
            row(label(_("Keyboard"), "title"), None, icon_button("close", _("Close"), self.hide))
        )
        feed = [(key.shown, key.about) for key in FEED_KEYS if key.act != "help"]
        desk = [(tuple(one.replace("+", " ") for one in shown), about) for shown, _acts, about in DESK_KEYS]
        gap = theme.L
        tables = (_table(_("Alerts"), ALERTS), gap, _table(_("Incidents"), INCIDENTS))
        left = column(_table(_("Everywhere"), EVERYWHERE), gap, *tables, None, spacing=0)
        middle = column(_table(_("Desk"), desk), None)
        both = row(left, middle, column(_table(_("Live feed"), feed), None), spacing=48)
        inner.addLayout(both)
        outer = QVBoxLayout(self)
        outer.addWidget(sheet, 0, Qt.AlignmentFlag.AlignCenter)
        self.hide()

    def open(self) -> None:
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def keyPressEvent(self, _event: QKeyEvent) -> None:
        self.hide()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        shade = QColor("#000000")
        shade.setAlpha(110)
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade)
        painter.end()


def _table(title: str, keys: Iterable[tuple[tuple[str, ...], str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.XL)
    grid.setVerticalSpacing(6)
    grid.addWidget(label(title, "column"), 0, 0, 1, 2)
    for number, (shown, about) in enumerate(keys, 1):
        grid.addWidget(label(_(about)), number, 0)
        caps = row(*(label(one, "key" if one != "…" else "muted") for one in shown), spacing=theme.XS)
        grid.addLayout(caps, number, 1, Qt.AlignmentFlag.AlignRight)
    return grid
