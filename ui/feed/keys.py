"""The keyboard of the feed: one table that makes the shortcuts and the help. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.i18n import N_, _
from ui import theme
from ui.widgets.parts import icon_button, label, row

Act = Callable[[], None]


class Key(NamedTuple):
    """`act` names what the page does; `keys` as Qt writes them; `shown` as people read them."""

    act: str
    keys: tuple[str, ...]
    shown: tuple[str, ...]
    about: str
    group: str


_MOVE = N_("Move")
_TRIAGE = N_("Decide")
_TONE = N_("Judged wrongly?")
_MORE = N_("More")

KEYS = (
    Key("next", ("J",), ("J", "↓"), N_("Next mention"), _MOVE),
    Key("previous", ("K",), ("K", "↑"), N_("Previous mention"), _MOVE),
    Key("top", ("G", "Home"), ("G", "Home"), N_("To the top, with what is new"), _MOVE),
    Key("search", ("/",), ("/",), N_("Search"), _MOVE),
    Key("toggle", ("X",), ("X",), N_("Choose or leave out"), _MOVE),
    Key("extend_next", ("Shift+J",), ("Shift J",), N_("Choose downwards"), _MOVE),
    Key("extend_previous", ("Shift+K",), ("Shift K",), N_("Choose upwards"), _MOVE),
    Key("draft", ("R",), ("R",), N_("Draft a reply"), _TRIAGE),
    Key("claim", ("C",), ("C",), N_("Claim"), _TRIAGE),
    Key("ignore", ("I",), ("I",), N_("Ignore"), _TRIAGE),
    Key("escalate", ("E",), ("E",), N_("Escalate"), _TRIAGE),
    Key("undo", ("U",), ("U",), N_("Undo the last decision"), _TRIAGE),
    Key("negative", ("N",), ("N",), N_("It is negative"), _TONE),
    Key("neutral", ("M",), ("M",), N_("It is neutral"), _TONE),
    Key("positive", ("P",), ("P",), N_("It is positive"), _TONE),
    Key("open", ("O",), ("O",), N_("Open the original"), _MORE),
    Key("leave", ("Esc",), ("Esc",), N_("Close, or leave choosing"), _MORE),
    Key("help", ("?", "Shift+?"), ("?",), N_("This help"), _MORE),
)


def install(page: QWidget, acts: Mapping[str, Act]) -> list[QShortcut]:
    """Make the shortcuts; while `page` is shown they work wherever the focus is in its window (in the list,
    the pane, the rail, or nowhere), but for fields being typed in.
    """
    made = []
    for key in KEYS:
        for sequence in key.keys:
            shortcut = QShortcut(QKeySequence(sequence), page)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.setAutoRepeat(key.group == _MOVE)
            shortcut.activated.connect(acts[key.act])
            # Keyboards differ in whether Shift counts as part of "?": both spellings may match.
            shortcut.activatedAmbiguously.connect(acts[key.act])
            made.append(shortcut)
    return made


class HelpOverlay(QWidget):
    """Covers the page with the table; any key or click closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        sheet = QFrame(self)
        sheet.setProperty("role", "overlay")
        outer = QVBoxLayout(sheet)
        outer.setContentsMargins(theme.XL, theme.L, theme.XL, theme.XL)
        outer.setSpacing(theme.M)
        title = label(_("Keyboard"), "heading")
        outer.addLayout(row(title, None, icon_button("close", _("Close"), self.hide)))
        outer.addLayout(self._table())
        self._under = parent
        layout = QVBoxLayout(self)
        layout.addWidget(sheet, 0, Qt.AlignmentFlag.AlignCenter)
        parent.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        self.setGeometry(self._under.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.XL)
        grid.setVerticalSpacing(theme.S)
        groups = list(dict.fromkeys(key.group for key in KEYS))
        for number, group in enumerate(groups):
            column, line = (number % 2), (number // 2)
            grid.addLayout(self._group(group), line, column, Qt.AlignmentFlag.AlignTop)
        return grid

    def _group(self, group: str) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(6)
        box.addWidget(label(_(group), "column"))
        for key in KEYS:
            if key.group != group:
                continue
            caps: list[QLabel] = [label(shown, "key") for shown in key.shown]
            about = label(_(key.about))
            about.setMinimumWidth(200)
            box.addLayout(row(about, None, *caps, spacing=4))
        return box

    def paintEvent(self, _event: QPaintEvent) -> None:
        shade = QColor(theme.colors().text if theme.colors().name == "light" else "#000000")
        shade.setAlpha(110)
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.hide()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hide()
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self.setGeometry(self._under.rect())
        return False
