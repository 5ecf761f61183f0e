"""News from the core become Qt signals here, and nowhere else; bursts are folded into one.

`tell` and `tell_alert` may be called from any thread; the signals are emitted in the GUI thread, at
most ten times a second. A view re-reads what it shows: no rows travel through here.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.change import Change
from app.domain.alert import Alert

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core import Core

MOST_ALERTS = 50
"""Kept for one folded delivery; older ones are in the alert list all the same."""


class Bridge(QObject):
    changed = Signal(object)
    """app.change.Change"""
    alerted = Signal(object)
    """app.domain.alert.Alert, only those worth a toast"""
    _wake = Signal()

    def __init__(self, parent: QObject | None = None, every_ms: int = 100) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._pending = Change.NONE
        self._alerts: list[Alert] = []
        self._awake = False
        self._closed = False
        self._leave: list[Callable[[], None]] = []
        self._timer = QTimer(self, singleShot=True, interval=every_ms)
        self._timer.timeout.connect(self._flush)
        self._wake.connect(self._arm, Qt.ConnectionType.QueuedConnection)

    def listen(self, core: Core) -> None:
        """Carry this core's news until `close`."""
        self._leave.append(core.subscribe(self.tell))
        self._leave.append(core.subscribe_alerts(self.tell_alert))

    def tell(self, change: Change) -> None:
        """Any thread."""
        with self._lock:
            self._pending |= change
            rouse = self._rouse()
        if rouse:
            self._emit_wake()

    def tell_alert(self, alert: Alert) -> None:
        """Any thread."""
        with self._lock:
            self._alerts.append(alert)
            del self._alerts[:-MOST_ALERTS]
            rouse = self._rouse()
        if rouse:
            self._emit_wake()

    def close(self) -> None:
        """Nothing is emitted after this."""
        for leave in self._leave:
            leave()
        self._leave.clear()
        with self._lock:
            self._closed = True
        self._timer.stop()

    def _rouse(self) -> bool:
        """With the lock held: must the GUI thread be woken, or is it awake already?"""
        if self._closed or self._awake:
            return False
        self._awake = True
        return True

    def _emit_wake(self) -> None:
        try:
            self._wake.emit()
        except RuntimeError:
            # The window, and this object with it, went between the lock and here.
            self._closed = True

    def _arm(self) -> None:
        if not self._closed and not self._timer.isActive():
            self._timer.start()

    def _flush(self) -> None:
        with self._lock:
            change, self._pending = self._pending, Change.NONE
            alerts, self._alerts = self._alerts, []
            self._awake = False
        if change:
            self.changed.emit(change)
        for alert in alerts:
            self.alerted.emit(alert)
