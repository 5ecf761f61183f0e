"""The tray icon: how many alerts are open, the way back to the window, and the way out. GUI thread.

Where the desktop takes no notification (no service, or macOS without its library), the tray says what came
while the window is not in front.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from app.domain.alert import Alert
from app.i18n import _, ngettext
from ui import icons, theme
from ui.context import Context

SIDE = 64
AFTER_MS = 8_000
"""The desktop has six seconds to answer."""
STAYS_MS = 10_000


class Tray(QObject):
    """Does nothing on a desktop that has no tray."""

    open_wanted = Signal()
    alerts_wanted = Signal()
    poll_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.there = QSystemTrayIcon.isSystemTrayAvailable()
        self._count = -1
        self._menu = QMenu()
        for words, wanted in (
            (_("Open Tingfeng"), self.open_wanted),
            (_("Alerts"), self.alerts_wanted),
            (_("Read all sources now"), self.poll_wanted),
        ):
            self._menu.addAction(words).triggered.connect(wanted)
        self._menu.addSeparator()
        self._menu.addAction(_("Quit")).triggered.connect(self.quit_wanted)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self.alerts_wanted)
        self.show_count(0)

    def show(self) -> None:
        if self.there:
            self._icon.show()

    def close(self) -> None:
        self._icon.hide()
        self._menu.deleteLater()

    def show_count(self, n: int) -> None:
        """The number of open alerts, on the icon and in the tool tip."""
        if n == self._count:
            return
        self._count = n
        self._icon.setIcon(tray_icon(n))
        told = ngettext("{n} open alert", "{n} open alerts", n).format(n=n)
        self._icon.setToolTip(f"{_('Tingfeng')}: {told}" if n else _("Tingfeng"))

    def tell(self, title: str, body: str) -> None:
        """A balloon; both texts are harmless in any markup. A press on it opens the alerts."""
        if self.there and QSystemTrayIcon.supportsMessages():
            self._icon.showMessage(title, body, QSystemTrayIcon.MessageIcon.Warning, STAYS_MS)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.open_wanted.emit()


class Voice(QObject):
    """`said` carries title and text of an alert that the desktop did not take; of a burst the last one."""

    said = Signal(str, str)

    def __init__(self, context: Context, window: QWidget, after_ms: int = AFTER_MS) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._last = 0
        self._timer = QTimer(self, singleShot=True, interval=after_ms)
        self._timer.timeout.connect(self._look)
        context.bridge.alerted.connect(self._heard)

    def _heard(self, alert: Alert) -> None:
        if alert.id != self._last:  # a copy of what was told is told once
            self._last = alert.id
            self._timer.start()

    def _look(self) -> None:
        if not self._window.isActiveWindow():
            work = partial(self._context.core.words_for_tray, self._last)
            self._context.asker.ask(self, work, self._came, self._lost)

    def _came(self, words: tuple[str, str] | None) -> None:
        if words is not None:
            self.said.emit(*words)

    def _lost(self, _error: BaseException) -> None:
        """The alert list is the record."""


def tray_icon(n: int) -> QIcon:
    """The program's sign, with a number on a red disc where alerts are open."""
    ground = QPixmap(icons.pixmap("tingfeng", SIDE))
    if n:
        painter = QPainter(ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.LIGHT.negative))
        disc = QRectF(SIDE * 0.42, 0, SIDE * 0.58, SIDE * 0.58)
        painter.drawEllipse(disc)
        painter.setPen(QColor("#FFFFFF"))
        painter.setFont(theme.font(26 if n < 10 else 20, bold=True))
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(n) if n < 100 else "99+")
        painter.end()
    return QIcon(ground)
