"""The time that is left to answer: a word on a ground that goes from calm to red. GUI thread.

`words`, `tone` and `tip` are plain functions of an item and a moment, for delegates that paint
themselves; `Countdown` is the same as a small label.
"""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.domain import countdown
from app.domain.desk import Item, Stage
from ui.feed import plain
from ui.widgets.parts import set_tone

_TONES = {0: "", 50: "accent", 80: "warning", 100: "negative"}


def words(item: Item, now: datetime) -> str:
    """“12 minutes left”, “over by 5 minutes”, “paused”, “due tomorrow morning at 9:15”; one line."""
    return countdown.words(item, now)


def tone(item: Item, now: datetime) -> str:
    """A pill's tone: nothing, accent from 50 %, warning from 80 %, negative when the time is over.

    What was answered in time is positive.
    """
    if item.stage is Stage.DONE:
        kept = item.first_response is not None and item.first_response <= item.allowed
        return "positive" if kept else ""
    return _TONES.get(countdown.level(item, now), "warning")


def tip(item: Item) -> str:
    """Until when, of how much, why it waits, how late it was seen; harmless as a tool tip."""
    return plain.visible(countdown.explained(item)).replace("<", "‹").replace(">", "›")


class Countdown(QLabel):
    """A pill; `show_item` again to let time pass (it keeps no timer of its own)."""

    def __init__(self, item: Item | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "pill")
        self.setProperty("tone", "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.item = item
        if item is not None:
            self.show_item(item)

    def show_item(self, item: Item, now: datetime | None = None) -> None:
        self.item = item
        now = now or datetime.now(UTC)
        said = words(item, now)
        if said != self.text():
            self.setText(said)
            self.setToolTip(tip(item))
        set_tone(self, tone(item, now))

    def pass_time(self, now: datetime | None = None) -> None:
        """The same item, later."""
        if self.item is not None:
            self.show_item(self.item, now)
