"""What became of an alert: seen, acknowledged, over what it went, where it climbs. GUI thread."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.delivery import Sent
from app.domain.rule import Receipts
from app.i18n import _
from ui import theme
from ui.rules.words import climbs_words, delivery_words, story_of, undelivered
from ui.widgets.notice import Notice
from ui.widgets.parts import clear, label

SAY_AGAIN_MS = 15_000
MOST = 40
"""Deliveries listed."""


class ReceiptsView(QWidget):
    """The minutes until it climbs are counted down here; nothing is asked for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lost = Notice()
        self.climbs = Notice()
        self.lines: list[str] = []
        self._shown: Receipts | None = None
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.S)
        box.addWidget(self.lost)
        box.addWidget(self.climbs)
        box.addWidget(label(_("Receipts"), "column"))
        box.addLayout(self._rows)
        self._timer = QTimer(self, interval=SAY_AGAIN_MS)
        self._timer.timeout.connect(self._say_when)

    def show_receipts(self, receipts: Receipts, names: Mapping[str, str]) -> None:
        self._shown = receipts
        known = dict(names)
        self.lost.say(undelivered(receipts.deliveries, known), "negative")
        told = story_of(receipts)
        shown = receipts.deliveries[-MOST:]
        told += [delivery_words(one, known) for one in shown if one.state is not Sent.DROPPED]
        if told != self.lines:
            self.lines = told
            clear(self._rows)
            for words in told:
                self._rows.addWidget(label(words, "small", wrap=True, selectable=True))
        self._say_when()
        if receipts.alert.climbs_at is not None:
            self._timer.start()
        else:
            self._timer.stop()

    def _say_when(self) -> None:
        receipts = self._shown
        if receipts is None or receipts.alert.climbs_at is None:
            self.climbs.say("")
            return
        left = (receipts.alert.climbs_at - datetime.now(UTC)).total_seconds()
        self.climbs.say(climbs_words(receipts, math.ceil(left / 60)), "warning")
