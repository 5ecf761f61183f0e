"""Collect reference cycles in the GUI thread only, a little at a time, and the old ones when it is quiet.

Python collects in whichever thread happens to allocate; the engine allocates all day, and a collection
there may destroy a widget. While this object lives, automatic collection is off and a timer of the GUI
thread does it instead. A collection stops every thread for as long as it has objects to look at, so the
young ones are looked at often, and all of them only while little else happens.
"""

from __future__ import annotations

import gc
import sys
from time import monotonic

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 100
SETTLED_MS = 4_000
YOUNG = 1_500
"""Objects made since the last look that make another worth while."""
MIDDLE = 20
"""Looks at the young before the survivors are looked at."""
CALM = 400
"""With fewer new objects than this in one interval, nothing much goes on."""
CALM_FOR = 3.0
OLD_EVERY = 120.0
"""Seconds between full collections, while it is calm."""
OLD_AT_LAST = 1_800.0
"""Seconds after which a full collection is made in any case."""
SWITCH = 0.0005
"""Seconds after which a busy thread must let another have its turn; Python's own 0.005 would make each
of the many small calls of one paint wait that long for the engine."""


class GuiGc(QObject):
    def __init__(self, parent: QObject | None = None, every_ms: int = EVERY_MS) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        self._switched = sys.getswitchinterval()
        gc.disable()
        gc.freeze()  # the libraries' own objects: there for good
        sys.setswitchinterval(SWITCH)
        self._seen = 0
        self._looks = 0
        self._busy_at = self._full_at = monotonic()
        self._timer = QTimer(self, interval=every_ms)
        self._timer.timeout.connect(self.check)
        self._timer.start()
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settled.timeout.connect(self.settle)
        self._settled.start()

    def settle(self) -> None:
        """What was made while starting stays: it need not be looked at again. (No collection before
        it: that would stop the window for a tenth of a second.)
        """
        gc.freeze()

    def check(self) -> None:
        """Look at the youngest; now and then at more."""
        young, now = gc.get_count()[0], monotonic()
        # Objects come and go: the count falls as well, and a fall is as busy as a rise.
        if abs(young - self._seen) > CALM:
            self._busy_at = now
        self._seen = young
        if self._old_due(now):
            gc.collect()
            self._full_at = now
            self._looks = self._seen = 0
        elif young > YOUNG:
            self._look()

    def _look(self) -> None:
        self._looks += 1
        gc.collect(1 if self._looks % MIDDLE == 0 else 0)
        self._seen = gc.get_count()[0]

    def _old_due(self, now: float) -> bool:
        since = now - self._full_at
        calm = now - self._busy_at > CALM_FOR
        lived = self._looks > MIDDLE
        return since > OLD_AT_LAST or (lived and calm and since > OLD_EVERY)

    def close(self) -> None:
        """Leave collection as it was found."""
        self._timer.stop()
        self._settled.stop()
        sys.setswitchinterval(self._switched)
        gc.unfreeze()
        if self._was_on:
            gc.enable()
