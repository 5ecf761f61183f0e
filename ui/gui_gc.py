"""Collect reference cycles in the GUI thread only: a collection elsewhere may destroy widgets there.

Python collects in whichever thread happens to allocate; the engine allocates all day. While this
object lives, automatic collection is off and a timer of the GUI thread does it instead.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer


class GuiGc(QObject):
    def __init__(self, parent: QObject | None = None, every_ms: int = 2000) -> None:
        super().__init__(parent)
        self._limits = gc.get_threshold()
        self._was_on = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self, interval=every_ms)
        self._timer.timeout.connect(self.check)
        self._timer.start()

    def check(self) -> None:
        """Collect the oldest generation that is due."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._limits[generation]:
                gc.collect(generation)
                return

    def close(self) -> None:
        """Leave collection as it was found."""
        self._timer.stop()
        if self._was_on:
            gc.enable()
