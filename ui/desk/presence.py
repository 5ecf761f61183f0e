"""Colleagues are told that I have a mention open, and my claim lives while I am there. GUI thread."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QWidget

from ui.context import Context

if TYPE_CHECKING:
    from app.core import Core

BEAT_MS = 20_000
DWELL_MS = 1000
"""What is only passed by was not looked at."""
AWAY_SECONDS = 300.0
"""After so long without a key or the mouse the person is away: the claim is no longer kept alive."""
_SIGNS = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel}
)


class Presence(QObject):
    """`viewers` carries the names of others who have it open. Silent while `widget` cannot be seen."""

    viewers = Signal(object)

    def __init__(self, context: Context, widget: QWidget) -> None:
        super().__init__(widget)
        self._context = context
        self._widget = widget
        self._id = 0
        self._last = time.monotonic()
        self._watched: QWindow | None = None
        self._beat = QTimer(self, interval=BEAT_MS)
        self._beat.timeout.connect(self.beat)
        self._dwell = QTimer(self, singleShot=True, interval=DWELL_MS)
        self._dwell.timeout.connect(self.beat)

    @property
    def active(self) -> bool:
        """Has the person touched anything of late?"""
        return time.monotonic() - self._last < AWAY_SECONDS

    def look_at(self, id: int) -> None:
        """0: nothing."""
        if id == self._id:
            return
        self._id = id
        self._last = time.monotonic()
        if id:
            self._dwell.start()
            self._beat.start()
        else:
            self._dwell.stop()
            self._beat.stop()

    def beat(self) -> None:
        """One sign; asked of itself every twenty seconds."""
        window = self._widget.window()
        if not self._id or not self._widget.isVisible() or window.isMinimized():
            return
        self._watch(window.windowHandle())
        work = partial(_viewing, self._context.core, self._id, active=self.active)
        self._context.asker.ask(self, work, self._heard, self._not_heard)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _SIGNS:
            self._last = time.monotonic()
        return False

    def _watch(self, window: QWindow | None) -> None:
        """The window's own events tell whether somebody is there."""
        if window is not None and window is not self._watched:
            self._watched = window
            window.installEventFilter(self)

    def _heard(self, told: tuple[int, tuple[str, ...]]) -> None:
        whose, names = told
        if whose == self._id:
            self.viewers.emit(names)

    def _not_heard(self, error: BaseException) -> None:
        logging.getLogger("tingfeng.ui").warning("colleagues are not told who is looking: %s", error)


def _viewing(core: Core, id: int, *, active: bool) -> tuple[int, tuple[str, ...]]:
    return id, core.viewing(id, active=active)
